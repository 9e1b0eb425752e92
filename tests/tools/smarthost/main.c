// SPDX-License-Identifier: ISC
// smarthost: a mail server on loopback for tests and the demo. It takes mail as a provider's
// submission service does, keeps it in files, and misbehaves where a script (script.h) says so.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "certs.h"
#include "house.h"
#include "script.h"
#include "session.h"
#include "tls.h"

enum { BACKLOG = 512 };

static const char usage[] =
    "usage: smarthost [-b address] [-p port] [-P portfile] [-m starttls|implicit|plain]\n"
    "                 [-c cert -k key] [-a|-A ca] [-u user:password]... [-x keyword]... [-z "
    "octets]\n"
    "                 [-s script] [-o directory] [-r file] [-l log]\n"
    "       smarthost -g directory\n"
    "  -b  listen on this address instead of 127.0.0.1\n"
    "  -p  listen on this port; 0, as without it, lets the kernel choose\n"
    "  -P  write the port to this file once it can be connected to\n"
    "  -m  how TLS begins; the default is starttls\n"
    "  -a  ask clients for a certificate of this authority; they may have none\n"
    "  -A  likewise, and have nothing to do with those that have none\n"
    "  -u  who may log in; without any, nobody needs to\n"
    "  -x  do not offer this EHLO keyword or AUTH mechanism\n"
    "  -z  the largest message\n"
    "  -s  misbehave as the script says\n"
    "  -o  keep accepted messages in this directory\n"
    "  -r  append all that clients send to FILE.clear and, under TLS, to FILE.tls\n"
    "  -l  append events to this file instead of printing them\n"
    "  -g  make certificates for tests in this directory, and end\n"
    "SIGUSR1 logs the counts; SIGTERM logs them and ends, as the end of the parent does.\n";

struct options {
    struct tls_clients clients;
    const char *address, *port, *port_file, *cert, *key, *script, *log, *certs;
};

struct arrival {
    struct house *house;
    int fd;
    unsigned long long number;
};

static void die(int status, const char *what, const char *why)
{
    fprintf(stderr, "smarthost: %s: %s\n", what, why);
    exit(status);
}

static enum house_mode mode_of(const char *name)
{
    static const char *const names[] = {"starttls", "implicit", "plain"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum house_mode)i;
    die(EX_USAGE, name, "no such mode");
    return HOUSE_PLAIN;
}

static void add_user(struct house *h, char *text)
{
    char *colon = strchr(text, ':');
    if (!colon || h->n_users == HOUSE_USERS_MAX)
        die(EX_USAGE, "-u", "user:password, and not too many");
    *colon = '\0';
    h->users[h->n_users++] = (struct house_user){text, colon + 1};
}

static int record(const char *file, const char *kind)
{
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", file, kind);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        die(EX_CANTCREAT, path, strerror(errno));
    return fd;
}

static void withhold(struct house *h, const char *keyword)
{
    if (h->n_withheld == HOUSE_WITHHELD_MAX)
        die(EX_USAGE, "-x", "too many");
    h->withheld[h->n_withheld++] = keyword;
}

static void read_options(int argc, char **argv, struct options *o, struct house *h)
{
    int c;
    while ((c = getopt(argc, argv, "b:p:P:m:c:k:a:A:u:x:z:s:o:r:l:g:")) != -1)
        switch (c) {
        case 'b': o->address = optarg; break;
        case 'p': o->port = optarg; break;
        case 'P': o->port_file = optarg; break;
        case 'm': h->mode = mode_of(optarg); break;
        case 'c': o->cert = optarg; break;
        case 'k': o->key = optarg; break;
        case 'a':
        case 'A': o->clients = (struct tls_clients){optarg, c == 'A'}; break;
        case 'u': add_user(h, optarg); break;
        case 'x': withhold(h, optarg); break;
        case 'z':
            if (!text_number(span_of(optarg), UINT32_MAX, &h->size_limit))
                die(EX_USAGE, "-z", "how many octets?");
            break;
        case 's': o->script = optarg; break;
        case 'o': h->directory = optarg; break;
        case 'r':
            h->record[0] = record(optarg, "clear");
            h->record[1] = record(optarg, "tls");
            break;
        case 'l': o->log = optarg; break;
        case 'g': o->certs = optarg; break;
        default: fputs(usage, stderr); exit(EX_USAGE);
        }
    if (optind != argc || (!o->certs && h->mode != HOUSE_PLAIN && (!o->cert || !o->key))) {
        fputs(usage, stderr);
        exit(EX_USAGE);
    }
}

