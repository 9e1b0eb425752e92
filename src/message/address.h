// SPDX-License-Identifier: ISC
// Addresses: lists as they stand in header fields and on command lines (RFC 5322, 3.4 and 4.4:
// groups, comments, quoted strings, routes, folding, domain literals; RFC 6532: UTF-8), read
// one by one into the mailboxes that SMTP speaks of (RFC 5321, 4.1.2; RFC 6531).
//
// Lenient where the meaning is beyond doubt: empty list members, dots in the wrong place of a
// local part (it comes out quoted), a domain's last dot, unquoted dots and brackets in a
// display name, an encoded word that holds specials, a group that is empty and never closed.
// Whatever could be read in two ways is an error: a missing comma, anything unbalanced, a
// second '@'.
// "|program", "/file" and ":include:" are local parts or errors; nothing here knows them.
#ifndef MESSAGE_ADDRESS_H
#define MESSAGE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "message/token.h"

enum { ADDRESS_DOMAIN_MAX = 255 }; // octets (RFC 5321, 4.5.3.1.2)

struct address {
    struct span mailbox; // RFC 5321: local part quoted where it must be; "root" where bare.
                         // Valid until the next call on the list
    struct span source;  // where it stands in the text: from the local part's (or the route's)
                         // first octet to the domain's last. At the end of a bare one "@domain"
                         // can be put in
    struct span name;    // the display name as it stands in the text, quotes and all, or empty
    bool bare;           // it has no domain
    bool grouped;        // it stands in a group
};

// A list that is being read.
struct address_list {
    struct token_reader reader;
    bool in_group;
    bool group_used;    // the group has had a member
    struct buf local;   // the local part in hand, without quotes and escapes
    struct buf mailbox; // the mailbox in hand
    size_t used;        // where the last token that belongs to it ends
    const char *reason; // after ADDRESS_BAD: a few words without capital or full stop
    struct span bad;    // after ADDRESS_BAD: the list member in question, as it stands
};

enum address_answer {
    ADDRESS_ONE, // *a was set
    ADDRESS_END, // there are no more
    ADDRESS_BAD, // the text is no address list; so is every further answer
};

// Begins to read the list in `text`, which is borrowed. `folded` says that it is the body of a
// field, where LF and a blank are a blank; without it no control character is let through but
// TAB. The caller ends the list with address_free.
void address_init(struct address_list *l, struct span text, bool folded)
    __attribute__((nonnull));
void address_free(struct address_list *l) __attribute__((nonnull));

enum address_answer address_next(struct address_list *l, struct address *a)
    __attribute__((nonnull, warn_unused_result));

// Reads one path, as in -f or MAIL FROM: "", "<>", "x@y", "<x@y>" or "Sam <x@y>", and appends
// its mailbox to *mailbox: nothing for the null path. Returns NULL, or the reason why it is
// none. No control character is let through.
const char *address_path(struct buf *mailbox, struct span text)
    __attribute__((nonnull, warn_unused_result));

// Whether a mailbox (as address_next and address_path give them) has no domain. The null path
// has none either, and is not bare.
bool address_is_bare(struct span mailbox);

// Whether the text can stand between the brackets of a path (RFC 5321, 4.1.2), as far as that
// is needed to keep it in one piece there: quoted parts are closed, and there is no control
// character, and no blank and no bracket outside of them.
bool address_is_path(struct span mailbox);

#endif
