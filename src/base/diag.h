// SPDX-License-Identifier: ISC
// Complaints and log lines. A complaint reads `program: thing: what could not be done: reason`;
// a log line starts with the queue id where it is about a message. Bytes that came from outside
// are cleaned on the way out (text_clean), so callers pass them as they are.
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>

#include "base/event.h"

// Where log lines go. Complaints go to stderr in any case, as JSON with DIAG_JSON. Syslog is
// the journal's own socket where there is one, which takes an event with its fields, else
// /dev/log.
enum diag_log { DIAG_NONE, DIAG_SYSLOG, DIAG_STDERR, DIAG_JSON };

// The program's name, in front of every line. Kept by pointer; it must live for ever.
void diag_name(const char *program) __attribute__((nonnull));
void diag_log_to(enum diag_log where);

// One line on stderr. errno is kept.
void diag_warn(const char *fmt, ...) __attribute__((nonnull, format(printf, 1, 2)));

// One line to the log. Syslog gets one datagram, without blocking: a hung or absent daemon
// costs the line, never time and never the result (syslog(3) would wait). errno is kept.
// `level` is a level of syslog(3): LOG_ERR, LOG_WARNING, LOG_INFO.
void diag_log(int level, const char *fmt, ...) __attribute__((nonnull, format(printf, 2, 3)));

// An event to the log, in the same way: each of its lines under the name sendoff/PROCESS in
// syslog, as the readers of Postfix's log want it; one object in JSON.
void diag_event(const struct event *e) __attribute__((nonnull));

#endif
