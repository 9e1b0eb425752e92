// SPDX-License-Identifier: ISC
// links: config
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "config/config.h"
#include "config/places.h"
#include "unit/tree.h"

#define FILE_NAME "d/sendoff.conf"
#define ACCOUNT   "[work]\nhost = h\n"

static int load_text(struct config *c, const char *text, size_t n)
{
    if (tree_write(FILE_NAME, text, n))
        return 77;
    return config_load_path(c, tree_path(FILE_NAME));
}

// The problem without the file's name in front, which must be there.
static const char *problem(const struct config *c)
{
    const char *whole = buf_str(&c->problem), *path = tree_path(FILE_NAME);
    size_t n = strlen(path);
    return strncmp(whole, path, n) == 0 ? whole + n : whole;
}

static int standards(void)
{
    struct config c;
    EXPECT(load_text(&c, ACCOUNT, strlen(ACCOUNT)) == 0);
    EXPECT(c.parsed && c.mode == CONFIG_PERSONAL && c.problem.n == 0 && c.ignored.n == 0);
    EXPECT(strcmp(c.path, tree_path(FILE_NAME)) == 0);
    EXPECT(!c.account[0] && !c.domain[0] && !c.spool[0]);
    EXPECT(c.deliver == DELIVER_BACKGROUND && c.dot == DOT_AUTO && c.log == LOG_TO_SYSLOG);
    EXPECT(c.max_size == 0 && c.max_recipients == 10000);
    EXPECT(c.retry_first == 60 && c.retry_longest == 14400 && c.expire == 432000);
    EXPECT(c.n_accounts == 1);
    const struct config_account *a = config_account(&c, "");
    EXPECT(a && a == config_account(&c, "WORK") && !config_account(&c, "wor"));
    EXPECT(strcmp(a->name, "work") == 0 && strcmp(a->host, "h") == 0 && a->port == 0);
    EXPECT(a->tls == TLS_STARTTLS && strcmp(a->auth, "auto") == 0);
    EXPECT(!a->tls_ca_file[0] && !a->tls_ca_dir[0] && !a->tls_name[0] && !a->helo[0]);
    EXPECT(!a->user[0] && !a->password_file[0]);
    EXPECT(a->pipeline == 64 && a->messages_per_connection == 1000 && a->connections == 2);
    EXPECT(a->recipients_per_message == 100 && a->timeout_connect == 30);
    EXPECT(a->timeout_greeting == 300 && a->timeout_command == 300 && a->timeout_body == 600);
    config_free(&c);
    EXPECT(!c.path && !c.accounts && !c.search.p);
    config_free(&c);
    return 0;
}

static void test_standards(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(standards), 0);
}

static const char everything[] =
    "# all keys\r\n"
    "[Home]\nhost=a.example\n"
    "[SENDOFF]\n"
    "account = WORK\ndomain = 'example.org'\nspool = \"/var/my; spool \"\ndeliver = wait\n"
    "dot=never\nLOG = none\nmax_size = 25m\nmax_recipients = 7\nretry_first = 30\n"
    "retry_longest = 2h\nexpire = 1d\n"
    "[work]\n"
    "host = 2001:db8::1\nport = 2525\ntls = implicit\ntls_ca_file = /ca file\n"
    "tls_ca_dir = /ca\ntls_name = mx.example\nauth = SCRAM-SHA-256 PLAIN\n"
    "user = 'me#1 \"x\"'\npassword_file = /p=w\nhelo = [192.0.2.1]\npipeline = 1\n"
    "connections = 16\nmessages_per_connection = 2\nrecipients_per_message = "
    "3\ntimeout_connect = 4\n"
    "timeout_greeting = 5s\ntimeout_command = 6m\ntimeout_body = 7h";

