// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: child_start spools_find config_account_dir config_domain
// Whole passes over a real spool, a child of ours playing sendoff-submit.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "sendoff/pass/flush.h"
#include "sendoff/pass/turns.h"
#include "sendoff/spools/spools.h"
#include "spool/account.h"
#include "spool/entry.h"
#include "spool/lock.h"
#include "unit/mail.h"
#include "unit/submit_peer.h"

// Where flush finds things: here, and nowhere on this host.
void __wrap_spools_find(struct spools *s, const struct config *config);
bool __wrap_config_account_dir(const struct config *config, struct buf *out);
bool __wrap_config_domain(const struct config *config, struct buf *out);

static unsigned more_spools; // beside that one: more0, more1, ...

void __wrap_spools_find(struct spools *s, const struct config *config)
{
    (void)config;
    struct identity self = {geteuid(), getegid()};
    *s = (struct spools){0};
    spools_add(s, tree_path("spool"), &self);
    for (unsigned i = 0; i < more_spools; i++) {
        char path[32];
        snprintf(path, sizeof path, "more%u", i);
        spools_add(s, tree_path(path), &self);
    }
}

bool __wrap_config_account_dir(const struct config *config, struct buf *out)
{
    (void)config;
    buf_puts(out, tree_path("account"));
    return true;
}

bool __wrap_config_domain(const struct config *config, struct buf *out)
{
    if (config->domain[0])
        buf_puts(out, config->domain);
    return config->domain[0];
}

static struct config_account account = {.name = "work"};
static char config_path[] = "/the/config", nothing[] = "", domain[] = "client.example";
static char admin[] = "admin@example.net";
static struct config config;
static struct flush_options options;
static struct flush_result result;

static int setup(void **state)
{
    config = (struct config){.path = config_path,
                             .account = nothing,
                             .domain = domain,
                             .aliases = nothing,
                             .local_to = nothing,
                             .bounce = BOUNCE_KEEP, // reports: test_report.c
                             .retry_first = 60,
                             .retry_longest = 3600,
                             .expire = 86400,
                             .accounts = &account,
                             .n_accounts = 1};
    options = (struct flush_options){0};
    peer_starts = 0;
    peer_error = 0;
    more_spools = 0;
    return mail_setup(state);
}

static void run(void (*scene)(void))
{
    struct buf why = BUF_INIT(4096);
    peer_scene = scene;
    int status = flush(&config, &options, &result, &why);
    if (status)
        fail_msg("%d: %s", status, buf_str(&why));
    buf_free(&why);
    // Nobody is left behind, neither process nor lock.
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    int lock = lock_take(mail.root, LOCK_NAME);
    assert_true(lock >= 0);
    close(lock);
}

static void make(const char *path, unsigned recipients)
{
    assert_int_equal(mail_write(path, recipients, "hello\n"), 0);
}

static void assert_message(enum maildir_place place, const char *name, const char *statuses,
                           unsigned attempts, unsigned doubts)
{
    struct entry e;
    char found[64] = "";
    assert_int_equal(entry_open(&e, &mail, place, name, false), ENTRY_OPEN);
    for (size_t i = 0; i < envelope_count(&e.block.envelope); i++)
        found[i] = (char)envelope_recipient(&e.block.envelope, i)->status;
    assert_string_equal(found, statuses);
    assert_int_equal(e.block.attempts, attempts);
    assert_int_equal(e.block.doubts, doubts);
    entry_close(&e);
}

static void answer_all(const char *outcome)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        peer_answer(&j, outcome);
        close(fd);
        job_free(&j);
    }
}

static void delivers(void)
{
    answer_all(PEER_DELIVERED);
}

static void defers(void)
{
    answer_all(PEER_DEFERRED);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    run(delivers);
    assert_int_equal(peer_starts, 0);
    assert_int_equal(result.left, 0);
}

