// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "submit/tls/tls_inner.h"

enum {
    FACTS_TEXT_MAX = 256,
    FACTS_EXPORTED = 32 // octets of tls-exporter (RFC 9266, 2)
};

// ---- What the certificate says

// The field takes what it can hold; the buffer begins anew.
static void keep(char *to, size_t size, struct buf *from)
{
    size_t n = from->n < size ? from->n : size - 1;
    memcpy(to, buf_str(from), n);
    to[n] = '\0';
    buf_clear(from);
}

static void fill_expiry(struct tls_expiry *e, const X509 *cert, struct buf *text)
{
    int seconds = 0;
    e->known = ASN1_TIME_diff(&e->days, &seconds, NULL, X509_get0_notAfter(cert)) == 1;
    // A certificate that has expired an hour ago has no day left, and no zero of them either.
    if (e->days == 0 && seconds < 0)
        e->days = -1;
    tls_put_date(text, X509_get0_notAfter(cert));
    keep(e->date, sizeof e->date, text);
}

static void fill_certificate(struct tls_facts *facts, const X509 *cert)
{
    struct buf text = BUF_INIT(2 * FACTS_TEXT_MAX);
    unsigned char pin[PINS_OCTETS];
    EVP_PKEY *key = X509_get0_pubkey(cert);
    tls_put_subject(&text, X509_get_subject_name(cert));
    keep(facts->subject, sizeof facts->subject, &text);
    tls_put_subject(&text, X509_get_issuer_name(cert));
    keep(facts->issuer, sizeof facts->issuer, &text);
    tls_put_names(&text, cert);
    keep(facts->names, sizeof facts->names, &text);
    if (key && EVP_PKEY_get0_type_name(key))
        buf_printf(&text, "%s %d", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
    keep(facts->key, sizeof facts->key, &text);
    if (tls_pin_of(cert, pin))
        pins_put(&text, pin);
    keep(facts->pin, sizeof facts->pin, &text);
    fill_expiry(&facts->expires, cert, &text);
    buf_free(&text);
}

bool tls_facts(struct tls *t, struct tls_facts *facts)
{
    struct buf text = BUF_INIT(FACTS_TEXT_MAX);
    *facts = (struct tls_facts){0};
    X509 *cert = t->up ? SSL_get1_peer_certificate(t->ssl) : NULL;
    const X509 *own = t->up ? SSL_get_certificate(t->ssl) : NULL;
    if (!cert)
        return false;
    buf_puts(&text, SSL_get_version(t->ssl));
    keep(facts->version, sizeof facts->version, &text);
    buf_puts(&text, SSL_get_cipher_name(t->ssl));
    keep(facts->cipher, sizeof facts->cipher, &text);
    facts->bits = (unsigned)SSL_get_cipher_bits(t->ssl, NULL);
    fill_certificate(facts, cert);
    if (own)
        fill_expiry(&facts->own, own, &text);
    X509_free(cert);
    buf_free(&text);
    return true;
}

bool tls_identified(const struct tls *t)
{
    int nid;
    // We have signed with a key of ours only where the server asked and there was one to show.
    return t->up && SSL_get_signature_type_nid(t->ssl, &nid) == 1;
}

// ---- Channel binding

// The exporter is unique to the connection where the master secret is (RFC 9266, 3.1).
static bool export_binding(SSL *ssl, struct buf *out)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    unsigned char octets[FACTS_EXPORTED];
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
        return false;
    // The context is there, and empty; to TLS 1.2 that is not the same as none.
    if (SSL_export_keying_material(ssl, octets, sizeof octets, label, sizeof label - 1,
                                   (const unsigned char *)"", 0, 1) != 1)
        return false;
    buf_put(out, (const char *)octets, sizeof octets);
    return true;
}

// The certificate's hash, by the function of its signature; where that is MD5 or SHA-1, by
// SHA-256. A signature without such a function has no binding (RFC 5929, 4.1).
static bool hash_certificate(const X509 *cert, struct buf *out)
{
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int nid = NID_undef;
    if (!X509_get_signature_info((X509 *)(uintptr_t)cert, &nid, NULL, NULL, NULL) ||
        nid == NID_undef)
        return false;
    const EVP_MD *md = nid == NID_md5 || nid == NID_sha1 ? EVP_sha256()
                                                         : EVP_get_digestbynid(nid);
    if (!md || !X509_digest(cert, md, octets, &n))
        return false;
    buf_put(out, (const char *)octets, n);
    return true;
}

bool tls_binding(struct tls *t, enum tls_binding_kind kind, struct buf *out)
{
    if (!t->up)
        return false;
    ERR_clear_error();
    if (kind == TLS_BINDING_EXPORTER)
        return export_binding(t->ssl, out);
    X509 *cert = SSL_get1_peer_certificate(t->ssl);
    bool good = cert && hash_certificate(cert, out);
    X509_free(cert);
    return good;
}
