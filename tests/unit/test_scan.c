// SPDX-License-Identifier: ISC
// links: config
#define _GNU_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/scan.h"

// All answers to a text, one a line, from the end of a page that nothing lies behind.
static void answers(struct span text, struct buf *out)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (text.n + page) / page * page;
    char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + room, page, PROT_NONE), 0);
    char *at = map + room - text.n;
    if (text.n)
        memcpy(at, text.p, text.n);
    struct scan s;
    scan_init(&s, (struct span){at, text.n});
    for (;;) {
        enum scan_answer answer = scan_next(&s);
        if (answer == SCAN_SECTION)
            buf_printf(out, "%u [%.*s]\n", s.line, SPAN_ARGS(s.section));
        else if (answer == SCAN_KEY)
            buf_printf(out, "%u %.*s:%.*s<%.*s>\n", s.line, SPAN_ARGS(s.section),
                       SPAN_ARGS(s.key), SPAN_ARGS(s.value));
        else if (answer == SCAN_BAD)
            buf_printf(out, "%u bad: %s\n", s.line, s.error);
        if (answer == SCAN_BAD)
            assert_int_equal(scan_next(&s), SCAN_BAD);
        if (answer == SCAN_BAD || answer == SCAN_END)
            break;
    }
    munmap(map, room + page);
}

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *text, *answers;
    } table[] = {
        {"", ""},
        {"\n\n  \n\t\n", ""},
        {"# one\n; two\n   # three = [x]\n", ""},
        {"[a]", "1 [a]\n"},
        {"[ A.b_c-9 ]  \r\nk=v\r\n", "1 [A.b_c-9]\n2 A.b_c-9:k<v>\n"},
        {"[a]\nk=v", "1 [a]\n2 a:k<v>\n"},
        {"[a]\n  Key_2 \t=\t  two words \n", "1 [a]\n2 a:Key_2<two words>\n"},
        {"[a]\nk = \"a;b#c\"\nl = '  '\nm='a\"b'\nn=\"it's\" \n",
         "1 [a]\n2 a:k<a;b#c>\n3 a:l<  >\n4 a:m<a\"b>\n5 a:n<it's>\n"},
        {"[a]\nk = a=b==c\n", "1 [a]\n2 a:k<a=b==c>\n"},
        {"[a]\nk = a\"b\n", "1 [a]\n2 a:k<a\"b>\n"},
        {"[a]\nk = \"c:\\\"\n", "1 [a]\n2 a:k<c:\\>\n"},
        {"[a]\nk = c:\\d\n", "1 [a]\n2 a:k<c:\\d>\n"},
        {"[a]\nk = \xc3\xa9\xff\n", "1 [a]\n2 a:k<\xc3\xa9\xff>\n"},
        {"[12345678901234567890123456789012]", "1 [12345678901234567890123456789012]\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(4096);
        answers(span_of(table[i].text), &out);
        assert_string_equal(buf_str(&out), table[i].answers);
        buf_free(&out);
    }
}

