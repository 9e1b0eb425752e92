// SPDX-License-Identifier: ISC
#include "sendoff/queue/overview.h"

#include <inttypes.h>

#include "base/clock.h"

enum {
    LINE_MAX_OCTETS = 1 << 27,
    DOTS = 3,       // of a line that is cut
    AGE_WIDTH = 4,  // of the column of ages: "365d"
    SIZE_WIDTH = 7, // and of sizes: "1023.9K"
    USER_WIDTH = 8, // of the column of login names; longer ones push the rest to the right
    USER_WIDTH_MAX = 32,
    END_INDENT = 2,  // of what is left of a sum that is wider than the terminal
    MORE_WIDTH = 18, // characters kept for " and 65535 more"
};

void overview_put_time(struct buf *out, int64_t us)
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

void overview_put_size(struct buf *out, uint64_t octets)
{
    static const char units[] = "KMG";
    if (octets < 1024) {
        buf_printf(out, "%" PRIu64 "B", octets);
        return;
    }
    size_t unit = 0;
    uint64_t tenths = octets * 10 / 1024;
    for (; tenths >= 10240 && unit + 2 < sizeof units; unit++)
        tenths /= 1024;
    buf_printf(out, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, units[unit]);
}

// The line, cut to the terminal's width, with a line end. Its first `n` octets are coloured.
static void put_line(struct buf *out, const struct terminal *t, struct span line,
                     enum colour colour, size_t n)
{
    bool cut = t->width > DOTS && terminal_columns(line) > t->width;
    if (cut)
        line = terminal_fit(line, t->width - DOTS);
    if (n > line.n)
        n = line.n;
    if (colour != COLOUR_NONE)
        terminal_colour(out, t, colour);
    buf_put_span(out, (struct span){line.p, n});
    if (colour != COLOUR_NONE)
        terminal_colour(out, t, COLOUR_NONE);
    buf_put_span(out, (struct span){line.p ? line.p + n : NULL, line.n - n});
    buf_puts(out, cut ? "...\n" : "\n");
}

// A sender who would leave no room for a recipient is cut to half of the line.
static void put_sender(struct buf *line, const char *sender, size_t width)
{
    struct buf clean = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    text_clean(&clean, span_of(*sender ? sender : "<>"), ENVELOPE_ADDRESS_MAX);
    struct span shown = buf_span(&clean);
    bool cut = width > 2 * DOTS && terminal_columns(shown) > width / 2;
    buf_puts(line, "  from ");
    buf_put_span(line, cut ? terminal_fit(shown, width / 2 - DOTS) : shown);
    buf_puts(line, cut ? "... to " : " to ");
    buf_free(&clean);
}

// Where there is no room for any recipient, the first one is shown all the same.
static void put_people(struct buf *line, const struct listed *one, size_t width)
{
    const struct envelope *v = &one->entry->block.envelope;
    size_t shown = 0, more = 0;
    put_sender(line, envelope_sender(v), width);
    size_t have = terminal_columns(buf_span(line));
    for (size_t i = 0; i < envelope_count(v); i++) {
        if (!listed_concerns(one, i))
            continue;
        struct buf address = BUF_INIT(ENVELOPE_ADDRESS_MAX);
        text_clean(&address, span_of(envelope_address(v, i)), ENVELOPE_ADDRESS_MAX);
        size_t wide = terminal_columns(buf_span(&address)) + (shown ? 2 : 0);
        if (more || (width && shown && have + wide + MORE_WIDTH > width)) {
            more++;
        } else {
            buf_puts(line, shown++ ? ", " : "");
            buf_put_span(line, buf_span(&address));
            have += wide;
        }
        buf_free(&address);
    }
    if (more)
        buf_printf(line, " and %zu more", more);
}

// What it waits for.
static enum colour put_fate(struct buf *line, const struct listing *l, const struct listed *one)
{
    static const enum colour colours[LISTED_STATES] = {
        [LISTED_CLAIMED] = COLOUR_GREEN, [LISTED_HELD] = COLOUR_YELLOW,
        [LISTED_FAILED] = COLOUR_RED,    [LISTED_FOREIGN] = COLOUR_RED,
        [LISTED_BROKEN] = COLOUR_RED,
    };
    unsigned attempts = one->entry->block.attempts;
    if (one->state == LISTED_CLAIMED) {
        buf_puts(line, "being sent now");
    } else if (one->state != LISTED_WAITING) {
        buf_puts(line, listed_word(one->state));
    } else if (one->next > l->now) {
        buf_puts(line, "next try in ");
        overview_put_time(line, one->next - l->now);
    } else {
        buf_puts(line, "due now");
    }
    if (one->rests)
        buf_printf(line, ", account %s rests", one->account);
    else if (attempts && one->state == LISTED_WAITING)
        buf_printf(line, ", %u made", attempts);
    return colours[one->state];
}

