# SPDX-License-Identifier: ISC
# Who can not write to the spool hands in at the drop (HAZARDS 17), and is told the truth.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

SOCKET=/run/sendoff/drop
TICKET=0123456789abcdef0123456789abcdef

# start_drop [COMMAND...]: by those words. What runs in the background here is the program itself
# and no shell around it, so that it can be killed.
# shellcheck disable=SC2086
start_drop()
{
    $E2E_WRAP "$@" "$E2E_PREFIX/bin/sendoff" drop 2>>"$DIR/drop.log" &
    DROP=$!
    started+=("$DROP")
    within 10 test -S $SOCKET || fail 'the drop did not start'
    within 10 test "$(stat -c %a $SOCKET)" = 666 || fail 'the drop is closed'
}

# A host where the drop listens. What the users' spools are to them is the case's to say.
on_a_host_with_a_drop()
{
    CASE=${FUNCNAME[1]}
    if [ -z "${ON_A_HOST-}" ]; then
        export ON_A_HOST=yes
        on_its_own "$CASE" -m
    fi
    on_a_host
    system_config sendoff.log=stderr "$@"
    start_drop
}

# Nobody but root and the drop has a spool, as it is for a service under ProtectSystem=strict.
shut()
{
    local user
    for user; do
        rm -rf "$(own "$user")"
        : >"$(own "$user")"
    done
}

# stop_drop [SIGNAL]: and what it leaves behind goes, as it does where the socket is systemd's.
stop_drop()
{
    kill "-${1-TERM}" "$DROP" 2>/dev/null || true
    wait "$DROP" 2>/dev/null || true
    rm -f $SOCKET
}

# talk [USER] <SCRIPT: what it was answered is in ./said.
talk()
{
    as "${1-alice}" "$E2E_TOOLS/talk" $SOCKET >"$DIR/said" 2>&1
}

# handed_in FILE: what a client sends of this file of a spool, in one piece.
handed_in()
{
    printf 'say data %d\\n%s\n' "$(wc -c <"$1")" "$(sed ':a;N;$!ba;s/\n/\\n/g' "$1")\\n"
}

# a_file: a message's file as sendmail makes it, in ./file.
a_file()
{
    mail_of bob
    find "$(own bob)/new" -type f -exec mv {} "$DIR/file" \;
}

dropped()
{
    waiting sendoff-drop
}

expect_dropped()
{
    expect_equal 'messages in the drop' "$(dropped)" "$1"
    expect_equal 'half a message in the drop' "$(count_files "$(own sendoff-drop)/tmp")" 0
}

# expect_uids UID...: whose the messages in the drop are.
expect_uids()
{
    expect_equal 'users' "$(find "$(own sendoff-drop)/new" -type f -exec cat {} + |
        sed -n 's/^Sendoff-Arrival: .* uid=//p' | sort -n | xargs)" "$*"
}

# not_queued STATUS USER: what that user sends is not queued; one line tells of spool and drop.
not_queued()
{
    local want=$1
    run_with_input message as "$2" sendmail -i bob@example.net
    expect_status "$want"
    expect_one_line err
    expect_in err "$SPOOL/.*; $SOCKET: "
}

test_message_goes_through()
{
    on_a_host_with_a_drop
    shut www-data
    mail_of www-data
    expect_dropped 1
    expect_uids 33
    stored "$(find "$(own sendoff-drop)/new" -type f)" >got
    cmp -s message got || fail 'it is not as it was'
    expect_equal 'owner and mode' "$(find "$(own sendoff-drop)/new" -type f -printf '%u %m')" \
        'sendoff-drop 600'
    expect_in drop.log 'uid=33 from=<alice@client.example>$'
    run sendoff flush
    expect_status 0
    expect_delivered 1
    expect_arrived 1 message
    expect_in err "uid=33"
    expect_dropped 0
}

test_unwritable_root()
{
    on_a_host_with_a_drop
    chmod 755 $SPOOL
    mail_of www-data
    mail_of $STRANGER
    expect_dropped 2
    expect_uids 33 3003
}

