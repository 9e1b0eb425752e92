# SPDX-License-Identifier: ISC
# Every user of the host sends, each from a spool of his own.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

test_each_gets_a_spool()
{
    on_a_host
    local user
    for user in www-data alice root; do
        mail_of $user
        expect_own $user
        expect_waiting 1 $user
    done
    expect_waiting 3
    expect_equal 'the root' "$(stat -c %u:%a "$SPOOL")" 0:1733
}

test_nobody_sees_others()
{
    on_a_host
    local file
    mail_of alice 'for your eyes only'
    file=$(find "$(own alice)" -type f -path '*/new/*')
    run as bob cat "$file"
    expect_status 1
    run as bob ls "$SPOOL"
    expect_status 2
    run as bob sendoff queue
    expect_status 0
    expect_in out 'Mail queue is empty'
    run as bob cat /etc/sendoff/password
    expect_status 1
    run as alice sendoff queue --json
    expect_one_line out
    expect_in out '"uid":2001,'
}

test_root_sees_all()
{
    on_a_host
    local user
    for user in www-data alice root; do
        mail_of $user "mail of $user"
    done
    run sendoff queue
    expect_status 0
    expect_in out '^[0-9A-F]+  www-data  .* old .*  due now$'
    expect_in out '^  from alice@client.example to '
    expect_in out '^[0-9A-F]+  alice     '
    expect_in out '^[0-9A-F]+  root      '
    expect_in out '^3 messages, .*: 3 waiting'
    run sendoff queue --json
    expect_equal 'lines' "$(wc -l <out)" 3
    expect_in out "\"spool\":\"$SPOOL/33\",\"uid\":33,"
    expect_in out "\"spool\":\"$SPOOL/2001\",\"uid\":2001,"
    expect_in out "\"spool\":\"$SPOOL/0\",\"uid\":0,"
    run mailq
    expect_in out 'in 3 Requests'
    # In his own spool, an ordinary user sees no names of users.
    run as alice sendoff queue
    expect_in out '^[0-9A-F]+ +[0-9]+s old  '
}

# What root does to a message of a user's, it does as the user: nothing there becomes root's.
test_root_edits_all()
{
    on_a_host
    local id
    mail_of alice
    mail_of bob
    id=$(basename "$(own alice)"/new/*)
    run sendoff queue hold "$id"
    expect_status 0
    expect_equal owner "$(stat -c %u "$(own alice)/cur/$id:2,H")" 2001
    run sendoff queue show "$id"
    expect_status 0
    expect_in out '^Subject: hello$'
    expect_in out "^spool +$SPOOL/2001\$"
    run as bob sendoff queue release "$id"
    expect_status 66
    run sendoff queue release ALL
    expect_status 0
    expect_one_line out
    run sendoff queue delete ALL
    expect_status 0
    expect_equal lines "$(wc -l <out)" 2
    expect_waiting 0
    expect_equal "what is root's" "$(find "$SPOOL/2001" "$SPOOL/2002" -user root)" ''
}

# The mail of a uid that passwd does not know is kept, and nobody acts as him; root's own `sendoff
# queue` leaves it out.
test_stranger()
{
    on_a_host
    mail_of $STRANGER
    expect_equal 'the spool' "$(stat -c %u:%a "$SPOOL/$STRANGER")" $STRANGER:700
    expect_waiting 1 $STRANGER
    run as $STRANGER sendoff queue
    expect_in out '^1 message'
    run sendoff queue
    expect_in out 'Mail queue is empty'
    run sendoff check
    expect_in out '1 spool of uids that passwd does not know, left alone: 3003$'
}
