// SPDX-License-Identifier: ISC
// links: config
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/rules.h"
#include "config/settings.h"

// An account as the table has it, with some texts put in. NULL stays as it is.
struct given {
    uint64_t tls;
    const char *host, *auth, *user, *password_file;
    const char *why; // NULL: all holds
};

static void put(char **text, const char *value)
{
    if (!value)
        return;
    free(*text);
    *text = settings_keep(span_of(value));
}

// A config with one account, for the host "h".
static struct config_account *begin(struct config *c)
{
    settings_init(c);
    settings_add_account(c, SPAN("Work"));
    put(&c->accounts[0].host, "h");
    return &c->accounts[0];
}

// The rules hold, or there is this complaint.
static void end(struct config *c, size_t row, const char *complaint)
{
    struct buf why = BUF_INIT(1024);
    bool good = rules_hold(c, &why);
    if (good != !complaint || (!good && !strstr(buf_str(&why), complaint)))
        fail_msg("row %zu: %s", row, buf_str(&why));
    assert_true((why.n == 0) == good);
    buf_free(&why);
    config_free(c);
}

static void test_accounts(void **state)
{
    (void)state;
    static const struct given table[] = {
        {TLS_STARTTLS, "h", NULL, NULL, NULL, NULL},
        {TLS_STARTTLS, "h", NULL, "me", "/p", NULL},
        {TLS_STARTTLS, "h", "none", NULL, NULL, NULL},
        {TLS_STARTTLS, "h", "none", "me", "/p", NULL},
        {TLS_STARTTLS, "h", "PLAIN", "me", "/p", NULL},
        {TLS_STARTTLS, "h", "external GSSAPI GSS-SPNEGO", NULL, NULL, NULL},
        {TLS_STARTTLS, "h", "GSSAPI", NULL, NULL, NULL},
        {TLS_STARTTLS, "h", "EXTERNAL", NULL, NULL, "work: tls_cert: is missing: auth = EXT"},
        {TLS_STARTTLS, "h", "XOAUTH2", "me", "/p", "work: token_file: is missing"},
        {TLS_STARTTLS, "h", "xoauth2 PLAIN", "me", "/p", NULL},
        {TLS_STARTTLS, NULL, NULL, NULL, NULL, "work: host: is missing"},
        {TLS_STARTTLS, "h", NULL, NULL, "/p",
         "work: user: is missing: there is a password_file"},
        {TLS_STARTTLS, "h", NULL, "me", NULL, "work: password_file: is missing"},
        {TLS_STARTTLS, "h", "PLAIN", NULL, NULL, "work: user: is missing: auth asks for it"},
        {TLS_STARTTLS, "h", "PLAIN", NULL, "/p", "work: user: is missing: auth asks for it"},
        {TLS_STARTTLS, "h", "LOGIN", "me", NULL, "work: password_file: is missing"},
        {TLS_STARTTLS, "h", "EXTERNAL PLAIN", NULL, NULL, "work: user: is missing"},
        {TLS_NONE, "h", NULL, NULL, NULL, NULL},
        {TLS_NONE, "h", "none", "me", "/p", NULL},
        {TLS_NONE, "h", NULL, "me", "/p", "work: tls: none is only for a host on loopback"},
        {TLS_NONE, "h", "GSSAPI", NULL, NULL, "work: tls: none is only"},
        {TLS_NONE, "127.0.0.1", NULL, "me", "/p", NULL},
        {TLS_NONE, "127.1.2.3", NULL, "me", "/p", NULL},
        {TLS_NONE, "::1", NULL, "me", "/p", NULL},
        {TLS_NONE, "LocalHost", NULL, "me", "/p", NULL},
        {TLS_NONE, "127.0.0.1:25 [::1]:25 localhost", NULL, "me", "/p", NULL},
        {TLS_NONE, "127.0.0.1 a.example", NULL, "me", "/p", "work: tls: none is only"},
        {TLS_NONE, "srv:localhost", NULL, "me", "/p", "work: tls: none is only"},
        {TLS_NONE, "srv:example.org", "none", "", "", "work: tls: can not be none with srv"},
        {TLS_NONE, "127.0.0.1.example.com", NULL, "me", "/p", "work: tls: none is only"},
        {TLS_NONE, "localhost.example.com", NULL, "me", "/p", "work: tls: none is only"},
        {TLS_NONE, "12.7.0.1", NULL, "me", "/p", "work: tls: none is only"},
        {TLS_NONE, "::2", NULL, "me", "/p", "work: tls: none is only"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        settings_init(&c);
        settings_add_account(&c, SPAN("first"));
        settings_add_account(&c, SPAN("Work"));
        put(&c.accounts[0].host, "x");
        struct config_account *a = &c.accounts[1];
        a->tls = table[i].tls;
        put(&a->host, table[i].host);
        put(&a->auth, table[i].auth);
        put(&a->user, table[i].user);
        put(&a->password_file, table[i].password_file);
        end(&c, i, table[i].why);
    }
}

static void test_tls(void **state)
{
    (void)state;
    static const struct {
        uint64_t tls, verify;
        const char *pin, *cert, *key, *why; // why NULL: all holds
    } table[] = {
        {TLS_STARTTLS, TLS_VERIFY_FULL, NULL, NULL, NULL, NULL},
        {TLS_STARTTLS, TLS_VERIFY_FULL, "p", "/c", "/k", NULL},
        {TLS_IMPLICIT, TLS_VERIFY_PIN, "p", "/c", NULL, NULL},
        {TLS_STARTTLS, TLS_VERIFY_NONE, NULL, "/c", NULL, NULL},
        {TLS_NONE, TLS_VERIFY_FULL, NULL, NULL, NULL, NULL},
        {TLS_STARTTLS, TLS_VERIFY_PIN, NULL, NULL, NULL, "work: tls_pin: is missing"},
        {TLS_STARTTLS, TLS_VERIFY_NONE, "p", NULL, NULL, "work: tls_verify: would not look"},
        {TLS_STARTTLS, TLS_VERIFY_FULL, NULL, NULL, "/k", "work: tls_cert: is missing"},
        {TLS_NONE, TLS_VERIFY_FULL, "p", NULL, NULL, "work: tls_pin: has no meaning"},
        {TLS_NONE, TLS_VERIFY_FULL, NULL, "/c", NULL, "work: tls_cert: has no meaning"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        struct config_account *a = begin(&c);
        put(&a->tls_pin, table[i].pin);
        put(&a->tls_cert, table[i].cert);
        put(&a->tls_key, table[i].key);
        a->tls = table[i].tls;
        a->tls_verify = table[i].verify;
        end(&c, i, table[i].why);
    }
}

// One secret at most, and one of four will do.
static void test_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password_file, *password_command, *token_file, *token_command;
        const char *why;
    } table[] = {
        {"me", "/p", NULL, NULL, NULL, NULL},
        {"me", NULL, "/p", NULL, NULL, NULL},
        {"me", NULL, NULL, "/p", NULL, NULL},
        {"me", NULL, NULL, NULL, "/p", NULL},
        {"me", NULL, NULL, NULL, NULL, "password_command, token_file, token_command"},
        {NULL, NULL, NULL, NULL, "/p", "work: user: is missing: there is a token_command"},
        {"me", "/p", "/q", NULL, NULL, "work: password_command: there is a password_file too"},
        {"me", NULL, "/p", "/q", NULL, "work: token_file: there is a password_command too"},
        {"me", NULL, NULL, "/p", "/q", "work: token_command: there is a token_file too"},
        {"me", "/p", NULL, NULL, "/q", "work: token_command: there is a password_file too"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        struct config_account *a = begin(&c);
        put(&a->user, table[i].user);
        put(&a->from, "me@example.org");
        put(&a->password_file, table[i].password_file);
        put(&a->password_command, table[i].password_command);
        put(&a->token_file, table[i].token_file);
        put(&a->token_command, table[i].token_command);
        end(&c, i, table[i].why);
    }
}

// What a list of mechanisms takes has to be there.
static void test_mechanisms(void **state)
{
    (void)state;
    static const struct {
        const char *auth, *password_file, *token_file, *cert, *why;
    } table[] = {
        {"auto", "/p", NULL, NULL, NULL},
        {"auto", NULL, "/t", NULL, NULL},
        {"PLAIN", NULL, "/t", NULL, "work: auth: names no mechanism for a token"},
        {"PLAIN oauthbearer", NULL, "/t", NULL, NULL},
        {"PLAIN oauthbearer", "/p", NULL, NULL, NULL},
        {"XOAUTH2 OAUTHBEARER", NULL, "/t", NULL, NULL},
        {"XOAUTH2 OAUTHBEARER", "/p", NULL, NULL, "work: token_file: is missing: auth asks"},
        {"EXTERNAL", NULL, NULL, "/c", NULL},
        {"EXTERNAL", NULL, NULL, NULL, "work: tls_cert: is missing: auth = EXTERNAL"},
        {"EXTERNAL GSSAPI", NULL, NULL, NULL, NULL},
        {"EXTERNAL PLAIN", "/p", NULL, NULL, NULL},
        {"none", NULL, "/t", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        struct config_account *a = begin(&c);
        put(&a->user, "me");
        put(&a->auth, table[i].auth);
        put(&a->password_file, table[i].password_file);
        put(&a->token_file, table[i].token_file);
        put(&a->tls_cert, table[i].cert);
        end(&c, i, table[i].why);
    }
}

// Where a sender is replaced, what by has to be known.
static void test_senders(void **state)
{
    (void)state;
    static const struct {
        uint64_t sender, null_sender;
        const char *user, *from, *known, *why; // why NULL: all holds
    } table[] = {
        {SENDER_KEEP, NULL_SENDER_KEEP, NULL, NULL, "", NULL},
        {SENDER_QUALIFY, NULL_SENDER_KEEP, "me", NULL, "", NULL},
        {SENDER_FORCE, NULL_SENDER_KEEP, "me", "a@x.example", "a@x.example", NULL},
        {SENDER_FORCE, NULL_SENDER_KEEP, "b@x.example", "%u@x.example", "%u@x.example", NULL},
        {SENDER_FORCE, NULL_SENDER_KEEP, "b@x.example", NULL, "b@x.example", NULL},
        {SENDER_FORCE, NULL_SENDER_REWRITE, "b@x.example", NULL, "b@x.example", NULL},
        {SENDER_KEEP, NULL_SENDER_REWRITE, "b@x.example", NULL, "b@x.example", NULL},
        {SENDER_FORCE, NULL_SENDER_KEEP, "me", NULL, "",
         "work: from: is missing: sender = force needs it where user is no address"},
        {SENDER_FORCE, NULL_SENDER_KEEP, NULL, NULL, "", "work: from: is missing"},
        // A login name is no pattern.
        {SENDER_FORCE, NULL_SENDER_KEEP, "b%u@x.example", NULL, "", "work: from: is missing"},
        {SENDER_FORCE, NULL_SENDER_KEEP, "b%%u@x.example", NULL, "", "work: from: is missing"},
        {SENDER_FORCE, NULL_SENDER_KEEP, "b@@x", NULL, "", "work: from: is missing"},
        {SENDER_QUALIFY, NULL_SENDER_REWRITE, "me", NULL, "",
         "work: from: is missing: null_sender = rewrite needs it"},
        {SENDER_KEEP, NULL_SENDER_REWRITE, NULL, NULL, "", "work: from: is missing"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c;
        struct config_account *a = begin(&c);
        a->sender = table[i].sender;
        c.null_sender = table[i].null_sender;
        put(&a->auth, "none");
        put(&a->user, table[i].user);
        put(&a->from, table[i].from);
        assert_string_equal(config_from(a), table[i].known);
        end(&c, i, table[i].why);
    }
}

static void test_whole(void **state)
{
    (void)state;
    struct config c;
    struct buf why = BUF_INIT(1024);
    settings_init(&c);
    assert_false(rules_hold(&c, &why));
    assert_int_equal(strncmp(buf_str(&why), "no account", 10), 0);
    settings_add_account(&c, SPAN("work"));
    put(&c.accounts[0].host, "h");
    assert_true(rules_hold(&c, &why));

    put(&c.account, "WORK");
    assert_true(rules_hold(&c, &why));
    put(&c.account, "wor");
    buf_clear(&why);
    assert_false(rules_hold(&c, &why));
    assert_string_equal(buf_str(&why), "sendoff: account: there is no such section");
    put(&c.account, "sendoff");
    assert_false(rules_hold(&c, &why));
    put(&c.account, "");

    c.retry_first = c.retry_longest = 60;
    assert_true(rules_hold(&c, &why));
    c.retry_longest = 59;
    buf_clear(&why);
    assert_false(rules_hold(&c, &why));
    assert_string_equal(buf_str(&why), "sendoff: retry_longest: is shorter than retry_first");
    buf_free(&why);
    config_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accounts),   cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_mechanisms), cmocka_unit_test(test_tls),
        cmocka_unit_test(test_senders),    cmocka_unit_test(test_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
