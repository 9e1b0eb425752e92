// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "message/fields.h"

static void fields_are_found(void **state)
{
    (void)state;
    assert_int_equal(field_find(SPAN("bcc")), FIELD_BCC);
    assert_int_equal(field_find(SPAN("Message-Id")), FIELD_MESSAGE_ID);
    assert_int_equal(field_find(SPAN("RESENT-TO")), FIELD_RESENT_TO);
    assert_int_equal(field_find(SPAN("Bc")), FIELD_OTHER);
    assert_int_equal(field_find(SPAN("Bccc")), FIELD_OTHER);
    assert_int_equal(field_find(SPAN("")), FIELD_OTHER);
    assert_int_equal(field_find(SPAN("Sendoff-Spool")), FIELD_OTHER);
    assert_int_equal(field_flags(FIELD_OTHER), 0);
    assert_string_equal(field_title(FIELD_OTHER), "");
    assert_string_equal(field_title(FIELD_REPLY_TO), "Reply-To");
}

// What the code that walks the table takes for granted.
static void table_is_sound(void **state)
{
    (void)state;
    assert_true(FIELD_OTHER < 32); // a bit for each in an unsigned
    for (unsigned i = 0; i < FIELD_OTHER; i++) {
        enum field_id id = (enum field_id)i;
        unsigned flags = field_flags(id);
        struct span name = span_of(field_title(id));
        assert_int_equal(field_find(name), id);
        assert_int_equal(span_starts_nocase(name, SPAN("Resent-")),
                         (flags & FIELD_RESENT) != 0);
        if (flags & FIELD_DROPPED)
            assert_int_equal(flags & ~(unsigned)(FIELD_HARVESTED | FIELD_RESENT),
                             FIELD_DROPPED);
        if (flags & FIELD_DESTINATION)
            assert_true(flags & FIELD_HARVESTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
