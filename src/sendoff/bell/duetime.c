// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/duetime.h"

#include "base/clock.h"
#include "base/io.h"
#include "sendoff/spools/spools.h"
#include "sendoff/spools/worklist.h"
#include "spool/account.h"

static void note(int64_t *first, int64_t when, int64_t now)
{
    if (when > now && when < *first)
        *first = when;
}

static int64_t time_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * CLOCK_SECOND_US + st->st_mtim.tv_nsec / 1000;
}

// The next attempt is the file's time (spool/schedule.h).
static void look_into(const struct maildir *m, int64_t *first, int64_t now)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    struct worklist list;
    enum maildir_place place;
    const char *name;
    worklist_init(&list);
    if (worklist_fill(&list, m, places, 2) == 0) {
        while (worklist_next(&list, &place, &name)) {
            struct stat st;
            if (io_stat_beneath(m->place[place], name, &st) == 0 && S_ISREG(st.st_mode))
                note(first, time_of(&st), now);
        }
    }
    worklist_free(&list);
}

static void look_at_spools(const struct config *config, int64_t *first, int64_t now)
{
    struct spools spools;
    spools_find(&spools, config);
    for (size_t i = 0; i < spools.n; i++) {
        struct maildir m;
        if (spools_open(&spools.place[i], &m) == MAILDIR_OPEN &&
            identity_enter(&spools.place[i].owner) == 0) {
            look_into(&m, first, now);
            identity_leave();
        }
        maildir_close(&m);
    }
    spools_free(&spools);
}

int64_t duetime(const struct config *config, int64_t now)
{
    int64_t first = INT64_MAX;
    struct buf dir = BUF_INIT(4096);
    struct account memory;
    look_at_spools(config, &first, now);
    if (config_account_dir(config, &dir) &&
        account_peek(&memory, buf_str(&dir), config_account(config, "")->name))
        note(&first, memory.not_before, now);
    buf_free(&dir);
    return first;
}
