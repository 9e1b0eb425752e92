// SPDX-License-Identifier: ISC
// The config: which file counts, what it says, and what follows from it (sendoff.conf(5)).
// iniparser is known to config.c alone; what keys there are stands in options.c alone.
// Section names and keys are kept in lower case, as iniparser gives them; values never change.
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    CONFIG_NAME_MAX = 32,    // octets of an account's name (BLOCK_ACCOUNT_MAX)
    CONFIG_ACCOUNTS_MAX = 64 // accounts of one file
};

// Whose config it is decides whose spool: SYSCONFDIR's file is system, any other personal.
enum config_mode { CONFIG_SYSTEM, CONFIG_PERSONAL };

enum config_bounce { BOUNCE_SENDER, BOUNCE_KEEP };
enum config_deliver { DELIVER_BACKGROUND, DELIVER_QUEUE, DELIVER_WAIT };
enum config_dot { DOT_AUTO, DOT_SENDMAIL, DOT_NEVER };
enum config_log { LOG_TO_SYSLOG, LOG_TO_STDERR, LOG_TO_JSON, LOG_TO_NONE };
enum config_tls { TLS_STARTTLS, TLS_IMPLICIT, TLS_NONE };
enum config_tls_verify { TLS_VERIFY_FULL, TLS_VERIFY_PIN, TLS_VERIFY_NONE };
enum config_tls_min { TLS_MIN_1_2, TLS_MIN_1_3 };
enum config_sender { SENDER_KEEP, SENDER_QUALIFY, SENDER_FORCE };
enum config_walls { WALLS_AUTO, WALLS_OFF };
enum config_null_sender { NULL_SENDER_KEEP, NULL_SENDER_REWRITE };

// Text is "" where the file does not set it and the table has no default. All durations are
// seconds, all sizes octets.
struct config_account {
    char name[CONFIG_NAME_MAX + 1];
    char *host;    // one or several (config/hosts.h)
    uint64_t port; // 0: 587, or 465 where tls = implicit
    uint64_t tls;  // enum config_tls
    char *tls_ca_file;
    char *tls_ca_dir;
    char *tls_name;      // the name the certificate must bear; the host's where ""
    char *tls_pin;       // hashes of keys, parted by blanks
    uint64_t tls_verify; // enum config_tls_verify
    uint64_t tls_min;    // enum config_tls_min
    char *tls_cert;      // our own certificate
    char *tls_key;       // its key; in tls_cert where ""
    char *auth;          // "auto", "none", or mechanisms parted by blanks
    char *user;
    char *password_file; // of these four, one at most is set
    char *password_command;
    char *token_file;
    char *token_command;
    uint64_t sender; // enum config_sender
    char *from;      // with patterns; config_from knows what holds without it
    char *helo;
    char *source_address; // one of IPv4, one of IPv6, or both
    uint64_t pipeline;
    uint64_t connections;
    uint64_t messages_per_connection;
    uint64_t recipients_per_message;
    uint64_t timeout_connect;
    uint64_t timeout_greeting;
    uint64_t timeout_command;
    uint64_t timeout_body; // for progress, and for the reply to the end of the message
};

struct config {
    enum config_mode mode;
    char *path;         // the file that counts, "" where none does
    bool parsed;        // path is set and its syntax is good, so that what it says is in force
    struct buf search;  // a line for each place looked at: what was there, why it counts or not
    struct buf ignored; // those lines of `search` that tell of a file passed over: to be logged
    struct buf problem; // "FILE:LINE: SECTION: KEY: what is wrong", "" when the file is fine

    char *account;
    char *domain;
    char *aliases;
    char *local_to;  // a mailbox with a domain
    char *bounce_to; // likewise
    char *spool;
    uint64_t deliver;     // enum config_deliver
    uint64_t bounce;      // enum config_bounce
    uint64_t warn_after;  // 0: never
    uint64_t dot;         // enum config_dot
    uint64_t null_sender; // enum config_null_sender
    uint64_t log;         // enum config_log
    uint64_t walls;       // enum config_walls
    uint64_t max_size;
    uint64_t max_recipients;
    uint64_t max_queued; // of one user; 0: any number
    uint64_t retry_first;
    uint64_t retry_longest;
    uint64_t expire;

    struct config_account *accounts; // in the order of the file
    size_t n_accounts;
};

// Finds and reads the config. 0 when a file counts and says nothing wrong; -1 otherwise, with
// `problem` telling why ("no config ..." where there is none). Either way *c is filled in and
// is ended by config_free: a file that can not be parsed leaves the defaults, one that is
// merely wrong somewhere leaves all else that it says, so that injection finds the right spool.
int config_load(struct config *c) __attribute__((nonnull, warn_unused_result));
// The same for one file that the caller has chosen already (what sendoff tells sendoff-submit);
// its owner and mode are judged all the same.
int config_load_path(struct config *c, const char *path)
    __attribute__((nonnull, warn_unused_result));
void config_free(struct config *c) __attribute__((nonnull));

// The account of that name (in any case of letters), the default account for "", or NULL.
// Without an `account` key the default is the first account of the file. Owned by *c.
const struct config_account *config_account(const struct config *c, const char *name)
    __attribute__((nonnull));

// The address that the account's mail is from where its policy replaces the sender: `from`, in
// which %u, %h and %% stand for the login name, the host's name and a '%', else `user` if that
// is an address. "" where there is none. Owned by *a.
const char *config_from(const struct config_account *a) __attribute__((nonnull));

// The directory of the effective user's spool, appended to *out. System mode: <uid> below the
// `spool` key, else below LOCALSTATEDIR/spool/sendoff. Personal: the `spool` key itself, else
// ${XDG_STATE_HOME:-~/.local/state}/sendoff/spool. Where no file counts or could be parsed: the
// system's where its root exists, else the personal one. Uid 0 has no home, so where it would
// be needed the system's stands in. False where there is no such place (no home).
bool config_spool(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// In system mode, the directory above all users' spools, appended to *out. False in personal
// mode.
bool config_spool_root(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The other place where mail of the effective user may lie: queued while no config, or another
// one, counted (HAZARDS 21). The system's spool beside a personal one, and the other way round.
// False where there is none.
bool config_other_spool(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The directory in which accounts are remembered, appended to *out: LOCALSTATEDIR/lib/sendoff
// in system mode, else `account` beside the spool. False where there is no such place.
bool config_account_dir(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The FIFO that sets the queue going (base/fifo.h), appended to *out: RUNSTATEDIR/sendoff/bell
// where the spool is the system's, else `bell` beside the spool: cron and a login have
// different environments, but one spool. False where there is no such place.
bool config_bell(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The socket of the drop, where mail is handed in that can not be put into the system's spool
// (message/handin.h), appended to *out. False in personal mode: there is none.
bool config_drop(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The domain that completes bare names, appended to *out: the `domain` key, else /etc/mailname,
// else the host name if it has a dot, else its dotted name in /etc/hosts. False where none is
// known. Never asks DNS.
bool config_domain(const struct config *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The host's name, with or without a domain, appended to *out.
void config_host(struct buf *out) __attribute__((nonnull));

// The settings in force, in the table's order, as a file that means the same again; a key that
// has no value stands there as a comment (`sendoff check --print`).
void config_print(const struct config *c, struct buf *out) __attribute__((nonnull));

#endif
