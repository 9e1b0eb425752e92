# SPDX-License-Identifier: ISC
# What sendoff-submit is shut in by, seen from outside while a slow smarthost holds it.
# shellcheck shell=bash

# state FIELD: of /proc/PID/status.
state()
{
    awk -v field="$1:" '$1 == field { $1 = ""; print substr($0, 2) }' "/proc/$SUBMIT/status"
}

# limit NAME: the hard one.
limit()
{
    awk -v name="$1" 'index($0, name) == 1 { print $(NF - 1) }' "/proc/$SUBMIT/limits"
}

need_walls()
{
    [ -z "$E2E_WRAP" ] || skip 'valgrind goes without walls'
    has_walls || skip 'this build has no walls'
}

held()
{
    need_root
    start_smarthost
    write_config
    need_walls
    stop_smarthost
    rm log
    hold MAIL
    write_config timeout_command=50s "$@"
    message >in
    inject in bob@example.net
    flush_until 'MAIL FROM'
}

test_in_force()
{
    held
    expect_equal seccomp "$(state Seccomp)" 2
    expect_equal 'no new privileges' "$(state NoNewPrivs)" 1
    expect_equal uid "$(state Uid)" '65534 65534 65534 65534'
    expect_equal gid "$(state Gid)" '65534 65534 65534 65534'
    expect_equal groups "$(state Groups)" ''
    local set
    for set in CapInh CapPrm CapEff CapAmb; do
        expect_equal "$set" "$(state $set)" 0000000000000000
    done
    expect_equal core "$(limit 'Max core')" 0
    [ "$(limit 'Max open files')" -le 1024 ] || fail 'it may open many files'
    # A process that can be dumped has files of its own in /proc.
    expect_equal 'owner of its memory' "$(stat -c %u "/proc/$SUBMIT/mem")" 0
    end_flush
}

# Both shut nothing more than that out.
test_off()
{
    held sendoff.walls=off
    expect_equal seccomp "$(state Seccomp)" 0
    expect_equal 'no new privileges' "$(state NoNewPrivs)" 1
    expect_equal uid "$(state Uid)" '65534 65534 65534 65534'
    expect_equal CapEff "$(state CapEff)" 0000000000000000
    within 5 has err '^sendoff: .*walls = off' || fail 'it is not logged'
    end_flush
    run sendoff check
    expect_in out '^warn walls: .*walls = off'
}

test_told_by_check()
{
    start_smarthost
    write_config
    need_walls
    run sendoff check
    expect_status 0
    expect_in out '^(pass|warn) walls: uid [0-9]+.*, no new privileges, Landlock [0-9]+, system calls filtered$'
}

# Where the account is there, it is that one, and it is ours alone.
with_account()
{
    need_root
    cp /etc/passwd passwd
    grep -v '^sendoff:' /etc/passwd >passwd || true
    printf 'sendoff:x:4711:4712::/nonexistent:/usr/sbin/nologin\n' >>passwd
    chmod 644 passwd
    mount --bind passwd /etc/passwd
    held
    expect_equal uid "$(state Uid)" '4711 4711 4711 4711'
    expect_equal gid "$(state Gid)" '4712 4712 4712 4712'
    expect_equal groups "$(state Groups)" ''
    expect_equal CapEff "$(state CapEff)" 0000000000000000
    expect_equal processes "$(limit 'Max processes')" 64
    end_flush
    run sendoff check
    expect_in out '^pass walls: uid 4711 \(sendoff\)'
}

test_account()
{
    on_its_own with_account -m --propagation private
}

# A name is looked up behind the walls, by libc's own ways.
test_names()
{
    start_smarthost
    SERVER=localhost write_config tls_ca_file= tls=none
    need_walls
    run sendoff check
    expect_in out '^pass DNS: localhost is .*127.0.0.1'
}
