// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/job.h"
#include "message/stumble.h"

static void fill(struct job *j)
{
    job_init(j);
    j->number = 7;
    j->offset = 500;
    j->octets = 12345678901;
    j->lines = 99;
    j->eightbit = true;
    job_set_login(j, SPAN("AD\\sam spade\n"));
    assert_true(envelope_set_sender(&j->envelope, SPAN("\"odd =+ name\"@example.org")));
    assert_true(envelope_set_options(&j->envelope, SPAN("RET=HDRS ENVID=a+2Bb")));
    assert_true(envelope_add(&j->envelope, SPAN("ops@example.com"), SPAN("NOTIFY=NEVER")));
    assert_true(envelope_add(&j->envelope, SPAN("-"), SPAN("")));
    assert_true(envelope_add(&j->envelope, SPAN("gr\xc3\xbc@example.com"), SPAN("")));
    envelope_recipient(&j->envelope, 0)->at = 0;
    envelope_recipient(&j->envelope, 1)->at = 4;
    envelope_recipient(&j->envelope, 2)->at = 65535;
}

// Takes in the lines of `text` and returns the last answer.
static enum job_line take(struct job *j, struct span text)
{
    struct span line;
    enum job_line answer = JOB_BAD;
    job_init(j);
    while (text.n && span_cut(&text, '\n', &line)) {
        answer = job_parse(j, line);
        if (answer == JOB_BAD || answer == JOB_READY)
            break;
    }
    return answer;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(65536);
    struct job j, back;
    fill(&j);
    job_encode(&text, &j);
    assert_int_equal(take(&back, buf_span(&text)), JOB_READY);
    assert_int_equal(back.number, 7);
    assert_int_equal(back.offset, 500);
    assert_int_equal(back.octets, 12345678901);
    assert_int_equal(back.lines, 99);
    assert_true(back.eightbit);
    assert_string_equal(buf_str(&back.login), "AD\\sam spade ");
    assert_string_equal(envelope_sender(&back.envelope), "\"odd =+ name\"@example.org");
    assert_string_equal(envelope_options(&back.envelope), "RET=HDRS ENVID=a+2Bb");
    assert_int_equal(envelope_count(&back.envelope), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(envelope_address(&back.envelope, i),
                            envelope_address(&j.envelope, i));
        assert_string_equal(envelope_recipient_options(&back.envelope, i),
                            envelope_recipient_options(&j.envelope, i));
        assert_int_equal(envelope_recipient(&back.envelope, i)->at,
                         envelope_recipient(&j.envelope, i)->at);
    }
    job_free(&j);
    job_free(&back);
    buf_free(&text);
}

// Every octet that an address or an option may hold crosses, and no line grows too long.
static void test_longest_lines(void **state)
{
    (void)state;
    char text[1024];
    struct buf lines = BUF_INIT(65536);
    struct span rest, line;
    struct job j, back;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(128 + i % 128);
    struct span s = {text, sizeof text};
    job_init(&j);
    j.number = UINT32_MAX;
    j.offset = j.octets = j.lines = INT64_MAX;
    char login[JOB_LOGIN_MAX + 3];
    for (size_t i = 0; i < sizeof login; i++)
        login[i] = (char)(i % 2 ? 0xbc : 0xc3);
    job_set_login(&j, (struct span){login, sizeof login});
    assert_int_equal(j.login.n, JOB_LOGIN_MAX);
    assert_true(envelope_set_sender(&j.envelope, s));
    assert_true(envelope_set_options(&j.envelope, s));
    assert_true(envelope_add(&j.envelope, s, s));
    job_encode(&lines, &j);
    for (rest = buf_span(&lines); rest.n && span_cut(&rest, '\n', &line);)
        assert_true(line.n < JOB_LINE_MAX);
    assert_int_equal(take(&back, buf_span(&lines)), JOB_READY);
    assert_true(span_equal(buf_span(&back.login), buf_span(&j.login)));
    assert_string_equal(envelope_sender(&back.envelope), envelope_sender(&j.envelope));
    assert_string_equal(envelope_address(&back.envelope, 0), envelope_address(&j.envelope, 0));
    job_free(&j);
    job_free(&back);
    buf_free(&lines);
}

static void test_end(void **state)
{
    (void)state;
    struct job j;
    assert_int_equal(take(&j, SPAN("end\n")), JOB_END);
    job_free(&j);
    assert_int_equal(take(&j, SPAN("end now\n")), JOB_BAD);
    job_free(&j);
    assert_int_equal(take(&j, SPAN("job 1 0 0 0 - - - -\nend\n")), JOB_BAD); // amid a job
    job_free(&j);
}

#define HEAD "job 1 100 200 3 - - a@example.org -\n"
#define TO   "to 1 0 b@example.org -\n"

