// SPDX-License-Identifier: ISC
// links: config
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/port.h"
#include "config/search.h"
#include "unit/tree.h"

#define SYSTEM "etc/sendoff.conf"

static struct buf search = BUF_INIT(16384), ignored = BUF_INIT(16384);

// Looks with SYSTEM as the system's config. The name of what counts below the tree, or "".
static const char *look(void)
{
    static char name[512];
    char system[512];
    struct found f;
    snprintf(system, sizeof system, "%s", tree_path(SYSTEM));
    buf_clear(&search);
    buf_clear(&ignored);
    found_init(&f);
    name[0] = '\0';
    if (search_places(&f, system, &search, &ignored)) {
        snprintf(name, sizeof name, "%s", buf_str(&f.name) + strlen(tree_root) + 1);
        if ((f.mode == CONFIG_SYSTEM) != (strcmp(name, SYSTEM) == 0) || !search_same(&f))
            snprintf(name, sizeof name, "a wrong mode");
    }
    found_free(&f);
    return name;
}

static bool counts(const char *name)
{
    const char *found = look();
    if (strcmp(found, name) == 0)
        return true;
    fprintf(stderr, "found '%s', not '%s':\n%s", found, name, buf_str(&search));
    return false;
}

static bool tells(const struct buf *lines, const char *name, const char *what)
{
    struct buf line = BUF_INIT(2048);
    buf_printf(&line, "%s: %s", *name == '/' ? name : tree_path(name), what);
    bool found = strstr(buf_str(lines), buf_str(&line)) != NULL;
    if (!found)
        fprintf(stderr, "'%s' is not in:\n%s", buf_str(&line), buf_str(lines));
    buf_free(&line);
    return found;
}

static void clean_environment(void)
{
    clearenv();
    setenv("HOME", tree_path("home"), 1);
}

static int order(void)
{
    clean_environment();
    EXPECT(counts(""));
    EXPECT(tells(&search, SYSTEM, "not there") && ignored.n == 0);
    EXPECT(!tree_text(SYSTEM, "") && counts(SYSTEM));
    EXPECT(tells(&search, "home/.config/sendoff/sendoff.conf", "not there"));
    EXPECT(tells(&search, SYSTEM, "counts: system") && ignored.n == 0);

    EXPECT(!tree_text("home/.config/sendoff/sendoff.conf", ""));
    EXPECT(counts("home/.config/sendoff/sendoff.conf"));
    EXPECT(tells(&search, "home/.config/sendoff/sendoff.conf", "counts: personal"));
    EXPECT(!tree_text("xdg/sendoff/sendoff.conf", ""));
    setenv("XDG_CONFIG_HOME", tree_path("xdg"), 1);
    EXPECT(counts("xdg/sendoff/sendoff.conf"));
    setenv("XDG_CONFIG_HOME", tree_path("elsewhere"), 1);
    EXPECT(counts(SYSTEM));
    setenv("XDG_CONFIG_HOME", "relative", 1);
    EXPECT(counts("home/.config/sendoff/sendoff.conf"));
    setenv("XDG_CONFIG_HOME", "", 1);
    EXPECT(counts("home/.config/sendoff/sendoff.conf"));

    EXPECT(!tree_text("chosen/one", ""));
    setenv("SENDOFF_CONFIG", tree_path("chosen/one"), 1);
    EXPECT(counts("chosen/one"));
    setenv("SENDOFF_CONFIG", tree_path("chosen/none"), 1);
    EXPECT(counts("home/.config/sendoff/sendoff.conf"));
    EXPECT(tells(&search, "chosen/none", "not there") && ignored.n == 0);
    setenv("SENDOFF_CONFIG", "", 1);
    EXPECT(counts("home/.config/sendoff/sendoff.conf") && ignored.n == 0);
    setenv("SENDOFF_CONFIG", tree_path(SYSTEM), 1);
    EXPECT(counts(SYSTEM));
    EXPECT(tells(&search, SYSTEM, "counts: system"));
    return 0;
}

static void test_order(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(order), 0);
}

// What is there but may not count: it is passed over, told, and the next one counts.
static bool passed(const char *name, const char *why)
{
    setenv("SENDOFF_CONFIG", *name == '.' ? name + 1 : tree_path(name), 1);
    if (!counts(SYSTEM))
        return false;
    if (*name != '.')
        return tells(&ignored, name, why) && tells(&search, name, why);
    return strncmp(buf_str(&ignored), name + 1, strnlen(name + 1, 200)) == 0 &&
           strstr(buf_str(&ignored), why);
}