static void test_all_delivered(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        char path[32];
        snprintf(path, sizeof path, i % 2 ? "new/A%03d" : "cur/A%03d:2,S", i);
        make(path, (unsigned)i % 3 + 1);
    }
    run(delivers);
    assert_int_equal(peer_starts, 1);
    assert_int_equal(mail_count("new") + mail_count("cur") + mail_count(".failed/new"), 0);
    assert_int_equal(result.counts.sent, 600);
    assert_int_equal(result.left + result.counts.trouble, 0);
}

// Each descriptor is a message, from its beginning, and can not be written to.
static void checks_what_it_gets(void)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        char text[16] = "";
        bool good = pread(fd, text, sizeof text, (off_t)j.offset) == 6 &&
                    strcmp(text, "hello\n") == 0 && j.octets == 6 && j.lines == 1 &&
                    write(fd, "x", 1) < 0 &&
                    strcmp(envelope_sender(&j.envelope), "sender@example.org") == 0;
        peer_answer(&j, good ? PEER_DELIVERED : PEER_FAILED);
        close(fd);
        job_free(&j);
    }
}

static void test_what_is_handed_over(void **state)
{
    (void)state;
    make("new/A1", 2);
    make("new/A2", 1);
    run(checks_what_it_gets);
    assert_int_equal(result.counts.sent, 3);
}

static void test_deferred(void **state)
{
    (void)state;
    make("new/A1", 2);
    run(defers);
    assert_message(MAILDIR_NEW, "A1", "WW", 1, 0);
    assert_int_equal(result.left, 1);
    assert_int_equal(result.counts.deferred, 2);
    assert_false(result.line_trouble);
    options.due = true; // and now it is not due
    run(defers);
    assert_int_equal(peer_starts, 1);
    assert_int_equal(result.left, 1);
    options.due = false;
    run(delivers);
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(result.left, 0);
}

static void mixes(void)
{
    static const char *const outcomes[] = {PEER_DELIVERED, PEER_DEFERRED, PEER_FAILED};
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        for (size_t i = 0; i < envelope_count(&j.envelope); i++)
            peer_say("recipient %u %zu %s\n", j.number, envelope_recipient(&j.envelope, i)->at,
                     outcomes[i % 3]);
        peer_say("done %u\n", j.number);
        job_free(&j);
    }
}

// The second time only those that wait are in the job, under their own places.
static void delivers_the_second(void)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        bool good = envelope_count(&j.envelope) == 1 &&
                    envelope_recipient(&j.envelope, 0)->at == 1 &&
                    strcmp(envelope_address(&j.envelope, 0), "r1@example.org") == 0;
        peer_answer(&j, good ? PEER_DELIVERED : PEER_DEFERRED);
        job_free(&j);
    }
}

static void test_mixed(void **state)
{
    (void)state;
    make("new/A1", 3);
    run(mixes);
    assert_message(MAILDIR_NEW, "A1", "DWF", 1, 0);
    assert_int_equal(result.left, 1);
    run(delivers_the_second);
    assert_message(MAILDIR_FAILED_NEW, "A1", "DDF", 2, 0);
    assert_int_equal(result.left, 0);
}

static void test_what_is_left_alone(void **state)
{
    (void)state;
    make("cur/HELD:2,H", 1);
    make("cur/CANCELLED:2,ST", 1);
    make("new/GOOD", 1);
    assert_int_equal(tree_text("spool/new/FOREIGN", "Sendoff-Spool: 2 later\n"), 0);
    assert_int_equal(tree_text("spool/new/.hidden", "x"), 0);
    assert_int_equal(tree_text("spool/new/a b", "x"), 0);
    run(delivers);
    assert_int_equal(result.counts.sent, 1);
    assert_message(MAILDIR_CUR, "HELD:2,H", "W", 0, 0);
    assert_message(MAILDIR_CUR, "CANCELLED:2,ST", "W", 0, 0);
    assert_true(mail_has("new/FOREIGN") && mail_has("new/.hidden") && mail_has("new/a b"));
}

