// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/auth/cyrus.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "submit/auth/auth.h"
#include "submit/secret/lend.h"
#include "submit/secret/secret.h"
#include "submit/secret/vault.h"

enum { CYRUS_DETAIL_MAX = 120 }; // octets of what a mechanism says of its failure

struct cyrus {
    const char *user;
    sasl_callback_t callbacks[4];
    sasl_conn_t *conn;
    sasl_channel_binding_t binding;
    int last; // what the last call on conn returned
    union {
        sasl_secret_t sasl;
        char room[offsetof(sasl_secret_t, data) + SECRET_MAX + 1];
    } secret;
};

// libsasl2 takes callbacks of any signature as one type; the cast by way of void says we mean
// it.
#define CYRUS_CALL(f) ((sasl_callback_ft)(void (*)(void))(f))

// ---- What libsasl2 is lent

static int on_user(void *context, int id, const char **result, unsigned *n)
{
    struct cyrus *c = context;
    (void)id;
    *result = c->user;
    if (n)
        *n = (unsigned)strlen(c->user);
    return SASL_OK;
}

static int on_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
    struct cyrus *c = context;
    (void)conn;
    (void)id;
    *secret = &c->secret.sasl;
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

// ---- Loading

// Which files of packages hold which mechanisms. Most are for servers, or bring what is not
// wanted, and some bring a whole database library along.
static const struct {
    struct span mechanism; // what its name begins with
    const char *file;
} packages[] = {
    {SPAN_INIT("SCRAM-"), "/libscram."},         {SPAN_INIT("CRAM-MD5"), "/libcrammd5."},
    {SPAN_INIT("DIGEST-MD5"), "/libdigestmd5."}, {SPAN_INIT("NTLM"), "/libntlm."},
    {SPAN_INIT("GSS"), "/libgssapiv2."},
};

static bool is_named(const char *mechanisms, struct span prefix)
{
    struct span rest = span_of(mechanisms), word;
    while (span_word(&rest, &word))
        if (span_starts_nocase(word, prefix))
            return true;
    return false;
}

static int on_file(void *context, const char *file, sasl_verify_type_t type)
{
    const char *const *mechanisms = context;
    if (type != SASL_VRFY_PLUGIN)
        return SASL_OK;
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (strstr(file, packages[i].file) && is_named(*mechanisms, packages[i].mechanism))
            return SASL_OK;
    return SASL_CONTINUE;
}

static int load_plugins(const char *mechanisms)
{
    static const char *wanted;
    static const sasl_callback_t callbacks[] = {
        {SASL_CB_VERIFYFILE, CYRUS_CALL(on_file), &wanted},
        {SASL_CB_LOG, CYRUS_CALL(on_log), NULL},
        {SASL_CB_LIST_END, NULL, NULL}};
    wanted = mechanisms;
    sasl_set_alloc(malloc, calloc, lend_realloc, lend_free);
    int bad = sasl_client_init(callbacks);
    wanted = "";
    return bad;
}

struct cyrus *cyrus_new(const char *user, struct span secret, const char *mechanisms,
                        struct buf *why)
{
    struct cyrus *c = secret.n > SECRET_MAX ? NULL : vault_new(sizeof *c);
    if (!c) {
        buf_puts(why, "AUTH: no room for the secret");
        return NULL;
    }
    c->user = user;
    c->last = SASL_FAIL;
    c->secret.sasl.len = secret.n;
    if (secret.n)
        memcpy(c->secret.room + offsetof(sasl_secret_t, data), secret.p, secret.n);
    // No SASL_CB_USER: with one, mechanisms send an authorisation identity as well, which some
    // servers refuse.
    c->callbacks[0] = (sasl_callback_t){SASL_CB_AUTHNAME, CYRUS_CALL(on_user), c};
    c->callbacks[1] = (sasl_callback_t){SASL_CB_PASS, CYRUS_CALL(on_secret), c};
    c->callbacks[2] = (sasl_callback_t){SASL_CB_LOG, CYRUS_CALL(on_log), c};
    c->callbacks[3] = (sasl_callback_t){SASL_CB_LIST_END, NULL, NULL};
    int bad = load_plugins(mechanisms);
    if (bad == SASL_OK)
        return c;
    buf_printf(why, "AUTH: libsasl2 can not begin: %s", sasl_errstring(bad, NULL, NULL));
    cyrus_free(c);
    return NULL;
}

void cyrus_free(struct cyrus *c)
{
    if (!c)
        return;
    sasl_dispose(&c->conn);
    sasl_client_done();
    vault_free(c, sizeof *c);
}

