// SPDX-License-Identifier: ISC
#include "message/mime/mime.h"

#include <string.h>

#include "message/header.h"

enum { HELD_MAX = MIME_LINE_LOOK + 2 };

void mime_init(struct mime *m)
{
    *m = (struct mime){
        .entity = {.top = true, .message = true},
        .header = BUF_INIT(MIME_HEADER_MAX),
        .again = BUF_INIT(2 * MIME_HEADER_MAX),
        .back = BUF_INIT(2 * MIME_HEADER_MAX),
        .held = BUF_INIT(HELD_MAX),
    };
    contenttype_init(&m->type);
    for (size_t i = 0; i < MIME_DEPTH_MAX; i++)
        m->levels[i].boundary = (struct buf)BUF_INIT(CONTENTTYPE_BOUNDARY_MAX);
}

void mime_free(struct mime *m)
{
    contenttype_free(&m->type);
    buf_free(&m->header);
    buf_free(&m->again);
    buf_free(&m->back);
    buf_free(&m->held);
    for (size_t i = 0; i < MIME_DEPTH_MAX; i++)
        buf_free(&m->levels[i].boundary);
}

void mime_finish(struct mime *m)
{
    m->ended = true;
}

// ---- Boundaries

// Whether the line, without its LF, is a boundary of one of the multiparts that are open; the
// innermost one counts (RFC 2046, 5.1.1 and 5.1.2).
static bool is_border(struct mime *m, struct span line)
{
    if (line.n < 3 || memcmp(line.p, "--", 2) != 0)
        return false;
    for (size_t i = m->depth; i-- > 0;) {
        struct span name = buf_span(&m->levels[i].boundary);
        if (line.n - 2 < name.n || memcmp(line.p + 2, name.p, name.n) != 0)
            continue;
        struct span rest = {line.p + 2 + name.n, line.n - 2 - name.n};
        m->closing = rest.n >= 2 && memcmp(rest.p, "--", 2) == 0;
        if (m->closing)
            rest.p += 2, rest.n -= 2;
        m->match = i;
        if (span_trim(rest).n == 0)
            return true;
    }
    return false;
}

static void begin_header(struct mime *m, bool message, bool digest)
{
    m->entity = (struct mime_entity){.message = message};
    m->digest = digest;
    m->state = MIME_IN_HEADER;
    m->line = 0;
}

static void begin_body(struct mime *m, enum mime_state state)
{
    m->state = state;
    m->looking = m->depth > 0;
    m->start = 0;
}

// The boundary was given out: what comes behind it.
static void pass_border(struct mime *m)
{
    m->depth = m->match + !m->closing;
    if (m->closing)
        begin_body(m, MIME_IN_MARGIN);
    else
        begin_header(m, false, m->levels[m->match].digest);
}

// ---- Headers

static void seal(struct mime_entity *e, const char *why)
{
    e->form = MIME_SEALED;
    e->why = why;
}

static bool is_plain(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text_is_control(text.p[i]) || (unsigned char)text.p[i] > 127)
            return false;
    return true;
}

static void judge_multipart(struct mime *m)
{
    struct mime_entity *e = &m->entity;
    e->form = MIME_MULTIPART;
    if (strcmp(m->type.name, "multipart/signed") == 0)
        seal(e, "it is signed");
    else if (strcmp(m->type.name, "multipart/encrypted") == 0)
        seal(e, "it is encrypted");
    else if (m->type.boundary.n == 0)
        seal(e, "it is a multipart without a boundary");
    else if (m->depth == MIME_DEPTH_MAX)
        seal(e, "it lies too deep");
}

// What may be encoded as a whole, and is not a multipart, is a leaf: also a message/global
// (RFC 6532, 3.7), and what is encoded although RFC 2045, 6.4, does not allow that.
static void judge_form(struct mime *m)
{
    struct mime_entity *e = &m->entity;
    struct span name = span_of(m->type.name);
    e->form = MIME_LEAF;
    if (e->encoding > CONTENTTYPE_BINARY)
        return;
    if (span_starts_nocase(name, SPAN("multipart/")))
        judge_multipart(m);
    else if (span_equal(name, SPAN("message/rfc822")) || (m->digest && !e->has_type))
        e->form = MIME_MESSAGE;
    else if (span_starts_nocase(name, SPAN("message/")) &&
             !span_equal(name, SPAN("message/global")))
        seal(e, "its type can not be encoded");
}

