// SPDX-License-Identifier: ISC
// The header of a message or of a part, written anew for a server that can not take it, or for
// a body that is encoded otherwise than it was. What needs no change keeps every octet.
#ifndef MESSAGE_REFIT_H
#define MESSAGE_REFIT_H

#include <stdbool.h>

#include "base/buf.h"
#include "message/mime/mime.h"
#include "message/mime/recode.h"

enum refit_charset { REFIT_ASCII, REFIT_UTF8, REFIT_UNKNOWN };

struct refit {
    bool eightbit;         // a part's header may have octets above 127
    bool utf8;             // a message's own may have UTF-8
    bool strict;           // an address that is not ASCII is told, else it is written as text
    enum recode_kind kind; // what becomes of the content
    enum refit_charset charset; // of the content, where nothing says so
};

// Appends the header of an entity, without the empty line. False where `strict` and it holds an
// address that only SMTPUTF8 can carry.
bool refit_put(struct buf *out, const struct refit *r, const struct mime_entity *e,
               struct span header) __attribute__((nonnull, warn_unused_result));

#endif
