// SPDX-License-Identifier: ISC
// links: config
// The table, and that the annotated sample and the manual follow it. argv[1] is the root of the
// source tree, the working directory without it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "config/config.h"
#include "config/options.h"
#include "config/value.h"
#include "unit/tree.h"

static const char *source_root = ".";

static void read_source(const char *name, struct buf *out)
{
    char path[512];
    ssize_t got;
    snprintf(path, sizeof path, "%s/%s", source_root, name);
    int fd = io_open(AT_FDCWD, path, O_RDONLY, 0);
    if (fd < 0)
        fail_msg("%s can not be read", path);
    do {
        char *room = buf_room(out, 4096);
        assert_non_null(room);
        got = io_read(fd, room, 4096);
        assert_true(got >= 0);
        buf_grew(out, (size_t)got);
    } while (got > 0);
    io_close(fd);
}

static void test_rows(void **state)
{
    (void)state;
    assert_in_range(option_count, 20, 64); // the reader's bit set of rows has 64
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        struct buf text = BUF_INIT(1024);
        uint64_t number = 0;
        const char *shown = o->standard ? o->standard : o->example;
        assert_non_null(shown);
        if (!value_read(o, span_of(shown), &number, &text))
            fail_msg("%s: %s", o->key, buf_str(&text));
        if (!option_is_text(o)) {
            value_write(o, number, &text);
            assert_string_equal(buf_str(&text), shown);
        }
        assert_true((o->type == OPTION_WORD) == (o->words != NULL));
        assert_true(o->at % sizeof(uint64_t) == 0);
        assert_true(strlen(o->text) > 10 && o->text[strlen(o->text) - 1] == '.');
        assert_ptr_equal(option_find(o->section, span_of(o->key)), o);
        for (size_t j = 0; j < i; j++)
            assert_true(option_table[j].section != o->section || option_table[j].at != o->at);
        buf_free(&text);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_non_null(option_find(OPTION_SENDOFF, SPAN("Max_Size")));
    assert_null(option_find(OPTION_ACCOUNT, SPAN("max_size")));
    assert_null(option_find(OPTION_SENDOFF, SPAN("max_siz")));
    assert_null(option_find(OPTION_SENDOFF, SPAN("")));
}

static void test_near(void **state)
{
    (void)state;
    static const struct {
        enum option_section section;
        const char *key, *near;
    } table[] = {
        {OPTION_ACCOUNT, "prot", "port"},
        {OPTION_ACCOUNT, "hots", "host"},
        {OPTION_ACCOUNT, "pasword_file", "password_file"},
        {OPTION_ACCOUNT, "password", "password_file"},
        {OPTION_ACCOUNT, "TLS_CA_FLIE", "tls_ca_file"},
        {OPTION_ACCOUNT, "username", "user"},
        {OPTION_ACCOUNT, "timeout_conect", "timeout_connect"},
        {OPTION_SENDOFF, "max-size", "max_size"},
        {OPTION_SENDOFF, "expires", "expire"},
        {OPTION_SENDOFF, "spool_dir", "spool"},
        {OPTION_SENDOFF, "colour_of_the_sky", NULL},
        {OPTION_SENDOFF, "q", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct option *o = option_near(table[i].section, span_of(table[i].key));
        if (!table[i].near != !o || (o && strcmp(o->key, table[i].near) != 0))
            fail_msg("%s: %s", table[i].key, o ? o->key : "none");
    }
}

// Each row stands once in the sample, in its part, under its text, with its default or example.
static void test_sample_rows(void **state)
{
    (void)state;
    struct buf sample = BUF_INIT(65536);
    read_source("etc/sendoff.conf", &sample);
    const char *text = buf_str(&sample), *accounts = strstr(text, "\n#[work]\n");
    assert_non_null(strstr(text, "\n[sendoff]\n"));
    assert_non_null(accounts);
    size_t keys = 0;
    for (const char *p = text; (p = strstr(p, "\n#")); p += 2)
        keys += text_is_alpha(p[2]);
    assert_int_equal(keys, option_count);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        struct buf line = BUF_INIT(1024), comment = BUF_INIT(1024);
        buf_printf(&line, "\n#%s = %s\n", o->key, o->standard ? o->standard : o->example);
        buf_printf(&comment, "\n\n# %.*s", (int)strlen(o->text) - 1, o->text);
        const char *at = strstr(text, buf_str(&line)), *above = strstr(text, buf_str(&comment));
        if (!at || (at > accounts) != (o->section == OPTION_ACCOUNT))
            fail_msg("%s is not in its place in the sample", o->key);
        if (!above || above > at || memmem(above + 2, (size_t)(at - above - 2), "\n\n", 2))
            fail_msg("%s has not its text above it in the sample", o->key);
        for (size_t w = 0; o->words && o->words[w]; w++) {
            buf_clear(&line);
            buf_printf(&line, "\n#   %s ", o->words[w]);
            if (!memmem(above, (size_t)(at - above), line.p, line.n))
                fail_msg("%s: the sample does not tell of %s", o->key, o->words[w]);
        }
        buf_free(&line);
        buf_free(&comment);
    }
    buf_free(&sample);
}

