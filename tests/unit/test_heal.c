// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/heal.h"

static struct outcome reply(uint16_t code, uint16_t subject, uint16_t detail, const char *text)
{
    struct outcome o = {.verdict = code < 500 ? VERDICT_DEFERRED : VERDICT_FAILED,
                        .scope = SCOPE_MESSAGE,
                        .code = code,
                        .status = {code / 100, subject, detail}};
    outcome_text(&o, span_of(text));
    return o;
}

static void test_replies_that_speak_of_the_account(void **state)
{
    static const struct {
        uint16_t code, subject, detail;
        const char *text;
    } cases[] = {
        {421, 7, 0, "Try again later, closing connection"},
        {432, 3, 2, "Concurrent connections limit exceeded"},
        {450, 2, 1, "The user is receiving mail at a RATE that is too high"},
        {454, 7, 0, "Throttling failure: Maximum sending rate exceeded"},
        {530, 7, 57, "Client not authenticated to send mail"},
        {550, 4, 5, "Daily user sending quota exceeded"},
        {550, 7, 30, "Basic authentication is not supported for Client Submission"},
        {554, 2, 0, "STOREDRV; SubmissionQuotaExceededException"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = reply(cases[i].code, cases[i].subject, cases[i].detail,
                                 cases[i].text);
        if (!heal_account(&o))
            fail_msg("%u: not healed: %s", cases[i].code, cases[i].text);
        assert_int_equal(o.verdict, VERDICT_DEFERRED);
        assert_int_equal(o.code, cases[i].code);
    }
}

static void test_replies_that_judge_the_message(void **state)
{
    static const struct {
        uint16_t code, subject, detail;
        const char *text;
    } cases[] = {
        {550, 1, 1, "no such user"},
        {550, 4, 6, "loop detected"},       // the status of a lock, with other words
        {554, 2, 0, "mailbox disabled"},    // likewise
        {450, 2, 1, "mailbox busy"},        // likewise
        {452, 5, 3, "too many recipients"}, // heals by itself, for this message
        {552, 3, 4, "message too big"},
        {554, 7, 1, "message looks like spam"},
        {550, 5, 4, "quota exceeded"}, // another status with the words of one
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = reply(cases[i].code, cases[i].subject, cases[i].detail,
                                 cases[i].text);
        enum verdict before = o.verdict;
        if (heal_account(&o))
            fail_msg("%u: taken for the account's: %s", cases[i].code, cases[i].text);
        assert_int_equal(o.verdict, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_that_speak_of_the_account),
        cmocka_unit_test(test_replies_that_judge_the_message),
    };
    return cmocka_run_group_tests_name("heal", tests, NULL, NULL);
}
