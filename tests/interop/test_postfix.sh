# SPDX-License-Identifier: ISC
# The set of mails through a real Postfix.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2119
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/postfix.sh"
. "$(dirname "${BASH_SOURCE[0]}")/mails.sh"

begin()
{
    start_postfix
    BOXES="$MTA_DIR/mail/box/new" COPIES=each
}

test_set()
{
    begin
    take_the_set
    expect_report '^Original-Envelope-I[dD]: *id42'
    expect_log 'TLSv1.3'
    expect_equal connections "$(count_log ' disconnect from .* auth=1 ')" 1
}

test_implicit()
{
    MODE=implicit begin
    MODE=implicit take_one
    arrives 1
}

test_refused_beside_accepted()
{
    begin
    refuse_some later@example.net
}

test_international()
{
    begin
    take_international
}
