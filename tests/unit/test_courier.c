// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: child_start
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "sendoff/pass/courier.h"
#include "unit/submit_peer.h"
#include "unit/tree.h"

static struct courier courier;
static const struct courier_order order = {
    .config = "/the/config", .account = "work", .relay = "", .signals = -1};

static void start(void (*scene)(void))
{
    peer_scene = scene;
    peer_error = 0;
    assert_int_equal(courier_start(&courier, &order), 0);
}

static int stop(void)
{
    return courier_stop(&courier);
}

static enum courier_answer next(enum outcome_line *line, struct outcome_event *event)
{
    struct courier *c = &courier;
    enum courier_answer answer;
    while ((answer = courier_next(c, line, event)) == COURIER_LATER)
        courier_wait(&c, 1, -1);
    return answer;
}

static void expect_event(enum outcome_line want, struct outcome_event *event)
{
    enum outcome_line line;
    assert_int_equal(next(&line, event), COURIER_EVENT);
    assert_int_equal(line, want);
}

static void expect_end(enum courier_answer want)
{
    enum outcome_line line;
    struct outcome_event event;
    assert_int_equal(next(&line, &event), want);
}

static void fill_job(struct job *j, uint32_t number, unsigned recipients)
{
    char address[64];
    job_init(j);
    j->number = number;
    assert_true(envelope_set_sender(&j->envelope, SPAN("a@example.org")));
    for (unsigned i = 0; i < recipients; i++) {
        snprintf(address, sizeof address, "r%u@example.org", i);
        assert_true(envelope_add(&j->envelope, span_of(address), SPAN("")));
        envelope_recipient(&j->envelope, i)->at = i;
    }
}

static int send_file(uint32_t number, const char *name, const char *text)
{
    struct job j;
    assert_int_equal(tree_text(name, text), 0);
    int fd = open(tree_path(name), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    fill_job(&j, number, 1);
    int bad = courier_send(&courier, &j, fd);
    job_free(&j);
    close(fd);
    return bad;
}

// Says of each job what stands in its file.
static void reads_aloud(void)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        char text[64];
        ssize_t n = pread(fd, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = '\0';
        peer_say("recipient %u 0 delivered recipient 250 2.0.0 sure %s\ndone %u\n", j.number,
                 text, j.number);
        close(fd);
        job_free(&j);
    }
    peer_say("relay bye\n");
}

