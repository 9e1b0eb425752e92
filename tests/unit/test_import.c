// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sendoff/setup/import_dma.h"
#include "sendoff/setup/import_msmtp.h"
#include "sendoff/setup/import_nullmailer.h"
#include "sendoff/setup/import_ssmtp.h"

static void dma(struct importing *m, struct span text)
{
    struct buf path = BUF_INIT(4096);
    struct span conf = text;
    const char *end = strstr(text.p, "----\n");
    if (end)
        conf.n = (size_t)(end - text.p);
    import_dma(m, conf, &path);
    if (end)
        import_dma_auth(m, span_of(end + 5));
    buf_free(&path);
}

// The settings of the draft, "SECTION.KEY=VALUE", are all of these, one a line in any order;
// `notes` are parts of its notes, one a line, and there are no others.
struct example {
    void (*read)(struct importing *m, struct span text);
    const char *text, *settings, *notes, *password;
};

static size_t count_lines(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

static size_t count_settings(const char *config)
{
    struct span rest = span_of(config), line;
    size_t n = 0;
    while (span_cut(&rest, '\n', &line))
        n += line.n && line.p[0] != '#' && line.p[0] != '[';
    return n;
}

static void expect_settings(const struct draft *d, const char *settings)
{
    struct span rest = span_of(settings), line;
    struct buf text = BUF_INIT(1 << 20);
    while (span_cut(&rest, '\n', &line)) {
        struct span section, key;
        char name[64];
        if (!line.n)
            continue;
        assert_true(span_cut(&line, '.', &section));
        assert_true(span_cut(&line, '=', &key));
        snprintf(name, sizeof name, "%.*s", SPAN_ARGS(key));
        size_t i = 0;
        while (i < draft_count(d) && !span_equal(span_of(draft_name(d, i)), section))
            i++;
        if (i == draft_count(d))
            fail_msg("no section %.*s", SPAN_ARGS(section));
        if (!span_equal(span_of(draft_get(d, i, name)), line))
            fail_msg("%s is '%s', not '%.*s'", name, draft_get(d, i, name), SPAN_ARGS(line));
    }
    draft_put(d, "", &text);
    assert_int_equal(count_settings(buf_str(&text)), count_lines(span_of(settings)));
    buf_free(&text);
}

static void expect_notes(const struct draft *d, const char *notes)
{
    struct span rest = span_of(notes), line;
    while (span_cut(&rest, '\n', &line))
        if (!span_find_nocase(buf_span(&d->notes), line))
            fail_msg("nothing like '%.*s' in '%s'", SPAN_ARGS(line), buf_str(&d->notes));
    if (count_lines(buf_span(&d->notes)) != count_lines(span_of(notes)))
        fail_msg("notes: '%s'", buf_str(&d->notes));
}

static const struct example examples[] = {
    {import_msmtp,
     "# a comment\ndefaults\nport 587\ntls on\n\naccount a : none\nhost a.example\nauth on\n"
     "user me\npassword \"se cret\"\n",
     "a.host=a.example\na.port=25\na.tls=starttls\na.auth=auto\na.user=me\n",
     "there is no account none\nno password goes to a.example\n", "se cret"},
    {import_msmtp,
     "defaults\ntls on\ntls_starttls off\ntls_trust_file system\nlogfile ~/.msmtp.log\n"
     "account b\nhost b.example\nfrom %U@%H.example\nset_from_header on\nauth scram-sha-256\n"
     "user u\npasswordeval /usr/bin/pass show mail\naccount c:b\nport 10465\nuser v\n"
     "tls_certcheck off\naccount default : c\n",
     "sendoff.account=c\n"
     "b.host=b.example\nb.port=465\nb.tls=implicit\nb.auth=SCRAM-SHA-256\nb.user=u\n"
     "b.from=%u@%h.example\nb.sender=force\nb.password_command=/usr/bin/pass show mail\n"
     "c.host=b.example\nc.port=10465\nc.tls=implicit\nc.auth=SCRAM-SHA-256\nc.user=v\n"
     "c.from=%u@%h.example\nc.sender=force\nc.password_command=/usr/bin/pass show mail\n",
     ":5: logfile: not carried over\n:16: tls_certcheck: not carried over\n", ""},
    {import_msmtp,
     "account default\nhost h.example\nport 587\ntls on\nauth xoauth2\nuser u\n"
     "passwordeval ~/bin/token u\ntls_cert_file ~/c.pem\naliases /etc/aliases\n"
     "maildomain corp.example\ndomain box.corp.example\nproxy_host 127.0.0.1\nnonsense 1\n"
     "timeout 20\n",
     "sendoff.account=default\nsendoff.aliases=/etc/aliases\nsendoff.domain=corp.example\n"
     "default.host=h.example\ndefault.port=587\ndefault.tls=starttls\ndefault.auth=XOAUTH2\n"
     "default.user=u\ndefault.token_command=/home/me/bin/token u\n"
     "default.tls_cert=/home/me/c.pem\ndefault.helo=box.corp.example\n"
     "default.timeout_connect=20s\ndefault.timeout_greeting=20s\n"
     "default.timeout_command=20s\ndefault.timeout_body=20s\n",
     "proxy_host: not carried over\nnonsense: not known\n", ""},
    {import_msmtp, "account a\nhost localhost\nport 1025\ntls off\nauth off\n",
     "a.host=localhost\na.port=1025\na.tls=none\na.auth=none\n", "", ""},
    {import_msmtp, "account sendoff\npassword x\npasswordeval gpg -d x | head -1\n", "",
     ":3: passwordeval: not carried over: no shell\nthere is no smarthost\n", "x"},
    {import_msmtp,
     "account a\nhost a.example\ntls on\nauth on\nuser u\npasswordeval \"cat ~/.pw\"\n"
     "account b : a\nauth xoauth2\npasswordeval /bin/cat   /etc/token\n"
     "account c : a\npasswordeval cat /etc/a /etc/b\n"
     "account d : a\npasswordeval cat /etc/$USER\n"
     "account e : a\npasswordeval /bin/pass\n",
     "a.host=a.example\na.port=25\na.tls=starttls\na.auth=auto\na.user=u\n"
     "a.password_file=/home/me/.pw\n"
     "b.host=a.example\nb.port=25\nb.tls=starttls\nb.auth=XOAUTH2\nb.user=u\n"
     "b.token_file=/etc/token\n"
     "c.host=a.example\nc.port=25\nc.tls=starttls\nc.auth=auto\nc.user=u\n"
     "c.password_file=/home/me/.pw\n"
     "d.host=a.example\nd.port=25\nd.tls=starttls\nd.auth=auto\nd.user=u\n"
     "d.password_file=/home/me/.pw\n"
     "e.host=a.example\ne.port=25\ne.tls=starttls\ne.auth=auto\ne.user=u\n"
     "e.password_command=/bin/pass\n",
     ":11: passwordeval: not carried over: password_command wants\n"
     ":13: passwordeval: not carried over: no shell\n",
     ""},
    {import_ssmtp,
     "# comment\nroot=me@corp.example\nmailhub=mail.corp.example:587\n"
     "rewriteDomain=corp.example\nhostname=box.corp.example\nUseTLS=Yes\nUseSTARTTLS=YES\n"
     "AuthUser=me\nAuthPass=a=b:c#d\nAuthMethod=LOGIN\n",
     "sendoff.local_to=me@corp.example\nsendoff.domain=corp.example\n"
     "smarthost.host=mail.corp.example\nsmarthost.port=587\nsmarthost.tls=starttls\n"
     "smarthost.helo=box.corp.example\nsmarthost.user=me\nsmarthost.auth=LOGIN\n"
     "smarthost.from=%u@corp.example\nsmarthost.sender=force\n",
     "", "a=b:c#d"},
    {import_ssmtp, "root=postmaster\nmailhub=mail\nFromLineOverride=YES\nwhat is this\nOdd=1\n",
     "smarthost.host=mail\nsmarthost.port=25\nsmarthost.tls=none\nsmarthost.auth=none\n",
     ":1: root: not carried over\n:4: no line of\n:5: Odd: not known\n", ""},
    {import_nullmailer,
     "# two\nsmart.example smtp --port=587 starttls user=me pass='my \"pass phrase'\n"
     "b.example smtp tls x509cafile=/etc/ca.pem insecure auth-login user=a\\ b\n",
     "smarthost.host=smart.example\nsmarthost.port=587\nsmarthost.tls=starttls\n"
     "smarthost.user=me\nsmarthost2.host=b.example\nsmarthost2.port=465\n"
     "smarthost2.tls=implicit\nsmarthost2.tls_ca_file=/etc/ca.pem\nsmarthost2.auth=LOGIN\n"
     "smarthost2.user=a b\n",
     ":3: mail goes by the first\n:3: insecure: not carried over\n", "my \"pass phrase"},
    {import_nullmailer, "\n# nothing\n", "", "there is no remote\n", ""},
    {import_nullmailer, "q.example qmqp odd\n",
     "smarthost.host=q.example\nsmarthost.port=25\nsmarthost.tls=none\nsmarthost.auth=none\n",
     "sendoff speaks SMTP only\nodd: not carried over\n", ""},
    {dma,
     "SMARTHOST mail.example\nPORT 587\nSECURETRANSFER\nSTARTTLS\nMAILNAME /etc/mailname\n"
     "MASQUERADE me@corp.example\nDEFER\nFULLBOUNCE\nFINGERPRINT 12AB\n----\n"
     "# comment\nyou|other.example:no\nme|mail.example:p|a:ss\nrubbish\n",
     "sendoff.deliver=queue\nsmarthost.host=mail.example\nsmarthost.port=587\n"
     "smarthost.tls=starttls\nsmarthost.user=me\nsmarthost.from=me@corp.example\n"
     "smarthost.sender=force\n",
     ":8: FULLBOUNCE\n:9: FINGERPRINT\n:2: not carried over: it is for another host\n"
     ":4: no line of auth.conf\n",
     "p|a:ss"},
    {dma, "SMARTHOST mail.example\nMASQUERADE corp.example\nMAILNAME box.corp.example\n",
     "sendoff.domain=box.corp.example\nsmarthost.host=mail.example\nsmarthost.port=25\n"
     "smarthost.tls=none\nsmarthost.auth=none\nsmarthost.from=%u@corp.example\n"
     "smarthost.sender=force\n",
     "", ""},
};

static void by_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        struct draft d;
        const char *password = "";
        draft_init(&d);
        struct importing m = {.draft = &d, .file = "file", .home = "/home/me"};
        e->read(&m, span_of(e->text));
        expect_settings(&d, e->settings);
        expect_notes(&d, e->notes);
        for (size_t s = 1; s < draft_count(&d) && !*password; s++)
            password = draft_password(&d, s);
        assert_string_equal(password, e->password);
        draft_free(&d);
    }
}

