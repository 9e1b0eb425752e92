# SPDX-License-Identifier: ISC
# What people and scripts do with the queue: sendoff queue, mailq, show, hold, release, retry,
# delete, what a pass chooses, beside flushes and mail readers.
# shellcheck shell=bash

prepare()
{
    dead_port
    write_config
    message first >in
    inject in bob@example.net carol@example.net
    message second >in2
    run_with_input in2 sendmail -i -f dave@client.example erin@example.com
    expect_status 0
    find_ids
}

# FIRST and SECOND: the ids in the queue, oldest first.
find_ids()
{
    local -a ids
    mapfile -t ids < <(cd "$SPOOL" && find new cur -type f -printf '%f\n' | sed 's/:.*//' | sort)
    FIRST=${ids[0]-} SECOND=${ids[1]-}
}

queue()
{
    local want=$1
    shift
    run sendoff queue "$@"
    expect_status "$want"
}

test_listing()
{
    prepare
    queue 0
    expect_in out "^$FIRST .* old .*  due now$"
    expect_in out '^  from alice@client.example to bob@example.net, carol@example.net$'
    expect_in out '^2 messages, [0-9]+B: 2 waiting; the oldest has waited [0-9]+s$'
}

# As Postfix's, octet by octet but for the facts.
test_mailq()
{
    prepare
    run mailq
    expect_status 0
    {
        printf '%s\n' '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------' \
            "$FIRST SIZE WHEN alice@client.example" \
            '                                         bob@example.net' \
            '                                         carol@example.net' '' \
            "$SECOND SIZE WHEN dave@client.example" \
            '                                         erin@example.com' '' \
            '-- 0 Kbytes in 2 Requests.'
    } >want
    sed -E 's/^([0-9A-F]{18}) +[0-9]+ [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}  /\1 SIZE WHEN /' \
        out >got
    diff want got || fail 'mailq is not as it is to be'
    queue 0 hold "$SECOND"
    flush 75
    run sendmail -bp
    expect_status 0
    expect_in out "^$SECOND! +[0-9]"
    expect_in out '^ *\([^ ].*refused.*\)$'
}

test_json()
{
    prepare
    queue 0 --json
    expect_equal lines "$(wc -l <out)" 2
    python3 - "$FIRST" "$SPOOL" <<'END' || fail 'it is no such JSON'
import json, sys
first, second = [json.loads(line) for line in open('out')]
assert first['id'] == sys.argv[1] and first['spool'] == sys.argv[2], first
assert first['state'] == 'waiting' and first['sender'] == 'alice@client.example', first
assert first['recipients'] == [
    {'address': 'bob@example.net', 'status': 'waiting', 'detail': ''},
    {'address': 'carol@example.net', 'status': 'waiting', 'detail': ''}], first
assert first['attempts'] == 0 and first['account'] == 'smarthost' and first['reason'] == ''
assert abs(first['arrival'] - first['next_attempt']) <= 2, first
assert second['size'] > 100 and second['arrival'] >= first['arrival'], second
END
}

# Why nothing moves is the account's trouble, and that is told.
test_account_rests()
{
    prepare
    flush 75
    queue 0
    expect_in out '  next try in [0-9]+[smh], account smarthost rests$'
    expect_in out '^account smarthost rests, next try in [0-9]+[smh]: .*refused'
    expect_equal 'times that is told' "$(grep -c refused out)" 1
    queue 0 --json
    expect_in out '"account":"smarthost","reason":"[^"]*refused'
}

# Who has got it, or failed, does not wait.
test_partial()
{
    script <<'END'
on RCPT has=carol reply "451 4.2.1 later \x1b[31mcarol"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net carol@example.net
    flush 75
    for how in 'sendoff queue' mailq; do
        # shellcheck disable=SC2086  # words
        run $how
        expect_in out 'carol@example.net'
        expect_not_in out 'bob@example.net'
        expect_in out '451 4.2.1 later .\[31mcarol'
        expect_not_in out $'\e'
    done
    queue 0 --json
    expect_in out '"status":"delivered"'
    expect_in out '"status":"waiting","detail":"451 4.2.1"'
}

