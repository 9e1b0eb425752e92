// SPDX-License-Identifier: ISC
#include "submit/tls/tls_lend.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "submit/secret/lend.h"

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(n);
}

static void *change(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return lend_realloc(p, n);
}

static void give_back(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    lend_free(p);
}

bool tls_lend_memory(void)
{
    return CRYPTO_set_mem_functions(take, change, give_back);
}

const char *tls_default_dir(void)
{
    return X509_get_default_cert_dir();
}
