// SPDX-License-Identifier: ISC
// links: smtp
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/command.h"

static const struct {
    const char *mailbox;
    bool good;
} mailboxes[] = {
    {"", true},
    {"a@example.com", true},
    {"root", true},
    {"\"a > b <c\"@example.com", true},
    {"\"a\\\"b\\\\\"@example.com", true},
    {"a@[127.0.0.1]", true},
    {"gr\xc3\xbc\xc3\x9f@example.com", true},
    {"a@example.com> SIZE=1 <", false},
    {"a@example.com SIZE=1", false},
    {"a b@example.com", false},
    {"<a@example.com>", false},
    {"\"a@example.com", false},
    {"\"a\\", false},
    {"\"a\\\"@example.com", false},
    {"a\\ b@example.com", false},
    {"a@example.com\r\nDATA", false},
    {"a@example.com\nDATA", false},
    {"a\r@example.com", false},
    {"\"a\tb\"@example.com", false},
    {"\"a\\\nb\"@example.com", false},
    {"a\x7f@example.com", false},
};

// Both as a sender and as a recipient; what is refused leaves nothing behind.
static void test_mailboxes(void **state)
{
    (void)state;
    const struct ehlo e = {.capabilities = EHLO_SMTPUTF8};
    for (size_t i = 0; i < sizeof mailboxes / sizeof *mailboxes; i++) {
        struct buf out = BUF_INIT(1000), expected = BUF_INIT(1000);
        struct command_mail mail = {.sender = mailboxes[i].mailbox, .options = ""};
        unsigned spare;
        bool made = command_mail(&out, &e, &mail, &spare) == COMMAND_MADE;
        if (made != mailboxes[i].good)
            fail_msg("sender %zu", i);
        assert_int_equal(out.n > 0, mailboxes[i].good);
        buf_clear(&out);
        bool good = mailboxes[i].good && *mailboxes[i].mailbox;
        made = command_rcpt(&out, &e, mailboxes[i].mailbox, "", 0, &spare) == COMMAND_MADE;
        if (made != good)
            fail_msg("recipient %zu", i);
        if (good)
            buf_printf(&expected, "RCPT TO:<%s>\r\n", mailboxes[i].mailbox);
        assert_string_equal(buf_str(&out), buf_str(&expected));
        buf_free(&out);
        buf_free(&expected);
    }
}

