// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/setupplan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "message/address.h"
#include "sendoff/setup/setupfind.h"

enum { TEXT_MAX = 4096, HINT_INDENT = 2 };

// ---- The command line

int setupplan_options(struct setup_options *o, struct call *call)
{
    *o = (struct setup_options){0};
    const struct {
        const char *word;
        const char **to;
    } values[] = {
        {"--provider", &o->provider},
        {"--output", &o->output},
        {"--host", &o->host},
        {"--port", &o->port},
        {"--tls", &o->tls},
        {"--tls-ca-file", &o->tls_ca_file},
        {"--user", &o->user},
        {"--auth", &o->auth},
        {"--from", &o->from},
        {"--sender", &o->sender},
        {"--local-to", &o->local_to},
        {"--domain", &o->domain},
        {"--account", &o->account},
        {"--password-file", &o->password_file},
        {"--password-command", &o->password_command},
        {"--token-command", &o->token_command},
        {"--send", &o->send},
    };
    const struct {
        const char *word;
        bool *to;
    } flags[] = {{"--yes", &o->yes}, {"--replace", &o->replace}, {"--no-check", &o->no_check}};
    while (call_is_option(call)) {
        const char *word = call_value(call);
        bool known = false;
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            if (strcmp(word, flags[i].word) == 0)
                known = *flags[i].to = true;
        for (size_t i = 0; i < sizeof values / sizeof *values && !known; i++)
            if (strcmp(word, values[i].word) == 0)
                known = (*values[i].to = call_value(call)) != NULL;
        if (!known) {
            buf_printf(call->why, "%s: ", word);
            return call_usage(call, "no such option of setup, or its value is missing");
        }
    }
    o->address = call_value(call);
    return call->argc ? call_usage(call, "setup takes one address") : 0;
}

void setupplan_init(struct setup_plan *plan, const struct setup_options *o,
                    const struct config *config, struct prompt *prompt)
{
    *plan = (struct setup_plan){.options = o,
                                .prompt = prompt,
                                .config = config,
                                .system = geteuid() == 0 && !o->output,
                                .address = BUF_INIT(TEXT_MAX),
                                .host = BUF_INIT(TEXT_MAX),
                                .port = BUF_INIT(TEXT_MAX),
                                .tls = BUF_INIT(TEXT_MAX),
                                .user = BUF_INIT(TEXT_MAX),
                                .password = BUF_INIT(PROMPT_LINE_MAX + 1),
                                .local_to = BUF_INIT(TEXT_MAX),
                                .token = BUF_INIT(TEXT_MAX),
                                .problem = BUF_INIT(TEXT_MAX)};
}

void setupplan_free(struct setup_plan *plan)
{
    if (plan->password.p)
        explicit_bzero(plan->password.p, plan->password.size);
    struct buf *all[] = {&plan->address,  &plan->host,  &plan->port,
                         &plan->tls,      &plan->user,  &plan->password,
                         &plan->local_to, &plan->token, &plan->problem};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        buf_free(all[i]);
}

// ---- Answers

static bool may_ask(const struct setup_plan *plan)
{
    return plan->prompt->there && !plan->options->yes;
}

static int give_up(struct setup_plan *plan)
{
    buf_clear(&plan->problem);
    buf_puts(&plan->problem, "given up: nothing was written");
    return EX_TEMPFAIL;
}

// What the command line says, or a person, or else what is proposed; `option` is named where
// there is none of these.
static int take(struct setup_plan *plan, struct buf *to, const char *given,
                const char *question, const char *proposed, const char *option)
{
    buf_clear(to);
    if (given) {
        buf_puts(to, given);
    } else if (may_ask(plan)) {
        if (prompt_line(plan->prompt, question, proposed, to) != PROMPT_GIVEN)
            return give_up(plan);
    } else if (*proposed) {
        buf_puts(to, proposed);
    } else {
        buf_printf(&plan->problem, "%s is needed", option);
        return EX_USAGE;
    }
    return 0;
}

static bool is_address(struct span text)
{
    return !address_is_bare(text) && address_is_path(text);
}

// An address is asked for again until it is one.
static int take_address(struct setup_plan *plan, struct buf *to, const char *given,
                        const char *question, const char *proposed, const char *option)
{
    for (;;) {
        int status = take(plan, to, given, question, proposed, option);
        if (status || is_address(buf_span(to)))
            return status;
        if (given || !may_ask(plan)) {
            buf_printf(&plan->problem, "%s: not an address with a domain", buf_str(to));
            return EX_USAGE;
        }
        puts("That is no address with a domain.");
    }
}

static struct span domain_of(struct span address)
{
    size_t n = address.n;
    while (n && address.p[n - 1] != '@')
        n--;
    return (struct span){address.p + n, address.n - n};
}

// ---- Where to

