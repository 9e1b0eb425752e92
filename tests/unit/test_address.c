// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "message/address.h"
#include "message/envelope.h"

// Parses a copy that has nothing behind it, so that a sanitizer sees a step too far. What comes
// out: mailboxes parted by '|', "g:" before one in a group, '*' behind a bare one; at an error
// "! reason: text".
static void parse(struct buf *out, struct span text, bool folded)
{
    struct address_list l;
    struct address a;
    enum address_answer answer;
    char *copy = malloc(text.n ? text.n : 1);
    if (text.n)
        memcpy(copy, text.p, text.n);
    address_init(&l, (struct span){copy, text.n}, folded);
    while ((answer = address_next(&l, &a)) == ADDRESS_ONE) {
        buf_puts(out, out->n ? "|" : "");
        buf_puts(out, a.grouped ? "g:" : "");
        buf_put_span(out, a.mailbox);
        buf_puts(out, a.bare ? "*" : "");
        assert_int_equal(a.bare, address_is_bare(a.mailbox));
        assert_true(a.source.p >= copy && a.source.n > 0);
        assert_true(a.source.p + a.source.n <= copy + text.n);
    }
    if (answer == ADDRESS_BAD) {
        assert_int_equal(address_next(&l, &a), ADDRESS_BAD);
        buf_puts(out, out->n ? "|! " : "! ");
        buf_puts(out, l.reason);
        buf_puts(out, ": ");
        buf_put_span(out, l.bad);
    }
    address_free(&l);
    free(copy);
}

struct row {
    struct span in;
    const char *out;
};

static void check(const struct row *rows, size_t n, bool folded)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf out = BUF_INIT(10000);
        parse(&out, rows[i].in, folded);
        bool right = strcmp(buf_str(&out), rows[i].out) == 0;
        wrong += !right;
        if (!right)
            print_error("\"%.*s\": want \"%s\", got \"%s\"\n", SPAN_ARGS(rows[i].in),
                        rows[i].out, buf_str(&out));
        buf_free(&out);
    }
    assert_int_equal(wrong, 0);
}

