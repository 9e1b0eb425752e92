// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/leave.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

// Whether the file can be read, and if so, whether it is the user's own.
static enum leave leave_of_file(const char *path)
{
    struct stat st;
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return LEAVE_NONE;
    bool own = io_stat(fd, &st) == 0 && st.st_uid == geteuid();
    io_close(fd);
    return own ? LEAVE_OWNER : LEAVE_DUE;
}

enum leave leave_of(const struct config *config, const struct config_account *account)
{
    if (config->mode == CONFIG_PERSONAL || geteuid() == 0)
        return LEAVE_OWNER;
    if (account->password_file[0])
        return leave_of_file(account->password_file);
    if (account->token_file[0])
        return leave_of_file(account->token_file);
    return account->password_command[0] || account->token_command[0] ? LEAVE_NONE : LEAVE_DUE;
}
