// SPDX-License-Identifier: ISC
// links: message
// Any message, in pieces of any size, for a server that takes this or that. What goes out keeps
// the rules of the server; taken apart again and decoded, each part says what it said; so
// does what a second conversion makes of it. The first octet says what the server takes, the
// second how large the pieces are.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/header.h"
#include "message/mime/convert.h"
#include "unit/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

// The content of a message's parts, one after the other, each decoded.
struct content {
    struct buf text;
    struct buf ends; // of size_t: where each part ends in `text`
    struct buf qp;   // of char: whether it came as quoted-printable
    struct buf part;
    size_t header; // octets of the message's own
    bool told;     // that is known
    bool sealed;   // there is something that must stay as it is
};

static void put_base64(struct buf *out, struct span part)
{
    struct buf plain = BUF_INIT(1 << 24);
    decode_base64(&plain, part);
    decode_ends(&plain);
    buf_put_span(out, buf_span(&plain));
    buf_free(&plain);
}

static void end_part(struct content *c, enum contenttype_encoding encoding)
{
    size_t start = c->text.n;
    struct span part = buf_span(&c->part);
    if (encoding == CONTENTTYPE_QP)
        decode_qp(&c->text, part);
    else if (encoding == CONTENTTYPE_BASE64)
        put_base64(&c->text, part);
    else
        buf_put_span(&c->text, part);
    // A line end at the end of all is not known from one that the wire adds.
    while (c->text.n > start && c->text.p[c->text.n - 1] == '\n')
        buf_cut(&c->text, c->text.n - 1);
    buf_put(&c->ends, &c->text.n, sizeof c->text.n);
    buf_putc(&c->qp, encoding == CONTENTTYPE_QP);
    buf_clear(&c->part);
}

static struct span part_of(const struct content *c, size_t i)
{
    size_t from = 0, to;
    if (i > 0)
        memcpy(&from, c->ends.p + (i - 1) * sizeof from, sizeof from);
    memcpy(&to, c->ends.p + i * sizeof to, sizeof to);
    return (struct span){buf_str(&c->text) + from, to - from};
}

// Equal but for blanks: which of them stand at the end of a line, and so mean nothing in
// quoted-printable, is not for us to say.
static bool is_alike(struct span a, struct span b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.n && text_is_blank(a.p[i]))
            i++;
        while (j < b.n && text_is_blank(b.p[j]))
            j++;
        if (i == a.n || j == b.n)
            return i == a.n && j == b.n;
        if (a.p[i++] != b.p[j++])
            return false;
    }
}

static void check_same(const struct content *before, const struct content *after)
{
    check(before->qp.n == after->qp.n);
    for (size_t i = 0; i < before->qp.n; i++) {
        struct span a = part_of(before, i), b = part_of(after, i);
        check(before->qp.p[i] ? is_alike(a, b) : span_equal(a, b));
    }
}

static bool take(struct content *c, struct mime *m, struct span in)
{
    struct span piece;
    enum mime_event event;
    while ((event = mime_next(m, &in, &piece)) != MIME_MORE) {
        if (event == MIME_BAD)
            return false;
        if (event == MIME_HEADER && !c->told) {
            c->header = piece.n;
            c->told = true;
        }
        if (event == MIME_HEADER)
            c->sealed |= m->entity.form == MIME_SEALED ||
                         m->entity.encoding == CONTENTTYPE_OTHER;
        if (event == MIME_BODY)
            buf_put_span(&c->part, piece);
        if (event == MIME_END)
            end_part(c, m->entity.encoding);
    }
    return true;
}

static bool content_read(struct content *c, struct span message)
{
    struct mime m;
    *c = (struct content){.text = BUF_INIT(1 << 24),
                          .ends = BUF_INIT(1 << 24),
                          .qp = BUF_INIT(1 << 24),
                          .part = BUF_INIT(1 << 24)};
    mime_init(&m);
    bool good = take(c, &m, message);
    mime_finish(&m);
    good = good && take(c, &m, (struct span){NULL, 0});
    mime_free(&m);
    return good;
}

static void content_free(struct content *c)
{
    buf_free(&c->text);
    buf_free(&c->ends);
    buf_free(&c->qp);
    buf_free(&c->part);
}

static bool convert_all(struct buf *out, const struct convert_target *target, struct span in,
                        size_t piece, bool *binary)
{
    struct convert c;
    convert_init(&c, target);
    for (size_t i = 0; i < in.n; i += piece)
        convert_survey(&c, (struct span){in.p + i, in.n - i < piece ? in.n - i : piece});
    bool fit = convert_decide(&c) == CONVERT_FIT;
    *binary = c.binary;
    check(fit || c.why[0]);
    if (fit) {
        convert_begin(&c);
        for (size_t i = 0; i < in.n; i += piece)
            check(convert_write(&c, out,
                                (struct span){in.p + i, in.n - i < piece ? in.n - i : piece}));
        check(convert_end(&c, out));
    }
    convert_free(&c);
    return fit;
}

// Line ends as the wire has them.
static void normalise(struct buf *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(p[i] == '\r' && i + 1 < n && p[i + 1] == '\n'))
            buf_putc(out, p[i] == '\r' ? '\n' : p[i]);
}

static void check_wire(struct span out, const struct convert_target *target, bool binary,
                       const struct content *c)
{
    struct span line;
    for (size_t i = 0; i < out.n; i++) {
        bool high = (unsigned char)out.p[i] > 127;
        check(!high || (target->eightbit && (target->utf8 || i >= c->header)));
        check(out.p[i] != '\0' || binary);
    }
    // In fields without a blank, and in what is sealed, lines stay as they are.
    while (!c->sealed && !binary && out.n && span_cut(&out, '\n', &line)) {
        struct span text = span_trim(line);
        check(line.n <= 998 || text.n == 0 || !memchr(text.p, ' ', text.n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf in = BUF_INIT(1 << 24), out = BUF_INIT(1 << 26), twice = BUF_INIT(1 << 26);
    struct content before, after;
    bool binary, still;
    if (size < 2)
        return 0;
    struct convert_target target = {
        .eightbit = data[0] & 1, .utf8 = (data[0] & 3) == 3, .binary = data[0] & 4};
    size_t piece = 1 + data[1];
    struct span raw = {(const char *)data + 2, size - 2};
    normalise(&in, raw.p, raw.n);
    bool good = content_read(&before, buf_span(&in));
    if (convert_all(&out, &target, raw, piece, &binary)) {
        check(good);
        check(content_read(&after, buf_span(&out)));
        check_wire(buf_span(&out), &target, binary, &after);
        if (!binary)
            check_same(&before, &after);
        content_free(&after);
        check(convert_all(&twice, &target, buf_span(&out), 64, &still));
        check(content_read(&after, buf_span(&twice)));
        if (!still)
            check_same(&before, &after);
        content_free(&after);
    }
    content_free(&before);
    buf_free(&in);
    buf_free(&out);
    buf_free(&twice);
    return 0;
}