static void test_what_is_no_message(void **state)
{
    (void)state;
    assert_int_equal(tree_text("spool/new/A1", "From: somebody\n\nno block\n"), 0);
    assert_int_equal(symlink("/etc/passwd", tree_path("spool/new/A2")), 0);
    assert_int_equal(mkfifo(tree_path("spool/new/A3"), 0600), 0);
    make("new/A4", 1);
    assert_int_equal(truncate(tree_path("spool/new/A4"), 300), 0);
    make("new/A5", 1);
    run(delivers);
    assert_int_equal(result.counts.sent, 1);
    assert_int_equal(result.broken, 4);
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(mail_count(".failed/new"), 4);
}

static void mark(const char *name, size_t recipient, enum verdict verdict)
{
    struct entry e;
    struct outcome o = {.verdict = verdict, .code = 250};
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, name, true), ENTRY_OPEN);
    assert_int_equal(entry_mark(&e, recipient, &o), 0);
    entry_close(&e);
}

// A crash came between the marks and the removal: nobody is sent anything again.
static void test_what_a_crash_left(void **state)
{
    (void)state;
    make("new/A1", 2);
    mark("A1", 0, VERDICT_DELIVERED);
    mark("A1", 1, VERDICT_DELIVERED);
    make("new/A2", 2);
    mark("A2", 0, VERDICT_FAILED);
    mark("A2", 1, VERDICT_DELIVERED);
    make("new/A3", 1);
    assert_int_equal(link(tree_path("spool/new/A3"), tree_path("spool/tmp/A3")), 0);
    run(delivers);
    assert_int_equal(result.counts.sent, 1);
    assert_int_equal(mail_count("new") + mail_count("tmp"), 0);
    assert_message(MAILDIR_FAILED_NEW, "A2", "FD", 0, 0);
}

static void test_chosen_ones(void **state)
{
    (void)state;
    struct select chosen;
    make("new/A1", 1);
    make("new/A2", 1);
    select_init(&chosen);
    select_add(&chosen, SELECT_ID, false, "a2");
    options.select = &chosen;
    run(delivers);
    select_free(&chosen);
    options.select = NULL;
    assert_true(mail_has("new/A1"));
    assert_false(mail_has("new/A2"));
}

static void put_bare(const char *path)
{
    struct block b;
    struct buf text = BUF_INIT(10000);
    block_init(&b);
    b.arrival = (int64_t)time(NULL) * 1000000;
    assert_true(envelope_set_sender(&b.envelope, SPAN("sender@example.org")));
    assert_true(envelope_add(&b.envelope, SPAN("root"), SPAN("")));
    assert_true(block_encode(&text, &b));
    assert_int_equal(tree_write(path, text.p, text.n), 0);
    block_free(&b);
    buf_free(&text);
}

// Takes what is for `address`.
static void takes_only(const char *address)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        bool good = !strcmp(envelope_address(&j.envelope, 0), address);
        peer_answer(&j, good ? PEER_DELIVERED : PEER_FAILED);
        close(fd);
        job_free(&j);
    }
}

static void takes_completed(void)
{
    takes_only("root@client.example");
}

static void takes_administrators(void)
{
    takes_only("admin@example.net");
}

static void test_bare_names(void **state)
{
    (void)state;
    put_bare("spool/new/A1");
    config.domain = nothing; // none is known: it waits
    run(delivers);
    assert_message(MAILDIR_NEW, "A1", "W", 1, 0);
    assert_int_equal(result.left, 1);
    config.domain = domain;
    run(takes_completed);
    assert_int_equal(result.counts.sent, 1);
    assert_int_equal(mail_count("new"), 0);
    put_bare("spool/new/A2");
    config.local_to = admin;
    run(takes_administrators);
    assert_int_equal(result.counts.sent, 1);
    assert_int_equal(mail_count("new"), 0);
}

