// SPDX-License-Identifier: ISC
#include "sendoff/pass/settle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/pass/logbook.h"
#include "sendoff/pass/owed.h"

// How a message stands once its outcomes count, and what is worth keeping of them.
struct sum {
    size_t waiting;
    size_t failed; // and not reported yet
    bool doubt;
    bool sent;                    // or in doubt, now: another attempt would be a second copy
    const struct outcome *reason; // why it waits; else why it failed; of those told now
};

static int weight(const struct outcome *o)
{
    return o->verdict == VERDICT_DEFERRED ? 2 : o->verdict == VERDICT_FAILED;
}

static struct sum add_up(const struct parcel *p)
{
    const struct envelope *e = &p->entry.block.envelope;
    struct sum sum = {0};
    for (size_t i = 0; i < envelope_count(e); i++) {
        const struct outcome *o = parcel_outcome(p, i);
        if (p->told.p[i]) {
            sum.waiting += o->verdict == VERDICT_DEFERRED;
            sum.failed += o->verdict == VERDICT_FAILED;
            sum.doubt |= o->doubt;
            sum.sent |= o->doubt || o->verdict == VERDICT_DELIVERED;
            if (!sum.reason || weight(o) > weight(sum.reason))
                sum.reason = o;
        } else {
            sum.waiting += envelope_recipient(e, i)->status == RECIPIENT_WAITING;
            sum.failed += envelope_recipient(e, i)->status == RECIPIENT_FAILED;
        }
    }
    return sum;
}

static void give_up(struct parcel *p, const char *why)
{
    for (size_t i = 0; i < p->told.n; i++) {
        struct outcome *o = parcel_outcome(p, i);
        if (!p->told.p[i] || o->verdict != VERDICT_DEFERRED)
            continue;
        struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
        text_clean(&text, span_of(o->text), OUTCOME_TEXT_MAX - strlen(why) - strlen(" ()"));
        buf_printf(&text, " (%s)", why);
        outcome_text(o, buf_span(&text));
        buf_free(&text);
        o->verdict = VERDICT_FAILED;
    }
}

// Nothing expires untried, or for the line's sake: only a verdict on the message itself, given
// after its time, ends it; and not the first one, which may be greylisting. An arrival in the
// future, by a clock that jumped, counts as now.
static bool is_expired(const struct settlement *s, const struct parcel *p)
{
    int64_t age = clock_wall() - p->entry.block.arrival;
    bool verdict = false;
    for (size_t i = 0; i < p->told.n; i++)
        verdict |= p->told.p[i] && parcel_outcome(p, i)->scope != SCOPE_SESSION;
    return verdict && p->entry.block.attempts > 1 && age >= 0 &&
           (uint64_t)age >= s->expire * CLOCK_SECOND_US;
}

// What sendoff-submit found wrong with the file itself, before or while it was sent (4.3.0): no
// reply judged it, and no later one will. What the config must mend (4.3.5) waits.
static bool is_unfit(const struct parcel *p)
{
    for (size_t i = 0; i < p->told.n; i++) {
        const struct outcome *o = parcel_outcome(p, i);
        if (p->told.p[i] && o->verdict == VERDICT_DEFERRED && o->scope == SCOPE_MESSAGE &&
            !o->code && !o->doubt && o->status[2] == 0)
            return true;
    }
    return false;
}

enum given_up { GIVEN_UP_NOT, GIVEN_UP_IN_DOUBT, GIVEN_UP_UNFIT, GIVEN_UP_EXPIRED };

