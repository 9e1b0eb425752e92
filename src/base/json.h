// SPDX-License-Identifier: ISC
// Writes JSON (RFC 8259) on one line, piece by piece. Text is cleaned (text_clean) and then
// escaped, so what comes out is UTF-8 whatever went in. Commas come of themselves; that what is
// opened is closed again is the caller's care. Pure.
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdint.h>

#include "base/buf.h"

// `key` is a plain word of ours, or NULL for an element of an array or the outermost value.

// `bracket` is '{' or '['.
void json_open(struct buf *out, const char *key, char bracket) __attribute__((nonnull(1)));
// '}' or ']'.
void json_close(struct buf *out, char bracket) __attribute__((nonnull));
void json_text(struct buf *out, const char *key, struct span text) __attribute__((nonnull(1)));
void json_number(struct buf *out, const char *key, int64_t number) __attribute__((nonnull(1)));
void json_null(struct buf *out, const char *key) __attribute__((nonnull(1)));

#endif
