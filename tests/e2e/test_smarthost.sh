# SPDX-License-Identifier: ISC
# The smarthost itself, where sendoff's own tests would not notice that it is wrong.
# shellcheck shell=bash

# talk LINE...: sends the lines to a smarthost without TLS; its replies go to ./out.
talk()
{
    exec 3<>"/dev/tcp/127.0.0.1/$PORT"
    printf '%s\r\n' "$@" >&3
    cat <&3 >out
    exec 3>&-
}

test_plain_dialogue()
{
    MODE=plain USERS='' start_smarthost
    talk 'EHLO me' 'MAIL FROM:<a@example.net> SIZE=5' 'RCPT TO:<b@example.net>' DATA \
        'Subject: x' '' '..' '..dot' '.' QUIT
    expect_in out '^250 2.0.0 accepted as 1'
    expect_delivered 1
    printf 'Subject: x\r\n\r\n.\r\n.dot\r\n' | cmp - <(arrived 1)
    expect_equal envelope "$(envelope 1)" \
        "$(printf '%s\n' 'MAIL FROM:<a@example.net> SIZE=5' 'RCPT TO:<b@example.net>')"
    expect_log 'early input behind EHLO'
}

test_chunks()
{
    MODE=plain USERS='' start_smarthost
    talk 'EHLO me' 'MAIL FROM:<>' 'RCPT TO:<b@example.net>' 'BDAT 6' 'abcd' 'BDAT 4 LAST' 'ef' QUIT
    expect_in out '^250 2.0.0 accepted as 1'
    printf 'abcd\r\nef\r\n' | cmp - <(arrived 1)
}

test_strict()
{
    MODE=plain USERS='' start_smarthost -x DSN
    talk 'EHLO me' 'MAIL FROM:<a@example.net> RET=HDRS' 'MAIL FROM:a@example.net' \
        'RCPT TO:<b@example.net>' 'MAIL FROM:<a@example.net>' 'RCPT TO:<root>' DATA NONSENSE QUIT
    expect_not_in out '250-DSN'
    expect_equal replies "$(grep -o '^[0-9][0-9][0-9] [^H ]*' out | tr '\n' ',')" \
        '220 smarthost.example,250 ,555 5.5.4,501 5.5.4,503 5.5.1,250 2.1.0,504 5.5.2,503 5.5.1,500 5.5.2,221 2.0.0,'
}

test_needs_login()
{
    MODE=plain start_smarthost
    talk 'EHLO me' 'MAIL FROM:<a@example.net>' 'AUTH PLAIN AHVzZXIAd3Jvbmc=' \
        'AUTH PLAIN AHVzZXIAc2VjcmV0' 'MAIL FROM:<a@example.net>' QUIT
    expect_equal replies "$(sed -n 's/^\([0-9]*\) \([0-9.]*\) .*/\1 \2/p' out | tr '\n' ',')" \
        '530 5.7.0,535 5.7.8,235 2.7.0,250 2.1.0,221 2.0.0,'
}

test_script()
{
    script <<'END'
# the second message is refused, the third drops the line
greeting "odd\x41"
offer "LIMITS MAILMAX=3"
on DOT n=2 reply "451 4.0.0 \"later\""
on DOT n=3 reset
on NOOP times=2 answer "250 well"
on NOOP mute
on RSET repeat 3 "x\r\n" proceed
END
    MODE=plain USERS='' start_smarthost
    local mail=('MAIL FROM:<>' 'RCPT TO:<b@example.net>' 'BDAT 0 LAST')
    talk 'EHLO me' NOOP NOOP NOOP RSET "${mail[@]}" "${mail[@]}" "${mail[@]}" || true
    expect_log 'end reset'
    expect_delivered 1
    expect_equal rules "$(count_log 'rule')" 6
}

test_script_mistakes()
{
    local line
    for line in 'on' 'on NOWHERE close' 'on MAIL' 'on MAIL fly' 'on MAIL reply' 'on MAIL n=x close' \
        'on MAIL reply "x' 'on MAIL reply "\q"' 'fly 3' 'split' 'on MAIL delay 3'; do
        printf '%s\n' "$line" >script
        run "$E2E_TOOLS/smarthost" -m plain -s script
        expect_status 65
        expect_in err '^smarthost: script: script:1: '
    done
}
