# SPDX-License-Identifier: ISC
# What a user can lay into his own spool (HAZARDS 5, 7, 8, 9): root's pass and root's looks neither
# wait for him nor follow him, and everybody else's mail goes.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

TRAPS=$E2E_TOOLS/traps

# Alice has a spool in which one message waits: sets MESSAGE, its path.
alice_waits()
{
    mail_of alice "mail of alice"
    MESSAGE=$(find "$(own alice)/new" -type f)
}

# passes DELIVERED: root looks and flushes without being held up; bob's mail is sent and so many
# messages in all; what only root can read is nowhere.
passes()
{
    mail_of bob "mail of bob"
    elapsed run timeout 20 sendoff queue
    expect_status 0
    expect_faster 2000
    expect_in out "^[0-9A-F]+  bob  "
    expect_equal 'lines with control bytes' "$(LC_ALL=C grep -c '[[:cntrl:]]' out)" 0
    elapsed run timeout 20 sendoff flush
    expect_status 0 75
    expect_faster 5000
    expect_waiting 0 bob
    expect_delivered "$1"
    grep -qr 'Subject: mail of bob' mail || fail "bob's mail did not arrive"
    if grep -qr 'for root alone' mail out err; then
        fail 'what only root can read was read'
    fi
}

sendoff()
{
    timeout 20 /usr/bin/sendoff "$@"
}

# secret: a message that nobody but root may read.
secret()
{
    mail_of root 'for root alone' >/dev/null
    SECRET=$(find "$(own root)/new" -type f)
    mv "$SECRET" /run/660E000000000000AA
    SECRET=/run/660E000000000000AA
}

test_link_to_a_file()
{
    on_a_host
    secret
    alice_waits
    as alice ln -s "$SECRET" "$(own alice)/new/660E000000000000AA"
    as alice ln -s /etc/sendoff/password "$(own alice)/new/660E000000000000AB"
    as alice ln -s /dev/zero "$(own alice)/cur/660E000000000000AC:2,S"
    passes 2
}

# A link in place of a directory leads into bob's spool: his mail is not sent as alice's.
test_link_to_a_directory()
{
    on_a_host
    local place sent=0
    for place in new cur .failed; do
        mail_of alice "$place"
        mv "$(own alice)/$place" "gone.$place"
        ln -s "$(own bob)/$place" "$(own alice)/$place"
        # Where only cur is not hers, what is in new is.
        sent=$((sent + 1 + $(find "$(own alice)" -path "*/new/*" -type f -not -path "*/.failed/*" | wc -l)))
        passes $sent
        rm -r "$(own alice)"
    done
}

test_spool_is_a_link()
{
    on_a_host
    alice_waits
    mv "$(own alice)" "$SPOOL/moved"
    as alice ln -s "$SPOOL/moved" "$(own alice)"
    passes 1
}

# A file of bob's or root's under a name in alice's spool is not alice's message.
test_foreign_files()
{
    on_a_host
    secret
    alice_waits
    mv "$SECRET" "$(own alice)/new/660E000000000000AA"
    mail_of bob 'of bob, and open to all'
    chmod 666 "$(own bob)"/new/*
    mv "$(own bob)"/new/* "$(own alice)/new/660E000000000000AB"
    passes 2
    expect_equal "bob's, as alice's" "$(grep -lr 'Subject: of bob' mail | wc -l)" 0
    expect_equal "what is set aside" "$(failed_of alice)" 2
}

# Two names are what a crash between link and unlink leaves, and no reason not to send.
test_second_names()
{
    on_a_host
    alice_waits
    as alice ln "$MESSAGE" "$(own alice)/tmp/${MESSAGE##*/}"
    as alice ln "$MESSAGE" "$(own alice)/copy"
    passes 2
    expect_equal 'what is left in tmp' "$(count_files "$(own alice)/tmp")" 0
    expect_waiting 0 alice
}

