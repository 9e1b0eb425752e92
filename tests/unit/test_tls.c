// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "submit/tls/tls.h"
#include "tree.h"

static char empty[] = "";

static void assert_refused(char *file, char *dir, const char *said)
{
    const struct config_account a = {.tls_ca_file = file, .tls_ca_dir = dir};
    struct outcome trouble = {0};
    assert_null(tls_new(&a, &trouble));
    assert_int_equal(trouble.scope, SCOPE_SESSION);
    assert_int_equal(trouble.verdict, VERDICT_DEFERRED);
    assert_non_null(strstr(trouble.text, said));
}

// What is set and can not be used is refused; it never makes us trust something else.
static void roots_that_are_none(void **state)
{
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s", tree_path("absent"));
    assert_refused(path, empty, "No such file");
    assert_refused(empty, path, path);
    tree_text("text", "no certificate\n");
    snprintf(path, sizeof path, "%s", tree_path("text"));
    assert_refused(path, empty, path);
    assert_refused(empty, path, path);
    snprintf(path, sizeof path, "%s", tree_path("dir"));
    tree_text("dir/certificate.pem", "x");
    tree_text("dir/1234567.0", "x");
    tree_text("dir/123456789.0", "x");
    tree_text("dir/1234567g.0", "x");
    tree_text("dir/12345678.pem", "x");
    assert_refused(empty, path, "no hashed certificates");
    tree_text("dir/12345678.0", "x");
    const struct config_account a = {.tls_ca_file = empty, .tls_ca_dir = path};
    struct outcome trouble = {0};
    struct tls *t = tls_new(&a, &trouble);
    assert_non_null(t);
    tls_free(t);
    tls_free(NULL);
}

// What comes of a handshake with somebody who says `text` and then goes away.
static void assert_handshake(const char *name, const char *text, const char *said)
{
    char path[512];
    int pair[2];
    struct outcome trouble = {0};
    struct tls_facts facts;
    snprintf(path, sizeof path, "%s", tree_path("dir"));
    tree_text("dir/12345678.0", "x");
    const struct config_account a = {.tls_ca_file = empty, .tls_ca_dir = path};
    struct tls *t = tls_new(&a, &trouble);
    assert_non_null(t);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
                     0);
    assert_true(tls_begin(t, pair[0], name, &trouble));
    assert_int_equal(tls_handshake(t, &trouble), TLS_WAIT);
    assert_int_equal(tls_want(t), POLLIN);
    assert_false(tls_facts(t, &facts));
    assert_int_equal(write(pair[1], text, strlen(text)), strlen(text));
    char hello[4096];
    assert_true(read(pair[1], hello, sizeof hello) > 0);
    close(pair[1]);
    assert_int_equal(tls_handshake(t, &trouble), TLS_FAILED);
    assert_string_equal(trouble.text, said);
    assert_int_equal(trouble.code, 0);
    tls_close(t);
    tls_free(t);
    close(pair[0]);
}

static void no_tls_there(void **state)
{
    (void)state;
    assert_handshake("smtp.example.org", "220 here ESMTP\r\n",
                     "TLS: smtp.example.org does not speak TLS on this port (wrong version "
                     "number)");
    assert_handshake("smtp.example.org.", "",
                     "TLS: smtp.example.org closed the connection in the handshake");
    assert_handshake("192.0.2.7", "", "TLS: 192.0.2.7 closed the connection in the handshake");
    assert_handshake("::1", "", "TLS: ::1 closed the connection in the handshake");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(roots_that_are_none, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(no_tls_there, tree_setup, tree_teardown),
    };
    signal(SIGPIPE, SIG_IGN); // as the program does
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