static int all_keys(void)
{
    struct config c;
    int bad = load_text(&c, everything, sizeof everything - 1);
    if (bad)
        fprintf(stderr, "%s\n", buf_str(&c.problem));
    EXPECT(bad == 0 && c.n_accounts == 2);
    EXPECT(!strcmp(c.account, "WORK") && !strcmp(c.domain, "example.org"));
    EXPECT(!strcmp(c.spool, "/var/my; spool ") && c.deliver == DELIVER_WAIT);
    EXPECT(c.dot == DOT_NEVER && c.log == LOG_TO_NONE && c.max_size == 25 << 20);
    EXPECT(c.max_recipients == 7 && c.retry_first == 30 && c.retry_longest == 7200);
    EXPECT(c.expire == 86400 && !strcmp(c.accounts[0].name, "home"));
    const struct config_account *a = config_account(&c, "");
    EXPECT(a == &c.accounts[1] && !strcmp(a->name, "work") && !strcmp(a->host, "2001:db8::1"));
    EXPECT(a->port == 2525 && a->tls == TLS_IMPLICIT && !strcmp(a->tls_ca_file, "/ca file"));
    EXPECT(!strcmp(a->tls_ca_dir, "/ca") && !strcmp(a->tls_name, "mx.example"));
    EXPECT(!strcmp(a->auth, "SCRAM-SHA-256 PLAIN") && !strcmp(a->user, "me#1 \"x\""));
    EXPECT(!strcmp(a->password_file, "/p=w") && !strcmp(a->helo, "[192.0.2.1]"));
    EXPECT(a->pipeline == 1 && a->messages_per_connection == 2 && a->connections == 16);
    EXPECT(a->recipients_per_message == 3 && a->timeout_connect == 4);
    EXPECT(a->timeout_greeting == 5 && a->timeout_command == 360 && a->timeout_body == 25200);
    EXPECT(config_account(&c, "home") == &c.accounts[0] && c.accounts[0].timeout_body == 600);
    config_free(&c);
    return 0;
}

static void test_all_keys(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(all_keys), 0);
}

#define LONG_50  "12345678901234567890123456789012345678901234567890"
#define LONG_500 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50

// What is wrong, and where that is said to be. The first column: can the text be relied upon?
static const struct {
    bool parsed;
    const char *text;
    const char *problem; // from behind the file's name, its beginning
} wrong[] = {
    // Its form.
    {false, "host = x\n", ":1: host: stands before the first [section]"},
    {false, ACCOUNT "user = a;b\n", ":3: work: user: has a ';' or '#' outside of quotes"},
    {false, ACCOUNT "user = \"a\n", ":3: work: user: the quote is not closed"},
    {false, ACCOUNT "user = \"a\" b\n", ":3: work: user: something stands behind"},
    {false, ACCOUNT "user =\n", ":3: work: user: has no value"},
    {false, ACCOUNT "user = a\\\nport = 25\n", ":3: work: a line can not end in a backslash"},
    {false, ACCOUNT "user\n", ":3: work: is neither"},
    {false, ACCOUNT "a:b = c\n", ":3: work: a key holds no ':'"},
    {false, ACCOUNT "[]\nuser = x\n", ":3: a section needs a name"},
    {false, ACCOUNT "[b\n", ":3: a section's line ends in ']'"},
    {false, "\xef\xbb\xbf[work]\nhost = h\n", ":1: begins with a byte order mark"},
    {false, ACCOUNT "user = " LONG_500 LONG_500 LONG_50 "\n", ":3: work: the line is too long"},
    {false, ACCOUNT "user = a\x01\n", ":3: work: holds a control character"},
    {false, ACCOUNT "host = g\n", ":3: work: host: stands here twice"},
    {false, ACCOUNT "HOST = g\n", ":3: work: HOST: stands here twice"},
    {false, ACCOUNT "[b]\nhost = x\n[WORK]\nport = 1\n",
     ":5: WORK: this section stands here twice"},
    {false, "[sendoff]\n[Sendoff]\n", ":2: Sendoff: this section stands here twice"},
    // What it says.
    {true, ACCOUNT "prot = 25\n", ":3: work: prot: there is no such key; did you mean 'port'?"},
    {true, ACCOUNT "password = geheim\n",
     ":3: work: password: there is no such key; did you mean 'password_file'?"},
    {true, ACCOUNT "colour = red\n", ":3: work: colour: there is no such key"},
    {true, ACCOUNT "spool = /x\n",
     ":3: work: spool: there is no such key here: it belongs to [sendoff]"},
    {true, "[sendoff]\nhost = x\n" ACCOUNT,
     ":2: sendoff: host: there is no such key here: it belongs to an account's section"},
    {true, ACCOUNT "port = 0\n", ":3: work: port: must be from 1 to 65535"},
    {true, ACCOUNT "port = 5m\n", ":3: work: port: '5m' is no number"},
    {true, ACCOUNT "tls = yes\n", ":3: work: tls: 'yes' is no choice: it is one of starttls,"},
    {true, ACCOUNT "timeout_body = 10x\n", ":3: work: timeout_body: '10x' is no duration"},
    {true, ACCOUNT "password_file = ~/p\n",
     ":3: work: password_file: '~/p' is no absolute path"},
    {true, "[sendoff]\nmax_size = 1.5m\n" ACCOUNT, ":2: sendoff: max_size: '1.5m' is no size"},
    {true, ACCOUNT "port = x\nprot = 25\ntls = yes\n", ":3: work: port: "},
    // What follows from it.
    {true, "", ": no account: "},
    {true, "[sendoff]\ndomain = a.b\n", ": no account: "},
    {true, "[work]\nuser = x\n", ": work: host: is missing"},
};

