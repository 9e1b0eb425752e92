// SPDX-License-Identifier: ISC
// links: submit
// Real programs: scripts, of which as little as can be takes time.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "submit/secret/program.h"

enum { LONG = 30000, SIZE = 4096 };

static char dir[64];
static char script[96];
static char room[SIZE];
static struct program_output out = {.p = room, .size = SIZE};
static struct buf why = BUF_INIT(4096);
static struct wait waits;

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/test_program.XXXXXX");
    close_range(STDERR_FILENO + 1, ~0U, 0); // what we were given
    if (!mkdtemp(dir) || wait_init(&waits, -1))
        return -1;
    snprintf(script, sizeof script, "%s/tell", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(script);
    buf_free(&why);
    close(waits.signals);
    return rmdir(dir);
}

static void write_script(const char *text)
{
    FILE *f = fopen(script, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(script, 0700), 0);
}

static enum program_answer ask(const char *arguments, int ms)
{
    char line[1024];
    snprintf(line, sizeof line, "%s%s", script, arguments);
    buf_clear(&why);
    return program_run(line, ms, &out, &waits, &why);
}

static void expect_said(const char *text)
{
    assert_int_equal(out.n, strlen(text));
    assert_memory_equal(out.p, text, out.n);
}

static void test_words(void **state)
{
    (void)state;
    write_script("for w; do printf '<%s>' \"$w\"; done");
    assert_int_equal(ask("", LONG), PROGRAM_DONE);
    expect_said("");
    assert_int_equal(ask("  a \t b  ", LONG), PROGRAM_DONE);
    expect_said("<a><b>");
    // There is no shell to make anything of these.
    assert_int_equal(ask(" $HOME `id` *;x|y \"q r\" \\ ~ >f", LONG), PROGRAM_DONE);
    expect_said("<$HOME><`id`><*;x|y><\"q><r\"><\\><~><>f>");
    assert_int_equal(program_run("tell", LONG, &out, &waits, &why), PROGRAM_FAILED);
    assert_int_equal(program_run("", LONG, &out, &waits, &why), PROGRAM_FAILED);
    char many[256] = "";
    for (int i = 0; i < PROGRAM_WORDS_MAX; i++)
        strncat(many, " x", sizeof many - strlen(many) - 1);
    assert_int_equal(ask(many, LONG), PROGRAM_FAILED);
    many[strlen(many) - 2] = '\0';
    assert_int_equal(ask(many, LONG), PROGRAM_DONE);
}

// Nothing of ours gets there.
static void test_surroundings(void **state)
{
    (void)state;
    char want[512];
    const struct passwd *user = getpwuid(geteuid());
    setenv("SENDOFF_TEST", "x", 1);
    int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
    write_script(
        "env | grep -vE '^(PWD|OLDPWD|SHLVL|_)=' | sort; pwd; cat; ls /proc/$$/fd | wc -l");
    assert_int_equal(ask("", LONG), PROGRAM_DONE);
    snprintf(
        want, sizeof want,
        "HOME=%s\nLANG=C\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        "/\n4\n",
        user ? user->pw_dir : "/");
    expect_said(want); // 0 to 2, and the shell's own script
    close(ours);
    unsetenv("SENDOFF_TEST");
}

static void test_failures(void **state)
{
    static const struct {
        const char *script, *why;
    } table[] = {
        {"exit 3", "ended with status 3"},
        {"echo no key >&2; exit 1", "ended with status 1: no key"},
        {"printf 'a\\nb \\033[1m\\n\\n' >&2; exit 1", "ended with status 1: b ?[1m"},
        {"kill -9 $$", "was ended by signal 9"},
        {"echo first >&2; head -c 300000 /dev/zero | tr '\\0' '\\n' >&2; exit 2",
         "ended with status 2: first"},
        {"head -c 5000 /dev/zero", "says more than 64 KiB"},
        {"yes", "says more than 64 KiB"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        write_script(table[i].script);
        assert_int_equal(ask("", LONG), PROGRAM_FAILED);
        if (strncmp(buf_str(&why), table[i].why, strlen(table[i].why)))
            fail_msg("row %zu: %s", i, buf_str(&why));
        assert_true(why.n < 200);
    }
    unlink(script);
    assert_int_equal(ask("", LONG), PROGRAM_FAILED);
    assert_non_null(strstr(buf_str(&why), "No such file"));
}

// A failing program that said something is no success; what it said is there to be wiped.
static void test_all_but_the_status(void **state)
{
    (void)state;
    write_script("echo sesame; exit 1");
    assert_int_equal(ask("", LONG), PROGRAM_FAILED);
    expect_said("sesame\n");
    assert_null(strstr(buf_str(&why), "sesame"));
}

static bool is_running(pid_t pid)
{
    return kill(pid, 0) == 0;
}

// The number that the script printed in the end.
static pid_t printed(void)
{
    room[out.n < SIZE ? out.n : SIZE - 1] = '\0';
    return (pid_t)strtol(room, NULL, 10);
}

static void expect_gone(pid_t pid)
{
    assert_true(pid > 1);
    for (int i = 0; i < 500 && is_running(pid); i++)
        usleep(10000);
    assert_false(is_running(pid));
}

static void test_time_out(void **state)
{
    (void)state;
    int64_t before = clock_steady();
    write_script("echo waiting >&2; trap '' TERM; sleep 1000 & echo $!; wait");
    assert_int_equal(ask("", 300), PROGRAM_LATE);
    assert_string_equal(buf_str(&why), "did not end within 0 s: waiting");
    assert_true(clock_steady() - before < 10000);
    expect_gone(printed());
}

// Who leaves something running, even with the pipe in its hand, is not waited for.
static void test_left_running(void **state)
{
    (void)state;
    int64_t before = clock_steady();
    write_script("sleep 1000 & echo $!");
    assert_int_equal(ask("", LONG), PROGRAM_DONE);
    assert_true(clock_steady() - before < 10000);
    expect_gone(printed());
}

// It has closed its pipes and goes on: its end is what counts.
static void test_quiet_worker(void **state)
{
    (void)state;
    write_script("echo x; exec >&- 2>&-; sleep 0.2; exit 4");
    assert_int_equal(ask("", LONG), PROGRAM_FAILED);
    assert_string_equal(buf_str(&why), "ended with status 4");
}

static void test_stopped(void **state)
{
    int ends[2];
    struct wait with_peer;
    (void)state;
    write_script("sleep 1000");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(wait_init(&with_peer, ends[0]), 0);
    close(ends[1]);
    assert_int_equal(program_run(script, LONG, &out, &with_peer, &why), PROGRAM_STOPPED);
    close(ends[0]);
    close(with_peer.signals);
    assert_int_equal(wait_init(&with_peer, -1), 0);
    raise(SIGTERM);
    assert_int_equal(program_run(script, LONG, &out, &with_peer, &why), PROGRAM_STOPPED);
    close(with_peer.signals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_failures),     cmocka_unit_test(test_all_but_the_status),
        cmocka_unit_test(test_time_out),     cmocka_unit_test(test_left_running),
        cmocka_unit_test(test_quiet_worker), cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
