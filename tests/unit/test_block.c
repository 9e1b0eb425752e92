// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "message/block.h"

static void fill(struct block *b)
{
    block_init(b);
    b->octets = 4096;
    b->lines = 80;
    b->longest = 78;
    b->eightbit = true;
    b->attempts = 7;
    b->doubts = 1;
    b->arrival = 1763818650123456;
    b->uid = 33;
    strcpy(b->account, "work");
    strcpy(b->reply, "451 4.3.0 try again later");
    assert_true(envelope_set_sender(&b->envelope, SPAN("root@example.org")));
    assert_true(envelope_set_options(&b->envelope, SPAN("RET=HDRS ENVID=a+2Bb")));
    assert_true(envelope_add(&b->envelope, SPAN("ops@example.com"), SPAN("NOTIFY=NEVER")));
    assert_true(envelope_add(&b->envelope, SPAN("\"a > b <c\"@example.com"), SPAN("")));
    assert_true(envelope_add(&b->envelope, SPAN("root"), SPAN("")));
}

static struct buf encoded(void)
{
    struct buf out = BUF_INIT(BLOCK_MAX);
    struct block b;
    fill(&b);
    assert_true(block_encode(&out, &b));
    assert_int_equal(out.n, b.size);
    block_free(&b);
    return out;
}

static void assert_same(const struct block *b)
{
    assert_int_equal(b->octets, 4096);
    assert_int_equal(b->lines, 80);
    assert_int_equal(b->longest, 78);
    assert_true(b->eightbit);
    assert_false(b->nul);
    assert_int_equal(b->attempts, 7);
    assert_int_equal(b->doubts, 1);
    assert_int_equal(b->arrival, 1763818650123456);
    assert_int_equal(b->uid, 33);
    assert_string_equal(b->account, "work");
    assert_string_equal(b->reply, "451 4.3.0 try again later");
    assert_string_equal(envelope_sender(&b->envelope), "root@example.org");
    assert_string_equal(envelope_options(&b->envelope), "RET=HDRS ENVID=a+2Bb");
    assert_int_equal(envelope_count(&b->envelope), 3);
    assert_string_equal(envelope_address(&b->envelope, 0), "ops@example.com");
    assert_string_equal(envelope_recipient_options(&b->envelope, 0), "NOTIFY=NEVER");
    assert_string_equal(envelope_address(&b->envelope, 1), "\"a > b <c\"@example.com");
    assert_string_equal(envelope_recipient_options(&b->envelope, 1), "");
    assert_string_equal(envelope_address(&b->envelope, 2), "root");
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf out = encoded();
    struct block b;
    block_init(&b);
    buf_puts(&out, "Subject: the message\n\nSendoff-Spool: 1 forged\n");
    assert_int_equal(block_decode(&b, buf_span(&out)), BLOCK_DONE);
    assert_same(&b);
    block_free(&b);
    buf_free(&out);
}

static void test_every_cut_wants_more(void **state)
{
    (void)state;
    struct buf out = encoded();
    for (size_t n = 0; n < out.n; n++) {
        struct block b;
        block_init(&b);
        assert_int_equal(block_decode(&b, (struct span){out.p, n}), BLOCK_MORE);
        assert_true(b.size == 0 || b.size == out.n);
        block_free(&b);
    }
    buf_free(&out);
}

static void patch(struct buf *file, const struct block_patch *p)
{
    assert_true(p->at + p->n <= file->n);
    memcpy(file->p + p->at, p->text, p->n);
}

// Of a status byte that is none the recipient waits: a second copy is better than none.
static void test_status_bytes(void **state)
{
    (void)state;
    static const struct {
        char c;
        enum recipient_status status;
    } table[] = {
        {'W', RECIPIENT_WAITING},  {'D', RECIPIENT_DELIVERED},  {'F', RECIPIENT_FAILED},
        {'R', RECIPIENT_REPORTED}, {'r', RECIPIENT_WAITING},    {' ', RECIPIENT_WAITING},
        {'\0', RECIPIENT_WAITING}, {'\xff', RECIPIENT_WAITING},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf file = encoded();
        struct block b;
        block_init(&b);
        assert_int_equal(block_decode(&b, buf_span(&file)), BLOCK_DONE);
        file.p[envelope_recipient(&b.envelope, 0)->at] = table[i].c;
        block_free(&b);
        block_init(&b);
        assert_int_equal(block_decode(&b, buf_span(&file)), BLOCK_DONE);
        assert_int_equal(envelope_recipient(&b.envelope, 0)->status, table[i].status);
        block_free(&b);
        buf_free(&file);
    }
}

