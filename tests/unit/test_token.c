// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "message/token.h"

// The tokens of a text: their kind, then the text in brackets.
static void read_tokens(struct buf *out, struct span text, bool folded)
{
    static const char letters[] = {
        [TOKEN_END] = '.',     [TOKEN_ATOM] = 'a',    [TOKEN_QUOTED] = 'q',
        [TOKEN_LITERAL] = 'l', [TOKEN_ENCODED] = 'e', [TOKEN_SPECIAL] = 's',
        [TOKEN_BAD] = '!',
    };
    struct token_reader r = {.text = text, .folded = folded};
    struct token t;
    do {
        t = token_next(&r);
        buf_putc(out, letters[t.kind]);
        assert_int_equal(t.special, t.kind == TOKEN_SPECIAL ? t.text.p[0] : '\0');
        if (t.kind == TOKEN_BAD) {
            buf_puts(out, r.reason);
        } else if (t.kind != TOKEN_END) {
            buf_putc(out, '[');
            buf_put_span(out, t.text);
            buf_putc(out, ']');
        }
    } while (t.kind != TOKEN_END && t.kind != TOKEN_BAD);
}

static void tokens_are_read(void **state)
{
    static const struct {
        struct span in;
        bool folded;
        const char *want;
    } rows[] = {
        {SPAN_INIT(""), false, "."},
        {SPAN_INIT(" \t(a(b)c)"), false, "."},
        {SPAN_INIT("a b"), false, "a[a]a[b]."},
        {SPAN_INIT("a(x)b"), false, "a[a]a[b]."},
        {SPAN_INIT("<@,:;.>"), false, "s[<]s[@]s[,]s[:]s[;]s[.]s[>]."},
        {SPAN_INIT("\"a\\\"(\"x"), false, "q[\"a\\\"(\"]a[x]."},
        {SPAN_INIT("[a(]x"), false, "l[[a(]]a[x]."},
        {SPAN_INIT("[a\\]b]"), false, "l[[a\\]b]]."},
        {SPAN_INIT("=?a?q?b,c?=d"), false, "e[=?a?q?b,c?=]a[d]."},
        {SPAN_INIT("=?a?q?b c?="), false, "a[=?a?q?b]a[c?=]."},
        {SPAN_INIT("=?a?q?b"), false, "a[=?a?q?b]."},
        {SPAN_INIT("=?a?q?b?x"), false, "a[=?a?q?b?x]."},
        {SPAN_INIT("=?a,?q?b?="), false, "a[=?a]s[,]a[?q?b?=]."},
        {SPAN_INIT("="), false, "a[=]."},
        {SPAN_INIT("a\n b\n"), true, "a[a]a[b]."},
        {SPAN_INIT("a\n b\n"), false, "a[a]!control character"},
        {SPAN_INIT("a\nb"), true, "a[a]!control character"},
        {SPAN_INIT("(\\\n x)"), true, "."},
        {SPAN_INIT("(\\\nx)"), true, "!control character"},
        {SPAN_INIT("(\x01)\"\x01\""), true, "q[\"\x01\"]."},
        {SPAN_INIT("(\x01)"), false, "!control character"},
        {SPAN_INIT("\"\\\x01\""), false, "!control character"},
        {SPAN_INIT("\"\t\""), false, "q[\"\t\"]."},
        {SPAN_INIT("(\\"), false, "!unbalanced parenthesis"},
        {SPAN_INIT("\"\\"), false, "!unbalanced quotes"},
        {SPAN_INIT("("), false, "!unbalanced parenthesis"},
        {SPAN_INIT(")"), false, "!unbalanced parenthesis"},
        {SPAN_INIT("["), false, "!unbalanced bracket"},
        {SPAN_INIT("]"), false, "!unbalanced bracket"},
        {SPAN_INIT("\""), false, "!unbalanced quotes"},
        {SPAN_INIT("\\"), false, "!stray character"},
        {SPAN_INIT("\x7f"), false, "!control character"},
        {SPAN_INIT("a\0"), false, "a[a]!control character"},
        {SPAN_INIT("\x80\xff"), false, "a[\x80\xff]."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(1000);
        read_tokens(&out, rows[i].in, rows[i].folded);
        assert_string_equal(buf_str(&out), rows[i].want);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
