# SPDX-License-Identifier: ISC
# sendmail -bs: SMTP on standard input and output, as programs that keep one open speak it.
# shellcheck shell=bash

# What talk finds out is to be known behind a pipe, too.
shopt -s lastpipe

# A config is all that storing needs; nobody listens on that port.
prepare()
{
    PORT=9
    write_config "$@"
}

# talk [OPTION...] <INPUT: a client that sends everything at once. The replies are in ./out
# without CR, the exit status in $status; there is nothing on standard error.
talk()
{
    status=0
    sendmail -bs "$@" >raw 2>err || status=$?
    tr -d '\r' <raw >out
    [ ! -s err ] || fail 'there is something on stderr'
    expect_equal 'replies that end with CR LF' "$(grep -c $'\r$' raw)" "$(wc -l <out)"
    expect_equal 'files in tmp' "$(count_files "$SPOOL/tmp")" 0
}

# codes: those of the replies in ./out, one line.
codes()
{
    grep -o '^[0-9]\{3\}' out | tr '\n' ' '
}

# begin RECIPIENT...: a transaction of alice's up to its recipients.
begin()
{
    printf 'MAIL FROM:<alice@client.example>\r\n'
    printf 'RCPT TO:<%s>\r\n' "$@"
}

# text FILE: as DATA has it.
text()
{
    sed 's/^\./../; s/$/\r/' "$1"
    printf '.\r\n'
}

test_everything_at_once()
{
    start_smarthost
    write_config
    message one >one
    message two >two
    {
        printf 'EHLO me\r\n'
        begin bob@example.net carol@example.net
        printf 'DATA\r\n'
        text one
        begin dave@example.net
        printf 'DATA\r\n'
        text two
        printf 'QUIT\r\nNOOP\r\n'
    } >in
    talk <in
    expect_status 0
    expect_equal replies "$(codes)" \
        '220 250 250 250 250 250 250 250 250 250 250 250 354 250 250 250 354 250 221 '
    expect_in out '^220 localhost ESMTP'
    local word
    for word in PIPELINING 8BITMIME SMTPUTF8 DSN CHUNKING SIZE ENHANCEDSTATUSCODES; do
        expect_in out "^250[- ]$word( |\$)"
    done
    expect_not_in out 'AUTH|STARTTLS'
    local id
    while read -r id; do
        [ -f "$SPOOL/new/$id" ] || fail "$id is not in the queue"
    done < <(sed -n 's/^250 2\.0\.0 Ok: queued as //p' out)
    expect_queue 2
    flush 0
    expect_arrived 1 one
    expect_arrived 2 two
    expect_equal envelope "$(envelope 1 | sed 's/>.*/>/')" "$(printf '%s\n' \
        'MAIL FROM:<alice@client.example>' 'RCPT TO:<bob@example.net>' \
        'RCPT TO:<carol@example.net>')"
}

# ask CODE LINE...: sends the lines and waits for a reply, which must have that code.
ask()
{
    local want=$1 reply
    shift
    printf '%s\r\n' "$@" >&"${CLIENT[1]}"
    read -r -t $((10 * SLOW)) reply <&"${CLIENT[0]}" || fail "no reply to $1"
    [ "${reply:0:3}" = "$want" ] || fail "$1: ${reply%?}"
}

