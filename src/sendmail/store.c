// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendmail/store.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sysexits.h>

#include "base/io.h"
#include "base/process.h"

// What a signal has to take away before it ends the program: nothing half written may stay.
static const struct store *volatile unfinished;

static void end_by_signal(int sig)
{
    const struct store *s = unfinished;
    if (s)
        io_unlink(s->maildir.tmp, s->deposit.id);
    signal(sig, SIG_DFL);
    raise(sig);
}

static void watch_signals(void)
{
    static const int ending[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGXCPU};
    static bool watched;
    for (size_t i = 0; !watched && i < sizeof ending / sizeof *ending; i++) {
        struct sigaction old, new = {.sa_handler = end_by_signal};
        sigfillset(&new.sa_mask);
        // nohup's HUP stays ignored.
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &new, NULL);
    }
    watched = true;
}

static int fail(struct store *s, struct buf *why, int status, const char *what)
{
    s->error = errno;
    buf_printf(why, "%s: %s", what, strerror(errno));
    return status;
}

// Trouble with the spool: a path that can not be used, or something that may pass (DESIGN 5.1).
static int spool_status(int error)
{
    switch (error) {
    case EACCES:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EROFS: return EX_CANTCREAT;
    default: return EX_TEMPFAIL;
    }
}

int store_open(struct store *s, const struct config *config, struct buf *why)
{
    struct buf path = BUF_INIT(4096);
    int status = 0;
    *s = (struct store){.maildir = MAILDIR_CLOSED, .deposit = {.fd = -1}};
    if (!config_spool(config, &path)) {
        buf_puts(why, "no spool: the user has no home, and there is no system spool");
        status = EX_CANTCREAT;
    } else {
        switch (maildir_open_to_add(&s->maildir, buf_str(&path))) {
        case MAILDIR_OPEN: break;
        case MAILDIR_TROUBLE: status = fail(s, why, spool_status(errno), buf_str(&path)); break;
        case MAILDIR_FOREIGN:
            buf_printf(why, "%s: not a directory of the user's own with mode 0700",
                       buf_str(&path));
            status = EX_TEMPFAIL;
        }
    }
    buf_free(&path);
    return status;
}

int store_create(struct store *s, struct buf *why)
{
    if (deposit_name(&s->deposit, &s->maildir))
        return fail(s, why, EX_TEMPFAIL, "no random octets");
    watch_signals();
    atomic_signal_fence(memory_order_seq_cst); // a handler must not see half an id
    unfinished = s;
    if (deposit_begin(&s->deposit) == 0)
        return 0;
    unfinished = NULL;
    return fail(s, why, spool_status(errno), "spool: no file can be made in tmp");
}

int store_write(struct store *s, struct span text, struct buf *why)
{
    if (deposit_write(&s->deposit, text))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be written");
    return 0;
}

int store_patch(struct store *s, const struct block_patch *patch, struct buf *why)
{
    if (deposit_patch(&s->deposit, patch))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be written");
    return 0;
}

int store_publish(struct store *s, struct buf *why)
{
    if (deposit_seal(&s->deposit))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be synced");
    // From here on nothing but the disk decides.
    process_block_signals();
    if (deposit_publish(&s->deposit))
        return fail(s, why, spool_status(errno), "spool: message can not be published");
    unfinished = NULL;
    return 0;
}

void store_close(struct store *s)
{
    deposit_abandon(&s->deposit);
    if (unfinished == s)
        unfinished = NULL;
    maildir_close(&s->maildir);
}
