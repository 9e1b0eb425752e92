// SPDX-License-Identifier: ISC
#include "sendoff/spools/worklist.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

// For the comparison: qsort hands no context on.
static const char *sorting;

static int compare(const void *a, const void *b)
{
    const struct work *x = a, *y = b;
    return strcmp(sorting + x->name, sorting + y->name);
}

void worklist_init(struct worklist *w)
{
    *w = (struct worklist){.names = BUF_INIT(SIZE_MAX / 4),
                           .items = BUF_INIT(SIZE_MAX / 4),
                           .gone = BUF_INIT(SIZE_MAX / 4),
                           .known = BUF_INIT(SIZE_MAX / 4),
                           .seen = BUF_INIT(SIZE_MAX / 4)};
}

int worklist_fill(struct worklist *w, const struct maildir *m, const enum maildir_place *places,
                  size_t n)
{
    worklist_init(w);
    for (size_t i = 0; i < n; i++) {
        size_t at = w->names.n;
        if (maildir_list(m, places[i], WORKLIST_MOST, &w->names) < 0)
            return -1;
        for (; at < w->names.n; at += strlen(w->names.p + at) + 1) {
            struct work one = {.name = at, .place = places[i]};
            buf_put(&w->items, &one, sizeof one);
        }
    }
    if (w->items.n) {
        sorting = w->names.p;
        qsort(w->items.p, w->items.n / sizeof(struct work), sizeof(struct work), compare);
    }
    return 0;
}

void worklist_free(struct worklist *w)
{
    buf_free(&w->names);
    buf_free(&w->items);
    buf_free(&w->gone);
    buf_free(&w->known);
    buf_free(&w->seen);
    w->at = 0;
}

bool worklist_next(struct worklist *w, enum maildir_place *place, const char **name)
{
    if (w->at == w->items.n / sizeof(struct work))
        return false;
    const struct work *one = (const struct work *)(void *)w->items.p + w->at++;
    *place = one->place;
    *name = w->names.p + one->name;
    return true;
}

void worklist_add(struct worklist *w, enum maildir_place place, const char *name)
{
    struct work one = {.name = w->names.n, .place = place};
    buf_put(&w->names, name, strlen(name) + 1);
    buf_put(&w->items, &one, sizeof one);
}

void worklist_gone(struct worklist *w)
{
    const struct work *last = (const struct work *)(void *)w->items.p + w->at - 1;
    if (last->place == MAILDIR_NEW)
        buf_put(&w->gone, &last->name, sizeof last->name);
}

// By the part before the flags.
static int compare_bases(const char *a, const char *b)
{
    size_t n = strcspn(a, ":"), m = strcspn(b, ":");
    int order = memcmp(a, b, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

static int compare_places(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return compare_bases(sorting + *x, sorting + *y);
}

static int compare_sought(const void *key, const void *one)
{
    const size_t *place = one;
    return compare_bases(key, sorting + *place);
}

bool worklist_follow(struct worklist *w, const struct maildir *m)
{
    size_t n = w->gone.n / sizeof(size_t);
    struct buf now = BUF_INIT(0), found = BUF_INIT(SIZE_MAX / 4);
    if (n == 0)
        return false;
    sorting = w->names.p;
    qsort(w->gone.p, n, sizeof(size_t), compare_places);
    if (maildir_list(m, MAILDIR_CUR, SIZE_MAX, &now) < 0)
        buf_clear(&now); // then it is found by the next pass
    for (size_t at = 0; at < now.n; at += strlen(now.p + at) + 1)
        if (bsearch(now.p + at, w->gone.p, n, sizeof(size_t), compare_sought))
            buf_put(&found, &at, sizeof at);
    for (size_t i = 0; i < found.n / sizeof(size_t); i++)
        worklist_add(w, MAILDIR_CUR, now.p + ((size_t *)(void *)found.p)[i]);
    bool any = found.n > 0;
    buf_clear(&w->gone);
    buf_free(&now);
    buf_free(&found);
    return any;
}

size_t worklist_left(const struct worklist *w)
{
    return w->items.n / sizeof(struct work) - w->at;
}

void worklist_know(struct worklist *w, const char *name)
{
    buf_put(&w->known, &w->names.n, sizeof w->names.n);
    buf_put(&w->names, name, strlen(name) + 1);
}

static void sort_seen(struct worklist *w)
{
    const struct work *item = (const struct work *)(void *)w->items.p;
    buf_clear(&w->seen);
    for (size_t i = 0; i < w->items.n / sizeof *item; i++)
        buf_put(&w->seen, &item[i].name, sizeof item[i].name);
    buf_put_span(&w->seen, buf_span(&w->known));
    sorting = w->names.p;
    if (w->seen.n)
        qsort(w->seen.p, w->seen.n / sizeof(size_t), sizeof(size_t), compare_places);
}

static bool is_seen(const struct worklist *w, const char *name)
{
    return w->seen.n &&
           bsearch(name, w->seen.p, w->seen.n / sizeof(size_t), sizeof(size_t), compare_sought);
}

bool worklist_more(struct worklist *w, const struct maildir *m)
{
    struct buf now = BUF_INIT(0);
    size_t first = w->items.n / sizeof(struct work);
    if (maildir_list(m, MAILDIR_NEW, WORKLIST_MOST, &now) < 0)
        buf_clear(&now); // then it is found by the next pass
    sort_seen(w);
    for (size_t at = 0; at < now.n; at += strlen(now.p + at) + 1) {
        sorting = w->names.p;
        if (!is_seen(w, now.p + at))
            worklist_add(w, MAILDIR_NEW, now.p + at);
    }
    buf_free(&now);
    size_t n = w->items.n / sizeof(struct work) - first;
    sorting = w->names.p;
    if (n)
        qsort((struct work *)(void *)w->items.p + first, n, sizeof(struct work), compare);
    return n > 0;
}
