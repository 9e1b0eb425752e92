// SPDX-License-Identifier: ISC
// msmtp's config, msmtprc (msmtp(1)). Pure.
#ifndef SENDOFF_IMPORT_MSMTP_H
#define SENDOFF_IMPORT_MSMTP_H

#include "sendoff/setup/importing.h"

void import_msmtp(struct importing *m, struct span text) __attribute__((nonnull));

#endif
