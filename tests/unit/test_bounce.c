// SPDX-License-Identifier: ISC
// links: message
// Reports, taken apart again.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "message/bounce/bounce.h"
#include "unit/mime.h"

#define HEADER                             \
    "From: Alice <alice@client.example>\n" \
    "To: Bob <bob@example.net>\n"          \
    "Subject: a\n folded one\n"            \
    "Message-ID: <1@client.example>\n"
#define BODY "\nHello,\n--\nAlice\n"

static struct block block;
static struct envelope to;
static struct bounce_facts facts;
static struct bounce_recipient list[4];
static struct buf out;

static int setup(void **state)
{
    (void)state;
    static const struct bounce_date date = {
        .local = {.tm_year = 126, .tm_mon = 10, .tm_mday = 22, .tm_hour = 12}, .offset = 60};
    block_init(&block);
    envelope_init(&to);
    out = (struct buf)BUF_INIT(BOUNCE_MAX);
    facts = (struct bounce_facts){.kind = BOUNCE_FAILED,
                                  .to = &to,
                                  .id = SPAN("660DE1B63B3D5C00A2"),
                                  .domain = SPAN("client.example"),
                                  .relay = SPAN("smtp.example.org[192.0.2.25]:587"),
                                  .now = date,
                                  .arrival = date,
                                  .until = date};
    facts.until.local.tm_mday = 27;
    facts.until.local.tm_wday = 5;
    memset(facts.random[0], 0xaa, DATE_RANDOM);
    memset(facts.random[1], 0xbb, DATE_RANDOM);
    memset(list, 0, sizeof list);
    return !envelope_add(&to, SPAN("alice@client.example"), SPAN("")) ||
           !envelope_set_sender(&block.envelope, SPAN("alice@client.example"));
}

static int teardown(void **state)
{
    (void)state;
    block_free(&block);
    envelope_free(&to);
    buf_free(&out);
    return 0;
}

// A recipient of the message who failed with this reply.
static void add(const char *address, const char *options, const char *text)
{
    size_t i = envelope_count(&block.envelope);
    assert_true(envelope_add(&block.envelope, span_of(address), span_of(options)));
    list[i] = (struct bounce_recipient){
        .index = i,
        .fresh = true,
        .outcome = {.verdict = VERDICT_FAILED, .code = 550, .status = {5, 1, 1}}};
    outcome_text(&list[i].outcome, span_of(text));
}

static void report(struct mime *m, const char *original)
{
    struct span text = span_of(original);
    block.octets = text.n;
    buf_clear(&out);
    assert_true(bounce_put(&out, &facts, &block, list, envelope_count(&block.envelope), text));
    mime_read(m, buf_span(&out));
    assert_int_equal(m->n, 3);
}

