// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "submit/auth/auth.h"

// Which mechanisms there are: those of the system's packages, or only those brought along, as
// where no package is installed.
enum { BROUGHT = false, SYSTEM = true };

enum { STRONG = 256, NO_TLS = 0 };

struct fixture {
    struct auth *auth;
    struct buf why;
};

static void begin_with(struct fixture *f, const char *allow, bool packages)
{
    const struct auth_login login = {
        .user = "tim", .secret = SPAN("tanstaaftanstaaf"), .allow = allow};
    f->why = (struct buf)BUF_INIT(512);
    f->auth = auth_new(&login, packages, &f->why);
    assert_non_null(f->auth);
}

static void begin_token(struct fixture *f, const char *allow, const char *token)
{
    const struct auth_login login = {
        .user = "someone@example.com", .secret = span_of(token), .token = true, .allow = allow};
    f->why = (struct buf)BUF_INIT(512);
    f->auth = auth_new(&login, SYSTEM, &f->why);
    assert_non_null(f->auth);
}

// The line that most tests go over.
static struct auth_line line_of(unsigned strength)
{
    return (struct auth_line){.host = "smtp.example.org", .port = 587, .strength = strength};
}

static void offer(struct fixture *f, unsigned strength, struct span offered)
{
    struct auth_line line = line_of(strength);
    auth_offer(f->auth, &line, offered);
}

static void end(struct fixture *f)
{
    auth_free(f->auth);
    buf_free(&f->why);
}

static void assert_span(struct span got, struct span wanted)
{
    assert_int_equal(got.n, wanted.n);
    if (wanted.n)
        assert_memory_equal(got.p, wanted.p, wanted.n);
}

static void plain(void **state)
{
    struct fixture f;
    struct span initial, response;
    (void)state;
    begin_with(&f, "auto", BROUGHT);
    offer(&f, STRONG, SPAN("LOGIN PLAIN"));
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
    // No authorisation identity in front.
    assert_span(initial, SPAN("\0tim\0tanstaaftanstaaf"));
    assert_true(auth_content(f.auth, SPAN("ok")));
    // Nothing is left to be said: a server that goes on asking is told no more.
    assert_false(auth_step(f.auth, SPAN("again"), &response, &f.why));
    assert_int_equal(response.n, 0);
    end(&f);
}

static void login(void **state)
{
    static const bool packages[] = {BROUGHT, SYSTEM};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct span initial, response;
        begin_with(&f, "login", packages[i]);
        offer(&f, STRONG, SPAN("PLAIN LOGIN"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "LOGIN");
        assert_null(initial.p);
        assert_false(auth_content(f.auth, SPAN("ok")));
        assert_true(auth_step(f.auth, SPAN("User Name"), &response, &f.why));
        assert_span(response, SPAN("tim"));
        assert_false(auth_content(f.auth, SPAN("ok")));
        assert_true(auth_step(f.auth, SPAN("Password:"), &response, &f.why));
        assert_span(response, SPAN("tanstaaftanstaaf"));
        assert_true(auth_content(f.auth, SPAN("ok")));
        assert_false(auth_step(f.auth, SPAN("Password:"), &response, &f.why));
        end(&f);
    }
}

// A server that repeats what it was sent tells nobody but us.
static void conceals(void **state)
{
    static const struct {
        const char *said, *left;
    } cases[] = {
        {"", ""},
        {"wrong password", "wrong password"},
        {"tanstaaftanstaaf", "***"},
        {"'tanstaaftanstaaf', tim? tanstaaftanstaaf!", "'***', tim? ***!"},
        {"tanstaaf tanstaaftanstaa", "tanstaaf tanstaaftanstaa"},
        {"AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm?", "AUTH PLAIN ***?"},
        {"no\ndGFuc3RhYWZ0YW5zdGFhZg==\nno", "no\n***\nno"},
    };
    struct fixture f;
    struct span initial;
    (void)state;
    begin_with(&f, "auto", BROUGHT);
    offer(&f, STRONG, SPAN("PLAIN"));
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text = BUF_INIT(1024);
        buf_puts(&text, cases[i].said);
        auth_conceal(f.auth, &text);
        assert_string_equal(buf_str(&text), cases[i].left);
        buf_free(&text);
    }
    end(&f);
}

