// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/throttle.h"

static void test_words(void **state)
{
    static const struct {
        uint16_t code;
        const char *text;
        enum throttle want;
    } rows[] = {
        {421, "Too many concurrent SMTP connections; please try again later",
         THROTTLE_CONNECTIONS},
        {421, "4.7.0 mx.example Error: too many connections from 192.0.2.1",
         THROTTLE_CONNECTIONS},
        {432, "Concurrent connections limit exceeded", THROTTLE_CONNECTIONS},
        {421, "greeting: 421 4.3.2 too many sessions", THROTTLE_CONNECTIONS},
        {451, "Maximum number of parallel connections reached", THROTTLE_CONNECTIONS},
        {421, "Too many messages for this session", THROTTLE_MESSAGES},
        {452, "too many messages in this connection", THROTTLE_MESSAGES},
        {421, "Maximum transactions per connection reached", THROTTLE_MESSAGES},
        {450, "Error: too much mail from 192.0.2.1", THROTTLE_RATE},
        {454, "Throttling failure: Maximum sending rate exceeded", THROTTLE_RATE},
        {451, "you are sending too many messages", THROTTLE_RATE},
        {421, "Slow down, please", THROTTLE_RATE},
        {421, "service not available, closing transmission channel", THROTTLE_NONE},
        {452, "insufficient system storage", THROTTLE_NONE},
        {450, "the user is receiving mail at a rate that prevents delivery", THROTTLE_NONE},
        {550, "too many connections", THROTTLE_NONE}, // for good: no matter of a moment
        {0, "too many connections", THROTTLE_NONE},   // our own words
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct outcome o = {.verdict = VERDICT_DEFERRED, .code = rows[i].code};
        outcome_text(&o, span_of(rows[i].text));
        if (throttle_of(&o) != rows[i].want)
            fail_msg("%s", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};
    return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
