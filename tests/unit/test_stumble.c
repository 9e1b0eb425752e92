// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/stumble.h"

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const words[] = {"-", "chunking", "pipelining", "chunking,pipelining"};
    for (unsigned set = 0; set < 4; set++) {
        struct buf out = BUF_INIT(100);
        unsigned back = 99;
        stumble_put(&out, set);
        assert_string_equal(buf_str(&out), words[set]);
        assert_true(stumble_take(buf_span(&out), &back));
        assert_int_equal(back, set);
        buf_free(&out);
    }
}

static void test_others(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ",", "chunking,", ",chunking", "a b", "a=b"};
    unsigned set = 99;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(stumble_take(span_of(bad[i]), &set));
    assert_int_equal(set, 99);
    assert_true(stumble_take(SPAN("chunking,of-the-future"), &set));
    assert_int_equal(set, STUMBLE_CHUNKING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
