// SPDX-License-Identifier: ISC
// links: sendmail
// wraps: io_read io_write io_sync
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/io.h"
#include "sendmail/dialogue.h"
#include "sendmail/request.h"
#include "unit/mail.h"

#ifdef __GLIBC__
#define EIO_TEXT    "Input/output error"
#define EDQUOT_TEXT "Disk quota exceeded"
#else
#define EIO_TEXT    "I/O error"
#define EDQUOT_TEXT "Quota exceeded"
#endif

// The two ends of the dialogue, what goes wrong, and how much a read gets at most.
static int client, replies;
static size_t read_most;
static int read_error, write_error, sync_error, reply_error;
static unsigned writes_before_error;

ssize_t __real_io_read(int fd, void *p, size_t n);
ssize_t __wrap_io_read(int fd, void *p, size_t n);
int __real_io_write(int fd, const void *p, size_t n);
int __wrap_io_write(int fd, const void *p, size_t n);
int __real_io_sync(int fd);
int __wrap_io_sync(int fd);

ssize_t __wrap_io_read(int fd, void *p, size_t n)
{
    ssize_t got = __real_io_read(fd, p, fd == client && n > read_most ? read_most : n);
    if (fd == client && got == 0 && read_error) {
        errno = read_error;
        return -1;
    }
    return got;
}

static int fail_with(int *error)
{
    errno = *error;
    *error = 0;
    return -1;
}

int __wrap_io_write(int fd, const void *p, size_t n)
{
    if (fd == replies)
        return reply_error ? fail_with(&reply_error) : __real_io_write(fd, p, n);
    if (write_error && writes_before_error-- == 0)
        return fail_with(&write_error);
    return __real_io_write(fd, p, n);
}

int __wrap_io_sync(int fd)
{
    return sync_error ? fail_with(&sync_error) : __real_io_sync(fd);
}

static struct config config;
static struct args args = {.job = ARGS_DIALOGUE, .gateway = true};
static char spool[512], domain[] = "client.example", none[] = "";

static int setup(void **state)
{
    read_most = SIZE_MAX;
    read_error = write_error = sync_error = reply_error = 0;
    writes_before_error = 0;
    if (mail_setup(state))
        return -1;
    snprintf(spool, sizeof spool, "%s", tree_path("spool"));
    config = (struct config){
        .mode = CONFIG_PERSONAL,
        .parsed = true,
        .domain = domain,
        .aliases = none,
        .local_to = none,
        .spool = spool,
    };
    return 0;
}

