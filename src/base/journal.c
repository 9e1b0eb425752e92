// SPDX-License-Identifier: ISC
#include "base/journal.h"

#include <inttypes.h>
#include <syslog.h>

static void put_name(struct buf *out, const char *name)
{
    buf_puts(out, "SENDOFF_");
    for (; *name; name++)
        buf_putc(out, text_is_alpha(*name) ? (char)(*name & ~0x20) : *name);
    buf_putc(out, '=');
}

static void put_value(struct buf *out, struct span value)
{
    text_clean(out, value, value.n);
    buf_putc(out, '\n');
}

static void event_text(void *with, const char *name, struct span text)
{
    put_name(with, name);
    put_value(with, text);
}

static void event_number(void *with, const char *name, int64_t number)
{
    put_name(with, name);
    buf_printf(with, "%" PRId64 "\n", number);
}

void journal_text(struct buf *out, const char *name, struct span value)
{
    buf_printf(out, "%s=", name);
    put_value(out, value);
}

void journal_head(struct buf *out, int level, const char *name, int pid, struct span text)
{
    journal_text(out, "MESSAGE", text);
    buf_printf(out, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%d\n",
               level, LOG_MAIL >> 3, name, pid);
}

void journal_event(struct buf *out, const struct event *e)
{
    static const struct event_sink sink = {event_text, event_number};
    event_walk(e, &sink, out);
}
