// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/check/testmail.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "message/address.h"
#include "message/date.h"
#include "message/envelope.h"
#include "paths.h"
#include "sendoff/bell/bell.h"
#include "sendoff/bell/leave.h"
#include "sendoff/pass/flush.h"
#include "sendoff/queue/listing.h"
#include "sendoff/spools/login.h"
#include "spool/deposit.h"
#include "spool/recipients.h"

enum { TEXT_MAX = 8192 };

// As the user's own mail would be from.
static void put_sender(const struct config *config, struct buf *sender, struct buf *domain)
{
    struct buf login = BUF_INIT(1024);
    login_find(geteuid(), &login);
    if (!config_domain(config, domain))
        buf_clear(domain);
    recipients_complete(sender, buf_span(&login), buf_span(domain));
    buf_free(&login);
}

static bool put_text(struct buf *text, const char *sender, struct span domain,
                     const char *address, int64_t now)
{
    unsigned char random[DATE_RANDOM];
    struct buf host = BUF_INIT(1024);
    struct tm local;
    int offset;
    if (io_random(random, sizeof random))
        return false;
    config_host(&host);
    clock_local(now / CLOCK_SECOND_US, &local, &offset);
    buf_printf(text, "From: %s\nTo: %s\nSubject: test mail from %s\nDate: ", sender, address,
               buf_str(&host));
    date_put(text, &local, offset);
    buf_puts(text, "\nMessage-ID: ");
    message_id_put(text, random, domain);
    buf_printf(text,
               "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\n"
               "This mail was sent by `sendoff check --send` or `sendoff setup` on %s,\n"
               "to see whether mail arrives. It does.\n",
               buf_str(&host));
    buf_free(&host);
    return !text->over;
}

// 0, or -1 and errno.
static int queue(const struct config *config, const char *address, char id[MAILDIR_ID + 1])
{
    struct buf path = BUF_INIT(4096), sender = BUF_INIT(ENVELOPE_ADDRESS_MAX),
               domain = BUF_INIT(1024), text = BUF_INIT(TEXT_MAX);
    struct maildir m = MAILDIR_CLOSED;
    struct block b;
    int bad = -1;
    block_init(&b);
    b.arrival = clock_wall();
    b.uid = (uint32_t)geteuid();
    put_sender(config, &sender, &domain);
    errno = EINVAL;
    if (envelope_set_sender(&b.envelope, buf_span(&sender)) &&
        envelope_add(&b.envelope, span_of(address), SPAN("")) && config_spool(config, &path) &&
        maildir_open(&m, buf_str(&path), true) == MAILDIR_OPEN &&
        put_text(&text, buf_str(&sender), buf_span(&domain), address, b.arrival))
        bad = deposit_message(&m, &b, buf_span(&text), id);
    int error = errno;
    maildir_close(&m);
    block_free(&b);
    buf_free(&path);
    buf_free(&sender);
    buf_free(&domain);
    buf_free(&text);
    errno = error;
    return bad;
}

struct fate {
    const char *id;
    struct buf text;
    bool found, failed;
};

static void look_at_listed(const struct listing *l, const struct listed *one, void *context)
{
    struct fate *fate = context;
    (void)l;
    if (!span_equal(entry_id(one->entry), span_of(fate->id)))
        return;
    fate->found = true;
    fate->failed = one->state == LISTED_FAILED;
    buf_printf(&fate->text, "%s: %s: %s", fate->id, listed_word(one->state), one->reason);
}

static void tell(struct checkup *c, const struct config *config,
                 const struct flush_result *result, const char *id, const char *address)
{
    struct fate fate = {.id = id, .text = BUF_INIT(TEXT_MAX)};
    struct buf text = BUF_INIT(TEXT_MAX);
    struct listing l;
    int bad = listing_run(&l, config, look_at_listed, &fate, &text);
    if (result->counts.sent && !bad && !fate.found) {
        buf_printf(&text, "%s: the smarthost has taken it for %s", id, address);
        checkup_pass(c, "test mail", buf_str(&text));
    } else if (fate.failed || result->counts.failed) {
        buf_printf(&fate.text, "%s%s", fate.found ? "" : id,
                   fate.found ? "" : ": refused; its report is queued");
        checkup_fail(c, "test mail", buf_str(&fate.text), "", EX_CONFIG);
    } else {
        if (result->line_trouble && !fate.text.n)
            buf_puts(&fate.text, result->line.text);
        checkup_fail(c, "test mail", buf_str(fate.text.n ? &fate.text : &text),
                     "it waits in the queue and is tried again", EX_TEMPFAIL);
    }
    buf_free(&fate.text);
    buf_free(&text);
}

static void flush_it(struct checkup *c, const struct config *config, const char *id,
                     const char *address)
{
    struct flush_result result = {.busy = false};
    struct buf why = BUF_INIT(TEXT_MAX);
    struct select select;
    select_init(&select);
    select_add(&select, SELECT_ID, false, id);
    struct flush_options options = {.patience = FLUSH_PATIENCE, .select = &select};
    if (flush(config, &options, &result, &why) && result.busy)
        checkup_warn(c, "test mail", buf_str(&why), "it waits in the queue");
    else
        tell(c, config, &result, id, address);
    select_free(&select);
    buf_free(&why);
}

void testmail(struct checkup *c, const struct config *config, const char *address)
{
    char id[MAILDIR_ID + 1];
    struct buf text = BUF_INIT(TEXT_MAX);
    if (address_is_bare(span_of(address)) || !address_is_path(span_of(address))) {
        checkup_fail(c, "test mail", "it needs an address with a domain", "", EX_USAGE);
    } else if (queue(config, address, id)) {
        buf_printf(&text, "it can not be queued: %s", strerror(errno));
        checkup_fail(c, "test mail", buf_str(&text), "", EX_TEMPFAIL);
    } else if (leave_of(config, config_account(config, "")) == LEAVE_OWNER) {
        flush_it(c, config, id, address);
    } else {
        buf_printf(&text, "%s: queued for %s; %s", id, address,
                   bell_ring(config) ? "the bell was rung, root's flush sends it"
                                     : "root's timer sends it");
        checkup_pass(c, "test mail", buf_str(&text));
    }
    buf_free(&text);
}