static void show_provider(const struct provider *p)
{
    printf("\n%s:\n", p->title);
    if (*p->hints)
        prompt_say(p->hints, HINT_INDENT);
    putchar('\n');
}

static void use_provider(struct setup_plan *plan, const struct provider *p)
{
    plan->provider = p;
    buf_clear(&plan->host);
    buf_puts(&plan->host, p->host);
    buf_clear(&plan->port);
    buf_printf(&plan->port, "%u", p->port);
    buf_clear(&plan->tls);
    buf_puts(&plan->tls, p->tls);
    show_provider(p);
}

static int choose_provider(struct setup_plan *plan)
{
    const struct setup_options *o = plan->options;
    const struct provider *p = provider_of_domain(domain_of(buf_span(&plan->address)));
    if (o->provider) {
        p = provider_named(span_of(o->provider));
        if (!p) {
            buf_printf(&plan->problem, "%s: no such provider; there are:", o->provider);
            for (size_t i = 0; i < provider_count; i++)
                buf_printf(&plan->problem, " %s", provider_table[i].name);
            return EX_USAGE;
        }
    } else if (o->host) {
        p = NULL;
    }
    if (p)
        use_provider(plan, p);
    return 0;
}

// The smarthost's name; or, to spare people the search, that of a provider.
static int choose_host(struct setup_plan *plan)
{
    const struct setup_options *o = plan->options;
    struct buf proposed = BUF_INIT(TEXT_MAX);
    int status = 0;
    buf_puts(&proposed, buf_str(&plan->host));
    if (!o->host && !plan->host.n)
        status = setupfind(plan, &proposed);
    if (!status && plan->provider && plan->host.n && !o->host) {
        buf_free(&proposed);
        return 0;
    }
    if (!status && may_ask(plan) && !o->host)
        prompt_say("The smarthost is the server that takes your mail. For a company's address "
                   "at Google or Microsoft, answer google-workspace or microsoft.",
                   0);
    if (!status)
        status = take(plan, &plan->host, o->host, "Smarthost?", buf_str(&proposed), "--host");
    const struct provider *p = status ? NULL : provider_named(buf_span(&plan->host));
    if (p)
        use_provider(plan, p);
    buf_free(&proposed);
    return status;
}

// Port and TLS belong together: 465 is implicit, all others begin in the clear.
static int choose_line(struct setup_plan *plan)
{
    const struct setup_options *o = plan->options;
    if (o->port || !plan->port.n) {
        bool implicit = o->tls && strcmp(o->tls, "implicit") == 0;
        int status = take(plan, &plan->port, o->port, "Port?", implicit ? "465" : "587",
                          "--port");
        if (status)
            return status;
        buf_clear(&plan->tls);
        buf_puts(&plan->tls,
                 span_equal(buf_span(&plan->port), SPAN("465")) ? "implicit" : "starttls");
    }
    if (o->tls) {
        buf_clear(&plan->tls);
        buf_puts(&plan->tls, o->tls);
    }
    return 0;
}

// ---- Who

static int read_password(struct setup_plan *plan, const char *path)
{
    bool in = strcmp(path, "-") == 0;
    int fd = in ? STDIN_FILENO : io_open(AT_FDCWD, path, O_RDONLY, 0);
    ssize_t got = -1;
    char *room = buf_room(&plan->password, PROMPT_LINE_MAX);
    while (fd >= 0 && room &&
           (got = io_read(fd, room, PROMPT_LINE_MAX - plan->password.n)) > 0) {
        buf_grew(&plan->password, (size_t)got);
        room += got;
    }
    if (!in)
        io_close(fd);
    if (fd < 0 || got < 0) {
        buf_printf(&plan->problem, "%s: %s", path, strerror(errno));
        return EX_NOINPUT;
    }
    // The first line is it; what stands below it is a mistake that would be hard to find.
    struct span line, rest = buf_span(&plan->password);
    (void)span_cut(&rest, '\n', &line);
    buf_cut(&plan->password, line.n);
    if (plan->password.n && plan->password.p[plan->password.n - 1] == '\r')
        buf_cut(&plan->password, plan->password.n - 1);
    if (plan->password.n)
        return 0;
    buf_printf(&plan->problem, "%s: there is no password in it", path);
    return EX_NOINPUT;
}

static int ask_password(struct setup_plan *plan)
{
    static const char *const questions[] = {
        [PROVIDER_PASSWORD] = "Password (not shown)?",
        [PROVIDER_APP_PASSWORD] = "App password (not shown)?",
        [PROVIDER_TOKEN] = "Password (not shown)?",
        [PROVIDER_KEY] = "Password or key (not shown)?"};
    enum provider_secret kind = plan->provider ? plan->provider->secret : PROVIDER_PASSWORD;
    if (!may_ask(plan)) {
        buf_puts(&plan->problem,
                 "--password-file, --password-command or --token-command is needed");
        return EX_USAGE;
    }
    return prompt_secret(plan->prompt, questions[kind], &plan->password) == PROMPT_GIVEN
               ? 0
               : give_up(plan);
}

