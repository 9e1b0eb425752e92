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
    auth_offer(f.auth, "smtp.example.org", STRONG, SPAN("LOGIN PLAIN"));
    assert_string_equal(auth_begin(f.auth, &initial, &f.why), "PLAIN");
    // No authorisation identity in front.
    assert_span(initial, SPAN("\0tim\0tanstaaftanstaaf"));
    assert_true(auth_content(f.auth));
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
        auth_offer(f.auth, "smtp.example.org", STRONG, SPAN("PLAIN LOGIN"));
        assert_string_equal(auth_begin(f.auth, &initial, &f.why), "LOGIN");
        assert_null(initial.p);
        assert_false(auth_content(f.auth));
        assert_true(auth_step(f.auth, SPAN("User Name"), &response, &f.why));
        assert_span(response, SPAN("tim"));
        assert_false(auth_content(f.auth));
        assert_true(auth_step(f.auth, SPAN("Password:"), &response, &f.why));
        assert_span(response, SPAN("tanstaaftanstaaf"));
        assert_true(auth_content(f.auth));
        assert_false(auth_step(f.auth, SPAN("Password:"), &response, &f.why));
        end(&f);
    }
}

// RFC 2195's own example.
static void cram_md5(void **state)
{
    struct fixture f;
    struct span initial, response;
    (void)state;
    begin_with(&f, "CRAM-MD5", SYSTEM);
    auth_offer(f.auth, "postoffice.reston.mci.net", NO_TLS, SPAN("CRAM-MD5"));
    if (!*auth_begin(f.auth, &initial, &f.why)) {
        end(&f);
        skip();
    }
    assert_null(initial.p);
    assert_true(auth_step(f.auth, SPAN("<1896.697170952@postoffice.reston.mci.net>"), &response,
                          &f.why));
    assert_span(response, SPAN("tim b913a602c7eda7a495b4e6e7334d3890"));
    assert_true(auth_content(f.auth));
    end(&f);
}

static void scram_is_content_only_with_proof(void **state)
{
    struct fixture f;
    struct span initial, response;
    (void)state;
    begin_with(&f, "auto", SYSTEM);
    auth_offer(f.auth, "smtp.example.org", STRONG, SPAN("SCRAM-SHA-256"));
    if (!*auth_begin(f.auth, &initial, &f.why)) {
        end(&f);
        skip();
    }
    assert_memory_equal(initial.p, "n,,n=tim,r=", 11);
    assert_false(auth_content(f.auth));
    struct buf first = BUF_INIT(512);
    buf_puts(&first, "r=");
    buf_put(&first, initial.p + 11, initial.n - 11);
    buf_puts(&first, "server,s=c2FsdHNhbHRzYWx0,i=4096");
    assert_true(auth_step(f.auth, buf_span(&first), &response, &f.why));
    assert_memory_equal(response.p, "c=biws,r=", 9);
    assert_false(auth_content(f.auth));
    // A signature that only somebody who knows the password could make; this is not one.
    assert_false(auth_step(f.auth, SPAN("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                           &response, &f.why));
    assert_false(auth_content(f.auth));
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
        auth_offer(f.auth, "smtp.example.org", STRONG, SPAN("SCRAM-SHA-256"));
        if (*auth_begin(f.auth, &initial, &f.why)) {
            assert_false(auth_step(f.auth, challenges[i], &response, &f.why));
            assert_int_equal(response.n, 0);
            assert_true(f.why.n > 0);
        }
        end(&f);
    }
}

// The mechanisms that are tried, in their order, parted by blanks.
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
        // Nothing that shows the password goes over a line that others can read.
        {"auto", NO_TLS, BROUGHT, "PLAIN LOGIN", ""},
        {"PLAIN LOGIN", NO_TLS, BROUGHT, "PLAIN LOGIN", ""},
        {"PLAIN", NO_TLS, SYSTEM, "PLAIN LOGIN", ""},
        {"ANONYMOUS", STRONG, SYSTEM, "ANONYMOUS", ""},
        // CRAM-MD5 is weak, so it is for those who ask for it.
        {"auto", STRONG, SYSTEM, "CRAM-MD5 DIGEST-MD5 NTLM PLAIN", "PLAIN"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct buf tried = BUF_INIT(512);
        struct span initial;
        const char *name;
        begin_with(&f, cases[i].allow, cases[i].packages);
        auth_offer(f.auth, "smtp.example.org", cases[i].strength, span_of(cases[i].offered));
        while (*(name = auth_begin(f.auth, &initial, &f.why)))
            buf_printf(&tried, "%s%s", tried.n ? " " : "", name);
        assert_string_equal(buf_str(&tried), cases[i].tried);
        assert_false(!tried.n && !f.why.n);
        buf_free(&tried);
        end(&f);
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
    auth_offer(f.auth, "smtp.example.org", STRONG,
               SPAN("LOGIN SCRAM-SHA-1 PLAIN SCRAM-SHA-256 SCRAM-SHA-512"));
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
        auth_offer(f.auth, "smtp.example.org", STRONG, SPAN("PLAIN"));
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
        cmocka_unit_test(cram_md5),
        cmocka_unit_test(scram_is_content_only_with_proof),
        cmocka_unit_test(garbage_gives_up),
        cmocka_unit_test(order),
        cmocka_unit_test(strongest_first),
        cmocka_unit_test(tried_anew_after_another_offer),
        cmocka_unit_test(host_name_has_a_dot),
        cmocka_unit_test(too_long_a_secret),
    };
    return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
