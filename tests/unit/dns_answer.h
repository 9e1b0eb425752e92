// SPDX-License-Identifier: ISC
// DNS messages, made by hand.
#ifndef UNIT_DNS_ANSWER_H
#define UNIT_DNS_ANSWER_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

static inline void dns_16(struct buf *b, unsigned v)
{
    buf_putc(b, (char)(v >> 8));
    buf_putc(b, (char)v);
}

// A name in full; "." is the root.
static inline void dns_name(struct buf *b, const char *name)
{
    struct span rest = span_of(name), label;
    while (strcmp(name, ".") != 0 && span_cut(&rest, '.', &label)) {
        buf_putc(b, (char)label.n);
        buf_put_span(b, label);
    }
    buf_putc(b, 0);
}

// Header and the question "q.example SRV", whose name stands at 12.
static inline void dns_head(struct buf *b, unsigned flags, unsigned answers)
{
    dns_16(b, 0x1234);
    dns_16(b, flags);
    dns_16(b, 1);
    dns_16(b, answers);
    dns_16(b, 0);
    dns_16(b, 0);
    dns_name(b, "q.example");
    dns_16(b, 33);
    dns_16(b, 1);
}

// A record of the name of the question.
static inline void dns_record(struct buf *b, unsigned type, unsigned class, struct span data)
{
    dns_16(b, 0xc00c);
    dns_16(b, type);
    dns_16(b, class);
    dns_16(b, 0);
    dns_16(b, 300);
    dns_16(b, (unsigned)data.n);
    buf_put_span(b, data);
}

static inline void dns_srv(struct buf *b, unsigned priority, unsigned weight, unsigned port,
                           const char *target)
{
    struct buf data = BUF_INIT(1024);
    dns_16(&data, priority);
    dns_16(&data, weight);
    dns_16(&data, port);
    dns_name(&data, target);
    dns_record(b, 33, 1, buf_span(&data));
    buf_free(&data);
}

static inline void dns_mx(struct buf *b, unsigned priority, const char *target)
{
    struct buf data = BUF_INIT(1024);
    dns_16(&data, priority);
    dns_name(&data, target);
    dns_record(b, 15, 1, buf_span(&data));
    buf_free(&data);
}

enum { DNS_ANSWER = 0x8180 }; // an answer, recursion asked for and done, no error

#endif
