// SPDX-License-Identifier: ISC
#include "auth.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "scram.h"
#include "tls.h"

enum { NONCE_OCTETS = 18 };

const struct house_user *auth_find(const struct auth *a)
{
    for (size_t i = 0; i < a->house->n_users; i++)
        if (strcmp(a->house->users[i].name, buf_str(&a->user)) == 0)
            return &a->house->users[i];
    return NULL;
}

void auth_set(struct buf *b, struct span s)
{
    buf_clear(b);
    buf_put_span(b, s);
}

static enum auth_answer auth_check(struct auth *a, struct span password)
{
    a->account = auth_find(a);
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
    auth_set(&a->user, authcid);
    return auth_check(a, response);
}

static enum auth_answer login(struct auth *a, struct span response)
{
    if (!response.p) {
        auth_set(&a->challenge, SPAN("Username:"));
        return AUTH_CONTINUE;
    }
    if (a->step++ > 0)
        return auth_check(a, response);
    auth_set(&a->user, response);
    auth_set(&a->challenge, SPAN("Password:"));
    return AUTH_CONTINUE;
}

void auth_put_random(struct buf *out)
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
        auth_put_random(&a->challenge);
        buf_puts(&a->challenge, "@smarthost.example>");
        return AUTH_CONTINUE;
    }
    if (!span_word(&response, &user))
        return AUTH_GARBAGE;
    auth_set(&a->user, user);
    a->account = auth_find(a);
    if (!a->account || !HMAC(EVP_md5(), a->account->password, (int)strlen(a->account->password),
                             (unsigned char *)a->challenge.p, a->challenge.n, mac, &n))
        return AUTH_REFUSED;
    for (unsigned i = 0; i < n; i++)
        buf_printf(&want, "%02x", mac[i]);
    bool same = span_equal(buf_span(&want), span_trim(response));
    buf_free(&want);
    return same ? AUTH_OK : AUTH_REFUSED;
}

// Who the certificate says it is may act as nobody else.
static enum auth_answer external(struct auth *a, struct span response)
{
    struct buf name = BUF_INIT(AUTH_TEXT_MAX);
    buf_clear(&a->challenge);
    if (!response.p)
        return AUTH_CONTINUE;
    if (a->tls)
        tls_client(a->tls, &name);
    auth_set(&a->user, buf_span(&name));
    buf_free(&name);
    a->account = auth_find(a);
    return a->account && (!response.n || span_equal(response, buf_span(&a->user)))
               ? AUTH_OK
               : AUTH_REFUSED;
}

// "BEFORE", then fields that end in ^A, of which the one with the token is looked at.
static bool find_token(struct span rest, struct span *token)
{
    struct span field, start = SPAN("auth=Bearer ");
    *token = (struct span){0};
    while (span_cut(&rest, '\001', &field))
        if (span_starts_nocase(field, start))
            *token = (struct span){field.p + start.n, field.n - start.n};
    return token->n > 0;
}

// A password serves as the user's token. The refusal is told in a challenge first.
static enum auth_answer bearer(struct auth *a, struct span response, struct span user,
                               const char *wants)
{
    struct span token;
    auth_set(&a->user, user);
    if (!find_token(response, &token))
        return AUTH_GARBAGE;
    if (auth_check(a, token) == AUTH_OK)
        return AUTH_OK;
    a->step++;
    a->dummy = wants;
    buf_puts(&a->challenge, "{\"status\":\"invalid_token\",\"scope\":\"mail\"}");
    return AUTH_CONTINUE;
}

// What has to be answered to the challenge that refused.
static enum auth_answer dummy(const struct auth *a, struct span response)
{
    return span_equal(response, span_of(a->dummy)) ? AUTH_REFUSED : AUTH_GARBAGE;
}

static enum auth_answer oauthbearer(struct auth *a, struct span response)
{
    struct span rest = response, flag, user;
    buf_clear(&a->challenge);
    if (!response.p)
        return AUTH_CONTINUE;
    if (a->step)
        return dummy(a, response);
    if (!span_cut(&rest, ',', &flag) || !span_equal(flag, SPAN("n")) ||
        !span_cut(&rest, ',', &user) || !span_starts_nocase(user, SPAN("a=")))
        return AUTH_GARBAGE;
    return bearer(a, rest, (struct span){user.p + 2, user.n - 2}, "\001");
}

static enum auth_answer xoauth2(struct auth *a, struct span response)
{
    struct span rest = response, user;
    buf_clear(&a->challenge);
    if (!response.p)
        return AUTH_CONTINUE;
    if (a->step)
        return dummy(a, response);
    if (!span_cut(&rest, '\001', &user) || !span_starts_nocase(user, SPAN("user=")))
        return AUTH_GARBAGE;
    return bearer(a, rest, (struct span){user.p + 5, user.n - 5}, "");
}

static const struct auth_mechanism mechanisms[] = {
    {"PLAIN", plain, NULL, false},
    {"LOGIN", login, NULL, false},
    {"CRAM-MD5", cram_md5, NULL, false},
    {"EXTERNAL", external, NULL, false},
    {"OAUTHBEARER", oauthbearer, NULL, false},
    {"XOAUTH2", xoauth2, NULL, false},
    {"SCRAM-SHA-1", scram_step, EVP_sha1, false},
    {"SCRAM-SHA-256", scram_step, EVP_sha256, false},
    {"SCRAM-SHA-512", scram_step, EVP_sha512, false},
    {"SCRAM-SHA-1-PLUS", scram_step, EVP_sha1, true},
    {"SCRAM-SHA-256-PLUS", scram_step, EVP_sha256, true},
    {"SCRAM-SHA-512-PLUS", scram_step, EVP_sha512, true},
};

bool auth_begin(struct auth *a, const struct house *house, struct tls *tls,
                struct span mechanism)
{
    *a = (struct auth){.house = house,
                       .tls = tls,
                       .user = BUF_INIT(AUTH_TEXT_MAX),
                       .challenge = BUF_INIT(AUTH_TEXT_MAX),
                       .first = BUF_INIT(AUTH_TEXT_MAX),
                       .nonce = BUF_INIT(AUTH_TEXT_MAX),
                       .binding = BUF_INIT(AUTH_TEXT_MAX)};
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (span_equal_nocase(mechanism, span_of(mechanisms[i].name)))
            a->mechanism = &mechanisms[i];
    return a->mechanism && (tls || !a->mechanism->bound);
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
    buf_free(&a->binding);
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
