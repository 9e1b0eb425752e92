// SPDX-License-Identifier: ISC
// links: sendmail
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "message/aliases.h"
#include "spool/recipients.h"
#include "unit/tree.h"

static struct buf skipped, reached;

static void take_skipped(void *arg, const char *complaint)
{
    assert_ptr_equal(arg, &skipped);
    // Without the directory, whose name is made up.
    size_t root = strlen(tree_root) + 1;
    assert_int_equal(strncmp(complaint, tree_root, root - 1), 0);
    buf_printf(&skipped, "%s\n", complaint + root);
}

static void take_reached(void *arg, struct span mailbox, const char *trail)
{
    assert_ptr_equal(arg, &skipped);
    buf_printf(&reached, "%.*s|%s\n", SPAN_ARGS(mailbox), trail);
}

static struct recipients_rules rules_of(const char *local_to, const char *domain)
{
    return (struct recipients_rules){
        .aliases = tree_path("aliases"),
        .local_to = span_of(local_to),
        .domain = span_of(domain),
        .skipped = take_skipped,
        .arg = &skipped,
    };
}

// "a b c", each a recipient.
static void name_all(struct envelope *e, const char *names)
{
    struct span rest = span_of(names), one;
    envelope_init(e);
    while (span_word(&rest, &one))
        assert_true(envelope_add(e, one, SPAN("")));
}

// The recipients that the named ones lead to, each with a space behind.
static void resolve(const char *names, const struct recipients_rules *rules, struct buf *out)
{
    struct envelope named, e;
    struct buf why = BUF_INIT(1000);
    buf_clear(&skipped);
    buf_clear(&reached);
    envelope_init(&e);
    name_all(&named, names);
    if (!recipients_resolve(&e, &named, rules, &why))
        fail_msg("%s", buf_str(&why));
    assert_int_equal(why.n, 0);
    for (size_t i = 0; i < envelope_count(&e); i++)
        buf_printf(out, "%s ", envelope_address(&e, i));
    envelope_free(&named);
    envelope_free(&e);
    buf_free(&why);
}

