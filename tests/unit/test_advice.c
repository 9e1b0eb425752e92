// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sendoff/check/advice.h"

// A step's text, and a word of what mends it; "" where nothing is known.
static void by_cause(void **state)
{
    (void)state;
    static const struct {
        const char *step, *text, *word;
    } table[] = {
        {"TCP", "connect to mx[192.0.2.1]:587: Connection refused", "nobody listens"},
        {"TCP", "connect to mx[192.0.2.1]:25: Connection timed out", "firewall"},
        {"TCP", "something else", "`host`"},
        {"DNS", "smtp.exmaple.org: Name or service not known", "getent"},
        {"DNS", "a: Temporary failure in name resolution", "resolver"},
        {"TLS", "mx does not speak TLS on this port (wrong version number)", "implicit"},
        {"TLS", "certificate of mx is for a.example; set tls_name where that is the right one",
         "tls_name"},
        {"TLS", "certificate of mx has expired on 2026-01-01 (the clock here says 2027-01-01)",
         "clock"},
        {"TLS", "nothing like it", ""},
        {"AUTH", "AUTH PLAIN: 534 5.7.9 Application-specific password required",
         "app password"},
        {"AUTH",
         "AUTH LOGIN: 535 5.7.139 Authentication unsuccessful, basic authentication is "
         "disabled",
         "sendoff-oauth"},
        {"AUTH", "AUTH LOGIN: 550 5.7.30 Basic authentication is not supported",
         "sendoff-oauth"},
        {"AUTH", "AUTH XOAUTH2: 535 5.7.8 no", "token_command"},
        {"AUTH", "AUTH PLAIN: 535 5.7.8 no", "password"},
        {"AUTH", "AUTH PLAIN: 454 4.7.0 Too many login attempts", "pause"},
        {"MAIL", "<me@x>: 553 5.7.1 not owned", "sender = force"},
        {"MAIL", "<me@x>: 451 4.7.1 later", "later"},
        {"RCPT", "<me@x>: 450 4.2.0 greylisted", "greylisting"},
        {"secret", "/f: can be read by others: chmod 600", "chmod 600"},
        {"AUTH", "AUTH GSSAPI: generic failure: No Kerberos credentials available", "kinit"},
        {"TLS", "none, and port 2525 is not root's alone: any user can listen there", "1024"},
        {"spool", "/s: no message can be queued: No space left on device", "make room"},
        {"spool", "/s: no message can be queued: Disk quota exceeded", "make room"},
        {"spool", "/s: no message can be queued: Read-only file system", "read-write"},
        {"spool", "/s: Permission denied", "own"},
        {"spool", "/s: not a directory of the user's own with mode 0700", "chown"},
        {"nothing", "at all", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *advice = advice_for(table[i].step, table[i].text);
        if (!*table[i].word)
            assert_string_equal(advice, "");
        else if (!strstr(advice, table[i].word))
            fail_msg("%s: %s: '%s'", table[i].step, table[i].text, advice);
    }
}

// Why an account rests, as it is kept: it does not name the step.
static void by_reply(void **state)
{
    (void)state;
    static const struct {
        const char *reply, *word;
    } table[] = {
        {"DNS: smtp.exmaple.org: Name or service not known", "getent"},
        {"connect to mx[192.0.2.1]:587: Connection refused", "nobody listens"},
        {"TLS: certificate of mx has expired on 2026-01-01", "clock"},
        {"AUTH PLAIN: 535 5.7.8 no", "password"},
        {"secret: /f: is empty", "put the password"},
        {"550 5.4.5 Daily user sending limit exceeded", "goes on by itself"},
        {"452 4.5.3 too many messages this hour", "goes on by itself"},
        {"554 5.2.0 3 messages alike refused: suspended", "log in at its site"},
        {"sendoff-submit can not be started: No such file or directory", "install"},
        {"session: 421 4.3.2 going down", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *advice = advice_on(table[i].reply);
        if (*table[i].word ? !strstr(advice, table[i].word) : *advice)
            fail_msg("%s: '%s'", table[i].reply, advice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_cause),
        cmocka_unit_test(by_reply),
    };
    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
