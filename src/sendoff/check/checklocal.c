// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/check/checklocal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "base/io.h"
#include "message/address.h"
#include "message/aliascheck.h"
#include "sendoff/check/example.h"
#include "sendoff/queue/overview.h"
#include "sendoff/spools/spools.h"
#include "spool/alias_file.h"
#include "spool/deposit.h"
#include "spool/recipients.h"

enum {
    TEXT_MAX = 8192,
    ROOM_SCARCE = 16 << 20 // octets that are left for mail
};

// ---- The config

// Others who queue mail read the system's config for its domain, aliases and limits.
static void judge_mode(struct checkup *c, const struct config *config)
{
    struct stat st;
    if (io_stat_at(AT_FDCWD, config->path, &st) || S_ISLNK(st.st_mode))
        return;
    if (config->mode == CONFIG_SYSTEM && !(st.st_mode & S_IROTH))
        checkup_warn(c, "config",
                     "other users can not read it: their mail is queued without "
                     "its aliases and its domain",
                     "chmod 644 it; it holds no secret");
}

void checklocal_config(struct checkup *c, const struct config *config, bool usable)
{
    struct buf line = BUF_INIT(TEXT_MAX);
    struct span rest = buf_span(&config->search), place;
    if (usable)
        checkup_pass(c, "config", config->path);
    else
        checkup_fail(c, "config", buf_str(&config->problem),
                     config->path[0] ? "correct that line; sendoff.conf(5) has every key"
                                     : "`sendoff setup` makes one",
                     EX_CONFIG);
    while (span_cut(&rest, '\n', &place)) {
        buf_clear(&line);
        buf_printf(&line, "%s%.*s",
                   span_find_nocase(place, SPAN("not looked at")) ? "" : "looked at ",
                   SPAN_ARGS(place));
        if (place.n)
            checkup_note(c, "config", buf_str(&line));
    }
    if (usable)
        judge_mode(c, config);
    buf_free(&line);
}

// ---- Spools

// What failed and nobody was told of waits for a person.
static void count_failed(struct checkup *c, const struct maildir *m)
{
    static const enum maildir_place places[] = {MAILDIR_FAILED_NEW, MAILDIR_FAILED_CUR};
    struct buf names = BUF_INIT(0), text = BUF_INIT(TEXT_MAX);
    size_t count = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ssize_t n = maildir_list(m, places[i], SIZE_MAX, &names);
        count += n > 0 ? (size_t)n : 0;
    }
    buf_printf(&text, "%zu message%s in .failed", count, count == 1 ? "" : "s");
    if (count)
        checkup_warn(c, "spool", buf_str(&text),
                     "`sendoff queue` says why; then `sendoff queue retry` or `delete`");
    else
        checkup_note(c, "spool", buf_str(&text));
    buf_free(&names);
    buf_free(&text);
}

static void judge_room(struct checkup *c, const struct maildir *m, struct buf *text)
{
    uint64_t room = UINT64_MAX;
    if (deposit_try(m)) {
        buf_printf(text, ": no message can be queued: %s", strerror(errno));
        checkup_fail(c, "spool", buf_str(text), "", EX_CONFIG);
        return;
    }
    if (io_space(m->root, &room) == 0) {
        buf_puts(text, ", ");
        overview_put_size(text, room);
        buf_puts(text, " free");
    }
    if (room < ROOM_SCARCE)
        checkup_warn(c, "spool", buf_str(text), "make room: mail will soon be refused (75)");
    else
        checkup_pass(c, "spool", buf_str(text));
}

bool checklocal_spool(struct checkup *c, const struct config *config)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct maildir m = MAILDIR_CLOSED;
    enum maildir_answer answer = MAILDIR_TROUBLE;
    if (config_spool_root(config, &text))
        maildir_make_root(buf_str(&text));
    buf_clear(&text);
    if (!config_spool(config, &text)) {
        checkup_fail(c, "spool", "none: the user has no home, and there is no system spool",
                     "set `spool` in [sendoff]", EX_CONFIG);
    } else if ((answer = maildir_open(&m, buf_str(&text), true)) == MAILDIR_OPEN) {
        judge_room(c, &m, &text);
        count_failed(c, &m);
    } else {
        buf_printf(&text, ": %s", answer == MAILDIR_TROUBLE ? strerror(errno) : SPOOLS_FOREIGN);
        checkup_fail(c, "spool", buf_str(&text), "", EX_CONFIG);
    }
    maildir_close(&m);
    buf_free(&text);
    return answer == MAILDIR_OPEN;
}

