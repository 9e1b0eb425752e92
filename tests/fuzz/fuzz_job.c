// SPDX-License-Identifier: ISC
// links: message
// Lines of jobs: a job that is complete reads the same when it is written again, and nothing in
// it could break a command or a line.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sound(const char *text)
{
    for (; *text; text++)
        if (text_is_control(*text))
            abort();
}

static void compare(const struct job *a, const struct job *b)
{
    if (a->number != b->number || a->offset != b->offset || a->octets != b->octets ||
        a->lines != b->lines || a->eightbit != b->eightbit ||
        !span_equal(buf_span(&a->login), buf_span(&b->login)) ||
        envelope_count(&a->envelope) != envelope_count(&b->envelope) ||
        strcmp(envelope_sender(&a->envelope), envelope_sender(&b->envelope)) != 0 ||
        strcmp(envelope_options(&a->envelope), envelope_options(&b->envelope)) != 0)
        abort();
    for (size_t i = 0; i < envelope_count(&a->envelope); i++) {
        if (envelope_recipient(&a->envelope, i)->at !=
                envelope_recipient(&b->envelope, i)->at ||
            strcmp(envelope_address(&a->envelope, i), envelope_address(&b->envelope, i)) != 0 ||
            strcmp(envelope_recipient_options(&a->envelope, i),
                   envelope_recipient_options(&b->envelope, i)) != 0)
            abort();
        check_sound(envelope_address(&a->envelope, i));
        check_sound(envelope_recipient_options(&a->envelope, i));
    }
    check_sound(buf_str(&a->login));
    check_sound(envelope_sender(&a->envelope));
    check_sound(envelope_options(&a->envelope));
}

static enum job_line take_all(struct job *j, struct span text)
{
    struct span line;
    enum job_line answer = JOB_MORE;
    while (answer != JOB_BAD && answer != JOB_READY && answer != JOB_END &&
           span_cut(&text, '\n', &line))
        answer = job_parse(j, line);
    return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct job j, again;
    job_init(&j);
    if (take_all(&j, (struct span){(const char *)data, size}) == JOB_READY) {
        struct buf text = BUF_INIT(16 << 20);
        job_encode(&text, &j);
        job_init(&again);
        if (take_all(&again, buf_span(&text)) != JOB_READY)
            abort();
        compare(&j, &again);
        job_free(&again);
        buf_free(&text);
    }
    job_free(&j);
    return 0;
}