// ---- One exchange

// A fresh connection object, under our rules.
static int connect_anew(struct cyrus *c, const struct auth_line *line)
{
    // No layers of SASL's own below SMTP: TLS is there for that.
    static const sasl_security_properties_t rules = {.security_flags = SASL_SEC_NOANONYMOUS |
                                                                       SASL_SEC_NOPLAINTEXT};
    sasl_ssf_t strength = line->strength;
    sasl_dispose(&c->conn);
    int bad = sasl_client_new("smtp", line->host, NULL, NULL, c->callbacks, 0, &c->conn);
    if (bad == SASL_OK)
        bad = sasl_setprop(c->conn, SASL_SEC_PROPS, &rules);
    if (bad == SASL_OK && strength)
        bad = sasl_setprop(c->conn, SASL_SSF_EXTERNAL, &strength);
    return bad;
}

static int bind_to(struct cyrus *c, const struct auth_line *line, bool critical)
{
    c->binding = (sasl_channel_binding_t){.name = line->binding_name,
                                          .critical = critical,
                                          .len = line->binding.n,
                                          .data = (const unsigned char *)line->binding.p};
    return sasl_setprop(c->conn, SASL_CHANNEL_BINDING, &c->binding);
}

// What the mechanism itself says went wrong: "SASL(-1): generic failure: " stands before it,
// and with GSSAPI a sentence that says nothing before what Kerberos had to say.
static void put_detail(const struct cyrus *c, struct buf *why)
{
    static const char idle[] = "Minor code may provide more information";
    const char *text = c->conn ? sasl_errdetail(c->conn) : "", *minor = strstr(text, idle);
    struct span rest = span_of(text), head;
    for (int i = 0; i < 2 && rest.p; i++)
        (void)span_cut(&rest, ':', &head);
    if (minor)
        rest = span_of(minor + sizeof idle - 1);
    rest = span_trim(rest);
    if (rest.n > 1 && rest.p[0] == '(' && rest.p[rest.n - 1] == ')')
        rest = (struct span){rest.p + 1, rest.n - 2};
    if (rest.n)
        buf_puts(why, ": ");
    text_clean(why, rest, CYRUS_DETAIL_MAX);
}

static void tell(const struct cyrus *c, struct buf *why)
{
    buf_puts(why, sasl_errstring(c->last, NULL, NULL));
    put_detail(c, why);
    if (c->last == SASL_NOMECH)
        buf_puts(why, " (is its package installed, such as libsasl2-modules?)");
}

bool cyrus_begin(struct cyrus *c, const char *mechanism, const struct auth_line *line,
                 enum cyrus_binding binding, struct span *initial, struct buf *why)
{
    const char *out = NULL, *chosen = NULL;
    unsigned n = 0;
    struct buf list = BUF_INIT(128);
    c->last = connect_anew(c, line);
    if (c->last == SASL_OK && binding != CYRUS_UNBOUND)
        c->last = bind_to(c, line, binding == CYRUS_BOUND);
    // With one name libsasl2 takes it for our choice and says 'n'. It says 'y' where the list
    // shows that somebody chose from all that the server has.
    buf_puts(&list, mechanism);
    if (binding == CYRUS_UNOFFERED)
        buf_printf(&list, " %s", mechanism);
    if (c->last == SASL_OK)
        c->last = sasl_client_start(c->conn, buf_str(&list), NULL, &out, &n, &chosen);
    buf_free(&list);
    *initial = (struct span){out, out ? n : 0};
    if (c->last == SASL_OK || c->last == SASL_CONTINUE)
        return true;
    *initial = (struct span){0};
    tell(c, why);
    return false;
}

bool cyrus_step(struct cyrus *c, struct span challenge, struct span *response, struct buf *why)
{
    const char *out = NULL;
    unsigned n = 0;
    // Done, and still the server asks: libsasl2 must not be stepped again.
    if (c->last != SASL_CONTINUE || challenge.n > UINT16_MAX)
        c->last = SASL_BADPROT;
    else
        c->last = sasl_client_step(c->conn, challenge.p ? challenge.p : "",
                                   (unsigned)challenge.n, NULL, &out, &n);
    *response = (struct span){out, out ? n : 0};
    if (c->last == SASL_OK || c->last == SASL_CONTINUE)
        return true;
    *response = (struct span){0};
    tell(c, why);
    return false;
}

bool cyrus_content(const struct cyrus *c)
{
    return c->conn && c->last == SASL_OK;
}
