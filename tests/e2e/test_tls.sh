# SPDX-License-Identifier: ISC
# Who may see a password: nobody whose certificate does not verify. The message waits.
# shellcheck shell=bash

# untrusted [KEY=VALUE...]: with the certificate $CERT nothing is sent, and err tells why.
untrusted()
{
    one_waits "$@"
    flush 75
    expect_queue 1
    expect_failed 0
    expect_delivered 0
    expect_log ' end '
    expect_no_credentials
    expect_not_in log 'MAIL FROM'
}

# trusted [KEY=VALUE...]: with the certificate $CERT the message arrives.
trusted()
{
    one_waits "$@"
    flush 0
    expect_queue 0
    expect_delivered 1
}

# pin_of CERT: what tls_pin takes, as OpenSSL's own program has it.
pin_of()
{
    openssl x509 -in "$CERTS/$1.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
        openssl dgst -sha256 -binary | openssl base64
}

# The same with sendoff's prefix, as a regular expression.
shown_pin()
{
    printf 'sha256//%s' "$(pin_of "$1" | sed 's/+/[+]/g')"
}

test_wrong_name()
{
    CERT=wrong-name untrusted
    expect_in err 'is for elsewhere.example; set tls_name'
}

test_wrong_name_implicit()
{
    MODE=implicit CERT=wrong-name untrusted
}

test_wrong_name_by_name()
{
    CERT=wrong-name untrusted host=localhost
}

test_expired()
{
    CERT=expired untrusted
    expect_in err 'has expired on 20[0-9-]+ \(the clock here says 20'
}

test_not_yet_valid()
{
    CERT=future untrusted
    expect_in err 'is not valid before 20'
}

test_self_signed()
{
    CERT=self-signed untrusted
    expect_in err 'is self-signed and not trusted; set tls_ca_file'
}

test_unknown_authority()
{
    CERT=unknown untrusted
    expect_in err 'an issuer that is not trusted: CN=Test Authority; set tls_ca_file'
}

test_purpose_client()
{
    CERT=client untrusted
    expect_in err 'is not for servers'
}

# Without tls_ca_file it is the system's authorities that count, and ours is none of them.
test_system_authorities()
{
    untrusted tls_ca_file=
    expect_in err 'issuer that is not trusted: CN=Test Authority; set tls_ca_file'
}

# root's submit reads it as somebody else: so it lies where everybody can.
test_authority_directory()
{
    local dir
    dir=$(mktemp -d /tmp/sendoff-cadir.XXXXXX)
    to_remove+=("$dir")
    cp -aL "$CERTS/cadir/." "$dir"
    chmod -R a+rX "$dir"
    start_smarthost
    write_config tls_ca_file= "tls_ca_dir=\"$dir\""
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
}

test_private_authority_directory()
{
    need_root
    start_smarthost
    write_config
    has_walls || skip 'this build has no walls'
    stop_smarthost
    rm log
    start_smarthost
    write_config tls_ca_file= "tls_ca_dir=\"$CERTS/cadir\""
    message >in
    inject in bob@example.net
    run sendoff flush
    expect_status 75 78
    expect_queue 1
    expect_in err "tls_ca_dir: $CERTS/cadir: uid [1-9][0-9]*: Permission denied"
    expect_no_credentials
}

test_other_name_wanted()
{
    CERT=wrong-name start_smarthost
    write_config tls_name=elsewhere.example
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in log 'name=elsewhere.example'
}

test_old_versions()
{
    script <<'END'
tls-newest 1.1
END
    untrusted
}

test_version_1_2()
{
    script <<'END'
tls-newest 1.2
END
    one_waits
    flush 0
    expect_delivered 1
    expect_in log 'tls TLSv1.2'
}

test_oldest_version()
{
    script <<'END'
tls-newest 1.2
END
    untrusted tls_min=1.3
    expect_in err 'does not speak TLS 1.3 or newer \(tls_min\)'
}

test_oldest_version_met()
{
    trusted tls_min=1.3
    expect_in log 'tls TLSv1.3'
}

# What a user's shell has left in root's environment says nothing (HAZARDS 1).
test_environment_of_root()
{
    need_root
    printf '%s\n' 'openssl_conf = init' '[init]' 'ssl_conf = ssl' '[ssl]' 'system_default = all' \
        '[all]' 'MaxProtocol = TLSv1.2' >openssl.cnf
    one_waits
    run env OPENSSL_CONF="$DIR/openssl.cnf" SSL_CERT_FILE=/dev/null "$E2E_PREFIX/bin/sendoff" flush
    expect_status 0
    expect_in log 'tls TLSv1.3'
}

