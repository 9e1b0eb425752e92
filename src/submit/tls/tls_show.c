// SPDX-License-Identifier: ISC
#include "submit/tls/tls_show.h"

static void show_facts(const struct tls_facts *f, bool identified,
                       const struct observer *observer)
{
    observer_passed(observer, "%s, %s, %u bits", f->version, f->cipher, f->bits);
    observer_passed(observer, "certificate: %s; for %s; issuer: %s", f->subject, f->names,
                    f->issuer);
    observer_passed(observer, "key: %s bits, %s", f->key, f->pin);
    observer_passed(observer, "expires %s, %d days left", f->expires.date, f->expires.days);
    if (f->own.known)
        observer_passed(observer, "our certificate: %s; expires %s, %d days left",
                        identified ? "asked for and shown" : "not asked for", f->own.date,
                        f->own.days);
}

static void warn_of_expiry(const struct tls_expiry *e, int soon, const char *whose,
                           const struct observer *observer)
{
    if (!e->known || e->days >= soon)
        return;
    if (e->days < 0)
        observer_warned(observer, "%s has expired on %s", whose, e->date);
    else
        observer_warned(observer, "%s expires on %s, in %d days", whose, e->date, e->days);
}

void tls_show(const struct tls_facts *facts, const struct config_account *a, bool identified,
              const struct observer *observer)
{
    show_facts(facts, identified, observer);
    if (a->tls_verify == TLS_VERIFY_NONE)
        observer_warned(observer, "nothing is verified (tls_verify): whoever answers there can "
                                  "read the mail and the password");
    // Where it is the key alone that counts, nobody renews the certificate.
    if (a->tls_verify == TLS_VERIFY_FULL)
        warn_of_expiry(&facts->expires, TLS_SHOW_DAYS, "the smarthost's certificate", observer);
    warn_of_expiry(&facts->own, TLS_SHOW_OWN_DAYS, "our certificate (tls_cert)", observer);
}
