// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/mime.h"

// What is told of a message: for each header its entity, for content and borders their octets,
// however many pieces they come in.
struct trace {
    struct mime m;
    struct buf text;
    struct buf again; // the message, put together
    enum mime_event last;
};

static void note_header(struct trace *t)
{
    static const char *const forms[] = {"leaf", "multipart", "message", "sealed"};
    static const char *const encodings[] = {"7bit", "8bit", "binary", "qp", "base64", "other"};
    const struct mime_entity *e = &t->m.entity;
    buf_printf(&t->text, "\n%s %s", forms[e->form], encodings[e->encoding]);
    buf_printf(&t->text, "%s%s%s%s%s", e->top ? " top" : "", e->message ? " message" : "",
               e->has_type ? " type" : "", e->has_version ? " version" : "",
               e->blank ? "" : " open");
    assert_int_equal(e->why != NULL, e->form == MIME_SEALED);
    assert_true(e->form == MIME_SEALED || !e->header_sealed);
}

static void note(struct trace *t, enum mime_event event, struct span piece)
{
    static const char marks[] = {[MIME_BODY] = '[', [MIME_MARGIN] = '(', [MIME_BORDER] = '{'};
    buf_put_span(&t->again, piece);
    if (event == MIME_HEADER) {
        note_header(t);
        if (t->m.entity.blank)
            buf_putc(&t->again, '\n');
    } else if (event == MIME_END) {
        buf_puts(&t->text, "]");
    } else {
        assert_true(piece.n > 0);
        if (event != t->last || event == MIME_BORDER)
            buf_putc(&t->text, marks[event]);
        for (size_t i = 0; i < piece.n; i++)
            buf_putc(&t->text, piece.p[i] == '\n' ? '/' : piece.p[i]);
    }
    t->last = event;
}

static void push(struct trace *t, struct span text)
{
    struct span piece;
    enum mime_event event;
    while ((event = mime_next(&t->m, &text, &piece)) != MIME_MORE) {
        assert_int_not_equal(event, MIME_BAD);
        note(t, event, piece);
    }
    assert_int_equal(text.n, 0);
}

static void trace_init(struct trace *t)
{
    mime_init(&t->m);
    t->text = (struct buf)BUF_INIT(1 << 22);
    t->again = (struct buf)BUF_INIT(1 << 22);
    t->last = MIME_MORE;
}

static void trace_free(struct trace *t)
{
    mime_free(&t->m);
    buf_free(&t->text);
    buf_free(&t->again);
}