// A message that was in doubt too often, or waited too long, or is no message, is given up: to
// send it for ever would be worse.
static enum given_up judge(const struct settlement *s, struct parcel *p, bool doubt)
{
    static const char *const why[] = {[GIVEN_UP_IN_DOUBT] = "given up after doubt",
                                      [GIVEN_UP_UNFIT] = "unfit to be sent",
                                      [GIVEN_UP_EXPIRED] = "expired"};
    enum given_up answer = GIVEN_UP_NOT;
    if (doubt && p->entry.block.doubts + 1 >= SETTLE_DOUBTS)
        answer = GIVEN_UP_IN_DOUBT;
    else if (is_unfit(p))
        answer = GIVEN_UP_UNFIT;
    else if (is_expired(s, p))
        answer = GIVEN_UP_EXPIRED;
    if (answer != GIVEN_UP_NOT)
        give_up(p, why[answer]);
    return answer;
}

// ---- Telling the sender

static void list_recipient(const struct parcel *p, enum bounce_kind kind, size_t i,
                           struct buf *list)
{
    const struct recipient *known = envelope_recipient(&p->entry.block.envelope, i);
    static const enum verdict verdicts[] = {[BOUNCE_FAILED] = VERDICT_FAILED,
                                            [BOUNCE_DELAYED] = VERDICT_DEFERRED,
                                            [BOUNCE_RELAYED] = VERDICT_DELIVERED};
    struct bounce_recipient r = {.index = i, .fresh = p->told.p[i]};
    if (r.fresh) {
        r.outcome = *parcel_outcome(p, i);
        if (r.outcome.verdict != verdicts[kind])
            return;
    } else {
        if (kind == BOUNCE_RELAYED ||
            known->status != (kind == BOUNCE_FAILED ? RECIPIENT_FAILED : RECIPIENT_WAITING))
            return;
        bounce_recall(&p->entry.block, &r);
    }
    buf_put(list, &r, sizeof r);
}

static enum report_answer tell(struct settlement *s, struct parcel *p, enum bounce_kind kind)
{
    struct buf list = BUF_INIT(ENVELOPE_RECIPIENTS_MAX * sizeof(struct bounce_recipient));
    for (size_t i = 0; i < p->told.n; i++)
        list_recipient(p, kind, i, &list);
    enum report_answer answer = report_send(&s->reports, kind, &p->entry,
                                            (struct bounce_recipient *)(void *)list.p,
                                            list.n / sizeof(struct bounce_recipient), p->relay);
    s->deferred += answer == REPORT_QUEUED;
    buf_free(&list);
    return answer;
}

// Of those who failed. A file that is broken tells nothing that could be relied on.
static enum report_answer tell_failed(struct settlement *s, struct parcel *p,
                                      enum given_up given_up)
{
    if (given_up != GIVEN_UP_UNFIT)
        return tell(s, p, BOUNCE_FAILED);
    s->reports.why = "its file is broken";
    return REPORT_NOWHERE;
}

// Once for each message: what could not be sent now is tried again after the next attempt.
static void warn(struct settlement *s, struct parcel *p)
{
    struct block *b = &p->entry.block;
    int64_t age = clock_wall() - b->arrival;
    if (!s->warn_after || b->warned || age < (int64_t)(s->warn_after * CLOCK_SECOND_US))
        return;
    enum report_answer answer = tell(s, p, BOUNCE_DELAYED);
    b->warned = answer != REPORT_LATER && answer != REPORT_TROUBLE;
}

// Where the smarthost makes no report of success, the last that is known is that it took the
// message (RFC 3461, 5.2.2). It has it: no trouble with the report keeps that from counting.
static void tell_relayed(struct settlement *s, struct parcel *p)
{
    const struct envelope *e = &p->entry.block.envelope;
    bool wanted = false;
    for (size_t i = 0; p->silent && i < p->told.n; i++)
        wanted |= p->told.p[i] && parcel_outcome(p, i)->verdict == VERDICT_DELIVERED &&
                  bounce_is_wanted(e, i, BOUNCE_RELAYED);
    if (!wanted || tell(s, p, BOUNCE_RELAYED) == REPORT_QUEUED)
        return;
    struct span id = entry_id(&p->entry);
    diag_log(LOG_NOTICE, "%.*s: its sender is not told that it was handed over", SPAN_ARGS(id));
}

