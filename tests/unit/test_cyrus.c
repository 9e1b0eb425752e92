// SPDX-License-Identifier: ISC
// links: submit
// What libsasl2 says to a server, proven by libsasl2's own server side, which has one user in
// memory. Where its packages are not installed, there is nothing to prove.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <string.h>

#include "smtp/base64.h"
#include "submit/auth/auth.h"
#include "submit/auth/cyrus.h"

#define USER     "tim"
#define PASSWORD "tanstaaftanstaaf"

static const char exporter[] = "tls-exporter", end_point[] = "tls-server-end-point";
static const struct span ours = SPAN_INIT("0123456789abcdef0123456789abcdef"),
                         others = SPAN_INIT("0123456789abcdef0123456789abcdeF");

// ---- The server

#define CALL(f) ((sasl_callback_ft)(void (*)(void))(f))

static int look_up(void *context, sasl_server_params_t *params, unsigned flags,
                   const char *user, unsigned n)
{
    (void)context;
    (void)flags;
    if (n < strlen(USER) || strncmp(user, USER, strlen(USER)) != 0)
        return SASL_NOUSER;
    params->utils->prop_set(params->propctx, SASL_AUX_PASSWORD, PASSWORD, -1);
    params->utils->prop_set(params->propctx, "*" SASL_AUX_PASSWORD_PROP, PASSWORD, -1);
    return SASL_OK;
}

static int memory_init(const sasl_utils_t *utils, int max_version, int *version,
                       sasl_auxprop_plug_t **plug, const char *name)
{
    static char called[] = "memory";
    static sasl_auxprop_plug_t memory = {.auxprop_lookup = look_up, .name = called};
    (void)utils;
    (void)name;
    if (max_version < SASL_AUXPROP_PLUG_VERSION)
        return SASL_BADVERS;
    *version = SASL_AUXPROP_PLUG_VERSION;
    *plug = &memory;
    return SASL_OK;
}

static int option(void *context, const char *plugin, const char *name, const char **result,
                  unsigned *n)
{
    (void)context;
    (void)plugin;
    if (strcmp(name, "auxprop_plugin") != 0)
        return SASL_FAIL;
    *result = "memory";
    if (n)
        *n = 6;
    return SASL_OK;
}

static int quiet(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    return SASL_OK;
}

struct server {
    sasl_conn_t *conn;
    sasl_channel_binding_t binding;
    int last;
    struct buf says;
};

static void server_begin(struct server *s, const char *binding, struct span octets)
{
    static const sasl_security_properties_t rules = {.security_flags = SASL_SEC_NOANONYMOUS};
    *s = (struct server){.says = BUF_INIT(65536)};
    assert_int_equal(
        sasl_server_new("smtp", "smtp.example.org", NULL, NULL, NULL, NULL, 0, &s->conn),
        SASL_OK);
    assert_int_equal(sasl_setprop(s->conn, SASL_SEC_PROPS, &rules), SASL_OK);
    if (!binding)
        return;
    s->binding = (sasl_channel_binding_t){binding, 0, octets.n,
                                          (const unsigned char *)(uintptr_t)octets.p};
    assert_int_equal(sasl_setprop(s->conn, SASL_CHANNEL_BINDING, &s->binding), SASL_OK);
}

static void server_hear(struct server *s, const char *mechanism, struct span response)
{
    const char *out = NULL;
    unsigned n = 0;
    s->last = mechanism ? sasl_server_start(s->conn, mechanism, response.p,
                                            (unsigned)response.n, &out, &n)
                        : sasl_server_step(s->conn, response.p ? response.p : "",
                                           (unsigned)response.n, &out, &n);
    buf_clear(&s->says);
    if (s->last == SASL_OK || s->last == SASL_CONTINUE) // else it may be gone already
        buf_put(&s->says, out, n);
}

static void server_end(struct server *s)
{
    sasl_dispose(&s->conn);
    buf_free(&s->says);
}

// ---- The two together

struct case_ {
    const char *mechanism;
    const char *password;
    enum cyrus_binding binding;
    const char *client_kind, *server_kind;
    struct span client_octets, server_octets;
};

enum end { MISSING, WELCOME, REFUSED, UNPROVEN };

// Plays both sides out. With 235 as RFC 4954 has it: what the server says last comes in a
// challenge of its own.
static enum end play(const struct case_ *c)
{
    struct server s;
    struct buf why = BUF_INIT(512);
    struct span response;
    struct auth_line line = {.host = "smtp.example.org",
                             .strength = 256,
                             .binding_name = c->client_kind,
                             .binding = c->client_octets};
    struct cyrus *client = cyrus_new(USER, span_of(c->password), c->mechanism, &why);
    assert_non_null(client);
    server_begin(&s, c->server_kind, c->server_octets);
    enum end end = MISSING;
    if (cyrus_begin(client, c->mechanism, &line, c->binding, &response, &why)) {
        const char *start = c->mechanism;
        end = UNPROVEN;
        do {
            server_hear(&s, start, response);
            start = NULL;
            if (s.last != SASL_OK && s.last != SASL_CONTINUE) {
                end = REFUSED;
                break;
            }
            if (s.last == SASL_OK && s.says.n == 0)
                break;
            if (!cyrus_step(client, buf_span(&s.says), &response, &why))
                break;
        } while (s.last == SASL_CONTINUE);
        if (end == UNPROVEN && s.last == SASL_OK && cyrus_content(client))
            end = WELCOME;
    }
    assert_true(end == WELCOME || end == REFUSED || why.n > 0);
    server_end(&s);
    cyrus_free(client);
    buf_free(&why);
    return end;
}

