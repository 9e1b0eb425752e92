// SPDX-License-Identifier: ISC
// What mends a step of `sendoff check` that failed, in plain words. It goes by what the step
// says, which is our own text or the smarthost's; where nothing is known, nothing is said.
// Pure.
#ifndef SENDOFF_ADVICE_H
#define SENDOFF_ADVICE_H

// "" where there is none. The text is static.
const char *advice_for(const char *step, const char *text)
    __attribute__((nonnull, returns_nonnull));

// The same for why an account rests or a session failed, as it is kept and logged: the step is
// told by how it begins.
const char *advice_on(const char *reply) __attribute__((nonnull, returns_nonnull));

#endif
