# SPDX-License-Identifier: ISC
# The line breaks, at every stage and in every manner: the message waits, nothing is lost, no
# second copy goes out, and no wait is longer than its deadline.
# shellcheck shell=bash

# Of the smarthost.
options=()

# trouble EVENT MANNER...: does that at the event, once; the flush says 75 and keeps the message,
# and the next one delivers it.
trouble()
{
    local event=$1 manner
    shift
    for manner; do
        rm -rf spool log mail
        printf 'on %s n=1 %s\n' "$event" "$manner" | script
        start_smarthost ${options[@]+"${options[@]}"}
        write_config timeout_connect=1s timeout_greeting=1s timeout_command=1s timeout_body=1s
        message >in
        inject in bob@example.net
        elapsed flush 75
        expect_faster 4000
        expect_queue 1
        expect_failed 0
        expect_delivered 0
        expect_in err . # a reason is told
        flush 0
        expect_queue 0
        expect_failed 0
        expect_delivered 1
        expect_arrived 1 in
        stop_smarthost
    done
}

broken=('reply "421 4.3.2 later" close' 'reset' 'cut' 'close' 'silence' 'reply "junk" close'
    'repeat 100000 "250-x\r\n" close')

test_at_connect()
{
    trouble CONNECT "${broken[@]}" 'reply "554 5.3.2 no service" close'
}

test_at_ehlo()
{
    trouble EHLO "${broken[@]}" 'reply "550 5.7.1 go away"'
}

test_at_starttls()
{
    trouble STARTTLS "${broken[@]}"
}

test_at_auth()
{
    trouble AUTH "${broken[@]}"
}

test_at_mail()
{
    trouble MAIL "${broken[@]}"
}

test_at_rcpt()
{
    trouble RCPT "${broken[@]}"
}

test_at_data()
{
    options=(-x CHUNKING)
    trouble DATA "${broken[@]}"
}

# Of a server that offers BDAT and does not know it, test_extensions.sh has more.
test_at_bdat()
{
    trouble BDAT 'reply "421 4.3.2 later" close'
}

# The end of the message was sent and no reply was seen: it is in doubt, and waits its time.
in_doubt()
{
    local manner
    for manner; do
        rm -rf spool log mail
        printf 'on DOT n=1 %s\n' "$manner" | script
        start_smarthost ${options[@]+"${options[@]}"}
        write_config timeout_connect=1s timeout_greeting=1s timeout_command=1s timeout_body=1s
        message >in
        inject in bob@example.net
        elapsed flush 75
        expect_faster 4000
        expect_queue 1
        expect_failed 0
        expect_in err 'doubt'
        stop_smarthost
    done
}

test_at_end()
{
    in_doubt reset cut close silence 'mute reset' 'mute silence'
}

test_at_end_of_data()
{
    options=(-x CHUNKING)
    in_doubt reset silence 'mute silence'
}

# The server says 421 to the end of the message: it does not have it.
test_421_at_end()
{
    trouble DOT 'reply "421 4.3.2 later" close'
}

# It breaks while the body goes out: what was cut off is no message.
test_in_body()
{
    local manner
    for manner in reset cut close; do
        rm -rf spool log mail
        printf 'on BODY n=1 at=100000 %s\n' "$manner" | script
        start_smarthost
        write_config
        {
            message
            head -c 3000000 /dev/zero | tr '\0' x | fold -w 70
            printf '\n'
        } >in
        inject in bob@example.net
        flush 75
        expect_queue 1
        expect_delivered 0
        flush 0
        expect_delivered 1
        expect_arrived 1 in
        stop_smarthost
    done
}

# QUIT is a courtesy: what happens there changes nothing.
test_at_quit()
{
    local manner
    for manner in 'reply "500 5.5.1 what?"' reset cut silence; do
        rm -rf spool log mail
        printf 'on QUIT %s\n' "$manner" | script
        one_waits timeout_command=1s
        elapsed flush 0
        expect_faster 4000
        expect_queue 0
        expect_delivered 1
        stop_smarthost
    done
}

# A server that had enough of this connection: the rest goes on the next one or the next pass, and
# each message goes once.
test_421_between_messages()
{
    local i
    script <<'END'
on MAIL n=3 reply "421 4.7.0 enough for now" close
END
    start_smarthost
    write_config
    for i in 1 2 3 4 5; do
        message "number $i" >in
        inject in bob@example.net
    done
    run sendoff flush
    expect_status 0 75
    flush 0
    expect_queue 0
    expect_delivered 5
    for i in 1 2 3 4 5; do
        arrived $i | sed -n 's/^Subject: number \([0-9]*\).*/\1/p'
    done | sort -n | cmp - <(seq 5)
}

# Slow but alive: each reply takes a while, within its deadline.
test_slow_replies()
{
    script <<'END'
pause 150ms
END
    one_waits timeout_command=2s timeout_greeting=2s timeout_body=2s
    flush 0
    expect_delivered 1
}

# An endless reply ends by a bound, not by patience.
test_endless_reply()
{
    local event
    for event in CONNECT EHLO MAIL; do
        rm -rf spool log mail
        printf 'on %s repeat 0 "250-for ever and ever and ever\\r\\n"\n' $event | script
        one_waits
        elapsed flush 75
        expect_faster 10000
        expect_queue 1
        stop_smarthost
    done
}

test_endless_line()
{
    script <<'END'
on EHLO repeat 0 "x"
END
    one_waits
    elapsed flush 75
    expect_faster 10000
    expect_queue 1
}

# Control bytes of the server's reach no terminal and no file.
test_hostile_text()
{
    script <<'END'
on MAIL reply "550 5.1.0 \x1b[31mred\x07 \x9b2J \xe2\x80\xaetxt"
END
    one_waits
    run sendoff -v flush
    expect_failed 1
    ! LC_ALL=C grep -rlE $'\033|\007|\233|\342\200\256' out err "$SPOOL" || fail 'control bytes passed'
}

# Two refusals that nobody asked for.
test_unsolicited_reply()
{
    script <<'END'
on EHLO conn=1 here=2 proceed send "550 5.0.0 by the way\r\n"
END
    one_waits
    run sendoff flush
    expect_failed 0
    expect_equal 'queued or delivered' "$(($(queued) + $(delivered)))" 1
}

test_host_that_is_not()
{
    dead_port
    write_config host=no-such-host.invalid
    message >in
    inject in bob@example.net
    elapsed flush 75
    expect_queue 1
    expect_failed 0
    expect_in err 'no-such-host.invalid'
}
