# SPDX-License-Identifier: ISC
# sendmail alone: what it stores, what it refuses, and that a failure leaves nothing behind.
# shellcheck shell=bash

# A config is all it needs; nobody listens on that port.
prepare()
{
    PORT=9
    write_config "$@"
    message >in
}

# refused STATUS: sendmail ended so, told why in one line, and left nothing in the spool.
refused()
{
    expect_status "$1"
    expect_one_line err
    [ ! -s out ] || fail 'there is output'
    expect_equal 'files in new and tmp' "$(count_files "$SPOOL/new" "$SPOOL/tmp")" 0
}

test_complete_message_is_kept()
{
    prepare
    inject in bob@example.net
    expect_queue 1
    expect_equal 'mode of the file' "$(stat -c %a "$SPOOL"/new/*)" 600
    expect_equal 'mode of the spool' "$(stat -c %a "$SPOOL" "$SPOOL/new" | uniq)" 700
    stored "$SPOOL"/new/* | cmp in -
}

test_missing_fields_are_added()
{
    prepare
    printf 'Subject: bare\n\nhello\n' >in
    inject in bob@example.net
    stored "$SPOOL"/new/* >got
    expect_in got '^Date: .* [+-][0-9]{4}$'
    expect_in got '^Message-I[Dd]: <[^@ ]+@[^> ]+>$'
    expect_in got '^From: .*alice@client\.example'
    expect_in got '^Subject: bare$'
    expect_equal 'last line' "$(tail -n 1 got)" hello
}

test_body_without_header()
{
    prepare
    printf 'no header at all\nsecond line\n' >in
    inject in bob@example.net
    stored "$SPOOL"/new/* >got
    expect_equal body "$(sed '1,/^$/d' got)" "$(cat in)"
}

test_recipients_from_header()
{
    start_smarthost
    write_config
    printf '%s\n' 'From: alice@client.example' 'To: "B, ob" <bob@example.net>,' \
        ' carol@example.net (Carol)' 'Cc: friends: dave@example.net, <erin@example.net>;' \
        'Bcc: frank@example.net,' ' grace@example.net' 'Subject: x' '' 'text' >in
    run_with_input in sendmail -t -i
    expect_status 0
    flush 0
    expect_equal recipients "$(sed -n 's/^RCPT TO:<\(.*\)@example.net>.*/\1/p' mail/*.eml | sort |
        tr '\n' ' ')" 'bob carol dave erin frank grace '
    cat mail/*.eml >got
    expect_not_in got '^([Bb]cc|  *grace)'
}

test_bcc_never_leaves()
{
    start_smarthost
    write_config
    printf '%s\n' 'From: alice@client.example' 'BCC: secret@example.net' 'To: bob@example.net' \
        'Resent-Bcc: secret2@example.net' 'Bcc:' ' secret3@example.net' '' \
        'Bcc: in the body it is text' >in
    inject in bob@example.net
    flush 0
    arrived 1 >got
    expect_not_in got 'secret'
    expect_in got '^Bcc: in the body'
}

test_undisclosed()
{
    prepare
    printf 'From: alice@client.example\nBcc: bob@example.net\n\ntext\n' >in
    run_with_input in sendmail -t -i
    expect_status 0
    stored "$SPOOL"/new/* >got
    expect_in got '^To: undisclosed-recipients:;'
}

# A caller who forgot -i: a dot in the middle does not cut the message, one at the end is dropped.
test_lone_dot()
{
    prepare
    printf 'From: a@b.example\n\none\n.\ntwo\n.\n' >in
    run_with_input in sendmail bob@example.net
    expect_status 0
    expect_equal body "$(stored "$SPOOL"/new/* | sed '1,/^$/d')" "$(printf 'one\n.\ntwo')"
}

test_lone_dot_as_sendmail()
{
    prepare sendoff.dot=sendmail
    printf 'From: a@b.example\n\none\n.\ntwo\n' >in
    run_with_input in sendmail bob@example.net
    expect_status 0
    expect_equal body "$(stored "$SPOOL"/new/* | sed '1,/^$/d')" one
}

test_mbox_line_is_dropped()
{
    prepare
    { printf 'From alice Sun Nov 22 12:00:00 2026\n' && cat in; } >mbox
    inject mbox bob@example.net
    stored "$SPOOL"/new/* | cmp in -
}

test_full_name()
{
    prepare
    printf 'Subject: x\n\ntext\n' >in
    run_with_input in sendmail -i -F 'Cron Daemon' -f root@client.example bob@example.net
    expect_status 0
    stored "$SPOOL"/new/* >got
    expect_in got '^From: "?Cron Daemon"? <root@client.example>'
}

# What callers in the wild pass.
test_callers()
{
    prepare
    printf 'From: alice@client.example\nTo: bob@example.net\n\ntext\n' >in
    run_with_input in sendmail -i -FCronDaemon -B8BITMIME -oem bob@example.net
    expect_status 0
    run_with_input in sendmail -FCronDaemon -i -odi -oem -oi -t -f root@client.example
    expect_status 0
    run_with_input in sendmail -t -i
    expect_status 0
    run_with_input in sendmail -oem -oi -f a@b.example -- bob@example.net
    expect_status 0
    run_with_input in sendmail -i -f a@b.example -N never -R hdrs -V id -O DeliveryMode=q -p x \
        -h 3 -L tag -X /dev/null -C /nonexistent -A c -d0 -U -G -m -n -v bob@example.net
    expect_status 0
    expect_queue 5
}

test_bad_address_refuses_all()
{
    prepare
    run_with_input in sendmail -i bob@example.net 'no good@@example.net'
    refused 65
    expect_in err '@@example.net'
}

test_no_recipient()
{
    prepare
    run_with_input in sendmail -i
    expect_status 64 65
    expect_equal queue "$(queued)" 0
}

test_usage()
{
    prepare
    run_with_input in sendmail -bz bob@example.net
    refused 64
    run_with_input in sendmail -q -t
    refused 64
}

test_control_bytes_in_arguments()
{
    prepare
    run_with_input in sendmail -i -f $'alice@client.example\nRCPT TO:<x@y.z>' bob@example.net
    expect_status 64 65
    run_with_input in sendmail -i $'bob@example.net\r\nDATA'
    expect_status 64 65
    expect_queue 0
}

test_stdin_closed()
{
    prepare
    status=0
    sendmail -i bob@example.net <&- >out 2>err || status=$?
    refused 74
}

test_stdin_fails()
{
    prepare
    run_with_input "$DIR" sendmail -i bob@example.net
    refused 74
}

test_outputs_closed()
{
    [ -z "$E2E_WRAP" ] || skip 'valgrind wants its outputs'
    prepare
    sendmail -i bob@example.net <in >&- 2>&-
    expect_queue 1
    stored "$SPOOL"/new/* | cmp in -
}

test_spool_is_a_file()
{
    prepare
    : >"$SPOOL"
    run_with_input in sendmail -i bob@example.net
    expect_status 73 75
    expect_one_line err
    expect_in err 'spool'
}

test_spool_under_a_file()
{
    : >"$DIR/file"
    SPOOL=$DIR/file/spool
    prepare
    run_with_input in sendmail -i bob@example.net
    refused 73
    expect_in err 'file/spool'
}

inner_read_only()
{
    prepare
    mkdir spool
    mount -t tmpfs -o ro,mode=700 none spool || skip 'can not mount here'
    run_with_input in sendmail -i bob@example.net
    expect_status 73
    expect_one_line err
    expect_in err 'Read-only'
}

test_spool_read_only()
{
    on_its_own inner_read_only -m
}

inner_full_disk()
{
    local size
    prepare
    mkdir spool
    mount -t tmpfs -o size=64k,mode=700 none spool || skip 'can not mount here'
    inject in bob@example.net
    { cat in && head -c 300000 /dev/zero | tr '\0' x | fold -w 70; } >large
    for size in 8000 40000 60000 300000; do
        head -c $size large >part
        run_with_input part sendmail -i bob@example.net
        [ "$status" -ne 0 ] || continue
        expect_status 75
        expect_one_line err
        expect_in err 'No space'
        expect_equal 'files in tmp' "$(count_files spool/tmp)" 0
    done
    expect_status 75
    # Room again, and all is well.
    rm spool/new/*
    inject in bob@example.net
    expect_queue 1
    stored "$SPOOL"/new/* | cmp in -
}

test_full_disk()
{
    on_its_own inner_full_disk -m
}

inner_no_inodes()
{
    prepare
    mkdir spool
    mount -t tmpfs -o nr_inodes=3,mode=700 none spool || skip 'can not mount here'
    run_with_input in sendmail -i bob@example.net
    expect_status 73 75
    expect_one_line err
    expect_equal files "$(count_files spool)" 0
}

test_no_inodes()
{
    on_its_own inner_no_inodes -m
}

test_file_size_limit()
{
    prepare
    head -c 200000 /dev/zero | tr '\0' x | fold -w 70 >>in
    status=0
    (ulimit -f 64 && sendmail -i bob@example.net <in >out 2>err) || status=$?
    refused 75
}

# A signal in the middle of the input leaves nothing behind.
test_killed_while_reading()
{
    local sig pid
    prepare
    mkfifo pipe
    for sig in TERM HUP; do
        "$E2E_PREFIX/sbin/sendmail" -i bob@example.net <pipe >out 2>err &
        pid=$!
        exec 4>pipe
        head -c 300000 /dev/zero | tr '\0' x | fold -w 70 >&4
        kill -$sig $pid
        status=0
        wait $pid || status=$?
        exec 4>&-
        [ "$status" -gt 128 ] || fail "it ended with $status"
        expect_equal "files after $sig" "$(count_files "$SPOOL/tmp" "$SPOOL/new")" 0
    done
}

# It waits for the disk and its input, for nothing else: not for a flush, not for the smarthost.
test_does_not_wait_for_a_flush()
{
    script <<'END'
on CONNECT silence
END
    one_waits timeout_greeting=20s
    sendoff flush >flush.out 2>&1 &
    started+=($!)
    expect_log '1 connect'
    elapsed inject in bob@example.net
    expect_faster 1000
    expect_queue 2
}

# Many at once: each is stored, each once.
test_many_at_a_time()
{
    local i
    prepare
    for i in $(seq 40); do
        (message "number $i" | sendmail -i -f a@b.example bob@example.net || echo "$i" >>failed) &
    done
    wait
    [ ! -e failed ] || fail "not stored: $(cat failed)"
    expect_queue 40
    grep -h '^Subject: number' spool/new/* | sort -u | wc -l | cmp - <(echo 40)
    expect_equal 'files in tmp' "$(count_files spool/tmp)" 0
}

test_queue_holds_its_most()
{
    prepare sendoff.max_queued=2
    inject in bob@example.net
    inject in bob@example.net
    mv "$SPOOL"/new/* "$SPOOL/cur/"
    run_with_input in sendmail -i bob@example.net
    expect_status 75
    expect_one_line err
    expect_in err '2 messages wait already \(max_queued\)'
    printf 'MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nx\r\n.\r\n' >talk
    run_with_input talk sendmail -bs
    expect_in out '^452 4.3.1 '
    expect_queue 2
    rm "$(find "$SPOOL/cur" -type f | head -n 1)"
    inject in bob@example.net
    expect_queue 2
}
