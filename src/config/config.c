// SPDX-License-Identifier: ISC
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include "base/io.h"
#include "config/options.h"
#include "config/rules.h"
#include "config/scan.h"
#include "config/search.h"
#include "config/settings.h"
#include "config/value.h"
#include "paths.h"

enum {
    LOAD_FILE_MAX = 262144, // octets of a config that is read at all
    LOAD_TRIES = 5,         // how often a file that changes under our hands is begun again
    LOAD_TEXT_MAX = 16384   // octets of `search`, `ignored` and `problem`
};

static const char system_path[] = PATH_SYSCONF "/sendoff/sendoff.conf";

// A file on its way into *c.
struct load {
    struct config *c;
    struct scan scan;
    struct config_account *account; // of the section at hand, NULL for [sendoff]
    uint64_t seen;                  // the rows of the table that this section had
    bool had_sendoff;
};

static void load_begin(struct load *l, struct span text)
{
    scan_init(&l->scan, text);
    l->account = NULL;
    l->seen = 0;
    l->had_sendoff = false;
}

// "FILE:LINE: SECTION: KEY: what", with what is known of it. Only the first trouble is told;
// the others show once it is mended. False, for the caller to return.
static bool blame(struct load *l, const char *what)
{
    struct buf *out = &l->c->problem;
    if (out->n)
        return false;
    text_clean(out, span_of(l->c->path), SEARCH_PATH_MAX);
    buf_printf(out, ":%u: ", l->scan.line);
    if (l->scan.section.n)
        buf_printf(out, "%.*s: ", SPAN_ARGS(l->scan.section));
    if (l->scan.key.n)
        buf_printf(out, "%.*s: ", SPAN_ARGS(l->scan.key));
    buf_puts(out, what);
    return false;
}

static bool blame_file(struct config *c, const char *what)
{
    if (c->problem.n)
        return false;
    text_clean(&c->problem, span_of(c->path), SEARCH_PATH_MAX);
    buf_printf(&c->problem, ": %s", what);
    return false;
}

static bool is_sendoff(struct span section)
{
    return span_equal_nocase(section, SPAN("sendoff"));
}

static enum option_section kind_of(const struct load *l)
{
    return is_sendoff(l->scan.section) ? OPTION_SENDOFF : OPTION_ACCOUNT;
}

static bool add_account(struct load *l)
{
    if (settings_account(l->c, l->scan.section))
        return blame(l, "this section stands here twice");
    if (l->c->n_accounts == CONFIG_ACCOUNTS_MAX)
        return blame(l, "there are too many accounts (at most 64)");
    settings_add_account(l->c, l->scan.section);
    return true;
}

// Whether the key's row was seen in this section before; it is now.
static bool seen_before(struct load *l)
{
    const struct option *o = option_find(kind_of(l), l->scan.key);
    uint64_t bit = o ? UINT64_C(1) << (o - option_table) : 0;
    bool before = l->seen & bit;
    l->seen |= bit;
    return before;
}

static bool survey_section(struct load *l)
{
    l->seen = 0;
    if (!is_sendoff(l->scan.section))
        return add_account(l);
    if (l->had_sendoff)
        return blame(l, "this section stands here twice");
    l->had_sendoff = true;
    return true;
}

// The first reading: the form of the text and which accounts there are. iniparser is only shown
// what passes.
static bool survey(struct load *l, struct span text)
{
    bool good = true;
    load_begin(l, text);
    while (good)
        switch (scan_next(&l->scan)) {
        case SCAN_END: return true;
        case SCAN_BAD: return blame(l, l->scan.error);
        case SCAN_SECTION: good = survey_section(l); break;
        case SCAN_KEY: good = !seen_before(l) || blame(l, "stands here twice"); break;
        }
    return false;
}

static bool unknown_key(struct load *l)
{
    enum option_section here = kind_of(l);
    const struct option *near = option_near(here, l->scan.key);
    struct buf what = BUF_INIT(LOAD_TEXT_MAX);
    buf_puts(&what, "there is no such key");
    if (option_find(here == OPTION_SENDOFF ? OPTION_ACCOUNT : OPTION_SENDOFF, l->scan.key))
        buf_puts(&what, here == OPTION_SENDOFF ? " here: it belongs to an account's section"
                                               : " here: it belongs to [sendoff]");
    else if (near)
        buf_printf(&what, "; did you mean '%s'?", near->key);
    blame(l, buf_str(&what));
    buf_free(&what);
    return false;
}

// What iniparser makes of the key at hand, or NULL.
static const char *parsed_value(const struct load *l, const dictionary *ini)
{
    struct buf name = BUF_INIT(CONFIG_NAME_MAX + SCAN_KEY_MAX + 1);
    buf_printf(&name, "%.*s:%.*s", SPAN_ARGS(l->scan.section), SPAN_ARGS(l->scan.key));
    for (size_t i = 0; i < name.n; i++)
        name.p[i] = text_lower(name.p[i]);
    const char *value = iniparser_getstring(ini, buf_str(&name), NULL);
    buf_free(&name);
    return value;
}

