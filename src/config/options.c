// SPDX-License-Identifier: ISC
#include "config/options.h"

#include "config/config.h"

// The words of an enum of config.h, in its order.
static const char *const bounce_words[] = {"sender", "keep", NULL};
static const char *const deliver_words[] = {"background", "queue", "wait", NULL};
static const char *const dot_words[] = {"auto", "sendmail", "never", NULL};
static const char *const log_words[] = {"syslog", "stderr", "json", "none", NULL};
static const char *const null_sender_words[] = {"keep", "rewrite", NULL};
static const char *const sender_words[] = {"keep", "qualify", "force", NULL};
static const char *const walls_words[] = {"auto", "off", NULL};
static const char *const tls_words[] = {"starttls", "implicit", "none", NULL};
static const char *const tls_verify_words[] = {
    "full", "pin", "none-anybody-can-read-my-mail-and-password", NULL};
static const char *const tls_min_words[] = {"1.2", "1.3", NULL};

#define SECOND UINT64_C(1)
#define DAY    (86400 * SECOND)
#define MEBI   (UINT64_C(1) << 20)

// A key is called as the field that keeps it.
#define SENDOFF(field) \
    .section = OPTION_SENDOFF, .key = #field, .at = offsetof(struct config, field)
#define ACCOUNT(field) \
    .section = OPTION_ACCOUNT, .key = #field, .at = offsetof(struct config_account, field)

const struct option option_table[] = {
    {SENDOFF(account), .type = OPTION_NAME, .example = "work",
     .text = "Which account sends; without it, the first one of this file."},
    {SENDOFF(domain), .type = OPTION_DOMAIN, .example = "example.org",
     .text = "Completes addresses without a domain; without it, the host's mail name."},
    {SENDOFF(aliases), .type = OPTION_PATH, .standard = "/etc/aliases",
     .text = "The file that says where mail for local names goes; see sendmail(8)."},
    {SENDOFF(local_to), .type = OPTION_ADDRESS, .example = "admin@example.org",
     .text = "Where mail for local names goes that no alias knows."},
    {SENDOFF(spool), .type = OPTION_PATH, .example = "/var/spool/sendoff",
     .text = "Where mail waits; in system mode the directory above all users' spools."},
    {SENDOFF(deliver), .type = OPTION_WORD, .words = deliver_words, .standard = "background",
     .text = "What follows once a message is queued."},
    {SENDOFF(dot), .type = OPTION_WORD, .words = dot_words, .standard = "auto",
     .text = "Where a line with a lone dot ends a message, unless -i is given."},
    {SENDOFF(bounce), .type = OPTION_WORD, .words = bounce_words, .standard = "sender",
     .text = "Who learns of mail that failed for good."},
    {SENDOFF(bounce_to), .type = OPTION_ADDRESS, .example = "admin@example.org",
     .text = "Where reports go whose sender can not be written to."},
    {SENDOFF(warn_after), .type = OPTION_DURATION, .standard = "0", .max = 365 * DAY,
     .text = "After how long a sender is told that his mail still waits; 0: never."},
    {SENDOFF(null_sender), .type = OPTION_WORD, .words = null_sender_words, .standard = "keep",
     .text = "What becomes of the null sender, which reports are sent from."},
    {SENDOFF(log), .type = OPTION_WORD, .words = log_words, .standard = "syslog",
     .text = "Where log lines go."},
    {SENDOFF(walls), .type = OPTION_WORD, .words = walls_words, .standard = "auto",
     .text = "Whether what talks to the network shuts itself in."},
    {SENDOFF(max_size), .type = OPTION_SIZE, .standard = "0", .max = MEBI * MEBI,
     .text = "The largest message that is taken; 0: any that the disk holds."},
    {SENDOFF(max_recipients), .type = OPTION_NUMBER, .standard = "10000", .min = 1,
     .max = 65536, .text = "The most recipients that a message may have."},
    {SENDOFF(max_queued), .type = OPTION_NUMBER, .standard = "0", .max = 10000000,
     .text = "The most messages of one user that may wait; 0: any that the disk holds."},
    {SENDOFF(retry_first), .type = OPTION_DURATION, .standard = "1m", .min = SECOND, .max = DAY,
     .text = "The pause after a message's first attempt; each further one is longer."},
    {SENDOFF(retry_longest), .type = OPTION_DURATION, .standard = "4h", .min = SECOND,
     .max = 7 * DAY, .text = "The longest pause between two attempts."},
    {SENDOFF(expire), .type = OPTION_DURATION, .standard = "5d", .min = SECOND,
     .max = 365 * DAY, .text = "How long a message is tried before it is given up."},

    {ACCOUNT(host), .type = OPTION_HOSTS, .example = "smtp.example.org",
     .text = "The smarthost, or several in order. Every account needs it."},
    {ACCOUNT(port), .type = OPTION_NUMBER, .example = "587", .min = 1, .max = 65535,
     .text = "Its port; without it 587, or 465 where tls = implicit."},
    {ACCOUNT(tls), .type = OPTION_WORD, .words = tls_words, .standard = "starttls",
     .text = "How the connection is encrypted."},
    {ACCOUNT(tls_ca_file), .type = OPTION_PATH, .example = "/etc/ssl/certs/ca-certificates.crt",
     .text = "Certificates to trust, in one file, in place of the system's."},
    {ACCOUNT(tls_ca_dir), .type = OPTION_PATH, .example = "/etc/ssl/certs",
     .text = "Certificates to trust, in a hashed directory, in place of the system's."},
    {ACCOUNT(tls_name), .type = OPTION_HOST, .example = "mx.example.org",
     .text = "The name that the certificate must bear; without it, the host's."},
    {ACCOUNT(tls_pin), .type = OPTION_PINS,
     .example = "sha256//2jmj7l5rSw0yVb/vlWAYkK/YBwk2jMF0aYl3eGe6ZhA=",
     .text = "The smarthost's public keys: one of them has to be in its chain."},
    {ACCOUNT(tls_verify), .type = OPTION_WORD, .words = tls_verify_words, .standard = "full",
     .text = "How the smarthost has to prove that it is the right one."},
    {ACCOUNT(tls_min), .type = OPTION_WORD, .words = tls_min_words, .standard = "1.2",
     .text = "The oldest version of TLS that will do."},
    {ACCOUNT(tls_cert), .type = OPTION_PATH, .example = "/etc/sendoff/client.pem",
     .text = "Our own certificate, for a smarthost that asks for one."},
    {ACCOUNT(tls_key), .type = OPTION_PATH, .example = "/etc/sendoff/client.key",
     .text = "The private key of tls_cert; without it, it is in the same file."},
    {ACCOUNT(auth), .type = OPTION_MECHANISMS, .standard = "auto",
     .text = "How to log in: auto, none, or mechanisms in the order to try them."},
    {ACCOUNT(user), .type = OPTION_TEXT, .example = "me@example.org",
     .text = "Who logs in; where auth = auto, nobody does without it."},
    {ACCOUNT(password_file), .type = OPTION_PATH, .example = "/etc/sendoff/password",
     .text = "The file that holds the password."},
    {ACCOUNT(password_command), .type = OPTION_COMMAND,
     .example = "/usr/bin/pass show mail/example",
     .text = "A program that prints the password, and its arguments; no shell reads it."},
    {ACCOUNT(token_file), .type = OPTION_PATH, .example = "/etc/sendoff/token",
     .text = "The file that holds an OAuth access token, in place of a password."},
    {ACCOUNT(token_command), .type = OPTION_COMMAND,
     .example = "/usr/local/bin/mail-token me@example.org",
     .text = "A program that prints an OAuth access token, and its arguments."},
    {ACCOUNT(sender), .type = OPTION_WORD, .words = sender_words, .standard = "qualify",
     .text = "What becomes of the addresses that mail is from."},
    {ACCOUNT(from), .type = OPTION_FROM, .example = "me@example.org",
     .text = "The address that sender = force puts in; without it, user if that is one."},
    {ACCOUNT(helo), .type = OPTION_HELO, .example = "client.example.org",
     .text = "What to call this host in EHLO; without it, a name that tells nothing."},
    {ACCOUNT(source_address), .type = OPTION_SOURCES, .example = "192.0.2.7",
     .text = "The address of this host to connect from; without it, the system's choice."},
    {ACCOUNT(pipeline), .type = OPTION_NUMBER, .standard = "64", .min = 1, .max = 1000,
     .text = "How many messages may await their reply at once."},
    {ACCOUNT(connections), .type = OPTION_NUMBER, .standard = "2", .min = 1, .max = 16,
     .text = "How many connections there may be at once, where more than one pays."},
    {ACCOUNT(messages_per_connection), .type = OPTION_NUMBER, .standard = "1000", .min = 1,
     .max = 1000000, .text = "After how many messages a connection ends."},
    {ACCOUNT(recipients_per_message), .type = OPTION_NUMBER, .standard = "100", .min = 1,
     .max = 65536,
     .text = "The most recipients in one transaction; others follow in the next."},
    {ACCOUNT(timeout_connect), .type = OPTION_DURATION, .standard = "30s", .min = SECOND,
     .max = DAY, .text = "How long all of it may take until a host answers."},
    {ACCOUNT(timeout_greeting), .type = OPTION_DURATION, .standard = "5m", .min = SECOND,
     .max = DAY, .text = "How long the greeting may take."},
    {ACCOUNT(timeout_command), .type = OPTION_DURATION, .standard = "5m", .min = SECOND,
     .max = DAY, .text = "How long the reply to a command may take."},
    {ACCOUNT(timeout_body), .type = OPTION_DURATION, .standard = "10m", .min = SECOND,
     .max = DAY, .text = "How long a body may stand still, and the reply to its end may take."},
};
const size_t option_count = sizeof option_table / sizeof *option_table;