test_show()
{
    prepare
    printf '%s\n' 'Subject: odd' '' $'\e[2Jhello' >odd
    inject odd frank@example.net
    local id
    id=$(sendoff queue --json | sed -n '3s/^{"id":"\([0-9A-F]*\)".*/\1/p')
    queue 0 show "$id"
    expect_in out "^id +$id$"
    expect_in out '^sender +alice@client.example$'
    expect_in out '^recipient +frank@example.net \(waiting\)$'
    expect_in out '^Subject: odd$'
    expect_in out '^.\[2Jhello$'
    expect_not_in out $'\e'
    queue 0 show --raw "$FIRST"
    cmp out in || fail 'raw is not what was stored'
    queue 0 show "${FIRST,,}"
    expect_in out "^id +$FIRST$"
}

test_hold_and_release()
{
    prepare
    queue 0 hold "$FIRST"
    expect_in out "^$FIRST: held$"
    start_smarthost -p "$PORT"
    flush 0
    expect_delivered 1
    expect_queue 1
    queue 0
    expect_in out ' old .*  held$'
    flush 0 "$FIRST"
    expect_queue 1
    queue 0 release "$FIRST"
    flush 0
    expect_delivered 2
    expect_queue 0
}

# A message that failed for good is put back, for those only who have not got it.
test_failed_again()
{
    script <<'END'
on RCPT has=carol times=1 reply "550 5.1.1 no such carol"
END
    start_smarthost
    write_config sendoff.bounce=keep
    message >in
    inject in bob@example.net carol@example.net
    flush 0
    expect_failed 1
    queue 0
    expect_in out ' to carol@example.net$'
    expect_in out '  failed$'
    expect_in out '^  550 5.1.1 no such carol$'
    local id
    id=$(sendoff queue --json | sed 's/^{"id":"\([0-9A-F]*\)".*/\1/')
    run sendoff flush "$id"
    expect_status 66
    expect_in err "$id: it has failed"
    queue 65 hold "$id"
    queue 0 retry "${id:0:12}"
    expect_in out "^$id: back in the queue$"
    expect_failed 0
    expect_queue 1
    flush 0
    expect_queue 0
    expect_delivered 2
    expect_equal 'who got it at last' "$(envelope 2 | grep -c RCPT)" 1
    envelope 2 >envelope
    expect_in envelope carol
}

test_delete_failed()
{
    script <<'END'
on RCPT reply "550 5.1.1 nobody"
END
    start_smarthost
    write_config sendoff.bounce=keep
    message >in
    inject in bob@example.net
    flush 0
    expect_failed 1
    queue 0 delete ALL
    expect_failed 0
    queue 0
    expect_in out '^Mail queue is empty$'
}

test_names()
{
    prepare
    local common=6
    while [ "${FIRST:0:common}" = "${SECOND:0:common}" ]; do
        common=$((common + 1))
    done
    queue 65 delete "${FIRST:0:common-1}"
    expect_in err 'more than one'
    expect_queue 2
    queue 66 delete FFFFFFFFFFFF
    expect_in err 'FFFFFFFFFFFF: there is no such message'
    queue 66 delete ''
    expect_queue 2
    # What there is is done all the same.
    queue 66 delete FFFFFFFFFFFF "${FIRST:0:common}"
    expect_in out "^$FIRST: deleted$"
    expect_queue 1
    queue 64 delete
    queue 64 nonsense
    queue 64 delete --all
    run sendoff flush FFFFFFFFFFFF
    expect_status 66
    expect_in err 'FFFFFFFFFFFF: there is no such message'
}

# A message that is being sent is not deleted, and that is said; another one is, at once.
test_beside_a_flush()
{
    prepare
    write_config timeout_body=60s
    printf 'on DOT delay %ds proceed\n' $((3 * SLOW)) | script
    start_smarthost -p "$PORT"
    sendoff flush "$FIRST" >flush.out 2>&1 &
    local pass=$!
    started+=("$pass")
    expect_log 'rule'
    run mailq
    expect_in out "^$FIRST\*"
    expect_in out "^$SECOND "
    queue 75 delete "$FIRST"
    expect_in err "$FIRST: it is being sent now"
    queue 75 hold "$FIRST"
    queue 0 delete "$SECOND"
    expect_queue 1
    wait "$pass" || fail "the pass ended with $?"
    expect_queue 0
    expect_delivered 1
}

