// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/outcome.h"
#include "message/stumble.h"

// One line without its LF, which it must end with and hold nowhere else.
static struct span line_of(const struct buf *b)
{
    assert_true(b->n > 0 && b->n <= OUTCOME_LINE_MAX);
    assert_int_equal(b->p[b->n - 1], '\n');
    assert_ptr_equal(memchr(b->p, '\n', b->n), b->p + b->n - 1);
    return (struct span){b->p, b->n - 1};
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->scope, b->scope);
    assert_int_equal(a->code, b->code);
    assert_memory_equal(a->status, b->status, sizeof a->status);
    assert_int_equal(a->doubt, b->doubt);
    assert_string_equal(a->text, b->text);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "-", "no such user", "100% +odd= words",
                                        "gr\xc3\xbc"};
    for (int verdict = VERDICT_DELIVERED; verdict <= VERDICT_FAILED; verdict++) {
        for (int scope = SCOPE_RECIPIENT; scope <= SCOPE_SESSION; scope++) {
            for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
                struct outcome o = {.verdict = (enum verdict)verdict,
                                    .scope = (enum scope)scope,
                                    .code = 550,
                                    .status = {5, 1, 999},
                                    .doubt = t % 2};
                struct outcome_event event;
                struct buf line = BUF_INIT(OUTCOME_LINE_MAX);
                outcome_text(&o, span_of(texts[t]));
                outcome_put_recipient(&line, UINT32_MAX, 65535, &o);
                assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_RECIPIENT);
                assert_int_equal(event.job, UINT32_MAX);
                assert_int_equal(event.index, 65535);
                assert_same(&event.outcome, &o);
                buf_clear(&line);
                outcome_put_session(&line, &o);
                assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_SESSION);
                assert_same(&event.outcome, &o);
                buf_free(&line);
            }
        }
    }
}

static void test_other_lines(void **state)
{
    (void)state;
    struct outcome_event event;
    struct buf line = BUF_INIT(OUTCOME_LINE_MAX);
    outcome_put_done(&line, 7);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_DONE);
    assert_int_equal(event.job, 7);
    buf_clear(&line);
    outcome_put_relay(&line, SPAN("mail.example.org[2001:db8::1]:587"));
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_RELAY);
    assert_string_equal(event.outcome.text, "mail.example.org[2001:db8::1]:587");
    buf_clear(&line);
    outcome_put_ready(&line);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_READY);
    buf_clear(&line);
    outcome_put_begun(&line, UINT32_MAX);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_BEGUN);
    assert_int_equal(event.job, UINT32_MAX);
    buf_clear(&line);
    outcome_put_stumbles(&line, STUMBLE_CHUNKING | STUMBLE_PIPELINING);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_STUMBLES);
    assert_int_equal(event.stumbles, STUMBLE_CHUNKING | STUMBLE_PIPELINING);
    buf_clear(&line);
    outcome_put_silent(&line);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_SILENT);
    buf_clear(&line);
    outcome_put_octets(&line, 3, UINT64_MAX);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_OCTETS);
    assert_int_equal(event.job, 3);
    assert_int_equal(event.octets, UINT64_MAX);
    buf_clear(&line);
    outcome_put_credential(&line);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_CREDENTIAL);
    buf_clear(&line);
    outcome_put_notice(&line, SPAN("TLS: it expires in 3 days"));
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_NOTICE);
    assert_string_equal(event.outcome.text, "TLS: it expires in 3 days");
    buf_free(&line);
}

// The longest text there may be, every octet of which is written as three.
static void test_longest_line_fits(void **state)
{
    (void)state;
    char text[OUTCOME_TEXT_MAX];
    struct outcome o = {.verdict = VERDICT_DELIVERED,
                        .scope = SCOPE_RECIPIENT,
                        .code = 999,
                        .status = {5, 999, 999},
                        .doubt = true};
    struct outcome_event event;
    struct buf line = BUF_INIT(OUTCOME_LINE_MAX);
    memset(text, '=', sizeof text);
    outcome_text(&o, (struct span){text, sizeof text});
    assert_int_equal(strlen(o.text), OUTCOME_TEXT_MAX);
    outcome_put_recipient(&line, UINT32_MAX, UINT32_MAX, &o);
    assert_false(line.over);
    assert_int_equal(outcome_parse(line_of(&line), &event), OUTCOME_RECIPIENT);
    assert_same(&event.outcome, &o);
    buf_free(&line);
}