static void apply_key(struct load *l, const dictionary *ini)
{
    const struct option *o = option_find(kind_of(l), l->scan.key);
    const char *parsed = parsed_value(l, ini);
    uint64_t number = 0;
    if (!o) {
        unknown_key(l);
        return;
    }
    // Should the two readers ever differ, neither is believed: nothing is cut in silence.
    if (!parsed || !span_equal(span_of(parsed), l->scan.value)) {
        blame(l, "iniparser reads another value than stands there");
        return;
    }
    struct buf why = BUF_INIT(LOAD_TEXT_MAX);
    if (value_read(o, l->scan.value, &number, &why))
        settings_store(o, l->account ? (void *)l->account : (void *)l->c, l->scan.value,
                       number);
    else
        blame(l, buf_str(&why));
    buf_free(&why);
}

// The second reading: what is good is stored, so that one bad key spoils no other.
static void apply(struct load *l, struct span text, const dictionary *ini)
{
    enum scan_answer answer;
    load_begin(l, text);
    while ((answer = scan_next(&l->scan)) == SCAN_SECTION || answer == SCAN_KEY)
        if (answer == SCAN_SECTION)
            l->account = settings_account(l->c, l->scan.section);
        else
            apply_key(l, ini);
}

static int say_nothing(const char *fmt, ...)
{
    (void)fmt;
    return 0;
}

static bool read_text(struct load *l, const struct found *f, struct buf *text)
{
    ssize_t got;
    do {
        char piece[8192];
        got = io_read(f->fd, piece, sizeof piece);
        if (got > 0)
            buf_put(text, piece, (size_t)got);
    } while (got > 0 && !text->over);
    if (got < 0)
        return blame_file(l->c, strerror(errno));
    return !text->over || blame_file(l->c, "is too large for a config");
}

// What iniparser makes of a file that the first reading passed; NULL where there is trouble.
static dictionary *parse(struct load *l, const struct found *f, struct buf *text)
{
    if (!read_text(l, f, text) || !survey(l, buf_span(text)))
        return NULL;
    iniparser_set_error_callback(say_nothing);
    dictionary *ini = iniparser_load(buf_str(&f->really));
    if (!ini)
        blame_file(l->c, "iniparser can not read it");
    return ini;
}

// iniparser opens the file by its name, after us. False where the file was changed meanwhile:
// nothing of it is then believed, neither value nor fault.
static bool load_found(struct config *c, const struct found *f)
{
    struct load l = {.c = c};
    struct buf text = BUF_INIT(LOAD_FILE_MAX);
    c->mode = f->mode;
    free(c->path);
    c->path = settings_keep(buf_span(&f->name));
    dictionary *ini = parse(&l, f, &text);
    bool same = search_same(f);
    c->parsed = ini && same;
    if (c->parsed)
        apply(&l, buf_span(&text), ini);
    else
        settings_free_accounts(c);
    if (!same)
        buf_clear(&c->problem);
    if (ini)
        iniparser_freedict(ini);
    buf_free(&text);
    return same;
}

// No file counts; those that were passed over are told in one line.
static void tell_none(struct config *c)
{
    free(c->path);
    c->path = settings_keep(SPAN(""));
    struct span rest = buf_span(&c->ignored), line;
    buf_puts(&c->problem, "no config");
    while (span_cut(&rest, '\n', &line) && line.n)
        buf_printf(&c->problem, "; %.*s", SPAN_ARGS(line));
}

// One look for a file and at it, begun again while somebody is just writing it.
static bool load_once(struct config *c, const char *path)
{
    struct found f;
    found_init(&f);
    buf_clear(&c->search);
    buf_clear(&c->ignored);
    bool counts = path ? search_path(&f, path, system_path, &c->search, &c->ignored)
                       : search_places(&f, system_path, &c->search, &c->ignored);
    bool settled = !counts || load_found(c, &f);
    if (!counts)
        tell_none(c);
    found_free(&f);
    return settled;
}

static int load(struct config *c, const char *path)
{
    struct buf why = BUF_INIT(LOAD_TEXT_MAX);
    bool settled = false;
    settings_init(c);
    c->search = c->ignored = c->problem = (struct buf)BUF_INIT(LOAD_TEXT_MAX);
    for (int i = 0; i < LOAD_TRIES && !settled; i++)
        settled = load_once(c, path);
    if (!settled)
        blame_file(c, "changes while it is read");
    if (c->parsed && !rules_hold(c, &why))
        blame_file(c, buf_str(&why));
    buf_free(&why);
    return c->problem.n ? -1 : 0;
}

int config_load(struct config *c)
{
    return load(c, NULL);
}

int config_load_path(struct config *c, const char *path)
{
    return load(c, path);
}
