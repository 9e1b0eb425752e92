// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/tls/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "submit/tls/tls_inner.h"
#include "submit/trouble.h"

enum {
    TLS_REASON_MAX = 512,
    // Of the handshake, from a server that has no use for more than a dozen; then tickets and
    // new keys, of which we need two.
    TLS_MESSAGES_MAX = 64
};

// ---- Setting up

static const char *oldest(const struct config_account *a)
{
    return a->tls_min == TLS_MIN_1_3 ? "1.3" : "1.2";
}

// OpenSSL takes in all messages of this kind that are there before it returns to us, so a
// server that never stops sending them would hold us beyond every deadline.
static void on_message(int sent, int version, int type, const void *octets, size_t n, SSL *ssl,
                       void *context)
{
    struct tls *t = context;
    (void)version;
    (void)octets;
    (void)n;
    (void)ssl;
    if (sent || type != SSL3_RT_HANDSHAKE || !t)
        return;
    if (++t->messages > TLS_MESSAGES_MAX)
        shutdown(t->transport.fd, SHUT_RDWR);
}

static bool set_up(SSL_CTX *context, const struct config_account *a, struct outcome *trouble)
{
    int version = a->tls_min == TLS_MIN_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    // Resumption was measured: with TLS 1.3, 5.9 ms in place of 6.8 from start to greeting on
    // loopback, and at 50 ms no difference (no round trip is saved without early data). For
    // that a secret would lie on disk, and a verdict on a certificate that is not looked at
    // again.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1); // one read for a record, not one for its head first
    SSL_CTX_set_msg_callback(context, on_message);
    if (!tls_judge(context, a) || !SSL_CTX_set_min_proto_version(context, version)) {
        trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin: %s", tls_complaint());
        return false;
    }
    return (a->tls_verify != TLS_VERIFY_FULL || tls_load_roots(context, a, trouble)) &&
           tls_load_identity(context, a, trouble);
}

