// SPDX-License-Identifier: ISC
#include "config/domain.h"

#include "config/value.h"

bool domain_of_mailname(struct span text, struct buf *out)
{
    struct span line;
    while (span_cut(&text, '\n', &line)) {
        line = span_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!value_is_domain(line))
            return false;
        buf_put_span(out, line);
        return true;
    }
    return false;
}

static bool is_below(struct span name, struct span host)
{
    return name.n > host.n + 1 && name.p[host.n] == '.' && span_starts_nocase(name, host) &&
           value_is_domain(name);
}

bool domain_of_hosts(struct span text, struct span host, struct buf *out)
{
    struct span line, fields, name;
    while (span_cut(&text, '\n', &line)) {
        if (!span_cut(&line, '#', &fields) || !span_word(&fields, &name))
            continue;
        while (span_word(&fields, &name)) {
            name = span_trim(name);
            if (is_below(name, host)) {
                buf_put_span(out, name);
                return true;
            }
        }
    }
    return false;
}
