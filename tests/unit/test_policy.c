// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/envelope.h"
#include "message/policy.h"

static const struct policy keep = {.mode = POLICY_KEEP};
static const struct policy qualify = {.mode = POLICY_QUALIFY,
                                      .domain = SPAN_INIT("host.example")};
static const struct policy no_domain = {.mode = POLICY_QUALIFY};
static const struct policy force = {.mode = POLICY_FORCE,
                                    .domain = SPAN_INIT("host.example"),
                                    .from = SPAN_INIT("me@isp.example"),
                                    .login = SPAN_INIT("root")};
static const struct policy force_alone = {
    .mode = POLICY_FORCE, .from = SPAN_INIT("me@isp.example"), .login = SPAN_INIT("www-data")};

static void test_from(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *login, *host, *mailbox; // NULL: none
    } table[] = {
        {"me@isp.example", "root", "box", "me@isp.example"},
        {"%u@isp.example", "root", "box", "root@isp.example"},
        {"me+%u.%h@isp.example", "www-data", "box.lan", "me+www-data.box.lan@isp.example"},
        {"%u@%h", "root", "box.example", "root@box.example"},
        {"%u@%h", "root", "box", "root@box"},
        {"a%%b@isp.example", "root", "box", "a%b@isp.example"},
        {"%%u@isp.example", "root", "box", "%u@isp.example"},
        {"%u%u@isp.example", "a", "box", "aa@isp.example"},
        // What a directory service may call its users.
        {"%u@isp.example", "AD\\sam", "box", "AD-sam@isp.example"},
        {"%u@isp.example", "sam@ad.example", "box", "sam-ad.example@isp.example"},
        {"%u@isp.example", "sam spade", "box", "sam-spade@isp.example"},
        {"%u@isp.example", "j\xc3\xbcrgen", "box", "j--rgen@isp.example"},
        {"%u@isp.example", "a\r\nRCPT TO:<x@y>", "box", "a--RCPT-TO--x-y-@isp.example"},
        {"%u@isp.example", ".sam.", "box", "\".sam.\"@isp.example"},
        {"%u@isp.example", "uid1000", "", "uid1000@isp.example"},
        {"%u@isp.example", "", "box", NULL},
        {"me@%h", "root", "", NULL},
        {"me@%h", "root", "(none)", "me@-none-"},
        {"me@%h", "root", "a..b", NULL},
        {"", "root", "box", NULL},
        {"me", "root", "box", NULL},
        {"a@b@c", "root", "box", NULL},
        {"a@x, b@y", "root", "box", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(1000);
        buf_puts(&out, "<");
        bool good = policy_from(&out, span_of(table[i].pattern), span_of(table[i].login),
                                span_of(table[i].host));
        if (good != (table[i].mailbox != NULL) ||
            strcmp(buf_str(&out) + 1, table[i].mailbox ? table[i].mailbox : "") != 0)
            fail_msg("%s, %s, %s: %s", table[i].pattern, table[i].login, table[i].host,
                     buf_str(&out));
        buf_free(&out);
    }
}

