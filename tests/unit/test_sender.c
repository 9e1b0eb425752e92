// SPDX-License-Identifier: ISC
// links: submit
// A config, a message in a file, and what goes out.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "submit/mail/sender.h"

static struct fixture {
    struct config config;
    struct config_account account;
    struct sender sender;
    struct source source;
    struct job job;
    struct buf out;
    uint64_t size;
} f;

static char empty[] = "";
static char domain[] = "host.example";

static void begin(uint64_t mode, uint64_t null_sender, const char *from)
{
    static char pattern[100];
    strncpy(pattern, from, sizeof pattern - 1);
    f.config = (struct config){.domain = domain, .null_sender = null_sender};
    f.account = (struct config_account){.user = empty, .from = pattern, .sender = mode};
    sender_init(&f.sender, &f.config, &f.account);
    source_init(&f.source);
    job_init(&f.job);
    job_set_login(&f.job, SPAN("sam"));
    f.out = (struct buf)BUF_INIT(1 << 24);
}

static void end(void)
{
    sender_free(&f.sender);
    source_free(&f.source);
    job_free(&f.job);
    buf_free(&f.out);
}

static uint64_t wire(struct span text)
{
    uint64_t n = text.n;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

// Takes the message through the policy; what goes out is then in f.out.
static enum sender_answer apply(const char *sender, struct span message, bool first)
{
    struct span piece;
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, message.p, message.n), message.n);
    if (first)
        assert_true(envelope_set_sender(&f.job.envelope, span_of(sender)));
    assert_true(source_begin(&f.source, fd, 0, message.n));
    f.size = wire(message);
    buf_clear(&f.out);
    enum sender_answer answer = sender_apply(&f.sender, &f.source, &f.job, first, &f.size);
    while (answer == SENDER_READY && source_next(&f.source, 4096, &piece) == SOURCE_PIECE)
        buf_put_span(&f.out, piece);
    close(fd);
    return answer;
}

static void assert_sent(const char *sender, struct span message)
{
    assert_string_equal(envelope_sender(&f.job.envelope), sender);
    assert_int_equal(f.out.n, message.n);
    assert_memory_equal(buf_str(&f.out), message.p, message.n);
    assert_int_equal(f.size, wire(message));
}

#define BODY "\nFrom: body\n.\n\n\x01\xff"

static void keeps_every_octet(void **state)
{
    static const struct span odd = SPAN_INIT("From: root\r\nodd\rFrom: x" BODY);
    (void)state;
    begin(SENDER_KEEP, NULL_SENDER_KEEP, "me@isp.example");
    assert_int_equal(apply("root", odd, true), SENDER_READY);
    assert_sent("root", odd);
    end();
}

static void completes(void **state)
{
    (void)state;
    begin(SENDER_QUALIFY, NULL_SENDER_KEEP, "");
    assert_int_equal(apply("root", SPAN("From: root\nTo: a@b.example\n" BODY), true),
                     SENDER_READY);
    assert_sent("root@host.example", SPAN("From: root@host.example\nTo: a@b.example\n" BODY));
    assert_int_equal(apply("a@b.example", SPAN("From: a@b.example\n" BODY), true),
                     SENDER_READY);
    assert_sent("a@b.example", SPAN("From: a@b.example\n" BODY));
    end();
}

static void forces(void **state)
{
    (void)state;
    begin(SENDER_FORCE, NULL_SENDER_KEEP, "me+%u@isp.example");
    assert_int_equal(apply("root", SPAN("From: root (Cron)\n" BODY), true), SENDER_READY);
    assert_sent("me+sam@isp.example", SPAN("From: Cron <me+sam@isp.example>\n" BODY));
    // The next one is of somebody else.
    job_set_login(&f.job, SPAN("eve"));
    assert_int_equal(apply("x@y.example", SPAN("From: x@y.example\n" BODY), true),
                     SENDER_READY);
    assert_sent("me+eve@isp.example",
                SPAN("From: me+eve@isp.example\nReply-To: x@y.example\n" BODY));
    // A second transaction: the envelope is left alone, the header is made again.
    const char *held = envelope_sender(&f.job.envelope);
    assert_int_equal(apply("", SPAN("From: z\n" BODY), false), SENDER_READY);
    assert_ptr_equal(envelope_sender(&f.job.envelope), held);
    assert_sent("me+eve@isp.example", SPAN("From: z <me+eve@isp.example>\n" BODY));
    end();
}

