// SPDX-License-Identifier: ISC
// links: sendmail
// Command lines as callers write them, parted by blanks; '' stands for an empty word, _ for a
// blank within one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sendmail/args.h"

enum { WORDS_MAX = 32 };

struct line {
    char text[512];
    char *argv[WORDS_MAX + 1];
    int argc;
};

static void split(struct line *l, const char *text)
{
    l->argc = 0;
    snprintf(l->text, sizeof l->text, "%s", text);
    for (char *p = l->text; *p;) {
        assert_true(l->argc < WORDS_MAX);
        l->argv[l->argc++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    for (int i = 0; i < l->argc; i++) {
        if (strcmp(l->argv[i], "''") == 0)
            l->argv[i][0] = '\0';
        for (char *c = l->argv[i]; *c; c++)
            if (*c == '_')
                *c = ' ';
    }
    l->argv[l->argc] = NULL;
}

// What the scan came to, as one line: the job, the fields that are set, the operands.
static void describe(struct buf *out, const struct args *a)
{
    static const char *const jobs[] = {
        [ARGS_DELIVER] = "deliver", [ARGS_FLUSH] = "flush",     [ARGS_LIST] = "list",
        [ARGS_COUNT] = "count",     [ARGS_ALIASES] = "aliases", [ARGS_NOTHING] = "nothing",
        [ARGS_VERSION] = "version", [ARGS_VERIFY] = "verify",   [ARGS_DIALOGUE] = "dialogue"};
    buf_puts(out, jobs[a->job]);
    buf_printf(out, "%s%s%s%s%s%s", a->from_header ? " t" : "", a->keep_dots ? " i" : "",
               a->gateway ? " G" : "", a->verbose ? " v" : "", a->no_aliases ? " n" : "",
               a->queue_only ? " q" : "");
    if (a->sender)
        buf_printf(out, " f=%s", a->sender);
    if (a->full_name)
        buf_printf(out, " F=%s", a->full_name);
    if (a->notify)
        buf_printf(out, " N=%s", a->notify);
    if (a->ret)
        buf_printf(out, " R=%s", a->ret);
    if (a->envid)
        buf_printf(out, " V=%s", a->envid);
    for (size_t i = 0; i < a->n_choices; i++)
        buf_printf(out, " %s", a->choices[i]);
    for (size_t i = 0; i < a->n_operands; i++)
        buf_printf(out, " <%s>", a->operands[i]);
}

static const struct {
    const char *line, *want; // NULL: 64, usage
} table[] = {
    // cron and its like
    {"sendmail -FCronDaemon -i -B8BITMIME -oem root", "deliver i F=CronDaemon <root>"},
    {"sendmail -FCronDaemon -i -odi -oem -oi -t -f root", "deliver t i f=root F=CronDaemon"},
    {"sendmail -FAnacron -odi root", "deliver F=Anacron <root>"},
    {"sendmail -i -B 8BITMIME root", "deliver i <root>"},
    {"sendmail -i alice", "deliver i <alice>"},
    {"sendmail -ti", "deliver t i"},
    {"sendmail -ti oem", "deliver t i <oem>"},
    {"sendmail -t -oem -i", "deliver t i"},
    {"sendmail -FCronDaemon -i -odi -oem -t", "deliver t i F=CronDaemon"},
    {"sendmail -i a@x.example,b@x.example", "deliver i <a@x.example,b@x.example>"},
    // languages
    {"/usr/sbin/sendmail -t -i", "deliver t i"},
    {"/usr/sbin/sendmail -t -i -f www@x.example", "deliver t i f=www@x.example"},
    {"/usr/sbin/sendmail -t -i -oi -fa@x.example -t", "deliver t i f=a@x.example"},
    {"/usr/sbin/sendmail -fa@x.example -i -t", "deliver t i f=a@x.example"},
    {"/usr/sbin/sendmail -i -f a@x.example b@x.example c@x.example",
     "deliver i f=a@x.example <b@x.example> <c@x.example>"},
    {"/usr/sbin/sendmail -i -f a@x.example -- b@x.example",
     "deliver i f=a@x.example <b@x.example>"},
    {"/usr/sbin/sendmail -t -oi -oem -fa@x.example", "deliver t i f=a@x.example"},
    {"/usr/sbin/sendmail -f a@x.example -i b@x.example",
     "deliver i f=a@x.example <b@x.example>"},
    {"/usr/sbin/sendmail -oi -odi -oem -N success,delay,failure -V12345678 -f '' -- "
     "a@x.example",
     "deliver i f= N=SUCCESS,FAILURE,DELAY V=12345678 <a@x.example>"},
    {"/usr/sbin/sendmail -oi -t -f <>", "deliver t i f=<>"},
    // mail readers
    {"sendmail -oem -oi -B8BITMIME -f s@x.example -N failure,delay -R hdrs -- a@x.example b",
     "deliver i f=s@x.example N=FAILURE,DELAY R=HDRS <a@x.example> <b>"},
    {"sendmail -i -m -v -F Full_Name -f s@x.example -- a@x.example",
     "deliver i v f=s@x.example F=Full Name <a@x.example>"},
    {"sendmail -oi -f addr -oep -odi -t", "deliver t i f=addr"},
    {"sendmail -oi -f addr -oA/tmp/aliases -oem -odb -t", "deliver t i f=addr"},
    {"sendmail -i -f _Me_<x@h.example> -- a@x.example",
     "deliver i f= Me <x@h.example> <a@x.example>"},
    {"sendmail -oi Q,_R_<a@x.example>", "deliver i <Q, R <a@x.example>>"},
    // system daemons
    {"sendmail -t", "deliver t"},
    {"sendmail -f fail2ban root", "deliver f=fail2ban <root>"},
    {"sendmail -oi -f pop@x.example survey@x.example",
     "deliver i f=pop@x.example <survey@x.example>"},
    {"sendmail -B 8BITMIME -f root a@x.example b@x.example",
     "deliver f=root <a@x.example> <b@x.example>"},
    {"mini -bm -f a b", "deliver f=a <b>"},
    {"send-mail -t", "deliver t"},
    // the table of options, each with the arity that sendmail gave it
    {"sendmail -Ac a", "deliver <a>"},
    {"sendmail -A m a", "deliver <a>"},
    {"sendmail -A x a", NULL},
    {"sendmail -Ap a", NULL},
    {"sendmail -B7BIT a", "deliver <a>"},
    {"sendmail -ba a", "deliver <a>"},
    {"sendmail -bm a", "deliver <a>"},
    {"sendmail -bd", NULL},
    {"sendmail -bD", NULL},
    {"sendmail -bl", NULL},
    {"sendmail -bz", NULL},
    {"sendmail -b", NULL},
    {"sendmail -bp", "list"},
    {"sendmail -bp -v", "list v"},
    {"sendmail -v -bp", "list v"},
    {"sendmail -bP", "count"},
    {"sendmail -bi", "aliases"},
    {"sendmail -I", "aliases"},
    {"sendmail -bh", "nothing"},
    {"sendmail -bH", "nothing"},
    {"sendmail -bV", "version"},
    {"sendmail -bv a b@x.example", "verify <a> <b@x.example>"},
    {"sendmail -bt -n -- -a", "verify n <-a>"},
    {"sendmail -v -bv a", "verify v <a>"},
    {"newaliases -bv a", "verify <a>"},
    {"sendmail -bv", NULL},
    {"sendmail -bt -t", NULL},
    {"sendmail -bv -t a", NULL},
    {"sendmail -bv a -bm", NULL},
    {"sendmail --version", "version"},
    {"sendmail -d0.1", "version"},
    {"sendmail -d0.10 a", "deliver <a>"},
    {"sendmail -d a", "deliver <a>"},
    {"sendmail -d21.4 a", "deliver <a>"},
    {"sendmail --help", NULL},
    {"sendmail --verbose a", NULL},
    {"sendmail -C /tmp/evil.cf a", "deliver <a>"},
    {"sendmail -C/tmp/evil.cf a", "deliver <a>"},
    {"sendmail -C", NULL},
    {"sendmail -c a", "deliver <a>"},
    {"sendmail -D /tmp/evil a", NULL},
    {"sendmail -D/tmp/evil a", NULL},
    {"sendmail -E a", "deliver <a>"},
    {"sendmail -Jx a", "deliver <a>"},
    {"sendmail -em a", "deliver <a>"},
    {"sendmail -ep -t", "deliver t"},
    {"sendmail -F a", NULL}, // that was the name, so there is no recipient
    {"sendmail -F '' a", "deliver F= <a>"},
    {"sendmail -F", NULL},
    {"sendmail -f", NULL},
    {"sendmail -fa -fb c", "deliver f=b <c>"}, // PHP may give a second one
    {"sendmail -ra b", "deliver f=a <b>"},
    {"sendmail -r a b", "deliver f=a <b>"},
    {"sendmail -f -t a", "deliver f=-t <a>"},
    {"sendmail -G -t", "deliver t G"},
    {"sendmail -h 3 a", "deliver <a>"},
    {"sendmail -L tag a", "deliver <a>"},
    {"sendmail -M id a", NULL},
    {"sendmail -Mvb a", NULL},
    {"sendmail -m -n -s -T -U -x a", "deliver n <a>"},
    {"sendmail -N never a", "deliver N=NEVER <a>"},
    {"sendmail -NSUCCESS a", "deliver N=SUCCESS <a>"},
    {"sendmail -N delay,Failure a", "deliver N=FAILURE,DELAY <a>"},
    {"sendmail -N failure,failure a", "deliver N=FAILURE <a>"},
    {"sendmail -N never,delay a", NULL},
    {"sendmail -N success, a", NULL},
    {"sendmail -N sometimes a", NULL},
    {"sendmail -N '' a", NULL},
    {"sendmail -N", NULL},
    {"sendmail -O DeliveryMode=b a", "deliver <a>"},
    {"sendmail -OQueueDirectory=/tmp a", "deliver <a>"},
    {"sendmail -oi a", "deliver i <a>"},
    {"sendmail -oitrue a", "deliver i <a>"},
    {"sendmail -oit a", "deliver i <a>"}, // o with the value "it"
    {"sendmail -ov a", "deliver v <a>"},
    {"sendmail -om -oo -o7 -o8 -oB -or0s -oT1d -oQ/tmp -oL9 -of -oX/tmp/log a", "deliver <a>"},
    {"sendmail -odb a", "deliver <a>"},
    {"sendmail -odq a", "deliver q <a>"},
    {"sendmail -odqs a", "deliver q <a>"},
    {"sendmail -odd a", "deliver q <a>"},
    {"sendmail -odq -odi a", "deliver <a>"},
    {"sendmail -O DeliveryMode=queue a", "deliver q <a>"},
    {"sendmail -O DeliveryMode=Deferred a", "deliver q <a>"},
    {"sendmail -O DeliveryMode a", "deliver <a>"},
    {"sendmail -oA /tmp/aliases",
     "deliver </tmp/aliases>"}, // one word each: that is an operand
    {"sendmail -o a", NULL},
    {"sendmail -p UUCP:x a", "deliver <a>"},
    {"sendmail -R full a", "deliver R=FULL <a>"},
    {"sendmail -Rhdrs a", "deliver R=HDRS <a>"},
    {"sendmail -R some a", NULL},
    {"sendmail -V envid+2B a", "deliver V=envid+2B <a>"},
    {"sendmail -V a=b a", NULL},
    {"sendmail -V a+2 a", NULL},
    {"sendmail -V '' a", NULL},
    {"sendmail -X /tmp/log a", "deliver <a>"},
    {"sendmail -OQueueDirectory=/tmp -X/var/www/evil.php -t", "deliver t"},
    {"sendmail -z text a", NULL},
    {"sendmail -S a", NULL},
    {"sendmail -auUSER a", NULL},
    {"sendmail -4 a", NULL},
    {"sendmail -w a", NULL},
    {"sendmail -H a", NULL},
    {"sendmail -Q a", NULL},
    {"sendmail -? a", NULL},
    // bundles
    {"sendmail -it", "deliver t i"},
    {"sendmail -tf x", "deliver t f=x"},
    {"sendmail -tfx", "deliver t f=x"},
    {"sendmail -vtiGf x", "deliver t i G v f=x"},
    {"sendmail -tq", NULL},
    {"sendmail -tz", NULL},
    {"sendmail -tf", NULL},
    // where options end
    {"sendmail a -f b", NULL}, // no permutation, and no guess
    {"sendmail a -- b", NULL},
    {"sendmail a -", NULL},
    {"sendmail -", NULL},
    {"sendmail -- -f@x.example", "deliver <-f@x.example>"},
    {"sendmail -- --", "deliver <-->"},
    {"sendmail -t -- -X/tmp/log", "deliver t <-X/tmp/log>"},
    {"sendmail -t a", "deliver t <a>"},
    {"sendmail -t '' a", "deliver t <> <a>"},
    // nobody to send to
    {"sendmail", NULL},
    {"sendmail -i", NULL},
    {"sendmail --", NULL},
    {"sendmail -f a@x.example", NULL},
    // the queue
    {"sendmail -q", "flush"},
    {"sendmail -q -v", "flush v"},
    {"sendmail -v -q", "flush v"},
    {"sendmail -q15m", "flush"},
    {"sendmail -q 15m", "flush"},
    {"sendmail -q 1h -v", "flush v"},
    {"sendmail -qf", "flush"},
    {"sendmail -q m15", NULL},
    {"sendmail -q15", "flush"},
    {"sendmail -q1h30m", "flush"},
    {"sendmail -q1h30", NULL},
    {"sendmail -q15x", NULL},
    {"sendmail -qf -v", "flush v"},
    {"sendmail -qff", "flush --held"},
    {"sendmail -qfff", NULL},
    {"sendmail -qQ", "flush --only-held"},
    {"sendmail -qQspam", NULL},
    {"sendmail -qL", NULL},
    {"sendmail -qp15m", NULL},
    {"sendmail -qIAB12", "flush --id AB12"},
    {"sendmail -q!IAB12", "flush --not-id AB12"},
    {"sendmail -qIAB -qICD", "flush --id AB --id CD"},
    {"sendmail -qRexample.net -q!Sbob", "flush --recipient example.net --not-sender bob"},
    {"sendmail -q!R--held -qS-v", "flush --not-recipient --held --sender -v"},
    {"sendmail -qGwork", "flush --account work"},
    {"sendmail -q!Gwork", NULL},
    {"sendmail -qI", NULL},
    {"sendmail -q!I", NULL},
    {"sendmail -q!", NULL},
    {"sendmail -qI AB", NULL},
    {"sendmail -qIAB root", NULL},
    {"sendmail -q 15", NULL},
    {"runq", "flush"},
    {"/usr/bin/mailq", "list"},
    {"mailq -v", "list v"},
    {"mailq a@x.example", NULL},
    {"newaliases", "aliases"},
    {"/usr/bin/newaliases -bp", "list"},
    {"hoststat", "nothing"},
    {"purgestat", "nothing"},
    // another job beside a message would throw it away (HAZARDS 4)
    {"sendmail -t -i -q", NULL},
    {"sendmail -t -i -q15m", NULL},
    {"sendmail -q -t", NULL},
    {"sendmail -bp -t", NULL},
    {"sendmail -t -bp", NULL},
    {"sendmail -bi a@x.example", NULL},
    {"sendmail -I a@x.example", NULL},
    {"sendmail -t -bV", NULL},
    {"sendmail -q a@x.example", NULL},
    {"sendmail -q -- 15m", NULL},
    {"mailq -t", NULL},
};

static void test_command_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct line l;
        struct args a;
        struct buf why = BUF_INIT(512), found = BUF_INIT(512);
        split(&l, table[i].line);
        int status = args_parse(&a, l.argc, l.argv, &why);
        if (!status)
            describe(&found, &a);
        if (status != (table[i].want ? 0 : EX_USAGE))
            fail_msg("%s: status %d, %s", table[i].line, status, buf_str(&why));
        if (table[i].want && strcmp(buf_str(&found), table[i].want) != 0)
            fail_msg("%s: %s", table[i].line, buf_str(&found));
        assert_int_equal(!status, !why.n); // a refusal says why, and nothing else speaks
        buf_free(&why);
        buf_free(&found);
    }
}