static int modes(void)
{
    static const struct {
        mode_t directory, file;
        const char *why; // NULL: it counts
    } table[] = {
        {0755, 0644, NULL},
        {0700, 0600, NULL},
        {0555, 0444, NULL},
        {01777, 0644, NULL},
        {01775, 0644, NULL},
        {0755, 0664, "ignored: its group can write it"},
        {0755, 0646, "ignored: others can write it"},
        {0755, 0602, "ignored: others can write it"},
        {0775, 0644, "ignored: its group can write its directory"},
        {0757, 0644, "ignored: others can write its directory"},
        {0777, 0644, "ignored: others can write its directory"},
        {01777, 0666, "ignored: others can write it"},
        {0755, 01666, "ignored: others can write it"},
        {0755, 0000, "ignored: Permission denied"},
        {0000, 0644, "ignored: Permission denied"},
    };
    clean_environment();
    EXPECT(!tree_text(SYSTEM, ""));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        EXPECT(!tree_text("d/f", ""));
        EXPECT(!chmod(tree_path("d/f"), table[i].file));
        EXPECT(!chmod(tree_path("d"), table[i].directory));
        setenv("SENDOFF_CONFIG", tree_path("d/f"), 1);
        EXPECT(table[i].why ? passed("d/f", table[i].why) : counts("d/f") && ignored.n == 0);
        EXPECT(!chmod(tree_path("d"), 0755));
        EXPECT(!unlink(tree_path("d/f")));
    }
    // A directory that others can write, with nothing in it, is no reason to complain.
    EXPECT(!chmod(tree_path("d"), 0777) && counts(SYSTEM));
    EXPECT(tells(&search, "d/f", "not there") && ignored.n == 0);
    return 0;
}

static void test_modes(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(modes), 0);
}

static int kinds(void)
{
    clean_environment();
    EXPECT(!tree_text(SYSTEM, "") && !tree_text("d/good", ""));
    EXPECT(!mkdir(tree_path("d/directory"), 0755));
    EXPECT(passed("d/directory", "ignored: it is a directory"));
    EXPECT(!mkfifo(tree_path("d/fifo"), 0644));
    EXPECT(passed("d/fifo", "ignored: it is no regular file"));
    EXPECT(passed("./dev/null", "ignored: it is no regular file"));
    EXPECT(passed(".relative/path", "ignored: it is no absolute path"));
    EXPECT(passed("d/good/", "ignored: it is no file's name"));
    EXPECT(passed("d/.", "ignored: it is a directory"));
    EXPECT(passed("./", "ignored: it is no file's name"));
    setenv("SENDOFF_CONFIG", tree_path("d/good/below"), 1);
    EXPECT(counts(SYSTEM) && ignored.n == 0);
    char longest[SEARCH_PATH_MAX + 3];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '.', longest[1] = '/', longest[sizeof longest - 1] = '\0';
    EXPECT(passed(longest, "ignored: it is no file's name"));
    longest[300] = '\0';
    if (PORT_LINUX) // elsewhere / would have to be readable, too
        EXPECT(passed(longest, strerror(ENAMETOOLONG)));
    // The lines are safe to print, whatever the environment holds.
    setenv("SENDOFF_CONFIG", "/\x1b[31m\n/fine: counts", 1);
    EXPECT(counts(SYSTEM) && strstr(buf_str(&search), "/?[31m /fine: counts: not there\n"));
    return 0;
}

static void test_kinds(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(kinds), 0);
}

static int links(void)
{
    clean_environment();
    EXPECT(!tree_text(SYSTEM, "") && !tree_text("dots/real", "") && !tree_text("d/x", ""));
    EXPECT(!symlink("../dots/real", tree_path("d/link")));
    setenv("SENDOFF_CONFIG", tree_path("d/link"), 1);
    EXPECT(counts("d/link") && ignored.n == 0);
    EXPECT(!symlink("d", tree_path("dlink")) && !symlink("link", tree_path("d/twice")));
    setenv("SENDOFF_CONFIG", tree_path("dlink/twice"), 1);
    EXPECT(counts("dlink/twice") && ignored.n == 0);
    EXPECT(!chmod(tree_path("dots"), 0777));
    EXPECT(passed("d/link", "ignored: others can write its directory"));
    EXPECT(!chmod(tree_path("dots"), 0755) && !chmod(tree_path("dots/real"), 0666));
    EXPECT(passed("d/link", "ignored: others can write it"));
    EXPECT(!chmod(tree_path("dots/real"), 0644) && !chmod(tree_path("d"), 0777));
    EXPECT(passed("d/link", "ignored: others can write its directory"));
    EXPECT(!chmod(tree_path("d"), 0755));
    EXPECT(!symlink("loop", tree_path("d/loop")) && !symlink("gone", tree_path("d/dead")));
    char loop[128];
    snprintf(loop, sizeof loop, "ignored: %s", strerror(ELOOP));
    EXPECT(passed("d/loop", loop));
    setenv("SENDOFF_CONFIG", tree_path("d/dead"), 1);
    EXPECT(counts(SYSTEM) && ignored.n == 0 && tells(&search, "d/dead", "not there"));
    EXPECT(!symlink(tree_path("dots"), tree_path("d/todir")));
    EXPECT(passed("d/todir", "ignored: it is a directory"));
    return 0;
}

static void test_links(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(links), 0);
}

