// SPDX-License-Identifier: ISC
#include "sendmail/compose.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "message/address.h"
#include "message/fixup.h"
#include "sendmail/identity.h"
#include "spool/recipients.h"

static int add_operand(struct envelope *e, const char *operand, struct buf *why)
{
    struct address_list list;
    struct address one;
    enum address_answer answer;
    bool room = true;
    address_init(&list, span_of(operand), false);
    while (room && (answer = address_next(&list, &one)) == ADDRESS_ONE)
        room = envelope_add(e, one.mailbox, SPAN(""));
    if (!room) {
        buf_puts(why, "too many recipients");
    } else if (answer == ADDRESS_BAD) {
        buf_printf(why, "%s: no address: %s", operand, list.reason);
    }
    address_free(&list);
    return why->n ? EX_DATAERR : 0;
}

static int fixup_status(enum fixup_answer answer, struct buf *why)
{
    switch (answer) {
    case FIXUP_DONE: return 0;
    case FIXUP_ADDRESS: break; // the reason is there already
    case FIXUP_MANY: buf_puts(why, "too many recipients"); break;
    case FIXUP_LONG: buf_puts(why, "the header is too long"); break;
    }
    return EX_DATAERR;
}

static bool find_field(const struct header *h, struct span name, struct span *body)
{
    struct span text = buf_span(&h->text);
    struct field f;
    while (field_next(&text, &f)) {
        if (span_equal_nocase(f.name, name)) {
            *body = f.body;
            return true;
        }
    }
    return false;
}

// The mailbox that the message itself says it is from: Sender, else the first one in From.
static void put_author(struct buf *out, const struct header *h)
{
    struct span body;
    struct address_list list;
    struct address one;
    if (!find_field(h, SPAN("Sender"), &body) && !find_field(h, SPAN("From"), &body))
        return;
    address_init(&list, body, true);
    if (address_next(&list, &one) == ADDRESS_ONE)
        buf_put_span(out, one.mailbox);
    address_free(&list);
}

// Where from: MAIL, or -f, else the message's own word, else the user. *sender is set; the
// identity is asked for only if neither serves.
static int find_sender(const struct compose *c, struct identity *who, struct buf *sender,
                       struct buf *why)
{
    if (c->given) {
        buf_puts(sender, envelope_sender(c->given));
        return 0;
    }
    if (c->args->sender) {
        const char *reason = address_path(sender, span_of(c->args->sender));
        if (!reason)
            return 0;
        buf_printf(why, "-f %s: no address: %s", c->args->sender, reason);
        return EX_USAGE;
    }
    put_author(sender, c->header);
    if (sender->n == 0) {
        if (!who->login.n)
            identity_find(who);
        buf_put_span(sender, buf_span(&who->login));
    }
    return 0;
}

static void put_option(struct buf *options, const char *name, const char *value)
{
    buf_printf(options, "%s%s%s", options->n ? " " : "", name, value);
}

// What the command line asks of MAIL.
static void put_options(struct buf *options, const struct args *a)
{
    if (a->eightbit)
        put_option(options, "BODY=8BITMIME", "");
    if (a->utf8)
        put_option(options, "SMTPUTF8", "");
    if (a->require_tls)
        put_option(options, "REQUIRETLS", "");
    if (a->ret)
        put_option(options, "RET=", a->ret);
    if (a->envid)
        put_option(options, "ENVID=", a->envid);
}

static int set_sender(struct envelope *e, const struct compose *c, struct span sender,
                      struct buf *why)
{
    struct buf complete = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    struct buf options = BUF_INIT(ENVELOPE_OPTIONS_MAX);
    recipients_complete(&complete, sender, c->domain);
    if (c->given)
        buf_puts(&options, envelope_options(c->given));
    else
        put_options(&options, c->args);
    bool good = !complete.over && envelope_set_sender(e, buf_span(&complete)) &&
                envelope_set_options(e, buf_span(&options));
    buf_free(&complete);
    buf_free(&options);
    if (good)
        return 0;
    buf_puts(why, "the sender's address is too long");
    return EX_DATAERR;
}

