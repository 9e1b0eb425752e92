// SPDX-License-Identifier: ISC
#include "smtp/command.h"

#include <inttypes.h>

#include "message/address.h"
#include "message/parameter.h"

// A parameter goes out only where its extension is offered. One that is not in the list is
// none of ours; SIZE, BODY and AUTH are made here.
struct parameter {
    struct span name;
    enum ehlo_capability needs;
    unsigned spare; // what it belongs to; 0 for one that is never left out
};

static const struct parameter mail_parameters[] = {
    {SPAN_INIT("RET"), EHLO_DSN, STUMBLE_DSN},
    {SPAN_INIT("ENVID"), EHLO_DSN, STUMBLE_DSN},
    {SPAN_INIT("SMTPUTF8"), EHLO_SMTPUTF8, STUMBLE_PARAMETERS},
    {SPAN_INIT("REQUIRETLS"), EHLO_REQUIRETLS, 0},
    {{NULL, 0}, EHLO_NONE, 0},
};
static const struct parameter rcpt_parameters[] = {
    {SPAN_INIT("NOTIFY"), EHLO_DSN, STUMBLE_DSN},
    {SPAN_INIT("ORCPT"), EHLO_DSN, STUMBLE_DSN},
    {{NULL, 0}, EHLO_NONE, 0},
};

bool command_is_ascii(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > 127)
            return false;
    return true;
}

// Ends the line that began at `start`, or takes it back.
static enum command_answer finish(struct buf *out, size_t start)
{
    for (size_t i = start; i < out->n && !out->over; i++)
        if (text_is_control(out->p[i])) {
            buf_cut(out, start);
            return COMMAND_MALFORMED;
        }
    buf_put(out, "\r\n", 2);
    return COMMAND_MADE;
}

static bool is_parameter(struct span word)
{
    for (size_t i = 0; i < word.n; i++)
        if (text_is_control(word.p[i]) || (unsigned char)word.p[i] > 126)
            return false;
    return true;
}

// The set of what was put there and belongs to something.
static unsigned put_parameters(struct buf *out, const struct ehlo *e,
                               const struct parameter *known, const char *options,
                               unsigned without)
{
    struct span rest = span_of(options), word;
    unsigned spare = 0;
    while (span_word(&rest, &word)) {
        struct span value = word, name;
        if (!span_cut(&value, '=', &name) || !is_parameter(word))
            continue;
        for (const struct parameter *k = known; k->name.p; k++)
            if (span_equal_nocase(name, k->name) && ehlo_has(e, k->needs) &&
                !(k->spare & without)) {
                buf_putc(out, ' ');
                buf_put_span(out, word);
                spare |= k->spare;
            }
    }
    return spare;
}

static bool asks_for(const char *options, struct span flag)
{
    struct span rest = span_of(options), word;
    while (span_word(&rest, &word))
        if (span_equal_nocase(word, flag))
            return true;
    return false;
}

static bool names_parameter(const char *options, struct span name)
{
    struct span value;
    return parameter_find(options, name, &value);
}

enum command_answer command_word(struct buf *out, const char *verb, const char *word)
{
    size_t start = out->n;
    struct span argument = span_of(word), rest = argument, first;
    if (argument.n && (!span_word(&rest, &first) || first.n != argument.n))
        return COMMAND_MALFORMED;
    buf_puts(out, verb);
    if (argument.n) {
        buf_putc(out, ' ');
        buf_put_span(out, argument);
    }
    return finish(out, start);
}

// SIZE, BODY and AUTH. `utf8` says that the message needs SMTPUTF8, and with that 8BITMIME.
static unsigned put_own(struct buf *out, const struct ehlo *e, const struct command_mail *m,
                        bool utf8)
{
    unsigned spare = 0;
    bool lean = m->without & STUMBLE_PARAMETERS, plain = m->without & STUMBLE_BODY;
    if (ehlo_has(e, EHLO_SIZE) && !lean) {
        buf_printf(out, " SIZE=%" PRIu64, m->size);
        spare |= STUMBLE_PARAMETERS;
    }
    // The text shows what it is; a caller may know that more of it is meant.
    bool asked = !lean && asks_for(m->options, SPAN("BODY=8BITMIME"));
    if (m->binary && ehlo_has(e, EHLO_BINARYMIME) && !plain) {
        buf_puts(out, " BODY=BINARYMIME");
        spare |= STUMBLE_BODY;
    } else if ((m->eightbit || asked) && ehlo_has(e, EHLO_8BITMIME) && (!plain || utf8)) {
        buf_puts(out, " BODY=8BITMIME");
        spare |= !m->eightbit ? STUMBLE_PARAMETERS : utf8 ? 0 : STUMBLE_BODY;
    }
    // Whoever stored AUTH= is nobody whose word on an identity counts here; nor is it needed to
    // know more than that somebody gave it (RFC 4954, 5).
    if (m->authenticated && names_parameter(m->options, SPAN("AUTH")) && !lean) {
        buf_puts(out, " AUTH=<>");
        spare |= STUMBLE_PARAMETERS;
    }
    return spare;
}

enum command_answer command_mail(struct buf *out, const struct ehlo *e,
                                 const struct command_mail *m, unsigned *spare)
{
    size_t start = out->n;
    struct span sender = span_of(m->sender);
    bool utf8 = m->utf8 || !command_is_ascii(sender);
    *spare = 0;
    if (!address_is_path(sender))
        return COMMAND_MALFORMED;
    if (!command_is_ascii(sender) && !ehlo_has(e, EHLO_SMTPUTF8))
        return COMMAND_NEEDS_UTF8;
    bool safe = m->encrypted && ehlo_has(e, EHLO_REQUIRETLS);
    if (asks_for(m->options, SPAN("REQUIRETLS")) && !safe)
        return COMMAND_NEEDS_TLS;
    if (e->size > 0 && m->size > e->size)
        return COMMAND_TOO_LARGE;
    buf_printf(out, "MAIL FROM:<%s>", m->sender);
    *spare = put_own(out, e, m, utf8);
    if (utf8 && ehlo_has(e, EHLO_SMTPUTF8) && !asks_for(m->options, SPAN("SMTPUTF8")))
        buf_puts(out, " SMTPUTF8");
    // Of those that were handed in only SMTPUTF8 is in that set, and only where it is not
    // needed.
    unsigned keep = utf8 ? STUMBLE_PARAMETERS : 0;
    *spare |= ~keep & put_parameters(out, e, mail_parameters, m->options, m->without & ~keep);
    return finish(out, start);
}

enum command_answer command_rcpt(struct buf *out, const struct ehlo *e, const char *mailbox,
                                 const char *options, unsigned without, unsigned *spare)
{
    size_t start = out->n;
    struct span address = span_of(mailbox);
    *spare = 0;
    if (address.n == 0 || !address_is_path(address))
        return COMMAND_MALFORMED;
    if (!command_is_ascii(address) && !ehlo_has(e, EHLO_SMTPUTF8))
        return COMMAND_NEEDS_UTF8;
    buf_printf(out, "RCPT TO:<%s>", mailbox);
    *spare = put_parameters(out, e, rcpt_parameters, options, without);
    return finish(out, start);
}

void command_bdat(struct buf *out, size_t n, bool last)
{
    buf_printf(out, "BDAT %zu%s\r\n", n, last ? " LAST" : "");
}
