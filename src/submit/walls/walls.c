// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/walls/walls.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/port.h"
#include "paths.h"
#include "submit/line/targets.h"
#include "submit/tls/tls_lend.h"
#include "submit/trouble.h"
#include "submit/walls/build.h"
#include "submit/walls/filter.h"
#include "submit/walls/landlock.h"
#include "submit/walls/limits.h"
#include "submit/walls/privilege.h"

enum {
    WALLS_PORT_DNS = 53,  // DNS goes over TCP where an answer is long
    WALLS_TREES_MOST = 16 // that the config and the environment name
};

// Libraries look for files to trust, and to load as code, where variables tell them (SASL_PATH,
// OPENSSL_CONF, SSL_CERT_FILE, RES_OPTIONS). Root's shell may have them from a user (HAZARDS
// 1), so for root only what is harmless and needed stays.
static void forget_environment(void)
{
    static const char *const kept[] = {"TZ", "CREDENTIALS_DIRECTORY"};
    enum { KEPT = sizeof kept / sizeof *kept };
    char *values[KEPT];
    for (size_t i = 0; i < KEPT; i++) {
        const char *value = secure_getenv(kept[i]);
        values[i] = value ? strdup(value) : NULL;
    }
    clearenv();
    for (size_t i = 0; i < KEPT; i++) {
        if (values[i])
            setenv(kept[i], values[i], 1);
        free(values[i]);
    }
}

int walls_begin(void)
{
    static const struct rlimit none = {0, 0};
    if (port_forbid_dumps() || setrlimit(RLIMIT_CORE, &none))
        return -1;
    if (geteuid() == 0 || geteuid() != getuid() || getegid() != getgid() || port_is_elevated())
        forget_environment();
    if (tls_lend_memory())
        return 0;
    errno = ENOMEM;
    return -1;
}

static bool fail(struct outcome *trouble, const char *wall)
{
    trouble_set(trouble, TROUBLE_SYSTEM, "walls: %s: %s", wall, strerror(errno));
    return false;
}

// Root's work is done.
static bool leave_root(bool *own, struct walls *w, struct outcome *trouble)
{
    struct buf *state = &w->state;
    *own = false;
    switch (privilege_drop(ACCOUNT_SUBMIT)) {
    case PRIVILEGE_KEPT: buf_printf(state, "uid %u", (unsigned)getuid()); break;
    case PRIVILEGE_DROPPED:
        *own = true;
        buf_printf(state, "uid %u (%s)", (unsigned)getuid(), ACCOUNT_SUBMIT);
        break;
    case PRIVILEGE_STAND_IN:
        w->gap = true;
        buf_printf(state,
                   "uid %u (there is no account %s: make one with systemd-sysusers or "
                   "useradd -r)",
                   (unsigned)getuid(), ACCOUNT_SUBMIT);
        break;
    case PRIVILEGE_ALONE:
        w->gap = true;
        buf_puts(state, "uid 0 without capabilities (there is no other uid here)");
        break;
    case PRIVILEGE_TROUBLE: return fail(trouble, "can not leave root");
    }
    return true;
}

// Kerberos keeps its tickets in a file, and asks its servers over TCP at ports of their own.
static bool may_use_kerberos(const struct config_account *a)
{
    return span_find_nocase(span_of(a->auth), SPAN("GSS")) ||
           span_find_nocase(span_of(a->auth), SPAN("GS2-"));
}

static void put_tickets(struct buf *path)
{
    const char *name = secure_getenv("KRB5CCNAME");
    const char *at = name ? strchr(name, '/') : NULL;
    if (at)
        buf_puts(path, at);
    else
        buf_printf(path, "/tmp/krb5cc_%u", (unsigned)getuid());
}

// The copy is the caller's. NULL where Kerberos goes by its own places.
static char *copy_kerberos_config(void)
{
    const char *names = secure_getenv("KRB5_CONFIG");
    return names ? strdup(names) : NULL;
}

// The ports that may be connected to: DNS's and those of the account's hosts. Where DNS tells
// the hosts, they may have any.
static bool list_ports(const struct config_account *a, uint16_t ports[HOSTS_MOST + 2])
{
    ports[0] = WALLS_PORT_DNS;
    return targets_ports(a, ports + 1);
}

static void close_files(const struct config_account *a, struct walls *w)
{
    struct buf tickets = BUF_INIT(4096);
    uint16_t ports[HOSTS_MOST + 2];
    bool kerberos = may_use_kerberos(a), listed = list_ports(a, ports);
    if (kerberos)
        put_tickets(&tickets);
    char *settings = kerberos ? copy_kerberos_config() : NULL, *rest = settings, *name;
    const char *trees[WALLS_TREES_MOST + 1] = {tls_default_dir()};
    size_t n = 1;
    if (a->tls_ca_dir[0])
        trees[n++] = a->tls_ca_dir;
    if (tickets.n)
        trees[n++] = buf_str(&tickets);
    while (n < WALLS_TREES_MOST && (name = strsep(&rest, ":")))
        trees[n++] = name;
    const struct landlock_order order = {
        .trees = trees, .links = a->tls_ca_dir, .ports = kerberos || !listed ? NULL : ports};
    int version = landlock_close(&order);
    if (version > 0) {
        buf_printf(&w->state, ", Landlock %d", version);
    } else {
        buf_printf(&w->state, ", no Landlock (%s)", strerror(errno));
        w->gap = true;
    }
    free(settings);
    buf_free(&tickets);
}

static void close_calls(struct walls *w)
{
    if (filter_close() == 0) {
        buf_puts(&w->state, ", system calls filtered");
    } else {
        buf_printf(&w->state, ", system calls not filtered (%s)",
                   errno == EOPNOTSUPP ? "built without libseccomp" : strerror(errno));
        w->gap = true;
    }
}

bool walls_close(const struct config *c, const struct config_account *a, struct walls *w,
                 struct outcome *trouble)
{
    bool own;
    if (BUILD_INSTRUMENTED) {
        buf_puts(&w->state, "none: this build is for tests");
        return true;
    }
    if (!leave_root(&own, w, trouble))
        return false;
    if (a->tls != TLS_NONE && a->tls_ca_dir[0] && access(a->tls_ca_dir, R_OK | X_OK)) {
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: tls_ca_dir: %s: uid %u: %s", a->tls_ca_dir,
                    (unsigned)getuid(), strerror(errno));
        return false;
    }
    if (port_forbid_privileges())
        return fail(trouble, "no_new_privs");
    if (limits_set(own))
        return fail(trouble, "limits");
    buf_puts(&w->state, ", no new privileges");
    if (c->walls == WALLS_OFF) {
        w->gap = true;
        buf_puts(&w->state,
                 "; the config has walls = off: no Landlock, system calls not filtered");
        return true;
    }
    close_files(a, w);
    close_calls(w);
    return true;
}
