// SPDX-License-Identifier: ISC
#include "message/block.h"

#include <inttypes.h>
#include <string.h>

// What the fields are called, and how wide the lines are that change in place. The widths are
// the format's (sendoff-spool(5)); the lines below are written to fill them.
#define NAME_SPOOL     "Sendoff-Spool: "
#define NAME_STATE     "Sendoff-State: "
#define NAME_REPLY     "Sendoff-Reply: "
#define NAME_ARRIVAL   "Sendoff-Arrival: "
#define NAME_SENDER    "Sendoff-Sender: "
#define NAME_OPTIONS   "Sendoff-Options: "
#define NAME_RECIPIENT "Sendoff-Recipient: "

#define FIGURES_OF_NOTHING                                                \
    NAME_SPOOL "1 block=0000000000 octets=00000000000000000000"           \
               " lines=00000000000000000000 longest=00000000000000000000" \
               " content=--\n"
#define STATE_OF_NOTHING NAME_STATE "attempts=00000 doubts=0 warned=0 account="

enum {
    STATUS_WIDTH = sizeof "W 000 0.000.000" - 1,
    FIGURES_WIDTH = sizeof FIGURES_OF_NOTHING - 1, // of the first line, LF included
    STATE_WIDTH = sizeof STATE_OF_NOTHING - 1 + BLOCK_ACCOUNT_MAX + 1,
    REPLY_WIDTH = sizeof NAME_REPLY - 1 + OUTCOME_TEXT_MAX + 1,
    FIXED_WIDTH = FIGURES_WIDTH + STATE_WIDTH + REPLY_WIDTH,
};

void block_init(struct block *b)
{
    *b = (struct block){0};
    envelope_init(&b->envelope);
}

void block_free(struct block *b)
{
    envelope_free(&b->envelope);
}

static void put_figures(struct buf *out, const struct block *b)
{
    buf_printf(out,
               NAME_SPOOL "%d block=%010" PRIu64 " octets=%020" PRIu64 " lines=%020" PRIu64
                          " longest=%020" PRIu64 " content=%c%c\n",
               BLOCK_VERSION, b->size, b->octets, b->lines, b->longest, b->eightbit ? '8' : '-',
               b->nul ? '0' : '-');
}

// Text cut and padded to its width. What was cut may end within a character; the reader cleans.
static void put_padded(struct buf *out, const char *text, int width)
{
    buf_printf(out, "%-*.*s\n", width, width, text);
}

static void put_state(struct buf *out, const struct block *b)
{
    buf_printf(out, NAME_STATE "attempts=%05u doubts=%u warned=%u account=",
               b->attempts < BLOCK_ATTEMPTS_MAX ? b->attempts : BLOCK_ATTEMPTS_MAX,
               b->doubts < BLOCK_DOUBTS_MAX ? b->doubts : BLOCK_DOUBTS_MAX, b->warned);
    put_padded(out, b->account, BLOCK_ACCOUNT_MAX);
    buf_puts(out, NAME_REPLY);
    put_padded(out, b->reply, OUTCOME_TEXT_MAX);
}

static void put_status(struct buf *out, const struct recipient *r)
{
    buf_printf(out, "%c %03u %u.%03u.%03u", (char)r->status, r->code % 1000, r->detail[0] % 10,
               r->detail[1] % 1000, r->detail[2] % 1000);
}

static void put_recipients(struct buf *out, const struct envelope *e)
{
    for (size_t i = 0; i < envelope_count(e); i++) {
        struct recipient *r = envelope_recipient(e, i);
        const char *options = envelope_recipient_options(e, i);
        buf_puts(out, NAME_RECIPIENT);
        r->at = out->n;
        put_status(out, r);
        buf_printf(out, "%s%s <%s>\n", *options ? " " : "", options, envelope_address(e, i));
    }
}

bool block_encode(struct buf *out, struct block *b)
{
    const struct envelope *e = &b->envelope;
    b->size = 0;
    put_figures(out, b);
    put_state(out, b);
    buf_printf(out, NAME_ARRIVAL "%" PRId64 ".%06" PRId64 " uid=%" PRIu32 "\n",
               b->arrival / 1000000, b->arrival % 1000000, b->uid);
    buf_printf(out, NAME_SENDER "<%s>\n", envelope_sender(e));
    buf_printf(out, NAME_OPTIONS "%s\n", envelope_options(e));
    put_recipients(out, e);
    if (out->over || out->n > BLOCK_MAX)
        return false;
    b->size = out->n;
    struct block_patch first;
    block_patch_figures(b, &first);
    memcpy(out->p, first.text, first.n);
    return true;
}

static void fill(struct block_patch *patch, uint64_t at, struct buf *text)
{
    patch->at = at;
    patch->n = text->n;
    memcpy(patch->text, text->p, text->n);
    buf_free(text);
}

