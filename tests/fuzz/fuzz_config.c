// SPDX-License-Identifier: ISC
// links: config
// Any octets as a config. What is accepted must print as a config that is accepted and prints
// the same; what is refused must say where. iniparser takes only a path, hence the file.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/sendoff-fuzz.XXXXXX", path[64];

static void clean_up(void)
{
    unlink(path);
    rmdir(directory);
}

static void set_up(void)
{
    if (!mkdtemp(directory))
        abort();
    snprintf(path, sizeof path, "%s/config", directory);
    atexit(clean_up);
}

static void put_file(const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd))
        abort();
}

static void print_again(const struct buf *first)
{
    struct config c;
    struct buf again = BUF_INIT(1 << 20);
    put_file(first->p, first->n);
    if (config_load_path(&c, path))
        abort();
    config_print(&c, &again);
    if (again.n != first->n || memcmp(again.p, first->p, again.n) != 0)
        abort();
    config_free(&c);
    buf_free(&again);
}

// So ends the complaint that our reading and iniparser's differ: one of them is wrong then.
static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c;
    struct buf first = BUF_INIT(1 << 20);
    if (!path[0])
        set_up();
    put_file(data, size);
    bool good = config_load_path(&c, path) == 0;
    config_print(&c, &first);
    if (good != (c.problem.n == 0) || (good && !c.parsed) || strcmp(c.path, path) != 0 ||
        (!good && strncmp(c.problem.p, path, strlen(path)) != 0) ||
        ends_in(buf_str(&c.problem), "than stands there"))
        abort();
    config_free(&c);
    if (good)
        print_again(&first);
    buf_free(&first);
    return 0;
}
