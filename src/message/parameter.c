// SPDX-License-Identifier: ISC
#include "message/parameter.h"

bool parameter_find(const char *options, struct span name, struct span *value)
{
    struct span rest = span_of(options), word, key;
    while (span_word(&rest, &word)) {
        if (!span_cut(&word, '=', &key) || !span_equal_nocase(key, name))
            continue;
        *value = word.p ? word : (struct span){"", 0};
        return true;
    }
    return false;
}
