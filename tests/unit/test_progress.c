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
    expect(&p, 5000, 0, 0, "0 of 5000 messages, 0");
    expect(&p, 5000, 60000, 0, "0 of 5000 messages, 0, 0/s");
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
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_no_terminal),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
