// SPDX-License-Identifier: ISC
#include "message/outcome.h"

#include <inttypes.h>
#include <string.h>

#include "message/stumble.h"
#include "message/xtext.h"

static const char *const verdict_words[] = {[VERDICT_DELIVERED] = "delivered",
                                            [VERDICT_DEFERRED] = "deferred",
                                            [VERDICT_FAILED] = "failed"};
static const char *const scope_words[] = {
    [SCOPE_RECIPIENT] = "recipient", [SCOPE_MESSAGE] = "message", [SCOPE_SESSION] = "session"};

void outcome_text(struct outcome *o, struct span text)
{
    struct buf clean = BUF_INIT(OUTCOME_TEXT_MAX);
    text_clean(&clean, span_trim(text), OUTCOME_TEXT_MAX);
    buf_cut(&clean, span_trim(buf_span(&clean)).n); // the cut may have left a blank at the end
    memcpy(o->text, buf_str(&clean), clean.n + 1);
    buf_free(&clean);
}

void outcome_describe(struct buf *out, const struct outcome *o)
{
    if (o->doubt)
        buf_puts(out, "in doubt: ");
    if (o->code) {
        struct buf codes = BUF_INIT(64);
        buf_printf(&codes, "%u %u.%u.%u ", o->code, o->status[0], o->status[1], o->status[2]);
        if (!span_find_nocase(span_of(o->text), buf_span(&codes)))
            buf_put_span(out, buf_span(&codes));
        buf_free(&codes);
    }
    buf_puts(out, o->text);
}

static void put_verdict(struct buf *out, const struct outcome *o)
{
    buf_printf(out, " %s %s %u %u.%u.%u %s ", verdict_words[o->verdict], scope_words[o->scope],
               o->code, o->status[0], o->status[1], o->status[2], o->doubt ? "doubt" : "sure");
    xtext_put_field(out, span_of(o->text));
    buf_putc(out, '\n');
}

// RFC 3463, 3.5: X.4.4, unable to route.
bool outcome_is_barred(const struct outcome *o)
{
    return o->scope == SCOPE_SESSION && !o->code && o->status[1] == 4 && o->status[2] == 4;
}

void outcome_put_recipient(struct buf *out, uint32_t job, uint32_t index,
                           const struct outcome *o)
{
    buf_printf(out, "recipient %u %u", job, index);
    put_verdict(out, o);
}

void outcome_put_done(struct buf *out, uint32_t job)
{
    buf_printf(out, "done %u\n", job);
}

void outcome_put_session(struct buf *out, const struct outcome *o)
{
    buf_puts(out, "session");
    put_verdict(out, o);
}

void outcome_put_relay(struct buf *out, struct span relay)
{
    buf_puts(out, "relay ");
    xtext_put_field(out, relay);
    buf_putc(out, '\n');
}

void outcome_put_ready(struct buf *out)
{
    buf_puts(out, "ready\n");
}

void outcome_put_begun(struct buf *out, uint32_t job)
{
    buf_printf(out, "begun %u\n", job);
}

void outcome_put_credential(struct buf *out)
{
    buf_puts(out, "credential\n");
}

void outcome_put_notice(struct buf *out, struct span text)
{
    buf_puts(out, "notice ");
    xtext_put_field(out, text);
    buf_putc(out, '\n');
}

void outcome_put_stumbles(struct buf *out, unsigned set)
{
    buf_puts(out, "stumbles ");
    stumble_put(out, set);
    buf_putc(out, '\n');
}

void outcome_put_silent(struct buf *out)
{
    buf_puts(out, "silent\n");
}

void outcome_put_octets(struct buf *out, uint32_t job, uint64_t octets)
{
    buf_printf(out, "octets %" PRIu32 " %" PRIu64 "\n", job, octets);
}

static bool take_word(struct span *rest, const char *const *words, size_t count, size_t *which)
{
    struct span word;
    if (!span_word(rest, &word))
        return false;
    for (*which = 0; *which < count; ++*which)
        if (span_equal(word, span_of(words[*which])))
            return true;
    return false;
}

