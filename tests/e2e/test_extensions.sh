# SPDX-License-Identifier: ISC
# The extensions of SMTP: each offered, not offered, and offered but refused. What arrives is
# compared octet by octet with what was sent, or what it says with what that said, by a reader of
# mail that is not ours (content.py).
# shellcheck shell=bash

# expect_converted N FILE: the Nth message is another, and says what the file does, in lines that
# any server takes; without octets above 127 unless $EIGHTBIT is set.
expect_converted()
{
    arrived "$1" >got
    crlf "$2" >want
    ! cmp -s want got || fail "message $1 is unchanged"
    command -v python3 >/dev/null || skip 'needs python3'
    python3 "$CASES_DIR/content.py" "$2" >want.content
    python3 "$CASES_DIR/content.py" got >got.content
    cmp -s want.content got.content || {
        diff want.content got.content || true
        fail "message $1 does not say what was sent"
    }
    expect_equal 'lines that are too long' "$(LC_ALL=C grep -caE '.{1000}' got || true)" 0
    [ -n "${EIGHTBIT-}" ] ||
        expect_equal '8-bit lines' "$(LC_ALL=C grep -caP '[\x80-\xff]' got || true)" 0
}

CASES_DIR=$(dirname "$CASE_FILE")

head_of()
{
    printf '%s\n' 'From: Alice <alice@client.example>' 'To: Bob <bob@example.net>' \
        'Subject: an extension' 'Date: Sun, 22 Nov 2026 12:00:00 +0000' \
        'Message-ID: <extension@client.example>'
}

# Text of 8 bits, with all that an encoding may stumble over.
eightbit_text()
{
    printf '%s\n' 'Grüße aus Köln = schön' '.' '..' 'trailing blanks  ' 'From here on' \
        "$(printf 'ä%.0s' $(seq 20)) $(printf 'word %.0s' $(seq 60))" '--no boundary' ''
    printf 'no end of line'
}

eightbit_message()
{
    head_of
    printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n'
    printf 'Content-Transfer-Encoding: 8bit\n\n'
    eightbit_text
    printf '\n'
}

# Many parts, each to be treated in its own way.
nested_message()
{
    head_of
    cat <<'END'
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer = border"
Content-Transfer-Encoding: 8bit

Preamble.
--outer = border
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße!
--inner
Content-Type: text/html

<p>seven bits</p>
--inner--

--outer = border
Content-Type: text/plain; charset=utf-8; name="Übersicht.txt"
Content-Disposition: attachment; filename="Übersicht.txt"
Content-Transfer-Encoding: binary

ελληνικά ελληνικά ελληνικά ελληνικά
--outer = border
Content-Type: message/rfc822

From: carol@example.com
Subject: Ein älterer Brief
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Schöne Grüße
--outer = border
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAECAwQFBgcICQ==
--outer = border--
END
}

signed_message()
{
    head_of
    printf '%s\n' 'MIME-Version: 1.0' \
        'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"' '' \
        '--b' 'Content-Type: text/plain; charset=utf-8' 'Content-Transfer-Encoding: 8bit' '' \
        "$1" '--b' 'Content-Type: application/pgp-signature' '' 'signature' '--b--'
}

long_lines()
{
    printf 'short\n%s\n' "$(printf 'word %.0s' $(seq 600))"
    printf '%s\nshort again\n' "$(printf 'ö%.0s' $(seq 900))"
}

# deliver FILE [ARGUMENT...]: to the smarthost that has been started.
deliver()
{
    inject "$@"
    flush 0
    expect_queue 0
}

# expect_asked N REGEX / expect_not_asked N REGEX: in MAIL and RCPT of the Nth message.
expect_asked()
{
    envelope "$1" >asked
    expect_in asked "$2"
}

expect_not_asked()
{
    envelope "$1" >asked
    expect_not_in asked "$2"
}