static void read_all(struct buf *out, const char *name)
{
    char room[65536];
    ssize_t n;
    int fd = open(tree_path(name), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    while ((n = read(fd, room, sizeof room)) > 0)
        buf_put(out, room, (size_t)n);
    close(fd);
}

// Has the dialogue with a client that sends all of this at once. The replies are appended to
// *out; the exit status is returned.
static int converse(struct span input, struct buf *out)
{
    struct buf why = BUF_INIT(2048);
    assert_int_equal(tree_write("in", input.p, input.n), 0);
    client = open(tree_path("in"), O_RDONLY | O_CLOEXEC);
    replies = open(tree_path("out"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = dialogue(&args, &config, client, replies, &why);
    assert_true((status != 0) == (why.n != 0));
    close(client);
    close(replies);
    buf_free(&why);
    read_all(out, "out");
    assert_int_equal(mail_count("tmp"), 0);
    return status;
}

// Codes of the replies, each line's first three octets, parted by blanks.
static void codes_of(struct buf *codes, const struct buf *out)
{
    struct span rest = buf_span(out), line;
    buf_clear(codes);
    while (span_cut(&rest, '\n', &line) && line.n) {
        assert_true(line.n >= 5 && line.p[line.n - 1] == '\r');
        buf_puts(codes, codes->n ? " " : "");
        buf_put(codes, line.p, 3);
    }
}

static void assert_codes(const struct buf *out, const char *want)
{
    struct buf codes = BUF_INIT(4096);
    codes_of(&codes, out);
    assert_string_equal(buf_str(&codes), want);
    buf_free(&codes);
}

// The name of the Nth message that a reply speaks of.
static const char *queued_as(const struct buf *out, unsigned n)
{
    static char name[64];
    const char *at = buf_str(out);
    while ((at = strstr(at, "queued as "))) {
        at += strlen("queued as ");
        if (--n == 0) {
            snprintf(name, sizeof name, "spool/new/%.*s", MAILDIR_ID, at);
            return name;
        }
    }
    fail_msg("no such message: %s", buf_str(out));
    return "";
}

static void assert_message(const char *name, const char *sender, const char *recipients,
                           const char *text)
{
    struct buf file = BUF_INIT(1 << 20), all = BUF_INIT(4096);
    struct block b;
    read_all(&file, name);
    block_init(&b);
    assert_int_equal(block_decode(&b, buf_span(&file)), BLOCK_DONE);
    assert_string_equal(envelope_sender(&b.envelope), sender);
    for (size_t i = 0; i < envelope_count(&b.envelope); i++) {
        buf_printf(&all, "%s%s", i ? " " : "", envelope_address(&b.envelope, i));
        if (*envelope_recipient_options(&b.envelope, i))
            buf_printf(&all, "(%s)", envelope_recipient_options(&b.envelope, i));
    }
    assert_string_equal(buf_str(&all), recipients);
    assert_string_equal(file.p + b.size, text);
    assert_int_equal(b.octets, strlen(text));
    block_free(&b);
    buf_free(&file);
    buf_free(&all);
}

static const char three_messages[] =
    "EHLO me\r\n"
    "MAIL FROM:<ada@example.org>\r\nRCPT TO:<bob@example.net> NOTIFY=NEVER\r\n"
    "RCPT TO:<root>\r\nDATA\r\n"
    "To: bob\r\nBcc: carl@example.net\r\n\r\n..dot\r\n..\r\n.\r\n"
    "MAIL FROM:<>\r\nRCPT TO:<bob@example.net>\r\nRCPT TO:<b@@d>\r\n"
    "BDAT 6\r\nTo: x\rBDAT 0\r\nBDAT 6\r\n\n\r\n.\r\nNOOP\r\nBDAT 4 LAST\r\nend\n"
    "MAIL FROM:<root>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
    "To: x\r\n\r\nlone\n.\nlf\r\n.\r\n"
    "QUIT\r\nNOOP\r\n";

static void several_messages(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    for (read_most = 1; read_most < sizeof three_messages; read_most += 1 + read_most / 40) {
        buf_clear(&out);
        assert_int_equal(converse(SPAN(three_messages), &out), 0);
        assert_codes(&out,
                     "220 250 250 250 250 250 250 250 250 250 250 250 354 250 250 250 553 "
                     "250 250 250 250 250 250 250 354 250 221");
        assert_int_equal(mail_count("new"), 3);
        assert_message(queued_as(&out, 1), "ada@example.org",
                       "bob@example.net(NOTIFY=NEVER) root@client.example",
                       "To: bob\n\n.dot\n.\n");
        assert_message(queued_as(&out, 2), "", "bob@example.net", "To: x\n\n.\nend\n");
        assert_message(queued_as(&out, 3), "root@client.example", "bob@example.net",
                       "To: x\n\nlone\n.\nlf\n");
        for (unsigned i = 1; i <= 3; i++)
            assert_int_equal(unlink(tree_path(queued_as(&out, i))), 0);
    }
    buf_free(&out);
}

static void a_client_of_lf(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    assert_int_equal(converse(SPAN("MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\n"
                                   "To: x\n\n..y\n.\nQUIT\n"),
                              &out),
                     0);
    assert_codes(&out, "220 250 250 354 250 221");
    assert_message(queued_as(&out, 1), "a@b.example", "c@d.example", "To: x\n\n.y\n");
    buf_free(&out);
}

static void long_lines(void **state)
{
    struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    static const size_t lengths[] = {REQUEST_MAX - 1, REQUEST_MAX, REQUEST_MAX + 1, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        buf_puts(&in, "NOOP ");
        while (in.n < lengths[i] - 2)
            buf_putc(&in, 'x');
        buf_puts(&in, "\r\nRSET\r\n");
        buf_clear(&out);
        assert_int_equal(converse(buf_span(&in), &out), 0);
        assert_codes(&out, lengths[i] <= REQUEST_MAX ? "220 250 250" : "220 500 250");
        buf_clear(&in);
    }
    buf_free(&in);
    buf_free(&out);
}

static void the_input_ends(void **state)
{
    static const struct {
        const char *input;
        int status;
    } cases[] = {
        {"", 0},
        {"NOOP\r\n", 0},
        {"QUIT", 0},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n", 0},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n", EX_IOERR},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nTo: x\r\n\r\nhello\r\n", EX_IOERR},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nTo: x\r\n\r\nhello\r\n.\n",
         EX_IOERR},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nTo: x\r\n\r\nhello\r\n.\r",
         EX_IOERR},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 9 LAST\r\nTo: x\r\n", EX_IOERR},
        {"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 9\r\nTo: x\r\n\r\n", EX_IOERR},
        {"BDAT 9\r\nTo: x\r\n", EX_IOERR},
    };
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (converse(span_of(cases[i].input), &out) != cases[i].status)
            fail_msg("%s", cases[i].input);
        read_error = EIO;
        assert_int_equal(converse(span_of(cases[i].input), &out), EX_IOERR);
        read_error = 0;
        assert_int_equal(mail_count("new"), 0);
    }
    buf_free(&out);
}