static void test_sender(void **state)
{
    (void)state;
    static const struct policy null[] = {
        {.mode = POLICY_KEEP, .rewrite_null = true, .from = SPAN_INIT("me@isp.example")},
        {.mode = POLICY_QUALIFY, .rewrite_null = true, .from = SPAN_INIT("me@isp.example")},
        {.mode = POLICY_FORCE, .rewrite_null = true, .from = SPAN_INIT("me@isp.example")},
    };
    static const struct {
        const struct policy *policy;
        const char *sender, *used; // NULL: none
    } table[] = {
        {&keep, "root", "root"},
        {&keep, "sam@x.example", "sam@x.example"},
        {&keep, "", ""},
        {&qualify, "root", "root@host.example"},
        {&qualify, "\"odd name\"", "\"odd name\"@host.example"},
        {&qualify, "\"a@b\"", "\"a@b\"@host.example"},
        {&qualify, "sam@x.example", "sam@x.example"},
        {&qualify, "", ""},
        {&no_domain, "sam@x.example", "sam@x.example"},
        {&no_domain, "", ""},
        {&no_domain, "root", NULL},
        {&force, "root", "me@isp.example"},
        {&force, "root@localhost", "me@isp.example"},
        {&force, "me@isp.example", "me@isp.example"},
        {&force, "", ""},
        {&force_alone, "root", "me@isp.example"},
        {&null[0], "", "me@isp.example"},
        {&null[0], "root", "root"},
        {&null[1], "", "me@isp.example"},
        {&null[1], "a@x.example", "a@x.example"},
        {&null[2], "", "me@isp.example"},
        {&null[2], "a@x.example", "me@isp.example"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(1000);
        bool good = policy_sender(&out, table[i].policy, span_of(table[i].sender));
        if (good != (table[i].used != NULL) ||
            strcmp(buf_str(&out), table[i].used ? table[i].used : "") != 0)
            fail_msg("row %zu: %s: %s", i, table[i].sender, buf_str(&out));
        buf_free(&out);
    }
}

struct row {
    const struct policy *policy;
    const char *in, *out; // NULL: as it came
};

static void check_row(const struct row *r, size_t i)
{
    struct buf out = BUF_INIT(POLICY_MAX), again = BUF_INIT(POLICY_MAX);
    const char *want = r->out ? r->out : r->in;
    assert_true(policy_header(&out, r->policy, span_of(r->in)));
    if (strcmp(buf_str(&out), want) != 0)
        fail_msg("row %zu:\n%sbecame\n%snot\n%s", i, r->in, buf_str(&out), want);
    // There is nothing left to do.
    assert_true(policy_header(&again, r->policy, buf_span(&out)));
    if (!span_equal(buf_span(&again), buf_span(&out)))
        fail_msg("row %zu, for a second time:\n%s", i, buf_str(&again));
    buf_free(&out);
    buf_free(&again);
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_row(&rows[i], i);
}

static void test_kept(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&keep, "From: root\nTo: root\nSender: x\n", NULL},
        {&keep, "From: <\n\x01 broken\n", NULL},
        {&keep, "", NULL},
        {&qualify, "From: Sam <sam@x.example>\nX: y\n\tz\n", NULL},
        {&qualify, "Subject: no author\n", NULL},
        {&qualify, "", NULL},
        {&no_domain, "From: root\nTo: root\n", NULL},
        {&force, "From: me@isp.example\nTo: a@x.example\nX-Odd:\t\x01 \xff\n y\n", NULL},
        {&force, "fRoM :  \"Me\"\n <me@ISP.example>  (at home)\n", NULL},
        {&force, "From: me@isp.example\nReply-To: other@x.example\n", NULL},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_qualified(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&qualify, "From: root\n", "From: root@host.example\n"},
        {&qualify, "From: root (Cron Daemon)\n", "From: root@host.example (Cron Daemon)\n"},
        {&qualify, "From: \"(Cron Daemon)\" <root>\n",
         "From: \"(Cron Daemon)\" <root@host.example>\n"},
        {&qualify, "From: mdadm monitoring <root>\n",
         "From: mdadm monitoring <root@host.example>\n"},
        {&qualify, "From: a, b@x.example,\n c\n",
         "From: a@host.example, b@x.example,\n c@host.example\n"},
        {&qualify, "Sender: root\nReply-To: ops\nFrom: a@x.example\n",
         "Sender: root@host.example\nReply-To: ops@host.example\nFrom: a@x.example\n"},
        {&qualify, "To: root\nCc: sam, eve@x.example\n",
         "To: root@host.example\nCc: sam@host.example, eve@x.example\n"},
        {&qualify, "Resent-From: root\nResent-Sender: sam\n",
         "Resent-From: root@host.example\nResent-Sender: sam@host.example\n"},
        // What can not be read is not touched.
        {&qualify, "From: root at home\nTo: a@b@c\n", NULL},
        {&qualify, "X-From: root\nSubject: root\nErrors-To: root\n", NULL},
        {&qualify, "From: root\nFrom: sam\n",
         "From: root@host.example\nFrom: sam@host.example\n"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

// A full address that nobody would miss in Reply-To does not come up in these.
static void test_forced_names(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&force, "From: root\n", "From: root <me@isp.example>\n"},
        {&force, "From: root (Cron Daemon)\n", "From: Cron Daemon <me@isp.example>\n"},
        {&force, "From: <root> (Cron Daemon)\n", "From: Cron Daemon <me@isp.example>\n"},
        {&force, "From: \"(Cron Daemon)\" <root>\n",
         "From: \"(Cron Daemon)\" <me@isp.example>\n"},
        {&force, "From: mdadm monitoring <root>\n",
         "From: mdadm monitoring <me@isp.example>\n"},
        {&force, "From: CronDaemon <root>\n", "From: CronDaemon <me@isp.example>\n"},
        {&force, "From: <root>\n", "From: root <me@isp.example>\n"},
        {&force, "From: \"odd name\"\n", "From: \"odd name\" <me@isp.example>\n"},
        {&force, "From: john.doe\n", "From: \"john.doe\" <me@isp.example>\n"},
        {&force, "From: root ()\n", "From: root <me@isp.example>\n"},
        {&force, "From: root (cron (of x))\n", "From: cron (of x) <me@isp.example>\n"},
        {&force, "From: root (a, \"b\")\n", "From: \"a, \\\"b\\\"\" <me@isp.example>\n"},
        {&force, "From: root (a \\( b)\n", "From: \"a ( b\" <me@isp.example>\n"},
        {&force, "From: root (Dr. No)\n", "From: \"Dr. No\" <me@isp.example>\n"},
        {&force, "From: root (me@there)\n", "From: \"me@there\" <me@isp.example>\n"},
        {&force, "From: root (=?utf-8?q?J=C3=BCrgen?= M)\n",
         "From: =?utf-8?q?J=C3=BCrgen?= M <me@isp.example>\n"},
        {&force, "From: root (J\xfcrgen)\n", "From: J\xfcrgen <me@isp.example>\n"},
        {&force, "From: root\n (Cron\n Daemon)\n", "From: Cron\n Daemon <me@isp.example>\n"},
        {&force, "From: root (a\x01\x1b[2Jb)\n", "From: \"a??[2Jb\" <me@isp.example>\n"},
        {&force, "From: \"a\x07\" <root>\n", "From: \"\\\"a?\\\"\" <me@isp.example>\n"},
        {&force, "From: John Q. Public <john>\n",
         "From: \"John Q. Public\" <me@isp.example>\n"},
        {&force, "From: \"J\" Q. Public <john>\n", "From: \"J\" Q. Public <me@isp.example>\n"},
        {&force, "From: root, sam\n", "From: root <me@isp.example>\n"},
        {&force, "From: team: root, sam;\n", "From: root <me@isp.example>\n"},
        {&force,
         "From: A very long name that fills up the line until nothing else will fit <root>\n",
         "From: A very long name that fills up the line until nothing else will fit\n"
         " <me@isp.example>\n"},
        {&force_alone, "From: root\nTo: root\n", "From: root <me@isp.example>\nTo: root\n"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_forced_in_place(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&force, "From: root@localhost\nReply-To: x@y.example\n",
         "From: me@isp.example\nReply-To: x@y.example\n"},
        {&force, "from:Sam<sam@x.example>\nreply-to: x@y.example\n",
         "from:Sam<me@isp.example>\nreply-to: x@y.example\n"},
        {&force, "From: =?iso-8859-1?q?J=FCrgen?=\n <j@x.example>\nReply-To: x@y.example\n",
         "From: =?iso-8859-1?q?J=FCrgen?=\n <me@isp.example>\nReply-To: x@y.example\n"},
        {&force, "From: J. [x] Doe <@a.example,@b.example:j@x.example> (now)\nReply-To: x@y\n",
         "From: J. [x] Doe <me@isp.example> (now)\nReply-To: x@y\n"},
        {&force, "From: me@isp.EXAMPLE\n", NULL},
        {&force, "From: Me@isp.example\nReply-To: x@y.example\n",
         "From: me@isp.example\nReply-To: x@y.example\n"},
        {&force, "From: root@localhost (Cron Daemon)\nReply-To: x@y.example\n",
         "From: Cron Daemon <me@isp.example>\nReply-To: x@y.example\n"},
        {&force, "From: root@localhost <root@localhost>\nReply-To: x@y.example\n",
         "From: \"root@localhost\" <me@isp.example>\nReply-To: x@y.example\n"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_reply_to(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&force, "From: Visitor <visitor@x.example>\nTo: shop@y.example\n",
         "From: Visitor <me@isp.example>\nReply-To: Visitor <visitor@x.example>\n"
         "To: shop@y.example\n"},
        {&force, "From: visitor@x.example\n",
         "From: me@isp.example\nReply-To: visitor@x.example\n"},
        {&force, "From: visitor@x.example\nReply-To: \nTo: a@y.example\n",
         "From: me@isp.example\nReply-To: visitor@x.example\nTo: a@y.example\n"},
        {&force, "Reply-To: a@y.example\nFrom: visitor@x.example\n",
         "Reply-To: a@y.example\nFrom: me@isp.example\n"},
        {&force, "From: visitor@x.example\nREPLY-TO : root\n",
         "From: me@isp.example\nREPLY-TO : root@host.example\n"},
        {&force, "From: A <a@x.example>, me@isp.example, c, D <d@y.example>\n",
         "From: A <me@isp.example>\n"
         "Reply-To: A <a@x.example>,\n me@isp.example,\n D <d@y.example>\n"},
        {&force, "From: crew: a@x.example, b@x.example;\n",
         "From: me@isp.example\nReply-To: a@x.example,\n b@x.example\n"},
        {&force, "From: a@x.example (Mr. A)\n",
         "From: \"Mr. A\" <me@isp.example>\nReply-To: \"Mr. A\" <a@x.example>\n"},
        {&force, "From: a@b <a@b>\n",
         "From: \"a@b\" <me@isp.example>\nReply-To: \"a@b\" <a@b>\n"},
        {&force, "From: me@isp.example, me@isp.example\n", "From: me@isp.example\n"},
        // What resembles a Reply-To is none.
        {&force, "From: a@x.example\nX-Reply-To: b@x.example\n",
         "From: me@isp.example\nReply-To: a@x.example\nX-Reply-To: b@x.example\n"},
        {&force, "From: a@x.example\nResent-Reply-To: b@x.example\n",
         "From: me@isp.example\nReply-To: a@x.example\nResent-Reply-To: b@x.example\n"},
        {&force_alone, "From: a@x.example\n", "From: me@isp.example\nReply-To: a@x.example\n"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_broken_from(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {&force, "From: \n", "From: root <me@isp.example>\n"},
        {&force, "From:\n", "From: root <me@isp.example>\n"},
        {&force, "From: <>\n", "From: root <me@isp.example>\n"},
        {&force, "From: My Site\n", "From: My Site <me@isp.example>\n"},
        {&force, "From: J\xfcrgens Haus\n", "From: J\xfcrgens Haus <me@isp.example>\n"},
        {&force, "From: =?utf-8?q?a?= b\n", "From: =?utf-8?q?a?= b <me@isp.example>\n"},
        {&force, "From: Site sam@x.example\n", "From: root <me@isp.example>\n"},
        {&force, "From: \"Site <sam@x.example>\n", "From: root <me@isp.example>\n"},
        {&force, "From: a@x.example, b@c@d\n", "From: root <me@isp.example>\n"},
        {&force, "From: a@x.example b@x.example\n", "From: root <me@isp.example>\n"},
        {&force, "From: (nobody)\n", "From: root <me@isp.example>\n"},
        {&force, "From: nobody:;\n", "From: root <me@isp.example>\n"},
        {&force, "From: \x01\x02\n", "From: root <me@isp.example>\n"},
        {&force, "From: \xff@x.example\n", "From: root <me@isp.example>\n"},
        {&force_alone, "Subject: x\n", "Subject: x\nFrom: www-data <me@isp.example>\n"},
        {&force, "", "From: root <me@isp.example>\n"},
        {&force, "X-From: a@x.example\n", "X-From: a@x.example\nFrom: root <me@isp.example>\n"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_other_fields(void **state)
{
    (void)state;
    static const struct row rows[] = {
        // One From, whatever was hidden behind the first.
        {&force, "From: me@isp.example\nX: y\nFrom : boss@x.example\nfrom:a@x.example\n",
         "From: me@isp.example\nX: y\n"},
        {&force, "From: a\n\tFrom: b@x.example\n", "From: root <me@isp.example>\n"},
        {&force, "Sender: root@localhost\nFrom: me@isp.example\nSender: x\n",
         "From: me@isp.example\n"},
        {&force, "Sender:\n root\nFrom: me@isp.example\n", "From: me@isp.example\n"},
        {&force,
         "Resent-From: Sam <sam@x.example>\nResent-Sender: root\nFrom: me@isp.example\n",
         "Resent-From: Sam <me@isp.example>\nFrom: me@isp.example\n"},
        {&force, "Resent-From: root (Sam)\nFrom: me@isp.example\n",
         "Resent-From: Sam <me@isp.example>\nFrom: me@isp.example\n"},
        {&force, "Resent-From: a@b@c\nResent-From: x@y.example\nFrom: me@isp.example\n",
         "Resent-From: root <me@isp.example>\nResent-From: me@isp.example\n"
         "From: me@isp.example\n"},
        {&force, "To: root\nCc: a@x.example, sam\nFrom: me@isp.example\nErrors-To: root\n",
         "To: root@host.example\nCc: a@x.example, sam@host.example\nFrom: me@isp.example\n"
         "Errors-To: root\n"},
        {&force, "From: me@isp.example\nSubject: From: x@y\n From: z\n", NULL},
        {&force, "From: me@isp.example\nX-Sender: root\nReturn-Path: <root>\n", NULL},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_too_long(void **state)
{
    (void)state;
    struct buf in = BUF_INIT(FIXUP_MAX), out = BUF_INIT(1000);
    assert_true(policy_header(&out, &qualify, SPAN("To: a\n")));
    buf_puts(&in, "To: a");
    while (in.n < 200)
        buf_puts(&in, ",a");
    buf_putc(&in, '\n');
    assert_false(policy_header(&out, &qualify, buf_span(&in)));
    buf_clear(&out);
    assert_true(policy_header(&out, &keep, buf_span(&in)));
    buf_free(&in);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from),         cmocka_unit_test(test_sender),
        cmocka_unit_test(test_kept),         cmocka_unit_test(test_qualified),
        cmocka_unit_test(test_forced_names), cmocka_unit_test(test_forced_in_place),
        cmocka_unit_test(test_reply_to),     cmocka_unit_test(test_broken_from),
        cmocka_unit_test(test_other_fields), cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
