// SPDX-License-Identifier: ISC
// Entries for systemd's journal, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL):
// fields of a name in capitals and a value, in one datagram. Where it goes is for the log to
// know (base/diag.h). Pure.
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include "base/buf.h"
#include "base/event.h"

// The socket of a journal that runs.
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

// Appends a field. The value is cleaned (text_clean), so it holds no line end.
void journal_text(struct buf *out, const char *name, struct span value)
    __attribute__((nonnull));

// Appends what every entry has: its text, its level of syslog(3), and under which name and
// process id it stands in the log.
void journal_head(struct buf *out, int level, const char *name, int pid, struct span text)
    __attribute__((nonnull));

// Appends the facts of an event: SENDOFF_ID, SENDOFF_RECIPIENT and so on, each name as
// event_walk has it.
void journal_event(struct buf *out, const struct event *e) __attribute__((nonnull));

#endif
