// SPDX-License-Identifier: ISC
#include "message/envelope.h"

#include <string.h>

enum {
    TEXT_MAX = 64 * 1024 * 1024,
    SLOTS_FIRST = 64,
};

void envelope_init(struct envelope *e)
{
    *e = (struct envelope){
        .text = BUF_INIT(TEXT_MAX),
        .list = BUF_INIT(ENVELOPE_RECIPIENTS_MAX * sizeof(struct recipient)),
        .slots = BUF_INIT(4 * ENVELOPE_RECIPIENTS_MAX * sizeof(uint32_t)),
    };
    buf_put(&e->text, "", 1); // offset 0 is the empty string
}

void envelope_free(struct envelope *e)
{
    buf_free(&e->text);
    buf_free(&e->list);
    buf_free(&e->slots);
}

static bool is_sound(struct span s, size_t max)
{
    if (s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (text_is_control(s.p[i]))
            return false;
    return true;
}

// Keeps a copy of s and says where it begins; false where there is no room.
static bool keep(struct envelope *e, struct span s, size_t *where)
{
    if (s.n == 0) {
        *where = 0;
        return true;
    }
    size_t at = e->text.n;
    char *room = buf_room(&e->text, s.n + 1);
    if (!room)
        return false;
    memcpy(room, s.p, s.n);
    room[s.n] = '\0';
    buf_grew(&e->text, s.n + 1);
    *where = at;
    return true;
}

bool envelope_set_sender(struct envelope *e, struct span mailbox)
{
    return is_sound(mailbox, ENVELOPE_ADDRESS_MAX) && keep(e, mailbox, &e->sender);
}

bool envelope_set_options(struct envelope *e, struct span options)
{
    return is_sound(options, ENVELOPE_OPTIONS_MAX) && keep(e, options, &e->options);
}

static size_t local_length(struct span mailbox)
{
    size_t n = mailbox.n;
    while (n && mailbox.p[n - 1] != '@')
        n--;
    return n;
}

bool envelope_same(struct span a, struct span b)
{
    size_t local = local_length(a);
    if (a.n != b.n || local != local_length(b))
        return false;
    if (local == 0)
        return span_equal(a, b);
    return span_equal((struct span){a.p, local}, (struct span){b.p, local}) &&
           span_equal_nocase((struct span){a.p + local, a.n - local},
                             (struct span){b.p + local, b.n - local});
}

// FNV-1a over the mailbox with its domain in lower case, so that equal mailboxes hash alike and
// those that differ in the case of their local parts do not.
static uint32_t hash(struct span mailbox)
{
    size_t local = local_length(mailbox);
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < mailbox.n; i++) {
        char c = i < local ? mailbox.p[i] : text_lower(mailbox.p[i]);
        h = (h ^ (unsigned char)c) * 16777619U;
    }
    return h;
}

// The slot where the mailbox stands, or the free one where it would.
static uint32_t *find_slot(const struct envelope *e, struct span mailbox)
{
    uint32_t *slots = (uint32_t *)(void *)e->slots.p;
    size_t count = e->slots.n / sizeof *slots;
    size_t i = hash(mailbox) % count;
    while (slots[i] && !envelope_same(span_of(envelope_address(e, slots[i] - 1)), mailbox))
        i = (i + 1) % count;
    return &slots[i];
}

// Keeps at least half of the table free. False where there is no room.
static bool grow_slots(struct envelope *e)
{
    size_t count = e->slots.n / sizeof(uint32_t);
    size_t used = envelope_count(e);
    if (count && used < count / 2)
        return true;
    count = count ? count * 2 : SLOTS_FIRST;
    buf_clear(&e->slots);
    char *room = buf_room(&e->slots, count * sizeof(uint32_t));
    if (!room)
        return false;
    memset(room, 0, count * sizeof(uint32_t));
    buf_grew(&e->slots, count * sizeof(uint32_t));
    for (size_t i = 0; i < used; i++)
        *find_slot(e, span_of(envelope_address(e, i))) = (uint32_t)i + 1;
    return true;
}

bool envelope_add(struct envelope *e, struct span mailbox, struct span options)
{
    struct recipient r = {.status = RECIPIENT_WAITING};
    if (!is_sound(mailbox, ENVELOPE_ADDRESS_MAX) || !is_sound(options, ENVELOPE_OPTIONS_MAX))
        return false;
    if (envelope_count(e) == ENVELOPE_RECIPIENTS_MAX || !grow_slots(e))
        return false;
    uint32_t *slot = find_slot(e, mailbox);
    if (*slot)
        return true;
    if (!keep(e, mailbox, &r.address) || !keep(e, options, &r.options))
        return false;
    buf_put(&e->list, &r, sizeof r);
    *slot = (uint32_t)envelope_count(e);
    return true;
}

const char *envelope_sender(const struct envelope *e)
{
    return e->text.p + e->sender;
}

const char *envelope_options(const struct envelope *e)
{
    return e->text.p + e->options;
}

size_t envelope_count(const struct envelope *e)
{
    return e->list.n / sizeof(struct recipient);
}

struct recipient *envelope_recipient(const struct envelope *e, size_t i)
{
    return (struct recipient *)(void *)e->list.p + i;
}

const char *envelope_address(const struct envelope *e, size_t i)
{
    return e->text.p + envelope_recipient(e, i)->address;
}

const char *envelope_recipient_options(const struct envelope *e, size_t i)
{
    return e->text.p + envelope_recipient(e, i)->options;
}

size_t envelope_waiting(const struct envelope *e)
{
    size_t waiting = 0;
    for (size_t i = 0; i < envelope_count(e); i++)
        waiting += envelope_recipient(e, i)->status == RECIPIENT_WAITING;
    return waiting;
}
