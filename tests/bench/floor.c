// SPDX-License-Identifier: ISC
// floor: the least that a flush can cost. Over one connection with STARTTLS, a certificate that
// is verified, and one AUTH, every file of DIR goes out as MAIL, RCPT and BDAT LAST, at most
// WINDOW of them ahead of their replies. A file is unlinked once it was accepted, and the
// directory is synced at the end. It reads no envelope, keeps no schedule and logs nothing: a
// real agent can only come near it.
//
//   floor PORT CADIR DIR WINDOW
//
// The server is on 127.0.0.1 and knows user "bench" with password "bench".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/io.h"
#include "tool.h"

enum {
    WINDOW_MAX = 4096,
    IN_OCTETS = 65536,
    OUT_OCTETS = 65536,    // what is gathered before it is sent
    MESSAGE_MAX = 16 << 20 // octets
};

struct line {
    int fd;
    SSL *ssl; // NULL: in clear
    struct buf out;
    size_t at, n;
    char in[IN_OCTETS];
};

struct queue {
    DIR *handle;
    int directory;
    size_t window, sent, settled;
    char names[WINDOW_MAX][256]; // of those whose replies are due
};

static struct line line = {.out = BUF_INIT(OUT_OCTETS + MESSAGE_MAX)};
static struct queue queue;

static void send_all(struct line *l)
{
    size_t at = 0;
    while (at < l->out.n) {
        size_t n = l->out.n - at, put = 0;
        if (l->ssl ? SSL_write_ex(l->ssl, l->out.p + at, n, &put) != 1
                   : (put = (size_t)send(l->fd, l->out.p + at, n, MSG_NOSIGNAL)) == (size_t)-1)
            tool_die(EX_TEMPFAIL, "line", "can not send");
        at += put;
    }
    buf_clear(&l->out);
}

static char next_octet(struct line *l)
{
    if (l->at == l->n) {
        ssize_t got = 0;
        l->n = l->at = 0;
        if (l->ssl ? SSL_read_ex(l->ssl, l->in, sizeof l->in, &l->n) != 1
                   : (got = recv(l->fd, l->in, sizeof l->in, 0)) <= 0)
            tool_die(EX_TEMPFAIL, "line", "it ended");
        l->n += (size_t)got;
    }
    return l->in[l->at++];
}

// Sends what was gathered, and takes one reply, which has to begin with `wanted`.
static void expect(struct line *l, char wanted)
{
    char text[512], c;
    size_t n;
    if (l->out.n)
        send_all(l);
    do {
        for (n = 0; (c = next_octet(l)) != '\n';)
            if (n < sizeof text - 1)
                text[n++] = c;
        text[n] = '\0';
    } while (n > 3 && text[3] == '-');
    if (text[0] != wanted)
        tool_die(EX_PROTOCOL, "reply", text);
}

static void command(struct line *l, const char *text, char wanted)
{
    buf_puts(&l->out, text);
    expect(l, wanted);
}

static void dial(struct line *l, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&address, sizeof address) != 0)
        tool_die(EX_TEMPFAIL, "connect", strerror(errno));
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void secure(struct line *l, const char *authorities)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context || SSL_CTX_load_verify_dir(context, authorities) != 1)
        tool_die(EX_CONFIG, authorities, "no certificates to trust");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL *ssl = SSL_new(context);
    if (!ssl || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1") != 1 ||
        SSL_set_fd(ssl, l->fd) != 1 || SSL_connect(ssl) != 1)
        tool_die(EX_TEMPFAIL, "TLS", "no handshake");
    l->ssl = ssl;
}

static void log_in(struct line *l, const char *authorities)
{
    expect(l, '2');
    command(l, "EHLO floor.example\r\n", '2');
    command(l, "STARTTLS\r\n", '2');
    secure(l, authorities);
    command(l, "EHLO floor.example\r\n", '2');
    command(l, "AUTH PLAIN AGJlbmNoAGJlbmNo\r\n", '2');
}

static void settle_one(struct line *l, struct queue *q)
{
    expect(l, '2');
    expect(l, '2');
    expect(l, '2');
    io_unlink(q->directory, q->names[q->settled++ % WINDOW_MAX]);
}

static void put_message(struct line *l, const char *name)
{
    struct stat st;
    int file = io_open(queue.directory, name, O_RDONLY, 0);
    if (file < 0 || io_stat(file, &st) != 0 || st.st_size > MESSAGE_MAX)
        tool_die(EX_NOINPUT, name, "can not be read");
    size_t size = (size_t)st.st_size;
    buf_printf(&l->out,
               "MAIL FROM:<alice@client.example> SIZE=%zu\r\nRCPT TO:<bob@example.net>\r\n"
               "BDAT %zu LAST\r\n",
               size, size);
    char *room = buf_room(&l->out, size);
    if (!room || io_read(file, room, size) != (ssize_t)size)
        tool_die(EX_NOINPUT, name, "can not be read");
    buf_grew(&l->out, size);
    io_close(file);
}

static void send_queue(struct line *l, struct queue *q)
{
    struct dirent *e;
    while ((e = readdir(q->handle))) {
        if (e->d_name[0] == '.')
            continue;
        while (q->sent - q->settled >= q->window)
            settle_one(l, q);
        snprintf(q->names[q->sent++ % WINDOW_MAX], sizeof *q->names, "%s", e->d_name);
        put_message(l, e->d_name);
        if (l->out.n >= OUT_OCTETS)
            send_all(l);
    }
    while (q->settled < q->sent)
        settle_one(l, q);
    if (io_sync(q->directory) != 0)
        tool_die(EX_IOERR, "directory", strerror(errno));
}

int main(int argc, char **argv)
{
    diag_name("floor");
    if (argc != 5)
        tool_die(EX_USAGE, "usage", "floor PORT CADIR DIR WINDOW");
    int64_t start = tool_now();
    queue.handle = opendir(argv[3]);
    if (!queue.handle)
        tool_die(EX_NOINPUT, argv[3], strerror(errno));
    queue.directory = dirfd(queue.handle);
    queue.window = (size_t)tool_number(argv[4], WINDOW_MAX);
    dial(&line, (uint16_t)tool_number(argv[1], UINT16_MAX));
    log_in(&line, argv[2]);
    int64_t ready = tool_now();
    send_queue(&line, &queue);
    command(&line, "QUIT\r\n", '2');
    printf("%zu messages, set-up %.1f ms, messages %.1f ms\n", queue.settled,
           (double)(ready - start) / 1e3, (double)(tool_now() - ready) / 1e3);
    return EX_OK;
}
