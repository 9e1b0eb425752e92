// SPDX-License-Identifier: ISC
// links: submit
// The table of mechanisms: its order, and that the config knows the same names.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"
#include "smtp/ehlo.h"
#include "submit/auth/mechanism.h"

static bool config_takes(const char *names)
{
    struct buf why = BUF_INIT(512);
    const struct option *auth = option_find(OPTION_ACCOUNT, SPAN("auth"));
    uint64_t number = 0;
    assert_non_null(auth);
    bool good = value_read(auth, span_of(names), &number, &why);
    assert_true(good || why.n > 0);
    buf_free(&why);
    return good;
}

static void names(void **state)
{
    size_t n = 0;
    (void)state;
    for (const struct mechanism *m = NULL; (m = mechanism_next(m)); n++) {
        assert_true(ehlo_is_mechanism(span_of(m->name)));
        assert_ptr_equal(mechanism_find(span_of(m->name)), m);
        assert_true(config_takes(m->name));
        assert_non_null(m->begin);
        assert_non_null(m->step);
        bool scram = strncmp(m->name, "SCRAM-", 6) == 0;
        bool plus = strstr(m->name, "-PLUS") != NULL;
        assert_int_equal(plus, (m->traits & MECHANISM_BOUND) != 0);
        assert_false(scram && !(m->traits & MECHANISM_AUTO));
    }
    assert_true(n > 15);
    assert_ptr_equal(mechanism_find(SPAN("plain")), mechanism_find(SPAN("PLAIN")));
    assert_null(mechanism_find(SPAN("ANONYMOUS")));
    assert_null(mechanism_find(SPAN("")));
    assert_false(config_takes("ANONYMOUS"));
    assert_false(config_takes("PLAIN ANONYMOUS"));
    assert_false(config_takes("PLAIN SCRAM-SHA256"));
}

// What shows the password comes behind what does not, and what binds comes before.
static void order(void **state)
{
    static const char *const sequence[] = {"EXTERNAL",
                                           "SCRAM-SHA-512-PLUS",
                                           "SCRAM-SHA-1-PLUS",
                                           "SCRAM-SHA-512",
                                           "SCRAM-SHA-256",
                                           "SCRAM-SHA-1",
                                           "OAUTHBEARER",
                                           "XOAUTH2",
                                           "PLAIN",
                                           "LOGIN"};
    (void)state;
    for (size_t i = 1; i < sizeof sequence / sizeof *sequence; i++)
        assert_true(mechanism_find(span_of(sequence[i - 1])) <
                    mechanism_find(span_of(sequence[i])));
}

static void only_by_name(void **state)
{
    static const char *const weak[] = {"CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI",
                                       "GSS-SPNEGO"};
    (void)state;
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        assert_false(mechanism_find(span_of(weak[i]))->traits & MECHANISM_AUTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(order),
        cmocka_unit_test(only_by_name),
    };
    return cmocka_run_group_tests_name("mechanism", tests, NULL, NULL);
}
