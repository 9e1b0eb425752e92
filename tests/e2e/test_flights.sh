# SPDX-License-Identifier: ISC
# What a session costs in round trips. A long line (tests/bench/delay.c) counts flights: what goes
# out without a pause, so that each but the first has waited for a reply.
# shellcheck shell=bash

DELAY=$E2E_TOOLS/../bench/tools/delay

# session ROUNDTRIP N [OPTION...]: N messages to a smarthost with these options and with the script
# in ./rules, that many milliseconds away. Sets FLIGHTS.
session()
{
    local i line
    rm -rf mail log
    [ ! -e rules ] || cp rules script
    start_smarthost "${@:3}"
    rm -f line.port
    "$DELAY" "$PORT" $(($1 * SLOW)) line.port >line &
    line=$!
    started+=("$line")
    within 10 test -s line.port || fail 'there is no line'
    PORT=$(cat line.port)
    write_config timeout_connect=20s timeout_greeting=20s timeout_command=20s timeout_body=20s
    message >in
    for ((i = 1; i <= $2; i++)); do
        inject in "user$i@example.net"
    done
    run sendoff flush
    expect_queue "${LEFT-0}"
    expect_connections 1
    kill "$line"
    wait "$line" || true
    stop_smarthost
    FLIGHTS=$(sed -n 's/.* flights=\([0-9]*\).*/\1/p' line)
    [ -n "$FLIGHTS" ] || fail 'the line does not count'
}

# at_most FLIGHTS ROUNDTRIP N [OPTION...]: a session takes no more. A machine that has other things to
# do makes pauses of its own: the best of three counts.
at_most()
{
    local try counts=()
    for try in 1 2 3; do
        session "${@:2}"
        [ "$FLIGHTS" -gt "$1" ] || return 0
        counts+=("$FLIGHTS")
    done
    fail "with '$(cat rules 2>/dev/null)' and '${*:4}' it took ${counts[*]} flights, not $1 ($try times)"
}

# To be greeted and to have logged in, and then twice as many messages in each round trip, from 2 on,
# up to 64; the connection and QUIT included.
test_many_messages()
{
    at_most 18 50 200
    expect_delivered 200
}

# By DATA each message waits for its 354, and takes the envelope of the next one along.
test_many_messages_by_data()
{
    at_most 40 50 30 -x CHUNKING
    expect_delivered 30
}

# Where all is well nothing is said that is not needed: no RSET, no NOOP, no third EHLO. By BDAT an
# envelope goes out before the server had its say on the message before; the RSET in front of it
# travels along, and has no flight of its own.
test_no_reset()
{
    local flight
    session 1 12 -x CHUNKING
    expect_delivered 12
    expect_not_in log ': (RSET|NOOP)'
    session 1 12 -x PIPELINING
    expect_not_in log ': (RSET|NOOP)'
    session 1 1
    expect_not_in log ': (RSET|NOOP)'
    session 1 12
    expect_not_in log ': NOOP'
    expect_equal 'EHLO' "$(count_log ': EHLO')" 2
    sed -n 's/^1 flight \([0-9]*\): RSET.*/\1/p' log | sort -u >resets
    while read -r flight; do
        expect_in log "^1 flight $flight: MAIL"
    done <resets
}

# One that is refused in the midst of others takes no round trip of its own, wherever it is.
test_a_refused_message_costs_nothing()
{
    local rule options clean
    for options in '' '-x CHUNKING'; do
        # shellcheck disable=SC2086  # words
        {
            rm -f rules script
            session 100 13 $options
            clean=$FLIGHTS
            for rule in 'on RCPT has=user6@ reply "550 5.1.1 no such user"' \
                'on MAIL n=6 reply "550 5.7.1 no"' 'on DOT n=6 reply "554 5.7.1 spam"'; do
                printf '%s\n' "$rule" >rules
                at_most "$clean" 100 13 $options
                expect_delivered 12
            done
        }
    done
}

# A parameter that is offered and refused costs the session one round trip, once.
test_a_refused_parameter_costs_one()
{
    local clean
    session 100 13
    clean=$FLIGHTS
    printf 'on MAIL has=SIZE= reply "555 5.5.4 no"\n' >rules
    rm -rf account
    session 100 13
    expect_delivered 13
    # The pace begins anew.
    [ "$FLIGHTS" -le $((clean + 2)) ] || fail "it took $FLIGHTS flights, not $clean and two"
    at_most "$clean" 100 13 # it is known
}