static const struct row good[] = {
    // nothing
    {SPAN_INIT(""), ""},
    {SPAN_INIT(" \t"), ""},
    {SPAN_INIT(","), ""},
    {SPAN_INIT(" , ,,"), ""},
    {SPAN_INIT("(nobody)"), ""},
    {SPAN_INIT("(a, (b <c@d>)) , (e)"), ""},
    // one mailbox
    {SPAN_INIT("a@x"), "a@x"},
    {SPAN_INIT("<a@x>"), "a@x"},
    {SPAN_INIT(" < a@x > "), "a@x"},
    {SPAN_INIT("Sam <a@x>"), "a@x"},
    {SPAN_INIT("Sam<a@x>"), "a@x"},
    {SPAN_INIT("\"Q, R\" <a@x>"), "a@x"},
    {SPAN_INIT("\"Q \\\"<b@y>\\\" R\" <a@x>"), "a@x"},
    {SPAN_INIT("Joe Q. Public <john.q.public@example.com>"), "john.q.public@example.com"},
    {SPAN_INIT("a@x (Sam)"), "a@x"},
    {SPAN_INIT("(Sam) a@x"), "a@x"},
    {SPAN_INIT("a (b) @ (c) x (d) . (e) y (f)"), "a@x.y"},
    {SPAN_INIT("a@x (((deep) \\) \\( ) er)"), "a@x"},
    {SPAN_INIT("a.b-c_d+e@x-1.y"), "a.b-c_d+e@x-1.y"},
    {SPAN_INIT("!#$%&'*+-/=?^_`{|}~@x"), "!#$%&'*+-/=?^_`{|}~@x"},
    {SPAN_INIT("Aa@Xx.YY"), "Aa@Xx.YY"},
    {SPAN_INIT("a@x.y."), "a@x.y"},
    {SPAN_INIT("<a@x.>"), "a@x"},
    {SPAN_INIT("a@127.0.0.1"), "a@127.0.0.1"},
    {SPAN_INIT("a@host_name"), "a@host_name"},
    {SPAN_INIT("a%b@x"), "a%b@x"},
    // bare names
    {SPAN_INIT("root"), "root*"},
    {SPAN_INIT("<root>"), "root*"},
    {SPAN_INIT("mdadm monitoring <root>"), "root*"},
    {SPAN_INIT("root (Cron Daemon)"), "root*"},
    {SPAN_INIT("\"(Cron Daemon)\" <root>"), "root*"},
    {SPAN_INIT("john.doe"), "john.doe*"},
    {SPAN_INIT("\"john doe\""), "\"john doe\"*"},
    {SPAN_INIT("host!user"), "host!user*"},
    {SPAN_INIT("-f"), "-f*"},
    // local parts that must, or need not, be quoted
    {SPAN_INIT("\"a b\"@x"), "\"a b\"@x"},
    {SPAN_INIT("\"ab\"@x"), "ab@x"},
    {SPAN_INIT("\"a.b\"@x"), "a.b@x"},
    {SPAN_INIT("\"a\\b\"@x"), "ab@x"},
    {SPAN_INIT("\"a\\\"b\"@x"), "\"a\\\"b\"@x"},
    {SPAN_INIT("\"a\\\\b\"@x"), "\"a\\\\b\"@x"},
    {SPAN_INIT("\"a@b\"@x"), "\"a@b\"@x"},
    {SPAN_INIT("\"a@b\""), "\"a@b\"*"},
    {SPAN_INIT("\"a>,<b\"@x"), "\"a>,<b\"@x"},
    {SPAN_INIT("\"\"@x"), "\"\"@x"},
    {SPAN_INIT("\"a b\".c@x"), "\"a b.c\"@x"},
    {SPAN_INIT("a . \"b\" . c@x"), "a.b.c@x"},
    {SPAN_INIT("a..b@x"), "\"a..b\"@x"},
    {SPAN_INIT("a.@x"), "\"a.\"@x"},
    {SPAN_INIT(".a@x"), "\".a\"@x"},
    // literals
    {SPAN_INIT("a@[192.0.2.1]"), "a@[192.0.2.1]"},
    {SPAN_INIT("a@[IPv6:2001:db8::1]"), "a@[IPv6:2001:db8::1]"},
    {SPAN_INIT("<a@[ 192.0.2.1 ]> (x)"), "a@[192.0.2.1]"},
    // lists
    {SPAN_INIT("a@x,b@y"), "a@x|b@y"},
    {SPAN_INIT("a@x, <b@y>, Sam <c@z>"), "a@x|b@y|c@z"},
    {SPAN_INIT(",a@x,,b@y,"), "a@x|b@y"},
    {SPAN_INIT("a@x (,) , b@y"), "a@x|b@y"},
    {SPAN_INIT("root, a@x"), "root*|a@x"},
    // groups
    {SPAN_INIT("undisclosed-recipients:;"), ""},
    {SPAN_INIT("Undisclosed recipients: ;"), ""},
    {SPAN_INIT("undisclosed-recipients:"), ""},
    {SPAN_INIT("nobody: , (x) ,;"), ""},
    {SPAN_INIT("g:a@x;"), "g:a@x"},
    {SPAN_INIT("\"g: h\" : a@x, Sam <b@y>, ;, c@z"), "g:a@x|g:b@y|c@z"},
    {SPAN_INIT("g:;, h:a@x;,b@y"), "g:a@x|b@y"},
    {SPAN_INIT("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
     "g:c@a.test|g:joe@where.test|g:jdoe@one.test"},
    // routes
    {SPAN_INIT("<@a:b@x>"), "b@x"},
    {SPAN_INIT("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"),
     "mary@example.net|jdoe@test.example"},
    {SPAN_INIT("<@a,@b.c , ,@[192.0.2.1]:d@x>"), "d@x"},
    // names as people write them
    {SPAN_INIT("[List] Foo <a@x>"), "a@x"},
    {SPAN_INIT("a@x <a@x>"), "a@x"},
    {SPAN_INIT("A@x <a@X>"), "a@X"},
    {SPAN_INIT("=?utf-8?q?J=C3=B6rg?= <a@x>"), "a@x"},
    {SPAN_INIT("=?utf-8?Q?Foo,_Bar?= <a@x>, b@y"), "a@x|b@y"},
    {SPAN_INIT("=?utf-8?B?Zm9v?= =?utf-8?B?Zm9v?=\t<a@x>"), "a@x"},
    {SPAN_INIT("=?utf-8?q?a@b?= <a@x>"), "a@x"},
    {SPAN_INIT("J\xc3\xb6rg <a@x>"), "a@x"},
    {SPAN_INIT("J\xf6rg <a@x> (gr\xfc\xdf"
               "e)"),
     "a@x"},
    {SPAN_INIT("a=?utf-8?q?x?="), "a=?utf-8?q?x?=*"},
    // addresses that are not ASCII
    {SPAN_INIT("j\xc3\xb6rg@b\xc3\xbc"
               "cher.example"),
     "j\xc3\xb6rg@b\xc3\xbc"
     "cher.example"},
    {SPAN_INIT("\"j\xc3\xb6 rg\"@x"), "\"j\xc3\xb6 rg\"@x"},
    {SPAN_INIT("\xf0\x9f\x93\xae"), "\xf0\x9f\x93\xae*"},
    // never an action
    {SPAN_INIT("|/bin/sh"), "|/bin/sh*"},
    {SPAN_INIT("\"|/bin/sh -c x\""), "\"|/bin/sh -c x\"*"},
    {SPAN_INIT("/etc/passwd"), "/etc/passwd*"},
};

static const struct row bad[] = {
    {SPAN_INIT("a@x b@y"), "! missing comma: a@x b@y"},
    {SPAN_INIT("a@x <b@y>"), "! missing comma: a@x <b@y>"},
    {SPAN_INIT("<a@x> <b@y>"), "! missing comma: <a@x> <b@y>"},
    {SPAN_INIT("<a@x> b@y"), "! missing comma: <a@x> b@y"},
    {SPAN_INIT("<a@x> Sam"), "! missing comma: <a@x> Sam"},
    {SPAN_INIT("root admin"), "! missing comma: root admin"},
    {SPAN_INIT("a \"b\"@x"), "! missing comma: a \"b\"@x"},
    {SPAN_INIT("a@x y"), "! missing comma: a@x y"},
    {SPAN_INIT("a@x.y z, b@y"), "! missing comma: a@x.y z"},
    {SPAN_INIT("g:a@x; b@y"), "! missing comma: a@x; b@y"},
    {SPAN_INIT("g:; b@y"), "! missing comma: ; b@y"},
    {SPAN_INIT("c@z, a@x b@y , d@w"), "c@z|! missing comma: a@x b@y"},
    {SPAN_INIT("=?utf-8?q?x?="), "! not an address: =?utf-8?q?x?="},
    {SPAN_INIT("[x]"), "! not an address: [x]"},
    {SPAN_INIT("a [x]"), "! missing comma: a [x]"},
    {SPAN_INIT("."), "! no local part: ."},
    {SPAN_INIT("@x"), "! no local part: @x"},
    {SPAN_INIT("<@x>"), "! bad route: <@x>"},
    {SPAN_INIT("<@x a@y>"), "! bad route: <@x a@y>"},
    {SPAN_INIT("<@:a@y>"), "! bad domain: <@:a@y>"},
    {SPAN_INIT("<>"), "! empty address: <>"},
    {SPAN_INIT("Sam < (x) >"), "! empty address: Sam < (x) >"},
    {SPAN_INIT("a@"), "! bad domain: a@"},
    {SPAN_INIT("<a@>"), "! bad domain: <a@>"},
    {SPAN_INIT("a@."), "! bad domain: a@."},
    {SPAN_INIT("a@x..y"), "! bad domain: a@x..y"},
    {SPAN_INIT("a@.x"), "! bad domain: a@.x"},
    {SPAN_INIT("a@@b..c"), "! bad domain: a@@b..c"},
    {SPAN_INIT("a@b@c"), "! more than one @: a@b@c"},
    {SPAN_INIT("a@x!y"), "! bad domain: a@x!y"},
    {SPAN_INIT("a@\"x\""), "! bad domain: a@\"x\""},
    {SPAN_INIT("a@=?utf-8?q?x?="), "! bad domain: a@=?utf-8?q?x?="},
    {SPAN_INIT("a@[]"), "! bad domain: a@[]"},
    {SPAN_INIT("a@[a[b]"), "! bad domain: a@[a[b]"},
    {SPAN_INIT("a@[a\\]b]"), "! bad domain: a@[a\\]b]"},
    {SPAN_INIT("a@[x].y"), "! bad domain: a@[x].y"},
    {SPAN_INIT("a@[x"), "! unbalanced bracket: a@[x"},
    {SPAN_INIT("a@x]"), "! unbalanced bracket: a@x]"},
    {SPAN_INIT("<a@x"), "! unbalanced angle bracket: <a@x"},
    {SPAN_INIT("a@x>"), "! unbalanced angle bracket: a@x>"},
    {SPAN_INIT("<<a@x>>"), "! no local part: <<a@x>>"},
    {SPAN_INIT("Sam <a@x, b@y>"), "! unbalanced angle bracket: Sam <a@x, b@y>"},
    {SPAN_INIT("<a@x>>"), "! missing comma: <a@x>>"},
    {SPAN_INIT("\"a@x"), "! unbalanced quotes: \"a@x"},
    {SPAN_INIT("\"a\\\"@x"), "! unbalanced quotes: \"a\\\"@x"},
    {SPAN_INIT("a\"@x"), "! unbalanced quotes: a\"@x"},
    {SPAN_INIT("a@x (b"), "! unbalanced parenthesis: a@x (b"},
    {SPAN_INIT("a@x (b\\)"), "! unbalanced parenthesis: a@x (b\\)"},
    {SPAN_INIT("a@x )b"), "! unbalanced parenthesis: a@x )b"},
    {SPAN_INIT("(a@x"), "! unbalanced parenthesis: (a@x"},
    {SPAN_INIT("<a@x (b)> (c"), "! unbalanced parenthesis: <a@x (b)> (c"},
    {SPAN_INIT("a\\b@x"), "! stray character: a\\b@x"},
    {SPAN_INIT("\\"), "! stray character: \\"},
    {SPAN_INIT("a@x;"), "! stray semicolon: a@x;"},
    {SPAN_INIT("a@x; b@y"), "! stray semicolon: a@x; b@y"},
    {SPAN_INIT(";"), "! stray semicolon: ;"},
    {SPAN_INIT(":include:/etc/passwd"), "! stray colon: :include:/etc/passwd"},
    {SPAN_INIT("a@x: b@y;"), "! stray colon: a@x: b@y;"},
    {SPAN_INIT("g:h:a@x;;"), "! group within a group: h:a@x;;"},
    {SPAN_INIT("g:a@x"), "! group is not closed: a@x"},
    {SPAN_INIT("g:a@x,"), "g:a@x|! group is not closed: "},
    {SPAN_INIT("mailto:a@x"), "! group is not closed: a@x"},
    {SPAN_INIT("\xe4@x"), "! not UTF-8: \xe4@x"},
    {SPAN_INIT("a@\xc3"), "! not UTF-8: a@\xc3"},
    {SPAN_INIT("a\xc2\x85@x"), "! control character: a\xc2\x85@x"},
    {SPAN_INIT("\"a\tb\"@x"), "! control character: \"a\tb\"@x"},
    {SPAN_INIT("\"a\\\tb\"@x"), "! control character: \"a\\\tb\"@x"},
    {SPAN_INIT("a\x01@x"), "! control character: a\x01@x"},
    {SPAN_INIT("a\x7f@x"), "! control character: a\x7f@x"},
};

// What is refused on a command line whatever it stands in.
static const struct row bad_words[] = {
    {SPAN_INIT("a@x\n"), "! control character: a@x"},
    {SPAN_INIT("a@x\n b@y"), "! control character: a@x\n b@y"},
    {SPAN_INIT("a@x,\n b@y"), "a@x|! control character: b@y"},
    {SPAN_INIT("a@x\r"), "! control character: a@x"},
    {SPAN_INIT("\n"), "! control character: "},
    {SPAN_INIT("a@x (b\nc)"), "! control character: a@x (b\nc)"},
    {SPAN_INIT("\"b\nc\" <a@x>"), "! control character: \"b\nc\" <a@x>"},
    {SPAN_INIT("\"b\\\nc\" <a@x>"), "! control character: \"b\\\nc\" <a@x>"},
    {SPAN_INIT("\"\x1b[m\" <a@x>"), "! control character: \"\x1b[m\" <a@x>"},
    {SPAN_INIT("a@[\n 1]"), "! control character: a@[\n 1]"},
};

static const struct row folded[] = {
    {SPAN_INIT(" a@x\n"), "a@x"},
    {SPAN_INIT(" a@x,\n b@y,\n\tc@z\n"), "a@x|b@y|c@z"},
    {SPAN_INIT("\n a@x\n"), "a@x"},
    {SPAN_INIT(" Mary Smith\n    \n          <mary@example.net>\n"), "mary@example.net"},
    {SPAN_INIT(" Pete(A wonderful \\) chap) <pete(his account)@silly.test(his host)>\n"),
     "pete@silly.test"},
    {SPAN_INIT(
         "A Group(Some people)\n     :Chris Jones <c@(Chris's host.)public.example>,\n"
         "         joe@example.org,\n  John <jdoe@one.test> (my dear friend); (the end of "
         "the group)\n"),
     "g:c@public.example|g:joe@example.org|g:jdoe@one.test"},
    {SPAN_INIT("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;\n"), ""},
    {SPAN_INIT(" <boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>\n"),
     "boss@nil.test|sysservices@example.net"},
    {SPAN_INIT(" Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>\n"),
     "mary@x.test|jdoe@example.org|one@y.test"},
    {SPAN_INIT(" a (b\n c) @\n x\n"), "a@x"},
    {SPAN_INIT(" \"a\n b\"@x\n"), "\"a b\"@x"},
    {SPAN_INIT(" \"b\n c\" <a@x>\n"), "a@x"},
    {SPAN_INIT(" \"\x1b$B\" <a@x> (\x1b$B)\n"), "a@x"},
    {SPAN_INIT(" a@[192.0.\n 2.1]\n"), "a@[192.0.2.1]"},
    {SPAN_INIT(" undisclosed-recipients:;\n"), ""},
    {SPAN_INIT("\n"), ""},
    {SPAN_INIT(" a@x\nb@y\n"), "! control character: a@x\nb@y"},
    {SPAN_INIT(" a@x (\nb)\n"), "! control character: a@x (\nb)"},
    {SPAN_INIT(" a@x\x1b\n"), "! control character: a@x\x1b"},
    {SPAN_INIT(" \"a\x1b\"@x\n"), "! control character: \"a\x1b\"@x"},
    {SPAN_INIT(" a@x b@y,\n c@z\n"), "! missing comma: a@x b@y"},
};

#define CHECK(rows, folded) check(rows, sizeof(rows) / sizeof *(rows), folded)

static void lists_are_read(void **state)
{
    (void)state;
    CHECK(good, false);
    CHECK(good, true);
    CHECK(bad, false);
    CHECK(bad, true);
    CHECK(bad_words, false);
    CHECK(folded, true);
}

// Every beginning of every list is read to an end, or refused, without a step too far.
static void cut_lists_are_survived(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof good / sizeof *good; row++)
        for (size_t n = 0; n < good[row].in.n; n++) {
            struct buf out = BUF_INIT(10000);
            parse(&out, (struct span){good[row].in.p, n}, n % 2);
            buf_free(&out);
        }
}

