// SPDX-License-Identifier: ISC
// A message between its file and the engine: as it is where the smarthost can take it so, else
// converted (message/mime/convert.h) as it streams through fixed buffers. A message that needs
// it is read three times: to see what is in each part, to know its size, to be sent.
#ifndef SUBMIT_RECAST_H
#define SUBMIT_RECAST_H

#include <stdbool.h>
#include <stdint.h>

#include "message/job.h"
#include "message/mime/convert.h"
#include "message/outcome.h"
#include "smtp/smtp.h"
#include "submit/mail/source.h"

struct recast {
    bool on;       // the body is converted
    bool written;  // all of it is in `out`
    uint64_t size; // of what goes out, line ends being CRLF
    uint64_t made; // of that so far
    char last;     // octet of it
    struct convert convert;
    struct header header;
    struct buf out; // converted, from `given` on not yet given away
    size_t given;
};

// Where nothing has begun yet. The caller ends it with recast_free.
void recast_init(struct recast *r) __attribute__((nonnull));
void recast_free(struct recast *r) __attribute__((nonnull));

enum recast_answer {
    RECAST_READY,
    RECAST_FILE,    // the source's `why` is set
    RECAST_REFUSED, // *why is set: for good, as the smarthost can not take it as it is
};

// Looks at the message that *source has begun with, and sets in *m its size, which was right
// without a conversion, and what it needs of the server. `s` says what that offers, and
// m->without what shall not be asked of it.
enum recast_answer recast_begin(struct recast *r, struct source *source, const struct job *job,
                                const struct smtp *s, struct smtp_message *m,
                                struct outcome *why)
    __attribute__((nonnull, warn_unused_result));

// As source_next.
enum source_answer recast_next(struct recast *r, struct source *source, size_t most,
                               struct span *piece) __attribute__((nonnull, warn_unused_result));

#endif
