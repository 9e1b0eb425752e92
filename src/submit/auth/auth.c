// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/auth/auth.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "submit/secret/lend.h"
#include "submit/secret/secret.h"

enum {
    AUTH_NAME_MAX = 20, // octets of a mechanism's name (RFC 4422, 3.1)
    AUTH_MOST = 16      // mechanisms that are tried
};

struct auth {
    struct auth_login login;
    const char *host;
    unsigned strength;
    sasl_callback_t callbacks[4];
    sasl_conn_t *conn;
    int last; // what the last call on conn returned
    char plan[AUTH_MOST][AUTH_NAME_MAX + 1];
    size_t planned;
    size_t next;
    union {
        sasl_secret_t sasl;
        char room[offsetof(sasl_secret_t, data) + SECRET_MAX + 1];
    } secret;
};

// libsasl2 takes callbacks of any signature as one type; the cast by way of void says we mean
// it.
#define AUTH_CALL(f) ((sasl_callback_ft)(void (*)(void))(f))

// Strongest first. What is not here, or not automatic, is used only when listed by name.
static const char *const automatic[] = {"SCRAM-SHA-512", "SCRAM-SHA-384", "SCRAM-SHA-256",
                                        "SCRAM-SHA-1",   "PLAIN",         "LOGIN"};

// ---- What libsasl2 is lent

static int on_user(void *context, int id, const char **result, unsigned *n)
{
    struct auth *a = context;
    (void)id;
    *result = a->login.user;
    if (n)
        *n = (unsigned)strlen(a->login.user);
    return SASL_OK;
}

static int on_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
    struct auth *a = context;
    (void)conn;
    (void)id;
    *secret = &a->secret.sasl;
    return SASL_OK;
}

// Without this, mechanisms write to syslog.
static int on_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    return SASL_OK;
}

// ---- PLAIN (RFC 4616) and LOGIN: of our own, since no package may be there

struct simple {
    unsigned step;
    size_t n;
    char *out;
};

static int simple_new(void *global, sasl_client_params_t *params, void **context)
{
    (void)global;
    struct simple *s = params->utils->malloc(sizeof *s);
    if (!s)
        return SASL_NOMEM;
    *s = (struct simple){0};
    *context = s;
    return SASL_OK;
}

static void simple_dispose(void *context, const sasl_utils_t *utils)
{
    struct simple *s = context;
    if (!s)
        return;
    utils->free(s->out);
    utils->free(s);
}

// The object whose callbacks these are.
static struct auth *simple_owner(const sasl_utils_t *utils)
{
    sasl_callback_ft call;
    void *context = NULL;
    if (utils->getcallback(utils->conn, SASL_CB_PASS, &call, &context) != SASL_OK)
        return NULL;
    return context;
}

static int simple_end(sasl_client_params_t *params, const struct auth *a,
                      sasl_out_params_t *out)
{
    int bad = params->canon_user(params->utils->conn, a->login.user, 0,
                                 SASL_CU_AUTHID | SASL_CU_AUTHZID, out);
    if (bad != SASL_OK)
        return bad;
    out->doneflag = 1;
    return SASL_OK;
}

static int plain_step(void *context, sasl_client_params_t *params, const char *challenge,
                      unsigned challenge_n, sasl_interact_t **prompt, const char **answer,
                      unsigned *answer_n, sasl_out_params_t *out)
{
    struct simple *s = context;
    const struct auth *a = simple_owner(params->utils);
    (void)challenge;
    (void)challenge_n;
    (void)prompt;
    *answer = NULL;
    *answer_n = 0;
    if (!a || s->out)
        return SASL_BADPROT;
    size_t user = strlen(a->login.user), n = 2 + user + a->secret.sasl.len;
    s->out = params->utils->malloc(n);
    if (!s->out)
        return SASL_NOMEM;
    s->out[0] = '\0';
    memcpy(s->out + 1, a->login.user, user + 1);
    memcpy(s->out + user + 2, a->secret.sasl.data, a->secret.sasl.len);
    *answer = s->out;
    *answer_n = (unsigned)n;
    return simple_end(params, a, out);
}

// The challenges' words differ from server to server; their order does not.
static int login_step(void *context, sasl_client_params_t *params, const char *challenge,
                      unsigned challenge_n, sasl_interact_t **prompt, const char **answer,
                      unsigned *answer_n, sasl_out_params_t *out)
{
    struct simple *s = context;
    const struct auth *a = simple_owner(params->utils);
    (void)challenge;
    (void)prompt;
    *answer = NULL;
    *answer_n = 0;
    if (!a || s->step > 2)
        return SASL_BADPROT;
    if (s->step == 0 && challenge_n == 0) { // libsasl2 may ask before the server has spoken
        s->step = 1;
        return SASL_CONTINUE;
    }
    if (s->step < 2) {
        s->step = 2;
        *answer = a->login.user;
        *answer_n = (unsigned)strlen(a->login.user);
        return SASL_CONTINUE;
    }
    s->step = 3;
    *answer = (const char *)a->secret.sasl.data;
    *answer_n = (unsigned)a->secret.sasl.len;
    return simple_end(params, a, out);
}

