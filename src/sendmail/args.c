// SPDX-License-Identifier: ISC
#include "sendmail/args.h"

#include <string.h>
#include <sysexits.h>

#include "base/process.h"
#include "sendmail/dsn.h"

enum form {
    ALONE,    // takes no value; others may follow in the same word
    ATTACHED, // takes the rest of its word, which may be empty
    VALUE,    // takes the rest of its word, or else the next word
};

static int set_header(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->from_header = true;
    return 0;
}

static int set_dots(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->keep_dots = true;
    return 0;
}

static int set_gateway(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->gateway = true;
    return 0;
}

static int set_verbose(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->verbose = true;
    return 0;
}

// The last one counts: PHP's mail.force_extra_parameters gives a second one.
static int set_sender(struct args *a, const char *value, struct buf *why)
{
    (void)why;
    a->sender = value;
    return 0;
}

static int set_name(struct args *a, const char *value, struct buf *why)
{
    (void)why;
    a->full_name = value;
    return 0;
}

static int set_plain(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->no_aliases = true;
    return 0;
}

static int set_aliases(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->job = ARGS_ALIASES;
    return 0;
}

static int ignore(struct args *a, const char *value, struct buf *why)
{
    (void)a, (void)value, (void)why;
    return 0;
}

static int refuse(struct args *a, const char *value, struct buf *why)
{
    (void)a, (void)value;
    buf_puts(why, "not an option of this sendmail");
    return EX_USAGE;
}

static int set_utf8(struct args *a, const char *value, struct buf *why)
{
    (void)value, (void)why;
    a->utf8 = true;
    return 0;
}

// An unknown type is nobody's error: the text shows what it is.
static int take_body(struct args *a, const char *value, struct buf *why)
{
    (void)why;
    a->eightbit = span_equal_nocase(span_of(value), SPAN("8BITMIME"));
    return 0;
}

static bool is_yes(struct span value)
{
    return span_equal_nocase(value, SPAN("yes")) || span_equal_nocase(value, SPAN("true"));
}

// How to deliver: q (queue) and d (deferred) ask that nothing follows. The others leave it to
// the config: cronie, anacron, Emacs and Sympa give -odi by habit, and none means to wait.
static void set_delivery(struct args *a, char mode)
{
    a->queue_only = mode == 'q' || mode == 'd';
}

// -O Name=value: those that ask for something of the message itself. All others are sendmail's
// own settings.
static int take_long_option(struct args *a, const char *value, struct buf *why)
{
    struct span rest = span_of(value), name;
    span_cut(&rest, '=', &name);
    name = span_trim(name);
    if (span_equal_nocase(name, SPAN("requiretls")))
        a->require_tls = is_yes(span_trim(rest));
    if (span_equal_nocase(name, SPAN("smtputf8")))
        a->utf8 = is_yes(span_trim(rest));
    if (span_equal_nocase(name, SPAN("DeliveryMode")) && span_trim(rest).n)
        set_delivery(a, text_lower(*span_trim(rest).p));
    if (span_equal_nocase(name, SPAN("IgnoreDots")) && is_yes(span_trim(rest)))
        return set_dots(a, value, why);
    return 0;
}

// -A: which of sendmail's own config files to use. There are neither here.
static int take_config(struct args *a, const char *value, struct buf *why)
{
    if (strcmp(value, "c") == 0 || strcmp(value, "m") == 0)
        return 0;
    return refuse(a, value, why);
}

static const struct {
    char mode;
    enum args_job job;
} modes[] = {
    {'m', ARGS_DELIVER}, {'a', ARGS_DELIVER}, {'p', ARGS_LIST},     {'P', ARGS_COUNT},
    {'i', ARGS_ALIASES}, {'h', ARGS_NOTHING}, {'H', ARGS_NOTHING},  {'V', ARGS_VERSION},
    {'v', ARGS_VERIFY},  {'t', ARGS_VERIFY},  {'s', ARGS_DIALOGUE},
};

static int take_mode(struct args *a, const char *value, struct buf *why)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (value[0] == modes[i].mode && value[0]) {
            a->job = modes[i].job;
            return 0;
        }
    }
    if (value[0] && strchr("dDl", value[0]))
        buf_puts(why, "this sendmail is no daemon; a timer runs `sendoff flush`");
    else
        buf_puts(why, "no such mode");
    return EX_USAGE;
}

static int take_debug(struct args *a, const char *value, struct buf *why)
{
    (void)why;
    if (strcmp(value, "0.1") == 0)
        a->job = ARGS_VERSION;
    return 0;
}

