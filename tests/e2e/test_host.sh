# SPDX-License-Identifier: ISC
# Hosts whose own name or resolver is broken, and environments that hold nothing.
# shellcheck shell=bash

# The machine has an undotted name and a resolver that never answers.
dead_resolver()
{
    command -v ip >/dev/null || skip 'there is no ip(8) here'
    ip link set lo up
    # What is sent there goes round the loopback, and is for nobody.
    ip route add 192.0.2.0/24 dev lo
    hostname undotted
    printf 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n' >resolv.conf
    printf '127.0.0.1 localhost\n' >hosts
    mount --bind resolv.conf /etc/resolv.conf || skip 'can not mount here'
    mount --bind hosts /etc/hosts
}

inner_flush()
{
    dead_resolver
    start_smarthost
    write_config "$@"
    message >in
    elapsed inject in bob@example.net
    expect_faster 1000
    elapsed flush 0
    expect_faster 2000
    expect_delivered 1
}

# Neither our own code nor a library asks DNS for this host's name.
test_dead_resolver()
{
    on_its_own inner_flush -mnu
}

inner_mechanisms()
{
    inner_flush 'auth=CRAM-MD5'
}

test_dead_resolver_cram()
{
    on_its_own inner_mechanisms -mnu
}

# A smarthost that has to be looked up there costs its deadline, and no more.
inner_lookup()
{
    dead_resolver
    PORT=9
    write_config host=smtp.example.com timeout_connect=1s
    message >in
    inject in bob@example.net
    elapsed flush 75
    expect_faster 4000
    expect_queue 1
    expect_failed 0
    expect_in err 'smtp\.example\.com'
}

test_dead_resolver_for_the_smarthost()
{
    on_its_own inner_lookup -mnu
}

# No HOME, no PATH, nothing.
test_empty_environment()
{
    start_smarthost
    write_config
    message >in
    env -i SENDOFF_CONFIG="$SENDOFF_CONFIG" E2E_CASE="$DIR" \
        "$E2E_PREFIX/sbin/sendmail" -i -f a@b.example bob@example.net <in
    expect_queue 1
    env -i SENDOFF_CONFIG="$SENDOFF_CONFIG" E2E_CASE="$DIR" "$E2E_PREFIX/bin/sendoff" flush 2>err
    expect_delivered 1
}

# The config of system mode, made from the personal one; etc/ and var/ of the installation become
# this case's own.
system_config()
{
    mount -t tmpfs none "$E2E_PREFIX/etc" || skip 'can not mount here'
    mount -t tmpfs none "$E2E_PREFIX/var"
    SPOOL=$E2E_PREFIX/var/spool/sendoff/0
    install -d -m 1733 "$E2E_PREFIX/var/spool/sendoff"
    install -d -m 700 "$SPOOL"
    install -d "$E2E_PREFIX/etc/sendoff"
    write_config sendoff.spool=
    unset SENDOFF_CONFIG
    install -m 644 config/sendoff.conf "$E2E_PREFIX/etc/sendoff/sendoff.conf"
}

inner_system()
{
    start_smarthost
    system_config
    message >in
    inject in bob@example.net
    expect_queue 1
    run mailq
    expect_in out 'bob@example.net'
    flush 0
    expect_queue 0
    expect_delivered 1
}

test_system_mode()
{
    on_its_own inner_system -m
}

# as_user UID COMMAND...
as_user()
{
    setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}

# Somebody without an entry in passwd and without a home hands in a message: it lands in a spool of
# his own. Root's things stay closed to him.
inner_stranger()
{
    local uid=54321
    PORT=9
    system_config
    message >in
    command -v setpriv >/dev/null || skip 'there is no setpriv(1) here'
    as_user $uid test -x "$E2E_PREFIX/sbin/sendmail" || skip 'the installation is out of his reach'
    run_with_input in as_user $uid "$E2E_PREFIX/sbin/sendmail" -i -f a@b.example bob@example.net
    expect_status 0
    SPOOL=$E2E_PREFIX/var/spool/sendoff/$uid
    expect_queue 1
    expect_equal owner "$(stat -c %u:%a "$SPOOL")" "$uid:700"
    ! as_user $uid cat "$DIR/config/password" 2>/dev/null || fail 'he reads the secret'
    ! as_user $uid ls "$E2E_PREFIX/var/spool/sendoff" 2>/dev/null || fail 'he lists the root'
}

test_stranger()
{
    on_its_own inner_stranger -m
}
