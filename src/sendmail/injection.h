// SPDX-License-Identifier: ISC
// One message on its way from a caller into the spool, wherever its octets come from: they are
// read straight into its room, and it completes the header and writes the file as they come.
// Nothing is made on disk before the header was read and found good.
#ifndef SENDMAIL_INJECTION_H
#define SENDMAIL_INJECTION_H

#include "config/config.h"
#include "message/block.h"
#include "message/envelope.h"
#include "message/header.h"
#include "message/lines.h"
#include "sendmail/args.h"
#include "sendmail/store.h"

struct injection {
    const struct args *args;
    const struct config *config;
    const struct envelope *given; // what MAIL and RCPT said; NULL: the command line speaks
    struct lines lines;
    struct header header;
    struct block block;
    struct buf head;    // our own block, then the header as it is stored
    struct store store; // its error tells of the disk
    bool in_body;
    bool done;  // a lone dot ended the message: no more is to be read
    bool large; // it was refused for its size
    struct buf *why;
};

// Each int is 0, or a status of sysexits(3) with the complaint in *why: the message is not
// queued then, and nothing but injection_free may follow.

// Begins: the spool is opened. What is pointed to is borrowed until injection_free, which the
// caller ends it with, whatever the answer; *in stays in its place until then.
int injection_begin(struct injection *in, const struct args *args, const struct config *config,
                    const struct envelope *given, struct buf *why)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));
// Before the first octet: what dots mean (message/lines.h); without it they are text.
void injection_dots(struct injection *in, enum lines_dot dot, bool unstuff)
    __attribute__((nonnull));

// Where to put the next octets, and in *n how many there is room for, never none; then how many
// were put there.
char *injection_room(struct injection *in, size_t *n) __attribute__((nonnull, returns_nonnull));
int injection_grew(struct injection *in, size_t n) __attribute__((nonnull, warn_unused_result));
// That was all of it. After 0 the message is durable, complete, in the spool. Signals are
// blocked from then on, as store_publish says.
int injection_finish(struct injection *in) __attribute__((nonnull, warn_unused_result));
// Gives all back; a message that was not finished leaves nothing behind.
void injection_free(struct injection *in) __attribute__((nonnull));

#endif
