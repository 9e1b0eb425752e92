// SPDX-License-Identifier: ISC
// A spool in the tree (unit/tree.h), and messages in it.
#ifndef UNIT_MAIL_H
#define UNIT_MAIL_H

#include <dirent.h>
#include <time.h>

#include "message/block.h"
#include "spool/maildir.h"
#include "unit/tree.h"

static struct maildir mail;

// For each test: an empty spool of its own, open.
static inline int mail_setup(void **state)
{
    if (tree_setup(state))
        return -1;
    return maildir_open(&mail, tree_path("spool"), true) == MAILDIR_OPEN ? 0 : -1;
}

static inline int mail_teardown(void **state)
{
    maildir_close(&mail);
    return tree_teardown(state);
}

// A message of that body to so many recipients, r0@example.org and so on, written as
// spool/NAME. 0 or -1.
static inline int mail_write(const char *name, unsigned recipients, const char *body)
{
    struct block b;
    struct buf text = BUF_INIT(1 << 20);
    char path[256], address[64];
    block_init(&b);
    b.octets = strlen(body);
    b.lines = 1;
    b.arrival = (int64_t)time(NULL) * 1000000;
    bool good = envelope_set_sender(&b.envelope, SPAN("sender@example.org"));
    for (unsigned i = 0; good && i < recipients; i++) {
        snprintf(address, sizeof address, "r%u@example.org", i);
        good = envelope_add(&b.envelope, span_of(address), SPAN(""));
    }
    good = good && block_encode(&text, &b);
    buf_puts(&text, body);
    snprintf(path, sizeof path, "spool/%s", name);
    good = good && tree_write(path, text.p, text.n) == 0;
    block_free(&b);
    buf_free(&text);
    return good ? 0 : -1;
}

static inline bool mail_has(const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "spool/%s", name);
    return lstat(tree_path(path), &st) == 0;
}

// Renames as a mail reader does.
static inline int mail_rename(const char *from, const char *to)
{
    char a[256], b[256];
    snprintf(a, sizeof a, "spool/%s", from);
    snprintf(b, sizeof b, "spool/%s", to);
    return rename(tree_path(a), tree_path(b));
}

// How many entries a directory of the spool has, dots not counted; -1 where it is not there.
static inline int mail_count(const char *place)
{
    char path[256];
    int n = 0;
    snprintf(path, sizeof path, "spool/%s", place);
    DIR *d = opendir(tree_path(path));
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

#endif
