// SPDX-License-Identifier: ISC
#include "sendoff/pass/line.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "sendoff/pass/hear.h"
#include "sendoff/pass/pass.h"

// The lesser of what the config allows and what was learned; 0 is none of them.
static uint64_t lesser(uint64_t allowed, uint64_t learned)
{
    return learned && (!allowed || learned < allowed) ? learned : allowed;
}

uint64_t line_limit(const struct pass *p)
{
    return lesser(p->account->messages_per_connection,
                  account_learned(p->memory, ACCOUNT_MESSAGES, clock_wall()));
}

size_t line_most(const struct pass *p)
{
    uint64_t most = lesser(p->account->connections,
                           account_learned(p->memory, ACCOUNT_CONNECTIONS, clock_wall()));
    return most > COURIER_MOST ? COURIER_MOST : (size_t)most;
}

bool line_start(struct pass *p, struct line *l)
{
    *l = (struct line){.up = true, .started = clock_wall()};
    const struct courier_order order = {.config = p->config->path,
                                        .account = p->account->name,
                                        .relay = account_relay(p->memory, l->started),
                                        .stumbles = account_stumbles(p->memory, l->started),
                                        .verbose = p->options->verbose,
                                        .progress = p->progress.on,
                                        .signals = p->signals};
    if (courier_start(&l->courier, &order) == 0)
        return true;
    hear_trouble(p, l, "sendoff-submit can not be started", strerror(errno));
    (void)courier_stop(&l->courier);
    l->up = false;
    return false;
}

// Why there was no session, or no end of it, as far as it did not say so itself.
static void judge_end(struct pass *p, struct line *l, bool broken, int status)
{
    if (broken)
        hear_trouble(p, l, "sendoff-submit broke down", "");
    else if (l->told || l->credential || p->closing)
        return;
    else if (!l->ready)
        hear_trouble(p, l, "sendoff-submit ended without a session, and did not say why", "");
    else if (WEXITSTATUS(status) && !p->stopping)
        hear_trouble(p, l, "sendoff-submit gave up, and did not say why", "");
}

// What was handed over and has no outcome: where the courier broke down, what the smarthost may
// have heard of is in doubt; all else was never begun.
static void reclaim(struct pass *p, struct line *l, bool broken)
{
    struct outcome o = {.verdict = VERDICT_DEFERRED,
                        .scope = SCOPE_SESSION,
                        .status = {4, 3, 0},
                        .doubt = true,
                        .text = "sendoff-submit broke down"};
    for (size_t i = 0; i < PASS_PARCELS; i++) {
        struct parcel *parcel = &p->parcels[i];
        if (!parcel->job || parcel->line != l || parcel->settled ||
            alike_keeps(&p->alike, parcel))
            continue;
        if (broken && parcel->begun) {
            parcel_tell_rest(parcel, &o);
            seat_settle(parcel);
        } else if (parcel_has_final(parcel)) {
            p->judged++;
            seat_settle(parcel);
        } else {
            hear_nothing(l, parcel);
        }
    }
    turns_commit(&p->turns);
    l->open = 0;
}

void line_end(struct pass *p, struct line *l, bool broken)
{
    int status = courier_stop(&l->courier);
    broken |= !WIFEXITED(status);
    judge_end(p, l, broken, status);
    reclaim(p, l, broken);
    l->up = false;
}
