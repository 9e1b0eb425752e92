// SPDX-License-Identifier: ISC
#include "house.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

enum { LINE_MAX_OCTETS = 4096 };

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *log_file;

bool house_offers(const struct house *h, struct span keyword)
{
    for (size_t i = 0; i < h->n_withheld; i++)
        if (span_equal_nocase(span_of(h->withheld[i]), keyword))
            return false;
    return true;
}

int log_open(const char *path)
{
    log_file = path ? fopen(path, "ae") : stdout;
    return log_file ? 0 : -1;
}

void log_line(unsigned long long connection, const char *fmt, ...)
{
    char raw[LINE_MAX_OCTETS];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;

    struct buf line = BUF_INIT(LINE_MAX_OCTETS + 64);
    if (connection)
        buf_printf(&line, "%llu ", connection);
    text_clean(&line, (struct span){raw, size}, LINE_MAX_OCTETS);
    pthread_mutex_lock(&log_lock);
    fprintf(log_file, "%s\n", buf_str(&line));
    fflush(log_file);
    pthread_mutex_unlock(&log_lock);
    buf_free(&line);
}

void log_counts(struct house *h)
{
    log_line(0,
             "counts connections=%llu most=%llu handshakes=%llu logins=%llu messages=%llu "
             "recipients=%llu octets=%llu flights=%llu",
             h->connections, h->most, h->handshakes, h->logins, h->messages, h->recipients,
             h->octets, h->flights);
}
