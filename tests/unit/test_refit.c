// SPDX-License-Identifier: ISC
// links: message
// Headers written anew. What is in encoded words is in test_encoded.c and test_downgrade.c;
// here it is which fields are touched, and what is said of the content.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/refit.h"

#define UE  "\xc3\xbc"
#define CTE "Content-Transfer-Encoding: "

static const struct row {
    struct refit how;
    struct mime_entity entity;
    const char *in, *out; // NULL: refused
} rows[] = {
    // nothing to do, nothing done
    {{0}, {.top = true, .message = true}, "S: x\nX:  odd\t\n", "S: x\nX:  odd\t\n"},
    {{0}, {.top = true, .message = true}, "", ""},
    // 8 bits in a message's own header: where SMTPUTF8 takes them, and they are UTF-8
    {{.utf8 = true}, {.top = true}, "S: " UE "\n", "S: " UE "\n"},
    {{.utf8 = true}, {.top = true}, "S: \xff\n", "S: =?unknown-8bit?q?=FF?=\n"},
    {{.eightbit = true}, {.top = true}, "S: " UE "\n", "S: =?utf-8?q?=C3=BC?=\n"},
    {{0}, {.top = true}, "S: " UE "\nT: x\n", "S: =?utf-8?q?=C3=BC?=\nT: x\n"},
    // in that of a part: where 8BITMIME takes them
    {{.eightbit = true}, {.top = false}, "S: \xff\n", "S: \xff\n"},
    {{.utf8 = true}, {.top = false}, "S: " UE "\n", "S: =?utf-8?q?=C3=BC?=\n"},
    // addresses
    {{.strict = true}, {.top = true}, "To: " UE "@b\n", NULL},
    {{.strict = true}, {.top = true}, "To: " UE " <a@b>\n", "To: =?utf-8?q?=C3=BC?= <a@b>\n"},
    {{.strict = true, .utf8 = true}, {.top = true}, "To: " UE "@b\n", "To: " UE "@b\n"},
    // what is encoded anew is said, once, behind the rest
    {{.kind = RECODE_QP},
     {.top = true, .message = true, .has_version = true, .has_type = true},
     CTE "8bit\nS: x\n",
     "S: x\n" CTE "quoted-printable\n"},
    {{.kind = RECODE_BASE64},
     {.has_type = true},
     "content-transfer-ENCODING: binary\n" CTE "8bit\nS: x\n",
     "S: x\n" CTE "base64\n"},
    {{.kind = RECODE_NONE}, {.has_type = true}, CTE "8bit\n", CTE "8bit\n"},
    // and what nobody has said of it
    {{.kind = RECODE_QP, .charset = REFIT_UTF8},
     {.top = true, .message = true},
     "S: x\n",
     "S: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n" CTE
     "quoted-printable\n"},
    {{.kind = RECODE_QP, .charset = REFIT_UNKNOWN},
     {.message = false},
     "",
     "Content-Type: text/plain; charset=unknown-8bit\n" CTE "quoted-printable\n"},
    {{.kind = RECODE_BASE64, .charset = REFIT_ASCII},
     {.message = true, .has_version = true},
     "S: no end",
     "S: no end\nContent-Type: text/plain; charset=us-ascii\n" CTE "base64\n"},
    // what holds parts is of 7 bits, once they are
    {{0},
     {.form = MIME_MULTIPART, .encoding = CONTENTTYPE_8BIT, .has_type = true},
     CTE "8bit\n",
     CTE "7bit\n"},
    {{0},
     {.form = MIME_MESSAGE, .encoding = CONTENTTYPE_BINARY, .has_type = true},
     CTE "binary\n",
     CTE "7bit\n"},
    {{.eightbit = true},
     {.form = MIME_MULTIPART, .encoding = CONTENTTYPE_8BIT, .has_type = true},
     CTE "8bit\n",
     CTE "8bit\n"},
    {{0},
     {.form = MIME_MULTIPART, .encoding = CONTENTTYPE_7BIT, .has_type = true},
     CTE "7bit\n",
     CTE "7bit\n"},
    // a sealed header is not for us, whatever is in it
    {{.kind = RECODE_QP}, {.header_sealed = true, .top = true}, "S: " UE "\n", "S: " UE "\n"},
    // a line in front of the header: kept where it can be
    {{0}, {.top = true}, "From a b\nS: x\n", "From a b\nS: x\n"},
    {{0}, {.top = true}, "From " UE " b\nS: x\n", "S: x\n"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(10000);
        bool good = refit_put(&out, &rows[i].how, &rows[i].entity, span_of(rows[i].in));
        if (good != (rows[i].out != NULL))
            fail_msg("row %zu", i);
        if (good && strcmp(buf_str(&out), rows[i].out) != 0)
            fail_msg("row %zu: %s", i, buf_str(&out));
        buf_free(&out);
    }
}

// No line is left that SMTP does not take, if it has a blank; nothing else is touched.
static void test_long_lines(void **state)
{
    (void)state;
    static const char *const names[] = {"Subject", "References", "To", "X-Other"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf in = BUF_INIT(100000), out = BUF_INIT(100000);
        const struct mime_entity top = {.top = true, .message = true};
        const struct refit how = {0};
        buf_printf(&in, "A: b\n%s:", names[i]);
        for (size_t n = 0; n < 300; n++)
            buf_printf(&in, "%s u%zu@example.org", n ? "," : "", n);
        buf_puts(&in, "\nZ: y\n");
        assert_true(refit_put(&out, &how, &top, buf_span(&in)));
        struct span rest = buf_span(&out), line;
        while (span_cut(&rest, '\n', &line))
            assert_true(line.n <= 998);
        assert_memory_equal(buf_str(&out), "A: b\n", 5);
        assert_string_equal(buf_str(&out) + out.n - 5, "Z: y\n");
        // Unfolded it says the same.
        struct buf a = BUF_INIT(100000), b = BUF_INIT(100000);
        for (size_t n = 0; n < in.n; n++)
            if (in.p[n] != ' ' && in.p[n] != '\n')
                buf_putc(&a, in.p[n]);
        for (size_t n = 0; n < out.n; n++)
            if (out.p[n] != ' ' && out.p[n] != '\n')
                buf_putc(&b, out.p[n]);
        assert_string_equal(buf_str(&b), buf_str(&a));
        buf_free(&a);
        buf_free(&b);
        buf_free(&in);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
