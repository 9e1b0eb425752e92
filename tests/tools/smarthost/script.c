// SPDX-License-Identifier: ISC
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

// BODY, DOT, CONNECT and RESPONSE are no verbs; event_of skips them.
static const struct {
    const char *name;
    bool verb;
} events[EVENT_COUNT] = {
    [EVENT_CONNECT] = {"CONNECT", false}, [EVENT_EHLO] = {"EHLO", true},
    [EVENT_HELO] = {"HELO", true},        [EVENT_STARTTLS] = {"STARTTLS", true},
    [EVENT_AUTH] = {"AUTH", true},        [EVENT_RESPONSE] = {"RESPONSE", false},
    [EVENT_MAIL] = {"MAIL", true},        [EVENT_RCPT] = {"RCPT", true},
    [EVENT_DATA] = {"DATA", true},        [EVENT_BDAT] = {"BDAT", true},
    [EVENT_BODY] = {"BODY", false},       [EVENT_DOT] = {"DOT", false},
    [EVENT_RSET] = {"RSET", true},        [EVENT_NOOP] = {"NOOP", true},
    [EVENT_QUIT] = {"QUIT", true},        [EVENT_OTHER] = {"OTHER", false},
};

static const struct {
    const char *name;
    bool number, time, text;
} actions[ACTION_COUNT] = {
    [ACTION_REPLY] = {.name = "reply", .text = true},
    [ACTION_ANSWER] = {.name = "answer", .text = true},
    [ACTION_MUTE] = {.name = "mute"},
    [ACTION_PROCEED] = {.name = "proceed"},
    [ACTION_SEND] = {.name = "send", .text = true},
    [ACTION_REPEAT] = {.name = "repeat", .number = true, .text = true},
    [ACTION_DRIP] = {.name = "drip", .time = true, .text = true},
    [ACTION_SKIP] = {.name = "skip"},
    [ACTION_DELAY] = {.name = "delay", .time = true},
    [ACTION_SILENCE] = {.name = "silence"},
    [ACTION_STALL] = {.name = "stall"},
    [ACTION_CLOSE] = {.name = "close"},
    [ACTION_CUT] = {.name = "cut"},
    [ACTION_RESET] = {.name = "reset"},
};

static bool is(struct span word, const char *name)
{
    return span_equal_nocase(word, span_of(name));
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, text_lower(c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

// One escape behind a backslash; returns how many octets of s it took, 0 where it is none.
static size_t escape(struct span s, char *c)
{
    static const char names[] = "rnt0\"\\", values[] = "\r\n\t\0\"\\";
    if (s.n == 0)
        return 0;
    const char *at = s.p[0] ? strchr(names, s.p[0]) : NULL;
    if (at) {
        *c = values[at - names];
        return 1;
    }
    if (s.p[0] != 'x' || s.n < 3 || hex_digit(s.p[1]) < 0 || hex_digit(s.p[2]) < 0)
        return 0;
    *c = (char)(hex_digit(s.p[1]) * 16 + hex_digit(s.p[2]));
    return 3;
}

// The next word, or quoted text with its escapes undone, kept in s->text with a NUL behind it.
static bool take_word(struct script *s, struct span *rest, struct span *word)
{
    struct span trimmed = span_trim(*rest);
    if (trimmed.n == 0 || trimmed.p[0] != '"') {
        if (!span_word(rest, word))
            return false;
        size_t begin = s->text.n;
        buf_put_span(&s->text, *word);
        buf_putc(&s->text, '\0');
        word->p = s->text.p + begin;
        return true;
    }
    size_t begin = s->text.n, i = 1;
    for (; i < trimmed.n && trimmed.p[i] != '"'; i++) {
        char c = trimmed.p[i];
        if (c == '\\') {
            size_t took = escape((struct span){trimmed.p + i + 1, trimmed.n - i - 1}, &c);
            if (took == 0)
                return false;
            i += took;
        }
        buf_putc(&s->text, c);
    }
    if (i == trimmed.n)
        return false;
    *word = (struct span){s->text.p + begin, s->text.n - begin};
    buf_putc(&s->text, '\0');
    *rest = (struct span){trimmed.p + i + 1, trimmed.n - i - 1};
    return true;
}

static bool take_number(struct script *s, struct span *rest, uint64_t *n)
{
    struct span word;
    return take_word(s, rest, &word) && text_number(word, UINT32_MAX, n);
}

// "200ms" or "3s"; in milliseconds.
static bool take_time(struct script *s, struct span *rest, uint64_t *ms)
{
    struct span word;
    if (!take_word(s, rest, &word) || word.n < 2 || word.p[word.n - 1] != 's')
        return false;
    bool milli = word.p[word.n - 2] == 'm';
    word.n -= milli ? 2 : 1;
    if (!text_number(word, 3600000, ms))
        return false;
    *ms *= milli ? 1 : 1000;
    return true;
}

// True where the word was a condition; *good tells whether it made sense.
static bool condition(struct rule *r, struct span word, bool *good)
{
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"conn", &r->conn},
                   {"here", &r->here},
                   {"n", &r->n},
                   {"times", &r->times},
                   {"at", &r->at}};
    *good = true;
    if (is(word, "pipelined"))
        return r->pipelined = true;
    struct span value = word, key;
    if (!memchr(word.p, '=', word.n) || !span_cut(&value, '=', &key))
        return false;
    if (is(key, "has")) {
        r->has = value;
        return true;
    }
    *good = false;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (is(key, numbers[i].name))
            *good = text_number(value, UINT32_MAX, numbers[i].value);
    return true;
}