void checklocal_root(struct checkup *c, const struct config *config)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(TEXT_MAX);
    struct spools spools;
    struct stat st;
    spools_find(&spools, config);
    if (config_spool_root(config, &path) && spools.root >= 0) {
        bool good = io_stat(spools.root, &st) == 0 && st.st_uid == 0 &&
                    (st.st_mode & 07777) == 01733;
        buf_printf(&text, "%s: %zu of users", buf_str(&path), spools.n);
        checkup_say(c, good ? CHECKUP_PASS : CHECKUP_FAIL, "spools", buf_str(&text),
                    good ? "" : "it is to be root's, with mode 1733", EX_CONFIG);
    }
    buf_clear(&text);
    buf_printf(&text, "%" PRIu64 " spool%s of uids that passwd does not know, left alone: %s",
               spools.strangers, spools.strangers == 1 ? "" : "s", buf_str(&spools.strange));
    if (spools.strangers)
        checkup_note(c, "spools", buf_str(&text));
    spools_free(&spools);
    buf_free(&path);
    buf_free(&text);
}

// ---- Names

void checklocal_domain(struct checkup *c, const struct config *config)
{
    struct buf domain = BUF_INIT(1024);
    if (config_domain(config, &domain))
        checkup_pass(c, "domain", buf_str(&domain));
    else
        checkup_fail(c, "domain", "none is known",
                     "set `domain` in [sendoff], or put it into /etc/mailname", EX_CONFIG);
    buf_free(&domain);
}

static void blame(struct checkup *c, const struct alias_file *file, const char *path)
{
    struct buf complaints = BUF_INIT(TEXT_MAX);
    aliases_check(&file->aliases, path, &complaints);
    struct span rest = buf_span(&complaints), line;
    while (span_cut(&rest, '\n', &line)) {
        struct buf text = BUF_INIT(TEXT_MAX);
        buf_put_span(&text, line);
        if (line.n)
            checkup_warn(c, "aliases", buf_str(&text), "");
        buf_free(&text);
    }
    if (!complaints.n && !complaints.over)
        checkup_pass(c, "aliases", path);
    buf_free(&complaints);
}

void checklocal_aliases(struct checkup *c, const struct config *config)
{
    struct buf why = BUF_INIT(TEXT_MAX);
    struct alias_file file;
    switch (alias_file_read(&file, config->aliases, &why)) {
    case ALIAS_FILE_READ: blame(c, &file, config->aliases); break;
    case ALIAS_FILE_ABSENT:
        buf_printf(&why, "%s: there is none, which is fine", config->aliases);
        checkup_pass(c, "aliases", buf_str(&why));
        break;
    case ALIAS_FILE_BAD:
        checkup_warn(c, "aliases", buf_str(&why),
                     "correct the file, or `aliases` in [sendoff]: it counts as empty");
        break;
    }
    alias_file_free(&file);
    buf_free(&why);
}

void checklocal_recipients(struct checkup *c, const struct config *config)
{
    struct buf domain = BUF_INIT(1024), text = BUF_INIT(TEXT_MAX), whole = BUF_INIT(TEXT_MAX);
    struct envelope named, to;
    bool bare = false, kept = false;
    if (!config_domain(config, &domain))
        buf_clear(&domain);
    struct recipients_rules rules = {.aliases = config->aliases,
                                     .local_to = span_of(config->local_to),
                                     .domain = buf_span(&domain)};
    envelope_init(&named);
    envelope_init(&to);
    bool good = envelope_add(&named, SPAN("root"), SPAN("")) &&
                recipients_resolve(&to, &named, &rules, &text);
    recipients_complete(&whole, SPAN("root"), buf_span(&domain));
    buf_puts(&text, good ? "mail for root goes to" : "");
    for (size_t i = 0; good && i < envelope_count(&to); i++) {
        struct span mailbox = span_of(envelope_address(&to, i));
        bare |= address_is_bare(mailbox);
        kept |= envelope_same(mailbox, buf_span(&whole));
        buf_printf(&text, "%s %.*s", i ? "," : "", SPAN_ARGS(mailbox));
    }
    if (!good || bare)
        checkup_fail(c, "root's mail", buf_str(&text),
                     "set `local_to` in [sendoff] to an address of yours", EX_CONFIG);
    else if (kept)
        checkup_warn(
            c, "root's mail", buf_str(&text),
            "if nobody reads that, set `local_to` in [sendoff] to an address of yours");
    else
        checkup_pass(c, "root's mail", buf_str(&text));
    envelope_free(&named);
    envelope_free(&to);
    buf_free(&domain);
    buf_free(&text);
    buf_free(&whole);
}

void checklocal_sender(struct checkup *c, const struct config *config)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    bool good = example_sender(config, config_account(config, ""), &text);
    checkup_say(c, good ? CHECKUP_PASS : CHECKUP_FAIL, "sender", buf_str(&text), "", EX_CONFIG);
    buf_free(&text);
}