# reason REGEX: the message was given up, and that is why.
reason()
{
    expect_failed 1
    expect_delivered 0
    grep -Eaq -- "$1" "$SPOOL"/.failed/*/* || fail "nothing like '$1' is kept as the reason"
}

# once REGEX: among the commands of all connections there is one like it.
once()
{
    expect_equal "commands like '$1'" "$(count_log "flight [0-9]+: $1")" 1
}

five_wait()
{
    local i
    message >in
    for i in 1 2 3 4 5; do
        inject in bob@example.net
    done
}

# Every extension that the engine knows is tried in three ways; those of the line and the login are
# in files of their own.
test_all_of_them()
{
    local keyword way here=${CASES_DIR:?} known=0
    cat "$here"/test_extensions.sh "$here"/test_tls.sh "$here"/test_delivery.sh >cases
    sed -n 's/^    X(\([0-9A-Z]*\), "\1").*/\1/p' "$here/../../src/smtp/ehlo.h" >keywords
    while read -r keyword; do
        known=$((known + 1))
        for way in '' _not_offered _refused; do
            grep -q "^test_${keyword,,}$way()" cases || fail "$keyword: no case ${keyword,,}$way"
        done
    done <keywords
    expect_equal 'extensions' "$known" "$(grep -c '^    X(' "$here/../../src/smtp/ehlo.h")"
    [ "$known" -ge 12 ] || fail "these are not all: $known"
}

# ---- SIZE

test_size()
{
    start_smarthost
    write_config
    message >in
    deliver in bob@example.net
    expect_arrived 1 in
    expect_equal SIZE "$(envelope 1 | sed -n 's/.* SIZE=\([0-9]*\).*/\1/p')" "$(crlf in | wc -c)"
}

# It is known before a word of it is sent.
test_size_too_large()
{
    start_smarthost -z 2000
    write_config
    { message && seq 1000; } >in
    deliver in bob@example.net
    reason 'larger than the smarthost takes'
    expect_not_in log ' (DATA|BDAT|MAIL)'
    expect_not_in err 'said'
}

test_size_not_offered()
{
    start_smarthost -x SIZE
    write_config
    message >in
    deliver in bob@example.net
    expect_arrived 1 in
    expect_equal SIZE "$(envelope 1 | grep -c SIZE=)" 0
}

# What is converted has another size.
test_size_of_what_is_sent()
{
    start_smarthost -x 8BITMIME
    write_config
    eightbit_message >in
    deliver in bob@example.net
    expect_equal SIZE "$(envelope 1 | sed -n 's/.* SIZE=\([0-9]*\).*/\1/p')" "$(arrived 1 | wc -c)"
}

# A parameter that is offered and refused: the message goes without it, and the next ones of this
# session and of others do so at once.
test_size_refused()
{
    script <<'END'
on MAIL has=SIZE= reply "555 5.5.4 unsupported option"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    inject in carol@example.net
    deliver in dave@example.net
    expect_delivered 3
    expect_arrived 1 in
    expect_arrived 3 in
    expect_connections 1
    deliver in bob@example.net
    expect_arrived 4 in
    expect_connections 2
    expect_not_in err 'status=deferred'
    expect_in "$DIR/account/smarthost" '^learned no-parameters 1 [0-9]+$'
    # Two were under way when it was found out.
    [ "$(count_log '^1 .*: MAIL .* SIZE=')" -le 2 ] || fail 'it is tried again and again'
    expect_equal 'SIZE in the next session' "$(count_log '^2 .*: MAIL .* SIZE=')" 0
}

# Pipelined, and with DATA: what stood behind that MAIL is not a message to nobody.
test_size_refused_by_many_words()
{
    local reply
    for reply in '501 syntax error' '501 5.5.4 syntax' '504 5.5.4 not implemented' '555 what?'; do
        printf 'on MAIL has=SIZE= reply "%s"\n' "$reply" | script
        rm -rf mail log account
        start_smarthost -x CHUNKING
        write_config
        message >in
        inject in bob@example.net
        deliver in carol@example.net
        expect_delivered 2
        expect_arrived 1 in
        expect_arrived 2 in
        expect_connections 1
        stop_smarthost
    done
}

# Nor is it blamed on a parameter where the server means the address.
test_size_not_to_blame()
{
    script <<'END'
on MAIL reply "501 bad sender address"
END
    start_smarthost
    write_config
    message >in
    deliver in bob@example.net
    reason '501 5.0.0 bad sender address'
    expect_not_in "$DIR/account/smarthost" '^learned'
    once 'MAIL FROM:<alice@client.example> SIZE='
    once 'MAIL FROM:<alice@client.example>$'
}

