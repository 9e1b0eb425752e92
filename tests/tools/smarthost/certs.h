// SPDX-License-Identifier: ISC
// Certificates made on the spot, good ones and bad ones, so that tests and the demo need
// neither files in the repository nor the openssl command.
#ifndef TOOLS_CERTS_H
#define TOOLS_CERTS_H

#include <stdbool.h>

#include "base/buf.h"

// Writes into the directory, which exists:
//   ca.pem and cadir/HASH.0    the authority that signed all of these but the last two
//   good        for localhost, 127.0.0.1 and ::1
//   wrong-name  for elsewhere.example
//   expired     good until yesterday
//   future      good from tomorrow on
//   client      for clients only (extended key usage)
//   client-soon likewise, good for 15 days
//   soon        as good, for 10 days
//   user        for clients only, of somebody called "user"
//   self-signed by nobody but itself, for localhost
//   unknown     for localhost, by another authority of the same name
// each as NAME.pem and NAME.key. False, and the reason in *why, on failure.
bool certs_make(const char *directory, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
