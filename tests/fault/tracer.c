// SPDX-License-Identifier: ISC
// tracer: runs a program and breaks it at one system call, or tells which it makes.
//
// It stops the program and all that it starts at each system call. Those of one program (-p)
// that are of a class (-c) are counted; before the Nth is carried out, the process is killed
// (-k) or the call ends with an error (-e) without being carried out. What was hit is written
// to the report (-r), one line such as
//     hit sendmail fsync fd=7 /path/tmp/660DF0C71058D16884
// with "(ld.so)" behind where the dynamic linker made it,
// or "none" and how many there were, where these were fewer than N. A trace (-t) has such
// lines, without the "hit", for all calls that are known (calls.h), in the order in which they
// ended, with the result behind.
//
// The exit status is that of the command; 128 and the signal where one ended it; 124 where it
// was not done in time (-T).
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "calls.h"

enum {
    PROCESSES_MAX = 64,
    NAME_SIZE = 64,
    TEXT_SIZE = 9000,
    QUOTED_MAX = 160, // octets of what is written that a trace shows
    HUNG = 124,
};

static const char usage[] =
    "usage: tracer [-k | -e ERROR] [-L] [-n N] [-c all|change|CALL] [-p PROGRAM] [-r REPORT]\n"
    "              [-t TRACE] [-T SECONDS] COMMAND [ARGUMENT...]\n"
    "  -k  kill the process there\n"
    "  -e  let the call fail with this error, such as EIO\n"
    "  -L  the dynamic linker's calls do not count\n"
    "  -n  which of the calls that count; 0: every one\n"
    "  -c  the calls that count: all, those that change something, or those of a name; "
    "without\n"
    "      it all, and with -e those that can end in this error\n"
    "  -p  the program whose calls count: a file's name; without it the command's\n";

struct process {
    pid_t pid;
    char program[NAME_SIZE];
    const struct call *call; // that it is in
    char text[TEXT_SIZE];    // that call, in words
    bool failing;            // it was not carried out
    uint64_t linker_from;    // where the dynamic linker lies in it; 0 where that is not known
    uint64_t linker_to;
    int64_t end; // of its data segment, as brk told last
};

static struct {
    bool kill, no_linker;
    int error;
    uint64_t nth;
    const char *class, *program;
    FILE *report, *trace;
} order = {.nth = 1};

static struct process processes[PROCESSES_MAX];
static uint64_t counted;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "tracer: %s: %s\n", what, strerror(errno));
    exit(EX_OSERR);
}

// By what it executes, which a child shares with its parent until it executes something else.
static void learn_program(struct process *p)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)p->pid);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    p->linker_to = 0;
    const char *slash = strrchr(path, '/');
    snprintf(p->program, sizeof p->program, "%.*s", NAME_SIZE - 1, slash ? slash + 1 : path);
}

static struct process *find_process(pid_t pid)
{
    struct process *room = NULL;
    for (size_t i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i].pid == pid)
            return &processes[i];
        if (!processes[i].pid && !room)
            room = &processes[i];
    }
    if (!room)
        die("too many processes");
    *room = (struct process){.pid = pid};
    learn_program(room);
    return room;
}

// ---- A call in words

static void read_string(pid_t pid, uint64_t from, char *to, size_t size)
{
    struct iovec here = {to, size - 1}, there = {(void *)(uintptr_t)from, size - 1};
    // What lies behind the string may not be readable: up to the end of the page will do then.
    ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (n < 0) {
        size_t page = 4096 - from % 4096;
        here.iov_len = there.iov_len = page < size ? page : size - 1;
        n = process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
    to[n > 0 ? n : 0] = '\0';
}

static void add(struct process *p, const char *prefix, const char *text)
{
    size_t n = strlen(p->text);
    snprintf(p->text + n, sizeof p->text - n, "%s%s", prefix, text);
}

static void add_fd(struct process *p, uint64_t fd)
{
    char link[64], path[4096], number[32];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)p->pid, (int)fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    snprintf(number, sizeof number, "%d ", (int)fd);
    add(p, " fd=", number);
    add(p, "", *path ? path : "none");
}

