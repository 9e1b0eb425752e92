// SPDX-License-Identifier: ISC
// links: sendmail
// Any lines as the commands of a client: each is answered once, replies are sound lines, and
// what comes into the envelope is what an envelope may hold. The first octets choose what
// becomes of the messages.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/address.h"
#include "sendmail/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Returns how many replies there are, and drops them.
static unsigned take_replies(struct buf *out)
{
    struct span rest = buf_span(out), line;
    unsigned replies = 0;
    if (out->over || (out->n && out->p[out->n - 1] != '\n'))
        abort();
    while (span_cut(&rest, '\n', &line) && line.n) {
        if (line.n < 5 || line.n + 1 > SERVER_REPLY_MAX || line.p[line.n - 1] != '\r')
            abort();
        for (size_t i = 0; i < line.n - 1; i++)
            if (text_is_control(line.p[i]) || (i < 3 && !text_is_digit(line.p[i])))
                abort();
        if (line.p[3] != ' ' && line.p[3] != '-')
            abort();
        replies += line.p[3] == ' ';
    }
    buf_clear(out);
    return replies;
}

static void check_mailbox(const char *mailbox)
{
    struct buf again = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    if (address_path(&again, span_of(mailbox)) ||
        !span_equal(buf_span(&again), span_of(mailbox)))
        abort();
    buf_free(&again);
}

static void check_options(const char *options)
{
    struct span rest = span_of(options), word;
    size_t n = 0;
    for (; span_word(&rest, &word); n += word.n + 1)
        for (size_t i = 0; i < word.n; i++)
            if (word.p[i] < '!' || word.p[i] > '~')
                abort();
    if (n && n - 1 != strlen(options))
        abort();
}

static void check_envelope(const struct server *s)
{
    const struct envelope *e = &s->envelope;
    check_mailbox(envelope_sender(e));
    check_options(envelope_options(e));
    if (!s->in_mail && (envelope_count(e) || *envelope_sender(e) || *envelope_options(e)))
        abort();
    if (s->in_chunks && envelope_count(e) == 0)
        abort();
    if (s->max_recipients && envelope_count(e) > s->max_recipients)
        abort();
    for (size_t i = 0; i < envelope_count(e); i++) {
        if (!*envelope_address(e, i))
            abort();
        check_mailbox(envelope_address(e, i));
        check_options(envelope_recipient_options(e, i));
    }
}

// What became of the text that was asked for: `chance` decides.
static void take_text(struct server *s, enum server_next next, unsigned chance)
{
    if (envelope_count(&s->envelope) == 0 || s->in_chunks != (next == SERVER_CHUNK))
        abort();
    if (chance % 4 == 0)
        server_refused(s, "451 4.3.0", SPAN("no\r\n250 yes\x1b[m"));
    else if (next == SERVER_CHUNK && !s->last)
        server_took_chunk(s);
    else
        server_queued(s, "660DE1B63B3D5C00A2");
    if (take_replies(&s->out) != 1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server s;
    if (size < 2)
        return 0;
    unsigned chances = data[0];
    struct span rest = {(const char *)data + 2, size - 2}, line;
    server_init(&s, data[1] & 1 ? 1000 : 0, data[1] & 2 ? 2 : 0);
    if (take_replies(&s.out) != 1)
        abort();
    while (span_cut(&rest, '\n', &line)) {
        // A copy of its own size, so that a step behind its end is seen.
        char *copy = malloc(line.n ? line.n : 1);
        if (!copy)
            abort();
        memcpy(copy, line.p, line.n);
        enum server_next next = line.n > REQUEST_MAX
                                    ? server_long_line(&s)
                                    : server_command(&s, (struct span){copy, line.n});
        free(copy);
        unsigned replies = take_replies(&s.out);
        bool text = next == SERVER_TEXT || next == SERVER_CHUNK;
        if (replies != !text && (next != SERVER_CLOSE || replies != 2))
            abort();
        check_envelope(&s);
        if (text)
            take_text(&s, next, chances++);
        if (next == SERVER_CLOSE)
            break;
    }
    server_free(&s);
    return 0;
}
