// SPDX-License-Identifier: ISC
#include "sendmail/newaliases.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/diag.h"
#include "message/aliascheck.h"
#include "spool/alias_file.h"

enum { COMPLAINTS_MAX = 65536 };

static int look_through(const struct aliases *a, const char *path)
{
    struct buf complaints = BUF_INIT(COMPLAINTS_MAX);
    aliases_check(a, path, &complaints);
    bool fine = complaints.n == 0;
    struct span rest = buf_span(&complaints), line;
    while (span_cut(&rest, '\n', &line))
        if (line.n)
            diag_warn("%.*s", SPAN_ARGS(line));
    if (complaints.over)
        diag_warn("%s: there is more", path);
    buf_free(&complaints);
    return fine ? EX_OK : EX_DATAERR;
}

static size_t count_names(const struct aliases *a)
{
    size_t n = 0;
    for (size_t i = 0; i < aliases_count(a); i++) {
        struct alias e = aliases_entry(a, i);
        n += !e.reason && e.first == i;
    }
    return n;
}

int newaliases(const struct config *config, struct buf *why)
{
    const char *path = config->aliases;
    struct alias_file file;
    enum alias_file_answer answer = alias_file_read(&file, path, why);
    int status = EX_DATAERR;
    if (answer != ALIAS_FILE_BAD) {
        size_t n = count_names(&file.aliases);
        printf("%s: %zu alias%s%s\n", path, n, n == 1 ? "" : "es",
               answer == ALIAS_FILE_ABSENT ? ", there is no such file" : "");
        status = look_through(&file.aliases, path);
        if (fflush(stdout))
            status = EX_IOERR;
    }
    alias_file_free(&file);
    return status;
}