# What a pass has listed and not begun yet is deleted under its hands; it is never sent.
test_deleted_is_never_sent()
{
    prepare
    script <<'END'
on MAIL has=alice delay 2s proceed
END
    local -a ids
    local i
    for i in 1 2 3 4 5 6 7 8 9; do
        run_with_input in2 sendmail -i -f dave@client.example "erin$i@example.com"
    done
    start_smarthost -p "$PORT"
    sendoff flush >flush.out 2>&1 &
    local pass=$! id
    started+=("$pass")
    expect_log 'rule'
    mapfile -t ids < <(cd "$SPOOL" && find new cur -type f -printf '%f\n' | sed 's/:.*//')
    : >deleted
    for id in "${ids[@]}"; do
        if sendoff queue delete "$id" >>deleted 2>>refused; then :; fi
    done
    wait "$pass" || fail "the pass ended with $?"
    expect_queue 0
    expect_equal 'deleted or sent' $(($(wc -l <deleted) + $(delivered))) 11
}

# Mail readers rename while we work.
test_mail_reader()
{
    prepare
    mv "$SPOOL/new/$FIRST" "$SPOOL/cur/$FIRST:2,FS"
    queue 0 hold "$FIRST"
    [ -e "$SPOOL/cur/$FIRST:2,FHS" ] || fail 'its flags were not kept'
    queue 0 release ALL
    expect_in out "^$FIRST: released$"
    [ -e "$SPOOL/cur/$FIRST:2,FS" ] || fail 'its flags were not kept'
    (
        while mv "$SPOOL/cur/$FIRST:2,FS" "$SPOOL/cur/$FIRST:2,F" 2>/dev/null &&
            mv "$SPOOL/cur/$FIRST:2,F" "$SPOOL/cur/$FIRST:2,FS" 2>/dev/null; do :; done
    ) &
    local reader=$!
    started+=("$reader")
    queue 0 delete "$FIRST"
    wait "$reader" || true
    expect_queue 1
    mv "$SPOOL/new/$SECOND" "$SPOOL/cur/$SECOND:2,T"
    queue 0
    expect_in out '^Mail queue is empty$'
    queue 0 delete ALL
    expect_queue 0
}

test_broken_file()
{
    prepare
    printf 'nothing of ours\n' >"$SPOOL/new/ABCDEF012345"
    chmod 600 "$SPOOL/new/ABCDEF012345"
    queue 0
    expect_in out '^ABCDEF012345  a file  broken$'
    expect_in out '^  no message of ours'
    run mailq
    expect_in out '^ABCDEF012345#'
    queue 65 hold ABCDEF012345
    queue 65 show ABCDEF012345
    queue 0 delete ABCDEF012345
    expect_queue 2
}

test_monitoring()
{
    dead_port
    write_config
    queue 0 --sum --older 1s --max 0
    expect_in out '^Mail queue is empty$'
    prepare
    queue 0 --max 2 --older 1h
    expect_one_line out
    expect_in out '^2 messages, '
    queue 1 --max 1
    expect_one_line out
    sleep 2
    queue 1 --older 1s
    queue 0 hold ALL
    queue 0 --older 1s
    queue 64 --older soon
    queue 64 --older
    queue 64 --json --max 3
}

# sendmail's -q and its kin choose.
test_choice()
{
    prepare
    start_smarthost -p "$PORT"
    local form
    for form in "-q!I$FIRST -q!I$SECOND" "-qI$FIRST -q!I$FIRST" -qSnobody -q!S@client.example \
        -qRexample.org '-qSalice -qRerin' '-q!Rcarol -q!Rerin' -qQ; do
        # shellcheck disable=SC2086  # words
        run sendmail $form
        expect_status 0
        expect_delivered 0
    done
    run sendmail -qGother
    expect_status 65
    run sendmail -qGsmarthost -qSdave
    expect_status 0
    expect_delivered 1
    find_ids
    queue 0 hold "$FIRST"
    run sendmail -qf
    expect_delivered 1
    run sendmail -qQ
    expect_delivered 2
    expect_queue 0
    inject in bob@example.net
    queue 0 hold ALL
    run sendmail -qff
    expect_delivered 3
    run sendmail -qL
    expect_status 64
}
