// SPDX-License-Identifier: ISC
#include "transaction.h"

#include <string.h>

static const struct {
    bool mail;
    const char *name, *extension;
} parameters[] = {
    {true, "SIZE", "SIZE"},   {true, "BODY", "8BITMIME"}, {true, "SMTPUTF8", "SMTPUTF8"},
    {true, "AUTH", "AUTH"},   {true, "RET", "DSN"},       {true, "ENVID", "DSN"},
    {false, "NOTIFY", "DSN"}, {false, "ORCPT", "DSN"},    {true, "REQUIRETLS", "REQUIRETLS"},
};

static bool known(const struct house *h, bool mail, struct span name)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (parameters[i].mail == mail && span_equal_nocase(name, span_of(parameters[i].name)))
            return house_offers(h, span_of(parameters[i].extension));
    return false;
}

static const char *check_parameters(const struct house *h, bool mail, struct span rest,
                                    bool *utf8)
{
    struct span word, name;
    uint64_t size;
    while (span_word(&rest, &word)) {
        struct span value = word;
        span_cut(&value, '=', &name);
        if (!known(h, mail, name))
            return "555 5.5.4 parameter not recognized";
        if (span_equal_nocase(name, SPAN("SMTPUTF8")))
            *utf8 = true;
        if (span_equal_nocase(name, SPAN("SIZE"))) {
            if (!text_number(value, UINT64_MAX, &size))
                return "501 5.5.4 bad SIZE";
            if (size > h->size_limit)
                return "552 5.3.4 message size exceeds the limit";
        }
    }
    return NULL;
}

static bool eightbit(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > 127)
            return true;
    return false;
}

const char *transaction_check(const struct house *h, bool mail, struct span line)
{
    struct span verb = mail ? SPAN("MAIL FROM:<") : SPAN("RCPT TO:<");
    bool utf8 = false;
    if (!span_starts_nocase(line, verb))
        return "501 5.5.4 bad syntax";
    struct span path, rest = {line.p + verb.n, line.n - verb.n};
    span_cut(&rest, '>', &path);
    if (!rest.p || (rest.n && rest.p[0] != ' '))
        return "501 5.1.3 bad path";
    if (path.n == 0 ? !mail : !memchr(path.p, '@', path.n))
        return "504 5.5.2 need fully-qualified address";
    const char *why = check_parameters(h, mail, rest, &utf8);
    if (!why && mail && eightbit(path) && !utf8)
        why = "553 5.6.7 address needs SMTPUTF8";
    return why;
}
