# SPDX-License-Identifier: ISC
# A real OpenSMTPD as the smarthost: without PIPELINING, CHUNKING and SMTPUTF8.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2154

. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

OPENSMTPD_ROOT=$E2E_MTA/opensmtpd

opensmtpd_conf()
{
    cat <<END
smtp limit max-mails $MOST
pki opensmtpd.example cert "$MTA_DIR/cert.pem"
pki opensmtpd.example key "$MTA_DIR/key.pem"
table users file:$MTA_DIR/users
table boxes { "@" = box }
listen on 127.0.0.1 port $SUBMISSION tls-require pki opensmtpd.example auth <users> hostname opensmtpd.example
listen on 127.0.0.1 port $IMPLICIT smtps pki opensmtpd.example auth <users> hostname opensmtpd.example
action "box" maildir "$MTA_DIR/mail" virtual <boxes>
match from any for any rcpt-to "refused@example.net" reject
match from any for any action "box"
END
}

opensmtpd_run()
{
    opensmtpd_conf >"$MTA_DIR/smtpd.conf"
    mta_start "$OPENSMTPD_ROOT" /usr/sbin/smtpd -d -f "$MTA_DIR/smtpd.conf"
}

# Debian 12 has one that can do no TLS with its own OpenSSL (OpenSMTPD's issue 1171).
opensmtpd_suite()
{
    local release
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    [ "$release" != bookworm ] || printf 'bookworm-backports\n'
}

# start_opensmtpd: with the certificate $CERT, for $MOST mails on a connection. Sets PORT by MODE.
start_opensmtpd()
{
    local MOST=${MOST-1000}
    need_namespaces
    BACKPORTS=$(opensmtpd_suite) packages_unpack opensmtpd opensmtpd
    mta_prepare opensmtpd box opensmtpd opensmtpq
    printf 'user %s\n' "$(printf 'secret' | openssl passwd -6 -stdin)" >"$MTA_DIR/users"
    start_on_two_ports OpenSMTPD opensmtpd_run
    ln -sf "$DIR/server.log" "$DIR/log"
    BOXES="$MTA_DIR/mail/new" COPIES=each
}
