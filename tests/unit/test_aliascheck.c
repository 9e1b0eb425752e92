// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "message/aliascheck.h"

static void check(const char *text, struct buf *out)
{
    struct aliases a;
    aliases_init(&a, span_of(text));
    aliases_check(&a, "f", out);
    aliases_free(&a);
}

static void test_complaints(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaints;
    } table[] = {
        {"", ""},
        {"# nothing\nroot: a, b@c\npostmaster: root\nc: root, postmaster\nd: \\d\n", ""},
        {"a: b\nb:\n", "f:2: b: nobody stands behind the colon\n"},
        {"a: b\nA: c\n", "f:2: A: stands here twice; line 1 counts\n"},
        {"a b\n c\n", "f:1: no colon behind the name\n"},
        {"a@b: c\n", "f:1: a@b: a name with a domain is never looked up\n"},
        {"a: b,\n |c,\n /d,\n :include:/e,\n f@,\n g\n",
         "f:2: a: |c: programs are not run\nf:3: a: /d: files are not written\n"
         "f:4: a: :include:/e: includes are not read\nf:5: a: f@: bad domain\n"},
        {"a: a\n", "f:1: a: a: leads back to itself\n"},
        {"a: \\a\n", ""},
        {"a: a@b\n", ""},
        {"a: b\nb: c\nc: A, d\nd: x\n", "f:3: c: A: leads back to itself\n"},
        {"a: b, c\nb: d\nc: d\nd: x\n", ""}, // two ways to one name are no loop
        {"a: x\na: a\n", "f:2: a: stands here twice; line 1 counts\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(10000);
        check(table[i].text, &out);
        assert_string_equal(buf_str(&out), table[i].complaints);
        buf_free(&out);
    }
}

// A chain of `names` names, in the order of the file or against it.
static void put_chain(struct buf *text, int names, bool forward)
{
    for (int i = 0; i < names; i++) {
        int n = forward ? i : names - 1 - i;
        buf_printf(text, "n%d: n%d\n", n, n + 1);
    }
}

static void test_depth(void **state)
{
    (void)state;
    for (int forward = 0; forward < 2; forward++) {
        struct buf text = BUF_INIT(100000), out = BUF_INIT(100000);
        put_chain(&text, ALIASES_DEPTH_MAX, forward);
        check(buf_str(&text), &out);
        assert_string_equal(buf_str(&out), "");
        buf_clear(&text);
        put_chain(&text, ALIASES_DEPTH_MAX + 1, forward);
        check(buf_str(&text), &out);
        assert_non_null(strstr(buf_str(&out), "leads through too many names\n"));
        buf_clear(&text);
        buf_clear(&out);
        put_chain(&text, 3000, forward);
        check(buf_str(&text), &out);
        assert_non_null(strstr(buf_str(&out), "leads through too many names\n"));
        buf_free(&text);
        buf_free(&out);
    }
}

static void test_room(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(100);
    check("a:\nb:\nc:\nd:\n", &out);
    assert_true(out.over);
    assert_string_equal(buf_str(&out), "f:1: a: nobody stands behind the colon\n"
                                       "f:2: b: nobody stands behind the colon\n");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
