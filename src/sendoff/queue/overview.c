// SPDX-License-Identifier: ISC
#include "sendoff/queue/overview.h"

#include <inttypes.h>

#include "base/clock.h"

enum {
    LINE_MAX_OCTETS = 1 << 27,
    MORE_WIDTH = 18, // characters kept for " and 65535 more"
};

// In the largest unit that makes at least 2 of it: "90m", not "1h".
static void put_span_of_time(struct buf *out, int64_t us)
{
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
    int64_t seconds = us > 0 ? us / CLOCK_SECOND_US : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (seconds >= 2 * units[i].seconds) {
            buf_printf(out, "%" PRId64 "%c", seconds / units[i].seconds, units[i].unit);
            return;
        }
    }
    buf_printf(out, "%" PRId64 "s", seconds);
}

static void put_size(struct buf *out, uint64_t octets)
{
    static const char units[] = "KMG";
    if (octets < 1024) {
        buf_printf(out, "%" PRIu64, octets);
        return;
    }
    size_t unit = 0;
    uint64_t tenths = octets * 10 / 1024;
    for (; tenths >= 10240 && unit + 2 < sizeof units; unit++)
        tenths /= 1024;
    buf_printf(out, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, units[unit]);
}

static size_t characters(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += (s.p[i] & 0xc0) != 0x80;
    return n;
}

// The line, cut to the width where there is one, with a line end.
static void put_line(struct buf *out, struct span line, size_t width)
{
    static const size_t dots = 3;
    bool cut = width > dots && characters(line) > width;
    while (cut && characters(line) > width - dots)
        line.n--;
    buf_put_span(out, line);
    buf_puts(out, cut ? "...\n" : "\n");
}

static void put_recipients(struct buf *line, const struct listed *one, size_t width)
{
    const struct envelope *v = &one->entry->block.envelope;
    size_t shown = 0, more = 0;
    buf_puts(line, "  to ");
    for (size_t i = 0; i < envelope_count(v); i++) {
        if (!listed_concerns(one, i))
            continue;
        struct buf address = BUF_INIT(ENVELOPE_ADDRESS_MAX);
        text_clean(&address, span_of(envelope_address(v, i)), ENVELOPE_ADDRESS_MAX);
        size_t wide = characters(buf_span(line)) + characters(buf_span(&address)) + 2;
        if (more || (width && shown && wide + MORE_WIDTH > width)) {
            more++;
        } else {
            buf_puts(line, shown++ ? ", " : "");
            buf_put_span(line, buf_span(&address));
        }
        buf_free(&address);
    }
    if (more)
        buf_printf(line, " and %zu more", more);
}

// What it waits for.
static void put_fate(struct buf *line, const struct listing *l, const struct listed *one)
{
    unsigned attempts = one->entry->block.attempts;
    if (one->state == LISTED_CLAIMED) {
        buf_puts(line, "being sent now");
    } else if (one->state != LISTED_WAITING) {
        buf_puts(line, listed_word(one->state));
    } else if (one->rests) {
        buf_printf(line, "account %s rests, next try in ", one->account);
        put_span_of_time(line, one->next - l->now);
    } else if (one->next > l->now) {
        buf_puts(line, "next try in ");
        put_span_of_time(line, one->next - l->now);
    } else {
        buf_puts(line, "due now");
    }
    if (attempts && one->state == LISTED_WAITING && !one->rests)
        buf_printf(line, ", %u made", attempts);
}

static void put_head(struct buf *line, const struct listing *l, const struct listed *one)
{
    const struct block *b = &one->entry->block;
    const char *sender = envelope_sender(&b->envelope);
    put_span_of_time(line, l->now - b->arrival);
    buf_puts(line, " old  ");
    put_size(line, b->octets);
    buf_puts(line, "  from ");
    text_clean(line, span_of(*sender ? sender : "<>"), ENVELOPE_ADDRESS_MAX);
}

void overview_put(struct buf *out, const struct listing *l, const struct listed *one,
                  size_t width)
{
    bool strange = one->state == LISTED_FOREIGN || one->state == LISTED_BROKEN;
    struct buf line = BUF_INIT(LINE_MAX_OCTETS);
    buf_printf(&line, "%.*s  ", SPAN_ARGS(entry_id(one->entry)));
    if (strange)
        buf_puts(&line, "a file");
    else
        put_head(&line, l, one);
    put_line(out, buf_span(&line), width);
    buf_clear(&line);
    if (!strange) {
        put_recipients(&line, one, width);
        put_line(out, buf_span(&line), width);
        buf_clear(&line);
    }
    buf_puts(&line, "  ");
    put_fate(&line, l, one);
    if (*one->reason) {
        buf_puts(&line, ": ");
        text_clean(&line, span_of(one->reason), OUTCOME_TEXT_MAX);
    }
    put_line(out, buf_span(&line), width);
    buf_free(&line);
}

void overview_put_sum(struct buf *out, const struct listing *l)
{
    const char *before = ": ";
    if (l->messages == 0) {
        buf_puts(out, "Mail queue is empty\n");
        return;
    }
    buf_printf(out, "%" PRIu64 " message%s, ", l->messages, l->messages == 1 ? "" : "s");
    put_size(out, l->octets);
    for (int state = 0; state < LISTED_STATES; state++) {
        if (l->count[state]) {
            buf_printf(out, "%s%" PRIu64 " %s", before, l->count[state],
                       listed_word((enum listed_state)state));
            before = ", ";
        }
    }
    if (l->oldest != INT64_MAX) {
        buf_puts(out, "; the oldest has waited ");
        put_span_of_time(out, l->now - l->oldest);
    }
    buf_putc(out, '\n');
}
