# SPDX-License-Identifier: ISC
# A real Postfix with Cyrus SASL as the smarthost, of packages that are not installed. Its config,
# queue, ports and mail are the case's own; accounts that Debian has anyway stand in for "postfix"
# and "postdrop". Needs root, as Postfix does.
# shellcheck shell=bash

# shellcheck source=tests/interop/packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/../interop/packages.sh"

POSTFIX_ROOT=$E2E_MTA/postfix
POSTFIX_OWNER=uucp POSTFIX_GROUP=games
POSTFIX_LIBS=

# Becomes a program of the unpacked packages, with the libraries it came with.
postfix_exec()
{
    export LD_LIBRARY_PATH=$POSTFIX_LIBS SASL_PATH=$POSTFIX_SASL
    exec "$@"
}

postfix_main_cf()
{
    cat <<END
compatibility_level = 3.6
import_environment = MAIL_CONFIG=$MTA_DIR/etc LD_LIBRARY_PATH=$POSTFIX_LIBS
    SASL_PATH=$POSTFIX_SASL E2E_CASE=$DIR ${POSTFIX_ALSO_ENVIRONMENT-}
command_directory = $POSTFIX_ROOT/usr/sbin
daemon_directory = $POSTFIX_ROOT/usr/lib/postfix/sbin
shlib_directory = no
meta_directory = $MTA_DIR/etc
queue_directory = $MTA_DIR/queue
data_directory = $MTA_DIR/data
maillog_file = $DIR/log
maillog_file_prefixes = $DIR
mail_owner = $POSTFIX_OWNER
setgid_group = $POSTFIX_GROUP
myhostname = postfix.example
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
biff = no

smtpd_tls_cert_file = $CERTS/${CERT-good}.pem
smtpd_tls_key_file = $CERTS/${CERT-good}.key
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = postfix.example
smtpd_relay_restrictions =
smtpd_recipient_restrictions = check_recipient_access inline:{ { refused@example.net = 550 5.1.1 no such user } }
    check_recipient_access inline:{ { later@example.net = 450 4.2.1 not now } }
    permit_sasl_authenticated reject

virtual_mailbox_domains = example.net client.example
virtual_mailbox_maps = static:box/
virtual_mailbox_base = $MTA_DIR/mail
virtual_uid_maps = static:$(id -u "$POSTFIX_OWNER")
virtual_gid_maps = static:$(id -g "$POSTFIX_OWNER")
virtual_minimum_uid = 1
END
}

# postfix_master_cf SUBMISSION-PORT IMPLICIT-PORT
postfix_master_cf()
{
    cat <<END
127.0.0.1:$1 inet n - n - - smtpd
127.0.0.1:$2 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
END
}

# Directories and the password base, once for a case. They lie in /tmp, since Postfix's own account
# has to come that far, and since the name of a socket may have no more than 107 octets.
postfix_prepare()
{
    local top
    top=$(mktemp -d /tmp/sendoff-postfix.XXXXXX)
    MTA_DIR=$top
    to_remove+=("$top")
    chmod 755 "$top"
    mkdir -p "$top"/{etc/sasl,data,mail} "$top"/queue/{active,bounce,corrupt,defer,deferred,flush,hold} \
        "$top"/queue/{incoming,maildrop,pid,private,public,saved,trace}
    chown "$POSTFIX_OWNER" "$top"/{data,mail} "$top"/queue/* && chown root "$top/queue/pid"
    chmod 700 "$top"/queue/*
    chmod 755 "$top/queue/pid" "$top/queue/public"
    printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' \
        "sasldb_path: $top/etc/sasldb2" \
        "mech_list: ${MECHANISMS-PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256}" \
        >"$top/etc/sasl/smtpd.conf" # where Debian looks
    printf 'secret' | postfix_exec "$POSTFIX_ROOT/usr/sbin/saslpasswd2" -c -p \
        -f "$top/etc/sasldb2" -u postfix.example user
    chown "$POSTFIX_OWNER" "$top/etc/sasldb2"
}

# Two ports that the kernel has just given and taken back.
postfix_ports()
{
    dead_port && SUBMISSION=$PORT
    dead_port && IMPLICIT=$PORT
    rm -f "$DIR/log"
}

postfix_listens()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$SUBMISSION" 4<>"/dev/tcp/127.0.0.1/$IMPLICIT") 2>/dev/null
}

# start_postfix: with the certificate $CERT and the $MECHANISMS. Sets PORT by MODE, as
# start_smarthost does. The case is skipped where Postfix can not be had. POSTFIX_ALSO_LIBS, _SASL
# and _ENVIRONMENT are for what a mechanism of another package needs.
start_postfix()
{
    local tries=0
    need_root
    packages_unpack postfix postfix sasl2-bin libsasl2-modules libsasl2-modules-db
    POSTFIX_SASL=$(dirname "$(find "$POSTFIX_ROOT/usr/lib" -name libsasldb.so)")
    POSTFIX_LIBS=$POSTFIX_ROOT/usr/lib/postfix:${POSTFIX_SASL%/*}
    POSTFIX_LIBS+=${POSTFIX_ALSO_LIBS:+:$POSTFIX_ALSO_LIBS}
    POSTFIX_SASL+=${POSTFIX_ALSO_SASL:+:$POSTFIX_ALSO_SASL}
    postfix_prepare
    postfix_main_cf >"$MTA_DIR/etc/main.cf"
    while :; do
        postfix_ports
        postfix_master_cf "$SUBMISSION" "$IMPLICIT" >"$MTA_DIR/etc/master.cf"
        # It ends its children as its process group, so it has to lead one.
        postfix_exec setsid "$POSTFIX_ROOT/usr/lib/postfix/sbin/master" -c "$MTA_DIR/etc" -d &
        started+=($!)
        ! within 5 postfix_listens || break
        [ $((tries += 1)) -lt 3 ] || fail 'Postfix did not start'
    done
    PORT=$SUBMISSION
    [ "${MODE-starttls}" = starttls ] || PORT=$IMPLICIT
}

# Messages in the mailbox.
postfix_delivered()
{
    count_files "$MTA_DIR/mail/box/new"
}

postfix_has()
{
    [ "$(postfix_delivered)" -eq "$1" ]
}

# expect_mailbox N: so many messages come to lie in the mailbox.
expect_mailbox()
{
    within 10 postfix_has "$1" || fail "$(postfix_delivered) messages in the mailbox, not $1"
}

# expect_mailed FILE: the one message in the mailbox is the file, below what Postfix put on top.
expect_mailed()
{
    sed '1,/^\tfor <.*\|^\t(envelope/d' "$MTA_DIR"/mail/box/new/* |
        sed '1{/^\t/d}' >"$DIR/got"
    cmp -s "$1" "$DIR/got" || { diff "$1" "$DIR/got" || true; fail 'the message was changed'; }
}
