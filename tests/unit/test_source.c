// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "submit/mail/source.h"

enum { OFFSET = 100, MOST = 32768 };

static struct source source;

// A file in memory: OFFSET octets of something else, then n octets that differ from place to
// place.
static char octet(size_t i)
{
    return (char)('A' + (i * 7 + i / 251) % 57);
}

static int make_file(size_t n)
{
    struct buf content = BUF_INIT(1 << 24);
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < OFFSET; i++)
        buf_putc(&content, '!');
    for (size_t i = 0; i < n; i++)
        buf_putc(&content, octet(i));
    assert_int_equal(write(fd, content.p, content.n), content.n);
    buf_free(&content);
    return fd;
}

// Reads on to the end, and checks what comes.
static enum source_answer read_on(size_t most, size_t *at)
{
    struct span piece;
    enum source_answer answer;
    while ((answer = source_next(&source, most, &piece)) == SOURCE_PIECE) {
        assert_in_range(piece.n, 1, most);
        for (size_t i = 0; i < piece.n; i++)
            assert_int_equal(piece.p[i], octet((*at)++));
    }
    assert_int_equal(source_next(&source, most, &piece), answer);
    return answer;
}

static void whole_messages(void **state)
{
    static const size_t sizes[] = {
        0, 1, 4096, SOURCE_ROOM - 1, SOURCE_ROOM, SOURCE_ROOM + 1, 3 * SOURCE_ROOM + 17};
    static const size_t mosts[] = {1000, 4096, MOST, SOURCE_ROOM};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof mosts / sizeof *mosts; j++) {
            size_t n = 0;
            int fd = make_file(sizes[i]);
            assert_true(source_begin(&source, fd, OFFSET, sizes[i]));
            assert_int_equal(source_whole(&source), sizes[i] <= SOURCE_ROOM);
            assert_int_equal(read_on(mosts[j], &n), SOURCE_END);
            assert_int_equal(n, sizes[i]);
            close(fd);
        }
}

static void wrong_from_the_start(void **state)
{
    static const struct {
        size_t offset, octets;
        const char *why;
    } cases[] = {
        {OFFSET, 999, "message file: longer than it was when it was queued"},
        {OFFSET, 1001, "message file: shorter than it was when it was queued"},
        {OFFSET + 1001, 0, "message file: shorter than it was when it was queued"},
        {OFFSET, SIZE_MAX / 2, "message file: no file can be that long"},
        {OFFSET, SIZE_MAX - OFFSET, "message file: no file can be that long"},
    };
    (void)state;
    int fd = make_file(1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span piece;
        assert_false(source_begin(&source, fd, cases[i].offset, cases[i].octets));
        assert_string_equal(source.why, cases[i].why);
        assert_int_equal(source_next(&source, MOST, &piece), SOURCE_BAD);
    }
    close(fd);
}

static void changed_on_the_way(void **state)
{
    static const size_t n = 4 * SOURCE_ROOM;
    static const struct {
        size_t length; // of the file, once reading has begun
        const char *why;
    } cases[] = {
        {OFFSET + n + 1, "message file: longer than it was when it was queued"},
        {OFFSET + n - 1, "message file: shorter than it was when it was queued"},
        {OFFSET, "message file: shorter than it was when it was queued"},
        {0, "message file: shorter than it was when it was queued"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t got = 0;
        int fd = make_file(n);
        assert_true(source_begin(&source, fd, OFFSET, n));
        assert_int_equal(ftruncate(fd, (off_t)cases[i].length), 0);
        assert_int_equal(read_on(MOST, &got), SOURCE_BAD);
        // Not all of it was given away, so nobody can have it as a whole.
        assert_true(got < n);
        assert_string_equal(source.why, cases[i].why);
        close(fd);
    }
}

static int make_text(struct span text)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    return fd;
}

static void assert_rest(struct span want)
{
    struct span piece;
    size_t at = 0;
    enum source_answer answer;
    while ((answer = source_next(&source, 7, &piece)) == SOURCE_PIECE) {
        assert_true(piece.n <= want.n - at);
        assert_memory_equal(piece.p, want.p + at, piece.n);
        at += piece.n;
    }
    assert_int_equal(answer, SOURCE_END);
    assert_int_equal(at, want.n);
}

