// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/tls/tls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "submit/trouble.h"

struct tls {
    struct transport transport; // first: a transport's functions get back to us by it
    SSL_CTX *context;
    SSL *ssl;
    short wants_to_read;  // poll event that the last read, or the handshake, waits for; or 0
    short wants_to_write; // likewise of the last write
    char name[256];       // what the certificate must bear
    struct buf reason;    // why the certificate was refused
};

enum { TLS_REASON_MAX = 512 };

// ---- Trusted roots

// A link made by `openssl rehash`: eight hex digits, a dot, a number.
static bool is_hashed_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && text_is_digit(name[9]);
}

static bool is_hashed_dir(const char *path)
{
    bool found = false;
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        io_close(fd);
        return false;
    }
    for (struct dirent *entry; !found && (entry = readdir(dir));)
        found = is_hashed_name(entry->d_name);
    closedir(dir);
    return found;
}

// OpenSSL's first complaint; those behind it only say who passed it on.
static const char *reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *text = ERR_GET_LIB(code) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(code))
                                                        : ERR_reason_error_string(code);
    return text ? text : "unknown error";
}

static bool load_roots(SSL_CTX *context, const struct config_account *a,
                       struct outcome *trouble)
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
                    reason());
    else
        trouble_set(trouble, TROUBLE_CONFIG,
                    "TLS: no hashed certificates to trust in %s (see openssl-rehash(1))", dir);
    return false;
}

// ---- Judging the certificate

static void put_date(struct buf *out, const ASN1_TIME *t)
{
    struct tm when;
    if (ASN1_TIME_to_tm(t, &when))
        buf_printf(out, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
}

static void put_subject(struct buf *out, const X509_NAME *name)
{
    char *line = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long n = BIO_get_mem_data(bio, &line);
        if (n > 0)
            text_clean(out, (struct span){line, (size_t)n}, 200);
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

// The names that the certificate does have, as many as a line can show.
static void put_names(struct buf *out, const X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    size_t before = out->n;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && out->n - before < 100; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        if (out->n > before)
            buf_puts(out, ", ");
        if (name->type == GEN_DNS)
            text_clean(out,
                       (struct span){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                     (size_t)ASN1_STRING_length(name->d.dNSName)},
                       64);
        else
            put_address(out, name->d.iPAddress);
    }
    GENERAL_NAMES_free(names);
    if (out->n == before)
        put_subject(out, X509_get_subject_name(cert));
}

static void explain(struct tls *t, int error, const X509 *cert)
{
    struct buf *out = &t->reason;
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        buf_printf(out, "certificate of %s is for ", t->name);
        put_names(out, cert);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        buf_printf(out, "certificate of %s has expired on ", t->name);
        put_date(out, X509_get0_notAfter(cert));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        buf_printf(out, "certificate of %s is not valid before ", t->name);
        put_date(out, X509_get0_notBefore(cert));
        break;
    case X509_V_ERR_INVALID_PURPOSE:
        buf_printf(out, "certificate of %s is not for servers", t->name);
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        buf_printf(out, "certificate of %s is self-signed and not trusted (tls_ca_file?)",
                   t->name);
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        buf_printf(out, "certificate of %s has an issuer that is not trusted: ", t->name);
        put_subject(out, X509_get_issuer_name(cert));
        break;
    default:
        buf_printf(out, "certificate of %s: %s", t->name, X509_verify_cert_error_string(error));
    }
}

// OpenSSL asks at each certificate; the first one that is wrong is what we tell of.
static int on_verify(int fine, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    const X509 *cert = X509_STORE_CTX_get_current_cert(store);
    if (!fine && !t->reason.n && cert)
        explain(t, X509_STORE_CTX_get_error(store), cert);
    return fine;
}

// ---- Setting up

struct tls *tls_new(const struct config_account *a, struct outcome *trouble)
{
    struct tls *t = calloc(1, sizeof *t);
    ERR_clear_error();
    if (!t || !(t->context = SSL_CTX_new(TLS_client_method()))) {
        trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin: %s", reason());
        goto bad;
    }
    t->reason = (struct buf)BUF_INIT(TLS_REASON_MAX);
    SSL_CTX_set_mode(t->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, on_verify);
    X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(t->context);
    // A private file may hold just the server's certificate, or an intermediate one.
    if (a->tls_ca_file[0])
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_options(t->context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(t->context, 1); // one read for a record, not one for its head first
    if (!SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) ||
        !X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER)) {
        trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin: %s", reason());
        goto bad;
    }
    if (!load_roots(t->context, a, trouble))
        goto bad;
    return t;
bad:
    tls_free(t);
    return NULL;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    SSL_CTX_free(t->context);
    buf_free(&t->reason);
    ERR_clear_error();
    free(t);
}

// ---- The stream

// What a failed call on ssl means: 0 the end of the stream, -1 and errno; with EAGAIN, *wants
// is what to poll for.
static ssize_t verdict(struct tls *t, int returned, short *wants)
{
    int kept = errno;
    int error = SSL_get_error(t->ssl, returned);
    unsigned long code = ERR_peek_error();
    switch (error) {
    case SSL_ERROR_WANT_READ: *wants = POLLIN; break;
    case SSL_ERROR_WANT_WRITE: *wants = POLLOUT; break;
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_SYSCALL: errno = kept ? kept : ECONNRESET; return -1;
    default:
        // Many servers close without a goodbye. SMTP says itself where things end, so for us
        // it is the end of the stream like any other, and the engine judges it.
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return 0;
        errno = EPROTO;
        return -1;
    }
    errno = EAGAIN;
    return -1;
}