void block_patch_figures(const struct block *b, struct block_patch *patch)
{
    struct buf text = BUF_INIT(sizeof patch->text);
    put_figures(&text, b);
    fill(patch, 0, &text);
}

void block_patch_state(const struct block *b, struct block_patch *patch)
{
    struct buf text = BUF_INIT(sizeof patch->text);
    put_state(&text, b);
    fill(patch, FIGURES_WIDTH, &text);
}

void block_patch_recipient(const struct recipient *r, struct block_patch *patch)
{
    struct buf text = BUF_INIT(sizeof patch->text);
    put_status(&text, r);
    fill(patch, r->at, &text);
}

// The value of `key=value` where the word begins with that key.
static bool is_key(struct span word, struct span key, struct span *value)
{
    if (!span_starts_nocase(word, key))
        return false;
    *value = (struct span){word.p + key.n, word.n - key.n};
    return true;
}

// The first line must be sound to the last figure: the block's length is believed by it.
static bool take_figures(struct block *b, struct span rest)
{
    static const struct span keys[] = {SPAN_INIT("block="), SPAN_INIT("octets="),
                                       SPAN_INIT("lines="), SPAN_INIT("longest=")};
    uint64_t *const figures[] = {&b->size, &b->octets, &b->lines, &b->longest};
    struct span word, value;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!span_word(&rest, &word) || !is_key(word, keys[i], &value) ||
            !text_number(value, INT64_MAX, figures[i]))
            return false;
    if (!span_word(&rest, &word) || !is_key(word, SPAN("content="), &value) || value.n != 2)
        return false;
    b->eightbit = value.p[0] == '8';
    b->nul = value.p[1] == '0';
    return b->size <= BLOCK_MAX && !span_word(&rest, &word);
}

static void take_count(struct span value, unsigned max, unsigned *count)
{
    uint64_t number;
    if (text_number(value, max, &number))
        *count = (unsigned)number;
}

static void take_clean(struct span value, size_t most, char *to)
{
    struct buf clean = BUF_INIT(OUTCOME_TEXT_MAX);
    text_clean(&clean, span_trim(value), most);
    memcpy(to, buf_str(&clean), clean.n + 1);
    buf_free(&clean);
}

static void take_state(struct block *b, struct span rest)
{
    struct span word, value;
    unsigned warned = 0;
    if (!is_key(rest, SPAN(NAME_STATE), &rest))
        return;
    while (span_word(&rest, &word)) {
        if (is_key(word, SPAN("attempts="), &value))
            take_count(value, BLOCK_ATTEMPTS_MAX, &b->attempts);
        else if (is_key(word, SPAN("doubts="), &value))
            take_count(value, BLOCK_DOUBTS_MAX, &b->doubts);
        else if (is_key(word, SPAN("warned="), &value))
            take_count(value, 1, &warned);
        else if (is_key(word, SPAN("account="), &value))
            take_clean(value, BLOCK_ACCOUNT_MAX, b->account);
    }
    b->warned = warned == 1;
}

static void take_reply(struct block *b, struct span rest)
{
    if (is_key(rest, SPAN(NAME_REPLY), &rest))
        take_clean(rest, OUTCOME_TEXT_MAX, b->reply);
}

static bool take_arrival(struct block *b, struct span rest)
{
    struct span when, seconds, word, value;
    uint64_t whole, part, uid;
    if (!span_word(&rest, &when) || !span_cut(&when, '.', &seconds) ||
        !text_number(seconds, INT64_MAX / 1000000 - 1, &whole) ||
        !text_number(when, 999999, &part))
        return false;
    if (!span_word(&rest, &word) || !is_key(word, SPAN("uid="), &value) ||
        !text_number(value, UINT32_MAX, &uid))
        return false;
    b->arrival = (int64_t)(whole * 1000000 + part);
    b->uid = (uint32_t)uid;
    return true;
}

// "<ADDRESS>", all that is left of the line: a quoted local part may hold anything but LF.
static bool take_path(struct span rest, struct span *address)
{
    if (rest.n < 2 || rest.p[0] != '<' || rest.p[rest.n - 1] != '>')
        return false;
    *address = (struct span){rest.p + 1, rest.n - 2};
    return true;
}

static bool take_sender(struct block *b, struct span rest)
{
    struct span address;
    return take_path(rest, &address) && envelope_set_sender(&b->envelope, address);
}

static bool take_options(struct block *b, struct span rest)
{
    return envelope_set_options(&b->envelope, span_trim(rest));
}

// A status byte that is none counts as waiting: that can only send a second copy.
static enum recipient_status status_of(char c)
{
    static const enum recipient_status settled[] = {RECIPIENT_DELIVERED, RECIPIENT_FAILED,
                                                    RECIPIENT_REPORTED};
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
        if (c == (char)settled[i])
            return settled[i];
    return RECIPIENT_WAITING;
}