static bool take_number(struct span *rest, uint64_t max, uint64_t *value)
{
    struct span word;
    return span_word(rest, &word) && text_number(word, max, value);
}

bool outcome_take_status(struct span word, uint16_t status[3])
{
    for (int i = 0; i < 3; i++) {
        struct span part;
        uint64_t value;
        if (!span_cut(&word, '.', &part) || !text_number(part, i ? 999 : 5, &value))
            return false;
        status[i] = (uint16_t)value;
    }
    return word.p == NULL;
}

static bool take_text(struct span *rest, struct outcome *o)
{
    struct buf plain = BUF_INIT(OUTCOME_LINE_MAX);
    struct span word;
    bool good = span_word(rest, &word) && xtext_take_field(&plain, word);
    if (good)
        outcome_text(o, buf_span(&plain));
    buf_free(&plain);
    return good;
}

static bool take_verdict(struct span *rest, struct outcome *o)
{
    static const char *const doubt_words[] = {"sure", "doubt"};
    size_t verdict, scope, doubt;
    uint64_t code;
    struct span status;
    if (!take_word(rest, verdict_words, 3, &verdict) ||
        !take_word(rest, scope_words, 3, &scope))
        return false;
    if (!take_number(rest, 999, &code) || !span_word(rest, &status) ||
        !outcome_take_status(status, o->status) || !take_word(rest, doubt_words, 2, &doubt))
        return false;
    o->verdict = (enum verdict)verdict;
    o->scope = (enum scope)scope;
    o->code = (uint16_t)code;
    o->doubt = doubt == 1;
    return take_text(rest, o);
}

static bool take_job(struct span *rest, uint32_t *job)
{
    uint64_t value;
    if (!take_number(rest, UINT32_MAX, &value))
        return false;
    *job = (uint32_t)value;
    return true;
}

static bool take_stumbles(struct span *rest, struct outcome_event *event)
{
    struct span word;
    return span_word(rest, &word) && stumble_take(word, &event->stumbles);
}

enum outcome_line outcome_parse(struct span line, struct outcome_event *event)
{
    static const char *const kinds[] = {
        [OUTCOME_RECIPIENT] = "recipient",   [OUTCOME_DONE] = "done",
        [OUTCOME_SESSION] = "session",       [OUTCOME_RELAY] = "relay",
        [OUTCOME_READY] = "ready",           [OUTCOME_BEGUN] = "begun",
        [OUTCOME_CREDENTIAL] = "credential", [OUTCOME_NOTICE] = "notice",
        [OUTCOME_STUMBLES] = "stumbles",     [OUTCOME_SILENT] = "silent",
        [OUTCOME_OCTETS] = "octets",
    };
    struct span rest = line, extra;
    size_t kind;
    bool good = false;
    *event = (struct outcome_event){0};
    if (!take_word(&rest, kinds, OUTCOME_BAD, &kind))
        return OUTCOME_BAD;
    switch ((enum outcome_line)kind) {
    case OUTCOME_RECIPIENT:
        good = take_job(&rest, &event->job) && take_job(&rest, &event->index) &&
               take_verdict(&rest, &event->outcome);
        break;
    case OUTCOME_DONE:
    case OUTCOME_BEGUN: good = take_job(&rest, &event->job); break;
    case OUTCOME_SESSION: good = take_verdict(&rest, &event->outcome); break;
    case OUTCOME_RELAY:
    case OUTCOME_NOTICE: good = take_text(&rest, &event->outcome); break;
    case OUTCOME_STUMBLES: good = take_stumbles(&rest, event); break;
    case OUTCOME_OCTETS:
        good = take_job(&rest, &event->job) && take_number(&rest, UINT64_MAX, &event->octets);
        break;
    case OUTCOME_SILENT:
    case OUTCOME_READY:
    case OUTCOME_CREDENTIAL: good = true; break;
    case OUTCOME_BAD: break;
    }
    return good && !span_word(&rest, &extra) ? (enum outcome_line)kind : OUTCOME_BAD;
}
