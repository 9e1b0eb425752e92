// SPDX-License-Identifier: ISC
#include "submit/mail/recast.h"

#include "message/parameter.h"
#include "smtp/command.h"

enum { RECAST_PIECE = 8192 }; // octets converted at once

static const char changed[] = "changed while it was read";

void recast_init(struct recast *r)
{
    *r = (struct recast){.out = BUF_INIT(CONVERT_HEADER_MAX + 8 * RECAST_PIECE)};
    header_init(&r->header);
}

void recast_free(struct recast *r)
{
    if (r->on)
        convert_free(&r->convert);
    r->on = false;
    header_free(&r->header);
    buf_free(&r->out);
}

// ---- What the server takes

// Whether the message is one for SMTPUTF8 anyway: it was handed in as such, or somebody has an
// address beyond ASCII.
static bool is_international(const struct job *job)
{
    const struct envelope *e = &job->envelope;
    struct span value;
    bool found = parameter_find(envelope_options(e), SPAN("SMTPUTF8"), &value) ||
                 !command_is_ascii(span_of(envelope_sender(e)));
    for (size_t i = 0; !found && i < envelope_count(e); i++)
        found = !command_is_ascii(span_of(envelope_address(e, i)));
    return found;
}

// A header beyond ASCII needs both (RFC 6531, 3.1).
static bool offers_utf8(const struct smtp *s, unsigned without)
{
    return smtp_offers(s, EHLO_SMTPUTF8, without) && smtp_offers(s, EHLO_8BITMIME, without);
}

static struct convert_target target_of(const struct smtp *s, const struct job *job,
                                       unsigned without)
{
    return (struct convert_target){
        .eightbit = smtp_offers(s, EHLO_8BITMIME, without),
        .utf8 = offers_utf8(s, without) && is_international(job),
        .binary = smtp_chunks(s) && smtp_offers(s, EHLO_BINARYMIME, without),
    };
}

static enum recast_answer refuse(struct outcome *o, enum convert_answer answer, const char *why)
{
    *o = (struct outcome){
        .verdict = VERDICT_FAILED, .scope = SCOPE_MESSAGE, .status = {5, 6, 3}};
    if (answer == CONVERT_NEEDS_UTF8)
        o->status[2] = 7;
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
    buf_printf(&text, "%s, and the smarthost does not offer %s", why,
               answer == CONVERT_NEEDS_UTF8 ? "SMTPUTF8" : "what it needs");
    outcome_text(o, buf_span(&text));
    buf_free(&text);
    return RECAST_REFUSED;
}

// ---- Headers alone

static uint64_t size_on_wire(struct span text)
{
    uint64_t size = text.n;
    for (size_t i = 0; i < text.n; i++)
        size += text.p[i] == '\n';
    return size;
}

// The header, whether or not the sender policy has replaced it; *size is what it has on the
// wire, with the empty line behind it.
static bool take_header(struct recast *r, struct source *source, uint64_t *size)
{
    struct header *h = &r->header;
    buf_clear(&h->text);
    h->open = h->skip = false;
    if (source->head.n == 0)
        return source_header(source, h, size);
    h->text.max = CONVERT_HEADER_MAX;
    buf_put(&h->text, source->head.p, source->head.n - 1);
    *size = size_on_wire(buf_span(&source->head));
    return true;
}

// The body goes out as it is.
static enum recast_answer recast_header(struct recast *r, struct source *source,
                                        struct convert_target *target, bool can_utf8,
                                        struct smtp_message *m, struct outcome *why)
{
    uint64_t mark = source_mark(source), old;
    const char *reason = "";
    if (!take_header(r, source, &old))
        return RECAST_FILE;
    struct span text = buf_span(&r->header.text);
    if (command_is_ascii(text))
        return source_rewind(source, mark) ? RECAST_READY : RECAST_FILE;
    buf_clear(&r->out);
    enum convert_answer answer = convert_header(&r->out, text, target, &reason);
    if (answer == CONVERT_NEEDS_UTF8 && can_utf8) {
        target->utf8 = true;
        buf_clear(&r->out);
        answer = convert_header(&r->out, text, target, &reason);
    }
    if (answer != CONVERT_FIT)
        return refuse(why, answer, reason);
    buf_clear(&source->head);
    buf_put_span(&source->head, buf_span(&r->out));
    buf_putc(&source->head, '\n');
    buf_clear(&r->out);
    m->size = (m->size > old ? m->size - old : 0) + size_on_wire(buf_span(&source->head));
    m->utf8 = target->utf8;
    return RECAST_READY;
}

