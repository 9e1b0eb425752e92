// SPDX-License-Identifier: ISC
#include "config/value.h"

#include <string.h>

#include "config/config.h"
#include "config/hosts.h"

enum {
    DOMAIN_MAX = 255, // RFC 1035, 2.3.4
    LABEL_MAX = 63,   // the same
    LOCAL_MAX = 64,   // RFC 5321, 4.5.3.1.1
    PIN_OCTETS = 32,  // of a SHA-256
    PIN_BASE64 = 44,  // characters of it
    SHOWN_MAX = 60    // octets of a bad value that a message repeats
};

struct unit {
    char letter;
    uint64_t worth;
};

// From the largest to the smallest.
static const struct unit size_units[] = {{'g', 1 << 30}, {'m', 1 << 20}, {'k', 1 << 10}};
static const struct unit duration_units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

static size_t units_of(const struct option *o, const struct unit **units)
{
    *units = o->type == OPTION_SIZE ? size_units : duration_units;
    if (o->type == OPTION_SIZE)
        return sizeof size_units / sizeof *size_units;
    return o->type == OPTION_DURATION ? sizeof duration_units / sizeof *duration_units : 0;
}

static bool is_any(struct span s)
{
    return s.n > 0;
}

static bool is_path(struct span s)
{
    return s.n > 0 && s.p[0] == '/';
}

// A program's path and its arguments. Who quotes a word expects a shell, and there is none: the
// quotes would be part of it.
static bool is_command(struct span s)
{
    struct span word;
    if (!is_path(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t')
            return false;
    while (span_word(&s, &word))
        if (word.p[0] == '"' || word.p[0] == '\'')
            return false;
    return true;
}

bool value_is_domain(struct span s)
{
    struct span label;
    if (s.n == 0 || s.n > DOMAIN_MAX)
        return false;
    while (span_cut(&s, '.', &label)) {
        if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-')
            return false;
        for (size_t i = 0; i < label.n; i++)
            if (!text_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
                return false;
    }
    return true;
}

// A mailbox that SMTP takes as it stands: a dot-atom, '@' and a domain.
static bool is_mailbox(struct span s)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~.";
    struct span local, domain = s;
    if (!span_cut(&domain, '@', &local) || local.n == 0 || local.n > LOCAL_MAX)
        return false;
    for (size_t i = 0; i < local.n; i++)
        if (!text_is_alnum(local.p[i]) && !memchr(others, local.p[i], sizeof others - 1))
            return false;
    for (size_t i = 0; i + 1 < local.n; i++)
        if (local.p[i] == '.' && local.p[i + 1] == '.')
            return false;
    return local.p[0] != '.' && local.p[local.n - 1] != '.' && value_is_domain(domain);
}

bool value_is_from(struct span s)
{
    struct buf filled = BUF_INIT(DOMAIN_MAX + LOCAL_MAX + 2);
    bool good = true;
    for (size_t i = 0; good && i < s.n; i++) {
        bool pattern = s.p[i] == '%';
        if (pattern)
            good = ++i < s.n && memchr("uh%", s.p[i], 3);
        if (good)
            buf_putc(&filled, pattern && s.p[i] != '%' ? 'x' : s.p[i]);
    }
    good = good && !filled.over && is_mailbox(buf_span(&filled));
    buf_free(&filled);
    return good;
}

// An IPv6 address, as far as its letters tell; an IPv4 one passes as a domain. A zone may
// follow (RFC 4007).
static bool is_address(struct span s)
{
    static const char letters[] = "0123456789abcdefABCDEF:.";
    struct span address;
    size_t colons = 0;
    if (s.n == 0 || s.n > DOMAIN_MAX || !span_cut(&s, '%', &address))
        return false;
    for (size_t i = 0; i < address.n; i++) {
        if (!memchr(letters, address.p[i], sizeof letters - 1))
            return false;
        colons += address.p[i] == ':';
    }
    for (size_t i = 0; i < s.n; i++)
        if (!text_is_alnum(s.p[i]))
            return false;
    return colons >= 2 && (!s.p || s.n > 0);
}

static bool is_host(struct span s)
{
    return value_is_domain(s) || is_address(s);
}

static bool are_hosts(struct span s)
{
    struct span word;
    struct host h;
    size_t n = 0;
    for (; span_word(&s, &word); n++)
        if (!hosts_parse(word, &h) || (h.srv ? !value_is_domain(h.name) : !is_host(h.name)))
            return false;
    return n > 0 && n <= HOSTS_MOST;
}

// Four numbers of an octet each, parted by dots.
static bool is_ipv4(struct span s)
{
    struct span part;
    uint64_t octet;
    size_t n = 0;
    for (; span_cut(&s, '.', &part); n++)
        if (part.n == 0 || part.n > 3 || (part.n > 1 && part.p[0] == '0') ||
            !text_number(part, 255, &octet))
            return false;
    return n == 4;
}

static bool are_sources(struct span s)
{
    struct span word;
    size_t v4 = 0, v6 = 0;
    while (span_word(&s, &word))
        if (is_ipv4(word))
            v4++;
        else if (is_address(word))
            v6++;
        else
            return false;
    return v4 <= 1 && v6 <= 1 && v4 + v6 > 0;
}

static bool is_helo(struct span s)
{
    if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
        return value_is_domain(s);
    struct span inside = {s.p + 1, s.n - 2};
    struct span tag = SPAN("IPv6:");
    if (span_starts_nocase(inside, tag))
        return is_address((struct span){inside.p + tag.n, inside.n - tag.n});
    return value_is_domain(inside);
}

static bool is_account(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!text_is_alnum(s.p[i]) && !memchr("._-", s.p[i], 3))
            return false;
    return s.n > 0 && s.n <= CONFIG_NAME_MAX && text_is_alnum(s.p[0]);
}

// SCRAM-SHA-256 and its kin, by what stands behind "SCRAM-SHA-".
static bool is_scram(struct span s)
{
    static const struct span hashes[] = {
        {"512", 3}, {"384", 3}, {"256", 3}, {"224", 3}, {"1", 1}};
    struct span plus = SPAN("-PLUS");
    if (s.n > plus.n && span_equal_nocase((struct span){s.p + s.n - plus.n, plus.n}, plus))
        s.n -= plus.n;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        if (span_equal(s, hashes[i]))
            return true;
    return false;
}

// What sendoff-submit can do (its mechanism.c; a test compares the two).
static bool is_mechanism(struct span s)
{
    static const char *const names[] = {"PLAIN",      "LOGIN",  "OAUTHBEARER", "XOAUTH2",
                                        "EXTERNAL",   "GSSAPI", "GSS-SPNEGO",  "CRAM-MD5",
                                        "DIGEST-MD5", "NTLM"};
    struct span scram = SPAN("SCRAM-SHA-");
    if (span_starts_nocase(s, scram))
        return is_scram((struct span){s.p + scram.n, s.n - scram.n});
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(s, span_of(names[i])))
            return true;
    return false;
}