static void add_at(struct process *p, uint64_t dir, uint64_t name)
{
    char link[64], path[4096] = "", text[4096];
    read_string(p->pid, name, text, sizeof text);
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)p->pid, (int)dir);
    ssize_t n = *text == '/' ? 0 : readlink(link, path, sizeof path - 2);
    path[n > 0 ? n : 0] = '\0';
    add(p, " ", path);
    add(p, n > 0 && *text ? "/" : "", text);
}

// The start of what is written, on one line.
static void add_written(struct process *p, uint64_t from, uint64_t size)
{
    char text[QUOTED_MAX + 1];
    read_string(p->pid, from, text, size < QUOTED_MAX ? (size_t)size + 1 : sizeof text);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = ' ';
    add(p, " \"", text);
    add(p, "", "\"");
}

static void describe(struct process *p, const uint64_t *a)
{
    p->text[0] = '\0';
    add(p, p->program, " ");
    add(p, "", p->call->name);
    switch (p->call->shape) {
    case CALLS_NONE: break;
    case CALLS_FD: add_fd(p, a[0]); break;
    case CALLS_PATH: add_at(p, (uint64_t)-1, a[0]); break;
    case CALLS_AT_AT:
        add_at(p, a[0], a[1]);
        add_at(p, a[2], a[3]);
        break;
    case CALLS_AT: add_at(p, a[0], a[1]); break;
    }
    if (strcmp(p->call->name, "write") == 0)
        add_written(p, a[1], a[2]);
    if (strcmp(p->call->name, "exit_group") == 0)
        add(p, "", a[0] ? " other" : " 0");
}

// Before a program is itself, the dynamic linker makes calls for it, and has its own ways to
// fail.
static bool is_linker(struct process *p, uint64_t at)
{
    char name[64], line[4400];
    uint64_t from, to;
    snprintf(name, sizeof name, "/proc/%d/maps", (int)p->pid);
    FILE *maps = p->linker_to ? NULL : fopen(name, "re");
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) != 2 || !strstr(line, "/ld-"))
            continue;
        if (!p->linker_to)
            p->linker_from = from;
        p->linker_to = to;
    }
    if (maps)
        fclose(maps);
    return at >= p->linker_from && at < p->linker_to;
}

// ---- Breaking it

static bool is_of_class(const struct process *p, const uint64_t *a)
{
    const char *class = order.class ? order.class : "all";
    bool named = strcmp(class, "all") != 0 && strcmp(class, "change") != 0;
    if (named)
        return p->call && strcmp(class, p->call->name) == 0;
    if (order.error && !(p->call && calls_may_fail(p->call, a, order.error)))
        return false;
    return strcmp(class, "all") == 0 || (p->call && calls_changes(p->call, a));
}

static bool counts(struct process *p, const struct __ptrace_syscall_info *info)
{
    return strcmp(p->program, order.program) == 0 && is_of_class(p, info->entry.args) &&
           !(order.no_linker && is_linker(p, info->instruction_pointer));
}

static void set_registers(struct process *p, bool entry)
{
    struct user_regs_struct r;
    if (ptrace(PTRACE_GETREGS, p->pid, 0, &r))
        return; // it was killed meanwhile
    if (entry)
        r.orig_rax = (unsigned long long)-1; // no call has this number
    else if (p->call && p->call->number == SYS_brk)
        r.rax = (unsigned long long)p->end; // it has no errors: what it tells has not moved
    else
        r.rax = (unsigned long long)-order.error;
    if (ptrace(PTRACE_SETREGS, p->pid, 0, &r) && errno != ESRCH)
        die("registers");
}

static void enter(struct process *p, const struct __ptrace_syscall_info *info)
{
    const uint64_t *a = info->entry.args;
    p->call = calls_find(info->entry.nr);
    bool hit = (order.kill || order.error) && counts(p, info) &&
               (++counted == order.nth || order.nth == 0);
    if (p->call && (hit || order.trace))
        describe(p, a);
    if (!hit)
        return;
    if (!p->call)
        snprintf(p->text, sizeof p->text, "%s call-%d", p->program, (int)info->entry.nr);
    if (order.report && (counted == 1 || order.nth))
        fprintf(order.report, "hit %s%s\n", p->text,
                is_linker(p, info->instruction_pointer) ? " (ld.so)" : "");
    if (order.report)
        fflush(order.report);
    if (order.kill) {
        kill(p->pid, SIGKILL);
    } else {
        p->failing = true;
        // Linux lets go of the descriptor whatever close tells.
        if (!p->call || p->call->number != SYS_close)
            set_registers(p, true);
    }
}

