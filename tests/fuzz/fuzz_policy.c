// SPDX-License-Identifier: ISC
// links: message
// Whatever header goes out under a policy: with force there is one From and one author, the
// right one, and no Sender; fields that are none of the policy's business stay octet by octet;
// no control character gets in; a second time changes nothing.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/read_header.h"
#include "message/address.h"
#include "message/envelope.h"
#include "message/fields.h"
#include "message/header.h"
#include "message/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct span from = SPAN_INIT("me@isp.example");

static void check_author(struct span body)
{
    struct address_list l;
    struct address a;
    address_init(&l, body, true);
    if (address_next(&l, &a) != ADDRESS_ONE || !envelope_same(a.mailbox, from) ||
        address_next(&l, &a) != ADDRESS_END)
        abort();
    address_free(&l);
}

static void check_forced(struct span text)
{
    struct field f;
    unsigned froms = 0;
    while (field_next(&text, &f)) {
        enum field_id id = field_find(f.name);
        if (id == FIELD_SENDER || id == FIELD_RESENT_SENDER)
            abort();
        if (id == FIELD_FROM || id == FIELD_RESENT_FROM)
            check_author(f.body);
        froms += id == FIELD_FROM;
    }
    if (froms != 1)
        abort();
}

// The fields that no policy touches, one after the other.
static bool next_other(struct span *text, struct field *f)
{
    while (field_next(text, f)) {
        enum field_id id = field_find(f->name);
        if (!(field_flags(id) & FIELD_COMPLETED))
            return true;
    }
    return false;
}

static void check_others(struct span in, struct span out)
{
    struct field a, b;
    while (next_other(&in, &a))
        if (!next_other(&out, &b) || !span_equal(a.raw, b.raw))
            abort();
    if (next_other(&out, &b))
        abort();
}

static size_t controls(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += text_is_control(s.p[i]) && s.p[i] != '\n' && s.p[i] != '\t';
    return n;
}

// What a field may become has as many controls as it had; a Reply-To may repeat those of From.
static void check_controls(struct span in, struct span out)
{
    if (controls(out) > 2 * controls(in))
        abort();
}

static void check_again(const struct policy *p, struct span text)
{
    struct buf out = BUF_INIT(POLICY_MAX);
    struct header h;
    // Its lines are still lines of a header, and the same fields.
    if (!read_header(&h, text) || !span_equal(buf_span(&h.text), text))
        abort();
    if (!policy_header(&out, p, text) || !span_equal(buf_span(&out), text))
        abort();
    header_free(&h);
    buf_free(&out);
}

static void check_sender(const struct policy *p, struct span text)
{
    struct buf out = BUF_INIT(POLICY_MAX), mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    bool good = !address_path(&mailbox, text);
    struct span sender = buf_span(&mailbox);
    if (good && policy_sender(&out, p, sender)) {
        if (p->mode == POLICY_FORCE && sender.n && !span_equal(buf_span(&out), from))
            abort();
        if (p->mode == POLICY_QUALIFY && address_is_bare(buf_span(&out)) && sender.n)
            abort();
        if (p->mode == POLICY_KEEP && sender.n && !span_equal(buf_span(&out), sender))
            abort();
    }
    buf_free(&out);
    buf_free(&mailbox);
}

static void check_pattern(struct span login)
{
    struct buf out = BUF_INIT(4096);
    if (policy_from(&out, SPAN("%u@isp.example"), login, SPAN("box")))
        for (size_t i = 0; i < out.n; i++)
            if (text_is_control(out.p[i]) || out.p[i] == ' ' || out.p[i] == '>')
                abort();
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = {(const char *)data + 2, size - 2};
    struct span name = {in.p, data[1] < in.n ? data[1] : in.n};
    struct policy p = {.mode = (enum policy_mode)(data[0] % 3),
                       .rewrite_null = data[0] & 4,
                       .domain = data[0] & 8 ? SPAN("host.example") : SPAN(""),
                       .from = from,
                       .login = name};
    struct buf out = BUF_INIT(POLICY_MAX);
    struct header h;
    in.p += name.n;
    in.n -= name.n;
    check_sender(&p, name);
    check_pattern(name);
    if (read_header(&h, in) && policy_header(&out, &p, buf_span(&h.text))) {
        if (p.mode == POLICY_KEEP && !span_equal(buf_span(&out), buf_span(&h.text)))
            abort();
        if (p.mode == POLICY_FORCE)
            check_forced(buf_span(&out));
        check_others(buf_span(&h.text), buf_span(&out));
        check_controls(buf_span(&h.text), buf_span(&out));
        check_again(&p, buf_span(&out));
    }
    header_free(&h);
    buf_free(&out);
    return 0;
}
