// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/check/checkbell.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/fifo.h"
#include "base/io.h"
#include "paths.h"

enum { SYSTEMCTL_PATIENCE = 5000 }; // milliseconds

static bool is_there(const char *path)
{
    struct stat st;
    return io_stat_at(AT_FDCWD, path, &st) == 0;
}

// What systemd says of the timer. It may speak of a manager that is not there: its words are
// nobody's business here.
static bool timer_is_active(bool personal)
{
    const char *own[] = {"/usr/bin/systemctl", "--user",        "-q",
                         "is-active",          "sendoff.timer", NULL};
    const char *whole[] = {"/usr/bin/systemctl", "-q", "is-active", "sendoff.timer", NULL};
    int null = io_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
    pid_t pid = null < 0 ? -1
                         : child_start_captured(personal ? own : whole,
                                                (const char *const *)environ, null, null);
    int status = pid < 0 ? -1 : child_end(pid, clock_steady() + SYSTEMCTL_PATIENCE);
    io_close(null);
    return pid >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// What tries again later what could not be sent at once; NULL where nothing was found.
static const char *find_timer(bool personal, bool heard)
{
    if (is_there("/run/systemd/system") && timer_is_active(personal))
        return "the systemd timer sendoff.timer";
    if (!personal && is_there(PATH_SYSCONF "/cron.d/sendoff"))
        return PATH_SYSCONF "/cron.d/sendoff";
    if (heard && !is_there("/run/systemd/system"))
        return "who listens to the bell";
    return NULL;
}

void checkbell(struct checkup *c, const struct config *config)
{
    bool personal = config->mode == CONFIG_PERSONAL;
    struct buf path = BUF_INIT(4096), text = BUF_INIT(8192);
    bool heard = config_bell(config, &path) && fifo_is_heard(buf_str(&path));
    const char *timer = find_timer(personal, heard);
    buf_printf(&text, "%s: %s", buf_str(&path),
               heard      ? "somebody listens"
               : personal ? "nobody listens; sendmail starts a flush itself"
                          : "nobody listens: mail waits for the timer");
    if (heard || personal)
        checkup_pass(c, "bell", buf_str(&text));
    else
        checkup_warn(c, "bell", buf_str(&text),
                     "systemctl enable --now sendoff.socket; without systemd, keep `sendoff "
                     "run` running");
    buf_clear(&text);
    if (timer)
        buf_printf(&text, "what could not be sent at once is tried again by %s", timer);
    else
        buf_puts(&text, "nothing was found that tries again what could not be sent at once");
    if (timer)
        checkup_pass(c, "timer", buf_str(&text));
    else
        checkup_warn(
            c, "timer", buf_str(&text),
            personal
                ? "systemctl --user enable --now sendoff.timer; or a line in your "
                  "crontab (that was not looked at): */5 * * * * " PATH_SENDOFF " flush --due"
                : "systemctl enable --now sendoff.timer; without systemd, cron (" PATH_SYSCONF
                  "/cron.d/sendoff) or `sendoff run`");
    buf_free(&path);
    buf_free(&text);
}
