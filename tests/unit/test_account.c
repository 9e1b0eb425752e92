// SPDX-License-Identifier: ISC
// links: spool
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "message/stumble.h"
#include "spool/account.h"
#include "unit/tree.h"

static const struct schedule pauses = {.first = 60, .longest = 4 * 3600};
static const int64_t now = INT64_C(1795356850) * 1000000;

static struct outcome trouble(uint16_t code, uint16_t subject, const char *text)
{
    struct outcome o = {.verdict = VERDICT_DEFERRED,
                        .scope = SCOPE_SESSION,
                        .code = code,
                        .status = {4, subject, 1}};
    outcome_text(&o, span_of(text));
    return o;
}

static int64_t seconds_off(const struct account *a)
{
    return (a->not_before - now) / 1000000;
}

static void test_pauses_double_and_survive(void **state)
{
    struct account a;
    struct outcome o = trouble(0, 4, "connect to mx: Connection refused");
    static const int64_t expected[] = {60, 120, 240, 480};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
        assert_int_equal(a.failures, i);
        account_failed(&a, &pauses, now, 0, &o);
        account_close(&a);
        assert_true(account_peek(&a, tree_path("account"), "work"));
        assert_int_equal(a.failures, i + 1);
        assert_int_equal(seconds_off(&a), expected[i]);
        assert_string_equal(a.reply, "connect to mx: Connection refused");
        assert_false(account_is_due(&a, &pauses, now));
        assert_true(account_is_due(&a, &pauses, a.not_before));
    }
}

static void test_a_session_that_stood_clears_all(void **state)
{
    struct account a;
    struct outcome o = trouble(0, 4, "a much longer reason than the one that comes after it");
    (void)state;
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    account_failed(&a, &pauses, now, 0, &o);
    account_stood(&a);
    account_close(&a);
    assert_true(account_peek(&a, tree_path("account"), "work"));
    assert_int_equal(a.failures, 0);
    assert_int_equal(a.not_before, 0);
    assert_string_equal(a.reply, "");
    assert_true(account_is_due(&a, &pauses, now));
}

// A wrong password tried each minute would lock the account.
static void test_refused_login_rests_longer(void **state)
{
    struct account a;
    struct outcome o = trouble(535, 7, "AUTH PLAIN: 535 5.7.8 no");
    (void)state;
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    account_failed(&a, &pauses, now, 0, &o);
    assert_int_equal(seconds_off(&a), ACCOUNT_AUTH_PAUSE);
    account_failed(&a, &pauses, now, 0, &o);
    assert_int_equal(seconds_off(&a), 2 * ACCOUNT_AUTH_PAUSE);
    account_close(&a);
}

static void test_relay(void **state)
{
    static const char first[] = "smtp.example.org[192.0.2.25]:587",
                      second[] = "odd host[::1]:9";
    const int64_t hour = (int64_t)ACCOUNT_RELAY_TIME * CLOCK_SECOND_US;
    struct account a;
    struct outcome o = trouble(0, 4, "no answer");
    (void)state;
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_string_equal(account_relay(&a, now), "");
    account_note_relay(&a, first, now);
    // Again and again: that makes it no fresher.
    account_note_relay(&a, first, now + hour - 1);
    account_failed(&a, &pauses, now, 0, &o);
    account_close(&a);
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_string_equal(account_relay(&a, now), first);
    assert_string_equal(account_relay(&a, now + hour - 1), first);
    assert_string_equal(account_relay(&a, now + hour), "");
    assert_string_equal(account_relay(&a, now - 1), ""); // the clock jumped
    assert_string_equal(a.reply, "no answer");
    account_note_relay(&a, first, now + hour);
    account_note_relay(&a, second, now + hour + 1);
    account_stood(&a);
    account_close(&a);
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_string_equal(account_relay(&a, now + 2 * hour), second);
    assert_string_equal(account_relay(&a, now + 2 * hour + 1), "");
    account_close(&a);
}