static void test_what_is_taken_and_what_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum job_line last;
    } table[] = {
        {HEAD, JOB_BEGUN},
        {HEAD TO, JOB_MORE},
        {HEAD TO "go 1\n", JOB_READY},
        {HEAD TO "to 1 1 c@example.org NOTIFY+3DNEVER\ngo 1\n", JOB_READY},
        {"\n", JOB_BAD},
        {"jobs 1 0 0 0 - - - -\n", JOB_BAD},
        {"job 0 0 0 0 - - - -\n", JOB_BAD}, // 0 is no number of a job
        {"job 4294967296 0 0 0 - - - -\n", JOB_BAD},
        {"job x 0 0 0 - - - -\n", JOB_BAD},
        {"job 1 -1 0 0 - - - -\n", JOB_BAD},
        {"job 1 9223372036854775808 0 0 - - - -\n", JOB_BAD},
        {"job 1 0 9223372036854775808 0 - - - -\n", JOB_BAD},
        {"job 1 0 0 9223372036854775808 - - - -\n", JOB_BAD},
        {"job 1 0 0 0 x - - -\n", JOB_BAD},
        {"job 1 0 0 0 -8 - - -\n", JOB_BAD},
        {"job 1 0 0 0 - - -\n", JOB_BAD},
        {"job 1 0 0 0 - -\n", JOB_BAD},
        {"job 1 0 0 0 - - - - -\n", JOB_BAD},
        {"job 1 0 0 0 - sam+20spade - -\n", JOB_BEGUN},
        {"job 1 0 0 0 - sam+0A - -\n", JOB_BAD},
        {"job 1 0 0 0 - sam+7F - -\n", JOB_BAD},
        {"job 1 0 0 0 - sam+2 - -\n", JOB_BAD},
        {"job 1 0 0 0 - - a+0Ab -\n", JOB_BAD}, // a line break is no part of an address
        {"job 1 0 0 0 - - a+00b -\n", JOB_BAD},
        {"job 1 0 0 0 - - - a+7F\n", JOB_BAD},
        {"job 1 0 0 0 - - a+0 -\n", JOB_BAD},
        {TO, JOB_BAD}, // before its job
        {"go 1\n", JOB_BAD},
        {HEAD HEAD, JOB_BAD},
        {HEAD "go 1\n", JOB_BAD}, // for nobody
        {HEAD "to 2 0 b@example.org -\n", JOB_BAD},
        {HEAD "to 1 x b@example.org -\n", JOB_BAD},
        {HEAD "to 1 4294967296 b@example.org -\n", JOB_BAD},
        {HEAD "to 1 0 b@example.org\n", JOB_BAD},
        {HEAD "to 1 0 b@example.org - -\n", JOB_BAD},
        {HEAD "to 1 0 b+0D@example.org -\n", JOB_BAD},
        {HEAD "to 1 0 b@example.org a+0A\n", JOB_BAD},
        {HEAD TO TO, JOB_BAD}, // the same address would have two outcomes
        {HEAD TO "to 1 1 b@EXAMPLE.org -\n", JOB_BAD},
        {HEAD TO "go 2\n", JOB_BAD},
        {HEAD TO "go 1 1\n", JOB_BAD},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct job j;
        if (take(&j, span_of(table[i].text)) != table[i].last)
            fail_msg("row %zu: %s", i, table[i].text);
        job_free(&j);
    }
}

// A line cut anywhere never makes another job of it, but by a cut within its last word.
static void test_cut_at_every_offset(void **state)
{
    (void)state;
    static const char head[] = "job 12 100 200 3 8 - a@example.org RET+3DHDRS";
    size_t last = strlen(head) - strlen("RET+3DHDRS");
    for (size_t n = 0; n < strlen(head); n++) {
        char *copy = test_malloc(n + 1);
        struct job j;
        memcpy(copy, head, n);
        job_init(&j);
        enum job_line answer = job_parse(&j, (struct span){copy, n});
        if (n <= last)
            assert_int_equal(answer, JOB_BAD);
        if (answer != JOB_BAD) {
            assert_int_equal(j.number, 12);
            assert_string_equal(envelope_sender(&j.envelope), "a@example.org");
        }
        job_free(&j);
        test_free(copy);
    }
}

static void test_hello(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned stumbles;
        const char *relay; // NULL: it is not taken
    } table[] = {
        {"sendoff 1", 0, ""},
        {"sendoff 1 -", 0, ""},
        {"sendoff 1 chunking", STUMBLE_CHUNKING, ""},
        {"sendoff 1 - smtp.example.org[192.0.2.25]:587", 0, "smtp.example.org[192.0.2.25]:587"},
        {"sendoff 1 pipelining a[::1]:9", STUMBLE_PIPELINING, "a[::1]:9"},
        {"sendoff 1 ", 0, NULL},
        {"sendoff 1  ", 0, NULL},
        {"sendoff 1 - ", 0, NULL},
        {"sendoff 1 - a b", 0, NULL},
        {"sendoff 1 - a+0Ab", 0, NULL},
        {"sendoff 1 - +", 0, NULL},
        {"sendoff 2", 0, NULL},
        {"sendoff 11", 0, NULL},
        {"", 0, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char relay[JOB_RELAY_MAX + 1] = "x";
        unsigned stumbles = 9;
        bool good = job_take_hello(span_of(table[i].line), &stumbles, relay);
        if (good != (table[i].relay != NULL))
            fail_msg("%s: %d", table[i].line, good);
        if (good) {
            assert_int_equal(stumbles, table[i].stumbles);
            assert_string_equal(relay, table[i].relay);
        }
    }
}

static void test_hello_round_trip(void **state)
{
    (void)state;
    static const char *const relays[] = {"", "a[192.0.2.1]:25", "odd name[::1]:9", "+=+"};
    for (size_t i = 0; i < 4 * sizeof relays / sizeof *relays; i++) {
        struct buf out = BUF_INIT(4096);
        struct span relay = span_of(relays[i / 4]);
        char back[JOB_RELAY_MAX + 1];
        unsigned stumbles;
        job_put_hello(&out, i % 4, relay);
        assert_int_equal(out.p[out.n - 1], '\n');
        buf_cut(&out, out.n - 1);
        assert_true(job_take_hello(buf_span(&out), &stumbles, back));
        assert_int_equal(stumbles, i % 4);
        assert_true(span_equal(span_of(back), relay));
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_longest_lines),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_what_is_taken_and_what_not),
        cmocka_unit_test(test_cut_at_every_offset),
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_hello_round_trip),
    };
    return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