static void test_text_is_cleaned_and_cut(void **state)
{
    (void)state;
    struct outcome o = {.code = 250};
    char many[1000];
    outcome_text(&o, SPAN("  two\r\nlines\x1b[0m and \xff \0 \t"));
    assert_string_equal(o.text, "two  lines?[0m and ? ?");
    memset(many, 'x', sizeof many);
    many[OUTCOME_TEXT_MAX - 1] = '\xc3';
    many[OUTCOME_TEXT_MAX] = '\xbc';
    outcome_text(&o, (struct span){many, sizeof many});
    assert_int_equal(strlen(o.text), OUTCOME_TEXT_MAX - 1);
    many[OUTCOME_TEXT_MAX - 1] = ' ';
    outcome_text(&o, (struct span){many, sizeof many});
    assert_int_equal(strlen(o.text), OUTCOME_TEXT_MAX - 1);
    outcome_text(&o, (struct span){NULL, 0});
    assert_string_equal(o.text, "");
}

// What the other side sends is cleaned here, too: it may be a broken or hostile program.
static void test_text_is_cleaned_on_arrival(void **state)
{
    (void)state;
    struct outcome_event event;
    assert_int_equal(outcome_parse(SPAN("relay a+0A+1B+00b"), &event), OUTCOME_RELAY);
    assert_string_equal(event.outcome.text, "a ??b");
}

static void test_bad_lines(void **state)
{
    (void)state;
    static const char *const table[] = {
        "",
        " ",
        "nonsense",
        "RECIPIENT 1 0 delivered recipient 250 2.0.0 sure -",
        "recipients 1 0 delivered recipient 250 2.0.0 sure -",
        "recipient",
        "recipient 1",
        "recipient 1 0",
        "recipient 1 0 delivered",
        "recipient 1 0 delivered recipient",
        "recipient 1 0 delivered recipient 250",
        "recipient 1 0 delivered recipient 250 2.0.0",
        "recipient 1 0 delivered recipient 250 2.0.0 sure",
        "recipient 1 0 delivered recipient 250 2.0.0 sure - more",
        "recipient x 0 delivered recipient 250 2.0.0 sure -",
        "recipient -1 0 delivered recipient 250 2.0.0 sure -",
        "recipient 4294967296 0 delivered recipient 250 2.0.0 sure -",
        "recipient 1 4294967296 delivered recipient 250 2.0.0 sure -",
        "recipient 1 0 accepted recipient 250 2.0.0 sure -",
        "recipient 1 0 delivered everything 250 2.0.0 sure -",
        "recipient 1 0 delivered recipient 1000 2.0.0 sure -",
        "recipient 1 0 delivered recipient 25O 2.0.0 sure -",
        "recipient 1 0 delivered recipient 250 2.0 sure -",
        "recipient 1 0 delivered recipient 250 2.0.0.0 sure -",
        "recipient 1 0 delivered recipient 250 6.0.0 sure -",
        "recipient 1 0 delivered recipient 250 2.1000.0 sure -",
        "recipient 1 0 delivered recipient 250 2..0 sure -",
        "recipient 1 0 delivered recipient 250 2.0.0 perhaps -",
        "recipient 1 0 delivered recipient 250 2.0.0 sure a+b",
        "recipient 1 0 delivered recipient 250 2.0.0 sure a=b",
        "recipient 1 0 delivered recipient 250 2.0.0 sure a\rb",
        "done",
        "done x",
        "done 1 2",
        "done 1\r",
        "session",
        "session 1 deferred session 421 4.7.0 sure -",
        "session deferred session 421 4.7.0 sure",
        "relay",
        "relay a b",
        "ready now",
        "readyy",
        "begun",
        "begun x",
        "begun 1 2",
        "begun 4294967296",
        "credential 1",
        "silent 1",
        "octets",
        "octets 1",
        "octets 1 -1",
        "octets 1 18446744073709551616",
        "octets 4294967296 1",
        "octets 1 2 3",
        "stumbles",
        "stumbles ,",
        "stumbles - -",
        "credentials",
        "notice",
        "notice a b",
        "sendoff-submit 1",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome_event event;
        if (outcome_parse(span_of(table[i]), &event) != OUTCOME_BAD)
            fail_msg("taken: %s", table[i]);
    }
    struct outcome_event event;
    assert_int_equal(outcome_parse((struct span){NULL, 0}, &event), OUTCOME_BAD);
    assert_int_equal(outcome_parse((struct span){"done\0001", 6}, &event), OUTCOME_BAD);
    assert_int_equal(outcome_parse((struct span){"done 1\0", 7}, &event), OUTCOME_BAD);
}