static ssize_t tls_read(struct transport *transport, void *p, size_t n)
{
    struct tls *t = (struct tls *)transport;
    size_t got = 0;
    ERR_clear_error();
    errno = 0;
    t->wants_to_read = 0;
    int answer = SSL_read_ex(t->ssl, p, n, &got);
    return answer > 0 ? (ssize_t)got : verdict(t, answer, &t->wants_to_read);
}

static ssize_t tls_write(struct transport *transport, const void *p, size_t n)
{
    struct tls *t = (struct tls *)transport;
    size_t put = 0;
    ERR_clear_error();
    errno = 0;
    t->wants_to_write = 0;
    int answer = SSL_write_ex(t->ssl, p, n, &put);
    if (answer > 0)
        return (ssize_t)put;
    if (verdict(t, answer, &t->wants_to_write) == 0)
        errno = EPIPE;
    return -1;
}

static short tls_wants(struct transport *transport, short events)
{
    struct tls *t = (struct tls *)transport;
    short wants = 0;
    if (events & POLLIN)
        wants |= t->wants_to_read ? t->wants_to_read : POLLIN;
    if (events & POLLOUT)
        wants |= t->wants_to_write ? t->wants_to_write : POLLOUT;
    return wants;
}

bool tls_begin(struct tls *t, int fd, const char *name, struct outcome *trouble)
{
    ERR_clear_error();
    SSL_free(t->ssl);
    buf_clear(&t->reason);
    t->transport = (struct transport){fd, tls_read, tls_write, tls_wants};
    t->ssl = SSL_new(t->context);
    size_t n = strlen(name);
    if (n && name[n - 1] == '.')
        n--; // DNS's root, of which certificates do not speak
    if (!t->ssl || n == 0 || n >= sizeof t->name)
        goto bad;
    memcpy(t->name, name, n);
    t->name[n] = '\0';
    SSL_set_app_data(t->ssl, t);
    // Host flags set on the context would not reach us: they are only inherited with a host.
    SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), t->name) &&
        (!SSL_set1_host(t->ssl, t->name) || !SSL_set_tlsext_host_name(t->ssl, t->name)))
        goto bad;
    if (!SSL_set_fd(t->ssl, fd))
        goto bad;
    SSL_set_connect_state(t->ssl);
    return true;
bad:
    trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin with %.64s: %s", name, reason());
    return false;
}

enum tls_answer tls_handshake(struct tls *t, struct outcome *trouble)
{
    ERR_clear_error();
    errno = 0;
    t->wants_to_read = 0;
    int answer = SSL_do_handshake(t->ssl);
    // The verdict on the chain is asked for once more: nothing may hang on a callback alone.
    if (answer == 1 && SSL_get_verify_result(t->ssl) == X509_V_OK)
        return TLS_UP;
    if (answer == 1) {
        trouble_set(trouble, TROUBLE_TLS, "TLS: certificate of %s did not verify", t->name);
        return TLS_FAILED;
    }
    ssize_t bad = verdict(t, answer, &t->wants_to_read);
    if (bad < 0 && errno == EAGAIN)
        return TLS_WAIT;
    if (t->reason.n)
        trouble_set(trouble, TROUBLE_TLS, "TLS: %s", buf_str(&t->reason));
    else if (bad == 0)
        trouble_set(trouble, TROUBLE_TLS, "TLS: %s closed the connection in the handshake",
                    t->name);
    else if (errno != EPROTO)
        trouble_set(trouble, TROUBLE_TLS, "TLS: handshake with %s: %s", t->name,
                    strerror(errno));
    else if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_WRONG_VERSION_NUMBER)
        trouble_set(trouble, TROUBLE_TLS,
                    "TLS: %s does not speak TLS on this port (wrong version number)", t->name);
    else
        trouble_set(trouble, TROUBLE_TLS, "TLS: handshake with %s: %s", t->name, reason());
    return TLS_FAILED;
}

short tls_want(struct tls *t)
{
    return t->wants_to_read;
}

struct transport *tls_transport(struct tls *t)
{
    return &t->transport;
}

// ---- Facts

static void copy(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);
    if (n >= size)
        n = size - 1;
    memcpy(to, from, n);
    to[n] = '\0';
}

static void copy_name(char *to, size_t size, const X509_NAME *name)
{
    struct buf text = BUF_INIT(256);
    put_subject(&text, name);
    copy(to, size, buf_str(&text));
    buf_free(&text);
}

bool tls_facts(struct tls *t, struct tls_facts *facts)
{
    struct buf date = BUF_INIT(16);
    int seconds = 0;
    *facts = (struct tls_facts){0};
    X509 *cert = t->ssl && SSL_is_init_finished(t->ssl) ? SSL_get1_peer_certificate(t->ssl)
                                                        : NULL;
    if (!cert)
        return false;
    copy(facts->version, sizeof facts->version, SSL_get_version(t->ssl));
    copy(facts->cipher, sizeof facts->cipher, SSL_get_cipher_name(t->ssl));
    facts->bits = (unsigned)SSL_get_cipher_bits(t->ssl, NULL);
    copy_name(facts->subject, sizeof facts->subject, X509_get_subject_name(cert));
    copy_name(facts->issuer, sizeof facts->issuer, X509_get_issuer_name(cert));
    put_date(&date, X509_get0_notAfter(cert));
    copy(facts->expires, sizeof facts->expires, buf_str(&date));
    if (!ASN1_TIME_diff(&facts->days, &seconds, NULL, X509_get0_notAfter(cert)))
        facts->days = 0;
    buf_free(&date);
    X509_free(cert);
    return true;
}

void tls_close(struct tls *t)
{
    ERR_clear_error();
    if (t->ssl && SSL_is_init_finished(t->ssl))
        SSL_shutdown(t->ssl);
    ERR_clear_error();
}
