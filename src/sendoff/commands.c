// SPDX-License-Identifier: ISC
#include "sendoff/commands.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "paths.h"
#include "sendoff/bell/run.h"
#include "sendoff/check/check.h"
#include "sendoff/check/status.h"
#include "sendoff/completion.h"
#include "sendoff/drop/drop.h"
#include "sendoff/flushing.h"
#include "sendoff/queue/queueing.h"
#include "sendoff/setup/import.h"
#include "sendoff/setup/setup.h"

static const struct command_option flush_options[] = {
    {"--due", NULL, COMMAND_NOTHING, "only what is due"},
    {"--held", NULL, COMMAND_NOTHING, "held messages, too"},
    {"--only-held", NULL, COMMAND_NOTHING, "held messages only"},
    {"--id", "TEXT", COMMAND_ID, "only those whose id begins with this"},
    {"--not-id", "TEXT", COMMAND_ID, "only those whose id does not"},
    {"--sender", "TEXT", COMMAND_TEXT, "only those whose sender has this in it"},
    {"--not-sender", "TEXT", COMMAND_TEXT, "only those whose sender has it not"},
    {"--recipient", "TEXT", COMMAND_TEXT, "only those of whose recipients one has this in it"},
    {"--not-recipient", "TEXT", COMMAND_TEXT, "only those of whose recipients none has it"},
    {"--account", "NAME", COMMAND_TEXT, "by this account of the config"},
    {0},
};

static const struct command_option queue_options[] = {
    {"--json", NULL, COMMAND_NOTHING, "one object a line, for programs"},
    {"--sum", NULL, COMMAND_NOTHING, "how many, and the age of the oldest"},
    {"--older", "TIME", COMMAND_TEXT, "status 1 where one is older"},
    {"--max", "COUNT", COMMAND_TEXT, "status 1 where there are more"},
    {"--raw", NULL, COMMAND_NOTHING, "show the octets of the message only"},
    {0},
};

static const struct command_option status_options[] = {
    {"--metrics", "[FILE]", COMMAND_FILE, "for Prometheus, to stdout or a file"},
    {0},
};

static const struct command_option run_options[] = {
    {"--once", NULL, COMMAND_NOTHING, "make one pass and end"},
    {"--drain", "TIME", COMMAND_TEXT, "send what waits, for so long at most, and end"},
    {"--bell", NULL, COMMAND_NOTHING, "listen to the bell, until it was silent for a while"},
    {0},
};

static const struct command_option drop_options[] = {
    {"--until-eof", NULL, COMMAND_NOTHING, "end, in order, when stdin does"},
    {0},
};

static const struct command_option check_options[] = {
    {"--json", NULL, COMMAND_NOTHING, "one object a line, for programs"},
    {"--print", NULL, COMMAND_NOTHING, "show the config as it counts, with the defaults"},
    {"--send", "ADDRESS", COMMAND_TEXT, "send a message there, too"},
    {0},
};

static const struct command_option import_options[] = {
    {"--format", "NAME", COMMAND_TEXT, "msmtp, ssmtp, nullmailer or dma"},
    {"--output", "FILE", COMMAND_FILE, "write the config there"},
    {0},
};

static const struct command_option setup_options[] = {
    {"--provider", "NAME", COMMAND_TEXT, "one of those that are known, such as microsoft"},
    {"--host", "HOST", COMMAND_TEXT, "the smarthost"},
    {"--port", "PORT", COMMAND_TEXT, "its port"},
    {"--tls", "WORD", COMMAND_TEXT, "starttls, implicit or none"},
    {"--tls-ca-file", "FILE", COMMAND_FILE, "certificates to trust"},
    {"--user", "NAME", COMMAND_TEXT, "who logs in"},
    {"--auth", "MECHANISMS", COMMAND_TEXT, "how, or none"},
    {"--password-file", "FILE", COMMAND_FILE, "holds the password, - is stdin"},
    {"--password-command", "COMMAND", COMMAND_TEXT, "prints the password"},
    {"--token-command", "COMMAND", COMMAND_TEXT, "prints an OAuth token"},
    {"--from", "ADDRESS", COMMAND_TEXT, "whom mail is from"},
    {"--sender", "WORD", COMMAND_TEXT, "keep, qualify or force"},
    {"--local-to", "ADDRESS", COMMAND_TEXT, "who gets the mail for root"},
    {"--domain", "DOMAIN", COMMAND_TEXT, "completes bare names"},
    {"--account", "NAME", COMMAND_TEXT, "what to call the account"},
    {"--output", "FILE", COMMAND_FILE, "write the config there"},
    {"--replace", NULL, COMMAND_NOTHING, "a config that is there; it is kept as .bak"},
    {"--yes", NULL, COMMAND_NOTHING, "ask nothing, take what is proposed"},
    {"--no-check", NULL, COMMAND_NOTHING, "do not try it out"},
    {"--send", "ADDRESS", COMMAND_TEXT, "send a test mail there"},
    {0},
};