// ---- Trouble. None of it judges a message.

static void says_nothing(void)
{
}

static void refuses_to_log_in(void)
{
    peer_say("%s\nrelay smarthost.example[127.0.0.1]:587\n"
             "session deferred session 535 5.7.8 sure wrong+20password\n",
             OUTCOME_HELLO);
}

static void talks_nonsense(void)
{
    peer_say("HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void dies_early(void)
{
    raise(SIGKILL);
}

// Nothing is claimed before a session stands, one try is enough, and it is told why.
static void test_no_session(void **state)
{
    (void)state;
    static void (*const scenes[])(void) = {says_nothing, refuses_to_log_in, talks_nonsense,
                                           dies_early, NULL};
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        struct stat before, after;
        make("new/A1", 1);
        make("new/A2", 1);
        assert_int_equal(stat(tree_path("spool/new/A1"), &before), 0);
        peer_starts = 0;
        peer_error = scenes[i] ? 0 : ENOENT;
        run(scenes[i]);
        assert_int_equal(peer_starts, 1);
        assert_int_equal(result.left, 2);
        assert_true(result.line_trouble);
        assert_string_not_equal(result.line.text, "");
        assert_message(MAILDIR_NEW, "A1", "W", 0, 0);
        assert_int_equal(stat(tree_path("spool/new/A1"), &after), 0);
        assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    }
    assert_string_not_equal(result.line.text, "");
}

// Takes two jobs, answers the first and goes.
static void goes_after_one(void)
{
    struct job j;
    int fd;
    peer_greet();
    if (peer_job(&j, &fd))
        peer_answer(&j, PEER_DELIVERED);
    if (peer_job(&j, &fd))
        peer_say("begun %u\n", j.number);
    if (peer_starts == 1)
        _exit(0);
    raise(SIGKILL);
}

// It ended in order: the other one was never begun, and another session takes it.
static void test_session_ends_early(void **state)
{
    (void)state;
    make("new/A1", 1);
    make("new/A2", 1);
    make("new/A3", 1);
    run(goes_after_one);
    assert_int_equal(peer_starts, 2);
    assert_int_equal(result.counts.sent, 2);
    assert_true(result.line_trouble);
    assert_int_equal(mail_count("new"), 1);
}

static void breaks_down(void)
{
    struct job j;
    int fd;
    peer_greet();
    if (peer_job(&j, &fd))
        peer_answer(&j, PEER_DELIVERED);
    for (int i = 0; i < 2 && peer_job(&j, &fd); i++)
        if (i == 0)
            peer_say("begun %u\n", j.number);
    raise(SIGKILL);
}

// It broke down: what it had begun may have been sent; all else was as good as never claimed.
static void test_breakdown(void **state)
{
    (void)state;
    make("new/A1", 1);
    make("new/A2", 1);
    make("new/A3", 1);
    run(breaks_down);
    assert_int_equal(peer_starts, 2);
    assert_int_equal(result.counts.sent, 2);
    assert_int_equal(result.counts.doubtful, 1);
    assert_int_equal(result.left, 1);
    assert_true(result.line_trouble);
    assert_message(MAILDIR_NEW, "A2", "W", 1, 1);
    options.due = true; // it rests now
    peer_starts = 0;
    run(delivers);
    assert_int_equal(peer_starts, 0);
}

// What follows nonsense is not believed, be it ever so well formed.
static void nonsense_between(void)
{
    struct job j;
    int fd;
    peer_greet();
    if (!peer_job(&j, &fd))
        return;
    peer_say("begun %u\nrecipient %u 0 delivered\n", j.number, j.number);
    peer_answer(&j, PEER_DELIVERED);
    peer_say("session deferred session 421 4.3.2 sure bye\n");
}

static void test_nonsense_between(void **state)
{
    (void)state;
    make("new/A1", 1);
    run(nonsense_between);
    assert_message(MAILDIR_NEW, "A1", "W", 1, 1);
    assert_int_equal(result.counts.sent, 0);
    assert_int_equal(result.left, 1);
}

// Speaks of jobs and recipients that it has not, and of those that it has, twice.
static void lies(void)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        uint32_t n = j.number;
        peer_say("recipient 0 0 " PEER_DELIVERED "\ndone 0\n");
        peer_say("recipient %u 0 " PEER_DELIVERED "\ndone %u\n", n + 1000, n + 1000);
        peer_say("recipient %u 1 " PEER_DELIVERED "\n", n);
        peer_say("recipient %u 4294967295 " PEER_DELIVERED "\n", n);
        peer_say("recipient %u 0 " PEER_DEFERRED "\nrecipient %u 0 " PEER_DELIVERED "\n", n, n);
        for (int i = 0; i < 3; i++)
            peer_say("done %u\nrecipient %u 0 " PEER_DELIVERED "\n", n, n);
        job_free(&j);
    }
}

