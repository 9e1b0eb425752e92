// SPDX-License-Identifier: ISC
// A server to make handshakes with, in the same process, and certificates for it and for us.
// Files go into the tree of tree.h.
#ifndef UNIT_TLS_PEER_H
#define UNIT_TLS_PEER_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "submit/tls/tls.h"
#include "tree.h"

struct paper {
    X509 *cert;
    EVP_PKEY *key;
};

struct paper_order {
    const char *subject, *names, *purpose; // names and purpose: NULL for none
    int from, to;                          // days from now
    bool authority;
    const EVP_MD *md; // of the signature; NULL: SHA-256, or what the key brings along
};

static inline void paper_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(cert, e, -1), 1);
    X509_EXTENSION_free(e);
}

// A certificate for `key`, which it takes, signed by `by`, or by itself where that is NULL.
static inline struct paper paper_issue(const struct paper_order *o, EVP_PKEY *key,
                                       const struct paper *by)
{
    static long serial = 1;
    struct paper p = {X509_new(), key};
    assert_non_null(p.cert);
    assert_non_null(key);
    X509 *issuer = by ? by->cert : p.cert;
    X509_NAME *name = X509_get_subject_name(p.cert);
    X509_set_version(p.cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)o->subject, -1,
                               -1, 0);
    X509_gmtime_adj(X509_getm_notBefore(p.cert), (long)o->from * 86400);
    X509_gmtime_adj(X509_getm_notAfter(p.cert), (long)o->to * 86400 + 60);
    X509_set_pubkey(p.cert, key);
    X509_set_issuer_name(p.cert, X509_get_subject_name(issuer));
    paper_extend(p.cert, issuer, NID_basic_constraints,
                 o->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (o->names)
        paper_extend(p.cert, issuer, NID_subject_alt_name, o->names);
    if (o->purpose)
        paper_extend(p.cert, issuer, NID_ext_key_usage, o->purpose);
    EVP_PKEY *signer = by ? by->key : key;
    const EVP_MD *md = EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? NULL
                       : o->md                                     ? o->md
                                                                   : EVP_sha256();
    assert_true(X509_sign(p.cert, signer, md) > 0);
    return p;
}

static inline EVP_PKEY *paper_key(void)
{
    return EVP_EC_gen("P-256");
}

static inline void paper_free(struct paper *p)
{
    X509_free(p->cert);
    EVP_PKEY_free(p->key);
}

// Writes NAME with the certificate, and NAME.key where a key is given.
static inline void paper_write(const char *name, X509 *cert, EVP_PKEY *key)
{
    char path[64];
    tree_text(name, "");
    FILE *f = fopen(tree_path(name), "we");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, cert), 1);
    assert_int_equal(fclose(f), 0);
    if (!key)
        return;
    snprintf(path, sizeof path, "%s.key", name);
    tree_text(path, "");
    chmod(tree_path(path), 0600);
    f = fopen(tree_path(path), "we");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(f), 0);
}

struct peer {
    SSL_CTX *context;
    SSL *ssl;
    int ours, theirs; // descriptors of the two sides
};

static inline int peer_takes_anybody(int fine, X509_STORE_CTX *store)
{
    (void)fine;
    (void)store;
    return 1;
}

// A server with this certificate. `newest` is its newest version; `asks` has it ask for a
// certificate and take any, or none.
static inline void peer_begin(struct peer *p, const struct paper *paper, X509 *issuer,
                              int newest, bool asks)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
                     0);
    *p = (struct peer){
        .context = SSL_CTX_new(TLS_server_method()), .ours = pair[0], .theirs = pair[1]};
    assert_non_null(p->context);
    SSL_CTX_set_security_level(p->context, 0); // a SHA-1 signature is its own affair
    SSL_CTX_set_max_proto_version(p->context, newest);
    assert_int_equal(SSL_CTX_use_certificate(p->context, paper->cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(p->context, paper->key), 1);
    if (issuer)
        assert_int_equal(SSL_CTX_add1_chain_cert(p->context, issuer), 1);
    if (asks)
        SSL_CTX_set_verify(p->context, SSL_VERIFY_PEER, peer_takes_anybody);
    p->ssl = SSL_new(p->context);
    assert_non_null(p->ssl);
    SSL_set_fd(p->ssl, p->theirs);
    SSL_set_accept_state(p->ssl);
}

static inline void peer_end(struct peer *p)
{
    SSL_free(p->ssl);
    SSL_CTX_free(p->context);
    close(p->ours);
    close(p->theirs);
    ERR_clear_error();
}

// Both sides in turn, until ours has an answer and theirs is done or stuck.
static inline enum tls_answer peer_shake(struct peer *p, struct tls *t, const char *name,
                                         struct outcome *trouble)
{
    enum tls_answer answer = TLS_WAIT;
    if (!tls_begin(t, p->ours, name, "", trouble))
        return TLS_FAILED;
    for (int i = 0; i < 20; i++) {
        if (answer == TLS_WAIT)
            answer = tls_handshake(t, trouble);
        if (!SSL_is_init_finished(p->ssl))
            SSL_do_handshake(p->ssl);
        ERR_clear_error();
    }
    return answer;
}

#endif
