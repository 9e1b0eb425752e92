# SPDX-License-Identifier: ISC
# Who may see a password: nobody whose certificate does not verify. The message waits.
# shellcheck shell=bash

# untrusted [KEY=VALUE...]: with the certificate $CERT nothing is sent, and err tells why.
untrusted()
{
    start_smarthost
    write_config "$@"
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    expect_delivered 0
    expect_log ' end '
    expect_no_credentials
    expect_not_in log 'MAIL FROM'
}

test_wrong_name()
{
    CERT=wrong-name untrusted
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
    expect_in err expired
}

test_not_yet_valid()
{
    CERT=future untrusted
}

test_self_signed()
{
    CERT=self-signed untrusted
    expect_in err 'self.signed'
}

test_unknown_authority()
{
    CERT=unknown untrusted
}

test_purpose_client()
{
    CERT=client untrusted
}

# Without tls_ca_file it is the system's authorities that count, and ours is none of them.
test_system_authorities()
{
    untrusted tls_ca_file=
}

test_authority_directory()
{
    start_smarthost
    write_config tls_ca_file= "tls_ca_dir=\"$CERTS/cadir\""
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
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
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in log 'tls TLSv1.2'
}

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
    start_smarthost
    write_config tls=implicit timeout_command=1s timeout_connect=1s timeout_greeting=1s
    message >in
    inject in bob@example.net
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
