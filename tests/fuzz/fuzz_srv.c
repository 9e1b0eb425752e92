// SPDX-License-Identifier: ISC
// links: submit
// DNS's answer for SRV and for MX, out of any octets, and the order of what it says.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "submit/line/srv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static bool is_before(const struct srv_record *a, const struct srv_record *b)
{
    return a->priority < b->priority ||
           (a->priority == b->priority && a->implicit >= b->implicit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct srv_list list = {0};
    uint32_t random[SRV_MOST] = {0};
    struct span message = {(const char *)data, size};
    uint64_t ports = 0, ordered = 0;
    bool good = srv_parse(&list, message, true);
    check(good || (!list.n && !list.refused));
    size_t n = list.n;
    check(srv_parse(&list, message, false) == good && n <= list.n && list.n <= SRV_MOST);
    for (size_t i = 0; i < list.n; i++) {
        const char *end = memchr(list.record[i].target, '\0', sizeof list.record[i].target);
        check(end && end > list.record[i].target && list.record[i].port);
        ports += list.record[i].port;
    }
    memcpy(random, data, size < sizeof random ? size : sizeof random);
    srv_order(&list, random);
    for (size_t i = 0; i < list.n; i++) {
        ordered += list.record[i].port;
        check(i == 0 || is_before(&list.record[i - 1], &list.record[i]));
    }
    check(ports == ordered);
    struct srv_list mx = {0};
    good = srv_parse_mx(&mx, message);
    check(mx.n <= SRV_MOST && (good || (!mx.n && !mx.refused)));
    for (size_t i = 0; i < mx.n; i++)
        check(mx.record[i].target[0] && !mx.record[i].port && !mx.record[i].implicit);
    return 0;
}
