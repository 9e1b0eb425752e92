// SPDX-License-Identifier: ISC
#include "message/mime/refit.h"

#include "message/header.h"
#include "message/mime/downgrade.h"
#include "message/mime/encoded.h"
#include "message/mime/fold.h"

// Whether the field has octets that must not go out as they are.
static bool is_foreign(const struct refit *r, const struct mime_entity *e, struct span raw)
{
    bool eightbit = false;
    for (size_t i = 0; i < raw.n && !eightbit; i++)
        eightbit = (unsigned char)raw.p[i] > 127;
    if (!eightbit)
        return false;
    return e->top ? !r->utf8 || !encoded_is_utf8(raw) : !r->eightbit;
}

// Appends the field in ASCII.
static bool put_ascii(struct buf *out, const struct refit *r, const struct field *f)
{
    size_t start = out->n;
    if (downgrade_put(out, f) == DOWNGRADE_DONE)
        return true;
    buf_cut(out, start);
    if (!r->strict)
        downgrade_put_text(out, f);
    return !r->strict;
}

static bool put_field(struct buf *out, const struct refit *r, const struct mime_entity *e,
                      const struct field *f)
{
    struct buf made = BUF_INIT(8 * MIME_HEADER_MAX);
    struct span field = f->raw;
    enum downgrade_form form = downgrade_form(f->name);
    bool text = f->name.n && form == DOWNGRADE_TEXT;
    bool good = true;
    // A line in front of the header, as in an mbox, is no part of the message.
    if (f->name.n == 0 && (is_foreign(r, e, field) || fold_is_needed(field)))
        return true;
    if (is_foreign(r, e, field) || (text && fold_is_needed(field))) {
        good = put_ascii(&made, r, f);
        field = buf_span(&made);
    }
    if (fold_is_needed(field))
        fold_put(out, field, form == DOWNGRADE_MAILBOXES);
    else
        buf_put_span(out, field);
    out->over |= made.over;
    buf_free(&made);
    return good;
}

// The encoding that a multipart or a message states must be none that its parts have no more.
static bool is_outdated(const struct refit *r, const struct mime_entity *e)
{
    bool composite = e->form == MIME_MULTIPART || e->form == MIME_MESSAGE;
    bool stated = e->encoding == CONTENTTYPE_8BIT || e->encoding == CONTENTTYPE_BINARY;
    return composite && stated && !r->eightbit;
}

static const char *new_encoding(const struct refit *r, const struct mime_entity *e)
{
    if (r->kind == RECODE_QP)
        return "quoted-printable";
    if (r->kind == RECODE_BASE64)
        return "base64";
    return is_outdated(r, e) ? "7bit" : NULL;
}

static void put_new(struct buf *out, const struct refit *r, const struct mime_entity *e,
                    const char *encoding)
{
    static const char *const charsets[] = {
        [REFIT_ASCII] = "us-ascii", [REFIT_UTF8] = "utf-8", [REFIT_UNKNOWN] = "unknown-8bit"};
    if (e->message && !e->has_version)
        buf_puts(out, "MIME-Version: 1.0\n");
    if (e->form == MIME_LEAF && !e->has_type)
        buf_printf(out, "Content-Type: text/plain; charset=%s\n", charsets[r->charset]);
    buf_printf(out, "Content-Transfer-Encoding: %s\n", encoding);
}

bool refit_put(struct buf *out, const struct refit *r, const struct mime_entity *e,
               struct span header)
{
    struct field f;
    const char *encoding = new_encoding(r, e);
    if (e->header_sealed) {
        buf_put_span(out, header);
        return true;
    }
    while (field_next(&header, &f)) {
        if (encoding && span_equal_nocase(f.name, SPAN("Content-Transfer-Encoding")))
            continue;
        if (!put_field(out, r, e, &f))
            return false;
    }
    // Where the message ends within its header.
    if (encoding && out->n && out->p[out->n - 1] != '\n')
        buf_putc(out, '\n');
    if (encoding)
        put_new(out, r, e, encoding);
    return true;
}
