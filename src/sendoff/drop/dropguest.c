// SPDX-License-Identifier: ISC
#include "sendoff/drop/dropguest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "base/local.h"
#include "message/address.h"

#define NOT_OURS "this is not how the drop is talked to"

enum { DROPGUEST_PIECE = 65536 }; // octets of one read

void dropguest_begin(struct dropguest *g, int fd, uid_t uid, int64_t now)
{
    *g = (struct dropguest){
        .fd = fd,
        .uid = uid,
        .since = now,
        .heard = now,
        .head = BUF_INIT(DROPGUEST_BLOCK_MAX + DROPGUEST_PIECE),
        .deposit = {.fd = -1},
    };
    handin_init(&g->handin);
    block_init(&g->block);
}

void dropguest_end(struct dropguest *g)
{
    deposit_abandon(&g->deposit);
    block_free(&g->block);
    buf_free(&g->head);
    io_close(g->fd);
    g->fd = -1;
}

bool dropguest_is_seated(const struct dropguest *g)
{
    return g->in_text;
}

// ---- Answers

// An answer is small, and the socket empty: who can not take it does not want it.
static void answer(const struct dropguest *g, const struct handin_answer *a)
{
    struct buf line = BUF_INIT(HANDIN_ANSWER_MAX);
    handin_put_answer(&line, a);
    if (local_send(g->fd, line.p, line.n) < 0)
        diag_log(LOG_INFO, "drop: uid=%" PRIu32 " went away before its answer",
                 (uint32_t)g->uid);
    buf_free(&line);
}

static void answer_stored(const struct dropguest *g, const char *id)
{
    struct handin_answer a = {.verdict = HANDIN_STORED};
    snprintf(a.id, sizeof a.id, "%s", id);
    answer(g, &a);
}

static enum dropguest_next answer_word(const struct dropguest *g, enum handin_verdict verdict,
                                       enum dropguest_next next)
{
    answer(g, &(struct handin_answer){.verdict = verdict});
    return next;
}

void dropguest_put_off(const struct dropguest *g)
{
    (void)answer_word(g, HANDIN_BUSY, DROPGUEST_GOES);
}

void dropguest_refuse(const struct dropguest *g, int status, const char *why)
{
    struct handin_answer a = {.verdict = HANDIN_REFUSED, .status = status};
    snprintf(a.text, sizeof a.text, "%s", why);
    diag_log(LOG_WARNING, "drop: uid=%" PRIu32 ": refused: %s", (uint32_t)g->uid, why);
    answer(g, &a);
}

static enum dropguest_next refuse(const struct dropguest *g, int status, const char *why)
{
    dropguest_refuse(g, status, why);
    return DROPGUEST_GOES;
}

static enum dropguest_next refuse_trouble(const struct dropguest *g, const char *what)
{
    char why[256];
    snprintf(why, sizeof why, "%s: %s", what, strerror(errno));
    return refuse(g, EX_TEMPFAIL, why);
}

enum dropguest_next dropguest_admit(struct dropguest *g, const struct dropguest_rules *rules,
                                    int64_t now)
{
    if (g->nameless)
        return refuse(g, EX_NOPERM, "the user has no number here (a user namespace)");
    const char *id = dropbook_find(rules->book, g->uid, g->handin.ticket);
    if (id) {
        answer_stored(g, id);
        return DROPGUEST_GOES;
    }
    if (g->asks)
        return answer_word(g, HANDIN_UNKNOWN, DROPGUEST_GOES);
    if (dropbook_waiting(rules->book, g->uid, now) >= rules->max_queued) {
        char why[128];
        snprintf(why, sizeof why, "%" PRIu64 " messages of uid %" PRIu32 " wait already",
                 rules->max_queued, (uint32_t)g->uid);
        return refuse(g, EX_TEMPFAIL, why);
    }
    return answer_word(g, HANDIN_READY, DROPGUEST_STAYS);
}

// ---- The envelope

static const char *judge_block(const struct block *b, const struct dropguest_rules *rules)
{
    const struct envelope *e = &b->envelope;
    size_t count = envelope_count(e);
    if (count > rules->max_recipients)
        return "too many recipients (max_recipients)";
    if (!address_is_path(span_of(envelope_sender(e))))
        return "the sender is no address";
    for (size_t i = 0; i < count; i++)
        if (!*envelope_address(e, i) || !address_is_path(span_of(envelope_address(e, i))))
            return "a recipient is no address";
    return NULL;
}

// Nothing of its past is believed, nor who it says it is from.
static void make_fresh(struct block *b, uid_t uid)
{
    b->octets = b->lines = b->longest = 0;
    b->eightbit = b->nul = b->warned = false;
    b->attempts = b->doubts = 0;
    b->account[0] = b->reply[0] = '\0';
    b->arrival = clock_wall();
    b->uid = (uint32_t)uid;
    for (size_t i = 0; i < envelope_count(&b->envelope); i++) {
        struct recipient *r = envelope_recipient(&b->envelope, i);
        r->status = RECIPIENT_WAITING;
        r->code = r->detail[0] = r->detail[1] = r->detail[2] = 0;
    }
}

static enum dropguest_next take_text(struct dropguest *g, const struct dropguest_rules *rules,
                                     struct span text)
{
    lines_add(&g->figures, &g->column, text);
    if (g->figures.octets > rules->max_size) {
        char why[128];
        snprintf(why, sizeof why, "the message is larger than %" PRIu64 " octets (max_size)",
                 rules->max_size);
        return refuse(g, EX_DATAERR, why);
    }
    if (text.n && deposit_write(&g->deposit, text))
        return refuse_trouble(g, "message can not be written");
    return DROPGUEST_STAYS;
}

