// SPDX-License-Identifier: ISC
#include "sendoff/setup/importing.h"

#include <stdio.h>
#include <string.h>

void importing_set(struct importing *m, size_t section, const char *key, struct span value,
                   const char *word)
{
    struct buf why = BUF_INIT(IMPORTING_LINE_MAX);
    if (!draft_set(m->draft, section, key, value, &why))
        draft_note(m->draft, m->file, m->line, "%s: not carried over: %s", word, buf_str(&why));
    buf_free(&why);
}

// Appends the path in full; false where it has no home to begin at.
static bool put_path(const struct importing *m, struct span path, struct buf *out)
{
    if (path.n >= 2 && path.p[0] == '~' && path.p[1] == '/') {
        if (!*m->home)
            return false;
        buf_puts(out, m->home);
        path = (struct span){path.p + 1, path.n - 1};
    }
    buf_put_span(out, path);
    return true;
}

void importing_set_path(struct importing *m, size_t section, const char *key, struct span value,
                        const char *word)
{
    struct buf path = BUF_INIT(IMPORTING_LINE_MAX);
    if (put_path(m, value, &path))
        importing_set(m, section, key, buf_span(&path), word);
    else
        draft_note(m->draft, m->file, m->line, "%s: not carried over: whose home is ~?", word);
    buf_free(&path);
}

// A shell reads it there, and nobody here.
static bool needs_shell(struct span command)
{
    for (size_t i = 0; i < command.n; i++)
        if (strchr("|&;<>()$`\\\"'*?[]#~!{}", command.p[i]))
            return true;
    return false;
}

// Many have the password in a file and no better word for that.
static bool is_cat(struct span command, struct span *file)
{
    struct span program;
    if (!span_word(&command, &program) ||
        (!span_equal(program, SPAN("cat")) && !span_equal(program, SPAN("/bin/cat")) &&
         !span_equal(program, SPAN("/usr/bin/cat"))))
        return false;
    return span_word(&command, file) && file->p[0] == '/' && !span_trim(command).n;
}

// Of an inherited password only the own one is left.
static void set_secret(struct importing *m, size_t section, const char *key, struct span value,
                       const char *word)
{
    importing_set(m, section, "password_file", SPAN(""), word);
    importing_set(m, section, "password_command", SPAN(""), word);
    importing_set(m, section, key, value, word);
}

void importing_set_command(struct importing *m, size_t section, struct span value,
                           const char *word)
{
    struct buf command = BUF_INIT(IMPORTING_LINE_MAX);
    struct span rest = value, part;
    bool good = true;
    while (good && span_word(&rest, &part)) {
        buf_puts(&command, command.n ? " " : "");
        good = put_path(m, part, &command);
    }
    if (!good)
        draft_note(m->draft, m->file, m->line, "%s: not carried over: whose home is ~?", word);
    else if (needs_shell(buf_span(&command)))
        draft_note(m->draft, m->file, m->line,
                   "%s: not carried over: no shell reads password_command; put the line into a "
                   "script",
                   word);
    else if (is_cat(buf_span(&command), &part))
        set_secret(m, section, "password_file", part, word);
    else if (!command.n || command.p[0] != '/')
        draft_note(m->draft, m->file, m->line,
                   "%s: not carried over: password_command wants the program's absolute path: "
                   "%.*s",
                   word, SPAN_ARGS(value));
    else
        set_secret(m, section, "password_command", buf_span(&command), word);
    buf_free(&command);
}

void importing_force(struct importing *m, size_t section, struct span from, const char *word)
{
    importing_set(m, section, "from", from, word);
    if (draft_get(m->draft, section, "from")[0])
        importing_set(m, section, "sender", SPAN("force"), word);
}

bool importing_line(struct importing *m, struct span *rest, struct span *line)
{
    while (span_cut(rest, '\n', line)) {
        m->line++;
        *line = span_trim(*line);
        if (line->n && line->p[0] != '#')
            return true;
    }
    return false;
}

static bool is_this_host(const char *host)
{
    struct span s = span_of(host);
    return span_equal_nocase(s, SPAN("localhost")) || span_equal(s, SPAN("::1")) ||
           (s.n > 4 && !memcmp(s.p, "127.", 4));
}

void importing_protect(struct importing *m, size_t section)
{
    const char *host = draft_get(m->draft, section, "host");
    if (strcmp(draft_get(m->draft, section, "tls"), "none") != 0 ||
        !draft_get(m->draft, section, "user")[0] || is_this_host(host))
        return;
    draft_note(m->draft, m->file, m->line,
               "no password goes to %s without TLS: tls = starttls was put in", host);
    importing_set(m, section, "tls", SPAN("starttls"), "tls");
}

void importing_finish(struct importing *m, size_t section, enum importing_tls tls,
                      unsigned port, unsigned usual)
{
    const char *host = draft_get(m->draft, section, "host");
    bool login = draft_get(m->draft, section, "user")[0] != '\0';
    char number[16];
    m->line = 0;
    if (!*host) {
        draft_note(m->draft, m->file, 0, "%s: there is no smarthost: set `host`",
                   draft_name(m->draft, section));
        return;
    }
    snprintf(number, sizeof number, "%u", port ? port : usual);
    importing_set(m, section, "port", span_of(number), "port");
    static const struct span words[] = {[IMPORTING_NO_TLS] = SPAN_INIT("none"),
                                        [IMPORTING_STARTTLS] = SPAN_INIT("starttls"),
                                        [IMPORTING_IMPLICIT] = SPAN_INIT("implicit")};
    importing_set(m, section, "tls", words[tls], "tls");
    if (tls == IMPORTING_NO_TLS && !login)
        importing_set(m, section, "auth", SPAN("none"), "auth");
    importing_protect(m, section);
}