static const char *action(struct script *s, struct rule *r, struct span word, struct span *rest)
{
    if (r->n_actions == SCRIPT_ACTIONS_MAX)
        return "too many actions";
    struct action *a = &r->actions[r->n_actions++];
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        if (!is(word, actions[i].name))
            continue;
        a->kind = (enum action_kind)i;
        if (actions[i].number && !take_number(s, rest, &a->number))
            return "this action needs a number";
        if (actions[i].time && !take_time(s, rest, &a->number))
            return "this action needs a time";
        if (actions[i].text && !take_word(s, rest, &a->text))
            return "this action needs text in quotes";
        return NULL;
    }
    return "no such action or condition";
}

static const char *rule(struct script *s, struct span rest, unsigned line)
{
    struct span word;
    bool good;
    if (s->n_rules == SCRIPT_RULES_MAX)
        return "too many rules";
    struct rule *r = &s->rules[s->n_rules];
    *r = (struct rule){.line = line, .event = EVENT_COUNT};
    if (!take_word(s, &rest, &word))
        return "which event?";
    for (size_t i = 0; i < EVENT_COUNT; i++)
        if (is(word, events[i].name))
            r->event = (enum event)i;
    if (r->event == EVENT_COUNT)
        return "no such event";
    while (span_trim(rest).n) {
        if (!take_word(s, &rest, &word))
            return "a quoted text is wrong";
        const char *why = NULL;
        if (!condition(r, word, &good))
            why = action(s, r, word, &rest);
        else if (!good)
            why = "no such condition";
        if (why)
            return why;
    }
    s->n_rules++;
    return r->n_actions ? NULL : "no action";
}

static const char *setting(struct script *s, struct span word, struct span rest)
{
    struct span text;
    bool good;
    if (is(word, "lenient")) {
        s->lenient = true;
        return NULL;
    }
    if (is(word, "split"))
        return take_number(s, &rest, &s->split) ? NULL : "split needs a number";
    if (is(word, "pause") || is(word, "idle")) {
        good = take_time(s, &rest, is(word, "idle") ? &s->idle : &s->pause);
        return good ? NULL : "this setting needs a time";
    }
    if (!take_word(s, &rest, &text))
        return "this setting needs text";
    if (is(word, "greeting"))
        s->greeting = text.p;
    else if (is(word, "mechanisms"))
        s->mechanisms = text.p;
    else if (is(word, "binding"))
        s->binding = text.p;
    else if (is(word, "tls-newest"))
        s->tls_newest = text.p;
    else if (is(word, "offer") && s->n_offers < SCRIPT_OFFERS_MAX)
        s->offers[s->n_offers++] = text.p;
    else
        return "no such setting";
    return NULL;
}

static const char *script_line(struct script *s, struct span line, unsigned number)
{
    struct span word;
    line = span_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return NULL;
    if (!take_word(s, &line, &word))
        return "a quoted text is wrong";
    return is(word, "on") ? rule(s, line, number) : setting(s, word, line);
}

// A message passes each offset once, whatever pieces it comes in.
static bool passes(const struct rule *r, const struct moment *m)
{
    if (m->event != EVENT_BODY)
        return true;
    return r->at ? m->before < r->at && r->at <= m->at : m->before == 0;
}

static bool holds(const struct rule *r, const struct moment *m)
{
    return r->event == m->event && (!r->conn || r->conn == m->connection) &&
           (!r->here || r->here == m->here) && (!r->pipelined || m->pipelined) && passes(r, m);
}

static bool contains(struct span text, struct span part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (span_equal_nocase((struct span){text.p + i, part.n}, part))
            return true;
    return false;
}

void script_init(struct script *s)
{
    *s = (struct script){.text = BUF_INIT(4 * FILE_MAX), .lock = PTHREAD_MUTEX_INITIALIZER};
}

bool script_read(struct script *s, const char *path, struct buf *why)
{
    struct buf file = BUF_INIT(FILE_MAX);
    struct span rest, line;
    const char *wrong = NULL;
    unsigned number = 0;
    FILE *f = fopen(path, "re");
    char *room = f ? buf_room(&file, FILE_MAX - 1) : NULL;
    if (!room) {
        buf_printf(why, "%s: %s", path, strerror(errno));
        return false;
    }
    buf_grew(&file, fread(room, 1, FILE_MAX - 1, f));
    fclose(f);
    // Words are kept by pointer: their store must have its size before the first one.
    if (!buf_room(&s->text, 2 * FILE_MAX))
        wrong = "no memory";
    for (rest = buf_span(&file); !wrong && span_cut(&rest, '\n', &line); number++)
        wrong = script_line(s, line, number + 1);
    if (wrong)
        buf_printf(why, "%s:%u: %s", path, number, wrong);
    buf_free(&file);
    return !wrong;
}

const struct rule *script_find(struct script *s, const struct moment *m)
{
    const struct rule *found = NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->n_rules; i++) {
        struct rule *r = &s->rules[i];
        if (!holds(r, m) || !contains(m->line, r->has))
            continue;
        uint64_t first = r->n ? r->n : 1, times = r->times ? r->times : r->n ? 1 : UINT64_MAX;
        r->seen++;
        if (!found && r->seen >= first && r->seen - first < times)
            found = r;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

enum event event_of(struct span line)
{
    struct span word;
    if (span_word(&line, &word))
        for (size_t i = 0; i < EVENT_COUNT; i++)
            if (events[i].verb && is(word, events[i].name))
                return (enum event)i;
    return EVENT_OTHER;
}

const char *event_name(enum event e)
{
    return events[e].name;
}
