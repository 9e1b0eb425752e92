// SPDX-License-Identifier: ISC
// A first reading of a config's text, line by line, before iniparser sees it. iniparser 4.1
// cuts values at an unquoted ';' or '#', joins lines, merges sections, takes what stands behind
// a closing quote for nothing and forgets line numbers; whatever it would take otherwise than
// the reader of the file is refused here, with the line. What this passes, both read alike, and
// the caller compares them. Pure: bytes in, views of them out.
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "base/text.h"

enum {
    SCAN_LINE_MAX = 1022, // octets without the line end; iniparser reads no longer ones
    SCAN_KEY_MAX = 64     // octets of a key
};

struct scan {
    struct span rest;
    unsigned line;       // where the last answer is from; the first line is 1
    struct span section; // as it stands there, any case; empty before the first one
    struct span key;     // likewise
    struct span value;   // without its quotes
    const char *error;   // what is wrong with the line, for SCAN_BAD
};

enum scan_answer {
    SCAN_END,
    SCAN_SECTION, // a section begins: `section`
    SCAN_KEY,     // `key` is `value` in `section`
    SCAN_BAD      // `error`; `section` and `key` are what was known by then
};

// The text is borrowed until the last scan_next.
void scan_init(struct scan *s, struct span text) __attribute__((nonnull));
// The next section or key. After SCAN_BAD there is nothing more to be had.
enum scan_answer scan_next(struct scan *s) __attribute__((nonnull, warn_unused_result));

#endif