const char *mime_header_sealed(struct span header, bool message)
{
    struct contenttype type;
    struct field f;
    const char *why = NULL;
    contenttype_init(&type);
    while (!why && field_next(&header, &f)) {
        if (message && span_equal_nocase(f.name, SPAN("DKIM-Signature")))
            why = "it is signed (DKIM)";
        if (!span_equal_nocase(f.name, SPAN("Content-Type")))
            continue;
        contenttype_read(&type, f.body);
        if (!is_plain(buf_span(&type.boundary)))
            why = "its boundary is not ASCII";
    }
    contenttype_free(&type);
    return why;
}

static void describe(struct mime *m)
{
    struct mime_entity *e = &m->entity;
    struct span text = buf_span(&m->header);
    struct field f;
    bool has_encoding = false;
    m->type.name[0] = '\0';
    while (field_next(&text, &f)) {
        if (span_equal_nocase(f.name, SPAN("Content-Type")) && !e->has_type) {
            contenttype_read(&m->type, f.body);
            e->has_type = true;
        } else if (span_equal_nocase(f.name, SPAN("Content-Transfer-Encoding")) &&
                   !has_encoding) {
            e->encoding = contenttype_encoding(f.body);
            has_encoding = true;
        }
        e->has_version |= span_equal_nocase(f.name, SPAN("MIME-Version"));
    }
    judge_form(m);
    const char *why = mime_header_sealed(buf_span(&m->header), e->message);
    e->header_sealed = why != NULL;
    if (why)
        seal(e, why);
}

static bool end_header(struct mime *m, bool blank)
{
    // What stands there is no header any more.
    if (!blank && m->header.n > m->line)
        buf_put(&m->back, m->header.p + m->line, m->header.n - m->line);
    buf_cut(&m->header, m->line);
    for (size_t i = 0; i < m->header.n; i++)
        if (m->header.p[i] == '\0')
            m->header.p[i] = '?';
    m->entity.blank = blank;
    describe(m);
    m->state = MIME_AFTER_HEADER;
    return true;
}

// The header's last line is complete, or so long that it shows what it is. Whether the header
// is over.
static bool end_line(struct mime *m)
{
    struct span line = {m->header.p + m->line, m->header.n - m->line};
    bool whole = line.p[line.n - 1] == '\n';
    bool first = m->line == 0;
    if (line.n == 1 && whole)
        return end_header(m, true);
    bool field = field_name(line) || (!first && text_is_blank(line.p[0])) ||
                 (first && (span_starts_nocase(line, SPAN("From ")) ||
                            span_starts_nocase(line, SPAN(">From "))));
    if (!field || is_border(m, (struct span){line.p, line.n - whole}))
        return end_header(m, false);
    if (whole)
        m->line = m->header.n;
    return false;
}

// The message ends within the header.
static bool end_input(struct mime *m)
{
    size_t length = m->header.n - m->line;
    if (length > 0 && length < MIME_LINE_LOOK && end_line(m))
        return true;
    m->line = m->header.n;
    return end_header(m, false);
}

// Whether the header is over, or too long (`header` tells).
static bool take_header(struct mime *m, struct span *in)
{
    while (in->n) {
        const char *lf = memchr(in->p, '\n', in->n);
        size_t length = m->header.n - m->line, n = lf ? (size_t)(lf - in->p) + 1 : in->n;
        // A line that goes on and on is judged by its beginning.
        bool judged = length >= MIME_LINE_LOOK;
        if (!judged && n > MIME_LINE_LOOK - length)
            n = MIME_LINE_LOOK - length;
        buf_put(&m->header, in->p, n);
        if (m->header.over)
            return false;
        in->p += n;
        in->n -= n;
        bool whole = in->p[-1] == '\n';
        if (judged && whole)
            m->line = m->header.n;
        else if (!judged && (whole || length + n == MIME_LINE_LOOK) && end_line(m))
            return true;
    }
    if (m->ended)
        return end_input(m);
    return false;
}

// The header was given out.
static void pass_header(struct mime *m)
{
    struct mime_level *level = &m->levels[m->depth];
    buf_clear(&m->header);
    m->line = 0;
    switch (m->entity.form) {
    case MIME_MULTIPART:
        buf_clear(&level->boundary);
        buf_put_span(&level->boundary, buf_span(&m->type.boundary));
        level->digest = strcmp(m->type.name, "multipart/digest") == 0;
        m->depth++;
        begin_body(m, MIME_IN_MARGIN);
        break;
    case MIME_MESSAGE: begin_header(m, true, false); break;
    case MIME_LEAF:
    case MIME_SEALED: begin_body(m, MIME_IN_CONTENT); break;
    }
}

// ---- Bodies