static bool are_mechanisms(struct span s)
{
    struct span word;
    if (span_equal(s, SPAN("auto")) || span_equal(s, SPAN("none")))
        return true;
    while (span_word(&s, &word))
        if (!is_mechanism(word))
            return false;
    return true;
}

static bool is_hex_pin(struct span s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = text_lower(s.p[i]);
        // Colons are read over: between two octets, that is.
        if (c == ':' && digits % 2 == 0 && digits && s.p[i - 1] != ':' && i + 1 < s.n)
            continue;
        if (!text_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
        digits++;
    }
    return digits == 2 * (size_t)PIN_OCTETS;
}

// 32 octets end in four bits of a character and two that are 0.
static bool is_base64_pin(struct span s)
{
    static const char last[] = "AEIMQUYcgkosw048";
    if (s.n != PIN_BASE64 || s.p[s.n - 1] != '=' || !memchr(last, s.p[s.n - 2], 16))
        return false;
    for (size_t i = 0; i + 1 < s.n; i++)
        if (!text_is_alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
            return false;
    return true;
}

static bool are_pins(struct span s)
{
    static const struct span prefix = {"sha256//", 8};
    struct span word;
    bool some = false;
    while (span_word(&s, &word)) {
        if (span_starts_nocase(word, prefix))
            word = (struct span){word.p + prefix.n, word.n - prefix.n};
        if (!is_hex_pin(word) && !is_base64_pin(word))
            return false;
        some = true;
    }
    return some;
}

// What a text of each type must be like.
static const struct {
    bool (*fits)(struct span);
    const char *what;
} text_types[] = {
    [OPTION_TEXT] = {is_any, "text"},
    [OPTION_PATH] = {is_path, "absolute path"},
    [OPTION_COMMAND] = {is_command, "absolute path with plain words behind it (no quotes)"},
    [OPTION_NAME] = {is_account, "account's name"},
    [OPTION_DOMAIN] = {value_is_domain, "domain"},
    [OPTION_ADDRESS] = {is_mailbox, "address (local@domain)"},
    [OPTION_FROM] = {value_is_from, "address (local@domain; in it %u, %h and %% alone)"},
    [OPTION_HOST] = {is_host, "host name or address"},
    [OPTION_HOSTS] = {are_hosts, "list of hosts (name, address, name:port, [address]:port or "
                                 "srv:domain, parted by blanks)"},
    [OPTION_SOURCES] = {are_sources, "address, nor two (one of IPv4 and one of IPv6)"},
    [OPTION_HELO] = {is_helo, "host name or [address]"},
    [OPTION_MECHANISMS] = {are_mechanisms,
                           "'auto', 'none' or list of mechanisms that sendoff.conf(5) names"},
    [OPTION_PINS] = {are_pins, "list of SHA-256 in base64 or hex, parted by blanks"},
};

static bool complain(struct buf *why, struct span value, const char *what)
{
    buf_puts(why, "'");
    text_clean(why, value, SHOWN_MAX);
    buf_printf(why, "%s' is no %s", value.n > SHOWN_MAX ? "..." : "", what);
    return false;
}

static bool read_word(const struct option *o, struct span value, uint64_t *number,
                      struct buf *why)
{
    for (uint64_t i = 0; o->words[i]; i++)
        if (span_equal(value, span_of(o->words[i]))) {
            *number = i;
            return true;
        }
    complain(why, value, "choice: it is one of");
    for (size_t i = 0; o->words[i]; i++)
        buf_printf(why, "%s %s", i ? "," : "", o->words[i]);
    return false;
}

static const char *kind_of_number(const struct option *o)
{
    if (o->type == OPTION_SIZE)
        return "size (a number, with k, m or g behind it if need be)";
    if (o->type == OPTION_DURATION)
        return "duration (a number, with s, m, h or d behind it)";
    return "number";
}

static bool read_number(const struct option *o, struct span value, uint64_t *number,
                        struct buf *why)
{
    const struct unit *units;
    size_t n_units = units_of(o, &units);
    struct span digits = value;
    uint64_t count, worth = 1;
    for (size_t i = 0; i < n_units; i++)
        if (digits.n == value.n && text_lower(value.p[value.n - 1]) == units[i].letter) {
            worth = units[i].worth;
            digits.n--;
        }
    for (size_t i = 0; i < digits.n; i++)
        if (!text_is_digit(digits.p[i]))
            return complain(why, value, kind_of_number(o));
    if (digits.n == 0)
        return complain(why, value, kind_of_number(o));
    if (!text_number(digits, o->max / worth, &count) || count * worth < o->min) {
        buf_puts(why, "must be from ");
        value_write(o, o->min, why);
        buf_puts(why, " to ");
        value_write(o, o->max, why);
        return false;
    }
    *number = count * worth;
    return true;
}

void value_write(const struct option *o, uint64_t number, struct buf *out)
{
    const struct unit *units;
    size_t n_units = units_of(o, &units);
    if (o->type == OPTION_WORD) {
        buf_puts(out, o->words[number]);
        return;
    }
    for (size_t i = 0; i < n_units; i++)
        if (number && number % units[i].worth == 0) {
            buf_printf(out, "%llu%c", (unsigned long long)(number / units[i].worth),
                       units[i].letter);
            return;
        }
    buf_printf(out, "%llu", (unsigned long long)number);
}

bool value_read(const struct option *o, struct span value, uint64_t *number, struct buf *why)
{
    if (value.n == 0)
        return complain(why, value, "value");
    if (o->type == OPTION_WORD)
        return read_word(o, value, number, why);
    if (!option_is_text(o))
        return read_number(o, value, number, why);
    return text_types[o->type].fits(value) || complain(why, value, text_types[o->type].what);
}

void value_quote(struct buf *out, const char *value)
{
    size_t n = strlen(value);
    bool plain = !strpbrk(value, ";#") && value[0] != '"' && value[0] != '\'' &&
                 !text_is_blank(value[0]) && !text_is_blank(value[n - 1]) &&
                 value[n - 1] != '\\';
    const char *quote = plain ? "" : strchr(value, '"') ? "'" : "\"";
    buf_printf(out, "%s%s%s", quote, value, quote);
}
