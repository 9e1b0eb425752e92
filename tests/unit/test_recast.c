// SPDX-License-Identifier: ISC
// links: submit
// Messages in files, and what of them goes out to servers that offer this or that.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "submit/mail/recast.h"

enum { OFFSET = 7, ALL = EHLO_8BITMIME | EHLO_SMTPUTF8 | EHLO_CHUNKING | EHLO_BINARYMIME };

static struct fixture {
    struct source source;
    struct recast recast;
    struct smtp smtp;
    struct job job;
    struct smtp_message m;
    struct outcome why;
    struct buf out;
    int fd;
} f;

static void begin(unsigned capabilities, struct span message)
{
    source_init(&f.source);
    recast_init(&f.recast);
    job_init(&f.job);
    f.smtp = (struct smtp){.options = {.chunking = true},
                           .ehlo = {.capabilities = capabilities}};
    f.out = (struct buf)BUF_INIT(1 << 26);
    f.fd = memfd_create("message", MFD_CLOEXEC);
    assert_int_equal(write(f.fd, "#######", OFFSET), OFFSET);
    assert_int_equal(write(f.fd, message.p, message.n), message.n);
    f.m = (struct smtp_message){.size = message.n};
    f.job.eightbit = f.job.nul = f.job.lengthy = false;
    for (size_t i = 0, column = 0; i < message.n; i++) {
        char c = message.p[i];
        f.m.size += c == '\n';
        column = c == '\n' ? 0 : column + 1;
        f.job.eightbit |= (unsigned char)c > 127;
        f.job.nul |= c == '\0';
        f.job.lengthy |= column > 998;
    }
    assert_true(source_begin(&f.source, f.fd, OFFSET, message.n));
}

static enum recast_answer recast(void)
{
    return recast_begin(&f.recast, &f.source, &f.job, &f.smtp, &f.m, &f.why);
}

static void end(void)
{
    close(f.fd);
    source_free(&f.source);
    recast_free(&f.recast);
    job_free(&f.job);
    buf_free(&f.out);
}

static enum source_answer read_on(size_t most)
{
    struct span piece;
    enum source_answer answer;
    while ((answer = recast_next(&f.recast, &f.source, most, &piece)) == SOURCE_PIECE) {
        assert_in_range(piece.n, 1, most);
        buf_put_span(&f.out, piece);
    }
    return answer;
}

// On the wire, where the last line gets an end.
static uint64_t wire(void)
{
    uint64_t n = f.out.n;
    for (size_t i = 0; i < f.out.n; i++)
        n += f.out.p[i] == '\n';
    return n + (f.out.n && f.out.p[f.out.n - 1] != '\n' ? 2 : 0);
}

#define UE "\xc3\xbc"
#define QP "Content-Transfer-Encoding: quoted-printable\n"

static const struct {
    unsigned capabilities;
    struct span message;
    const char *out; // NULL for what went in
    bool eightbit, binary, utf8;
} rows[] = {
    {0, SPAN_INIT("S: x\n\nplain\n"), NULL, false, false, false},
    {ALL, SPAN_INIT("S: x\n\n" UE "\n"), NULL, true, false, false},
    {EHLO_8BITMIME, SPAN_INIT("no header " UE "\n"), NULL, true, false, false},
    {EHLO_8BITMIME, SPAN_INIT("From x y\nS: x\n\n" UE), NULL, true, false, false},
    {ALL, SPAN_INIT("S: " UE "\n\n" UE "\n"), "S: =?utf-8?q?=C3=BC?=\n\n" UE "\n", true, false,
     false},
    {ALL, SPAN_INIT("To: " UE "@b\n\nx\n"), NULL, true, false, true},
    {EHLO_SMTPUTF8, SPAN_INIT("S: " UE "\n\nx\n"), "S: =?utf-8?q?=C3=BC?=\n\nx\n", false, false,
     false},
    {0, SPAN_INIT("S: x\n\nb" UE "\n"),
     "S: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n" QP "\nb=C3=BC\n",
     false, false, false},
    {EHLO_8BITMIME, SPAN_INIT("Content-Transfer-Encoding: binary\n\na\0\n"),
     "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n"
     "Content-Transfer-Encoding: base64\n\nYQANCg==",
     false, false, false},
    {ALL, SPAN_INIT("Content-Transfer-Encoding: binary\n\na\0" UE "\n"), NULL, true, true,
     false},
    {ALL & ~(unsigned)EHLO_CHUNKING, SPAN_INIT("Content-Transfer-Encoding: binary\n\na\0\n"),
     "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n"
     "Content-Transfer-Encoding: base64\n\nYQANCg==",
     false, false, false},
};

static void test_rows(void **state)
{
    static const size_t mosts[] = {1, 7, SMTP_BODY_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < 3; j++) {
            begin(rows[i].capabilities, rows[i].message);
            assert_int_equal(recast(), RECAST_READY);
            assert_int_equal(read_on(mosts[j]), SOURCE_END);
            struct span want = rows[i].out ? span_of(rows[i].out) : rows[i].message;
            if (!span_equal(buf_span(&f.out), want))
                fail_msg("row %zu: %s", i, buf_str(&f.out));
            // What was as it is keeps the size that the block states.
            if (rows[i].out)
                assert_int_equal(f.m.size, wire());
            assert_int_equal(f.m.eightbit, rows[i].eightbit);
            assert_int_equal(f.m.binary, rows[i].binary);
            assert_int_equal(f.m.utf8, rows[i].utf8);
            end();
        }
}

