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

// A piece that does not fit is left out, and so are those behind it.
static bool add(struct buf *out, const struct buf *piece, size_t width)
{
    if (width && terminal_columns(buf_span(out)) + piece->n > width)
        return false;
    buf_put_span(out, buf_span(piece));
    return true;
}

void progress_put(struct buf *out, const struct progress *p, uint64_t left, int64_t elapsed,
                  size_t width)
{
    struct buf piece = BUF_INIT(PIECE_MAX);
    buf_printf(&piece, "%" PRIu64 " of %" PRIu64 " messages", p->messages, p->messages + left);
    bool good = add(out, &piece, width);
    buf_clear(&piece);
    buf_puts(&piece, ", ");
    overview_put_size(&piece, p->octets);
    good = good && add(out, &piece, width);
    if (elapsed >= SECOND) {
        buf_clear(&piece);
        buf_puts(&piece, ", ");
        overview_put_size(&piece, p->octets * SECOND / (uint64_t)elapsed);
        buf_puts(&piece, "/s");
        good = good && add(out, &piece, width);
    }
    if (elapsed >= CERTAIN && p->messages && left) {
        buf_clear(&piece);
        buf_puts(&piece, ", ");
        overview_put_time(&piece, elapsed * (int64_t)left / (int64_t)p->messages *
                                      (CLOCK_SECOND_US / SECOND));
        buf_puts(&piece, " left");
        if (good)
            add(out, &piece, width);
    }
    buf_free(&piece);
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
