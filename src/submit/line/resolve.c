// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/resolve.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "submit/line/aside.h"
#include "submit/trouble.h"

enum {
    HOST_SIZE = 256, // a name and NUL
    PORT_SIZE = 8,
    ANSWER_MAX = 65535 // octets of a DNS message over TCP (RFC 1035, 4.2.2)
};

// What each way of asking comes to, where the work in the thread did not come to its end.
static enum resolve_answer unanswered(enum aside_answer answer, const char *name,
                                      struct outcome *trouble)
{
    if (answer == ASIDE_ENDED)
        return RESOLVE_ENDED;
    if (answer == ASIDE_LATE)
        trouble_set(trouble, TROUBLE_DNS, "DNS: %s: no answer from the resolver in time", name);
    else
        trouble_set(trouble, TROUBLE_SYSTEM, "DNS: %s: %s", name, strerror(errno));
    return RESOLVE_FAILED;
}

// ---- Addresses

struct lookup {
    char host[HOST_SIZE];
    char port[PORT_SIZE];
    int error;  // of getaddrinfo
    int number; // errno, where error is EAI_SYSTEM
    struct addrinfo *found;
};

static int look_up(const char *host, const char *port, int flags, struct addrinfo **found)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    return getaddrinfo(host, port, &hints, found);
}

static void work_lookup(void *context)
{
    struct lookup *l = context;
    l->error = look_up(l->host, l->port, 0, &l->found);
    l->number = errno;
    if (l->error)
        l->found = NULL;
}

static void drop_lookup(void *context)
{
    struct lookup *l = context;
    if (l->found)
        freeaddrinfo(l->found);
    free(l);
}

static void copy(struct addresses *to, const struct addrinfo *from)
{
    to->n = 0;
    for (; from && to->n < RESOLVE_MOST; from = from->ai_next) {
        struct endpoint *e = &to->address[to->n];
        if (from->ai_addrlen > sizeof e->at)
            continue;
        *e = (struct endpoint){.length = from->ai_addrlen};
        memcpy(&e->at, from->ai_addr, from->ai_addrlen);
        to->n++;
    }
}

static enum resolve_answer judge(const struct addresses *found, const struct lookup *l,
                                 const char *host, struct outcome *trouble)
{
    if (!l->error && found->n)
        return RESOLVE_FOUND;
    trouble_set(trouble, TROUBLE_DNS, "DNS: %s: %s", host,
                l->error == EAI_SYSTEM ? strerror(l->number)
                : l->error             ? gai_strerror(l->error)
                                       : "has no address");
    return RESOLVE_FAILED;
}

// Takes the brackets off an IP address literal. False where the name is too long.
static bool bare(char to[HOST_SIZE], const char *host)
{
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (n == 0 || n >= HOST_SIZE)
        return false;
    memcpy(to, host, n);
    to[n] = '\0';
    return true;
}

bool resolve_literal(struct addresses *found, const char *host, uint16_t port)
{
    char name[HOST_SIZE], service[PORT_SIZE];
    struct addrinfo *literal = NULL;
    found->n = 0;
    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (!bare(name, host) || look_up(name, service, AI_NUMERICHOST, &literal))
        return false;
    copy(found, literal);
    freeaddrinfo(literal);
    return found->n > 0;
}

enum resolve_answer resolve(struct addresses *found, const char *host, uint16_t port,
                            struct wait *w, int64_t deadline, struct outcome *trouble)
{
    static const struct aside job = {work_lookup, drop_lookup};
    char name[HOST_SIZE];
    if (!bare(name, host)) {
        trouble_set(trouble, TROUBLE_CONFIG, "DNS: %.64s: not a host name", host);
        return RESOLVE_FAILED;
    }
    if (resolve_literal(found, host, port))
        return RESOLVE_FOUND;
    struct lookup *l = calloc(1, sizeof *l);
    if (!l)
        return unanswered(ASIDE_TROUBLE, host, trouble);
    memcpy(l->host, name, sizeof name);
    snprintf(l->port, sizeof l->port, "%u", (unsigned)port);
    enum aside_answer answer = aside(&job, l, w, deadline);
    if (answer != ASIDE_DONE)
        return unanswered(answer, host, trouble);
    copy(found, l->found);
    enum resolve_answer judged = judge(found, l, host, trouble);
    drop_lookup(l);
    return judged;
}

// ---- SRV and MX

struct question {
    char name[HOST_SIZE + sizeof "_submissions._tcp.."];
    int error; // h_errno, 0 where there is an answer
    size_t n;  // of `answer`
    unsigned char answer[ANSWER_MAX];
};

