// SPDX-License-Identifier: ISC
#include "message/bounce/deliverystatus.h"

#include "message/lines.h"
#include "message/parameter.h"
#include "message/xtext.h"

enum { VALUE_MAX = 900 }; // octets of a field's value: a line has at most 998

// Appends the text as one line of printable ASCII.
static void put_ascii(struct buf *out, struct span text)
{
    struct buf clean = BUF_INIT(VALUE_MAX);
    text_clean(&clean, text, VALUE_MAX);
    for (size_t i = 0; i < clean.n; i++)
        buf_putc(out, (unsigned char)clean.p[i] < 0x80 ? clean.p[i] : '?');
    buf_free(&clean);
}

static void put_field(struct buf *out, const char *name, const char *type, struct span text)
{
    buf_printf(out, "%s: %s", name, type);
    put_ascii(out, text);
    buf_putc(out, '\n');
}

static void put_date(struct buf *out, const char *name, const struct bounce_date *when)
{
    buf_printf(out, "%s: ", name);
    date_put(out, &when->local, when->offset);
    buf_putc(out, '\n');
}

// An address that is not ASCII, as utf-8-addr-xtext (RFC 6533, 3).
static void put_utf8_address(struct buf *out, struct span address)
{
    size_t begin = out->n;
    while (address.n && out->n - begin < VALUE_MAX) {
        size_t length = text_utf8(address), step = length ? length : 1;
        char c = address.p[0];
        if (step == 1 && c > ' ' && c <= '~' && c != '\\' && c != '+' && c != '=')
            buf_putc(out, c);
        else
            buf_printf(out, "\\x{%02X}", length ? text_code_point(address.p, length) : 0xFFFDU);
        address.p += step;
        address.n -= step;
    }
}

static void put_final(struct buf *out, struct span address)
{
    struct lines_figures figures = {0};
    lines_count(&figures, address);
    if (!figures.eightbit) {
        put_field(out, "Final-Recipient", "rfc822; ", address);
        return;
    }
    buf_puts(out, "Final-Recipient: utf-8; ");
    put_utf8_address(out, address);
    buf_putc(out, '\n');
}

// What the sender calls the recipient: ORCPT=TYPE;XTEXT (RFC 3461, 4.2).
static void put_original(struct buf *out, const char *options)
{
    struct span value, type;
    struct buf address = BUF_INIT(VALUE_MAX);
    if (parameter_find(options, SPAN("ORCPT"), &value) && span_cut(&value, ';', &type) &&
        type.n && value.n && xtext_decode(&address, value)) {
        buf_puts(out, "Original-Recipient: ");
        put_ascii(out, type);
        buf_puts(out, "; ");
        put_ascii(out, buf_span(&address));
        buf_putc(out, '\n');
    }
    buf_free(&address);
}

// The first figure tells whether it is over, whatever made us think so.
static void put_status(struct buf *out, enum bounce_kind kind, const uint16_t status[3])
{
    static const char *const actions[] = {
        [BOUNCE_FAILED] = "failed", [BOUNCE_DELAYED] = "delayed", [BOUNCE_RELAYED] = "relayed"};
    bool relayed = kind == BOUNCE_RELAYED;
    bool known = relayed ? status[0] == 2 : status[0] == 4 || status[0] == 5;
    unsigned class = relayed ? 2 : kind == BOUNCE_DELAYED ? 4 : known ? status[0] : 5;
    buf_printf(out, "Action: %s\nStatus: %u.%u.%u\n", actions[kind], class,
               known ? status[1] : 0U, known ? status[2] : 0U);
}

// "host[address]:port" is the host, or the address where that is its name.
static void put_remote(struct buf *out, struct span relay)
{
    struct span host;
    bool address = true;
    if (!span_cut(&relay, '[', &host) || !host.n)
        return;
    for (size_t i = 0; i < host.n; i++)
        address = address && (text_is_digit(host.p[i]) || host.p[i] == '.');
    buf_puts(out, "Remote-MTA: dns; ");
    buf_puts(out, address ? "[" : "");
    put_ascii(out, host);
    buf_puts(out, address ? "]\n" : "\n");
}

static void put_diagnostic(struct buf *out, struct span relay, const struct outcome *o)
{
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX + 64);
    outcome_describe(&text, o);
    if (o->code)
        put_remote(out, relay);
    if (text.n)
        put_field(out, "Diagnostic-Code", o->code ? "smtp; " : "x-sendoff; ",
                  span_trim(buf_span(&text)));
    buf_free(&text);
}

static void put_recipient(struct buf *out, const struct bounce_facts *f,
                          const struct envelope *e, const struct bounce_recipient *r)
{
    buf_putc(out, '\n');
    put_original(out, envelope_recipient_options(e, r->index));
    put_final(out, span_of(envelope_address(e, r->index)));
    put_status(out, f->kind, r->outcome.status);
    put_diagnostic(out, r->fresh ? f->relay : SPAN(""), &r->outcome);
    if (r->fresh)
        put_date(out, "Last-Attempt-Date", &f->now);
    if (f->kind == BOUNCE_DELAYED)
        put_date(out, "Will-Retry-Until", &f->until);
}

static void put_envid(struct buf *out, const char *options)
{
    struct span value;
    struct buf plain = BUF_INIT(VALUE_MAX);
    if (parameter_find(options, SPAN("ENVID"), &value) && value.n &&
        xtext_decode(&plain, value))
        put_field(out, "Original-Envelope-Id", "", buf_span(&plain));
    buf_free(&plain);
}

void deliverystatus_put(struct buf *out, const struct bounce_facts *f, const struct block *b,
                        const struct bounce_recipient *list, size_t n)
{
    const struct envelope *e = &b->envelope;
    size_t begin = out->n;
    put_envid(out, envelope_options(e));
    put_field(out, "Reporting-MTA", "dns; ", f->domain.n ? f->domain : SPAN("localhost"));
    put_date(out, "Arrival-Date", &f->arrival);
    for (size_t i = 0; i < n && out->n - begin < BOUNCE_LIST_MAX; i++)
        put_recipient(out, f, e, &list[i]);
}
