// SPDX-License-Identifier: ISC
#include "sendoff/spools/spools.h"

void spools_find(struct spools *s, const struct config *config)
{
    *s = (struct spools){.path = {BUF_INIT(4096), BUF_INIT(4096)}};
    s->n += config_spool(config, &s->path[s->n]);
    s->n += config_other_spool(config, &s->path[s->n]);
}

void spools_free(struct spools *s)
{
    for (size_t i = 0; i < SPOOLS_MAX; i++)
        buf_free(&s->path[i]);
}
