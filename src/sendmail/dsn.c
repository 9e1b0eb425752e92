// SPDX-License-Identifier: ISC
#include "sendmail/dsn.h"

#include "base/buf.h"
#include "message/xtext.h"

const char *dsn_notify(struct span value)
{
    static const struct span parts[] = {SPAN_INIT("SUCCESS"), SPAN_INIT("FAILURE"),
                                        SPAN_INIT("DELAY")};
    // Every list there is; the place is a bit for each part, less one.
    static const char *const lists[] = {
        "SUCCESS",       "FAILURE",       "SUCCESS,FAILURE",      "DELAY",
        "SUCCESS,DELAY", "FAILURE,DELAY", "SUCCESS,FAILURE,DELAY"};
    struct span rest = value, part;
    unsigned set = 0;
    if (span_equal_nocase(value, SPAN("NEVER")))
        return "NEVER";
    while (span_cut(&rest, ',', &part)) {
        unsigned bit = 0;
        for (unsigned i = 0; i < 3; i++)
            if (span_equal_nocase(span_trim(part), parts[i]))
                bit = 1U << i;
        if (!bit)
            return NULL;
        set |= bit;
    }
    return set ? lists[set - 1] : NULL;
}

const char *dsn_ret(struct span value)
{
    if (span_equal_nocase(value, SPAN("FULL")))
        return "FULL";
    return span_equal_nocase(value, SPAN("HDRS")) ? "HDRS" : NULL;
}

bool dsn_envid(struct span value)
{
    struct buf plain = BUF_INIT(DSN_ENVID_MAX);
    bool good = value.n && xtext_decode(&plain, value);
    buf_free(&plain);
    return good;
}

static bool is_printable(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '!' || text.p[i] > '~')
            return false;
    return true;
}

bool dsn_orcpt(struct span value)
{
    struct buf plain = BUF_INIT(DSN_ORCPT_MAX);
    struct span rest = value, type;
    bool good = value.n <= DSN_ORCPT_MAX && is_printable(value) &&
                span_cut(&rest, ';', &type) && type.n && rest.n;
    if (good && !span_equal_nocase(type, SPAN("utf-8")))
        good = xtext_decode(&plain, rest);
    buf_free(&plain);
    return good;
}