const struct command command_table[] = {
    {"flush", flushing_flush, NULL, "[ID...]", COMMAND_ID, "send what waits", flush_options},
    {"queue", queueing_queue, "show hold release retry delete", "[ID...|ALL]", COMMAND_ID,
     "list what waits, look at it, change it", queue_options},
    {"status", status_command, NULL, NULL, COMMAND_NOTHING,
     "tell how queue and account are doing", status_options},
    {"check", check_command, NULL, NULL, COMMAND_NOTHING,
     "try all steps up to the smarthost, and say which fails", check_options},
    {"setup", setup_command, NULL, "[ADDRESS]", COMMAND_TEXT,
     "make a config, asking for what it needs, and try it out", setup_options},
    {"import", import_command, NULL, "FILE", COMMAND_FILE,
     "make a config of that of another program", import_options},
    {"run", run_command, NULL, NULL, COMMAND_NOTHING,
     "stay and send what comes, and what has to be tried again", run_options},
    {"drop", drop, NULL, NULL, COMMAND_NOTHING,
     "take mail in from services that can not write the spool", drop_options},
    {"completion", completion_command, "bash zsh fish", NULL, COMMAND_NOTHING,
     "print the completions for a shell", NULL},
    {"help", commands_help, NULL, "[COMMAND]", COMMAND_NAME,
     "tell what there is, or the options of one command", NULL},
    {"version", commands_version, NULL, NULL, COMMAND_NOTHING, "tell the version", NULL},
    {"mailq", queueing_mailq, NULL, NULL, COMMAND_NOTHING, NULL, NULL},
    {"runq", flushing_runq, NULL, NULL, COMMAND_NOTHING, NULL, NULL},
    {"count", queueing_count, NULL, NULL, COMMAND_NOTHING, NULL, NULL},
};

const size_t command_count = sizeof command_table / sizeof *command_table;

const struct command *commands_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_table[i].name, name) == 0)
            return &command_table[i];
    return NULL;
}

const struct command *commands_named(struct call *call, const char *name)
{
    const struct command *command = commands_find(name);
    if (!command)
        buf_printf(call->why, "%s: no such command; `sendoff help` tells which there are",
                   name);
    return command;
}

int commands_version(struct call *call)
{
    if (call->argc)
        return call_usage(call, "version takes nothing");
    puts("sendoff " SENDOFF_VERSION);
    return EX_OK;
}

static void put_command(const struct command *c)
{
    printf("  sendoff %s", c->name);
    for (const char *p = c->words; p && *p; p++) {
        if (p == c->words)
            fputs(c->operands ? " [" : " ", stdout);
        putchar(*p == ' ' ? '|' : *p);
        if (!p[1] && c->operands)
            putchar(']');
    }
    if (c->options)
        fputs(" [option...]", stdout);
    printf("%s%s\n      %s\n", c->operands ? " " : "", c->operands ? c->operands : "", c->text);
    for (const struct command_option *o = c->options; o && o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        printf("          %-26s  %s\n", left, o->text);
    }
}

int commands_help_on(struct call *call, const struct command *command)
{
    if (!command->text)
        return call_usage(call, "only programs of ours call that");
    fputs("usage:\n", stdout);
    put_command(command);
    return EX_OK;
}

int commands_help(struct call *call)
{
    if (call->argc > 1)
        return call_usage(call, "help takes nothing, or the name of a command");
    if (call->argc) {
        const struct command *command = commands_named(call, call->argv[0]);
        return command ? commands_help_on(call, command) : EX_USAGE;
    }
    puts("usage: sendoff [-v] command [word...]\n"
         "  -v shows the dialogue with the smarthost; sendoff(1) says the rest.\n");
    for (size_t i = 0; i < command_count; i++)
        if (command_table[i].text)
            put_command(&command_table[i]);
    return EX_OK;
}
