// SPDX-License-Identifier: ISC
#include "certs.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DAY = 86400 };

struct issuer {
    X509 *cert;
    EVP_PKEY *key;
};

struct kind {
    const char *name;
    const char *subject;
    const char *alternatives;
    const char *purpose;
    long from, to; // days from now
};

static const struct kind authority = {
    "ca", "Test Authority", NULL, NULL, -30, 365,
};

static const char here[] = "DNS:localhost,IP:127.0.0.1,IP:::1";

// What the authority signs.
static const struct kind kinds[] = {
    {"good", "localhost", here, "serverAuth", -1, 30},
    {"wrong-name", "elsewhere.example", "DNS:elsewhere.example", "serverAuth", -1, 30},
    {"expired", "localhost", here, "serverAuth", -20, -1},
    {"future", "localhost", here, "serverAuth", 1, 30},
    {"client", "localhost", here, "clientAuth", -1, 30},
    {"client-soon", "localhost", here, "clientAuth", -1, 15},
    {"soon", "localhost", here, "serverAuth", -1, 10},
    {"user", "user", NULL, "clientAuth", -1, 30},
};

static const struct kind self_signed = {"self-signed", "localhost", here, "serverAuth", -1, 30};
static const struct kind unknown = {"unknown", "localhost", here, "serverAuth", -1, 30};

static bool extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool good = e && X509_add_ext(cert, e, -1) == 1;
    X509_EXTENSION_free(e);
    return good;
}

static bool extend_all(X509 *cert, X509 *issuer, const struct kind *kind)
{
    bool ca = kind == &authority;
    return extend(cert, issuer, NID_basic_constraints,
                  ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           extend(cert, issuer, NID_key_usage,
                  ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
           extend(cert, issuer, NID_subject_key_identifier, "hash") &&
           extend(cert, issuer, NID_authority_key_identifier, "keyid") &&
           (!kind->alternatives ||
            extend(cert, issuer, NID_subject_alt_name, kind->alternatives)) &&
           (!kind->purpose || extend(cert, issuer, NID_ext_key_usage, kind->purpose));
}

static bool fill(X509 *cert, EVP_PKEY *key, const struct kind *kind)
{
    uint64_t serial = 0;
    X509_NAME *name = X509_get_subject_name(cert);
    return RAND_bytes((unsigned char *)&serial, sizeof serial - 1) == 1 &&
           X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), kind->from * DAY) &&
           X509_gmtime_adj(X509_getm_notAfter(cert), kind->to * DAY) &&
           X509_set_pubkey(cert, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)kind->subject, -1, -1, 0) == 1;
}

// A certificate with a key of its own, signed by `by`, or by itself where by->cert is NULL.
static bool issue(struct issuer *made, const struct kind *kind, const struct issuer *by)
{
    made->key = EVP_EC_gen("P-256");
    made->cert = X509_new();
    if (!made->key || !made->cert || !fill(made->cert, made->key, kind))
        return false;
    X509 *issuer = by->cert ? by->cert : made->cert;
    return X509_set_issuer_name(made->cert, X509_get_subject_name(issuer)) == 1 &&
           extend_all(made->cert, issuer, kind) &&
           X509_sign(made->cert, by->cert ? by->key : made->key, EVP_sha256()) > 0;
}

static void give_up(struct issuer *i)
{
    X509_free(i->cert);
    EVP_PKEY_free(i->key);
}

static bool write_cert(const char *path, X509 *cert)
{
    FILE *f = fopen(path, "we");
    bool good = f && PEM_write_X509(f, cert) == 1;
    return (!f || fclose(f) == 0) && good;
}

static bool write_key(const char *path, EVP_PKEY *key)
{
    mode_t old = umask(077);
    FILE *f = fopen(path, "we");
    umask(old);
    bool good = f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
    return (!f || fclose(f) == 0) && good;
}

static bool write_both(const char *directory, const char *name, const struct issuer *i)
{
    struct buf path = BUF_INIT(4096);
    buf_printf(&path, "%s/%s.pem", directory, name);
    bool good = write_cert(buf_str(&path), i->cert);
    buf_clear(&path);
    buf_printf(&path, "%s/%s.key", directory, name);
    good = good && write_key(buf_str(&path), i->key);
    buf_free(&path);
    return good;
}

static bool make_one(const char *directory, const struct kind *kind, const struct issuer *by)
{
    struct issuer made = {0};
    bool good = issue(&made, kind, by) && write_both(directory, kind->name, &made);
    give_up(&made);
    return good;
}

// A directory as OpenSSL looks authorities up in it: by a hash of their name.
static bool write_hashed(const char *directory, X509 *cert)
{
    struct buf path = BUF_INIT(4096);
    buf_printf(&path, "%s/cadir", directory);
    bool good = mkdir(buf_str(&path), 0755) == 0 || errno == EEXIST;
    buf_printf(&path, "/%08lx.0", X509_subject_name_hash(cert));
    good = good && write_cert(buf_str(&path), cert);
    buf_free(&path);
    return good;
}

bool certs_make(const char *directory, struct buf *why)
{
    struct issuer ca = {0}, other = {0};
    static const struct issuer nobody = {0};
    bool good = issue(&ca, &authority, &nobody) && write_both(directory, "ca", &ca) &&
                write_hashed(directory, ca.cert) && issue(&other, &authority, &nobody);
    for (size_t i = 0; good && i < sizeof kinds / sizeof *kinds; i++)
        good = make_one(directory, &kinds[i], &ca);
    good = good && make_one(directory, &self_signed, &nobody) &&
           make_one(directory, &unknown, &other);
    if (!good)
        buf_printf(why, "%s: can not make certificates: %s", directory, strerror(errno));
    give_up(&ca);
    give_up(&other);
    return good;
}
