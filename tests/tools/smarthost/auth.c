// SPDX-License-Identifier: ISC
#include "auth.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

enum { SCRAM_ROUNDS = 4096, SCRAM_SALT = 16, NONCE_OCTETS = 18 };

struct auth_mechanism {
    const char *name;
    enum auth_answer (*step)(struct auth *a, struct span response);
    const EVP_MD *(*digest)(void);
};

static const struct house_user *find_user(const struct auth *a)
{
    for (size_t i = 0; i < a->house->n_users; i++)
        if (strcmp(a->house->users[i].name, buf_str(&a->user)) == 0)
            return &a->house->users[i];
    return NULL;
}

static void set(struct buf *b, struct span s)
{
    buf_clear(b);
    buf_put_span(b, s);
}

static enum auth_answer check_password(struct auth *a, struct span password)
{
    a->account = find_user(a);
    return a->account && span_equal(span_of(a->account->password), password) ? AUTH_OK
                                                                             : AUTH_REFUSED;
}

static enum auth_answer plain(struct auth *a, struct span response)
{
    struct span authzid, authcid;
    buf_clear(&a->challenge);
    if (!response.p)
        return AUTH_CONTINUE;
    if (!span_cut(&response, '\0', &authzid) || !span_cut(&response, '\0', &authcid) ||
        !response.p || memchr(response.p, '\0', response.n))
        return AUTH_GARBAGE;
    set(&a->user, authcid);
    return check_password(a, response);
}

static enum auth_answer login(struct auth *a, struct span response)
{
    if (!response.p) {
        set(&a->challenge, SPAN("Username:"));
        return AUTH_CONTINUE;
    }
    if (a->step++ > 0)
        return check_password(a, response);
    set(&a->user, response);
    set(&a->challenge, SPAN("Password:"));
    return AUTH_CONTINUE;
}

static void put_random(struct buf *out)
{
    unsigned char random[NONCE_OCTETS] = {0};
    RAND_bytes(random, sizeof random);
    auth_base64(out, (struct span){(char *)random, sizeof random});
}

static enum auth_answer cram_md5(struct auth *a, struct span response)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct buf want = BUF_INIT(AUTH_TEXT_MAX);
    struct span user;
    if (a->step++ == 0) {
        if (response.p)
            return AUTH_GARBAGE;
        buf_puts(&a->challenge, "<");
        put_random(&a->challenge);
        buf_puts(&a->challenge, "@smarthost.example>");
        return AUTH_CONTINUE;
    }
    if (!span_word(&response, &user))
        return AUTH_GARBAGE;
    set(&a->user, user);
    a->account = find_user(a);
    if (!a->account || !HMAC(EVP_md5(), a->account->password, (int)strlen(a->account->password),
                             (unsigned char *)a->challenge.p, a->challenge.n, mac, &n))
        return AUTH_REFUSED;
    for (unsigned i = 0; i < n; i++)
        buf_printf(&want, "%02x", mac[i]);
    bool same = span_equal(buf_span(&want), span_trim(response));
    buf_free(&want);
    return same ? AUTH_OK : AUTH_REFUSED;
}

static void sign(const EVP_MD *md, const unsigned char *key, struct span text,
                 unsigned char *out)
{
    HMAC(md, key, EVP_MD_get_size(md), (const unsigned char *)text.p, text.n, out, NULL);
}

// "n,,n=USER,r=NONCE": a client that could bind says "y".
static enum auth_answer scram_first(struct auth *a, struct span response)
{
    struct span flag, authzid, user, nonce, bare;
    unsigned char salt[SCRAM_SALT] = {0};
    if (!span_cut(&response, ',', &flag) || !span_cut(&response, ',', &authzid) || flag.n != 1)
        return AUTH_GARBAGE;
    bare = response;
    if (!span_cut(&response, ',', &user) || !span_cut(&response, ',', &nonce) ||
        !span_starts_nocase(user, SPAN("n=")) || !span_starts_nocase(nonce, SPAN("r=")))
        return AUTH_GARBAGE;
    set(&a->user, (struct span){user.p + 2, user.n - 2});
    a->account = find_user(a);
    set(&a->nonce, (struct span){nonce.p + 2, nonce.n - 2});
    put_random(&a->nonce);

    const char *password = a->account ? a->account->password : "";
    const EVP_MD *md = a->mechanism->digest();
    RAND_bytes(salt, sizeof salt);
    PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, sizeof salt, SCRAM_ROUNDS, md,
                      EVP_MD_get_size(md), a->salted);
    buf_clear(&a->challenge);
    buf_printf(&a->challenge, "r=%s,s=", buf_str(&a->nonce));
    auth_base64(&a->challenge, (struct span){(char *)salt, sizeof salt});
    buf_printf(&a->challenge, ",i=%d", SCRAM_ROUNDS);
    set(&a->first, bare);
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
                (span_equal(binding, SPAN("c=biws")) || span_equal(binding, SPAN("c=eSws"))) &&
                scram_proof(a, md, buf_span(&proof));
    buf_free(&proof);
    if (!good)
        return AUTH_REFUSED;
    sign(md, a->salted, SPAN("Server Key"), key);
    sign(md, key, buf_span(&a->first), signature);
    set(&a->challenge, SPAN("v="));
    auth_base64(&a->challenge, (struct span){(char *)signature, (size_t)EVP_MD_get_size(md)});
    return AUTH_CONTINUE;
}

static enum auth_answer scram(struct auth *a, struct span response)
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

static const struct auth_mechanism mechanisms[] = {
    {"PLAIN", plain, NULL},
    {"LOGIN", login, NULL},
    {"CRAM-MD5", cram_md5, NULL},
    {"SCRAM-SHA-1", scram, EVP_sha1},
    {"SCRAM-SHA-256", scram, EVP_sha256},
    {"SCRAM-SHA-512", scram, EVP_sha512},
};

bool auth_begin(struct auth *a, const struct house *house, struct span mechanism)
{
    *a = (struct auth){.house = house,
                       .user = BUF_INIT(AUTH_TEXT_MAX),
                       .challenge = BUF_INIT(AUTH_TEXT_MAX),
                       .first = BUF_INIT(AUTH_TEXT_MAX),
                       .nonce = BUF_INIT(AUTH_TEXT_MAX)};
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (span_equal_nocase(mechanism, span_of(mechanisms[i].name)))
            a->mechanism = &mechanisms[i];
    return a->mechanism != NULL;
}

enum auth_answer auth_step(struct auth *a, struct span response)
{
    return a->mechanism->step(a, response);
}

const char *auth_mechanism(const struct auth *a)
{
    return a->mechanism ? a->mechanism->name : "unknown";
}

void auth_free(struct auth *a)
{
    buf_free(&a->user);
    buf_free(&a->challenge);
    buf_free(&a->first);
    buf_free(&a->nonce);
}

void auth_base64(struct buf *out, struct span octets)
{
    char *room = buf_room(out, (octets.n + 2) / 3 * 4 + 1);
    if (room)
        buf_grew(out, (size_t)EVP_EncodeBlock((unsigned char *)room,
                                              (const unsigned char *)octets.p, (int)octets.n));
}

bool auth_unbase64(struct buf *out, struct span text)
{
    size_t pad = 0;
    char *room = text.n % 4 ? NULL : buf_room(out, text.n / 4 * 3 + 1);
    if (!room)
        return false;
    while (pad < 2 && text.n > pad && text.p[text.n - 1 - pad] == '=')
        pad++;
    int n = EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text.p, (int)text.n);
    if (n < 0)
        return false;
    buf_grew(out, (size_t)n - (text.n ? pad : 0));
    return true;
}
