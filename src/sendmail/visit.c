// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendmail/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/local.h"

enum {
    NAP_FIRST = 16,     // milliseconds until we call again
    NAP_LONGEST = 1024, // the naps grow up to that
    LAST_WORDS = 1000,  // milliseconds in which a refusal may still be on its way
};

static void hang_up(struct visit *v)
{
    io_close(v->fd);
    v->fd = -1;
    buf_clear(&v->in);
}

static int complain(const struct visit *v, const char *what, struct buf *why)
{
    buf_printf(why, "%s: %s", buf_str(&v->path), what);
    return EX_TEMPFAIL;
}

static int give_up(const struct visit *v, const char *what, bool in_doubt, struct buf *why)
{
    complain(v, what, why);
    if (in_doubt)
        buf_puts(why, " (it has the message, or has it not)");
    return EX_TEMPFAIL;
}

// ---- Talking

// Sends all of it. False, and errno, where the drop takes no more.
static bool say(const struct visit *v, struct span text)
{
    while (text.n) {
        ssize_t put = local_send(v->fd, text.p, text.n);
        if (put > 0)
            text = (struct span){text.p + put, text.n - (size_t)put};
        else if (put < 0 && errno != EAGAIN)
            return false;
        else if (!local_wait(v->fd, POLLOUT, clock_steady() + VISIT_PROGRESS))
            return false;
    }
    return true;
}

static bool say_data(const struct visit *v, struct span text)
{
    while (text.n) {
        struct buf line = BUF_INIT(HANDIN_LINE_MAX);
        struct span piece = {text.p, text.n < HANDIN_PIECE ? text.n : HANDIN_PIECE};
        handin_put_data(&line, piece.n);
        bool good = say(v, buf_span(&line)) && say(v, piece);
        buf_free(&line);
        if (!good)
            return false;
        text = (struct span){text.p + piece.n, text.n - piece.n};
    }
    return true;
}

static bool say_end(const struct visit *v)
{
    struct buf line = BUF_INIT(HANDIN_LINE_MAX);
    handin_put_end(&line, v->octets);
    bool good = say(v, buf_span(&line));
    buf_free(&line);
    return good;
}

// Waits for an answer. False, and errno, where none comes.
static bool hear_answer(struct visit *v, struct handin_answer *a, int64_t deadline)
{
    struct span rest, line;
    for (;;) {
        rest = buf_span(&v->in);
        if (span_cut(&rest, '\n', &line) && rest.p) {
            bool good = handin_parse_answer(a, line);
            buf_drop(&v->in, line.n + 1);
            errno = EPROTO;
            return good;
        }
        if (!local_wait(v->fd, POLLIN, deadline))
            return false;
        char *room = buf_room(&v->in, HANDIN_ANSWER_MAX - v->in.n);
        ssize_t got = room ? local_receive(v->fd, room, HANDIN_ANSWER_MAX - v->in.n) : 0;
        if (got > 0)
            buf_grew(&v->in, (size_t)got);
        else if (got == 0 || errno != EAGAIN) {
            errno = got ? errno : ECONNRESET;
            return false;
        }
    }
}

// ---- Calling

// Longer and longer naps, of a length that many callers at once do not share.
static void nap(int *length)
{
    poll(NULL, 0, *length + (int)(clock_wall() % *length));
    if (*length < NAP_LONGEST)
        *length *= 2;
}

// Calls, says the line, and hears the answer.
static bool ask_first(struct visit *v, struct span line, struct handin_answer *a,
                      int64_t deadline)
{
    hang_up(v);
    v->fd = local_connect(buf_str(&v->path), deadline);
    return v->fd >= 0 && say(v, line) && hear_answer(v, a, deadline);
}

// Calls until the drop has time for us. `again`: all was said before, and the answer lost. The
// drop was there a moment ago, so where it is not it is about to come back.
static int call_until_heard(struct visit *v, struct span line, struct handin_answer *a,
                            bool again, struct buf *why)
{
    int64_t deadline = clock_steady() + VISIT_PATIENCE;
    int length = NAP_FIRST;
    for (;;) {
        bool heard = ask_first(v, line, a, deadline);
        if (heard && a->verdict != HANDIN_BUSY)
            return 0;
        bool absent = !heard && v->fd < 0;
        if ((absent && !again) || clock_steady() >= deadline)
            return give_up(v, heard ? "busy" : strerror(errno), again, why);
        nap(&length);
    }
}

static int take_refusal(const struct visit *v, const struct handin_answer *a, struct buf *why)
{
    complain(v, a->text, why);
    return a->status == EX_DATAERR || a->status == EX_NOPERM ? a->status : EX_TEMPFAIL;
}