static void test_patches_change_what_they_name(void **state)
{
    (void)state;
    struct buf file = encoded();
    struct block b, again;
    struct block_patch p;
    size_t before = file.n;
    block_init(&b);
    assert_int_equal(block_decode(&b, buf_span(&file)), BLOCK_DONE);
    b.octets = 12345678901;
    b.nul = true;
    block_patch_figures(&b, &p);
    patch(&file, &p);
    b.attempts = 99999;
    b.doubts = 9;
    b.warned = true;
    strcpy(b.account, "12345678901234567890123456789012");
    memset(b.reply, 'x', OUTCOME_TEXT_MAX);
    block_patch_state(&b, &p);
    patch(&file, &p);
    struct recipient *r = envelope_recipient(&b.envelope, 1);
    *r = (struct recipient){r->address, r->options, RECIPIENT_FAILED, r->at, 550, {5, 1, 1}};
    block_patch_recipient(r, &p);
    patch(&file, &p);

    block_init(&again);
    assert_int_equal(file.n, before);
    assert_int_equal(block_decode(&again, buf_span(&file)), BLOCK_DONE);
    assert_int_equal(again.octets, 12345678901);
    assert_true(again.nul);
    assert_int_equal(again.attempts, 99999);
    assert_int_equal(again.doubts, 9);
    assert_true(again.warned);
    assert_string_equal(again.account, b.account);
    assert_string_equal(again.reply, b.reply);
    r = envelope_recipient(&again.envelope, 1);
    assert_int_equal(r->status, RECIPIENT_FAILED);
    assert_int_equal(r->code, 550);
    assert_int_equal(r->detail[0] * 100 + r->detail[1] * 10 + r->detail[2], 511);
    assert_int_equal(envelope_recipient(&again.envelope, 0)->status, RECIPIENT_WAITING);
    assert_int_equal(envelope_waiting(&again.envelope), 2);
    assert_string_equal(envelope_address(&again.envelope, 1), "\"a > b <c\"@example.com");
    block_free(&b);
    block_free(&again);
    buf_free(&file);
}

// What is advisory may be torn; the message stays readable.
static void test_torn_state_counts_as_empty(void **state)
{
    (void)state;
    struct buf file = encoded();
    struct block b, again;
    struct block_patch p;
    block_init(&b);
    block_init(&again);
    assert_int_equal(block_decode(&b, buf_span(&file)), BLOCK_DONE);
    block_patch_state(&b, &p);
    memset(file.p + p.at, '\0', p.n);
    const struct recipient *r = envelope_recipient(&b.envelope, 0);
    memset(file.p + r->at, '\0', 15);
    assert_int_equal(block_decode(&again, buf_span(&file)), BLOCK_DONE);
    assert_int_equal(again.attempts, 0);
    assert_string_equal(again.reply, "");
    r = envelope_recipient(&again.envelope, 0);
    assert_int_equal(r->status, RECIPIENT_WAITING);
    assert_int_equal(r->code, 0);
    block_free(&b);
    block_free(&again);
    buf_free(&file);
}

static enum block_answer answer_to(const char *text)
{
    struct block b;
    block_init(&b);
    enum block_answer answer = block_decode(&b, span_of(text));
    block_free(&b);
    return answer;
}

