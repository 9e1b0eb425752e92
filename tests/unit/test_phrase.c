// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "message/address.h"
#include "message/phrase.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    struct span name;
    size_t column;
    const char *want;
} rows[] = {
    {SPAN_INIT(""), 6, ""},
    {SPAN_INIT("  "), 6, ""},
    {SPAN_INIT("Cron Daemon"), 6, "Cron Daemon"},
    {SPAN_INIT(" Cron Daemon "), 6, "Cron Daemon"},
    {SPAN_INIT("O'Neill"), 6, "O'Neill"},
    {SPAN_INIT("Joe Q. Public"), 6, "\"Joe Q. Public\""},
    {SPAN_INIT("(Cron Daemon)"), 6, "\"(Cron Daemon)\""},
    {SPAN_INIT("Public, Joe"), 6, "\"Public, Joe\""},
    {SPAN_INIT("a <b@c>"), 6, "\"a <b@c>\""},
    {SPAN_INIT("a \"b\" \\c"), 6, "\"a \\\"b\\\" \\\\c\""},
    {SPAN_INIT("a  b"), 6, "\"a  b\""},
    {SPAN_INIT("a:b;c"), 6, "\"a:b;c\""},
    {SPAN_INIT("[a]"), 6, "\"[a]\""},
    {SPAN_INIT("=?utf-8?q?x?="), 6, "\"=?utf-8?q?x?=\""},
    // nothing becomes a field of its own, or worse
    {SPAN_INIT("a\nBcc: b@c"), 6, "\"a Bcc: b@c\""},
    {SPAN_INIT("a\r\nb"), 6, "\"a  b\""},
    {SPAN_INIT("a\x1b[m\0"), 6, "\"a?[m?\""},
    {SPAN_INIT("a\tb"), 6, "a b"},
    // what is not ASCII
    {SPAN_INIT("J\xc3\xb6rg"), 6, "=?utf-8?q?J=C3=B6rg?="},
    {SPAN_INIT("J\xc3\xb6rg, A. (x)_=?"), 6, "=?utf-8?q?J=C3=B6rg=2C_A=2E_=28x=29=5F=3D=3F?="},
    {SPAN_INIT("J\xf6rg"), 6, "J?rg"},
    {SPAN_INIT("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
               "\xe2\x82\xac\xe2\x82\xac"),
     6,
     "=?utf-8?q?=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC?=\n"
     " =?utf-8?q?=E2=82=AC=E2=82=AC?="},
    {SPAN_INIT("\xf0\x9f\x93\xae x"), 52, "=?utf-8?q?=F0=9F=93=AE?=\n =?utf-8?q?_x?="},
    {SPAN_INIT("\xf0\x9f\x93\xae x"), 53, "\n =?utf-8?q?=F0=9F=93=AE_x?="},
    // folding
    {SPAN_INIT(A50 " bbbbbbbbbbbbbbbbbbb"), 6, A50 " bbbbbbbbbbbbbbbbbbb"},
    {SPAN_INIT(A50 " bbbbbbbbbbbbbbbbbbbb"), 6, A50 "\n bbbbbbbbbbbbbbbbbbbb"},
    {SPAN_INIT(A50 ". " A50 " " A50), 6, "\"" A50 ".\n " A50 "\n " A50 "\""},
    {SPAN_INIT(A50 A50 " b"), 6, A50 A50 "\n b"},
};

static void names_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(1000);
        phrase_put(&out, rows[i].name, rows[i].column);
        assert_string_equal(buf_str(&out), rows[i].want);
        buf_free(&out);
    }
}

// Whatever the name is, what was made of it is read as a display name and nothing more.
static void any_name_is_a_phrase(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (unsigned d = 0; d < 256; d++) {
            const char name[] = {'x', (char)c, (char)d, 'y', ' ', (char)d, (char)c};
            struct buf out = BUF_INIT(1000);
            struct address_list l;
            struct address a;
            phrase_put(&out, (struct span){name, sizeof name}, 6);
            buf_puts(&out, " <a@b>");
            address_init(&l, buf_span(&out), true);
            assert_int_equal(address_next(&l, &a), ADDRESS_ONE);
            assert_true(span_equal(a.mailbox, SPAN("a@b")));
            assert_int_equal(address_next(&l, &a), ADDRESS_END);
            address_free(&l);
            for (size_t i = 0; i < out.n; i++)
                assert_true((out.p[i] >= ' ' && out.p[i] < 0x7f) || out.p[i] == '\n');
            buf_free(&out);
        }
}

static void long_names_are_cut_and_folded(void **state)
{
    struct buf name = BUF_INIT(10000);
    struct buf out = BUF_INIT(10000);
    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_puts(&name, "\xc3\xb6");
    phrase_put(&out, buf_span(&name), 6);
    size_t characters = 0;
    struct span rest = buf_span(&out);
    struct span line;
    for (size_t before = 6; span_cut(&rest, '\n', &line); before = 0) {
        assert_true(before + line.n <= PHRASE_LINE_MAX);
        assert_true(span_starts_nocase(span_trim(line), SPAN("=?utf-8?q?=C3=B6")));
        assert_memory_equal(line.p + line.n - 8, "=C3=B6?=", 8);
        characters += (span_trim(line).n - 12) / 6;
    }
    assert_int_equal(characters, PHRASE_NAME_MAX / 2);
    buf_free(&name);
    buf_free(&out);
}

static void gecos_is_read(void **state)
{
    static const struct {
        struct span gecos, login;
        const char *want;
    } names[] = {
        {SPAN_INIT(""), SPAN_INIT("sam"), ""},
        {SPAN_INIT("Sam Smith"), SPAN_INIT("sam"), "Sam Smith"},
        {SPAN_INIT("Sam Smith,Room 1,,"), SPAN_INIT("sam"), "Sam Smith"},
        {SPAN_INIT(",,,"), SPAN_INIT("sam"), ""},
        {SPAN_INIT(" & Smith ,x"), SPAN_INIT("sam"), "Sam Smith"},
        {SPAN_INIT("& & Smith"), SPAN_INIT("Sam"), "Sam Sam Smith"},
        {SPAN_INIT("&"), SPAN_INIT("_apt"), "_apt"},
        {SPAN_INIT("&"), SPAN_INIT(""), ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf out = BUF_INIT(100);
        phrase_gecos(&out, names[i].gecos, names[i].login);
        assert_string_equal(buf_str(&out), names[i].want);
        buf_free(&out);
    }
    struct buf out = BUF_INIT(100);
    phrase_gecos(&out, (struct span){NULL, 0}, SPAN("sam"));
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_written),
        cmocka_unit_test(any_name_is_a_phrase),
        cmocka_unit_test(long_names_are_cut_and_folded),
        cmocka_unit_test(gecos_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
