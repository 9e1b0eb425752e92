// SPDX-License-Identifier: ISC
// links: sendmail
// wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sysexits.h>

#include "base/io.h"
#include "base/process.h"
#include "sendmail/store.h"
#include "unit/faults.h"
#include "unit/mail.h"

// The call in this place fails with this error; 0 for none. What takes away may not: it is
// the last resort.
static unsigned fail_at, calls;
static int error;

static int judge(char call, int fd)
{
    (void)fd;
    return call != 'u' && ++calls == fail_at ? error : 0;
}

static char spool[512];
static struct config config;

static int setup(void **state)
{
    fail_at = calls = 0;
    faults_begin("", judge);
    if (mail_setup(state))
        return -1;
    snprintf(spool, sizeof spool, "%s", tree_path("spool"));
    config = (struct config){.mode = CONFIG_PERSONAL, .parsed = true, .spool = spool};
    return 0;
}

// All that is done for a message, as far as it gets.
static int take_all_steps(struct store *s, struct buf *why)
{
    struct block_patch patch = {.at = 0, .text = "H", .n = 1};
    int status = store_open(s, &config, why);
    if (!status)
        status = store_create(s, why);
    if (!status)
        status = store_write(s, SPAN("hello\n"), why);
    if (!status)
        status = store_patch(s, &patch, why);
    if (!status)
        status = store_publish(s, why);
    process_unblock_signals();
    return status;
}

static void a_message(void **state)
{
    struct store s;
    struct buf why = BUF_INIT(1000);
    char name[64], text[16] = "";
    (void)state;
    assert_int_equal(take_all_steps(&s, &why), 0);
    assert_int_equal(why.n, 0);
    assert_int_equal(s.error, 0);
    snprintf(name, sizeof name, "spool/new/%s", s.deposit.id);
    store_close(&s);
    int fd = open(tree_path(name), O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof text), 6);
    close(fd);
    assert_string_equal(text, "Hello\n");
    assert_int_equal(mail_count("tmp"), 0);
}

// Every call fails once, in every way: nothing stays behind, and the status tells which way.
static void trouble_at_each_step(void **state)
{
    static const struct {
        int error, open_status;
    } errors[] = {{EACCES, EX_CANTCREAT}, {EROFS, EX_CANTCREAT}, {ENOSPC, EX_TEMPFAIL},
                  {EDQUOT, EX_TEMPFAIL},  {EIO, EX_TEMPFAIL},    {EMFILE, EX_TEMPFAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        error = errors[i].error;
        bool failed = true;
        unsigned failures = 0;
        for (fail_at = 1; failed; fail_at++) {
            struct store s;
            struct buf why = BUF_INIT(1000);
            calls = 0;
            int status = take_all_steps(&s, &why);
            failed = calls >= fail_at;
            if (status) {
                failures++;
                assert_true(status == EX_TEMPFAIL || status == errors[i].open_status);
                assert_int_equal(s.error, error);
                assert_true(why.n > 0);
                store_close(&s);
                assert_int_equal(mail_count("tmp"), 0);
                assert_int_equal(mail_count("new"), 0);
            } else {
                char name[64];
                snprintf(name, sizeof name, "spool/new/%s", s.deposit.id);
                store_close(&s);
                assert_int_equal(unlink(tree_path(name)), 0);
            }
            buf_free(&why);
        }
        // The spool, tmp and new; the file; written twice, synced, closed, renamed, synced.
        assert_int_equal(failures, 10);
    }
}

static void what_was_not_published(void **state)
{
    struct store s;
    struct buf why = BUF_INIT(1000);
    (void)state;
    assert_int_equal(store_open(&s, &config, &why), 0);
    store_close(&s);
    assert_int_equal(store_open(&s, &config, &why), 0);
    assert_int_equal(store_create(&s, &why), 0);
    assert_int_equal(mail_count("tmp"), 1);
    store_close(&s);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 0);
}

static void no_spool(void **state)
{
    struct store s;
    struct buf why = BUF_INIT(1000);
    (void)state;
    assert_int_equal(chmod(spool, 0755), 0);
    assert_int_equal(store_open(&s, &config, &why), EX_TEMPFAIL);
    assert_non_null(strstr(buf_str(&why), "mode 0700"));
    store_close(&s);
    buf_free(&why);
}

// From the rename on a signal waits; before, it takes the file away.
static int end_in(bool publish)
{
    struct store s;
    struct buf why = BUF_INIT(1000);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        if (store_open(&s, &config, &why) || store_create(&s, &why) ||
            (publish && store_publish(&s, &why)))
            _exit(1);
        raise(SIGTERM);
        _exit(2);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void signals(void **state)
{
    (void)state;
    int status = end_in(false);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(mail_count("tmp"), 0);
    status = end_in(true);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    assert_int_equal(mail_count("new"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, mail_teardown)
        TEST(a_message),
        TEST(trouble_at_each_step),
        TEST(what_was_not_published),
        TEST(no_spool),
        TEST(signals),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