// A descriptor is as precious as any: none is left behind, whichever way a look ends.
static int descriptors(void)
{
    struct rlimit few = {32, 32};
    clean_environment();
    EXPECT(!setrlimit(RLIMIT_NOFILE, &few));
    EXPECT(!tree_text(SYSTEM, "") && !tree_text("d/bad", "") && !tree_text("e/f", ""));
    EXPECT(!chmod(tree_path("d/bad"), 0666) && !chmod(tree_path("e"), 0777));
    EXPECT(!symlink(tree_path("d/bad"), tree_path("d/link")));
    for (int i = 0; i < 40; i++) {
        EXPECT(passed("d/bad", "ignored: others can write it"));
        EXPECT(passed("d/link", "ignored: others can write it"));
        EXPECT(passed("e/f", "ignored: others can write its directory"));
    }
    return 0;
}

static void test_descriptors(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(descriptors), 0);
}

static int without_home(void)
{
    clean_environment();
    EXPECT(!tree_text(SYSTEM, ""));
    unsetenv("HOME");
    EXPECT(counts(SYSTEM));
    const struct passwd *user = getpwuid(geteuid());
    if (user)
        EXPECT(strstr(buf_str(&search), user->pw_dir));
    else
        EXPECT(strstr(buf_str(&search), "home: not looked at: there is none\n"));
    setenv("HOME", "relative", 1);
    EXPECT(counts(SYSTEM) && !strstr(buf_str(&search), "relative"));
    return 0;
}

static void test_without_home(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(without_home), 0);
    if (geteuid() == 0) { // here with a uid that passwd knows
        assert_int_equal(tree_teardown(state), 0);
        assert_int_equal(tree_setup(state), 0);
        assert_int_equal(chmod(tree_root, 0777), 0);
        assert_int_equal(tree_as(65534, 65534, without_home), 0);
    }
}

static int changing(void)
{
    struct found f;
    found_init(&f);
    EXPECT(!tree_text("d/f", "one\n"));
    EXPECT(search_path(&f, tree_path("d/f"), "/none", &search, &ignored) && search_same(&f));
    EXPECT(!tree_text("d/f", "one more\n") && !search_same(&f));
    found_free(&f);
    EXPECT(search_path(&f, tree_path("d/f"), "/none", &search, &ignored) && search_same(&f));
    EXPECT(!tree_text("d/g", "one more\n") && !rename(tree_path("d/g"), tree_path("d/f")));
    EXPECT(!search_same(&f));
    found_free(&f);
    EXPECT(search_path(&f, tree_path("d/f"), "/none", &search, &ignored) && search_same(&f));
    EXPECT(!unlink(tree_path("d/f")) && !search_same(&f));
    found_free(&f);
    return 0;
}

static void test_changing(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(changing), 0);
}

// ---- What only root can try.

static int stranger(void)
{
    clean_environment();
    EXPECT(passed("other/f", "ignored: it belongs to somebody else"));
    EXPECT(passed("theirs/f", "ignored: its directory belongs to somebody else"));
    setenv("SENDOFF_CONFIG", tree_path("roots/f"), 1);
    EXPECT(counts("roots/f"));
    return 0;
}

static int root_user(void)
{
    clean_environment();
    setenv("XDG_CONFIG_HOME", tree_path("xdg"), 1);
    EXPECT(counts(SYSTEM));
    EXPECT(strstr(buf_str(&search), "home: not looked at: the user is root\n"));
    EXPECT(!strstr(buf_str(&search), "xdg") && ignored.n == 0);
    EXPECT(passed("other/f", "ignored: it belongs to somebody else"));
    setenv("SENDOFF_CONFIG", tree_path("roots/f"), 1);
    EXPECT(counts("roots/f"));
    return 0;
}

static int other_effective(void)
{
    clean_environment();
    setenv("SENDOFF_CONFIG", tree_path("roots/f"), 1);
    setenv("XDG_CONFIG_HOME", tree_path("xdg"), 1);
    EXPECT(counts(SYSTEM));
    EXPECT(strstr(buf_str(&search),
                  "environment: ignored: the effective user is not the real one\n"));
    EXPECT(!strstr(buf_str(&search), "xdg") && !strstr(buf_str(&search), "roots"));
    return 0;
}

static void test_owners(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(tree_text(SYSTEM, ""), 0);
    assert_int_equal(tree_text("roots/f", ""), 0);
    assert_int_equal(tree_text("other/f", ""), 0);
    assert_int_equal(chown(tree_path("other/f"), 1, 1), 0);
    assert_int_equal(tree_text("theirs/f", ""), 0);
    assert_int_equal(chown(tree_path("theirs"), 1, 1), 0);
    assert_int_equal(tree_text("xdg/sendoff/sendoff.conf", ""), 0);
    assert_int_equal(tree_as_user(stranger), 0);
    assert_int_equal(tree_as(0, 0, root_user), 0);
    assert_int_equal(tree_as(0, TREE_UID, other_effective), 0);
    assert_int_equal(tree_as(TREE_UID, 0, other_effective), 0);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(test_order),    IN_TREE(test_modes),       IN_TREE(test_kinds),
        IN_TREE(test_links),    IN_TREE(test_descriptors), IN_TREE(test_without_home),
        IN_TREE(test_changing), IN_TREE(test_owners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
