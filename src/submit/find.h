// SPDX-License-Identifier: ISC
// For `sendoff setup`: which submission servers DNS names for a domain (RFC 6186, RFC 8314),
// and who takes its mail in, by which a large provider is known.
#ifndef SUBMIT_FIND_H
#define SUBMIT_FIND_H

// Prints a line for each, "HOST PORT starttls|implicit within|outside", in the order in which
// to try them; `within` says that the host is of the domain itself. Then a line "mx HOST" for
// each that takes its mail in. DNS is not proven: whoever takes one from outside has to be
// asked. A status of sysexits(3): EX_NOHOST where DNS knows none of either, or does not answer.
int find(const char *domain) __attribute__((nonnull));

#endif
