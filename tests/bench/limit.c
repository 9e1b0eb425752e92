// SPDX-License-Identifier: ISC
// limit: the least that a durable injection into a Maildir can cost. It copies stdin to a file
// in DIR/tmp, syncs it, renames it to DIR/new and syncs that directory. It reads no header,
// knows no config and makes no envelope.
//
//   limit DIR <MESSAGE
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

static char octets[65536];

static void must(int answer, const char *what)
{
    if (answer < 0)
        tool_die(EX_IOERR, what, strerror(errno));
}

static void copy(int to)
{
    ssize_t got;
    while ((got = io_read(STDIN_FILENO, octets, sizeof octets)) > 0)
        must(io_write(to, octets, (size_t)got), "tmp");
    must((int)got, "stdin");
}

int main(int argc, char **argv)
{
    char from[64], to[64];
    diag_name("limit");
    if (argc != 2)
        tool_die(EX_USAGE, "usage", "limit DIR <MESSAGE");
    snprintf(from, sizeof from, "tmp/%ld", (long)getpid());
    snprintf(to, sizeof to, "new/%ld", (long)getpid());
    must(chdir(argv[1]), argv[1]);
    int file = io_open(AT_FDCWD, from, O_WRONLY | O_CREAT | O_EXCL, 0600);
    must(file, from);
    copy(file);
    must(io_sync(file), from);
    must(io_close_checked(file), from);
    must(io_rename(AT_FDCWD, from, AT_FDCWD, to), to);
    int directory = io_open(AT_FDCWD, "new", O_RDONLY | O_DIRECTORY, 0);
    must(directory, "new");
    must(io_sync(directory), "new");
    return EX_OK;
}
