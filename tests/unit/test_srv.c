// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "submit/line/srv.h"
#include "unit/dns_answer.h"

static struct buf message = BUF_INIT(65536);

static bool parse(struct srv_list *list, bool implicit)
{
    // The message's end is the block's end, for the sanitizers to see.
    char *copy = malloc(message.n ? message.n : 1);
    assert_non_null(copy);
    memcpy(copy, buf_str(&message), message.n);
    bool good = srv_parse(list, (struct span){copy, message.n}, implicit);
    free(copy);
    return good;
}

static void begin(unsigned answers)
{
    buf_clear(&message);
    dns_head(&message, DNS_ANSWER, answers);
}

static void records(void **state)
{
    struct srv_list list = {0};
    (void)state;
    begin(3);
    dns_srv(&message, 10, 5, 465, "Smtp-1.example.org");
    dns_record(&message, 5, 1, SPAN("\1x\300\14")); // an alias, passed over
    dns_srv(&message, 0, 65535, 587, "b_c.example");
    assert_true(parse(&list, true));
    assert_int_equal(list.n, 2);
    assert_string_equal(list.record[0].target, "Smtp-1.example.org");
    assert_int_equal(list.record[0].priority, 10);
    assert_int_equal(list.record[0].weight, 5);
    assert_int_equal(list.record[0].port, 465);
    assert_true(list.record[0].implicit);
    assert_string_equal(list.record[1].target, "b_c.example");
    assert_int_equal(list.record[1].weight, 65535);
    // A second message is added.
    begin(1);
    dns_srv(&message, 1, 1, 25, "c.example");
    assert_true(parse(&list, false));
    assert_int_equal(list.n, 3);
    assert_false(list.record[2].implicit);
    assert_false(list.refused);
}

// Who takes a domain's mail in, by priority; SRV records are none of them, nor the other way.
static void exchangers(void **state)
{
    struct srv_list list = {0};
    static const uint32_t random[SRV_MOST];
    (void)state;
    begin(4);
    dns_mx(&message, 20, "alt1.aspmx.l.example");
    dns_srv(&message, 1, 1, 465, "smtp.example.org");
    dns_mx(&message, 10, "aspmx.l.example");
    dns_mx(&message, 0, ".");
    assert_true(srv_parse_mx(&list, buf_span(&message)));
    assert_int_equal(list.n, 2);
    assert_true(list.refused);
    srv_order(&list, random);
    assert_string_equal(list.record[0].target, "aspmx.l.example");
    assert_int_equal(list.record[0].priority, 10);
    assert_string_equal(list.record[1].target, "alt1.aspmx.l.example");
    list = (struct srv_list){0};
    assert_true(parse(&list, true));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.record[0].target, "smtp.example.org");
    // Cut anywhere, it is no message, and nothing of it counts.
    list = (struct srv_list){0};
    for (size_t n = 0; n < message.n; n++)
        assert_false(srv_parse_mx(&list, (struct span){message.p, n}) || list.n);
    // Two octets, and no name behind them.
    begin(1);
    dns_record(&message, 15, 1, SPAN("\0\1"));
    assert_true(srv_parse_mx(&list, buf_span(&message)));
    assert_int_equal(list.n, 0);
}

// Names may go on elsewhere in the message (RFC 1035, 4.1.4).
static void pointers(void **state)
{
    struct srv_list list = {0};
    (void)state;
    begin(1);
    dns_record(&message, 33, 1, SPAN("\0\1\0\2\2\113\4smtp\300\14"));
    assert_true(parse(&list, false));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.record[0].target, "smtp.q.example");
    assert_int_equal(list.record[0].port, 587);
}

// What is not worth a record, while the message is.
static void passed_over(void **state)
{
    static const struct {
        struct span data;
        const char *why;
    } table[] = {
        {SPAN_INIT("\0\1\0\2\2\113\1a\1*\0"), "no letter of a host's name"},
        {SPAN_INIT("\0\1\0\2\2\113\2-a\0"), "a hyphen in front"},
        {SPAN_INIT("\0\1\0\2\2\113\3a\0b\0"), "NUL in a label"},
        {SPAN_INIT("\0\1\0\2\2\113\3a.b\0"), "a dot in a label"},
        {SPAN_INIT("\0\1\0\2\2\113\377\377"), "a pointer out of the message"},
        {SPAN_INIT("\0\1\0\2\2\113\300\73"), "a pointer to itself"},
        {SPAN_INIT("\0\1\0\2\2\113\100a\0"), "a label of another kind"},
        {SPAN_INIT("\0\1\0\2\2\113\5abc"), "cut off in a label"},
        {SPAN_INIT("\0\1\0\2\2\113\3abc"), "without an end"},
        {SPAN_INIT("\0\1\0\2\0\0\3abc\0"), "port 0"},
        {SPAN_INIT("\0\1\0\2\2"), "cut off"},
        {SPAN_INIT(""), "empty"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct srv_list list = {0};
        begin(2);
        dns_record(&message, 33, 1, table[i].data);
        dns_srv(&message, 1, 1, 587, "good.example");
        if (!parse(&list, false) || list.n != 1 || list.refused ||
            strcmp(list.record[0].target, "good.example") != 0)
            fail_msg("%s: %zu, %s", table[i].why, list.n, list.record[0].target);
    }
}

static void long_names(void **state)
{
    char name[300] = "";
    (void)state;
    for (size_t length = 249; length < 270; length++) {
        struct srv_list list = {0};
        memset(name, 'x', length);
        name[length] = '\0';
        for (size_t i = 50; i < length; i += 51)
            name[i] = '.';
        if (name[length - 1] == '.')
            continue;
        begin(1);
        dns_srv(&message, 1, 1, 587, name);
        assert_true(parse(&list, false));
        assert_int_equal(list.n, length <= SRV_NAME_MAX);
        if (list.n)
            assert_string_equal(list.record[0].target, name);
    }
}

static void not_offered(void **state)
{
    struct srv_list list = {0};
    (void)state;
    begin(1);
    dns_srv(&message, 0, 0, 0, ".");
    assert_true(parse(&list, true));
    assert_int_equal(list.n, 0);
    assert_true(list.refused);
}

static void no_answers(void **state)
{
    static const unsigned flags[] = {0x0100, 0x8183, 0x8182, 0x8380, 0};
    struct srv_list list = {0};
    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        buf_clear(&message);
        dns_head(&message, flags[i], 1);
        dns_srv(&message, 1, 1, 587, "a.example");
        assert_false(parse(&list, false));
        assert_int_equal(list.n, 0);
    }
}

