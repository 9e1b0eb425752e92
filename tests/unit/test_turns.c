// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: seat_open seat_close seat_choose seat_more seat_commit seat_complain
// wraps: nanosleep clock_steady
//
// Whose turn it is, with seats that are counters: what a user's spool is, is in test_flush.c.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sendoff/pass/pass.h"

enum { USERS_MAX = 40 };

static struct user {
    unsigned mail, late; // messages to be chosen, and those that come later
    unsigned busy;       // times that its spool is found locked
    unsigned slow;       // milliseconds that a look into it takes
    unsigned opened, closed, complaints;
    bool open;
} users[USERS_MAX];

static struct spools spools;
static struct place places[USERS_MAX];
static struct pass pass;
static struct flush_options options;
static struct flush_result result;
static size_t most_open, now_open;
static int64_t steady; // milliseconds

enum seat_state __wrap_seat_open(struct pass *p, struct seat *s);
void __wrap_seat_close(struct pass *p, struct seat *s);
enum seat_choice __wrap_seat_choose(struct pass *p, struct seat *s, struct entry *e);
bool __wrap_seat_more(struct seat *s);
void __wrap_seat_commit(struct seat *s);
void __wrap_seat_complain(struct pass *p, struct seat *s);
int __wrap_nanosleep(const struct timespec *t, struct timespec *left);
int64_t __wrap_clock_steady(void);

static struct user *user_of(const struct seat *s)
{
    return &users[s->place->owner.uid];
}

enum seat_state __wrap_seat_open(struct pass *p, struct seat *s)
{
    struct user *u = user_of(s);
    (void)p;
    assert_false(u->open);
    u->opened++;
    if (u->busy) {
        u->busy--;
        return s->state = SEAT_BUSY;
    }
    if (u->mail == 0)
        return s->state = SEAT_DONE;
    u->open = s->had_mail = true;
    s->turns = 0;
    s->leaving = s->exhausted = false;
    now_open++;
    most_open = now_open > most_open ? now_open : most_open;
    return s->state = SEAT_OPEN;
}

void __wrap_seat_close(struct pass *p, struct seat *s)
{
    struct user *u = user_of(s);
    (void)p;
    assert_true(u->open);
    u->open = false;
    u->closed++;
    now_open--;
    s->state = s->leaving && !s->exhausted ? SEAT_WAITING : SEAT_DONE;
}

enum seat_choice __wrap_seat_choose(struct pass *p, struct seat *s, struct entry *e)
{
    struct user *u = user_of(s);
    (void)p;
    assert_true(u->open);
    steady += u->slow;
    if (u->mail == 0) {
        s->exhausted = true;
        return SEAT_NOTHING;
    }
    u->mail--;
    *e = (struct entry){.fd = -1, .reader = -1};
    block_init(&e->block);
    return SEAT_CHOSEN;
}

bool __wrap_seat_more(struct seat *s)
{
    struct user *u = user_of(s);
    bool more = u->late > 0;
    u->mail += u->late;
    u->late = 0;
    return more;
}

void __wrap_seat_commit(struct seat *s)
{
    (void)s;
}

void __wrap_seat_complain(struct pass *p, struct seat *s)
{
    (void)p;
    user_of(s)->complaints++;
}

int64_t __wrap_clock_steady(void)
{
    return steady;
}

int __wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
    (void)t, (void)left;
    return 0;
}

static void begin(size_t n)
{
    struct turns none = {0};
    memset(users, 0, sizeof users);
    most_open = now_open = 0;
    pass = (struct pass){.options = &options, .result = &result};
    for (size_t i = 0; i < n; i++) {
        // One of us, and others below the system's root.
        places[i] = (struct place){.path = BUF_INIT(64), .above = i ? 3 : -1};
        places[i].owner.uid = (uid_t)i;
        buf_printf(&places[i].path, "%zu", i);
    }
    spools = (struct spools){.place = places, .n = n};
    turns_init(&pass.turns, &none, &spools);
}

static void end(void)
{
    turns_free(&pass.turns);
    for (size_t i = 0; i < spools.n; i++)
        buf_free(&places[i].path);
}

static enum turns_answer next_turn(struct turn *turn)
{
    enum turns_answer answer = turns_next(&pass, turn);
    if (answer == TURNS_TAKEN)
        entry_close(&turn->entry);
    return answer;
}

// Who has the next `n` turns: "0 1 2".
static void assert_turns(size_t n, const char *want)
{
    struct buf order = BUF_INIT(1 << 16);
    struct turn turn;
    for (size_t i = 0; i < n && next_turn(&turn) == TURNS_TAKEN; i++)
        buf_printf(&order, "%s%u", i ? " " : "", (unsigned)turn.seat->place->owner.uid);
    assert_string_equal(buf_str(&order), want);
    buf_free(&order);
}

static void test_one_after_the_other(void **state)
{
    (void)state;
    begin(4);
    users[0].mail = 5;
    users[1].mail = 1;
    users[3].mail = 2;
    assert_turns(100, "0 1 3 0 3 0 0 0");
    assert_true(turns_several(&pass.turns));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(users[i].opened, 1);
    assert_int_equal(now_open, 0);
    end();
}

// Who keeps his file system busy pays for it in turns.
static void test_slow(void **state)
{
    (void)state;
    begin(2);
    users[0] = (struct user){.mail = 3, .slow = 39}; // a turn of his is worth four
    users[1].mail = 10;
    assert_turns(13, "0 1 1 1 1 0 1 1 1 1 0 1 1");
    end();
}