static void test_lies(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof path, "new/A%d", i);
        make(path, 1);
    }
    run(lies);
    assert_int_equal(mail_count("new"), 3);
    assert_int_equal(result.left, 3);
    assert_int_equal(result.counts.sent, 0);
}

// Gives every job back unjudged.
static void judges_nothing(void)
{
    answer_all("deferred session 421 4.3.2 sure closing");
}

static void test_given_back(void **state)
{
    (void)state;
    struct stat st;
    make("new/A1", 1);
    make("new/A2", 1);
    struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    assert_int_equal(utimensat(AT_FDCWD, tree_path("spool/new/A1"), old, 0), 0);
    run(judges_nothing);
    assert_int_equal(peer_starts, 1);
    assert_int_equal(result.left, 2);
    assert_message(MAILDIR_NEW, "A1", "W", 0, 0);
    assert_int_equal(stat(tree_path("spool/new/A1"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, 1000000); // as good as never claimed
}

// ---- Others at work.

// While the session is being built mutt is left: all goes to cur/, with or without flags.
static void a_reader_leaves(void)
{
    struct buf line = BUF_INIT(JOB_LINE_MAX);
    peer_line(&line);
    mail_rename("new/A1", "cur/A1:2,");
    mail_rename("new/A2", "cur/A2:2,S");
    mail_rename("new/A3", "cur/A3:2,FS");
    mail_rename("new/A4", "cur/A4:2,T");
    unlink(tree_path("spool/new/A5"));
    peer_say("%s\nrelay here\nready\n", OUTCOME_HELLO);
    struct job j;
    int fd;
    while (peer_job(&j, &fd)) {
        peer_answer(&j, PEER_DELIVERED);
        job_free(&j);
    }
}

static void test_a_mail_reader(void **state)
{
    (void)state;
    for (int i = 1; i <= 5; i++) {
        char path[32];
        snprintf(path, sizeof path, "new/A%d", i);
        make(path, 1);
    }
    run(a_reader_leaves);
    assert_int_equal(result.counts.sent, 3);
    assert_int_equal(result.left, 0);
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(mail_count("cur"), 1);
    assert_true(mail_has("cur/A4:2,T"));
}

static void test_another_has_claimed_it(void **state)
{
    (void)state;
    struct entry e;
    make("new/A1", 1);
    make("new/A2", 1);
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, "A1", true), ENTRY_OPEN);
    assert_int_equal(entry_claim(&e, "other"), ENTRY_OPEN);
    run(delivers);
    assert_int_equal(result.counts.sent, 1);
    assert_int_equal(result.left, 1);
    assert_true(mail_has("new/A1"));
    entry_close(&e);
}

