// SPDX-License-Identifier: ISC
#include "sendoff/setup/providers.h"

#define GOOGLE_HINTS                                                                         \
    "The password of the account itself is not taken: make an app password (the account's "  \
    "security settings; 2-step verification has to be on), or use OAuth: sendoff-oauth(7). " \
    "Mail from another address is rewritten to be from the account."

#define MICROSOFT_HINTS                                                               \
    "Passwords are on their way out here; OAuth is what lasts: sendoff-oauth(7). "    \
    "SMTP AUTH has to be switched on for the mailbox, and in an organisation by its " \
    "administrator. The mailbox has to be allowed to send as the address that mail is from."

const struct provider provider_table[] = {
    {"google", "Gmail", "gmail.com googlemail.com", "", "smtp.gmail.com", 465, "implicit", "",
     "", PROVIDER_APP_PASSWORD, GOOGLE_HINTS},
    {"google-workspace", "Google Workspace", "", "google.com googlemail.com", "smtp.gmail.com",
     465, "implicit", "", "", PROVIDER_APP_PASSWORD, GOOGLE_HINTS},
    {"outlook", "Outlook.com, Hotmail and Live",
     "outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de outlook.de "
     "outlook.fr live.co.uk",
     "", "smtp-mail.outlook.com", 587, "starttls", "", "XOAUTH2", PROVIDER_TOKEN,
     MICROSOFT_HINTS},
    {"microsoft", "Microsoft 365", "", "protection.outlook.com mx.microsoft",
     "smtp.office365.com", 587, "starttls", "", "XOAUTH2", PROVIDER_TOKEN, MICROSOFT_HINTS},
    {"icloud", "iCloud", "icloud.com me.com mac.com", "mail.icloud.com", "smtp.mail.me.com",
     587, "starttls", "", "", PROVIDER_APP_PASSWORD,
     "An app-specific password is needed (account.apple.com, Sign-In and Security)."},
    {"yahoo", "Yahoo",
     "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es ymail.com "
     "rocketmail.com",
     "", "smtp.mail.yahoo.com", 465, "implicit", "", "", PROVIDER_APP_PASSWORD,
     "An app password is needed (account security settings)."},
    {"aol", "AOL", "aol.com", "", "smtp.aol.com", 465, "implicit", "", "",
     PROVIDER_APP_PASSWORD, "An app password is needed (account security settings)."},
    {"fastmail", "Fastmail", "fastmail.com fastmail.fm", "messagingengine.com",
     "smtp.fastmail.com", 465, "implicit", "", "", PROVIDER_APP_PASSWORD,
     "An app password with the right to send is needed (Settings, Privacy & Security)."},
    {"proton", "Proton, with an SMTP token", "proton.me protonmail.com pm.me", "protonmail.ch",
     "smtp.protonmail.ch", 587, "starttls", "", "", PROVIDER_KEY,
     "An SMTP token for the address is needed, which plans with a domain of their own have "
     "(Settings, IMAP/SMTP). With Proton Bridge: --host 127.0.0.1 --port 1025, and its key in "
     "tls_pin, with tls_verify = pin."},
    {"zoho", "Zoho", "zoho.com zohomail.com zoho.eu", "", "smtp.zoho.com", 465, "implicit", "",
     "", PROVIDER_APP_PASSWORD,
     "With two-factor login an app password is needed. Accounts in Europe are at "
     "smtp.zoho.eu: --host. Mail from another address is refused."},
    {"zoho-pro", "Zoho, with a domain of one's own", "", "zoho.com", "smtppro.zoho.com", 465,
     "implicit", "", "", PROVIDER_APP_PASSWORD,
     "With two-factor login an app password is needed. Accounts in Europe are at "
     "smtppro.zoho.eu: --host. Mail from another address is refused."},
    {"gmx", "GMX", "gmx.net gmx.de gmx.at gmx.ch", "", "mail.gmx.net", 465, "implicit", "", "",
     PROVIDER_PASSWORD,
     "Sending by SMTP has to be switched on first (Settings, POP3 & IMAP). Mail from another "
     "address is refused."},
    {"gmx-com", "GMX", "gmx.com gmx.us", "", "mail.gmx.com", 465, "implicit", "", "",
     PROVIDER_PASSWORD, "Sending by SMTP has to be switched on first."},
    {"web.de", "WEB.DE", "web.de", "", "smtp.web.de", 587, "starttls", "", "",
     PROVIDER_PASSWORD, "Sending by SMTP has to be switched on first (Settings, POP3 & IMAP)."},
    {"yandex", "Yandex", "yandex.com yandex.ru ya.ru", "mx.yandex.net mx.yandex.ru",
     "smtp.yandex.com", 465, "implicit", "", "", PROVIDER_APP_PASSWORD,
     "An app password is needed. Mail from another address is refused."},
    {"purelymail", "Purelymail", "purelymail.com", "purelymail.com", "smtp.purelymail.com", 465,
     "implicit", "", "", PROVIDER_PASSWORD,
     "Mail from an address that is not yours is refused."},
    {"ovh", "OVH", "", "mail.ovh.net", "ssl0.ovh.net", 465, "implicit", "", "",
     PROVIDER_PASSWORD, ""},
    {"mailbox.org", "mailbox.org", "mailbox.org", "mailbox.org", "smtp.mailbox.org", 465,
     "implicit", "", "", PROVIDER_PASSWORD, ""},
    {"posteo", "Posteo", "posteo.de posteo.net", "", "posteo.de", 465, "implicit", "", "",
     PROVIDER_PASSWORD, ""},
    {"ses", "Amazon SES", "", "", "", 465, "implicit", "", "", PROVIDER_KEY,
     "The host is email-smtp.REGION.amazonaws.com. User and password are SMTP credentials, "
     "made in the SES console; IAM keys are others. The address or its domain has to be "
     "verified there."},
    {"sendgrid", "SendGrid", "", "", "smtp.sendgrid.net", 465, "implicit", "apikey", "",
     PROVIDER_KEY, "The user is the word apikey, the password an API key."},
    {"mailgun", "Mailgun", "", "", "smtp.mailgun.org", 465, "implicit", "", "", PROVIDER_KEY,
     "User and password are SMTP credentials of the sending domain. Accounts in Europe are at "
     "smtp.eu.mailgun.org: --host."},
    {"postmark", "Postmark", "", "", "smtp.postmarkapp.com", 587, "starttls", "", "PLAIN",
     PROVIDER_KEY, "The server's API token is both user and password."},
};
const size_t provider_count = sizeof provider_table / sizeof *provider_table;

const struct provider *provider_of_domain(struct span domain)
{
    for (size_t i = 0; i < provider_count; i++) {
        struct span rest = span_of(provider_table[i].domains), word;
        while (span_word(&rest, &word))
            if (span_equal_nocase(word, domain))
                return &provider_table[i];
    }
    return NULL;
}

const struct provider *provider_of_exchanger(struct span host)
{
    for (size_t i = 0; i < provider_count; i++) {
        struct span rest = span_of(provider_table[i].exchangers), word;
        while (span_word(&rest, &word))
            if (span_is_within(host, word))
                return &provider_table[i];
    }
    return NULL;
}

const struct provider *provider_named(struct span name)
{
    for (size_t i = 0; i < provider_count; i++)
        if (span_equal_nocase(span_of(provider_table[i].name), name))
            return &provider_table[i];
    return NULL;
}