static int begin(void **state)
{
    static const sasl_callback_t callbacks[] = {{SASL_CB_GETOPT, CALL(option), NULL},
                                                {SASL_CB_LOG, CALL(quiet), NULL},
                                                {SASL_CB_LIST_END, NULL, NULL}};
    (void)state;
    if (sasl_server_init(callbacks, "sendoff-test") != SASL_OK)
        return -1;
    return sasl_auxprop_add_plugin("memory", memory_init) == SASL_OK ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    sasl_server_done();
    return 0;
}

static const char *const hashes[] = {"SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"};
static const char *const bound[] = {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS",
                                    "SCRAM-SHA-512-PLUS"};

static void passwords(void **state)
{
    static const char *const names[] = {"SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512",
                                        "CRAM-MD5",    "DIGEST-MD5",    "NTLM"};
    size_t missing = 0;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct case_ c = {.mechanism = names[i], .password = PASSWORD};
        enum end end = play(&c);
        if (end == MISSING) {
            missing++;
            continue;
        }
        assert_int_equal(end, WELCOME);
        c.password = PASSWORD "x";
        assert_int_not_equal(play(&c), WELCOME);
    }
    if (missing == sizeof names / sizeof *names)
        skip();
    assert_int_equal(missing, 0);
}

// The same octets on both sides, and the password: welcome.
static void bindings(void **state)
{
    static const char *const kinds[] = {exporter, end_point};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 2; k++) {
            struct case_ c = {bound[i], PASSWORD, CYRUS_BOUND, kinds[k], kinds[k], ours, ours};
            enum end end = play(&c);
            if (end == MISSING)
                skip();
            assert_int_equal(end, WELCOME);
            c.password = "wrong";
            assert_int_equal(play(&c), REFUSED);
        }
}

// Somebody between the two has a connection of his own with each: the right password is no use
// to him.
static void other_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct case_ c = {bound[i], PASSWORD, CYRUS_BOUND, exporter, exporter, ours, others};
        enum end end = play(&c);
        if (end == MISSING)
            skip();
        assert_int_equal(end, REFUSED);
        c.server_octets = (struct span){ours.p, ours.n - 1};
        assert_int_equal(play(&c), REFUSED);
        c = (struct case_){bound[i], PASSWORD, CYRUS_BOUND, exporter, end_point, ours, ours};
        assert_int_equal(play(&c), REFUSED);
    }
}

// He takes PLUS out of the server's offer: the server sees 'y', and knows better. And 'y' and
// 'n' are both fine where the server can not bind.
static void taken_out_of_the_offer(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct case_ c = {hashes[i], PASSWORD, CYRUS_UNOFFERED, exporter, exporter, ours, ours};
        enum end end = play(&c);
        if (end == MISSING)
            skip();
        assert_int_equal(end, REFUSED);
        c.server_kind = NULL;
        assert_int_equal(play(&c), WELCOME);
        c.binding = CYRUS_UNBOUND;
        assert_int_equal(play(&c), WELCOME);
        c.server_kind = exporter; // it would, and does not insist
        assert_int_equal(play(&c), WELCOME);
    }
}

// A server that puts its proof into the text of 235 is heard, and judged.
static void proof_with_success(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct auth_login login = {
            .user = USER, .secret = SPAN(PASSWORD), .allow = "SCRAM-SHA-256"};
        struct auth_line line = {.host = "smtp.example.org", .strength = 256};
        struct buf why = BUF_INIT(512), text = BUF_INIT(512);
        struct span response;
        struct server s;
        struct auth *a = auth_new(&login, true, &why);
        assert_non_null(a);
        auth_offer(a, &line, SPAN("SCRAM-SHA-256"));
        if (!*auth_begin(a, &response, &why)) {
            auth_free(a);
            buf_free(&why);
            skip();
        }
        server_begin(&s, NULL, ours);
        server_hear(&s, "SCRAM-SHA-256", response);
        assert_true(auth_step(a, buf_span(&s.says), &response, &why));
        server_hear(&s, NULL, response);
        assert_true(s.says.n > 2);
        if (i == 1)
            s.says.p[4] = (char)(s.says.p[4] == 'A' ? 'B' : 'A');
        base64_encode(&text, buf_span(&s.says));
        struct span said[] = {buf_span(&text), buf_span(&text), SPAN("ok"), SPAN("")};
        assert_int_equal(auth_content(a, said[i]), i == 0);
        auth_free(a);
        server_end(&s);
        buf_free(&text);
        buf_free(&why);
    }
}

// No package, no mechanism; and which one it may be is told.
static void not_installed(void **state)
{
    struct buf why = BUF_INIT(512);
    struct span initial;
    struct auth_line line = {.host = "smtp.example.org", .strength = 256};
    (void)state;
    struct cyrus *c = cyrus_new(USER, SPAN(PASSWORD), "CRAM-MD5", &why);
    assert_non_null(c);
    assert_false(cyrus_begin(c, "SCRAM-SHA-256", &line, CYRUS_UNBOUND, &initial, &why));
    assert_null(initial.p);
    assert_non_null(strstr(buf_str(&why), "libsasl2-modules"));
    assert_false(cyrus_content(c));
    assert_false(cyrus_step(c, SPAN("x"), &initial, &why));
    cyrus_free(c);
    cyrus_free(NULL);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords),          cmocka_unit_test(bindings),
        cmocka_unit_test(other_connection),   cmocka_unit_test(taken_out_of_the_offer),
        cmocka_unit_test(proof_with_success), cmocka_unit_test(not_installed),
    };
    return cmocka_run_group_tests_name("cyrus", tests, begin, finish);
}
