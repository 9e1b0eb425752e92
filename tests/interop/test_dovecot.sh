# SPDX-License-Identifier: ISC
# The set of mails through a real Dovecot's submission service, which passes mail on to our own smarthost.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2119
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/dovecot.sh"
. "$(dirname "${BASH_SOURCE[0]}")/mails.sh"

begin()
{
    start_dovecot
    BOXES="$DIR/mail" COPIES=one
}

# What it offers beside its own it does not ask of the server behind it in time.
test_set()
{
    DOVECOT_MORE='submission_backend_capabilities = 8BITMIME DSN' begin
    take_the_set
    expect_in arrived.top/dsn '^MAIL.* ENVID=id42'
    expect_in arrived.top/dsn '^RCPT.* NOTIFY=SUCCESS'
    expect_dovecot 'Login: user=<user>, method=SCRAM-SHA-256.*TLS'
    expect_equal logins "$(grep -c 'Login: user=<user>' "$DIR/dovecot.log")" 1
}

test_implicit()
{
    MODE=implicit begin
    MODE=implicit take_one
    arrives 1
    expect_dovecot 'Login: user=<user>, method=SCRAM-SHA-256.*TLS'
}

test_wrong_password()
{
    begin
    refuse_password
}

test_international()
{
    begin
    refuse_international
}
