// SPDX-License-Identifier: ISC
#include "submit/line/srv.h"

#include <string.h>

enum { // RFC 1035, 3.2 and 4.1; RFC 2782
    HEADER_OCTETS = 12,
    FLAG_ANSWER = 0x8000,
    FLAG_CUT = 0x0200,
    RCODE_MASK = 0x000f,
    CLASS_IN = 1,
    TYPE_MX = 15,
    TYPE_SRV = 33,
    MX_FIXED = 2,  // octets before the target
    SRV_FIXED = 6, // likewise
    LABEL_MAX = 63,
    POINTER = 0xc0,
    HOPS_MAX = 32 // of pointers within one name: each has to lead somewhere
};

// Where we are in the message; `bad` once something did not fit.
struct cursor {
    struct span message;
    size_t at;
    bool bad;
};

static uint8_t take_octet(struct cursor *c)
{
    if (c->bad || c->at >= c->message.n) {
        c->bad = true;
        return 0;
    }
    return (uint8_t)c->message.p[c->at++];
}

static uint16_t take_16(struct cursor *c)
{
    unsigned high = take_octet(c);
    return (uint16_t)(high << 8 | take_octet(c));
}

static void skip(struct cursor *c, size_t n)
{
    c->bad |= n > c->message.n - c->at;
    if (!c->bad)
        c->at += n;
}

// ---- Names

// Adds a label and a dot. Only what a host's name is made of is let in.
static bool put_label(struct cursor *c, char *to, size_t *n, size_t length)
{
    if (c->message.n - c->at < length || *n + length + 1 > SRV_NAME_MAX + 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        char letter = c->message.p[c->at++];
        if (!text_is_alnum(letter) && letter != '_' && (letter != '-' || i == 0))
            return false;
        to[(*n)++] = letter;
    }
    to[(*n)++] = '.';
    return true;
}

// Reads the name at the cursor, with what pointers lead to. The root is "". Whether it is a
// host's name; the cursor is behind it, unless it is cut off.
static bool take_name(struct cursor *c, char to[SRV_NAME_MAX + 2])
{
    size_t n = 0, behind = 0;
    struct cursor walk = *c;
    bool host = true;
    for (unsigned hops = 0; hops < HOPS_MAX;) {
        size_t length = take_octet(&walk);
        if (walk.bad || length == 0)
            break;
        if (length >= POINTER) {
            size_t where = (length & ~(size_t)POINTER) << 8 | take_octet(&walk);
            behind = behind ? behind : walk.at;
            walk.at = where;
            hops++;
        } else if (length > LABEL_MAX || !put_label(&walk, to, &n, length)) {
            host = false;
            break;
        }
        walk.bad |= hops == HOPS_MAX;
    }
    c->bad |= walk.bad;
    c->at = behind ? behind : walk.at;
    to[n ? n - 1 : 0] = '\0';
    return host && !walk.bad;
}

// Steps over a name: labels up to the root, or to the first pointer.
static void skip_name(struct cursor *c)
{
    for (;;) {
        size_t length = take_octet(c);
        if (length >= POINTER)
            (void)take_octet(c);
        if (c->bad || length == 0 || length >= POINTER)
            return;
        c->bad |= length > LABEL_MAX;
        skip(c, length);
    }
}

// ---- Records

// What is asked for, and found so far.
struct search {
    unsigned type;
    bool implicit; // of the service asked for
    struct srv_list list;
};

static void take_target(struct cursor *c, struct search *s, struct srv_record *r, bool usable)
{
    char name[SRV_NAME_MAX + 2];
    struct srv_list *list = &s->list;
    if (!take_name(c, name) || c->bad)
        return;
    list->refused |= !name[0];
    if (!name[0] || !usable || list->n == SRV_MOST)
        return;
    memcpy(r->target, name, strlen(name) + 1);
    list->record[list->n++] = *r;
}

static void take_data(struct cursor c, struct search *s)
{
    struct srv_record r = {.implicit = s->implicit, .priority = take_16(&c)};
    if (s->type == TYPE_SRV) {
        r.weight = take_16(&c);
        r.port = take_16(&c);
    }
    take_target(&c, s, &r, s->type == TYPE_MX || r.port);
}

static void take_record(struct cursor *c, struct search *s)
{
    size_t fixed = s->type == TYPE_SRV ? SRV_FIXED : MX_FIXED;
    skip_name(c);
    uint16_t type = take_16(c), class = take_16(c);
    skip(c, 4); // how long it holds: longer than we live
    size_t length = take_16(c);
    struct cursor data = *c;
    skip(c, length);
    if (c->bad || type != s->type || class != CLASS_IN || length <= fixed)
        return;
    data.message.n = c->at;
    take_data(data, s);
}

static bool parse(struct search *s, struct span message)
{
    struct cursor c = {.message = message};
    (void)take_16(&c); // the resolver has compared the number
    unsigned flags = take_16(&c), questions = take_16(&c), answers = take_16(&c);
    skip(&c, 4);
    if (!(flags & FLAG_ANSWER) || flags & FLAG_CUT || flags & RCODE_MASK)
        return false;
    for (; !c.bad && questions; questions--) {
        skip_name(&c);
        skip(&c, 4);
    }
    for (; !c.bad && answers; answers--)
        take_record(&c, s);
    return !c.bad;
}

bool srv_parse(struct srv_list *list, struct span message, bool implicit)
{
    struct search s = {.type = TYPE_SRV, .implicit = implicit, .list = *list};
    bool good = parse(&s, message);
    if (good)
        *list = s.list;
    return good;
}

bool srv_parse_mx(struct srv_list *list, struct span message)
{
    struct search s = {.type = TYPE_MX, .list = *list};
    bool good = parse(&s, message);
    if (good)
        *list = s.list;
    return good;
}

// ---- Order

// Whether a comes before b whatever their weights are.
static bool precedes(const struct srv_record *a, const struct srv_record *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->implicit && !b->implicit;
}

static void swap(struct srv_record *a, struct srv_record *b)
{
    struct srv_record c = *a;
    *a = *b;
    *b = c;
}

// Sorts by what is certain; insertion, since there are few. Among equals, those of weight 0
// come first to the draw: behind others they could never be drawn (RFC 2782).
static void sort(struct srv_list *list)
{
    struct srv_record *r = list->record;
    for (size_t i = 1; i < list->n; i++)
        for (size_t j = i; j > 0; j--) {
            bool light = !precedes(&r[j - 1], &r[j]) && !r[j].weight && r[j - 1].weight;
            if (!precedes(&r[j], &r[j - 1]) && !light)
                break;
            swap(&r[j], &r[j - 1]);
        }
}

// How many from `from` on are equal but for their weight; the sum of these in *weights.
static size_t equals(const struct srv_list *list, size_t from, uint64_t *weights)
{
    size_t n = 0;
    *weights = 0;
    for (; from + n < list->n && !precedes(&list->record[from], &list->record[from + n]); n++)
        *weights += list->record[from + n].weight;
    return n;
}

void srv_order(struct srv_list *list, const uint32_t random[SRV_MOST])
{
    uint64_t weights;
    sort(list);
    for (size_t at = 0; at < list->n; at++) {
        size_t n = equals(list, at, &weights), pick = 0;
        uint64_t point = random[at] % (weights + 1), sum = list->record[at].weight;
        while (pick + 1 < n && sum < point)
            sum += list->record[at + ++pick].weight;
        for (; pick; pick--) // the others keep their order
            swap(&list->record[at + pick], &list->record[at + pick - 1]);
    }
}
