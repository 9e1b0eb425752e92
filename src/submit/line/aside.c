// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

// What we and the thread share. Whoever lets go of it last frees it.
struct share {
    pthread_mutex_t mutex;
    unsigned holders;
    int bell; // the thread's end of a pipe; its close says that it is done
    const struct aside *job;
    void *context; // NULL once the caller has it
};

static void let_go(struct share *s)
{
    pthread_mutex_lock(&s->mutex);
    bool last = --s->holders == 0;
    pthread_mutex_unlock(&s->mutex);
    if (!last)
        return;
    if (s->context)
        s->job->drop(s->context);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

static void *run(void *arg)
{
    struct share *s = arg;
    s->job->work(s->context);
    io_close(s->bell);
    let_go(s);
    return NULL;
}

// Starts the thread. Its end shows at *bell, which is the caller's to close. NULL and errno on
// failure.
static struct share *start(const struct aside *job, void *context, int *bell)
{
    int ends[2] = {-1, -1};
    pthread_attr_t detached;
    pthread_t thread;
    struct share *s = calloc(1, sizeof *s);
    if (!s || pipe2(ends, O_CLOEXEC))
        goto bad;
    *s = (struct share){.holders = 2, .bell = ends[1], .job = job, .context = context};
    pthread_mutex_init(&s->mutex, NULL);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &detached, run, s);
    pthread_attr_destroy(&detached);
    if (!error) {
        *bell = ends[0];
        return s;
    }
    pthread_mutex_destroy(&s->mutex);
    errno = error;
bad:
    io_close(ends[0]);
    io_close(ends[1]);
    free(s);
    return NULL;
}

enum aside_answer aside(const struct aside *job, void *context, struct wait *w,
                        int64_t deadline)
{
    struct pollfd bell = {.fd = -1, .events = POLLIN};
    enum aside_answer answer = ASIDE_ENDED;
    struct share *s = start(job, context, &bell.fd);
    if (!s) {
        int error = errno;
        job->drop(context);
        errno = error;
        return ASIDE_TROUBLE;
    }
    switch (wait_for(w, &bell, 0, deadline)) {
    case WAIT_READY:
        // The lock is what makes the thread's work visible here.
        pthread_mutex_lock(&s->mutex);
        s->context = NULL;
        pthread_mutex_unlock(&s->mutex);
        answer = ASIDE_DONE;
        break;
    case WAIT_LATE: answer = ASIDE_LATE; break;
    case WAIT_STOP:
    case WAIT_GONE: break;
    }
    io_close(bell.fd);
    let_go(s);
    return answer;
}
