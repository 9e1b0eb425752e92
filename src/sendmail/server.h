// SPDX-License-Identifier: ISC
// The server's side of an SMTP dialogue (RFC 5321; RFC 2920, 3030, 3461, 1870, 6152, 6531,
// 2034): command lines in, replies and what is to be done next out. It knows the order of
// commands and gathers the envelope; it reads no text, stores nothing and does no I/O.
//
// There is no login and no TLS: the client is the program that started us, and the user is its
// own. It may send without waiting for anything, not even for the greeting.
#ifndef SENDMAIL_SERVER_H
#define SENDMAIL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/envelope.h"
#include "sendmail/request.h"

enum {
    SERVER_REPLY_MAX = 512, // octets of a line of a reply, with its end (RFC 5321, 4.5.3.1.5)
    SERVER_ERRORS_MAX = 20, // commands refused one after the other before we hang up
};

enum server_next {
    SERVER_COMMAND, // a command line comes next
    SERVER_TEXT,    // begin a message; after server_go_ahead its text comes, ended by a dot
    SERVER_CHUNK,   // `chunk` octets of the message come; `last` says whether that is all
    SERVER_SKIP,    // `chunk` octets come that belong to nothing, and are answered already
    SERVER_CLOSE,   // send what is left of the replies, and end
};

struct server {
    uint64_t max_size;       // 0 for none
    uint64_t max_recipients; // likewise
    struct envelope envelope;
    struct buf out;   // replies; whoever sends them drops them
    bool in_mail;     // MAIL was accepted, and the message is not done with
    bool in_chunks;   // and BDAT has begun it
    bool turned_away; // a recipient of it was refused
    bool gave_up;     // we hung up, not the client
    uint64_t chunk;
    bool last;
    unsigned errors; // commands refused since the last one that was not
    struct request_path path;
};

// Begins with the greeting. The caller ends it with server_free.
void server_init(struct server *s, uint64_t max_size, uint64_t max_recipients)
    __attribute__((nonnull));
void server_free(struct server *s) __attribute__((nonnull));

// The next command line, without its end. Where it ends a message that was begun by chunks,
// in_chunks is false afterwards.
enum server_next server_command(struct server *s, struct span line)
    __attribute__((nonnull, warn_unused_result));
// A line came that was longer than REQUEST_MAX.
enum server_next server_long_line(struct server *s)
    __attribute__((nonnull, warn_unused_result));

// After SERVER_TEXT: there is a place for it.
void server_go_ahead(struct server *s) __attribute__((nonnull));
// After a chunk that was not the last one: it was taken in.
void server_took_chunk(struct server *s) __attribute__((nonnull));
// The message is durable under that queue id, or it is refused: `code` is like "451 4.3.0", and
// `why` is cleaned and cut. Either way it is done with.
void server_queued(struct server *s, const char *id) __attribute__((nonnull));
void server_refused(struct server *s, const char *code, struct span why)
    __attribute__((nonnull));

#endif
