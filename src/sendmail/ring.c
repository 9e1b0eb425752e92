// SPDX-License-Identifier: ISC
#include "sendmail/ring.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/child.h"
#include "base/diag.h"
#include "base/fifo.h"
#include "base/process.h"
#include "paths.h"
#include "sendmail/attempt.h"

// Whose secret it is: in system mode root's, who serves all users.
static bool may_flush(const struct config *config)
{
    return config->parsed && !config->problem.n &&
           (config->mode == CONFIG_PERSONAL || geteuid() == 0);
}

static bool is_heard(const struct config *config)
{
    struct buf path = BUF_INIT(4096);
    bool heard = config_bell(config, &path) && fifo_ring(buf_str(&path)) == 0;
    buf_free(&path);
    return heard;
}

// It listens to the bell itself while it is at work: of a burst of messages, the first starts
// it and the others ring.
static bool start_listener(void)
{
    static const char *const argv[] = {PATH_SENDOFF, "run", "--bell", NULL};
    child_reap(); // a dialogue rings many times
    process_full_limits();
    if (child_start_apart(argv, false) >= 0)
        return true;
    diag_log(LOG_WARNING, "%s can not be run: %s", PATH_SENDOFF, strerror(errno));
    return false;
}

enum ring_answer ring(const struct config *config)
{
    if (is_heard(config))
        return RING_HEARD;
    return may_flush(config) && start_listener() ? RING_STARTED : RING_NOBODY;
}

void ring_after(const struct args *args, const struct config *config, const char *id)
{
    bool wait = args->verbose || (config->deliver == DELIVER_WAIT && may_flush(config));
    if (args->queue_only || (wait && attempt(id, args->verbose)))
        return;
    if (config->deliver != DELIVER_QUEUE)
        (void)ring(config);
}
