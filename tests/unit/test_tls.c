// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "submit/tls/pins.h"
#include "submit/tls/tls.h"
#include "tls_peer.h"
#include "tree.h"

static char empty[] = "";

// An account with nothing set but what the caller sets.
static struct config_account account(void)
{
    return (struct config_account){.tls_ca_file = empty,
                                   .tls_ca_dir = empty,
                                   .tls_name = empty,
                                   .tls_pin = empty,
                                   .tls_cert = empty,
                                   .tls_key = empty};
}

static void assert_refused(char *file, char *dir, const char *said)
{
    struct config_account a = account();
    struct outcome trouble = {0};
    a.tls_ca_file = file;
    a.tls_ca_dir = dir;
    assert_null(tls_new(&a, &trouble));
    assert_int_equal(trouble.scope, SCOPE_SESSION);
    assert_int_equal(trouble.verdict, VERDICT_DEFERRED);
    assert_non_null(strstr(trouble.text, said));
}

// What is set and can not be used is refused; it never makes us trust something else.
static void roots_that_are_none(void **state)
{
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s", tree_path("absent"));
    assert_refused(path, empty, "No such file");
    assert_refused(empty, path, path);
    tree_text("text", "no certificate\n");
    snprintf(path, sizeof path, "%s", tree_path("text"));
    assert_refused(path, empty, path);
    assert_refused(empty, path, path);
    snprintf(path, sizeof path, "%s", tree_path("dir"));
    tree_text("dir/certificate.pem", "x");
    tree_text("dir/1234567.0", "x");
    tree_text("dir/123456789.0", "x");
    tree_text("dir/1234567g.0", "x");
    tree_text("dir/12345678.pem", "x");
    assert_refused(empty, path, "no hashed certificates");
    tree_text("dir/12345678.0", "x");
    struct config_account a = account();
    struct outcome trouble = {0};
    a.tls_ca_dir = path;
    struct tls *t = tls_new(&a, &trouble);
    assert_non_null(t);
    tls_free(t);
    tls_free(NULL);
}

// What comes of a handshake with somebody who says `text` and then goes away.
static void assert_handshake(const char *name, const char *text, const char *said)
{
    char path[512];
    int pair[2];
    struct outcome trouble = {0};
    struct tls_facts facts;
    snprintf(path, sizeof path, "%s", tree_path("dir"));
    tree_text("dir/12345678.0", "x");
    struct config_account a = account();
    a.tls_ca_dir = path;
    struct tls *t = tls_new(&a, &trouble);
    assert_non_null(t);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
                     0);
    assert_true(tls_begin(t, pair[0], name, "", &trouble));
    assert_int_equal(tls_handshake(t, &trouble), TLS_WAIT);
    assert_int_equal(tls_want(t), POLLIN);
    assert_false(tls_facts(t, &facts));
    assert_int_equal(write(pair[1], text, strlen(text)), strlen(text));
    char hello[4096];
    assert_true(read(pair[1], hello, sizeof hello) > 0);
    close(pair[1]);
    assert_int_equal(tls_handshake(t, &trouble), TLS_FAILED);
    assert_string_equal(trouble.text, said);
    assert_int_equal(trouble.code, 0);
    tls_close(t);
    tls_free(t);
    close(pair[0]);
}

static void no_tls_there(void **state)
{
    (void)state;
    assert_handshake("smtp.example.org", "220 here ESMTP\r\n",
                     "TLS: smtp.example.org does not speak TLS on this port (wrong version "
                     "number)");
    assert_handshake("smtp.example.org.", "",
                     "TLS: smtp.example.org closed the connection in the handshake");
    assert_handshake("192.0.2.7", "", "TLS: 192.0.2.7 closed the connection in the handshake");
    assert_handshake("::1", "", "TLS: ::1 closed the connection in the handshake");
    assert_handshake("fe80::1%eth0", "", "TLS: fe80::1 closed the connection in the handshake");
}

// ---- Handshakes with a server of our own

// What the tests below have: an authority, whose file is "ca", and a server that it vouches
// for.
struct fixture {
    struct paper ca, server;
    struct config_account account;
    struct outcome trouble;
    struct peer peer;
    struct tls *tls;
    char ca_path[512], pin[512], cert[512], key[512];
};