static void trace_end(struct trace *t, struct span message)
{
    mime_finish(&t->m);
    push(t, (struct span){NULL, 0});
    push(t, (struct span){NULL, 0});
    if (!span_equal(buf_span(&t->again), message))
        fail_msg("not what went in: %.*s", SPAN_ARGS(buf_span(&t->again)));
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    const char *message, *trace;
} rows[] = {
    {"", "\nleaf 7bit top message open]"},
    {"\n", "\nleaf 7bit top message]"},
    {"S: x", "\nleaf 7bit top message open]"},
    {"S: x\n", "\nleaf 7bit top message open]"},
    {"S: x\n\nbody\n", "\nleaf 7bit top message[body/]"},
    {"no header\n", "\nleaf 7bit top message open[no header/]"},
    {"no header", "\nleaf 7bit top message open[no header]"},
    {"S: x\n fold\nno header\n", "\nleaf 7bit top message open[no header/]"},
    {"From x y\nS: x\n\na\n", "\nleaf 7bit top message[a/]"},
    {"Content-Transfer-Encoding: 8bit\nMIME-Version: 1.0\nContent-Type: text/html\n\na",
     "\nleaf 8bit top message type version[a]"},
    // multiparts
    {MIXED "pre\n--b\n\none\n--b\nS: x\n\ntwo\n\n--b--\nepi\n",
     "\nmultipart 7bit top message type(pre{/--b/\nleaf 7bit[one]{/--b/\n"
     "leaf 7bit[two/]{/--b--/(epi/"},
    {MIXED "--b\n\n--b--\n", "\nmultipart 7bit top message type{--b/\nleaf 7bit]{--b--/"},
    {MIXED "--b\n\n\n--b--", "\nmultipart 7bit top message type{--b/\nleaf 7bit]{/--b--"},
    {MIXED "--b\n--b--\n", "\nmultipart 7bit top message type{--b/\nleaf 7bit open]{--b--/"},
    {MIXED "--b\nno header\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nleaf 7bit open[no header]{/--b--/"},
    {MIXED "--b \t\n\n--bb\n--b-\n-\n--\n--b--x\n--b-- \n",
     "\nmultipart 7bit top message type{--b \t/\nleaf 7bit[--bb/--b-/-/--/--b--x]{/--b-- /"},
    {MIXED "--b\n\nnever closed\n",
     "\nmultipart 7bit top message type{--b/\nleaf 7bit[never closed/]"},
    {MIXED "no border\n", "\nmultipart 7bit top message type(no border/"},
    {MIXED
     "--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nS: x\n\ny\n--b\n\nz\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nmultipart 7bit type{--c/\nmessage 7bit\n"
     "leaf 7bit message[y]{/--b/\nleaf 7bit[z]{/--b--/"},
    {MIXED "--b\nContent-Type: multipart/x; boundary=b\n\n--b--\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nmultipart 7bit type{--b--/{--b--/"},
    // messages
    {MIXED "--b\nContent-Type: message/rfc822\n\nS: x\nContent-Type: message/rfc822\n\n"
           "S: y\n\nz\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nmessage 7bit type\nmessage 7bit message type\n"
     "leaf 7bit message[z]{/--b--/"},
    {MIXED "--b\nContent-Type: message/rfc822\n\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nmessage 7bit type\nleaf 7bit message "
     "open]{--b--/"},
    {MIXED "--b\nContent-Type: message/rfc822\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nmessage 7bit type open\n"
     "leaf 7bit message open]{--b--/"},
    {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nUzogeA==\n",
     "\nleaf base64 top message type[UzogeA==/]"},
    {"Content-Type: message/global\n\nS: x\n", "\nleaf 7bit top message type[S: x/]"},
    // what stays as it is
    {MIXED "--b\nContent-Type: multipart/signed; boundary=c\n\n--c\n\nx\n--c--\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nsealed 7bit type[--c//x/--c--]{/--b--/"},
    {"Content-Type: multipart/encrypted; boundary=c\n\n--c\n",
     "\nsealed 7bit top message type[--c/]"},
    {"DKIM-Signature: x\n" MIXED "--b\n", "\nsealed 7bit top message type[--b/]"},
    {"Content-Type: multipart/mixed\n\n--b\n", "\nsealed 7bit top message type[--b/]"},
    {"Content-Type: multipart/mixed; boundary=\"\xc3\xa4\"\n\n--b\n",
     "\nsealed 7bit top message type[--b/]"},
    {"Content-Type: message/delivery-status\n\nx\n", "\nsealed 7bit top message type[x/]"},
    {MIXED "--b\nDKIM-Signature: no\n\nx\n--b--\n",
     "\nmultipart 7bit top message type{--b/\nleaf 7bit[x]{/--b--/"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span message = span_of(rows[i].message);
        for (size_t at = 0; at <= message.n + 1; at++) {
            struct trace t;
            trace_init(&t);
            if (at > message.n) {
                for (size_t j = 0; j < message.n; j++)
                    push(&t, (struct span){message.p + j, 1});
            } else {
                push(&t, (struct span){message.p, at});
                push(&t, (struct span){message.p + at, message.n - at});
            }
            trace_end(&t, message);
            if (strcmp(buf_str(&t.text), rows[i].trace) != 0)
                fail_msg("row %zu, split at %zu: %s", i, at, buf_str(&t.text));
            trace_free(&t);
        }
    }
}

// Lines of any length, in a header and where a boundary could be.
static void test_long_lines(void **state)
{
    (void)state;
    static const char *const begins[] = {
        "S: x",      "no header",   "S: x\n ",          "\n--b",
        MIXED "--b", MIXED "--b\n", MIXED "--b\n\n--b", MIXED "--"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        for (size_t n = MIME_LINE_LOOK - 8; n < MIME_LINE_LOOK + 8; n++)
            for (size_t piece = 1; piece < 4000; piece += 1999) {
                struct trace t;
                struct buf message = BUF_INIT(10000);
                buf_puts(&message, begins[i]);
                for (size_t j = 0; j < n; j++)
                    buf_putc(&message, i % 2 ? 'y' : ' ');
                buf_puts(&message, "\n--b--\n");
                trace_init(&t);
                for (size_t j = 0; j < message.n; j += piece)
                    push(&t, (struct span){message.p + j,
                                           message.n - j < piece ? message.n - j : piece});
                trace_end(&t, buf_span(&message));
                trace_free(&t);
                buf_free(&message);
            }
}

static void test_depth(void **state)
{
    (void)state;
    struct trace t;
    struct buf message = BUF_INIT(100000);
    for (unsigned i = 0; i < MIME_DEPTH_MAX + 5; i++)
        buf_printf(&message, "%sContent-Type: multipart/mixed; boundary=b%u\n\n--b%u\n",
                   i ? "" : "X: y\n", i, i);
    trace_init(&t);
    push(&t, buf_span(&message));
    trace_end(&t, buf_span(&message));
    assert_non_null(strstr(buf_str(&t.text), "sealed"));
    assert_string_equal(t.m.entity.why, "it lies too deep");
    trace_free(&t);
    buf_free(&message);
}

static void test_endless_header(void **state)
{
    (void)state;
    struct mime m;
    struct span line = SPAN("X-Header: text\n"), in, piece;
    enum mime_event event = MIME_MORE;
    mime_init(&m);
    for (size_t i = 0; i <= MIME_HEADER_MAX / 15 && event == MIME_MORE; i++) {
        in = line;
        event = mime_next(&m, &in, &piece);
    }
    assert_int_equal(event, MIME_BAD);
    mime_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_endless_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
