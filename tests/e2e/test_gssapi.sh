# SPDX-License-Identifier: ISC
# Kerberos: a realm of our own on loopback, of packages that are not installed, and a real Postfix
# that offers nothing but GSSAPI.
# shellcheck shell=bash

# shellcheck source=tests/e2e/postfix.sh
. "$(dirname "${BASH_SOURCE[0]}")/postfix.sh"

KERBEROS_ROOT=$E2E_MTA/kerberos
KERBEROS_OWNER=1000 # whom the user is in his namespace

# kerberos NAME [ARGUMENT...]: becomes a program of the unpacked packages.
kerberos()
{
    local program
    program=$(find "$KERBEROS_ROOT"/usr/{sbin,bin} -name "$1")
    export LD_LIBRARY_PATH=$KERBEROS_LIBS
    export KRB5_CONFIG=$REALM/krb5.conf KRB5_KDC_PROFILE=$REALM/kdc.conf
    export KRB5CCNAME=FILE:$DIR/tickets
    exec "$program" "${@:2}"
}

# kerberos_conf PORT: nothing is asked of DNS, and Postfix goes by another name than we call it.
kerberos_conf()
{
    cat >"$REALM/krb5.conf" <<END
[libdefaults]
default_realm = REALM.EXAMPLE
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
ignore_acceptor_hostname = true
${TRANSPORT+udp_preference_limit = $TRANSPORT}
[realms]
REALM.EXAMPLE = {
    kdc = 127.0.0.1:$1
}
[domain_realm]
localhost = REALM.EXAMPLE
END
    cat >"$REALM/kdc.conf" <<END
[kdcdefaults]
kdc_listen = 127.0.0.1:$1
kdc_tcp_listen = 127.0.0.1:$1
[realms]
REALM.EXAMPLE = {
    database_name = $REALM/principal
    key_stash_file = $REALM/stash
    acl_file = $REALM/acl
}
[dbmodules]
db_module_dir = $(dirname "$(find "$KERBEROS_ROOT" -name db2.so)")
[logging]
kdc = FILE:$DIR/kdc.log
END
    chmod 644 "$REALM"/*.conf
}

kdc_listens()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start_kdc: a realm with the principals user and smtp/localhost, and Postfix's keytab.
start_kdc()
{
    local port
    need_root
    unshare -U --map-user=$KERBEROS_OWNER true 2>/dev/null || skip 'unshare -U is refused here'
    packages_unpack kerberos krb5-kdc krb5-admin-server krb5-user libsasl2-modules-gssapi-mit
    KERBEROS_SASL=$(find "$KERBEROS_ROOT/usr/lib" -type d -name sasl2)
    KERBEROS_LIBS=${KERBEROS_SASL%/*}
    REALM=$(mktemp -d /tmp/sendoff-realm.XXXXXX)
    to_remove+=("$REALM")
    chmod 755 "$REALM"
    dead_port && port=$PORT
    kerberos_conf "$port"
    {
        (kerberos kdb5_util create -s -r REALM.EXAMPLE -P master)
        (kerberos kadmin.local -q 'addprinc -pw secret user')
        (kerberos kadmin.local -q 'addprinc -randkey smtp/localhost')
        (kerberos kadmin.local -q "ktadd -k $REALM/keytab smtp/localhost")
    } >realm.out 2>&1
    chown "$POSTFIX_OWNER" "$REALM/keytab"
    (kerberos krb5kdc -n) >>realm.out 2>&1 &
    started+=($!)
    within 5 kdc_listens "$port" || { cat realm.out && fail 'the KDC did not start'; }
}

# Postfix with GSSAPI alone, and a config of the user's that names it and no secret.
start_realm()
{
    start_kdc
    POSTFIX_ALSO_LIBS=$KERBEROS_LIBS POSTFIX_ALSO_SASL=$KERBEROS_SASL
    POSTFIX_ALSO_ENVIRONMENT="KRB5_CONFIG=$REALM/krb5.conf KRB5_KTNAME=FILE:$REALM/keytab"
    POSTFIX_ALSO_ENVIRONMENT+=' KRB5RCACHENAME=none:'
    MECHANISMS=GSSAPI start_postfix
    write_config host=localhost user= password_file= auth=GSSAPI "$@"
}

get_ticket()
{
    printf 'secret\n' | (kerberos kinit user) >>realm.out 2>&1
}

# Root's environment is not believed, so a user sends: root's things are his in this namespace.
# libsasl2's plugin does not give back the credential that it acquires: leaks are not looked for.
flush_as_user()
{
    run unshare -U --map-user=$KERBEROS_OWNER env KRB5CCNAME="FILE:$DIR/tickets" \
        KRB5_CONFIG="$REALM/krb5.conf" SASL_PATH="$POSTFIX_SASL" LD_LIBRARY_PATH="$KERBEROS_LIBS" \
        ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$E2E_PREFIX/bin/sendoff" "${@:2}" flush
    expect_status "$1"
}

# ticket_sends: a message goes there by the user's ticket alone.
ticket_sends()
{
    start_realm "$@"
    get_ticket
    message >in
    inject in bob@example.net
    flush_as_user 0 -v
    expect_queue 0
    expect_mailbox 1
    expect_mailed in
    expect_log 'sasl_method=GSSAPI, sasl_username=user'
}

test_ticket()
{
    ticket_sends
    expect_in kdc.log 'TGS_REQ .*ISSUE.* smtp/localhost@REALM.EXAMPLE'
}

# The KDC is asked over TCP, at a port that is not the smarthost's.
test_over_tcp()
{
    TRANSPORT=1 ticket_sends
    expect_in kdc.log 'TGS_REQ .*ISSUE.* smtp/localhost@REALM.EXAMPLE'
}

test_without_walls()
{
    ticket_sends sendoff.walls=off
}

test_no_ticket()
{
    start_realm
    message >in
    inject in bob@example.net
    flush_as_user 75
    expect_queue 1
    expect_mailbox 0
    expect_not_in log 'sasl_method'
    # Kerberos's own words, not libsasl2's for all failures.
    expect_in err 'AUTH GSSAPI: generic failure: .*[Cc]redential'
}
