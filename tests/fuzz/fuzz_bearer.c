// SPDX-License-Identifier: ISC
// links: submit
// What a server says against a token, out of any challenge.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/outcome.h"
#include "submit/auth/bearer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = BUF_INIT(OUTCOME_TEXT_MAX), again = BUF_INIT(OUTCOME_TEXT_MAX);
    struct span challenge = {(const char *)data, size};
    bearer_complaint(&out, challenge);
    check(!out.over);
    // It can be shown: cleaning it once more changes nothing.
    text_clean(&again, buf_span(&out), OUTCOME_TEXT_MAX);
    check(span_equal(buf_span(&out), buf_span(&again)));
    check(size == 0 || out.n > 0);
    if (bearer_is_token(challenge))
        check(span_equal(buf_span(&out), buf_span(&again)) &&
              !memchr(challenge.p, 1, challenge.n));
    buf_free(&out);
    buf_free(&again);
    return 0;
}