static void test_ways(void **state)
{
    (void)state;
    static const char text[] = "root: admin, ops@x.org\n"                // 1
                               "admin: Ada <ada@x.org>\n"                // 2
                               "postmaster: root\n"                      // 3
                               "me: \\me, me@x.org\n"                    // 4
                               "keep: \\root\n"                          // 5
                               "prog: |p, /f, :include:/i, a@b@c\n"      // 6
                               "mixed: \"|p\", mixed@x.org\n"            // 7
                               "empty:\n"                                // 8
                               "self: self\n"                            // 9
                               "half: half, half@x.org\n"                // 10
                               "ping: pong\n"                            // 11
                               "pong: ping\n"                            // 12
                               "two: left, right\n"                      // 13
                               "left: root\nright: root\n"               // 14
                               "to-prog: prog\n"                         // 16
                               "\"a:b\": ab@x.org\n"                     // 17
                               "dup: d@X.org, d@x.org, D@x.org\n"        // 18
                               "stranger: nobody\n"                      // 19
                               "round: round2, a@x.org\nround2: round, " // 20
                               "b@x.org\n";
    static const struct {
        const char *names, *local_to, *domain, *recipients, *skipped;
    } table[] = {
        {"", "", "d.org", "", ""},
        {"a@b.org", "l@x.org", "d.org", "a@b.org ", ""},
        {"root@d.org", "l@x.org", "d.org", "root@d.org ", ""}, // not even our own domain
        {"who", "", "d.org", "who@d.org ", ""},
        {"who", "l@x.org", "d.org", "l@x.org ", ""},
        {"who", "l@x.org", "", "l@x.org ", ""},
        {"who", "", "", "who ", ""},
        {"who whom a@b", "l@x.org", "d.org", "l@x.org a@b ", ""},
        {"root", "", "d.org", "ada@x.org ops@x.org ", ""},
        {"ROOT", "l@x.org", "", "ada@x.org ops@x.org ", ""},
        {"postmaster root a@b", "", "d.org", "ada@x.org ops@x.org a@b ", ""},
        {"ops@x.org root", "", "", "ops@x.org ada@x.org ", ""},
        {"me", "", "d.org", "me@d.org me@x.org ", ""},
        {"me", "l@x.org", "d.org", "l@x.org me@x.org ", ""},
        {"keep", "", "d.org", "root@d.org ", ""},
        {"stranger", "", "d.org", "nobody@d.org ", ""},
        {"stranger", "", "", "nobody ", ""},
        {"\"A\\:b\"", "", "", "ab@x.org ", ""},
        {"dup", "", "", "d@X.org D@x.org ", ""},
        {"two", "", "", "ada@x.org ops@x.org ", ""},
        // Nothing in the file loses mail.
        {"prog", "", "d.org", "prog@d.org ",
         "aliases:6: prog: |p: programs are not run\n"
         "aliases:6: prog: /f: files are not written\n"
         "aliases:6: prog: :include:/i: includes are not read\n"
         "aliases:6: prog: a@b@c: more than one @\n"},
        {"to-prog", "l@x.org", "d.org", "l@x.org ",
         "aliases:6: prog: |p: programs are not run\n"
         "aliases:6: prog: /f: files are not written\n"
         "aliases:6: prog: :include:/i: includes are not read\n"
         "aliases:6: prog: a@b@c: more than one @\n"},
        {"mixed", "", "d.org", "mixed@x.org ",
         "aliases:7: mixed: \"|p\": programs are not run\n"},
        {"empty", "", "d.org", "empty@d.org ", ""},
        {"self", "", "d.org", "self@d.org ", "aliases:9: self: self: leads back to itself\n"},
        {"half", "", "d.org", "half@x.org ", "aliases:10: half: half: leads back to itself\n"},
        {"ping", "", "d.org", "pong@d.org ", "aliases:12: pong: ping: leads back to itself\n"},
        {"ping pong", "", "d.org", "pong@d.org ",
         "aliases:12: pong: ping: leads back to itself\n"},
        {"round", "", "", "b@x.org a@x.org ",
         "aliases:21: round2: round: leads back to itself\n"},
    };
    assert_int_equal(tree_text("aliases", text), 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf got = BUF_INIT(10000);
        struct recipients_rules rules = rules_of(table[i].local_to, table[i].domain);
        resolve(table[i].names, &rules, &got);
        if (strcmp(buf_str(&got), table[i].recipients) != 0)
            fail_msg("%s (%s, %s) gives %s", table[i].names, table[i].local_to, table[i].domain,
                     buf_str(&got));
        assert_string_equal(buf_str(&skipped), table[i].skipped);
        buf_free(&got);
    }
}

static void test_trail(void **state)
{
    (void)state;
    assert_int_equal(tree_text("aliases", "root: admin, \\op\nadmin:\n ada@x.org\n"), 0);
    struct buf got = BUF_INIT(10000), want = BUF_INIT(10000);
    struct recipients_rules rules = rules_of("", "d.org");
    const char *path = rules.aliases;
    rules.reached = take_reached;
    resolve("root who x@y", &rules, &got);
    buf_printf(&want,
               "ada@x.org|root -> admin (%s:1) -> ada@x.org (%s:3)\n"
               "op@d.org|root -> op (%s:1) -> op@d.org (domain)\n"
               "who@d.org|who -> who@d.org (domain)\n"
               "x@y|x@y\n",
               path, path, path);
    assert_string_equal(buf_str(&reached), buf_str(&want));
    rules.local_to = SPAN("l@x.org");
    rules.aliases = "";
    buf_clear(&got);
    resolve("root", &rules, &got);
    assert_string_equal(buf_str(&reached), "l@x.org|root -> l@x.org (local_to)\n");
    rules.local_to = rules.domain = SPAN("");
    resolve("root", &rules, &got);
    assert_string_equal(buf_str(&reached), "root|root\n");
    buf_free(&got);
    buf_free(&want);
}

