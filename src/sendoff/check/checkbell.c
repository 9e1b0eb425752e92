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

enum { SYSTEMCTL_PATIENCE = 5000, TEXT_MAX = 8192 }; // milliseconds; octets

#define CRON_LINE PATH_SYSCONF "/cron.d/sendoff"
#define CRONTAB                                                                            \
    "a line in your crontab (that was not looked at): */5 * * * * " PATH_SENDOFF " flush " \
    "--due"

static bool is_there(const char *path)
{
    struct stat st;
    return io_stat_at(AT_FDCWD, path, &st) == 0;
}

static bool has_systemd(void)
{
    return is_there("/run/systemd/system");
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

// Who runs what lies in cron.d says so here: cron of Debian, cronie.
static bool cron_runs(void)
{
    return is_there("/run/crond.pid");
}

static void judge_bell(struct checkup *c, const char *path, bool personal, bool heard)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    buf_printf(&text, "%s: %s", path,
               heard      ? "somebody listens"
               : personal ? "nobody listens; sendmail starts a flush itself"
                          : "nobody listens: mail of users waits for the timer");
    if (heard || personal)
        checkup_pass(c, "bell", buf_str(&text));
    else
        checkup_warn(c, "bell", buf_str(&text),
                     has_systemd()
                         ? "systemctl enable --now sendoff.socket"
                         : "keep `sendoff run` running, by whatever starts services here");
    buf_free(&text);
}

// What tries again later what could not be sent at once; NULL where nothing was found. What
// lies in cron.d leaves it to systemd where that is.
static const char *find_timer(bool personal, bool heard)
{
    if (has_systemd())
        return timer_is_active(personal) ? "the systemd timer sendoff.timer" : NULL;
    if (heard)
        return "who listens to the bell";
    return !personal && is_there(CRON_LINE) && cron_runs() ? CRON_LINE : NULL;
}

static const char *advise_timer(bool personal)
{
    if (personal)
        return has_systemd() ? "systemctl --user enable --now sendoff.timer; or " CRONTAB
                             : CRONTAB;
    if (has_systemd())
        return "systemctl enable --now sendoff.timer";
    return is_there(CRON_LINE) ? "start cron, which was not found to run (" CRON_LINE
                                 " is there), or keep `sendoff run` running"
                               : "put sendoff's cron line to " CRON_LINE
                                 ", or keep `sendoff run` running";
}

static void judge_timer(struct checkup *c, bool personal, bool heard)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    const char *timer = find_timer(personal, heard);
    if (timer)
        buf_printf(&text, "what could not be sent at once is tried again by %s", timer);
    else
        buf_puts(&text, "nothing was found that tries again what could not be sent at once");
    if (timer)
        checkup_pass(c, "timer", buf_str(&text));
    else
        checkup_warn(c, "timer", buf_str(&text), advise_timer(personal));
    buf_free(&text);
}

const char *checkbell_timer(const struct config *config)
{
    struct buf path = BUF_INIT(4096);
    bool heard = config_bell(config, &path) && fifo_is_heard(buf_str(&path));
    buf_free(&path);
    return find_timer(config->mode == CONFIG_PERSONAL, heard);
}

const char *checkbell_advice(const struct config *config)
{
    return advise_timer(config->mode == CONFIG_PERSONAL);
}

void checkbell(struct checkup *c, const struct config *config)
{
    bool personal = config->mode == CONFIG_PERSONAL;
    struct buf path = BUF_INIT(4096);
    bool heard = config_bell(config, &path) && fifo_is_heard(buf_str(&path));
    judge_bell(c, buf_str(&path), personal, heard);
    judge_timer(c, personal, heard);
    buf_free(&path);
}
