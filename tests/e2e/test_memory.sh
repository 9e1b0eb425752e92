# SPDX-License-Identifier: ISC
# What one flush finds out about the smarthost, and the next one knows.
# shellcheck shell=bash

ACCOUNT=$DIR/account/smarthost

# It offers BDAT and refuses it: that is tried once.
test_refused_chunks_are_remembered()
{
    script <<'END'
on BDAT skip reply "502 5.5.1 command not implemented"
END
    one_waits
    flush 0
    expect_delivered 1
    expect_in "$ACCOUNT" '^learned no-chunking 1 [0-9]+$'
    inject in bob@example.net
    flush 0
    expect_delivered 2
    expect_connections 2
    expect_equal 'tries of BDAT' "$(count_log '^1 rule 1 BDAT')" 1
    expect_equal 'later tries of BDAT' "$(count_log '^2 rule 1 BDAT')" 0
    # It is forgotten some day.
    sed -i 's/^learned no-chunking 1 .*/learned no-chunking 1 1000/' "$ACCOUNT"
    inject in bob@example.net
    flush 0
    expect_delivered 3
    expect_log '^3 rule 1 BDAT'
}

# It can not stand commands in a group: each of the messages of the next session is sent alone.
test_broken_pipelining_is_remembered()
{
    script <<'END'
on RCPT pipelined conn=1 close
END
    one_waits
    run sendoff flush
    expect_in "$ACCOUNT" '^learned no-pipelining 1 [0-9]+$'
    script <<'END'
on RCPT pipelined close
END
    stop_smarthost
    start_smarthost
    write_config
    flush 0
    expect_delivered 1
}

# A report of success is for the smarthost to make; where it makes none, what is known is that it
# took the message.
test_success_is_told_where_nobody_else_will()
{
    start_smarthost -x DSN
    write_config sendoff.bounce=
    message "hello there" >in
    inject in -N success bob@example.net
    inject in carol@example.net
    flush 75 # for the report
    expect_delivered 2
    expect_queue 1
    flush 0
    expect_delivered 3
    expect_queue 0
    envelope 3 >dialogue
    expect_in dialogue 'MAIL FROM:<>'
    expect_in dialogue 'RCPT TO:<alice@client.example>'
    arrived 3 >report
    expect_in report '^Final-Recipient: rfc822; bob@example.net'
    expect_in report '^Action: relayed'
    expect_not_in report 'carol@example.net'
}

test_success_is_left_to_the_smarthost()
{
    start_smarthost
    write_config sendoff.bounce=
    message >in
    inject in -N success bob@example.net
    flush 0
    expect_delivered 1
    expect_queue 0
    envelope 1 >dialogue
    expect_in dialogue 'NOTIFY=SUCCESS'
}

# Who was started by the bell leaves the work to the flush that is at it.
test_due_leaves_it_to_another()
{
    script <<'END'
on DOT delay 2s proceed
on BDAT delay 2s proceed
END
    one_waits
    sendoff flush >first.out 2>&1 &
    started+=($!)
    expect_log '^1 .*MAIL'
    run sendoff flush --due
    expect_status 0
    [ ! -s err ] || fail 'it has something to say'
    wait $!
    expect_delivered 1
}