struct inquiry {
    int type; // ns_type of <arpa/nameser.h>
    size_t n;
    struct question question[2]; // of SRV: submissions, submission
};

// One question after the other: the resolver's settings and its socket are the thread's.
static void work_inquiry(void *context)
{
    struct inquiry *i = context;
    for (struct question *q = i->question; q < i->question + i->n; q++) {
        int n = res_query(q->name, ns_c_in, i->type, q->answer, sizeof q->answer);
        q->error = n < 0 ? h_errno : 0;
        q->n = n < 0 ? 0 : (size_t)n < sizeof q->answer ? (size_t)n : sizeof q->answer;
    }
}

static bool parse(struct srv_list *found, const struct inquiry *i, size_t which)
{
    const struct question *q = &i->question[which];
    struct span answer = {(const char *)q->answer, q->n};
    return i->type == ns_t_srv ? srv_parse(found, answer, which == 0)
                               : srv_parse_mx(found, answer);
}

// What the answers are worth. That one of the services could not be asked for matters where the
// other one is not there.
static enum resolve_answer judge_inquiry(struct srv_list *found, const struct inquiry *i,
                                         const char *domain, struct outcome *trouble)
{
    uint32_t random[SRV_MOST] = {0};
    bool unknown = false, srv = i->type == ns_t_srv;
    for (size_t k = 0; k < i->n; k++) {
        int error = i->question[k].error;
        unknown |= error ? error != HOST_NOT_FOUND && error != NO_DATA : !parse(found, i, k);
    }
    if (found->n) {
        // Without them the weights count for nothing, and the mail goes all the same.
        if (io_random(random, sizeof random))
            errno = 0;
        srv_order(found, random);
        return RESOLVE_FOUND;
    }
    trouble_set(trouble, TROUBLE_DNS, "DNS: %s%s: %s", srv ? "srv:" : "", domain,
                unknown          ? "no usable answer from the resolver"
                : !srv           ? "the domain names nobody who takes its mail in"
                : found->refused ? "the domain says that it has no submission server"
                                 : "the domain names no submission server");
    return RESOLVE_FAILED;
}

// Asks what was put into *i, which is from malloc and goes here.
static enum resolve_answer inquire(struct srv_list *found, struct inquiry *i,
                                   const char *domain, struct wait *w, int64_t deadline,
                                   struct outcome *trouble)
{
    static const struct aside job = {work_inquiry, free};
    enum aside_answer answer = aside(&job, i, w, deadline);
    if (answer != ASIDE_DONE)
        return unanswered(answer, domain, trouble);
    enum resolve_answer judged = judge_inquiry(found, i, domain, trouble);
    free(i);
    return judged;
}

// NULL, with the trouble in *trouble, where there is none to be had.
static struct inquiry *inquiry_new(int type, const char *domain, struct outcome *trouble)
{
    if (strlen(domain) >= HOST_SIZE) {
        trouble_set(trouble, TROUBLE_CONFIG, "DNS: %.64s: not a domain", domain);
        return NULL;
    }
    struct inquiry *i = calloc(1, sizeof *i);
    if (i)
        i->type = type;
    else
        (void)unanswered(ASIDE_TROUBLE, domain, trouble);
    return i;
}

enum resolve_answer resolve_srv(struct srv_list *found, const char *domain, bool implicit,
                                struct wait *w, int64_t deadline, struct outcome *trouble)
{
    struct inquiry *i = inquiry_new(ns_t_srv, domain, trouble);
    *found = (struct srv_list){0};
    if (!i)
        return RESOLVE_FAILED;
    i->n = implicit ? 1 : 2;
    // The dot at the end says that it is complete: no search list is gone through.
    snprintf(i->question[0].name, sizeof i->question[0].name, "_submissions._tcp.%s.", domain);
    snprintf(i->question[1].name, sizeof i->question[1].name, "_submission._tcp.%s.", domain);
    return inquire(found, i, domain, w, deadline, trouble);
}

enum resolve_answer resolve_mx(struct srv_list *found, const char *domain, struct wait *w,
                               int64_t deadline, struct outcome *trouble)
{
    struct inquiry *i = inquiry_new(ns_t_mx, domain, trouble);
    *found = (struct srv_list){0};
    if (!i)
        return RESOLVE_FAILED;
    i->n = 1;
    snprintf(i->question[0].name, sizeof i->question[0].name, "%s.", domain);
    return inquire(found, i, domain, w, deadline, trouble);
}
