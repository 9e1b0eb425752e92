// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "sendoff/drop/dropguest.h"
#include "unit/faults.h"
#include "unit/mail.h"

#define TICKET "0123456789abcdef0123456789abcdef"
#define UID    4711

// The call in this place fails; 0 for none. What takes away may not: it is the last resort.
static unsigned fail_at, calls;

static int judge(char call, int fd)
{
    (void)fd;
    return call != 'u' && ++calls == fail_at ? ENOSPC : 0;
}

static struct dropbook book;
static struct dropguest_rules rules;
static struct dropguest guest;
static int client;

static int setup(void **state)
{
    fail_at = 0;
    faults_begin("", judge);
    if (mail_setup(state) || dropbook_init(&book, &mail, clock_wall(), 0))
        return -1;
    rules = (struct dropguest_rules){.maildir = &mail,
                                     .book = &book,
                                     .max_size = 1000,
                                     .max_recipients = 3,
                                     .max_queued = 2};
    return 0;
}

static int teardown(void **state)
{
    dropbook_free(&book);
    return mail_teardown(state);
}

static void come(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    client = ends[1];
    dropguest_begin(&guest, ends[0], UID, 0);
}

static enum dropguest_next say(struct span text)
{
    enum dropguest_next next = DROPGUEST_STAYS;
    while (text.n && next == DROPGUEST_STAYS) {
        size_t n = text.n < 4096 ? text.n : 4096;
        assert_int_equal(send(client, text.p, n, MSG_NOSIGNAL), n);
        text = (struct span){text.p + n, text.n - n};
        next = dropguest_step(&guest, &rules, 0);
        if (next == DROPGUEST_NAMED)
            next = dropguest_admit(&guest, &rules, 0);
    }
    return next;
}

static void assert_heard(const char *want)
{
    char line[HANDIN_ANSWER_MAX + 1] = "";
    assert_true(recv(client, line, HANDIN_ANSWER_MAX, MSG_DONTWAIT) > 0);
    assert_int_equal(strncmp(line, want, strlen(want)), 0);
}

static void leave(void)
{
    dropguest_end(&guest);
    close(client);
}

static void ask_in(const char *ticket)
{
    struct buf line = BUF_INIT(100);
    come();
    handin_put_store(&line, ticket);
    assert_int_equal(say(buf_span(&line)), DROPGUEST_STAYS);
    assert_heard("ready\n");
    buf_free(&line);
}

// The block of a message to so many recipients, and the text behind it.
static struct buf message(unsigned recipients, const char *first, const char *text)
{
    struct buf out = BUF_INIT(1 << 22);
    struct block b;
    char address[64];
    block_init(&b);
    b.uid = 0;
    b.attempts = 7;
    b.octets = 99999;
    strcpy(b.account, "forged");
    assert_true(envelope_set_sender(&b.envelope, SPAN("sender@example.org")));
    assert_true(envelope_add(&b.envelope, span_of(first), SPAN("NOTIFY=NEVER")));
    for (unsigned i = 1; i < recipients; i++) {
        snprintf(address, sizeof address, "r%u@example.org", i);
        assert_true(envelope_add(&b.envelope, span_of(address), SPAN("")));
    }
    envelope_recipient(&b.envelope, 0)->status = RECIPIENT_DELIVERED;
    envelope_recipient(&b.envelope, 0)->code = 250;
    assert_true(block_encode(&out, &b));
    buf_puts(&out, text);
    block_free(&b);
    return out;
}

static enum dropguest_next hand_in(struct span data, size_t piece, const char *end)
{
    struct buf all = BUF_INIT(1 << 23);
    size_t n = data.n;
    while (data.n) {
        size_t part = data.n < piece ? data.n : piece;
        handin_put_data(&all, part);
        buf_put(&all, data.p, part);
        data = (struct span){data.p + part, data.n - part};
    }
    handin_put_end(&all, n);
    buf_puts(&all, end);
    enum dropguest_next next = say(buf_span(&all));
    buf_free(&all);
    return next;
}

static void assert_empty(void)
{
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(mail_count("tmp"), 0);
}

static const char *the_name(void)
{
    static struct buf names;
    buf_free(&names);
    assert_int_equal(maildir_list(&mail, MAILDIR_NEW, 10, &names), 1);
    return names.p;
}

