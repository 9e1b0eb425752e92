// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "config/places.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/io.h"
#include "config/domain.h"
#include "config/home.h"
#include "config/value.h"
#include "paths.h"

// Enough of /etc/hosts: the host's own line stands near the top of even the longest.
enum { PLACES_FILE_MAX = 65536 };

static bool is_directory(const char *path)
{
    int fd = io_open(AT_FDCWD, path, IO_PATH | O_DIRECTORY, 0);
    io_close(fd);
    return fd >= 0;
}

static bool below_root(const char *root, struct buf *out)
{
    buf_printf(out, "%s/%lu", root, (unsigned long)geteuid());
    return true;
}

static bool is_personal(const struct config *c, const char *root)
{
    return c->parsed ? c->mode == CONFIG_PERSONAL : !is_directory(root);
}

// "" where nothing is said, in a config that was never read, too.
static const char *stated_spool(const struct config *c)
{
    return c->spool ? c->spool : "";
}

static bool personal_place(struct buf *out)
{
    if (!home_place("XDG_STATE_HOME", ".local/state", out))
        return false;
    buf_puts(out, "/sendoff/spool");
    return true;
}

bool places_spool(const struct config *c, const char *root, struct buf *out)
{
    const char *stated = stated_spool(c);
    if (!is_personal(c, root))
        return below_root(*stated ? stated : root, out);
    if (*stated) {
        buf_puts(out, stated);
        return true;
    }
    if (personal_place(out))
        return true;
    return geteuid() == 0 && below_root(root, out);
}

bool config_spool(const struct config *c, struct buf *out)
{
    return places_spool(c, PATH_LOCALSTATE "/spool/sendoff", out);
}

bool places_spool_root(const struct config *c, const char *root, struct buf *out)
{
    const char *stated = stated_spool(c);
    if (is_personal(c, root))
        return false;
    buf_puts(out, *stated ? stated : root);
    return true;
}

bool config_spool_root(const struct config *c, struct buf *out)
{
    return places_spool_root(c, PATH_LOCALSTATE "/spool/sendoff", out);
}

bool places_other_spool(const struct config *c, const char *root, struct buf *out)
{
    struct buf own = BUF_INIT(PATH_MAX);
    size_t before = out->n;
    bool found = is_personal(c, root) ? is_directory(root) && below_root(root, out)
                                      : personal_place(out);
    if (found && places_spool(c, root, &own) && strcmp(out->p + before, buf_str(&own)) == 0) {
        buf_cut(out, before);
        found = false;
    }
    buf_free(&own);
    return found;
}

bool config_other_spool(const struct config *c, struct buf *out)
{
    return places_other_spool(c, PATH_LOCALSTATE "/spool/sendoff", out);
}

// What lies beside the personal spool.
static bool beside_spool(const struct config *c, const char *name, struct buf *out)
{
    size_t before = out->n;
    if (!config_spool(c, out))
        return false;
    const char *slash = strrchr(out->p + before, '/');
    buf_cut(out, slash ? (size_t)(slash - out->p) : before);
    buf_printf(out, "/%s", name);
    return true;
}

bool config_account_dir(const struct config *c, struct buf *out)
{
    if (is_personal(c, PATH_LOCALSTATE "/spool/sendoff"))
        return beside_spool(c, "account", out);
    buf_puts(out, PATH_LOCALSTATE "/lib/sendoff");
    return true;
}

bool config_bell(const struct config *c, struct buf *out)
{
    if (is_personal(c, PATH_LOCALSTATE "/spool/sendoff"))
        return beside_spool(c, "bell", out);
    buf_puts(out, PATH_RUNSTATE "/sendoff/bell");
    return true;
}

bool config_drop(const struct config *c, struct buf *out)
{
    if (c->parsed && c->mode == CONFIG_PERSONAL)
        return false;
    buf_puts(out, PATH_RUNSTATE "/sendoff/drop");
    return true;
}

// The head of a file; empty where it can not be read, which is no trouble of ours.
static void read_head(const char *path, struct buf *text)
{
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    ssize_t got = 1;
    while (fd >= 0 && got > 0 && text->n < text->max) {
        char piece[4096];
        size_t room = text->max - text->n;
        got = io_read(fd, piece, room < sizeof piece ? room : sizeof piece);
        if (got > 0)
            buf_put(text, piece, (size_t)got);
    }
    io_close(fd);
}

bool places_domain(const struct config *c, const char *mailname, const char *hosts,
                   const char *host, struct buf *out)
{
    if (c->domain[0]) {
        buf_puts(out, c->domain);
        return true;
    }
    struct buf text = BUF_INIT(PLACES_FILE_MAX);
    read_head(mailname, &text);
    bool found = domain_of_mailname(buf_span(&text), out);
    if (!found && strchr(host, '.') && value_is_domain(span_of(host))) {
        buf_puts(out, host);
        found = true;
    }
    if (!found && host[0]) {
        buf_clear(&text);
        read_head(hosts, &text);
        found = domain_of_hosts(buf_span(&text), span_of(host), out);
    }
    buf_free(&text);
    return found;
}

// From the kernel: sendoff-submit has a gethostname of its own, which tells libsasl2 another.
void config_host(struct buf *out)
{
    struct utsname host;
    if (!uname(&host))
        buf_puts(out, host.nodename);
}

bool config_domain(const struct config *c, struct buf *out)
{
    struct buf host = BUF_INIT(sizeof((struct utsname *)0)->nodename);
    config_host(&host);
    bool found = places_domain(c, "/etc/mailname", "/etc/hosts", buf_str(&host), out);
    buf_free(&host);
    return found;
}
