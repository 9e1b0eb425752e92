// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "message/fixup.h"
#include "message/lines.h"

#define DATE        "Date: Sat, 22 Nov 2025 13:51:07 +0100\n"
#define ID          "Message-ID: <00000000000000000000000000000000@d.example>\n"
#define FROM        "From: Sam Smith <sam@d.example>\n"
#define TO          "To: undisclosed-recipients:;\n"
#define RESENT_DATE "Resent-Date: Sat, 22 Nov 2025 13:51:07 +0100\n"
#define RESENT_ID   "Resent-Message-ID: <01010101010101010101010101010101@d.example>\n"
#define WHOLE       "From: a@x\nDate: then\nMessage-ID: <i@x>\n"

enum { HARVEST = 1, GATEWAY = 2, NO_DOMAIN = 4 };

static const struct {
    unsigned flags;
    const char *in;
    const char *out;
    const char *recipients; // parted by '|'
} rows[] = {
    // what is missing is added
    {0, "", FROM DATE ID TO, ""},
    {0, "Subject: x\n", "Subject: x\n" FROM DATE ID TO, ""},
    {0, "To: b@y\n", "To: b@y\n" FROM DATE ID, ""},
    {0, "Cc: b@y\n", "Cc: b@y\n" FROM DATE ID, ""},
    {0, WHOLE "To: b@y\n", WHOLE "To: b@y\n", ""},
    {0, WHOLE "to: g:;\n", WHOLE "to: g:;\n", ""},
    {0, "FROM: a@x\ndate : then\nmessage-id: <i@x>\ncc: b@y\n",
     "FROM: a@x\ndate : then\nmessage-id: <i@x>\ncc: b@y\n", ""},
    {0, "From:\nDate: \nMessage-ID:\n \nTo: \n\t\nCc:\n", FROM DATE ID TO, ""},
    {0, "Reply-To:\nSender:\n" WHOLE "To: b\n",
     "Reply-To:\nSender:\n" WHOLE "To: b@d.example\n", ""},
    // with nothing known, bare names stay bare
    {NO_DOMAIN, "To: b\n",
     "To: b\nFrom: Sam Smith <sam>\n" DATE
     "Message-ID: <00000000000000000000000000000000@localhost>\n",
     ""},
    // what is dropped
    {0, "Bcc: s@z\n" WHOLE, WHOLE TO, ""},
    {0, "bcc : s@z,\n t@z\n\tu@z\n" WHOLE "BCC:v@z\nTo: b@y\n", WHOLE "To: b@y\n", ""},
    {0, WHOLE "Return-Path: <q@z>\nTo: b@y\nContent-Length: 5\nResent-Bcc:\n s@z\n",
     WHOLE "To: b@y\n" RESENT_DATE RESENT_ID, ""},
    {0, "Bcc: )(\n" WHOLE, WHOLE TO, ""},
    {0, WHOLE "To: b@y\nSendoff-Spool: 1\nX-Bcc: c@z\nBccc: d\n",
     WHOLE "To: b@y\nSendoff-Spool: 1\nX-Bcc: c@z\nBccc: d\n", ""},
    // recipients, only where the header is to name them
    {0, WHOLE "To: b@y\nBcc: c@z\n", WHOLE "To: b@y\n", ""},
    {HARVEST, WHOLE "To: b@y\nBcc: c@z\n", WHOLE "To: b@y\n", "b@y|c@z"},
    {HARVEST, WHOLE "Cc: b@y,\n C <c@z> (x)\nTo: root\nTo: d@w\n",
     WHOLE "Cc: b@y,\n C <c@z> (x)\nTo: root@d.example\nTo: d@w\n", "b@y|c@z|root|d@w"},
    {HARVEST, WHOLE "To: b@y, b@Y, B@y\nCc: b@y\n", WHOLE "To: b@y, b@Y, B@y\nCc: b@y\n",
     "b@y|B@y"},
    {HARVEST, WHOLE "To: undisclosed-recipients:;\nBcc: c@z\n",
     WHOLE "To: undisclosed-recipients:;\n", "c@z"},
    {HARVEST, WHOLE "Bcc: c@z\n", WHOLE TO, "c@z"},
    {HARVEST, WHOLE "To:\nBcc:\n", WHOLE TO, ""},
    {HARVEST, WHOLE "From: q@z\nSender: r@z\nReply-To: s@z\nX-To: t@z\nTo: b@y\n",
     WHOLE "From: q@z\nSender: r@z\nReply-To: s@z\nX-To: t@z\nTo: b@y\n", "b@y"},
    {HARVEST, WHOLE "To: b@y\n c@z\nSubject: x\n", NULL, "To: missing comma: b@y  c@z"},
    {HARVEST, WHOLE "To: b@y\ncC: a@@b..c, d@w\n", NULL, "cC: bad domain: a@@b..c"},
    {HARVEST, WHOLE "Bcc: \x1b[m\n", NULL, "Bcc: control character: ?[m"},
    {HARVEST, WHOLE "From: (\nTo: b@y\n", WHOLE "From: (\nTo: b@y\n", "b@y"},
    // completion
    {0, "From: root (Cron Daemon)\nDate: then\nMessage-ID: <i@x>\nTo: b@y\n",
     "From: root@d.example (Cron Daemon)\nDate: then\nMessage-ID: <i@x>\nTo: b@y\n", ""},
    {0, WHOLE "To: mdadm monitoring <root>,\n\tg:\"a b\" (c), d@w, <e> ;, f . g\n",
     WHOLE "To: mdadm monitoring <root@d.example>,\n\tg:\"a b\"@d.example (c), d@w, "
           "<e@d.example> ;, f . g@d.example\n",
     ""},
    {0,
     WHOLE "Cc: a\nSender: b\nReply-To: c\nResent-From: d\nResent-To: e\nResent-Cc: f\n"
           "Resent-Sender: g\nResent-Reply-To: h\nResent-Date: i\nResent-Message-ID: j\n"
           "Errors-To: k\nSubject: l\n",
     WHOLE "Cc: a@d.example\nSender: b@d.example\nReply-To: c@d.example\n"
           "Resent-From: d@d.example\nResent-To: e@d.example\nResent-Cc: f@d.example\n"
           "Resent-Sender: g@d.example\nResent-Reply-To: h@d.example\nResent-Date: i\n"
           "Resent-Message-ID: j\nErrors-To: k\nSubject: l\n",
     ""},
    {0, WHOLE "To: root, (\n", WHOLE "To: root, (\n", ""},
    {0, WHOLE "To: root admin, joe\n", WHOLE "To: root admin, joe\n", ""},
    {0, WHOLE "To: J\xf6rg <joe>\n", WHOLE "To: J\xf6rg <joe@d.example>\n", ""},
    {NO_DOMAIN, WHOLE "To: root\n", WHOLE "To: root\n", ""},
    // a gateway's message is left alone
    {GATEWAY, "", "", ""},
    {GATEWAY, "To: root\nBcc: s@z\nCc:\nFrom:\n", "To: root\nCc:\nFrom:\n", ""},
    {GATEWAY | HARVEST, "To: root\nBcc: s@z\n", "To: root\n", "root|s@z"},
    {GATEWAY, "Resent-To: a\nTo: b\n", "Resent-To: a\nTo: b\n", ""},
    // resending
    {HARVEST, "Resent-To: r@w\n" WHOLE "To: b@y\nBcc: c@z\n",
     "Resent-To: r@w\n" RESENT_DATE RESENT_ID WHOLE "To: b@y\n", "r@w"},
    {0, "Received: by w\nResent-From: q@w\nResent-Date: then\n" WHOLE "To: b@y\n",
     "Received: by w\nResent-From: q@w\nResent-Date: then\n" RESENT_ID WHOLE "To: b@y\n", ""},
    {HARVEST, "Resent-Bcc: r@w\n" WHOLE "To: b@y\n", RESENT_DATE RESENT_ID WHOLE "To: b@y\n",
     "r@w"},
    {HARVEST,
     "Resent-From: q@w\nResent-Message-ID: <i@w>\nResent-Date: now\n" WHOLE "To: b@y\n",
     "Resent-From: q@w\nResent-Message-ID: <i@w>\nResent-Date: now\n" WHOLE "To: b@y\n", "b@y"},
    // ... the first block counts, wherever the others begin
    {HARVEST,
     "Resent-Date: 2\nResent-To: r@w\nResent-Cc: s@w\nResent-Message-ID: 2\nReceived: by w\n"
     "Resent-Date: 1\nResent-To: t@w\n" WHOLE "To: b@y\n",
     "Resent-Date: 2\nResent-To: r@w\nResent-Cc: s@w\nResent-Message-ID: 2\nReceived: by w\n"
     "Resent-Date: 1\nResent-To: t@w\n" WHOLE "To: b@y\n",
     "r@w|s@w"},
    {HARVEST,
     "Resent-Date: 2\nResent-To: r@w\nResent-To: s@w\nResent-Comments: x\nResent-Comments: y\n"
     "Resent-Bcc: u@w\nResent-Message-ID: 2\nResent-Date: 1\nResent-To: t@w\n" WHOLE
     "To: b@y\n",
     "Resent-Date: 2\nResent-To: r@w\nResent-To: s@w\nResent-Comments: x\nResent-Comments: y\n"
     "Resent-Message-ID: 2\nResent-Date: 1\nResent-To: t@w\n" WHOLE "To: b@y\n",
     "r@w|s@w|u@w"},
    {HARVEST,
     "Resent-From: q@w\nX: y\nResent-To: r@w\nX: y\nResent-To: s@w\n" WHOLE "To: b@y\n",
     "Resent-From: q@w\nX: y\nResent-To: r@w\n" RESENT_DATE RESENT_ID
     "X: y\nResent-To: s@w\n" WHOLE "To: b@y\n",
     "r@w"},
    // ... and what it lacks is not taken for a part of its neighbour
    {HARVEST, "Resent-Date: 2\nResent-Date: 1\nResent-To: r@w\nResent-Date: 0\n" WHOLE,
     "Resent-Date: 2\nResent-Date: 1\nResent-To: r@w\n" RESENT_ID "Resent-Date: 0\n" WHOLE,
     "r@w"},
    {HARVEST, "Resent-To: g:;\nResent-Date: 1\nResent-Message-ID: 1\n" WHOLE "To: b@y\n",
     "Resent-To: g:;\nResent-Date: 1\nResent-Message-ID: 1\n" WHOLE "To: b@y\n", ""},
};