static void test_no_spool(void **state)
{
    (void)state;
    assert_int_equal(rename(tree_path("spool"), tree_path("away")), 0);
    struct buf why = BUF_INIT(4096);
    peer_scene = delivers;
    assert_int_equal(flush(&config, &options, &result, &why), 0);
    assert_int_equal(result.left, 0);
    assert_int_equal(symlink("away", tree_path("spool")), 0);
    assert_int_equal(flush(&config, &options, &result, &why), EX_TEMPFAIL);
    assert_non_null(strstr(buf_str(&why), "spool: "));
    buf_free(&why);
}

// ---- What was in doubt is tried alone.

static void takes_one_at_a_time(void)
{
    struct job j;
    int fd;
    peer_greet();
    while (peer_job(&j, &fd)) {
        struct pollfd more = {.fd = STDIN_FILENO, .events = POLLIN};
        // While this one has no outcome nothing else comes: not even the end.
        bool alone = !peer_in.n && poll(&more, 1, 200) == 0;
        peer_answer(&j, alone ? PEER_DELIVERED : PEER_FAILED);
        job_free(&j);
    }
}

static void doubt(const char *name)
{
    struct entry e;
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, name, true), ENTRY_OPEN);
    e.block.doubts = 1;
    assert_int_equal(entry_write_state(&e), 0);
    entry_close(&e);
}

static void test_in_doubt_alone(void **state)
{
    (void)state;
    make("new/A1", 1);
    make("new/A2", 1);
    make("new/A3", 1);
    doubt("A1");
    doubt("A2");
    doubt("A3");
    run(takes_one_at_a_time);
    assert_int_equal(result.counts.sent, 3);
    assert_int_equal(peer_starts, 1);
}

// ---- A refused credential that comes from a command.

static void refuses_the_credential(void)
{
    peer_say("%s\nrelay here\ncredential\n"
             "session deferred session 535 5.7.8 sure token+20expired\n",
             OUTCOME_HELLO);
}

static void refuses_it_once(void)
{
    if (peer_starts == 1)
        refuses_the_credential();
    else
        delivers();
}

static void test_fresh_credential(void **state)
{
    (void)state;
    make("new/A1", 1);
    run(refuses_it_once);
    assert_int_equal(peer_starts, 2);
    assert_int_equal(result.counts.sent, 1);
    assert_false(result.line_trouble); // the first refusal is nobody's trouble
    make("new/A2", 1);
    peer_starts = 0;
    run(refuses_the_credential);
    assert_int_equal(peer_starts, 2); // and no third
    assert_true(result.line_trouble);
    assert_int_equal(result.left, 1);
    assert_message(MAILDIR_NEW, "A2", "W", 0, 0);
    options.due = true; // the account rests
    peer_starts = 0;
    run(delivers);
    assert_int_equal(peer_starts, 0);
    assert_true(result.backing_off);
}

// ---- What comes while a flush is at work.

static void another_comes(void)
{
    struct job j;
    int fd;
    peer_greet();
    for (int i = 0; peer_job(&j, &fd); i++) {
        if (i < 3) {
            char name[32];
            snprintf(name, sizeof name, "new/B%d", i);
            make(name, 1);
        }
        peer_answer(&j, PEER_DELIVERED);
        job_free(&j);
    }
}

static void test_comes_meanwhile(void **state)
{
    (void)state;
    make("new/A1", 1);
    run(another_comes);
    assert_int_equal(result.counts.sent, 4);
    assert_int_equal(result.left, 0);
    assert_int_equal(mail_count("new"), 0);
}

// After the list was found to be at its end, and before the locks are let go.
static void comes_at_the_end(void)
{
    if (peer_starts == 1)
        make("new/B0", 1);
    delivers();
    if (peer_starts == 1)
        make("new/B1", 1);
}

static void test_comes_at_the_end(void **state)
{
    (void)state;
    struct select chosen;
    make("new/A1", 1);
    make("new/A2", 1);
    select_init(
        &chosen); // who flushes one message answers for what came meanwhile all the same
    select_add(&chosen, SELECT_ID, false, "A1");
    options.select = &chosen;
    run(comes_at_the_end);
    select_free(&chosen);
    assert_int_equal(peer_starts, 2);
    assert_true(mail_has("new/A2"));
    assert_false(mail_has("new/B0") || mail_has("new/B1"));
}