static int take_short_option(struct args *a, const char *value, struct buf *why)
{
    if (value[0] == '\0') {
        buf_puts(why, "needs an option's letter behind it");
        return EX_USAGE;
    }
    if (value[0] == 'i')
        return set_dots(a, value, why);
    if (value[0] == 'v')
        return set_verbose(a, value, why);
    if (value[0] == 'd')
        set_delivery(a, value[1]);
    return 0;
}

// "15m", "1h30m" behind -q: how often a daemon would run the queue. One pass is made.
static bool is_interval(const char *word)
{
    bool any = false;
    while (*word) {
        size_t digits = strspn(word, "0123456789");
        if (!digits || !word[digits] || !strchr("smhdw", word[digits]))
            return false;
        word += digits + 1;
        any = true;
    }
    return any;
}

static int choose(struct args *a, const char *option, const char *value, struct buf *why)
{
    if (a->n_choices + 2 > ARGS_CHOICES_MAX) {
        buf_puts(why, "too many of them");
        return EX_USAGE;
    }
    a->choices[a->n_choices++] = option;
    if (value)
        a->choices[a->n_choices++] = value;
    return 0;
}

// Which messages a pass is to try: -qI, -qR, -qS and -qG with a value, the first three with "!"
// before the letter for all others.
static int take_choice(struct args *a, const char *value, struct buf *why)
{
    static const struct {
        char letter;
        const char *option, *negated;
    } kinds[] = {
        {'I', "--id", "--not-id"},
        {'R', "--recipient", "--not-recipient"},
        {'S', "--sender", "--not-sender"},
        {'G', "--account", NULL},
    };
    bool negated = value[0] == '!';
    value += negated;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *option = negated ? kinds[i].negated : kinds[i].option;
        if (value[0] != kinds[i].letter || !option)
            continue;
        if (value[1])
            return choose(a, option, value + 1, why);
        buf_puts(why, "needs a value in the same word");
        return EX_USAGE;
    }
    buf_puts(why, "no such way to run the queue");
    return EX_USAGE;
}

static int take_flush(struct args *a, const char *value, struct buf *why)
{
    a->job = ARGS_FLUSH;
    if (strcmp(value, "f") == 0 || is_interval(value) ||
        value[strspn(value, "0123456789")] == '\0')
        return 0;
    if (strcmp(value, "ff") == 0)
        return choose(a, "--held", NULL, why);
    if (strcmp(value, "Q") == 0)
        return choose(a, "--only-held", NULL, why);
    return take_choice(a, value, why);
}

static int take_notify(struct args *a, const char *value, struct buf *why)
{
    a->notify = dsn_notify(span_of(value));
    if (a->notify)
        return 0;
    buf_printf(why, "\"%s\" is not never, or a list of success, failure and delay", value);
    return EX_USAGE;
}

static int take_return(struct args *a, const char *value, struct buf *why)
{
    a->ret = dsn_ret(span_of(value));
    if (a->ret)
        return 0;
    buf_printf(why, "\"%s\" is neither full nor hdrs", value);
    return EX_USAGE;
}

static int take_envid(struct args *a, const char *value, struct buf *why)
{
    a->envid = value;
    if (dsn_envid(span_of(value)))
        return 0;
    buf_printf(why, "the envelope id is not xtext of at most %d octets", DSN_ENVID_MAX);
    return EX_USAGE;
}

// THE table (sendmail(8) lists it). What is ignored is so because nothing here depends on it.
static const struct {
    char letter;
    enum form form;
    int (*take)(struct args *a, const char *value, struct buf *why);
} options[] = {
    {'A', VALUE, take_config},      {'B', VALUE, take_body},
    {'b', ATTACHED, take_mode},     {'C', VALUE, ignore}, // no file named here is opened
    {'c', ALONE, ignore},           {'D', VALUE, refuse},
    {'d', ATTACHED, take_debug},    {'E', ATTACHED, ignore},
    {'e', ATTACHED, ignore}, // the exit status never depends on it
    {'F', VALUE, set_name},         {'f', VALUE, set_sender},
    {'G', ALONE, set_gateway},      {'h', VALUE, ignore},
    {'I', ALONE, set_aliases},      {'i', ALONE, set_dots},
    {'J', ATTACHED, ignore},        {'L', VALUE, ignore},
    {'M', VALUE, refuse},           {'m', ALONE, ignore},
    {'N', VALUE, take_notify},      {'n', ALONE, set_plain},
    {'O', VALUE, take_long_option}, {'o', ATTACHED, take_short_option},
    {'p', VALUE, ignore},           {'q', ATTACHED, take_flush},
    {'R', VALUE, take_return},      {'r', VALUE, set_sender},
    {'s', ALONE, ignore},           {'T', ALONE, ignore},
    {'t', ALONE, set_header},       {'U', ALONE, set_utf8},
    {'V', VALUE, take_envid},       {'v', ALONE, set_verbose},
    {'X', VALUE, ignore}, // no file named here is opened
    {'x', ALONE, ignore},
};

