// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/queue/queueing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/options.h"
#include "config/value.h"
#include "sendoff/queue/edit.h"
#include "sendoff/queue/listing.h"
#include "sendoff/queue/mailq.h"
#include "sendoff/queue/overview.h"
#include "sendoff/queue/record.h"
#include "sendoff/queue/show.h"

enum { TEXT_MAX = 1 << 28 }; // octets of what is said of one message

struct page {
    struct buf text;          // of one message
    struct terminal terminal; // it is shown on
};

static void print(struct buf *text)
{
    fwrite(buf_str(text), 1, text->n, stdout);
    buf_clear(text);
}

static void show_mailq(const struct listing *l, const struct listed *one, void *context)
{
    struct page *page = context;
    mailq_put(&page->text, l, one);
    print(&page->text);
}

static void show_record(const struct listing *l, const struct listed *one, void *context)
{
    struct page *page = context;
    (void)l;
    record_put(&page->text, one);
    print(&page->text);
}

static void show_overview(const struct listing *l, const struct listed *one, void *context)
{
    struct page *page = context;
    overview_put(&page->text, l, one, &page->terminal);
    print(&page->text);
}

static void show_nothing(const struct listing *l, const struct listed *one, void *context)
{
    (void)l, (void)one, (void)context;
}

struct wish {
    bool json;
    bool sum;
    uint64_t older; // seconds
    uint64_t max;   // messages
};

static int read_limit(struct call *call, const char *word, enum option_type type,
                      uint64_t *limit)
{
    const struct option row = {.type = type, .key = word, .max = UINT32_MAX};
    const char *value = call_value(call);
    if (!value) {
        buf_printf(call->why, "%s needs a value", word);
        return EX_USAGE;
    }
    if (value_read(&row, span_of(value), limit, call->why))
        return 0;
    return EX_USAGE;
}

static int read_wish(struct call *call, struct wish *wish)
{
    int status = 0;
    while (call->argc && !status) {
        const char *word = call_value(call);
        if (strcmp(word, "--json") == 0) {
            wish->json = true;
        } else if (strcmp(word, "--sum") == 0) {
            wish->sum = true;
        } else if (strcmp(word, "--older") == 0) {
            wish->sum = true;
            status = read_limit(call, word, OPTION_DURATION, &wish->older);
        } else if (strcmp(word, "--max") == 0) {
            wish->sum = true;
            status = read_limit(call, word, OPTION_NUMBER, &wish->max);
        } else {
            buf_printf(call->why, "queue: %s", word);
            return call_usage(call, ": is not to be understood");
        }
    }
    if (!status && wish->json && wish->sum)
        return call_usage(call, "--json goes with no other option");
    return status;
}

static bool is_past(const struct listing *l, const struct wish *wish)
{
    int64_t age = l->oldest == INT64_MAX ? 0 : (l->now - l->oldest) / CLOCK_SECOND_US;
    return l->messages > wish->max || (age > 0 && (uint64_t)age > wish->older);
}

static int do_list(struct call *call)
{
    struct wish wish = {.older = UINT64_MAX, .max = UINT64_MAX};
    struct page page = {.text = BUF_INIT(TEXT_MAX), .terminal = terminal_of(STDOUT_FILENO)};
    struct listing l;
    int status = read_wish(call, &wish);
    if (!status)
        status = listing_run(&l, call->config,
                             wish.json  ? show_record
                             : wish.sum ? show_nothing
                                        : show_overview,
                             &page, call->why);
    if (!status && !wish.json) {
        if (!wish.sum && l.messages)
            putchar('\n');
        if (!wish.sum)
            overview_put_account(&page.text, &l, &page.terminal);
        overview_put_end(&page.text, &l, &page.terminal);
        print(&page.text);
        status = is_past(&l, &wish) ? QUEUEING_LIMIT : 0;
    }
    buf_free(&page.text);
    return status;
}

static int do_show(struct call *call)
{
    bool raw = call_takes(call, "--raw");
    if (!call->argc || call_is_option(call))
        return call_usage(call, "show takes --raw and queue ids");
    return show(call->config, call->argv, (size_t)call->argc, raw, call->why);
}

int queueing_queue(struct call *call)
{
    static const struct {
        const char *word;
        enum edit_verb verb;
    } verbs[] = {{"hold", EDIT_HOLD},
                 {"release", EDIT_RELEASE},
                 {"retry", EDIT_RETRY},
                 {"delete", EDIT_DELETE}};
    if (call_takes(call, "show"))
        return do_show(call);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (!call_takes(call, verbs[i].word))
            continue;
        if (!call->argc || call_is_option(call))
            return call_usage(call, "queue ids, or ALL, are to be named");
        return edit(call->config, verbs[i].verb, call->argv, (size_t)call->argc, call->why);
    }
    return do_list(call);
}

int queueing_mailq(struct call *call)
{
    struct page page = {.text = BUF_INIT(TEXT_MAX)};
    struct listing l;
    if (call->argc)
        return call_usage(call, "takes no arguments");
    int status = listing_run(&l, call->config, show_mailq, &page, call->why);
    if (!status) {
        mailq_put_end(&page.text, &l);
        print(&page.text);
    }
    buf_free(&page.text);
    return status;
}

int queueing_count(struct call *call)
{
    struct listing l;
    if (call->argc)
        return call_usage(call, "takes no arguments");
    int status = listing_run(&l, call->config, show_nothing, NULL, call->why);
    if (!status)
        printf("%" PRIu64 "\n", l.messages);
    return status;
}