# ---- 8BITMIME

test_8bitmime()
{
    start_smarthost
    write_config
    eightbit_message >in
    deliver in bob@example.net
    expect_arrived 1 in
    expect_asked 1 'BODY=8BITMIME'
}

test_8bitmime_not_offered()
{
    start_smarthost -x 8BITMIME
    write_config
    eightbit_message >in
    nested_message >in2
    deliver in bob@example.net
    deliver in2 bob@example.net
    expect_converted 1 in
    expect_in got '^Content-Transfer-Encoding: quoted-printable'
    expect_converted 2 in2
    expect_not_asked 1 'BODY='
}

# A mail of which nobody said what it is.
test_8bitmime_without_mime()
{
    start_smarthost -x 8BITMIME
    write_config
    { head_of && printf '\n' && eightbit_text && printf '\n'; } >in
    deliver in bob@example.net
    expect_converted 1 in
    arrived 1 >got
    expect_in got '^MIME-Version: 1.0'
    expect_in got '^Content-Type: text/plain; charset=utf-8'
}

# Who has a plain message gets it as it is.
test_8bitmime_not_needed()
{
    start_smarthost -x 8BITMIME -x SMTPUTF8 -x CHUNKING
    write_config
    message >in
    deliver in bob@example.net
    expect_arrived 1 in
}

test_8bitmime_refused()
{
    script <<'END'
on MAIL has=8BITMIME reply "555 5.5.4 no such parameter"
END
    start_smarthost
    write_config
    eightbit_message >in
    nested_message >in2
    message >in3
    inject in bob@example.net
    inject in2 bob@example.net
    deliver in3 bob@example.net
    expect_converted 1 in
    expect_in got '^Content-Transfer-Encoding: quoted-printable'
    expect_converted 2 in2
    expect_arrived 3 in3
    expect_in "$DIR/account/smarthost" '^learned no-body 1 [0-9]+$'
    # What was not it is kept.
    expect_asked 1 ' SIZE='
    deliver in bob@example.net
    expect_converted 4 in
    expect_equal 'BODY in the next session' "$(count_log '^2 .* BODY=')" 0
}

# Nobody said that it is needed but the caller: the message goes as it is.
test_8bitmime_refused_and_not_needed()
{
    script <<'END'
on MAIL has=8BITMIME reply "555 5.5.4 no such parameter"
END
    start_smarthost
    write_config
    message >in
    inject in -B8BITMIME bob@example.net
    flush 0
    expect_arrived 1 in
    expect_in "$DIR/account/smarthost" '^learned no-parameters 1 [0-9]+$'
}

# What is signed can not be converted, and says so.
test_8bitmime_refused_and_signed()
{
    script <<'END'
on MAIL has=8BITMIME reply "555 5.5.4 no such parameter"
END
    start_smarthost
    write_config
    signed_message 'Grüße' >in
    deliver in bob@example.net
    reason 'can not be converted: it is signed'
}

# A signature over 8-bit text would be broken: the message fails, and the others go on.
test_signed()
{
    start_smarthost -x 8BITMIME
    write_config
    signed_message 'Grüße' >in
    signed_message 'greetings' >in2
    deliver in bob@example.net
    reason 'can not be converted: it is signed'
    deliver in2 bob@example.net
    expect_arrived 1 in2
}

test_signed_offered()
{
    start_smarthost
    write_config
    signed_message 'Grüße' >in
    deliver in bob@example.net
    expect_arrived 1 in
}

# Nor are its lines touched, however long; the smarthost may take them.
test_signed_long_lines()
{
    start_smarthost
    write_config
    signed_message "$(long_lines)" >in
    deliver in bob@example.net
    expect_arrived 1 in
}

# ---- Long lines

test_long_lines()
{
    start_smarthost
    write_config
    { head_of && printf '\n' && long_lines; } >in
    { head_of && printf 'X-Long: %s\n\ntext\n' "$(long_lines | head -n 2 | tail -n 1)"; } >in2
    { nested_message | sed '/^--outer = border--$/,$d' && printf -- '--outer = border\n\n' &&
        long_lines && printf -- '--outer = border--\n'; } >in3
    deliver in bob@example.net
    deliver in2 bob@example.net
    deliver in3 bob@example.net
    EIGHTBIT=1 expect_converted 1 in
    expect_converted 2 in2
    EIGHTBIT=1 expect_converted 3 in3
    # The parts that need nothing are as they were.
    expect_in got '^Grüße!'
}

