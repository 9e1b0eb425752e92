# SPDX-License-Identifier: ISC
# The mails that each server is given, and what is to be seen of them there. The first field of
# each names it; what a server puts on top is above that. What no server is to be bothered with
# is converted by sendoff, and then compared by what it says (tests/e2e/content.py).
#
# A server states where its mail lies ($BOXES) and whether there is a copy for each recipient
# ($COPIES: each or one).
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh

INTEROP=$(dirname "${BASH_SOURCE[0]}")
SMALL=200

# ---- Mails

# mail NAME [FIELD...] >FILE: a header; stdin is the body.
mail()
{
    printf '%s\n' "X-Interop: $1" 'From: Alice <alice@client.example>' \
        'To: Bob <bob@example.net>' 'Date: Sun, 22 Nov 2026 12:00:00 +0000' \
        "Message-ID: <$1@client.example>" "${@:2}" ''
    cat
}

MIME=('MIME-Version: 1.0' 'Content-Type: text/plain; charset=utf-8' 'Content-Transfer-Encoding: 8bit')

words()
{
    printf 'word %.0s' $(seq "$1")
    printf 'end\n'
}

# Names of mails. Those that stay as they are, to the octet; those that are converted anywhere.
EXACT='plain eightbit folded big fifty dsn empty dots'
CONVERTED='header long long8 longfield binary'

make_mails()
{
    local i
    mkdir sent
    # shellcheck disable=SC2094  # the first word is a name, not a file
    (
        cd sent || exit
        message | sed '1,/^$/d' | mail plain 'Subject: plain' >plain
        printf 'Grüße aus Köln\nmañana\n=20 == =\ntrailing blanks  \n\tFrom here\nFrom there\n' |
            mail eightbit 'Subject: eight bits' "${MIME[@]}" >eightbit
        printf 'text\n' | mail folded "$(printf 'Subject: one\n  two\n\tthree \n four')" \
            'X-Empty:' 'Sender: Carol <carol@client.example>' 'bcc-like: a@b' >folded
        head -c 3900000 /dev/urandom | base64 | mail big 'Subject: big' >big
        printf 'to all\n' | mail fifty 'Subject: fifty' >fifty
        printf 'report it\n' | mail dsn 'Subject: DSN' >dsn
        mail empty 'Subject: empty' </dev/null >empty
        printf '%s\n' . .. ... '.a' '' . 'RSET' '.' ' .' '' '' . | mail dots 'Subject: dots' >dots

        printf 'text\n' | mail header 'Subject: Grüße aus Köln, 日本語' \
            'Reply-To: Jörg Müller <joerg@client.example>' >header
        { printf 'short\n' && words 600 && printf '.%s\nshort\n' "$(words 250)"; } |
            mail long 'Subject: long' >long
        { printf 'ö%.0s' $(seq 1500) && printf '\n.\n' && words 300; } |
            mail long8 'Subject: long' "${MIME[@]}" >long8
        printf 'text\n' | mail longfield "Subject: $(words 400)" >longfield
        printf 'zero \0 and \377\n' | mail binary 'Subject: NUL' 'MIME-Version: 1.0' \
            'Content-Type: application/octet-stream' 'Content-Transfer-Encoding: binary' >binary

        for ((i = 1; i <= SMALL; i++)); do
            printf 'number %d\n.\n' "$i" | mail "small-$i" "Subject: small" >"small-$i"
        done
    )
}

fifty()
{
    printf 'r%02d@example.net\n' $(seq 50)
}

# recipients_of NAME: one in each line, sorted.
recipients_of()
{
    case $1 in
    fifty) fifty ;;
    *) printf 'bob@example.net\n' ;;
    esac
}

# inject_mail NAME
inject_mail()
{
    local options=()
    [ "$1" != dsn ] || options=(-N success -R hdrs -V id42)
    # shellcheck disable=SC2046  # words are wanted
    inject "sent/$1" ${options+"${options[@]}"} $(recipients_of "$1")
}

# ---- What arrived

files_arrived()
{
    find "$BOXES" -type f ! -name '*.tmp' 2>/dev/null | wc -l
}

enough_arrived()
{
    [ "$(files_arrived)" -ge "$1" ]
}