static int wrong_files(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct config c;
        EXPECT(load_text(&c, wrong[i].text, strlen(wrong[i].text)) == -1);
        if (strncmp(problem(&c), wrong[i].problem, strlen(wrong[i].problem)) != 0) {
            fprintf(stderr, "row %zu: %s\n", i, buf_str(&c.problem));
            return 1;
        }
        EXPECT(c.parsed == wrong[i].parsed && c.path[0] && c.mode == CONFIG_PERSONAL);
        EXPECT(c.parsed || (c.n_accounts == 0 && !c.accounts));
        EXPECT(!strchr(buf_str(&c.problem), '\n'));
        EXPECT(!strstr(buf_str(&c.problem), "geheim"));
        config_free(&c);
    }
    return 0;
}

static void test_wrong(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(wrong_files), 0);
}

// Where only some of it is wrong, all else holds; where its form is, nothing does.
static int partly_wrong(void)
{
    static const char text[] = "[sendoff]\nspool = /a\nlogg = none\ndot = never\n"
                               "max_size = x\nexpire = 2d\n" ACCOUNT "port = 99999\n";
    static const char torn[] = "[sendoff]\nspool = /a\ndot = never\n" ACCOUNT "port = 25;\n";
    struct config c;
    EXPECT(load_text(&c, text, sizeof text - 1) == -1 && c.parsed);
    EXPECT(strstr(problem(&c), ":3: sendoff: logg: there is no such key"));
    EXPECT(!strcmp(c.spool, "/a") && c.dot == DOT_NEVER && c.max_size == 0);
    EXPECT(c.expire == 172800 && c.n_accounts == 1 && c.accounts[0].port == 0);
    config_free(&c);
    EXPECT(load_text(&c, torn, sizeof torn - 1) == -1 && !c.parsed);
    EXPECT(!c.spool[0] && c.dot == DOT_AUTO && c.n_accounts == 0 && !config_account(&c, ""));
    config_free(&c);
    return 0;
}

static void test_partly_wrong(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(partly_wrong), 0);
}

static int many(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct config c;
    for (int i = 0; i < CONFIG_ACCOUNTS_MAX; i++)
        buf_printf(&text, "[a%d]\nhost = h%d\n", i, i);
    EXPECT(load_text(&c, text.p, text.n) == 0 && c.n_accounts == CONFIG_ACCOUNTS_MAX);
    EXPECT(!strcmp(config_account(&c, "A63")->host, "h63"));
    config_free(&c);
    buf_puts(&text, "[more]\nhost = h\n");
    EXPECT(load_text(&c, text.p, text.n) == -1 && !c.parsed);
    EXPECT(strstr(problem(&c), ":129: more: there are too many accounts"));
    config_free(&c);
    while (text.n < 300000)
        buf_puts(&text, "# more and more of it\n");
    EXPECT(load_text(&c, text.p, text.n) == -1 && !c.parsed);
    EXPECT(!strcmp(problem(&c), ": is too large for a config"));
    config_free(&c);
    buf_free(&text);
    EXPECT(load_text(&c, "[work]\nhost = \0h\n", 17) == -1 && !c.parsed);
    EXPECT(strstr(problem(&c), ":2: work: holds a NUL octet"));
    config_free(&c);
    return 0;
}

static void test_many(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(many), 0);
}

static int none_counts(void)
{
    struct config c;
    EXPECT(config_load_path(&c, tree_path("none")) == -1 && !c.parsed && !c.path[0]);
    EXPECT(!strcmp(buf_str(&c.problem), "no config") && c.ignored.n == 0);
    EXPECT(strstr(buf_str(&c.search), "none: not there\n") && c.expire == 432000);
    config_free(&c);
    EXPECT(!tree_text(FILE_NAME, ACCOUNT) && !chmod(tree_path(FILE_NAME), 0666));
    EXPECT(config_load_path(&c, tree_path(FILE_NAME)) == -1 && !c.parsed && !c.path[0]);
    EXPECT(!strncmp(buf_str(&c.problem), "no config; /", 12));
    EXPECT(strstr(buf_str(&c.problem), FILE_NAME ": ignored: others can write it"));
    EXPECT(c.n_accounts == 0 && c.ignored.n > 0);
    config_free(&c);
    EXPECT(config_load_path(&c, tree_path("d")) == -1);
    EXPECT(strstr(buf_str(&c.problem), "/d: ignored: it is a directory"));
    config_free(&c);
    EXPECT(config_load_path(&c, "") == -1 && !c.path[0]);
    config_free(&c);
    return 0;
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(none_counts), 0);
}