# ---- SMTPUTF8

test_header_text()
{
    {
        head_of | grep -v ^Subject
        printf '%s\n' 'Subject: Grüße aus Köln' 'Reply-To: Jörg <j@x.example>' '' x
    } >in
    start_smarthost
    write_config
    deliver in bob@example.net
    expect_converted 1 in
    expect_not_asked 1 'SMTPUTF8'
    stop_smarthost
    start_smarthost -x SMTPUTF8 -x 8BITMIME -p "$PORT"
    deliver in bob@example.net
    expect_equal messages "$(count_log ' message ')" 2
}

test_smtputf8()
{
    start_smarthost
    write_config
    {
        head_of | grep -v ^Subject
        printf '%s\n' 'Subject: Grüße' 'Reply-To: jörg@x.example' '' x
    } >in
    deliver in bob@example.net jörg@example.net
    expect_arrived 1 in
    expect_asked 1 '^MAIL.* SMTPUTF8'
}

# The address that can not be written is refused, the other one is served.
test_smtputf8_not_offered()
{
    start_smarthost -x SMTPUTF8
    write_config
    message >in
    deliver in bob@example.net jörg@example.net
    expect_failed 1
    grep -aq 'does not offer SMTPUTF8' "$SPOOL"/.failed/*/* || fail 'the reason is not kept'
    expect_arrived 1 in
    expect_equal recipients "$(envelope 1 | grep -c ^RCPT)" 1
}

test_smtputf8_in_the_header()
{
    start_smarthost -x SMTPUTF8
    write_config
    { head_of && printf 'Reply-To: jörg@x.example\n\nx\n'; } >in
    deliver in bob@example.net
    reason 'address in its header is not ASCII'
}

test_smtputf8_refused()
{
    script <<'END'
on MAIL has=SMTPUTF8 reply "553 5.6.7 not here"
END
    start_smarthost
    write_config
    message >in
    deliver in jörg@example.net
    reason 'not here'
}

# By any words: it is needed, and not dropped.
test_smtputf8_refused_as_a_parameter()
{
    script <<'END'
on MAIL has=SMTPUTF8 reply "555 5.5.4 not here"
END
    start_smarthost
    write_config
    message >in
    eightbit_message >in2
    deliver in jörg@example.net
    reason 'not here'
    deliver in2 jörg@example.net
    expect_failed 2
    expect_delivered 0
    expect_equal 'MAIL without it' "$(count_log ': MAIL' && true)" "$(count_log ': MAIL.*SMTPUTF8')"
    expect_not_in "$DIR/account/smarthost" '^learned'
}

# Where only the caller said so, it is.
test_smtputf8_refused_and_not_needed()
{
    script <<'END'
on MAIL has=SMTPUTF8 reply "555 5.5.4 not here"
END
    start_smarthost
    write_config
    message >in
    deliver in -O smtputf8=yes bob@example.net
    expect_arrived 1 in
}

# ---- BINARYMIME

nul_message()
{
    head_of
    printf 'MIME-Version: 1.0\nContent-Type: application/octet-stream\n'
    printf 'Content-Transfer-Encoding: binary\n\nzero \0 and \xff\n'
}

test_binarymime()
{
    script <<'END'
offer BINARYMIME
END
    start_smarthost
    write_config
    nul_message >in
    deliver in bob@example.net
    expect_arrived 1 in
    expect_asked 1 'BODY=BINARYMIME'
}

test_binarymime_not_offered()
{
    start_smarthost
    write_config
    nul_message >in
    deliver in bob@example.net
    expect_converted 1 in
    expect_in got '^Content-Transfer-Encoding: base64'
}

# Without CHUNKING there is no way for it.
test_binarymime_without_chunking()
{
    script <<'END'
offer BINARYMIME
END
    start_smarthost -x CHUNKING
    write_config
    nul_message >in
    deliver in bob@example.net
    expect_converted 1 in
}

test_binarymime_refused()
{
    script <<'END'
offer BINARYMIME
on MAIL has=BINARYMIME reply "555 5.5.4 no such body"
END
    start_smarthost
    write_config
    nul_message >in
    deliver in bob@example.net
    expect_converted 1 in
    expect_in got '^Content-Transfer-Encoding: base64'
    expect_in "$DIR/account/smarthost" '^learned no-body 1 [0-9]+$'
}

# ---- CHUNKING and PIPELINING

test_chunking()
{
    start_smarthost
    write_config
    message >in
    { head_of && printf '\n' && seq 20000; } >in2
    inject in bob@example.net
    deliver in2 bob@example.net
    expect_arrived 1 in
    expect_arrived 2 in2
    expect_in log ': BDAT [0-9]+ LAST'
    expect_in log ': BDAT [0-9]+$'
    expect_not_in log ': DATA'
}

test_chunking_not_offered()
{
    start_smarthost -x CHUNKING
    write_config
    message >in
    deliver in bob@example.net
    expect_arrived 1 in
    expect_not_in log 'bare|unstuffed'
}

# A server that does not know the BDAT it offers: all goes by DATA, in that session, once.
test_chunking_refused()
{
    local i
    script <<'END'
on BDAT skip reply "502 5.5.1 command not implemented"
on RCPT has=bad@ reply "550 5.1.1 no such user"
END
    start_smarthost
    write_config
    message >in
    for i in 1 2 3; do
        inject in bob@example.net bad@example.net
    done
    flush 0
    expect_queue 0
    expect_delivered 3
    expect_failed 3
    for i in 1 2 3; do
        expect_arrived "$i" in
        expect_equal recipients "$(envelope "$i" | grep -c ^RCPT)" 1
    done
    expect_connections 1
}

# Likewise where it takes the message for commands: nothing is lost, and nothing goes twice.
test_chunking_unknown()
{
    script <<'END'
on BDAT reply "500 5.5.2 what?"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    run sendoff flush
    expect_status 0 75
    expect_equal 'messages in all' "$(($(queued) + $(delivered)))" 1
    expect_failed 0
}

test_pipelining()
{
    start_smarthost -x CHUNKING
    write_config
    message >in
    deliver in bob@example.net carol@example.net
    expect_arrived 1 in
    expect_equal 'flights of the envelope' \
        "$(sed -n 's/^1 flight \([0-9]*\): \(MAIL\|RCPT\|DATA\).*/\1/p' log | sort -u | wc -l)" 1
}

