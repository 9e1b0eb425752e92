# SPDX-License-Identifier: ISC
# Several connections at once: where that pays, as many as the config and the server allow, and no
# message twice or lost whatever becomes of one of them.
# shellcheck shell=bash

# A server that takes its time for each message, as those of providers do.
slow()
{
    script <<END
on DOT delay ${1}ms proceed
${2-}
END
}

# queue_many N
queue_many()
{
    local i
    message >in
    for ((i = 0; i < $1; i++)); do
        inject in bob@example.net
    done
}

most_at_once()
{
    stop_smarthost
    within 5 has log ' most=' || fail 'the smarthost does not count'
    sed -n 's/.*most=\([0-9]*\).*/\1/p' log | tail -n 1
}

test_a_second_one_where_it_pays()
{
    slow 60
    start_smarthost -x CHUNKING
    write_config connections=2
    queue_many 130
    flush 0
    expect_delivered 130
    expect_queue 0
    expect_equal 'connections at once' "$(most_at_once)" 2
}

test_one_where_one_will_do()
{
    start_smarthost
    write_config connections=8
    queue_many 100
    flush 0
    expect_delivered 100
    expect_equal 'connections at once' "$(most_at_once)" 1
}

test_never_more_than_allowed()
{
    slow 50
    start_smarthost -x CHUNKING
    write_config connections=1
    queue_many 130
    flush 0
    expect_delivered 130
    expect_equal 'connections at once' "$(most_at_once)" 1
}

# It refuses the second one: mail goes on by the first, and for a day there is no second.
test_the_server_allows_one()
{
    slow 60 'on CONNECT conn=2 reply "421 4.7.0 Too many concurrent connections" close'
    start_smarthost -x CHUNKING
    write_config connections=4
    queue_many 130
    flush 0
    expect_delivered 130
    expect_in err 'no more than 1 at once: .*421 4.7.0 Too many concurrent'
    expect_in account/smarthost '^learned connections 1 '
    expect_in account/smarthost '^not-before 0'
    queue_many 130
    flush 0
    expect_delivered 260
    expect_equal connections "$(count_log '^[0-9]+ connect$')" 3
}

# It has had enough of a connection after three messages: the next ones end by themselves.
test_the_server_ends_connections()
{
    script <<'END'
on MAIL here=4 reply "421 4.7.0 too many messages in this connection" close
END
    start_smarthost
    write_config pipeline=1
    queue_many 9
    flush 0
    expect_delivered 9
    expect_in account/smarthost '^learned messages 3 '
    expect_in account/smarthost '^not-before 0'
    expect_equal 'messages it refused' "$(count_log ' rule 1 MAIL')" 1
}

# It is told to slow down: nothing more is tried for now, and nothing is lost.
test_the_server_is_given_too_much()
{
    slow 50 'on MAIL n=20 times=1000 reply "450 4.7.1 Error: too much mail from 127.0.0.1"'
    start_smarthost -x CHUNKING
    write_config connections=4 pipeline=1
    queue_many 40
    run sendoff flush --due
    expect_status 75
    expect_delivered 19
    expect_queue 21
    run sendoff flush --due
    expect_status 75
    expect_delivered 19
}

# One of two is killed: what it had begun is in doubt, and nothing else.
test_one_of_two_is_killed()
{
    local pid
    slow 100
    start_smarthost -x CHUNKING
    write_config connections=2 pipeline=4
    queue_many 150
    "$E2E_PREFIX/bin/sendoff" flush >out 2>err &
    pid=$!
    started+=("$pid")
    expect_log '^2 auth .* ok'
    within 10 has log '^2 .*(MAIL|rule)' || fail 'the second one sends nothing'
    sleep 0.5
    # shellcheck disable=SC2046
    set -- $(children "$pid" sendoff-submit)
    expect_equal 'processes of sendoff-submit' $# 2
    kill -9 "$2"
    wait "$pid" || true
    # The pipeline, and those whose beginning is told together with it (submit/mail/deliver.h).
    [ "$(grep -c 'in doubt' err)" -le 20 ] || fail 'too many are in doubt'
    expect_in err 'sendoff-submit broke down'
    [ $(($(delivered) + $(queued))) -ge 150 ] || fail 'a message is gone'
    expect_equal 'in doubt, in the queue' "$(queued)" "$(grep -c 'in doubt' err)"
    expect_failed 0
}

# A request to end reaches both of them.
test_both_are_asked_to_end()
{
    local pid
    slow 100
    start_smarthost -x CHUNKING
    write_config connections=2
    queue_many 150
    "$E2E_PREFIX/bin/sendoff" flush >out 2>err &
    pid=$!
    started+=("$pid")
    expect_log '^2 auth .* ok'
    sleep 0.3
    kill "$pid"
    elapsed wait "$pid" || true
    expect_faster 9000
    expect_equal 'messages in all' $(($(delivered) + $(queued))) 150
    [ "$(queued)" -gt 0 ] || fail 'it did not end'
    expect_not_in err 'in doubt'
}
