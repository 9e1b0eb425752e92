// SPDX-License-Identifier: ISC
// links: message
// Whatever header comes in: no Bcc is stored, what must be there is there, nothing is left to
// do for a second time, and no control character gets into the envelope.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/read_header.h"
#include "message/fields.h"
#include "message/fixup.h"
#include "message/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stored(struct span text, bool gateway)
{
    struct field f;
    unsigned seen = 0;
    if (text.n && text.p[text.n - 1] != '\n')
        abort();
    while (field_next(&text, &f)) {
        enum field_id id = field_find(f.name);
        if (f.name.n == 0 || (field_flags(id) & FIELD_DROPPED))
            abort();
        seen |= 1U << id;
    }
    for (unsigned i = 0; !gateway && i < FIELD_OTHER; i++) {
        unsigned flags = field_flags((enum field_id)i);
        if ((flags & FIELD_ADDED) && !(flags & FIELD_RESENT) && !(seen & (1U << i)))
            abort();
    }
}

static void check_envelope(const struct envelope *e)
{
    for (size_t i = 0; i < envelope_count(e); i++) {
        struct span address = span_of(envelope_address(e, i));
        if (address.n == 0)
            abort();
        for (size_t j = 0; j < address.n; j++)
            if (text_is_control(address.p[j]))
                abort();
    }
}

// Without its Resent-Bcc a block may no more be the one that counts.
static bool has_resent_bcc(struct span text)
{
    struct field f;
    while (field_next(&text, &f))
        if (field_find(f.name) == FIELD_RESENT_BCC)
            return true;
    return false;
}

static void check_again(struct span stored, struct fixup_facts facts)
{
    struct buf out = BUF_INIT(FIXUP_MAX);
    struct buf why = BUF_INIT(1000);
    struct envelope e;
    struct header h;
    facts.harvest = false;
    envelope_init(&e);
    if (!read_header(&h, stored) || !span_equal(buf_span(&h.text), stored))
        abort();
    if (fixup(&out, &e, &why, &h, &facts) != FIXUP_DONE || !span_equal(buf_span(&out), stored))
        abort();
    buf_free(&out);
    buf_free(&why);
    header_free(&h);
    envelope_free(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = {(const char *)data + 2, size - 2};
    size_t named = data[1] < in.n ? data[1] : in.n;
    struct fixup_facts facts = {
        .harvest = data[0] & 1,
        .gateway = data[0] & 2,
        .domain = data[0] & 4 ? SPAN("d.example") : SPAN(""),
        .mailbox = SPAN("sam"),
        .name = {in.p, named},
        .local = {.tm_mday = 1},
    };
    struct buf out = BUF_INIT(FIXUP_MAX);
    struct buf why = BUF_INIT(1000);
    struct envelope e;
    struct header h;
    envelope_init(&e);
    in.p += named;
    in.n -= named;
    if (read_header(&h, in)) {
        enum fixup_answer answer = fixup(&out, &e, &why, &h, &facts);
        check_envelope(&e);
        if ((answer == FIXUP_ADDRESS) != (why.n > 0))
            abort();
        if (answer == FIXUP_DONE) {
            check_stored(buf_span(&out), facts.gateway);
            if (!has_resent_bcc(buf_span(&h.text)))
                check_again(buf_span(&out), facts);
        }
    }
    header_free(&h);
    envelope_free(&e);
    buf_free(&out);
    buf_free(&why);
    return 0;
}
