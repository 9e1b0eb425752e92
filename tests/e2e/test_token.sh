# SPDX-License-Identifier: ISC
# Access tokens: OAUTHBEARER and XOAUTH2 against the smarthost.
# shellcheck shell=bash

# write_token TOKEN [KEY=VALUE...]: a config with the token in a file.
write_token()
{
    mkdir -p config
    (umask 077 && printf '%s\n' "$1" >config/token)
    shift
    write_config password_file= "token_file=\"$DIR/config/token\"" "$@"
}

# token MECHANISM [OTHER]: on offer beside others, it is used.
token()
{
    printf 'mechanisms "LOGIN PLAIN %s %s"\n' "${2-}" "$1" | script
    USERS=user:ya29.A-token start_smarthost
    write_token ya29.A-token
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_log " auth $1 user ok"
    expect_equal attempts "$(count_log ' auth ')" 1
}

test_oauthbearer()
{
    token OAUTHBEARER
}

test_xoauth2()
{
    token XOAUTH2
}

test_standard_first()
{
    token OAUTHBEARER XOAUTH2
}

# Those of some providers are longer than any command line, and than RFC 4954 has it.
test_long_token()
{
    local long mechanism
    long=$(head -c 45000 /dev/urandom | base64 -w 0)
    for mechanism in OAUTHBEARER XOAUTH2; do
        printf 'mechanisms "%s"\n' $mechanism | script
        USERS=user:$long start_smarthost
        write_token "$long"
        message >in
        inject in bob@example.net
        flush 0
        expect_log " auth $mechanism user ok"
        expect_queue 0
        stop_smarthost
    done
}

# The smarthost says why in a challenge, which has to be answered before it says no.
test_refused_token()
{
    local mechanism
    for mechanism in OAUTHBEARER XOAUTH2; do
        printf 'mechanisms "PLAIN %s"\n' $mechanism | script
        USERS=user:fresh start_smarthost
        write_token stale
        message >in
        inject in bob@example.net
        flush 75
        expect_log " auth $mechanism user bad"
        expect_in err "AUTH $mechanism: 535 5.7.8 .*\\(status invalid_token, wants scope mail\\)"
        ! grep -rq stale "$SPOOL" out err log || fail 'the token shows'
        stop_smarthost
        run sendoff queue delete ALL
        : >log
    done
    expect_not_in log 'MAIL FROM'
}

# Where no token is taken it is not sent as if it were a password.
test_token_is_no_password()
{
    printf 'mechanisms "PLAIN LOGIN SCRAM-SHA-256"\n' | script
    USERS=user:ya29 start_smarthost
    write_token ya29
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err 'no mechanism is both offered and allowed \(auth = auto, with a token'
    expect_not_in log ' auth '
}
