// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/contenttype.h"

static const struct {
    const char *body, *name, *boundary;
} types[] = {
    {" text/plain\n", "text/plain", ""},
    {" Text/HTML; charset=utf-8\n", "text/html", ""},
    {" (a) text/plain (b); (c) format=flowed\n", "text/plain", ""},
    {"multipart/mixed; boundary=abc\n", "multipart/mixed", "abc"},
    {"multipart/mixed;boundary=abc;x=y\n", "multipart/mixed", "abc"},
    {"multipart/mixed;\n\tboundary=\"a b;c\"\n", "multipart/mixed", "a b;c"},
    {"multipart/mixed; BOUNDARY=\"a\\\"b\"\n", "multipart/mixed", "a\"b"},
    {"multipart/mixed; x=\"boundary=no\"; boundary=yes\n", "multipart/mixed", "yes"},
    {"multipart/mixed; boundary=a:b?c=d\n", "multipart/mixed", "a:b?c=d"},
    {"multipart/mixed; boundary= \"abc\"\n", "multipart/mixed", "abc"},
    {"multipart/mixed; boundary = abc\n", "multipart/mixed", "abc"},
    {"multipart/mixed; boundary=\"abc  \"\n", "multipart/mixed", "abc"},
    {"multipart/mixed; boundary\n", "multipart/mixed", ""},
    {"multipart/mixed; boundary=\"abc\n", "multipart/mixed", ""},
    {"multipart/mixed; xboundary=abc\n", "multipart/mixed", ""},
    {"text\n", "", ""},
    {"\"text/plain\"\n", "", ""},
    {"\n", "", ""},
    {"", "", ""},
};

static void test_types(void **state)
{
    (void)state;
    struct contenttype t;
    contenttype_init(&t);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        contenttype_read(&t, span_of(types[i].body));
        if (strcmp(t.name, types[i].name) != 0 ||
            strcmp(buf_str(&t.boundary), types[i].boundary) != 0)
            fail_msg("row %zu: '%s' '%s'", i, t.name, buf_str(&t.boundary));
    }
    contenttype_free(&t);
}

// Ever shorter pieces of a field are no trouble, nor is what is too long.
static void test_any_length(void **state)
{
    (void)state;
    static const char body[] = "multipart/mixed (a\\)); x=\"\\\"\"; boundary=\"a\\\"b\"; y=(\n";
    struct contenttype t;
    contenttype_init(&t);
    for (size_t n = 0; n < sizeof body; n++)
        contenttype_read(&t, (struct span){body, n});
    char endless[1000];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "multipart/x; boundary=", 22);
    contenttype_read(&t, (struct span){endless, sizeof endless});
    assert_int_equal(t.boundary.n, 0);
    endless[11] = 'x';
    contenttype_read(&t, (struct span){endless, sizeof endless});
    assert_string_equal(t.name, "multipart/xx");
    contenttype_free(&t);
}

static void test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum contenttype_encoding encoding;
    } rows[] = {
        {" 7bit\n", CONTENTTYPE_7BIT},    {"\n", CONTENTTYPE_7BIT},
        {" 8BIT\n", CONTENTTYPE_8BIT},    {" binary (really)\n", CONTENTTYPE_BINARY},
        {"Base64\n", CONTENTTYPE_BASE64}, {" (x) quoted-printable\n", CONTENTTYPE_QP},
        {" x-uue\n", CONTENTTYPE_OTHER},  {" \"8bit\"\n", CONTENTTYPE_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(contenttype_encoding(span_of(rows[i].body)), rows[i].encoding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_any_length),
        cmocka_unit_test(test_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