test_pipelining_not_offered()
{
    start_smarthost -x PIPELINING
    write_config
    message >in
    inject in bob@example.net carol@example.net
    deliver in bob@example.net
    expect_delivered 2
    expect_not_in log early
}

# A server that closes on what it offers: the mail waits.
test_pipelining_refused()
{
    script <<'END'
on MAIL conn=1 pipelined close
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    flush 0
    expect_arrived 1 in
}

# ---- DSN

test_dsn()
{
    start_smarthost
    write_config
    message >in
    deliver in -N success,delay -R hdrs -V id42 bob@example.net
    expect_arrived 1 in
    expect_asked 1 '^MAIL.* RET=HDRS'
    expect_asked 1 '^MAIL.* ENVID=id42'
    expect_asked 1 '^RCPT.* NOTIFY=SUCCESS,DELAY'
}

test_dsn_not_offered()
{
    start_smarthost -x DSN
    write_config
    message >in
    inject in -N success,delay -R hdrs -V id42 bob@example.net
    flush 75 # the report of the success waits
    expect_arrived 1 in
    expect_not_asked 1 'RET|ENVID|NOTIFY|ORCPT'
    flush 0
    expect_queue 0
    expect_in mail/00000002.eml '^Action: relayed'
}

# It offers reports and will not make them: then it is for us to say that it has the message. One
# recipient is named again, not both.
test_dsn_refused()
{
    script <<'END'
on RCPT has=NOTIFY= reply "555 5.5.4 no such option"
END
    start_smarthost
    write_config
    message >in
    inject in -N success,delay bob@example.net
    inject in -N never carol@example.net
    flush 75 # the report of the success waits
    expect_arrived 1 in
    expect_arrived 2 in
    expect_delivered 2
    expect_in "$DIR/account/smarthost" '^learned no-dsn 1 [0-9]+$'
    expect_not_in "$DIR/account/smarthost" '^learned no-parameters'
    flush 0
    expect_queue 0
    expect_delivered 3
    expect_in mail/00000003.eml '^Action: relayed'
    # It is known from the start.
    inject in -N success bob@example.net
    flush 75
    expect_equal 'recipients with NOTIFY' "$(count_log '^[23] .*NOTIFY=')" 0
    flush 0
    expect_in mail/00000005.eml '^Action: relayed'
}