// ---- All of it

static enum source_answer survey(struct recast *r, struct source *source)
{
    struct span piece;
    enum source_answer answer;
    while ((answer = source_next(source, RECAST_PIECE, &piece)) == SOURCE_PIECE)
        convert_survey(&r->convert, piece);
    return answer;
}

static void start(struct recast *r)
{
    convert_begin(&r->convert);
    buf_clear(&r->out);
    r->given = 0;
    r->made = 0;
    r->last = '\n';
    r->written = false;
}

static void count(struct recast *r)
{
    if (r->out.n == 0)
        return;
    r->made += size_on_wire(buf_span(&r->out));
    r->last = r->out.p[r->out.n - 1];
}

// Converts the next piece into an empty `out`.
static enum source_answer write_next(struct recast *r, struct source *source)
{
    struct span piece;
    enum source_answer answer = source_next(source, RECAST_PIECE, &piece);
    bool good = true;
    buf_clear(&r->out);
    r->given = 0;
    if (answer == SOURCE_PIECE) {
        good = convert_write(&r->convert, &r->out, piece);
    } else if (answer == SOURCE_END) {
        r->written = true;
        good = convert_end(&r->convert, &r->out);
    }
    count(r);
    // The end of the last line is added on the wire.
    if (r->written && r->last != '\n')
        r->made += 2;
    if (good)
        return answer;
    source_spoil(source, changed);
    return SOURCE_BAD;
}

// How large it becomes, and what is in it.
static enum source_answer measure(struct recast *r, struct source *source,
                                  struct smtp_message *m)
{
    enum source_answer answer;
    m->eightbit = false;
    start(r);
    do {
        answer = write_next(r, source);
        m->eightbit |= !command_is_ascii(buf_span(&r->out));
    } while (answer == SOURCE_PIECE);
    m->size = r->size = r->made;
    return answer;
}

static enum recast_answer recast_all(struct recast *r, struct source *source,
                                     struct convert_target *target, bool can_utf8,
                                     struct smtp_message *m, struct outcome *why)
{
    uint64_t mark = source_mark(source);
    enum convert_answer answer;
    for (;;) {
        convert_init(&r->convert, target);
        r->on = true;
        if (survey(r, source) != SOURCE_END || !source_rewind(source, mark))
            return RECAST_FILE;
        answer = convert_decide(&r->convert);
        if (answer != CONVERT_NEEDS_UTF8 || !can_utf8 || target->utf8)
            break;
        convert_free(&r->convert);
        target->utf8 = true;
    }
    if (answer != CONVERT_FIT)
        return refuse(why, answer, r->convert.why);
    m->binary = r->convert.binary;
    m->utf8 = target->utf8;
    if (measure(r, source, m) != SOURCE_END || !source_rewind(source, mark))
        return RECAST_FILE;
    start(r);
    return RECAST_READY;
}

enum recast_answer recast_begin(struct recast *r, struct source *source, const struct job *job,
                                const struct smtp *s, struct smtp_message *m,
                                struct outcome *why)
{
    struct convert_target target = target_of(s, job, m->without);
    bool can_utf8 = offers_utf8(s, m->without);
    if (r->on)
        convert_free(&r->convert);
    r->on = false;
    m->eightbit = job->eightbit;
    m->binary = m->utf8 = false;
    if (!job->eightbit && !job->nul && !job->lengthy)
        return RECAST_READY;
    if (target.eightbit && !job->nul && !job->lengthy)
        return recast_header(r, source, &target, can_utf8, m, why);
    return recast_all(r, source, &target, can_utf8, m, why);
}

enum source_answer recast_next(struct recast *r, struct source *source, size_t most,
                               struct span *piece)
{
    enum source_answer answer = SOURCE_PIECE;
    if (!r->on)
        return source_next(source, most, piece);
    *piece = (struct span){NULL, 0};
    while (r->given == r->out.n && answer == SOURCE_PIECE)
        answer = r->written ? SOURCE_END : write_next(r, source);
    if (r->written && r->made != r->size) {
        source_spoil(source, changed);
        return SOURCE_BAD;
    }
    if (r->given == r->out.n || answer == SOURCE_BAD)
        return answer;
    size_t n = r->out.n - r->given;
    if (n > most)
        n = most;
    *piece = (struct span){r->out.p + r->given, n};
    r->given += n;
    return SOURCE_PIECE;
}