struct tls *tls_new(const struct config_account *a, struct outcome *trouble)
{
    struct tls *t = calloc(1, sizeof *t);
    ERR_clear_error();
    if (!t || !(t->context = SSL_CTX_new(TLS_client_method()))) {
        trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin: %s", tls_complaint());
        tls_free(t);
        return NULL;
    }
    t->account = a;
    t->reason = (struct buf)BUF_INIT(TLS_REASON_MAX);
    if (set_up(t->context, a, trouble))
        return t;
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
static ssize_t verdict_of(struct tls *t, int returned, short *wants)
{
    int kept = errno;
    int error = SSL_get_error(t->ssl, returned);
    unsigned long code = ERR_peek_error();
    switch (error) {
    case SSL_ERROR_WANT_READ: *wants = POLLIN; break;
    case SSL_ERROR_WANT_WRITE: *wants = POLLOUT; break;
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_SYSCALL:
        t->broken = true;
        errno = kept ? kept : ECONNRESET;
        return -1;
    default:
        t->broken = true;
        // Many servers close without a goodbye. SMTP says itself where things end, so for us
        // it is the end of the stream like any other, and the engine judges it: what is cut
        // off is no reply, and no acceptance.
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return 0;
        t->error = code;
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
    return answer > 0 ? (ssize_t)got : verdict_of(t, answer, &t->wants_to_read);
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
    if (verdict_of(t, answer, &t->wants_to_write) == 0)
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

// What the server has against us, where it said so: with TLS 1.3 that comes after our side of
// the handshake is over.
static const char *alert(const struct tls *t)
{
    switch (ERR_GET_REASON(t->error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "the server asks for a certificate of ours (tls_cert)";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return t->account->tls_cert[0]
                   ? NULL
                   : "the server refused the handshake; it may ask for tls_cert";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return "the server does not accept our certificate (tls_cert)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return "the server says that our certificate has expired (tls_cert)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        return "the server says that our certificate is revoked (tls_cert)";
    default: return NULL;
    }
}

static const char *tls_why(struct transport *transport, int error)
{
    struct tls *t = (struct tls *)transport;
    const char *text = t->error ? alert(t) : NULL;
    if (!text && t->error)
        text = ERR_reason_error_string(t->error);
    return text ? text : strerror(error);
}

// ---- The handshake

// Takes the name without the dot of DNS's root and the zone of an address, of which
// certificates do not speak.
static bool take_name(struct tls *t, const char *name)
{
    size_t n = strchr(name, ':') ? strcspn(name, "%") : strlen(name);
    if (n && name[n - 1] == '.')
        n--;
    if (n == 0 || n >= sizeof t->name)
        return false;
    memcpy(t->name, name, n);
    t->name[n] = '\0';
    return true;
}

bool tls_begin(struct tls *t, int fd, const char *name, const char *also,
               struct outcome *trouble)
{
    ERR_clear_error();
    SSL_free(t->ssl);
    buf_clear(&t->reason);
    t->transport = (struct transport){fd, tls_read, tls_write, tls_wants, tls_why};
    t->up = t->broken = false;
    t->messages = 0;
    t->error = 0;
    t->ssl = SSL_new(t->context);
    if (!t->ssl || !take_name(t, name))
        goto bad;
    SSL_set_app_data(t->ssl, t);
    SSL_set_msg_callback_arg(t->ssl, t);
    // Host flags set on the context would not reach us: they are only inherited with a host.
    SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), t->name) &&
        (!SSL_set1_host(t->ssl, t->name) || !SSL_set_tlsext_host_name(t->ssl, t->name)))
        goto bad;
    if (also[0] && !SSL_add1_host(t->ssl, also))
        goto bad;
    if (!SSL_set_fd(t->ssl, fd))
        goto bad;
    SSL_set_connect_state(t->ssl);
    return true;
bad:
    trouble_set(trouble, TROUBLE_SYSTEM, "TLS: can not begin with %.64s: %s", name,
                tls_complaint());
    return false;
}

// `closed` tells that the server just went away.
static void explain(struct tls *t, bool closed, struct outcome *trouble)
{
    const char *said = t->error ? alert(t) : NULL;
    int error = errno;
    int code = ERR_GET_REASON(t->error);
    if (t->reason.n)
        trouble_set(trouble, TROUBLE_TLS, "TLS: %s", buf_str(&t->reason));
    else if (t->messages > TLS_MESSAGES_MAX)
        trouble_set(trouble, TROUBLE_TLS, "TLS: the handshake with %s does not end", t->name);
    else if (closed)
        trouble_set(trouble, TROUBLE_TLS, "TLS: %s closed the connection in the handshake",
                    t->name);
    else if (!t->error)
        trouble_set(trouble, TROUBLE_TLS, "TLS: handshake with %s: %s", t->name,
                    strerror(error));
    else if (code == SSL_R_WRONG_VERSION_NUMBER)
        trouble_set(trouble, TROUBLE_TLS,
                    "TLS: %s does not speak TLS on this port (wrong version number)", t->name);
    else if (code == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || code == SSL_R_UNSUPPORTED_PROTOCOL)
        trouble_set(trouble, TROUBLE_TLS, "TLS: %s does not speak TLS %s or newer (tls_min)",
                    t->name, oldest(t->account));
    else
        trouble_set(trouble, TROUBLE_TLS, "TLS: handshake with %s: %s", t->name,
                    said ? said : tls_complaint());
}

enum tls_answer tls_handshake(struct tls *t, struct outcome *trouble)
{
    ERR_clear_error();
    errno = 0;
    t->wants_to_read = 0;
    int answer = SSL_do_handshake(t->ssl);
    // The verdict on the chain is asked for once more: nothing may hang on a callback alone.
    t->up = answer == 1 && SSL_get_verify_result(t->ssl) == X509_V_OK;
    if (t->up) {
        t->messages = 0;
        return TLS_UP;
    }
    if (answer == 1) {
        trouble_set(trouble, TROUBLE_TLS, "TLS: certificate of %s did not verify", t->name);
        t->broken = true;
        return TLS_FAILED;
    }
    ssize_t bad = verdict_of(t, answer, &t->wants_to_read);
    if (bad < 0 && errno == EAGAIN)
        return TLS_WAIT;
    explain(t, bad == 0, trouble);
    t->broken = true;
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

void tls_close(struct tls *t)
{
    ERR_clear_error();
    if (t->up && !t->broken)
        SSL_shutdown(t->ssl);
    ERR_clear_error();
}
