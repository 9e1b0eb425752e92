// SPDX-License-Identifier: ISC
// links: config
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/home.h"
#include "config/places.h"
#include "config/settings.h"
#include "paths.h"
#include "unit/tree.h"

static struct buf place = BUF_INIT(4096);

static void put(char **text, const char *value)
{
    free(*text);
    *text = settings_keep(span_of(value));
}

static bool spool_is(const struct config *c, const char *path)
{
    buf_clear(&place);
    if (!places_spool(c, tree_path("root"), &place))
        return !path && place.n == 0;
    if (path && strcmp(buf_str(&place), path) == 0)
        return true;
    fprintf(stderr, "the spool is %s\n", buf_str(&place));
    return false;
}

// Whether what was found, and stands in `place`, is this path; NULL: nothing was.
static bool is_path(bool found, const char *path)
{
    return found == (path != NULL) && strcmp(buf_str(&place), path ? path : "") == 0;
}

// In a child that is about to end, with nothing in its environment but this home.
static void begin(struct config *c, const char *home)
{
    settings_init(c);
    clearenv();
    if (home)
        setenv("HOME", home, 1);
}

static int end(struct config *c)
{
    config_free(c);
    buf_free(&place);
    return 0;
}

// A path below the tree, and the effective user's directory in it.
static const char *below(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s/%lu", tree_root, name, (unsigned long)geteuid());
    return path;
}

static int spool_of_user(void)
{
    struct config c;
    begin(&c, tree_path("home"));

    c.parsed = true;
    c.mode = CONFIG_SYSTEM;
    EXPECT(spool_is(&c, below("root")));
    put(&c.spool, tree_path("mine"));
    EXPECT(spool_is(&c, below("mine")));
    c.mode = CONFIG_PERSONAL;
    EXPECT(spool_is(&c, tree_path("mine")));
    put(&c.spool, "");
    EXPECT(spool_is(&c, tree_path("home/.local/state/sendoff/spool")));
    setenv("XDG_STATE_HOME", tree_path("state"), 1);
    EXPECT(spool_is(&c, tree_path("state/sendoff/spool")));
    setenv("XDG_STATE_HOME", "relative", 1);
    EXPECT(spool_is(&c, tree_path("home/.local/state/sendoff/spool")));

    c.parsed = false;
    EXPECT(spool_is(&c, tree_path("home/.local/state/sendoff/spool")));
    c.mode = CONFIG_SYSTEM;
    EXPECT(spool_is(&c, tree_path("home/.local/state/sendoff/spool")));
    EXPECT(!tree_text("root", "no directory"));
    EXPECT(spool_is(&c, tree_path("home/.local/state/sendoff/spool")));
    EXPECT(!unlink(tree_path("root")) && !mkdir(tree_path("root"), 0755));
    EXPECT(spool_is(&c, below("root")));
    c.mode = CONFIG_PERSONAL;
    EXPECT(spool_is(&c, below("root")));
    return end(&c);
}

static void test_spool_of_user(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(spool_of_user), 0);
}

static bool other_is(const struct config *c, const char *path)
{
    buf_clear(&place);
    bool found = places_other_spool(c, tree_path("root"), &place);
    return is_path(found, path);
}

static int other_spool(void)
{
    struct config c;
    begin(&c, tree_path("home"));
    c.parsed = true;
    c.mode = CONFIG_SYSTEM;
    EXPECT(other_is(&c, tree_path("home/.local/state/sendoff/spool")));
    c.mode = CONFIG_PERSONAL;
    EXPECT(other_is(&c, NULL));
    EXPECT(!mkdir(tree_path("root"), 0755) && other_is(&c, below("root")));
    put(&c.spool, below("root"));
    EXPECT(other_is(&c, NULL));
    put(&c.spool, "");
    c.parsed = false;
    EXPECT(other_is(&c, tree_path("home/.local/state/sendoff/spool")));
    return end(&c);
}

static void test_other_spool(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(other_spool), 0);
}

static bool root_is(const struct config *c, const char *path)
{
    buf_clear(&place);
    bool found = places_spool_root(c, tree_path("root"), &place);
    return is_path(found, path);
}

// The directory above the users' spools, where there is one. A config that nobody has filled in
// says nothing.
static int spool_root(void)
{
    struct config c, blank = {0};
    begin(&c, tree_path("home"));
    EXPECT(root_is(&blank, NULL));
    EXPECT(!mkdir(tree_path("root"), 0755));
    EXPECT(root_is(&blank, tree_path("root")));
    EXPECT(spool_is(&blank, below("root")));
    EXPECT(root_is(&c, tree_path("root")));
    c.parsed = true;
    c.mode = CONFIG_PERSONAL;
    EXPECT(root_is(&c, NULL));
    c.mode = CONFIG_SYSTEM;
    EXPECT(root_is(&c, tree_path("root")));
    put(&c.spool, tree_path("mine"));
    EXPECT(root_is(&c, tree_path("mine")));
    return end(&c);
}

static void test_spool_root(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(spool_root), 0);
}

static bool bell_is(const struct config *c, const char *path)
{
    buf_clear(&place);
    bool found = config_bell(c, &place);
    return is_path(found, path);
}

static bool account_is(const struct config *c, const char *path)
{
    buf_clear(&place);
    return config_account_dir(c, &place) && strcmp(buf_str(&place), path) == 0;
}

