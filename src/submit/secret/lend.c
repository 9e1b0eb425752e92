// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/secret/lend.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#if __has_include(<malloc_np.h>) // FreeBSD
#include <malloc_np.h>
#else
#include <malloc.h>
#endif

#include "base/buf.h"

// libsasl2 asks DNS for the host's full name where the name it gets here has no dot, and no
// deadline of ours would end that. Nothing depends on the name, so it gets one with a dot: the
// dynamic linker prefers this function to libc's. It is declared here because libc's header may
// define it inline.
int gethostname(char *name, size_t size);

int gethostname(char *name, size_t size)
{
    struct utsname host;
    struct buf full = BUF_INIT(sizeof host.nodename + sizeof ".localdomain");
    if (uname(&host))
        return -1;
    buf_printf(&full, "%s%s", host.nodename, strchr(host.nodename, '.') ? "" : ".localdomain");
    if (size) {
        size_t n = full.n < size - 1 ? full.n : size - 1;
        memcpy(name, buf_str(&full), n);
        name[n] = '\0';
    }
    buf_free(&full);
    return 0;
}

void lend_free(void *p)
{
    if (p)
        explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

void *lend_realloc(void *p, size_t n)
{
    void *fresh = malloc(n);
    size_t old = p ? malloc_usable_size(p) : 0;
    if (!fresh)
        return NULL;
    if (p)
        memcpy(fresh, p, old < n ? old : n);
    lend_free(p);
    return fresh;
}
