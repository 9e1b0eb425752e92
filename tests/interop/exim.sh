# SPDX-License-Identifier: ISC
# A real Exim, of GnuTLS and with authenticators of its own, as the smarthost.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2154

. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

EXIM_ROOT=$E2E_MTA/exim

exim_conf()
{
    cat <<END
primary_hostname = exim.example
spool_directory = $MTA_DIR/spool
log_file_path = $MTA_DIR/log/%s
log_selector = +smtp_connection +tls_cipher +received_recipients
local_interfaces = 127.0.0.1
daemon_smtp_ports = $SUBMISSION : $IMPLICIT
tls_on_connect_ports = $IMPLICIT
tls_advertise_hosts = *
tls_certificate = $MTA_DIR/cert.pem
tls_privatekey = $MTA_DIR/key.pem
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
chunking_advertise_hosts = $MODERN
pipelining_advertise_hosts = $MODERN
$([ -n "$MODERN" ] || echo accept_8bitmime = false)
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
smtp_accept_queue_per_connection = 0
deliver_drop_privilege = true
rfc1413_query_timeout = 0s
keep_environment =

begin acl
rcpt:
  deny message = log in first
       !authenticated = *
  deny message = no such user
       recipients = refused@example.net
  defer message = not now
       recipients = later@example.net
  accept

begin routers
all:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  directory = $MTA_DIR/mail
  maildir_format
  create_directory
  return_path_add
  envelope_to_add
  user = Debian-exim

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{user}}{eq{\$auth3}{secret}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{user}}{eq{\$auth2}{secret}}}}
  server_set_id = \$auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{\$auth1}{user}{secret}fail}
  server_set_id = \$auth1
END
}

exim_run()
{
    exim_conf >"$MTA_DIR/etc/exim4/exim4.conf"
    mta_start "$EXIM_ROOT" /usr/sbin/exim4 -bdf
}

# start_exim: with the certificate $CERT, and without CHUNKING, PIPELINING and 8BITMIME where
# MODERN is empty. Sets PORT by MODE.
start_exim()
{
    local MODERN=${MODERN-*}
    need_namespaces
    packages_unpack exim exim4-daemon-light exim4-base
    mta_prepare exim Debian-exim
    mkdir -p "$MTA_DIR"/{spool,etc/exim4}
    chown 2101:2101 "$MTA_DIR"/{spool,cert.pem,key.pem}
    start_on_two_ports Exim exim_run
    ln -sf "$MTA_DIR/log/main" "$DIR/log"
    BOXES="$MTA_DIR/mail/new" COPIES=each
}
