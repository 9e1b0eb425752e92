// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/recode.h"

#define X25 "xxxxxxxxxxxxxxxxxxxxxxxxx"
#define X75 X25 X25 X25

static const struct {
    enum recode_kind kind;
    struct span in;
    const char *out;
} rows[] = {
    {RECODE_NONE, SPAN_INIT("a\xff\n"), "a\xff\n"},
    {RECODE_QP, SPAN_INIT(""), ""},
    {RECODE_QP, SPAN_INIT("plain\n.\n"), "plain\n.\n"},
    {RECODE_QP, SPAN_INIT("a=b"), "a=3Db"},
    {RECODE_QP,
     SPAN_INIT("Gr\xc3\xbc\xc3\x9f"
               "e\n"),
     "Gr=C3=BC=C3=9Fe\n"},
    {RECODE_QP, SPAN_INIT("a \nb\t\n c"), "a=20\nb=09\n c"},
    {RECODE_QP, SPAN_INIT("a  \n"), "a =20\n"},
    {RECODE_QP, SPAN_INIT("a "), "a=20"},
    {RECODE_QP, SPAN_INIT("a\x01\x7f\0"), "a=01=7F=00"},
    // a line has 76 octets, the "=" at its end included
    {RECODE_QP, SPAN_INIT(X75 "\n"), X75 "\n"},
    {RECODE_QP, SPAN_INIT(X75 "y"), X75 "=\ny"},
    {RECODE_QP, SPAN_INIT(X75 "\xff"), X75 "=\n=FF"},
    {RECODE_QP, SPAN_INIT(X25 X25 "xxxxxxxxxxxxxxxxxxxx\xc3\xa4"),
     X25 X25 "xxxxxxxxxxxxxxxxxxxx=\n=C3=A4"},
    {RECODE_QP, SPAN_INIT(X75 " \n"), X75 "=\n=20\n"},
    {RECODE_BASE64, SPAN_INIT(""), ""},
    {RECODE_BASE64, SPAN_INIT("f"), "Zg=="},
    {RECODE_BASE64, SPAN_INIT("fo"), "Zm8="},
    {RECODE_BASE64, SPAN_INIT("foo"), "Zm9v"},
    {RECODE_BASE64, SPAN_INIT("f\no"), "Zg0Kbw=="},
    {RECODE_BASE64, SPAN_INIT("\0\xff"), "AP8="},
    {RECODE_BASE64, SPAN_INIT(X25 X25 "xxxxxxxy"),
     "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\neQ=="},
    // what is quoted-printable stays what it says
    {RECODE_QP_AGAIN, SPAN_INIT("a=3Db =\nc\n"), "a=3Db =\nc\n"},
    {RECODE_QP_AGAIN,
     SPAN_INIT("a=C3\xbc"
               "b\n"),
     "a=C3=BCb\n"},
    {RECODE_QP_AGAIN, SPAN_INIT("a = \nc"), "a =\nc"},
    {RECODE_QP_AGAIN, SPAN_INIT("a=zz"), "a=3Dzz"},
    {RECODE_QP_AGAIN, SPAN_INIT("a=4z"), "a=3D4z"},
    {RECODE_QP_AGAIN, SPAN_INIT("a=  41"), "a=3D  41"},
    {RECODE_QP_AGAIN, SPAN_INIT("a==41"), "a=3D=41"},
    {RECODE_QP_AGAIN, SPAN_INIT("a="), "a="},
    {RECODE_QP_AGAIN, SPAN_INIT("a=4"), "a=3D4"},
    {RECODE_QP_AGAIN, SPAN_INIT("a \n"), "a\n"},
    {RECODE_QP_AGAIN, SPAN_INIT(X75 X75), X75 "=\n" X75},
    {RECODE_QP_AGAIN, SPAN_INIT(X25 X25 "xxxxxxxxxxxxxxxxxxxxxxxx=41"),
     X25 X25 "xxxxxxxxxxxxxxxxxxxxxxxx=\n=41"},
    {RECODE_BASE64_AGAIN, SPAN_INIT("Zm 9v\n\xff\0Zm9v="), "Zm9vZm9v="},
    {RECODE_BASE64_AGAIN, SPAN_INIT(X75 "xy"), X75 "x\ny"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t at = 0; at <= rows[i].in.n; at++) {
            struct buf out = BUF_INIT(10000);
            struct recode r;
            recode_init(&r, rows[i].kind);
            recode_put(&r, &out, (struct span){rows[i].in.p, at});
            recode_put(&r, &out, (struct span){rows[i].in.p + at, rows[i].in.n - at});
            recode_end(&r, &out);
            if (strcmp(buf_str(&out), rows[i].out) != 0)
                fail_msg("row %zu, split at %zu: '%s', not '%s'", i, at, buf_str(&out),
                         rows[i].out);
            buf_free(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