bool option_is_text(const struct option *o)
{
    return o->type < OPTION_WORD;
}

const struct option *option_find(enum option_section section, struct span key)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].section == section &&
            span_equal_nocase(span_of(option_table[i].key), key))
            return &option_table[i];
    return NULL;
}

enum { NEAR_KEY_MAX = 64, NEAR_ENOUGH = 2, NEAR_PREFIX = 4 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// How many letters must be put in, left out or replaced to make b of a (Levenshtein).
static size_t distance(struct span a, struct span b)
{
    size_t row[NEAR_KEY_MAX + 1];
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 0; i < a.n; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.n; j++) {
            size_t replaced = corner + (text_lower(a.p[i]) != text_lower(b.p[j]));
            corner = row[j + 1];
            row[j + 1] = smaller(replaced, 1 + smaller(row[j], corner));
        }
    }
    return row[b.n];
}

const struct option *option_near(enum option_section section, struct span key)
{
    const struct option *best = NULL;
    size_t least = NEAR_ENOUGH + 1;
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        struct span known = span_of(o->key);
        if (o->section != section || known.n > NEAR_KEY_MAX)
            continue;
        size_t far = distance(key, known);
        bool begins = smaller(key.n, known.n) >= NEAR_PREFIX &&
                      (span_starts_nocase(known, key) || span_starts_nocase(key, known));
        if (far > NEAR_ENOUGH && begins)
            far = NEAR_ENOUGH;
        if (far < least) {
            least = far;
            best = o;
        }
    }
    return best;
}