// Cut anywhere, or with any octet changed, it does no harm.
static void damaged(void **state)
{
    (void)state;
    begin(2);
    dns_srv(&message, 1, 1, 587, "a.example");
    dns_record(&message, 33, 1, SPAN("\0\1\0\2\2\113\4smtp\300\14"));
    struct buf whole = BUF_INIT(65536);
    buf_put_span(&whole, buf_span(&message));
    for (size_t n = 0; n < whole.n; n++) {
        struct srv_list list = {0};
        buf_clear(&message);
        buf_put(&message, whole.p, n);
        assert_false(parse(&list, false));
        assert_int_equal(list.n, 0);
    }
    for (size_t n = 0; n < whole.n; n++)
        for (unsigned change = 1; change < 256; change++) {
            struct srv_list list = {0};
            buf_clear(&message);
            buf_put_span(&message, buf_span(&whole));
            message.p[n] = (char)((unsigned char)message.p[n] ^ change);
            (void)parse(&list, false);
            assert_in_range(list.n, 0, 2);
        }
    buf_free(&whole);
}

static void many(void **state)
{
    struct srv_list list = {0};
    (void)state;
    begin(100);
    for (unsigned i = 0; i < 100; i++)
        dns_srv(&message, i, 1, 587, "a.example");
    assert_true(parse(&list, false));
    assert_int_equal(list.n, SRV_MOST);
}

// ---- Order

static void add(struct srv_list *list, unsigned priority, unsigned weight, bool implicit,
                const char *target)
{
    struct srv_record *r = &list->record[list->n++];
    *r = (struct srv_record){.priority = (uint16_t)priority,
                             .weight = (uint16_t)weight,
                             .port = 587,
                             .implicit = implicit};
    snprintf(r->target, sizeof r->target, "%s", target);
}

static void expect_order(const struct srv_list *list, const char *want)
{
    char got[SRV_MOST + 1] = "";
    for (size_t i = 0; i < list->n; i++)
        got[i] = list->record[i].target[0];
    assert_string_equal(got, want);
}

static void by_priority(void **state)
{
    static const uint32_t none[SRV_MOST];
    struct srv_list list = {0};
    (void)state;
    add(&list, 10, 9, true, "c");
    add(&list, 0, 0, false, "b");
    add(&list, 20, 9, true, "e");
    add(&list, 10, 9, false, "d");
    add(&list, 0, 0, true, "a");
    srv_order(&list, none);
    expect_order(&list, "abcde");
}

// The draw of RFC 2782: a point from 0 to the sum of the weights, and the first whose running
// sum reaches it.
static void by_weight(void **state)
{
    static const struct {
        uint32_t random[2];
        const char *want;
    } table[] = {
        // the light one is first in line, and reaches 0 only; then a has 1 to 10, b 11 to 40
        {{0, 0}, "zab"},  {{0, 11}, "zba"}, {{1, 0}, "azb"},  {{10, 1}, "abz"},
        {{11, 0}, "bza"}, {{40, 5}, "baz"}, {{41, 0}, "zab"}, {{51, 1}, "abz"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct srv_list list = {0};
        uint32_t random[SRV_MOST] = {table[i].random[0], table[i].random[1]};
        add(&list, 1, 10, true, "a");
        add(&list, 1, 30, true, "b");
        add(&list, 1, 0, true, "z");
        srv_order(&list, random);
        expect_order(&list, table[i].want);
    }
}

// Over many draws each comes first as often as its weight says.
static void shares(void **state)
{
    unsigned first[2] = {0};
    uint32_t seed = 1;
    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        struct srv_list list = {0};
        uint32_t random[SRV_MOST];
        for (size_t k = 0; k < SRV_MOST; k++) {
            seed = seed * 1664525 + 1013904223;
            random[k] = seed >> 8;
        }
        add(&list, 1, 25, false, "a");
        add(&list, 1, 75, false, "b");
        srv_order(&list, random);
        first[list.record[0].target[0] - 'a']++;
    }
    assert_in_range(first[0], 2200, 2900);
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&message);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),    cmocka_unit_test(exchangers),
        cmocka_unit_test(pointers),   cmocka_unit_test(passed_over),
        cmocka_unit_test(long_names), cmocka_unit_test(not_offered),
        cmocka_unit_test(no_answers), cmocka_unit_test(damaged),
        cmocka_unit_test(many),       cmocka_unit_test(by_priority),
        cmocka_unit_test(by_weight),  cmocka_unit_test(shares),
    };
    return cmocka_run_group_tests_name("srv", tests, NULL, tear_down);
}