// RFC 2195's own example.
static void cram_md5(void **state)
{
    struct fixture f;
    struct span initial, response;
    (void)state;
    begin_with(&f, "CRAM-MD5", SYSTEM);
    offer(&f, STRONG, SPAN("CRAM-MD5"));
    if (!*auth_begin(f.auth, &initial, &f.why)) {
        end(&f);
        skip();
    }
    assert_null(initial.p);
    assert_true(auth_step(f.auth, SPAN("<1896.697170952@postoffice.reston.mci.net>"), &response,
                          &f.why));
    assert_span(response, SPAN("tim b913a602c7eda7a495b4e6e7334d3890"));
    assert_true(auth_content(f.auth, SPAN("ok")));
    end(&f);
}

static void scram_is_content_only_with_proof(void **state)
{
    struct fixture f;
    struct span initial, response;
    (void)state;
    begin_with(&f, "auto", SYSTEM);
    offer(&f, STRONG, SPAN("SCRAM-SHA-256"));
    if (!*auth_begin(f.auth, &initial, &f.why)) {
        end(&f);
        skip();
    }
    assert_memory_equal(initial.p, "n,,n=tim,r=", 11);
    assert_false(auth_content(f.auth, SPAN("ok")));
    struct buf first = BUF_INIT(512);
    buf_puts(&first, "r=");
    buf_put(&first, initial.p + 11, initial.n - 11);
    buf_puts(&first, "server,s=c2FsdHNhbHRzYWx0,i=4096");
    assert_true(auth_step(f.auth, buf_span(&first), &response, &f.why));
    assert_memory_equal(response.p, "c=biws,r=", 9);
    assert_false(auth_content(f.auth, SPAN("ok")));
    // A signature that only somebody who knows the password could make; this is not one.
    assert_false(auth_step(f.auth, SPAN("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                           &response, &f.why));
    assert_false(auth_content(f.auth, SPAN("ok")));
    assert_memory_equal(buf_str(&f.why), "AUTH SCRAM-SHA-256: ", 20);
    buf_free(&first);
    end(&f);
}

static void garbage_gives_up(void **state)
{
    const struct span challenges[] = {SPAN(""), SPAN("r=x"), SPAN("\0\xff"), SPAN("r=,s=,i=0"),
                                      SPAN("e=other-error")};
    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++) {
        struct fixture f;
        struct span initial, response;
        begin_with(&f, "auto", SYSTEM);
        offer(&f, STRONG, SPAN("SCRAM-SHA-256"));
        if (*auth_begin(f.auth, &initial, &f.why)) {
            assert_false(auth_step(f.auth, challenges[i], &response, &f.why));
            assert_int_equal(response.n, 0);
            assert_true(f.why.n > 0);
        }
        end(&f);
    }
}

// The mechanisms that are tried, in their order, parted by blanks.
static void assert_tried(struct fixture *f, const char *wanted)
{
    struct buf tried = BUF_INIT(512);
    struct span initial;
    const char *name;
    while (*(name = auth_begin(f->auth, &initial, &f->why)))
        buf_printf(&tried, "%s%s", tried.n ? " " : "", name);
    assert_string_equal(buf_str(&tried), wanted);
    assert_false(!tried.n && !f->why.n);
    buf_free(&tried);
}

static void order(void **state)
{
    static const struct {
        const char *allow;
        unsigned strength;
        bool packages;
        const char *offered, *tried;
    } cases[] = {
        {"auto", STRONG, BROUGHT, "PLAIN LOGIN", "PLAIN LOGIN"},
        {"auto", STRONG, BROUGHT, "LOGIN PLAIN", "PLAIN LOGIN"},
        {"auto", STRONG, BROUGHT, "login", "LOGIN"},
        {"AUTO", STRONG, BROUGHT, "PLAIN", "PLAIN"},
        {"LOGIN PLAIN", STRONG, BROUGHT, "PLAIN LOGIN", "LOGIN PLAIN"},
        {"login", STRONG, BROUGHT, "PLAIN LOGIN", "LOGIN"},
        {"auto", STRONG, BROUGHT, "", ""},
        {"auto", STRONG, BROUGHT, "XPLAIN PLAINX", ""},
        {"auto", STRONG, BROUGHT, "ANONYMOUS EXTERNAL GSSAPI", ""},
        {"ANONYMOUS", STRONG, BROUGHT, "ANONYMOUS", ""},
        // Nothing at all is said over a line that others can read.
        {"auto", NO_TLS, BROUGHT, "PLAIN LOGIN", ""},
        {"PLAIN LOGIN", NO_TLS, BROUGHT, "PLAIN LOGIN", ""},
        {"PLAIN", NO_TLS, SYSTEM, "PLAIN LOGIN", ""},
        {"CRAM-MD5 SCRAM-SHA-256", NO_TLS, SYSTEM, "CRAM-MD5 SCRAM-SHA-256", ""},
        {"ANONYMOUS", STRONG, SYSTEM, "ANONYMOUS", ""},
        // CRAM-MD5 is weak, so it is for those who ask for it.
        {"auto", STRONG, SYSTEM, "CRAM-MD5 DIGEST-MD5 NTLM PLAIN", "PLAIN"},
        // A ticket is asked for elsewhere: only by name.
        {"auto", STRONG, SYSTEM, "GSSAPI GSS-SPNEGO LOGIN", "LOGIN"},
        // A password is no token.
        {"auto", STRONG, BROUGHT, "OAUTHBEARER XOAUTH2", ""},
        {"XOAUTH2 PLAIN", STRONG, BROUGHT, "XOAUTH2 PLAIN", "PLAIN"},
        // No certificate of ours was shown, nothing binds.
        {"EXTERNAL PLAIN", STRONG, BROUGHT, "EXTERNAL PLAIN", "PLAIN"},
        {"SCRAM-SHA-256-PLUS PLAIN", STRONG, SYSTEM, "SCRAM-SHA-256-PLUS PLAIN", "PLAIN"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin_with(&f, cases[i].allow, cases[i].packages);
        offer(&f, cases[i].strength, span_of(cases[i].offered));
        assert_tried(&f, cases[i].tried);
        end(&f);
    }
}

// A token is sent as a token, never as a password.
static void order_with_a_token(void **state)
{
    static const struct {
        const char *allow, *offered, *tried;
    } cases[] = {
        {"auto", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
         "OAUTHBEARER XOAUTH2"},
        {"auto", "LOGIN XOAUTH2", "XOAUTH2"},
        {"auto", "LOGIN PLAIN SCRAM-SHA-256 CRAM-MD5", ""},
        {"XOAUTH2 OAUTHBEARER", "XOAUTH2 OAUTHBEARER", "XOAUTH2 OAUTHBEARER"},
        {"PLAIN LOGIN", "PLAIN LOGIN", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin_token(&f, cases[i].allow, "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
        offer(&f, STRONG, span_of(cases[i].offered));
        assert_tried(&f, cases[i].tried);
        end(&f);
    }
}

static void external(void **state)
{
    static const char *const users[] = {"", "tim"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct span initial, response;
        struct auth_line line = line_of(STRONG);
        const struct auth_login login = {.user = users[i], .allow = "EXTERNAL PLAIN"};
        line.identified = true;
        f.why = (struct buf)BUF_INIT(512);
        f.auth = auth_new(&login, SYSTEM, &f.why);
        assert_non_null(f.auth);
        auth_offer(f.auth, &line, SPAN("PLAIN EXTERNAL"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "EXTERNAL");
        assert_non_null(initial.p); // an empty one is one
        assert_span(initial, span_of(users[i]));
        assert_true(auth_content(f.auth, SPAN("ok")));
        assert_false(auth_step(f.auth, SPAN("?"), &response, &f.why));
        // There is no password, so none is shown.
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "");
        end(&f);
    }
}

// RFC 7628, 4.1 and 4.3, and Google's description of XOAUTH2.
static void bearer_refused(void **state)
{
    static const struct {
        const char *name;
        struct span initial, answer;
    } cases[] = {
        {"OAUTHBEARER",
         SPAN_INIT("n,a=someone@example.com,\001host=smtp.example.org\001port=587\001"
                   "auth=Bearer ya29\001\001"),
         SPAN_INIT("\001")},
        {"XOAUTH2", SPAN_INIT("user=someone@example.com\001auth=Bearer ya29\001\001"),
         SPAN_INIT("")},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct span initial, response;
        begin_token(&f, cases[i].name, "ya29");
        offer(&f, STRONG, SPAN("XOAUTH2 OAUTHBEARER"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), cases[i].name);
        assert_span(initial, cases[i].initial);
        assert_true(auth_content(f.auth, SPAN("ok")));
        assert_string_equal(auth_complaint(f.auth), "");
        assert_true(
            auth_step(f.auth, SPAN("{\"status\":\"invalid_token\"}"), &response, &f.why));
        assert_non_null(response.p);
        assert_span(response, cases[i].answer);
        assert_string_equal(auth_complaint(f.auth), "status invalid_token");
        // Who complains and then says yes is not believed.
        assert_false(auth_content(f.auth, SPAN("ok")));
        assert_false(auth_step(f.auth, SPAN("{}"), &response, &f.why));
        end(&f);
    }
}

static void token_that_is_none(void **state)
{
    static const char *const tokens[] = {"two words", "line\nend", "\001", "caf\xc3\xa9"};
    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct fixture f;
        struct span initial;
        begin_token(&f, "auto", tokens[i]);
        offer(&f, STRONG, SPAN("XOAUTH2"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "");
        assert_string_equal(buf_str(&f.why), "AUTH XOAUTH2: the token is empty, or holds "
                                             "other than visible ASCII");
        end(&f);
    }
}

static void long_token(void **state)
{
    static char token[65537];
    struct fixture f;
    struct span initial;
    (void)state;
    memset(token, 't', sizeof token - 1);
    begin_token(&f, "auto", token);
    offer(&f, STRONG, SPAN("OAUTHBEARER"));
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "OAUTHBEARER");
    assert_true(initial.n > sizeof token);
    end(&f);
}

// The flag of the GS2 header (RFC 5802, 6): 'p' bound, 'y' where we could and the server does
// not offer it, 'n' where we can not or will not. Anything else opens a way to a downgrade, or
// is taken for one.
static void binding_flag(void **state)
{
    static const struct {
        const char *allow, *binding, *offered, *name, *header;
    } cases[] = {
        {"auto", "tls-exporter", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
         "p=tls-exporter,,"},
        {"auto", "tls-server-end-point", "SCRAM-SHA-1-PLUS SCRAM-SHA-512", "SCRAM-SHA-1-PLUS",
         "p=tls-server-end-point,,"},
        {"auto", "tls-exporter", "SCRAM-SHA-256 PLAIN", "SCRAM-SHA-256", "y,,"},
        {"auto", NULL, "SCRAM-SHA-256-PLUS SCRAM-SHA-256", "SCRAM-SHA-256", "n,,"},
        {"auto", NULL, "SCRAM-SHA-256", "SCRAM-SHA-256", "n,,"},
        {"SCRAM-SHA-256", "tls-exporter", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", "SCRAM-SHA-256",
         "n,,"},
        {"SCRAM-SHA-256", "tls-exporter", "SCRAM-SHA-1-PLUS SCRAM-SHA-256", "SCRAM-SHA-256",
         "n,,"},
        {"SCRAM-SHA-256-PLUS", "tls-exporter", "SCRAM-SHA-256", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct span initial;
        struct auth_line line = line_of(STRONG);
        line.binding_name = cases[i].binding;
        line.binding = SPAN("0123456789abcdef0123456789abcdef");
        begin_with(&f, cases[i].allow, SYSTEM);
        auth_offer(f.auth, &line, span_of(cases[i].offered));
        const char *name = auth_begin(f.auth, &initial, &f.why);
        if (!*name && *cases[i].name) { // no mechanisms are installed here
            end(&f);
            skip();
        }
        assert_string_equal(name, cases[i].name);
        assert_memory_equal(initial.p ? initial.p : "", cases[i].header,
                            strlen(cases[i].header));
        assert_string_equal(auth_binding(f.auth),
                            cases[i].header[0] == 'p' ? cases[i].binding : "");
        end(&f);
    }
}

static void again(void **state)
{
    struct fixture f;
    struct span initial;
    (void)state;
    begin_with(&f, "auto", BROUGHT);
    auth_again(f.auth); // nothing was begun yet
    offer(&f, STRONG, SPAN("PLAIN LOGIN"));
    auth_again(f.auth);
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
    auth_again(f.auth);
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
    assert_span(initial, SPAN("\0tim\0tanstaaftanstaaf"));
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "LOGIN");
    end(&f);
}

static void takes_secret(void **state)
{
    (void)state;
    assert_true(auth_takes_secret("auto"));
    assert_true(auth_takes_secret("EXTERNAL PLAIN"));
    assert_true(auth_takes_secret("XOAUTH2"));
    assert_false(auth_takes_secret("EXTERNAL"));
    assert_false(auth_takes_secret("external gssapi"));
}

static void refusals(void **state)
{
    static const struct {
        uint16_t code, subject, detail;
        bool mechanism, credential;
    } cases[] = {
        {535, 7, 8, false, true},   {535, 7, 3, false, true},  {535, 7, 0, false, true},
        {535, 7, 139, false, true}, {550, 7, 8, false, true},  {504, 5, 4, true, false},
        {504, 7, 4, true, false},   {534, 7, 9, true, true},   {538, 7, 11, true, false},
        {550, 7, 4, true, false},   {501, 5, 4, true, false},  {500, 5, 6, true, false},
        {501, 7, 0, false, false},  {454, 7, 0, false, false}, {432, 7, 12, false, false},
        {421, 7, 0, false, false},  {0, 7, 8, false, false},   {530, 7, 57, false, false},
        {454, 7, 8, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = {
            .code = cases[i].code,
            .status = {cases[i].code >= 500 ? 5 : 4, cases[i].subject, cases[i].detail}};
        assert_int_equal(auth_mechanism_refused(&o), cases[i].mechanism);
        assert_int_equal(auth_refused(&o), cases[i].credential);
    }
}

static void strongest_first(void **state)
{
    static const char *const wanted[] = {"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1",
                                         "PLAIN", "LOGIN"};
    struct fixture f;
    struct span initial;
    (void)state;
    begin_with(&f, "auto", SYSTEM);
    offer(&f, STRONG, SPAN("LOGIN SCRAM-SHA-1 PLAIN SCRAM-SHA-256 SCRAM-SHA-512"));
    const char *first = auth_begin(f.auth, &initial, &f.why);
    if (!strcmp(first, "PLAIN")) { // no mechanisms are installed here
        end(&f);
        skip();
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_string_equal(first, wanted[i]);
        first = auth_begin(f.auth, &initial, &f.why);
    }
    assert_string_equal(first, "");
    end(&f);
}

static void tried_anew_after_another_offer(void **state)
{
    struct fixture f;
    struct span initial;
    (void)state;
    begin_with(&f, "auto", BROUGHT);
    for (size_t i = 0; i < 2; i++) {
        offer(&f, STRONG, SPAN("PLAIN"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "");
    }
    end(&f);
}

// What libsasl2 is told, so that it does not ask DNS for more.
static void host_name_has_a_dot(void **state)
{
    // Not called by name: libc's header may make another function of that.
    int (*volatile call)(char *, size_t) = gethostname;
    char name[256], small[2] = "x";
    (void)state;
    assert_int_equal(call(name, sizeof name), 0);
    assert_non_null(strchr(name, '.'));
    assert_int_equal(call(small, sizeof small), 0);
    assert_int_equal(strlen(small), 1);
}

static void too_long_a_secret(void **state)
{
    static char octets[1 << 17];
    const struct auth_login login = {
        .user = "tim", .secret = {octets, sizeof octets}, .allow = "auto"};
    struct buf why = BUF_INIT(512);
    (void)state;
    assert_null(auth_new(&login, BROUGHT, &why));
    assert_true(why.n > 0);
    buf_free(&why);
    auth_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(login),
        cmocka_unit_test(conceals),
        cmocka_unit_test(cram_md5),
        cmocka_unit_test(scram_is_content_only_with_proof),
        cmocka_unit_test(garbage_gives_up),
        cmocka_unit_test(order),
        cmocka_unit_test(order_with_a_token),
        cmocka_unit_test(external),
        cmocka_unit_test(bearer_refused),
        cmocka_unit_test(token_that_is_none),
        cmocka_unit_test(long_token),
        cmocka_unit_test(binding_flag),
        cmocka_unit_test(again),
        cmocka_unit_test(takes_secret),
        cmocka_unit_test(refusals),
        cmocka_unit_test(strongest_first),
        cmocka_unit_test(tried_anew_after_another_offer),
        cmocka_unit_test(host_name_has_a_dot),
        cmocka_unit_test(too_long_a_secret),
    };
    return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
