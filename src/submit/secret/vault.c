// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/secret/vault.h"

#include <string.h>
#include <sys/mman.h>

#include "base/port.h"

void *vault_new(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    // A small RLIMIT_MEMLOCK or an old kernel refuses some of this: the secret is used all the
    // same, as it would be by any other program.
    (void)mlock(p, n);
    port_keep_memory(p, n);
    return p;
}

void vault_free(void *p, size_t n)
{
    if (!p)
        return;
    explicit_bzero(p, n);
    munmap(p, n);
}
