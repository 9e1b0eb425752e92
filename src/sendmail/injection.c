// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendmail/injection.h"

#include <inttypes.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "message/fixup.h"
#include "sendmail/compose.h"

int injection_begin(struct injection *in, const struct args *args, const struct config *config,
                    const struct envelope *given, struct buf *why)
{
    *in = (struct injection){
        .args = args,
        .config = config,
        .given = given,
        .head = BUF_INIT(BLOCK_MAX + FIXUP_MAX),
        .why = why,
    };
    lines_init(&in->lines, LINES_DOT_KEEP, false);
    header_init(&in->header);
    block_init(&in->block);
    in->block.arrival = clock_wall();
    in->block.uid = (uint32_t)geteuid();
    return store_open(&in->store, config, why);
}

void injection_dots(struct injection *in, enum lines_dot dot, bool unstuff)
{
    in->lines.dot = dot;
    in->lines.unstuff = unstuff;
}

static int refuse_size(struct injection *in)
{
    in->large = true;
    return EX_DATAERR;
}

static int check_size(struct injection *in)
{
    uint64_t most = in->config->max_size;
    if (!most || in->head.n - in->block.size + in->lines.body.octets <= most)
        return 0;
    buf_printf(in->why, "the message is larger than %" PRIu64 " octets (max_size)", most);
    return refuse_size(in);
}

// Our own block, and the header as it is stored.
static int compose_head(struct injection *in)
{
    struct buf domain = BUF_INIT(1024), text = BUF_INIT(FIXUP_MAX + 1);
    // Where no config counts yet, the one that will may know better, so names stay bare.
    if (!in->config->parsed || !config_domain(in->config, &domain))
        buf_clear(&domain);
    struct compose c = {
        .args = in->args,
        .given = in->given,
        .header = &in->header,
        .domain = buf_span(&domain),
        // Without a config that counts there are none.
        .aliases = in->config->parsed ? in->config->aliases : "",
        .local_to = span_of(in->config->local_to),
        .max_recipients = in->config->max_recipients,
        .now = in->block.arrival,
    };
    int status = compose(&c, &in->block.envelope, &text, in->why);
    if (!status && !block_encode(&in->head, &in->block)) {
        buf_puts(in->why, "the recipients' addresses are too long together");
        status = EX_DATAERR;
    }
    buf_put_span(&in->head, buf_span(&text));
    buf_free(&domain);
    buf_free(&text);
    header_free(&in->header);
    return status;
}

static int begin_body(struct injection *in)
{
    in->in_body = true;
    int status = compose_head(in);
    if (!status)
        status = check_size(in);
    if (!status)
        status = store_create(&in->store, in->why);
    if (!status)
        status = store_write(&in->store, buf_span(&in->head), in->why);
    return status;
}

// Takes in what is there of the header; in->in_body is set once that is whole.
static int take_header(struct injection *in)
{
    struct span line;
    for (;;) {
        switch (lines_line(&in->lines, &line)) {
        case LINES_END: return begin_body(in);
        case LINES_MORE: return 0;
        case LINES_TEXT: break;
        }
        switch (header_push(&in->header, line)) {
        case HEADER_MORE: lines_took(&in->lines); continue;
        case HEADER_DONE: lines_took(&in->lines); return begin_body(in);
        case HEADER_BODY: return begin_body(in);
        case HEADER_LONG:
            buf_printf(in->why, "the header is longer than %d octets", HEADER_MAX);
            return refuse_size(in);
        }
    }
}

static int take_body(struct injection *in)
{
    struct span piece;
    for (;;) {
        switch (lines_body(&in->lines, &piece)) {
        case LINES_END: in->done = true; return 0;
        case LINES_MORE: return 0;
        case LINES_TEXT: break;
        }
        int status = check_size(in);
        if (!status)
            status = store_write(&in->store, piece, in->why);
        if (status)
            return status;
    }
}

static int take(struct injection *in)
{
    int status = in->in_body ? 0 : take_header(in);
    return !status && in->in_body ? take_body(in) : status;
}

// Our block in front shifts the message in its file. A first read that is shorter by as much
// makes the writes end where pages do, as the kernel likes them. A cut by more than half does
// not pay: where CRs are dropped, every piece has another length.
char *injection_room(struct injection *in, size_t *n)
{
    char *room = lines_room(&in->lines, n);
    size_t over = (size_t)(in->store.deposit.written % LINES_ROOM);
    if (over < *n / 2)
        *n -= over;
    return room;
}

int injection_grew(struct injection *in, size_t n)
{
    lines_grew(&in->lines, n);
    return take(in);
}

// What the block says of the message, now that all of it was seen.
static int write_figures(struct injection *in)
{
    struct lines_figures all = in->lines.body;
    struct block *b = &in->block;
    struct block_patch patch;
    lines_count(&all, (struct span){in->head.p + b->size, in->head.n - (size_t)b->size});
    b->octets = all.octets;
    b->lines = all.lines;
    b->longest = all.longest;
    b->eightbit = all.eightbit;
    b->nul = all.nul;
    block_patch_figures(b, &patch);
    return store_patch(&in->store, &patch, in->why);
}

static void log_queued(const struct injection *in)
{
    const struct block *b = &in->block;
    struct event e = {.kind = EVENT_QUEUED,
                      .level = LOG_INFO,
                      .id = span_of(store_id(&in->store)),
                      .uid = b->uid,
                      .sender = envelope_sender(&b->envelope),
                      .size = b->octets,
                      .recipients = envelope_count(&b->envelope)};
    diag_event(&e);
}

int injection_finish(struct injection *in)
{
    lines_end(&in->lines);
    int status = take(in);
    if (!status)
        status = write_figures(in);
    if (!status)
        status = store_publish(&in->store, in->why);
    if (!status)
        log_queued(in);
    return status;
}

void injection_free(struct injection *in)
{
    store_close(&in->store);
    lines_free(&in->lines);
    header_free(&in->header);
    block_free(&in->block);
    buf_free(&in->head);
}
