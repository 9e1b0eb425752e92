// SPDX-License-Identifier: ISC
// links: submit
// What is told of certificates that run out, and when.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/tls/tls_show.h"

#define NO_LINE ""

static void expect_notices(const struct tls_facts *f, uint64_t verify, const char *want)
{
    struct buf lines = BUF_INIT(4096);
    const struct config_account a = {.tls_verify = verify};
    const struct observer observer = {.step = "TLS", .notices = &lines};
    tls_show(f, &a, true, &observer);
    assert_string_equal(buf_str(&lines), want);
    buf_free(&lines);
}

static void smarthosts(void **state)
{
    static const struct {
        int days;
        const char *want;
    } table[] = {
        {90, NO_LINE},
        {14, NO_LINE},
        {13,
         "notice TLS:+20the+20smarthost's+20certificate+20expires+20on+202026-12-01,+20in+20"
         "13+20days\n"},
        {0, "notice TLS:+20the+20smarthost's+20certificate+20expires+20on+202026-12-01,+20in+20"
            "0+20days\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct tls_facts f = {.expires = {true, "2026-12-01", table[i].days}};
        expect_notices(&f, TLS_VERIFY_FULL, table[i].want);
        expect_notices(&f, TLS_VERIFY_PIN, NO_LINE); // its dates mean nothing
    }
}

static void our_own(void **state)
{
    static const struct {
        bool known;
        int days;
        const char *want;
    } table[] = {
        {true, 30, NO_LINE},
        {true, 29,
         "notice TLS:+20our+20certificate+20(tls_cert)+20expires+20on+202026-12-01,+20"
         "in+2029+20days\n"},
        {true, -1,
         "notice TLS:+20our+20certificate+20(tls_cert)+20has+20expired+20on+20"
         "2026-12-01\n"},
        {false, 0, NO_LINE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct tls_facts f = {.expires = {true, "2027-12-01", 300},
                                    .own = {table[i].known, "2026-12-01", table[i].days}};
        expect_notices(&f, TLS_VERIFY_FULL, table[i].want);
    }
}

static void not_verified(void **state)
{
    const struct tls_facts f = {.expires = {true, "2026-01-01", -300}};
    struct buf lines = BUF_INIT(4096);
    const struct config_account a = {.tls_verify = TLS_VERIFY_NONE};
    const struct observer observer = {.step = "TLS", .notices = &lines};
    (void)state;
    tls_show(&f, &a, false, &observer);
    assert_non_null(strstr(buf_str(&lines), "notice TLS:+20nothing+20is+20verified"));
    assert_null(strstr(buf_str(&lines), "expired"));
    buf_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smarthosts),
        cmocka_unit_test(our_own),
        cmocka_unit_test(not_verified),
    };
    return cmocka_run_group_tests_name("tls_show", tests, NULL, NULL);
}
