// SPDX-License-Identifier: ISC
// links: sendoff
// progress.c and terminal.c.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "sendoff/terminal.h"
#include "sendoff/watch/progress.h"

static void expect(const struct progress *p, uint64_t left, int64_t elapsed, size_t width,
                   const char *text)
{
    struct buf out = BUF_INIT(512);
    progress_put(&out, p, left, elapsed, width);
    assert_string_equal(buf_str(&out), text);
    buf_free(&out);
}

static void test_line(void **state)
{
    (void)state;
    struct progress p = {.messages = 0, .octets = 0};
    expect(&p, 5000, 0, 0, "0 of 5000 messages, 0B");
    expect(&p, 5000, 60000, 0, "0 of 5000 messages, 0B, 0B/s");
    p = (struct progress){.messages = 1000, .octets = 4096000};
    expect(&p, 4000, 999, 0, "1000 of 5000 messages, 3.9M");
    expect(&p, 4000, 1000, 0, "1000 of 5000 messages, 3.9M, 3.9M/s");
    expect(&p, 4000, 4000, 0, "1000 of 5000 messages, 3.9M, 1000.0K/s, 16s left");
    expect(&p, 0, 4000, 0, "1000 of 1000 messages, 3.9M, 1000.0K/s");
    // What does not fit is left out, from the end on.
    expect(&p, 4000, 4000, 48, "1000 of 5000 messages, 3.9M, 1000.0K/s, 16s left");
    expect(&p, 4000, 4000, 47, "1000 of 5000 messages, 3.9M, 1000.0K/s");
    expect(&p, 4000, 4000, 37, "1000 of 5000 messages, 3.9M");
    expect(&p, 4000, 4000, 26, "1000 of 5000 messages");
    expect(&p, 4000, 4000, 20, "");
    // What is under way counts as far as it has gone out; when all the rest is, its size is
    // known.
    p = (struct progress){.under_way = 1, .size = 104857600};
    expect(&p, 1, 3000, 0, "0 of 1 message, 0B of 100.0M, 0B/s");
    p.sent = p.size / 4;
    expect(&p, 1, 3000, 0, "0 of 1 message, 25.0M of 100.0M, 8.3M/s, 9s left");
    expect(&p, 3, 3000, 0, "0 of 3 messages, 25.0M, 8.3M/s, 33s left");
    p.sent = p.size;
    expect(&p, 1, 3000, 0, "0 of 1 message, 100.0M of 100.0M, 33.3M/s");
    p.ending = true;
    p.sent /= 2;
    expect(&p, 1, 3000, 0, "ending: 0 of 1 message, 50.0M of 100.0M, 16.6M/s");
    p = (struct progress){.connecting = true};
    expect(&p, 7, 9000, 0, "connecting ...");
    expect(&p, 7, 9000, 13, "");
    p = (struct progress){.messages = 1, .octets = UINT64_MAX / 1000 / 2};
    expect(&p, 1, 86400000, 0, "1 of 2 messages, 8589934.5G, 99.4G/s, 24h left");
}

// stderr is no terminal here.
static void test_off(void **state)
{
    (void)state;
    struct progress p = {.on = true};
    int kept = dup(STDERR_FILENO), ends[2];
    char text[64];
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    progress_begin(&p);
    assert_false(p.on);
    assert_false(progress_is_due(&p));
    progress_end(&p);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    assert_int_equal(read(ends[0], text, sizeof text), 0);
    close(ends[0]);
}

static void test_columns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } rows[] = {
        {"", 0},
        {"abc", 3},
        {"gr\xc3\xbc\xc3\x9f"
         "e",
         5},
        {"\xe9\x83\xb5\xe4\xbe\xbf", 4}, // two wide ones
        {"e\xcc\x81"
         "x",
         2},                     // an accent that is drawn over the e
        {"\xf0\x9f\x93\xac", 2}, // a letter box
        {"\xff\xfe", 2},         // no UTF-8
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = span_of(rows[i].text);
        assert_int_equal(terminal_columns(text), rows[i].columns);
        size_t before = 0;
        for (size_t width = 0; width <= rows[i].columns; width++) {
            struct span part = terminal_fit(text, width);
            assert_true(terminal_columns(part) <= width);
            assert_true(part.n >= before);
            before = part.n;
        }
        assert_int_equal(before, text.n);
    }
    assert_int_equal(terminal_fit(SPAN("\xe9\x83\xb5x"), 1).n, 0);
}

// Broken at blanks alone, and only where the width is known.
static void test_wrap(void **state)
{
    (void)state;
    static const struct {
        size_t width, column;
        const char *text, *lines;
    } rows[] = {
        {0, 4, "one two three", "one two three\n"},
        {17, 4, "one two three", "one two three\n"},
        {16, 4, "one two three", "one two\n  three\n"},
        {10, 4, "one two three", "one\n  two\n  three\n"},
        {4, 4, "one two", "one\n  two\n"},
        {9, 0, "averylongword it", "averylongword\n  it\n"},
        {12, 0, "\xe9\x83\xb5\xe4\xbe\xbf \xe9\x83\xb5\xe4\xbe\xbf no",
         "\xe9\x83\xb5\xe4\xbe\xbf \xe9\x83\xb5\xe4\xbe\xbf no\n"},
        {11, 0, "\xe9\x83\xb5\xe4\xbe\xbf \xe9\x83\xb5\xe4\xbe\xbf no",
         "\xe9\x83\xb5\xe4\xbe\xbf \xe9\x83\xb5\xe4\xbe\xbf\n  no\n"},
        {20, 0, "", "\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct terminal t = {.is = true, .width = rows[i].width};
        struct buf out = BUF_INIT(256);
        terminal_wrap(&out, &t, span_of(rows[i].text), rows[i].column, 2);
        assert_string_equal(buf_str(&out), rows[i].lines);
        buf_free(&out);
    }
}

static void test_no_terminal(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    setenv("TERM", "xterm", 1);
    setenv("COLUMNS", "33", 1);
    struct terminal t = terminal_of(ends[1]);
    assert_false(t.is || t.colour);
    assert_int_equal(t.width, 0);
    assert_int_equal(terminal_width(ends[1]), 33);
    static const char *const odd[] = {"", "0", "-5", "x", "99999999999999999999"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        setenv("COLUMNS", odd[i], 1);
        assert_int_equal(terminal_width(ends[1]), 0);
    }
    struct buf out = BUF_INIT(64);
    terminal_colour(&out, &t, COLOUR_RED);
    assert_int_equal(out.n, 0);
    buf_free(&out);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),        cmocka_unit_test(test_off),
        cmocka_unit_test(test_columns),     cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_no_terminal),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
