// SPDX-License-Identifier: ISC
// links: message
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <strings.h>

#include "message/bounce/digest.h"
#include "unit/mime.h"

static struct digest digest;
static struct envelope to;
static struct bounce_facts facts;
static struct buf out;

static int setup(void **state)
{
    (void)state;
    digest_init(&digest);
    envelope_init(&to);
    out = (struct buf)BUF_INIT(BOUNCE_MAX);
    facts = (struct bounce_facts){.to = &to,
                                  .domain = SPAN("client.example"),
                                  .now = {.local = {.tm_year = 126, .tm_mday = 1}}};
    return !envelope_add(&to, SPAN("alice@client.example"), SPAN(""));
}

static int teardown(void **state)
{
    (void)state;
    digest_free(&digest);
    envelope_free(&to);
    buf_free(&out);
    return 0;
}

// Adds a message to n recipients, who failed but for the second; of those the third wants no
// report.
static bool add(const char *sender, size_t n)
{
    struct block b;
    static const struct bounce_date date = {.local = {.tm_year = 126, .tm_mday = 2}};
    block_init(&b);
    assert_true(envelope_set_sender(&b.envelope, span_of(sender)));
    snprintf(b.reply, sizeof b.reply, "550 5.1.1 no such user");
    for (size_t i = 0; i < n; i++) {
        char address[64];
        snprintf(address, sizeof address, "r%zu@example.net", i);
        assert_true(
            envelope_add(&b.envelope, span_of(address), span_of(i == 2 ? "NOTIFY=NEVER" : "")));
        struct recipient *r = envelope_recipient(&b.envelope, i);
        r->status = i == 1 ? RECIPIENT_REPORTED : RECIPIENT_FAILED;
        r->code = i == 3 ? 552 : 550;
        r->detail[0] = 5;
        r->detail[1] = r->detail[2] = 1;
    }
    bool added = digest_add(&digest, SPAN("660DE1B63B3D5C00A2"), &date, &b);
    block_free(&b);
    return added;
}

static void write_it(struct span *header, struct span *body)
{
    buf_clear(&out);
    assert_true(digest_put(&out, &digest, &facts));
    mime_check(buf_span(&out));
    mime_split(buf_span(&out), header, body);
}

static void test_digest(void **state)
{
    (void)state;
    struct span header, body;
    assert_true(add("alice@client.example", 4));
    assert_true(add("bob@client.example", 1));
    write_it(&header, &body);
    mime_is(header, "Subject", "2 messages could not be delivered");
    mime_is(header, "From", "Mail Delivery System <MAILER-DAEMON@client.example>");
    mime_is(header, "To", "<alice@client.example>");
    mime_is(header, "Auto-Submitted", "auto-generated");
    mime_is(header, "Content-Type", "text/plain; charset=us-ascii");
    mime_has(body, "660DE1B63B3D5C00A2, from <alice@client.example>, arrived "
                   "Sun, 02 Jan 2026 00:00:00 +0000:\n"
                   "    <r0@example.net>\n"
                   "        550 5.1.1 no such user\n"
                   "    <r3@example.net>\n"
                   "        552 5.1.1\n"
                   "\n"
                   "660DE1B63B3D5C00A2, from <bob@client.example>");
    mime_has_not(body, "<r1@");
    mime_has_not(body, "<r2@");
}

static void test_eightbit(void **state)
{
    (void)state;
    struct span header, body;
    assert_true(add("j\xc3\xbcrgen@client.example", 1));
    write_it(&header, &body);
    mime_is(header, "Subject", "1 message could not be delivered");
    mime_is(header, "Content-Type", "text/plain; charset=utf-8");
}

// It takes as many as it has room for, and tells of each it took.
static void test_full(void **state)
{
    (void)state;
    struct span header, body;
    size_t taken = 0;
    while (add("alice@client.example", 2))
        taken++;
    assert_in_range(taken, 1000, 100000);
    assert_int_equal(digest.messages, taken);
    write_it(&header, &body);
    assert_int_equal(mime_count(body, "from <alice@"), taken);
    assert_int_equal(mime_count(body, "<r0@"), taken);
}

// One message of very many recipients leaves room for none of others, and still fits.
static void test_many_recipients(void **state)
{
    (void)state;
    struct span header, body;
    char more[64];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(add("alice@client.example", 30000), i < 2);
    write_it(&header, &body);
    size_t told = mime_count(body, "@example.net>");
    assert_int_equal(told % 2, 0);
    snprintf(more, sizeof more, "and %zu more recipients\n", 30000 - 2 - told / 2);
    assert_int_equal(mime_count(body, more), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_digest),
        TEST(test_eightbit),
        TEST(test_full),
        TEST(test_many_recipients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
