// SPDX-License-Identifier: ISC
#include "sendoff/completion.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "sendoff/commands.h"

// Ids come from the queue itself, of which a user sees his own.
#define IDS                               \
    "sendoff queue --json 2>/dev/null | " \
    "sed -n 's/^{\"id\":\"\\([0-9A-Za-z._=+-]*\\)\".*/\\1/p'"

static const char *const kinds[] = {[COMMAND_NOTHING] = "nothing",
                                    [COMMAND_TEXT] = "text",
                                    [COMMAND_FILE] = "file",
                                    [COMMAND_ID] = "id",
                                    [COMMAND_NAME] = "nothing"};

#define EACH_COMMAND(c)                                                                   \
    for (const struct command *c = command_table; c < command_table + command_count; c++) \
        if (c->text)
#define EACH_OPTION(o, c) for (const struct command_option *o = (c)->options; o && o->name; o++)

// The words that may follow a command, with a blank in front of each.
static void put_words(const struct command *of)
{
    if (of->words)
        printf(" %s", of->words);
    if (of->kind == COMMAND_NAME)
        EACH_COMMAND(c)
    printf(" %s", c->name);
}

// ---- bash

static void put_bash_values(void)
{
    EACH_COMMAND(c)
    EACH_OPTION(o, c)
    if (o->value)
        printf("    '%s %s') words='' kind=%s ;;\n", c->name, o->name, kinds[o->kind]);
}

static void put_bash_words(void)
{
    fputs("        '') words='-v", stdout);
    EACH_COMMAND(c)
    printf(" %s", c->name);
    puts("' kind=nothing ;;");
    EACH_COMMAND(c)
    {
        printf("        %s) words='", c->name);
        put_words(c);
        EACH_OPTION(o, c)
        printf(" %s", o->name);
        printf("' kind=%s ;;\n", kinds[c->kind]);
    }
}

static void put_bash(void)
{
    puts("# bash completion for sendoff(1), made by `sendoff completion bash`.\n"
         "_sendoff()\n"
         "{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} command='' words='' kind='' i\n"
         "    COMPREPLY=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }\n"
         "    done\n"
         "    case \"$command ${COMP_WORDS[COMP_CWORD - 1]}\" in");
    put_bash_values();
    puts("    *)\n"
         "        case $command in");
    put_bash_words();
    puts("        esac ;;\n"
         "    esac\n"
         "    if [[ $kind == id && $cur != -* ]]; then\n"
         "        words+=\" $(" IDS ")\"\n"
         "    fi\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "    if [[ $kind == file && $cur != -* ]]; then\n"
         "        compopt -o filenames 2>/dev/null\n"
         "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "    fi\n"
         "}\n"
         "complete -F _sendoff sendoff");
}

// ---- zsh

static const char *zsh_action(enum command_kind kind)
{
    return kind == COMMAND_FILE ? "_files" : kind == COMMAND_ID ? "_sendoff_ids" : " ";
}

static void put_zsh_rest(const struct command *c)
{
    printf("        %s) _arguments", c->name);
    EACH_OPTION(o, c)
    {
        printf(" \\\n            '%s[%s]", o->name, o->text);
        if (o->value)
            printf(":%s:%s", o->value[0] == '[' ? "FILE" : o->value, zsh_action(o->kind));
        putchar('\'');
    }
    if (c->words || c->kind == COMMAND_NAME) {
        fputs(" \\\n            '1:word:(", stdout);
        put_words(c);
        fputs(")'", stdout);
    }
    if (c->kind != COMMAND_NOTHING && c->kind != COMMAND_NAME)
        printf(" \\\n            '*:operand:%s'", zsh_action(c->kind));
    puts(" ;;");
}

static void put_zsh(void)
{
    puts("#compdef sendoff\n"
         "# zsh completion for sendoff(1), made by `sendoff completion zsh`.\n"
         "_sendoff_ids()\n"
         "{\n"
         "    local -a ids\n"
         "    ids=(${(f)\"$(" IDS ")\"})\n"
         "    compadd -a ids\n"
         "}\n"
         "_sendoff()\n"
         "{\n"
         "    local context state state_descr line\n"
         "    typeset -A opt_args\n"
         "    _arguments -C '-v[show the dialogue]' '1: :->command' '*:: :->rest'\n"
         "    case $state in\n"
         "    command)\n"
         "        local -a commands\n"
         "        commands=(");
    EACH_COMMAND(c)
    printf("            '%s:%s'\n", c->name, c->text);
    puts("        )\n"
         "        _describe command commands ;;\n"
         "    rest)\n"
         "        case $words[1] in");
    EACH_COMMAND(c)
    if (c->options || c->words || c->kind != COMMAND_NOTHING)
        put_zsh_rest(c);
    puts("        esac ;;\n"
         "    esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _sendoff ]; then\n"
         "    _sendoff \"$@\"\n"
         "else\n"
         "    compdef _sendoff sendoff\n"
         "fi");
}

// ---- fish

static void put_fish_rest(const struct command *c)
{
    char where[128];
    snprintf(where, sizeof where, "complete -c sendoff -n '__fish_seen_subcommand_from %s'",
             c->name);
    if (c->words || c->kind == COMMAND_NAME) {
        printf("%s -a '", where);
        put_words(c);
        puts("'");
    }
    if (c->kind == COMMAND_FILE)
        printf("%s -F\n", where);
    if (c->kind == COMMAND_ID)
        printf("%s -a '(__sendoff_ids)'\n", where);
    EACH_OPTION(o, c)
    {
        printf("%s -l %s -d '%s'", where, o->name + 2, o->text);
        if (o->kind == COMMAND_FILE)
            fputs(o->value[0] == '[' ? " -F" : " -r -F", stdout);
        else if (o->kind == COMMAND_ID)
            fputs(" -x -a '(__sendoff_ids)'", stdout);
        else if (o->value)
            fputs(" -x", stdout);
        putchar('\n');
    }
}

static void put_fish(void)
{
    puts("# fish completion for sendoff(1), made by `sendoff completion fish`.\n"
         "function __sendoff_ids\n"
         "    " IDS "\n"
         "end\n"
         "complete -c sendoff -f\n"
         "complete -c sendoff -s v -d 'show the dialogue'");
    EACH_COMMAND(c)
    printf("complete -c sendoff -n __fish_use_subcommand -a %s -d '%s'\n", c->name, c->text);
    EACH_COMMAND(c)
    put_fish_rest(c);
}

int completion_command(struct call *call)
{
    static const struct {
        const char *name;
        void (*put)(void);
    } shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (call->argc != 1 || strcmp(call->argv[0], shells[i].name) != 0)
            continue;
        shells[i].put();
        return EX_OK;
    }
    return call_usage(call, "completion takes bash, zsh or fish");
}
