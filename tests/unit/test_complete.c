// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/complete.h"

static const struct {
    const char *field, *completed;
} rows[] = {
    {"To: root\n", "To: root@x.example\n"},
    {"To: root, a@b, daemon\n", "To: root@x.example, a@b, daemon@x.example\n"},
    {"To: Root <root>\n", "To: Root <root@x.example>\n"},
    {"To: \"root\" <a@b>\n", "To: \"root\" <a@b>\n"},
    {"To: (root) a\n", "To: (root) a@x.example\n"},
    {"To: a (b)\n", "To: a@x.example (b)\n"},
    {"To: group: a, b@c;\n", "To: group: a@x.example, b@c;\n"},
    {"To: a,\n b\n", "To: a@x.example,\n b@x.example\n"},
    {"To:root\n", "To:root@x.example\n"},
    {"To: \"a b\"\n", "To: \"a b\"@x.example\n"},
    {"To: undisclosed-recipients:;\n", "To: undisclosed-recipients:;\n"},
    {"To: \n", "To: \n"},
    {"To: a@b", "To: a@b"},
    {"To: a", "To: a@x.example"},
    // no address list: as it is, and not by half
    {"To: a, <b\n", "To: a, <b\n"},
    {"To: a, b@c d@e\n", "To: a, b@c d@e\n"},
    {"To: a, \"b\n", "To: a, \"b\n"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span rest = span_of(rows[i].field);
        struct buf out = BUF_INIT(1000);
        struct field f;
        assert_true(field_next(&rest, &f));
        buf_puts(&out, "before ");
        complete_field(&out, &f, SPAN("x.example"));
        assert_string_equal(buf_str(&out) + 7, rows[i].completed);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
