// SPDX-License-Identifier: ISC
// links: base
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "base/local.h"
#include "unit/tree.h"

static int listener;

static int setup(void **state)
{
    if (tree_setup(state))
        return -1;
    listener = local_listen(tree_path("socket"));
    return listener < 0;
}

static int teardown(void **state)
{
    close(listener);
    return tree_teardown(state);
}

static int64_t soon(void)
{
    return clock_steady() + 50;
}

static void anybody_may_connect(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(stat(tree_path("socket"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0666);
    assert_int_equal(local_accept(listener), -1);
    assert_int_equal(errno, EAGAIN);
    int client = local_connect(tree_path("socket"), soon());
    int peer = local_accept(listener);
    uid_t uid = (uid_t)-1;
    assert_true(client >= 0 && peer >= 0);
    assert_int_equal(local_peer(peer, &uid), 0);
    assert_int_equal(uid, geteuid());
    close(client);
    close(peer);
}

static void octets_go_both_ways_without_waiting(void **state)
{
    (void)state;
    static char large[1 << 20];
    char text[8];
    int client = local_connect(tree_path("socket"), soon());
    int peer = local_accept(listener);
    assert_int_equal(local_receive(peer, text, sizeof text), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(local_wait(peer, POLLIN, soon()), 0);
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(local_send(client, "hello", 5), 5);
    assert_true(local_wait(peer, POLLIN, soon()) & POLLIN);
    assert_int_equal(local_receive(peer, text, sizeof text), 5);
    while (local_send(client, large, sizeof large) > 0)
        ;
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(local_wait(client, POLLOUT, soon()), 0);
    close(client);
    while (local_receive(peer, large, sizeof large) > 0)
        ;
    assert_int_equal(local_receive(peer, text, sizeof text), 0);
    close(peer);
}

static void a_peer_who_is_gone_is_an_error(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    int client = local_connect(tree_path("socket"), soon());
    close(local_accept(listener));
    assert_int_equal(local_send(client, "hello", 5), -1);
    assert_int_equal(errno, EPIPE);
    close(client);
}

static void who_listens_is_known(void **state)
{
    (void)state;
    int pipes[2];
    assert_true(local_is_listening(listener));
    int client = local_connect(tree_path("socket"), soon());
    assert_false(local_is_listening(client));
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_false(local_is_listening(pipes[0]));
    assert_false(local_is_listening(-1));
    close(client);
    close(pipes[0]);
    close(pipes[1]);
}

static void trouble_is_told_at_once(void **state)
{
    (void)state;
    char path[300];
    assert_int_equal(local_connect(tree_path("nothing"), soon()), -1);
    assert_int_equal(errno, ENOENT);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(local_connect(path, soon()), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(local_listen(path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(local_listen(tree_path("no/such/directory")), -1);
    assert_int_equal(errno, ENOENT);
}

// What a listener that ended has left behind.
static void a_new_listener_takes_the_name(void **state)
{
    (void)state;
    close(listener);
    assert_int_equal(local_connect(tree_path("socket"), soon()), -1);
    assert_int_equal(errno, ECONNREFUSED);
    listener = local_listen(tree_path("socket"));
    assert_true(listener >= 0);
    int client = local_connect(tree_path("socket"), soon());
    assert_true(client >= 0);
    close(client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(anybody_may_connect),
        TEST(octets_go_both_ways_without_waiting),
        TEST(a_peer_who_is_gone_is_an_error),
        TEST(who_listens_is_known),
        TEST(trouble_is_told_at_once),
        TEST(a_new_listener_takes_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
