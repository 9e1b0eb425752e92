// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/text.h"
#include "submit/tls/tls_inner.h"

enum {
    TEXT_SUBJECT_MAX = 200, // octets
    TEXT_NAMES_MAX = 100,   // octets after which no further name is begun
    TEXT_NAME_MAX = 64      // octets
};

const char *tls_complaint(void)
{
    unsigned long code = ERR_peek_error();
    const char *text = ERR_GET_LIB(code) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(code))
                                                        : ERR_reason_error_string(code);
    return text ? text : "unknown error";
}

void tls_put_date(struct buf *out, const ASN1_TIME *t)
{
    struct tm when;
    if (ASN1_TIME_to_tm(t, &when))
        buf_printf(out, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
}

void tls_put_subject(struct buf *out, const X509_NAME *name)
{
    char *line = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long n = BIO_get_mem_data(bio, &line);
        if (n > 0)
            text_clean(out, (struct span){line, (size_t)n}, TEXT_SUBJECT_MAX);
    }
    BIO_free(bio);
}

static void put_address(struct buf *out, const ASN1_OCTET_STRING *ip)
{
    const unsigned char *p = ASN1_STRING_get0_data(ip);
    int n = ASN1_STRING_length(ip);
    if (n == 4)
        buf_printf(out, "%d.%d.%d.%d", p[0], p[1], p[2], p[3]);
    for (int i = 0; n == 16 && i < n; i += 2)
        buf_printf(out, "%s%x", i ? ":" : "", p[i] << 8 | p[i + 1]);
}

void tls_put_names(struct buf *out, const X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    size_t before = out->n;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && out->n - before < TEXT_NAMES_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        if (out->n > before)
            buf_puts(out, ", ");
        if (name->type == GEN_DNS)
            text_clean(out,
                       (struct span){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                     (size_t)ASN1_STRING_length(name->d.dNSName)},
                       TEXT_NAME_MAX);
        else
            put_address(out, name->d.iPAddress);
    }
    GENERAL_NAMES_free(names);
    if (out->n == before)
        tls_put_subject(out, X509_get_subject_name(cert));
}