# ---- Pins.

test_pinned()
{
    trusted "tls_pin=$(pin_of good)"
}

test_pinned_authority()
{
    trusted "tls_pin=sha256//$(pin_of ca)"
}

# While the key is being changed, the old one and the new one are listed.
test_pinned_second()
{
    trusted "tls_pin=$(pin_of wrong-name) $(pin_of good)"
}

test_pinned_other()
{
    untrusted "tls_pin=$(pin_of wrong-name)"
    expect_in err "tls_pin does not list the key of 127.0.0.1: $(shown_pin good)"
}

# A pin is asked for besides all else, not in its place.
test_pinned_wrong_name()
{
    CERT=wrong-name untrusted "tls_pin=$(pin_of wrong-name)"
    expect_in err 'is for elsewhere.example'
}

test_pin_alone()
{
    CERT=self-signed trusted tls_ca_file= tls_verify=pin "tls_pin=$(pin_of self-signed)"
}

test_pin_alone_other()
{
    CERT=good untrusted tls_verify=pin "tls_pin=$(pin_of ca)"
    expect_in err 'tls_pin does not list'
}

test_pin_alone_missing()
{
    dead_port
    write_config tls_verify=pin
    run sendoff check
    expect_status 78
    expect_in out 'tls_pin: is missing'
}

# What is shown is what can be listed.
test_pin_shown()
{
    start_smarthost
    write_config
    run sendoff check
    expect_status 0
    expect_in out "^pass TLS: key: EC 256 bits, $(shown_pin good)\$"
}

# Nobody gets there by accident, and whoever does is told each time.
test_not_verified()
{
    CERT=expired trusted tls_verify=none-anybody-can-read-my-mail-and-password
    expect_in err 'TLS: nothing is verified'
    run sendoff check
    expect_in out '^warn TLS: nothing is verified'
}

test_not_verified_by_short_name()
{
    dead_port
    write_config tls_verify=none
    run sendoff check
    expect_status 78
    expect_in out "tls_verify: 'none' is no choice"
}

# ---- Our own certificate.

# identify NAME [KEY=VALUE...]: a smarthost that asks for certificates, and ours is NAME's.
identify()
{
    local name=$1
    shift
    start_smarthost -A "$CERTS/ca.pem"
    write_config "tls_cert=\"$CERTS/$name.pem\"" "tls_key=\"$CERTS/$name.key\"" "$@"
    message >in
    inject in bob@example.net
}

test_client_certificate()
{
    identify client
    flush 0
    expect_delivered 1
    expect_log 'tls TLSv1.3 .* client=localhost'
}

test_client_certificate_1_2()
{
    script <<'END'
tls-newest 1.2
END
    identify client
    flush 0
    expect_log 'tls TLSv1.2 .* client=localhost'
}

test_client_certificate_and_key_in_one()
{
    start_smarthost -A "$CERTS/ca.pem"
    (umask 077 && cat "$CERTS/client.key" "$CERTS/client.pem" >both)
    write_config "tls_cert=\"$DIR/both\""
    message >in
    inject in bob@example.net
    flush 0
    expect_log ' client=localhost'
}

# anonymous: nothing is sent where the smarthost asks for a certificate and there is none.
anonymous()
{
    start_smarthost -A "$CERTS/ca.pem"
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err "$1"
    expect_no_credentials
}

test_client_certificate_missing()
{
    anonymous 'the server asks for a certificate of ours \(tls_cert\)'
}

test_client_certificate_missing_1_2()
{
    script <<'END'
tls-newest 1.2
END
    anonymous 'the server refused the handshake; it may ask for tls_cert'
}

test_client_certificate_refused()
{
    identify unknown
    flush 75
    expect_queue 1
    expect_in err 'the server does not accept our certificate \(tls_cert\)'
}

# The key is a secret.
test_client_key_readable()
{
    start_smarthost -A "$CERTS/ca.pem"
    cp "$CERTS/client.key" key
    chmod 602 key
    write_config "tls_cert=\"$CERTS/client.pem\"" "tls_key=\"$DIR/key\""
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err 'tls_key: .*key: can be changed by others'
    expect_connections 0
}