// ---- Writing it down

static int mark_all(struct parcel *p)
{
    const struct envelope *e = &p->entry.block.envelope;
    int bad = 0;
    for (size_t i = 0; i < p->told.n; i++) {
        if (p->told.p[i] && entry_mark(&p->entry, i, parcel_outcome(p, i)))
            bad = -1;
        if (p->reported && envelope_recipient(e, i)->status == RECIPIENT_FAILED &&
            entry_mark_reported(&p->entry, i))
            bad = -1;
    }
    return bad;
}

static void keep_reply(struct block *b, const struct sum *sum)
{
    struct buf reply = BUF_INIT(OUTCOME_TEXT_MAX + 64);
    if (!sum->reason)
        return;
    outcome_describe(&reply, sum->reason);
    snprintf(b->reply, sizeof b->reply, "%s", buf_str(&reply));
    buf_free(&reply);
    if (sum->doubt && b->doubts < BLOCK_DOUBTS_MAX)
        b->doubts++;
}

static int64_t next_attempt(const struct settlement *s, const struct parcel *p, bool doubt)
{
    uint32_t random = 0;
    if (parcel_is_partial(p))
        return p->entry.next;
    if (io_random(&random, sizeof random))
        random = 0; // no jitter, then
    int64_t now = clock_wall();
    int64_t next = schedule_next(&s->schedule, now, p->entry.block.attempts, random);
    int64_t doubtful = now + (int64_t)SCHEDULE_DOUBT * CLOCK_SECOND_US;
    return doubt && next < doubtful ? doubtful : next;
}

// A failed message whose sender was not told; or that may have been delivered, who knows.
static void set_aside(struct settlement *s, struct parcel *p, enum report_answer answer)
{
    struct span id = entry_id(&p->entry);
    if (answer == REPORT_LATER) {
        worklist_add(&s->owed, p->entry.place, p->entry.name);
    } else if (entry_fail(&p->entry) == 0) {
        diag_log(answer == REPORT_TROUBLE ? LOG_ERR : LOG_WARNING, "%.*s: moved to .failed%s%s",
                 SPAN_ARGS(id), p->reported ? "" : ", and nobody is told: ",
                 p->reported ? "" : s->reports.why);
    } else { // it stays, marked as failed: a later pass settles it
        s->counts.trouble++;
        diag_log(LOG_ERR, "%.*s: can not be moved to .failed: %s", SPAN_ARGS(id),
                 strerror(errno));
    }
}

// Marks the message as it stands now. 0, or -1 where a mark could not be written.
static int record(struct settlement *s, struct parcel *p, const struct sum *sum,
                  enum report_answer answer)
{
    if (sum->reason) { // else it stands there already
        if (mark_all(p))
            return -1;
        keep_reply(&p->entry.block, sum);
        if (entry_write_state(&p->entry))
            return -1;
    }
    if (sum->waiting)
        return entry_schedule(&p->entry, next_attempt(s, p, sum->doubt));
    set_aside(s, p, answer);
    return 0;
}

// What must not be sent again and can not be marked so is held by its name. What nobody got
// waits on: it is due at once, which costs an attempt.
static void hold(struct settlement *s, struct parcel *p, const char *what)
{
    struct span id = entry_id(&p->entry);
    int error = errno;
    bool sent = add_up(p).sent, held = sent && entry_hold(&p->entry) == 0;
    s->counts.trouble++;
    diag_log(LOG_ERR, "%.*s: %s: %s; the message %s", SPAN_ARGS(id), what, strerror(error),
             held   ? "is held"
             : sent ? "is left as it is, and may be sent again"
                    : "waits on");
}

