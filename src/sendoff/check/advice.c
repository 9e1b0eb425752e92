// SPDX-License-Identifier: ISC
#include "sendoff/check/advice.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

// The first row that fits counts: what names one cause stands above what names many. Several
// words parted by '|': one of them is enough.
static const struct {
    const char *step, *words, *text;
} rows[] = {
    {"secret", "can be read by others", "chmod 600 that file; no other user should read it"},
    {"secret", "belongs to somebody else", "chown that file to the user who runs the queue"},
    {"secret", "No such file",
     "put the password into that file, alone on its line, and chmod "
     "600 it; `sendoff setup` does both"},
    {"secret", "is empty", "put the password into that file"},
    {"secret", "can not be started|is no absolute path",
     "a command is an absolute path and plain words; for more than that, write a script"},
    {"secret", "did not end|ended with status|was ended by",
     "run that command by hand, as the user who runs the queue, and see what it says"},
    {"secret", "must be set", "set it in the account's section of the config"},
    {"walls", "walls = off", "take that line out, unless it is there for a good reason"},

    {"DNS", "there is no way out", "this machine has no line now: the queue waits for it"},
    {"DNS", "not a host name", "correct `host`"},
    {"DNS", "Temporary failure|no answer from the resolver",
     "the resolver does not answer: look at /etc/resolv.conf and the line"},
    {"DNS", "", "is the name in `host` right? `getent hosts NAME` asks the same"},
    {"TCP", "refused",
     "nobody listens there: see `host` and `port`; submission is 587 with tls "
     "= starttls, or 465 with tls = implicit"},
    {"TCP", "timed out|did not answer|no answer",
     "a firewall in between may drop it: many networks block port 25, some 587; try port 465 "
     "with tls = implicit"},
    {"TCP", "unreachable|no way", "this machine has no way there now: the queue waits for it"},
    {"TCP", "not permitted|Permission denied",
     "a firewall or sandbox of this machine forbids it"},
    {"TCP", "", "see `host` and `port`"},

    {"TLS", "does not speak TLS on this port",
     "port 465 wants tls = implicit; 587 and 25 want tls = starttls"},
    {"TLS", "self-signed",
     "if that is the right server: put its certificate into a file and "
     "name that by tls_ca_file; or pin its key: tls_pin, tls_verify"},
    {"TLS", "; set tls_name",
     "if that is the right server, set tls_name to a name that its "
     "certificate bears; else correct `host`"},
    {"TLS", "issuer that is not trusted|; set tls_ca_file",
     "install the ca-certificates package; for an authority of your own, name its certificate "
     "by tls_ca_file"},
    {"TLS", "has expired|not valid before",
     "is the clock of this machine right? If so, its owner has to renew the certificate"},
    {"TLS", "our certificate", "renew the file that tls_cert names"},
    {"TLS", "certificate expires", "its owner has to renew it in time"},
    {"TLS", "nothing is verified",
     "set tls_verify to full; for a private server, tls_ca_file "
     "or tls_pin"},
    {"TLS", "no certificate to trust|no hashed certificates",
     "install the ca-certificates package, or correct tls_ca_file or tls_ca_dir"},
    {"TLS", "tls_pin",
     "if the server has changed its key, find out from its owner before you "
     "take the new one"},
    {"TLS", "can listen there",
     "let the server offer TLS and pin its key (tls_pin), or let it listen below port 1024"},
    {"EHLO", "STARTTLS",
     "the server offers no encryption on this port: 465 with tls = "
     "implicit, or another port"},
    {"EHLO", "timed out|no reply|silent",
     "the port may want TLS from the first octet: tls = implicit"},

    {"AUTH", "5.7.9|application-specific|app password|InvalidSecondFactor",
     "this provider wants an app password, made in the account's security settings, in place "
     "of the real one"},
    {"AUTH", "5.7.139|5.7.30|5.7.57|basic authentication|SmtpClientAuthentication",
     "passwords do not do there any more, or SMTP AUTH is switched off for the mailbox: see "
     "sendoff-oauth(7), and the Microsoft 365 admin center"},
    {"AUTH", "invalid_grant|expired|XOAUTH2|OAUTHBEARER",
     "the token is not taken: run token_command by hand, and log in anew if it says so; see "
     "sendoff-oauth(7)"},
    {"AUTH", "GSS|Kerberos|ticket",
     "whoever runs the queue needs a ticket: kinit, or a keytab that krb5.conf names by "
     "default_client_keytab_name; for root's flush, where KRB5CCNAME is not believed, the "
     "keytab"},
    {"AUTH", "no mechanism is both",
     "set auth to one that is offered; is the package "
     "libsasl2-modules installed?"},
    {"AUTH", "tls = none", "set tls to starttls or implicit"},
    {"AUTH", "too many|4.7.0", "the server wants a pause: try again later"},
    {"AUTH", "535|534|530|authentication|credentials|password",
     "`user` or the password is wrong, or the provider wants an app password"},

    {"sender", "has no domain", "set `domain` in [sendoff], such as example.org"},
    {"sender", "makes no address", "correct `from`"},
    {"MAIL", "421 |450 |451 |452 |454 ", "the server puts it off: try again later"},
    {"MAIL", "",
     "the server does not let you send as that address: set sender = force, and "
     "`from` to your own address there"},
    {"RCPT", "421 |450 |451 |452 ",
     "the server puts it off, which is usual for greylisting: the queue tries again"},
    {"RCPT", "",
     "the server does not take mail for that address from you: is `from` your own "
     "address there?"},

    {"spool", "own with mode 0700",
     "give it back to the user (chown, chmod 700), or move it away: a new one is made"},
    {"spool", "No space left|quota",
     "make room on that file system: until then mail is refused (75), and nothing is sent"},
    {"spool", "Read-only",
     "mount it read-write, or set `spool` in [sendoff] to another place; a service that is "
     "shut in needs ReadWritePaths="},
    {"spool", "Permission denied|not permitted",
     "the user has to own it, and may need a place that is his: `spool` in [sendoff]"},
    {"spool", "", "make the directory above it, or set `spool` in [sendoff]"},

    {"queue", "5.4.5|quota|limit|too many|4.7.28|rate",
     "the provider allows so much mail in so much time: the queue waits, and goes on by "
     "itself"},
    {"queue", "alike refused|suspended|disabled|blocked",
     "the provider takes no mail of this account: log in at its site, see to what its words "
     "say, then `sendoff flush`"},
    {"queue", "sendoff-submit can not be started|broke down", "install sendoff again"},
};

static bool contains_one(struct span text, struct span words)
{
    struct span word;
    while (span_cut(&words, '|', &word))
        if (span_find_nocase(text, word))
            return true;
    return false;
}

const char *advice_for(const char *step, const char *text)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (span_equal(span_of(step), span_of(rows[i].step)) &&
            (!*rows[i].words || contains_one(span_of(text), span_of(rows[i].words))))
            return rows[i].text;
    return "";
}

const char *advice_on(const char *reply)
{
    static const struct {
        const char *begins, *step;
    } steps[] = {{"DNS", "DNS"},     {"connect to ", "TCP"}, {"TLS", "TLS"},   {"EHLO", "EHLO"},
                 {"AUTH", "AUTH"},   {"535 ", "AUTH"},       {"534 ", "AUTH"}, {"530 ", "AUTH"},
                 {"walls", "walls"}, {"secret", "secret"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (span_starts_nocase(span_of(reply), span_of(steps[i].begins)))
            return advice_for(steps[i].step, reply);
    return advice_for("queue", reply);
}
