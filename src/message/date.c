// SPDX-License-Identifier: ISC
#include "message/date.h"

#include <stdlib.h>

void date_put(struct buf *out, const struct tm *local, int offset)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int ahead = abs(offset);
    buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d %c%02d%02d", days[local->tm_wday % 7],
               local->tm_mday, months[local->tm_mon % 12], local->tm_year + 1900,
               local->tm_hour, local->tm_min, local->tm_sec, offset < 0 ? '-' : '+', ahead / 60,
               ahead % 60);
}

void message_id_put(struct buf *out, const unsigned char random[DATE_RANDOM],
                    struct span domain)
{
    buf_putc(out, '<');
    for (size_t i = 0; i < DATE_RANDOM; i++)
        buf_printf(out, "%02x", random[i]);
    buf_putc(out, '@');
    buf_put_span(out, domain.n ? domain : SPAN("localhost"));
    buf_putc(out, '>');
}
