// SPDX-License-Identifier: ISC
#include "body.h"

static void text(struct body *b, char c, struct buf *out)
{
    if (c == '\r')
        b->state = BODY_CR;
    else
        b->state = b->state == BODY_CR && c == '\n' ? BODY_START : BODY_TEXT;
    buf_putc(out, c);
}

static void push(struct body *b, char c, struct buf *out)
{
    switch (b->state) {
    case BODY_START:
        if (c == '.')
            b->state = BODY_DOT;
        else
            text(b, c, out);
        break;
    case BODY_DOT:
        if (c == '\r') {
            b->state = BODY_DOT_CR;
            break;
        }
        b->unstuffed |= c != '.';
        b->state = BODY_TEXT;
        text(b, c, out);
        break;
    case BODY_DOT_CR:
        if (c == '\n') {
            b->state = BODY_END;
            break;
        }
        b->unstuffed = true;
        text(b, '\r', out);
        text(b, c, out);
        break;
    default: text(b, c, out);
    }
}

size_t body_push(struct body *b, struct span in, struct buf *out)
{
    size_t i = 0;
    while (i < in.n && b->state != BODY_END)
        push(b, in.p[i++], out);
    return i;
}
