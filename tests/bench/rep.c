// SPDX-License-Identifier: ISC
// rep: how long a caller waits, and what it costs. It runs several commands in turn for a
// number of rounds, so that whatever else the machine does hits all of them alike, and prints a
// line for each:
//
//   LABEL  MEDIAN  P99  CPU  MEMORY  RATIO  FAILED
//
// wall time as median and 99th percentile, CPU time as the mean, all in milliseconds; the peak
// memory of the largest process in KiB; the median over all rounds of its wall time divided by
// that of the last command in the same round; and how often it did not exit with 0.
//
//   rep [-r ROUNDS] [-w WARMUPS] [-i INPUT] [-b BEFORE] [-u LOGS [-n COUNT] [-t SECONDS]]
//       LABEL=COMMAND[ + COMMAND]...
//
// Commands are split at blanks; there is no shell. What is joined by "+" is run one after the
// other, and counts as one. INPUT is their stdin, output is discarded. BEFORE is run, with the
// label added, before each command and outside the time taken. With LOGS, the time ends when
// the command has ended and COUNT messages, one if not said, have arrived at the smarthost that
// logs to LOGS/LABEL.log; if that takes more than SECONDS, 60 if not said, it has failed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "arrival.h"
#include "base/diag.h"
#include "tool.h"

enum { WORDS_MAX = 64, COMMANDS_MAX = 16, ROUNDS_MAX = 100000, ARRIVALS_MAX = 1000000 };

static const char usage[] =
    "rep [-r ROUNDS] [-w WARMUPS] [-i INPUT] [-b BEFORE] [-u LOGS [-n COUNT] [-t SECONDS]] "
    "LABEL=COMMAND[ + COMMAND]...";

struct command {
    char *label;
    char *words[WORDS_MAX + 1];
    double *wall; // milliseconds, for each round
    double cpu;   // milliseconds, of all rounds
    long memory;
    unsigned failed;
};

struct plan {
    size_t rounds, warmups, n;
    const char *input, *logs; // no logs: arrivals are not waited for
    uint64_t count, seconds;
    struct command before; // without words: there is none
    struct command commands[COMMANDS_MAX];
};

static size_t split(char *text, char **words)
{
    size_t n = 0;
    char *rest = text, *word;
    while ((word = strsep(&rest, " ")))
        if (*word && n < WORDS_MAX)
            words[n++] = word;
    words[n] = NULL;
    return n;
}

static void add(struct plan *p, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals || p->n == COMMANDS_MAX)
        tool_die(EX_USAGE, text, "LABEL=COMMAND, and not too many");
    *equals = '\0';
    struct command *c = &p->commands[p->n++];
    c->label = text;
    c->wall = calloc(p->rounds, sizeof *c->wall);
    if (split(equals + 1, c->words) == 0 || !c->wall)
        tool_die(EX_USAGE, text, "no command");
}

static void read_plan(struct plan *p, int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "r:w:i:b:u:n:t:")) != -1)
        switch (c) {
        case 'r': p->rounds = (size_t)tool_number(optarg, ROUNDS_MAX); break;
        case 'w': p->warmups = (size_t)tool_number(optarg, ROUNDS_MAX); break;
        case 'i': p->input = optarg; break;
        case 'b': split(optarg, p->before.words); break;
        case 'u': p->logs = optarg; break;
        case 'n': p->count = tool_number(optarg, ARRIVALS_MAX); break;
        case 't': p->seconds = tool_number(optarg, ROUNDS_MAX); break;
        default: tool_die(EX_USAGE, "usage", usage);
        }
    if (optind == argc || p->rounds == 0)
        tool_die(EX_USAGE, "usage", usage);
    while (optind < argc)
        add(p, argv[optind++]);
}

