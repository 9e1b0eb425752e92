// SPDX-License-Identifier: ISC
// A name server on 127.0.0.1:53, for tests in a network of their own: names [-t] FILE
//
// FILE says what it knows, a record a line; a name that stands nowhere does not exist:
//
//   NAME a ADDRESS
//   NAME aaaa ADDRESS
//   NAME srv PRIORITY WEIGHT PORT TARGET      TARGET may be "."
//   NAME mx PRIORITY TARGET
//   NAME fail                                 a server's failure (RCODE 2)
//   NAME silent                               no answer at all
//
// -t  over UDP each answer is cut, so that the question comes again over TCP
//
// Each question goes to stdout, "udp" or "tcp" before it.
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT = 53,
    MESSAGE = 4096,
    HEADER = 12,
    RECORDS = 64,
    TYPE_A = 1,
    TYPE_MX = 15,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    RCODE_FAILURE = 2,
    RCODE_NO_NAME = 3
};

struct record {
    char name[256], kind[16], rest[300];
};

static struct record records[RECORDS];
static size_t n_records;

struct message {
    size_t n;
    unsigned char octets[MESSAGE];
};

static void put(struct message *m, const void *p, size_t n)
{
    if (n > MESSAGE - m->n)
        exit(2);
    memcpy(m->octets + m->n, p, n);
    m->n += n;
}

static void put_16(struct message *m, unsigned v)
{
    const unsigned char octets[] = {(unsigned char)(v >> 8), (unsigned char)v};
    put(m, octets, 2);
}

static void put_name(struct message *m, const char *name)
{
    while (*name && strcmp(name, ".") != 0) {
        size_t n = strcspn(name, ".");
        unsigned char length = (unsigned char)n;
        put(m, &length, 1);
        put(m, name, n);
        name += n + (name[n] == '.');
    }
    put(m, "", 1);
}

// The octets of a record's data. False where it is of another type.
static bool encode(const struct record *r, unsigned type, struct message *data)
{
    unsigned char address[sizeof(struct in6_addr)];
    unsigned priority, weight, port;
    char target[256];
    data->n = 0;
    if (type == TYPE_A && !strcmp(r->kind, "a") && inet_pton(AF_INET, r->rest, address) == 1) {
        put(data, address, sizeof(struct in_addr));
    } else if (type == TYPE_AAAA && !strcmp(r->kind, "aaaa") &&
               inet_pton(AF_INET6, r->rest, address) == 1) {
        put(data, address, sizeof address);
    } else if (type == TYPE_SRV && !strcmp(r->kind, "srv") &&
               sscanf(r->rest, "%u %u %u %255s", &priority, &weight, &port, target) == 4) {
        put_16(data, priority);
        put_16(data, weight);
        put_16(data, port);
        put_name(data, target);
    } else if (type == TYPE_MX && !strcmp(r->kind, "mx") &&
               sscanf(r->rest, "%u %255s", &priority, target) == 2) {
        put_16(data, priority);
        put_name(data, target);
    }
    return data->n > 0;
}

// Reads the question's name, and steps over the question. 0 where it is none.
static size_t read_question(const unsigned char *q, size_t n, char name[256], unsigned *type)
{
    size_t at = HEADER, length = 0;
    while (at < n && q[at] && at + 1 + q[at] < n && length + q[at] + 1 < 255) {
        memcpy(name + length, q + at + 1, q[at]);
        length += q[at];
        name[length++] = '.';
        at += 1U + q[at];
    }
    name[length ? length - 1 : 0] = '\0';
    if (at + 5 > n)
        return 0;
    *type = (unsigned)(q[at + 1] << 8 | q[at + 2]);
    return at + 5;
}

// Makes the answer. False where there shall be none.
static bool answer(const unsigned char *q, size_t n, bool cut, const char *way,
                   struct message *out)
{
    char name[256];
    unsigned type = 0, count = 0, rcode = RCODE_NO_NAME;
    size_t end = n >= HEADER ? read_question(q, n, name, &type) : 0;
    if (!end)
        return false;
    printf("%s %u %s\n", way, type, name);
    fflush(stdout);
    out->n = 0;
    put(out, q, end);
    for (size_t i = 0; i < n_records; i++) {
        const struct record *r = &records[i];
        struct message data;
        if (strcasecmp(r->name, name) != 0)
            continue;
        if (!strcmp(r->kind, "silent"))
            return false;
        rcode = strcmp(r->kind, "fail") ? 0 : RCODE_FAILURE;
        if (cut || !encode(r, type, &data))
            continue;
        put_16(out, 0xc000 | HEADER);
        put_16(out, type);
        put_16(out, 1);
        put_16(out, 0);
        put_16(out, 60);
        put_16(out, (unsigned)data.n);
        put(out, data.octets, data.n);
        count++;
    }
    out->octets[2] = cut ? 0x83 : 0x81;
    out->octets[3] = (unsigned char)(0x80 | rcode);
    memset(out->octets + 4, 0, 8);
    out->octets[5] = 1;
    out->octets[7] = (unsigned char)count;
    return true;
}

static void serve_udp(int fd, bool cut)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    unsigned char q[MESSAGE];
    struct message out;
    ssize_t n = recvfrom(fd, q, sizeof q, 0, (struct sockaddr *)&from, &length);
    if (n > 0 && answer(q, (size_t)n, cut, "udp", &out))
        (void)!sendto(fd, out.octets, out.n, 0, (const struct sockaddr *)&from, length);
}

// Reads a question with its length before it, which comes in one piece on loopback, and answers
// it. False at the end.
static bool serve_question(int fd)
{
    unsigned char q[MESSAGE];
    struct message out, framed = {0};
    if (recv(fd, q, 2, MSG_WAITALL) != 2)
        return false;
    size_t length = (size_t)(q[0] << 8 | q[1]);
    if (length > sizeof q || recv(fd, q, length, MSG_WAITALL) != (ssize_t)length ||
        !answer(q, length, false, "tcp", &out))
        return false;
    put_16(&framed, (unsigned)out.n);
    put(&framed, out.octets, out.n);
    return send(fd, framed.octets, framed.n, MSG_NOSIGNAL) == (ssize_t)framed.n;
}

// Several questions may come over one connection, one connection at a time.
static void serve_tcp(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    while (serve_question(fd))
        ;
    close(fd);
}

static int open_socket(int type)
{
    static const int on = 1;
    const struct sockaddr_in here = {.sin_family = AF_INET,
                                     .sin_port = htons(PORT),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&here, sizeof here) ||
        (type == SOCK_STREAM && listen(fd, 16))) {
        perror("names");
        exit(1);
    }
    return fd;
}

static void read_records(const char *path)
{
    char line[700];
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        exit(1);
    }
    while (n_records < RECORDS && fgets(line, sizeof line, f)) {
        struct record *r = &records[n_records];
        r->rest[0] = '\0';
        if (sscanf(line, "%255s %15s %299[^\n]", r->name, r->kind, r->rest) >= 2)
            n_records++;
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    bool cut = argc == 3 && !strcmp(argv[1], "-t");
    if (argc != 2 && !cut) {
        fprintf(stderr, "usage: names [-t] FILE\n");
        return 64;
    }
    read_records(argv[argc - 1]);
    struct pollfd set[] = {{.fd = open_socket(SOCK_DGRAM), .events = POLLIN},
                           {.fd = open_socket(SOCK_STREAM), .events = POLLIN}};
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        if (poll(set, 2, -1) < 0)
            return 1;
        if (set[0].revents)
            serve_udp(set[0].fd, cut);
        if (set[1].revents)
            serve_tcp(set[1].fd);
    }
}
