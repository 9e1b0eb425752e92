// SPDX-License-Identifier: ISC
#include "sendmail/dialogue.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/diag.h"
#include "base/io.h"
#include "base/process.h"
#include "sendmail/injection.h"
#include "sendmail/ring.h"
#include "sendmail/server.h"
#include "sendmail/stuffing.h"

enum {
    INPUT_MAX = 65536,   // octets read at once
    OUTPUT_HIGH = 32768, // replies are sent at the latest when there are so many octets of them
    WHY_MAX = 2048,
};

struct dialogue {
    const struct args *args;
    const struct config *config;
    int in, out;
    struct server server;

    struct buf input; // what was read; up to `at` it is used up
    size_t at;
    bool crlf; // the last line ended with CR LF

    struct injection message;
    bool open; // `message` is in use
    struct buf refusal;

    bool over;   // nothing more can be read, or written
    bool queued; // something, since the bell was rung last
    int status;  // what the program ends with
    struct buf *why;
};

static void end(struct dialogue *d, int status, const char *why)
{
    d->over = true;
    d->status = status;
    buf_puts(d->why, why);
}

// ---- Octets in and out

static void send_replies(struct dialogue *d)
{
    struct buf *out = &d->server.out;
    if (out->n && !d->over && io_write(d->out, out->p, out->n)) {
        end(d, EX_IOERR, "stdout: ");
        buf_puts(d->why, strerror(errno));
    }
    buf_clear(out);
}

// The client has its reply: what was queued meanwhile, which may be many messages, may go.
static void ring_for_all(struct dialogue *d)
{
    if (d->queued && !d->args->queue_only && d->config->deliver != DELIVER_QUEUE)
        (void)ring(d->config);
    d->queued = false;
}

// Waits for input: the only place where a client that waits for a reply could be kept waiting.
static bool read_more(struct dialogue *d)
{
    send_replies(d);
    ring_for_all(d);
    if (d->over)
        return false;
    buf_drop(&d->input, d->at);
    d->at = 0;
    size_t room = INPUT_MAX - d->input.n;
    ssize_t got = io_read(d->in, buf_room(&d->input, room), room);
    if (got > 0) {
        buf_grew(&d->input, (size_t)got);
        return true;
    }
    end(d, got < 0 ? EX_IOERR : 0, got < 0 ? "stdin: " : "");
    if (got < 0)
        buf_puts(d->why, strerror(errno));
    return false;
}

static struct span waiting(const struct dialogue *d)
{
    return (struct span){d->input.p ? d->input.p + d->at : NULL, d->input.n - d->at};
}

// The input has ended, or failed, where a message goes on.
static void end_in_message(struct dialogue *d)
{
    if (d->status == 0)
        end(d, EX_IOERR, "stdin: ended in the midst of a message");
}

// What there is of the text, at least an octet.
static bool read_text(struct dialogue *d, struct span *text)
{
    if (d->at == d->input.n && !read_more(d)) {
        end_in_message(d);
        return false;
    }
    *text = waiting(d);
    return true;
}

enum line { LINE_WHOLE, LINE_LONG, LINE_NONE };

// The next command line, without its end; of one that is too long nothing.
static enum line read_line(struct dialogue *d, struct span *line)
{
    bool too_long = false;
    for (;;) {
        struct span in = waiting(d);
        const char *lf = in.n ? memchr(in.p, '\n', in.n) : NULL;
        size_t n = lf ? (size_t)(lf - in.p) + 1 : in.n;
        too_long = too_long || n > REQUEST_MAX;
        if (lf || too_long)
            d->at += n;
        if (lf) {
            d->crlf = n > 1 && lf[-1] == '\r';
            *line = (struct span){in.p, n - 1 - d->crlf};
            return too_long ? LINE_LONG : LINE_WHOLE;
        }
        // A line without an end is no command.
        if (!read_more(d))
            return LINE_NONE;
    }
}

// ---- One message

// The reply that goes with an exit status.
static const char *code_of(const struct injection *in, int status)
{
    if (in->large)
        return "552 5.3.4";
    if (status == EX_DATAERR)
        return "554 5.6.0";
    if (status == EX_NOPERM)
        return "550 5.7.1";
    if (status == EX_CANTCREAT)
        return "451 4.3.5";
    if (in->store.error == ENOSPC || in->store.error == EDQUOT || in->store.error == EFBIG)
        return "452 4.3.1";
    return "451 4.3.0";
}