static const struct paper_order authority = {
    .subject = "Authority", .from = -1, .to = 300, .authority = true};
static const struct paper_order good = {.subject = "server",
                                        .names = "DNS:smtp.example.org",
                                        .purpose = "serverAuth",
                                        .from = -1,
                                        .to = 90};

static void begin_with(struct fixture *f, const struct paper_order *order, EVP_PKEY *key)
{
    *f = (struct fixture){.account = account()};
    f->ca = paper_issue(&authority, paper_key(), NULL);
    f->server = paper_issue(order, key, &f->ca);
    paper_write("ca", f->ca.cert, NULL);
    snprintf(f->ca_path, sizeof f->ca_path, "%s", tree_path("ca"));
    f->account.tls_ca_file = f->ca_path;
    f->account.tls_pin = f->pin;
    f->account.tls_cert = f->cert;
    f->account.tls_key = f->key;
}

static void begin(struct fixture *f)
{
    begin_with(f, &good, paper_key());
}

static void hang_up(struct fixture *f)
{
    if (f->tls) {
        tls_close(f->tls);
        tls_free(f->tls);
        peer_end(&f->peer);
    }
    f->tls = NULL;
}

static enum tls_answer shake_with(struct fixture *f, int newest, bool asks)
{
    hang_up(f);
    f->trouble = (struct outcome){0};
    f->tls = tls_new(&f->account, &f->trouble);
    assert_non_null(f->tls);
    peer_begin(&f->peer, &f->server, NULL, newest, asks);
    return peer_shake(&f->peer, f->tls, "smtp.example.org", &f->trouble);
}

static enum tls_answer shake(struct fixture *f)
{
    return shake_with(f, TLS1_3_VERSION, false);
}

static void end(struct fixture *f)
{
    hang_up(f);
    paper_free(&f->ca);
    paper_free(&f->server);
}

static void assert_says(const struct fixture *f, const char *text)
{
    if (!strstr(f->trouble.text, text))
        fail_msg("'%s' does not say '%s'", f->trouble.text, text);
}

static void welcome(void **state)
{
    struct fixture f;
    struct tls_facts facts;
    (void)state;
    begin(&f);
    assert_int_equal(shake(&f), TLS_UP);
    assert_true(tls_facts(f.tls, &facts));
    assert_string_equal(facts.version, "TLSv1.3");
    assert_string_equal(facts.subject, "CN=server");
    assert_string_equal(facts.issuer, "CN=Authority");
    assert_string_equal(facts.names, "smtp.example.org");
    assert_string_equal(facts.key, "EC 256");
    assert_int_equal(facts.expires.days, 90);
    assert_true(facts.expires.known);
    assert_false(facts.own.known);
    assert_true(facts.bits >= 128);
    assert_false(tls_identified(f.tls));
    end(&f);
}

