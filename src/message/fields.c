// SPDX-License-Identifier: ISC
#include "message/fields.h"

#define FIELDS_ROW(id, name, flags) {name, sizeof name - 1, flags},
static const struct {
    const char *name;
    size_t n;
    unsigned flags;
} fields[] = {FIELDS(FIELDS_ROW)};
#undef FIELDS_ROW

enum field_id field_find(struct span name)
{
    unsigned id = 0;
    while (id < FIELD_OTHER &&
           !span_equal_nocase(name, (struct span){fields[id].name, fields[id].n}))
        id++;
    return (enum field_id)id;
}

unsigned field_flags(enum field_id id)
{
    return id < FIELD_OTHER ? fields[id].flags : 0;
}

const char *field_title(enum field_id id)
{
    return id < FIELD_OTHER ? fields[id].name : "";
}
