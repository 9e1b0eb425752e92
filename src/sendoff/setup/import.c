// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/io.h"
#include "config/home.h"
#include "sendoff/setup/draftfile.h"
#include "sendoff/setup/import_dma.h"
#include "sendoff/setup/import_msmtp.h"
#include "sendoff/setup/import_nullmailer.h"
#include "sendoff/setup/import_ssmtp.h"

enum { IMPORT_FILE_MAX = 1 << 20, IMPORT_PATH_MAX = 4096 };

struct order {
    const char *format, *output, *file;
};

// 0, or -1 and errno.
static int read_file(const char *path, struct buf *text)
{
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    ssize_t got = -1;
    char piece[4096];
    while (fd >= 0 && (got = io_read(fd, piece, sizeof piece)) > 0)
        buf_put(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    io_close(fd);
    if (got == 0 && text->over)
        errno = EFBIG;
    return fd < 0 || got < 0 || text->over ? -1 : 0;
}

// What holds passwords is not left in memory.
static void wipe(struct buf *text)
{
    if (text->p)
        explicit_bzero(text->p, text->size);
    buf_free(text);
}

// The path of `name` in the directory of `file`.
static void put_beside(struct buf *out, const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    if (slash)
        buf_put(out, file, (size_t)(slash + 1 - file));
    buf_puts(out, name);
}

static void from_msmtp(struct importing *m, struct span text, const struct order *order)
{
    (void)order;
    import_msmtp(m, text);
}

static void from_ssmtp(struct importing *m, struct span text, const struct order *order)
{
    (void)order;
    import_ssmtp(m, text);
}

static void from_nullmailer(struct importing *m, struct span text, const struct order *order)
{
    import_nullmailer(m, text);
    for (size_t i = 0; import_nullmailer_names[i]; i++) {
        struct buf path = BUF_INIT(IMPORT_PATH_MAX), beside = BUF_INIT(IMPORT_FILE_MAX);
        put_beside(&path, order->file, import_nullmailer_names[i]);
        m->file = buf_str(&path);
        if (read_file(buf_str(&path), &beside) == 0)
            (void)import_nullmailer_beside(m, import_nullmailer_names[i], buf_span(&beside));
        buf_free(&beside);
        buf_free(&path);
    }
}

static void from_dma(struct importing *m, struct span text, const struct order *order)
{
    struct buf path = BUF_INIT(IMPORT_PATH_MAX), auth = BUF_INIT(IMPORT_FILE_MAX);
    import_dma(m, text, &path);
    if (!path.n)
        put_beside(&path, order->file, "auth.conf");
    m->file = buf_str(&path);
    m->line = 0;
    if (read_file(buf_str(&path), &auth) == 0)
        import_dma_auth(m, buf_span(&auth));
    else if (errno != ENOENT)
        draft_note(m->draft, m->file, 0, "can not be read: %s", strerror(errno));
    wipe(&auth);
    buf_free(&path);
}

static const struct format {
    const char *name;
    const char *file; // what such a file's name holds
    void (*read)(struct importing *m, struct span text, const struct order *order);
} formats[] = {
    {"msmtp", "msmtp", from_msmtp},
    {"ssmtp", "ssmtp", from_ssmtp},
    {"nullmailer", "remotes", from_nullmailer},
    {"dma", "dma.conf", from_dma},
};

// By its name: "ssmtp" is in "msmtp" too, so the first that fits counts.
static const struct format *find_format(const struct order *order)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (order->format ? !strcmp(order->format, formats[i].name)
                          : strstr(order->file, formats[i].file) != NULL)
            return &formats[i];
    return NULL;
}

static void say_notes(const struct draft *d)
{
    struct span rest = buf_span(&d->notes), line;
    while (span_cut(&rest, '\n', &line))
        if (line.n)
            diag_warn("%.*s", SPAN_ARGS(line));
}

static int write_out(struct draft *d, const struct order *order, struct buf *why)
{
    struct buf head = BUF_INIT(IMPORT_PATH_MAX);
    int status;
    buf_puts(&head, "# sendoff.conf, see sendoff.conf(5). Made by `sendoff import` out of ");
    text_clean(&head, span_of(order->file), IMPORT_PATH_MAX / 2);
    buf_puts(&head, ".\n");
    // Root's is the host's, which all who send have to read.
    if (order->output)
        status = draftfile_write(d, order->output,
                                 geteuid() == 0 ? DRAFTFILE_SYSTEM : DRAFTFILE_OWN,
                                 buf_str(&head), why);
    else
        status = draftfile_print(d, buf_str(&head), why);
    buf_free(&head);
    if (order->output && !status)
        printf("Written: %s; `sendoff check` tries it out\n", order->output);
    return status;
}

static int import(const struct order *order, const struct format *format, struct buf *why)
{
    struct buf text = BUF_INIT(IMPORT_FILE_MAX), home = BUF_INIT(IMPORT_PATH_MAX);
    struct draft draft;
    if (read_file(order->file, &text)) {
        buf_printf(why, "%s: %s", order->file, strerror(errno));
        wipe(&text);
        return EX_NOINPUT;
    }
    if (!home_place("HOME", "", &home))
        buf_clear(&home);
    buf_cut(&home, home.n && home.p[home.n - 1] == '/' ? home.n - 1 : home.n);
    draft_init(&draft);
    struct importing m = {.draft = &draft, .file = order->file, .home = buf_str(&home)};
    format->read(&m, buf_span(&text), order);
    wipe(&text);
    say_notes(&draft);
    int status = EX_DATAERR;
    if (draftfile_has_account(&draft))
        status = write_out(&draft, order, why);
    else
        buf_printf(why, "%s: no account in it that has a host", order->file);
    draft_free(&draft);
    buf_free(&home);
    return status;
}

int import_command(struct call *call)
{
    struct order order = {0};
    const struct format *format;
    while (call_is_option(call)) {
        if (call_takes(call, "--format") && call->argc)
            order.format = call_value(call);
        else if (call_takes(call, "--output") && call->argc)
            order.output = call_value(call);
        else
            return call_usage(call, "import takes --format NAME and --output FILE");
    }
    if (call->argc != 1)
        return call_usage(call, "import takes one file");
    order.file = call_value(call);
    format = find_format(&order);
    if (!format)
        return call_usage(call, "--format is msmtp, ssmtp, nullmailer or dma");
    return import(&order, format, call->why);
}
