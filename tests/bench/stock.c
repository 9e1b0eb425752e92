// SPDX-License-Identifier: ISC
// stock: makes a long queue in a short time: COUNT copies of one queued message, which differ
// in their names only. They are synced all at once.
//
//   stock MESSAGE DIR COUNT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/io.h"
#include "tool.h"

enum { MESSAGE_MAX = 65536, COUNT_MAX = 10000000 };

static char octets[MESSAGE_MAX];

static size_t must(ssize_t answer, const char *what)
{
    if (answer < 0)
        tool_die(EX_IOERR, what, strerror(errno));
    return (size_t)answer;
}

static size_t read_message(const char *path)
{
    int file = io_open(AT_FDCWD, path, O_RDONLY, 0);
    must(file, path);
    size_t n = must(io_read(file, octets, sizeof octets), path);
    if (n == 0 || n == sizeof octets)
        tool_die(EX_DATAERR, path, "too small or too large");
    io_close(file);
    return n;
}

static void write_copy(int directory, const char *name, size_t n)
{
    int file = io_open(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    must(file, name);
    must(io_write(file, octets, n), name);
    io_close(file);
}

int main(int argc, char **argv)
{
    char name[32];
    diag_name("stock");
    if (argc != 4)
        tool_die(EX_USAGE, "usage", "stock MESSAGE DIR COUNT");
    size_t n = read_message(argv[1]);
    int directory = io_open(AT_FDCWD, argv[2], O_RDONLY | O_DIRECTORY, 0);
    must(directory, argv[2]);
    // A factor that is odd: all names differ, and neighbours are made far from each other.
    for (uint64_t i = 1, count = tool_number(argv[3], COUNT_MAX); i <= count; i++) {
        snprintf(name, sizeof name, "%016llX", (unsigned long long)(i * 0x9E3779B97F4A7C15));
        write_copy(directory, name, n);
    }
    must(syncfs(directory), argv[2]);
    return EX_OK;
}
