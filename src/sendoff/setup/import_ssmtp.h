// SPDX-License-Identifier: ISC
// ssmtp's config, ssmtp.conf (ssmtp.conf(5)). Its revaliases are another file. Pure.
#ifndef SENDOFF_IMPORT_SSMTP_H
#define SENDOFF_IMPORT_SSMTP_H

#include "sendoff/setup/importing.h"

void import_ssmtp(struct importing *m, struct span text) __attribute__((nonnull));

#endif
