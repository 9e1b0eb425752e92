// SPDX-License-Identifier: ISC
// Memory for a secret: pages of its own that are not swapped out, not dumped and not given to a
// child, as far as the kernel goes along.
#ifndef SUBMIT_VAULT_H
#define SUBMIT_VAULT_H

#include <stddef.h>

// n octets of zeroes, or NULL and errno. The caller ends it with vault_free.
void *vault_new(size_t n) __attribute__((warn_unused_result));
// Wipes what vault_new gave for n octets, and gives it back. NULL is accepted.
void vault_free(void *p, size_t n);

#endif
