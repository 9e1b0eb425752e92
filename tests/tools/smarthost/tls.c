// SPDX-License-Identifier: ISC
#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

static void reason(struct buf *why, const char *what)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    buf_printf(why, "%s: %s", what, text ? text : "the peer went away");
    ERR_clear_error();
}

// Versions below 1.2 live below the library's usual security level.
static bool limit(SSL_CTX *ctx, const char *newest)
{
    static const struct {
        const char *name;
        int version;
        uint64_t options;
    } known[] = {{"1.0", TLS1_VERSION, 0},
                 {"1.1", TLS1_1_VERSION, 0},
                 {"1.2", TLS1_2_VERSION, 0},
                 {"1.2-plain-secret", TLS1_2_VERSION, SSL_OP_NO_EXTENDED_MASTER_SECRET},
                 {"1.3", TLS1_3_VERSION, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(newest, known[i].name) == 0) {
            SSL_CTX_set_options(ctx, known[i].options);
            return SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") == 1 &&
                   SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(ctx, known[i].version) == 1;
        }
    return false;
}

static bool ask_clients(SSL_CTX *ctx, struct tls_clients clients)
{
    int mode = SSL_VERIFY_PEER | (clients.demanded ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    SSL_CTX_set_verify(ctx, mode, NULL);
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(clients.ca));
    return SSL_CTX_load_verify_file(ctx, clients.ca) == 1;
}

struct tls_server *tls_server_new(const char *cert, const char *key, struct tls_clients clients,
                                  const char *newest, struct buf *why)
{
    static const unsigned char id[] = "smarthost";
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        reason(why, "TLS");
    else if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        reason(why, cert);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        reason(why, key);
    else if (clients.ca && !ask_clients(ctx, clients))
        reason(why, clients.ca);
    else if (newest && !limit(ctx, newest))
        buf_printf(why, "no such version of TLS: %s", newest);
    else if (SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1) != 1)
        reason(why, "TLS");
    else
        return (struct tls_server *)ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

void tls_client(struct tls *t, struct buf *out)
{
    char name[256];
    X509 *cert = SSL_get1_peer_certificate((SSL *)t);
    if (cert && X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name,
                                          sizeof name) > 0)
        buf_puts(out, name);
    X509_free(cert);
}

struct tls *tls_accept(struct tls_server *server, int fd, struct buf *what)
{
    SSL *ssl = SSL_new((SSL_CTX *)server);
    ERR_clear_error();
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || SSL_accept(ssl) != 1) {
        reason(what, "handshake");
        SSL_free(ssl);
        return NULL;
    }
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    buf_printf(what, "%s name=%s%s", SSL_get_version(ssl), name ? name : "-",
               SSL_session_reused(ssl) ? " resumed" : "");
    size_t before = what->n;
    buf_puts(what, " client=");
    size_t named = what->n;
    tls_client((struct tls *)ssl, what);
    if (what->n == named)
        buf_cut(what, before);
    return (struct tls *)ssl;
}

unsigned tls_flights(const struct tls *t)
{
    return SSL_version((const SSL *)t) == TLS1_3_VERSION ? 1 : 2;
}

// The hash of the certificate, by the function that its signature uses, or better.
static bool put_end_point(SSL *ssl, struct buf *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int md = NID_undef, key = NID_undef;
    X509 *cert = SSL_get_certificate(ssl);
    if (!cert || !OBJ_find_sigid_algs(X509_get_signature_nid(cert), &md, &key))
        return false;
    const EVP_MD *digest = md == NID_md5 || md == NID_sha1 ? EVP_sha256()
                                                           : EVP_get_digestbynid(md);
    if (!digest || X509_digest(cert, digest, hash, &n) != 1)
        return false;
    buf_put(out, hash, n);
    return true;
}

bool tls_binding(struct tls *t, const char *kind, struct buf *out)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    unsigned char key[32];
    if (strcmp(kind, "tls-server-end-point") == 0)
        return put_end_point((SSL *)t, out);
    if (strcmp(kind, "tls-exporter") != 0 ||
        SSL_export_keying_material((SSL *)t, key, sizeof key, label, sizeof label - 1,
                                   (const unsigned char *)"", 0, 1) != 1)
        return false;
    buf_put(out, key, sizeof key);
    return true;
}

ssize_t tls_read(struct tls *t, void *p, size_t n)
{
    size_t got = 0;
    ERR_clear_error();
    return SSL_read_ex((SSL *)t, p, n, &got) == 1 ? (ssize_t)got : -1;
}

ssize_t tls_write(struct tls *t, const void *p, size_t n)
{
    size_t put = 0;
    ERR_clear_error();
    return SSL_write_ex((SSL *)t, p, n, &put) == 1 ? (ssize_t)put : -1;
}

void tls_free(struct tls *t, bool notify)
{
    ERR_clear_error();
    if (notify)
        SSL_shutdown((SSL *)t);
    SSL_free((SSL *)t);
}