// A chain of so many names as the limit leads to its end; a longer one to the last name that
// it still reaches.
static void test_depth(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct buf text = BUF_INIT(10000), got = BUF_INIT(1000), want = BUF_INIT(1000);
        int names = ALIASES_DEPTH_MAX + more;
        for (int i = 0; i < names; i++)
            buf_printf(&text, "n%d: n%d\n", i, i + 1);
        assert_int_equal(tree_text("aliases", buf_str(&text)), 0);
        struct recipients_rules rules = rules_of("", "d.org");
        resolve("n0", &rules, &got);
        buf_printf(&want, "n%d@d.org ", more ? ALIASES_DEPTH_MAX - 1 : names);
        assert_string_equal(buf_str(&got), buf_str(&want));
        assert_true((skipped.n > 0) == more);
        buf_free(&text);
        buf_free(&got);
        buf_free(&want);
    }
}

// Every name leads to all that follow: as many ways as there are sets of them, walked once.
static void test_many_ways(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(10000), got = BUF_INIT(1000);
    for (int i = 0; i < ALIASES_DEPTH_MAX - 1; i++) {
        buf_printf(&text, "n%d: end@x.org", i);
        for (int j = i + 1; j < ALIASES_DEPTH_MAX - 1; j++)
            buf_printf(&text, ", n%d", j);
        buf_puts(&text, "\n");
    }
    assert_int_equal(tree_text("aliases", buf_str(&text)), 0);
    struct recipients_rules rules = rules_of("", "d.org");
    resolve("n0", &rules, &got);
    assert_string_equal(buf_str(&got), "end@x.org ");
    assert_int_equal(skipped.n, 0);
    buf_free(&text);
    buf_free(&got);
}

static void test_options(void **state)
{
    (void)state;
    struct envelope named, e;
    struct buf why = BUF_INIT(1000);
    assert_int_equal(tree_text("aliases", "root: a@x.org, b@x.org\n"), 0);
    struct recipients_rules rules = rules_of("", "d.org");
    rules.options = SPAN("NOTIFY=FAILURE");
    envelope_init(&e);
    envelope_init(&named);
    assert_true(envelope_add(&named, SPAN("root"), SPAN("NOTIFY=NEVER")));
    assert_true(envelope_add(&named, SPAN("who"), SPAN("")));
    assert_true(envelope_add(&named, SPAN("b@x.org"), SPAN("NOTIFY=DELAY")));
    assert_true(recipients_resolve(&e, &named, &rules, &why));
    assert_int_equal(envelope_count(&e), 3);
    assert_string_equal(envelope_recipient_options(&e, 0), "NOTIFY=NEVER");
    assert_string_equal(envelope_recipient_options(&e, 1), "NOTIFY=NEVER");
    assert_string_equal(envelope_recipient_options(&e, 2), "NOTIFY=FAILURE");
    envelope_free(&named);
    envelope_free(&e);
    buf_free(&why);
}

// What the file makes too long is skipped; what a caller does is refused.
static void test_too_long(void **state)
{
    (void)state;
    char name[ENVELOPE_ADDRESS_MAX];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    struct buf text = BUF_INIT(10000), got = BUF_INIT(10000), why = BUF_INIT(10000);
    struct envelope named, e;
    struct recipients_rules rules = rules_of("", "d.org");
    buf_printf(&text, "root: %s, a@x.org\nlong: %s\n", name, name);
    assert_int_equal(tree_text("aliases", buf_str(&text)), 0);
    resolve("root long", &rules, &got);
    assert_string_equal(buf_str(&got), "a@x.org long@d.org ");
    assert_non_null(strstr(buf_str(&skipped), "...: too long\naliases:2: long: nnn"));
    envelope_init(&e);
    name_all(&named, name);
    assert_false(recipients_resolve(&e, &named, &rules, &why));
    assert_non_null(strstr(buf_str(&why), "n: address too long"));
    assert_int_equal(envelope_count(&e), 0);
    envelope_free(&named);
    envelope_free(&e);
    buf_free(&text);
    buf_free(&got);
    buf_free(&why);
}

