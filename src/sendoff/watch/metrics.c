// SPDX-License-Identifier: ISC
#include "sendoff/watch/metrics.h"

#include <inttypes.h>

#include "base/clock.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP sendoff_%s %s\n# TYPE sendoff_%s %s\n", name, help, name, type);
}

// A label's value: backslash, quote and line end are escaped.
static void put_label(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "%s=\"", key);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            buf_putc(out, '\\');
        if (*value == '\n')
            buf_puts(out, "\\n");
        else
            buf_putc(out, *value);
    }
    buf_putc(out, '"');
}

static void put_whole(struct buf *out, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    head(out, name, type, help);
    buf_printf(out, "sendoff_%s %" PRIu64 "\n", name, value);
}

static void put_queue(struct buf *out, const struct listing *l)
{
    int64_t age = l->oldest == INT64_MAX ? 0 : (l->now - l->oldest) / CLOCK_SECOND_US;
    head(out, "queue_messages", "gauge", "Messages in the queue, by state.");
    for (int i = 0; i < LISTED_STATES; i++) {
        if (i == LISTED_SETTLED || i == LISTED_CANCELLED)
            continue; // the next pass removes them
        buf_puts(out, "sendoff_queue_messages{");
        put_label(out, "state", listed_word((enum listed_state)i));
        buf_printf(out, "} %" PRIu64 "\n", l->count[i]);
    }
    put_whole(out, "queue_size_bytes", "gauge", "Octets of all messages in the queue.",
              l->octets);
    put_whole(out, "queue_oldest_age_seconds", "gauge",
              "Age of the oldest message that waits; 0 where none does.",
              age > 0 ? (uint64_t)age : 0);
}

// ---- Accounts: one line of each metric for each

struct sample {
    const char *label, *word; // beside the account's name; NULL: none
    uint64_t value;
};

static uint64_t seconds(int64_t us)
{
    return us > 0 ? (uint64_t)(us / CLOCK_SECOND_US) : 0;
}

enum { SAMPLES = 3 };

// The values of one metric, of one account; how many there are.
static size_t take_resting(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0].value = a->resting;
    return 1;
}

static size_t take_retry(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0].value = a->resting ? seconds(a->memory.not_before) : 0;
    return 1;
}

static size_t take_failures(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0].value = a->memory.failures;
    return 1;
}

static size_t take_last_sent(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0].value = seconds(a->counters.last_sent);
    return 1;
}

static size_t take_last_session(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0].value = seconds(a->counters.last_session);
    return 1;
}

static size_t take_recipients(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0] = (struct sample){"status", "sent", a->counters.sent};
    s[1] = (struct sample){"status", "deferred", a->counters.deferred};
    s[2] = (struct sample){"status", "failed", a->counters.failed};
    return 3;
}

static size_t take_sessions(const struct metrics_account *a, struct sample s[SAMPLES])
{
    s[0] = (struct sample){"result", "good", a->counters.sessions};
    s[1] = (struct sample){"result", "trouble", a->counters.troubles};
    return 2;
}

static const struct {
    const char *name, *type, *help;
    size_t (*take)(const struct metrics_account *a, struct sample s[SAMPLES]);
} of_accounts[] = {
    {"account_resting", "gauge", "Whether the account is left alone after trouble.",
     take_resting},
    {"account_retry_timestamp_seconds", "gauge",
     "When a resting account is tried again; 0 where it does not rest.", take_retry},
    {"account_failures", "gauge", "Sessions in a row that did not stand.", take_failures},
    {"account_last_sent_timestamp_seconds", "gauge",
     "When the smarthost accepted mail last; 0: never.", take_last_sent},
    {"account_last_session_timestamp_seconds", "gauge",
     "When a session stood last, logged in; 0: never.", take_last_session},
    {"recipients_total", "counter", "What became of recipients, attempt by attempt.",
     take_recipients},
    {"sessions_total", "counter",
     "Sessions that stood, and those that did not or ended in trouble.", take_sessions},
};

static void put_sample(struct buf *out, const char *name, const struct metrics_account *a,
                       const struct sample *s)
{
    buf_printf(out, "sendoff_%s{", name);
    put_label(out, "account", a->name);
    if (s->label) {
        buf_putc(out, ',');
        put_label(out, s->label, s->word);
    }
    buf_printf(out, "} %" PRIu64 "\n", s->value);
}

void metrics_put(struct buf *out, const struct metrics *m)
{
    head(out, "build_info", "gauge", "The version that runs.");
    buf_puts(out, "sendoff_build_info{");
    put_label(out, "version", m->version);
    buf_puts(out, "} 1\n");
    put_whole(out, "config_usable", "gauge", "Whether a config counts and says nothing wrong.",
              m->usable);
    put_queue(out, m->listing);
    for (size_t i = 0; m->n_accounts && i < sizeof of_accounts / sizeof *of_accounts; i++) {
        head(out, of_accounts[i].name, of_accounts[i].type, of_accounts[i].help);
        for (size_t a = 0; a < m->n_accounts; a++) {
            struct sample s[SAMPLES] = {{0}};
            size_t n = of_accounts[i].take(&m->account[a], s);
            for (size_t j = 0; j < n; j++)
                put_sample(out, of_accounts[i].name, &m->account[a], &s[j]);
        }
    }
}
