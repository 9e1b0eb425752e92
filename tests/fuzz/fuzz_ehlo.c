// SPDX-License-Identifier: ISC
// links: smtp
// What a server says it can do, out of any text.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/ehlo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ehlo e, again;
    ehlo_parse(&e, (struct span){(const char *)data, size});
    check(e.capabilities < 1U << EHLO_BITS);
    check(ehlo_has(&e, EHLO_SIZE) || e.size == 0);
    check(ehlo_has(&e, EHLO_AUTH) || !*e.mechanisms);
    check(ehlo_has(&e, EHLO_LIMITS) || (!e.mail_max && !e.rcpt_max && !e.rcpt_domain_max));
    check(memchr(e.mechanisms, '\0', sizeof e.mechanisms) != NULL);

    struct span rest = span_of(e.mechanisms), word;
    char text[sizeof e.mechanisms + 16] = "x\nAUTH ";
    while (span_cut(&rest, ' ', &word))
        check(ehlo_is_mechanism(word) || !*e.mechanisms);
    memcpy(text + 7, e.mechanisms, strlen(e.mechanisms) + 1);
    ehlo_parse(&again, span_of(text));
    check(strcmp(again.mechanisms, e.mechanisms) == 0);
    return 0;
}
