// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/secret/program.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/port.h"

enum {
    PROGRAM_SAID_MAX = 4096, // octets of stderr that are kept
    PROGRAM_SHOWN_MAX = 120, // octets of its last line that are shown
    PROGRAM_NAP_MS = 20,     // between two looks for its end, where no descriptor tells it
};

struct program {
    pid_t pid;
    int out, err;  // our ends of its pipes; -1 once they ended
    int end;       // readable once it ended; -1 where the kernel has no such thing
    int any;       // readable when one of them is; -1 likewise
    bool too_much; // more on stdout than fits
    char said[PROGRAM_SAID_MAX]; // the first octets of stderr
    size_t n_said;
};

// ---- Starting it

// Splits a copy of the line. False where there are too many words.
static bool split(char *line, const char *argv[PROGRAM_WORDS_MAX + 1])
{
    size_t n = 0;
    char *p = line;
    for (;;) {
        p += strspn(p, " \t");
        if (!*p)
            break;
        if (n == PROGRAM_WORDS_MAX)
            return false;
        argv[n++] = p;
        p += strcspn(p, " \t");
        if (*p)
            *p++ = '\0';
    }
    argv[n] = NULL;
    return n > 0 && argv[0][0] == '/';
}

// Our end of a pipe waits for nobody.
static int make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void watch(struct program *c, int fd)
{
    if (fd >= 0 && port_set_add(c->any, fd)) {
        // It is looked at when something else moves, and at the end.
    }
}

static int spawn(struct program *c, const char *const argv[])
{
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    struct buf home = BUF_INIT(8192);
    const struct passwd *user = getpwuid(geteuid());
    buf_printf(&home, "HOME=%s", user && user->pw_dir[0] == '/' ? user->pw_dir : "/");
    const char *env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                         buf_str(&home), "LANG=C", NULL};
    c->any = port_set_open();
    if (!make_pipe(out) && !make_pipe(err))
        c->pid = child_start_captured(argv, env, out[1], err[1]);
    buf_free(&home);
    io_close(out[1]);
    io_close(err[1]);
    c->out = out[0];
    c->err = err[0];
    if (c->pid < 0)
        return -1;
    c->end = port_child(c->pid);
    watch(c, c->out);
    watch(c, c->err);
    watch(c, c->end);
    return 0;
}

// ---- Hearing it

static void hang_up(int *fd)
{
    io_close(*fd);
    *fd = -1;
}

static void hear_out(struct program *c, struct program_output *out)
{
    while (c->out >= 0 && out->n < out->size) {
        ssize_t got = io_read(c->out, out->p + out->n, out->size - out->n);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0)
            hang_up(&c->out);
        else
            out->n += (size_t)got;
    }
    c->too_much = out->n == out->size;
}

// Keeps the first octets and throws the rest away.
static void hear_err(struct program *c)
{
    char piece[1024];
    while (c->err >= 0) {
        ssize_t got = io_read(c->err, piece, sizeof piece);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            hang_up(&c->err);
            return;
        }
        size_t room = sizeof c->said - c->n_said;
        size_t n = (size_t)got < room ? (size_t)got : room;
        memcpy(c->said + c->n_said, piece, n);
        c->n_said += n;
    }
}

// Whether it has ended. It is not reaped: its process group keeps its number until then.
static bool has_ended(const struct program *c)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
           info.si_pid == c->pid;
}

// Until its end, a limit or a reason to stop.
static enum wait_answer attend(struct program *c, struct program_output *out, struct wait *w,
                               int64_t deadline)
{
    struct pollfd any = {.fd = c->any, .events = POLLIN};
    for (;;) {
        bool ended = has_ended(c);
        hear_out(c, out);
        hear_err(c);
        if (ended || c->too_much)
            return WAIT_READY;
        int64_t now = clock_steady();
        bool look = (c->end < 0 || c->any < 0) && deadline - now > PROGRAM_NAP_MS;
        enum wait_answer answer = wait_for(w, &any, 0, look ? now + PROGRAM_NAP_MS : deadline);
        if (answer != WAIT_READY && !(look && answer == WAIT_LATE))
            return answer;
    }
}

// ---- Telling how it ended

// What it said last is most often why.
static void put_last_words(struct buf *why, const struct program *c)
{
    struct span said = span_trim((struct span){c->said, c->n_said}), line, last = {0};
    while (span_cut(&said, '\n', &line))
        if (span_trim(line).n)
            last = span_trim(line);
    if (!last.n)
        return;
    buf_puts(why, ": ");
    text_clean(why, last, PROGRAM_SHOWN_MAX);
}

static bool judge(const struct program *c, int status, struct buf *why)
{
    if (c->too_much) {
        buf_puts(why, "says more than 64 KiB: this can not be a secret");
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        buf_printf(why, "ended with status %d", WEXITSTATUS(status));
    else
        buf_printf(why, "was ended by signal %d", WTERMSIG(status));
    put_last_words(why, c);
    return false;
}

// Kills it with all that it started, and takes its status.
static int finish(struct program *c)
{
    kill(-c->pid, SIGKILL);
    return child_end(c->pid, INT64_MIN);
}

enum program_answer program_run(const char *line, int ms, struct program_output *out,
                                struct wait *w, struct buf *why)
{
    const char *argv[PROGRAM_WORDS_MAX + 1] = {NULL};
    struct program c = {.pid = -1, .out = -1, .err = -1, .end = -1, .any = -1};
    struct buf words = BUF_INIT(65536);
    enum program_answer answer = PROGRAM_FAILED;
    out->n = 0;
    buf_puts(&words, line);
    if (!buf_str(&words)[0] || !split(words.p, argv)) {
        buf_puts(why, "is no absolute path with up to 63 words behind it");
        goto out;
    }
    if (spawn(&c, argv)) {
        buf_printf(why, "can not be started: %s", strerror(errno));
        goto out;
    }
    enum wait_answer waited = attend(&c, out, w, clock_steady() + ms);
    int status = finish(&c);
    if (waited == WAIT_STOP || waited == WAIT_GONE) {
        answer = PROGRAM_STOPPED;
    } else if (waited == WAIT_LATE) {
        answer = PROGRAM_LATE;
        buf_printf(why, "did not end within %d s", ms / 1000);
        put_last_words(why, &c);
    } else if (judge(&c, status, why)) {
        answer = PROGRAM_DONE;
    }
out:
    io_close(c.out);
    io_close(c.err);
    io_close(c.end);
    io_close(c.any);
    buf_free(&words);
    return answer;
}
