// SPDX-License-Identifier: ISC
// links: spool
// wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/io.h"
#include "spool/deposit.h"
#include "spool/entry.h"
#include "unit/faults.h"
#include "unit/mail.h"

// So many syncs are well, whatever fails.
static int good_syncs;

static int judge(char call, int fd)
{
    (void)fd;
    return call == 's' && good_syncs-- > 0 ? 0 : fault_of(call);
}

static int setup(void **state)
{
    if (mail_setup(state))
        return -1;
    good_syncs = 0;
    faults_begin("wscr", judge);
    return 0;
}

static const char text[] = "From: x\n\nj\xc3\xbcrgen and a line\n";

static int deposit(char id[MAILDIR_ID + 1])
{
    struct block b;
    block_init(&b);
    b.arrival = 1795357046020572;
    assert_true(envelope_add(&b.envelope, SPAN("ada@example.org"), SPAN("NOTIFY=NEVER")));
    int bad = deposit_message(&mail, &b, SPAN(text), id);
    block_free(&b);
    return bad;
}

static void test_message(void **state)
{
    (void)state;
    struct entry e;
    char id[MAILDIR_ID + 1], got[sizeof text] = "";
    assert_int_equal(deposit(id), 0);
    // Complete and durable before it can be seen; the name durable before it counts.
    assert_string_equal(did, "wwscrs");
    assert_int_equal(strlen(id), MAILDIR_ID);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 1);
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, id, false), ENTRY_OPEN);
    assert_int_equal(e.block.octets, sizeof text - 1);
    assert_int_equal(e.block.lines, 3);
    assert_int_equal(e.block.longest, strlen("j\xc3\xbcrgen and a line"));
    assert_true(e.block.eightbit);
    assert_false(e.block.nul);
    assert_int_equal(e.block.arrival, 1795357046020572);
    assert_string_equal(envelope_sender(&e.block.envelope), "");
    assert_string_equal(envelope_address(&e.block.envelope, 0), "ada@example.org");
    assert_int_equal(pread(e.fd, got, sizeof got, (off_t)e.block.size), sizeof text - 1);
    assert_string_equal(got, text);
    entry_close(&e);
}

static void test_failures(void **state)
{
    (void)state;
    static const struct {
        int *what;
        int after;
    } table[] = {
        {&fault.write, 0},  {&fault.sync, 0}, {&fault.close, 0},
        {&fault.rename, 0}, {&fault.sync, 1}, // of the directory
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char id[MAILDIR_ID + 1];
        *table[i].what = ENOSPC;
        good_syncs = table[i].after;
        errno = 0;
        assert_int_equal(deposit(id), -1);
        assert_int_equal(errno, ENOSPC);
        *table[i].what = 0;
        assert_int_equal(mail_count("tmp"), 0);
        assert_int_equal(mail_count("new"), 0);
    }
}

// Whether one could be queued: all that it takes is done, and undone.
static void test_try(void **state)
{
    (void)state;
    int *what[] = {&fault.write, &fault.sync, &fault.close};
    assert_int_equal(deposit_try(&mail), 0);
    assert_string_equal(did, "wsc");
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        *what[i] = EROFS;
        assert_int_equal(deposit_try(&mail), -1);
        assert_int_equal(errno, EROFS);
        *what[i] = 0;
    }
    assert_int_equal(mail_count("tmp") + mail_count("new"), 0);
}

// A message that no block can hold the recipients of is none.
static void test_too_large(void **state)
{
    (void)state;
    struct block b;
    static char options[ENVELOPE_OPTIONS_MAX + 1];
    char id[MAILDIR_ID + 1], address[32];
    memset(options, 'x', ENVELOPE_OPTIONS_MAX);
    block_init(&b);
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(address, sizeof address, "r%u@example.org", i);
        assert_true(envelope_add(&b.envelope, span_of(address), span_of(options)));
    }
    assert_int_equal(deposit_message(&mail, &b, SPAN(text), id), -1);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(mail_count("tmp") + mail_count("new"), 0);
    block_free(&b);
}

// By steps, as sendmail takes them: nothing is left of what was given up at any of them.
static void test_steps(void **state)
{
    (void)state;
    for (int steps = 0; steps <= 4; steps++) {
        struct deposit d;
        struct block b;
        struct block_patch patch;
        struct buf head = BUF_INIT(10000);
        block_init(&b);
        assert_true(envelope_add(&b.envelope, SPAN("ada@example.org"), SPAN("")));
        assert_true(block_encode(&head, &b));
        b.octets = sizeof text - 1;
        block_patch_figures(&b, &patch);
        assert_int_equal(deposit_name(&d, &mail), 0);
        assert_int_equal(mail_count("tmp"), 0);
        if (steps > 0)
            assert_int_equal(deposit_begin(&d), 0);
        if (steps > 1) {
            assert_int_equal(deposit_write(&d, buf_span(&head)), 0);
            assert_int_equal(deposit_write(&d, SPAN(text)), 0);
            assert_int_equal(deposit_patch(&d, &patch), 0);
        }
        if (steps > 2)
            assert_int_equal(deposit_seal(&d), 0);
        if (steps > 3)
            assert_int_equal(deposit_publish(&d), 0);
        assert_int_equal(mail_count("tmp"), steps > 0 && steps < 4);
        deposit_abandon(&d);
        deposit_abandon(&d);
        assert_int_equal(mail_count("tmp"), 0);
        assert_int_equal(mail_count("new"), steps > 3);
        if (steps > 3) {
            struct entry e;
            assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, d.id, false), ENTRY_OPEN);
            entry_close(&e);
        }
        block_free(&b);
        buf_free(&head);
    }
    struct deposit none = {.fd = -1};
    deposit_abandon(&none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, mail_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_message),   TEST(test_failures), TEST(test_try),
        TEST(test_too_large), TEST(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
