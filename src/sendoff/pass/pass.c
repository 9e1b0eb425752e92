// SPDX-License-Identifier: ISC
#include "sendoff/pass/pass.h"

size_t pass_lines(const struct pass *p)
{
    size_t n = 0;
    for (size_t i = 0; i < COURIER_MOST; i++)
        n += p->lines[i].up;
    return n;
}

size_t pass_standing(const struct pass *p)
{
    size_t n = 0;
    for (size_t i = 0; i < COURIER_MOST; i++)
        n += p->lines[i].up && p->lines[i].ready && !p->lines[i].finished;
    return n;
}

size_t pass_parcels(const struct pass *p)
{
    size_t n = 0;
    for (size_t i = 0; i < COURIER_MOST; i++)
        n += p->lines[i].up ? p->lines[i].open : 0;
    return n;
}
