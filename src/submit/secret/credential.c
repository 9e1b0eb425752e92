// SPDX-License-Identifier: ISC
#include "submit/secret/credential.h"

struct credential credential_of(const struct config_account *a)
{
    const struct credential all[] = {
        {.key = "password_file", .value = a->password_file},
        {.key = "password_command", .value = a->password_command, .command = true},
        {.key = "token_file", .value = a->token_file, .token = true},
        {.key = "token_command", .value = a->token_command, .command = true, .token = true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value[0])
            return all[i];
    return (struct credential){.value = ""};
}

enum program_answer credential_take(const struct credential *c, struct secret *s,
                                    struct wait *w, struct buf *why)
{
    if (c->command)
        return secret_ask(s, c->value, w, why);
    return secret_read(s, c->value, why) ? PROGRAM_DONE : PROGRAM_FAILED;
}
