// SPDX-License-Identifier: ISC
#include "message/bounce/digest.h"

#include "message/lines.h"

enum {
    WORDS_MAX = 4096,
    TEXT_MAX = 800, // octets of what a line repeats
};

void digest_init(struct digest *d)
{
    *d = (struct digest){.list = BUF_INIT(DIGEST_LIST_MAX + 2 * BOUNCE_LIST_MAX)};
}

void digest_free(struct digest *d)
{
    buf_free(&d->list);
}

static void put_recipient(struct buf *out, const struct block *b, size_t i)
{
    struct bounce_recipient r = {.index = i};
    struct buf words = BUF_INIT(WORDS_MAX);
    bounce_recall(b, &r);
    outcome_describe(&words, &r.outcome);
    buf_puts(out, "    <");
    text_clean(out, span_of(envelope_address(&b->envelope, i)), TEXT_MAX);
    buf_puts(out, ">\n        ");
    text_clean(out, words.n ? span_trim(buf_span(&words)) : SPAN("nothing more is known"),
               TEXT_MAX);
    buf_putc(out, '\n');
    buf_free(&words);
}

bool digest_add(struct digest *d, struct span id, const struct bounce_date *arrival,
                const struct block *b)
{
    const struct envelope *e = &b->envelope;
    struct buf *list = &d->list;
    size_t begin = list->n, more = 0;
    if (begin >= DIGEST_LIST_MAX)
        return false;
    text_clean(list, id, TEXT_MAX);
    buf_puts(list, ", from <");
    text_clean(list, span_of(envelope_sender(e)), TEXT_MAX);
    buf_puts(list, ">, arrived ");
    date_put(list, &arrival->local, arrival->offset);
    buf_puts(list, ":\n");
    for (size_t i = 0; i < envelope_count(e); i++) {
        if (envelope_recipient(e, i)->status != RECIPIENT_FAILED ||
            !bounce_is_wanted(e, i, BOUNCE_FAILED))
            continue;
        if (list->n - begin > BOUNCE_LIST_MAX)
            more++;
        else
            put_recipient(list, b, i);
    }
    if (more)
        buf_printf(list, "    and %zu more recipients\n", more);
    buf_putc(list, '\n');
    d->messages++;
    return true;
}

bool digest_put(struct buf *out, const struct digest *d, const struct bounce_facts *f)
{
    struct lines_figures figures = {0};
    lines_count(&figures, buf_span(&d->list));
    bounce_put_from(out, f->domain);
    bounce_put_to(out, f->to);
    buf_printf(out, "Subject: %zu message%s could not be delivered\nDate: ", d->messages,
               d->messages == 1 ? "" : "s");
    date_put(out, &f->now.local, f->now.offset);
    buf_puts(out, "\nMessage-ID: ");
    message_id_put(out, f->random[0], f->domain);
    buf_printf(out,
               "\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
               "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n",
               figures.eightbit ? "utf-8" : "us-ascii", figures.eightbit ? "8bit" : "7bit");
    buf_puts(out, "The mail system");
    if (f->domain.n) {
        buf_puts(out, " at ");
        text_clean(out, f->domain, TEXT_MAX);
    }
    buf_puts(out, "\ncould not deliver the messages below, and will not try again. There were\n"
                  "too many of them for a report on each.\n\n");
    buf_put_span(out, buf_span(&d->list));
    return !out->over && !d->list.over;
}
