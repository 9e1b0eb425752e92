// SPDX-License-Identifier: ISC
// links: sendoff
// The first octet says whose config the rest is. Whatever it is, what comes out of it are lines
// that our own reader takes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/scan.h"
#include "sendoff/setup/import_dma.h"
#include "sendoff/setup/import_msmtp.h"
#include "sendoff/setup/import_nullmailer.h"
#include "sendoff/setup/import_ssmtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(struct importing *m, uint8_t which, struct span text)
{
    struct buf path = BUF_INIT(4096);
    switch (which % 5) {
    case 0: import_msmtp(m, text); break;
    case 1: import_ssmtp(m, text); break;
    case 2: import_nullmailer(m, text); break;
    case 3: import_dma(m, text, &path); break;
    case 4:
        import_dma(m, SPAN("SMARTHOST a.example\n"), &path);
        import_dma_auth(m, text);
        break;
    }
    buf_free(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = BUF_INIT(1 << 20);
    struct draft d;
    struct scan scan;
    enum scan_answer answer;
    if (size == 0)
        return 0;
    draft_init(&d);
    struct importing m = {.draft = &d, .file = "file", .home = "/home/me"};
    read_one(&m, data[0], (struct span){(const char *)data + 1, size - 1});
    draft_put(&d, "# made\n", &out);
    scan_init(&scan, buf_span(&out));
    do {
        answer = scan_next(&scan);
        if (answer == SCAN_BAD)
            abort();
    } while (answer != SCAN_END);
    draft_free(&d);
    buf_free(&out);
    return 0;
}
