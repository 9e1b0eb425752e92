// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: clock_steady poll __poll_chk
// Who gets how much time at the drop. The time is the test's own: where nothing is to be heard,
// a wait is over at once, and has taken as long as it might.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/local.h"
#include "base/signals.h"
#include "sendoff/drop/dropplaces.h"
#include "unit/mail.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static int64_t now, begun;

// What happens while the drop waits, so many milliseconds after it began: each once, in this
// order; ended by a NULL.
struct happening {
    int64_t at;
    void (*happen)(void);
};
static const struct happening *ahead;

int64_t __wrap_clock_steady(void);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
// What libc has for poll where it knows how large the array is.
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);

int64_t __wrap_clock_steady(void)
{
    return now;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int ready = __real_poll(fds, n, 0);
    if (ready)
        return ready;
    if (now > 1000LL * HOUR)
        fail_msg("it never ends");
    int64_t until = now + timeout;
    if (!ahead->happen || begun + ahead->at > until) {
        now = until;
        return 0;
    }
    now = begun + ahead->at;
    (ahead++)->happen();
    return __real_poll(fds, n, 0);
}

int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
    assert_true(n <= size / sizeof *fds);
    return __wrap_poll(fds, n, timeout);
}

static struct dropplaces places;
static struct dropbook book;
static int leash[2], client, others[DROPPLACES_EACH];

static int setup(void **state)
{
    now = 0;
    client = -1;
    if (mail_setup(state) || dropbook_init(&book, &mail, clock_wall(), now) || pipe(leash))
        return -1;
    places = (struct dropplaces){
        .listener = local_listen(tree_path("drop")),
        .signals = signals_open(),
        .leash = leash[0],
        .idle = MINUTE,
        .bell = "",
        .rules = {.maildir = &mail,
                  .book = &book,
                  .max_size = 1000,
                  .max_recipients = 3,
                  .max_queued = 100},
    };
    return places.listener < 0 || places.signals < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    close(places.listener);
    close(places.signals);
    close(leash[0]);
    close(leash[1]);
    close(client);
    dropbook_free(&book);
    return mail_teardown(state);
}

// How long the drop serves, in milliseconds.
static int64_t serve(const struct happening *happenings)
{
    begun = now;
    ahead = happenings;
    assert_int_equal(dropplaces_serve(&places), 0);
    assert_null(ahead->happen);
    return now - begun;
}

// ---- What happens

static void say(int fd, struct span text)
{
    assert_int_equal(send(fd, text.p, text.n, MSG_NOSIGNAL), text.n);
}

static void come(void)
{
    client = local_connect(tree_path("drop"), now);
    assert_true(client >= 0);
}

static void come_in(void)
{
    static unsigned char random[HANDIN_TICKET / 2];
    struct buf line = BUF_INIT(100);
    char ticket[HANDIN_TICKET + 1];
    random[0]++;
    handin_make_ticket(random, ticket);
    handin_put_store(&line, ticket);
    come();
    say(client, buf_span(&line));
    buf_free(&line);
}

// Hands in the envelope, once it is let in.
static void sit_down(void)
{
    struct block b;
    struct buf head = BUF_INIT(4096), all = BUF_INIT(8192);
    block_init(&b);
    b.octets = 2;
    assert_true(envelope_set_sender(&b.envelope, SPAN("a@example.org")));
    assert_true(envelope_add(&b.envelope, SPAN("b@example.org"), SPAN("")));
    assert_true(block_encode(&head, &b));
    handin_put_data(&all, head.n);
    buf_put_span(&all, buf_span(&head));
    say(client, buf_span(&all));
    block_free(&b);
    buf_free(&head);
    buf_free(&all);
}

static void say_a_little(void)
{
    say(client, SPAN("data 2\nx\n"));
}

static void be_through(void)
{
    struct buf end = BUF_INIT(100);
    handin_put_end(&end, places.guests[0].handin.octets);
    say(client, buf_span(&end));
    buf_free(&end);
}

static void take_the_places(void)
{
    for (size_t i = 0; i < DROPPLACES_EACH; i++)
        assert_true((others[i] = local_connect(tree_path("drop"), now)) >= 0);
}

static void knock(void)
{
    others[0] = local_connect(tree_path("drop"), now);
}

static void leave_the_places(void)
{
    for (size_t i = 0; i < DROPPLACES_EACH; i++)
        close(others[i]);
}

static void be_told_to_end(void)
{
    raise(SIGTERM);
}

static void chatter_on_the_leash(void)
{
    assert_int_equal(write(leash[1], "x", 1), 1);
}

static void let_the_leash_go(void)
{
    close(leash[1]);
    leash[1] = -1;
}

