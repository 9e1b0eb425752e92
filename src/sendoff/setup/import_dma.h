// SPDX-License-Identifier: ISC
// dma's config, dma.conf, and its auth.conf (dma(8)). Pure.
#ifndef SENDOFF_IMPORT_DMA_H
#define SENDOFF_IMPORT_DMA_H

#include "sendoff/setup/importing.h"

// `auth_path` gets the path of the auth.conf that it names; nothing where it names none.
void import_dma(struct importing *m, struct span text, struct buf *auth_path)
    __attribute__((nonnull));
// Behind import_dma: who logs in at its smarthost.
void import_dma_auth(struct importing *m, struct span text) __attribute__((nonnull));

#endif