# Sorts what arrived into arrived/NAME, with the lines in front of it in arrived.top/NAME, one
# after the other where there are copies; those are to be alike. What has no name of ours, such as
# a report, goes to arrived.others/.
sort_arrived()
{
    local file name
    rm -rf arrived arrived.top arrived.others
    mkdir arrived arrived.top arrived.others
    find "$BOXES" -type f >arrived.list
    while read -r file; do
        name=$(LC_ALL=C sed -n '/^\r*$/!s/^X-Interop: \([a-z0-9-]*\)\r*$/\1/p;T;q' "$file")
        if [ -z "$name" ] || grep -aiq '^Content-Type: message/delivery-status' "$file"; then
            cp "$file" arrived.others/
            continue
        fi
        LC_ALL=C sed '/^X-Interop: /,$d' "$file" >>"arrived.top/$name"
        LC_ALL=C sed -n '/^X-Interop: /,$p' "$file" >one
        if [ -e "arrived/$name" ]; then
            cmp -s one "arrived/$name" || fail "two copies of $name are not alike"
        else
            mv one "arrived/$name"
        fi
    done <arrived.list
}

# The envelope, of a Maildir's or of a smarthost's file.
recipients_seen()
{
    sed -n 's/\r$//; s/^\(X-Original-To\|Envelope-to\|Delivered-To\): *<*\([^>]*\)>*$/\2/p
        s/^RCPT TO:<\([^>]*\)>.*/\1/p' "arrived.top/$1" | sort -u
}

senders_seen()
{
    sed -n 's/\r$//; s/^Return-[Pp]ath: *<\([^>]*\)>.*/\1/p; s/^MAIL FROM:<\([^>]*\)>.*/\1/p' \
        "arrived.top/$1" | sort -u
}

# as_sent NAME: the octets of the mail, in the line ends of a file. On the wire each line ends with
# CRLF, and there is no other CR or LF; a server that kept them kept them all.
without_cr()
{
    local crs lines
    crs=$(tr -cd '\r' <"arrived/$1" | wc -c)
    [ "$crs" -eq 0 ] && return
    lines=$(tr -cd '\n' <"arrived/$1" | wc -c)
    expect_equal "line ends of $1" "$(LC_ALL=C grep -ac $'\r$' "arrived/$1")" "$lines"
    expect_equal "CR in $1" "$crs" "$lines"
    LC_ALL=C sed -i 's/\r$//' "arrived/$1"
}

# A conversion leaves lines that any server takes, and in the header no octet above 127.
expect_fits()
{
    expect_equal "lines over 998 octets in $1" \
        "$(LC_ALL=C grep -caE '.{999}' "arrived/$1" || true)" 0
    sed '/^$/q' "arrived/$1" >header.got
    expect_equal "8-bit header lines in $1" "$(LC_ALL=C grep -caP '[\x80-\xff]' header.got || true)" 0
    [ -n "${TAKES_8BIT-yes}" ] || expect_equal "8-bit lines in $1" \
        "$(LC_ALL=C grep -caP '[\x80-\xff]' "arrived/$1" || true)" 0
}

expect_said()
{
    ! cmp -s "sent/$1" "arrived/$1" || fail "$1 is unchanged"
    expect_fits "$1"
    command -v python3 >/dev/null || skip 'needs python3'
    python3 "$INTEROP/../e2e/content.py" "sent/$1" >want
    python3 "$INTEROP/../e2e/content.py" "arrived/$1" >got
    cmp -s want got || { diff want got | cut -c 1-500 && fail "$1 does not say what was sent"; }
}

expect_exact()
{
    cmp "sent/$1" "arrived/$1" || {
        diff -a "sent/$1" "arrived/$1" | head -n 20 | cut -c 1-200
        fail "$1 did not arrive as it was sent"
    }
}

# What of it arrived, in how many copies.
expect_envelope()
{
    expect_equal "recipients of $1" "$(recipients_seen "$1")" "$(recipients_of "$1")"
    expect_equal "the sender of $1" "$(senders_seen "$1")" alice@client.example
}

# copies [NAME...]: files that the mails are to become.
copies()
{
    local name n=0
    for name; do
        [ "$COPIES" = one ] && n=$((n + 1)) || n=$((n + $(recipients_of "$name" | wc -l)))
    done
    echo $n
}

# ---- Cases, for a server that was started

