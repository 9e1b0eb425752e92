// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/convert.h"
#include "unit/decode.h"

enum { SEVEN = 0, EIGHT = 1, UTF8 = 2, BINARY = 4 }; // what the server takes

static struct convert_target target_of(unsigned takes)
{
    return (struct convert_target){
        .eightbit = takes & EIGHT, .utf8 = takes & UTF8, .binary = takes & BINARY};
}

// Through both times, in two pieces.
static enum convert_answer run(struct buf *out, unsigned takes, struct span in, size_t at,
                               struct convert *c)
{
    struct convert_target target = target_of(takes);
    struct span head = {in.p, at}, tail = {in.p + at, in.n - at};
    convert_init(c, &target);
    convert_survey(c, head);
    convert_survey(c, tail);
    enum convert_answer answer = convert_decide(c);
    for (size_t time = 0; time < 2 && answer == CONVERT_FIT; time++) {
        buf_clear(out);
        convert_begin(c);
        assert_true(convert_write(c, out, head));
        assert_true(convert_write(c, out, tail));
        assert_true(convert_end(c, out));
    }
    return answer;
}

#define UE    "\xc3\xbc"
#define MIME  "MIME-Version: 1.0\n"
#define QP    "Content-Transfer-Encoding: quoted-printable\n"
#define B64   "Content-Transfer-Encoding: base64\n"
#define MIXED MIME "Content-Type: multipart/mixed; boundary=b\n"

static const struct {
    unsigned takes;
    struct span in;
    const char *out;
} rows[] = {
    // nothing to do
    {SEVEN, SPAN_INIT("S: x\n\nbody\n"), "S: x\n\nbody\n"},
    {EIGHT, SPAN_INIT("S: x\n\nb" UE "\n"), "S: x\n\nb" UE "\n"},
    {SEVEN, SPAN_INIT(""), ""},
    {SEVEN, SPAN_INIT("Content-Transfer-Encoding: 8bit\n\nx\n"),
     "Content-Transfer-Encoding: 8bit\n\nx\n"},
    {SEVEN, SPAN_INIT("no header\r\nCR LF\rCR\n"), "no header\nCR LF\nCR\n"},
    // a message by itself
    {SEVEN, SPAN_INIT("S: x\n\nb" UE "\n"),
     "S: x\n" MIME "Content-Type: text/plain; charset=utf-8\n" QP "\nb=C3=BC\n"},
    {SEVEN, SPAN_INIT("S: x\n\nb\xfc\n"),
     "S: x\n" MIME "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nb=FC\n"},
    {EIGHT, SPAN_INIT("S: x\n\nb\0\n"),
     "S: x\n" MIME "Content-Type: text/plain; charset=us-ascii\n" B64 "\nYgANCg=="},
    {SEVEN, SPAN_INIT("b" UE "\n"),
     MIME "Content-Type: text/plain; charset=utf-8\n" QP "\nb=C3=BC\n"},
    {SEVEN,
     SPAN_INIT(MIME "Content-Type: text/html\ncontent-transfer-encoding: 8BIT\nS: x\n\n"
                    "b" UE),
     MIME "Content-Type: text/html\nS: x\n" QP "\nb=C3=BC"},
    {SEVEN, SPAN_INIT("Content-Type: text/html\n\n" UE "\n"),
     "Content-Type: text/html\n" MIME QP "\n=C3=BC\n"},
    {SEVEN, SPAN_INIT("Content-Type: x/y\n\n\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc"),
     "Content-Type: x/y\n" MIME B64 "\n//79/P/+/fz//v38"},
    // its header
    {EIGHT, SPAN_INIT("S: " UE "\n\nb" UE "\n"), "S: =?utf-8?q?=C3=BC?=\n\nb" UE "\n"},
    {EIGHT | UTF8, SPAN_INIT("S: " UE "\n\nb\n"), "S: " UE "\n\nb\n"},
    {EIGHT | UTF8, SPAN_INIT("S: \xfc\n\nb\n"), "S: =?unknown-8bit?q?=FC?=\n\nb\n"},
    {EIGHT | UTF8, SPAN_INIT("To: " UE "@b\n\nb\n"), "To: " UE "@b\n\nb\n"},
    {SEVEN, SPAN_INIT("From \xfc\nS: x\n\nb\n"), "S: x\n\nb\n"},
    {SEVEN, SPAN_INIT("S: a\0b\n\nb\n"), "S: a?b\n\nb\n"},
    // what is encoded already
    {SEVEN, SPAN_INIT(QP "\na=3D" UE "\n"), QP "\na=3D=C3=BC\n"},
    {SEVEN, SPAN_INIT(B64 "\nZm9v\xff\n"), B64 "\nZm9v"},
    // parts
    {SEVEN,
     SPAN_INIT(MIXED "Content-Transfer-Encoding: 8bit\n\np" UE "\n--b\nX: " UE
                     "\n\none\n--b\n\n" UE "\n--b--\ne" UE "\n"),
     MIXED "Content-Transfer-Encoding: 7bit\n\np??\n--b\nX: =?utf-8?q?=C3=BC?=\n\none\n--b\n"
           "Content-Type: text/plain; charset=utf-8\n" QP "\n=C3=BC\n--b--\ne??\n"},
    {EIGHT, SPAN_INIT(MIXED "\np" UE "\n--b\nX: " UE "\n\n" UE "\n--b--\n"),
     MIXED "\np" UE "\n--b\nX: " UE "\n\n" UE "\n--b--\n"},
    {SEVEN, SPAN_INIT(MIXED "\n--b\n" UE "\n--b--\n"),
     MIXED "\n--b\nContent-Type: text/plain; charset=utf-8\n" QP "\n=C3=BC\n--b--\n"},
    // messages in it
    {SEVEN,
     SPAN_INIT(MIXED "\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n"
                     "To: " UE "@x\nS: " UE "\n\n" UE "\n--b--\n"),
     MIXED "\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\n"
           "To: =?utf-8?q?=C3=BC=40x?=\nS: =?utf-8?q?=C3=BC?=\n" MIME
           "Content-Type: text/plain; charset=utf-8\n" QP "\n=C3=BC\n--b--\n"},
    // binary
    {EIGHT | BINARY, SPAN_INIT("Content-Transfer-Encoding: binary\n\na\0b\xff\n"), NULL},
    {EIGHT | BINARY, SPAN_INIT("X: y\n\na\0b\n"),
     "X: y\n" MIME "Content-Type: text/plain; charset=us-ascii\n" B64 "\nYQBiDQo="},
    // what is signed and fits
    {EIGHT, SPAN_INIT("DKIM-Signature: x\nS: x\n\n" UE "\n"), NULL},
    {SEVEN, SPAN_INIT("S: " UE "\nContent-Type: multipart/signed; boundary=b\n\n--b\n"),
     "S: =?utf-8?q?=C3=BC?=\nContent-Type: multipart/signed; boundary=b\n\n--b\n"},
    {EIGHT | UTF8, SPAN_INIT("DKIM-Signature: x\nS: " UE "\n\nx\n"), NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t at = 0; at <= rows[i].in.n; at++) {
            struct buf out = BUF_INIT(CONVERT_HEADER_MAX);
            struct convert c;
            enum convert_answer answer = run(&out, rows[i].takes, rows[i].in, at, &c);
            struct span want = rows[i].out ? span_of(rows[i].out) : rows[i].in;
            if (answer != CONVERT_FIT)
                fail_msg("row %zu: %s", i, c.why);
            if (!span_equal(buf_span(&out), want))
                fail_msg("row %zu, split at %zu: %s", i, at, buf_str(&out));
            assert_int_equal(c.binary, strstr(buf_str(&out), ": binary\n") != NULL);
            convert_free(&c);
            buf_free(&out);
        }
}