static struct fixup_facts make_facts(unsigned flags)
{
    struct fixup_facts facts = {
        .harvest = flags & HARVEST,
        .gateway = flags & GATEWAY,
        .domain = flags & NO_DOMAIN ? SPAN("") : SPAN("d.example"),
        .mailbox = SPAN("sam"),
        .name = SPAN("Sam Smith"),
        .local = {.tm_year = 125,
                  .tm_mon = 10,
                  .tm_mday = 22,
                  .tm_wday = 6,
                  .tm_hour = 13,
                  .tm_min = 51,
                  .tm_sec = 7},
        .offset = 60,
    };
    memset(facts.random[1], 1, DATE_RANDOM);
    return facts;
}

static void read_header(struct header *h, struct span text)
{
    struct lines l;
    struct span line;
    size_t n;
    header_init(h);
    lines_init(&l, LINES_DOT_KEEP, false);
    assert_non_null(memcpy(lines_room(&l, &n), text.p, text.n));
    assert_true(n >= text.n);
    lines_grew(&l, text.n);
    lines_end(&l);
    while (lines_line(&l, &line) == LINES_TEXT && header_push(h, line) == HEADER_MORE)
        lines_took(&l);
    lines_free(&l);
}

// Fixes a header up; the recipients, or what is wrong, go to *found.
static enum fixup_answer run(struct buf *out, struct buf *found, struct span text,
                             const struct fixup_facts *facts)
{
    struct header h;
    struct envelope e;
    struct buf why = BUF_INIT(1000);
    read_header(&h, text);
    envelope_init(&e);
    enum fixup_answer answer = fixup(out, &e, &why, &h, facts);
    if (answer == FIXUP_DONE)
        for (size_t i = 0; i < envelope_count(&e); i++)
            buf_printf(found, "%s%s", i ? "|" : "", envelope_address(&e, i));
    else
        buf_put_span(found, buf_span(&why));
    buf_free(&why);
    envelope_free(&e);
    header_free(&h);
    return answer;
}