# Symfony's mailer and Swift: plain HELO, each reply waited for, one process for many messages.
test_a_client_that_waits()
{
    start_smarthost
    write_config
    local reply i
    coproc CLIENT { sendmail -bs 2>err; }
    local server=$CLIENT_PID
    read -r -t $((10 * SLOW)) reply <&"${CLIENT[0]}" || fail 'no greeting'
    [ "${reply:0:4}" = '220 ' ] || fail "the greeting: $reply"
    ask 250 'HELO [127.0.0.1]'
    for i in 1 2 3; do
        message "number $i" >"message$i"
        ask 250 'MAIL FROM:<alice@client.example>'
        ask 250 'RCPT TO:<bob@example.net>'
        ask 354 DATA
        text "message$i" >&"${CLIENT[1]}"
        read -r -t $((10 * SLOW)) reply <&"${CLIENT[0]}" || fail 'no reply to the message'
        [ "${reply:0:4}" = '250 ' ] || fail "$reply"
        expect_queue "$i"
        ask 250 NOOP
        # One that fails, and is taken back.
        ask 250 'MAIL FROM:<alice@client.example>'
        ask 553 'RCPT TO:<a@@b.example>'
        ask 250 RSET
    done
    ask 221 QUIT
    wait "$server" || fail "it ended with $?"
    [ ! -s err ] || fail 'there is something on stderr'
    flush 0
    for i in 1 2 3; do
        expect_arrived "$i" "message$i"
    done
}

# Alpine and nmh.
test_options_of_callers()
{
    prepare
    local options
    for options in '-odb -oem' '-odb -oem -om' '-v' '-f nobody@client.example' '-i -oi' '-G'; do
        # shellcheck disable=SC2086  # they are words
        printf 'QUIT\r\n' | talk $options
        expect_status 0
        expect_equal replies "$(codes)" '220 221 '
    done
    run_with_input /dev/null sendmail -bs bob@example.net
    expect_status 64
    run_with_input /dev/null sendmail -bs -t
    expect_status 64
    status=0
    sendmail -bs <&- >out 2>err || status=$?
    expect_status 74
    expect_one_line err
}

