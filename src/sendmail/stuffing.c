// SPDX-License-Identifier: ISC
#include "sendmail/stuffing.h"

#include <string.h>

void stuffing_init(struct stuffing *s, bool crlf)
{
    *s = (struct stuffing){.state = STUFFING_START, .crlf = crlf};
}

// Copies what is left of a line. Returns the octets copied, at least 1.
static size_t take_text(struct stuffing *s, struct span in, char *out, size_t room)
{
    const char *lf = memchr(in.p, '\n', in.n);
    size_t n = lf ? (size_t)(lf - in.p) + 1 : in.n;
    if (n > room)
        n = room;
    memcpy(out, in.p, n);
    bool after_cr = n > 1 ? in.p[n - 2] == '\r' : s->after_cr;
    s->state = in.p[n - 1] == '\n' && (after_cr || !s->crlf) ? STUFFING_START : STUFFING_TEXT;
    s->after_cr = in.p[n - 1] == '\r';
    return n;
}

// What an octet behind a line's first dot means: the end, or that this dot was put there.
static void take_behind_dot(struct stuffing *s, char c)
{
    bool held_cr = s->state == STUFFING_DOT_CR;
    if (c == '\n' && (held_cr || !s->crlf))
        s->state = STUFFING_END;
    else if (c == '\r' && !held_cr)
        s->state = STUFFING_DOT_CR;
    else
        s->state = STUFFING_TEXT;
}

size_t stuffing_take(struct stuffing *s, struct span *in, char *out, size_t room)
{
    size_t put = 0;
    while (in->n && s->state != STUFFING_END && room - put >= 2) {
        size_t used = 1;
        switch (s->state) {
        case STUFFING_START:
            if (*in->p == '.') {
                s->state = STUFFING_DOT;
                break;
            }
            s->after_cr = false;
            // fall through
        case STUFFING_TEXT:
            used = take_text(s, *in, out + put, room - put);
            put += used;
            break;
        case STUFFING_DOT:
        case STUFFING_DOT_CR: {
            bool held_cr = s->state == STUFFING_DOT_CR;
            take_behind_dot(s, *in->p);
            if (s->state != STUFFING_TEXT)
                break;
            s->after_cr = held_cr;
            if (held_cr)
                out[put++] = '\r';
            used = 0; // the octet itself is text
            break;
        }
        case STUFFING_END: break;
        }
        in->p += used;
        in->n -= used;
    }
    return put;
}
