// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/aliases.h"

// ---- Entries

// "NAME,LINE NAME,LINE ... !LINE" of all entries, '!' for those that can not be found.
static void list_entries(const struct aliases *a, struct buf *out)
{
    for (size_t i = 0; i < aliases_count(a); i++) {
        struct alias e = aliases_entry(a, i);
        if (e.reason)
            buf_printf(out, "!%u ", e.line);
        else
            buf_printf(out, "%.*s,%u%s ", SPAN_ARGS(e.name), e.line, e.first == i ? "" : "*");
    }
}

static void test_entries(void **state)
{
    (void)state;
    static const struct {
        const char *text, *entries;
        size_t usable;
    } table[] = {
        {"", "", 0},
        {"\n\n", "", 0},
        {"# root: x\n", "", 0},
        {"   # root: x\n", "", 0},
        {"root: x", "root,1 ", 1},
        {"root: x\n", "root,1 ", 1},
        {"root: x\r\nb: y\r\n", "root,1 b,2 ", 2},
        {"\n# c\n\nroot:x\nb:y\n", "root,4 b,5 ", 2},
        {"root : x\n", "root,1 ", 1},
        {"root:\n x\n\ty\nb: z\n", "root,1 b,4 ", 2},
        {"root: x,\n\n# c\n  # c\n y\nb: z\n", "root,1 b,6 ", 2},
        {"root: x, \\\nb: y\nc: z\n", "root,1 c,3 ", 2},
        {"root: x, \\\r\nb: y\r\nc: z\r\n", "root,1 c,3 ", 2},
        {"root: x # c \\\nb: y\n", "root,1 b,2 ", 2},
        {"# c \\\nb: y\n", "b,2 ", 1},
        {"root: x \\", "root,1 ", 1},
        {"root: x \\\n\nb: y\n", "root,1 b,3 ", 2},
        {"\"a b\": x\n", "\"a b\",1 ", 1},
        {"\"a \\\" : b\" : x\n", "\"a \\\" : b\",1 ", 1},
        {"first.last: x\n", "first.last,1 ", 1},
        {"MAILER-DAEMON: x\n", "MAILER-DAEMON,1 ", 1},
        {"a: x\nA: y\n\"a\": z\nb: w\n", "a,1 A,2* \"a\",3* b,4 ", 2},
        {"j\xc3\xb6rg: x\n", "j\xc3\xb6rg,1 ", 1},
        // What is none.
        {" x\nroot: y\n", "!1 root,2 ", 1},
        {"root x\nb: y\n", "!1 b,2 ", 1},
        {": x\n", "!1 ", 0},
        {"\"\": x\n", "!1 ", 0},
        {"\"a: x\n", "!1 ", 0},
        {"\"a\" b: x\n", "!1 ", 0},
        {"a b: x\n", "!1 ", 0},
        {"root@example.org: x\n", "!1 ", 0},
        {"@example.org: x\n", "!1 ", 0},
        {":include:/etc/x\n", "!1 ", 0},
        {"|prog: x\n", "|prog,1 ", 1}, // '|' may stand in an atom
        {"a\x01: x\n", "!1 ", 0},
        {"\"a\tb\": x\n", "!1 ", 0},
        {"a\"b: x\n", "!1 ", 0},
        {"root x\n y\nb: z\n", "!1 b,3 ", 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct aliases a;
        struct buf got = BUF_INIT(1000);
        aliases_init(&a, span_of(table[i].text));
        list_entries(&a, &got);
        assert_string_equal(buf_str(&got), table[i].entries);
        size_t usable = 0;
        for (size_t j = 0; j < aliases_count(&a); j++) {
            struct alias e = aliases_entry(&a, j);
            usable += !e.reason && e.first == j;
        }
        assert_int_equal(usable, table[i].usable);
        aliases_free(&a);
        buf_free(&got);
    }
}

static void test_find(void **state)
{
    (void)state;
    static const char text[] = "root: x\nPostMaster: y\n\"a b\": z\nno@where: v\nRoot: w\n"
                               "plain: q\n\"q\\\"\\q\": r\n\"\\a\": s\n";
    static const struct {
        const char *mailbox;
        unsigned line; // 0: none
    } table[] = {
        {"root", 1},         {"ROOT", 1},       {"\"root\"", 1},
        {"postmaster", 2},   {"\"a b\"", 3},    {"\"A\\ B\"", 3},
        {"plain", 6},        {"\"q\\\"q\"", 7}, {"a", 8},
        {"roo", 0},          {"roots", 0},      {"no@where", 0},
        {"\"no@where\"", 0}, {"", 0},
    };
    struct aliases a;
    aliases_init(&a, span_of(text));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t which = 999;
        bool found = aliases_find(&a, span_of(table[i].mailbox), &which);
        if (found != (table[i].line != 0) ||
            (found && aliases_entry(&a, which).line != table[i].line))
            fail_msg("%s: %d", table[i].mailbox, found);
    }
    aliases_free(&a);
    aliases_init(&a, SPAN(""));
    size_t which;
    assert_false(aliases_find(&a, SPAN("root"), &which));
    aliases_free(&a);
}