void settle(struct settlement *s, struct parcel *p)
{
    p->ended = clock_wall();
    enum given_up given_up = judge(s, p, add_up(p).doubt);
    struct sum sum = add_up(p);
    enum report_answer answer = REPORT_UNWANTED;
    s->counts.doubtful += sum.doubt;
    s->deferred += sum.waiting > 0 && !parcel_is_partial(p);
    if (sum.failed)
        answer = tell_failed(s, p, given_up);
    if (sum.sent)
        tell_relayed(s, p);
    if (sum.waiting)
        warn(s, p);
    p->reported = answer == REPORT_QUEUED || answer == REPORT_UNWANTED;
    if (sum.waiting == 0 && p->reported && given_up != GIVEN_UP_IN_DOUBT) {
        // Its removal is the record; a mark is needed only where it can not be removed.
        p->removed = entry_remove(&p->entry) == 0;
        if (!p->removed && (mark_all(p) || entry_sync(&p->entry)))
            hold(s, p, "settled, but it can not be removed");
    } else if (record(s, p, &sum, answer)) {
        hold(s, p, "its outcome can not be recorded");
    }
    p->settled = true;
    s->group[s->n++] = p;
    if (s->n == SETTLE_GROUP)
        settle_commit(s);
}

static void sync_places(struct settlement *s, unsigned touched)
{
    for (int place = 0; place < MAILDIR_PLACES; place++) {
        if (!(touched & 1U << place) || io_sync(s->maildir->place[place]) == 0)
            continue;
        s->counts.trouble++;
        diag_log(LOG_ERR, "spool: removals can not be synced: %s; a power cut would send twice",
                 strerror(errno));
    }
}

static void sync_group(struct settlement *s)
{
    unsigned touched = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct entry *e = &s->group[i]->entry;
        if (entry_sync(e))
            hold(s, s->group[i], "its outcome can not be synced");
        touched |= e->touched;
    }
    sync_places(s, touched);
}

static void conclude_recipient(struct settlement *s, const struct parcel *p, size_t i)
{
    const struct outcome *o = parcel_outcome(p, i);
    logbook_attempt(p, i, p->relay, report_uid(&s->reports, &p->entry.block));
    s->counts.sent += o->verdict == VERDICT_DELIVERED;
    s->counts.deferred += o->verdict == VERDICT_DEFERRED;
    s->counts.failed += o->verdict == VERDICT_FAILED;
}

void settle_commit(struct settlement *s)
{
    sync_group(s);
    for (size_t g = 0; g < s->n; g++) {
        struct parcel *p = s->group[g];
        for (size_t i = 0; i < envelope_count(&p->entry.block.envelope); i++)
            if (p->told.p[i])
                conclude_recipient(s, p, i);
        if (p->removed)
            logbook_removed(p, report_uid(&s->reports, &p->entry.block));
        parcel_empty(p);
    }
    s->n = 0;
}

void settle_add_counts(struct settle_counts *sum, const struct settle_counts *more)
{
    sum->sent += more->sent;
    sum->deferred += more->deferred;
    sum->failed += more->failed;
    sum->doubtful += more->doubtful;
    sum->trouble += more->trouble;
}

void settle_begin(struct settlement *s, int lock)
{
    s->reports.maildir = s->maildir;
    s->reports.expire = s->expire;
    quota_read(&s->reports.quota, lock);
    worklist_init(&s->owed);
}

void settle_rest(struct settlement *s, struct entry *e)
{
    struct parcel p;
    // Somebody may be about to change it, or has just done so.
    if (entry_lock(e) != ENTRY_OPEN || envelope_waiting(&e->block.envelope))
        return;
    parcel_fill(&p, 1, e);
    e->fd = e->reader = -1;
    block_init(&e->block);
    settle(s, &p);
    settle_commit(s);
}

void settle_end(struct settlement *s)
{
    unsigned touched = 0;
    uint64_t queued = s->reports.queued;
    settle_commit(s);
    owed_settle(&s->owed, &s->reports, &touched, &s->counts.trouble);
    s->deferred += s->reports.queued - queued;
    sync_places(s, touched);
    worklist_free(&s->owed);
}
