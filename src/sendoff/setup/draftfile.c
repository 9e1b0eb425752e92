// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/draftfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/diag.h"
#include "base/io.h"
#include "sendoff/setup/keepfile.h"

enum { DRAFTFILE_MAX = 1 << 20, PASSWORD_LINE_MAX = 8192 };

bool draftfile_has_account(const struct draft *d)
{
    for (size_t i = 1; i < draft_count(d); i++)
        if (draft_name(d, i)[0] && draft_get(d, i, "host")[0])
            return true;
    return false;
}

static size_t count_passwords(const struct draft *d)
{
    size_t n = 0;
    for (size_t i = 1; i < draft_count(d); i++)
        n += draft_password(d, i)[0] != '\0';
    return n;
}

static int complain(struct buf *why, const char *path)
{
    buf_printf(why, "%s: %s", path, strerror(errno));
    return EX_CANTCREAT;
}

static int keep_password(const char *path, const char *password)
{
    struct buf line = BUF_INIT(PASSWORD_LINE_MAX);
    int bad = -1;
    // No move to a larger place leaves a copy behind.
    if (buf_room(&line, PASSWORD_LINE_MAX - 1)) {
        buf_puts(&line, password);
        buf_putc(&line, '\n');
        bad = keepfile_write(path, buf_span(&line), 0600);
        explicit_bzero(line.p, line.size);
    }
    buf_free(&line);
    return bad;
}

// The directory's real path with a '/': where the config says the password is.
static bool put_directory(struct buf *out, const char *path)
{
    char real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct buf dir = BUF_INIT(PATH_MAX);
    buf_put(&dir, slash ? path : ".", slash ? (size_t)(slash + 1 - path) : 1);
    bool good = io_resolve(buf_str(&dir), real) == 0;
    if (good)
        buf_printf(out, "%s%s", real, strcmp(real, "/") == 0 ? "" : "/");
    buf_free(&dir);
    return good;
}

static int keep_passwords(struct draft *d, const char *path, struct buf *why)
{
    bool several = count_passwords(d) > 1;
    int status = EX_OK;
    for (size_t i = 1; i < draft_count(d) && !status; i++) {
        struct buf name = BUF_INIT(PATH_MAX);
        if (!draft_password(d, i)[0])
            continue;
        if (!put_directory(&name, path)) {
            status = complain(why, path);
        } else {
            buf_printf(&name, "password%s%s", several ? "." : "",
                       several ? draft_name(d, i) : "");
            if (keep_password(buf_str(&name), draft_password(d, i)))
                status = complain(why, buf_str(&name));
            else if (!draft_set(d, i, "password_file", buf_span(&name), why))
                status = EX_CANTCREAT;
        }
        buf_free(&name);
    }
    return status;
}

int draftfile_write(struct draft *d, const char *path, enum draftfile_kind kind,
                    const char *head, struct buf *why)
{
    bool own = kind == DRAFTFILE_OWN;
    struct buf text = BUF_INIT(DRAFTFILE_MAX);
    if (keepfile_make_directory(path, own ? 0700 : 0755))
        return complain(why, path);
    int status = keep_passwords(d, path, why);
    if (!status) {
        draft_put(d, head, &text);
        if (keepfile_write(path, buf_span(&text), own ? 0600 : 0644))
            status = complain(why, path);
    }
    buf_free(&text);
    return status;
}

int draftfile_print(struct draft *d, const char *head, struct buf *why)
{
    struct buf text = BUF_INIT(DRAFTFILE_MAX);
    (void)why;
    for (size_t i = 1; i < draft_count(d); i++)
        if (draft_password(d, i)[0])
            diag_warn("%s: the password is left out: set password_file, or use --output FILE",
                      draft_name(d, i));
    draft_put(d, head, &text);
    fputs(buf_str(&text), stdout);
    buf_free(&text);
    return EX_OK;
}
