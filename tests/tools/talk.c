// SPDX-License-Identifier: ISC
// Talks to a stream socket as a script says: talk SOCKET <SCRIPT
//
//   say TEXT         sends it; \n in it is a line's end
//   flood N TEXT     sends it N times
//   drip MS TEXT     sends it octet by octet, with a pause behind each
//   hear             waits for a line, and prints it ("gone" at the end)
//   sleep MS
//   leave            hangs up; so does the script's end
//
// A peer that hangs up while it is told something ends nothing: what it has said is still
// heard.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_ROOM = 65536, PATIENCE = 30000 };

static int peer = -1;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void call(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "%s: too long\n", path);
        exit(2);
    }
    memcpy(address.sun_path, path, strlen(path));
    peer = socket(AF_UNIX, SOCK_STREAM, 0);
    if (peer < 0 || connect(peer, (const struct sockaddr *)&address, sizeof address))
        die(path);
}

// Whether it went.
static int say(const char *text, size_t n)
{
    while (n) {
        ssize_t put = send(peer, text, n, MSG_NOSIGNAL);
        if (put <= 0)
            return 0;
        text += put;
        n -= (size_t)put;
    }
    return 1;
}

static void hear(void)
{
    char line[1024];
    size_t n = 0;
    struct pollfd p = {.fd = peer, .events = POLLIN};
    while (n < sizeof line && poll(&p, 1, PATIENCE) > 0 && recv(peer, line + n, 1, 0) == 1)
        if (line[n++] == '\n')
            break;
    printf("%.*s", (int)n, line);
    if (!n || line[n - 1] != '\n')
        printf("gone\n");
    fflush(stdout);
}

// "\n" becomes a line's end, in place. Returns the length.
static size_t unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else {
            *to++ = *from;
        }
    }
    return (size_t)(to - text);
}

static void nap(long ms)
{
    poll(NULL, 0, (int)ms);
}

static void follow(const char *verb, char *rest)
{
    int with_number = strcmp(verb, "flood") == 0 || strcmp(verb, "drip") == 0;
    long number = with_number || strcmp(verb, "sleep") == 0 ? strtol(rest, &rest, 10) : 0;
    if (with_number && *rest == ' ')
        rest++;
    size_t n = unescape(rest);
    if (strcmp(verb, "say") == 0)
        say(rest, n);
    else if (strcmp(verb, "hear") == 0)
        hear();
    else if (strcmp(verb, "sleep") == 0)
        nap(number);
    else if (strcmp(verb, "leave") == 0)
        close(peer);
    else if (strcmp(verb, "flood") == 0)
        while (number-- > 0 && say(rest, n))
            ;
    else if (strcmp(verb, "drip") == 0)
        for (size_t i = 0; i < n && say(rest + i, 1); i++)
            nap(number);
    else {
        fprintf(stderr, "%s?\n", verb);
        exit(2);
    }
}

int main(int argc, char *argv[])
{
    static char line[LINE_ROOM];
    if (argc != 2) {
        fprintf(stderr, "usage: talk SOCKET <SCRIPT\n");
        return 2;
    }
    call(argv[1]);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *blank = strchr(line, ' ');
        if (blank)
            *blank = '\0';
        follow(line, blank ? blank + 1 : line + strlen(line));
    }
    return 0;
}