static void test_failed(void **state)
{
    (void)state;
    struct mime m;
    struct span header, body;
    add("bob@example.net", "", "no such user here");
    add("eve@example.net", "NOTIFY=FAILURE ORCPT=rfc822;e+2Bve@example.org", "neither");
    assert_true(envelope_set_options(&block.envelope, SPAN("RET=HDRS ENVID=id+3D7")));
    report(&m, HEADER BODY);

    mime_is(m.header, "From", "Mail Delivery System <MAILER-DAEMON@client.example>");
    mime_is(m.header, "To", "<alice@client.example>");
    mime_is(m.header, "Subject", "Your message could not be delivered");
    mime_is(m.header, "Date", "Sun, 22 Nov 2026 12:00:00 +0100");
    mime_is(m.header, "Message-ID", "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@client.example>");
    mime_is(m.header, "In-Reply-To", "<1@client.example>");
    mime_is(m.header, "References", "<1@client.example>");
    mime_is(m.header, "Auto-Submitted", "auto-replied");
    mime_is(m.header, "MIME-Version", "1.0");
    assert_true(span_starts_nocase(mime_field(m.header, "Content-Type"),
                                   SPAN("multipart/report; report-type=delivery-status;")));

    mime_split(m.parts[0], &header, &body);
    mime_is(header, "Content-Type", "text/plain; charset=us-ascii");
    mime_has(body, "could not deliver");
    mime_has(body, "<bob@example.net>\n    smtp.example.org[192.0.2.25]:587 said: "
                   "550 5.1.1 no such user here\n");
    mime_has(body, "<eve@example.net>\n");
    mime_has(body, "660DE1B63B3D5C00A2");

    mime_split(m.parts[1], &header, &body);
    mime_is(header, "Content-Type", "message/delivery-status");
    mime_is(header, "Content-Transfer-Encoding", "7bit");
    assert_true(span_equal(body, SPAN("Original-Envelope-Id: id=7\n"
                                      "Reporting-MTA: dns; client.example\n"
                                      "Arrival-Date: Sun, 22 Nov 2026 12:00:00 +0100\n"
                                      "\n"
                                      "Final-Recipient: rfc822; bob@example.net\n"
                                      "Action: failed\n"
                                      "Status: 5.1.1\n"
                                      "Remote-MTA: dns; smtp.example.org\n"
                                      "Diagnostic-Code: smtp; 550 5.1.1 no such user here\n"
                                      "Last-Attempt-Date: Sun, 22 Nov 2026 12:00:00 +0100\n"
                                      "\n"
                                      "Original-Recipient: rfc822; e+ve@example.org\n"
                                      "Final-Recipient: rfc822; eve@example.net\n"
                                      "Action: failed\n"
                                      "Status: 5.1.1\n"
                                      "Remote-MTA: dns; smtp.example.org\n"
                                      "Diagnostic-Code: smtp; 550 5.1.1 neither\n"
                                      "Last-Attempt-Date: Sun, 22 Nov 2026 12:00:00 +0100\n")));

    mime_split(m.parts[2], &header, &body);
    mime_is(header, "Content-Type", "text/rfc822-headers");
    assert_true(span_equal(body, SPAN(HEADER)));
}

static void test_delayed(void **state)
{
    (void)state;
    struct mime m;
    add("bob@example.net", "", "greylisted");
    list[0].outcome = (struct outcome){
        .verdict = VERDICT_DEFERRED, .code = 450, .status = {4, 7, 1}, .text = "greylisted"};
    facts.kind = BOUNCE_DELAYED;
    assert_true(envelope_set_options(&block.envelope, SPAN("RET=FULL")));
    report(&m, HEADER BODY);
    mime_is(m.header, "Subject", "Your message is delayed");
    mime_has(m.parts[0], "goes on trying until Fri, 27 Nov 2026 12:00:00 +0100");
    mime_has(m.parts[1], "Action: delayed\nStatus: 4.7.1\n");
    mime_has(m.parts[1], "Will-Retry-Until: ");
    mime_has(m.parts[2], "text/rfc822-headers"); // RET is about failure
    // A refusal that heals is no failure, whatever its first figure says.
    list[0].outcome.code = 550;
    list[0].outcome.status[0] = 5;
    report(&m, HEADER BODY);
    mime_has(m.parts[1], "Action: delayed\nStatus: 4.7.1\n");
    mime_has(m.parts[1], "Diagnostic-Code: smtp; 550 5.7.1 greylisted\n");
}

// What is returned: the header, or all of it where that was asked for and can be.
// Handed over to somebody who makes no reports.
static void test_relayed(void **state)
{
    (void)state;
    struct mime m;
    add("bob@example.net", "NOTIFY=SUCCESS", "accepted as 1");
    list[0].outcome.verdict = VERDICT_DELIVERED;
    list[0].outcome.code = 250;
    memcpy(list[0].outcome.status, (uint16_t[]){2, 0, 0}, sizeof list[0].outcome.status);
    facts.kind = BOUNCE_RELAYED;
    report(&m, HEADER BODY);
    mime_is(m.header, "Subject", "Your message was handed over");
    mime_has(m.parts[0], "makes no reports");
    mime_has(m.parts[1], "Action: relayed\nStatus: 2.0.0\n");
    mime_has(m.parts[1], "Final-Recipient: rfc822; bob@example.net\n");
    mime_has_not(m.parts[2], "Hello");
    assert_true(bounce_is_wanted(&block.envelope, 0, BOUNCE_RELAYED));
    add("carol@example.net", "NOTIFY=FAILURE,DELAY", "x");
    add("dave@example.net", "", "x");
    assert_false(bounce_is_wanted(&block.envelope, 1, BOUNCE_RELAYED));
    assert_false(bounce_is_wanted(&block.envelope, 2, BOUNCE_RELAYED));
}