# The spool is there and was used before; now nothing can be written.
test_read_only_spool()
{
    on_a_host_with_a_drop
    mail_of alice
    message >message
    unshare -m bash -c "mount --bind $SPOOL $SPOOL && mount -o remount,ro,bind $SPOOL &&
        setpriv --reuid 2001 --regid 2001 --clear-groups \
            $E2E_PREFIX/sbin/sendmail -i bob@example.net <message" >out 2>err ||
        fail "not queued: $(cat err)"
    expect_waiting 1 alice
    expect_dropped 1
    expect_uids 2001
}

# ProtectSystem=strict, NoNewPrivileges, a user that passwd does not know (DynamicUser), no home.
test_sandbox()
{
    on_a_host_with_a_drop
    message >message
    unshare -m bash -c "mount --bind / / 2>/dev/null; mount -o remount,ro,bind $SPOOL 2>/dev/null ||
        { mount --bind $SPOOL $SPOOL && mount -o remount,ro,bind $SPOOL; }
        exec env -i setpriv --reuid $STRANGER --regid $STRANGER --clear-groups --no-new-privs \
            $E2E_PREFIX/sbin/sendmail -i -f alice@client.example bob@example.net <message" \
        >out 2>err || fail "not queued: $(cat err)"
    expect_dropped 1
    expect_uids $STRANGER
}

# Root of a user namespace is who made it; a user that this one has no number for is nobody.
test_user_namespace()
{
    on_a_host_with_a_drop
    message >message
    as alice unshare -r true 2>/dev/null || skip 'unshare -r is refused here'
    run_with_input message as alice unshare -r \
        "$E2E_PREFIX/sbin/sendmail" -i -f alice@client.example bob@example.net
    expect_status 0
    expect_dropped 1
    expect_uids 2001
}

test_server_in_user_namespace()
{
    on_a_host_with_a_drop
    stop_drop
    as sendoff-drop unshare -r true 2>/dev/null || skip 'unshare -r is refused here'
    chmod 777 /run/sendoff
    rm -f /run/sendoff/drop.lock
    start_drop setpriv --reuid 972 --regid 972 --clear-groups unshare --map-user=972 --map-group=972
    printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET | talk alice
    expect_in said '^refused 77 '
}

test_nobody_listens()
{
    on_a_host_with_a_drop
    message >message
    shut alice
    kill $DROP
    wait $DROP || fail 'the drop did not end in order'
    not_queued 75 alice
    expect_in err 'Connection refused'
    rm $SOCKET
    not_queued 75 alice
    expect_in err 'No such file'
    chmod 755 $SPOOL
    rm "$(own alice)"
    not_queued 73 alice
}

# A full disk is no reason: the drop's is the same.
test_full_disk()
{
    on_a_host_with_a_drop
    message >message
    mount -t tmpfs -o mode=1733,size=64k,nr_inodes=64 none $SPOOL
    stop_drop
    start_drop
    shut alice
    dd if=/dev/zero of=$SPOOL/fill bs=4k 2>/dev/null || true
    not_queued 75 alice
    expect_in err 'No space left'
    expect_dropped 0
    rm $SPOOL/fill
    mail_of alice
    expect_dropped 1
}

test_large_message()
{
    on_a_host_with_a_drop
    shut alice
    { message && seq -f 'line %.0f of a large message' 200000; } >large
    run_with_input large as alice sendmail -i -f alice@client.example bob@example.net
    expect_status 0
    stored "$(find "$(own sendoff-drop)/new" -type f)" >got
    cmp large got || fail 'it is not as it was'
}

test_limits()
{
    on_a_host_with_a_drop sendoff.max_size=20k sendoff.max_recipients=2 sendoff.max_queued=2
    shut alice bob
    { message && seq -f 'line %.0f of a large message' 2000; } >message
    run_with_input message as alice sendmail -i bob@example.net
    expect_status 65
    mail_of alice
    mail_of alice
    message >message
    not_queued 75 alice
    expect_in err '2 messages of uid 2001 wait already'
    mail_of bob
    expect_dropped 3
    # In a spool of his own, the same holds.
    mail_of www-data
    mail_of www-data
    run_with_input message as www-data sendmail -i bob@example.net
    expect_status 75
    expect_in err '2 messages wait already \(max_queued\)'
    expect_waiting 2 www-data
}