static void test_another_is_at_work(void **state)
{
    (void)state;
    struct buf why = BUF_INIT(4096);
    struct account held;
    make("new/A1", 1);
    assert_int_equal(account_open(&held, tree_path("account"), "work"), ACCOUNT_OPEN);
    assert_int_equal(flush(&config, &options, &result, &why), EX_TEMPFAIL);
    assert_true(result.busy);
    account_close(&held);
    buf_clear(&why);
    int lock = lock_take(mail.root, LOCK_NAME);
    int64_t began = clock_steady();
    assert_int_equal(flush(&config, &options, &result, &why), EX_TEMPFAIL);
    assert_true(result.busy);
    assert_non_null(strstr(buf_str(&why), "pid "));
    assert_true(clock_steady() - began < 1000);
    options.patience = 500;
    began = clock_steady();
    assert_int_equal(flush(&config, &options, &result, &why), EX_TEMPFAIL);
    assert_true(clock_steady() - began >= 500);
    close(lock);
    buf_free(&why);
}

// ---- Several spools.

// So many messages in more<N>.
static void fill(unsigned n, unsigned count)
{
    struct maildir m;
    char path[32], name[32];
    snprintf(path, sizeof path, "more%u", n);
    assert_int_equal(maildir_open(&m, tree_path(path), true), MAILDIR_OPEN);
    for (unsigned i = 0; i < count; i++) {
        make("tmp/X", 1);
        snprintf(name, sizeof name, "A%u.%u", i, n);
        assert_int_equal(renameat(mail.tmp, "X", m.place[MAILDIR_NEW], name), 0);
    }
    maildir_close(&m);
}

static void test_many_spools(void **state)
{
    (void)state;
    more_spools = 3 * TURNS_SEATS;
    for (unsigned i = 0; i < more_spools; i++)
        if (i % 3) // and some are not there at all
            fill(i, i == 1 ? 2 * TURNS_QUANTUM + 10 : 2);
    make("new/A1", 1);
    run(delivers);
    assert_int_equal(peer_starts, 1);
    assert_int_equal(result.counts.sent,
                     2 * TURNS_QUANTUM + 10 + 2 * (2 * TURNS_SEATS - 1) + 1);
    assert_int_equal(result.left, 0);
}

int main(void)
{
#define IN_SPOOL(f) cmocka_unit_test_setup_teardown(f, setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_nothing_to_do),
        IN_SPOOL(test_all_delivered),
        IN_SPOOL(test_what_is_handed_over),
        IN_SPOOL(test_deferred),
        IN_SPOOL(test_mixed),
        IN_SPOOL(test_what_is_left_alone),
        IN_SPOOL(test_what_is_no_message),
        IN_SPOOL(test_what_a_crash_left),
        IN_SPOOL(test_chosen_ones),
        IN_SPOOL(test_bare_names),
        IN_SPOOL(test_no_session),
        IN_SPOOL(test_session_ends_early),
        IN_SPOOL(test_breakdown),
        IN_SPOOL(test_nonsense_between),
        IN_SPOOL(test_lies),
        IN_SPOOL(test_given_back),
        IN_SPOOL(test_a_mail_reader),
        IN_SPOOL(test_another_has_claimed_it),
        IN_SPOOL(test_no_spool),
        IN_SPOOL(test_in_doubt_alone),
        IN_SPOOL(test_fresh_credential),
        IN_SPOOL(test_comes_meanwhile),
        IN_SPOOL(test_comes_at_the_end),
        IN_SPOOL(test_another_is_at_work),
        IN_SPOOL(test_many_spools),
    };
    alarm(100);
    return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