static void test_text_too_long_to_be_ours(void **state)
{
    (void)state;
    struct outcome_event event;
    struct buf line = BUF_INIT(10000);
    buf_puts(&line, "relay ");
    for (int i = 0; i < 2000; i++)
        buf_putc(&line, 'x');
    assert_int_equal(outcome_parse(buf_span(&line), &event), OUTCOME_BAD);
    buf_free(&line);
}

// A line that a crash cut off: no shorter one says something else than the whole. (What is cut
// within its text alone may pass; a line counts only with its LF.)
static void test_cut_at_every_offset(void **state)
{
    (void)state;
    static const char whole[] =
        "recipient 12 3 failed recipient 550 5.1.1 sure no+20such+20user";
    size_t text = strlen(whole) - strlen("no+20such+20user");
    for (size_t n = 0; n < strlen(whole); n++) {
        struct outcome_event event;
        char *copy = test_malloc(n + 1); // so that a step too far is seen
        memcpy(copy, whole, n);
        enum outcome_line kind = outcome_parse((struct span){copy, n}, &event);
        test_free(copy);
        if (n <= text) {
            assert_int_equal(kind, OUTCOME_BAD);
            continue;
        }
        if (kind == OUTCOME_BAD)
            continue;
        assert_int_equal(kind, OUTCOME_RECIPIENT);
        assert_int_equal(event.job, 12);
        assert_int_equal(event.outcome.verdict, VERDICT_FAILED);
    }
}

static void test_status(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int value; // -1: none
    } table[] = {
        {"5.1.1", 511}, {"2.0.0", 200},   {"0.000.000", 0}, {"4.007.001", 471},
        {"6.0.0", -1},  {"5.1", -1},      {"5.1.", -1},     {".1.1", -1},
        {"5.1.1.", -1}, {"5.1.1000", -1}, {"5.1.1 ", -1},   {"5,1,1", -1},
        {"", -1},       {"...", -1},      {"-5.1.1", -1},   {"550", -1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint16_t status[3] = {0};
        bool good = outcome_take_status(span_of(table[i].word), status);
        int value = good ? status[0] * 100 + status[1] * 10 + status[2] : -1;
        if (value != table[i].value)
            fail_msg("%s: %d", table[i].word, value);
    }
}

static void test_describe(void **state)
{
    (void)state;
    struct outcome o = {.code = 550, .status = {5, 1, 1}, .text = "no such user"};
    struct buf out = BUF_INIT(300);
    outcome_describe(&out, &o);
    assert_string_equal(buf_str(&out), "550 5.1.1 no such user");
    buf_clear(&out);
    o = (struct outcome){.doubt = true, .text = "connection lost"};
    outcome_describe(&out, &o);
    assert_string_equal(buf_str(&out), "in doubt: connection lost");
    buf_clear(&out);
    o = (struct outcome){.code = 535,
                         .scope = SCOPE_SESSION,
                         .status = {5, 7, 8},
                         .text = "AUTH PLAIN: 535 5.7.8 wrong password"};
    outcome_describe(&out, &o);
    assert_string_equal(buf_str(&out), "AUTH PLAIN: 535 5.7.8 wrong password");
    buf_clear(&out);
    o.code = 454; // another than the one that is quoted
    outcome_describe(&out, &o);
    assert_string_equal(buf_str(&out), "454 5.7.8 AUTH PLAIN: 535 5.7.8 wrong password");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_other_lines),
        cmocka_unit_test(test_longest_line_fits),
        cmocka_unit_test(test_text_is_cleaned_and_cut),
        cmocka_unit_test(test_text_is_cleaned_on_arrival),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_text_too_long_to_be_ours),
        cmocka_unit_test(test_cut_at_every_offset),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
