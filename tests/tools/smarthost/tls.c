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
    } known[] = {{"1.0", TLS1_VERSION},
                 {"1.1", TLS1_1_VERSION},
                 {"1.2", TLS1_2_VERSION},
                 {"1.3", TLS1_3_VERSION}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(newest, known[i].name) == 0)
            return SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") == 1 &&
                   SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(ctx, known[i].version) == 1;
    return false;
}

struct tls_server *tls_server_new(const char *cert, const char *key, const char *newest,
                                  struct buf *why)
{
    static const unsigned char id[] = "smarthost";
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        reason(why, "TLS");
    else if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        reason(why, cert);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        reason(why, key);
    else if (newest && !limit(ctx, newest))
        buf_printf(why, "no such version of TLS: %s", newest);
    else if (SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1) != 1)
        reason(why, "TLS");
    else
        return (struct tls_server *)ctx;
    SSL_CTX_free(ctx);
    return NULL;
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
    return (struct tls *)ssl;
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
