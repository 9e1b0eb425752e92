// SPDX-License-Identifier: ISC
// links: message
// A report and a digest on a spool file, which its owner may have written by hand. The input is
// a line with the relay's name, one with the smarthost's words, and then such a file. What
// comes out is a message that any server takes: lines of a length, no CR and NUL, as many parts
// as we made and 8bit only where it says so; in the part for programs there are our fields
// alone.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/bounce/bounce.h"
#include "message/bounce/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIST_MAX = 64, LINE_LONGEST = 998 };

static void check(bool good)
{
    if (!good)
        abort();
}

// The octets before `end`, taken off *rest with it.
static struct span cut(struct span *rest, const char *end)
{
    const char *at = memmem(rest->p, rest->n, end, strlen(end));
    check(at);
    struct span part = {rest->p, (size_t)(at - rest->p)};
    *rest = (struct span){at + strlen(end), rest->n - part.n - strlen(end)};
    return part;
}

static bool has(struct span text, const char *what)
{
    return text.n && memmem(text.p, text.n, what, strlen(what));
}

// Lines as they must be; whether there are octets above 127.
static bool check_lines(struct span text)
{
    struct span line;
    bool high = false;
    check(text.n == 0 || text.p[text.n - 1] == '\n');
    while (text.n && span_cut(&text, '\n', &line)) {
        check(line.n <= LINE_LONGEST);
        for (size_t i = 0; i < line.n; i++) {
            check(line.p[i] != '\r' && line.p[i] != '\0');
            high |= (unsigned char)line.p[i] >= 0x80;
        }
    }
    return high;
}

static void check_status(struct span part)
{
    static const char *const known[] = {"Original-Envelope-Id: ", "Reporting-MTA: ",
                                        "Arrival-Date: ",         "Original-Recipient: ",
                                        "Final-Recipient: ",      "Action: failed",
                                        "Action: delayed",        "Status: ",
                                        "Remote-MTA: ",           "Diagnostic-Code: ",
                                        "Last-Attempt-Date: ",    "Will-Retry-Until: "};
    struct span line;
    while (part.n && span_cut(&part, '\n', &line)) {
        bool good = line.n == 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            good |= line.n >= strlen(known[i]) &&
                    memcmp(line.p, known[i], strlen(known[i])) == 0;
        check(good);
        for (size_t i = 0; i < line.n; i++)
            check(line.p[i] >= ' ' && line.p[i] <= '~');
    }
}

static void check_report(struct span text)
{
    static const char *const types[] = {"text/plain; charset=", "message/delivery-status\n",
                                        ""};
    check_lines(text);
    struct span header = cut(&text, "\n\n"), rest = header;
    check(has(header, "\nContent-Transfer-Encoding: 8bit") == check_lines(text));
    check(has(header, "\nAuto-Submitted: auto-replied\n"));
    cut(&rest, "\n\tboundary=\"");
    struct span boundary = cut(&rest, "\"");
    char first[128], next[128], last[128];
    check(boundary.n >= 20 && boundary.n <= 70);
    snprintf(first, sizeof first, "--%.*s\nContent-Type: ", SPAN_ARGS(boundary));
    snprintf(next, sizeof next, "\n--%.*s", SPAN_ARGS(boundary));
    snprintf(last, sizeof last, "--\n");
    check(cut(&text, first).n == 0);
    for (size_t i = 0; i < 3; i++) {
        struct span part = cut(&text, next);
        check(part.n >= strlen(types[i]) && memcmp(part.p, types[i], strlen(types[i])) == 0);
        if (i == 1) {
            cut(&part, "\n\n");
            check_status(part);
        }
        if (i < 2)
            check(cut(&text, "\nContent-Type: ").n == 0);
    }
    check(text.n == strlen(last) && memcmp(text.p, last, text.n) == 0);
}

static void check_digest(const struct block *b, const struct bounce_facts *f)
{
    struct digest d;
    struct buf out = BUF_INIT(BOUNCE_MAX);
    digest_init(&d);
    check(digest_add(&d, f->id, &f->arrival, b));
    check(digest_put(&out, &d, f));
    struct span text = buf_span(&out);
    check_lines(text);
    struct span header = cut(&text, "\n\n");
    check(has(header, "\nContent-Transfer-Encoding: 8bit") == check_lines(text));
    digest_free(&d);
    buf_free(&out);
}

static void report(struct block *b, struct span relay, struct span words, struct span original)
{
    static struct bounce_recipient list[LIST_MAX];
    const struct envelope *e = &b->envelope;
    struct buf out = BUF_INIT(BOUNCE_MAX);
    struct bounce_facts f = {.to = e, .id = relay, .relay = relay, .domain = SPAN("d.example")};
    size_t n = 0;
    for (size_t i = 0; i < envelope_count(e) && n < LIST_MAX; i++, n++) {
        list[n] = (struct bounce_recipient){.index = i};
        bounce_recall(b, &list[n]);
        list[n].fresh = i % 2;
        if (list[n].fresh)
            outcome_text(&list[n].outcome, words);
        (void)bounce_is_wanted(e, i, BOUNCE_DELAYED);
    }
    size_t wants = bounce_wants(b);
    check(wants <= BOUNCE_RETURN_MAX);
    original.n = original.n < wants ? original.n : wants;
    for (int kind = BOUNCE_FAILED; kind <= BOUNCE_DELAYED; kind++) {
        f.kind = (enum bounce_kind)kind;
        buf_clear(&out);
        check(bounce_put(&out, &f, b, list, n, original));
        check_report(buf_span(&out));
    }
    check_digest(b, &f);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size}, relay, words;
    struct block b;
    if (!span_cut(&rest, '\n', &relay) || !span_cut(&rest, '\n', &words) || !rest.n)
        return 0;
    block_init(&b);
    if (block_decode(&b, rest) == BLOCK_DONE)
        report(&b, relay, words, (struct span){rest.p + b.size, rest.n - (size_t)b.size});
    block_free(&b);
    return 0;
}
