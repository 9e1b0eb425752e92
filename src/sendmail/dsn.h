// SPDX-License-Identifier: ISC
// What a caller may ask about reports (RFC 3461, 4), the same from the command line and from a
// dialogue: values are checked here, and come out in the form in which the envelope keeps them.
#ifndef SENDMAIL_DSN_H
#define SENDMAIL_DSN_H

#include <stdbool.h>

#include "base/text.h"

enum {
    DSN_ENVID_MAX = 100, // octets that the xtext stands for (RFC 3461, 4.4)
    DSN_ORCPT_MAX = 500, // octets of the whole value (4.2)
};

// NOTIFY: "NEVER", or a list of SUCCESS, FAILURE and DELAY, in any case of letters. The value
// in upper case and in that order, of static storage, or NULL where it is none.
const char *dsn_notify(struct span value);
// RET: "FULL" or "HDRS", likewise.
const char *dsn_ret(struct span value);
// ENVID: xtext, not empty.
bool dsn_envid(struct span value);
// ORCPT: a type of address, ';', and xtext; or what RFC 6533 allows, as far as it is printable
// ASCII.
bool dsn_orcpt(struct span value);

#endif
