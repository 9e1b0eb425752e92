// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "submit/secret/vault.h"

enum { SIZE = 70000, PAGE = 4096 };

// Looks up what the kernel makes of the pages around p: its flags (proc_pid_smaps(5)).
static void find_flags(const void *p, char *flags, size_t size)
{
    char line[512];
    bool ours = false;
    FILE *f = fopen("/proc/self/smaps", "re");
    flags[0] = '\0';
    while (f && fgets(line, sizeof line, f)) {
        unsigned long long from, to;
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
            ours = (uintptr_t)p >= from && (uintptr_t)p < to;
        if (ours && !strncmp(line, "VmFlags:", 8))
            snprintf(flags, size, "%s", line);
    }
    if (f)
        fclose(f);
}

static void test_life(void **state)
{
    (void)state;
    char flags[512];
    unsigned char resident;
    char *p = vault_new(SIZE);
    assert_non_null(p);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(p[i], 0);
    memset(p, 'x', SIZE);
    find_flags(p, flags, sizeof flags);
    if (flags[0]) {
        assert_non_null(strstr(flags, " dd")); // not dumped
        assert_non_null(strstr(flags, " dc")); // not given to a child
    }
    vault_free(p, SIZE);
    char *page = (char *)((uintptr_t)p & ~(uintptr_t)(PAGE - 1));
    assert_int_equal(mincore(page, PAGE, &resident), -1);
    assert_int_equal(errno, ENOMEM);
    vault_free(NULL, SIZE);
}

static void test_too_large(void **state)
{
    (void)state;
    assert_null(vault_new(SIZE_MAX / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
