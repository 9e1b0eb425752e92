// SPDX-License-Identifier: ISC
#include "store.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static atomic_ullong begun;

static void look(struct store *m, char c)
{
    if ((m->last == '\r') != (c == '\n'))
        m->bare = true;
    m->nul |= c == '\0';
    m->eightbit |= (unsigned char)c > 127;
    m->column = c == '\n' ? 0 : m->column + 1;
    if (c != '\r' && m->column > m->longest)
        m->longest = m->column;
    m->last = c;
}

int store_begin(struct store *m, const char *directory, struct span envelope)
{
    *m = (struct store){0};
    if (!directory)
        return 0;
    snprintf(m->path, sizeof m->path, "%s/.%llu.part", directory, ++begun);
    m->file = fopen(m->path, "we");
    if (!m->file)
        return -1;
    fwrite(envelope.p, 1, envelope.n, m->file);
    fputc('\n', m->file);
    return 0;
}

void store_put(struct store *m, struct span octets)
{
    for (size_t i = 0; i < octets.n; i++)
        look(m, octets.p[i]);
    m->octets += octets.n;
    if (m->file && octets.n)
        fwrite(octets.p, 1, octets.n, m->file);
}

int store_keep(struct store *m, const char *directory, unsigned long long number)
{
    char name[sizeof m->path];
    if (!m->file)
        return 0;
    snprintf(name, sizeof name, "%s/%08llu.eml", directory, number);
    int bad = ferror(m->file) | fclose(m->file);
    m->file = NULL;
    return bad ? -1 : rename(m->path, name);
}

void store_drop(struct store *m)
{
    if (!m->file)
        return;
    fclose(m->file);
    remove(m->path);
    m->file = NULL;
}
