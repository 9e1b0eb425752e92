// SPDX-License-Identifier: ISC
// Runs the corpus: corpus [-k] [-j N] [-n NAME] SENDMAIL DIRECTORY FILE...
//
// Each case of the files is run through the program SENDMAIL, in a directory of its own below
// DIRECTORY. A case that fails is told of with all that is not as it should be; the last line
// is "N passed, N failed", and the exit status 1 where one failed.
// -j  cases at a time: they wait for the disk more than they work
// -k  keep the directories of cases that failed
// -n  only cases whose name matches this regular expression
#define _GNU_SOURCE // getopt, MAP_ANONYMOUS
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"
#include "judge.h"
#include "run.h"

enum { JOBS_MAX = 64 };

struct options {
    const char *program, *work, *name;
    bool keep;
    size_t jobs;
};

struct count {
    size_t passed, failed;
};

// All that is said of a case goes out in one piece.
static void tell(const struct test_case *t, const struct buf *complaints)
{
    struct buf text = BUF_INIT(CORPUS_MAX);
    struct span rest = buf_span(complaints), line;
    buf_printf(&text, "FAIL %s:%d: %s\n", t->file, t->line, t->name);
    while (span_cut(&rest, '\n', &line))
        if (line.n)
            buf_printf(&text, "     %.*s\n", SPAN_ARGS(line));
    if (write(STDOUT_FILENO, text.p, text.n) < 0)
        err(1, "stdout");
    buf_free(&text);
}

static bool passes(const struct options *o, const struct test_case *t, size_t number)
{
    struct result r;
    struct buf complaints = BUF_INIT(CORPUS_MAX), dir = BUF_INIT(4096);
    buf_printf(&dir, "%s/%zu", o->work, number);
    run_case(&r, t, o->program, buf_str(&dir));
    judge_case(&complaints, t, &r, buf_str(&dir));
    bool good = complaints.n == 0;
    if (!good)
        tell(t, &complaints);
    if (good || !o->keep)
        remove_tree(buf_str(&dir));
    buf_free(&dir);
    buf_free(&complaints);
    result_free(&r);
    return good;
}

// One of several who share the cases out.
static void work(const struct options *o, const struct cases *c, size_t which,
                 struct count *count)
{
    for (size_t i = which; i < c->n; i += o->jobs) {
        if (!matches(o->name, span_of(c->all[i].name)))
            continue;
        if (passes(o, &c->all[i], i + 1))
            count->passed++;
        else
            count->failed++;
    }
}

// The sum of what all of them say; whoever dies takes the whole run with him.
static struct count share_out(const struct options *o, const struct cases *c)
{
    struct count sum = {0, 0};
    struct count *counts = mmap(NULL, JOBS_MAX * sizeof *counts, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        err(1, "memory");
    for (size_t i = 0; i < o->jobs; i++) {
        pid_t pid = fork();
        if (pid < 0)
            err(1, "fork");
        if (pid == 0) {
            work(o, c, i, &counts[i]);
            _exit(0);
        }
    }
    for (int status; wait(&status) > 0;)
        if (status)
            errx(1, "a worker ended too early");
    for (size_t i = 0; i < o->jobs; i++) {
        sum.passed += counts[i].passed;
        sum.failed += counts[i].failed;
    }
    munmap(counts, JOBS_MAX * sizeof *counts);
    return sum;
}

static void take_options(struct options *o, int argc, char *argv[])
{
    for (int option; (option = getopt(argc, argv, "j:kn:")) != -1;) {
        if (option == 'j')
            o->jobs = (size_t)atol(optarg);
        else if (option == 'k')
            o->keep = true;
        else if (option == 'n')
            o->name = optarg;
        else
            exit(64);
    }
    if (argc - optind < 3 || o->jobs < 1 || o->jobs > JOBS_MAX)
        errx(64, "usage: corpus [-k] [-j N] [-n NAME] SENDMAIL DIRECTORY FILE...");
    o->program = argv[optind++];
    o->work = argv[optind++];
}

int main(int argc, char *argv[])
{
    struct options o = {.name = "", .jobs = 8};
    struct cases cases = {NULL, 0};
    take_options(&o, argc, argv);
    if (mkdir(o.work, 0700) && errno != EEXIST)
        err(1, "%s", o.work);
    while (optind < argc)
        cases_read(&cases, argv[optind++]);
    struct count sum = share_out(&o, &cases);
    cases_free(&cases);
    printf("%zu passed, %zu failed\n", sum.passed, sum.failed);
    return sum.failed || !sum.passed;
}
