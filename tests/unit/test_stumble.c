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
    static const struct {
        unsigned set;
        const char *word;
    } table[] = {
        {0, "-"},
        {STUMBLE_CHUNKING, "chunking"},
        {STUMBLE_PIPELINING, "pipelining"},
        {STUMBLE_CHUNKING | STUMBLE_PIPELINING, "chunking,pipelining"},
        {STUMBLE_PARAMETERS, "parameters"},
        {STUMBLE_DSN, "dsn"},
        {STUMBLE_BODY, "body"},
        {31, "chunking,pipelining,parameters,dsn,body"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(100);
        unsigned back = 99;
        stumble_put(&out, table[i].set);
        assert_string_equal(buf_str(&out), table[i].word);
        assert_true(stumble_take(buf_span(&out), &back));
        assert_int_equal(back, table[i].set);
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