// What lies in a spool need not come from a program of ours.
static void forces_whatever_it_finds(void **state)
{
    static const struct {
        struct span in, out;
    } cases[] = {
        {SPAN_INIT(""), SPAN_INIT("From: sam <me@isp.example>\n\n")},
        {SPAN_INIT("no header\nFrom: x\n"),
         SPAN_INIT("From: sam <me@isp.example>\n\nno header\nFrom: x\n")},
        {SPAN_INIT("\nFrom: x\n"), SPAN_INIT("From: sam <me@isp.example>\n\nFrom: x\n")},
        {SPAN_INIT("A: b\rFrom: x\n"),
         SPAN_INIT("A: b From: x\nFrom: sam <me@isp.example>\n\n")},
        {SPAN_INIT("A: b\nnot a field\nFrom: x\n"),
         SPAN_INIT("A: b\nFrom: sam <me@isp.example>\n\nnot a field\nFrom: x\n")},
        {SPAN_INIT("A: b\n \nFrom: x\n"), SPAN_INIT("A: b\n \nFrom: x <me@isp.example>\n\n")},
        {SPAN_INIT("A: b\n\0From: x\n\n"),
         SPAN_INIT("A: b\nFrom: sam <me@isp.example>\n\n\0From: x\n\n")},
        {SPAN_INIT("From: a\nFrom: b\n\n"), SPAN_INIT("From: a <me@isp.example>\n\n")},
    };
    (void)state;
    begin(SENDER_FORCE, NULL_SENDER_KEEP, "me@isp.example");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(apply("a\"b@@c", cases[i].in, true), SENDER_READY);
        assert_string_equal(envelope_sender(&f.job.envelope), "me@isp.example");
        assert_int_equal(f.out.n, cases[i].out.n);
        assert_memory_equal(buf_str(&f.out), cases[i].out.p, f.out.n);
    }
    end();
}

static void null_senders(void **state)
{
    static const struct {
        uint64_t mode, null_sender;
        const char *sender;
    } cases[] = {
        {SENDER_KEEP, NULL_SENDER_KEEP, ""},
        {SENDER_QUALIFY, NULL_SENDER_KEEP, ""},
        {SENDER_FORCE, NULL_SENDER_KEEP, ""},
        {SENDER_KEEP, NULL_SENDER_REWRITE, "sam@isp.example"},
        {SENDER_QUALIFY, NULL_SENDER_REWRITE, "sam@isp.example"},
        {SENDER_FORCE, NULL_SENDER_REWRITE, "sam@isp.example"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].mode, cases[i].null_sender, "%u@isp.example");
        assert_int_equal(apply("", SPAN("From: sam@isp.example\n" BODY), true), SENDER_READY);
        assert_sent(cases[i].sender, SPAN("From: sam@isp.example\n" BODY));
        end();
    }
}

static void refuses(void **state)
{
    (void)state;
    begin(SENDER_QUALIFY, NULL_SENDER_KEEP, "");
    f.sender.policy.domain = SPAN("");
    assert_int_equal(apply("root", SPAN("From: root\n" BODY), true), SENDER_REFUSED);
    assert_string_equal(f.sender.why,
                        "the sender has no domain, and none is known here: set `domain`");
    assert_int_equal(apply("a@b.example", SPAN("From: root\n" BODY), true), SENDER_READY);
    assert_sent("a@b.example", SPAN("From: root\n" BODY));
    end();

    begin(SENDER_FORCE, NULL_SENDER_KEEP, "%u@isp.example");
    job_set_login(&f.job, SPAN(""));
    assert_int_equal(apply("root", SPAN("From: root\n" BODY), true), SENDER_REFUSED);
    assert_string_equal(f.sender.why,
                        "sender policy: `from` makes no address for this user and host");
    end();

    // Only a null sender needs `from` here.
    begin(SENDER_KEEP, NULL_SENDER_REWRITE, "%u@isp.example");
    job_set_login(&f.job, SPAN(""));
    assert_int_equal(apply("root", SPAN("From: root\n" BODY), true), SENDER_READY);
    assert_int_equal(apply("", SPAN("From: root\n" BODY), true), SENDER_REFUSED);
    end();
}

static void long_headers(void **state)
{
    struct buf text = BUF_INIT(1 << 24);
    (void)state;
    buf_puts(&text, "From: me@isp.example\nX: ");
    while (text.n < FIXUP_MAX - 1)
        buf_putc(&text, 'x');
    buf_puts(&text, "\n\nbody\n");
    begin(SENDER_FORCE, NULL_SENDER_KEEP, "me@isp.example");
    assert_int_equal(apply("root", buf_span(&text), true), SENDER_READY);
    assert_sent("me@isp.example", buf_span(&text));
    end();

    buf_cut(&text, FIXUP_MAX - 1);
    buf_puts(&text, "x\n\nbody\n");
    begin(SENDER_QUALIFY, NULL_SENDER_KEEP, "");
    assert_int_equal(apply("a@b.example", buf_span(&text), true), SENDER_FILE);
    assert_string_equal(f.source.why, "message file: its header is too long");
    end();
    begin(SENDER_KEEP, NULL_SENDER_KEEP, "");
    assert_int_equal(apply("a@b.example", buf_span(&text), true), SENDER_READY);
    assert_sent("a@b.example", buf_span(&text));
    end();

    // It fits on the way in, and not on the way out.
    buf_clear(&text);
    buf_puts(&text, "To: a");
    while (text.n < FIXUP_MAX - 2)
        buf_puts(&text, ",a");
    buf_puts(&text, "\n\nbody\n");
    begin(SENDER_QUALIFY, NULL_SENDER_KEEP, "");
    assert_int_equal(apply("a@b.example", buf_span(&text), true), SENDER_REFUSED);
    assert_string_equal(f.sender.why, "sender policy: the header is too long for it");
    end();
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_octet),
        cmocka_unit_test(completes),
        cmocka_unit_test(forces),
        cmocka_unit_test(forces_whatever_it_finds),
        cmocka_unit_test(null_senders),
        cmocka_unit_test(refuses),
        cmocka_unit_test(long_headers),
    };
    return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
