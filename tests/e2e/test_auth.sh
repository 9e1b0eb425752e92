# SPDX-License-Identifier: ISC
# AUTH against the smarthost: each mechanism, and refusals.
# shellcheck shell=bash

# mechanism NAME: alone on offer, it is used.
mechanism()
{
    local want=$1
    printf 'mechanisms "%s"\n' "$want" | script
    one_waits
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
    one_waits auth=CRAM-MD5
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

# The login is bound to the connection it goes over.
test_scram_plus()
{
    local hash
    for hash in 1 256 512; do
        printf 'mechanisms "PLAIN SCRAM-SHA-%s SCRAM-SHA-%s-PLUS"\n' $hash $hash | script
        one_waits
        flush 0
        expect_log " auth SCRAM-SHA-$hash-PLUS user ok tls-exporter"
        stop_smarthost
    done
}

# bound_by VERSION BINDING: with that version of TLS.
bound_by()
{
    printf '%s\n' 'mechanisms "SCRAM-SHA-256-PLUS"' "tls-newest $1" | script
    MODE=implicit start_smarthost
    MODE=implicit write_config
    message >in
    inject in bob@example.net
    flush 0
    expect_log " auth SCRAM-SHA-256-PLUS user ok $2"
}

test_scram_plus_1_2()
{
    bound_by 1.2 tls-exporter
}

test_scram_plus_1_2_plain_secret()
{
    bound_by 1.2-plain-secret tls-server-end-point
}

# Somebody in the middle, with a certificate that is trusted, passes the login on to another
# connection: the right password does not help him.
test_scram_plus_elsewhere()
{
    script <<'END'
mechanisms "PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS"
binding "that of another connection"
END
    one_waits
    flush 75
    expect_queue 1
    expect_log ' auth SCRAM-SHA-256-PLUS user bad'
    expect_in err 'AUTH SCRAM-SHA-256-PLUS \(tls-exporter\): 535 5.7.8'
    expect_equal attempts "$(count_log ' auth ')" 1
    expect_not_in log 'MAIL FROM'
}

# He takes PLUS out of the offer; the smarthost hears what was offered to us.
test_scram_plus_taken_away()
{
    script <<'END'
mechanisms "PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS"
on EHLO has=client here=2 answer "250-smarthost.example\r\n250 AUTH SCRAM-SHA-256"
END
    one_waits helo=client.example
    flush 75
    expect_queue 1
    expect_log ' auth SCRAM-SHA-256 .*bad'
    expect_not_in log 'MAIL FROM'
}

# By name, without binding, where there is one: no lie about it.
test_scram_unbound_by_name()
{
    script <<'END'
mechanisms "PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS"
END
    one_waits auth=SCRAM-SHA-256
    flush 0
    expect_log ' auth SCRAM-SHA-256 user ok$'
}

# external CERTIFICATE [KEY=VALUE...]: mail waits for a smarthost that asks for certificates.
external()
{
    local name=$1
    shift
    printf 'mechanisms "PLAIN EXTERNAL"\n' | script
    start_smarthost -a "$CERTS/ca.pem"
    write_config "tls_cert=\"$CERTS/$name.pem\"" "tls_key=\"$CERTS/$name.key\"" "$@"
    message >in
    inject in bob@example.net
}

test_external()
{
    external user auth=EXTERNAL user= password_file=
    flush 0
    expect_delivered 1
    expect_log ' auth EXTERNAL user ok'
}

test_external_before_passwords()
{
    external user
    flush 0
    expect_log ' auth EXTERNAL user ok'
}

# The certificate is somebody else's.
test_external_refused()
{
    external client auth=EXTERNAL password_file=
    flush 75
    expect_queue 1
    expect_log ' auth EXTERNAL localhost bad'
    expect_in err 'AUTH EXTERNAL: 535 5.7.8'
}

# EXTERNAL without a certificate that was shown would be empty words. Here nobody asked for it.
test_external_unshown()
{
    printf 'mechanisms "EXTERNAL"\n' | script
    start_smarthost
    write_config auth=EXTERNAL user= password_file= \
        "tls_cert=\"$CERTS/user.pem\"" "tls_key=\"$CERTS/user.key\""
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err 'no mechanism is both offered and allowed \(auth = EXTERNAL; offered: EXTERNAL'
    expect_not_in log ' auth '
}

test_strongest_first()
{
    one_waits
    flush 0
    expect_log ' auth SCRAM-SHA-512 user ok'
    expect_equal attempts "$(count_log ' auth ')" 1
}

test_as_listed()
{
    one_waits 'auth=LOGIN PLAIN'
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
    PASSWORD=guess one_waits
    flush 75
    expect_queue 1
    expect_failed 0
    expect_log ' auth .* bad'
    expect_not_in log 'MAIL FROM'
    ! grep -rq guess "$SPOOL" out err || fail 'the password shows'
}

# The password is offered once: a second refusal in the same minute locks accounts.
test_wrong_password_is_tried_once()
{
    PASSWORD=guess one_waits 'auth=SCRAM-SHA-512 SCRAM-SHA-256 PLAIN LOGIN'
    flush 75
    expect_log ' auth SCRAM-SHA-512 user bad'
    expect_log ' end '
    expect_equal attempts "$(count_log ' auth ')" 1
}

# A mechanism that is refused as such is followed by the next.
test_refused_mechanism()
{
    script <<'END'
on AUTH has=SCRAM reply "534 5.7.9 too weak for us"
END
    one_waits
    flush 0
    expect_log ' auth PLAIN user ok'
}

# No room for the initial response along with AUTH.
test_refused_initial_response()
{
    script <<'END'
on AUTH here=1 reply "500 5.5.6 line too long"
END
    one_waits auth=PLAIN
    flush 0
    expect_log ' auth PLAIN user ok'
}

# A server that can not check passwords now.
test_temporary_refusal()
{
    script <<'END'
on AUTH n=1 reply "454 4.7.0 try again later"
END
    one_waits auth=PLAIN
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
    one_waits
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
    one_waits auth=SCRAM-SHA-256
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
    one_waits auth=SCRAM-SHA-256
    flush 75
    expect_queue 1
}

test_endless_challenges()
{
    script <<'END'
on AUTH reply "334 VXNlcm5hbWU6"
on OTHER reply "334 VXNlcm5hbWU6"
END
    one_waits auth=LOGIN
    flush 75
    expect_queue 1
    expect_in err 'AUTH LOGIN: the server asks for more than there is to say'
}

test_endless_challenge()
{
    script <<'END'
on AUTH send "334 " repeat 0 "AAAA"
END
    one_waits auth=LOGIN
    flush 75
    expect_queue 1
    expect_in err 'AUTH'
}

# Drop by drop, or not at all: there is a deadline.
test_silent_challenge()
{
    script <<'END'
on AUTH conn=1 silence
on AUTH send "334 VXNl" silence
END
    one_waits auth=LOGIN timeout_command=1s
    flush 75
    expect_in err 'timeout while waiting for AUTH'
    flush 75
    expect_in err 'timeout while waiting for AUTH'
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