static void take_codes(struct recipient *r, struct span status)
{
    struct span code = {status.p + 2, 3}, detail = {status.p + 6, STATUS_WIDTH - 6};
    uint64_t number;
    if (text_number(code, 999, &number))
        r->code = (uint16_t)number;
    if (!outcome_take_status(detail, r->detail))
        memset(r->detail, 0, sizeof r->detail);
}

static bool take_recipient(struct block *b, struct span rest)
{
    struct span status = rest, options, address;
    size_t count = envelope_count(&b->envelope), n = STATUS_WIDTH;
    if (rest.n <= n || rest.p[n] != ' ')
        return false;
    while (n < rest.n && rest.p[n] == ' ' && n + 1 < rest.n && rest.p[n + 1] != '<')
        for (n++; n < rest.n && rest.p[n] != ' ';)
            n++;
    options = span_trim((struct span){rest.p + STATUS_WIDTH, n - STATUS_WIDTH});
    if (n >= rest.n || !take_path((struct span){rest.p + n + 1, rest.n - n - 1}, &address))
        return false;
    // One address twice would leave a line that nothing settles.
    if (!envelope_add(&b->envelope, address, options) || envelope_count(&b->envelope) == count)
        return false;
    struct recipient *r = envelope_recipient(&b->envelope, count);
    r->status = status_of(status.p[0]);
    take_codes(r, status);
    return true;
}

// Each field behind the lines of fixed width, and how it is read. A block without one that is
// `needed` is none.
static const struct {
    struct span name;
    bool (*take)(struct block *b, struct span rest);
    unsigned needed;
} fields[] = {
    {SPAN_INIT(NAME_ARRIVAL), take_arrival, 1},
    {SPAN_INIT(NAME_SENDER), take_sender, 2},
    {SPAN_INIT(NAME_OPTIONS), take_options, 0},
    {SPAN_INIT(NAME_RECIPIENT), take_recipient, 0},
};

static bool take_field(struct block *b, struct span line, size_t at, unsigned *seen)
{
    size_t count = envelope_count(&b->envelope);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct span name = fields[i].name;
        if (!span_starts_nocase(line, name))
            continue;
        *seen |= fields[i].needed;
        if (!fields[i].take(b, (struct span){line.p + name.n, line.n - name.n}))
            return false;
        if (envelope_count(&b->envelope) > count)
            envelope_recipient(&b->envelope, count)->at = at + name.n;
        return true;
    }
    return true; // a field of a later build of this version: nothing that we need
}

// State and reply are read by their place, since that is where they are written: a block that
// has other lines there is none of ours, and one whose lines are torn loses nothing else.
static enum block_answer take_fields(struct block *b, struct span head)
{
    unsigned seen = 0;
    struct span rest = {head.p + FIXED_WIDTH, (size_t)b->size - FIXED_WIDTH}, line;
    if (head.p[b->size - 1] != '\n')
        return BLOCK_BAD;
    take_state(b, (struct span){head.p + FIGURES_WIDTH, STATE_WIDTH - 1});
    take_reply(b, (struct span){head.p + FIGURES_WIDTH + STATE_WIDTH, REPLY_WIDTH - 1});
    while (rest.n && span_cut(&rest, '\n', &line))
        if (!take_field(b, line, (size_t)(line.p - head.p), &seen))
            return BLOCK_BAD;
    return seen == 3 && envelope_count(&b->envelope) ? BLOCK_DONE : BLOCK_BAD;
}

enum block_answer block_decode(struct block *b, struct span head)
{
    static const struct span name = SPAN_INIT(NAME_SPOOL);
    struct span rest = head, line, version;
    uint64_t number;
    b->size = 0;
    if (head.n < name.n)
        return span_starts_nocase(name, head) ? BLOCK_MORE : BLOCK_BAD;
    if (!span_starts_nocase(head, name))
        return BLOCK_BAD;
    span_cut(&rest, '\n', &line);
    if (!rest.p) // no whole line yet
        return head.n < sizeof((struct block_patch *)0)->text ? BLOCK_MORE : BLOCK_BAD;
    line = (struct span){line.p + name.n, line.n - name.n};
    if (!span_word(&line, &version) || !text_number(version, UINT32_MAX, &number))
        return BLOCK_BAD;
    if (number != BLOCK_VERSION)
        return BLOCK_FOREIGN;
    if (rest.p - head.p != FIGURES_WIDTH || !take_figures(b, line) || b->size <= FIXED_WIDTH)
        return BLOCK_BAD;
    return head.n < b->size ? BLOCK_MORE : take_fields(b, head);
}
