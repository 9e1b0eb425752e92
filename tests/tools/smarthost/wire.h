// SPDX-License-Identifier: ISC
// The bytes of one connection, in clear or under TLS. Replies are gathered and leave when the
// next input has to be waited for, as real servers do it; so each wait begins a flight of the
// client's: what it sent without seeing a reply in between.
#ifndef TOOLS_WIRE_H
#define TOOLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "tls.h"

enum { WIRE_IN = 65536, WIRE_LINE_MAX = 131072, WIRE_OUT_MAX = 1 << 20 };

struct wire {
    int fd;
    struct tls *tls; // NULL: in clear
    unsigned split;  // octets to a write; 0: all at once
    unsigned pause;  // milliseconds before each write
    unsigned idle;   // milliseconds to wait for input; 0: for ever
    int record[2];   // where what comes in clear, and what comes under TLS, is kept; or -1
    bool dead;       // nothing more comes or goes
    bool idled;      // it is dead because nothing came for `idle`
    bool wrote;      // since the last input
    uint64_t flights;
    struct buf out;
    size_t at, n;
    char in[WIRE_IN];
};

enum wire_end {
    WIRE_CLOSE, // what is due is sent, then close_notify, then FIN
    WIRE_CUT,   // FIN without close_notify
    WIRE_RESET, // RST
};

// Takes over the descriptor of a connected socket.
void wire_init(struct wire *w, int fd) __attribute__((nonnull));
// Does the handshake; false, and the wire dead, on failure. *what as tls_accept's.
bool wire_secure(struct wire *w, struct tls_server *server, struct buf *what)
    __attribute__((nonnull, warn_unused_result));

// Reads one line, without its line end, into *line (cleared first; what passes its cap is
// dropped). *bare tells that it ended in LF alone. False when the connection is over.
bool wire_line(struct wire *w, struct buf *line, bool *bare)
    __attribute__((nonnull, warn_unused_result));
// What has come, waiting for something where need be; n is 0 when the connection is over. Valid
// until the next call. wire_used tells how much of it is done with.
struct span wire_peek(struct wire *w) __attribute__((nonnull));
void wire_used(struct wire *w, size_t n) __attribute__((nonnull));
// There is input that nobody has looked at: in the buffer, or (`ask`) in the socket.
bool wire_waiting(const struct wire *w, bool ask) __attribute__((nonnull));

// Adds octets to what will be sent.
void wire_put(struct wire *w, struct span octets) __attribute__((nonnull));
void wire_flush(struct wire *w) __attribute__((nonnull));

// Neither reads nor writes until the other side is gone.
void wire_stall(struct wire *w) __attribute__((nonnull));

void wire_end(struct wire *w, enum wire_end how) __attribute__((nonnull));

#endif
