// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendoff/pass/alike.h"

// A parcel for `count` recipients, all told the same.
static void make(struct parcel *p, size_t count, enum verdict verdict, enum scope scope,
                 uint16_t code)
{
    static uint32_t job;
    struct entry e = {.fd = -1, .reader = -1};
    struct outcome o = {.verdict = verdict, .scope = scope, .code = code};
    *p = (struct parcel){0};
    block_init(&e.block);
    for (size_t i = 0; i < count; i++) {
        char address[] = "a@example.org";
        address[0] = (char)('a' + i);
        assert_true(envelope_add(&e.block.envelope, span_of(address), SPAN("")));
    }
    parcel_fill(p, ++job, &e);
    parcel_tell_rest(p, &o);
}

static void empty(struct parcel *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        parcel_empty(&p[i]);
}

static void test_three_alike_are_the_accounts(void **state)
{
    struct alike a = {0};
    struct parcel p[4];
    (void)state;
    for (size_t i = 0; i < 4; i++)
        make(&p[i], 2, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    assert_false(alike_look(&a, &p[0], 1000, false));
    assert_false(alike_look(&a, &p[1], 1000, false));
    assert_null(alike_release(&a, false)); // kept on
    assert_true(alike_keeps(&a, &p[0]));
    assert_false(alike_look(&a, &p[2], 1000, false));
    for (size_t i = 0; i < 3; i++) {
        struct parcel *one = alike_release(&a, false);
        assert_non_null(one);
        assert_int_equal(parcel_outcome(one, 0)->verdict, VERDICT_DEFERRED);
        assert_int_equal(parcel_outcome(one, 1)->verdict, VERDICT_DEFERRED);
    }
    assert_null(alike_release(&a, true));
    // What comes in that session after them waits, too.
    assert_true(alike_look(&a, &p[3], 1000, false));
    assert_int_equal(parcel_outcome(&p[3], 0)->verdict, VERDICT_DEFERRED);
    empty(p, 4);
}

static void test_an_acceptance_clears_the_account(void **state)
{
    struct alike a = {0};
    struct parcel p[4];
    (void)state;
    make(&p[0], 1, VERDICT_FAILED, SCOPE_MESSAGE, 554);
    make(&p[1], 1, VERDICT_DELIVERED, SCOPE_MESSAGE, 250);
    make(&p[2], 1, VERDICT_FAILED, SCOPE_MESSAGE, 554);
    make(&p[3], 1, VERDICT_FAILED, SCOPE_MESSAGE, 554);
    assert_false(alike_look(&a, &p[0], 1000, false));
    assert_true(alike_look(&a, &p[1], 1000, false));
    assert_ptr_equal(alike_release(&a, false), &p[0]);
    assert_int_equal(parcel_outcome(&p[0], 0)->verdict, VERDICT_FAILED);
    assert_true(alike_look(&a, &p[2], 1000, false));
    assert_true(alike_look(&a, &p[3], 1000, false));
    assert_int_equal(parcel_outcome(&p[3], 0)->verdict, VERDICT_FAILED);
    empty(p, 4);
}

static void test_two_at_the_end_are_their_own(void **state)
{
    struct alike a = {0};
    struct parcel p[2];
    (void)state;
    make(&p[0], 1, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    make(&p[1], 1, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    assert_false(alike_look(&a, &p[0], 1000, false));
    assert_false(alike_look(&a, &p[1], 1000, false));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(parcel_outcome(alike_release(&a, true), 0)->verdict, VERDICT_FAILED);
    assert_null(alike_release(&a, true));
    empty(p, 2);
}

// Other codes, refused recipients and our own findings say nothing about the account.
static void test_what_is_not_alike(void **state)
{
    struct alike a = {0};
    struct parcel p[5];
    (void)state;
    make(&p[0], 1, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    make(&p[1], 1, VERDICT_FAILED, SCOPE_MESSAGE, 554);
    make(&p[2], 1, VERDICT_FAILED, SCOPE_RECIPIENT, 550);
    make(&p[3], 1, VERDICT_FAILED, SCOPE_MESSAGE, 0);
    make(&p[4], 1, VERDICT_DEFERRED, SCOPE_MESSAGE, 450);
    assert_false(alike_look(&a, &p[0], 1000, false));
    for (size_t i = 1; i < 5; i++)
        assert_true(alike_look(&a, &p[i], 1000, false));
    assert_false(a.convicted);
    assert_int_equal(a.n, 1);
    empty(p, 5);
}

// Where two users have mail, three of one alone are his own; one more of the other decides.
static void test_two_users(void **state)
{
    struct alike a = {0};
    struct parcel p[5];
    (void)state;
    for (size_t i = 0; i < 5; i++)
        make(&p[i], 1, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    for (size_t i = 0; i < 4; i++)
        assert_false(alike_look(&a, &p[i], 1000, true));
    assert_false(a.convicted);
    assert_null(alike_release(&a, false));
    assert_false(alike_look(&a, &p[4], 1001, true));
    assert_true(a.convicted);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(parcel_outcome(alike_release(&a, false), 0)->verdict,
                         VERDICT_DEFERRED);
    empty(p, 5);
}

static void test_one_of_two_users(void **state)
{
    struct alike a = {0};
    struct parcel p[ALIKE_KEPT + 1];
    (void)state;
    for (size_t i = 0; i <= ALIKE_KEPT; i++)
        make(&p[i], 1, VERDICT_FAILED, SCOPE_MESSAGE, 550);
    for (size_t i = 0; i < ALIKE_KEPT; i++)
        assert_false(alike_look(&a, &p[i], 1000, true));
    for (size_t i = 0; i < ALIKE_KEPT; i++)
        assert_int_equal(parcel_outcome(alike_release(&a, false), 0)->verdict, VERDICT_FAILED);
    assert_true(alike_look(&a, &p[ALIKE_KEPT], 1000, true));
    assert_false(a.convicted);
    empty(p, ALIKE_KEPT + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_alike_are_the_accounts),
        cmocka_unit_test(test_an_acceptance_clears_the_account),
        cmocka_unit_test(test_two_at_the_end_are_their_own),
        cmocka_unit_test(test_what_is_not_alike),
        cmocka_unit_test(test_two_users),
        cmocka_unit_test(test_one_of_two_users),
    };
    return cmocka_run_group_tests_name("alike", tests, NULL, NULL);
}
