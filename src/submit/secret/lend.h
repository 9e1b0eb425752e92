// SPDX-License-Identifier: ISC
// What libsasl2 is lent in place of the C library's own: memory that is wiped, and a name of
// this host that costs no question to DNS.
#ifndef SUBMIT_LEND_H
#define SUBMIT_LEND_H

#include <stddef.h>

// realloc and free. Mechanisms copy the password as they please; what they give back, or grow
// out of, is overwritten first.
void *lend_realloc(void *p, size_t n);
void lend_free(void *p);

#endif