# The answer is lost, and all that was said comes again under the same ticket.
test_lost_answer()
{
    on_a_host_with_a_drop
    a_file
    local size first
    size=$(wc -c <file)
    {
        printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET
        handed_in file
        printf 'say end %d\\n\nleave\n' "$size"
    } >script
    talk <script
    expect_in said '^ready$'
    within 5 test "$(dropped)" -gt 0 || fail 'it was not stored'
    printf 'say sendoff-handin 1 ask %s\\n\nhear\n' $TICKET | talk
    expect_in said '^stored [0-9A-F]{18}$'
    first=$(cat said)
    printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET | talk
    expect_equal 'the answer' "$(cat said)" "$first"
    # Nobody else is told of it.
    printf 'say sendoff-handin 1 ask %s\\n\nhear\n' $TICKET | talk bob
    expect_in said '^unknown$'
    # A drop that has started anew knows it, too.
    stop_drop KILL
    start_drop
    printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET | talk
    expect_equal 'the answer' "$(cat said)" "$first"
    expect_dropped 1
}

# The drop is killed at each of its system calls on the way, and started again: whoever is told
# that it is queued has one copy there, and whoever is told it is not has none.
test_killed_at_each_call()
{
    on_a_host_with_a_drop
    command -v strace >/dev/null || skip 'no strace'
    local call n=0 copies before
    shut alice
    for size in 1 6000; do
        { message && seq -f 'line %.0f of a message' $size; } >message
        for call in openat write recvfrom pwrite64 fsync renameat2 sendto close; do
            for when in 1 2; do
                rm -rf "$(own sendoff-drop)"
                stop_drop
                start_drop
                before=$DROP
                strace -qq -o /dev/null -p $DROP -e trace=$call \
                    -e inject=$call:signal=KILL:when=$when &
                started+=($!)
                within 10 grep -q '^TracerPid:[[:space:]]*[1-9]' /proc/$DROP/status ||
                    skip 'strace is refused here'
                { run_with_input message as alice sendmail -i bob@example.net; echo "$status" >status; } &
                client=$!
                within 2 test ! -e /proc/$before/exe && { rm -f $SOCKET; start_drop; }
                status=0
                wait $client || true
                copies=$(dropped)
                status=$(cat status)
                if [ "$status" -eq 0 ]; then
                    [ "$copies" -eq 1 ] || fail "$call $when: status 0, $copies copies"
                    n=$((n + 1))
                else
                    [ "$status" -eq 75 ] || fail "$call $when: status $status"
                    [ "$copies" -eq 0 ] || fail "$call $when: status 75, $copies copies"
                fi
            done
        done
    done
    [ $n -gt 4 ] || fail 'nothing was ever queued'
}

# Nobody is held up by those who say nothing, say it slowly, or say what is none of this.
test_bad_peers()
{
    on_a_host_with_a_drop
    a_file
    local size i script
    size=$(wc -c <file)
    shut alice bob www-data
    printf 'drip 400 sendoff-handin 1 store %s\\n\n' $TICKET >slow
    printf 'sleep 60000\n' >silent
    for i in $(seq 32); do
        for script in slow silent; do
            setpriv --reuid 2002 --regid 2002 --clear-groups "$E2E_TOOLS/talk" $SOCKET <$script \
                >/dev/null &
            started+=($!)
        done
    done
    sleep 0.3
    elapsed mail_of www-data
    expect_faster 2000
    # Nor is he whose own places are all taken, for long.
    (mail_of bob 2>&1) &
    bob=$!
    printf 'flood 100000 GET / HTTP/1.0\\n\nhear\n' | talk
    expect_in said '^refused 65 '
    printf 'flood 100000 x\nhear\n' | talk
    expect_in said '^refused 65 '
    # More than was ever asked for, octet by octet.
    printf 'say sendoff-handin 1 store %s\\n\nhear\nflood 2000000 data 1\\nx\nhear\n' \
        $TICKET | talk
    expect_in said '^refused 65 '
    # Cut short, shrunk, grown.
    {
        printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET
        handed_in file
    } >script
    talk <script
    within 5 test "$(count_files "$(own sendoff-drop)/tmp")" -eq 0 || fail 'half a message stays'
    { cat script && printf 'say end %d\\n\nhear\n' $((size - 1)); } | talk
    expect_in said '^refused 65 '
    { cat script && printf 'say end %d\\ndata 1\\nx\nhear\n' "$size"; } | talk
    expect_in said '^refused 65 '
    wait $bob || fail 'bob has to wait for himself'
    expect_dropped 2
    expect_uids 33 2002
}