// Runs it to its end. The memory counted for a process includes what its parent, this one, had
// at the start: far less than what is measured.
static int run(const struct plan *p, char **words, struct rusage *used)
{
    posix_spawn_file_actions_t files;
    pid_t pid;
    int status, bad;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, p->input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    bad = posix_spawnp(&pid, words[0], &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    if (bad)
        tool_die(EX_OSERR, words[0], strerror(bad));
    while (wait4(pid, &status, 0, used) < 0)
        if (errno != EINTR)
            tool_die(EX_OSERR, words[0], strerror(errno));
    return status;
}

static void prepare(struct plan *p, const struct command *next)
{
    struct rusage used;
    char *words[WORDS_MAX + 2];
    size_t n = 0;
    if (!p->before.words[0])
        return;
    for (; p->before.words[n]; n++)
        words[n] = p->before.words[n];
    words[n++] = next->label;
    words[n] = NULL;
    if (run(p, words, &used) != 0)
        tool_die(EX_SOFTWARE, words[0], "failed");
}

static void add_usage(struct rusage *sum, const struct rusage *one)
{
    timeradd(&sum->ru_utime, &one->ru_utime, &sum->ru_utime);
    timeradd(&sum->ru_stime, &one->ru_stime, &sum->ru_stime);
    if (one->ru_maxrss > sum->ru_maxrss)
        sum->ru_maxrss = one->ru_maxrss;
}

// All that "+" joins, as far as it ends well.
static int run_all(const struct plan *p, char **words, struct rusage *used)
{
    char *some[WORDS_MAX + 1];
    struct rusage one;
    int status = 0;
    *used = (struct rusage){0};
    while (*words && status == 0) {
        size_t n = 0;
        while (*words && strcmp(*words, "+") != 0)
            some[n++] = *words++;
        some[n] = NULL;
        status = run(p, some, &one);
        add_usage(used, &one);
        words += *words != NULL;
    }
    return status;
}

static bool run_until_arrived(const struct plan *p, struct command *c, struct rusage *used)
{
    struct arrivals arrivals;
    char log[4096];
    snprintf(log, sizeof log, "%s/%s.log", p->logs, c->label);
    arrivals_begin(&arrivals, log);
    int64_t deadline = tool_now() + (int64_t)p->seconds * 1000000;
    bool good = run_all(p, c->words, used) == 0 && arrivals_wait(&arrivals, p->count, deadline);
    arrivals_end(&arrivals);
    return good;
}

static double milliseconds(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

// Without a place for the time nothing is counted but failures.
static void measure(struct plan *p, struct command *c, double *wall)
{
    struct rusage used;
    prepare(p, c);
    int64_t start = tool_now();
    bool good = p->logs ? run_until_arrived(p, c, &used) : run_all(p, c->words, &used) == 0;
    int64_t end = tool_now();
    c->failed += !good;
    if (!wall)
        return;
    *wall = (double)(end - start) / 1e3;
    c->cpu += milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
    if (used.ru_maxrss > c->memory)
        c->memory = used.ru_maxrss;
}

// The first of one round is the last of the next: no command always runs behind the same other.
static void one_round(struct plan *p, size_t number, bool counts)
{
    for (size_t i = 0; i < p->n; i++) {
        struct command *c = &p->commands[(i + number) % p->n];
        measure(p, c, counts ? &c->wall[number] : NULL);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double ratio(const struct plan *p, const struct command *c, double *room)
{
    const struct command *last = &p->commands[p->n - 1];
    for (size_t i = 0; i < p->rounds; i++)
        room[i] = c->wall[i] / last->wall[i];
    qsort(room, p->rounds, sizeof *room, compare);
    return room[p->rounds / 2];
}

static void report(const struct plan *p)
{
    double *room = calloc(p->rounds, sizeof *room);
    if (!room)
        tool_die(EX_OSERR, "memory", strerror(errno));
    for (size_t i = 0; i < p->n; i++) {
        const struct command *c = &p->commands[i];
        double times = ratio(p, c, room);
        memcpy(room, c->wall, p->rounds * sizeof *room);
        qsort(room, p->rounds, sizeof *room, compare);
        printf("%s %.3f %.3f %.3f %ld %.3f %u\n", c->label, room[p->rounds / 2],
               room[p->rounds * 99 / 100], c->cpu / (double)p->rounds, c->memory, times,
               c->failed);
    }
    free(room);
}

int main(int argc, char **argv)
{
    static struct plan plan = {.rounds = 1, .input = "/dev/null", .count = 1, .seconds = 60};
    diag_name("rep");
    read_plan(&plan, argc, argv);
    for (size_t i = 0; i < plan.warmups; i++)
        one_round(&plan, i, false);
    for (size_t i = 0; i < plan.rounds; i++)
        one_round(&plan, i, true);
    report(&plan);
    return EX_OK;
}