static void test_returned(void **state)
{
    (void)state;
    static char large[BOUNCE_RETURN_MAX + 2], overlong[2000];
    memset(large, 'x', sizeof large - 1);
    memcpy(large, HEADER "\n", sizeof HEADER);
    for (size_t i = sizeof HEADER + 60; i < sizeof large - 1; i += 60)
        large[i] = '\n';
    snprintf(overlong, sizeof overlong, "%s\n%0999d\n", HEADER, 0);
    static const struct {
        const char *options, *original;
        bool whole;
    } table[] = {
        {"", HEADER BODY, false},
        {"RET=HDRS", HEADER BODY, false},
        {"RET=FULL", HEADER BODY, true},
        {"ret=full", HEADER BODY, true},
        {"RET=FULL", HEADER, true},
        {"RET=FULL", HEADER "\na lone \r in it\n", false},
        {"RET=FULL", HEADER "\nj\xc3\xbcrgen\n", true},
        {"RET=FULL", overlong, false},
        {"RET=FULL", large, false},
    };
    add("bob@example.net", "", "no");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mime m;
        struct span header, body, all = span_of(table[i].original);
        assert_true(envelope_set_options(&block.envelope, span_of(table[i].options)));
        block.octets = all.n;
        size_t wants = bounce_wants(&block);
        assert_true(wants <= BOUNCE_RETURN_MAX && wants <= all.n);
        buf_clear(&out);
        assert_true(bounce_put(&out, &facts, &block, list, 1, (struct span){all.p, wants}));
        mime_read(&m, buf_span(&out));
        mime_split(m.parts[2], &header, &body);
        mime_is(header, "Content-Type",
                table[i].whole ? "message/rfc822" : "text/rfc822-headers");
        if (!span_equal(body, table[i].whole ? all : SPAN(HEADER)))
            fail_msg("row %zu: '%.*s'", i, SPAN_ARGS(body));
    }
}

// The header of a message may be anything at all.
static void test_strange_headers(void **state)
{
    (void)state;
    static char overlong[5000];
    snprintf(overlong, sizeof overlong, "A: b\nSubject: %03000d\nC: d\n\n", 0);
    static const struct {
        const char *original, *returned;
    } table[] = {
        {"", ""},
        {"\n", ""},
        {"\nbody\n", ""},
        {"A: b", ""}, // ends within the line
        {"A: b\nC: d", "A: b\n"},
        {"A: b\r\nC: d\n", "A: b?\nC: d\n"},
        {"no field\n\n", "no field\n"},
        {"Message-ID: <a\n b>\n\n", "Message-ID: <a\n b>\n"},
        {"Message-ID: evil\nX: y\n\n", "Message-ID: evil\nX: y\n"},
        {"Message-ID: <>\n\n", "Message-ID: <>\n"},
    };
    struct mime m;
    struct span header, body;
    add("bob@example.net", "", "no");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        report(&m, table[i].original);
        mime_split(m.parts[2], &header, &body);
        if (!span_equal(body, span_of(table[i].returned)))
            fail_msg("row %zu: '%.*s'", i, SPAN_ARGS(body));
        assert_false(mime_has_field(m.header, "References"));
        assert_false(mime_has_field(m.header, "In-Reply-To"));
    }
    report(&m, overlong);
    mime_has(m.parts[2], "\nC: d\n");
    static const char nul[] = "A: \0b\n\n";
    buf_clear(&out);
    block.octets = sizeof nul - 1;
    assert_true(bounce_put(&out, &facts, &block, list, 1, (struct span){nul, sizeof nul - 1}));
    mime_read(&m, buf_span(&out));
    mime_has(m.parts[2], "A: ?b\n");
}

