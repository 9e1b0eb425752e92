// SPDX-License-Identifier: ISC
#include "sendoff/drop/drop.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/signals.h"
#include "sendoff/drop/dropbook.h"
#include "sendoff/drop/dropdoor.h"
#include "sendoff/drop/dropplaces.h"
#include "spool/maildir.h"

enum { DROP_IDLE = 60 * 1000 }; // milliseconds; who made the socket starts us again

static uint64_t smaller(uint64_t limit, uint64_t most)
{
    return limit && limit < most ? limit : most;
}

static int open_spool(struct maildir *m, const struct config *config, struct buf *why)
{
    struct buf path = BUF_INIT(4096);
    int status = 0;
    if (!config_spool(config, &path)) {
        buf_puts(why, "no spool");
        status = EX_CONFIG;
    } else {
        switch (maildir_open(m, buf_str(&path), true)) {
        case MAILDIR_OPEN: break;
        case MAILDIR_TROUBLE:
            buf_printf(why, "%s: %s", buf_str(&path), strerror(errno));
            status = EX_TEMPFAIL;
            break;
        case MAILDIR_FOREIGN:
            buf_printf(why, "%s: not a directory of the drop's own with mode 0700",
                       buf_str(&path));
            status = EX_TEMPFAIL;
        }
    }
    buf_free(&path);
    return status;
}

static int serve_guests(struct dropplaces *p, const struct maildir *m, struct buf *why)
{
    struct dropbook book;
    int bad = dropbook_init(&book, m, clock_wall(), clock_steady());
    p->signals = signals_open();
    p->rules.maildir = m;
    p->rules.book = &book;
    if (bad || p->signals < 0)
        bad = -1;
    else
        bad = dropplaces_serve(p);
    if (bad)
        buf_printf(why, "drop: %s", strerror(errno));
    io_close(p->signals);
    p->rules.maildir = NULL;
    p->rules.book = NULL;
    dropbook_free(&book);
    return bad ? EX_TEMPFAIL : EX_OK;
}

static int take_seat(const struct config *config, const struct dropdoor *door, int leash,
                     struct buf *why)
{
    static struct dropplaces places;
    struct maildir m = MAILDIR_CLOSED;
    struct buf bell = BUF_INIT(4096);
    int status = dropdoor_enter(why);
    if (!status)
        status = open_spool(&m, config, why);
    if (!status) {
        if (!config_bell(config, &bell))
            buf_clear(&bell);
        places = (struct dropplaces){
            .listener = door->listener,
            .leash = leash,
            .idle = door->lock < 0 ? DROP_IDLE : 0,
            .strangers = dropdoor_has_strangers(),
            .bell = buf_str(&bell),
            .rules = {.max_size = smaller(config->max_size, DROPGUEST_SIZE_MAX),
                      .max_recipients = config->max_recipients,
                      .max_queued = config->max_queued ? config->max_queued
                                                       : DROPGUEST_QUEUED_MAX},
        };
        status = serve_guests(&places, &m, why);
    }
    maildir_close(&m);
    buf_free(&bell);
    return status;
}

int drop(struct call *call)
{
    struct buf path = BUF_INIT(4096);
    struct dropdoor door;
    int leash = call_takes(call, "--until-eof") ? STDIN_FILENO : -1;
    if (call->argc)
        return call_usage(call, "drop takes --until-eof");
    if (!config_drop(call->config, &path)) {
        buf_puts(call->why, "drop: the config is personal: there is nobody to take mail from");
        return EX_CONFIG;
    }
    int status = dropdoor_open(&door, call->given, buf_str(&path), call->why);
    if (!status)
        status = take_seat(call->config, &door, leash, call->why);
    dropdoor_close(&door);
    buf_free(&path);
    return status;
}
