// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "message/mime/downgrade.h"

#include <string.h>

#include "message/mime/encoded.h"
#include "message/token.h"

enum {
    WORD_MAX = 900,    // octets of a word that is left as it is
    SECTION_MAX = 54,  // columns of a section of a parameter (RFC 2231, 3)
    SECTIONS_MAX = 100 // of one parameter
};

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > 127)
            return false;
    return true;
}

static size_t column(const struct buf *out)
{
    const char *lf = out->n ? memrchr(out->p, '\n', out->n) : NULL;
    return lf ? (size_t)(out->p + out->n - lf) - 1 : out->n;
}

static bool is_space(char c)
{
    return text_is_blank(c) || c == '\n';
}

// Takes what `wanted` holds for off the start of *s.
static struct span take(struct span *s, bool (*wanted)(char))
{
    struct span taken = {s->p, 0};
    while (taken.n < s->n && wanted(s->p[taken.n]))
        taken.n++;
    s->p += taken.n;
    s->n -= taken.n;
    return taken;
}

static void put_unfolded(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n')
            buf_putc(out, s.p[i]);
}

// ---- Text

// Words of text on their way out. Blanks between two encoded words are no text (RFC 2047, 6.2),
// so those that are have to be encoded with one of the two.
struct words {
    struct buf *out;
    struct buf run;     // that is to be encoded
    struct span before; // the blanks before it
    bool after_encoded; // the last word out is an encoded one
};

static void put_blanks(struct buf *out, struct span blanks, size_t next)
{
    bool folded = blanks.n && memchr(blanks.p, '\n', blanks.n);
    if (blanks.n && !folded && column(out) + blanks.n + next > ENCODED_LINE_MAX)
        buf_putc(out, '\n');
    buf_put_span(out, blanks);
}

static void end_run(struct words *w)
{
    if (w->run.n == 0)
        return;
    buf_put_span(w->out, w->before);
    encoded_put(w->out, buf_span(&w->run), column(w->out));
    buf_clear(&w->run);
    w->after_encoded = true;
}

static void put_word(struct words *w, struct span blanks, struct span word)
{
    bool encoded = encoded_is_word(word) && is_ascii(word);
    if (!is_ascii(word) || word.n > WORD_MAX) {
        if (w->run.n == 0)
            w->before = blanks;
        if (w->run.n > 0 || w->after_encoded)
            put_unfolded(&w->run, blanks);
        buf_put_span(&w->run, word);
        return;
    }
    if (encoded && w->run.n)
        put_unfolded(&w->run, blanks);
    end_run(w);
    put_blanks(w->out, blanks, word.n);
    buf_put_span(w->out, word);
    w->after_encoded = encoded;
}

static bool is_of_word(char c)
{
    return !is_space(c);
}

static bool is_of_comment_word(char c)
{
    return !is_space(c) && c != '(' && c != ')';
}

// Appends text of words; with `comments` parentheses stand for themselves.
static void put_words(struct buf *out, struct span text, bool comments)
{
    struct words w = {.out = out, .run = BUF_INIT(HEADER_MAX)};
    while (text.n) {
        struct span blanks = take(&text, is_space);
        struct span word = take(&text, comments ? is_of_comment_word : is_of_word);
        if (word.n) {
            put_word(&w, blanks, word);
            continue;
        }
        end_run(&w);
        buf_put_span(out, blanks);
        if (text.n) {
            buf_putc(out, *text.p);
            text.p++, text.n--;
            w.after_encoded = false;
        }
    }
    end_run(&w);
    buf_free(&w.run);
}

static void put_name(struct buf *out, const struct field *f)
{
    buf_put_span(out, f->name);
    buf_putc(out, ':');
}

void downgrade_put_text(struct buf *out, const struct field *f)
{
    put_name(out, f);
    put_words(out, f->body, false);
}

// ---- Addresses

struct mailboxes {
    struct buf *out;
    struct token_reader reader;
    struct span gap; // what stands before the token in hand
    struct buf run;  // of the display name, to be encoded
    bool in_angle, after_at, after_dot, after_encoded;
};

// Whether '@' follows the word that was just read, and the words that dots join to it.
static bool at_follows(struct token_reader r)
{
    struct token t = token_next(&r);
    while (t.special == '.') {
        t = token_next(&r);
        if (t.kind == TOKEN_ATOM || t.kind == TOKEN_QUOTED)
            t = token_next(&r);
    }
    return t.special == '@';
}

static void put_unquoted(struct buf *out, const struct token *t)
{
    bool quoted = t->kind == TOKEN_QUOTED;
    for (size_t i = quoted; i + quoted < t->text.n; i++) {
        if (quoted && t->text.p[i] == '\\' && i + 2 < t->text.n)
            i++;
        if (t->text.p[i] != '\n')
            buf_putc(out, t->text.p[i]);
    }
}