static void log_skipped(void *arg, const char *complaint)
{
    (void)arg;
    diag_log(LOG_WARNING, "aliases: %s", complaint);
}

// The recipients as they were named become those that are stored: followed, complete, each
// once.
static int set_recipients(struct envelope *e, const struct compose *c,
                          const struct envelope *named, struct buf *why)
{
    struct buf options = BUF_INIT(ENVELOPE_OPTIONS_MAX);
    if (!c->given && c->args->notify)
        buf_printf(&options, "NOTIFY=%s", c->args->notify);
    struct recipients_rules rules = {
        .aliases = c->args->no_aliases ? "" : c->aliases,
        .local_to = c->local_to,
        .domain = c->domain,
        .options = buf_span(&options),
        .skipped = log_skipped,
    };
    bool good = recipients_resolve(e, named, &rules, why);
    buf_free(&options);
    if (good && envelope_count(e) == 0) {
        buf_puts(why, "no recipient in the header, and none on the command line");
        good = false;
    }
    if (good && c->max_recipients && envelope_count(e) > c->max_recipients) {
        buf_printf(why, "%zu recipients, and max_recipients allows %llu", envelope_count(e),
                   (unsigned long long)c->max_recipients);
        good = false;
    }
    return good ? 0 : EX_DATAERR;
}

// Completes the header, and adds the recipients in it to *named with -t.
static int complete_header(const struct compose *c, struct identity *who, struct span sender,
                           struct envelope *named, struct buf *text, struct buf *why)
{
    struct fixup_facts facts = {
        .harvest = c->args->from_header,
        .gateway = c->args->gateway,
        .domain = c->domain,
        .mailbox = sender,
    };
    struct span from;
    if (io_random(facts.random, sizeof facts.random)) {
        buf_printf(why, "no random octets: %s", strerror(errno));
        return EX_TEMPFAIL;
    }
    clock_local(c->now / CLOCK_SECOND_US, &facts.local, &facts.offset);
    // An empty From is not kept.
    bool has_from = find_field(c->header, SPAN("From"), &from) && span_trim(from).n;
    if (!c->args->gateway && !has_from) {
        if (!who->login.n)
            identity_find(who);
        if (!sender.n)
            facts.mailbox = buf_span(&who->login);
        facts.name = c->args->full_name ? span_of(c->args->full_name)
                                        : buf_span(&who->full_name);
    } else if (!sender.n) {
        facts.mailbox = SPAN("MAILER-DAEMON"); // stands in no field: there is a From
    }
    int status = fixup_status(fixup(text, named, why, c->header, &facts), why);
    buf_putc(text, '\n');
    return status;
}

// Those of RCPT with their options, or those of the command line.
static int name_recipients(struct envelope *named, const struct compose *c, struct buf *why)
{
    int status = 0;
    for (size_t i = 0; c->given && i < envelope_count(c->given); i++)
        if (!envelope_add(named, span_of(envelope_address(c->given, i)),
                          span_of(envelope_recipient_options(c->given, i))))
            return EX_SOFTWARE; // they were in an envelope already
    for (size_t i = 0; !status && !c->given && i < c->args->n_operands; i++)
        status = add_operand(named, c->args->operands[i], why);
    return status;
}

int compose(const struct compose *c, struct envelope *e, struct buf *text, struct buf *why)
{
    struct identity who = {BUF_INIT(0), BUF_INIT(0)};
    struct buf sender = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    struct envelope named;
    envelope_init(&named);
    int status = find_sender(c, &who, &sender, why);
    if (!status)
        status = name_recipients(&named, c, why);
    if (!status)
        status = complete_header(c, &who, buf_span(&sender), &named, text, why);
    if (!status)
        status = set_sender(e, c, buf_span(&sender), why);
    if (!status)
        status = set_recipients(e, c, &named, why);
    envelope_free(&named);
    identity_free(&who);
    buf_free(&sender);
    return status;
}
