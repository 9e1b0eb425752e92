// SPDX-License-Identifier: ISC
#include "message/mime/convert.h"

#include <stdio.h>
#include <string.h>

#include "message/header.h"
#include "message/mime/fold.h"
#include "message/mime/refit.h"

static const char sealed_header[] = "its header is not ASCII, and must not be changed";
static const char foreign_address[] = "an address in its header is not ASCII";

void convert_init(struct convert *c, const struct convert_target *target)
{
    *c = (struct convert){
        .target = *target,
        .plan = BUF_INIT(CONVERT_PARTS_MAX),
        .clean = BUF_INIT(CONVERT_PIECE_MAX),
        .field = BUF_INIT(CONVERT_HEADER_MAX),
    };
    mime_init(&c->mime);
}

void convert_free(struct convert *c)
{
    mime_free(&c->mime);
    buf_free(&c->plan);
    buf_free(&c->clean);
    buf_free(&c->field);
}

// ---- The input

// With LF for line ends, as the wire will have it: a lone CR is one.
static struct span put_right(struct convert *c, struct span text)
{
    if (text.n == 0 || (!c->after_cr && !memchr(text.p, '\r', text.n)))
        return text;
    buf_clear(&c->clean);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\n' || !c->after_cr)
            buf_putc(&c->clean, text.p[i] == '\r' ? '\n' : text.p[i]);
        c->after_cr = text.p[i] == '\r';
    }
    return buf_span(&c->clean);
}

// ---- The survey

static void refuse(struct convert *c, enum convert_answer answer, const char *why)
{
    if (c->answer == CONVERT_FIT) {
        c->answer = answer;
        snprintf(c->why, sizeof c->why, "%s", why);
    }
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > 127)
            return false;
    return true;
}

// Whether the content is longer in quoted-printable than in base64; by a few octets does not
// count, since people can read the first.
static bool is_base64_shorter(const struct tally *t)
{
    uint64_t octets = t->octets + t->lines;
    return t->octets + 2 * t->special > octets / 3 * 4 + octets / 57 + 12;
}

static enum recode_kind choose(struct convert *c, const struct mime_entity *e)
{
    const struct tally *t = &c->tally;
    bool long_lines = t->longest > FOLD_LINE_MAX;
    bool foreign = t->eightbit && !c->target.eightbit;
    if (t->nul && c->target.binary && e->encoding == CONTENTTYPE_BINARY) {
        c->binary = true;
        return RECODE_NONE;
    }
    if (!long_lines && !foreign && !t->nul)
        return RECODE_NONE;
    if (e->form == MIME_SEALED || e->encoding == CONTENTTYPE_OTHER) {
        // Lines that are too long are for the server to judge.
        if (foreign || t->nul) {
            char why[sizeof c->why];
            snprintf(why, sizeof why, "a part can not be converted: %s",
                     e->why ? e->why : "its encoding is not known");
            refuse(c, CONVERT_UNFIT, why);
        }
        return RECODE_NONE;
    }
    if (e->encoding == CONTENTTYPE_QP)
        return RECODE_QP_AGAIN;
    if (e->encoding == CONTENTTYPE_BASE64)
        return RECODE_BASE64_AGAIN;
    return t->nul || is_base64_shorter(t) ? RECODE_BASE64 : RECODE_QP;
}

// A plan is a kind of encoding and a charset, in one octet.
static void end_survey(struct convert *c)
{
    tally_end(&c->tally);
    unsigned kind = choose(c, &c->mime.entity);
    unsigned charset = !c->tally.eightbit ? REFIT_ASCII
                       : c->tally.utf8    ? REFIT_UTF8
                                          : REFIT_UNKNOWN;
    buf_putc(&c->plan, (char)(kind | charset << 4));
    if (c->plan.over)
        refuse(c, CONVERT_UNFIT, "it has too many parts");
}

static void survey_header(struct convert *c, struct span header)
{
    const struct mime_entity *e = &c->mime.entity;
    const char *why = "";
    tally_init(&c->tally);
    if (!e->top) {
        if (e->header_sealed && !c->target.eightbit && !is_ascii(header))
            refuse(c, CONVERT_UNFIT, sealed_header);
        return;
    }
    buf_clear(&c->field);
    enum convert_answer answer = convert_header(&c->field, header, &c->target, &why);
    if (answer != CONVERT_FIT)
        refuse(c, answer, why);
}

