// SPDX-License-Identifier: ISC
#include "message/handin.h"

#include <inttypes.h>
#include <string.h>

#define HELLO "sendoff-handin 1"

enum { STATUS_LEAST = 64, STATUS_MOST = 78, ID_LEAST = 12 };

// What may come next.
enum { AT_HELLO, AT_PIECE, IN_PIECE, AT_NOTHING, AT_TROUBLE };

static const char digits[] = "0123456789abcdef";

void handin_init(struct handin *h)
{
    *h = (struct handin){.state = AT_HELLO};
}

bool handin_is_ticket(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!text.p[i] || !strchr(digits, text.p[i]))
            return false;
    return text.n == HANDIN_TICKET;
}

void handin_make_ticket(const unsigned char random[HANDIN_TICKET / 2],
                        char ticket[HANDIN_TICKET + 1])
{
    for (size_t i = 0; i < HANDIN_TICKET / 2; i++) {
        ticket[2 * i] = digits[random[i] >> 4];
        ticket[2 * i + 1] = digits[random[i] & 15];
    }
    ticket[HANDIN_TICKET] = '\0';
}

static enum handin_event take_hello(struct handin *h, struct span line)
{
    struct span verb, ticket;
    if (line.n < sizeof HELLO || memcmp(line.p, HELLO " ", sizeof HELLO) != 0)
        return HANDIN_BAD;
    line = (struct span){line.p + sizeof HELLO, line.n - sizeof HELLO};
    if (!span_cut(&line, ' ', &verb) || !span_cut(&line, ' ', &ticket) || line.p ||
        !handin_is_ticket(ticket))
        return HANDIN_BAD;
    memcpy(h->ticket, ticket.p, ticket.n);
    h->ticket[ticket.n] = '\0';
    if (span_equal(verb, SPAN("store"))) {
        h->state = AT_PIECE;
        return HANDIN_STORE;
    }
    h->state = AT_NOTHING;
    return span_equal(verb, SPAN("ask")) ? HANDIN_ASK : HANDIN_BAD;
}

static enum handin_event take_count(struct handin *h, struct span line)
{
    struct span verb;
    uint64_t number;
    if (!span_cut(&line, ' ', &verb) || !text_number(line, INT64_MAX, &number))
        return HANDIN_BAD;
    if (span_equal(verb, SPAN("end")) && number == h->octets) {
        h->state = AT_NOTHING;
        return HANDIN_END;
    }
    if (!span_equal(verb, SPAN("data")) || number == 0 || number > HANDIN_PIECE)
        return HANDIN_BAD;
    h->state = IN_PIECE;
    h->left = number;
    return HANDIN_MORE;
}

static struct span take_octets(struct span *in, uint64_t most)
{
    struct span taken = {in->p, most < in->n ? (size_t)most : in->n};
    *in = (struct span){in->p + taken.n, in->n - taken.n};
    return taken;
}

// Moves what belongs to the line there. Whether it is complete; a line that is too long never
// is.
static bool fill_line(struct handin *h, struct span *in)
{
    const char *lf = memchr(in->p, '\n', in->n);
    size_t n = lf ? (size_t)(lf - in->p) : in->n;
    if (n > sizeof h->line - h->n) {
        h->state = AT_TROUBLE;
        return false;
    }
    struct span part = take_octets(in, n);
    memcpy(h->line + h->n, part.p, part.n);
    h->n += n;
    if (lf)
        (void)take_octets(in, 1);
    return lf;
}

static enum handin_event take_line(struct handin *h)
{
    struct span line = {h->line, h->n};
    h->n = 0;
    return h->state == AT_HELLO ? take_hello(h, line) : take_count(h, line);
}

static enum handin_event take_data(struct handin *h, struct span *in, struct span *data)
{
    *data = take_octets(in, h->left);
    h->octets += data->n;
    h->left -= data->n;
    if (h->left == 0)
        h->state = AT_PIECE;
    return HANDIN_DATA;
}

enum handin_event handin_next(struct handin *h, struct span *in, struct span *data)
{
    enum handin_event event = HANDIN_MORE;
    while (in->n && event == HANDIN_MORE && h->state != AT_TROUBLE) {
        if (h->state == IN_PIECE)
            return take_data(h, in, data);
        if (h->state == AT_NOTHING)
            event = HANDIN_BAD;
        else if (fill_line(h, in))
            event = take_line(h);
    }
    if (event == HANDIN_BAD)
        h->state = AT_TROUBLE;
    return h->state == AT_TROUBLE ? HANDIN_BAD : event;
}

void handin_put_store(struct buf *out, const char *ticket)
{
    buf_printf(out, HELLO " store %s\n", ticket);
}

void handin_put_ask(struct buf *out, const char *ticket)
{
    buf_printf(out, HELLO " ask %s\n", ticket);
}

void handin_put_data(struct buf *out, size_t n)
{
    buf_printf(out, "data %zu\n", n);
}

void handin_put_end(struct buf *out, uint64_t octets)
{
    buf_printf(out, "end %" PRIu64 "\n", octets);
}

static const char *const verdicts[] = {
    [HANDIN_READY] = "ready",     [HANDIN_BUSY] = "busy",       [HANDIN_STORED] = "stored",
    [HANDIN_REFUSED] = "refused", [HANDIN_UNKNOWN] = "unknown",
};

void handin_put_answer(struct buf *out, const struct handin_answer *a)
{
    buf_puts(out, verdicts[a->verdict]);
    if (a->verdict == HANDIN_STORED)
        buf_printf(out, " %s", a->id);
    if (a->verdict == HANDIN_REFUSED) {
        buf_printf(out, " %d ", a->status);
        text_clean(out, span_of(a->text), HANDIN_TEXT_MAX);
    }
    buf_putc(out, '\n');
}

static bool take_id(struct handin_answer *a, struct span id)
{
    if (id.n < ID_LEAST || id.n > HANDIN_ID_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!text_is_digit(id.p[i]) && (id.p[i] < 'A' || id.p[i] > 'F'))
            return false;
    memcpy(a->id, id.p, id.n);
    return true;
}

static bool take_reason(struct handin_answer *a, struct span rest)
{
    struct span status;
    uint64_t number;
    struct buf clean = BUF_INIT(HANDIN_TEXT_MAX);
    if (!span_cut(&rest, ' ', &status) || !text_number(status, STATUS_MOST, &number) ||
        number < STATUS_LEAST)
        return false;
    a->status = (int)number;
    text_clean(&clean, rest, HANDIN_TEXT_MAX);
    memcpy(a->text, buf_str(&clean), clean.n);
    buf_free(&clean);
    return true;
}

bool handin_parse_answer(struct handin_answer *a, struct span line)
{
    struct span verdict, rest = line;
    size_t i = 0;
    *a = (struct handin_answer){0};
    if (!span_cut(&rest, ' ', &verdict))
        return false;
    while (i < sizeof verdicts / sizeof *verdicts && !span_equal(verdict, span_of(verdicts[i])))
        i++;
    if (i == sizeof verdicts / sizeof *verdicts)
        return false;
    a->verdict = (enum handin_verdict)i;
    if (a->verdict == HANDIN_STORED)
        return take_id(a, rest);
    return a->verdict == HANDIN_REFUSED ? take_reason(a, rest) : !rest.p;
}