// Nothing of what came from outside makes a line, a part or a field of its own.
static void test_hostile(void **state)
{
    (void)state;
    struct mime m;
    add("bob@example.net", "ORCPT=rfc822;a+0Ab NOTIFY=FAILURE", "no");
    assert_true(envelope_set_options(&block.envelope, SPAN("ENVID=x+0AAction:+20none")));
    // As the spool's owner might have written it, past all that cleans.
    snprintf(list[0].outcome.text, sizeof list[0].outcome.text,
             "a\nStatus: 2.0.0\n--=_\x1b[31m\xff\xe2\x80\xae");
    facts.relay = SPAN("evil\nAction: delivered[1]:25");
    report(&m, HEADER BODY);
    mime_has_not(m.parts[1], "\nStatus: 2");
    mime_has_not(m.parts[1], "\nAction: none");
    mime_has_not(m.parts[1], "\nAction: delivered");
    mime_has_not(buf_span(&out), "\x1b");
    mime_has_not(buf_span(&out), "\xe2\x80\xae");
    mime_has(m.parts[1], "Original-Envelope-Id: x Action: none\n");
    mime_has(m.parts[1], "Original-Recipient: rfc822; a b\n");
}

static void test_bad_parameters(void **state)
{
    (void)state;
    static const char *const table[] = {"ORCPT=rfc822", "ORCPT=;a@b", "ORCPT=rfc822;a+zz"};
    struct mime m;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char address[32];
        snprintf(address, sizeof address, "r%zu@example.net", i);
        add(address, table[i], "no");
    }
    assert_true(envelope_set_options(&block.envelope, SPAN("ENVID=+zz")));
    report(&m, HEADER BODY);
    mime_has_not(m.parts[1], "Original-");
    assert_int_equal(mime_count(m.parts[1], "Final-Recipient: "), 3);
}

// RFC 6533: addresses beyond ASCII; and the smarthost's words, which that part can not hold.
static void test_utf8(void **state)
{
    (void)state;
    struct mime m;
    struct span header, body;
    add("j\xc3\xbcrgen+a@ex\xf0\x9f\x90\x84.net", "", "d\xc3\xa9j\xc3\xa0 vu");
    report(&m, HEADER BODY);
    mime_split(m.parts[0], &header, &body);
    mime_is(header, "Content-Type", "text/plain; charset=utf-8");
    mime_is(header, "Content-Transfer-Encoding", "8bit");
    mime_has(body, "<j\xc3\xbcrgen+a@ex\xf0\x9f\x90\x84.net>");
    mime_has(body, "d\xc3\xa9j\xc3\xa0 vu");
    mime_split(m.parts[1], &header, &body);
    mime_is(header, "Content-Transfer-Encoding", "7bit");
    mime_has(body, "Final-Recipient: utf-8; j\\x{FC}rgen\\x{2B}a@ex\\x{1F404}.net\n");
    mime_has(body, "Diagnostic-Code: smtp; 550 5.1.1 d??j?? vu\n");
    mime_split(m.parts[2], &header, &body);
    mime_is(header, "Content-Transfer-Encoding", "7bit");
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        struct outcome o;
        bool fresh;
        const char *relay, *said, *status;
    } table[] = {
        {{.code = 550, .status = {5, 1, 1}, .text = "no"},
         true,
         "h[::1]:25",
         "    h[::1]:25 said: 550 5.1.1 no\n",
         "Status: 5.1.1\nRemote-MTA: dns; h\nDiagnostic-Code: smtp; 550 5.1.1 no\n"},
        {{.code = 550, .status = {5, 1, 1}, .text = "no"},
         true,
         "127.0.0.1[127.0.0.1]:25",
         "said: 550 5.1.1 no\n",
         "Status: 5.1.1\nRemote-MTA: dns; [127.0.0.1]\nDiagnostic-Code: smtp; 550 5.1.1 no\n"},
        {{.code = 550, .status = {5, 1, 1}, .text = "no"},
         true,
         "",
         "    the smarthost said: 550 5.1.1 no\n",
         "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n"},
        {{.code = 550, .status = {5, 1, 1}, .text = "no"},
         false,
         "h[::1]:25",
         "    the smarthost said: 550 5.1.1 no\n",
         "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n"},
        // Found by ourselves.
        {{.status = {5, 3, 4}, .text = "too large"},
         true,
         "h[::1]:25",
         "    too large\n",
         "Status: 5.3.4\nDiagnostic-Code: x-sendoff; too large\n"},
        {{.text = ""}, true, "h[::1]:25", "    nothing more is known\n", "Status: 5.0.0\n"},
        // Given up; the last word was a 4.
        {{.code = 450, .status = {4, 7, 1}, .text = "later (expired)"},
         true,
         "",
         "said: 450 4.7.1 later (expired)\n",
         "Status: 4.7.1\nDiagnostic-Code: smtp; 450 4.7.1 later (expired)\n"},
        {{.code = 250, .status = {2, 0, 0}, .text = "ok"},
         true,
         "",
         "said: 250",
         "Status: 5.0.0\n"},
    };
    struct mime m;
    add("bob@example.net", "", "");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        list[0].outcome = table[i].o;
        list[0].fresh = table[i].fresh;
        facts.relay = span_of(table[i].relay);
        report(&m, HEADER BODY);
        mime_has(m.parts[0], table[i].said);
        mime_has(m.parts[1], table[i].status);
        assert_int_equal(mime_count(m.parts[1], "Last-Attempt-Date"), table[i].fresh);
    }
}