static void nullmailer_beside(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);
    struct importing m = {.draft = &d, .file = "file", .home = ""};
    import_nullmailer(&m, SPAN("smart.example\n"));
    assert_true(import_nullmailer_beside(&m, "me", SPAN("box\n")));
    assert_true(import_nullmailer_beside(&m, "defaultdomain", SPAN("corp.example")));
    assert_true(import_nullmailer_beside(&m, "adminaddr", SPAN("me@corp.example\n")));
    assert_true(import_nullmailer_beside(&m, "allmailfrom", SPAN("me@corp.example\n")));
    assert_true(import_nullmailer_beside(&m, "pausetime", SPAN("120\n")));
    assert_false(import_nullmailer_beside(&m, "helohost", SPAN("\n")));
    assert_false(import_nullmailer_beside(&m, "other", SPAN("x\n")));
    expect_settings(&d, "sendoff.domain=box.corp.example\nsendoff.local_to=me@corp.example\n"
                        "sendoff.retry_first=120s\nsmarthost.host=smart.example\n"
                        "smarthost.port=25\nsmarthost.tls=none\nsmarthost.auth=none\n"
                        "smarthost.from=me@corp.example\nsmarthost.sender=force\n");
    draft_free(&d);
}

// A file may be cut anywhere.
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (size_t n = 0; n <= strlen(examples[i].text); n++) {
            struct buf text = BUF_INIT(4096), out = BUF_INIT(1 << 20);
            struct draft d;
            draft_init(&d);
            struct importing m = {.draft = &d, .file = "file", .home = ""};
            buf_put(&text, examples[i].text, n);
            examples[i].read(&m, span_of(buf_str(&text)));
            draft_put(&d, "", &out);
            draft_free(&d);
            buf_free(&text);
            buf_free(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_example),
        cmocka_unit_test(nullmailer_beside),
        cmocka_unit_test(cut_short),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
