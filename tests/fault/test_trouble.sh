# SPDX-License-Identifier: ISC
# What a host does to a queue without any test harness: full and read-only file systems, limits, a
# clock that jumps, a file system that lacks features.
# shellcheck shell=bash

# shellcheck source=tests/fault/fault.sh
. "$(dirname "$CASE_FILE")/fault.sh"
# shellcheck source=tests/fault/oracle.sh
. "$HERE/oracle.sh"

# disk KIND: mounts a small file system on ./disk, and has the spool there. All its blocks can be
# used; it has few inodes.
disk()
{
    mkdir disk
    case $1 in
    ext4)
        command -v mke2fs >/dev/null || skip 'needs mke2fs'
        truncate -s 8M image
        mke2fs -q -t ext4 -b 1024 -m 0 -N 80 -F image
        mount -o loop image disk 2>mount.err || skip "no loop devices: $(cat mount.err)"
        ;;
    tmpfs) mount -t tmpfs -o size=2m,nr_inodes=80,mode=700 tmpfs disk ;;
    esac
    chmod 700 disk
    SPOOL=$DIR/disk/spool
}

# Twice, since the first round may stop at less than a block.
fill()
{
    dd if=/dev/zero of=disk/filler bs=64k status=none 2>/dev/null || true
    dd if=/dev/zero of=disk/filler bs=1k oflag=append conv=notrunc status=none 2>/dev/null || true
    sync -f disk
}

# A kilobyte less of it.
free_some()
{
    truncate -s -1k disk/filler
    sync -f disk
}

use_up_inodes()
{
    local n=0
    while touch disk/inode.$n 2>/dev/null; do
        n=$((n + 1))
    done
}

free_an_inode()
{
    local one
    for one in disk/inode.*; do
        rm "$one"
        return
    done
}

