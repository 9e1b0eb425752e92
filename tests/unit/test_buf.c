// SPDX-License-Identifier: ISC
// links: base
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"

static void test_empty(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(10), zeroed = {0};
    assert_null(b.p);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_span(&b).n, 0);
    buf_drop(&b, 0);
    buf_cut(&b, 0);
    buf_clear(&b);
    assert_null(b.p);
    buf_free(&b);
    buf_free(&zeroed);
    assert_int_equal(b.max, 10);
}

static void test_octets_of_every_value(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    for (int i = 0; i < 256; i++)
        buf_putc(&b, (char)i);
    buf_put(&b, NULL, 0);
    buf_put_span(&b, (struct span){NULL, 0});
    assert_int_equal(b.n, 256);
    for (int i = 0; i < 256; i++)
        assert_int_equal((unsigned char)b.p[i], i);
    assert_int_equal(b.p[256], 0);
    buf_free(&b);
}

// What does not fit is not added at all, and nothing is added behind it.
static void test_cap(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(5);
    buf_puts(&b, "1234");
    assert_false(b.over);
    buf_puts(&b, "56");
    assert_true(b.over);
    assert_string_equal(buf_str(&b), "1234");
    buf_putc(&b, '5'); // would fit, but a piece is missing before it
    assert_string_equal(buf_str(&b), "1234");
    assert_null(buf_room(&b, 0));
    buf_cut(&b, 2);
    assert_true(b.over);
    buf_clear(&b);
    assert_false(b.over);
    buf_puts(&b, "12345");
    assert_false(b.over);
    assert_string_equal(buf_str(&b), "12345");
    buf_printf(&b, "%s", "");
    assert_false(b.over);
    buf_printf(&b, "%d", 6);
    assert_true(b.over);
    assert_string_equal(buf_str(&b), "12345");
    buf_free(&b);
}

static void test_cap_of_nothing(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    buf_puts(&b, "");
    assert_false(b.over);
    buf_putc(&b, 'x');
    assert_true(b.over);
    assert_string_equal(buf_str(&b), "");
    buf_free(&b);
}

static void test_huge_pieces_do_not_wrap(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100);
    buf_puts(&b, "ab");
    assert_null(buf_room(&b, SIZE_MAX));
    buf_clear(&b);
    buf_puts(&b, "ab");
    assert_null(buf_room(&b, SIZE_MAX - 1));
    assert_string_equal(buf_str(&b), "ab");
    buf_free(&b);
}

// Room that nothing was written to is no content, and what was there stays a string.
static void test_room(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100000);
    assert_non_null(buf_room(&b, 10));
    assert_string_equal(buf_str(&b), "");
    char *room = buf_room(&b, 70000);
    assert_non_null(room);
    memset(room, 'x', 70000);
    buf_grew(&b, 300);
    assert_int_equal(b.n, 300);
    assert_int_equal(strlen(buf_str(&b)), 300);
    room = buf_room(&b, 99700);
    assert_ptr_equal(room, b.p + 300);
    assert_null(buf_room(&b, 99701));
    buf_free(&b);
}

static void test_drop_and_cut(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100);
    buf_puts(&b, "hello world");
    buf_drop(&b, 6);
    assert_string_equal(buf_str(&b), "world");
    buf_cut(&b, 4);
    assert_string_equal(buf_str(&b), "worl");
    buf_drop(&b, 4);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void test_growth_keeps_what_was_there(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "%05d,", i);
    assert_int_equal(b.n, 120000);
    for (int i = 0; i < 20000; i += 777) {
        char want[8];
        struct buf one = BUF_INIT(8);
        buf_printf(&one, "%05d,", i);
        memcpy(want, one.p, 7);
        assert_memory_equal(b.p + (size_t)i * 6, want, 6);
        buf_free(&one);
    }
    assert_true(b.size <= b.max + 1);
    buf_free(&b);
    assert_null(b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_octets_of_every_value),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_cap_of_nothing),
        cmocka_unit_test(test_huge_pieces_do_not_wrap),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_drop_and_cut),
        cmocka_unit_test(test_growth_keeps_what_was_there),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
