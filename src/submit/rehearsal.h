// SPDX-License-Identifier: ISC
// For `sendoff check`: whether the smarthost would take mail from this sender to that
// recipient. It is asked by MAIL and RCPT and taken back by RSET, so that nothing is sent. Some
// smarthosts judge the sender after DATA only: what passes here may be refused there.
#ifndef SUBMIT_REHEARSAL_H
#define SUBMIT_REHEARSAL_H

#include <stdbool.h>

#include "message/envelope.h"
#include "smtp/smtp.h"
#include "submit/observer.h"

struct rehearsal {
    struct envelope envelope;
    bool wanted; // there is a sender and a recipient to ask for
    bool begun;
    unsigned without;       // smtp_message.without
    bool refused;           // one of the two was
    struct outcome refusal; // why
};

// Of these mailboxes; nothing is asked where one of them is "" or no envelope holds it. The
// caller ends it with rehearsal_free.
void rehearsal_init(struct rehearsal *r, const char *from, const char *to)
    __attribute__((nonnull));
void rehearsal_free(struct rehearsal *r) __attribute__((nonnull));

// When the engine wants mail: begins the transaction, or makes it again where the server
// refused how it was made. False where that is done or not wanted.
bool rehearsal_begin(struct rehearsal *r, struct smtp *smtp) __attribute__((nonnull));
// SMTP_ON_RECIPIENT and SMTP_ON_MESSAGE. What was taken is told; of what was not the observer
// knows the step, and `refusal` the rest.
void rehearsal_event(struct rehearsal *r, const struct smtp_event *event,
                     struct observer *observer) __attribute__((nonnull));

#endif
