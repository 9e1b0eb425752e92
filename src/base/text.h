// SPDX-License-Identifier: ISC
// Mail is bytes, not C strings: a span is a borrowed piece of them, and what is said here about
// characters is said about ASCII, whatever the locale.
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

// n octets at p, owned by somebody else. p may be NULL when n is 0.
struct span {
    const char *p;
    size_t n;
};

#define SPAN(literal) ((struct span){literal, sizeof(literal) - 1})
// The same as the initialiser of something static.
#define SPAN_INIT(literal)           \
    {                                \
        literal, sizeof(literal) - 1 \
    }
// For "%.*s": two arguments, the length (cut at INT_MAX) and the pointer.
#define SPAN_ARGS(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

struct span span_of(const char *s) __attribute__((nonnull));
bool span_equal(struct span a, struct span b);
// Equal but for the case of ASCII letters.
bool span_equal_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);
// Whether `part` stands somewhere in s, but for the case of ASCII letters.
bool span_find_nocase(struct span s, struct span part);
// Whether a host's name is the domain itself or one below it, in any case of letters; none is
// below the empty one.
bool span_is_within(struct span name, struct span domain);
// Without the blanks (space, tab, CR, LF) at both ends.
struct span span_trim(struct span s);
// Takes the part before the first `c` off *rest and steps over `c`; all that is left where
// there is no `c`. False, and an empty *part, once *rest is used up (its p is then NULL).
bool span_cut(struct span *rest, char c, struct span *part) __attribute__((nonnull));
// The next word of *rest, parted by spaces and tabs. False when there is none.
bool span_word(struct span *rest, struct span *word) __attribute__((nonnull));

bool text_is_blank(char c); // space or tab
bool text_is_digit(char c);
bool text_is_alpha(char c);
bool text_is_alnum(char c);
bool text_is_control(char c); // C0 and DEL; not the octets above 127
char text_lower(char c);

// Decimal digits and nothing else, within [0, max]. False, and *value untouched, otherwise.
bool text_number(struct span s, uint64_t max, uint64_t *value)
    __attribute__((nonnull, warn_unused_result));

// Length of the UTF-8 sequence at the start of s (1 to 4), or 0 where those octets are not
// well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong).
size_t text_utf8(struct span s);
// The number of the character that such a sequence of n octets stands for.
unsigned text_code_point(const char *p, size_t n) __attribute__((nonnull));

// Appends s so that no terminal, log or line-based file can be harmed by it: C0, DEL, C1,
// octets that are not UTF-8 and the bidirectional controls (U+202A-202E, U+2066-2069) each
// become '?', line breaks and tabs a space. At most `most` octets are added, never part of a
// character.
void text_clean(struct buf *out, struct span s, size_t most) __attribute__((nonnull));

#endif
