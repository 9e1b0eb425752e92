// SPDX-License-Identifier: ISC
#include "config/hosts.h"

#include <string.h>

enum { PORT_MAX = 65535 };

static bool take_port(struct span digits, uint64_t *port)
{
    for (size_t i = 0; i < digits.n; i++)
        if (!text_is_digit(digits.p[i]))
            return false;
    return digits.n && text_number(digits, PORT_MAX, port) && *port > 0;
}

static bool take_bracketed(struct span word, struct host *h)
{
    const char *end = memchr(word.p, ']', word.n);
    if (!end)
        return false;
    h->name = (struct span){word.p + 1, (size_t)(end - word.p) - 1};
    struct span rest = {end + 1, word.n - h->name.n - 2};
    if (rest.n == 0)
        return h->name.n > 0;
    return rest.p[0] == ':' && take_port((struct span){rest.p + 1, rest.n - 1}, &h->port) &&
           h->name.n > 0;
}

bool hosts_parse(struct span word, struct host *h)
{
    struct span srv = SPAN("srv:"), rest = word, name;
    uint64_t port;
    *h = (struct host){.name = word};
    if (word.n == 0)
        return false;
    if (word.p[0] == '[')
        return take_bracketed(word, h);
    // No domain is a number, so "srv:587" is a host of that name, and its port.
    if (span_starts_nocase(word, srv)) {
        struct span domain = {word.p + srv.n, word.n - srv.n};
        if (!take_port(domain, &port)) {
            *h = (struct host){.name = domain, .srv = true};
            return domain.n > 0;
        }
    }
    // With more colons than one it is an address of IPv6.
    if (!span_cut(&rest, ':', &name) || !rest.p || memchr(rest.p, ':', rest.n))
        return true;
    h->name = name;
    return name.n && take_port(rest, &h->port);
}

bool hosts_next(struct span *list, struct host *h)
{
    struct span word;
    if (!span_word(list, &word))
        return false;
    if (!hosts_parse(word, h))
        *h = (struct host){.name = word};
    return true;
}

size_t hosts_count(struct span list)
{
    struct host h;
    size_t n = 0;
    while (hosts_next(&list, &h))
        n++;
    return n;
}

bool hosts_have_srv(struct span list)
{
    struct host h;
    while (hosts_next(&list, &h))
        if (h.srv)
            return true;
    return false;
}