static void test_too_many(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(10 << 20), why = BUF_INIT(1000);
    struct envelope named, e;
    struct recipients_rules rules = rules_of("", "d.org");
    buf_puts(&text, "all: x@x.org");
    for (int i = 0; i < ENVELOPE_RECIPIENTS_MAX; i++)
        buf_printf(&text, ",\n %d@x.org", i);
    assert_int_equal(tree_text("aliases", buf_str(&text)), 0);
    envelope_init(&e);
    name_all(&named, "all");
    assert_false(recipients_resolve(&e, &named, &rules, &why));
    assert_string_equal(buf_str(&why), "too many recipients");
    envelope_free(&named);
    envelope_free(&e);
    buf_free(&text);
    buf_free(&why);
}

// A file that can not be used is told once, and is then as one that says nothing.
static void test_file(void **state)
{
    (void)state;
    struct buf got = BUF_INIT(10000);
    struct recipients_rules rules = rules_of("", "d.org");
    (void)remove(rules.aliases);
    resolve("root who", &rules, &got);
    assert_string_equal(buf_str(&got), "root@d.org who@d.org ");
    assert_string_equal(buf_str(&skipped), "aliases: No such file or directory\n");
    buf_clear(&got);
    assert_int_equal(mkfifo(rules.aliases, 0644), 0);
    resolve("root who", &rules, &got);
    assert_string_equal(buf_str(&got), "root@d.org who@d.org ");
    assert_string_equal(buf_str(&skipped), "aliases: not a regular file\n");
    buf_clear(&got);
    assert_int_equal(remove(rules.aliases), 0);
    assert_int_equal(tree_text("aliases", "root: a@x.org\n"), 0);
    assert_int_equal(chmod(rules.aliases, 0666), 0);
    resolve("root who", &rules, &got);
    assert_string_equal(buf_str(&got), "root@d.org who@d.org ");
    assert_string_equal(buf_str(&skipped), "aliases: everybody can write it\n");
    // Not looked at without need.
    resolve("a@b.org", &rules, &got);
    assert_int_equal(skipped.n, 0);
    buf_clear(&got);
    assert_int_equal(chmod(rules.aliases, 0664), 0);
    resolve("root", &rules, &got);
    assert_string_equal(buf_str(&got), "a@x.org ");
    buf_free(&got);
}

static void test_complete(void **state)
{
    (void)state;
    static const struct {
        const char *mailbox, *domain, *complete;
    } table[] = {
        {"root", "d.org", "root@d.org"},
        {"root", "", "root"},
        {"", "d.org", ""},
        {"a@b", "d.org", "a@b"},
        {"\"a@b\"", "d", "\"a@b\"@d"},
        {"\"a\"@b", "d.org", "\"a\"@b"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf got = BUF_INIT(1000);
        recipients_complete(&got, span_of(table[i].mailbox), span_of(table[i].domain));
        assert_string_equal(buf_str(&got), table[i].complete);
        buf_free(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),     cmocka_unit_test(test_trail),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_many_ways),
        cmocka_unit_test(test_options),  cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_file),
        cmocka_unit_test(test_complete),
    };
    skipped = (struct buf)BUF_INIT(1 << 20);
    reached = (struct buf)BUF_INIT(1 << 20);
    int failed = cmocka_run_group_tests(tests, tree_setup, tree_teardown);
    buf_free(&skipped);
    buf_free(&reached);
    return failed;
}