# take_the_set [EXACT [CONVERTED]]: all mails go there over one connection, and arrive. Where a
# server can not take some as they are, it says which. Sets REPORTS, the files that are none of
# ours.
take_the_set()
{
    local exact=${1-$EXACT} converted=${2-$CONVERTED} name total small
    small=$(seq -f 'small-%g' $SMALL)
    make_mails
    write_config
    # shellcheck disable=SC2086  # names
    for name in $exact $converted $small; do
        inject_mail "$name"
    done
    expect_queue $((SMALL + $(wc -w <<<"$exact $converted")))
    run sendoff flush
    expect_status 0 75
    expect_not_in err 'status=deferred'
    # What may wait is a report of our own, where the server offers none.
    [ "$status" -eq 0 ] || flush 0
    expect_queue 0
    expect_failed 0
    # shellcheck disable=SC2086  # names
    total=$(copies $exact $converted $small)
    within 30 enough_arrived "$total" || fail "$(files_arrived) files arrived, not $total"
    sort_arrived
    expect_equal 'copies that arrived' \
        "$(($(wc -l <arrived.list) - $(count_files arrived.others)))" "$total"
    for name in arrived/*; do
        name=${name#arrived/}
        without_cr "$name"
        expect_envelope "$name"
    done
    for name in $exact $small; do
        expect_exact "$name"
    done
    for name in $converted; do
        expect_said "$name"
    done
}

report_came()
{
    grep -rail '^Content-Type: message/delivery-status' "$BOXES" >report
}

# expect_report [FIELD]: the report that was asked for comes back, and is about what was sent; the
# field is a regular expression, and stands there, too.
expect_report()
{
    within 10 report_came || fail 'no report came back'
    expect_one_line report
    sed 's/\r$//' "$(cat report)" >returned
    expect_in returned '^Final-Recipient: *rfc822; *bob@example.net'
    expect_in returned '^Action: *(delivered|relayed)'
    expect_in returned '^X-Interop: dsn$'
    [ $# -eq 0 ] || expect_in returned "$1"
}

# take_one [KEY=VALUE...]: a mail with this config. The file of the mail is sent/plain.
take_one()
{
    write_config "$@"
    [ -e sent ] || { mkdir sent && message | sed '1,/^$/d' | mail plain 'Subject: one' >sent/plain; }
    inject_mail plain
    flush 0
    expect_queue 0
    expect_failed 0
}

# arrives N: so many copies of it, in all.
arrives()
{
    within 10 enough_arrived "$1" || fail "$(files_arrived) files arrived, not $1"
    sort_arrived
    expect_equal 'copies that arrived' "$(files_arrived)" "$1"
    without_cr plain
    expect_exact plain
}

# refuse_password: it waits, and nothing was asked but the login.
refuse_password()
{
    PASSWORD=guess write_config
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    expect_in err '535'
    expect_equal arrived "$(files_arrived)" 0
}

# refuse_some [LATER]: one recipient is refused, LATER is not now, and two get it.
refuse_some()
{
    write_config
    message | mail plain >in
    inject in bob@example.net refused@example.net "$@" carol@example.net
    flush $(($# > 0 ? 75 : 0))
    expect_queue $#
    expect_in err 'to=<refused@.* dsn=5.*status=bounced \(550 '
    [ $# -eq 0 ] || expect_in err "to=<$1>.* dsn=4.*status=deferred \\(45[01] "
    within 10 both_arrived || fail "recipients: $(recipients_seen plain)"
}

both_arrived()
{
    sort_arrived
    [ "$(recipients_seen plain 2>/dev/null)" = $'bob@example.net\ncarol@example.net' ]
}

# An address beyond ASCII, where SMTPUTF8 is offered.
take_international()
{
    write_config
    printf 'text\n' | mail utf8 'Subject: Grüße' 'Cc: Jörg <jörg@example.net>' >in
    inject in jörg@example.net
    flush 0
    expect_queue 0
    expect_failed 0
    within 10 enough_arrived 1 || fail 'it did not arrive'
    sort_arrived
    without_cr utf8
    cmp in arrived/utf8 || fail 'it did not arrive as it was sent'
    expect_equal recipients "$(recipients_seen utf8)" jörg@example.net
}

# Where it is not: that address fails, with the reason, and the other one gets it.
refuse_international()
{
    write_config
    message | mail plain >in
    inject in jörg@example.net bob@example.net
    flush 0
    expect_queue 0
    expect_failed 1
    grep -aq 'does not offer SMTPUTF8' "$SPOOL"/.failed/*/* || fail 'the reason is not kept'
    within 10 enough_arrived 1 || fail 'it did not arrive'
    sort_arrived
    expect_equal recipients "$(recipients_seen plain)" bob@example.net
}