static void it_is_stored(void **state)
{
    (void)state;
    static const size_t pieces[] = {65536, 500, 7, 1};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buf data = message(3, "r0@example.org", "Subject: x\n\nb\xc3\xa4h\n");
        struct block b;
        char text[4096];
        char path[256];
        ask_in(TICKET);
        assert_int_equal(hand_in(buf_span(&data), pieces[i], ""), DROPGUEST_GOES);
        assert_true(guest.stored);
        assert_heard("stored ");
        snprintf(path, sizeof path, "spool/new/%s", the_name());
        assert_non_null(strstr(path, ".4711." TICKET));
        int fd = open(tree_path(path), O_RDONLY | O_CLOEXEC);
        ssize_t n = read(fd, text, sizeof text);
        close(fd);
        block_init(&b);
        assert_int_equal(block_decode(&b, (struct span){text, (size_t)n}), BLOCK_DONE);
        // Of the client's block the envelope counts, and nothing else.
        assert_int_equal(b.uid, UID);
        assert_int_equal(b.attempts, 0);
        assert_string_equal(b.account, "");
        assert_int_equal(b.octets, (uint64_t)n - b.size);
        assert_int_equal(b.octets, 17);
        assert_int_equal(b.lines, 3);
        assert_int_equal(b.longest, 10);
        assert_true(b.eightbit);
        assert_false(b.nul);
        assert_true(clock_wall() - b.arrival < 10000000);
        assert_int_equal(envelope_waiting(&b.envelope), 3);
        assert_int_equal(envelope_recipient(&b.envelope, 0)->code, 0);
        assert_string_equal(envelope_recipient_options(&b.envelope, 0), "NOTIFY=NEVER");
        assert_memory_equal(text + b.size, "Subject: x\n\nb\xc3\xa4h\n", 17);
        block_free(&b);
        leave();
        buf_free(&data);
        unlink(tree_path(path));
        dropbook_free(&book);
        assert_int_equal(dropbook_init(&book, &mail, clock_wall(), 0), 0);
    }
}

static void it_is_stored_once(void **state)
{
    (void)state;
    struct buf data = message(1, "r0@example.org", "x\n");
    char want[64];
    ask_in(TICKET);
    assert_int_equal(hand_in(buf_span(&data), 9999, ""), DROPGUEST_GOES);
    snprintf(want, sizeof want, "stored %s\n", guest.deposit.id);
    assert_heard(want);
    leave();
    come();
    assert_int_equal(say(SPAN("sendoff-handin 1 store " TICKET "\n")), DROPGUEST_GOES);
    assert_heard(want);
    leave();
    come();
    assert_int_equal(say(SPAN("sendoff-handin 1 ask " TICKET "\n")), DROPGUEST_GOES);
    assert_heard(want);
    leave();
    assert_int_equal(mail_count("new"), 1);
    buf_free(&data);
}

static void what_is_not_there_is_unknown(void **state)
{
    (void)state;
    come();
    assert_int_equal(say(SPAN("sendoff-handin 1 ask " TICKET "\n")), DROPGUEST_GOES);
    assert_heard("unknown\n");
    leave();
}

static void the_nameless_are_refused(void **state)
{
    (void)state;
    come();
    guest.nameless = true;
    assert_int_equal(say(SPAN("sendoff-handin 1 store " TICKET "\n")), DROPGUEST_GOES);
    assert_heard("refused 77 ");
    leave();
}

static void limits_hold(void **state)
{
    (void)state;
    static char large[1002];
    memset(large, 'x', 1000);
    large[1000] = '\n';
    static const struct {
        unsigned recipients;
        const char *first, *text, *end, *answer;
    } cases[] = {
        {4, "r0@example.org", "x\n", "", "refused 65 too many recipients"},
        {1, "r0@example.org", large, "", "refused 65 the message is larger than 1000"},
        {1, "r0@example.org", "", "", "refused 65 the message is not whole"},
        {1, "r0@example.org", "x", "", "refused 65 the message is not whole"},
        {1, "r0@example.org", "x\n", "data 1\nx", "refused 65 this is not how"},
        {1, "r0@example.org", "x\n", "\n", "refused 65 this is not how"},
        {1, "a b@example.org", "x\n", "", "refused 65 a recipient is no address"},
        {1, "a> <b@example.org", "x\n", "", "refused 65 a recipient is no address"},
        {1, "", "x\n", "", "refused 65 a recipient is no address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf data = message(cases[i].recipients, cases[i].first, cases[i].text);
        ask_in(TICKET);
        assert_int_equal(hand_in(buf_span(&data), 9999, cases[i].end), DROPGUEST_GOES);
        assert_heard(cases[i].answer);
        assert_false(guest.stored);
        leave();
        assert_empty();
        buf_free(&data);
    }
}

static void blocks_that_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Subject: no block\n\nx\n", "Sendoff-Spool: 1 block=9999999999 octets=1\n",
        "Sendoff-Spool: 2 block=0000000639 octets=00000000000000000175\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ask_in(TICKET);
        assert_int_equal(hand_in(span_of(texts[i]), 9999, ""), DROPGUEST_GOES);
        assert_heard(i == 2 ? "refused 75 " : "refused 65 ");
        leave();
    }
    // Cut short, it is none either.
    struct buf data = message(1, "r0@example.org", "");
    ask_in(TICKET);
    assert_int_equal(hand_in((struct span){data.p, data.n - 1}, 9999, ""), DROPGUEST_GOES);
    assert_heard("refused 65 ");
    leave();
    assert_empty();
    buf_free(&data);
}

