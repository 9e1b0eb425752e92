// SPDX-License-Identifier: ISC
// The server's side of AUTH: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), EXTERNAL (RFC 4422),
// OAUTHBEARER (RFC 7628), XOAUTH2, and SCRAM (scram.h). It sees decoded octets, no base64, no
// SMTP.
#ifndef TOOLS_AUTH_H
#define TOOLS_AUTH_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"
#include "house.h"

struct tls;

enum { AUTH_TEXT_MAX = 131072, AUTH_KEY_MAX = 64 };

#define AUTH_MECHANISMS "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"

enum auth_answer { AUTH_CONTINUE, AUTH_OK, AUTH_REFUSED, AUTH_GARBAGE };

struct auth {
    const struct house *house;
    struct tls *tls; // NULL in clear
    const struct auth_mechanism *mechanism;
    unsigned step;
    struct buf user;      // who it says it is
    struct buf challenge; // what the server says next, where the answer is AUTH_CONTINUE
    struct buf first;     // SCRAM: the messages that are signed, so far
    struct buf nonce;
    unsigned char salted[AUTH_KEY_MAX]; // SCRAM: the salted password
    const struct house_user *account;
    struct buf binding; // SCRAM: the GS2 header, and what it binds to
    const char *kind;   // SCRAM: of binding, NULL where there is none
    const char *dummy;  // what a refused token is to be answered with
};

struct auth_mechanism {
    const char *name;
    enum auth_answer (*step)(struct auth *a, struct span response);
    const EVP_MD *(*digest)(void);
    bool bound; // to the connection
};

// Begins an exchange; `tls` is NULL in clear. False where there is no such mechanism. The
// caller ends it with auth_free either way.
bool auth_begin(struct auth *a, const struct house *house, struct tls *tls,
                struct span mechanism) __attribute__((nonnull(1, 2), warn_unused_result));
// Takes one message of the client's; p is NULL where no initial response came.
enum auth_answer auth_step(struct auth *a, struct span response)
    __attribute__((nonnull, warn_unused_result));
const char *auth_mechanism(const struct auth *a) __attribute__((nonnull, returns_nonnull));
void auth_free(struct auth *a) __attribute__((nonnull));

// ---- For scram.c.

// The account of a->user; NULL where there is none.
const struct house_user *auth_find(const struct auth *a) __attribute__((nonnull));
void auth_set(struct buf *b, struct span s) __attribute__((nonnull));
void auth_put_random(struct buf *out) __attribute__((nonnull));

// RFC 4648, without line breaks. False where it is not base64.
void auth_base64(struct buf *out, struct span octets) __attribute__((nonnull));
bool auth_unbase64(struct buf *out, struct span text)
    __attribute__((nonnull, warn_unused_result));

#endif