static void assert_heard(const char *want)
{
    char said[HANDIN_ANSWER_MAX + 1] = "";
    ssize_t n = recv(client, said, HANDIN_ANSWER_MAX, MSG_DONTWAIT);
    assert_true(n > 0);
    if (!strstr(said, want))
        fail_msg("it said '%s', not '%s'", said, want);
}

// ---- Tests

static void nobody_comes(void **state)
{
    (void)state;
    assert_int_equal(serve((struct happening[]){{0}}), MINUTE);
}

static void the_minute_begins_when_the_last_one_left(void **state)
{
    (void)state;
    assert_int_equal(serve((struct happening[]){{50 * SECOND, come_in},
                                                {50 * SECOND, sit_down},
                                                {55 * SECOND, say_a_little},
                                                {200 * SECOND, be_through},
                                                {0}}) /
                         SECOND,
                     200 + 60);
    assert_heard("stored");
    assert_int_equal(mail_count("new"), 1);
}

static void without_an_end_of_its_own_it_stays(void **state)
{
    (void)state;
    places.idle = 0;
    assert_int_equal(serve((struct happening[]){{100 * HOUR, be_told_to_end}, {0}}),
                     100 * HOUR);
}

static void no_envelope(void **state)
{
    (void)state;
    int64_t lasted = serve((struct happening[]){{5 * SECOND, come}, {0}});
    assert_in_range(lasted, 75 * SECOND, 78 * SECOND);
    assert_heard("refused 75 too slow: no envelope yet");
}

static void silence_of_an_hour(void **state)
{
    (void)state;
    int64_t lasted = serve(
        (struct happening[]){{5 * SECOND, come_in}, {5 * SECOND, sit_down}, {0}});
    assert_in_range(lasted, HOUR + 65 * SECOND, HOUR + 68 * SECOND);
    assert_heard("refused 75 silent for too long");
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(mail_count("tmp"), 0);
}

static void who_says_a_little_now_and_then_may_stay(void **state)
{
    (void)state;
    static const struct happening slow[] = {{5 * SECOND, come_in},
                                            {5 * SECOND, sit_down},
                                            {59 * MINUTE, say_a_little},
                                            {118 * MINUTE, say_a_little},
                                            {177 * MINUTE, say_a_little},
                                            {236 * MINUTE, be_through},
                                            {0}};
    assert_int_equal(serve(slow) / MINUTE, 237);
    assert_heard("stored");
}

// All the places of that user are taken by those who say nothing; once these have had their
// ten seconds, it is they who make room.
static void the_slowest_makes_room(void **state)
{
    (void)state;
    assert_int_equal(serve((struct happening[]){{SECOND, take_the_places},
                                                {3 * SECOND, come},
                                                {5 * SECOND, leave_the_places},
                                                {0}}) /
                         SECOND,
                     65);
    assert_heard("busy");
    close(client);
    serve((struct happening[]){{SECOND, take_the_places},
                               {12 * SECOND, come_in},
                               {12 * SECOND, sit_down},
                               {12 * SECOND, say_a_little},
                               {13 * SECOND, be_through},
                               {0}});
    leave_the_places();
    assert_heard("ready\nstored");
}

// What is being handed in when it is told to end has ten seconds, and no new one is let in.
static void an_end_in_order(void **state)
{
    (void)state;
    static void (*const ways[])(void) = {be_told_to_end, let_the_leash_go};
    const struct happening late[] = {{0, come_in},
                                     {SECOND, sit_down},
                                     {2 * SECOND, be_told_to_end},
                                     {5 * SECOND, knock},
                                     {0}};
    places.idle = 0;
    assert_int_equal(serve(late), 2 * SECOND + SIGNALS_GRACE);
    close(client);
    int at_the_door = local_accept(places.listener);
    assert_true(at_the_door >= 0);
    close(at_the_door);
    close(others[0]);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const struct happening in_time[] = {
            {0, come_in},          {SECOND, sit_down},        {2 * SECOND, say_a_little},
            {3 * SECOND, ways[i]}, {12 * SECOND, be_through}, {0}};
        assert_int_equal(serve(in_time), 12 * SECOND);
        assert_heard("stored");
        close(client);
    }
}

static void what_is_said_on_the_leash_means_nothing(void **state)
{
    (void)state;
    places.idle = 0;
    assert_int_equal(serve((struct happening[]){
                         {SECOND, chatter_on_the_leash}, {HOUR, let_the_leash_go}, {0}}),
                     HOUR);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_comes),
        TEST(the_minute_begins_when_the_last_one_left),
        TEST(without_an_end_of_its_own_it_stays),
        TEST(no_envelope),
        TEST(silence_of_an_hour),
        TEST(who_says_a_little_now_and_then_may_stay),
        TEST(the_slowest_makes_room),
        TEST(an_end_in_order),
        TEST(what_is_said_on_the_leash_means_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
