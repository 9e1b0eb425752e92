// SPDX-License-Identifier: ISC
#include "config/scan.h"

#include <string.h>

#include "config/config.h"

void scan_init(struct scan *s, struct span text)
{
    *s = (struct scan){.rest = text};
}

static enum scan_answer bad(struct scan *s, const char *error)
{
    s->error = error;
    return SCAN_BAD;
}

// What no line may hold, whatever it is; NULL where there is nothing.
static const char *raw_fault(struct span line, unsigned number)
{
    if (line.n && memchr(line.p, '\0', line.n))
        return "holds a NUL octet: this is no text file";
    if (number == 1 && span_starts_nocase(line, SPAN("\xef\xbb\xbf")))
        return "begins with a byte order mark: save the file without it";
    if (line.n > SCAN_LINE_MAX)
        return "the line is too long (at most 1022 octets)";
    struct span text = span_trim(line);
    for (size_t i = 0; i < text.n; i++)
        if (text_is_control(text.p[i]) && text.p[i] != '\t')
            return "holds a control character";
    if (text.n && text.p[text.n - 1] == '\\')
        return "a line can not end in a backslash: lines are not continued, and a value that "
               "ends in one goes in quotes";
    return NULL;
}

static bool is_name(struct span s, const char *others, size_t most)
{
    for (size_t i = 0; i < s.n; i++)
        if (!text_is_alnum(s.p[i]) && !strchr(others, s.p[i]))
            return false;
    return s.n > 0 && s.n <= most;
}

static enum scan_answer section_line(struct scan *s, struct span line)
{
    s->section = s->key = (struct span){NULL, 0};
    if (line.n < 2 || line.p[line.n - 1] != ']')
        return bad(s, "a section's line ends in ']' (a comment stands on a line of its own)");
    struct span name = span_trim((struct span){line.p + 1, line.n - 2});
    if (name.n == 0)
        return bad(s, "a section needs a name");
    if (!is_name(name, "._-", CONFIG_NAME_MAX) || !text_is_alnum(name.p[0]))
        return bad(s, "a section's name is at most 32 letters, digits, '.', '_' and '-', and "
                      "begins with a letter or a digit");
    s->section = name;
    return SCAN_SECTION;
}

// The value behind the '='. iniparser knows no escape, so a quoted value ends at the next quote
// of its kind.
static const char *value_fault(struct scan *s, struct span raw)
{
    if (raw.n == 0)
        return "has no value: give it one, or make the line a comment";
    if (raw.p[0] == '"' || raw.p[0] == '\'') {
        struct span inside = {raw.p + 1, raw.n - 1};
        const char *end = inside.n ? memchr(inside.p, raw.p[0], inside.n) : NULL;
        if (!end)
            return "the quote is not closed";
        s->value = (struct span){inside.p, (size_t)(end - inside.p)};
        if (s->value.n + 1 != inside.n)
            return "something stands behind the closing quote: a value that holds quotes goes "
                   "in those of the other kind, a comment on a line of its own";
        return s->value.n ? NULL : "has an empty value: make the line a comment";
    }
    if (memchr(raw.p, ';', raw.n) || memchr(raw.p, '#', raw.n))
        return "has a ';' or '#' outside of quotes: put the value in quotes if that is part of "
               "it, a comment on a line of its own";
    s->value = raw;
    return NULL;
}

static enum scan_answer key_line(struct scan *s, struct span line)
{
    const char *equals = memchr(line.p, '=', line.n);
    s->key = s->value = (struct span){NULL, 0};
    if (!equals)
        return bad(s, "is neither a [section] nor 'key = value'");
    size_t at = (size_t)(equals - line.p);
    struct span key = span_trim((struct span){line.p, at});
    struct span raw = span_trim((struct span){equals + 1, line.n - at - 1});
    if (key.n && memchr(key.p, ':', key.n))
        return bad(s, "a key holds no ':'");
    if (!is_name(key, "_-", SCAN_KEY_MAX))
        return bad(s, "what stands before the '=' is no key");
    s->key = key;
    if (!s->section.n)
        return bad(s, "stands before the first [section]");
    const char *fault = value_fault(s, raw);
    return fault ? bad(s, fault) : SCAN_KEY;
}

enum scan_answer scan_next(struct scan *s)
{
    struct span line;
    while (!s->error && s->rest.n && span_cut(&s->rest, '\n', &line)) {
        s->line++;
        const char *fault = raw_fault(line, s->line);
        if (fault) {
            s->key = (struct span){NULL, 0};
            return bad(s, fault);
        }
        line = span_trim(line);
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
            continue;
        return line.p[0] == '[' ? section_line(s, line) : key_line(s, line);
    }
    return s->error ? SCAN_BAD : SCAN_END;
}
