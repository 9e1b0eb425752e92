# SPDX-License-Identifier: ISC
# AUTH against the smarthost: each mechanism, and refusals.
# shellcheck shell=bash

# mechanism NAME: alone on offer, it is used.
mechanism()
{
    local want=$1
    printf 'mechanisms "%s"\n' "$want" | script
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_log " auth $want user ok"
    stop_smarthost
}

test_plain()
{
    mechanism PLAIN
}

test_login()
{
    mechanism LOGIN
}

test_cram_md5()
{
    start_smarthost
    write_config auth=CRAM-MD5
    message >in
    inject in bob@example.net
    flush 0
    expect_log ' auth CRAM-MD5 user ok'
}

test_scram()
{
    local hash
    for hash in 1 256 512; do
        mechanism SCRAM-SHA-$hash
    done
}

test_strongest_first()
{
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 0
    expect_log ' auth SCRAM-SHA-512 user ok'
    expect_equal attempts "$(count_log ' auth ')" 1
}

test_as_listed()
{
    start_smarthost
    write_config 'auth=LOGIN PLAIN'
    message >in
    inject in bob@example.net
    flush 0
    expect_log ' auth LOGIN user ok'
}

# Long names and odd passwords.
test_odd_secrets()
{
    local odd='p@ss;w#rd "x" '\''y'\'' = \ %'
    start_smarthost -u "someone.with.a.long.name@example.net:$odd"
    USERS='' PASSWORD=$odd write_config user=someone.with.a.long.name@example.net
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
}

test_wrong_password()
{
    start_smarthost
    PASSWORD=guess write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    expect_log ' auth .* bad'
    expect_not_in log 'MAIL FROM'
    ! grep -rq guess "$SPOOL" out err || fail 'the password shows'
}

# A server that can not check passwords now.
test_temporary_refusal()
{
    script <<'END'
on AUTH n=1 reply "454 4.7.0 try again later"
END
    start_smarthost
    write_config auth=PLAIN
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    flush 0
    expect_delivered 1
}

# AUTH is configured and not offered: nothing is sent without it.
test_not_offered()
{
    USERS='' start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_log ' end '
    expect_not_in log 'MAIL FROM'
}

test_no_common_mechanism()
{
    script <<'END'
mechanisms "NTLM X-OWN"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_log ' end '
    expect_not_in log 'MAIL FROM'
}

# SCRAM proves the server too: a 235 before its proof is no welcome.
test_server_without_proof()
{
    script <<'END'
on RESPONSE reply "235 2.7.0 welcome"
END
    start_smarthost
    write_config auth=SCRAM-SHA-256
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_log ' end '
    expect_not_in log 'MAIL FROM'
}

test_garbage_challenge()
{
    script <<'END'
on AUTH reply "334 not!base64"
on OTHER reply "334 ===="
END
    start_smarthost
    write_config auth=SCRAM-SHA-256
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
}

# A password file that others may read is not used.
test_readable_password_file()
{
    start_smarthost
    write_config
    chmod 644 config/password
    message >in
    inject in bob@example.net
    run sendoff flush
    expect_status 75 78
    expect_in err 'password'
    expect_queue 1
    expect_no_credentials
}

# No part of the dialogue that is shown or logged holds the password, in any coding.
test_secret_does_not_show()
{
    local mechanism form
    for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256; do
        USERS=user:swordfish start_smarthost
        PASSWORD=swordfish write_config auth="$mechanism"
        message >in
        inject in bob@example.net
        run sendoff -v flush
        expect_status 0
        cat out err >dialogue
        expect_in dialogue "AUTH $mechanism"
        for form in swordfish "$(printf swordfish | base64)" \
            "$(printf '\0user\0swordfish' | base64)"; do
            ! grep -rqF -- "$form" "$SPOOL" dialogue || fail "the password shows"
        done
        stop_smarthost
    done
}