test_fifos()
{
    on_a_host
    alice_waits
    as alice mkfifo "$(own alice)/new/660E000000000000AA" "$(own alice)/cur/660E000000000000AB:2,S" \
        "$(own alice)/.failed/new/660E000000000000AC" "$(own alice)/tmp/660E000000000000AD"
    as alice touch -d '40 hours ago' "$(own alice)/tmp/660E000000000000AD"
    passes 2
}

test_fifo_as_lock()
{
    on_a_host
    alice_waits
    as alice rm "$(own alice)/lock"
    as alice mkfifo "$(own alice)/lock"
    passes 2
}

test_directory_as_lock()
{
    on_a_host
    alice_waits
    as alice rm "$(own alice)/lock"
    as alice mkdir "$(own alice)/lock"
    passes 2
}

# Alice holds her lock for ever, as a flush of her own would, or has a lease on it: her mail waits
# for her, and nobody else's does. Root's pass keeps its own lock where she can not come.
test_lock_is_held()
{
    on_a_host
    alice_waits
    laid as alice "$TRAPS" lock "$(own alice)/lock"
    passes 2
}

test_lease_on_lock()
{
    on_a_host
    alice_waits
    laid as alice "$TRAPS" lease "$(own alice)/lock"
    passes 2
}

test_sockets_devices_directories()
{
    on_a_host
    alice_waits
    as alice "$TRAPS" node "$(own alice)/new/660E000000000000AA"
    as alice mkdir -p "$(own alice)/new/660E000000000000AB/new" "$(own alice)/cur/660E000000000000AC:2,"
    as alice "$TRAPS" socket "$(own alice)/new/660E000000000000AD"
    passes 2
}

# The lease makes an ordinary open wait for 45 s.
test_leases()
{
    on_a_host
    alice_waits
    mail_of alice 'second mail of alice'
    laid as alice "$TRAPS" lease "$MESSAGE"
    passes 2
    expect_waiting 1 alice
}

# What is locked is somebody's: it waits.
test_locked_message()
{
    on_a_host
    alice_waits
    laid as alice "$TRAPS" lock "$MESSAGE"
    passes 1
    expect_waiting 1 alice
}

test_names()
{
    on_a_host
    local long
    alice_waits
    long=$(printf '%0255d' 0)
    as alice sh -c 'cd "$1" && for name in "$2" "$3" .hidden "a b" "$4" A1:2,%% "A1;rm"; do
        cp ../new/66* "../cur/$name"; done' - "$(own alice)/cur" "$long" \
        "$(printf 'A\nB')" "$(printf 'A\033[31mB')"
    passes 2
    expect_equal 'what is left' "$(find "$(own alice)/cur" -type f -printf x | wc -c)" 7
}

test_wrong_modes()
{
    on_a_host
    alice_waits
    chmod 0 "$MESSAGE"
    mail_of alice 'second mail of alice'
    passes 2
    chmod 777 "$(own alice)/new"
    run_with_input message as alice sendmail -i bob@example.net
    expect_status 75
    passes 3
}

# A file that is not a message, that says it is longer than it is, or that never ends.
test_contents()
{
    on_a_host
    local spool
    alice_waits
    spool=$(own alice)/new
    as alice sh -c 'cd "$1" && : >A1 && head -c 100000 /dev/zero >A2 && head -c 500 66* >A3 &&
        sed "1s/block=0*[0-9]*/block=9999999999/" 66* >A4 && sed "1s/block=0*[0-9]*/block=-1/" 66* >A5 &&
        { cat 66* && echo more; } >A6 && truncate -s 8T A7 &&
        { head -n 1 66* && yes | head -c 3000000; } >A8' - "$spool"
    passes 2
    expect_waiting 0 alice
}

# One user's many are not another's wait.
test_many()
{
    on_a_host
    alice_waits
    as alice sh -c 'cd "$1" && i=0 && while [ $((i += 1)) -le 3000 ]; do : >"JUNK$i"; done' - \
        "$(own alice)/cur"
    passes 2
}