static void end_name(struct mailboxes *m)
{
    if (m->run.n == 0)
        return;
    encoded_put(m->out, buf_span(&m->run), column(m->out));
    buf_clear(&m->run);
    m->after_encoded = true;
}

static void put_gap(struct mailboxes *m, size_t next)
{
    if (span_trim(m->gap).n)
        put_words(m->out, m->gap, true);
    else
        put_blanks(m->out, m->gap, next);
}

// A word of a display name beyond ASCII. Blanks between two of them go into the encoding.
static void put_name_word(struct mailboxes *m, const struct token *t)
{
    bool blank = span_trim(m->gap).n == 0;
    if (m->run.n && !blank)
        end_name(m);
    if (m->run.n == 0) {
        // An encoded word stands apart from what is before it.
        if (m->gap.n == 0 && m->out->n && !strchr(":,;>", m->out->p[m->out->n - 1]))
            buf_putc(m->out, ' ');
        put_gap(m, 0);
        if (m->after_encoded && blank)
            put_unfolded(&m->run, m->gap);
    } else {
        put_unfolded(&m->run, m->gap);
    }
    put_unquoted(&m->run, t);
}

static void put_ascii_token(struct mailboxes *m, const struct token *t)
{
    bool joined = m->run.n && t->kind == TOKEN_ENCODED && span_trim(m->gap).n == 0;
    bool crowded = m->run.n && m->gap.n == 0 && t->kind != TOKEN_END;
    if (joined)
        put_unfolded(&m->run, m->gap);
    end_name(m);
    if (crowded && !strchr(",;:", t->special ? t->special : 'x'))
        buf_putc(m->out, ' ');
    put_gap(m, t->text.n);
    buf_put_span(m->out, t->text);
    m->after_encoded = t->kind == TOKEN_ENCODED;
}

// Whether the token belongs to an address rather than to a name.
static bool is_of_address(struct mailboxes *m, const struct token *t)
{
    bool joined = m->gap.n == 0 || m->after_dot;
    if (t->special == '<')
        m->in_angle = true;
    else if (t->special == '>')
        m->in_angle = false;
    m->after_at = t->special == '@' ||
                  (m->after_at && joined && (!t->special || t->special == '.'));
    m->after_dot = t->special == '@' || t->special == '.';
    return m->in_angle || m->after_at || t->kind == TOKEN_LITERAL || at_follows(m->reader);
}

// False where a token is none, or (with `address` set) an address is not ASCII.
static bool put_mailboxes(struct mailboxes *m, bool *address)
{
    for (;;) {
        size_t before = m->reader.at;
        struct token t = token_next(&m->reader);
        if (t.kind == TOKEN_BAD)
            return false;
        m->gap = (struct span){m->reader.text.p + before,
                               (size_t)(t.text.p - m->reader.text.p) - before};
        *address = is_of_address(m, &t) && !is_ascii(t.text);
        if (*address)
            return false;
        if (is_ascii(t.text))
            put_ascii_token(m, &t);
        else
            put_name_word(m, &t);
        if (t.kind == TOKEN_END)
            return true;
    }
}

static enum downgrade_answer put_list(struct buf *out, const struct field *f)
{
    struct mailboxes m = {
        .out = out, .reader = {.text = f->body, .folded = true}, .run = BUF_INIT(HEADER_MAX)};
    size_t start = out->n;
    bool address = false;
    if (f->body.n == 0)
        return DOWNGRADE_DONE;
    put_name(out, f);
    bool good = put_mailboxes(&m, &address);
    buf_free(&m.run);
    if (!good && !address) {
        buf_cut(out, start);
        downgrade_put_text(out, f);
    }
    return address ? DOWNGRADE_ADDRESS : DOWNGRADE_DONE;
}

// ---- Parameters

static bool is_attribute(char c)
{
    return text_is_alnum(c) || (c && strchr("!#$&+-.^_`{|}~", c));
}

static void put_percent(struct buf *out, struct span *value, size_t room)
{
    size_t start = out->n;
    while (value->n && out->n - start + 3 <= room) {
        if (is_attribute(*value->p))
            buf_putc(out, *value->p);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*value->p);
        value->p++, value->n--;
    }
}

// As `name*=utf-8''%C3%A4`, in sections where that gets long.
static void put_extended(struct buf *out, struct span name, struct span value)
{
    bool sections = 3 * value.n > SECTION_MAX;
    const char *charset = encoded_is_utf8(value) ? "utf-8''" : "unknown-8bit''";
    for (size_t i = 0; value.n && i < SECTIONS_MAX; i++) {
        buf_puts(out, i ? ";\n\t" : "");
        buf_put_span(out, name);
        if (sections)
            buf_printf(out, "*%zu", i);
        buf_printf(out, "*=%s", i ? "" : charset);
        put_percent(out, &value, SECTION_MAX);
    }
}

