// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "submit/line/resolve.h"

enum { TEXT_MAX = 128 }; // octets of an address with its zone

bool endpoint_is_loopback(const struct endpoint *e)
{
    if (e->at.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)&e->at;
        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (e->at.ss_family == AF_INET6) {
        const struct in6_addr *v6 =
            &((const struct sockaddr_in6 *)(const void *)&e->at)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(v6) ||
               (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
    }
    return false;
}

void endpoint_put(struct buf *out, const struct endpoint *e)
{
    const void *address = e->at.ss_family == AF_INET6
                              ? (const void *)&((const struct sockaddr_in6 *)&e->at)->sin6_addr
                              : (const void *)&((const struct sockaddr_in *)&e->at)->sin_addr;
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(e->at.ss_family, address, text, sizeof text))
        buf_puts(out, text);
}

bool endpoint_sources(struct endpoint source[ENDPOINT_SOURCES], struct span text)
{
    struct buf one = BUF_INIT(TEXT_MAX);
    struct addresses found;
    struct span word;
    bool good = true;
    for (size_t i = 0; i < ENDPOINT_SOURCES; i++)
        source[i] = (struct endpoint){0};
    for (size_t i = 0; good && span_word(&text, &word); i++) {
        buf_clear(&one);
        buf_put_span(&one, word);
        good = i < ENDPOINT_SOURCES && !one.over && resolve_literal(&found, buf_str(&one), 0);
        if (good)
            source[i] = found.address[0];
    }
    buf_free(&one);
    return good;
}

const struct endpoint *endpoint_of_family(const struct endpoint source[ENDPOINT_SOURCES],
                                          int family)
{
    for (size_t i = 0; i < ENDPOINT_SOURCES; i++)
        if (source[i].length && source[i].at.ss_family == family)
            return &source[i];
    return NULL;
}