static void test_unfit(void **state)
{
    (void)state;
    static const struct {
        unsigned takes;
        struct span in;
        enum convert_answer answer;
        const char *why;
    } table[] = {
        {SEVEN, SPAN_INIT("DKIM-Signature: x\n\n" UE "\n"), CONVERT_UNFIT,
         "a part can not be converted: it is signed (DKIM)"},
        {SEVEN, SPAN_INIT("Content-Type: multipart/signed; boundary=b\n\n" UE "\n"),
         CONVERT_UNFIT, "a part can not be converted: it is signed"},
        {SEVEN,
         SPAN_INIT(MIXED "\n--b\nContent-Type: multipart/encrypted; boundary=c\n\n" UE "\n"),
         CONVERT_UNFIT, "a part can not be converted: it is encrypted"},
        {SEVEN, SPAN_INIT("Content-Type: multipart/mixed\n\n" UE "\n"), CONVERT_UNFIT,
         "a part can not be converted: it is a multipart without a boundary"},
        {SEVEN, SPAN_INIT("Content-Type: message/partial\n\n" UE "\n"), CONVERT_UNFIT,
         "a part can not be converted: its type can not be encoded"},
        {SEVEN, SPAN_INIT("Content-Transfer-Encoding: x-uue\n\n" UE "\n"), CONVERT_UNFIT,
         "a part can not be converted: its encoding is not known"},
        {EIGHT, SPAN_INIT("DKIM-Signature: x\n\n\0\n"), CONVERT_UNFIT,
         "a part can not be converted: it is signed (DKIM)"},
        {EIGHT, SPAN_INIT("DKIM-Signature: x\nS: " UE "\n\nx\n"), CONVERT_NEEDS_UTF8,
         "its header is not ASCII, and must not be changed"},
        {EIGHT, SPAN_INIT("To: " UE "@b\n\nx\n"), CONVERT_NEEDS_UTF8,
         "an address in its header is not ASCII"},
        {EIGHT, SPAN_INIT("Reply-To: <a@" UE ">\n\nx\n"), CONVERT_NEEDS_UTF8,
         "an address in its header is not ASCII"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(CONVERT_HEADER_MAX);
        struct convert c;
        enum convert_answer answer = run(&out, table[i].takes, table[i].in, 0, &c);
        if (answer != table[i].answer || strcmp(c.why, table[i].why) != 0)
            fail_msg("row %zu: %d %s", i, answer, c.why);
        convert_free(&c);
        buf_free(&out);
    }
}

// A body of lines of `length` octets.
static void make_long(struct buf *b, const char *head, const char *word, size_t length)
{
    buf_puts(b, head);
    for (size_t n = 0; n < length; n += strlen(word))
        buf_puts(b, word);
    buf_puts(b, "\nshort\n");
}

static void test_long_lines(void **state)
{
    (void)state;
    static const struct {
        const char *head, *word;
        size_t length;
        bool changed;
    } table[] = {
        {"S: x\n\n", "a", 998, false},
        {"S: x\n\n", "a", 999, true},
        {"S: x\n\n", "a ", 5000, true},
        {"S: x\n\n", UE, 2000, true},
        {B64 "\n", "QUFB", 4000, true},
        {QP "\n", "=41", 3000, true},
        // these are for the server to judge
        {"DKIM-Signature: x\n\n", "a", 2000, false},
        {"Content-Transfer-Encoding: x-uue\n\n", "a", 2000, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf in = BUF_INIT(100000), out = BUF_INIT(CONVERT_HEADER_MAX),
                   decoded = BUF_INIT(100000), meant = BUF_INIT(100000);
        struct convert c;
        make_long(&in, table[i].head, table[i].word, table[i].length);
        assert_int_equal(run(&out, EIGHT, buf_span(&in), 500, &c), CONVERT_FIT);
        bool changed = !span_equal(buf_span(&in), buf_span(&out));
        if (changed != table[i].changed)
            fail_msg("row %zu: %d", i, changed);
        struct span rest = buf_span(&out), line;
        while (changed && rest.n && span_cut(&rest, '\n', &line))
            assert_true(line.n <= 76);
        const char *body = strstr(buf_str(&out), "\n\n") + 2;
        const char *before = strstr(buf_str(&in), "\n\n") + 2;
        bool base64 = strstr(buf_str(&out), B64) != NULL;
        if (changed) {
            (base64 ? decode_base64 : decode_qp)(&decoded, span_of(body));
            if (strstr(table[i].head, B64))
                decode_base64(&meant, span_of(before));
            else if (strstr(table[i].head, QP))
                decode_qp(&meant, span_of(before));
            else
                buf_puts(&meant, before);
            decode_ends(&decoded);
            if (!span_equal(buf_span(&decoded), buf_span(&meant)))
                fail_msg("row %zu says something else", i);
        }
        convert_free(&c);
        buf_free(&in);
        buf_free(&out);
        buf_free(&decoded);
        buf_free(&meant);
    }
}

// A file that is another one by the time it is sent never becomes whole.
static void test_changed(void **state)
{
    (void)state;
    static const char survey[] = MIXED "\n--b\n\n" UE "\n--b--\n";
    static const char *const others[] = {
        MIXED "\n--b\n\n" UE "\n--b\n\n--b--\n",
        MIXED "\n--b--\n",
        "To: " UE "@b\n\nx\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct convert_target target = target_of(SEVEN);
        struct buf out = BUF_INIT(CONVERT_HEADER_MAX);
        struct convert c;
        convert_init(&c, &target);
        convert_survey(&c, span_of(survey));
        assert_int_equal(convert_decide(&c), CONVERT_FIT);
        convert_begin(&c);
        assert_false(convert_write(&c, &out, span_of(others[i])) && convert_end(&c, &out));
        convert_free(&c);
        buf_free(&out);
    }
}

static void test_header_alone(void **state)
{
    (void)state;
    static const struct {
        unsigned takes;
        const char *in, *out;
        enum convert_answer answer;
    } table[] = {
        {EIGHT, "S: x\n", "S: x\n", CONVERT_FIT},
        {EIGHT, "S: " UE "\nContent-Transfer-Encoding: 8bit\n",
         "S: =?utf-8?q?=C3=BC?=\nContent-Transfer-Encoding: 8bit\n", CONVERT_FIT},
        {EIGHT | UTF8, "S: " UE "\n", "S: " UE "\n", CONVERT_FIT},
        {EIGHT, "To: <" UE "@b>\n", NULL, CONVERT_NEEDS_UTF8},
        {EIGHT, "DKIM-Signature: x\nS: " UE "\n", NULL, CONVERT_NEEDS_UTF8},
        {EIGHT, "DKIM-Signature: x\nS: x\n", "DKIM-Signature: x\nS: x\n", CONVERT_FIT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct convert_target target = target_of(table[i].takes);
        struct buf out = BUF_INIT(CONVERT_HEADER_MAX);
        const char *why = NULL;
        assert_int_equal(convert_header(&out, span_of(table[i].in), &target, &why),
                         table[i].answer);
        if (table[i].out)
            assert_string_equal(buf_str(&out), table[i].out);
        assert_int_equal(why != NULL, table[i].answer != CONVERT_FIT);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_unfit),
        cmocka_unit_test(test_long_lines),   cmocka_unit_test(test_changed),
        cmocka_unit_test(test_header_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
