// SPDX-License-Identifier: ISC
// links: submit
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
#include <sys/stat.h>
#include <unistd.h>

#include "submit/secret/secret.h"

enum { ME = 1000, MINE = 1000, OTHER = 2000 };

static void owners_and_modes(void **state)
{
    static const struct {
        mode_t mode;
        uid_t uid;
        gid_t gid;
        enum secret_fault plain, exempt;
    } cases[] = {
        {S_IFREG | 0600, ME, MINE, SECRET_FINE, SECRET_FINE},
        {S_IFREG | 0400, ME, OTHER, SECRET_FINE, SECRET_FINE},
        {S_IFREG | 0600, 0, 0, SECRET_FINE, SECRET_FINE},
        {S_IFREG | 0440, 0, 0, SECRET_FINE, SECRET_FINE},
        {S_IFREG | 0660, 0, MINE, SECRET_FINE, SECRET_FINE},
        {S_IFREG | 0640, ME, OTHER, SECRET_READABLE, SECRET_FINE},
        {S_IFREG | 0444, 0, 0, SECRET_READABLE, SECRET_FINE},
        {S_IFREG | 0604, ME, MINE, SECRET_READABLE, SECRET_FINE},
        {S_IFREG | 0601, ME, MINE, SECRET_READABLE, SECRET_FINE},
        {S_IFREG | 0620, ME, OTHER, SECRET_WRITABLE, SECRET_WRITABLE},
        {S_IFREG | 0602, ME, MINE, SECRET_WRITABLE, SECRET_WRITABLE},
        {S_IFREG | 0666, 0, 0, SECRET_WRITABLE, SECRET_WRITABLE},
        {S_IFREG | 0600, OTHER, MINE, SECRET_STRANGER, SECRET_STRANGER},
        {S_IFREG | 0644, OTHER, OTHER, SECRET_STRANGER, SECRET_STRANGER},
        {S_IFDIR | 0700, ME, MINE, SECRET_NO_FILE, SECRET_NO_FILE},
        {S_IFIFO | 0600, ME, MINE, SECRET_NO_FILE, SECRET_NO_FILE},
        {S_IFCHR | 0600, 0, 0, SECRET_NO_FILE, SECRET_NO_FILE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stat st = {
            .st_mode = cases[i].mode, .st_uid = cases[i].uid, .st_gid = cases[i].gid};
        assert_int_equal(secret_judge(&st, ME, MINE, false), cases[i].plain);
        assert_int_equal(secret_judge(&st, ME, MINE, true), cases[i].exempt);
    }
}

static void exempt_places(void **state)
{
    static const struct {
        const char *path, *credentials;
        bool exempt;
    } cases[] = {
        {"/run/secrets/mail", "", true},
        {"/run/secrets/a/b", "", true},
        {"/run/secrets", "", false},
        {"/run/secrets2/mail", "", false},
        {"/run/secrets/../../home/me/mail", "", false},
        {"/run/secrets/..", "", false},
        {"/run/secrets/..mail", "", true},
        {"run/secrets/mail", "", false},
        {"/home/me/run/secrets/mail", "", false},
        {"/run/credentials/x.service/mail", "/run/credentials/x.service", true},
        {"/run/credentials/x.service/mail", "/run/credentials/x.service/", true},
        {"/run/credentials/x.service/mail", "/run/credentials/x", false},
        {"/run/credentials/x.service/../y/mail", "/run/credentials/x.service", false},
        {"/etc/mail", "/", false},
        {"relative/mail", "relative", false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(secret_exempt(cases[i].path, cases[i].credentials), cases[i].exempt);
}

static void uid_maps(void **state)
{
    static const struct {
        const char *map;
        bool alone;
    } cases[] = {
        {"         0          0 4294967295\n", false},
        {"         0       1000          1\n", true},
        {"0 1000 1", true},
        {"0 1000 1\n1 100000 65536\n", false},
        {"0 1000 1\n1 1001 1\n", false},
        {"0 1000 x\n", false},
        {"0 1000\n", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(secret_is_alone(span_of(cases[i].map)), cases[i].alone);
}

struct place {
    char directory[64];
    char path[96];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    if (!p)
        return -1;
    snprintf(p->directory, sizeof p->directory, "/tmp/test_secret.XXXXXX");
    if (!mkdtemp(p->directory))
        return -1;
    snprintf(p->path, sizeof p->path, "%s/password", p->directory);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    rmdir(p->directory);
    free(p);
    return 0;
}

static void store(const struct place *p, struct span content, mode_t mode)
{
    unlink(p->path); // an older one may be such as nobody but root can write
    int fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.p, content.n), content.n);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static bool is_wiped(const struct secret *s)
{
    const char *p = (const char *)s;
    for (size_t i = 0; i < sizeof *s; i++)
        if (p[i])
            return false;
    return true;
}

static void contents(void **state)
{
    const struct {
        struct span file, secret; // an empty secret: the file is refused
    } cases[] = {
        {SPAN("sesame"), SPAN("sesame")},
        {SPAN("sesame\n"), SPAN("sesame")},
        {SPAN("sesame\r\n"), SPAN("sesame")},
        {SPAN("sesame\n\n"), SPAN("sesame\n")},
        {SPAN(" a b \n"), SPAN(" a b ")},
        {SPAN("#;\"'\xc3\xa9"), SPAN("#;\"'\xc3\xa9")},
        {SPAN(""), SPAN("")},
        {SPAN("\n"), SPAN("")},
        {SPAN("\r\n"), SPAN("")},
        {SPAN("a\0b"), SPAN("")},
    };
    static struct secret s;
    struct place *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf why = BUF_INIT(1024);
        store(p, cases[i].file, 0600);
        bool fine = secret_read(&s, p->path, &why);
        assert_int_equal(fine, cases[i].secret.n > 0);
        assert_true(span_equal(secret_span(&s), cases[i].secret));
        if (!fine) {
            assert_non_null(strstr(buf_str(&why), p->path));
            assert_true(is_wiped(&s));
        }
        buf_free(&why);
        secret_wipe(&s);
        assert_true(is_wiped(&s));
    }
}

static void longest(void **state)
{
    static struct secret s;
    static char content[SECRET_MAX + 1];
    struct place *p = *state;
    struct buf why = BUF_INIT(1024);
    memset(content, 'x', sizeof content);
    store(p, (struct span){content, SECRET_MAX}, 0600);
    assert_true(secret_read(&s, p->path, &why));
    assert_int_equal(secret_span(&s).n, SECRET_MAX);
    store(p, (struct span){content, SECRET_MAX + 1}, 0600);
    assert_false(secret_read(&s, p->path, &why));
    assert_true(is_wiped(&s));
    assert_non_null(strstr(buf_str(&why), "64 KiB"));
    buf_free(&why);
}

static void refused_files(void **state)
{
    static struct secret s;
    struct place *p = *state;
    struct buf why = BUF_INIT(1024);
    assert_false(secret_read(&s, p->path, &why));
    assert_non_null(strstr(buf_str(&why), "No such file"));
    buf_clear(&why);
    store(p, SPAN("sesame"), 0604);
    assert_false(secret_read(&s, p->path, &why));
    assert_non_null(strstr(buf_str(&why), "chmod 600"));
    assert_null(strstr(buf_str(&why), "sesame"));
    unlink(p->path);
    // Nobody writes into it: were it opened to be read as a file is, this would hang.
    assert_int_equal(mkfifo(p->path, 0600), 0);
    buf_clear(&why);
    assert_false(secret_read(&s, p->path, &why));
    assert_non_null(strstr(buf_str(&why), "not a regular file"));
    buf_clear(&why);
    assert_false(secret_read(&s, p->directory, &why));
    assert_non_null(strstr(buf_str(&why), "not a regular file"));
    buf_free(&why);
}

static void links_are_followed(void **state)
{
    static struct secret s;
    struct place *p = *state;
    struct buf why = BUF_INIT(1024);
    char real[128];
    snprintf(real, sizeof real, "%s/real", p->directory);
    store(p, SPAN("sesame\n"), 0600);
    assert_int_equal(rename(p->path, real), 0);
    assert_int_equal(symlink(real, p->path), 0);
    assert_true(secret_read(&s, p->path, &why));
    assert_null(s.exposed);
    // What is judged is what was opened, not the link.
    assert_int_equal(chmod(real, 0644), 0);
    assert_false(secret_read(&s, p->path, &why));
    unlink(real);
    buf_free(&why);
}

static void credentials_are_exempt(void **state)
{
    static struct secret s;
    struct place *p = *state;
    struct buf why = BUF_INIT(1024);
    store(p, SPAN("sesame\n"), 0444);
    assert_false(secret_read(&s, p->path, &why));
    setenv("CREDENTIALS_DIRECTORY", p->directory, 1);
    assert_true(secret_read(&s, p->path, &why));
    assert_non_null(s.exposed);
    store(p, SPAN("sesame\n"), 0666);
    assert_false(secret_read(&s, p->path, &why));
    unsetenv("CREDENTIALS_DIRECTORY");
    buf_free(&why);
}

// A program tells it: the first line counts.
static void told_by_a_program(void **state)
{
    static const struct {
        const char *script, *secret; // NULL: refused
        const char *why;
    } cases[] = {
        {"echo sesame", "sesame", NULL},
        {"printf sesame", "sesame", NULL},
        {"printf 'sesame\\r\\nnotes: none\\n'", "sesame", NULL},
        {"printf ' a b \\n'", " a b ", NULL},
        {"head -c 65536 /dev/zero | tr '\\0' x", "x", NULL},
        {"head -c 65537 /dev/zero | tr '\\0' x", NULL, "more than 64 KiB"},
        {"true", NULL, "is empty"},
        {"echo; echo sesame", NULL, "is empty"},
        {"printf 'ses\\0ame\\n'", NULL, "NUL"},
        {"echo sesame; echo locked >&2; exit 1", NULL, "ended with status 1: locked"},
    };
    struct place *p = *state;
    struct secret *s = secret_new();
    struct wait w;
    assert_non_null(s);
    assert_int_equal(wait_init(&w, -1), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf why = BUF_INIT(1024);
        char script[256];
        int n = snprintf(script, sizeof script, "#!/bin/sh\n%s\n", cases[i].script);
        store(p, (struct span){script, (size_t)n}, 0700);
        enum program_answer answer = secret_ask(s, p->path, &w, &why);
        bool fine = answer == PROGRAM_DONE;
        assert_true(fine || answer == PROGRAM_FAILED);
        assert_int_equal(fine, cases[i].secret != NULL);
        if (fine && secret_span(s).n < SECRET_MAX) {
            assert_true(span_equal(secret_span(s), span_of(cases[i].secret)));
            for (size_t k = s->n; k < sizeof s->octets; k++)
                assert_int_equal(s->octets[k], 0);
        } else if (!fine) {
            assert_true(is_wiped(s));
            assert_non_null(strstr(buf_str(&why), p->path));
            assert_non_null(strstr(buf_str(&why), cases[i].why));
        }
        buf_free(&why);
    }
    close(w.signals);
    secret_free(s);
    secret_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners_and_modes),
        cmocka_unit_test(exempt_places),
        cmocka_unit_test(uid_maps),
        cmocka_unit_test_setup_teardown(told_by_a_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(contents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(longest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(credentials_are_exempt, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
