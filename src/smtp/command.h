// SPDX-License-Identifier: ISC
// Command lines (RFC 5321, 4.1.1). Whatever they are made of, and wherever that comes from, no
// line with a control character in it is ever made: it is looked at here, last thing, with
// nothing between this and the wire. Addresses can not end early and become parameters.
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/stumble.h"
#include "smtp/ehlo.h"

// Why a command was not made. Nothing was added then.
enum command_answer {
    COMMAND_MADE,
    COMMAND_MALFORMED,  // a control character, or an address that is no mailbox
    COMMAND_NEEDS_UTF8, // an address beyond ASCII, and SMTPUTF8 is not offered
    COMMAND_NEEDS_TLS,  // REQUIRETLS is asked for and not offered, or offered in the clear
    COMMAND_TOO_LARGE,  // the message is beyond the server's SIZE
};

// What MAIL has to say.
struct command_mail {
    const char *sender;  // a mailbox, "" for the null sender
    const char *options; // parameters parted by blanks; those not offered are left out
    uint64_t size;
    bool eightbit;
    bool utf8;          // an address beyond ASCII takes part, or the header is not ASCII
    bool binary;        // it goes out with NUL in it, by BDAT
    bool encrypted;     // the line bears TLS
    bool authenticated; // somebody has logged in
    unsigned without;   // a set of STUMBLE_...: those parameters are left out
};

// A verb with an argument that is one word, or alone where the argument is "".
enum command_answer command_word(struct buf *out, const char *verb, const char *word)
    __attribute__((nonnull, warn_unused_result));
// *spare becomes the set of STUMBLE_... of which the line has parameters that could be left
// out: none that the message can not do without.
enum command_answer command_mail(struct buf *out, const struct ehlo *e,
                                 const struct command_mail *m, unsigned *spare)
    __attribute__((nonnull, warn_unused_result));
enum command_answer command_rcpt(struct buf *out, const struct ehlo *e, const char *mailbox,
                                 const char *options, unsigned without, unsigned *spare)
    __attribute__((nonnull, warn_unused_result));
void command_bdat(struct buf *out, size_t n, bool last) __attribute__((nonnull));

bool command_is_ascii(struct span text);

#endif
