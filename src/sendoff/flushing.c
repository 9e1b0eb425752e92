// SPDX-License-Identifier: ISC
#include "sendoff/flushing.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "sendoff/bell/bell.h"
#include "sendoff/bell/leave.h"
#include "sendoff/pass/flush.h"
#include "sendoff/queue/pick.h"

static void say_trouble(const struct outcome *o)
{
    struct buf text = BUF_INIT(2 * OUTCOME_TEXT_MAX);
    outcome_describe(&text, o);
    diag_warn("%s", buf_str(&text));
    buf_free(&text);
}

static int say_result(const struct call *call, const struct flush_result *r)
{
    const struct settle_counts *c = &r->counts;
    // Where the log goes to stderr, its own line has said it.
    if (r->line_trouble && call->config->log != LOG_TO_STDERR &&
        call->config->log != LOG_TO_JSON)
        say_trouble(&r->line);
    if (c->trouble || r->broken)
        diag_warn("%llu messages could not be settled, see the log",
                  (unsigned long long)c->trouble + r->broken);
    if (r->backing_off && isatty(STDERR_FILENO))
        fputs("the account rests after trouble: `sendoff status` tells why, and until when\n",
              stderr);
    if (call->verbose || isatty(STDERR_FILENO))
        fprintf(stderr, "%llu sent, %llu deferred, %llu failed; %llu waiting\n",
                (unsigned long long)c->sent, (unsigned long long)c->deferred,
                (unsigned long long)c->failed, (unsigned long long)r->left);
    return r->left || c->trouble ? EX_TEMPFAIL : EX_OK;
}

// The queue is another user's to run: root's, who serves all.
static int ring_for_flush(const struct call *call)
{
    if (!bell_ring(call->config)) {
        buf_puts(call->why, "nobody listens to the bell; root or a timer runs the queue");
        return EX_NOPERM;
    }
    if (call->verbose || isatty(STDERR_FILENO))
        fputs("the bell was rung: what is due is sent for you\n", stderr);
    return EX_OK;
}

static int run_flush(struct call *call, const struct flush_options *options)
{
    struct flush_options what = *options;
    struct flush_result result;
    if (!call->usable)
        return call_unusable(call);
    enum leave leave = leave_of(call->config, config_account(call->config, ""));
    if (leave == LEAVE_NONE)
        return ring_for_flush(call);
    what.due |= leave == LEAVE_DUE;
    what.patience = what.due ? 0 : FLUSH_PATIENCE;
    // The log, or the dialogue, would be in the way of it.
    what.progress = !what.verbose && call->config->log != LOG_TO_STDERR &&
                    call->config->log != LOG_TO_JSON;
    int status = flush(call->config, &what, &result, call->why);
    int left = say_result(call, &result);
    // What the bell asked for is done by who is at it already: he looks once more.
    if (result.busy && what.due) {
        buf_clear(call->why);
        return EX_OK;
    }
    return status ? status : left;
}

static int complain(struct call *call, const char *word, const char *what)
{
    buf_printf(call->why, "%s: ", word);
    return call_usage(call, what);
}

// An option that names messages, and its value.
static int take_rule(struct call *call, const char *word, struct select *chosen)
{
    static const struct {
        const char *word;
        enum select_kind kind;
        bool negated;
    } rules[] = {
        {"--id", SELECT_ID, false},
        {"--not-id", SELECT_ID, true},
        {"--sender", SELECT_SENDER, false},
        {"--not-sender", SELECT_SENDER, true},
        {"--recipient", SELECT_RECIPIENT, false},
        {"--not-recipient", SELECT_RECIPIENT, true},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(word, rules[i].word) != 0)
            continue;
        const char *value = call_value(call);
        if (!value)
            return complain(call, word, "needs a value");
        select_add(chosen, rules[i].kind, rules[i].negated, value);
        return 0;
    }
    return complain(call, word, "no such option");
}

// The options that both commands have.
static int take_choices(struct call *call, struct flush_options *options, struct select *chosen,
                        const char **account)
{
    int status = 0;
    while (call_is_option(call) && !status) {
        const char *word = call_value(call);
        if (strcmp(word, "--due") == 0) {
            options->due = true;
        } else if (strcmp(word, "--held") == 0) {
            chosen->held = true;
        } else if (strcmp(word, "--only-held") == 0) {
            chosen->only_held = true;
        } else if (strcmp(word, "--account") == 0) {
            *account = call_value(call);
            status = *account ? 0 : complain(call, word, "needs a name");
        } else {
            status = take_rule(call, word, chosen);
        }
    }
    return status;
}

// Each id has to be a waiting message's; the others are named. How many are good is told in
// *good.
static int take_ids(struct call *call, struct select *chosen, int *good)
{
    struct pick pick;
    int worst = pick_init(&pick, call->config, call->why);
    *good = 0;
    for (int i = 0; i < call->argc && (!worst || worst == EX_NOINPUT); i++) {
        struct picked at;
        enum pick_answer answer = pick_find(&pick, span_of(call->argv[i]), &at);
        if (answer == PICK_NONE) {
            pick_complain(answer, call->argv[i]);
            worst = EX_NOINPUT;
        } else if (answer == PICK_ONE &&
                   (at.place == MAILDIR_FAILED_NEW || at.place == MAILDIR_FAILED_CUR)) {
            diag_warn("%s: it has failed; `sendoff queue retry` puts it back", call->argv[i]);
            worst = EX_NOINPUT;
        } else {
            select_add(chosen, SELECT_ID, false, call->argv[i]);
            ++*good;
        }
    }
    pick_free(&pick);
    return worst;
}

// Mail goes by one account: with another one's name nothing is chosen.
static int run_chosen(struct call *call, const struct flush_options *options,
                      const char *account)
{
    const struct config_account *named = NULL;
    if (account && call->usable) {
        named = config_account(call->config, account);
        if (!named) {
            buf_printf(call->why, "%s: the config has no such account", account);
            return EX_DATAERR;
        }
        if (named != config_account(call->config, ""))
            return EX_OK;
    }
    return run_flush(call, options);
}

int flushing_flush(struct call *call)
{
    struct select chosen;
    const char *account = NULL; // only mail that goes by this one
    struct flush_options options = {.verbose = call->verbose, .select = &chosen};
    int good = 0, unknown = 0;
    select_init(&chosen);
    int status = take_choices(call, &options, &chosen, &account);
    for (int i = 0; i < call->argc && !status; i++)
        if (call->argv[i][0] == '-')
            status = call_usage(call, "options stand before the queue ids");
    if (!status && call->argc) {
        unknown = take_ids(call, &chosen, &good);
        if (!good)
            status = unknown;
    }
    if (!status)
        status = run_chosen(call, &options, account);
    select_free(&chosen);
    return status ? status : unknown;
}

int flushing_runq(struct call *call)
{
    struct select chosen;
    const char *account = NULL; // only mail that goes by this one
    struct flush_options options = {.verbose = call->verbose, .select = &chosen};
    select_init(&chosen);
    int status = take_choices(call, &options, &chosen, &account);
    if (!status && call->argc)
        status = call_usage(call, "runq takes no ids");
    if (!status) {
        status = run_chosen(call, &options, account);
        if (status == EX_TEMPFAIL && call->why->n == 0)
            status = EX_OK;
    }
    select_free(&chosen);
    return status;
}
