// SPDX-License-Identifier: ISC
#include "message/job.h"

#include <inttypes.h>
#include <string.h>

#include "message/stumble.h"
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

void job_put_hello(struct buf *out, unsigned stumbles, struct span relay)
{
    buf_puts(out, JOB_HELLO);
    if (stumbles || relay.n) {
        buf_putc(out, ' ');
        stumble_put(out, stumbles);
    }
    if (relay.n) {
        buf_putc(out, ' ');
        xtext_put_field(out, relay);
    }
    buf_putc(out, '\n');
}

static bool take_relay(struct span word, char relay[JOB_RELAY_MAX + 1])
{
    struct buf text = BUF_INIT(JOB_RELAY_MAX), clean = BUF_INIT(JOB_RELAY_MAX);
    bool good = xtext_take_field(&text, word) && !text.over;
    text_clean(&clean, buf_span(&text), JOB_RELAY_MAX);
    good = good && span_equal(buf_span(&clean), buf_span(&text));
    if (good)
        memcpy(relay, buf_str(&clean), clean.n + 1);
    buf_free(&text);
    buf_free(&clean);
    return good;
}

bool job_take_hello(struct span line, unsigned *stumbles, char relay[JOB_RELAY_MAX + 1])
{
    struct span hello = SPAN(JOB_HELLO), word;
    *stumbles = 0;
    relay[0] = '\0';
    if (line.n <= hello.n + 1)
        return span_equal(line, hello);
    struct span rest = {line.p + hello.n + 1, line.n - hello.n - 1};
    line.n = hello.n;
    if (!span_equal(line, hello) || rest.p[-1] != ' ' || !span_cut(&rest, ' ', &word) ||
        !stumble_take(word, stumbles))
        return false;
    return !rest.p || take_relay(rest, relay);
}

static void put_field(struct buf *out, struct span text)
{
    buf_putc(out, ' ');
    xtext_put_field(out, text);
}

void job_encode(struct buf *out, const struct job *j)
{
    const struct envelope *e = &j->envelope;
    bool plain = !j->eightbit && !j->nul && !j->lengthy;
    buf_printf(out, "job %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s%s%s%s", j->number,
               j->offset, j->octets, j->lines, j->eightbit ? "8" : "", j->nul ? "0" : "",
               j->lengthy ? "l" : "", plain ? "-" : "");
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

// Takes the flag off the start of *flags; whether it is there.
static bool take_flag(struct span *flags, char flag)
{
    bool there = flags->n && flags->p[0] == flag;
    flags->p += there;
    flags->n -= there;
    return there;
}

static bool take_flags(struct job *j, struct span flags)
{
    if (span_equal(flags, SPAN("-")))
        return true;
    j->eightbit = take_flag(&flags, '8');
    j->nul = take_flag(&flags, '0');
    j->lengthy = take_flag(&flags, 'l');
    return flags.n == 0;
}

// The figures, login, sender and options of a `job` line.
static bool take_head(struct job *j, struct span *rest, struct buf *text)
{
    struct span flags;
    if (!take_number(rest, INT64_MAX, &j->offset) ||
        !take_number(rest, INT64_MAX, &j->octets) || !take_number(rest, INT64_MAX, &j->lines) ||
        !span_word(rest, &flags))
        return false;
    return take_flags(j, flags) && take_login(j, rest) && take_field(rest, text) &&
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