test_dsn_refused_for_a_message()
{
    script <<'END'
on MAIL has=ENVID= reply "501 5.5.4 no such option"
END
    start_smarthost
    write_config
    message >in
    deliver in -N never -V id42 bob@example.net
    expect_arrived 1 in
    expect_asked 1 ' SIZE='
    expect_not_asked 1 'ENVID|NOTIFY'
}

# ---- AUTH= on MAIL. No program of ours stores one: somebody with a spool of his own does.

deliver_with_auth()
{
    message >in
    inject in -V 012345 bob@example.net
    sed -i 's/ENVID=012345/AUTH=a@b.org/' "$(find "$SPOOL/new" "$SPOOL/cur" -type f)"
    flush 0
    expect_arrived 1 in
}

test_auth()
{
    start_smarthost
    write_config
    deliver_with_auth
    expect_asked 1 'MAIL.* AUTH=<>'
    expect_not_asked 1 'a@b.org'
}

test_auth_not_offered()
{
    USERS='' start_smarthost
    write_config user= auth=none
    deliver_with_auth
    expect_not_asked 1 'AUTH='
}

test_auth_refused()
{
    script <<'END'
on MAIL has=AUTH= reply "555 5.5.4 no such option"
END
    start_smarthost
    write_config
    deliver_with_auth
    expect_not_asked 1 'AUTH='
}

# ---- REQUIRETLS

test_requiretls()
{
    script <<'END'
offer REQUIRETLS
END
    start_smarthost
    write_config
    message >in
    deliver in -O requiretls=yes bob@example.net
    expect_arrived 1 in
    expect_asked 1 '^MAIL.* REQUIRETLS'
}

test_requiretls_not_offered()
{
    start_smarthost
    write_config
    message >in
    deliver in -O requiretls=yes bob@example.net
    reason 'does not offer REQUIRETLS'
}

# A promise is kept or not given.
test_requiretls_refused()
{
    script <<'END'
offer REQUIRETLS
on MAIL has=REQUIRETLS reply "555 5.5.4 not really"
END
    start_smarthost
    write_config
    message >in
    deliver in -O requiretls=yes bob@example.net
    reason 'not really'
    expect_equal 'MAIL without it' "$(count_log ': MAIL.* REQUIRETLS')" "$(count_log ': MAIL')"
}

# ---- LIMITS

test_limits_not_offered()
{
    start_smarthost
    write_config
    message >in
    deliver in a@one.example b@two.example c@three.example d@four.example
    expect_delivered 1
    expect_arrived 1 in
    expect_equal recipients "$(envelope 1 | grep -c ^RCPT)" 4
}

# It says that it takes more than it does: those over it come in the next transactions.
test_limits_refused()
{
    local options
    for options in '' '-x CHUNKING' '-x PIPELINING'; do
        script <<'END'
offer "LIMITS RCPTMAX=4"
on RCPT here=3 reply "452 4.5.3 too many recipients"
on RCPT here=4 reply "552 5.5.3 too many recipients"
END
        rm -rf mail log
        # shellcheck disable=SC2086  # words
        start_smarthost $options
        write_config
        message >in
        deliver in a@one.example b@one.example c@one.example d@one.example e@one.example
        expect_equal recipients "$(sed -n 's/^RCPT TO:<\(.\).*/\1/p' mail/*.eml | sort | tr -d '\n')" \
            abcde
        expect_arrived 1 in
        expect_arrived "$(delivered)" in
        expect_connections 1
        expect_not_in err 'status=deferred'
        stop_smarthost
    done
}