test_client_certificate_ends_soon()
{
    identify client-soon
    flush 0
    expect_in err 'our certificate \(tls_cert\) expires on 20.* in 1[0-9] days'
    run sendoff check
    expect_status 0
    expect_in out '^warn TLS: our certificate'
    expect_in out '^pass TLS: our certificate: asked for and shown; expires 20'
}

test_certificate_ends_soon()
{
    CERT=soon trusted
    expect_in err "the smarthost's certificate expires on 20.* in (9|10) days"
    run sendoff check
    expect_status 0
    expect_in out "^warn TLS: the smarthost's certificate expires on"
    expect_in out '^pass TLS: expires 20[0-9-]*, (9|10) days left'
}

test_certificate_lasts()
{
    trusted
    expect_not_in err expires
}

# ---- Streams that are cut. SMTP says itself where things end: what is cut off is nothing.

# cut STATUS EVENT...: what the script says is done in place of the ordinary.
cut()
{
    local want=$1
    shift
    printf 'on %s\n' "$*" | script
    one_waits
    flush "$want"
}

test_cut_in_reply()
{
    cut 75 'MAIL send "250 2.1.0 f" cut'
    expect_queue 1
    expect_in err 'connection closed'
}

# A whole word of yes without the end of its line.
test_cut_in_acceptance()
{
    cut 75 'DOT send "250 2.0.0 taken" cut'
    expect_queue 1
    expect_failed 0
}

test_cut_in_body()
{
    printf 'on BODY at=70000 cut\n' | script
    start_smarthost
    write_config
    { message && head -c 4000000 /dev/zero | tr '\0' x | fold -w 70; } >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_delivered 0
}

test_cut_after_acceptance()
{
    cut 0 'DOT proceed cut'
    expect_delivered 1
    expect_queue 0
}

test_cut_after_quit()
{
    cut 0 'QUIT reply "221 2.0.0 bye" cut'
    expect_delivered 1
    expect_not_in err 'connection|TLS'
}

# ---- Round trips from connect to the first MAIL (sendoff(1)): to have a connection, to be
# greeted where that comes first, and one for each flight of ours before that of MAIL.

# flights N: MAIL comes with the Nth flight, where AUTH needs one.
flights()
{
    trusted auth=PLAIN
    expect_in log "flight $1: MAIL FROM"
}

test_round_trips()
{
    flights 6
}

test_round_trips_implicit()
{
    MODE=implicit flights 5
}

test_round_trips_1_2()
{
    script <<'END'
tls-newest 1.2
END
    flights 7
}

# ---- STARTTLS.

test_starttls_not_offered()
{
    start_smarthost -x STARTTLS
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_log ' end '
    expect_no_credentials
}

test_starttls_refused()
{
    script <<'END'
on STARTTLS reply "454 4.7.0 TLS not available"
END
    untrusted
    expect_in err 'TLS not available'
}

# CVE-2011-0411 and its kin: what stands behind the 220 was not said by the server we trust.
test_plaintext_behind_starttls()
{
    script <<'END'
on STARTTLS answer "220 2.0.0 go ahead\r\n250-evil.example\r\n250 AUTH PLAIN"
END
    untrusted
}

test_handshake_refused()
{
    script <<'END'
on STARTTLS reply "220 2.0.0 go ahead" close
END
    untrusted
}

test_handshake_garbage()
{
    script <<'END'
on STARTTLS reply "220 2.0.0 go ahead" delay 200ms send "250 what?\r\n250 why?\r\n" close
END
    untrusted
}

test_handshake_silence()
{
    script <<'END'
on STARTTLS reply "220 2.0.0 go ahead" silence
END
    elapsed untrusted timeout_command=1s timeout_connect=1s timeout_greeting=1s
    expect_faster 5000
}

# The port speaks clear text where TLS was expected.
test_implicit_against_clear()
{
    one_waits tls=implicit timeout_command=1s timeout_connect=1s timeout_greeting=1s
    flush 75
    expect_queue 1
    expect_no_credentials
}

# TLS is for everything that is not on this machine; here it can be turned off, but no further.
test_none_with_auth_beyond_loopback()
{
    dead_port
    write_config host=192.0.2.1 tls=none
    message >in
    inject in bob@example.net
    run sendoff flush
    expect_status 75 78
    expect_queue 1
}