struct words {
    int argc, at; // at: the next word
    char *const *argv;
};

// One letter and its value. *word points behind the letter; it is moved to the next letter of a
// bundle, or to the end.
static int take_letter(struct args *a, struct words *s, char letter, const char **word,
                       struct buf *why)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].letter != letter)
            continue;
        const char *value = "";
        if (options[i].form != ALONE) {
            value = *word;
            *word += strlen(*word);
        }
        if (options[i].form == VALUE && !*value) {
            if (s->at == s->argc) {
                buf_puts(why, "needs a value");
                return EX_USAGE;
            }
            value = s->argv[s->at++];
        }
        return options[i].take(a, value, why);
    }
    buf_puts(why, "unknown option");
    return EX_USAGE;
}

static int take_bundle(struct args *a, struct words *s, const char *word, struct buf *why)
{
    while (*word) {
        char letter = *word++;
        int status = take_letter(a, s, letter, &word, why);
        if (status) {
            struct buf text = BUF_INIT(why->max);
            buf_printf(&text, "-%c: %s", letter, buf_str(why));
            buf_clear(why);
            buf_put_span(why, buf_span(&text));
            buf_free(&text);
            return status;
        }
    }
    return 0;
}

static int take_long(struct args *a, const char *word, struct buf *why)
{
    if (strcmp(word, "--version") == 0) {
        a->job = ARGS_VERSION;
        return 0;
    }
    buf_printf(why, "%s: unknown option", word);
    return EX_USAGE;
}

static int scan_options(struct args *a, struct words *s, bool *ended, struct buf *why)
{
    while (s->at < s->argc) {
        const char *word = s->argv[s->at];
        int status;
        if (a->job == ARGS_FLUSH && is_interval(word)) {
            s->at++;
            continue;
        }
        if (word[0] != '-' || !word[1])
            return 0;
        s->at++;
        if (strcmp(word, "--") == 0) {
            *ended = true;
            return 0;
        }
        if (word[1] == '-')
            status = take_long(a, word, why);
        else
            status = take_bundle(a, s, word + 1, why);
        if (status)
            return status;
    }
    return 0;
}

static enum args_job job_of_name(const char *name)
{
    static const struct {
        const char *name;
        enum args_job job;
    } names[] = {
        {"mailq", ARGS_LIST},       {"newaliases", ARGS_ALIASES}, {"runq", ARGS_FLUSH},
        {"hoststat", ARGS_NOTHING}, {"purgestat", ARGS_NOTHING},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0)
            return names[i].job;
    return ARGS_DELIVER;
}

// What can not be meant. A mode beside a message would throw the message away with exit 0.
static int check_args(const struct args *a, bool ended, struct buf *why)
{
    bool takes_operands = a->job == ARGS_DELIVER || a->job == ARGS_VERIFY;
    if ((a->job != ARGS_DELIVER && a->from_header) || (!takes_operands && a->n_operands)) {
        buf_puts(why, "an option that asks for another job stands beside -t or a recipient");
        return EX_USAGE;
    }
    if (a->job == ARGS_DELIVER && !a->from_header && !a->n_operands) {
        buf_puts(why, "no recipients: name them, or give -t");
        return EX_USAGE;
    }
    if (a->job == ARGS_VERIFY && !a->n_operands) {
        buf_puts(why, "no addresses: name them");
        return EX_USAGE;
    }
    for (size_t i = 0; !ended && i < a->n_operands; i++) {
        if (a->operands[i][0] == '-') {
            buf_printf(why, "%s: a recipient that begins with \"-\" needs \"--\" before it",
                       a->operands[i]);
            return EX_USAGE;
        }
    }
    return 0;
}

int args_parse(struct args *a, int argc, char *const argv[], struct buf *why)
{
    struct words s = {.argc = argc, .at = argc ? 1 : 0, .argv = argv};
    bool ended = false;
    *a = (struct args){.job = job_of_name(process_name(argv[0]))};
    int status = scan_options(a, &s, &ended, why);
    if (status)
        return status;
    a->operands = argv + s.at;
    a->n_operands = (size_t)(argc - s.at);
    return check_args(a, ended, why);
}
