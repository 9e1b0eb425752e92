// SPDX-License-Identifier: ISC
// links: sendoff
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sendoff/commands.h"

static const char *source_root = ".";

static void read_source(const char *name, struct buf *out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", source_root, name);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s can not be read", path);
    for (int c; (c = fgetc(f)) != EOF;)
        buf_putc(out, (char)c);
    fclose(f);
}

#define EACH_OPTION(o, c) for (const struct command_option *o = (c)->options; o && o->name; o++)

static bool table_has(const char *option)
{
    for (size_t i = 0; i < command_count; i++)
        EACH_OPTION(o, &command_table[i])
    if (strcmp(o->name, option) == 0)
        return true;
    return false;
}

static void test_find(void **state)
{
    (void)state;
    assert_non_null(commands_find("flush"));
    assert_string_equal(commands_find("queue")->name, "queue");
    assert_null(commands_find("flus"));
    assert_null(commands_find(""));
    assert_null(commands_find("flush "));
}

// Shells get the texts between single quotes, zsh with its own signs around.
static void test_texts_are_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = &command_table[i];
        if (!c->text)
            continue;
        assert_null(strpbrk(c->text, "'\"`[]:\\$\n"));
        EACH_OPTION(o, c)
        {
            assert_null(strpbrk(o->text, "'\"`[]:\\$\n"));
            assert_true(strncmp(o->name, "--", 2) == 0 && o->name[2]);
            assert_true((o->value == NULL) == (o->kind == COMMAND_NOTHING));
        }
    }
}

// Options that are compared with words of the command line, as the sources of sendoff say:
// `call_takes(call, "--x")`, `strcmp(word, "--x")` and rows that begin with {"--x".
static void check_source(const char *text, const char *file)
{
    static const char *const before[] = {"takes(call, ", "strcmp(word, ", "{"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        char start[32], option[64];
        snprintf(start, sizeof start, "%s\"--", before[i]);
        for (const char *p = text; (p = strstr(p, start)); p++) {
            const char *name = p + strlen(start) - 2;
            snprintf(option, sizeof option, "%.*s", (int)strcspn(name, "\""), name);
            if (!table_has(option))
                fail_msg("%s takes %s, which is not in the table", file, option);
        }
    }
}

static int check_sources(const char *pattern)
{
    char path[512];
    glob_t found;
    size_t skipped = strlen(source_root) + 1;
    snprintf(path, sizeof path, "%s/%s", source_root, pattern);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    int files = (int)found.gl_pathc;
    for (int i = 0; i < files; i++) {
        struct buf text = BUF_INIT(1 << 20);
        const char *name = found.gl_pathv[i] + skipped;
        if (strcmp(name, "src/sendoff/main.c") != 0) {
            read_source(name, &text);
            check_source(buf_str(&text), name);
        }
        buf_free(&text);
    }
    globfree(&found);
    return files;
}

static void test_no_option_without_a_row(void **state)
{
    (void)state;
    assert_true(check_sources("src/sendoff/*.c") > 2);
    assert_true(check_sources("src/sendoff/*/*.c") > 10);
    assert_true(table_has("--due") && !table_has("--no-such-option"));
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_texts_are_plain),
        cmocka_unit_test(test_no_option_without_a_row),
    };
    if (argc > 1)
        source_root = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
