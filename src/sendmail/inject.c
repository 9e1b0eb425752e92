// SPDX-License-Identifier: ISC
#include "sendmail/inject.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "sendmail/injection.h"
#include "sendmail/ring.h"

// Callers that write into a closed pipe may die of it, so what is left of stdin is read.
static void drain(void)
{
    char sink[4096];
    if (isatty(STDIN_FILENO))
        return;
    while (io_read(STDIN_FILENO, sink, sizeof sink) > 0)
        ;
}

static enum lines_dot dot_rule(const struct args *a, const struct config *config)
{
    if (a->keep_dots || config->dot == DOT_NEVER)
        return LINES_DOT_KEEP;
    if (config->dot == DOT_SENDMAIL || isatty(STDIN_FILENO))
        return LINES_DOT_ENDS;
    return LINES_DOT_LAST;
}

static int read_message(struct injection *in, struct buf *why)
{
    int status = 0;
    ssize_t got = 1;
    while (!status && !in->done && got > 0) {
        size_t n;
        char *room = injection_room(in, &n);
        got = io_read(STDIN_FILENO, room, n);
        if (got < 0) {
            buf_printf(why, "stdin: %s", strerror(errno));
            status = EX_IOERR;
        } else if (got > 0) {
            status = injection_grew(in, (size_t)got);
        }
    }
    return status ? status : injection_finish(in);
}

int inject(const struct args *a, const struct config *config, struct buf *why)
{
    struct injection in;
    int status = injection_begin(&in, a, config, NULL, why);
    injection_dots(&in, dot_rule(a, config), !a->keep_dots && config->dot == DOT_SENDMAIL);
    if (!status)
        status = read_message(&in, why);
    if (status)
        drain();
    else if (!in.store.visiting) // the drop rings by itself
        ring_after(a, config, store_id(&in.store));
    injection_free(&in);
    return status;
}
