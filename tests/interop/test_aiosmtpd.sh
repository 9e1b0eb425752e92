# SPDX-License-Identifier: ISC
# The set of mails through aiosmtpd, a server in Python.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2119
. "$(dirname "${BASH_SOURCE[0]}")/aiosmtpd.sh"

test_set()
{
    start_aiosmtpd
    take_the_set
    expect_report '^Original-Envelope-Id: id42'
    expect_log '^auth PLAIN ok'
    # One for the mails, and one for the report that is made here.
    expect_equal logins "$(count_log '^auth ')" 2
}

test_implicit()
{
    MODE=implicit start_aiosmtpd
    MODE=implicit take_one
    arrives 1
}

test_mechanisms()
{
    local name
    start_aiosmtpd
    for name in PLAIN LOGIN; do
        take_one auth=$name
        expect_log "^auth $name ok"
    done
    arrives 2
}

test_wrong_password()
{
    start_aiosmtpd
    refuse_password
}

test_refused_beside_accepted()
{
    start_aiosmtpd
    refuse_some later@example.net
}

test_international()
{
    start_aiosmtpd
    take_international
}
