# SPDX-License-Identifier: ISC
# The set of mails through a real OpenSMTPD.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2119
. "$(dirname "${BASH_SOURCE[0]}")/opensmtpd.sh"

test_set()
{
    start_opensmtpd
    take_the_set
    expect_report
    expect_log 'smtp authentication user=user result=ok'
    expect_not_in log 'bad-input|failed-command'
    expect_log 'smtp tls ciphers=TLSv1.3'
    expect_equal connections "$(count_log 'smtp authentication user=user')" 1
}

# What it allows by default is less than that. None of them is put off.
test_set_over_its_limit()
{
    MOST=100 start_opensmtpd
    SMALL=150 take_the_set '' ''
    expect_log 'Too many messages sent'
    expect_not_in err 'status=deferred'
    expect_equal connections "$(count_log 'smtp authentication user=user')" 2
}

test_implicit()
{
    MODE=implicit start_opensmtpd
    MODE=implicit take_one
    arrives 1
    expect_log 'smtp authentication user=user result=ok'
}

test_mechanisms()
{
    local name
    start_opensmtpd
    for name in PLAIN LOGIN; do
        take_one auth=$name
    done
    arrives 2
}

test_wrong_password()
{
    start_opensmtpd
    refuse_password
}

test_refused_beside_accepted()
{
    start_opensmtpd
    refuse_some
}

test_international()
{
    start_opensmtpd
    refuse_international
}