// One parameter, without the ';' round it.
static void put_parameter(struct buf *out, struct span parameter)
{
    struct span blanks = take(&parameter, is_space), value = parameter, name;
    bool good = span_cut(&value, '=', &name) && value.p && value.n;
    buf_put_span(out, blanks);
    name = span_trim(name);
    // What stands behind a boundary may be anything; the boundary itself is not to be touched.
    good = good && !span_equal_nocase(name, SPAN("boundary"));
    for (size_t i = 0; good && i < name.n; i++)
        good = is_attribute(name.p[i]);
    if (is_ascii(parameter)) {
        buf_put_span(out, parameter);
    } else if (good && name.n) {
        struct buf plain = BUF_INIT(HEADER_MAX);
        struct span text = span_trim(value);
        bool quoted = text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"';
        put_unquoted(&plain, &(struct token){quoted ? TOKEN_QUOTED : TOKEN_ATOM, '\0', text});
        put_extended(out, name, buf_span(&plain));
        buf_free(&plain);
        if (parameter.p[parameter.n - 1] == '\n')
            buf_putc(out, '\n');
    } else {
        for (size_t i = 0; i < parameter.n; i++)
            buf_putc(out, (unsigned char)parameter.p[i] > 127 ? '?' : parameter.p[i]);
    }
}

static void put_parameters(struct buf *out, const struct field *f)
{
    struct span rest = f->body;
    put_name(out, f);
    while (rest.n) {
        size_t n = 0;
        for (bool quoted = false; n < rest.n && (quoted || rest.p[n] != ';'); n++) {
            if (rest.p[n] == '"')
                quoted = !quoted;
            else if (rest.p[n] == '\\' && quoted && n + 1 < rest.n)
                n++;
        }
        put_parameter(out, (struct span){rest.p, n});
        if (n < rest.n)
            buf_putc(out, rest.p[n++]);
        rest.p += n;
        rest.n -= n;
    }
}

// ---- All of them

enum downgrade_form downgrade_form(struct span name)
{
    static const struct {
        struct span name;
        enum downgrade_form form;
    } forms[] = {
        {SPAN_INIT("From"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Sender"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Reply-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Cc"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Resent-From"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Resent-Sender"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Resent-Reply-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Resent-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Resent-Cc"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Mail-Followup-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Mail-Reply-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Errors-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Disposition-Notification-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Return-Receipt-To"), DOWNGRADE_MAILBOXES},
        {SPAN_INIT("Content-Type"), DOWNGRADE_PARAMETERS},
        {SPAN_INIT("Content-Disposition"), DOWNGRADE_PARAMETERS},
        {SPAN_INIT("Content-Transfer-Encoding"), DOWNGRADE_PARAMETERS},
        {SPAN_INIT("Content-ID"), DOWNGRADE_RIGID},
        {SPAN_INIT("MIME-Version"), DOWNGRADE_PARAMETERS},
        {SPAN_INIT("Message-ID"), DOWNGRADE_RIGID},
        {SPAN_INIT("In-Reply-To"), DOWNGRADE_RIGID},
        {SPAN_INIT("References"), DOWNGRADE_RIGID},
        {SPAN_INIT("Date"), DOWNGRADE_RIGID},
        {SPAN_INIT("Resent-Message-ID"), DOWNGRADE_RIGID},
        {SPAN_INIT("Resent-Date"), DOWNGRADE_RIGID},
        {SPAN_INIT("Received"), DOWNGRADE_RIGID},
        {SPAN_INIT("Return-Path"), DOWNGRADE_RIGID},
        {SPAN_INIT("DKIM-Signature"), DOWNGRADE_RIGID},
        {SPAN_INIT("Authentication-Results"), DOWNGRADE_RIGID},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (span_equal_nocase(name, forms[i].name))
            return forms[i].form;
    return span_starts_nocase(name, SPAN("List-")) ? DOWNGRADE_RIGID : DOWNGRADE_TEXT;
}

enum downgrade_answer downgrade_put(struct buf *out, const struct field *f)
{
    switch (downgrade_form(f->name)) {
    case DOWNGRADE_MAILBOXES: return put_list(out, f);
    case DOWNGRADE_PARAMETERS: put_parameters(out, f); break;
    case DOWNGRADE_RIGID:
        if (!is_ascii(f->body))
            buf_puts(out, "Downgraded-");
        buf_put_span(out, f->name);
        buf_putc(out, ':');
        if (is_ascii(f->body))
            buf_put_span(out, f->body);
        else
            put_words(out, f->body, false);
        break;
    case DOWNGRADE_TEXT: downgrade_put_text(out, f); break;
    }
    return DOWNGRADE_DONE;
}