static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct buf text = BUF_INIT(1 << 20);
    struct aliases a;
    for (int i = 0; i < COUNT; i++)
        buf_printf(&text, "user%d: target%d@example.org\n", i, i);
    aliases_init(&a, buf_span(&text));
    assert_int_equal(aliases_count(&a), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        char name[32];
        size_t which;
        snprintf(name, sizeof name, "User%u", i);
        assert_true(aliases_find(&a, span_of(name), &which));
        assert_int_equal(aliases_entry(&a, which).line, i + 1);
    }
    aliases_free(&a);
    buf_free(&text);
}

// ---- Values

static const char kinds[] = {
    [ALIAS_MAILBOX] = 'm', [ALIAS_FINAL] = 'f',   [ALIAS_PIPE] = 'p',
    [ALIAS_FILE] = '/',    [ALIAS_INCLUDE] = 'i', [ALIAS_BAD] = '!',
};

// "KIND LINE MAILBOX;..." of the first entry; the text in place of the mailbox where there is
// none.
static void list_values(const char *text, struct buf *out)
{
    struct aliases a;
    struct alias_reader r;
    struct alias_value v;
    // Of its own size, so that a step behind its end is seen.
    size_t n = strlen(text);
    char *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, text, n + 1);
    char *exact = realloc(copy, n ? n : 1);
    assert_non_null(exact);
    aliases_init(&a, (struct span){exact, n});
    assert_true(aliases_count(&a) > 0);
    struct alias e = aliases_entry(&a, 0);
    alias_reader_init(&r, &e);
    while (alias_reader_next(&r, &v)) {
        bool mailbox = v.kind == ALIAS_MAILBOX || v.kind == ALIAS_FINAL;
        assert_true(mailbox == (v.reason == NULL) && mailbox == (v.mailbox.n > 0));
        buf_printf(out, "%c%u %.*s;", kinds[v.kind], v.line,
                   SPAN_ARGS(mailbox ? v.mailbox : v.text));
    }
    assert_false(alias_reader_next(&r, &v));
    alias_reader_free(&r);
    aliases_free(&a);
    free(exact);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *values;
    } table[] = {
        {"a:", ""},
        {"a: \n\n# c\n", ""},
        {"a: ,,\n", ""},
        {"a: b", "m1 b;"},
        {"a:b,c\n", "m1 b;m1 c;"},
        {"a: b , c,\n", "m1 b;m1 c;"},
        {"a: b\n  c@d\n", "!1 b   c@d;"}, // a missing comma
        {"a: b,\n  c@d\n\n# x, y\n\t, e\nf: g\n", "m1 b;m2 c@d;m5 e;"},
        {"a: b, \\\nc@d\ne: f\n", "m1 b;m2 c@d;"},
        {"a: b,\\\r\n c\r\n", "m1 b;m2 c;"},
        {"a: b # c, d\n", "m1 b;"},
        {"a: b,# c\n d\n", "m1 b;!1 # c  d;"}, // no blank before it
        {"a: # c\n b\n", "m2 b;"},
        {"a: #b\n", ""},
        {"a: b,\n # c\n  d # e\n", "m1 b;m3 d;"},
        {"a: Sam <s@x.org>, \"T, U\" <t@x.org>\n", "m1 s@x.org;m1 t@x.org;"},
        {"a: s@x.org (Sam, # his)\n", "m1 s@x.org;"},
        {"a: s@x.org (a \\) b, c)\n", "m1 s@x.org;"},
        {"a: <@r,@q:s@x.org>, b\n", "m1 s@x.org;m1 b;"},
        {"a: \"b c\", \"d,e\"@f\n", "m1 \"b c\";m1 \"d,e\"@f;"},
        {"a: \"b \\\" , c\", d\n", "m1 \"b \\\" , c\";m1 d;"},
        {"a: \\root, \\b@c\n", "f1 root;f1 b@c;"},
        {"a: \\\"b c\"\n", "f1 \"b c\";"},
        {"a: j\xc3\xb6rg@b\xc3\xbc.de\n", "m1 j\xc3\xb6rg@b\xc3\xbc.de;"},
        // What is refused.
        {"a: |prog\n", "p1 |prog;"},
        {"a: \"|prog -x, 'y'\", b\n", "p1 \"|prog -x, 'y'\";m1 b;"},
        {"a: | \"prog a, b\", c\n", "p1 | \"prog a, b\";m1 c;"},
        {"a: /dev/null\n", "/1 /dev/null;"},
        {"a: \"/var/mail/x y\"\n", "/1 \"/var/mail/x y\";"},
        {"a: :include:/etc/l, b\n", "i1 :include:/etc/l;m1 b;"},
        {"a: :Include: /etc/l\n", "i1 :Include: /etc/l;"},
        {"a: \":include:/etc/l\"\n", "i1 \":include:/etc/l\";"},
        {"a: (x) |prog\n", "p1 (x) |prog;"},
        {"a: \\|prog, \\/f\n", "p1 \\|prog;/1 \\/f;"},
        {"a: X <\"/f g\">, <:include:/x>\n", "/1 X <\"/f g\">;!1 <:include:/x>;"},
        {"a: <\":include:/x\">\n", "i1 <\":include:/x\">;"},
        {"a: (x) |prog@x.org\n", "m1 |prog@x.org;"}, // an address like any other
        // What is wrong.
        {"a: :blackhole:\n", "!1 :blackhole:;"},
        {"a: b@c@d, e\n", "!1 b@c@d;m1 e;"},
        {"a: b@\n", "!1 b@;"},
        {"a: <>\n", "!1 <>;"},
        {"a: \"b, c\nd: e\n", "!1 \"b, c;"},
        {"a: <b, c\nd: e\n", "!1 <b, c;"},
        {"a: (b, c\nd: e\n", "!1 (b, c;"},
        {"a: b\x01\x63\n", "!1 b\x01\x63;"},
        {"a: g: b;\n", "!1 g: b;;"},
        {"a: \\\n", ""}, // joined to nothing
        {"a: \\", "!1 \\;"},
        {"a: b \\", "!1 b \\;"},
        {"a: \xff\n", "!1 \xff;"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf got = BUF_INIT(1000);
        list_values(table[i].text, &got);
        if (strcmp(buf_str(&got), table[i].values) != 0)
            fail_msg("%s gives %s", table[i].text, buf_str(&got));
        buf_free(&got);
    }
}

