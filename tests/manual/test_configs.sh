# SPDX-License-Identifier: ISC
# The configs that sendoff.conf(5) and sendoff-oauth(7) show: each takes a mail to the smarthost
# that it is about, and nobody has a word to say about it.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/world.sh"

# secrets: every file that the config takes a secret from.
secrets()
{
    local file
    while read -r file; do
        install -m 600 <(echo secret) "$file"
    done < <(sed -n 's/^password_file = //p' /etc/sendoff/sendoff.conf)
}

# config FIRST-LINE: the block is the host's config now.
config()
{
    install -d /etc/sendoff
    block "$1"
    install -m 644 "$BLOCK" /etc/sendoff/sendoff.conf
    secrets
    sendoff check --print >print 2>err || fail "$1: $(cat err)"
    [ ! -s err ] || fail "$1: $(cat err)"
}

# goes: a mail goes by this config.
goes()
{
    rm -f mail/*
    message >message
    sendmail -i -odq -f root@example.org bob@example.net <message
    run sendoff flush
    expect_status 0
    expect_delivered 1
}

# by ACCOUNT: the first account that the config names is this one.
by()
{
    sed -i "1i [sendoff]\naccount = $1\n" /etc/sendoff/sendoff.conf
}

test_sendoff_conf()
{
    world
    blocks sendoff.conf.5
    smarthost 587
    config '[sendoff]'
    goes
    command_for_a_secret
    pin_of_a_certificate
    stop_smarthost
    MODE=implicit USERS='host#7:secret' smarthost 465
    config '[company]'
    goes
    expect_log ' auth SCRAM-SHA-256 host#7 ok'
    stop_smarthost
    USERS=me@example.net:secret smarthost 587
    config '[provider]'
    goes
    expect_in mail/00000001.eml '^MAIL FROM:<me\+root\.[a-z0-9.-]+@example\.net>'
    stop_smarthost
    USERS='' MODE=plain start_smarthost -p 25
    config '[local]'
    goes
    stop_smarthost
    relays
    wrong_key
    none_left
}

# A command that wants a variable, in place of the file.
command_for_a_secret()
{
    block 'password_command = '
    sed -i '/^password_file/d' /etc/sendoff/sendoff.conf
    cat "$BLOCK" >>/etc/sendoff/sendoff.conf
    cat >/usr/bin/pass <<'END'
#!/bin/sh
[ "$GNUPGHOME $1" = '/home/me/.gpg mail' ] && echo secret
END
    chmod 755 /usr/bin/pass
    goes
}

# It is the one that check shows.
pin_of_a_certificate()
{
    local pin
    block '$ openssl x509'
    cp "$CERTS/world.pem" cert.pem
    pin=$(bash -eu -o pipefail -c "$(sed 's/^\$ //' "$BLOCK")")
    sendoff check >out || true
    grep -qF "sha256//$pin" out || fail "$pin is no pin of: $(grep key: out)"
    printf 'tls_pin = %s\n' "$pin" >>/etc/sendoff/sendoff.conf
    goes
    sed -i '/^tls_pin/s/= ./= A/; /^tls_pin/s/= A\(.\)/= \1A/' /etc/sendoff/sendoff.conf
    run sendoff check
    expect_in out '^fail TLS: tls_pin does not list '
}

# The first relay is down, so the second one stands in; then the provider that DNS tells.
relays()
{
    printf '%s\n' '_submission._tcp.example.org srv 0 0 587 smtp.provider.example' \
        "smtp.provider.example a $WORLD" >records
    "$E2E_TOOLS/names" records >questions &
    started+=($!)
    within 5 has questions ready || fail 'the name server did not start'
    USERS='' smarthost 2525
    config '[relays]'
    goes
    expect_log ' tls TLSv1.3 name=relay2.example.com'
    stop_smarthost
    smarthost 587
    by provider
    goes
    expect_log ' auth [A-Z0-9-]+ me@example.org ok'
    run sendoff check
    expect_in out '^pass DNS: srv:example.org is smtp.provider.example:587'
}

# At the line that the page has.
wrong_key()
{
    block '/etc/sendoff/sendoff.conf:12'
    printf '[sendoff]\n#\n#\n#\n#\n#\n#\n#\n\n[work]\nhost = smtp.example.org\nprot = 587\n' \
        >/etc/sendoff/sendoff.conf
    status=0
    sendoff flush 2>err || status=$?
    expect_status 78
    sed 's/^sendoff: //' err | diff "$BLOCK" - || fail 'it is said otherwise'
}

# ---- sendoff-oauth(7)

# The provider's answer to the script, which test_oauth.sh of tests/e2e tries by itself.
token_of()
{
    cat >/usr/bin/curl <<END
#!/bin/sh
printf '{"access_token":"$1","expires_in":3599}\\n'
END
    chmod 755 /usr/bin/curl
}

test_sendoff_oauth()
{
    world
    blocks sendoff-oauth.7
    install -d /etc/sendoff
    token_of ya29.a-token
    block '#!/bin/sh'
    install -m 755 "$BLOCK" /usr/local/bin/mail-token
    block 'endpoint='
    install -m 600 "$BLOCK" /etc/sendoff/google
    install -m 600 "$BLOCK" /etc/sendoff/microsoft
    config '[google]'
    printf 'mechanisms "XOAUTH2"\n' | script
    MODE=implicit USERS=me@gmail.com:ya29.a-token smarthost 465
    goes
    by_setup
    stop_smarthost
    config '[microsoft]'
    USERS=me@example.org:ya29.a-token smarthost 587
    goes
    # A person has to agree at the provider's: that it is well formed is all that can be said here.
    block 'at=https://login.microsoftonline.com'
    bash -n "$BLOCK"
    none_left
}

# What the page ends with makes the same config anew.
by_setup()
{
    rm /etc/sendoff/sendoff.conf
    block '/usr/local/bin/mail-token /etc/sendoff/google |'
    WHO=root
    typed "$(cat "$BLOCK")" >out 2>err || [ $? = 75 ] || fail "$(cat out err)"
    expect_equal 'octets of the token' "$(head -n 1 out)" 13
    expect_in out '^pass AUTH: '
    grep -qx 'token_command = .*/usr/local/bin/mail-token /etc/sendoff/google.*' \
        /etc/sendoff/sendoff.conf
    goes
}
