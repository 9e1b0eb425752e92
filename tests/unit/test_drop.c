// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: dropdoor_open dropdoor_enter dropplaces_serve
// What the drop ends with: that is for whoever started it to say.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sysexits.h>

#include "sendoff/drop/drop.h"
#include "sendoff/drop/dropdoor.h"
#include "sendoff/drop/dropplaces.h"
#include "unit/tree.h"

// Whether a service manager has the socket, and what the drop was to serve with.
static bool given;
static struct dropplaces served;

int __wrap_dropdoor_open(struct dropdoor *d, int n, const char *path, struct buf *why);
int __wrap_dropdoor_enter(struct buf *why);
int __wrap_dropplaces_serve(struct dropplaces *p);

int __wrap_dropdoor_open(struct dropdoor *d, int n, const char *path, struct buf *why)
{
    (void)n, (void)path, (void)why;
    int lock = given ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
    *d = (struct dropdoor){.listener = -1, .lock = lock};
    return 0;
}

int __wrap_dropdoor_enter(struct buf *why)
{
    (void)why;
    return 0;
}

int __wrap_dropplaces_serve(struct dropplaces *p)
{
    served = *p;
    return 0;
}

static int run_drop(char *option, char *more)
{
    char root[512];
    char *argv[] = {option, more};
    struct buf why = BUF_INIT(1000);
    snprintf(root, sizeof root, "%s", tree_path("spools"));
    struct config config = {.mode = CONFIG_SYSTEM, .parsed = true, .spool = root};
    struct call call = {.config = &config, .usable = true, .argv = argv, .why = &why};
    call.argc = (option != NULL) + (more != NULL);
    served = (struct dropplaces){.leash = -2};
    int status = drop(&call);
    buf_free(&why);
    return status;
}

static void by_hand_it_stays(void **state)
{
    (void)state;
    given = false;
    assert_int_equal(run_drop(NULL, NULL), EX_OK);
    assert_int_equal(served.idle, 0);
    assert_int_equal(served.leash, -1);
}

static void whose_socket_is_given_ends_after_a_minute(void **state)
{
    (void)state;
    given = true;
    assert_int_equal(run_drop(NULL, NULL), EX_OK);
    assert_int_equal(served.idle, 60 * 1000);
    assert_int_equal(served.leash, -1);
}

static void a_leash(void **state)
{
    (void)state;
    static char option[] = "--until-eof", other[] = "--until";
    given = false;
    assert_int_equal(run_drop(option, NULL), EX_OK);
    assert_int_equal(served.leash, 0);
    assert_int_equal(run_drop(option, other), EX_USAGE);
    assert_int_equal(run_drop(other, NULL), EX_USAGE);
    assert_int_equal(served.leash, -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand_it_stays),
        cmocka_unit_test(whose_socket_is_given_ends_after_a_minute),
        cmocka_unit_test(a_leash),
    };
    return cmocka_run_group_tests(tests, tree_setup, tree_teardown);
}