test_header_is_completed()
{
    prepare
    {
        begin root
        printf 'DATA\r\nSubject: x\r\nBcc: secret@example.net\r\nTo: root\r\n\r\nhello\r\n.\r\n'
    } | talk
    expect_equal replies "$(codes)" '220 250 250 354 250 '
    stored "$SPOOL"/new/* >got
    expect_in got '^From: .*alice@client\.example'
    expect_in got '^Date: '
    expect_in got '^Message-I[Dd]: <'
    expect_in got '^To: root@client\.example$'
    expect_not_in got secret
    expect_in "$(echo "$SPOOL"/new/*)" '^Sendoff-Recipient: W .* <root@client\.example>$'
}

test_aliases()
{
    printf 'root: ada@example.org, grace@example.org\n' >aliases
    prepare
    {
        printf 'MAIL FROM:<>\r\nRCPT TO:<root> NOTIFY=NEVER\r\n'
        printf 'DATA\r\nTo: root\r\n\r\nhello\r\n.\r\n'
    } | talk
    expect_equal replies "$(codes)" '220 250 250 354 250 '
    expect_equal recipients "$(grep -a '^Sendoff-Recipient' "$SPOOL"/new/* |
        sed 's/.*NOTIFY/NOTIFY/')" "$(printf '%s\n' 'NOTIFY=NEVER <ada@example.org>' \
        'NOTIFY=NEVER <grace@example.org>')"
}

test_reports_are_asked_for()
{
    start_smarthost
    write_config
    message >one
    {
        printf 'EHLO me\r\n'
        printf 'MAIL FROM:<alice@client.example> SIZE=300 RET=hdrs ENVID=x+2B1 BODY=8BITMIME\r\n'
        printf 'RCPT TO:<bob@example.net> NOTIFY=success,failure ORCPT=rfc822;Bob@example.net\r\n'
        printf 'RCPT TO:<carol@example.net>\r\nDATA\r\n'
        text one
    } | talk
    expect_status 0
    flush 0
    expect_arrived 1 one
    envelope 1 >got
    expect_in got '^MAIL FROM:<alice@client\.example>.* RET=HDRS ENVID=x\+2B1'
    expect_in got '^RCPT TO:<bob@example\.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@example\.net$'
    expect_in got '^RCPT TO:<carol@example\.net>$'
}

test_chunks()
{
    start_smarthost
    write_config
    message >one
    crlf one >wire
    local size
    size=$(stat -c %s wire)
    {
        begin bob@example.net
        printf 'BDAT 10\r\n'
        head -c 10 wire
        printf 'BDAT 0\r\nNOOP\r\nBDAT %d LAST\r\n' $((size - 10))
        tail -c +11 wire
        # One that is taken back, and chunks of nothing.
        begin bob@example.net
        printf 'BDAT 4\r\nTo: RSET\r\nBDAT 5 LAST\r\nQUIT\nNOOP\r\nQUIT\r\n'
    } | talk
    expect_equal replies "$(codes)" '220 250 250 250 250 250 250 250 250 250 250 503 250 221 '
    expect_queue 1
    flush 0
    expect_arrived 1 one
}

# A body may hold what looks like an end to a client of LF, and commands behind it.
test_nothing_is_smuggled()
{
    prepare
    {
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\na\n.\nMAIL FROM:<evil@example.org>\r\n'
        printf 'b\r.\rRSET\r\nc\n.\r\nRSET\r\n.\r\nQUIT\r\n'
    } | talk
    expect_equal replies "$(codes)" '220 250 250 354 250 221 '
    stored "$SPOOL"/new/* | sed '1,/^$/d' >got
    printf '%s\n' a . 'MAIL FROM:<evil@example.org>' b . RSET c . RSET | cmp - got
}

test_by_hand()
{
    prepare
    printf '%s\n' 'helo me' 'mail from: alice@client.example' 'rcpt to: root' data 'To: root' '' \
        '..' hello . quit | talk
    expect_equal replies "$(codes)" '220 250 250 250 354 250 221 '
    expect_equal body "$(stored "$SPOOL"/new/* | sed '1,/^$/d')" "$(printf '.\nhello')"
}

test_input_ends_in_the_message()
{
    prepare
    local end
    for end in '' '.' '.\r' '.\n' '\r\n.'; do
        {
            begin bob@example.net
            printf "DATA\r\nTo: x\r\n\r\nhello\r\n$end"
        } | talk
        expect_status 74
        expect_equal replies "$(codes)" '220 250 250 354 '
        expect_queue 0
    done
    { begin bob@example.net && printf 'BDAT 100 LAST\r\nTo: x\r\n\r\n'; } | talk
    expect_status 74
    expect_queue 0
    { begin bob@example.net && printf 'DATA\r\nTo: x\r\n\r\n.\r\nNOOP'; } | talk
    expect_status 0
    expect_queue 1
}

test_what_is_no_smtp()
{
    prepare
    seq -f 'Subject: message %g' 1000 >in
    talk <in
    expect_status 76
    expect_equal 'last reply' "$(tail -n 1 out | cut -c 1-10)" '421 4.7.0 '
    expect_equal replies "$(wc -l <out)" 22
}

test_limits()
{
    prepare sendoff.max_size=1000 sendoff.max_recipients=2
    {
        printf 'EHLO me\r\nMAIL FROM:<alice@client.example> SIZE=1001\r\n'
        begin bob@example.net carol@example.net dave@example.net
        printf 'DATA\r\nTo: x\r\n\r\n'
        seq -f 'line %g of the text' 60 | crlf
        printf '.\r\n'
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\nhello\r\n.\r\n'
    } | talk
    expect_status 0
    expect_in out '^250-SIZE 1000$'
    expect_equal replies "$(codes)" \
        '220 250 250 250 250 250 250 250 250 552 250 250 250 452 354 552 250 250 354 250 '
    expect_queue 1
}

# A disk that is full for one message, and not for the next.
test_disk_is_full()
{
    prepare
    head -c 200000 /dev/zero | tr '\0' x | fold -w 70 | crlf >big
    {
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\n'
        cat big
        printf '\r\n.\r\n'
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\nhello\r\n.\r\nQUIT\r\n'
    } >in
    (ulimit -f 64 && sendmail -bs <in >raw 2>err) || fail "it ended with $?"
    tr -d '\r' <raw >out
    [ ! -s err ] || fail 'there is something on stderr'
    expect_equal replies "$(codes)" '220 250 250 354 452 250 250 354 250 221 '
    expect_in out '^452 4\.3\.1 spool: message can not be written: '
    expect_equal 'files in tmp' "$(count_files "$SPOOL/tmp")" 0
    expect_queue 1
}

test_disk_is_really_full()
{
    on_its_own full_disk -m
}

full_disk()
{
    prepare
    mkdir -m 700 spool
    mount -t tmpfs -o size=64k,mode=700 none spool || skip 'can not mount here'
    head -c 200000 /dev/zero | tr '\0' x | fold -w 70 | crlf >big
    {
        begin bob@example.net
        printf 'BDAT 1000\r\n'
        head -c 1000 big
        printf 'BDAT 180000\r\n'
        tail -c 180000 big
        printf 'BDAT 7 LAST\r\nabcd\r\n\nQUIT\r\n'
    } | talk
    expect_equal replies "$(codes)" '220 250 250 250 452 503 221 '
    expect_equal 'files in the spool' "$(count_files "$SPOOL/tmp" "$SPOOL/new")" 0
}

test_no_spool()
{
    prepare 'sendoff.spool="/dev/null/spool"'
    { begin bob@example.net && printf 'DATA\r\nQUIT\r\n'; } | talk
    expect_status 0
    expect_equal replies "$(codes)" '220 250 250 451 221 '
}

begun()
{
    [ -n "$(find "$SPOOL/tmp" -type f -size +0 2>/dev/null)" ]
}

# killed SIGNAL: one message is queued, the next one is on its way when the signal comes.
killed()
{
    prepare
    mkfifo pipe
    # Without a wrapper: that one would get the signal.
    "$E2E_PREFIX/sbin/sendmail" -bs <pipe >out 2>err &
    local server=$!
    exec 4>pipe
    {
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\nhello\r\n.\r\n'
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\n'
        seq 30000 | crlf
    } >&4
    within 10 begun || fail 'no message was begun'
    kill "-$1" "$server"
    status=0
    wait "$server" 2>/dev/null || status=$?
    exec 4>&-
    expect_queue 1
    expect_in out '^250 2\.0\.0 Ok: queued as'
}

test_terminated()
{
    killed TERM
    expect_status 143
    expect_equal 'files in tmp' "$(count_files "$SPOOL/tmp")" 0
}

test_killed()
{
    killed KILL
    expect_status 137
    expect_equal 'litter in tmp' "$(count_files "$SPOOL/tmp")" 1
}

# The 250 comes when the message is durable, and not before.
test_synced_before_the_reply()
{
    command -v strace >/dev/null || skip 'no strace'
    [ -z "$E2E_WRAP" ] || skip 'not under a wrapper'
    prepare
    { begin bob@example.net && printf 'DATA\r\nTo: x\r\n\r\nhello\r\n.\r\nQUIT\r\n'; } >in
    # The leak checker of a sanitizer can not work beside strace.
    run_with_input in env ASAN_OPTIONS=detect_leaks=0 strace -f -s 300 -o trace -e trace=fsync,renameat2,write \
        "$E2E_PREFIX/sbin/sendmail" -bs
    [ -s trace ] || skip 'strace is refused here'
    expect_status 0
    expect_equal order "$(sed -n 's/.*\(fsync\|renameat2\)(.*/\1/p; s/.*queued as.*/reply/p' trace |
        tail -n 4 | tr '\n' ' ')" 'fsync renameat2 fsync reply '
}

test_a_big_message()
{
    prepare
    {
        begin bob@example.net
        printf 'DATA\r\nTo: x\r\n\r\n'
        seq 1000000 | sed 's/^1/.1/' | sed 's/^\./../; s/$/\r/'
        printf '.\r\n'
    } | talk
    expect_status 0
    expect_queue 1
    seq 1000000 | sed 's/^1/.1/' >want
    stored "$SPOOL"/new/* | sed '1,/^$/d' | cmp want -
}