// What is wrong with a certificate, and what is said of it.
static void refused_certificates(void **state)
{
    static const struct {
        struct paper_order order;
        const char *says;
    } table[] = {
        {{"s", "DNS:a.example,DNS:b.example,IP:192.0.2.7", "serverAuth", -1, 90, false, NULL},
         "certificate of smtp.example.org is for a.example, b.example, 192.0.2.7; set "
         "tls_name"},
        {{"smtp.example.org", "DNS:a.example", "serverAuth", -1, 90, false, NULL},
         "is for a.example"}, // with names, the subject is none
        {{"s", "DNS:*.org", "serverAuth", -1, 90, false, NULL}, "is for *.org"},
        {{"s", "DNS:smtp*.example.org", "serverAuth", -1, 90, false, NULL}, "is for smtp*"},
        {{"s", "DNS:smtp.example.org", "serverAuth", -9, -2, false, NULL}, "has expired on 20"},
        {{"s", "DNS:smtp.example.org", "serverAuth", 2, 90, false, NULL},
         "is not valid before"},
        {{"s", "DNS:smtp.example.org", "clientAuth", -1, 90, false, NULL},
         "is not for servers"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fixture f;
        begin_with(&f, &table[i].order, paper_key());
        assert_int_equal(shake(&f), TLS_FAILED);
        assert_says(&f, table[i].says);
        assert_int_equal(f.trouble.scope, SCOPE_SESSION);
        end(&f);
    }
}

static void strangers(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    const struct paper_order another = {
        .subject = "Another", .from = -1, .to = 300, .authority = true};
    struct paper other = paper_issue(&another, paper_key(), NULL);
    paper_write("ca", other.cert, NULL);
    assert_int_equal(shake(&f), TLS_FAILED);
    assert_says(&f, "CN=Authority; set tls_ca_file, or the smarthost has to send its chain");
    paper_free(&f.server);
    f.server = paper_issue(&good, paper_key(), NULL);
    assert_int_equal(shake(&f), TLS_FAILED);
    assert_says(&f, "is self-signed and not trusted; set tls_ca_file, or tls_verify = pin");
    // Its own certificate as the only one to trust is fine.
    paper_write("ca", f.server.cert, NULL);
    assert_int_equal(shake(&f), TLS_UP);
    paper_free(&other);
    end(&f);
}

// The one that is wrong is named where it is not the server's own.
static void expired_issuer(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    const struct paper_order old = {.subject = "Old", .from = -9, .to = -3, .authority = true};
    struct paper middle = paper_issue(&old, paper_key(), &f.ca);
    paper_free(&f.server);
    f.server = paper_issue(&good, paper_key(), &middle);
    f.tls = tls_new(&f.account, &f.trouble);
    assert_non_null(f.tls);
    peer_begin(&f.peer, &f.server, middle.cert, TLS1_3_VERSION, false);
    assert_int_equal(peer_shake(&f.peer, f.tls, "smtp.example.org", &f.trouble), TLS_FAILED);
    assert_says(&f, "certificate of smtp.example.org: its issuer CN=Old has expired on 20");
    paper_free(&middle);
    end(&f);
}

// ---- Pins

static void pin_of(const struct paper *p, char *to, size_t size)
{
    // Another way to it than tls_verify.c has: the key itself is written, not what the
    // certificate holds.
    unsigned char *der = NULL, hash[PINS_OCTETS];
    struct buf text = BUF_INIT(128);
    int n = i2d_PUBKEY(p->key, &der);
    assert_true(n > 0);
    assert_int_equal(EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(der);
    pins_put(&text, hash);
    snprintf(to, size, "%s", buf_str(&text));
    buf_free(&text);
}

static void pinned(void **state)
{
    static const char stranger[] = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    char own[128], issuer[128];
    struct fixture f;
    struct tls_facts facts;
    (void)state;
    begin(&f);
    pin_of(&f.server, own, sizeof own);
    pin_of(&f.ca, issuer, sizeof issuer);
    snprintf(f.pin, sizeof f.pin, "%s", own);
    assert_int_equal(shake(&f), TLS_UP);
    assert_true(tls_facts(f.tls, &facts));
    assert_string_equal(facts.pin, own);
    snprintf(f.pin, sizeof f.pin, "%s %s", stranger, own); // the old key and the new one
    assert_int_equal(shake(&f), TLS_UP);
    snprintf(f.pin, sizeof f.pin, "%s", issuer);
    assert_int_equal(shake(&f), TLS_UP);
    snprintf(f.pin, sizeof f.pin, "%s", stranger);
    assert_int_equal(shake(&f), TLS_FAILED);
    assert_says(&f, "TLS: tls_pin does not list the key of smtp.example.org: ");
    assert_says(&f, own);
    // A pin does not stand for the rest: the name is still wrong.
    snprintf(f.pin, sizeof f.pin, "%s", own);
    hang_up(&f);
    f.tls = tls_new(&f.account, &f.trouble);
    peer_begin(&f.peer, &f.server, NULL, TLS1_3_VERSION, false);
    assert_int_equal(peer_shake(&f.peer, f.tls, "mx.example.org", &f.trouble), TLS_FAILED);
    assert_says(&f, "is for smtp.example.org");
    end(&f);
}

// With tls_verify = pin it is the server's own key that counts, and nothing else.
static void pinned_only(void **state)
{
    const struct paper_order bad = {.subject = "anything", .from = -9, .to = -3};
    char own[128], issuer[128];
    struct fixture f;
    (void)state;
    begin_with(&f, &bad, paper_key());
    pin_of(&f.server, own, sizeof own);
    pin_of(&f.ca, issuer, sizeof issuer);
    f.account.tls_verify = TLS_VERIFY_PIN;
    f.account.tls_ca_file = empty;
    snprintf(f.pin, sizeof f.pin, "%s", own);
    assert_int_equal(shake(&f), TLS_UP);
    snprintf(f.pin, sizeof f.pin, "%s", issuer);
    assert_int_equal(shake(&f), TLS_FAILED); // anybody can send that along
    assert_says(&f, "tls_pin does not list");
    end(&f);
}

static void not_verified(void **state)
{
    const struct paper_order bad = {.subject = "anything", .from = -9, .to = -3};
    struct fixture f;
    (void)state;
    begin_with(&f, &bad, paper_key());
    f.account.tls_ca_file = empty;
    f.account.tls_verify = TLS_VERIFY_NONE;
    assert_int_equal(shake(&f), TLS_UP);
    end(&f);
}

// ---- Versions

static void oldest_version(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(shake_with(&f, TLS1_2_VERSION, false), TLS_UP);
    f.account.tls_min = TLS_MIN_1_3;
    assert_int_equal(shake_with(&f, TLS1_2_VERSION, false), TLS_FAILED);
    assert_says(&f, "TLS: smtp.example.org does not speak TLS 1.3 or newer (tls_min)");
    assert_int_equal(shake(&f), TLS_UP);
    end(&f);
}

// ---- Our own certificate

static void identified(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    const struct paper_order order = {
        .subject = "client", .purpose = "clientAuth", .from = -1, .to = 20};
    struct fixture f;
    struct tls_facts facts;
    (void)state;
    begin(&f);
    struct paper client = paper_issue(&order, paper_key(), &f.ca);
    paper_write("client", client.cert, client.key);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        f.cert[0] = f.key[0] = '\0';
        assert_int_equal(shake_with(&f, versions[i], true), TLS_UP);
        assert_false(tls_identified(f.tls));
        assert_null(SSL_get0_peer_certificate(f.peer.ssl));
        snprintf(f.cert, sizeof f.cert, "%s", tree_path("client"));
        snprintf(f.key, sizeof f.key, "%s", tree_path("client.key"));
        assert_int_equal(shake_with(&f, versions[i], true), TLS_UP);
        assert_true(tls_identified(f.tls));
        assert_int_equal(X509_cmp(SSL_get0_peer_certificate(f.peer.ssl), client.cert), 0);
        assert_true(tls_facts(f.tls, &facts));
        assert_true(facts.own.known);
        assert_int_equal(facts.own.days, 20);
        assert_int_equal(shake_with(&f, versions[i], false), TLS_UP);
        assert_false(tls_identified(f.tls)); // nobody asked
    }
    paper_free(&client);
    end(&f);
}

static void assert_no_identity(struct fixture *f, const char *text)
{
    f->trouble = (struct outcome){0};
    assert_null(tls_new(&f->account, &f->trouble));
    assert_says(f, text);
    assert_int_equal(f->trouble.scope, SCOPE_SESSION);
}

// The key is a secret: what others can read is none.
static void bad_identities(void **state)
{
    const struct paper_order order = {.subject = "client", .from = -1, .to = 20};
    struct fixture f;
    (void)state;
    begin(&f);
    struct paper client = paper_issue(&order, paper_key(), &f.ca);
    paper_write("client", client.cert, client.key);
    snprintf(f.cert, sizeof f.cert, "%s", tree_path("client"));
    chmod(f.cert, 0600);
    assert_no_identity(&f, "holds no private key"); // tls_cert, as tls_key is not set
    snprintf(f.key, sizeof f.key, "%s", tree_path("absent"));
    assert_no_identity(&f, "No such file");
    snprintf(f.key, sizeof f.key, "%s", tree_path("client.key"));
    chmod(f.key, 0602);
    assert_no_identity(&f, "can be changed by others");
    chmod(f.key, 0600);
    snprintf(f.cert, sizeof f.cert, "%s", tree_path("absent"));
    assert_no_identity(&f, "tls_cert: no certificate in");
    snprintf(f.cert, sizeof f.cert, "%s", f.ca_path);
    assert_no_identity(&f, "is not the key of");
    FILE *file = fopen(f.key, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, client.key, EVP_aes_128_cbc(),
                                          (const unsigned char *)"sesame", 6, NULL, NULL),
                     1);
    assert_int_equal(fclose(file), 0);
    snprintf(f.cert, sizeof f.cert, "%s", tree_path("client"));
    assert_no_identity(&f, "needs a passphrase");
    paper_free(&client);
    end(&f);
}