static sasl_client_plug_t plain_plug = {
    .mech_name = "PLAIN",
    .security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_PASS_CREDENTIALS,
    .features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY,
    .mech_new = simple_new,
    .mech_step = plain_step,
    .mech_dispose = simple_dispose,
};

static sasl_client_plug_t login_plug = {
    .mech_name = "LOGIN",
    .security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_PASS_CREDENTIALS,
    .features = SASL_FEAT_SERVER_FIRST,
    .mech_new = simple_new,
    .mech_step = login_step,
    .mech_dispose = simple_dispose,
};

static int offer(int max_version, int *version, sasl_client_plug_t **list, int *count,
                 sasl_client_plug_t *plug)
{
    if (max_version < SASL_CLIENT_PLUG_VERSION)
        return SASL_BADVERS;
    *version = SASL_CLIENT_PLUG_VERSION;
    *list = plug;
    *count = 1;
    return SASL_OK;
}

static int plain_init(const sasl_utils_t *utils, int max_version, int *version,
                      sasl_client_plug_t **list, int *count)
{
    (void)utils;
    return offer(max_version, version, list, count, &plain_plug);
}

static int login_init(const sasl_utils_t *utils, int max_version, int *version,
                      sasl_client_plug_t **list, int *count)
{
    (void)utils;
    return offer(max_version, version, list, count, &login_plug);
}

// ---- The object

struct needs {
    bool packages;
    struct span allow;
};

// Whether a package may have a mechanism that `allow` names: SCRAM, or one that is not ours.
static bool is_needed(const struct needs *needs, bool scram)
{
    struct span rest = needs->allow, word;
    if (span_equal_nocase(span_trim(rest), SPAN("auto")))
        return scram;
    while (span_word(&rest, &word)) {
        bool ours = span_equal_nocase(word, SPAN("PLAIN")) ||
                    span_equal_nocase(word, SPAN("LOGIN"));
        if (!ours && span_starts_nocase(word, SPAN("SCRAM-")) == scram)
            return true;
    }
    return false;
}

// Says whether a file of a package is to be loaded. Most are for servers, or bring what is not
// wanted, and some bring a whole database library along.
static int on_file(void *context, const char *file, sasl_verify_type_t type)
{
    const struct needs *needs = context;
    if (type != SASL_VRFY_PLUGIN)
        return SASL_OK;
    return needs->packages && is_needed(needs, strstr(file, "scram") != NULL) ? SASL_OK
                                                                              : SASL_CONTINUE;
}

static int load(bool packages, const char *allow)
{
    static struct needs needs;
    static const sasl_callback_t callbacks[] = {
        {SASL_CB_VERIFYFILE, AUTH_CALL(on_file), &needs},
        {SASL_CB_LOG, AUTH_CALL(on_log), NULL},
        {SASL_CB_LIST_END, NULL, NULL}};
    needs = (struct needs){packages, span_of(allow)};
    sasl_set_alloc(malloc, calloc, lend_realloc, lend_free);
    int bad = sasl_client_init(callbacks);
    // Mechanisms of our own can only be added once libsasl2 has its list.
    if (bad == SASL_OK)
        bad = sasl_client_add_plugin("sendoff-plain", plain_init);
    if (bad == SASL_OK)
        bad = sasl_client_add_plugin("sendoff-login", login_init);
    return bad;
}

struct auth *auth_new(const struct auth_login *login, bool packages, struct buf *why)
{
    struct auth *a = calloc(1, sizeof *a);
    if (!a || login->secret.n > SECRET_MAX) {
        buf_puts(why, "AUTH: out of memory");
        free(a);
        return NULL;
    }
    a->login = *login;
    a->login.secret = (struct span){0};
    a->secret.sasl.len = login->secret.n;
    if (login->secret.n)
        memcpy(a->secret.room + offsetof(sasl_secret_t, data), login->secret.p,
               login->secret.n);
    // No SASL_CB_USER: with one, mechanisms send an authorisation identity as well, which some
    // servers refuse.
    a->callbacks[0] = (sasl_callback_t){SASL_CB_AUTHNAME, AUTH_CALL(on_user), a};
    a->callbacks[1] = (sasl_callback_t){SASL_CB_PASS, AUTH_CALL(on_secret), a};
    a->callbacks[2] = (sasl_callback_t){SASL_CB_LOG, AUTH_CALL(on_log), a};
    a->callbacks[3] = (sasl_callback_t){SASL_CB_LIST_END, NULL, NULL};
    int bad = load(packages, login->allow);
    if (bad == SASL_OK)
        return a;
    buf_printf(why, "AUTH: libsasl2 can not begin: %s", sasl_errstring(bad, NULL, NULL));
    auth_free(a);
    return NULL;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    sasl_dispose(&a->conn);
    sasl_client_done();
    explicit_bzero(a, sizeof *a);
    free(a);
}