#define NUL_TEXT "[a]\nk = a\0b\n"

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n; // 0: to the end of the text
        unsigned line;
        const char *part; // of the error
    } table[] = {
        {"k = v", 0, 1, "before the first [section]"},
        {"[a]\n\nnonsense\n", 0, 3, "neither a [section] nor"},
        {"[a]\nk\n", 0, 2, "neither"},
        {"x", 0, 1, "neither"},
        {"[a]\nk = a;b\n", 0, 2, "outside of quotes"},
        {"[a]\nk = a#b\n", 0, 2, "put the value in quotes"},
        {"[a]\nk = a # comment\n", 0, 2, "a comment on a line of its own"},
        {"[a]\nk = ;\n", 0, 2, "outside of quotes"},
        {"[a]\nk = a\"b;c\"\n", 0, 2, "outside of quotes"},
        {"[a]\nk = \"abc\n", 0, 2, "not closed"},
        {"[a]\nk = 'abc\"\n", 0, 2, "not closed"},
        {"[a]\nk = \"\n", 0, 2, "not closed"},
        {"[a]\nk = \"a\"b\n", 0, 2, "behind the closing quote"},
        {"[a]\nk = \"a\\\"b\"\n", 0, 2, "behind the closing quote"},
        {"[a]\nk = \"a\" # comment\n", 0, 2, "behind the closing quote"},
        {"[a]\nk = ''x\n", 0, 2, "behind the closing quote"},
        {"[a]\nk =\n", 0, 2, "no value"},
        {"[a]\nk = \"\"\n", 0, 2, "empty value"},
        {"[a]\n= v\n", 0, 2, "no key"},
        {"[a]\nk l = v\n", 0, 2, "no key"},
        {"[a]\nk\"l = v\n", 0, 2, "no key"},
        {"[a]\nb:k = v\n", 0, 2, "no ':'"},
        {"[]\n", 0, 1, "needs a name"},
        {"[  ]\n", 0, 1, "needs a name"},
        {"[a\n", 0, 1, "ends in ']'"},
        {"[", 0, 1, "ends in ']'"},
        {"[a] # comment\n", 0, 1, "ends in ']'"},
        {"[a]b]\n", 0, 1, "letters, digits"},
        {"[a b]\n", 0, 1, "letters, digits"},
        {"[.a]\n", 0, 1, "begins with a letter or a digit"},
        {"[-a]\n", 0, 1, "begins with a letter or a digit"},
        {"[a:b]\n", 0, 1, "letters, digits"},
        {"[123456789012345678901234567890123]", 0, 1, "at most 32"},
        {"[a]\nk = v\\\nl = w\n", 0, 2, "backslash"},
        {"[a]\nk = v \\  \r\nl = w\n", 0, 2, "backslash"},
        {"# a comment \\\n[a]\n", 0, 1, "backslash"},
        {"\xef\xbb\xbf[a]\n", 0, 1, "byte order mark"},
        {"\xff\xfe[\0a\0]\0", 8, 1, "NUL"},
        {NUL_TEXT, sizeof NUL_TEXT - 1, 2, "NUL"},
        {"[a]\nk = a\rb\n", 0, 2, "control character"},
        {"[a]\nk = \x1b[31m\n", 0, 2, "control character"},
        {"[a]\nk\v= v\n", 0, 2, "control character"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(4096);
        char head[32];
        size_t n = table[i].n ? table[i].n : strlen(table[i].text);
        answers((struct span){table[i].text, n}, &out);
        snprintf(head, sizeof head, "%u bad: ", table[i].line);
        const char *bad = strstr(buf_str(&out), head);
        if (!bad || !strstr(bad, table[i].part))
            fail_msg("row %zu: %s", i, buf_str(&out));
        buf_free(&out);
    }
}

// What is known when a line is bad is told, and nothing that stood in an earlier line.
static void test_bad_names(void **state)
{
    (void)state;
    struct scan s;
    scan_init(&s, SPAN("[a]\nk = v\nl = 'x\n"));
    assert_int_equal(scan_next(&s), SCAN_SECTION);
    assert_int_equal(scan_next(&s), SCAN_KEY);
    assert_int_equal(scan_next(&s), SCAN_BAD);
    assert_true(span_equal(s.section, SPAN("a")) && span_equal(s.key, SPAN("l")));
    scan_init(&s, SPAN("[a]\nk = v\n[b\n"));
    assert_int_equal(scan_next(&s), SCAN_SECTION);
    assert_int_equal(scan_next(&s), SCAN_KEY);
    assert_int_equal(scan_next(&s), SCAN_BAD);
    assert_true(s.section.n == 0 && s.key.n == 0);
    scan_init(&s, SPAN("[a]\nk = v\nwhat\\\n"));
    assert_int_equal(scan_next(&s), SCAN_SECTION);
    assert_int_equal(scan_next(&s), SCAN_KEY);
    assert_int_equal(scan_next(&s), SCAN_BAD);
    assert_true(span_equal(s.section, SPAN("a")) && s.key.n == 0);
}

static void test_long_lines(void **state)
{
    (void)state;
    static const char head[] = "[a]\nk = ";
    char text[2048];
    for (size_t n = SCAN_LINE_MAX - 2; n <= SCAN_LINE_MAX + 2; n++) {
        struct scan s;
        memcpy(text, head, sizeof head - 1);
        memset(text + 4 + 4, 'x', n - 4);
        scan_init(&s, (struct span){text, 4 + n});
        assert_int_equal(scan_next(&s), SCAN_SECTION);
        assert_int_equal(scan_next(&s), n <= SCAN_LINE_MAX ? SCAN_KEY : SCAN_BAD);
        if (n > SCAN_LINE_MAX)
            assert_non_null(strstr(s.error, "too long"));
    }
}

// A text that is cut anywhere is answered without a look behind its end, and what was answered
// before stays as it was.
static void test_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "# c\n[a]\nk = \"v;w\"\r\nl='x'\n\n[b]\nm = 1\n";
    struct buf whole = BUF_INIT(4096);
    answers(SPAN(text), &whole);
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct buf out = BUF_INIT(4096);
        answers((struct span){text, n}, &out);
        const char *last = buf_str(&out);
        for (const char *p = last; *p; p++)
            if (p[0] == '\n' && p[1])
                last = p + 1;
        size_t sure = (size_t)(last - buf_str(&out));
        assert_int_equal(memcmp(buf_str(&out), buf_str(&whole), sure), 0);
        buf_free(&out);
    }
    buf_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),         cmocka_unit_test(test_bad),
        cmocka_unit_test(test_bad_names),    cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