// Offers the message. After 0 the drop wants it, or has it already.
static int offer(struct visit *v, struct handin_answer *a, bool again, struct buf *why)
{
    struct buf line = BUF_INIT(HANDIN_LINE_MAX);
    handin_put_store(&line, v->ticket);
    int status = call_until_heard(v, buf_span(&line), a, again, why);
    buf_free(&line);
    if (!status && a->verdict == HANDIN_REFUSED)
        status = take_refusal(v, a, why);
    else if (!status && a->verdict == HANDIN_UNKNOWN)
        status = complain(v, strerror(EPROTO), why);
    return status;
}

// The drop took no more, or did not answer: it may have said why.
static int take_last_words(struct visit *v, struct buf *why)
{
    struct handin_answer a;
    int error = errno;
    if (hear_answer(v, &a, clock_steady() + LAST_WORDS) && a.verdict == HANDIN_REFUSED)
        return take_refusal(v, &a, why);
    return complain(v, strerror(error), why);
}

// ---- The message

int visit_begin(struct visit *v, const char *path, struct buf *why)
{
    unsigned char random[HANDIN_TICKET / 2];
    struct stat st;
    *v = (struct visit){.path = BUF_INIT(4096),
                        .fd = -1,
                        .held = BUF_INIT(VISIT_HELD),
                        .in = BUF_INIT(HANDIN_ANSWER_MAX)};
    buf_puts(&v->path, path);
    if (io_stat_at(AT_FDCWD, path, &st) || io_random(random, sizeof random))
        return complain(v, strerror(errno), why);
    if (!S_ISSOCK(st.st_mode))
        return complain(v, strerror(ENOTSOCK), why);
    handin_make_ticket(random, v->ticket);
    return 0;
}

// What was held goes over; from now on nothing is.
static int begin_to_send(struct visit *v, struct buf *why)
{
    struct handin_answer a;
    int status = offer(v, &a, false, why);
    if (!status && a.verdict != HANDIN_READY)
        status = complain(v, strerror(EPROTO), why); // nobody else can have this ticket
    if (status)
        return status;
    v->partial = true;
    status = say_data(v, buf_span(&v->held)) ? 0 : take_last_words(v, why);
    buf_free(&v->held);
    return status;
}

int visit_write(struct visit *v, struct span text, struct buf *why)
{
    if (!v->partial && v->held.n + text.n <= VISIT_HELD) {
        buf_put_span(&v->held, text);
        v->octets += text.n;
        return 0;
    }
    int status = v->partial ? 0 : begin_to_send(v, why);
    if (!status && !say_data(v, text))
        status = take_last_words(v, why);
    v->octets += text.n;
    return status;
}

static int conclude(struct visit *v, const struct handin_answer *a, struct buf *why)
{
    switch (a->verdict) {
    case HANDIN_STORED: memcpy(v->id, a->id, sizeof v->id); return 0;
    case HANDIN_REFUSED: return take_refusal(v, a, why);
    case HANDIN_UNKNOWN: return complain(v, "it went away before it had the message", why);
    case HANDIN_READY:
    case HANDIN_BUSY: break;
    }
    return complain(v, strerror(EPROTO), why);
}

// The message is not here any more: only the drop can tell.
static int ask(struct visit *v, struct buf *why)
{
    struct handin_answer a;
    struct buf line = BUF_INIT(HANDIN_LINE_MAX);
    handin_put_ask(&line, v->ticket);
    int status = call_until_heard(v, buf_span(&line), &a, true, why);
    buf_free(&line);
    return status ? status : conclude(v, &a, why);
}

static int finish_partial(struct visit *v, struct buf *why)
{
    struct handin_answer a;
    bool heard = say_end(v) && hear_answer(v, &a, clock_steady() + VISIT_CONCLUSION);
    if (!heard)
        heard = v->in.n == 0 && hear_answer(v, &a, clock_steady());
    return heard ? conclude(v, &a, why) : ask(v, why);
}

// All of it is held, so it is offered until there is an answer to it.
static int finish_held(struct visit *v, struct buf *why)
{
    struct handin_answer a;
    int64_t deadline = clock_steady() + VISIT_CONCLUSION;
    int length = NAP_FIRST, status;
    for (bool again = false;; again = true) {
        status = offer(v, &a, again, why);
        if (status || a.verdict == HANDIN_STORED)
            return status ? status : conclude(v, &a, why);
        // What is refused on the way is answered, and so are the last words.
        bool said = say_data(v, buf_span(&v->held)) && say_end(v);
        if (hear_answer(v, &a, said ? deadline : clock_steady() + LAST_WORDS))
            return conclude(v, &a, why);
        if (clock_steady() >= deadline)
            return give_up(v, strerror(errno), true, why);
        nap(&length);
    }
}

int visit_finish(struct visit *v, struct buf *why)
{
    int status = v->partial ? finish_partial(v, why) : finish_held(v, why);
    hang_up(v);
    return status;
}

void visit_end(struct visit *v)
{
    hang_up(v);
    buf_free(&v->path);
    buf_free(&v->held);
    buf_free(&v->in);
}