static bool is_offered(struct span offered, struct span mechanism)
{
    struct span word;
    while (span_word(&offered, &word))
        if (span_equal_nocase(word, mechanism))
            return true;
    return false;
}

static void plan(struct auth *a, struct span mechanism, struct span offered)
{
    if (a->planned == AUTH_MOST || mechanism.n > AUTH_NAME_MAX ||
        !is_offered(offered, mechanism))
        return;
    char *name = a->plan[a->planned++];
    for (size_t i = 0; i < mechanism.n; i++) {
        char c = mechanism.p[i];
        name[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    name[mechanism.n] = '\0';
}

void auth_offer(struct auth *a, const char *host, unsigned strength, struct span offered)
{
    struct span rest = span_of(a->login.allow), word;
    a->host = host;
    a->strength = strength;
    a->planned = a->next = 0;
    memset(a->plan, 0, sizeof a->plan);
    if (span_equal_nocase(span_trim(rest), SPAN("auto"))) {
        for (size_t i = 0; i < sizeof automatic / sizeof *automatic; i++)
            plan(a, span_of(automatic[i]), offered);
        return;
    }
    while (span_word(&rest, &word))
        plan(a, word, offered);
}

// A fresh connection object, under our rules.
static int connect_anew(struct auth *a)
{
    // No layers of SASL's own below SMTP: TLS is there for that.
    static const sasl_security_properties_t rules = {.security_flags = SASL_SEC_NOANONYMOUS |
                                                                       SASL_SEC_NOPLAINTEXT};
    sasl_ssf_t strength = a->strength;
    sasl_dispose(&a->conn);
    int bad = sasl_client_new("smtp", a->host, NULL, NULL, a->callbacks, 0, &a->conn);
    if (bad == SASL_OK)
        bad = sasl_setprop(a->conn, SASL_SEC_PROPS, &rules);
    if (bad == SASL_OK && strength)
        bad = sasl_setprop(a->conn, SASL_SSF_EXTERNAL, &strength);
    return bad;
}

const char *auth_begin(struct auth *a, struct span *initial, struct buf *why)
{
    buf_clear(why);
    if (!a->planned)
        buf_printf(why, "AUTH: no mechanism is both offered and allowed (auth = %s)",
                   a->login.allow);
    while (a->next < a->planned) {
        const char *name = a->plan[a->next++], *out = NULL, *chosen = NULL;
        unsigned n = 0;
        a->last = connect_anew(a);
        if (a->last == SASL_OK)
            a->last = sasl_client_start(a->conn, name, NULL, &out, &n, &chosen);
        if (a->last == SASL_OK || a->last == SASL_CONTINUE) {
            *initial = (struct span){out, n};
            return name;
        }
        buf_clear(why);
        buf_printf(why, "AUTH %s: %s", name, sasl_errstring(a->last, NULL, NULL));
    }
    *initial = (struct span){0};
    return "";
}

bool auth_step(struct auth *a, struct span challenge, struct span *response, struct buf *why)
{
    const char *out = NULL;
    unsigned n = 0;
    const char *name = a->next ? a->plan[a->next - 1] : "";
    *response = (struct span){0};
    if (!a->conn || challenge.n > UINT16_MAX)
        return false;
    // Done, and still the server asks: libsasl2 must not be stepped again.
    if (a->last == SASL_CONTINUE)
        a->last = sasl_client_step(a->conn, challenge.p ? challenge.p : "",
                                   (unsigned)challenge.n, NULL, &out, &n);
    else
        a->last = SASL_BADPROT;
    if (a->last == SASL_OK || a->last == SASL_CONTINUE) {
        *response = (struct span){out, out ? n : 0};
        return true;
    }
    buf_clear(why);
    buf_printf(why, "AUTH %s: %s", name, sasl_errstring(a->last, NULL, NULL));
    return false;
}

bool auth_content(const struct auth *a)
{
    return a->conn && a->last == SASL_OK;
}