// A server that refuses BODY is like one that does not offer 8BITMIME, whether that is known of
// the account, of this session or for this message.
static void test_without(void **state)
{
    (void)state;
    unsigned ways = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf want = BUF_INIT(10000);
        begin(rows[i].capabilities & ~(unsigned)(EHLO_8BITMIME | EHLO_BINARYMIME),
              rows[i].message);
        enum recast_answer answer = recast();
        if (answer == RECAST_READY)
            assert_int_equal(read_on(100), SOURCE_END);
        buf_put_span(&want, buf_span(&f.out));
        end();
        for (size_t way = 0; way < 3; way++) {
            begin(rows[i].capabilities, rows[i].message);
            f.smtp.options.avoid = way == 0 ? STUMBLE_BODY : 0;
            f.smtp.stumbles = way == 1 ? STUMBLE_BODY : 0;
            f.m.without = way == 2 ? STUMBLE_BODY : 0;
            assert_int_equal(recast(), answer);
            if (answer == RECAST_READY) {
                assert_int_equal(read_on(100), SOURCE_END);
                assert_false(f.m.eightbit || f.m.binary || f.m.utf8);
                ways++;
            }
            assert_string_equal(buf_str(&f.out), buf_str(&want));
            end();
        }
        buf_free(&want);
    }
    assert_true(ways > 20);
}

// The header that the sender policy has made is converted like one from the file.
static void test_replaced_header(void **state)
{
    (void)state;
    static const unsigned capabilities[] = {EHLO_8BITMIME, 0};
    for (size_t i = 0; i < 2; i++) {
        struct header h;
        uint64_t taken;
        begin(capabilities[i], SPAN("From: " UE " <root>\n\nb" UE "\n"));
        header_init(&h);
        assert_true(source_header(&f.source, &h, &taken));
        buf_puts(&f.source.head, "From: " UE " <me@x>\n\n");
        f.m.size += f.source.head.n + 2 - taken;
        assert_int_equal(recast(), RECAST_READY);
        assert_int_equal(read_on(100), SOURCE_END);
        assert_non_null(strstr(buf_str(&f.out), "From: =?utf-8?q?=C3=BC?= <me@x>\n"));
        assert_null(strstr(buf_str(&f.out), "root"));
        assert_non_null(strstr(buf_str(&f.out), i ? "\n\nb=C3=BC\n" : "\n\nb" UE "\n"));
        assert_int_equal(f.m.size, wire());
        header_free(&h);
        end();
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned capabilities;
        const char *message;
        uint16_t detail;
        const char *text;
    } table[] = {
        {EHLO_8BITMIME, "To: " UE "@b\n\nx\n", 7,
         "an address in its header is not ASCII, and the smarthost does not offer SMTPUTF8"},
        {0, "To: " UE "@b\n\nx\n", 7,
         "an address in its header is not ASCII, and the smarthost does not offer SMTPUTF8"},
        {0, "DKIM-Signature: x\n\n" UE "\n", 3,
         "a part can not be converted: it is signed (DKIM), and the smarthost does not offer "
         "what it needs"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        begin(table[i].capabilities, span_of(table[i].message));
        assert_int_equal(recast(), RECAST_REFUSED);
        assert_int_equal(f.why.verdict, VERDICT_FAILED);
        assert_int_equal(f.why.scope, SCOPE_MESSAGE);
        assert_int_equal(f.why.code, 0);
        assert_int_equal(f.why.status[1], 6);
        assert_int_equal(f.why.status[2], table[i].detail);
        assert_string_equal(f.why.text, table[i].text);
        end();
    }
}

// Far more than there is room for.
static void test_large(void **state)
{
    (void)state;
    struct buf message = BUF_INIT(1 << 24);
    buf_puts(&message, "S: x\n\n");
    for (size_t i = 0; i < 40000; i++)
        buf_puts(&message, "a line that is plain but for " UE "\n");
    begin(0, buf_span(&message));
    assert_int_equal(recast(), RECAST_READY);
    assert_int_equal(read_on(SMTP_BODY_MAX), SOURCE_END);
    assert_int_equal(f.m.size, wire());
    assert_true(f.recast.out.size < 1 << 16);
    const char *at = strstr(buf_str(&f.out), "\n\n") + 2;
    for (size_t i = 0; i < 40000; i++, at += 36)
        assert_memory_equal(at, "a line that is plain but for =C3=BC\n", 36);
    assert_int_equal(*at, '\0');
    end();
    buf_free(&message);
}

// A file that is not what it was the first time never becomes whole.
static void test_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf message = BUF_INIT(1 << 24);
        buf_puts(&message, "S: x\n\n" UE "\n");
        for (size_t j = 0; j < 20000; j++)
            buf_puts(&message, "a line of the message\n");
        begin(0, buf_span(&message));
        assert_int_equal(recast(), RECAST_READY);
        if (i == 0)
            assert_int_equal(ftruncate(f.fd, (off_t)message.n), 0);
        else if (i == 1)
            assert_int_equal(pwrite(f.fd, "more", 4, (off_t)(OFFSET + message.n)), 4);
        else
            assert_int_equal(pwrite(f.fd, "==", 2, (off_t)(OFFSET + message.n - 10)), 2);
        assert_int_equal(read_on(SMTP_BODY_MAX), SOURCE_BAD);
        assert_true(i == 2 || wire() < f.m.size);
        assert_memory_equal(f.source.why, "message file: ", 14);
        end();
        buf_free(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without),         cmocka_unit_test(test_rows),
        cmocka_unit_test(test_replaced_header), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_large),           cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
