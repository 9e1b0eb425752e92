// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/io.h"
#include "base/text.h"
#include "submit/secret/secret.h"
#include "submit/tls/tls_inner.h"
#include "submit/trouble.h"

enum { TRUST_WHY_MAX = 8192 };

// ---- Roots

// A link made by `openssl rehash`: eight hex digits, a dot, a number.
static bool is_no_hashed_name(void *found, const char *name)
{
    bool hashed = strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
                  text_is_digit(name[9]);
    *(bool *)found |= hashed;
    return !hashed;
}

static bool is_hashed_dir(const char *path)
{
    bool found = false;
    return io_walk(AT_FDCWD, path, is_no_hashed_name, &found) == 0 && found;
}

bool tls_load_roots(SSL_CTX *context, const struct config_account *a, struct outcome *trouble)
{
    const char *file = a->tls_ca_file, *dir = a->tls_ca_dir;
    if (!file[0] && !dir[0]) {
        // Parsing the bundle costs more than all the rest of the handshake.
        if (is_hashed_dir(X509_get_default_cert_dir()))
            dir = X509_get_default_cert_dir();
        else if (is_hashed_dir("/etc/ssl/certs"))
            dir = "/etc/ssl/certs";
        else
            file = X509_get_default_cert_file();
    }
    if (file[0] ? SSL_CTX_load_verify_file(context, file)
                : is_hashed_dir(dir) && SSL_CTX_load_verify_dir(context, dir))
        return true;
    if (file[0])
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: no certificate to trust in %s: %s", file,
                    tls_complaint());
    else
        trouble_set(trouble, TROUBLE_CONFIG,
                    "TLS: no hashed certificates to trust in %s (see openssl-rehash(1))", dir);
    return false;
}

// ---- Our own certificate

// There is nobody who could be asked for a passphrase.
static int no_passphrase(char *to, int size, int writing, void *asked)
{
    (void)to;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static EVP_PKEY *parse_key(struct span text, bool *encrypted)
{
    BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, encrypted) : NULL;
    BIO_free(bio);
    return key;
}

// The key is a secret like a password, and judged as one.
static EVP_PKEY *read_key(const char *path, struct outcome *trouble)
{
    struct secret *secret = secret_new();
    struct buf why = BUF_INIT(TRUST_WHY_MAX);
    bool encrypted = false;
    EVP_PKEY *key = NULL;
    if (!secret)
        trouble_set(trouble, TROUBLE_SYSTEM, "TLS: tls_key: %s", strerror(errno));
    else if (!secret_read(secret, path, &why))
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: tls_key: %s", buf_str(&why));
    else if (!(key = parse_key(secret_span(secret), &encrypted)))
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: tls_key: %s: %s", path,
                    encrypted ? "needs a passphrase, and nobody is there to give it"
                              : "holds no private key (PEM)");
    secret_free(secret);
    buf_free(&why);
    return key;
}

bool tls_load_identity(SSL_CTX *context, const struct config_account *a,
                       struct outcome *trouble)
{
    const char *file = a->tls_key[0] ? a->tls_key : a->tls_cert;
    if (!a->tls_cert[0])
        return true;
    if (SSL_CTX_use_certificate_chain_file(context, a->tls_cert) != 1) {
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: tls_cert: no certificate in %s: %s",
                    a->tls_cert, tls_complaint());
        return false;
    }
    EVP_PKEY *key = read_key(file, trouble);
    if (!key)
        return false;
    ERR_clear_error();
    bool good = SSL_CTX_use_PrivateKey(context, key) == 1;
    if (!good)
        trouble_set(trouble, TROUBLE_CONFIG, "TLS: tls_key: %s is not the key of %s: %s", file,
                    a->tls_cert, tls_complaint());
    EVP_PKEY_free(key);
    return good;
}
