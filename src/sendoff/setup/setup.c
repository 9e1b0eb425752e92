// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/setup.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "config/home.h"
#include "paths.h"
#include "sendoff/check/check.h"
#include "sendoff/check/testmail.h"
#include "sendoff/setup/draftfile.h"
#include "sendoff/setup/keepfile.h"
#include "sendoff/setup/setupplan.h"

enum { PATH_LONGEST = 4096 };

static const char head[] =
    "# sendoff.conf: where mail goes, and how. Made by `sendoff setup`; to be edited at will.\n"
    "# sendoff.conf(5) has all that can be set; `sendoff check` tries out what is.\n";

// Where the config goes: the system's for root, else the user's own.
static bool put_path(const struct setup_plan *plan, struct buf *path)
{
    if (plan->options->output) {
        buf_puts(path, plan->options->output);
        return true;
    }
    if (plan->system) {
        buf_puts(path, PATH_SYSCONF "/sendoff/sendoff.conf");
        return true;
    }
    if (!home_place("XDG_CONFIG_HOME", ".config", path))
        return false;
    buf_puts(path, "/sendoff/sendoff.conf");
    return true;
}

// Whether the file may be written: nothing is there, or it may be replaced.
static int may_write(struct setup_plan *plan, const char *path)
{
    bool yes = plan->options->replace;
    struct buf question = BUF_INIT(PATH_LONGEST + 128);
    if (!yes && keepfile_is_there(path) && plan->prompt->there && !plan->options->yes) {
        buf_printf(&question, "%s is there already. Replace it? It is kept as %s.bak.", path,
                   path);
        if (prompt_yes(plan->prompt, buf_str(&question), false, &yes) != PROMPT_GIVEN)
            yes = false;
    }
    buf_free(&question);
    if (yes || !keepfile_is_there(path))
        return 0;
    buf_printf(&plan->problem, "%s is there already; --replace keeps it as %s.bak", path, path);
    return EX_CANTCREAT;
}

static int write_config(struct setup_plan *plan, const char *path)
{
    struct draft d;
    int status = EX_DATAERR;
    draft_init(&d);
    if (prompt_is_over(plan->prompt)) {
        buf_puts(&plan->problem, "given up: nothing was written");
        status = EX_TEMPFAIL;
    } else if (setupplan_draft(plan, &d)) {
        status = draftfile_write(&d, path, plan->system ? DRAFTFILE_SYSTEM : DRAFTFILE_OWN,
                                 head, &plan->problem);
    }
    draft_free(&d);
    if (!status)
        printf("\nWritten: %s\n", path);
    return status;
}

// Another file may count in place of the one just written.
static void warn_of_other(const char *path)
{
    struct config c;
    int bad = config_load(&c);
    if (c.path[0] && strcmp(c.path, path) != 0)
        diag_warn("%s counts before it; `sendoff check` tells why", c.path);
    else if (bad)
        diag_warn("%s", buf_str(&c.problem));
    config_free(&c);
}

static int try_out(struct setup_plan *plan, const char *path)
{
    struct config c;
    struct checkup checkup;
    int bad = config_load_path(&c, path);
    bool yes = false;
    puts("Trying it out:\n");
    checkup_init(&checkup, false);
    check(&checkup, &c, !bad, plan->options->send ? plan->options->send : "");
    checkup_end(&checkup);
    if (!checkup.status && !plan->options->send && plan->prompt->there && !plan->options->yes &&
        !prompt_is_over(plan->prompt)) {
        struct buf question = BUF_INIT(PATH_LONGEST);
        buf_printf(&question, "\nSend a test mail to %s?", buf_str(&plan->address));
        if (prompt_yes(plan->prompt, buf_str(&question), true, &yes) == PROMPT_GIVEN && yes)
            testmail(&checkup, &c, buf_str(&plan->address));
        buf_free(&question);
    }
    config_free(&c);
    return checkup.status;
}

static void say_how_to_go_on(void)
{
    putchar('\n');
    prompt_say(
        "Once that is mended, `sendoff check` tries again; `sendoff setup --replace` asks "
        "anew.",
        0);
}

static int setup(struct setup_plan *plan)
{
    struct buf path = BUF_INIT(PATH_LONGEST);
    int status = EX_CANTCREAT;
    if (!put_path(plan, &path))
        buf_puts(&plan->problem, "there is no home to write a config to: --output");
    else
        status = may_write(plan, buf_str(&path));
    if (!status)
        status = setupplan_make(plan);
    if (!status)
        status = write_config(plan, buf_str(&path));
    if (!status && !plan->options->output)
        warn_of_other(buf_str(&path));
    if (!status && !plan->options->no_check) {
        status = try_out(plan, buf_str(&path));
        if (status)
            say_how_to_go_on();
    }
    buf_free(&path);
    return status;
}

int setup_command(struct call *call)
{
    struct setup_options options;
    struct setup_plan plan;
    struct prompt prompt;
    int status = setupplan_options(&options, call);
    if (status)
        return status;
    prompt_open(&prompt);
    setupplan_init(&plan, &options, call->config, &prompt);
    status = setup(&plan);
    if (status)
        buf_puts(call->why, buf_str(&plan.problem));
    setupplan_free(&plan);
    prompt_close(&prompt);
    return status;
}
