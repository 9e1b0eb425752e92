// SPDX-License-Identifier: ISC
#include "sendoff/check/checkqueue.h"

#include <inttypes.h>
#include <sysexits.h>

#include "sendoff/check/advice.h"
#include "sendoff/check/causes.h"
#include "sendoff/queue/overview.h"

enum { TEXT_MAX = 8192 };

static void count(const struct listing *l, const struct listed *one, void *context)
{
    (void)l;
    causes_add(context, one);
}

static void tell_causes(struct checkup *c, struct causes *causes)
{
    size_t n = causes_sort(causes);
    for (size_t i = 0; i < n; i++) {
        const struct cause *cause = &causes->cause[i];
        struct buf text = BUF_INIT(TEXT_MAX);
        causes_put(&text, cause);
        const char *fix = causes_advice(cause);
        checkup_say(c, CHECKUP_NOTE, "queue", text.n ? buf_str(&text) : fix, text.n ? fix : "",
                    EX_OK);
        buf_free(&text);
    }
    if (causes->others) {
        struct buf text = BUF_INIT(TEXT_MAX);
        buf_printf(&text, "%" PRIu64 " for other reasons", causes->others);
        checkup_note(c, "queue", buf_str(&text));
        buf_free(&text);
    }
}

// Where no step fails any more, the account is tried once its pause is over.
static void tell_rest(struct checkup *c, const struct listing *l)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    const char *fix = advice_on(l->account.reply);
    if (c->failed)
        fix = "once no step fails any more, `sendoff flush` tries at once";
    buf_puts(&text, "the account rests, next try in ");
    overview_put_time(&text, l->account.not_before - l->now);
    buf_printf(&text, ", after trouble: %s", l->account.reply);
    checkup_warn(c, "queue", buf_str(&text),
                 *fix ? fix : "nothing fails now: `sendoff flush` tries at once");
    buf_free(&text);
}

void checkqueue(struct checkup *c, const struct config *config)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct causes causes = {0};
    struct listing l;
    if (listing_run(&l, config, count, &causes, &text)) {
        checkup_fail(c, "queue", buf_str(&text), "", EX_CONFIG);
    } else {
        overview_put_sum(&text, &l);
        buf_cut(&text, span_trim(buf_span(&text)).n);
        checkup_pass(c, "queue", buf_str(&text));
        tell_causes(c, &causes);
        if (l.resting)
            tell_rest(c, &l);
    }
    buf_free(&text);
}