static void survey(struct convert *c, struct span text)
{
    struct span piece;
    enum mime_event event;
    while (c->answer == CONVERT_FIT &&
           (event = mime_next(&c->mime, &text, &piece)) != MIME_MORE)
        switch (event) {
        case MIME_HEADER: survey_header(c, piece); break;
        case MIME_BODY: tally_put(&c->tally, piece); break;
        case MIME_END: end_survey(c); break;
        case MIME_BAD: refuse(c, CONVERT_UNFIT, "a header in it is too long"); break;
        case MIME_MARGIN:
        case MIME_BORDER:
        case MIME_MORE: break;
        }
}

void convert_survey(struct convert *c, struct span text)
{
    survey(c, put_right(c, text));
}

enum convert_answer convert_decide(struct convert *c)
{
    mime_finish(&c->mime);
    survey(c, (struct span){NULL, 0});
    return c->answer;
}

// ---- Writing

static unsigned next_plan(struct convert *c)
{
    if (c->part >= c->plan.n) {
        c->astray = true;
        return 0;
    }
    return (unsigned char)c->plan.p[c->part++];
}

// What is no text of the message must still not break the rules of the wire.
static void put_margin(struct convert *c, struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        char o = text.p[i];
        if (o == '\n') {
            c->margin = 0;
        } else if (c->margin++ == FOLD_LINE_MAX) {
            buf_putc(out, '\n');
            c->margin = 1;
        }
        bool bad = o == '\0' || ((unsigned char)o > 127 && !c->target.eightbit);
        buf_putc(out, bad ? '?' : o);
    }
}

static void write_header(struct convert *c, struct buf *out, struct span header)
{
    const struct mime_entity *e = &c->mime.entity;
    bool content = e->form == MIME_LEAF || e->form == MIME_SEALED;
    unsigned plan = content ? next_plan(c) : 0;
    struct refit r = {.eightbit = c->target.eightbit,
                      .utf8 = c->target.utf8,
                      .strict = e->top,
                      .kind = (enum recode_kind)(plan & 15),
                      .charset = (enum refit_charset)(plan >> 4)};
    if (!refit_put(out, &r, e, header))
        c->astray = true;
    // Where there was none, what follows must still be no field, whatever becomes of it.
    bool ended = header.n == 0 || header.p[header.n - 1] == '\n';
    if (e->blank || r.kind != RECODE_NONE || (e->form == MIME_MULTIPART && ended))
        buf_putc(out, '\n');
    recode_init(&c->recode, r.kind);
    c->margin = 0;
}

static bool write_piece(struct convert *c, struct buf *out, struct span text)
{
    struct span piece;
    enum mime_event event;
    while (!c->astray && (event = mime_next(&c->mime, &text, &piece)) != MIME_MORE)
        switch (event) {
        case MIME_HEADER: write_header(c, out, piece); break;
        case MIME_BODY: recode_put(&c->recode, out, piece); break;
        case MIME_END: recode_end(&c->recode, out); break;
        case MIME_MARGIN: put_margin(c, out, piece); break;
        case MIME_BORDER:
            buf_put_span(out, piece);
            c->margin = 0;
            break;
        case MIME_BAD: c->astray = true; break;
        case MIME_MORE: break;
        }
    return !c->astray && !out->over;
}

void convert_begin(struct convert *c)
{
    mime_free(&c->mime);
    mime_init(&c->mime);
    c->part = c->margin = 0;
    c->after_cr = c->astray = false;
}

bool convert_write(struct convert *c, struct buf *out, struct span text)
{
    return write_piece(c, out, put_right(c, text));
}

bool convert_end(struct convert *c, struct buf *out)
{
    mime_finish(&c->mime);
    return write_piece(c, out, (struct span){NULL, 0}) && c->part == c->plan.n;
}

// ---- The header alone

enum convert_answer convert_header(struct buf *out, struct span header,
                                   const struct convert_target *target, const char **why)
{
    const char *sealed = mime_header_sealed(header, true);
    struct mime_entity e = {.top = true, .message = true, .header_sealed = sealed != NULL};
    struct refit r = {.eightbit = target->eightbit, .utf8 = target->utf8, .strict = true};
    if (e.header_sealed && !target->utf8 && !is_ascii(header)) {
        *why = sealed_header;
        return CONVERT_NEEDS_UTF8;
    }
    if (!refit_put(out, &r, &e, header)) {
        *why = foreign_address;
        return CONVERT_NEEDS_UTF8;
    }
    if (out->over) {
        *why = "its header is too long";
        return CONVERT_UNFIT;
    }
    return CONVERT_FIT;
}