// Where only a token will do, a program prints it; the user may have a password all the same.
static int ask_token(struct setup_plan *plan)
{
    prompt_say(
        "A token comes from a program that prints one; sendoff-oauth(7) shows how to set "
        "one up. Its absolute path and arguments, or - for a password instead.",
        0);
    int status = take(plan, &plan->token, NULL, "Token program?", "-", "--token-command");
    if (!status && span_equal(buf_span(&plan->token), SPAN("-")))
        buf_clear(&plan->token);
    return status;
}

static int choose_secret(struct setup_plan *plan)
{
    const struct setup_options *o = plan->options;
    int status = 0;
    if (o->token_command)
        buf_puts(&plan->token, o->token_command);
    if (o->token_command || o->password_command ||
        (o->auth && (strcmp(o->auth, "none") == 0 || strcmp(o->auth, "EXTERNAL") == 0)))
        return 0;
    if (o->password_file)
        return read_password(plan, o->password_file);
    if (plan->provider && plan->provider->secret == PROVIDER_TOKEN && may_ask(plan))
        status = ask_token(plan);
    return status || plan->token.n ? status : ask_password(plan);
}

static int choose_user(struct setup_plan *plan)
{
    const struct setup_options *o = plan->options;
    bool nobody = o->auth && strcmp(o->auth, "none") == 0;
    const char *own = plan->provider ? plan->provider->user : "";
    if (nobody)
        return 0;
    return take(plan, &plan->user, o->user, "User?", *own ? own : buf_str(&plan->address),
                "--user");
}

static int choose_local(struct setup_plan *plan)
{
    return take_address(plan, &plan->local_to, plan->options->local_to,
                        "Where shall mail for root and other local names go?",
                        buf_str(&plan->address), "--local-to");
}

int setupplan_make(struct setup_plan *plan)
{
    static int (*const steps[])(struct setup_plan *) = {
        choose_provider, choose_host, choose_line, choose_user, choose_secret, choose_local};
    int status = take_address(plan, &plan->address, plan->options->address,
                              "Your address there?", "", "an address");
    for (size_t i = 0; !status && i < sizeof steps / sizeof *steps; i++)
        status = steps[i](plan);
    return status;
}

// ---- The draft

static bool put_all(struct setup_plan *plan, struct draft *d, size_t account,
                    const char *domain)
{
    const struct setup_options *o = plan->options;
    const char *auth = plan->provider && plan->token.n ? plan->provider->auth : "";
    if (plan->token.n && !*auth)
        auth = "XOAUTH2 OAUTHBEARER";
    const struct {
        size_t section;
        const char *key, *value;
    } rows[] = {
        {DRAFT_GLOBAL, "domain", domain},
        {DRAFT_GLOBAL, "local_to", buf_str(&plan->local_to)},
        {account, "host", buf_str(&plan->host)},
        {account, "port", buf_str(&plan->port)},
        {account, "tls", buf_str(&plan->tls)},
        {account, "tls_ca_file", o->tls_ca_file ? o->tls_ca_file : ""},
        {account, "user", buf_str(&plan->user)},
        {account, "auth", o->auth ? o->auth : auth},
        {account, "password_command", o->password_command ? o->password_command : ""},
        {account, "token_command", buf_str(&plan->token)},
        {account, "sender", o->sender ? o->sender : "force"},
        {account, "from", o->from ? o->from : buf_str(&plan->address)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf why = BUF_INIT(TEXT_MAX);
        bool good = draft_set(d, rows[i].section, rows[i].key, span_of(rows[i].value), &why);
        if (!good)
            buf_printf(&plan->problem, "%s: %s", rows[i].key, buf_str(&why));
        buf_free(&why);
        if (!good)
            return false;
    }
    draft_set_password(d, account, buf_span(&plan->password));
    return true;
}

// Whether this host knows its domain without a config: the one before may say it, and goes.
static bool host_has_domain(const struct config *before)
{
    struct config without = *before;
    char none[] = "";
    struct buf known = BUF_INIT(TEXT_MAX);
    without.domain = none;
    bool has = config_domain(&without, &known);
    buf_free(&known);
    return has;
}

bool setupplan_draft(struct setup_plan *plan, struct draft *d)
{
    const char *name = plan->options->account ? plan->options->account
                       : plan->provider       ? plan->provider->name
                                              : "smarthost";
    struct buf domain = BUF_INIT(TEXT_MAX);
    if (plan->options->domain)
        buf_puts(&domain, plan->options->domain);
    else if (!host_has_domain(plan->config))
        buf_put_span(&domain, domain_of(buf_span(&plan->address)));
    size_t account = draft_account(d, span_of(name));
    bool good = put_all(plan, d, account, buf_str(&domain));
    buf_free(&domain);
    return good;
}