static void test_each_job_with_its_own_file(void **state)
{
    (void)state;
    struct outcome_event event;
    start(reads_aloud);
    for (uint32_t i = 1; i <= 50; i++) {
        char text[16];
        snprintf(text, sizeof text, "file%u", i);
        assert_int_equal(send_file(i, "one", text), 0);
        assert_int_equal(unlink(tree_path("one")), 0);
    }
    courier_finish(&courier);
    expect_event(OUTCOME_RELAY, &event);
    assert_string_equal(event.outcome.text, "smarthost.example[127.0.0.1]:587");
    expect_event(OUTCOME_READY, &event);
    for (uint32_t i = 1; i <= 50; i++) {
        char text[16];
        snprintf(text, sizeof text, "file%u", i);
        expect_event(OUTCOME_RECIPIENT, &event);
        assert_int_equal(event.job, i);
        assert_string_equal(event.outcome.text, text);
        expect_event(OUTCOME_DONE, &event);
        assert_int_equal(event.job, i);
    }
    expect_event(OUTCOME_RELAY, &event);
    expect_end(COURIER_ENDED);
    expect_end(COURIER_ENDED);
    int status = stop();
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void octet_by_octet(void)
{
    static const char text[] = OUTCOME_HELLO "\nready\ndone 7\n";
    for (size_t i = 0; i < sizeof text - 1; i++)
        peer_write(text + i, 1);
}

static void test_split_lines(void **state)
{
    (void)state;
    struct outcome_event event;
    start(octet_by_octet);
    expect_event(OUTCOME_READY, &event);
    expect_event(OUTCOME_DONE, &event);
    expect_end(COURIER_ENDED);
    stop();
}

static const char *monologue;
static size_t monologue_length;

static void speaks(void)
{
    peer_write(monologue, monologue_length);
}

// What a broken or hostile program may say: after `good` events of it the answer is `last`.
static void test_what_is_said(void **state)
{
    (void)state;
    static char endless[100000];
    memset(endless, 'x', sizeof endless - 1);
    const struct {
        const char *text;
        unsigned good;
        enum courier_answer last;
    } table[] = {
        {"", 0, COURIER_ENDED},
        {"\n", 0, COURIER_BROKEN},
        {"ready\n", 0, COURIER_BROKEN}, // before the hello
        {"sendoff-submit 2\nready\n", 0, COURIER_BROKEN},
        {OUTCOME_HELLO "\n", 0, COURIER_ENDED},
        {OUTCOME_HELLO, 0, COURIER_BROKEN},
        {OUTCOME_HELLO "\n" OUTCOME_HELLO "\n", 0, COURIER_BROKEN},
        {OUTCOME_HELLO "\nready\n", 1, COURIER_ENDED},
        {OUTCOME_HELLO "\nready\ndone 1", 1, COURIER_BROKEN},
        {OUTCOME_HELLO "\nready\n\ndone 1\n", 1, COURIER_BROKEN},
        {OUTCOME_HELLO "\nready\ndone 1\nhello?\n", 2, COURIER_BROKEN},
        {endless, 0, COURIER_BROKEN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        enum courier_answer answer = COURIER_EVENT;
        enum outcome_line line;
        struct outcome_event event;
        unsigned good = 0;
        monologue = table[i].text;
        monologue_length = strlen(monologue);
        start(speaks);
        while ((answer = next(&line, &event)) == COURIER_EVENT)
            good++;
        stop();
        if (good != table[i].good || answer != table[i].last)
            fail_msg("row %zu: %u events, then %d", i, good, answer);
    }
}

static void half_a_line(void)
{
    struct buf line = BUF_INIT(JOB_LINE_MAX);
    for (int i = 0; i < OUTCOME_LINE_MAX; i++)
        peer_say("x");
    for (;;)
        peer_line(&line);
}

// No line is that long: its end is not waited for.
static void test_endless_line(void **state)
{
    (void)state;
    start(half_a_line);
    expect_end(COURIER_BROKEN);
    stop();
}

static void test_nul_octets(void **state)
{
    (void)state;
    static const char text[] = OUTCOME_HELLO "\nrea\0dy\n";
    monologue = text;
    monologue_length = sizeof text - 1;
    start(speaks);
    expect_end(COURIER_BROKEN);
    stop();
}

static void dies(void)
{
    raise(SIGKILL);
}

// Its death is an answer, never a signal for us.
static void test_it_dies(void **state)
{
    (void)state;
    start(dies);
    expect_end(COURIER_ENDED);
    assert_int_equal(send_file(1, "one", "x"), -1);
    assert_int_equal(errno, EPIPE);
    courier_finish(&courier);
    expect_end(COURIER_ENDED);
    int status = stop();
    assert_true(WIFSIGNALED(status));
}

static void test_it_can_not_be_started(void **state)
{
    (void)state;
    peer_error = ENOENT;
    assert_int_equal(courier_start(&courier, &order), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(stop(), -1);
}

enum { MANY = 30000 };

// Talks a great deal before it listens at all.
static void talks_first(void)
{
    peer_say("%s\nready\n", OUTCOME_HELLO);
    for (unsigned i = 0; i < MANY; i++)
        peer_say("recipient 1 %u deferred message 451 4.3.0 sure %s\n", i,
                 "a+20text+20of+20some+20length+20as+20servers+20like+20to+20send+20them");
    reads_aloud();
}

// Both sides have more to say than the socket holds: nobody waits for the other for ever, and
// no line is lost.
static void test_both_talk_at_once(void **state)
{
    (void)state;
    struct outcome_event event;
    struct job j;
    start(talks_first);
    fill_job(&j, 1, MANY);
    assert_int_equal(courier_send(&courier, &j, STDIN_FILENO), 0);
    job_free(&j);
    expect_event(OUTCOME_READY, &event);
    for (unsigned i = 0; i < MANY; i++) {
        expect_event(OUTCOME_RECIPIENT, &event);
        assert_int_equal(event.index, i);
    }
    courier_finish(&courier);
    stop();
}

static void ends_when_the_socket_closes(void)
{
    struct buf line = BUF_INIT(JOB_LINE_MAX);
    peer_greet();
    for (;;)
        peer_line(&line);
}

static void test_stop_ends_it(void **state)
{
    (void)state;
    struct outcome_event event;
    start(ends_when_the_socket_closes);
    expect_event(OUTCOME_RELAY, &event);
    int64_t begin = clock_steady();
    int status = stop();
    assert_true(WIFEXITED(status));
    assert_true(clock_steady() - begin < 5000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_job_with_its_own_file),
        cmocka_unit_test(test_split_lines),
        cmocka_unit_test(test_what_is_said),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_nul_octets),
        cmocka_unit_test(test_it_dies),
        cmocka_unit_test(test_it_can_not_be_started),
        cmocka_unit_test(test_both_talk_at_once),
        cmocka_unit_test(test_stop_ends_it),
    };
    alarm(100);
    return cmocka_run_group_tests_name("courier", tests, tree_setup, tree_teardown);
}