// ---- Channel binding

static void exporter(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct fixture f;
    (void)state;
    begin(&f);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct buf ours = BUF_INIT(128);
        unsigned char theirs[32];
        assert_int_equal(shake_with(&f, versions[i], false), TLS_UP);
        assert_int_equal(SSL_export_keying_material(f.peer.ssl, theirs, sizeof theirs,
                                                    "EXPORTER-Channel-Binding", 24,
                                                    (const unsigned char *)"", 0, 1),
                         1);
        assert_true(tls_binding(f.tls, TLS_BINDING_EXPORTER, &ours));
        assert_int_equal(ours.n, sizeof theirs);
        assert_memory_equal(ours.p, theirs, sizeof theirs);
        buf_free(&ours);
    }
    end(&f);
}

static void exporter_needs_extended_secret(void **state)
{
    struct fixture f;
    struct buf out = BUF_INIT(128);
    (void)state;
    begin(&f);
    f.tls = tls_new(&f.account, &f.trouble);
    peer_begin(&f.peer, &f.server, NULL, TLS1_2_VERSION, false);
    assert_false(tls_binding(f.tls, TLS_BINDING_EXPORTER, &out)); // nothing has begun
    SSL_set_options(f.peer.ssl, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    assert_int_equal(peer_shake(&f.peer, f.tls, "smtp.example.org", &f.trouble), TLS_UP);
    assert_false(tls_binding(f.tls, TLS_BINDING_EXPORTER, &out));
    assert_int_equal(out.n, 0);
    assert_true(tls_binding(f.tls, TLS_BINDING_END_POINT, &out));
    buf_free(&out);
    end(&f);
}

static void end_point(void **state)
{
    static const struct {
        const char *signature, *hash;
    } table[] = {
        {"SHA256", "SHA256"}, {"SHA384", "SHA384"}, {"SHA512", "SHA512"}, {"SHA1", "SHA256"}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct paper_order order = good;
        unsigned char want[EVP_MAX_MD_SIZE];
        unsigned n = 0;
        struct buf out = BUF_INIT(128);
        struct fixture f;
        order.md = EVP_get_digestbyname(table[i].signature);
        begin_with(&f, &order, paper_key());
        // A SHA-1 signature passes no chain; its binding is of interest all the same.
        f.account.tls_verify = TLS_VERIFY_NONE;
        assert_int_equal(shake(&f), TLS_UP);
        assert_int_equal(
            X509_digest(f.server.cert, EVP_get_digestbyname(table[i].hash), want, &n), 1);
        assert_true(tls_binding(f.tls, TLS_BINDING_END_POINT, &out));
        assert_int_equal(out.n, n);
        assert_memory_equal(out.p, want, n);
        buf_free(&out);
        end(&f);
    }
}

// Ed25519 has no hash function of its own to take.
static void end_point_without_hash(void **state)
{
    struct fixture f;
    struct buf out = BUF_INIT(128);
    (void)state;
    begin(&f);
    paper_free(&f.server);
    f.server = paper_issue(&good, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL);
    f.account.tls_verify = TLS_VERIFY_NONE;
    assert_int_equal(shake(&f), TLS_UP);
    assert_false(tls_binding(f.tls, TLS_BINDING_END_POINT, &out));
    assert_int_equal(out.n, 0);
    buf_free(&out);
    end(&f);
}

// ---- The stream

static ssize_t read_some(struct fixture *f, char *to, size_t size)
{
    struct transport *t = tls_transport(f->tls);
    return t->read(t, to, size);
}

static void octets(void **state)
{
    char in[64];
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(shake(&f), TLS_UP);
    struct transport *t = tls_transport(f.tls);
    assert_int_equal(t->write(t, "EHLO x\r\n", 8), 8);
    assert_int_equal(SSL_read(f.peer.ssl, in, sizeof in), 8);
    assert_memory_equal(in, "EHLO x\r\n", 8);
    assert_int_equal(read_some(&f, in, sizeof in), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(t->want(t, POLLIN), POLLIN);
    assert_int_equal(SSL_write(f.peer.ssl, "250 ok\r\n", 8), 8);
    assert_int_equal(read_some(&f, in, sizeof in), 8);
    SSL_shutdown(f.peer.ssl);
    assert_int_equal(read_some(&f, in, sizeof in), 0);
    end(&f);
}

// A stream that is cut is one that ended: how far it came is for the engine to judge.
static void cut(void **state)
{
    char in[64];
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(shake(&f), TLS_UP);
    assert_int_equal(SSL_write(f.peer.ssl, "250 o", 5), 5);
    shutdown(f.peer.theirs, SHUT_WR);
    assert_int_equal(read_some(&f, in, sizeof in), 5);
    assert_int_equal(read_some(&f, in, sizeof in), 0);
    end(&f);
}

// A record that somebody changed on the way is no octet of the server's.
static void changed_on_the_way(void **state)
{
    char in[64], record[256];
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(shake(&f), TLS_UP);
    while (read_some(&f, in, sizeof in) > 0)
        ;
    assert_int_equal(SSL_write(f.peer.ssl, "250 ok\r\n", 8), 8);
    ssize_t n = read(f.peer.ours, record, sizeof record);
    assert_true(n > 8);
    record[n - 1] = (char)(record[n - 1] ^ 1);
    assert_int_equal(write(f.peer.theirs, record, (size_t)n), n);
    assert_int_equal(read_some(&f, in, sizeof in), -1);
    assert_int_equal(errno, EPROTO);
    struct transport *t = tls_transport(f.tls);
    assert_non_null(strstr(t->why(t, EPROTO), "bad record mac"));
    end(&f);
}

// What the server has against us comes after our side of the handshake is over.
static void certificate_required(void **state)
{
    char in[64];
    struct fixture f;
    (void)state;
    begin(&f);
    f.tls = tls_new(&f.account, &f.trouble);
    peer_begin(&f.peer, &f.server, NULL, TLS1_3_VERSION, false);
    SSL_set_verify(f.peer.ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    assert_int_equal(peer_shake(&f.peer, f.tls, "smtp.example.org", &f.trouble), TLS_UP);
    assert_int_equal(read_some(&f, in, sizeof in), -1);
    struct transport *t = tls_transport(f.tls);
    assert_string_equal(t->why(t, EPROTO),
                        "the server asks for a certificate of ours (tls_cert)");
    end(&f);
}

// A server that sends tickets for ever holds nobody.
static void endless_tickets(void **state)
{
    char in[64];
    struct fixture f;
    ssize_t got = -1;
    int rounds = 0;
    (void)state;
    begin(&f);
    assert_int_equal(shake(&f), TLS_UP);
    do {
        for (int i = 0; i < 10; i++)
            if (SSL_key_update(f.peer.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
                SSL_do_handshake(f.peer.ssl);
        got = read_some(&f, in, sizeof in);
    } while (got < 0 && errno == EAGAIN && ++rounds < 20);
    assert_true(rounds < 20);
    assert_true(got <= 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(roots_that_are_none, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(no_tls_there, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(welcome, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(refused_certificates, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(strangers, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(expired_issuer, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(pinned, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(pinned_only, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(not_verified, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(oldest_version, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(identified, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(bad_identities, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(exporter, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(exporter_needs_extended_secret, tree_setup,
                                        tree_teardown),
        cmocka_unit_test_setup_teardown(end_point, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(end_point_without_hash, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(octets, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(cut, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(changed_on_the_way, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(certificate_required, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(endless_tickets, tree_setup, tree_teardown),
    };
    signal(SIGPIPE, SIG_IGN); // as the program does
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