static void test_one_holder(void **state)
{
    struct account a, b;
    (void)state;
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_int_equal(account_open(&b, tree_path("account"), "work"), ACCOUNT_BUSY);
    account_close(&b);
    assert_int_equal(account_open(&b, tree_path("account"), "other"), ACCOUNT_OPEN);
    account_close(&b);
    account_close(&a);
    assert_int_equal(account_open(&b, tree_path("account"), "work"), ACCOUNT_OPEN);
    account_close(&b);
}

// Whatever stands in the file, mail goes on.
static void test_what_can_not_be_read_counts_as_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "\0\0\0",
        "pid 1\nnot-before x\nfailures 99999999999\nreply +ZZ\n",
        "not-before 1 2 3\nnot-before\n\n\nreply\n",
        "not-before -5\nfailures -1\n",
        "learned connections\nlearned connections x 1\nlearned other 1 1\n",
        "learned messages 1 -1\n",
    };
    struct account a;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(tree_write("account/odd", texts[i], strlen(texts[i])), 0);
        assert_int_equal(account_open(&a, tree_path("account"), "odd"), ACCOUNT_OPEN);
        assert_true(account_is_due(&a, &pauses, now));
        account_close(&a);
    }
    assert_int_equal(account_open(&a, tree_path("no/such/directory"), "odd"), ACCOUNT_LOST);
    account_close(&a);
    assert_false(account_peek(&a, tree_path("account"), "never-seen"));
}

// The clock stood years ahead when it was written.
static void test_a_clock_that_jumped(void **state)
{
    struct account a = {.fd = -1, .not_before = now + INT64_C(86400) * 1000000 * 365};
    (void)state;
    assert_true(account_is_due(&a, &pauses, now));
}

// It is found out once and spared to the next sessions, until it is forgotten.
static void test_what_is_learned(void **state)
{
    static const int64_t day = INT64_C(86400) * 1000000;
    struct account a;
    (void)state;
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_int_equal(account_stumbles(&a, now), 0);
    static const unsigned all = STUMBLE_CHUNKING | STUMBLE_PIPELINING | STUMBLE_PARAMETERS |
                                STUMBLE_DSN | STUMBLE_BODY;
    account_stumbled(&a, all, now);
    account_learn(&a, ACCOUNT_CONNECTIONS, 2, now);
    account_learn(&a, ACCOUNT_MESSAGES, 50, now);
    account_close(&a);
    assert_true(account_peek(&a, tree_path("account"), "work"));
    assert_int_equal(account_stumbles(&a, now), all);
    assert_int_equal(account_learned(&a, ACCOUNT_CONNECTIONS, now + day - 1), 2);
    assert_int_equal(account_learned(&a, ACCOUNT_MESSAGES, now + day - 1), 50);
    assert_int_equal(account_learned(&a, ACCOUNT_MESSAGES, now + day), 0);
    assert_int_equal(account_stumbles(&a, now + day), STUMBLE_CHUNKING | STUMBLE_PARAMETERS);
    assert_int_equal(account_stumbles(&a, now + 30 * day), 0);
    assert_int_equal(account_stumbles(&a, now - 1), 0); // the clock was set back
    assert_true(account_is_due(&a, &pauses, now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pauses_double_and_survive, tree_setup,
                                        tree_teardown),
        cmocka_unit_test_setup_teardown(test_a_session_that_stood_clears_all, tree_setup,
                                        tree_teardown),
        cmocka_unit_test_setup_teardown(test_refused_login_rests_longer, tree_setup,
                                        tree_teardown),
        cmocka_unit_test_setup_teardown(test_relay, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_one_holder, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_what_can_not_be_read_counts_as_nothing, tree_setup,
                                        tree_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_learned, tree_setup, tree_teardown),
        cmocka_unit_test(test_a_clock_that_jumped),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