static void test_what_is_no_block(void **state)
{
    (void)state;
    assert_int_equal(answer_to("From: x@example.org\nSubject: a mail\n\n"), BLOCK_BAD);
    assert_int_equal(answer_to("Sendoff-Spool: 2 whatever comes later\n"), BLOCK_FOREIGN);
    assert_int_equal(answer_to("Sendoff-Spool: x block=1\n"), BLOCK_BAD);
    assert_int_equal(answer_to("Sendoff-Spool: 1 block=1 octets=2 lines=3 longest=4\n"),
                     BLOCK_BAD);
    assert_int_equal(
        answer_to("Sendoff-Spool: 1 block=99999999999 octets=2 lines=3 longest=4 content=--\n"),
        BLOCK_BAD);
    assert_int_equal(
        answer_to("Sendoff-Spool: 1 block=10 octets=2 lines=3 longest=4 content=--\n"),
        BLOCK_BAD); // shorter than its own first line
    assert_int_equal(answer_to(""), BLOCK_MORE);
    assert_int_equal(answer_to("Sendoff"), BLOCK_MORE);
    assert_int_equal(answer_to("Sendoff-S:"), BLOCK_BAD);
}

// The answer to a block that has `first` and then `rest` behind the lines of fixed width.
static enum block_answer answer_to_lines(const char *first, const char *rest)
{
    struct buf text = BUF_INIT(4096);
    char size[11];
    buf_puts(&text, first);
    buf_printf(&text, "%s%-32s\n%s%-200s\n",
               "Sendoff-State: attempts=00000 doubts=0 warned=0 account=", "work",
               "Sendoff-Reply: ", "");
    buf_puts(&text, rest);
    snprintf(size, sizeof size, "%010zu", text.n);
    memcpy(strstr(text.p, "block=") + 6, size, 10);
    enum block_answer answer = answer_to(text.p);
    buf_free(&text);
    return answer;
}

#define ZEROS "00000000000000000000"
#define FIRST                                                                           \
    "Sendoff-Spool: 1 block=0000000000 octets=" ZEROS " lines=" ZEROS " longest=" ZEROS \
    " content=--\n"
#define ARRIVAL "Sendoff-Arrival: 1.000001 uid=0\n"
#define SENDER  "Sendoff-Sender: <>\n"
#define TO      "Sendoff-Recipient: W 000 0.000.000 <a@example.org>\n"

static enum block_answer answer_to_block(const char *rest)
{
    return answer_to_lines(FIRST, rest);
}

// What changes in place is written by its place, so it is believed in no other.
static void test_lines_of_other_widths(void **state)
{
    (void)state;
    static const char good[] = ARRIVAL SENDER TO;
    assert_int_equal(answer_to_lines(FIRST, good), BLOCK_DONE);
    assert_int_equal(
        answer_to_lines(
            "Sendoff-Spool: 1 block=0000000000 octets=2 lines=3 longest=4 content=--\n", good),
        BLOCK_BAD);
    assert_int_equal(answer_to_lines("Sendoff-Spool:  1 block=0000000000 octets=" ZEROS
                                     " lines=" ZEROS " longest=" ZEROS " content=--\n",
                                     good),
                     BLOCK_BAD);
    assert_int_equal(
        answer_to_lines(FIRST, "Sendoff-State: attempts=00009\n" ARRIVAL SENDER TO),
        BLOCK_DONE);
}

static void test_needed_fields(void **state)
{
    (void)state;
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: <>\n" TO), BLOCK_DONE);
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: <>\nSendoff-Later: x\n" TO),
                     BLOCK_DONE);
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: <>\n"), BLOCK_BAD);
    assert_int_equal(answer_to_block(ARRIVAL TO), BLOCK_BAD);
    assert_int_equal(answer_to_block("Sendoff-Sender: <>\n" TO), BLOCK_BAD);
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: <>\n" TO TO), BLOCK_BAD);
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: <\r>\n" TO), BLOCK_BAD);
    assert_int_equal(answer_to_block(ARRIVAL "Sendoff-Sender: x\n" TO), BLOCK_BAD);
    assert_int_equal(
        answer_to_block(ARRIVAL "Sendoff-Sender: <>\nSendoff-Recipient: W 000 <a@b>\n"),
        BLOCK_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_cut_wants_more),
        cmocka_unit_test(test_status_bytes),
        cmocka_unit_test(test_patches_change_what_they_name),
        cmocka_unit_test(test_torn_state_counts_as_empty),
        cmocka_unit_test(test_what_is_no_block),
        cmocka_unit_test(test_lines_of_other_widths),
        cmocka_unit_test(test_needed_fields),
    };
    return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
