// SPDX-License-Identifier: ISC
#include "message/token.h"

#include <string.h>

static const char unbalanced_parenthesis[] = "unbalanced parenthesis";
static const char unbalanced_quotes[] = "unbalanced quotes";
static const char unbalanced_bracket[] = "unbalanced bracket";
static const char control_character[] = "control character";
static const char stray_character[] = "stray character";

bool token_is_atext(char c)
{
    return text_is_alnum(c) || (unsigned char)c > 127 ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

// Whether the LF at `at` only folds a line. At the text's end stands the field's own.
static bool is_fold(const struct token_reader *r, size_t at)
{
    return r->folded && r->text.p[at] == '\n' &&
           (at + 1 == r->text.n || text_is_blank(r->text.p[at + 1]));
}

// Whether the octet may stand between quotes, brackets or parentheses.
static bool is_sound(const struct token_reader *r, size_t at)
{
    char c = r->text.p[at];
    if (c == '\n')
        return is_fold(r, at);
    return r->folded || !text_is_control(c) || c == '\t';
}

// Steps over what stands between `open`, where the reader is, and the `close` that matches it;
// "\" takes the meaning from the octet behind it. A comment may hold others.
static bool take_enclosed(struct token_reader *r, char open, char close, const char *unbalanced)
{
    size_t depth = 0;
    while (r->at < r->text.n) {
        bool escaped = r->text.p[r->at] == '\\' && r->at + 1 < r->text.n;
        if (escaped)
            r->at++;
        if (!is_sound(r, r->at)) {
            r->reason = control_character;
            return false;
        }
        char c = r->text.p[r->at++];
        if (escaped)
            continue;
        if (c == close && depth > 0)
            depth--;
        else if (c == open && (depth == 0 || open == '('))
            depth++;
        if (depth == 0)
            return true;
    }
    r->reason = unbalanced;
    return false;
}

static bool skip_blanks(struct token_reader *r)
{
    while (r->at < r->text.n) {
        char c = r->text.p[r->at];
        if (text_is_blank(c) || is_fold(r, r->at))
            r->at++;
        else if (c != '(')
            return true;
        else if (!take_enclosed(r, '(', ')', unbalanced_parenthesis))
            return false;
    }
    return true;
}

// Length of the encoded word at the start of s (RFC 2047, 2), or 0.
static size_t encoded_word(struct span s)
{
    size_t marks = 0;
    if (s.n < 2 || s.p[0] != '=' || s.p[1] != '?')
        return 0;
    for (size_t i = 2; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c >= 0x7f || (marks < 2 && !token_is_atext(c)))
            return 0;
        if (c != '?')
            continue;
        if (marks == 2)
            return i + 1 < s.n && s.p[i + 1] == '=' ? i + 2 : 0;
        marks++;
    }
    return 0;
}

static enum token_kind take_atom(struct token_reader *r)
{
    size_t n = encoded_word((struct span){r->text.p + r->at, r->text.n - r->at});
    if (n) {
        r->at += n;
        return TOKEN_ENCODED;
    }
    while (r->at < r->text.n && token_is_atext(r->text.p[r->at]))
        r->at++;
    return TOKEN_ATOM;
}

static enum token_kind take_special(struct token_reader *r)
{
    char c = r->text.p[r->at];
    if (c && strchr("<>@,:;.", c)) {
        r->at++;
        return TOKEN_SPECIAL;
    }
    if (text_is_control(c))
        r->reason = control_character;
    else if (c == ')')
        r->reason = unbalanced_parenthesis;
    else if (c == ']')
        r->reason = unbalanced_bracket;
    else
        r->reason = stray_character;
    return TOKEN_BAD;
}

static enum token_kind take_token(struct token_reader *r)
{
    if (r->at == r->text.n)
        return TOKEN_END;
    char c = r->text.p[r->at];
    if (c == '"')
        return take_enclosed(r, '"', '"', unbalanced_quotes) ? TOKEN_QUOTED : TOKEN_BAD;
    if (c == '[')
        return take_enclosed(r, '[', ']', unbalanced_bracket) ? TOKEN_LITERAL : TOKEN_BAD;
    return token_is_atext(c) ? take_atom(r) : take_special(r);
}

struct token token_next(struct token_reader *r)
{
    struct token t = {.kind = TOKEN_BAD};
    bool sound = skip_blanks(r);
    size_t start = r->at;
    if (sound)
        t.kind = take_token(r);
    t.text = (struct span){r->text.p ? r->text.p + start : NULL, r->at - start};
    if (t.kind == TOKEN_SPECIAL)
        t.special = t.text.p[0];
    return t;
}