// Who says it is that long is not waited for.
static void a_block_is_bounded(void **state)
{
    (void)state;
    struct buf data = message(
        20000, "a-rather-long-address-that-many-others-follow@example.org", "x\n");
    assert_true(data.n > DROPGUEST_BLOCK_MAX);
    ask_in(TICKET);
    struct buf first = BUF_INIT(10000);
    handin_put_data(&first, 1000);
    buf_put(&first, data.p, 1000);
    assert_int_equal(say(buf_span(&first)), DROPGUEST_GOES);
    assert_heard("refused 65 the recipients' addresses are too long together");
    leave();
    buf_free(&first);
    buf_free(&data);
}

static void only_so_many_wait(void **state)
{
    (void)state;
    struct buf data = message(1, "r0@example.org", "x\n");
    static const char *const tickets[] = {"0000000000000000000000000000000a",
                                          "0000000000000000000000000000000b"};
    for (size_t i = 0; i < 2; i++) {
        ask_in(tickets[i]);
        assert_int_equal(hand_in(buf_span(&data), 9999, ""), DROPGUEST_GOES);
        assert_heard("stored ");
        leave();
    }
    come();
    assert_int_equal(say(SPAN("sendoff-handin 1 store " TICKET "\n")), DROPGUEST_GOES);
    assert_heard("refused 75 2 messages of uid 4711 wait already");
    leave();
    assert_int_equal(mail_count("new"), 2);
    buf_free(&data);
}

static void who_leaves_takes_it_along(void **state)
{
    (void)state;
    struct buf data = message(1, "r0@example.org", "half of a mess"), part = BUF_INIT(10000);
    ask_in(TICKET);
    handin_put_data(&part, data.n);
    buf_put_span(&part, buf_span(&data));
    assert_int_equal(say(buf_span(&part)), DROPGUEST_STAYS);
    assert_int_equal(mail_count("tmp"), 1);
    shutdown(client, SHUT_WR);
    assert_int_equal(dropguest_step(&guest, &rules, 0), DROPGUEST_GOES);
    leave();
    assert_empty();
    buf_free(&part);
    buf_free(&data);
}

// Every call fails once: it is refused for now, nothing stays, and nothing is believed stored.
static void trouble_at_each_step(void **state)
{
    (void)state;
    struct buf data = message(1, "r0@example.org", "x\n");
    unsigned failures = 0;
    bool failed = true;
    for (unsigned at = 1; failed; at++) {
        ask_in(TICKET);
        calls = 0;
        fail_at = at;
        assert_int_equal(hand_in(buf_span(&data), 9999, ""), DROPGUEST_GOES);
        failed = calls >= fail_at;
        fail_at = 0;
        assert_heard(failed ? "refused 75 " : "stored ");
        assert_int_equal(guest.stored, !failed);
        leave();
        if (failed)
            assert_empty();
        failures += failed;
    }
    assert_true(failures >= 6);
    assert_int_equal(mail_count("new"), 1);
    buf_free(&data);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_is_stored),
        TEST(it_is_stored_once),
        TEST(what_is_not_there_is_unknown),
        TEST(the_nameless_are_refused),
        TEST(limits_hold),
        TEST(blocks_that_are_none),
        TEST(a_block_is_bounded),
        TEST(only_so_many_wait),
        TEST(who_leaves_takes_it_along),
        TEST(trouble_at_each_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