# inject_while SPARE: a message is refused, clearly and without a trace, until SPARE has made
# room often enough.
inject_while()
{
    local before refused=0
    before=$(queued)
    another
    for (( ; refused < 200; refused++)); do
        hit="after $refused of $1"
        run_with_input in "$SENDMAIL" -i -f alice@client.example bob@example.net
        points=$((points + 1))
        files "$SPOOL/tmp"
        litter=$((litter + ${#found[@]}))
        [ "$status" -ne 0 ] || break
        [ "$status" -eq 75 ] || problem "$hit: status $status"
        [ "$(wc -l <err)" -eq 1 ] || problem "$hit: $(cat err)"
        [ "$(queued)" -eq "$before" ] || problem "$hit: refused, and queued"
        "$1"
    done
    [ $refused -gt 0 ] || problem 'there was room from the start'
    [ $refused -lt 200 ] || problem 'it never finds room'
    # shellcheck disable=SC2012  # our names
    whole "$SPOOL/new/$(ls -t "$SPOOL/new" | head -n 1)" || truncated=$((truncated + 1))
    another_came
}

flush_in_trouble()
{
    hit='flush in trouble'
    run "$SENDOFF" flush
    points=$((points + 1))
    [ "$status" -lt 124 ] || problem "flush ends with $status"
    take_stock
    litter=$((litter + left))
}

# full KIND FILL FREE WHAT
full()
{
    disk "$1"
    prepare
    "$2"
    inject_while "$3"
    "$2"
    flush_in_trouble
    rm -f disk/filler disk/inode.*
    recover
    judge
    DUPLICATES="$duplicates (marks failed)"
    finish "$4"
}

full_disk() { full ext4 fill free_some 'full disk, ext4'; }
full_memory() { full tmpfs fill free_some 'full disk, tmpfs'; }
no_inodes() { full ext4 use_up_inodes free_an_inode 'no inodes, ext4'; }
no_inodes_in_memory() { full tmpfs use_up_inodes free_an_inode 'no inodes, tmpfs'; }

test_full_disk()
{
    on_its_own full_disk -m
}

test_full_memory()
{
    on_its_own full_memory -m
}

test_no_inodes()
{
    on_its_own no_inodes -m
}

test_no_inodes_in_memory()
{
    on_its_own no_inodes_in_memory -m
}

read_only()
{
    disk tmpfs
    prepare
    another
    mount -o remount,ro disk
    hit='read-only'
    run_with_input in "$SENDMAIL" -i bob@example.net
    [ "$status" -eq 73 ] || problem "read-only: status $status"
    [ "$(wc -l <err)" -eq 1 ] || problem "read-only: $(cat err)"
    points=$((points + 1))
    flush_in_trouble
    [ "$status" -eq 75 ] || problem "read-only: flush ends with $status"
    [ ! -s before ] || problem 'something was sent that could not be claimed'
    mount -o remount,rw disk
    recover
    judge
    finish 'read-only'
}

test_read_only()
{
    on_its_own read_only -m
}

# The kernel cuts a write, and would kill for it: not us.
test_file_size_limit()
{
    prepare
    seq 2000 >>original.1
    hit='limit of file size'
    status=0
    (ulimit -f 4 && "$SENDMAIL" -i bob@example.net <original.1 >out 2>err) || status=$?
    expect_status 75
    expect_one_line err
    points=1
    expect_queue 4
    files "$SPOOL/tmp"
    litter=${#found[@]}
    finish 'limit of file size'
}

# Where there is only link and unlink, a kill between them leaves two names of one file.
test_no_renameat2()
{
    local n names=0
    start_smarthost
    write_config sendoff.deliver=queue
    message one >in
    IN_SIZE=$(stat -c %s in)
    export LD_PRELOAD=$E2E_TOOLS/preload.so NO_RENAMEAT2=1
    for ((n = 1;; n++)); do
        broken -k -c change -n "$n" "$SENDMAIL" -i bob@example.net
        [ -n "$hit" ] || break
        points=$((points + 1))
        files "$SPOOL/new"
        for file in "${found[@]}"; do
            whole "$file" || truncated=$((truncated + 1))
        done
    done
    expect_status 0
    for file in "${found[@]}"; do
        [ ! -e "$SPOOL/tmp/${file##*/}" ] || names=$((names + 1))
    done
    [ $names -gt 0 ] || problem 'no kill came between link and unlink'
    unset NO_RENAMEAT2 LD_PRELOAD
    n=$(queued)
    flush 0
    [ "$(delivered)" -eq "$n" ] || lost=$((n - $(delivered)))
    sweep
    finish 'no renameat2, killed'
}

test_no_locks()
{
    prepare
    another
    broken -e ENOLCK -c flock -n 0 "$SENDMAIL" -i bob@example.net
    expect_status 0
    another_came
    broken -e ENOLCK -c flock -n 0 "$SENDOFF" flush
    expect_status 75
    expect_in err 'lock.*No locks available'
    points=2
    take_stock
    [ ! -s before ] || problem 'something was sent without a lock'
    recover
    judge
    finish 'no locks'
}

# at SECONDS COMMAND...: with the clock so far off.
at()
{
    local seconds=$1
    shift
    CLOCK_SHIFT=$seconds LD_PRELOAD=$E2E_TOOLS/preload.so "$@"
}

# A message comes, is deferred, and is due again, each under another clock: it is never late. It
# expires where the refusal came, by the clock of that moment, years after the message. TLS would
# have its own opinion of certificates ten years from now.
test_clock()
{
    local years=$((10 * 365 * 86400)) came tried
    MODE=plain USERS=''
    script <<'OF_SCRIPT'
on RCPT n=1 reply "451 4.7.1 come back later"
OF_SCRIPT
    for came in -$years 0 $years; do
        for tried in -$years 0 $years; do
            rm -rf spool account mail log
            start_smarthost
            write_config tls=none user= password_file= tls_ca_file= auth=none \
                sendoff.deliver=queue
            message one >in
            hit="came at $came, tried at $tried"
            at "$came" run_with_input in "$SENDMAIL" -i bob@example.net
            expect_status 0
            at "$tried" run "$SENDOFF" flush
            points=$((points + 1))
            if [ "$tried" -gt "$came" ] && [ "$(failed)" -eq 1 ]; then
                expect_in err 'expired'
                stop_smarthost
                continue
            fi
            [ "$status" -eq 75 ] || problem "$hit: flush ends with $status: $(cat err)"
            # An hour later by the true clock it is due, whatever the false ones said.
            at 3600 run "$SENDOFF" flush --due
            [ "$(delivered)" -eq 1 ] || {
                lost=$((lost + 1))
                problem "$hit: not delivered an hour later: $(cat err)"
            }
            stop_smarthost
        done
    done
    finish 'clock jumps'
}