// Looks whether the line that begins here is a boundary. False while it is not known; where it
// is none, `held` is to be given out.
static bool look_for_boundary(struct mime *m, struct span *in)
{
    while (in->n) {
        char c = *in->p;
        size_t length = m->held.n - m->start;
        m->looking = (length >= 2 || c == '-') && length < MIME_LINE_LOOK;
        if (!m->looking)
            return true;
        in->p++;
        in->n--;
        if (c == '\n') {
            struct span line = {m->held.p + m->start, length};
            m->looking = false;
            m->line_over = !is_border(m, line);
            if (!m->line_over) {
                buf_putc(&m->held, '\n');
                m->state = MIME_AT_BORDER;
            }
            return true;
        }
        buf_putc(&m->held, c);
    }
    if (!m->ended)
        return false;
    m->looking = false;
    if (m->held.n > m->start &&
        is_border(m, (struct span){m->held.p + m->start, m->held.n - m->start}))
        m->state = MIME_AT_BORDER;
    return true;
}

// Takes text up to an LF that may stand in front of a boundary.
static struct span take_text(struct mime *m, struct span *in)
{
    const char *end = in->p + in->n, *lf = in->p;
    struct span piece = *in;
    while (m->depth > 0 && lf < end && (lf = memchr(lf, '\n', (size_t)(end - lf)))) {
        if (lf + 1 == end || lf[1] == '-') {
            piece.n = (size_t)(lf - piece.p);
            *in = (struct span){lf + 1, (size_t)(end - lf) - 1};
            buf_putc(&m->held, '\n');
            m->start = 1;
            m->looking = true;
            return piece;
        }
        lf++;
    }
    *in = (struct span){end, 0};
    return piece;
}

// A piece of the body, empty where there is none.
static struct span take_body(struct mime *m, struct span *in)
{
    struct span none = {NULL, 0};
    for (;;) {
        if (m->looking) {
            enum mime_state state = m->state;
            if (!look_for_boundary(m, in) || m->state != state)
                return none;
            if (m->held.n) {
                m->given = true;
                return buf_span(&m->held);
            }
        }
        if (in->n == 0)
            return none;
        struct span piece = take_text(m, in);
        if (piece.n)
            return piece;
    }
}

// Forgets what was given out last.
static void forget(struct mime *m)
{
    if (m->given) {
        buf_clear(&m->held);
        m->start = 0;
        if (m->line_over) {
            buf_putc(&m->held, '\n');
            m->start = 1;
            m->looking = true;
        }
        m->given = m->line_over = false;
    }
    if (m->again_at && m->again_at == m->again.n) {
        buf_clear(&m->again);
        m->again_at = 0;
    }
}

static enum mime_event advance(struct mime *m, struct span *in, struct span *piece)
{
    bool content = m->state == MIME_IN_CONTENT;
    switch (m->state) {
    case MIME_AFTER_HEADER: pass_header(m); return advance(m, in, piece);
    case MIME_IN_HEADER:
        if (!take_header(m, in))
            return m->header.over ? MIME_BAD : MIME_MORE;
        *piece = buf_span(&m->header);
        return MIME_HEADER;
    case MIME_IN_CONTENT:
    case MIME_IN_MARGIN:
        *piece = take_body(m, in);
        if (piece->n)
            return content ? MIME_BODY : MIME_MARGIN;
        if (m->state == MIME_AT_BORDER)
            return content ? MIME_END : advance(m, in, piece);
        if (!m->ended || in->n)
            return MIME_MORE;
        m->state = MIME_OVER;
        return content ? MIME_END : MIME_MORE;
    case MIME_AT_BORDER:
        *piece = buf_span(&m->held);
        m->given = true;
        pass_border(m);
        return MIME_BORDER;
    case MIME_OVER: break;
    }
    return MIME_MORE;
}

// What was found to be no header is read before what is left of `rest`.
static void read_again(struct mime *m, struct span rest)
{
    struct buf old = m->again;
    if (m->back.n == 0)
        return;
    buf_put_span(&m->back, rest);
    m->again = m->back;
    m->again_at = 0;
    m->back = old;
    buf_clear(&m->back);
}

enum mime_event mime_next(struct mime *m, struct span *in, struct span *piece)
{
    enum mime_event event = MIME_MORE;
    *piece = (struct span){NULL, 0};
    forget(m);
    if (m->again.n > m->again_at) {
        struct span rest = {m->again.p + m->again_at, m->again.n - m->again_at};
        bool ended = m->ended;
        m->ended = false;
        event = advance(m, &rest, piece);
        m->ended = ended;
        m->again_at = m->again.n - rest.n;
        read_again(m, rest);
    }
    if (event == MIME_MORE) {
        event = advance(m, in, piece);
        read_again(m, (struct span){NULL, 0});
    }
    return event;
}
