// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "submit/trouble.h"

// What we and the thread share. Whoever lets go of it last frees it.
struct lookup {
    pthread_mutex_t mutex;
    unsigned holders;
    int bell; // the thread's end of a pipe; its close says that it is done
    char host[256];
    char port[8];
    int error;  // of getaddrinfo
    int number; // errno, where error is EAI_SYSTEM
    struct addrinfo *found;
};

static void let_go(struct lookup *l)
{
    pthread_mutex_lock(&l->mutex);
    bool last = --l->holders == 0;
    pthread_mutex_unlock(&l->mutex);
    if (!last)
        return;
    if (l->found)
        freeaddrinfo(l->found);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

static int look_up(const char *host, const char *port, int flags, struct addrinfo **found)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    return getaddrinfo(host, port, &hints, found);
}

static void *run(void *context)
{
    struct lookup *l = context;
    struct addrinfo *found = NULL;
    int error = look_up(l->host, l->port, 0, &found), number = errno;
    pthread_mutex_lock(&l->mutex);
    l->error = error;
    l->number = number;
    l->found = error ? NULL : found;
    pthread_mutex_unlock(&l->mutex);
    io_close(l->bell);
    let_go(l);
    return NULL;
}

static void copy(struct addresses *to, const struct addrinfo *from)
{
    to->n = 0;
    for (; from && to->n < RESOLVE_MOST; from = from->ai_next) {
        if (from->ai_addrlen > sizeof to->address[0])
            continue;
        memcpy(&to->address[to->n], from->ai_addr, from->ai_addrlen);
        to->length[to->n++] = from->ai_addrlen;
    }
}

// Starts the thread. Its end shows at *bell, which is the caller's to close.
static struct lookup *start(const char *host, const char *port, int *bell)
{
    int ends[2] = {-1, -1};
    pthread_attr_t detached;
    pthread_t thread;
    struct lookup *l = calloc(1, sizeof *l);
    if (!l || pipe2(ends, O_CLOEXEC))
        goto bad;
    l->holders = 2;
    l->bell = ends[1];
    memcpy(l->host, host, strlen(host) + 1);
    memcpy(l->port, port, strlen(port) + 1);
    pthread_mutex_init(&l->mutex, NULL);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &detached, run, l);
    pthread_attr_destroy(&detached);
    if (!error) {
        *bell = ends[0];
        return l;
    }
    pthread_mutex_destroy(&l->mutex);
    errno = error;
bad:
    io_close(ends[0]);
    io_close(ends[1]);
    free(l);
    return NULL;
}

static enum resolve_answer judge(struct addresses *found, int error, int number,
                                 const char *host, struct outcome *trouble)
{
    if (!error && found->n)
        return RESOLVE_FOUND;
    trouble_set(trouble, TROUBLE_DNS, "DNS: %s: %s", host,
                error == EAI_SYSTEM ? strerror(number)
                : error             ? gai_strerror(error)
                                    : "has no address");
    return RESOLVE_FAILED;
}

// Takes the brackets off an IP address literal. False where the name is too long.
static bool bare(char *to, size_t size, const char *host)
{
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (n == 0 || n >= size)
        return false;
    memcpy(to, host, n);
    to[n] = '\0';
    return true;
}

enum resolve_answer resolve(struct addresses *found, const char *host, uint16_t port,
                            struct wait *w, int64_t deadline, struct outcome *trouble)
{
    char name[256];
    struct buf service = BUF_INIT(8);
    struct addrinfo *literal = NULL;
    enum resolve_answer answer = RESOLVE_FAILED;
    struct lookup *l = NULL;
    struct pollfd bell = {.fd = -1, .events = POLLIN};
    buf_printf(&service, "%u", (unsigned)port);
    found->n = 0;
    if (!bare(name, sizeof name, host)) {
        trouble_set(trouble, TROUBLE_CONFIG, "DNS: %.64s: not a host name", host);
        goto out;
    }
    if (!look_up(name, buf_str(&service), AI_NUMERICHOST, &literal)) {
        copy(found, literal);
        freeaddrinfo(literal);
        answer = judge(found, 0, 0, host, trouble);
        goto out;
    }
    l = start(name, buf_str(&service), &bell.fd);
    if (!l) {
        trouble_set(trouble, TROUBLE_SYSTEM, "DNS: %s: %s", host, strerror(errno));
        goto out;
    }
    switch (wait_for(w, &bell, 0, deadline)) {
    case WAIT_READY:
        pthread_mutex_lock(&l->mutex);
        copy(found, l->found);
        answer = judge(found, l->error, l->number, host, trouble);
        pthread_mutex_unlock(&l->mutex);
        break;
    case WAIT_LATE:
        trouble_set(trouble, TROUBLE_DNS, "DNS: %s: no answer from the resolver in time", host);
        break;
    case WAIT_STOP:
    case WAIT_GONE: answer = RESOLVE_ENDED; break;
    }
out:
    io_close(bell.fd);
    if (l)
        let_go(l);
    buf_free(&service);
    return answer;
}
