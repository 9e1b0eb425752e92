// SPDX-License-Identifier: ISC
// What people are told of a TLS connection: the facts, for who looks on, and what will soon be
// trouble, for the log.
#ifndef SUBMIT_TLS_SHOW_H
#define SUBMIT_TLS_SHOW_H

#include "config/config.h"
#include "submit/observer.h"
#include "submit/tls/tls.h"

enum {
    TLS_SHOW_DAYS = 14,    // before the smarthost's certificate expires: its owner is late
    TLS_SHOW_OWN_DAYS = 30 // before ours does
};

// Once the handshake is over. The observer's step is TLS.
void tls_show(const struct tls_facts *facts, const struct config_account *a, bool identified,
              const struct observer *observer) __attribute__((nonnull));

#endif
