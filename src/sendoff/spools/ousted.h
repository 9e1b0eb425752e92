// SPDX-License-Identifier: ISC
// Anybody may make a name in the root of the spools, another user's number too. sendmail(8)
// never uses such a squatted name; root's pass puts a right directory in its place (HAZARDS 6).
//
// The exchange is one call of the kernel, and what we put there is root's and closed until it
// is known what came out, so nobody can step in between: the root is sticky, and a directory of
// root's in it stays. If the owner was faster, and what came out is his own after all, it goes
// back as it was. What came out is kept where only root comes, and is never walked.
#ifndef SENDOFF_OUSTED_H
#define SENDOFF_OUSTED_H

#include "config/config.h"

// The directory in the root where what came out is kept: root's, mode 0700.
#define OUSTED_NAME ".ousted"

// Before root's pass in system mode, and nothing otherwise: a name in the root that is the
// number of a user in passwd, and no directory of his own, is replaced; a directory of his own
// gets mode 0700. Each is logged.
void ousted_mend(const struct config *config) __attribute__((nonnull));

#endif
