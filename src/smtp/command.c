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
};

static const struct parameter mail_parameters[] = {
    {{"RET", 3}, EHLO_DSN},           {{"ENVID", 5}, EHLO_DSN},
    {{"SMTPUTF8", 8}, EHLO_SMTPUTF8}, {{"REQUIRETLS", 10}, EHLO_REQUIRETLS},
    {{NULL, 0}, EHLO_NONE},
};
static const struct parameter rcpt_parameters[] = {
    {{"NOTIFY", 6}, EHLO_DSN},
    {{"ORCPT", 5}, EHLO_DSN},
    {{NULL, 0}, EHLO_NONE},
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

static void put_parameters(struct buf *out, const struct ehlo *e, const struct parameter *known,
                           const char *options)
{
    struct span rest = span_of(options), word;
    while (span_word(&rest, &word)) {
        struct span value = word, name;
        if (!span_cut(&value, '=', &name) || !is_parameter(word))
            continue;
        for (const struct parameter *k = known; k->name.p; k++)
            if (span_equal_nocase(name, k->name) && ehlo_has(e, k->needs)) {
                buf_putc(out, ' ');
                buf_put_span(out, word);
            }
    }
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

enum command_answer command_mail(struct buf *out, const struct ehlo *e,
                                 const struct command_mail *m)
{
    size_t start = out->n;
    struct span sender = span_of(m->sender);
    bool utf8 = m->utf8 || !command_is_ascii(sender);
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
    if (ehlo_has(e, EHLO_SIZE))
        buf_printf(out, " SIZE=%" PRIu64, m->size);
    // The text shows what it is; a caller may know that more of it is meant.
    bool eightbit = m->eightbit || asks_for(m->options, SPAN("BODY=8BITMIME"));
    if (m->binary && ehlo_has(e, EHLO_BINARYMIME))
        buf_puts(out, " BODY=BINARYMIME");
    else if (eightbit && ehlo_has(e, EHLO_8BITMIME))
        buf_puts(out, " BODY=8BITMIME");
    if (utf8 && ehlo_has(e, EHLO_SMTPUTF8) && !asks_for(m->options, SPAN("SMTPUTF8")))
        buf_puts(out, " SMTPUTF8");
    // Whoever stored AUTH= is nobody whose word on an identity counts here; nor is it needed to
    // know more than that somebody gave it (RFC 4954, 5).
    if (m->authenticated && names_parameter(m->options, SPAN("AUTH")))
        buf_puts(out, " AUTH=<>");
    put_parameters(out, e, mail_parameters, m->options);
    return finish(out, start);
}

enum command_answer command_rcpt(struct buf *out, const struct ehlo *e, const char *mailbox,
                                 const char *options)
{
    size_t start = out->n;
    struct span address = span_of(mailbox);
    if (address.n == 0 || !address_is_path(address))
        return COMMAND_MALFORMED;
    if (!command_is_ascii(address) && !ehlo_has(e, EHLO_SMTPUTF8))
        return COMMAND_NEEDS_UTF8;
    buf_printf(out, "RCPT TO:<%s>", mailbox);
    put_parameters(out, e, rcpt_parameters, options);
    return finish(out, start);
}

void command_bdat(struct buf *out, size_t n, bool last)
{
    buf_printf(out, "BDAT %zu%s\r\n", n, last ? " LAST" : "");
}