// Appends `text`, right in a column of `width`.
static void put_right(struct buf *line, const struct buf *text, size_t width)
{
    buf_printf(line, "%*s", (int)width, buf_str(text));
}

static void put_figures(struct buf *line, const struct listing *l, const struct listed *one)
{
    const struct block *b = &one->entry->block;
    struct buf text = BUF_INIT(64);
    overview_put_time(&text, l->now - b->arrival);
    put_right(line, &text, AGE_WIDTH);
    buf_puts(line, " old  ");
    buf_clear(&text);
    overview_put_size(&text, b->octets);
    put_right(line, &text, SIZE_WIDTH);
    buf_free(&text);
}

static void put_user(struct buf *line, const char *user)
{
    size_t before = line->n;
    text_clean(line, span_of(user), USER_WIDTH_MAX);
    size_t wide = terminal_columns((struct span){line->p + before, line->n - before});
    buf_printf(line, "%*s  ", wide < USER_WIDTH ? (int)(USER_WIDTH - wide) : 0, "");
}

void overview_put(struct buf *out, const struct listing *l, const struct listed *one,
                  const struct terminal *t)
{
    bool strange = one->state == LISTED_FOREIGN || one->state == LISTED_BROKEN;
    struct buf line = BUF_INIT(LINE_MAX_OCTETS), fate = BUF_INIT(256);
    enum colour colour = put_fate(&fate, l, one);
    buf_printf(&line, "%.*s  ", SPAN_ARGS(entry_id(one->entry)));
    if (*one->user)
        put_user(&line, one->user);
    if (strange)
        buf_puts(&line, "a file");
    else
        put_figures(&line, l, one);
    buf_puts(&line, "  ");
    buf_put_span(&line, buf_span(&fate));
    put_line(out, t, buf_span(&line), colour, line.n);
    buf_clear(&line);
    if (!strange) {
        put_people(&line, one, t->width);
        put_line(out, t, buf_span(&line), COLOUR_NONE, 0);
        buf_clear(&line);
    }
    // Of a resting account the reason is told once, at the end.
    if (*one->reason && !one->rests) {
        buf_puts(&line, "  ");
        text_clean(&line, span_of(one->reason), OUTCOME_TEXT_MAX);
        put_line(out, t, buf_span(&line), COLOUR_DIM, line.n);
    }
    buf_free(&line);
    buf_free(&fate);
}

void overview_put_sum(struct buf *out, const struct listing *l)
{
    const char *before = ": ";
    if (l->messages == 0) {
        buf_puts(out, "Mail queue is empty\n");
        return;
    }
    buf_printf(out, "%" PRIu64 " message%s, ", l->messages, l->messages == 1 ? "" : "s");
    overview_put_size(out, l->octets);
    for (int state = 0; state < LISTED_STATES; state++) {
        if (l->count[state]) {
            buf_printf(out, "%s%" PRIu64 " %s", before, l->count[state],
                       listed_word((enum listed_state)state));
            before = ", ";
        }
    }
    if (l->oldest != INT64_MAX) {
        buf_puts(out, "; the oldest has waited ");
        overview_put_time(out, l->now - l->oldest);
    }
    buf_putc(out, '\n');
}

void overview_put_end(struct buf *out, const struct listing *l, const struct terminal *t)
{
    struct buf line = BUF_INIT(1024);
    overview_put_sum(&line, l);
    terminal_wrap(out, t, span_trim(buf_span(&line)), 0, END_INDENT);
    buf_free(&line);
}

void overview_put_account(struct buf *out, const struct listing *l, const struct terminal *t)
{
    struct buf line = BUF_INIT(1024);
    if (!l->resting || !l->count[LISTED_WAITING])
        return;
    buf_printf(&line, "account %s rests, next try in ", l->account_name);
    overview_put_time(&line, l->account.not_before - l->now);
    size_t n = line.n;
    buf_puts(&line, ": ");
    text_clean(&line, span_of(l->account.reply), OUTCOME_TEXT_MAX);
    put_line(out, t, buf_span(&line), COLOUR_YELLOW, n);
    buf_free(&line);
}
