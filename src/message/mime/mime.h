// SPDX-License-Identifier: ISC
// The structure of a message, read as it streams by (RFC 2045, RFC 2046): which octets are
// headers, which are the content of a part, which only hold the parts together. All of what
// goes in comes out again, in order, in pieces; nothing is changed but NUL in headers, to '?'.
//
// It follows multiparts into each other and into message/rfc822. What must not be touched, or
// can not be understood, is one part as a whole (MIME_SEALED): what is signed or encrypted, a
// multipart without a boundary, one that lies too deep.
//
// Lines end with LF. The LF in front of a boundary belongs to the boundary.
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "message/mime/contenttype.h"

enum {
    MIME_DEPTH_MAX = 30,      // multiparts in each other
    MIME_LINE_LOOK = 1024,    // octets of a line that are looked at
    MIME_HEADER_MAX = 1 << 20 // octets of a header
};

// What the body of an entity is.
enum mime_form {
    MIME_LEAF,      // content
    MIME_MULTIPART, // parts
    MIME_MESSAGE,   // an entity with the header of a message
    MIME_SEALED,    // content that is to stay as it is
};

struct mime_entity {
    enum mime_form form;
    enum contenttype_encoding encoding;
    bool top;           // it is the message itself
    bool message;       // its header is that of a message, not of a part
    bool has_type;      // there is a Content-Type
    bool has_version;   // there is a MIME-Version
    bool blank;         // its header ends with an empty line, which has been used up
    bool header_sealed; // so is its header
    const char *why;    // why it is sealed, in a few words; else NULL
};

enum mime_event {
    MIME_MORE,   // all of the input is used up
    MIME_HEADER, // *piece is a whole header without the empty line; `entity` describes it
    MIME_BODY,   // *piece is content of the leaf, or the sealed part, in hand
    MIME_END,    // its content is over
    MIME_MARGIN, // *piece stands before the first or behind the last part of a multipart
    MIME_BORDER, // *piece is a boundary with the line ends round it
    MIME_BAD,    // a header is too long: nothing more comes
};

struct mime_level {
    struct buf boundary;
    bool digest; // parts are messages unless they say otherwise
};

enum mime_state {
    MIME_IN_HEADER,
    MIME_AFTER_HEADER,
    MIME_IN_CONTENT,
    MIME_IN_MARGIN,
    MIME_AT_BORDER, // `held` is a boundary
    MIME_OVER,
};

struct mime {
    struct mime_entity entity;
    enum mime_state state;
    struct mime_level levels[MIME_DEPTH_MAX]; // of multiparts, the outermost first
    size_t depth;
    bool digest; // the header in hand is that of a part of a digest
    struct contenttype type;
    struct buf header;
    size_t line;      // where the header's last line begins
    struct buf again; // what came behind a header without an empty line; read before the input
    size_t again_at;
    struct buf back; // what was read too far, until it is `again`
    struct buf held; // octets of the body that may be a boundary, or were given last
    size_t start;    // in `held`, where the line begins: behind an LF, or at once
    bool looking;    // `held` is not decided yet
    bool given;      // `held` was given out
    bool line_over;  // likewise, and an LF came behind it
    bool ended;      // there is no more input
    size_t match;    // AT_BORDER: the level whose boundary it is
    bool closing;    // likewise: no part follows
};

// What is to stay as it is of an entity with that header, the header included: NULL, or the
// reason.
const char *mime_header_sealed(struct span header, bool message);

void mime_init(struct mime *m) __attribute__((nonnull));
void mime_free(struct mime *m) __attribute__((nonnull));

// Takes octets off *in up to the next event. *piece is valid until the next call.
enum mime_event mime_next(struct mime *m, struct span *in, struct span *piece)
    __attribute__((nonnull, warn_unused_result));
// The message is over: mime_next, without input, then gives what is left, up to MIME_MORE.
void mime_finish(struct mime *m) __attribute__((nonnull));

#endif