static void places_are_told(void **state)
{
    static const struct {
        struct span in;
        struct span source, name;
    } rows[] = {
        {SPAN_INIT("root"), SPAN_INIT("root"), SPAN_INIT("")},
        {SPAN_INIT(" (x) root (y) , b"), SPAN_INIT("root"), SPAN_INIT("")},
        {SPAN_INIT("Sam  Q. <root>"), SPAN_INIT("root"), SPAN_INIT("Sam  Q.")},
        {SPAN_INIT("(x) \"S, M\" (z) < (y) a . b (t)>"), SPAN_INIT("a . b"),
         SPAN_INIT("\"S, M\"")},
        {SPAN_INIT("a (b)@x. (c)"), SPAN_INIT("a (b)@x."), SPAN_INIT("")},
        {SPAN_INIT("g:\"a b\"@[1 ] (c);"), SPAN_INIT("\"a b\"@[1 ]"), SPAN_INIT("")},
        {SPAN_INIT("g: S <@a, @b : c@d >;"), SPAN_INIT("@a, @b : c@d"), SPAN_INIT("S")},
        {SPAN_INIT("=?a?q?b,c?= d <e>"), SPAN_INIT("e"), SPAN_INIT("=?a?q?b,c?= d")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address_list l;
        struct address a;
        address_init(&l, rows[i].in, false);
        assert_int_equal(address_next(&l, &a), ADDRESS_ONE);
        assert_true(span_equal(a.source, rows[i].source));
        assert_true(span_equal(a.name, rows[i].name));
        address_free(&l);
    }
}

static void paths_are_read(void **state)
{
    static const struct {
        struct span in;
        const char *mailbox; // NULL where there is a reason instead
        const char *reason;
    } rows[] = {
        {SPAN_INIT(""), "", NULL},
        {SPAN_INIT(" "), "", NULL},
        {SPAN_INIT("<>"), "", NULL},
        {SPAN_INIT(" <> "), "", NULL},
        {SPAN_INIT("s@x"), "s@x", NULL},
        {SPAN_INIT("<s@x>"), "s@x", NULL},
        {SPAN_INIT("Sam <s@x>"), "s@x", NULL},
        {SPAN_INIT("\"Q, R\" <s@x>"), "s@x", NULL},
        {SPAN_INIT("<@a,@b:s@x>"), "s@x", NULL},
        {SPAN_INIT("www-data"), "www-data", NULL},
        {SPAN_INIT("<root>"), "root", NULL},
        {SPAN_INIT("\"a b\"@x"), "\"a b\"@x", NULL},
        {SPAN_INIT("s@x, t@y"), NULL, "more than one address"},
        {SPAN_INIT("s@x t@y"), NULL, "missing comma"},
        {SPAN_INIT("g:s@x;"), NULL, "not an address"},
        {SPAN_INIT("g:;"), NULL, "not an address"},
        {SPAN_INIT(","), NULL, "not an address"},
        {SPAN_INIT("(x)"), NULL, "not an address"},
        {SPAN_INIT("<<>>"), NULL, "no local part"},
        {SPAN_INIT("<> <>"), NULL, "empty address"},
        {SPAN_INIT("s@x, t@"), NULL, "bad domain"},
        {SPAN_INIT("s@x\n"), NULL, "control character"},
        {SPAN_INIT("s@x\nBcc: t@y"), NULL, "control character"},
        {SPAN_INIT("s@x\r"), NULL, "control character"},
        {SPAN_INIT("s\0@x"), NULL, "control character"},
        {SPAN_INIT("\ts@x"), NULL, "control character"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(1000);
        buf_puts(&out, "-");
        const char *reason = address_path(&out, rows[i].in);
        if (rows[i].reason) {
            assert_non_null(reason);
            assert_string_equal(reason, rows[i].reason);
            assert_string_equal(buf_str(&out), "-");
        } else {
            assert_null(reason);
            assert_string_equal(buf_str(&out) + 1, rows[i].mailbox);
        }
        buf_free(&out);
    }
}

static const char *reason_for(struct buf *text)
{
    struct buf out = BUF_INIT(10000);
    const char *reason = address_path(&out, buf_span(text));
    buf_free(&out);
    return reason ? reason : "";
}

static void put_many(struct buf *out, char c, size_t n)
{
    while (n--)
        buf_putc(out, c);
}

static void lengths_are_bounded(void **state)
{
    struct buf text = BUF_INIT(10000);
    (void)state;
    put_many(&text, 'a', 200);
    buf_putc(&text, '@');
    put_many(&text, 'x', ADDRESS_DOMAIN_MAX);
    assert_string_equal(reason_for(&text), "");
    buf_putc(&text, 'x');
    assert_string_equal(reason_for(&text), "domain too long");

    buf_clear(&text);
    put_many(&text, 'a', ENVELOPE_ADDRESS_MAX);
    assert_string_equal(reason_for(&text), "");
    buf_putc(&text, 'a');
    assert_string_equal(reason_for(&text), "address too long");
    put_many(&text, 'a', 5000);
    buf_puts(&text, "@x");
    assert_string_equal(reason_for(&text), "address too long");

    buf_clear(&text);
    put_many(&text, 'a', ENVELOPE_ADDRESS_MAX - 2);
    buf_puts(&text, "@x.");
    assert_string_equal(reason_for(&text), "");

    // A quote that must be written twice counts twice.
    buf_clear(&text);
    buf_putc(&text, '"');
    for (size_t i = 0; i < ENVELOPE_ADDRESS_MAX / 2; i++)
        buf_puts(&text, "\\\"");
    buf_puts(&text, "\"@x");
    assert_string_equal(reason_for(&text), "address too long");
    buf_free(&text);
}

static void bare_mailboxes_are_known(void **state)
{
    (void)state;
    assert_false(address_is_bare(SPAN("")));
    assert_true(address_is_bare(SPAN("root")));
    assert_false(address_is_bare(SPAN("root@x")));
    assert_true(address_is_bare(SPAN("\"a@b\"")));
    assert_true(address_is_bare(SPAN("\"a\\\"@b\"")));
    assert_false(address_is_bare(SPAN("\"a\\\"@b\"@c")));
    assert_true(address_is_bare(SPAN("\"a@b")));
    assert_true(address_is_bare(SPAN("\"a\\")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),      cmocka_unit_test(cut_lists_are_survived),
        cmocka_unit_test(places_are_told),     cmocka_unit_test(paths_are_read),
        cmocka_unit_test(lengths_are_bounded), cmocka_unit_test(bare_mailboxes_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
