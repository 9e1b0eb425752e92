// SPDX-License-Identifier: ISC
#include "message/job.h"

#include <inttypes.h>

#include "message/xtext.h"

void job_init(struct job *j)
{
    *j = (struct job){.login = BUF_INIT(JOB_LOGIN_MAX)};
    envelope_init(&j->envelope);
}

void job_free(struct job *j)
{
    buf_free(&j->login);
    envelope_free(&j->envelope);
}

void job_set_login(struct job *j, struct span login)
{
    buf_clear(&j->login);
    text_clean(&j->login, login, JOB_LOGIN_MAX);
}

static void put_field(struct buf *out, struct span text)
{
    buf_putc(out, ' ');
    xtext_put_field(out, text);
}

void job_encode(struct buf *out, const struct job *j)
{
    const struct envelope *e = &j->envelope;
    buf_printf(out, "job %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s", j->number,
               j->offset, j->octets, j->lines, j->eightbit ? "8" : "-");
    put_field(out, buf_span(&j->login));
    put_field(out, span_of(envelope_sender(e)));
    put_field(out, span_of(envelope_options(e)));
    buf_putc(out, '\n');
    for (size_t i = 0; i < envelope_count(e); i++) {
        buf_printf(out, "to %" PRIu32 " %zu", j->number, envelope_recipient(e, i)->at);
        put_field(out, span_of(envelope_address(e, i)));
        put_field(out, span_of(envelope_recipient_options(e, i)));
        buf_putc(out, '\n');
    }
    buf_printf(out, "go %" PRIu32 "\n", j->number);
}

static bool take_number(struct span *rest, uint64_t max, uint64_t *value)
{
    struct span word;
    return span_word(rest, &word) && text_number(word, max, value);
}

static bool take_field(struct span *rest, struct buf *text)
{
    struct span word;
    buf_clear(text);
    return span_word(rest, &word) && xtext_take_field(text, word);
}

static bool take_login(struct job *j, struct span *rest)
{
    if (!take_field(rest, &j->login) || j->login.over)
        return false;
    for (size_t i = 0; i < j->login.n; i++)
        if (text_is_control(j->login.p[i]))
            return false;
    return true;
}

// The figures, login, sender and options of a `job` line.
static bool take_head(struct job *j, struct span *rest, struct buf *text)
{
    struct span flags;
    if (!take_number(rest, INT64_MAX, &j->offset) ||
        !take_number(rest, INT64_MAX, &j->octets) || !take_number(rest, INT64_MAX, &j->lines) ||
        !span_word(rest, &flags))
        return false;
    j->eightbit = span_equal(flags, SPAN("8"));
    if (!j->eightbit && !span_equal(flags, SPAN("-")))
        return false;
    return take_login(j, rest) && take_field(rest, text) &&
           envelope_set_sender(&j->envelope, buf_span(text)) && take_field(rest, text) &&
           envelope_set_options(&j->envelope, buf_span(text));
}

static bool take_recipient(struct job *j, struct span *rest, struct buf *address,
                           struct buf *options)
{
    uint64_t index;
    size_t before = envelope_count(&j->envelope);
    if (!take_number(rest, UINT32_MAX, &index) || !take_field(rest, address) ||
        !take_field(rest, options))
        return false;
    if (!envelope_add(&j->envelope, buf_span(address), buf_span(options)) ||
        envelope_count(&j->envelope) == before)
        return false;
    envelope_recipient(&j->envelope, before)->at = (size_t)index;
    return true;
}

static enum job_line parse(struct job *j, struct span line, struct buf *one, struct buf *two)
{
    struct span rest = line, kind, extra;
    uint64_t number;
    enum job_line answer = JOB_BAD;
    if (!span_word(&rest, &kind))
        return JOB_BAD;
    if (span_equal(kind, SPAN("end")))
        return !j->number && !span_word(&rest, &extra) ? JOB_END : JOB_BAD;
    if (!take_number(&rest, UINT32_MAX, &number) || number == 0)
        return JOB_BAD;
    if (span_equal(kind, SPAN("job")) && j->number == 0) {
        j->number = (uint32_t)number;
        answer = take_head(j, &rest, one) ? JOB_BEGUN : JOB_BAD;
    } else if (number == j->number && span_equal(kind, SPAN("to"))) {
        answer = take_recipient(j, &rest, one, two) ? JOB_MORE : JOB_BAD;
    } else if (number == j->number && span_equal(kind, SPAN("go"))) {
        answer = envelope_count(&j->envelope) ? JOB_READY : JOB_BAD;
    }
    return span_word(&rest, &extra) ? JOB_BAD : answer;
}

enum job_line job_parse(struct job *j, struct span line)
{
    struct buf one = BUF_INIT(JOB_LINE_MAX), two = BUF_INIT(JOB_LINE_MAX);
    enum job_line answer = parse(j, line, &one, &two);
    buf_free(&one);
    buf_free(&two);
    return answer;
}
