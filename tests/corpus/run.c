// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // nftw, reallocarray
#include "run.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEADLINE = 30 }; // seconds

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st, (void)type, (void)walk;
    return remove(path);
}

void remove_tree(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        err(1, "%s", path);
}

void slurp(struct buf *out, const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        err(1, "%s", path);
    size_t n;
    do {
        n = fread(buf_room(out, 65536), 1, 65536, f);
        buf_grew(out, n);
    } while (n);
    fclose(f);
}

static void path_of(struct buf *path, const char *dir, const char *name)
{
    buf_clear(path);
    buf_printf(path, "%s/%s", dir, name);
}

static void put_file(const char *dir, const char *name, const struct buf *text)
{
    struct buf path = BUF_INIT(4096);
    path_of(&path, dir, name);
    int fd = open(buf_str(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text->n ? text->p : "", text->n) != (ssize_t)text->n || close(fd))
        err(1, "%s", buf_str(&path));
    buf_free(&path);
}

// ---- What goes in

// The lines of a key, or of the block below it, each with the given end.
static void gather(struct buf *text, const struct test_case *t, const char *key, bool block,
                   const char *end, const char *dir)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].block == block && strcmp(t->items[i].key, key) == 0)
            if (case_expand(text, t->items[i].text, dir))
                buf_puts(text, end);
}

// Whether a "config:" line of the case sets the key.
static bool sets(const struct test_case *t, const char *key)
{
    size_t n = strlen(key);
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->items[i].key, "config") == 0 && strncmp(t->items[i].text, key, n) == 0 &&
            t->items[i].text[n] == ' ')
            return true;
    return false;
}

// A config that can send nothing, since nobody listens, and says who we are.
static void put_config(const struct test_case *t, const char *dir)
{
    static const char *const usual[][2] = {
        {"spool", "\"\\D/spool\""},   {"aliases", "\"\\D/aliases\""},
        {"domain", "client.example"}, {"log", "none"},
        {"deliver", "queue"},
    };
    struct buf text = BUF_INIT(65536), path = BUF_INIT(4096);
    buf_puts(&text, "[sendoff]\n");
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (sets(t, usual[i][0]))
            continue;
        buf_printf(&text, "%s = ", usual[i][0]);
        case_expand(&text, usual[i][1], dir);
        buf_putc(&text, '\n');
    }
    gather(&text, t, "config", false, "\n", dir);
    buf_puts(&text, "[smarthost]\nhost = 127.0.0.1\nport = 9\ntls = none\n");
    path_of(&path, dir, "config");
    if (mkdir(buf_str(&path), 0700))
        err(1, "%s", buf_str(&path));
    put_file(buf_str(&path), "sendoff.conf", &text);
    buf_free(&path);
    buf_free(&text);
}

static void put_aliases(const struct test_case *t, const char *dir)
{
    struct buf text = BUF_INIT(CORPUS_MAX);
    gather(&text, t, "alias", false, "\n", dir);
    if (text.n)
        put_file(dir, "aliases", &text);
    buf_free(&text);
}

static void put_input(const struct test_case *t, const char *dir)
{
    struct buf text = BUF_INIT(CORPUS_MAX);
    gather(&text, t, "stdin", true, "\n", dir);
    gather(&text, t, "stdin crlf", true, "\r\n", dir);
    put_file(dir, "in", &text);
    buf_free(&text);
}

// A list of C strings that ends with NULL.
struct words {
    char **all;
    size_t n;
};

static void add_word(struct words *w, const struct buf *text)
{
    w->all = reallocarray(w->all, w->n + 2, sizeof *w->all);
    char *word = strdup(buf_str(text));
    if (!w->all || !word)
        err(1, "memory");
    w->all[w->n++] = word;
    w->all[w->n] = NULL;
}

static void free_words(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->all[i]);
    free(w->all);
}

// Words are parted by blanks; '...' is one word, or part of one.
static void split(struct words *w, const char *text, const char *dir)
{
    struct buf raw = BUF_INIT(CORPUS_MAX), word = BUF_INIT(CORPUS_MAX);
    while (*(text += strspn(text, " "))) {
        bool quoted = false;
        buf_clear(&raw);
        buf_clear(&word);
        for (; *text && (quoted || *text != ' '); text++) {
            if (*text == '\'')
                quoted = !quoted;
            else
                buf_putc(&raw, *text);
        }
        case_expand(&word, buf_str(&raw), dir);
        add_word(w, &word);
    }
    buf_free(&raw);
    buf_free(&word);
}