// Somebody knows what our chance will be.
static void test_boundary(void **state)
{
    (void)state;
    struct mime m;
    char original[1000], first[128];
    struct span header, body;
    add("bob@example.net", "", "no");
    report(&m, HEADER BODY);
    snprintf(first, sizeof first, "%s", m.boundary);
    snprintf(original, sizeof original, "%s\n--%s\n\n--%s_1--\n", HEADER, first, first);
    assert_true(envelope_set_options(&block.envelope, SPAN("RET=FULL")));
    report(&m, original);
    assert_string_not_equal(m.boundary, first);
    mime_split(m.parts[2], &header, &body);
    assert_true(span_equal(body, span_of(original)));
}

static void test_no_domain(void **state)
{
    (void)state;
    struct mime m;
    add("bob@example.net", "", "no");
    facts.domain = SPAN("");
    report(&m, HEADER BODY);
    mime_is(m.header, "From", "Mail Delivery System <MAILER-DAEMON>");
    mime_has(m.parts[1], "Reporting-MTA: dns; localhost\n");
}

static void test_many_addressees(void **state)
{
    (void)state;
    struct mime m;
    static char large[ENVELOPE_ADDRESS_MAX + 1];
    add("bob@example.net", "", "no");
    for (size_t i = 0; i < 100; i++) {
        char address[32];
        snprintf(address, sizeof address, "a%zu@example.org", i);
        assert_true(envelope_add(&to, span_of(address), SPAN("")));
    }
    report(&m, HEADER BODY);
    assert_int_equal(mime_count(mime_field(m.header, "To"), "@"), 20);
    envelope_free(&to);
    envelope_init(&to);
    memset(large, 'a', ENVELOPE_ADDRESS_MAX);
    memcpy(large + ENVELOPE_ADDRESS_MAX - 10, "@a.example", 10);
    assert_true(envelope_add(&to, span_of(large), SPAN("")));
    report(&m, HEADER BODY);
    mime_is(m.header, "To", "undisclosed-recipients:;");
}