static void headers(void **state)
{
    static const struct {
        const char *message, *header, *body;
        uint64_t size; // of what was taken off, with CRLF
    } cases[] = {
        {"A: b\nC: d\n e\n\nbody\n", "A: b\nC: d\n e\n", "body\n", 18},
        {"A: b\n\n", "A: b\n", "", 8},
        {"\nbody\n", "", "body\n", 2},
        {"A: b\n\n\n\n", "A: b\n", "\n\n", 8},
        // What no program of ours stores.
        {"", "", "", 0},
        {"A: b\n", "A: b\n", "", 6},
        {"A: b", "A: b\n", "", 4},
        {"body\n\nA: b\n", "", "body\n\nA: b\n", 0},
        {"A: b\nbody\nC: d\n", "A: b\n", "body\nC: d\n", 6},
        {"A: b\nbody", "A: b\n", "body", 6},
        {"A: b\rFrom: x\r\n\r\nbody\n", "A: b From: x\n", "body\n", 18},
        {"From x\nA: b\n\n", "A: b\n", "", 16},
    };
    (void)state;
    source_init(&source);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct header h;
        uint64_t size;
        struct buf want = BUF_INIT(1000);
        int fd = make_text(span_of(cases[i].message));
        header_init(&h);
        assert_true(source_begin(&source, fd, 0, strlen(cases[i].message)));
        assert_true(source_header(&source, &h, &size));
        assert_string_equal(buf_str(&h.text), cases[i].header);
        assert_int_equal(size, cases[i].size);
        buf_puts(&source.head, "something else\n");
        buf_printf(&want, "something else\n%s", cases[i].body);
        assert_rest(buf_span(&want));
        buf_free(&want);
        header_free(&h);
        close(fd);
    }
    source_free(&source);
}

// Lines and headers longer than the buffer; a field begins at each distance from its end.
static void long_headers(void **state)
{
    static const size_t lengths[] = {SOURCE_ROOM - 20, SOURCE_ROOM - 9, SOURCE_ROOM - 8,
                                     SOURCE_ROOM - 7,  SOURCE_ROOM - 1, SOURCE_ROOM,
                                     SOURCE_ROOM + 1,  3 * SOURCE_ROOM};
    struct buf text = BUF_INIT(1 << 20);
    (void)state;
    source_init(&source);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct header h;
        uint64_t size;
        buf_clear(&text);
        buf_puts(&text, "Long: ");
        while (text.n < lengths[i])
            buf_putc(&text, 'x');
        buf_puts(&text, "\nTo: you\n");
        size_t header = text.n;
        buf_puts(&text, "\nthe body\n");
        int fd = make_text(buf_span(&text));
        header_init(&h);
        assert_true(source_begin(&source, fd, 0, text.n));
        assert_true(source_header(&source, &h, &size));
        assert_int_equal(h.text.n, header);
        assert_memory_equal(h.text.p, text.p, header);
        assert_int_equal(size, header + 4);
        assert_rest(SPAN("the body\n"));
        // One octet too few for it.
        buf_clear(&h.text);
        h.text.max = header - 1;
        assert_true(source_begin(&source, fd, 0, text.n));
        assert_false(source_header(&source, &h, &size));
        assert_string_equal(source.why, "message file: its header is too long");
        header_free(&h);
        close(fd);
    }
    buf_free(&text);
    source_free(&source);
}

static void changed_within_the_header(void **state)
{
    struct buf text = BUF_INIT(1 << 20);
    struct header h;
    uint64_t size;
    (void)state;
    while (text.n < 3 * SOURCE_ROOM)
        buf_puts(&text, "Field: of a header\n");
    int fd = make_text(buf_span(&text));
    source_init(&source);
    header_init(&h);
    assert_true(source_begin(&source, fd, 0, text.n));
    assert_int_equal(ftruncate(fd, 2 * SOURCE_ROOM), 0);
    assert_false(source_header(&source, &h, &size));
    assert_string_equal(source.why, "message file: shorter than it was when it was queued");
    header_free(&h);
    source_free(&source);
    buf_free(&text);
    close(fd);
}

static void not_a_file(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_false(source_begin(&source, ends[0], 0, 10));
    assert_string_equal(source.why, "message file: not a regular file");
    close(ends[0]);
    close(ends[1]);
    assert_false(source_begin(&source, -1, 0, 10));
    assert_string_equal(source.why, "message file: Bad file descriptor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_messages),     cmocka_unit_test(wrong_from_the_start),
        cmocka_unit_test(changed_on_the_way), cmocka_unit_test(headers),
        cmocka_unit_test(long_headers),       cmocka_unit_test(changed_within_the_header),
        cmocka_unit_test(not_a_file),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
