// SPDX-License-Identifier: ISC
// What the readers of other programs' configs have in common (import_msmtp.h and the like).
// Each takes the text of its files and makes a draft of ours; what it can not carry over it
// notes, with the line. Pure.
//
// What these programs do less safely is not carried over as it is: certificates are verified,
// and no password goes over a line without TLS.
#ifndef SENDOFF_IMPORTING_H
#define SENDOFF_IMPORTING_H

#include "base/buf.h"
#include "sendoff/setup/draft.h"

enum { IMPORTING_LINE_MAX = 4096 };

struct importing {
    struct draft *draft;
    const char *file; // how to call it in notes
    unsigned line;    // 0: none
    const char *home; // what "~/" stands for; "" where that is not known
};

// Sets the key, or notes that `word`, as the file calls it, could not be carried over.
void importing_set(struct importing *m, size_t section, const char *key, struct span value,
                   const char *word) __attribute__((nonnull));
// The same for a path that may begin with "~/".
void importing_set_path(struct importing *m, size_t section, const char *key, struct span value,
                        const char *word) __attribute__((nonnull));
// Sets password_command to what tells the password; password_file, where that is `cat FILE`.
void importing_set_command(struct importing *m, size_t section, struct span value,
                           const char *word) __attribute__((nonnull));
// Has every sender replaced by `from`.
void importing_force(struct importing *m, size_t section, struct span from, const char *word)
    __attribute__((nonnull));

// The next line of the text, without blanks around it; empty ones and comments are passed over.
bool importing_line(struct importing *m, struct span *rest, struct span *line)
    __attribute__((nonnull, warn_unused_result));

// How such a program encrypts, in our words.
enum importing_tls { IMPORTING_NO_TLS, IMPORTING_STARTTLS, IMPORTING_IMPLICIT };
// Sets host, port and tls, once all of an account is known; `port` is 0 where the file names
// none, `usual` what the program takes then. Where there is a password, or the smarthost is not
// this host, TLS is not left out.
void importing_finish(struct importing *m, size_t section, enum importing_tls tls,
                      unsigned port, unsigned usual) __attribute__((nonnull));
// Puts TLS in where a password would go to another host without it, and notes that.
void importing_protect(struct importing *m, size_t section) __attribute__((nonnull));

#endif
