// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: io_sync io_exchange
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/io.h"
#include "sendoff/setup/keepfile.h"
#include "tree.h"

int __real_io_sync(int fd);
int __wrap_io_sync(int fd);
int __real_io_exchange(int a_dir, const char *a, int b_dir, const char *b);
int __wrap_io_exchange(int a_dir, const char *a, int b_dir, const char *b);

static int fail_at; // which sync fails; 0: none
static bool no_exchange;

int __wrap_io_sync(int fd)
{
    if (fail_at && --fail_at == 0) {
        errno = EIO;
        return -1;
    }
    return __real_io_sync(fd);
}

int __wrap_io_exchange(int a_dir, const char *a, int b_dir, const char *b)
{
    if (no_exchange) {
        errno = EINVAL;
        return -1;
    }
    return __real_io_exchange(a_dir, a, b_dir, b);
}

static void expect_content(const char *name, const char *text)
{
    char got[256] = "";
    FILE *f = fopen(tree_path(name), "r");
    assert_non_null(f);
    size_t n = fread(got, 1, sizeof got - 1, f);
    fclose(f);
    got[n] = '\0';
    assert_string_equal(got, text);
}

static void expect_files(const char *dir, size_t count)
{
    DIR *d = opendir(tree_path(dir));
    assert_non_null(d);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    assert_int_equal(n, count);
}

static void one_after_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *dir = i ? "without/deep" : "with/deep";
        char name[64], old[64];
        struct stat st;
        no_exchange = i;
        snprintf(name, sizeof name, "%s/file", dir);
        snprintf(old, sizeof old, "%s/file.bak", dir);
        assert_false(keepfile_is_there(tree_path(name)));
        assert_int_equal(keepfile_make_directory(tree_path(name), 0750), 0);
        assert_int_equal(stat(tree_path(dir), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0750);
        assert_int_equal(keepfile_write(tree_path(name), SPAN("one"), 0600), 0);
        expect_files(dir, 1);
        assert_int_equal(keepfile_write(tree_path(name), SPAN("two"), 0644), 0);
        assert_int_equal(keepfile_write(tree_path(name), SPAN("three"), 0640), 0);
        expect_content(name, "three");
        expect_content(old, "two");
        expect_files(dir, 2);
        assert_int_equal(stat(tree_path(name), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
    }
    no_exchange = false;
}

// A disk that fails leaves what was there.
static void disk_fails(void **state)
{
    (void)state;
    assert_int_equal(keepfile_make_directory(tree_path("disk/file"), 0700), 0);
    assert_int_equal(keepfile_write(tree_path("disk/file"), SPAN("one"), 0600), 0);
    fail_at = 1;
    assert_int_equal(keepfile_write(tree_path("disk/file"), SPAN("two"), 0600), -1);
    assert_int_equal(errno, EIO);
    fail_at = 0;
    expect_content("disk/file", "one");
    expect_files("disk", 1);
}

static void no_place(void **state)
{
    (void)state;
    assert_int_equal(keepfile_write(tree_path("nowhere/file"), SPAN("one"), 0600), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(tree_write("plain", "x", 1), 0);
    assert_int_equal(keepfile_make_directory(tree_path("plain/below/file"), 0700), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(disk_fails),
        cmocka_unit_test(no_place),
    };
    return cmocka_run_group_tests_name("keepfile", tests, tree_setup, tree_teardown);
}
