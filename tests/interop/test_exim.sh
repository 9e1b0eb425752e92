# SPDX-License-Identifier: ISC
# The set of mails through a real Exim, on GnuTLS.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2119
. "$(dirname "${BASH_SOURCE[0]}")/exim.sh"

test_set()
{
    start_exim
    take_the_set
    expect_report '^Original-Envelope-I[dD]: *id42'
    expect_log ' P=esmtpsa X=TLS1.3.* A=plain:user'
    expect_equal connections "$(count_log 'SMTP connection from .* closed by QUIT')" 1
}

# By DATA, command by command, and in seven bits.
test_set_of_old()
{
    MODERN='' start_exim
    TAKES_8BIT='' take_the_set "${EXACT/eightbit /}" "eightbit $CONVERTED"
    expect_report '^Original-Envelope-I[dD]: *id42'
}

test_implicit()
{
    MODE=implicit start_exim
    MODE=implicit take_one
    arrives 1
    expect_log ' P=esmtpsa X=TLS1.3.* A=plain:user'
}

test_mechanisms()
{
    local name
    start_exim
    for name in PLAIN LOGIN CRAM-MD5; do
        take_one auth=$name
    done
    arrives 3
    for name in plain login cram; do
        expect_log " A=$name:user"
    done
}

test_wrong_password()
{
    start_exim
    refuse_password
}

test_refused_beside_accepted()
{
    start_exim
    refuse_some later@example.net
}

test_international()
{
    start_exim
    take_international
}
