// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/downgrade.h"

static const struct {
    const char *in, *out; // NULL: an address is in the way
} rows[] = {
    // text
    {"Subject: plain\n", "Subject: plain\n"},
    {"Subject: Gr\xc3\xbc\xc3\x9f"
     "e\n",
     "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"},
    {"Subject: a \xc3\xa4 b\n", "Subject: a =?utf-8?q?=C3=A4?= b\n"},
    {"Subject: \xc3\xa4 \xc3\xa4\n", "Subject: =?utf-8?q?=C3=A4_=C3=A4?=\n"},
    {"Subject: \xc3\xa4\n \xc3\xa4\n", "Subject: =?utf-8?q?=C3=A4_=C3=A4?=\n"},
    {"Subject: =?x?q?y?= \xc3\xa4\n", "Subject: =?x?q?y?= =?utf-8?q?_=C3=A4?=\n"},
    {"Subject: \xc3\xa4 =?x?q?y?=\n", "Subject: =?utf-8?q?=C3=A4_?= =?x?q?y?=\n"},
    {"Subject: lat\xe4n\n", "Subject: =?unknown-8bit?q?lat=E4n?=\n"},
    {"Subject: a_b?=\xc3\xa4\n", "Subject: =?utf-8?q?a=5Fb=3F=3D=C3=A4?=\n"},
    {"Subject:\xc3\xa4", "Subject:=?utf-8?q?=C3=A4?="},
    {"Subject: \n", "Subject: \n"},
    {"Subject:\n", "Subject:\n"},
    {"X-Anything: <\xc3\xa4>\n", "X-Anything: =?utf-8?q?=3C=C3=A4=3E?=\n"},
    // addresses
    {"To: a@b, \"x\" <c@d>\n", "To: a@b, \"x\" <c@d>\n"},
    {"To: J\xc3\xb6rg <a@b>\n", "To: =?utf-8?q?J=C3=B6rg?= <a@b>\n"},
    {"To: J\xc3\xb6rg M\xc3\xbcller <a@b>\n", "To: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <a@b>\n"},
    {"To: A. M\xc3\xbcller <a@b>\n", "To: A. =?utf-8?q?M=C3=BCller?= <a@b>\n"},
    {"To: \"M\xc3\xbcller, \\\"X\\\"\" <a@b>\n",
     "To: =?utf-8?q?M=C3=BCller=2C_=22X=22?= <a@b>\n"},
    {"To: J\xc3\xb6rg<a@b>\n", "To: =?utf-8?q?J=C3=B6rg?= <a@b>\n"},
    {"To: a@b (\xc3\xa4 x)\n", "To: a@b (=?utf-8?q?=C3=A4?= x)\n"},
    {"To: a@b ((\xc3\xa4))\n", "To: a@b ((=?utf-8?q?=C3=A4?=))\n"},
    {"To: =?x?q?y?= \xc3\xa4 <a@b>\n", "To: =?x?q?y?= =?utf-8?q?_=C3=A4?= <a@b>\n"},
    {"To: \xc3\xa4 =?x?q?y?= <a@b>\n", "To: =?utf-8?q?=C3=A4_?= =?x?q?y?= <a@b>\n"},
    {"To: Gr\xc3\xbcn: a@b, c@d;\n", "To: =?utf-8?q?Gr=C3=BCn?=: a@b, c@d;\n"},
    {"To: M\xc3\xbcller, Hans <a@b>\n", "To: =?utf-8?q?M=C3=BCller?=, Hans <a@b>\n"},
    {"From: \xe4 <a@b>\n", "From: =?unknown-8bit?q?=E4?= <a@b>\n"},
    {"Cc: a@b,\n\t\xc3\xa4 <c@d>\n", "Cc: a@b,\n\t=?utf-8?q?=C3=A4?= <c@d>\n"},
    {"To: j\xc3\xb6rg@b\n", NULL},
    {"To: <j\xc3\xb6rg@b>\n", NULL},
    {"To: a.\xc3\xb6.c@b\n", NULL},
    {"To: \"\xc3\xb6\"@b\n", NULL},
    {"To: a@b.\xc3\xb6\n", NULL},
    {"To: x@y, J <a@\xc3\xb6.de>\n", NULL},
    {"To: \xc3\xb6 @ b\n", NULL},
    // no list of addresses
    {"To: ) \xc3\xa4\n", "To: ) =?utf-8?q?=C3=A4?=\n"},
    // parameters
    {"Content-Disposition: attachment; filename=\"\xc3\xa4 b.txt\"; size=1\n",
     "Content-Disposition: attachment; filename*=utf-8''%C3%A4%20b.txt; size=1\n"},
    {"Content-Type: text/plain; name=\xe4\n",
     "Content-Type: text/plain; name*=unknown-8bit''%E4\n"},
    {"Content-Type: text/plain;\n\tname=\"a;\\\"\xc3\xa4\"\n",
     "Content-Type: text/plain;\n\tname*=utf-8''a%3B%22%C3%A4\n"},
    {"Content-Type: text/pl\xc3\xa4in\n", "Content-Type: text/pl??in\n"},
    {"Content-Disposition: x; "
     "filename=\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
     "\xc3\xa4\xc3\xa4\xc3\xa4\"\n",
     "Content-Disposition: x; "
     "filename*0*=utf-8''%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4;\n"
     "\tfilename*1*=%C3%A4\n"},
    // what has no place for it
    {"Message-ID: <a@b>\n", "Message-ID: <a@b>\n"},
    {"Message-ID: <\xc3\xa4@b>\n", "Downgraded-Message-ID: =?utf-8?q?=3C=C3=A4=40b=3E?=\n"},
    {"List-Post: x\xc3\xa4\n", "Downgraded-List-Post: =?utf-8?q?x=C3=A4?=\n"},
};

static bool is_ascii(const struct buf *b)
{
    for (size_t i = 0; i < b->n; i++)
        if ((unsigned char)b->p[i] > 127)
            return false;
    return true;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(10000);
        struct span text = span_of(rows[i].in);
        struct field f;
        assert_true(field_next(&text, &f));
        bool done = downgrade_put(&out, &f) == DOWNGRADE_DONE;
        if (done != (rows[i].out != NULL) || (done && strcmp(buf_str(&out), rows[i].out) != 0))
            fail_msg("row %zu: %d '%s'", i, done, buf_str(&out));
        buf_clear(&out);
        downgrade_put_text(&out, &f);
        assert_true(is_ascii(&out));
        buf_free(&out);
    }
}

// Encoded words are short enough, and no character is split.
static void test_long_text(void **state)
{
    (void)state;
    struct buf in = BUF_INIT(100000), out = BUF_INIT(100000);
    struct span rest, line;
    struct field f;
    buf_puts(&in, "Subject: ");
    for (size_t i = 0; i < 500; i++)
        buf_puts(&in, i % 7 ? "\xe2\x82\xac" : " ");
    for (size_t i = 0; i < 1000; i++)
        buf_putc(&in, i ? 'x' : ' ');
    buf_puts(&in, "\n");
    rest = buf_span(&in);
    assert_true(field_next(&rest, &f));
    assert_int_equal(downgrade_put(&out, &f), DOWNGRADE_DONE);
    for (rest = buf_span(&out); rest.n && span_cut(&rest, '\n', &line);) {
        assert_true(line.n <= 76);
        for (size_t i = 0; i + 3 <= line.n; i++)
            if (memcmp(line.p + i, "=E2", 3) == 0)
                assert_true(i + 9 <= line.n && memcmp(line.p + i, "=E2=82=AC", 9) == 0);
    }
    buf_free(&in);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