// A refusal names what it is about.
static void test_complaints(void **state)
{
    (void)state;
    static const struct {
        const char *line, *part;
    } complaints[] = {
        {"sendmail -tz", "-z: "},          {"sendmail --help", "--help: "},
        {"sendmail -N x a", "-N: \"x\""},  {"sendmail a -f b", "-f: "},
        {"sendmail -bd", "sendoff flush"}, {"sendmail -C", "-C: needs a value"},
    };
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        struct line l;
        struct args a;
        struct buf why = BUF_INIT(512);
        split(&l, complaints[i].line);
        assert_int_equal(args_parse(&a, l.argc, l.argv, &why), EX_USAGE);
        if (!strstr(buf_str(&why), complaints[i].part))
            fail_msg("%s: %s", complaints[i].line, buf_str(&why));
        buf_free(&why);
    }
}

static void test_envelope_id_has_a_limit(void **state)
{
    (void)state;
    char id[302], name[] = "sendmail", option[] = "-V", operand[] = "a";
    char *argv[] = {name, option, id, operand, NULL};
    struct args a;
    struct buf why = BUF_INIT(512);
    memset(id, 0, sizeof id);
    for (int i = 0; i < 100; i++)
        memcpy(id + (size_t)i * 3, "+20", 3); // a hundred octets of text
    assert_int_equal(args_parse(&a, 4, argv, &why), 0);
    assert_ptr_equal(a.envid, id);
    id[300] = 'x';
    assert_int_equal(args_parse(&a, 4, argv, &why), EX_USAGE);
    buf_free(&why);
}

static void test_no_words_at_all(void **state)
{
    (void)state;
    char *argv[] = {NULL};
    struct args a;
    struct buf why = BUF_INIT(512);
    assert_int_equal(args_parse(&a, 0, argv, &why), EX_USAGE);
    buf_free(&why);
}

// As many operands as the kernel lets through.
static void test_many_operands(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    static char *argv[MANY + 2], name[] = "sendmail", operand[] = "a@x.example";
    struct args a;
    struct buf why = BUF_INIT(512);
    argv[0] = name;
    for (int i = 1; i <= MANY; i++)
        argv[i] = operand;
    assert_int_equal(args_parse(&a, MANY + 1, argv, &why), 0);
    assert_int_equal(a.n_operands, MANY);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_lines),           cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_envelope_id_has_a_limit), cmocka_unit_test(test_no_words_at_all),
        cmocka_unit_test(test_many_operands),
    };
    return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
