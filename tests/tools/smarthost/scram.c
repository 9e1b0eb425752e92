// SPDX-License-Identifier: ISC
#include "scram.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "script.h"
#include "tls.h"

enum { SCRAM_ROUNDS = 4096, SCRAM_SALT = 16 };

static void sign(const EVP_MD *md, const unsigned char *key, struct span text,
                 unsigned char *out)
{
    HMAC(md, key, EVP_MD_get_size(md), (const unsigned char *)text.p, text.n, out, NULL);
}

// Whether a client could have bound itself, and has to be asked why it thinks otherwise.
static bool offers_binding(const struct house *h)
{
    const char *list = h->script->mechanisms ? h->script->mechanisms : AUTH_MECHANISMS;
    return span_find_nocase(span_of(list), SPAN("-PLUS"));
}

// The header is what the client signs that it wants: "n" not bound, "y" it would, "p=KIND".
static enum auth_answer take_header(struct auth *a, struct span flag, struct span header)
{
    static const char *const kinds[] = {"tls-exporter", "tls-server-end-point"};
    auth_set(&a->binding, header);
    if (!a->mechanism->bound && span_equal(flag, SPAN("y")))
        return offers_binding(a->house) ? AUTH_REFUSED : AUTH_CONTINUE;
    if (!a->mechanism->bound)
        return span_equal(flag, SPAN("n")) ? AUTH_CONTINUE : AUTH_GARBAGE;
    if (!span_starts_nocase(flag, SPAN("p=")))
        return AUTH_GARBAGE;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_equal((struct span){flag.p + 2, flag.n - 2}, span_of(kinds[i])))
            a->kind = kinds[i];
    if (a->kind && a->house->script->binding)
        buf_puts(&a->binding, a->house->script->binding);
    else if (!a->kind || !tls_binding(a->tls, a->kind, &a->binding))
        return AUTH_REFUSED;
    return AUTH_CONTINUE;
}

// "HEADER,AUTHZID,n=USER,r=NONCE"
static enum auth_answer scram_first(struct auth *a, struct span response)
{
    struct span flag, authzid, user, nonce, bare;
    unsigned char salt[SCRAM_SALT] = {0};
    const char *start = response.p;
    if (!span_cut(&response, ',', &flag) || !span_cut(&response, ',', &authzid) || !response.p)
        return AUTH_GARBAGE;
    enum auth_answer answer = take_header(a, flag,
                                          (struct span){start, (size_t)(response.p - start)});
    if (answer != AUTH_CONTINUE)
        return answer;
    bare = response;
    if (!span_cut(&response, ',', &user) || !span_cut(&response, ',', &nonce) ||
        !span_starts_nocase(user, SPAN("n=")) || !span_starts_nocase(nonce, SPAN("r=")))
        return AUTH_GARBAGE;
    auth_set(&a->user, (struct span){user.p + 2, user.n - 2});
    a->account = auth_find(a);
    auth_set(&a->nonce, (struct span){nonce.p + 2, nonce.n - 2});
    auth_put_random(&a->nonce);

    const char *password = a->account ? a->account->password : "";
    const EVP_MD *md = a->mechanism->digest();
    RAND_bytes(salt, sizeof salt);
    PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, sizeof salt, SCRAM_ROUNDS, md,
                      EVP_MD_get_size(md), a->salted);
    buf_clear(&a->challenge);
    buf_printf(&a->challenge, "r=%s,s=", buf_str(&a->nonce));
    auth_base64(&a->challenge, (struct span){(char *)salt, sizeof salt});
    buf_printf(&a->challenge, ",i=%d", SCRAM_ROUNDS);
    auth_set(&a->first, bare);
    buf_putc(&a->first, ',');
    buf_put_span(&a->first, buf_span(&a->challenge));
    return AUTH_CONTINUE;
}

// The client proves that it knows ClientKey: HMAC(H(ClientKey), messages) XOR ClientKey.
static bool scram_proof(const struct auth *a, const EVP_MD *md, struct span proof)
{
    unsigned char key[AUTH_KEY_MAX], stored[AUTH_KEY_MAX], got[AUTH_KEY_MAX];
    size_t n = (size_t)EVP_MD_get_size(md);
    if (proof.n != n || !a->account)
        return false;
    sign(md, a->salted, SPAN("Client Key"), key);
    EVP_Digest(key, n, stored, NULL, md, NULL);
    sign(md, stored, buf_span(&a->first), got);
    for (size_t i = 0; i < n; i++)
        got[i] ^= (unsigned char)proof.p[i];
    return memcmp(got, key, n) == 0;
}

// "c=" and the header with what it binds to.
static bool scram_bound(const struct auth *a, struct span binding)
{
    struct buf want = BUF_INIT(AUTH_TEXT_MAX);
    buf_puts(&want, "c=");
    auth_base64(&want, buf_span(&a->binding));
    bool same = span_equal(binding, buf_span(&want));
    buf_free(&want);
    return same;
}

// "c=BINDING,r=NONCE,p=PROOF"
static enum auth_answer scram_final(struct auth *a, struct span response)
{
    const EVP_MD *md = a->mechanism->digest();
    unsigned char key[AUTH_KEY_MAX], signature[AUTH_KEY_MAX];
    struct buf proof = BUF_INIT(AUTH_TEXT_MAX);
    struct span binding, nonce, text = response;
    if (!span_cut(&text, ',', &binding) || !span_cut(&text, ',', &nonce) || text.n < 2 ||
        nonce.n < 2 || !span_starts_nocase(text, SPAN("p=")) ||
        !auth_unbase64(&proof, (struct span){text.p + 2, text.n - 2})) {
        buf_free(&proof);
        return AUTH_GARBAGE;
    }
    buf_putc(&a->first, ',');
    buf_put(&a->first, response.p, (size_t)(text.p - response.p - 1));
    bool good = span_equal((struct span){nonce.p + 2, nonce.n - 2}, buf_span(&a->nonce)) &&
                scram_bound(a, binding) && scram_proof(a, md, buf_span(&proof));
    buf_free(&proof);
    if (!good)
        return AUTH_REFUSED;
    sign(md, a->salted, SPAN("Server Key"), key);
    sign(md, key, buf_span(&a->first), signature);
    auth_set(&a->challenge, SPAN("v="));
    auth_base64(&a->challenge, (struct span){(char *)signature, (size_t)EVP_MD_get_size(md)});
    return AUTH_CONTINUE;
}

enum auth_answer scram_step(struct auth *a, struct span response)
{
    buf_clear(&a->challenge);
    if (!response.p)
        return AUTH_CONTINUE;
    switch (a->step++) {
    case 0: return scram_first(a, response);
    case 1: return scram_final(a, response);
    default: return response.n ? AUTH_GARBAGE : AUTH_OK;
    }
}
