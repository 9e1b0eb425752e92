// SPDX-License-Identifier: ISC
// What OpenSSL is lent, and told of, before anything of it is used.
#ifndef SUBMIT_TLS_LEND_H
#define SUBMIT_TLS_LEND_H

#include <stdbool.h>

// Has OpenSSL take its memory from lend.h, so that what passes through it is wiped. To be
// called before any other function of OpenSSL; false where one was.
bool tls_lend_memory(void) __attribute__((warn_unused_result));

// The directory that OpenSSL was built to look for trusted certificates in.
const char *tls_default_dir(void) __attribute__((returns_nonnull));

#endif
