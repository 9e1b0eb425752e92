// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/drop/dropbook.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WAITING_MAX = 16 << 20, // messages
    TIME_DIGITS = 13,       // of a queue id (maildir_make_id)
};

struct ticket {
    int64_t when; // clock_steady
    uid_t uid;
    char ticket[HANDIN_TICKET + 1];
    char id[HANDIN_ID_MAX + 1];
};

static size_t count_tickets(const struct dropbook *b)
{
    return b->tickets.n / sizeof(struct ticket);
}

static const struct ticket *ticket_at(const struct dropbook *b, size_t i)
{
    return (const struct ticket *)(const void *)b->tickets.p + i;
}

// ---- Names

void dropbook_tag(char tag[DROPBOOK_TAG_MAX], uid_t uid, const char *ticket)
{
    snprintf(tag, DROPBOOK_TAG_MAX, "%" PRIu32 ".%s", (uint32_t)uid, ticket);
}

// Takes a name apart. False where it is none of the drop's.
static bool take_name(struct span name, struct ticket *t)
{
    struct span rest, base, id, uid, ticket;
    uint64_t number;
    rest = name;
    span_cut(&rest, ':', &base);
    if (!span_cut(&base, '.', &id) || !span_cut(&base, '.', &uid) ||
        !span_cut(&base, '.', &ticket) || base.p || id.n > HANDIN_ID_MAX ||
        !text_number(uid, UINT32_MAX, &number) || !handin_is_ticket(ticket))
        return false;
    *t = (struct ticket){.uid = (uid_t)number};
    memcpy(t->id, id.p, id.n);
    memcpy(t->ticket, ticket.p, ticket.n);
    return true;
}

// When the id was made, microseconds since 1970; 0 where it does not tell.
static int64_t time_of(const char *id)
{
    char digits[TIME_DIGITS + 1] = "";
    uint64_t when;
    memcpy(digits, id, strnlen(id, TIME_DIGITS));
    return sscanf(digits, "%13" SCNx64, &when) == 1 ? (int64_t)when : 0;
}

// ---- Tickets

// Forgets what is too old, and of too many the eldest.
static void forget(struct dropbook *b, int64_t now)
{
    size_t old = 0, count = count_tickets(b);
    while (old < count && now - ticket_at(b, old)->when > DROPBOOK_MEMORY)
        old++;
    if (count - old >= DROPBOOK_TICKETS)
        old = count - DROPBOOK_TICKETS / 4 * 3;
    // Moving the rest costs time: not for each one.
    if (old && (old == count || old > DROPBOOK_TICKETS / 8))
        buf_drop(&b->tickets, old * sizeof(struct ticket));
}

const char *dropbook_find(const struct dropbook *b, uid_t uid, const char *ticket)
{
    for (size_t i = count_tickets(b); i > 0; i--) {
        const struct ticket *t = ticket_at(b, i - 1);
        if (t->uid == uid && memcmp(t->ticket, ticket, HANDIN_TICKET) == 0)
            return t->id;
    }
    return NULL;
}

// ---- Who has how many

// Calls `see` for each message of the drop's. 0, or -1 and errno.
static int walk(struct dropbook *b, void (*see)(struct dropbook *b, struct ticket *t, int64_t),
                int64_t arg)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    int bad = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places && !bad; i++) {
        struct buf names = BUF_INIT(0);
        struct ticket t;
        bad = maildir_list(b->maildir, places[i], SIZE_MAX, &names) < 0 ? -1 : 0;
        struct span rest = buf_span(&names), name;
        while (!bad && rest.n && span_cut(&rest, '\0', &name))
            if (take_name(name, &t))
                see(b, &t, arg);
        buf_free(&names);
    }
    return bad;
}

static void see_uid(struct dropbook *b, struct ticket *t, int64_t unused)
{
    (void)unused;
    buf_put(&b->waiting, &t->uid, sizeof t->uid);
}

static int count_spool(struct dropbook *b, int64_t now)
{
    buf_clear(&b->waiting);
    b->counted = now;
    return walk(b, see_uid, 0);
}

uint64_t dropbook_waiting(struct dropbook *b, uid_t uid, int64_t now)
{
    // A spool that can not be read shows soon enough, when something is to be stored there.
    if (now - b->counted >= DROPBOOK_FRESH && count_spool(b, now))
        return 0;
    const uid_t *all = (const uid_t *)(const void *)b->waiting.p;
    uint64_t count = 0;
    for (size_t i = 0; i < b->waiting.n / sizeof *all; i++)
        count += all[i] == uid;
    return count;
}

// ---- The book

void dropbook_note(struct dropbook *b, uid_t uid, const char *ticket, const char *id,
                   int64_t now)
{
    struct ticket t = {.when = now, .uid = uid};
    snprintf(t.ticket, sizeof t.ticket, "%s", ticket);
    snprintf(t.id, sizeof t.id, "%s", id);
    forget(b, now);
    buf_put(&b->tickets, &t, sizeof t);
    buf_put(&b->waiting, &uid, sizeof uid);
}

// Those of an earlier drop whose clients may still ask.
static void see_ticket(struct dropbook *b, struct ticket *t, int64_t wall)
{
    int64_t age = wall - time_of(t->id);
    t->when = b->counted;
    if (age >= 0 && age < (int64_t)DROPBOOK_MEMORY * 1000 &&
        count_tickets(b) < DROPBOOK_TICKETS)
        buf_put(&b->tickets, t, sizeof *t);
}

int dropbook_init(struct dropbook *b, const struct maildir *m, int64_t wall, int64_t now)
{
    *b = (struct dropbook){.maildir = m,
                           .tickets = BUF_INIT((DROPBOOK_TICKETS + 1) * sizeof(struct ticket)),
                           .waiting = BUF_INIT(WAITING_MAX * sizeof(uid_t)),
                           .counted = now};
    return walk(b, see_ticket, wall) || count_spool(b, now) ? -1 : 0;
}

void dropbook_free(struct dropbook *b)
{
    buf_free(&b->tickets);
    buf_free(&b->waiting);
}
