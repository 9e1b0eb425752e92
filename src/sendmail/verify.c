// SPDX-License-Identifier: ISC
#include "sendmail/verify.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/diag.h"
#include "message/address.h"
#include "spool/recipients.h"

enum { LINE_MAX_OCTETS = 262144 };

struct verification {
    const struct config_account *account; // NULL where nothing can be sent
    struct recipients_rules rules;
    struct buf *why;
    int status;
};

// The first trouble decides.
static void note(struct verification *v, int status)
{
    if (!v->status)
        v->status = status;
}

static void print_reached(void *arg, struct span mailbox, const char *trail)
{
    struct verification *v = arg;
    struct buf line = BUF_INIT(LINE_MAX_OCTETS);
    text_clean(&line, span_of(trail), LINE_MAX_OCTETS / 2);
    if (address_is_bare(mailbox)) {
        buf_puts(&line, ": no alias, no local_to and no domain are known for this name");
        note(v, EX_NOUSER);
    } else if (v->account) {
        buf_printf(&line, ": account %s, host %s", v->account->name, v->account->host);
    } else {
        buf_puts(&line, ": no account");
        note(v, EX_NOHOST);
    }
    puts(buf_str(&line));
    buf_free(&line);
}

static void warn_skipped(void *arg, const char *complaint)
{
    (void)arg;
    diag_warn("%s", complaint);
}

static void verify_one(struct verification *v, struct span mailbox)
{
    struct envelope named, reached;
    envelope_init(&named);
    envelope_init(&reached);
    if (!envelope_add(&named, mailbox, SPAN("")) ||
        !recipients_resolve(&reached, &named, &v->rules, v->why))
        note(v, EX_DATAERR);
    envelope_free(&named);
    envelope_free(&reached);
}

static void verify_list(struct verification *v, const char *operand)
{
    struct address_list list;
    struct address one;
    enum address_answer answer;
    address_init(&list, span_of(operand), false);
    while ((answer = address_next(&list, &one)) == ADDRESS_ONE)
        verify_one(v, one.mailbox);
    if (answer == ADDRESS_BAD) {
        diag_warn("%s: no address: %s", operand, list.reason);
        note(v, EX_DATAERR);
    }
    address_free(&list);
}

int verify(const struct args *a, const struct config *config, struct buf *why)
{
    struct buf domain = BUF_INIT(1024);
    struct verification v = {.why = why};
    if (!config->parsed || !config_domain(config, &domain))
        buf_clear(&domain);
    if (config->problem.n)
        diag_warn("%s", buf_str(&config->problem));
    else
        v.account = config_account(config, "");
    v.rules = (struct recipients_rules){
        .aliases = a->no_aliases || !config->parsed ? "" : config->aliases,
        .local_to = span_of(config->local_to),
        .domain = buf_span(&domain),
        .skipped = warn_skipped,
        .reached = print_reached,
        .arg = &v,
    };
    for (size_t i = 0; i < a->n_operands; i++)
        verify_list(&v, a->operands[i]);
    if (fflush(stdout) || ferror(stdout))
        v.status = EX_IOERR;
    buf_free(&domain);
    return v.status;
}