// Bounded, however many they are; the number of those left out is told.
static void test_many_recipients(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct mime m;
    struct bounce_recipient *many = calloc(MANY, sizeof *many);
    char address[64], more[64];
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(address, sizeof address, "recipient-number-%zu@example.net", i);
        assert_true(envelope_add(&block.envelope, span_of(address), SPAN("")));
        many[i] = (struct bounce_recipient){
            .index = i, .outcome = {.code = 550, .status = {5, 1, 1}, .text = "no such user"}};
    }
    block.octets = sizeof HEADER - 1;
    assert_true(bounce_put(&out, &facts, &block, many, MANY, SPAN(HEADER)));
    assert_true(out.n < BOUNCE_MAX);
    mime_read(&m, buf_span(&out));
    size_t told = mime_count(m.parts[0], "<recipient-number-");
    assert_in_range(told, 1000, MANY - 1);
    snprintf(more, sizeof more, "and %zu more recipients.\n", (size_t)MANY - told);
    mime_has(m.parts[0], more);
    free(many);
}

static void test_no_room(void **state)
{
    (void)state;
    add("bob@example.net", "", "no");
    block.octets = sizeof HEADER - 1;
    assert_true(bounce_put(&out, &facts, &block, list, 1, SPAN(HEADER)));
    for (size_t max = 0; max < out.n; max += 37) {
        struct buf small = BUF_INIT(max);
        assert_false(bounce_put(&small, &facts, &block, list, 1, SPAN(HEADER)));
        buf_free(&small);
    }
    struct buf just = BUF_INIT(out.n);
    assert_true(bounce_put(&just, &facts, &block, list, 1, SPAN(HEADER)));
    buf_free(&just);
}

static void test_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        bool failed, delayed;
    } table[] = {
        {"", true, true},
        {"ORCPT=rfc822;a@b", true, true},
        {"NOTIFY=NEVER", false, false},
        {"notify=never", false, false},
        {"NOTIFY=SUCCESS", false, false},
        {"NOTIFY=FAILURE", true, false},
        {"NOTIFY=DELAY", false, true},
        {"NOTIFY=FAILURE,DELAY", true, true},
        {"NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b", true, false},
        {"ORCPT=rfc822;a@b NOTIFY=success,delay", false, true},
        {"NOTIFY=", false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char address[32];
        snprintf(address, sizeof address, "r%zu@example.net", i);
        assert_true(envelope_add(&block.envelope, span_of(address), span_of(table[i].options)));
        if (bounce_is_wanted(&block.envelope, i, BOUNCE_FAILED) != table[i].failed ||
            bounce_is_wanted(&block.envelope, i, BOUNCE_DELAYED) != table[i].delayed)
            fail_msg("'%s'", table[i].options);
    }
}

static void test_recall(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        uint16_t code, detail[3];
        const char *text;
    } table[] = {
        {"550 5.1.1 no such user", 550, {5, 1, 1}, "no such user"},
        {"550 5.1.1 no such user", 550, {5, 1, 2}, ""},
        {"450 4.7.1 another's", 550, {5, 1, 1}, ""},
        {"550 5.1.1", 550, {5, 1, 1}, ""},
        {"", 550, {5, 1, 1}, ""},
        {"too large", 0, {5, 3, 4}, "too large"},
        {"", 0, {0, 0, 0}, ""},
    };
    add("bob@example.net", "", "");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bounce_recipient r = {.fresh = true};
        struct recipient *known = envelope_recipient(&block.envelope, 0);
        snprintf(block.reply, sizeof block.reply, "%s", table[i].reply);
        known->code = table[i].code;
        memcpy(known->detail, table[i].detail, sizeof known->detail);
        bounce_recall(&block, &r);
        assert_false(r.fresh);
        assert_int_equal(r.outcome.code, table[i].code);
        assert_memory_equal(r.outcome.status, table[i].detail, sizeof r.outcome.status);
        assert_string_equal(r.outcome.text, table[i].text);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failed),          TEST(test_delayed),
        TEST(test_relayed),         TEST(test_returned),
        TEST(test_strange_headers), TEST(test_hostile),
        TEST(test_bad_parameters),  TEST(test_utf8),
        TEST(test_words),           TEST(test_boundary),
        TEST(test_no_domain),       TEST(test_many_addressees),
        TEST(test_many_recipients), TEST(test_no_room),
        TEST(test_wanted),          TEST(test_recall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