static void a_message_that_is_dropped(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    assert_int_equal(
        converse(
            SPAN("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 7\r\nTo: x\r\nRSET\r\n"
                 "BDAT 2\r\n\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n"
                 "BDAT 9\r\nTo: x\r\n\r\nEHLO me\r\n"
                 "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 9\r\nTo: x\r\n\r\nQUIT\r\n"),
            &out),
        0);
    assert_codes(&out,
                 "220 250 250 250 250 503 250 250 250 250 250 250 250 250 250 250 250 250 "
                 "250 250 221");
    assert_int_equal(mail_count("new"), 0);
    buf_free(&out);
}

static const char two_messages[] =
    "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nTo: x\r\n\r\none\r\n.\r\n"
    "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 8\r\nTo: x\r\n\rBDAT 7 LAST\r\n\ntwo..\n"
    "QUIT\r\n";

// One message fails, and the other does not notice.
static void trouble_with_the_disk(void **state)
{
    static const struct {
        int write_error, sync_error;
        unsigned writes;
        const char *reply;
    } cases[] = {
        {ENOSPC, 0, 0,
         "452 4.3.1 spool: message can not be written: No space left on device\r\n"},
        {EDQUOT, 0, 1, "452 4.3.1 spool: message can not be written: " EDQUOT_TEXT "\r\n"},
        {EFBIG, 0, 1, "452 4.3.1 spool: message can not be written: File too large\r\n"},
        {EIO, 0, 1, "451 4.3.0 spool: message can not be written: " EIO_TEXT "\r\n"},
        {0, EIO, 0, "451 4.3.0 spool: message can not be synced: " EIO_TEXT "\r\n"},
        {0, ENOSPC, 0,
         "452 4.3.1 spool: message can not be synced: No space left on device\r\n"},
    };
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_error = cases[i].write_error;
        sync_error = cases[i].sync_error;
        writes_before_error = cases[i].writes;
        buf_clear(&out);
        assert_int_equal(converse(SPAN(two_messages), &out), 0);
        assert_non_null(strstr(buf_str(&out), cases[i].reply));
        assert_int_equal(mail_count("new"), 1);
        assert_message(queued_as(&out, 1), "", "a@b.example", "To: x\n\ntwo..\n");
        assert_int_equal(unlink(tree_path(queued_as(&out, 1))), 0);
    }
    buf_free(&out);
}

// The chunk in which it shows is refused, and those behind it find no message.
static void trouble_between_chunks(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    write_error = ENOSPC;
    assert_int_equal(converse(SPAN("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 9\r\nTo: "
                                   "x\r\n\r\nBDAT 3\r\nabcBDAT 3 LAST\r\ndefNOOP\r\n"),
                              &out),
                     0);
    assert_codes(&out, "220 250 250 452 503 503 250");
    assert_int_equal(mail_count("new"), 0);
    buf_free(&out);
}

static void the_spool_can_not_be_used(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    assert_int_equal(chmod(tree_path("spool"), 0755), 0);
    assert_int_equal(converse(SPAN("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nRSET\r\n"
                                   "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n"
                                   "BDAT 3 LAST\r\nabcNOOP\r\n"),
                              &out),
                     0);
    assert_codes(&out, "220 250 250 451 250 250 250 451 250");
    assert_non_null(strstr(buf_str(&out), "451 4.3.0 "));
    config.spool = (char[]){"/dev/null/spool"};
    buf_clear(&out);
    assert_int_equal(
        converse(SPAN("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nQUIT\r\n"), &out), 0);
    assert_codes(&out, "220 250 250 451 221");
    assert_non_null(strstr(buf_str(&out), "451 4.3.5 /dev/null/spool: "));
    buf_free(&out);
}

