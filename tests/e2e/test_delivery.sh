# SPDX-License-Identifier: ISC
# One message, from stdin to the smarthost, and what becomes of it.
# shellcheck shell=bash

# good_delivery [KEY=VALUE...]: it goes through, unchanged, once.
good_delivery()
{
    one_waits "$@"
    expect_queue 1
    flush 0
    expect_queue 0
    expect_delivered 1
    expect_arrived 1 in
    expect_equal envelope "$(envelope 1 | cut -d'>' -f1)" \
        "$(printf '%s\n' 'MAIL FROM:<alice@client.example' 'RCPT TO:<bob@example.net')"
    expect_connections 1
    expect_not_in log 'early|bare|unstuffed'
}

test_starttls()
{
    good_delivery
    expect_in log 'tls TLSv1.3'
}

test_implicit()
{
    MODE=implicit good_delivery
    expect_in log 'tls TLSv1.3'
}

# No TLS and no AUTH: towards loopback only.
test_plain()
{
    MODE=plain USERS='' good_delivery tls=none auth=none user='' password_file=
}

test_by_name()
{
    good_delivery host=localhost
    expect_in log 'name=localhost'
}

# What a smarthost may leave out, it may.
test_bare_server()
{
    local -a less=()
    local keyword
    for keyword in PIPELINING 8BITMIME CHUNKING SMTPUTF8 DSN ENHANCEDSTATUSCODES SIZE; do
        less+=(-x "$keyword")
    done
    start_smarthost "${less[@]}"
    write_config
    message >in
    inject in bob@example.net
    inject in carol@example.net
    flush 0
    expect_delivered 2
    expect_arrived 2 in
    expect_connections 1
    expect_not_in log 'early|bare|answer'
}

# Every reply comes in pieces of one octet.
test_split_replies()
{
    script <<'END'
split 1
END
    good_delivery
}

test_nothing_to_do()
{
    start_smarthost
    write_config
    flush 0
    expect_connections 0
}

test_second_flush_sends_nothing()
{
    good_delivery
    flush 0
    expect_delivered 1
    expect_connections 1
}

test_smarthost_down_then_up()
{
    dead_port
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    start_smarthost -p "$PORT"
    flush 0
    expect_queue 0
    expect_delivered 1
    expect_arrived 1 in
}

test_many_on_one_connection()
{
    local i
    start_smarthost
    write_config
    for i in $(seq 20); do
        message "number $i" >"in.$i"
        inject "in.$i" bob@example.net
    done
    expect_queue 20
    flush 0
    expect_queue 0
    expect_delivered 20
    expect_connections 1
    expect_equal logins "$(count_log ' auth .* ok$')" 1
    for i in $(seq 20); do
        arrived "$i"
    done | sed -n 's/^Subject: number \([0-9]*\).*/\1/p' | sort -n | cmp - <(seq 20)
}

# Each of many recipients once, in as few messages as that takes.
test_many_recipients()
{
    local i names=()
    start_smarthost
    write_config
    for i in $(seq 700); do
        names+=("r$i@example.net")
    done
    message >in
    inject in "${names[@]}"
    flush 0
    expect_queue 0
    sed -n 's/^RCPT TO:<r\([0-9]*\)@.*/\1/p' mail/*.eml | sort -n | cmp - <(seq 700)
    expect_arrived 1 in
    expect_connections 1
}

test_refused_recipient_beside_accepted()
{
    script <<'END'
on RCPT has=bad@ reply "550 5.1.1 no such user"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net bad@example.net carol@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    expect_delivered 1
    expect_equal recipients "$(envelope 1 | grep -c '^RCPT')" 2
    grep -q 'no such user' "$SPOOL"/.failed/*/* || fail 'the reason is not kept'
}

# Who has it does not get it again.
test_deferred_recipient_beside_accepted()
{
    script <<'END'
on RCPT has=later@ n=1 reply "450 4.2.1 try again later"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net later@example.net
    flush 75
    expect_queue 1
    expect_delivered 1
    flush 0
    expect_queue 0
    expect_failed 0
    expect_delivered 2
    expect_equal recipients "$(envelope 2 | grep -o '^RCPT TO:<[^>]*>')" 'RCPT TO:<later@example.net>'
    expect_arrived 2 in
}

test_all_recipients_refused()
{
    script <<'END'
on RCPT reply "550 5.1.1 no such user"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net carol@example.net
    inject in dave@example.net
    flush 0
    expect_queue 0
    expect_failed 2
    expect_delivered 0
}

# RFC 2920: a 354 although nobody was accepted is answered by a lone dot.
test_go_ahead_without_recipients()
{
    script <<'END'
lenient
on RCPT has=bad@ reply "550 5.1.1 no such user"
END
    start_smarthost
    write_config
    message >in
    inject in bad@example.net
    inject in bob@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    expect_delivered 1
    expect_connections 1
}

test_refused_message()
{
    script <<'END'
on DOT n=1 reply "554 5.7.1 we do not like it"
END
    start_smarthost
    write_config
    message one >in
    inject in bob@example.net
    message two >in
    inject in bob@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    expect_delivered 1
    grep -q 'we do not like it' "$SPOOL"/.failed/*/* || fail 'the reason is not kept'
}

test_deferred_message()
{
    script <<'END'
on DOT n=1 reply "451 4.3.0 try again later"
END
    one_waits
    flush 75
    expect_queue 1
    expect_delivered 0
    flush 0
    expect_queue 0
    expect_delivered 1
    expect_arrived 1 in
}

# A sender that is refused is this message's trouble, not the next one's.
test_refused_sender()
{
    script <<'END'
on MAIL has=mallory@ reply "553 5.7.1 not you"
END
    start_smarthost
    write_config
    message >in
    run_with_input in sendmail -i -f mallory@client.example bob@example.net
    expect_status 0
    inject in bob@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    expect_delivered 1
}

test_large_message()
{
    start_smarthost
    write_config
    {
        message
        head -c 3000000 /dev/zero | tr '\0' x | fold -w 70
        printf '\n'
    } >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_arrived 1 in
}

# Every octet but NUL, dots at every place, lines of any length up to 998.
test_odd_octets()
{
    start_smarthost
    write_config
    {
        message
        printf '%s\n' . .. ... .x '' '' "$(printf '%0998d' 1)" ' ' ' .'
        LC_ALL=C awk 'BEGIN { for (i = 1; i < 256; i++) if (i != 10 && i != 13) printf "%c", i; print "" }'
    } >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_arrived 1 in
    expect_in log ' 8bit'
    expect_not_in log 'bare|unstuffed'
}

# CRLF from the caller, and a mixture, arrive as plain CRLF.
test_line_ends()
{
    start_smarthost
    write_config
    message >want.lf
    sed 's/$/\r/' want.lf >in
    inject in bob@example.net
    sed '5,7s/$/\r/' want.lf >in
    inject in bob@example.net
    flush 0
    expect_arrived 1 want.lf
    expect_arrived 2 want.lf
    expect_not_in log bare
}

test_null_sender()
{
    start_smarthost
    write_config
    message >in
    run_with_input in sendmail -i -f '<>' bob@example.net
    expect_status 0
    run_with_input in sendmail -i -f '' bob@example.net
    expect_status 0
    flush 0
    expect_delivered 2
    expect_equal senders "$(cat mail/*.eml | grep -c '^MAIL FROM:<>')" 2
}

test_too_large_for_server()
{
    start_smarthost -z 2000
    write_config
    {
        message
        head -c 4000 /dev/zero | tr '\0' x | fold -w 70
    } >in
    inject in bob@example.net
    message >in
    inject in bob@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    expect_delivered 1
}