# They may be slow once their envelope is there; but not while others wait.
test_slow_peers()
{
    on_a_host_with_a_drop
    a_file
    local i
    shut bob
    {
        printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET
        handed_in file
        printf 'sleep 60000\n'
    } >script
    for i in $(seq 32); do
        sed "s/$TICKET/$(printf %032x "$i")/" script >"script.$i"
        setpriv --reuid 2002 --regid 2002 --clear-groups "$E2E_TOOLS/talk" $SOCKET \
            <"script.$i" >"said.$i" &
        started+=($!)
    done
    within 5 test "$(cat said.* | wc -l)" -eq 32 || true
    sleep 12
    expect_equal 'who was let in' "$(cat said.* | grep -c ready)" 32
    expect_not_in drop.log refused
    elapsed mail_of bob
    expect_faster 2000
    expect_in drop.log 'refused: too slow while others wait'
}

# The service manager has the socket.
test_socket_activation()
{
    command -v systemd-socket-activate >/dev/null || skip 'no systemd-socket-activate'
    on_a_host_with_a_drop
    stop_drop
    systemd-socket-activate -l $SOCKET setpriv --reuid 972 --regid 972 --clear-groups \
        "$E2E_PREFIX/bin/sendoff" drop 2>>drop.log &
    DROP=$!
    started+=("$DROP")
    within 10 test -S $SOCKET || fail 'no socket'
    chmod 666 $SOCKET
    shut alice bob
    mail_of alice
    mail_of bob
    expect_dropped 2
    expect_uids 2001 2002
    # Another one does not take it away.
    run sendoff drop
    expect_status 75
    expect_in err 'somebody listens there already'
    mail_of alice
    expect_dropped 3
}

test_rings_the_bell()
{
    on_a_host_with_a_drop
    shut alice
    mkfifo -m 622 /run/sendoff/bell
    exec 9<>/run/sendoff/bell
    mail_of alice
    read -r -t 5 -N 1 <&9 || fail 'nobody rang'
    exec 9<&-
}

# Not as root, where there is no other account; and not for a config of one's own.
test_who_it_runs_as()
{
    on_a_host_with_a_drop
    expect_equal 'who runs it' "$(stat -c %u /proc/$DROP)" 972
    expect_equal 'all of its ids and groups' \
        "$(grep -E '^(Uid|Gid|Groups|NoNewPrivs)' /proc/$DROP/status | xargs)" \
        'Uid: 972 972 972 972 Gid: 972 972 972 972 Groups: NoNewPrivs: 1'
    run sendoff drop
    expect_status 75
    expect_in err 'somebody listens there already'
    stop_drop
    sed -i /^sendoff-drop:/d /etc/passwd
    run sendoff drop
    expect_status 78
    expect_in err 'no such account'
    write_config
    run sendoff drop
    expect_status 78
    expect_in err 'the config is personal'
}

test_forged_uid()
{
    on_a_host_with_a_drop
    a_file
    sed -i 's/^\(Sendoff-Arrival: [0-9.]* uid=\).*/\19999/' file
    {
        printf 'say sendoff-handin 1 store %s\\n\nhear\n' $TICKET
        handed_in file
        printf 'say end %d\\n\nhear\n' "$(wc -c <file)"
    } | talk
    expect_in said '^stored '
    expect_uids 2001
}

test_500_at_once()
{
    on_a_host_with_a_drop
    local i client clients=()
    shut alice
    message >message
    for i in $(seq 500); do
        as alice sendmail -i -f alice@client.example bob@example.net <message 2>>errors &
        clients+=($!)
    done
    for client in "${clients[@]}"; do
        wait "$client" || fail "one was refused: $(head -n 1 errors)"
    done
    expect_dropped 500
}