static int listen_on(const struct options *o)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM},
                    *found;
    int yes = 1, bad = getaddrinfo(o->address, o->port, &hints, &found);
    if (bad)
        die(EX_USAGE, o->address, gai_strerror(bad));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        die(EX_TEMPFAIL, o->port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

// The file appears under its name only when it is whole, so whoever waits for it may read it.
static void tell_port(int fd, const char *path)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char port[NI_MAXSERV], part[4096];
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, sizeof port,
                    NI_NUMERICSERV) != 0)
        die(EX_OSERR, "port", strerror(errno));
    log_line(0, "listening port=%s", port);
    if (!path)
        return;
    snprintf(part, sizeof part, "%s.part", path);
    FILE *f = fopen(part, "we");
    if (!f || fprintf(f, "%s\n", port) < 0 || fclose(f) != 0 || rename(part, path) != 0)
        die(EX_CANTCREAT, path, strerror(errno));
}

static void *serve(void *p)
{
    struct arrival a = *(struct arrival *)p;
    free(p);
    unsigned long long now = ++a.house->now, most = a.house->most;
    while (now > most && !atomic_compare_exchange_weak(&a.house->most, &most, now))
        ;
    session_serve(a.house, a.fd, a.number);
    a.house->now--;
    return NULL;
}

static void welcome(struct house *h, int listener)
{
    pthread_t thread;
    struct arrival *a = malloc(sizeof *a);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || !a) {
        free(a);
        return;
    }
    *a = (struct arrival){h, fd, ++h->connections};
    if (pthread_create(&thread, NULL, serve, a) != 0) {
        close(fd);
        free(a);
        return;
    }
    pthread_detach(thread);
}

// Signals come through a descriptor; no thread is ever interrupted by one.
static int watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        die(EX_OSERR, "signals", strerror(errno));
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0)
        die(EX_OSERR, "signals", strerror(errno));
    return fd;
}

static void die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        raise(SIGTERM);
}

static void serve_all(struct house *h, int listener, int signals)
{
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN},
                           {.fd = signals, .events = POLLIN}};
    struct signalfd_siginfo signal;
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents)
            welcome(h, listener);
        if (!fds[1].revents || read(signals, &signal, sizeof signal) != sizeof signal)
            continue;
        log_counts(h);
        if (signal.ssi_signo != SIGUSR1)
            return;
    }
}

static void prepare(struct house *h, const struct options *o)
{
    struct buf why = BUF_INIT(4096);
    if (log_open(o->log) != 0)
        die(EX_CANTCREAT, o->log, strerror(errno));
    if (o->script && !script_read(h->script, o->script, &why))
        die(EX_DATAERR, "script", buf_str(&why));
    if (h->mode != HOUSE_PLAIN)
        h->tls = tls_server_new(o->cert, o->key, o->clients, h->script->tls_newest, &why);
    if (h->mode != HOUSE_PLAIN && !h->tls)
        die(EX_CONFIG, "TLS", buf_str(&why));
    buf_free(&why);
}

int main(int argc, char **argv)
{
    static struct script script;
    static struct house house = {
        .script = &script, .size_limit = HOUSE_SIZE_LIMIT, .record = {-1, -1}};
    struct options o = {.address = "127.0.0.1", .port = "0"};
    struct buf why = BUF_INIT(4096);
    pid_t parent = getppid();
    script_init(&script);
    read_options(argc, argv, &o, &house);
    if (o.certs) {
        if (!certs_make(o.certs, &why))
            die(EX_CANTCREAT, "certificates", buf_str(&why));
        return EX_OK;
    }
    prepare(&house, &o);
    int signals = watch_signals();
    die_with(parent);
    int listener = listen_on(&o);
    tell_port(listener, o.port_file);
    serve_all(&house, listener, signals);
    // Connections may still be open; their threads end with the process.
    _exit(EX_OK);
}