static const struct {
    unsigned capabilities;
    uint64_t limit;
    struct command_mail mail;
    enum command_answer answer;
    const char *line;
} mails[] = {
    {0,
     0,
     {"a@b", "", 10, true, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {0,
     0,
     {"", "", 10, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<>\r\n"},
    {EHLO_SIZE,
     0,
     {"a@b", "", 10, true, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> SIZE=10\r\n"},
    {EHLO_SIZE,
     10,
     {"a@b", "", 10, true, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> SIZE=10\r\n"},
    {EHLO_SIZE, 9, {"a@b", "", 10, true, false, false, false, false, 0}, COMMAND_TOO_LARGE, ""},
    {EHLO_8BITMIME,
     0,
     {"a@b", "", 10, true, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> BODY=8BITMIME\r\n"},
    {EHLO_8BITMIME,
     0,
     {"a@b", "", 10, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {EHLO_DSN,
     0,
     {"a@b", "RET=HDRS ENVID=x SMTPUTF8", 1, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> RET=HDRS ENVID=x\r\n"},
    {0,
     0,
     {"a@b", "RET=HDRS ENVID=x SMTPUTF8", 1, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {EHLO_SMTPUTF8,
     0,
     {"a@b", "smtputf8", 1, false, true, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> smtputf8\r\n"},
    {EHLO_SMTPUTF8,
     0,
     {"a@b", "", 1, false, true, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> SMTPUTF8\r\n"},
    {EHLO_SMTPUTF8,
     0,
     {"\xc3\xa4@b", "", 1, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<\xc3\xa4@b> SMTPUTF8\r\n"},
    {0, 0, {"\xc3\xa4@b", "", 1, false, false, false, false, false, 0}, COMMAND_NEEDS_UTF8, ""},
    {0,
     0,
     {"a@b", "", 1, false, true, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {0,
     0,
     {"a@b", "REQUIRETLS", 1, false, false, false, false, false, 0},
     COMMAND_NEEDS_TLS,
     ""},
    {EHLO_REQUIRETLS,
     0,
     {"a@b", "REQUIRETLS", 1, false, false, false, true, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> REQUIRETLS\r\n"},
    // what is offered in the clear may be offered by anybody
    {EHLO_REQUIRETLS,
     0,
     {"a@b", "REQUIRETLS", 1, false, false, false, false, false, 0},
     COMMAND_NEEDS_TLS,
     ""},
    {0,
     0,
     {"a@b", "REQUIRETLS", 1, false, false, false, true, false, 0},
     COMMAND_NEEDS_TLS,
     ""},
    {EHLO_8BITMIME | EHLO_BINARYMIME,
     0,
     {"a@b", "BODY=8BITMIME", 1, true, false, true, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> BODY=BINARYMIME\r\n"},
    {EHLO_8BITMIME,
     0,
     {"a@b", "", 1, true, false, true, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> BODY=8BITMIME\r\n"},
    // nobody's word on who he is leaves the host
    {EHLO_AUTH,
     0,
     {"a@b", "AUTH=root@b", 1, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {EHLO_AUTH,
     0,
     {"a@b", "AUTH=root@b", 1, false, false, false, true, true, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> AUTH=<>\r\n"},
    {EHLO_AUTH,
     0,
     {"a@b", "RET=HDRS", 1, false, false, false, true, true, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
    {EHLO_DSN | EHLO_SIZE,
     0,
     {"a@b", "SIZE=1 BODY=7BIT NOTIFY=NEVER X=y", 5, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b> SIZE=5\r\n"},
    {EHLO_DSN,
     0,
     {"a@b", "ENVID=x\r\nDATA RET=\x01", 1, false, false, false, false, false, 0},
     COMMAND_MADE,
     "MAIL FROM:<a@b>\r\n"},
};

static void test_mail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
        struct buf out = BUF_INIT(1000);
        const struct ehlo e = {.capabilities = mails[i].capabilities, .size = mails[i].limit};
        unsigned spare;
        assert_int_equal(command_mail(&out, &e, &mails[i].mail, &spare), mails[i].answer);
        assert_string_equal(buf_str(&out), mails[i].line);
        buf_free(&out);
    }
}

// What a line can do without, and the line without it. What is needed stays.
static void test_without(void **state)
{
    (void)state;
    enum { P = STUMBLE_PARAMETERS, D = STUMBLE_DSN, B = STUMBLE_BODY };
    static const struct ehlo e = {.capabilities = EHLO_SIZE | EHLO_8BITMIME | EHLO_BINARYMIME |
                                                  EHLO_DSN | EHLO_SMTPUTF8 | EHLO_REQUIRETLS};
#define BARE "MAIL FROM:<a@b>"
    static const struct {
        struct command_mail mail;
        unsigned spare;
        const char *line;
    } table[] = {
        {{"a@b", "", 1, false, false, false, true, true, 0}, P, BARE " SIZE=1"},
        {{"a@b", "", 1, false, false, false, true, true, P}, 0, BARE},
        {{"a@b", "AUTH=x", 1, false, false, false, true, true, 0}, P, BARE " SIZE=1 AUTH=<>"},
        {{"a@b", "AUTH=x", 1, false, false, false, true, true, P}, 0, BARE},
        {{"a@b", "RET=FULL ENVID=x", 1, false, false, false, true, true, 0},
         P | D,
         BARE " SIZE=1 RET=FULL ENVID=x"},
        {{"a@b", "RET=FULL ENVID=x", 1, false, false, false, true, true, P},
         D,
         BARE " RET=FULL ENVID=x"},
        {{"a@b", "RET=FULL ENVID=x", 1, false, false, false, true, true, D}, P, BARE " SIZE=1"},
        // 8 bits said, but not there
        {{"a@b", "BODY=8BITMIME", 1, false, false, false, true, true, D | B},
         P,
         BARE " SIZE=1"},
        {{"a@b", "BODY=8BITMIME", 1, false, false, false, true, true, D},
         P,
         BARE " SIZE=1 BODY=8BITMIME"},
        {{"a@b", "BODY=8BITMIME", 1, false, false, false, true, true, P}, 0, BARE},
        // and there
        {{"a@b", "BODY=8BITMIME", 1, true, false, false, true, true, P},
         B,
         BARE " BODY=8BITMIME"},
        {{"a@b", "", 1, true, false, false, true, true, B}, P, BARE " SIZE=1"},
        {{"a@b", "", 1, true, false, true, true, true, P}, B, BARE " BODY=BINARYMIME"},
        {{"a@b", "", 1, true, false, true, true, true, P | B}, 0, BARE},
        // SMTPUTF8 needs 8BITMIME
        {{"a@b", "", 1, true, true, false, true, true, P}, 0, BARE " BODY=8BITMIME SMTPUTF8"},
        {{"a@b", "", 1, true, true, false, true, true, P | B},
         0,
         BARE " BODY=8BITMIME SMTPUTF8"},
        {{"a@b", "SMTPUTF8", 1, false, true, false, true, true, P | D | B},
         0,
         BARE " SMTPUTF8"},
        {{"\xc3\xa4@b", "SMTPUTF8", 1, false, false, false, true, true, P},
         0,
         "MAIL FROM:<\xc3\xa4@b> SMTPUTF8"},
        // said, and not needed
        {{"a@b", "SMTPUTF8", 1, false, false, false, true, true, B},
         P,
         BARE " SIZE=1 SMTPUTF8"},
        {{"a@b", "SMTPUTF8", 1, false, false, false, true, true, P}, 0, BARE},
        // a promise
        {{"a@b", "REQUIRETLS", 1, false, false, false, true, true, P | D | B},
         0,
         BARE " REQUIRETLS"},
    };
#undef BARE
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(1000), line = BUF_INIT(1000);
        unsigned spare = 99;
        buf_printf(&line, "%s\r\n", table[i].line);
        assert_int_equal(command_mail(&out, &e, &table[i].mail, &spare), COMMAND_MADE);
        assert_string_equal(buf_str(&out), buf_str(&line));
        if (spare != table[i].spare)
            fail_msg("%zu: %u", i, spare);
        buf_free(&out);
        buf_free(&line);
    }
}

static void test_rcpt(void **state)
{
    (void)state;
    const struct ehlo none = {0}, dsn = {.capabilities = EHLO_DSN};
    const char *options = "NOTIFY=NEVER ORCPT=rfc822;a@b X=y RET=HDRS";
    struct buf out = BUF_INIT(1000);
    unsigned spare = 99;
    assert_int_equal(command_rcpt(&out, &none, "a@b", options, 0, &spare), COMMAND_MADE);
    assert_int_equal(spare, 0);
    assert_int_equal(command_rcpt(&out, &dsn, "a@b", options, 0, &spare), COMMAND_MADE);
    assert_int_equal(spare, STUMBLE_DSN);
    assert_int_equal(command_rcpt(&out, &dsn, "a@b", options, STUMBLE_DSN, &spare),
                     COMMAND_MADE);
    assert_int_equal(spare, 0);
    assert_int_equal(command_rcpt(&out, &dsn, "\xc3\xa4@b", options, 0, &spare),
                     COMMAND_NEEDS_UTF8);
    assert_string_equal(buf_str(&out), "RCPT TO:<a@b>\r\n"
                                       "RCPT TO:<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b\r\n"
                                       "RCPT TO:<a@b>\r\n");
    buf_free(&out);
}

static void test_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"a b", " a", "a ", "a\tb", "a\r\nMAIL", "a\n", "\x01"};
    struct buf out = BUF_INIT(1000);
    assert_int_equal(command_word(&out, "QUIT", ""), COMMAND_MADE);
    assert_int_equal(command_word(&out, "EHLO", "[127.0.0.1]"), COMMAND_MADE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(command_word(&out, "EHLO", bad[i]), COMMAND_MALFORMED);
    command_bdat(&out, 0, true);
    command_bdat(&out, 65536, false);
    assert_string_equal(buf_str(&out),
                        "QUIT\r\nEHLO [127.0.0.1]\r\nBDAT 0 LAST\r\nBDAT 65536\r\n");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mailboxes), cmocka_unit_test(test_mail),
        cmocka_unit_test(test_without),   cmocka_unit_test(test_rcpt),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
