// SPDX-License-Identifier: ISC
#include "sendmail/request.h"

#include "message/address.h"
#include "message/envelope.h"
#include "sendmail/dsn.h"

enum argument { ARGUMENT_NONE, ARGUMENT_OPTIONAL, ARGUMENT_NEEDED };

#define REQUESTS_ROW(name, argument) {SPAN_INIT(#name), ARGUMENT_##argument},
static const struct {
    struct span name;
    enum argument argument;
} verbs[] = {REQUESTS(REQUESTS_ROW)};
#undef REQUESTS_ROW

static bool has_control(struct span line)
{
    for (size_t i = 0; i < line.n; i++)
        if (text_is_control(line.p[i]) && line.p[i] != '\t')
            return true;
    return false;
}

const char *request_parse(struct request *r, struct span line)
{
    struct span rest = line, word;
    *r = (struct request){.verb = REQUEST_UNKNOWN};
    if (has_control(line))
        return "500 5.5.2 a control character is in the line";
    if (!span_word(&rest, &word) || word.p != line.p)
        return "500 5.5.2 no command";
    r->argument = span_trim(rest);
    for (unsigned i = 0; i < REQUEST_UNKNOWN; i++)
        if (span_equal_nocase(word, verbs[i].name))
            r->verb = (enum request_verb)i;
    if (r->verb == REQUEST_UNKNOWN)
        return "500 5.5.2 unknown command";
    if (verbs[r->verb].argument == ARGUMENT_NEEDED && r->argument.n == 0)
        return "501 5.5.4 the command needs an argument";
    if (verbs[r->verb].argument == ARGUMENT_NONE && r->argument.n)
        return "501 5.5.4 the command takes no argument";
    return NULL;
}

// ---- Parameters of MAIL and RCPT

static void put_option(struct request_path *p, const char *name, struct span value)
{
    if (p->options.n)
        buf_putc(&p->options, ' ');
    buf_puts(&p->options, name);
    if (value.n)
        buf_putc(&p->options, '=');
    buf_put_span(&p->options, value);
}

static bool take_size(struct request_path *p, struct span value)
{
    return value.n <= 20 && text_number(value, UINT64_MAX, &p->size);
}

static bool take_body(struct request_path *p, struct span value)
{
    if (!span_equal_nocase(value, SPAN("8BITMIME")))
        return span_equal_nocase(value, SPAN("7BIT"));
    put_option(p, "BODY", SPAN("8BITMIME"));
    return true;
}

static bool take_utf8(struct request_path *p, struct span value)
{
    if (value.p)
        return false;
    put_option(p, "SMTPUTF8", SPAN(""));
    return true;
}

static bool take_ret(struct request_path *p, struct span value)
{
    const char *what = dsn_ret(value);
    if (what)
        put_option(p, "RET", span_of(what));
    return what;
}

static bool take_envid(struct request_path *p, struct span value)
{
    put_option(p, "ENVID", value);
    return dsn_envid(value);
}

static bool take_notify(struct request_path *p, struct span value)
{
    const char *when = dsn_notify(value);
    if (when)
        put_option(p, "NOTIFY", span_of(when));
    return when;
}

static bool take_orcpt(struct request_path *p, struct span value)
{
    put_option(p, "ORCPT", value);
    return dsn_orcpt(value);
}

static const struct {
    enum request_verb verb;
    struct span name;
    bool (*take)(struct request_path *p, struct span value);
} parameters[] = {
    {REQUEST_MAIL, SPAN_INIT("SIZE"), take_size},
    {REQUEST_MAIL, SPAN_INIT("BODY"), take_body},
    {REQUEST_MAIL, SPAN_INIT("SMTPUTF8"), take_utf8},
    {REQUEST_MAIL, SPAN_INIT("RET"), take_ret},
    {REQUEST_MAIL, SPAN_INIT("ENVID"), take_envid},
    {REQUEST_RCPT, SPAN_INIT("NOTIFY"), take_notify},
    {REQUEST_RCPT, SPAN_INIT("ORCPT"), take_orcpt},
};

static const char *take_parameters(struct request_path *p, enum request_verb verb,
                                   struct span rest)
{
    struct span value;
    unsigned seen = 0;
    while (span_word(&rest, &value)) {
        struct span name;
        unsigned i = 0;
        span_cut(&value, '=', &name);
        while (i < sizeof parameters / sizeof *parameters &&
               (parameters[i].verb != verb || !span_equal_nocase(name, parameters[i].name)))
            i++;
        if (i == sizeof parameters / sizeof *parameters)
            return "555 5.5.4 a parameter that is not known here";
        if (seen & 1U << i)
            return "501 5.5.4 a parameter is there twice";
        seen |= 1U << i;
        if (!parameters[i].take(p, value) || p->options.over)
            return "501 5.5.4 a parameter has a value that is none";
    }
    return NULL;
}

// ---- The path

void request_path_init(struct request_path *p)
{
    *p = (struct request_path){.mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX),
                               .options = BUF_INIT(ENVELOPE_OPTIONS_MAX)};
}

void request_path_free(struct request_path *p)
{
    buf_free(&p->mailbox);
    buf_free(&p->options);
}

// Length of the path in brackets at the start of the text, brackets included; 0 where it is not
// closed, or something sticks to it.
static size_t path_length(struct span text)
{
    bool quoted = false;
    for (size_t i = 1; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"')
            quoted = !quoted;
        else if (c == '\\')
            i++;
        else if (c == '>' && !quoted)
            return i + 1 == text.n || text_is_blank(text.p[i + 1]) ? i + 1 : 0;
    }
    return 0;
}

static bool cut_path(struct span *rest, struct span *path)
{
    *rest = span_trim(*rest);
    if (rest->n == 0 || rest->p[0] != '<')
        return span_word(rest, path);
    size_t n = path_length(*rest);
    *path = (struct span){rest->p, n};
    *rest = (struct span){rest->p + n, rest->n - n};
    return n > 0;
}

const char *request_path_parse(struct request_path *p, enum request_verb verb,
                               struct span argument)
{
    bool sender = verb == REQUEST_MAIL;
    struct span rest = argument, word, path;
    buf_clear(&p->mailbox);
    buf_clear(&p->options);
    p->size = 0;
    if (!span_cut(&rest, ':', &word) || !rest.p ||
        !span_equal_nocase(span_trim(word), sender ? SPAN("FROM") : SPAN("TO")) ||
        !cut_path(&rest, &path))
        return sender ? "501 5.5.4 it is MAIL FROM:<address>"
                      : "501 5.5.4 it is RCPT TO:<address>";
    if (address_path(&p->mailbox, path) || p->mailbox.over || (!sender && !p->mailbox.n))
        return sender ? "553 5.1.7 the sender's address is none"
                      : "553 5.1.3 the recipient's address is none";
    return take_parameters(p, verb, rest);
}

const char *request_chunk(struct span argument, uint64_t *octets, bool *last)
{
    struct span rest = argument, count, word;
    *last = false;
    if (!span_word(&rest, &count) || !text_number(count, UINT64_MAX, octets))
        return "501 5.5.4 it is BDAT octets, or BDAT octets LAST";
    if (span_word(&rest, &word)) {
        *last = span_equal_nocase(word, SPAN("LAST"));
        if (!*last || span_word(&rest, &word))
            return "501 5.5.4 it is BDAT octets, or BDAT octets LAST";
    }
    return NULL;
}
