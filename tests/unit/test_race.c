// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/line/race.h"

enum { V4 = 4, V6 = 6 };

static void order(void **state)
{
    static const struct {
        const char *families; // in the order of the resolver
        size_t first;
        const char *want; // indices
    } table[] = {
        {"6", 99, "0"},       {"44", 99, "01"},     {"64", 99, "01"},
        {"46", 99, "01"},     {"6644", 99, "0213"}, {"666644", 99, "041523"},
        {"4666", 99, "0123"}, {"664", 0, "021"},    {"664", 1, "120"},
        {"664", 2, "201"},    {"6644", 3, "3021"},  {"66644444", 99, "03142567"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int families[RACE_MOST];
        size_t got[RACE_MOST], n = strlen(table[i].families);
        for (size_t j = 0; j < n; j++)
            families[j] = table[i].families[j] == '6' ? V6 : V4;
        race_order(families, n, table[i].first, got);
        for (size_t j = 0; j < n; j++)
            if (got[j] != (size_t)(table[i].want[j] - '0'))
                fail_msg("%s, first %zu: [%zu] is %zu", table[i].families, table[i].first, j,
                         got[j]);
    }
}

// A line of events: what the race says at each.
struct moment {
    int64_t now;
    int out;   // who is out before it is asked; -1: nobody
    int start; // who starts then; -1: nobody
    int64_t due;
    bool over;
};

static void play(size_t n, const struct moment *line, size_t moments)
{
    struct race r;
    race_init(&r, n);
    for (size_t i = 0; i < moments; i++) {
        const struct moment *m = &line[i];
        if (m->out >= 0)
            race_out(&r, (size_t)m->out);
        int start = race_start(&r, m->now);
        if (start != m->start || race_due(&r) != m->due || race_is_over(&r) != m->over)
            fail_msg("moment %zu: starts %d, due %lld, over %d", i, start,
                     (long long)race_due(&r), race_is_over(&r));
    }
}

static void nobody(void **state)
{
    (void)state;
    play(0, &(struct moment){0, -1, -1, INT64_MAX, true}, 1);
}

static void one_alone(void **state)
{
    static const struct moment line[] = {
        {1000, -1, 0, INT64_MAX, false},
        {9000, -1, -1, INT64_MAX, false},
        {9000, 0, -1, INT64_MAX, true},
    };
    (void)state;
    play(1, line, 3);
}

// The next one starts after a while, at once after a failure, and counts its own while from
// then.
static void staggered(void **state)
{
    static const struct moment line[] = {
        {1000, -1, 0, 1250, false},     {1000, -1, -1, 1250, false},
        {1249, -1, -1, 1250, false},    {1250, -1, 1, 1500, false},
        {1300, 0, 2, 1550, false},      {1310, -1, -1, 1550, false},
        {1320, 1, 3, INT64_MAX, false}, {1400, 2, -1, INT64_MAX, false},
        {1500, 3, -1, INT64_MAX, true},
    };
    (void)state;
    play(4, line, sizeof line / sizeof *line);
}

// All fail at once: nobody waits.
static void in_a_row(void **state)
{
    static const struct moment line[] = {
        {7, -1, 0, 257, false},
        {7, 0, 1, 257, false},
        {7, 1, 2, INT64_MAX, false},
        {7, 2, -1, INT64_MAX, true},
    };
    (void)state;
    play(3, line, 4);
}

static void too_many(void **state)
{
    struct race r;
    (void)state;
    race_init(&r, 100);
    for (int i = 0; i < RACE_MOST; i++)
        assert_int_equal(race_start(&r, i * 1000), i);
    assert_int_equal(race_start(&r, 1000000), -1);
    assert_false(race_is_over(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),     cmocka_unit_test(nobody),   cmocka_unit_test(one_alone),
        cmocka_unit_test(staggered), cmocka_unit_test(in_a_row), cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
