# SPDX-License-Identifier: ISC
# Against a real Postfix with Cyrus SASL.
# shellcheck shell=bash

# shellcheck source=tests/e2e/postfix.sh
. "$(dirname "${BASH_SOURCE[0]}")/postfix.sh"

# postfix_takes [KEY=VALUE...]: with this config one message goes there and arrives unchanged.
postfix_takes()
{
    start_postfix
    write_config "$@"
    message >in
    inject in bob@example.net
    flush 0
    expect_queue 0
    expect_mailbox 1
    expect_mailed in
}

test_plain()
{
    postfix_takes auth=PLAIN
    expect_log 'sasl_method=PLAIN, sasl_username=user'
}

test_login()
{
    postfix_takes auth=LOGIN
    expect_log 'sasl_method=LOGIN, sasl_username=user'
}

test_cram_md5()
{
    postfix_takes auth=CRAM-MD5
    expect_log 'sasl_method=CRAM-MD5, sasl_username=user'
}

test_scram()
{
    postfix_takes auth=SCRAM-SHA-256
    expect_log 'sasl_method=SCRAM-SHA-256, sasl_username=user'
}

test_further_mechanisms()
{
    local name
    MECHANISMS='SCRAM-SHA-1 SCRAM-SHA-512 DIGEST-MD5' start_postfix
    for name in SCRAM-SHA-1 SCRAM-SHA-512 DIGEST-MD5; do
        write_config auth=$name
        message "by $name" >in
        inject in bob@example.net
        flush 0
        expect_log "sasl_method=$name, sasl_username=user"
    done
    expect_mailbox 3
}

# The strongest of what is offered is tried first.
test_strongest_first()
{
    postfix_takes
    expect_log 'sasl_method=SCRAM-SHA-256, sasl_username=user'
    expect_log 'TLSv1.3'
}

test_implicit()
{
    MODE=implicit postfix_takes
    expect_log 'sasl_method=SCRAM-SHA-256, sasl_username=user'
}

test_wrong_password()
{
    start_postfix
    PASSWORD=guess write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    expect_log 'authentication failed'
    expect_mailbox 0
}

test_wrong_name()
{
    CERT=wrong-name start_postfix
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_not_in log 'sasl_'
}

test_refused_beside_accepted()
{
    start_postfix
    write_config
    message >in
    inject in bob@example.net refused@example.net carol@example.net
    flush 0
    expect_mailbox 2
    expect_failed 1
    expect_queue 0
}

test_later_beside_accepted()
{
    start_postfix
    write_config
    message >in
    inject in bob@example.net later@example.net
    flush 75
    expect_mailbox 1
    expect_queue 1
    expect_failed 0
}

test_many_on_one_connection()
{
    local i
    start_postfix
    write_config
    for i in 1 2 3 4 5 6 7 8; do
        message "number $i" >in
        inject in bob@example.net
    done
    flush 0
    expect_mailbox 8
    expect_log 'disconnect from .* auth=1 mail=8'
}

test_body_as_sent()
{
    start_postfix
    write_config
    {
        message
        printf '%s\n' .. ... '' ' ' "$(printf '%0998d' 7)"
        printf 'gr\303\274n 8 bit\n.\n.\n'
    } >in
    inject in bob@example.net
    flush 0
    expect_mailbox 1
    expect_mailed in
}
