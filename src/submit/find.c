// SPDX-License-Identifier: ISC
#include "submit/find.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/diag.h"
#include "config/settings.h"
#include "config/value.h"
#include "submit/line/resolve.h"
#include "submit/line/srv.h"
#include "submit/wait.h"
#include "submit/walls/walls.h"

enum { FIND_PATIENCE = 10 * 1000 }; // milliseconds

// There is no config yet. One that sends to that domain closes the same walls.
static bool shut_in(const char *domain, struct outcome *trouble)
{
    struct buf host = BUF_INIT(1024);
    struct walls w = {.state = BUF_INIT(4096)};
    struct config c;
    settings_init(&c);
    settings_add_account(&c, SPAN("find"));
    buf_printf(&host, "srv:%s", domain);
    settings_store(option_find(OPTION_ACCOUNT, SPAN("host")), &c.accounts[0], buf_span(&host),
                   0);
    bool closed = walls_close(&c, &c.accounts[0], &w, trouble);
    config_free(&c);
    buf_free(&w.state);
    buf_free(&host);
    return closed;
}

static void print_servers(const struct srv_list *found, const char *domain)
{
    for (size_t i = 0; i < found->n; i++) {
        const struct srv_record *r = &found->record[i];
        printf("%s %u %s %s\n", r->target, (unsigned)r->port,
               r->implicit ? "implicit" : "starttls",
               span_is_within(span_of(r->target), span_of(domain)) ? "within" : "outside");
    }
}

static void print_exchangers(const struct srv_list *found)
{
    for (size_t i = 0; i < found->n; i++)
        printf("mx %s\n", found->record[i].target);
}

// Asks for both, one after the other, and prints what there is.
static int ask(const char *domain, struct wait *w)
{
    static struct srv_list found;
    struct outcome trouble, ignored;
    int64_t deadline = clock_steady() + FIND_PATIENCE;
    enum resolve_answer servers = resolve_srv(&found, domain, false, w, deadline, &trouble),
                        exchangers;
    if (servers == RESOLVE_FOUND)
        print_servers(&found, domain);
    if (servers == RESOLVE_ENDED)
        return EX_TEMPFAIL;
    exchangers = resolve_mx(&found, domain, w, deadline, &ignored);
    if (exchangers == RESOLVE_FOUND)
        print_exchangers(&found);
    if (exchangers == RESOLVE_ENDED)
        return EX_TEMPFAIL;
    if (servers == RESOLVE_FAILED && exchangers == RESOLVE_FAILED) {
        diag_warn("%s", trouble.text);
        return EX_NOHOST;
    }
    return fflush(stdout) ? EX_IOERR : EX_OK;
}

int find(const char *domain)
{
    struct outcome trouble;
    struct wait w;
    if (!value_is_domain(span_of(domain))) {
        diag_warn("%s: not a domain", domain);
        return EX_USAGE;
    }
    if (walls_begin() || wait_init(&w, -1))
        return EX_OSERR;
    if (!shut_in(domain, &trouble)) {
        diag_warn("%s", trouble.text);
        return EX_OSERR;
    }
    return ask(domain, &w);
}