static int begin_file(struct dropguest *g, const struct maildir *m, struct span block)
{
    char tag[DROPBOOK_TAG_MAX];
    dropbook_tag(tag, g->uid, g->handin.ticket);
    if (deposit_name(&g->deposit, m))
        return -1;
    deposit_tag(&g->deposit, tag);
    return deposit_begin(&g->deposit) || deposit_write(&g->deposit, block) ? -1 : 0;
}

// The client's block is there: ours takes its place, and what came behind it is text.
static enum dropguest_next begin_text(struct dropguest *g, const struct dropguest_rules *rules)
{
    const char *bad = judge_block(&g->block, rules);
    if (bad)
        return refuse(g, EX_DATAERR, bad);
    struct buf own = BUF_INIT(BLOCK_MAX);
    struct span text = {g->head.p + g->block.size, g->head.n - (size_t)g->block.size};
    enum dropguest_next next;
    make_fresh(&g->block, g->uid);
    if (!block_encode(&own, &g->block))
        next = refuse(g, EX_DATAERR, "the recipients' addresses are too long together");
    else if (begin_file(g, rules->maildir, buf_span(&own)))
        next = refuse_trouble(g, "no file can be made");
    else
        next = take_text(g, rules, text);
    g->in_text = true;
    buf_free(&own);
    buf_free(&g->head);
    return next;
}

static enum dropguest_next take_head(struct dropguest *g, const struct dropguest_rules *rules,
                                     struct span data)
{
    buf_put_span(&g->head, data);
    switch (g->head.over ? BLOCK_BAD : block_decode(&g->block, buf_span(&g->head))) {
    case BLOCK_DONE: return begin_text(g, rules);
    case BLOCK_MORE:
        if (g->block.size <= DROPGUEST_BLOCK_MAX)
            return DROPGUEST_STAYS;
        return refuse(g, EX_DATAERR, "the recipients' addresses are too long together");
    case BLOCK_FOREIGN: return refuse(g, EX_TEMPFAIL, "an envelope of another version");
    case BLOCK_BAD: break;
    }
    return refuse(g, EX_DATAERR, "no envelope");
}

// ---- The end

static int publish(struct dropguest *g)
{
    struct block *b = &g->block;
    struct block_patch patch;
    b->octets = g->figures.octets;
    b->lines = g->figures.lines;
    b->longest = g->figures.longest;
    b->eightbit = g->figures.eightbit;
    b->nul = g->figures.nul;
    block_patch_figures(b, &patch);
    return deposit_patch(&g->deposit, &patch) || deposit_seal(&g->deposit) ||
                   deposit_publish(&g->deposit)
               ? -1
               : 0;
}

static enum dropguest_next finish(struct dropguest *g, const struct dropguest_rules *rules,
                                  int64_t now)
{
    if (!g->in_text || !g->figures.octets || g->column)
        return refuse(g, EX_DATAERR, "the message is not whole");
    if (publish(g))
        return refuse_trouble(g, "message can not be stored");
    g->stored = true;
    dropbook_note(rules->book, g->uid, g->handin.ticket, g->deposit.id, now);
    struct event e = {.kind = EVENT_QUEUED,
                      .level = LOG_INFO,
                      .id = span_of(g->deposit.id),
                      .uid = g->uid,
                      .sender = envelope_sender(&g->block.envelope),
                      .size = g->block.octets,
                      .recipients = envelope_count(&g->block.envelope)};
    diag_event(&e);
    answer_stored(g, g->deposit.id);
    return DROPGUEST_GOES;
}

// ---- Steps

static enum dropguest_next take_data(struct dropguest *g, const struct dropguest_rules *rules,
                                     struct span data)
{
    if (!data.n)
        return DROPGUEST_STAYS;
    return g->in_text ? take_text(g, rules, data) : take_head(g, rules, data);
}

static enum dropguest_next take_end(struct dropguest *g, const struct dropguest_rules *rules,
                                    struct span data, bool more, int64_t now)
{
    enum dropguest_next next = take_data(g, rules, data);
    if (next != DROPGUEST_STAYS)
        return next;
    return more ? refuse(g, EX_DATAERR, NOT_OURS) : finish(g, rules, now);
}

// The data of one read are moved together and taken in at once: who sends them octet by octet
// shall not cost a write for each.
static enum dropguest_next take(struct dropguest *g, const struct dropguest_rules *rules,
                                char *room, size_t n, int64_t now)
{
    struct span in = {room, n}, piece, data = {room, 0};
    for (;;) {
        enum handin_event event = handin_next(&g->handin, &in, &piece);
        switch (event) {
        case HANDIN_MORE: return take_data(g, rules, data);
        case HANDIN_DATA:
            memmove(room + data.n, piece.p, piece.n);
            data.n += piece.n;
            break;
        case HANDIN_STORE:
        case HANDIN_ASK:
            // Who does not wait to be let in is none of our clients.
            if (in.n)
                return refuse(g, EX_DATAERR, NOT_OURS);
            g->asks = event == HANDIN_ASK;
            return DROPGUEST_NAMED;
        case HANDIN_END: return take_end(g, rules, data, in.n, now);
        case HANDIN_BAD: return refuse(g, EX_DATAERR, NOT_OURS);
        }
    }
}

enum dropguest_next dropguest_step(struct dropguest *g, const struct dropguest_rules *rules,
                                   int64_t now)
{
    static char room[DROPGUEST_PIECE];
    ssize_t got = local_receive(g->fd, room, sizeof room);
    if (got < 0 && errno == EAGAIN)
        return DROPGUEST_STAYS;
    if (got <= 0)
        return DROPGUEST_GOES;
    g->heard = now;
    return take(g, rules, room, (size_t)got, now);
}
