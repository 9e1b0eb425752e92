// SPDX-License-Identifier: ISC
// links: sendoff
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sendoff/watch/metrics.h"

static void test_values(void **state)
{
    (void)state;
    static const int64_t now = 1795356000000000;
    struct listing l = {.now = now,
                        .octets = 12345,
                        .oldest = now - 90 * (int64_t)1000000,
                        .count = {[LISTED_WAITING] = 3, [LISTED_HELD] = 1}};
    struct metrics_account accounts[] = {
        {.name = "work",
         .memory = {.failures = 2, .not_before = now + 60 * (int64_t)1000000},
         .resting = true,
         .counters = {.sent = 7, .last_sent = now}},
        {.name = "a\"b\\c\nd", .memory = {.not_before = now}},
    };
    static const char *const want[] = {
        "sendoff_build_info{version=\"1.2\"} 1\n",
        "sendoff_config_usable 0\n",
        "sendoff_queue_messages{state=\"waiting\"} 3\n",
        "sendoff_queue_messages{state=\"held\"} 1\n",
        "sendoff_queue_messages{state=\"failed\"} 0\n",
        "sendoff_queue_size_bytes 12345\n",
        "sendoff_queue_oldest_age_seconds 90\n",
        ("sendoff_account_resting{account=\"work\"} 1\n"
         "sendoff_account_resting{account=\"a\\\"b\\\\c\\nd\"} 0\n"),
        "sendoff_account_retry_timestamp_seconds{account=\"work\"} 1795356060\n",
        // one that does not rest waits for nothing
        "sendoff_account_retry_timestamp_seconds{account=\"a\\\"b\\\\c\\nd\"} 0\n",
        "sendoff_account_failures{account=\"work\"} 2\n",
        "sendoff_account_last_sent_timestamp_seconds{account=\"work\"} 1795356000\n",
        "sendoff_recipients_total{account=\"work\",status=\"sent\"} 7\n",
        "sendoff_sessions_total{account=\"work\",result=\"trouble\"} 0\n",
    };
    struct metrics m = {.listing = &l, .version = "1.2", .account = accounts, .n_accounts = 2};
    struct buf out = BUF_INIT(65536);
    metrics_put(&out, &m);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (!strstr(buf_str(&out), want[i]))
            fail_msg("no %s in %s", want[i], buf_str(&out));
    assert_null(strstr(buf_str(&out), "settled"));
    // A clock that was set back, and a queue in which nothing waits, have no age.
    buf_clear(&out);
    l.oldest = now + 1000000;
    m.n_accounts = 0;
    metrics_put(&out, &m);
    assert_non_null(strstr(buf_str(&out), "oldest_age_seconds 0\n"));
    assert_null(strstr(buf_str(&out), "account"));
    buf_clear(&out);
    l.oldest = INT64_MAX;
    metrics_put(&out, &m);
    assert_non_null(strstr(buf_str(&out), "oldest_age_seconds 0\n"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
