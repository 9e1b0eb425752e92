# SPDX-License-Identifier: ISC
# Looking at the queue, and at what the config comes to: sendoff queue, mailq, sendmail -bp,
# sendoff check.
# shellcheck shell=bash

prepare()
{
    dead_port
    write_config
    message first >in
    inject in bob@example.net carol@example.net
}

only_id()
{
    basename "$SPOOL"/new/* | sed 's/:.*//'
}

test_empty()
{
    dead_port
    write_config
    run mailq
    expect_status 0
    expect_in out 'empty'
}

test_listing()
{
    prepare
    local id
    id=$(only_id)
    for command in 'sendoff queue' mailq 'sendmail -bp'; do
        # shellcheck disable=SC2086  # words
        run $command
        expect_status 0
        expect_in out "$id"
        expect_in out 'alice@client.example'
        expect_in out 'bob@example.net'
        expect_in out 'carol@example.net'
    done
}

# A pass that is running keeps a second one off.
test_one_flush_at_a_time()
{
    script <<'END'
on MAIL delay 2s proceed
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    sendoff flush >first.out 2>&1 &
    local first=$!
    started+=("$first")
    expect_log 'rule'
    flush 0
    wait "$first"
    expect_queue 0
    expect_delivered 1
    expect_connections 1
}

test_check()
{
    USERS=user:swordfish start_smarthost
    PASSWORD=swordfish write_config
    run sendoff check
    expect_status 0
    cat out err >all
    local word
    for word in config TCP TLS EHLO AUTH; do
        expect_in all "$word"
    done
    expect_not_in log ' (DATA|BDAT)'
    expect_not_in all swordfish
}

test_check_finds_wrong_password()
{
    start_smarthost
    PASSWORD=guess write_config
    run sendoff check
    [ "$status" -ne 0 ] || fail 'all is well?'
    cat out err >all
    expect_in all 'AUTH'
    expect_not_in all guess
}

test_check_finds_dead_smarthost()
{
    dead_port
    write_config
    run sendoff check
    [ "$status" -ne 0 ] || fail 'all is well?'
    cat out err >all
    expect_in all 'refused'
}

test_unknown_key()
{
    dead_port
    write_config pasword_file=x
    message >in
    inject in bob@example.net # injection never refuses for the config's sake
    run sendoff flush
    expect_status 78
    expect_in err 'pasword_file'
}

# Deleting the file, as a mail reader does, is a cancel; moving it to cur/ is nothing.
test_mail_reader()
{
    prepare
    local id
    id=$(only_id)
    mv "$SPOOL/new/$id" "$SPOOL/cur/$id:2,S"
    message second >in
    inject in dave@example.net
    id=$(only_id)
    mv "$SPOOL/new/$id" "$SPOOL/cur/$id:2,T"
    start_smarthost -p "$PORT"
    flush 0
    expect_delivered 1
    expect_in mail/00000001.eml '^Subject: first'
}
