# SPDX-License-Identifier: ISC
# Against a real Dovecot: SCRAM, and the tokens that Postfix does not know.
# shellcheck shell=bash

# shellcheck source=tests/e2e/dovecot.sh
. "$(dirname "${BASH_SOURCE[0]}")/dovecot.sh"

# dovecot_takes: one message goes there, and on.
dovecot_takes()
{
    message >in
    inject in bob@example.net
    flush 0
    expect_queue 0
}

test_passwords()
{
    local name
    start_dovecot
    for name in PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 DIGEST-MD5 CRAM-MD5; do
        write_config auth=$name
        dovecot_takes
        expect_dovecot "Login: user=<user>, method=$name"
    done
    expect_delivered 6
}

test_strongest_first()
{
    start_dovecot
    write_config
    dovecot_takes
    expect_dovecot 'Login: user=<user>, method=SCRAM-SHA-256'
}

test_wrong_password()
{
    start_dovecot
    PASSWORD=guess write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err 'AUTH SCRAM-SHA-256: 535 5.7.8'
}

# use_token TOKEN [KEY=VALUE...]
use_token()
{
    mkdir -p config
    (umask 077 && printf '%s\n' "$1" >config/token)
    shift
    write_config password_file= "token_file=\"$DIR/config/token\"" "$@"
}

test_tokens()
{
    local name filler
    start_dovecot
    filler=$(head -c 1500 /dev/urandom | base64 -w 0)
    for name in OAUTHBEARER XOAUTH2; do
        use_token "$(dovecot_token 3600)" auth=$name
        dovecot_takes
        use_token "$(dovecot_token 3600 ",\"x\":\"$filler\"")" auth=$name
        dovecot_takes
        expect_dovecot "Login: user=<user>, method=$name"
    done
    expect_delivered 4
}

# Expired an hour ago. Dovecot says what it has against it in a challenge.
test_expired_token()
{
    local name
    start_dovecot
    use_token none
    message >in
    inject in bob@example.net
    for name in OAUTHBEARER XOAUTH2; do
        use_token "$(dovecot_token -3600)" auth=$name
        flush 75
        expect_in err "AUTH $name: 535 5.7.8 .*\\(status (401|invalid_token)"
    done
    expect_queue 1
    use_token "$(dovecot_token 3600)"
    flush 0
    expect_delivered 1
}
