// SPDX-License-Identifier: ISC
// A date and time (RFC 5322, 3.3) and a Message-ID (3.6.4), out of a given time and given
// chance.
#ifndef MESSAGE_DATE_H
#define MESSAGE_DATE_H

#include <stddef.h>
#include <time.h>

#include "base/buf.h"

enum { DATE_RANDOM = 16 }; // octets of chance in a Message-ID

// Appends "Sat, 22 Nov 2025 13:51:07 +0100". `local` and `offset`, in minutes ahead of UTC, are
// as clock_local gives them.
void date_put(struct buf *out, const struct tm *local, int offset) __attribute__((nonnull));

// Appends "<RANDOM@DOMAIN>": nothing in it tells of a process, a user or a host. An empty
// domain makes it "localhost".
void message_id_put(struct buf *out, const unsigned char random[DATE_RANDOM],
                    struct span domain) __attribute__((nonnull));

#endif