// "args: N WORD": WORD N times.
static void repeat_word(struct words *w, const char *text, const char *dir)
{
    char *word;
    long times = strtol(text, &word, 10);
    for (long i = 1; i <= times; i++) {
        struct buf one = BUF_INIT(CORPUS_MAX), made = BUF_INIT(CORPUS_MAX);
        for (const char *p = word + strspn(word, " "); *p; p++) {
            if (p[0] == '\\' && p[1] == '#')
                buf_printf(&one, "%ld", i), p++;
            else
                buf_putc(&one, *p);
        }
        case_expand(&made, buf_str(&one), dir);
        add_word(w, &made);
        buf_free(&one);
        buf_free(&made);
    }
}

static void make_argv(struct words *argv, const struct test_case *t, const char *dir)
{
    const char *name = case_value(t, "as");
    struct buf first = BUF_INIT(4096);
    buf_puts(&first, name ? name : "sendmail");
    add_word(argv, &first);
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->items[i].key, "argv") == 0)
            split(argv, t->items[i].text, dir);
        else if (strcmp(t->items[i].key, "args") == 0)
            repeat_word(argv, t->items[i].text, dir);
    }
    buf_free(&first);
}

static void make_environment(struct words *env, const struct test_case *t, const char *dir)
{
    struct buf text = BUF_INIT(CORPUS_MAX);
    buf_printf(&text, "SENDOFF_CONFIG=%s/config/sendoff.conf", dir);
    add_word(env, &text);
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->items[i].key, "env") != 0)
            continue;
        buf_clear(&text);
        case_expand(&text, t->items[i].text, dir);
        add_word(env, &text);
    }
    buf_free(&text);
}

// ---- The run

static int open_in(const char *dir, const char *name, int flags)
{
    struct buf path = BUF_INIT(4096);
    path_of(&path, dir, name);
    int fd = open(buf_str(&path), flags | O_CLOEXEC, 0600);
    if (fd < 0)
        err(1, "%s", buf_str(&path));
    buf_free(&path);
    return fd;
}

static int open_input(const struct test_case *t, const char *dir)
{
    const char *which = case_value(t, "stdin");
    const char *seek = case_value(t, "seek");
    if (which && strcmp(which, "directory") == 0)
        return open_in(dir, "config", O_RDONLY | O_DIRECTORY);
    int fd = open_in(dir, "in", O_RDONLY);
    if (seek && lseek(fd, atol(seek), SEEK_SET) < 0)
        err(1, "%s/in", dir);
    return fd;
}

static int start_and_wait(const char *program, char *const *argv, char *const *env,
                          const int *fds, bool closed)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            dup2(fds[i], i);
        if (closed)
            close(STDIN_FILENO);
        alarm(DEADLINE);
        execve(program, argv, env);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            err(1, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static void read_output(struct buf *text, const char *dir, const char *name)
{
    struct buf path = BUF_INIT(4096);
    path_of(&path, dir, name);
    slurp(text, buf_str(&path));
    buf_free(&path);
}

void run_case(struct result *r, const struct test_case *t, const char *program, const char *dir)
{
    struct words argv = {NULL, 0}, env = {NULL, 0};
    const char *which = case_value(t, "stdin");
    struct stat st;
    *r = (struct result){.out = BUF_INIT(CORPUS_MAX), .err = BUF_INIT(CORPUS_MAX)};
    remove_tree(dir);
    if (mkdir(dir, 0700))
        err(1, "%s", dir);
    put_config(t, dir);
    put_aliases(t, dir);
    put_input(t, dir);
    make_argv(&argv, t, dir);
    make_environment(&env, t, dir);
    int fds[3] = {open_input(t, dir), open_in(dir, "out", O_WRONLY | O_CREAT),
                  open_in(dir, "err", O_WRONLY | O_CREAT)};
    r->status = start_and_wait(program, argv.all, env.all, fds,
                               which && strcmp(which, "closed") == 0);
    off_t at = lseek(fds[0], 0, SEEK_CUR);
    if (fstat(fds[0], &st) == 0 && S_ISREG(st.st_mode) && at >= 0 && at < st.st_size)
        r->left = (size_t)(st.st_size - at);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    read_output(&r->out, dir, "out");
    read_output(&r->err, dir, "err");
    free_words(&argv);
    free_words(&env);
}

void result_free(struct result *r)
{
    buf_free(&r->out);
    buf_free(&r->err);
}