static void what_is_too_large(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    config.max_size = 20;
    assert_int_equal(converse(SPAN("MAIL FROM:<> SIZE=21\r\nMAIL FROM:<> SIZE=3\r\n"
                                   "RCPT TO:<a@b.example>\r\nDATA\r\nTo: x\r\n\r\n"
                                   "0123456789abcd\r\n.\r\n"
                                   "MAIL FROM:<> SIZE=3\r\nRCPT TO:<a@b.example>\r\n"
                                   "DATA\r\nTo: x\r\n\r\n0123456789ab\r\n.\r\n"
                                   "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n"
                                   "BDAT 30 LAST\r\nTo: 0123456789012345678901234\r"
                                   "NOOP\r\n"),
                              &out),
                     0);
    assert_codes(&out, "220 552 250 250 354 552 250 250 354 250 250 250 552 250");
    assert_int_equal(mail_count("new"), 1);
    buf_free(&out);
}

static void replies_that_can_not_be_written(void **state)
{
    struct buf out = BUF_INIT(1 << 20);
    (void)state;
    reply_error = EPIPE;
    assert_int_equal(converse(SPAN("NOOP\r\n"), &out), EX_IOERR);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void what_is_no_smtp(void **state)
{
    struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    (void)state;
    for (int i = 0; i < 100; i++)
        buf_puts(&in, "Subject: a message\n");
    assert_int_equal(converse(buf_span(&in), &out), EX_PROTOCOL);
    assert_non_null(strstr(buf_str(&out), "\r\n421 4.7.0 "));
    buf_free(&in);
    buf_free(&out);
}

// ---- A client that waits

static int to_server, from_server;
static pid_t server;

static void start(void)
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    server = fork();
    if (server == 0) {
        struct buf why = BUF_INIT(2048);
        alarm(20);
        close(in[1]);
        close(out[0]);
        client = in[0];
        replies = out[1];
        _exit(dialogue(&args, &config, client, replies, &why));
    }
    close(in[0]);
    close(out[1]);
    to_server = in[1];
    from_server = out[0];
}

static void say(const char *line)
{
    assert_int_equal(write(to_server, line, strlen(line)), strlen(line));
}

// One line, waited for, has that code.
static void hear(const char *code)
{
    char line[600] = "";
    size_t n = 0;
    while (n < sizeof line - 1 && read(from_server, line + n, 1) == 1 && line[n++] != '\n')
        ;
    if (strncmp(line, code, 3) != 0)
        fail_msg("%s: %s", code, line);
}

static int end_of_server(void)
{
    int status = 0;
    close(to_server);
    assert_int_equal(waitpid(server, &status, 0), server);
    close(from_server);
    return status;
}

static void begin_text(void)
{
    say("MAIL FROM:<>\r\n");
    hear("250");
    say("RCPT TO:<a@b.example>\r\n");
    hear("250");
    say("DATA\r\n");
    hear("354");
}

static void nobody_waits_for_ever(void **state)
{
    (void)state;
    start();
    hear("220");
    say("HELO [127.0.0.1]\r\n");
    hear("250");
    for (int i = 0; i < 3; i++) {
        begin_text();
        say("To: x\r\n\r\nhello\r\n");
        say(".\r\n");
        hear("250");
        assert_int_equal(mail_count("new"), i + 1);
    }
    say("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nBDAT 3\r\nTo:");
    hear("250");
    hear("250");
    hear("250");
    say("BDAT 0 LAST\r\n");
    hear("250");
    say("QUIT\r\n");
    hear("221");
    assert_int_equal(end_of_server(), 0);
}

static bool is_begun(void)
{
    for (int i = 0; i < 500 && mail_count("tmp") == 0; i++)
        usleep(10000);
    return mail_count("tmp") == 1;
}

static void signals(void **state)
{
    (void)state;
    start();
    hear("220");
    begin_text();
    say("To: x\r\n\r\nhello\r\n");
    assert_true(is_begun());
    assert_int_equal(kill(server, SIGTERM), 0);
    int status = end_of_server();
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 0);

    // They are let in again once a message is queued, and take away the next one.
    start();
    hear("220");
    begin_text();
    say("To: x\r\n\r\nhello\r\n.\r\n");
    hear("250");
    begin_text();
    say("To: x\r\n\r\nhello\r\n");
    assert_true(is_begun());
    assert_int_equal(kill(server, SIGINT), 0);
    status = end_of_server();
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, mail_teardown)
        TEST(several_messages),
        TEST(a_client_of_lf),
        TEST(long_lines),
        TEST(the_input_ends),
        TEST(a_message_that_is_dropped),
        TEST(trouble_with_the_disk),
        TEST(trouble_between_chunks),
        TEST(the_spool_can_not_be_used),
        TEST(what_is_too_large),
        TEST(replies_that_can_not_be_written),
        TEST(what_is_no_smtp),
        TEST(nobody_waits_for_ever),
        TEST(signals),
#undef TEST
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
