# SPDX-License-Identifier: ISC
# Callers from uncommon places: whoever can write his spool can send, and whoever can not is told so
# at once, in one line.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

# sends COMMAND...: that caller's message is taken, without a word.
sends()
{
    message >"$DIR/message"
    run_with_input "$DIR/message" "$@"
    expect_status 0
    if [ -s out ] || [ -s err ]; then
        fail "it is to be silent: $(cat out err)"
    fi
}

# is_told STATUS COMMAND...
is_told()
{
    message >"$DIR/message"
    elapsed run_with_input "$DIR/message" "${@:2}"
    expect_status "$1"
    expect_one_line err
    expect_faster 2000
}

test_no_passwd_entry_no_home()
{
    on_a_host
    sends setpriv --reuid $STRANGER --regid $STRANGER --clear-groups \
        env -i /usr/sbin/sendmail -i bob@example.net
    expect_equal 'the spool' "$(stat -c %u:%a "$SPOOL/$STRANGER")" $STRANGER:700
    expect_waiting 1 $STRANGER
}

test_no_new_privileges()
{
    on_a_host
    sends setpriv --reuid bob --regid bob --clear-groups --no-new-privs --bounding-set -all \
        sendmail -i bob@example.net
    expect_waiting 1 bob
}

# Descriptors and limits as nobody should leave them.
test_limits()
{
    on_a_host
    sends as bob sh -c 'ulimit -n 20 && ulimit -s 256 && exec sendmail -i bob@example.net 1>&- 2>&-'
    expect_waiting 1 bob
    # Nor can it write a complaint into a file then.
    run_with_input message as bob sh -c 'ulimit -f 0 && exec sendmail -i bob@example.net'
    expect_status 75
    expect_waiting 1 bob
}

# make_jail: ./jail has the programs, the config and the spools; neither passwd nor /proc, /dev,
# /tmp or /run.
make_jail()
{
    local dir
    mkdir -p jail/etc/sendoff jail/var/spool jail/usr
    mount --bind /usr jail/usr
    for dir in /bin /lib /lib64; do
        [ ! -L "$dir" ] || ln -s "usr$dir" "jail$dir"
    done
    cp /etc/sendoff/sendoff.conf jail/etc/sendoff
    mount --rbind /var/spool jail/var/spool
    [ -e jail/lib64 ] || [ -e jail/lib ] || skip 'libraries lie elsewhere here'
}

test_chroot()
{
    on_a_host
    make_jail
    ! grep -q __asan_init /usr/sbin/sendmail || skip 'a sanitizer needs /proc'
    sends env -i /usr/sbin/chroot --userspec=2002:2002 jail /usr/sbin/sendmail -i bob@example.net
    expect_waiting 1 bob
}

# ProtectSystem=strict with ReadWritePaths= of the spools: all else can only be read.
read_only()
{
    local mount
    while read -r mount; do
        case $mount in
        /var/spool | /proc | "$DIR"*) ;;
        *) mount -o remount,bind,ro "$mount" 2>/dev/null || true ;;
        esac
    done < <(findmnt -rno TARGET)
    ! touch /etc/sendoff/x 2>/dev/null || fail '/etc is not read-only'
    mkdir /var/spool/case
    DIR=/var/spool/case
    cd "$DIR" || exit
}

test_read_only_root()
{
    on_a_host
    read_only
    sends as bob sendmail -i bob@example.net
    sends as $STRANGER env -i /usr/sbin/sendmail -i bob@example.net
    expect_waiting 1 bob
    expect_waiting 1 $STRANGER
}

# Nothing can be written at all, and nobody listens for the drop.
test_nothing_to_write_to()
{
    on_a_host
    mount -o remount,ro /var/spool
    is_told 73 as bob sendmail -i bob@example.net
    expect_in err 'Read-only file system'
}

test_no_spool_root()
{
    on_a_host
    rm -r "${SPOOL:?}"
    is_told 73 as bob sendmail -i bob@example.net
    expect_in err "$SPOOL/2002: No such file or directory"
    # Root's first mail makes it for all.
    sends sendmail -i bob@example.net
    [ "$(stat -c '%a %U' "$SPOOL")" = '1733 root' ] || fail "$(stat -c '%a %U' "$SPOOL")"
    sends as bob sendmail -i bob@example.net
    expect_waiting 1 bob
}

# The root of a user namespace of alice's own is not the one whose 0 lies there.
test_user_namespace()
{
    on_a_host
    as alice unshare -r true || skip 'unshare -r is refused to users here'
    is_told 75 as alice unshare -r sendmail -i bob@example.net
    # With her own uid she is herself.
    sends as alice unshare -c sendmail -i bob@example.net
    expect_waiting 1 alice
}

# A container: one uid, which is its root and may become nobody else, a read-only root, and one
# path to write to. Its spools are its own.
test_container_of_one_uid()
{
    on_a_host
    as alice unshare -r true || skip 'unshare -r is refused to users here'
    rmdir "$SPOOL/0"
    chmod 755 "$SPOOL"
    chown alice: "$SPOOL"
    install -o alice -m 600 /etc/sendoff/password password.new
    mv password.new /etc/sendoff/password
    install -d -o alice -m 700 /var/lib/sendoff
    read_only
    sends as alice unshare -r sendmail -i bob@example.net
    expect_equal 'the spool' "$(stat -c %u:%a "$SPOOL/0")" 2001:700
    expect_waiting 1 0
    run as alice unshare -r sendoff queue --json
    expect_status 0
    expect_one_line out
    expect_in out '"uid":0,'
}