static int no_account(void)
{
    struct config c;
    EXPECT(config_load_path(&c, tree_path("sample.conf")) == -1);
    EXPECT(strstr(buf_str(&c.problem), "no account"));
    EXPECT(c.parsed && c.n_accounts == 0);
    config_free(&c);
    return 0;
}

static int all_set(void)
{
    struct config c;
    int bad = config_load_path(&c, tree_path("sample.conf"));
    if (bad)
        fprintf(stderr, "%s\n", buf_str(&c.problem));
    EXPECT(bad == 0 && c.n_accounts == 1);
    EXPECT(strcmp(c.accounts[0].name, "work") == 0 && c.accounts[0].port == 587);
    EXPECT(c.retry_longest == UINT64_C(4) * 3600 && strcmp(c.domain, "example.org") == 0);
    config_free(&c);
    return 0;
}

// An account has one secret: of the four keys for it the sample can only set one.
static bool is_other_secret(const char *line)
{
    static const char *const others[] = {"password_command", "token_file", "token_command"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(line, others[i], strlen(others[i])))
            return true;
    return false;
}

// As installed the sample is a good file that names no account; with every '#' taken off a key
// it is one that can be used.
static void test_sample_loads(void **state)
{
    struct buf sample = BUF_INIT(65536);
    read_source("etc/sendoff.conf", &sample);
    assert_int_equal(tree_setup(state), 0);
    assert_int_equal(tree_write("sample.conf", sample.p, sample.n), 0);
    assert_int_equal(tree_as_user(no_account), 0);
    for (char *p = sample.p; (p = strstr(p, "\n#")); p += 2)
        if ((text_is_alpha(p[2]) && !is_other_secret(p + 2)) || p[2] == '[')
            p[1] = ' ';
    assert_int_equal(tree_write("sample.conf", sample.p, sample.n), 0);
    assert_int_equal(tree_as_user(all_set), 0);
    assert_int_equal(tree_teardown(state), 0);
    buf_free(&sample);
}

// What the manual says of the values of a row that is a figure.
static void put_range(struct buf *out, const struct option *o)
{
    buf_puts(out, "\nIt is at ");
    if (o->min) {
        buf_puts(out, "least\n.Cm ");
        value_write(o, o->min, out);
        buf_puts(out, "\nand at ");
    }
    buf_puts(out, "most\n.Cm ");
    value_write(o, o->max, out);
    buf_puts(out, " .\n");
}

// Each row has its item in the manual, in its part, that tells its default, its words and its
// range; and no item is about a key that is none.
static void test_manual(void **state)
{
    (void)state;
    struct buf page = BUF_INIT(262144);
    read_source("man/sendoff.conf.5", &page);
    const char *text = buf_str(&page), *accounts = strstr(text, "\n.Ss Accounts\n");
    assert_non_null(accounts);
    size_t items = 0;
    for (const char *p = text; (p = strstr(p, "\n.It Ic ")); p++)
        items++;
    assert_int_equal(items, option_count);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        struct buf mark = BUF_INIT(1024);
        buf_printf(&mark, "\n.It Ic %s\n", o->key);
        const char *at = strstr(text, buf_str(&mark));
        if (!at || (at > accounts) != (o->section == OPTION_ACCOUNT))
            fail_msg("%s is not in its place in the manual", o->key);
        const char *it = strstr(at + 1, "\n.It "), *el = strstr(at + 1, "\n.El");
        size_t n = (size_t)((it && it < el ? it : el) - at);
        buf_clear(&mark);
        buf_printf(&mark, "\nThe default is\n.Cm %s .", o->standard ? o->standard : "");
        if (!memmem(at, n, mark.p, mark.n) == !!o->standard)
            fail_msg("%s: the manual tells another default", o->key);
        buf_clear(&mark);
        put_range(&mark, o);
        if (o->type > OPTION_WORD && !memmem(at, n + 1, mark.p, mark.n))
            fail_msg("%s: the manual tells another range, not %s", o->key, buf_str(&mark));
        for (size_t w = 0; o->words && o->words[w]; w++) {
            buf_clear(&mark);
            buf_printf(&mark, "\n.Cm %s", o->words[w]);
            if (!memmem(at, n, mark.p, mark.n))
                fail_msg("%s: the manual does not tell of %s", o->key, o->words[w]);
        }
        buf_free(&mark);
    }
    buf_free(&page);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        source_root = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_find),
        cmocka_unit_test(test_near),         cmocka_unit_test(test_sample_rows),
        cmocka_unit_test(test_sample_loads), cmocka_unit_test(test_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
