// SPDX-License-Identifier: ISC
#include "sendoff/watch/progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sendoff/queue/overview.h"

enum {
    FIRST = 700,    // milliseconds before it is drawn at all
    EVERY = 100,    // and between two drawings
    CERTAIN = 2000, // before something is said of the time that is left
    SECOND = 1000,
    MESSAGE_WORK = 4, // what a message costs beside its octets, in units of so many of them
    OCTETS_WORK = 1024,
    PIECE_MAX = 64, // octets of a piece of the line
    LINE_MAX_OCTETS = 512,
};

#define LINE_ERASED "\r\033[K"

void progress_begin(struct progress *p)
{
    struct terminal t = terminal_of(STDERR_FILENO);
    *p = (struct progress){.on = t.is && !t.plain, .began = clock_steady()};
    p->due = p->began + FIRST;
}

bool progress_is_due(const struct progress *p)
{
    return p->on && clock_steady() >= p->due;
}

// How much work so many messages of so many octets are, all in all. A small one costs its
// commands and replies more than its octets.
static int64_t work_done(uint64_t messages, uint64_t octets)
{
    return (int64_t)(messages * MESSAGE_WORK + octets / OCTETS_WORK);
}

// Milliseconds to go, from how long what is done has taken. Of messages that nobody has looked
// at yet the size is not known: they are taken to be like the others.
static int64_t time_left(const struct progress *p, uint64_t left, int64_t elapsed)
{
    uint64_t seen = p->messages + p->under_way, octets = p->octets + p->size;
    uint64_t unseen = left > p->under_way ? left - p->under_way : 0;
    uint64_t mean = seen ? octets / seen : 0;
    int64_t done = work_done(p->messages, p->octets + p->sent);
    int64_t rest = work_done(left, p->size - p->sent + unseen * mean);
    return done ? (int64_t)((double)elapsed * (double)rest / (double)done) : 0;
}

// Where the size of all that is left is known, it is shown.
static void put_octets(struct buf *out, const struct progress *p, uint64_t left)
{
    overview_put_size(out, p->octets + p->sent);
    if (left && left <= p->under_way) {
        buf_puts(out, " of ");
        overview_put_size(out, p->octets + p->size);
    }
}

// The line as it grows. A piece that does not fit is left out, and so are those behind it.
struct pieces {
    struct buf *out;
    struct buf piece; // the next one
    size_t width;
    bool full;
};

static void end_piece(struct pieces *l)
{
    size_t wide = terminal_columns(buf_span(l->out)) + l->piece.n;
    l->full = l->full || (l->width && wide > l->width);
    if (!l->full)
        buf_put_span(l->out, buf_span(&l->piece));
    buf_clear(&l->piece);
}

static void put_pieces(struct pieces *l, const struct progress *p, uint64_t left,
                       int64_t elapsed)
{
    uint64_t all = p->messages + left;
    int64_t more = elapsed >= CERTAIN && left && !p->ending ? time_left(p, left, elapsed) : 0;
    buf_printf(&l->piece, "%s%" PRIu64 " of %" PRIu64 " message%s", p->ending ? "ending: " : "",
               p->messages, all, all == 1 ? "" : "s");
    end_piece(l);
    buf_puts(&l->piece, ", ");
    put_octets(&l->piece, p, left);
    end_piece(l);
    if (elapsed >= SECOND) {
        buf_puts(&l->piece, ", ");
        overview_put_size(&l->piece, (p->octets + p->sent) * SECOND / (uint64_t)elapsed);
        buf_puts(&l->piece, "/s");
        end_piece(l);
    }
    if (more) {
        buf_puts(&l->piece, ", ");
        overview_put_time(&l->piece, more * (CLOCK_SECOND_US / SECOND));
        buf_puts(&l->piece, " left");
        end_piece(l);
    }
}

void progress_put(struct buf *out, const struct progress *p, uint64_t left, int64_t elapsed,
                  size_t width)
{
    struct pieces line = {.out = out, .piece = BUF_INIT(PIECE_MAX), .width = width};
    if (p->connecting) {
        buf_puts(&line.piece, "connecting ...");
        end_piece(&line);
    } else {
        put_pieces(&line, p, left, elapsed);
    }
    buf_free(&line.piece);
}

static void write_out(const struct buf *text)
{
    // Where the terminal does not take it, nothing is lost.
    (void)!io_write(STDERR_FILENO, text->p, text->n);
}

void progress_draw(struct progress *p, uint64_t left)
{
    struct buf line = BUF_INIT(LINE_MAX_OCTETS), text = BUF_INIT(LINE_MAX_OCTETS);
    size_t width = terminal_width(STDERR_FILENO); // windows change
    int64_t now = clock_steady();
    p->due = now + EVERY;
    p->drawn = true;
    // The last column stays free: many terminals would begin a new line.
    progress_put(&text, p, left, now - p->began, width > 1 ? width - 1 : 0);
    buf_puts(&line, LINE_ERASED);
    buf_put_span(&line, buf_span(&text));
    write_out(&line);
    buf_free(&line);
    buf_free(&text);
}

void progress_end(struct progress *p)
{
    struct buf line = BUF_INIT(PIECE_MAX);
    buf_puts(&line, LINE_ERASED);
    if (p->drawn)
        write_out(&line);
    p->on = p->drawn = false;
    buf_free(&line);
}
