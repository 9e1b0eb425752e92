// SPDX-License-Identifier: ISC
#include "submit/line/reasons.h"

#include <stdbool.h>
#include <string.h>

#include "submit/trouble.h"

static const struct span between = SPAN_INIT("; "), cut_mark = SPAN_INIT("...");

void reasons_add(struct reasons *r, const struct outcome *o)
{
    r->list[r->n < REASONS_MOST ? r->n++ : REASONS_MOST - 1] = *o;
}

// Those that count.
static size_t choose(const struct reasons *r, const struct outcome *chosen[REASONS_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (!trouble_is(&r->list[i], TROUBLE_ROUTE))
            chosen[n++] = &r->list[i];
    if (!n && r->n) // then they all say the same
        chosen[n++] = &r->list[r->n - 1];
    return n;
}

// What all take where none may take more than `most`.
static size_t sum_up(const struct outcome *const *chosen, size_t n, size_t most)
{
    size_t all = (n - 1) * between.n;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(chosen[i]->text);
        all += length < most ? length : most;
    }
    return all;
}

void reasons_tell(const struct reasons *r, struct outcome *o)
{
    const struct outcome *chosen[REASONS_MOST];
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
    size_t n = choose(r, chosen), most = OUTCOME_TEXT_MAX;
    if (n == 0)
        return;
    while (sum_up(chosen, n, most) > OUTCOME_TEXT_MAX)
        most--;
    for (size_t i = 0; i < n; i++) {
        struct span one = span_of(chosen[i]->text);
        bool cut = one.n > most;
        if (i)
            buf_put_span(&text, between);
        buf_put_span(&text, (struct span){one.p, cut ? most - cut_mark.n : one.n});
        if (cut)
            buf_put_span(&text, cut_mark);
    }
    *o = *chosen[n - 1];
    outcome_text(o, buf_span(&text));
    buf_free(&text);
}
