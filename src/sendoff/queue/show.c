// SPDX-License-Identifier: ISC
#include "sendoff/queue/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/queue/listing.h"
#include "sendoff/queue/pick.h"

enum { PIECE = 65536, TRIES = 4 };

static void print_clean(struct span text)
{
    struct buf clean = BUF_INIT(PIECE);
    text_clean(&clean, text, PIECE);
    fputs(buf_str(&clean), stdout);
    buf_free(&clean);
}

static void print_field(const char *name, const char *text)
{
    if (!*text)
        return;
    printf("%-12s ", name);
    print_clean(span_of(text));
    putchar('\n');
}

static void print_time(const char *name, int64_t us)
{
    struct tm local;
    int offset;
    char when[64];
    clock_local(us / CLOCK_SECOND_US, &local, &offset);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
    printf("%-12s %s %c%02d%02d\n", name, when, offset < 0 ? '-' : '+',
           (offset < 0 ? -offset : offset) / 60, (offset < 0 ? -offset : offset) % 60);
}

static void print_recipient(const struct envelope *v, size_t i)
{
    const struct recipient *r = envelope_recipient(v, i);
    const char *word = r->status == RECIPIENT_WAITING     ? "waiting"
                       : r->status == RECIPIENT_DELIVERED ? "delivered"
                       : r->status == RECIPIENT_FAILED    ? "failed"
                                                          : "failed, reported";
    printf("%-12s ", "recipient");
    print_clean(span_of(envelope_address(v, i)));
    printf(" (%s", word);
    if (r->code)
        printf(", %u %u.%u.%u", r->code, r->detail[0], r->detail[1], r->detail[2]);
    fputs(")\n", stdout);
}

static void print_facts(const struct entry *e, const struct place *spool)
{
    const struct block *b = &e->block;
    const struct envelope *v = &b->envelope;
    enum listed_state state = listed_judge(e, ENTRY_OPEN);
    printf("%-12s %.*s\n", "id", SPAN_ARGS(entry_id(e)));
    print_field("spool", buf_str(&spool->path));
    printf("%-12s %lu\n", "uid", (unsigned long)(spool->drop ? b->uid : spool->owner.uid));
    print_field("state", listed_word(state));
    print_time("arrival", b->arrival);
    if (state == LISTED_WAITING)
        print_time("next", e->next);
    printf("%-12s %u\n", "attempts", b->attempts);
    print_field("account", b->account);
    print_field("reason", b->reply);
    printf("%-12s %" PRIu64 "\n", "size", b->octets);
    print_field("sender", *envelope_sender(v) ? envelope_sender(v) : "<>");
    for (size_t i = 0; i < envelope_count(v); i++)
        print_recipient(v, i);
    putchar('\n');
}

// The lines that are whole, or all of it; returns how much that was.
static size_t print_lines(struct span text, bool all)
{
    size_t done = 0;
    while (done < text.n) {
        const char *end = memchr(text.p + done, '\n', text.n - done);
        if (!end && !all)
            break;
        size_t n = end ? (size_t)(end - (text.p + done)) : text.n - done;
        print_clean((struct span){text.p + done, n});
        putchar('\n');
        done += n + (end != NULL);
    }
    return done;
}

static int print_text(const struct entry *e, bool raw)
{
    struct buf text = BUF_INIT(PIECE);
    off_t at = (off_t)e->block.size;
    ssize_t got = 1;
    while (got > 0) {
        char *room = buf_room(&text, PIECE - text.n);
        got = room ? io_pread(e->fd, room, PIECE - text.n, at) : 0;
        if (got > 0) {
            buf_grew(&text, (size_t)got);
            at += got;
        }
        if (raw) {
            fwrite(buf_str(&text), 1, text.n, stdout);
            buf_clear(&text);
        } else {
            buf_drop(&text, print_lines(buf_span(&text), got <= 0 || text.n == PIECE));
        }
    }
    buf_free(&text);
    return got < 0 ? -1 : 0;
}

// With the owner's identity: nothing but his file is touched, and what stdout is, is open.
static enum entry_answer print_one(struct entry *e, const struct maildir *m,
                                   const struct picked *at, const struct place *spool, bool raw)
{
    enum entry_answer answer = entry_open(e, m, at->place, at->name, false);
    if (answer != ENTRY_OPEN)
        return answer;
    if (!raw)
        print_facts(e, spool);
    return print_text(e, raw) ? ENTRY_TROUBLE : ENTRY_OPEN;
}

static enum entry_answer show_one(struct pick *p, const struct picked *at, bool raw,
                                  int *status)
{
    struct entry e = {.fd = -1, .reader = -1};
    const struct maildir *m = pick_enter(p, at->spool);
    enum entry_answer answer = ENTRY_TROUBLE;
    if (m)
        answer = print_one(&e, m, at, &p->spools.place[at->spool], raw);
    identity_leave();
    if (answer == ENTRY_BROKEN || answer == ENTRY_FOREIGN) {
        diag_warn("%s: %s", at->name,
                  answer == ENTRY_BROKEN ? "no message of ours, or not whole"
                                         : "of a format that is not ours");
        *status = EX_DATAERR;
    } else if (answer == ENTRY_TROUBLE || answer == ENTRY_BUSY) {
        diag_warn("%s: can not be read: %s", at->name, strerror(errno));
        *status = EX_TEMPFAIL;
    }
    entry_close(&e);
    return answer;
}

static void show_named(struct pick *p, const char *id, bool raw, int *status, struct buf *why)
{
    struct picked at;
    enum pick_answer answer = pick_find(p, span_of(id), &at);
    for (int i = 0; i < TRIES && answer == PICK_ONE; i++) {
        if (show_one(p, &at, raw, status) != ENTRY_GONE)
            return;
        answer = pick_again(p, why) ? PICK_NONE : pick_find(p, span_of(id), &at);
    }
    pick_complain(answer, id);
    *status = answer == PICK_SEVERAL ? EX_DATAERR : EX_NOINPUT;
}

int show(const struct config *config, char *const *ids, size_t n, bool raw, struct buf *why)
{
    struct pick pick;
    int status = pick_init(&pick, config, why);
    if (!status) {
        bool all = n == 1 && strcmp(ids[0], "ALL") == 0;
        struct picked at;
        while (all && pick_next(&pick, &at))
            if (show_one(&pick, &at, raw, &status) == ENTRY_GONE)
                pick_gone(&pick);
        for (size_t i = 0; i < n && !all; i++)
            show_named(&pick, ids[i], raw, &status, why);
    }
    pick_free(&pick);
    return status;
}