// Beside a personal spool, wherever that is; for the system in places of its own.
static int what_lies_beside(void)
{
    struct config c;
    begin(&c, NULL);
    c.parsed = true;
    c.mode = CONFIG_PERSONAL;
    EXPECT(bell_is(&c, NULL)); // nor is there a spool
    setenv("HOME", "/home/me", 1);
    EXPECT(bell_is(&c, "/home/me/.local/state/sendoff/bell"));
    EXPECT(account_is(&c, "/home/me/.local/state/sendoff/account"));
    put(&c.spool, "/mine/queue");
    EXPECT(bell_is(&c, "/mine/bell"));
    EXPECT(account_is(&c, "/mine/account"));
    put(&c.spool, "/queue");
    EXPECT(bell_is(&c, "/bell"));
    c.mode = CONFIG_SYSTEM;
    EXPECT(bell_is(&c, PATH_RUNSTATE "/sendoff/bell"));
    EXPECT(account_is(&c, PATH_LOCALSTATE "/lib/sendoff"));
    buf_clear(&place);
    EXPECT(config_drop(&c, &place));
    EXPECT(strcmp(buf_str(&place), PATH_RUNSTATE "/sendoff/drop") == 0);
    c.mode = CONFIG_PERSONAL;
    buf_clear(&place);
    EXPECT(!config_drop(&c, &place) && place.n == 0);
    return end(&c);
}

static void test_what_lies_beside(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(what_lies_beside), 0);
}

static int no_place(void)
{
    struct config c;
    begin(&c, NULL);
    c.parsed = true;
    c.mode = CONFIG_PERSONAL;
    EXPECT(spool_is(&c, NULL));
    c.parsed = false;
    EXPECT(spool_is(&c, NULL));
    c.parsed = true;
    put(&c.spool, "/own");
    EXPECT(spool_is(&c, "/own"));
    return end(&c);
}

static int spool_of_root(void)
{
    struct config c;
    begin(&c, tree_path("home"));
    setenv("XDG_STATE_HOME", tree_path("state"), 1);
    c.parsed = true;
    c.mode = CONFIG_PERSONAL;
    EXPECT(spool_is(&c, below("root")));
    c.parsed = false;
    EXPECT(spool_is(&c, below("root")));
    return end(&c);
}

// The environment is another's: only what passwd says would do, and it says nothing.
static int spool_of_other(void)
{
    struct config c;
    settings_init(&c);
    setenv("HOME", tree_path("home"), 1);
    setenv("XDG_STATE_HOME", tree_path("state"), 1);
    c.parsed = true;
    c.mode = CONFIG_PERSONAL;
    EXPECT(spool_is(&c, NULL));
    EXPECT(!home_variable("HOME") && home_distrust());
    return end(&c);
}

static void test_spool_of_root(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(tree_as_user(no_place), 0);
    assert_int_equal(tree_as(0, 0, spool_of_root), 0);
    assert_int_equal(tree_as(0, TREE_UID, spool_of_other), 0);
}

static void domain_is(const struct config *c, const char *host, const char *domain)
{
    buf_clear(&place);
    bool found = places_domain(c, tree_path("mailname"), tree_path("hosts"), host, &place);
    assert_int_equal(found, domain != NULL);
    assert_string_equal(buf_str(&place), domain ? domain : "");
}

static void test_domain(void **state)
{
    (void)state;
    struct config c;
    settings_init(&c);
    domain_is(&c, "box", NULL);
    domain_is(&c, "", NULL);
    assert_int_equal(tree_text("hosts", "127.0.0.1 localhost\n127.0.1.1 box.b.org box\n"), 0);
    domain_is(&c, "box", "box.b.org");
    domain_is(&c, "", NULL);
    domain_is(&c, "other", NULL);
    domain_is(&c, "box.a.org", "box.a.org");
    domain_is(&c, "box.a..org", NULL);
    assert_int_equal(tree_text("mailname", "not a domain\n"), 0);
    domain_is(&c, "box.a.org", "box.a.org");
    assert_int_equal(tree_text("mailname", "mail.org\n"), 0);
    domain_is(&c, "box.a.org", "mail.org");
    put(&c.domain, "own.org");
    domain_is(&c, "box.a.org", "own.org");
    config_free(&c);
    buf_free(&place);
}

// Of a file of any size only the head is read.
static void test_large_hosts(void **state)
{
    (void)state;
    struct config c;
    struct buf text = BUF_INIT(1 << 20);
    settings_init(&c);
    buf_puts(&text, "127.0.1.1 box.b.org box\n");
    while (text.n < 300000)
        buf_puts(&text, "0.0.0.0 advertisements.example\n");
    buf_puts(&text, "127.0.1.1 late.b.org late\n");
    assert_int_equal(tree_write("hosts", text.p, text.n), 0);
    domain_is(&c, "box", "box.b.org");
    domain_is(&c, "late", NULL);
    buf_free(&text);
    config_free(&c);
    buf_free(&place);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(test_spool_of_user),    IN_TREE(test_other_spool), IN_TREE(test_spool_of_root),
        IN_TREE(test_domain),           IN_TREE(test_large_hosts), IN_TREE(test_spool_root),
        IN_TREE(test_what_lies_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
