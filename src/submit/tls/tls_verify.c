// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "submit/tls/tls_inner.h"

bool tls_pin_of(const X509 *cert, unsigned char pin[PINS_OCTETS])
{
    unsigned char *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    bool good = n > 0 && EVP_Digest(der, (size_t)n, pin, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return good;
}

// ---- Why it is refused: the cause, and what to do

// Whose certificate it is: the server's, or that of somebody above it.
static void put_whose(struct buf *out, const struct tls *t, int depth, const X509 *cert)
{
    buf_printf(out, "certificate of %s", t->name);
    if (depth > 0) {
        buf_puts(out, ": its issuer ");
        tls_put_subject(out, X509_get_subject_name(cert));
    }
}

static void put_clock(struct buf *out)
{
    time_t now = time(NULL);
    ASN1_TIME *today = ASN1_TIME_set(NULL, now);
    if (today) {
        buf_puts(out, " (the clock here says ");
        tls_put_date(out, today);
        buf_puts(out, ")");
    }
    ASN1_TIME_free(today);
}

static void put_unknown_issuer(struct buf *out, const X509 *cert, bool alone)
{
    buf_puts(out, " has an issuer that is not trusted: ");
    tls_put_subject(out, X509_get_issuer_name(cert));
    buf_puts(out, alone ? "; set tls_ca_file, or the smarthost has to send its chain"
                        : "; set tls_ca_file");
}

static void explain(struct tls *t, X509_STORE_CTX *store, const X509 *cert)
{
    struct buf *out = &t->reason;
    int error = X509_STORE_CTX_get_error(store);
    put_whose(out, t, X509_STORE_CTX_get_error_depth(store), cert);
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        buf_puts(out, " is for ");
        tls_put_names(out, cert);
        buf_puts(out, "; set tls_name where that is the right one");
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        buf_puts(out, " has expired on ");
        tls_put_date(out, X509_get0_notAfter(cert));
        put_clock(out);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        buf_puts(out, " is not valid before ");
        tls_put_date(out, X509_get0_notBefore(cert));
        put_clock(out);
        break;
    case X509_V_ERR_INVALID_PURPOSE:
        buf_puts(out, " is not for servers: the smarthost needs another one");
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        buf_puts(out, " is self-signed and not trusted; set tls_ca_file, or tls_verify = pin");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        put_unknown_issuer(out, cert, sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) == 1);
        break;
    default: buf_printf(out, ": %s", X509_verify_cert_error_string(error));
    }
}

// OpenSSL asks at each certificate; the first one that is wrong is what we tell of.
static int on_verify(int fine, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    const X509 *cert = X509_STORE_CTX_get_current_cert(store);
    if (!fine && !t->reason.n && cert)
        explain(t, store, cert);
    return fine;
}

// ---- The verdict

static bool is_pinned(const struct tls *t, const X509 *cert)
{
    unsigned char pin[PINS_OCTETS];
    return tls_pin_of(cert, pin) && pins_list(span_of(t->account->tls_pin), pin);
}

static bool is_chain_pinned(const struct tls *t, X509_STORE_CTX *store)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (is_pinned(t, sk_X509_value(chain, i)))
            return true;
    return false;
}

static void explain_pin(struct tls *t, const X509 *cert)
{
    unsigned char pin[PINS_OCTETS];
    buf_printf(&t->reason, "tls_pin does not list the key of %s: ", t->name);
    if (tls_pin_of(cert, pin))
        pins_put(&t->reason, pin);
    else
        buf_puts(&t->reason, "it has none that can be read");
}

static int judge(X509_STORE_CTX *store, void *unused)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    const X509 *cert = X509_STORE_CTX_get0_cert(store);
    bool pinned = true;
    (void)unused;
    switch ((enum config_tls_verify)t->account->tls_verify) {
    case TLS_VERIFY_FULL:
        if (X509_verify_cert(store) != 1)
            return 0;
        pinned = !t->account->tls_pin[0] || is_chain_pinned(t, store);
        break;
    case TLS_VERIFY_PIN: pinned = cert && is_pinned(t, cert); break;
    case TLS_VERIFY_NONE: break;
    }
    if (!pinned && cert)
        explain_pin(t, cert);
    X509_STORE_CTX_set_error(store, pinned ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return pinned;
}

bool tls_judge(SSL_CTX *context, const struct config_account *a)
{
    X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_verify_callback(context, judge, NULL);
    // A private file may hold just the server's certificate, or an intermediate one.
    if (a->tls_ca_file[0])
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    return X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER) == 1;
}
