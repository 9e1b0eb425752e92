// SPDX-License-Identifier: ISC
// links: message
// Whatever line comes in: what is taken says the same when it is written again, and its text is
// clean.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(struct buf *out, enum outcome_line kind, const struct outcome_event *e)
{
    switch (kind) {
    case OUTCOME_RECIPIENT: outcome_put_recipient(out, e->job, e->index, &e->outcome); break;
    case OUTCOME_DONE: outcome_put_done(out, e->job); break;
    case OUTCOME_SESSION: outcome_put_session(out, &e->outcome); break;
    case OUTCOME_RELAY: outcome_put_relay(out, span_of(e->outcome.text)); break;
    case OUTCOME_READY: outcome_put_ready(out); break;
    case OUTCOME_BEGUN: outcome_put_begun(out, e->job); break;
    case OUTCOME_CREDENTIAL: outcome_put_credential(out); break;
    case OUTCOME_NOTICE: outcome_put_notice(out, span_of(e->outcome.text)); break;
    case OUTCOME_STUMBLES: outcome_put_stumbles(out, e->stumbles); break;
    case OUTCOME_SILENT: outcome_put_silent(out); break;
    case OUTCOME_OCTETS: outcome_put_octets(out, e->job, e->octets); break;
    case OUTCOME_BAD: break;
    }
}

static void check_text(const char *text)
{
    struct buf clean = BUF_INIT(OUTCOME_TEXT_MAX);
    if (strlen(text) > OUTCOME_TEXT_MAX)
        abort();
    text_clean(&clean, span_of(text), OUTCOME_TEXT_MAX);
    if (strcmp(buf_str(&clean), text) != 0)
        abort();
    buf_free(&clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome_event event, again;
    struct buf line = BUF_INIT(OUTCOME_LINE_MAX);
    enum outcome_line kind = outcome_parse((struct span){(const char *)data, size}, &event);
    if (kind == OUTCOME_BAD)
        return 0;
    check_text(event.outcome.text);
    write_again(&line, kind, &event);
    if (line.over || line.n == 0 || line.p[line.n - 1] != '\n')
        abort();
    if (outcome_parse((struct span){line.p, line.n - 1}, &again) != kind ||
        again.job != event.job || again.index != event.index ||
        again.outcome.verdict != event.outcome.verdict ||
        again.outcome.scope != event.outcome.scope ||
        again.outcome.code != event.outcome.code ||
        again.outcome.doubt != event.outcome.doubt || again.stumbles != event.stumbles ||
        again.octets != event.octets ||
        memcmp(again.outcome.status, event.outcome.status, sizeof again.outcome.status) != 0 ||
        strcmp(again.outcome.text, event.outcome.text) != 0)
        abort();
    buf_free(&line);
    return 0;
}