static void drop_message(struct dialogue *d)
{
    if (d->open)
        injection_free(&d->message);
    d->open = false;
    process_unblock_signals();
}

static void refuse_message(struct dialogue *d, int status)
{
    diag_log(LOG_ERR, "not queued: %s", buf_str(&d->refusal));
    server_refused(&d->server, code_of(&d->message, status), buf_span(&d->refusal));
    drop_message(d);
}

static int begin_message(struct dialogue *d)
{
    buf_clear(&d->refusal);
    d->open = true;
    return injection_begin(&d->message, d->args, d->config, &d->server.envelope, &d->refusal);
}

// All of it was there. The client hears of it at once: if we die before, it sends it again.
static void finish_message(struct dialogue *d, int status)
{
    if (!status)
        status = injection_finish(&d->message);
    if (status) {
        refuse_message(d, status);
    } else {
        server_queued(&d->server, store_id(&d->message.store));
        d->queued = d->queued || !d->message.store.visiting; // the drop rings by itself
        drop_message(d);
    }
    send_replies(d);
}

// Moves text of DATA into the message, or, once it can not be queued, to nowhere.
static int take_stuffed(struct dialogue *d, struct stuffing *s, struct span text, int status)
{
    char sink[4096];
    size_t room = sizeof sink;
    char *to = status ? sink : injection_room(&d->message, &room);
    struct span rest = text;
    size_t n = stuffing_take(s, &rest, to, room);
    d->at += text.n - rest.n;
    return status || n == 0 ? status : injection_grew(&d->message, n);
}

static void take_text(struct dialogue *d)
{
    struct stuffing s;
    struct span text;
    int status = begin_message(d);
    if (status) {
        refuse_message(d, status);
        return;
    }
    server_go_ahead(&d->server);
    stuffing_init(&s, d->crlf);
    while (s.state != STUFFING_END) {
        if (!read_text(d, &text))
            return;
        status = take_stuffed(d, &s, text, status);
    }
    finish_message(d, status);
}

// One chunk. It is read to its end even if the message is lost, so that the next command is
// found.
static void take_chunk(struct dialogue *d, bool skip)
{
    int status = skip || d->open ? 0 : begin_message(d);
    struct span text;
    for (uint64_t left = d->server.chunk; left;) {
        if (!read_text(d, &text))
            return;
        size_t n = text.n < left ? text.n : (size_t)left;
        if (!skip && !status) {
            size_t room;
            char *to = injection_room(&d->message, &room);
            n = n < room ? n : room;
            memcpy(to, text.p, n);
            status = injection_grew(&d->message, n);
        }
        d->at += n;
        left -= n;
    }
    if (skip)
        return;
    if (d->server.last)
        finish_message(d, status);
    else if (status)
        refuse_message(d, status);
    else
        server_took_chunk(&d->server);
}

// ---- The dialogue

static enum server_next take_command(struct dialogue *d)
{
    struct span line;
    enum server_next next = SERVER_CLOSE;
    switch (read_line(d, &line)) {
    case LINE_NONE:
        if (d->server.in_chunks)
            end_in_message(d);
        return next;
    case LINE_LONG: next = server_long_line(&d->server); break;
    case LINE_WHOLE: next = server_command(&d->server, line); break;
    }
    if (!d->server.in_chunks)
        drop_message(d);
    return next;
}

static void converse(struct dialogue *d)
{
    while (!d->over) {
        enum server_next next = take_command(d);
        if (next == SERVER_TEXT)
            take_text(d);
        else if (next == SERVER_CHUNK || next == SERVER_SKIP)
            take_chunk(d, next == SERVER_SKIP);
        else if (next == SERVER_CLOSE)
            break;
        if (d->server.out.n > OUTPUT_HIGH)
            send_replies(d);
    }
    send_replies(d);
    if (d->server.gave_up && !d->status)
        end(d, EX_PROTOCOL, "the dialogue was no SMTP");
    drop_message(d);
    ring_for_all(d);
}

int dialogue(const struct args *a, const struct config *config, int in, int out,
             struct buf *why)
{
    struct dialogue d = {
        .args = a,
        .config = config,
        .in = in,
        .out = out,
        .input = BUF_INIT(INPUT_MAX),
        .refusal = BUF_INIT(WHY_MAX),
        .why = why,
    };
    server_init(&d.server, config->max_size, config->max_recipients);
    converse(&d);
    server_free(&d.server);
    buf_free(&d.input);
    buf_free(&d.refusal);
    return d.status;
}