# Where the first one of a transaction is one too many, that is put off.
test_limits_of_none()
{
    script <<'END'
on RCPT reply "452 4.5.3 too many recipients"
END
    start_smarthost
    write_config
    message >in
    inject in a@one.example b@one.example
    flush 75
    expect_queue 1
    expect_connections 1
    expect_equal 'recipients named' "$(count_log ': RCPT')" 2
}

test_limits()
{
    script <<'END'
offer "LIMITS RCPTMAX=3 RCPTDOMAINMAX=2"
END
    start_smarthost
    write_config
    message >in
    deliver in a@one.example b@one.example c@one.example d@one.example e@two.example \
        f@three.example g@four.example
    expect_delivered 3
    expect_equal recipients "$(sed -n 's/^RCPT TO:<\(.\).*/\1/p' mail/*.eml | tr -d '\n')" abcdefg
    expect_connections 1
}

test_limits_of_a_session()
{
    script <<'END'
offer "LIMITS MAILMAX=2"
on MAIL here=3 reply "452 4.5.3 too many"
END
    start_smarthost
    write_config
    five_wait
    flush 0
    expect_delivered 5
    expect_connections 3
}

# A session that ends between the transactions of one message: the next one goes on there.
test_limits_of_a_session_and_of_recipients()
{
    script <<'END'
offer "LIMITS RCPTMAX=1 MAILMAX=2"
END
    start_smarthost
    write_config
    message >in
    deliver in a@one.example b@one.example c@one.example d@one.example e@one.example
    expect_equal recipients "$(sed -n 's/^RCPT TO:<\(.\).*/\1/p' mail/*.eml | tr -d '\n')" abcde
    expect_connections 3
}

# Likewise where the line breaks there. Who has it does not get it twice.
test_lost_between_recipients()
{
    script <<'END'
on MAIL conn=1 here=2 close
END
    start_smarthost -x PIPELINING
    write_config recipients_per_message=1
    message >in
    inject in a@one.example b@one.example c@one.example
    run sendoff flush
    expect_delivered 1
    flush 0
    expect_queue 0
    expect_equal recipients "$(sed -n 's/^RCPT TO:<\(.\).*/\1/p' mail/*.eml | tr -d '\n')" abc
}

# A server that has a limit and does not say so before. No message is put off for that.
test_too_many_messages()
{
    script <<'END'
on MAIL here=3 reply "452 4.5.3 Too many recipients: Too many messages sent"
on MAIL here=4 reply "452 4.5.3 Too many recipients: Too many messages sent"
on MAIL here=5 reply "452 4.5.3 Too many recipients: Too many messages sent"
END
    start_smarthost
    write_config
    five_wait
    flush 0
    expect_queue 0
    expect_delivered 5
    expect_connections 3
    expect_not_in err 'status=deferred'
}

# Where it says so of the first one, that is put off.
test_too_many_recipients()
{
    script <<'END'
on MAIL reply "452 4.5.3 too many recipients"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in err 'status=deferred \(452 4.5.3'
    expect_connections 1
}

# ---- ENHANCEDSTATUSCODES

test_enhancedstatuscodes_not_offered()
{
    script <<'END'
on RCPT reply "550 no such user"
END
    start_smarthost -x ENHANCEDSTATUSCODES
    write_config
    message >in
    deliver in bob@example.net
    reason '550 5.0.0 no such user'
}

# It has them in its replies.
test_enhancedstatuscodes()
{
    script <<'END'
on RCPT reply "550 5.1.1 no such user"
END
    start_smarthost
    write_config
    message >in
    deliver in bob@example.net
    reason '550 5.1.1 no such user'
}

# They are offered, and do not come, or fit no reply: what the code says counts.
test_enhancedstatuscodes_refused()
{
    script <<'END'
on RCPT has=bob reply "550 no such user"
on RCPT has=carol reply "450 5.1.1 later"
on RCPT has=dave reply "550 2.1.5 no such user"
END
    start_smarthost
    write_config
    message >in
    inject in bob@example.net
    inject in carol@example.net
    inject in dave@example.net
    flush 75
    expect_queue 1
    expect_failed 2
    expect_in err 'carol@example.net.* status=deferred'
    expect_in err 'dsn=5.0.0, status=bounced \(550 5.0.0 no such user|550 .*no such user'
}
