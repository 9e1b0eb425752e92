// SPDX-License-Identifier: ISC
// The whole of a submission, in the order that keeps it safe: the process made fit, the config
// read, the secret taken, the line dialled, the session run, and in the end every outcome told.
#ifndef SUBMIT_RUN_H
#define SUBMIT_RUN_H

#include <stdbool.h>

struct run_order {
    const char *config;  // path
    const char *account; // name, "" for the default one
    bool check;          // tell what works, send nothing
    bool verbose;        // show the dialogue on stderr
    bool progress;       // tell sendoff how much of a body has gone out
    const char *from; // of a check: the sender to ask the smarthost about, and the recipient;
    const char *to;   // "" for none
};

// Returns an exit status (sysexits.h): 0, EX_TEMPFAIL for trouble of the line or the account,
// EX_CONFIG for what the config or the secret's file must change, EX_PROTOCOL where sendoff is
// of another build, EX_IOERR where it is gone.
int run(const struct run_order *order) __attribute__((nonnull));

#endif