// A hundred thousand of one user hold up nobody's alert, and few spools are open at once.
static void test_many_users(void **state)
{
    (void)state;
    unsigned first[USERS_MAX] = {0}, turns = 0;
    struct turn turn;
    begin(USERS_MAX);
    users[0].mail = 100000;
    for (size_t i = 1; i < USERS_MAX; i++)
        users[i].mail = 1;
    while (turns < 1000 && next_turn(&turn) == TURNS_TAKEN) {
        uid_t u = turn.seat->place->owner.uid;
        turns++;
        if (!first[u])
            first[u] = turns;
    }
    assert_int_equal(turns, 1000);
    for (size_t i = 1; i < USERS_MAX; i++)
        assert_in_range(first[i], 1, 2 * USERS_MAX);
    assert_int_equal(most_open, TURNS_SEATS);
    assert_int_equal(users[0].opened, 1); // nobody waits: it need not give way
    turns_end(&pass);
    end();
}

// While others wait, a spool that has had its share gives way, and comes again.
static void test_share(void **state)
{
    (void)state;
    begin(TURNS_SEATS + 2);
    for (size_t i = 0; i < TURNS_SEATS; i++)
        users[i].mail = 1000;
    users[TURNS_SEATS].mail = users[TURNS_SEATS + 1].mail = 1;
    struct turn turn;
    unsigned turns = 0;
    while (next_turn(&turn) == TURNS_TAKEN)
        turns++;
    assert_int_equal(turns, 1000 * TURNS_SEATS + 2);
    assert_int_equal(most_open, TURNS_SEATS);
    unsigned opened = 0;
    for (size_t i = 0; i < TURNS_SEATS; i++)
        opened += users[i].opened;
    assert_in_range(opened, TURNS_SEATS + 2, 3 * TURNS_SEATS);
    end();
}

// That a list is at its end is believed after another look; and not before what is under way is
// settled.
static void test_late_mail(void **state)
{
    (void)state;
    struct turn turn;
    begin(1);
    users[0].mail = 1;
    users[0].late = 2;
    assert_turns(1, "0");
    turn.seat = pass.turns.open[0];
    turn.seat->out = 1;
    assert_int_equal(next_turn(&turn), TURNS_LATER);
    assert_false(turns_last(&pass));
    pass.turns.open[0]->out = 0;
    assert_turns(10, "0 0");
    assert_int_equal(next_turn(&turn), TURNS_NONE);
    users[0].late = 1;
    assert_true(turns_look(&pass.turns));
    assert_turns(10, "0");
    assert_false(turns_look(&pass.turns));
    end();
}

// A spool that another flush has is tried once more when all else is done; ours for as long as
// patience lasts. Who stays busy is told of.
static void test_busy(void **state)
{
    (void)state;
    begin(3);
    pass.patient_until = INT64_MAX;
    users[0] = (struct user){.mail = 1, .busy = 5};
    users[1] = (struct user){.mail = 1, .busy = 1};
    users[2] = (struct user){.mail = 1, .busy = 9};
    assert_turns(10, "1 0");
    assert_int_equal(users[0].opened, 6);
    assert_int_equal(users[1].opened, 2);
    assert_int_equal(users[2].opened, 2);
    assert_int_equal(users[0].complaints, 0);
    assert_int_equal(users[2].complaints, 1);
    end();
    begin(1);
    users[0] = (struct user){.mail = 1, .busy = 9};
    assert_turns(10, ""); // no patience
    assert_int_equal(users[0].opened, 2);
    assert_int_equal(users[0].complaints, 1);
    end();
}

// A signal: nobody has another turn, and what is open gets closed.
static void test_stopped(void **state)
{
    (void)state;
    begin(20);
    for (size_t i = 0; i < 20; i++)
        users[i].mail = 3;
    assert_turns(2, "0 1");
    pass.stopping = true;
    turns_end(&pass);
    assert_int_equal(now_open, 0);
    assert_int_equal(pass.turns.n_open, 0);
    end();
}

// The next pass finds other places, and of those that stayed it has the lists.
static void test_lists_stay(void **state)
{
    (void)state;
    struct turns next;
    begin(3);
    for (size_t i = 0; i < 3; i++) {
        struct seat *s = (struct seat *)(void *)pass.turns.store.p + i;
        char name[16];
        snprintf(name, sizeof name, "%zu", i);
        worklist_add(&s->list, MAILDIR_NEW, name);
        s->listed = true;
    }
    // 0 went, 3 came, and their order is another one.
    struct place other[3] = {places[2], places[0], places[1]};
    other[1].owner.uid = 3;
    struct spools found = {.place = other, .n = 3};
    turns_init(&next, &pass.turns, &found);
    const struct seat *s = (const struct seat *)(const void *)next.store.p;
    assert_int_equal(next.n, 3);
    assert_true(s[0].listed && !s[1].listed && s[2].listed);
    assert_int_equal(worklist_left(&s[0].list), 1);
    assert_int_equal(worklist_left(&s[1].list), 0);
    assert_string_equal(s[0].list.names.p, "2");
    assert_string_equal(s[2].list.names.p, "1");
    assert_int_equal(pass.turns.n, 0);
    turns_free(&next);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_many_users),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_late_mail),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_lists_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