static void headers_are_fixed_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(10000);
        struct buf found = BUF_INIT(10000);
        struct fixup_facts facts = make_facts(rows[i].flags);
        enum fixup_answer answer = run(&out, &found, span_of(rows[i].in), &facts);
        assert_int_equal(answer, rows[i].out ? FIXUP_DONE : FIXUP_ADDRESS);
        assert_string_equal(buf_str(&found), rows[i].recipients);
        if (rows[i].out)
            assert_string_equal(buf_str(&out), rows[i].out);
        buf_free(&out);
        buf_free(&found);
    }
}

// What was fixed up once needs nothing more.
static void twice_is_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf once = BUF_INIT(10000);
        struct buf twice = BUF_INIT(10000);
        struct buf found = BUF_INIT(10000);
        struct fixup_facts facts = make_facts(rows[i].flags & ~(unsigned)HARVEST);
        assert_int_equal(run(&once, &found, span_of(rows[i].in), &facts), FIXUP_DONE);
        assert_int_equal(run(&twice, &found, (struct span){buf_str(&once), once.n}, &facts),
                         FIXUP_DONE);
        assert_string_equal(buf_str(&twice), buf_str(&once));
        buf_free(&once);
        buf_free(&twice);
        buf_free(&found);
    }
}

static void from_is_made(void **state)
{
    static const struct {
        struct span name, mailbox, domain;
        const char *from;
        const char *id; // its domain
    } froms[] = {
        {SPAN_INIT(""), SPAN_INIT("sam"), SPAN_INIT("d.example"), "From: sam@d.example\n",
         "@d.example>"},
        {SPAN_INIT(""), SPAN_INIT("sam@w"), SPAN_INIT("d.example"), "From: sam@w\n",
         "@d.example>"},
        {SPAN_INIT("Sam"), SPAN_INIT("sam@w"), SPAN_INIT(""), "From: Sam <sam@w>\n", "@w>"},
        {SPAN_INIT("Sam"), SPAN_INIT("\"a@b\""), SPAN_INIT(""), "From: Sam <\"a@b\">\n",
         "@localhost>"},
        {SPAN_INIT("Sam"), SPAN_INIT("\"a@b\"@w"), SPAN_INIT(""), "From: Sam <\"a@b\"@w>\n",
         "@w>"},
        {SPAN_INIT("Smith, \"Sam\""), SPAN_INIT("sam"), SPAN_INIT("w"),
         "From: \"Smith, \\\"Sam\\\"\" <sam@w>\n", "@w>"},
        {SPAN_INIT("J\xc3\xb6rg"), SPAN_INIT("sam"), SPAN_INIT("w"),
         "From: =?utf-8?q?J=C3=B6rg?= <sam@w>\n", "@w>"},
        {SPAN_INIT("a\nBcc: b@c\n"), SPAN_INIT("sam"), SPAN_INIT("w"),
         "From: \"a Bcc: b@c\" <sam@w>\n", "@w>"},
        {SPAN_INIT("Sam Sam Sam Sam Sam Sam Sam Sam Sam"), SPAN_INIT("sam"),
         SPAN_INIT("012345678901234567890123456789"),
         "From: Sam Sam Sam Sam Sam Sam Sam Sam Sam\n <sam@012345678901234567890123456789>\n",
         "@012345678901234567890123456789>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof froms / sizeof *froms; i++) {
        struct buf out = BUF_INIT(10000);
        struct buf found = BUF_INIT(100);
        struct fixup_facts facts = make_facts(0);
        facts.name = froms[i].name;
        facts.mailbox = froms[i].mailbox;
        facts.domain = froms[i].domain;
        assert_int_equal(run(&out, &found, SPAN("Date: x\nTo: g:;\n"), &facts), FIXUP_DONE);
        const char *from = strstr(buf_str(&out), "From:");
        const char *id = strstr(buf_str(&out), "\nMessage-ID:");
        assert_non_null(from);
        assert_non_null(id);
        assert_int_equal(id + 1 - from, strlen(froms[i].from));
        assert_memory_equal(from, froms[i].from, strlen(froms[i].from));
        assert_non_null(strstr(id, froms[i].id));
        buf_free(&out);
        buf_free(&found);
    }
}

static void limits_are_kept(void **state)
{
    struct fixup_facts facts = make_facts(HARVEST);
    struct buf out = BUF_INIT(10000);
    struct buf found = BUF_INIT(100);
    struct buf why = BUF_INIT(100);
    struct envelope e;
    struct header h;
    (void)state;

    // A result that does not fit.
    out.max = 20;
    assert_int_equal(run(&out, &found, SPAN("To: b@y\nSubject: 0123456789\n"), &facts),
                     FIXUP_LONG);
    buf_free(&out);

    // More recipients than an envelope takes.
    header_init(&h);
    assert_int_equal(header_push(&h, SPAN("Bcc: first,\n")), HEADER_MORE);
    for (size_t i = 0; i < ENVELOPE_RECIPIENTS_MAX; i++) {
        struct buf line = BUF_INIT(100);
        buf_printf(&line, " %zx,\n", i);
        assert_int_equal(header_push(&h, buf_span(&line)), HEADER_MORE);
        buf_free(&line);
    }
    envelope_init(&e);
    assert_int_equal(fixup(&out, &e, &why, &h, &facts), FIXUP_MANY);
    envelope_free(&e);
    header_free(&h);
    buf_free(&out);
    buf_free(&found);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_fixed_up),
        cmocka_unit_test(twice_is_once),
        cmocka_unit_test(from_is_made),
        cmocka_unit_test(limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
