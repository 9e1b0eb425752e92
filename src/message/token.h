// SPDX-License-Identifier: ISC
// The words of a structured field (RFC 5322, 3.2; RFC 6532, 3.2): atoms, quoted strings, domain
// literals, encoded words and specials, with the blanks, foldings and comments between them
// gone. It knows nothing of addresses.
#ifndef MESSAGE_TOKEN_H
#define MESSAGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum token_kind {
    TOKEN_END,
    TOKEN_ATOM,    // atext, and octets above 127 whatever they are
    TOKEN_QUOTED,  // with its quotes, as it stands
    TOKEN_LITERAL, // with its brackets, as it stands
    TOKEN_ENCODED, // =?charset?q?text?=, also where the text holds specials
    TOKEN_SPECIAL, // one of < > @ , : ; .
    TOKEN_BAD,     // what stands there is none of these; the reader's `reason` says why
};

struct token {
    enum token_kind kind;
    char special;     // of a special, else NUL
    struct span text; // empty, but in its place, for TOKEN_END
};

struct token_reader {
    struct span text;
    size_t at;
    bool folded;        // LF and a blank are a blank
    const char *reason; // a few words, once a token was bad
};

// The next token. Without `folded` no control character but TAB is let through anywhere; with
// it they may stand inside comments and quoted strings.
struct token token_next(struct token_reader *r) __attribute__((nonnull));

// Whether an octet may stand in an atom: atext, or above 127.
bool token_is_atext(char c);

#endif