static int by_environment(void)
{
    struct config c;
    clearenv();
    EXPECT(!tree_text(FILE_NAME, ACCOUNT) && !symlink("sendoff.conf", tree_path("d/link")));
    setenv("SENDOFF_CONFIG", tree_path("d/link"), 1);
    EXPECT(config_load(&c) == 0 && !strcmp(c.path, tree_path("d/link")));
    EXPECT(c.n_accounts == 1 && strstr(buf_str(&c.search), "d/link: counts: personal\n"));
    config_free(&c);
    return 0;
}

static void test_by_environment(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(by_environment), 0);
}

// Nothing reaches stderr, whatever iniparser may think of the file.
static int silent(void)
{
    static const char *const texts[] = {"nonsense\n", "[a]\nb\n", ACCOUNT, "[a\n", "= \n"};
    int to = open(tree_path("said"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int kept = dup(STDERR_FILENO);
    EXPECT(to >= 0 && kept >= 0 && dup2(to, STDERR_FILENO) >= 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config c;
        int answer = load_text(&c, texts[i], strlen(texts[i]));
        config_free(&c);
        if (answer == 77)
            return 1;
    }
    off_t said = lseek(to, 0, SEEK_END);
    EXPECT(dup2(kept, STDERR_FILENO) >= 0 && said == 0);
    return 0;
}

static void test_silent(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(silent), 0);
}

// Never returns; the alarm ends it should nobody else do so.
static void keep_saving(const char *one, const char *other)
{
    alarm(20);
    for (int i = 0;; i++) {
        const char *text = i % 2 ? one : other;
        if (tree_text("d/new", text) || rename(tree_path("d/new"), tree_path(FILE_NAME)) ||
            (i % 3 == 0 && tree_text(FILE_NAME, text)))
            _exit(1);
    }
}

// Somebody saves the file again and again, in both ways that editors have. Each load sees one
// of the two texts as a whole, or says why not.
static int under_change(void)
{
    char text[2][2048];
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], "[work]\nhost = h%d\n#%0*d\nhelo = h%d\n", i,
                 1 + 900 * i, 0, i);
    EXPECT(!tree_text(FILE_NAME, text[0]));
    pid_t writer = fork();
    EXPECT(writer >= 0);
    if (writer == 0)
        keep_saving(text[0], text[1]);
    int whole = 0, other = 0, mixed = 0;
    for (int i = 0; i < 300; i++) {
        struct config c;
        if (config_load_path(&c, tree_path(FILE_NAME)) == 0) {
            whole++;
            mixed += strcmp(c.accounts[0].host, c.accounts[0].helo) != 0;
        } else if (!strstr(buf_str(&c.problem), "changes while it is read") &&
                   !strstr(buf_str(&c.problem), ": no account") &&
                   !strstr(buf_str(&c.problem), ":2: ") &&
                   !strstr(buf_str(&c.problem), ":3: ")) {
            fprintf(stderr, "%s\n", buf_str(&c.problem));
            other++;
        }
        config_free(&c);
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    EXPECT(mixed == 0 && other == 0 && whole > 0);
    return 0;
}

static void test_under_change(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(under_change), 0);
}

// What is printed is a config that prints the same again.
static int printed(void)
{
    struct config c;
    struct buf first = BUF_INIT(65536), again = BUF_INIT(65536);
    EXPECT(load_text(&c, everything, sizeof everything - 1) == 0);
    config_print(&c, &first);
    config_free(&c);
    EXPECT(strstr(first.p, "[sendoff]\naccount = WORK\ndomain = example.org\n"
                           "aliases = /etc/aliases\n#local_to =\n"
                           "spool = \"/var/my; spool \"\ndeliver = wait\ndot = never\n"));
    EXPECT(strstr(first.p, "\n\n[home]\nhost = a.example\nport = 587\ntls = starttls\n"
                           "#tls_ca_file =\n#tls_ca_dir =\ntls_name = a.example\n"));
    EXPECT(strstr(first.p, "\nuser = 'me#1 \"x\"'\n") && strstr(first.p, "max_size = 25m\n"));
    EXPECT(strstr(first.p, "retry_first = 30s\n") && strstr(first.p, "timeout_body = 7h\n"));
    EXPECT(load_text(&c, first.p, first.n) == 0);
    config_print(&c, &again);
    config_free(&c);
    EXPECT(first.n == again.n && !strcmp(first.p, again.p));
    buf_free(&first);
    buf_free(&again);
    return 0;
}

static void test_printed(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(printed), 0);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(test_standards),      IN_TREE(test_all_keys), IN_TREE(test_wrong),
        IN_TREE(test_partly_wrong),   IN_TREE(test_many),     IN_TREE(test_none),
        IN_TREE(test_by_environment), IN_TREE(test_silent),   IN_TREE(test_under_change),
        IN_TREE(test_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