// A text cut anywhere is read without harm, and all entries but the last are as they were.
static void test_cut(void **state)
{
    (void)state;
    static const char text[] = "root: a, \"|p, q\", \\b\n# c\n \"c d\"@e (f\\)), # g\n\n"
                               "\"x y\": :include:/z, \\\n <@r:s@t>\nlast: u\n";
    struct aliases whole;
    aliases_init(&whole, SPAN(text));
    for (size_t n = 0; n < sizeof text; n++) {
        struct aliases a;
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, text, n);
        aliases_init(&a, (struct span){copy, n});
        for (size_t i = 0; i < aliases_count(&a); i++) {
            struct alias_reader r;
            struct alias_value v;
            struct alias e = aliases_entry(&a, i), was = aliases_entry(&whole, i);
            if (i + 1 < aliases_count(&a))
                assert_true(span_equal(e.name, was.name) && e.list.n == was.list.n);
            alias_reader_init(&r, &e);
            while (alias_reader_next(&r, &v))
                assert_true(v.line >= e.line && v.text.n);
            alias_reader_free(&r);
        }
        aliases_free(&a);
        free(copy);
    }
    aliases_free(&whole);
}

static void test_long(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(100000), got = BUF_INIT(100000);
    buf_puts(&text, "a: ");
    for (int i = 0; i < 20000; i++)
        buf_putc(&text, 'x');
    buf_puts(&text, ", b\n");
    list_values(buf_str(&text), &got);
    assert_int_equal(buf_str(&got)[0], '!');
    assert_non_null(strstr(buf_str(&got), ";m1 b;"));
    buf_free(&text);
    buf_free(&got);
}

static void test_blame(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    alias_blame(&out, "/etc/aliases", 7, SPAN("root"), SPAN("|p\x1b"), "no");
    assert_string_equal(buf_str(&out), "/etc/aliases:7: root: |p?: no");
    buf_clear(&out);
    alias_blame(&out, "/a", 1, SPAN(""), SPAN(""), "no");
    assert_string_equal(buf_str(&out), "/a:1: no");
    buf_clear(&out);
    char name[200];
    memset(name, 'n', sizeof name);
    alias_blame(&out, "/a", 1, (struct span){name, sizeof name}, SPAN(""), "no");
    assert_in_range(out.n, 100, 120);
    assert_non_null(strstr(buf_str(&out), "nnn...: no"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries), cmocka_unit_test(test_find),
        cmocka_unit_test(test_many),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_long),
        cmocka_unit_test(test_blame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