static void leave(struct process *p, const struct __ptrace_syscall_info *info)
{
    int64_t result = info->exit.rval;
    if (p->failing) {
        set_registers(p, false);
        result = -order.error;
    } else if (p->call && p->call->number == SYS_brk) {
        p->end = result;
    }
    p->failing = false;
    if (order.trace && p->call)
        fprintf(order.trace, "%s = %" PRId64 "\n", p->text, result);
    p->call = NULL;
}

static void step(struct process *p)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
        enter(p, &info);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        leave(p, &info);
}

// ---- Running it

// Takes a stop of the process, and lets it go on.
static void take_stop(pid_t pid, int status)
{
    struct process *p = find_process(pid);
    int sig = WSTOPSIG(status), event = status >> 16;
    if (sig == (SIGTRAP | 0x80)) {
        step(p);
        sig = 0;
    } else if (event) {
        if (event == PTRACE_EVENT_EXEC)
            learn_program(p);
        sig = 0;
    }
    if (ptrace(PTRACE_SYSCALL, pid, 0, sig) && errno != ESRCH)
        die("ptrace");
}

static void take_end(pid_t pid)
{
    struct process *p = find_process(pid);
    // A call that was the last one has no end of its own.
    if (order.trace && p->call && strcmp(p->call->name, "exit_group") == 0)
        fprintf(order.trace, "%s = 0\n", p->text);
    p->pid = 0;
}

// Until all processes are gone; the status of `root` is returned.
static int trace(pid_t root)
{
    int status, result = EX_OSERR;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return result;
        if (WIFSTOPPED(status)) {
            take_stop(pid, status);
            continue;
        }
        take_end(pid);
        if (pid == root)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static pid_t start(char **argv)
{
    static const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                                PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                                PTRACE_O_EXITKILL;
    int go[2];
    char c = 0;
    if (pipe(go))
        die("pipe");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(go[1]);
        if (read(go[0], &c, 1) != 1)
            _exit(EX_OSERR);
        close(go[0]);
        execv(argv[0], argv);
        die(argv[0]);
    }
    close(go[0]);
    if (ptrace(PTRACE_SEIZE, pid, 0, options) || ptrace(PTRACE_INTERRUPT, pid, 0, 0) ||
        write(go[1], &c, 1) != 1)
        die("ptrace");
    close(go[1]);
    return pid;
}

static FILE *make(const char *path)
{
    FILE *f = fopen(path, "we");
    if (!f)
        die(path);
    return f;
}

// The tracees die with us.
static void give_up(int sig)
{
    (void)sig;
    _exit(HUNG);
}

static _Noreturn void misused(void)
{
    fputs(usage, stderr);
    exit(EX_USAGE);
}

int main(int argc, char *argv[])
{
    int c;
    while ((c = getopt(argc, argv, "+kLe:n:c:p:r:t:T:")) != -1)
        switch (c) {
        case 'k': order.kill = true; break;
        case 'e':
            order.error = calls_error(optarg);
            if (!order.error)
                misused();
            break;
        case 'L': order.no_linker = true; break;
        case 'n': order.nth = strtoull(optarg, NULL, 10); break;
        case 'c': order.class = optarg; break;
        case 'p': order.program = optarg; break;
        case 'r': order.report = make(optarg); break;
        case 't': order.trace = make(optarg); break;
        case 'T':
            signal(SIGALRM, give_up);
            alarm((unsigned)strtoul(optarg, NULL, 10));
            break;
        default: misused();
        }
    if (optind == argc)
        misused();
    const char *slash = strrchr(argv[optind], '/');
    if (!order.program)
        order.program = slash ? slash + 1 : argv[optind];
    int status = trace(start(argv + optind));
    if (order.report && counted < order.nth)
        fprintf(order.report, "none %" PRIu64 "\n", counted);
    if ((order.trace && fclose(order.trace)) || (order.report && fclose(order.report)))
        die("output");
    return status;
}
