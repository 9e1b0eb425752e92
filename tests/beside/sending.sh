# SPDX-License-Identifier: ISC
# The rows of README's table that are about the smarthost and what it is sent, for `try`.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and try

# ---- The smarthost.

# arrives_by CERTIFICATE: one more message, while the smarthost has that one.
arrives_by()
{
    local before
    stop_smarthost
    before=$(count_accepted)
    CERT=$1 smarthost
    hello
    flush
    within 40 grep -q '^[0-9]* end ' log || give_up 'it did not try'
    arrive $((before + 1)) 3
}

row_cert()
{
    local name=yes authority=yes
    ready
    smarthost
    must_send
    arrives_by good || give_up 'another smarthost was not taken'
    ! arrives_by wrong-name || name=no
    ! arrives_by self-signed || authority=no
    case $name,$authority in
    yes,yes) echo yes ;;
    no,yes) echo 'not its name' ;;
    yes,no) echo 'its name only' ;;
    no,no) echo no ;;
    esac
}

# reached RECIPIENT: the smarthost was told of him.
reached() { grep -q "^[0-9]* flight [0-9]*: RCPT TO:<$1>" "$dir/log"; }

row_inject()
{
    local between
    ready
    smarthost
    must_send
    for between in $'>\r\nRCPT TO:<' $'>\nRCPT TO:<' $'\n'; do
        send -i -f "alice@users.example${between}mallory@example.net" bob@example.net <mail
        flush
        ! within 5 reached mallory@example.net || { echo yes && return; }
    done
    echo no
}

# what_became: of a message for bob that could not be sent; now it could.
what_became()
{
    if [ "$status" -ne 0 ]; then
        echo 'exit status'
    elif ! goes_on "$WAITS" bob@example.net alice@users.example; then
        give_up 'neither the message nor a report came'
    elif arrived_for bob@example.net; then
        echo 'it waits'
    else
        echo 'it is bounced'
    fi
}

row_noname()
{
    ready
    net_down
    names 'elsewhere.example a 127.0.0.1'
    hello
    flush
    sleep 3
    grep -q "$SMARTHOST" asked || give_up 'it did not ask'
    net_down
    net_up
    smarthost
    what_became
}

row_password()
{
    ready
    KNOWN=another smarthost
    hello
    flush
    within 10 grep -q ' auth ' log || give_up 'it did not log in'
    sleep 2
    stop_smarthost
    smarthost
    what_became
}

row_tworcpt()
{
    ready
    echo 'on RCPT has=refused reply "550 5.1.1 no such user"' >script
    smarthost -s script
    must_send
    hello refused@example.net bob@example.net
    if goes_on 10 bob@example.net; then echo 'fails alone'; else echo 'fails the message'; fi
}

row_report()
{
    ready
    echo 'on RCPT has=refused reply "550 5.1.1 no such user"' >script
    smarthost -s script
    must_send
    hello refused@example.net
    if [ "$status" -ne 0 ]; then
        echo 'exit status'
    elif ! goes_on 20 alice@users.example; then
        echo no
    elif arrived alice@users.example | grep -qi '^content-type: multipart/report'; then
        echo 'by RFC 3464'
    else
        echo 'in words'
    fi
}

accepted_recipients()
{
    local files
    mapfile -t files < <(accepted)
    sed -s '/^\r*$/,$d' "${files[@]}" /dev/null | grep -c '^RCPT TO' || true
}

# thirty_messages, of two recipients each: sets connections.
thirty_messages()
{
    local i before
    before=$(accepted_recipients)
    if has_queue; then net_down; else smarthost; fi
    for ((i = 0; i < 30; i++)); do
        hello bob@example.net carol@example.net
    done
    ! has_queue || { net_up && smarthost; }
    for ((i = 0; i < WAITS; i++)); do
        [ "$(accepted_recipients)" -lt $((before + 60)) ] || break
        flush
        sleep 1
    done
    [ "$i" -lt "$WAITS" ] || give_up 'not all arrived'
    connections=$(count_log '^[0-9]+ connect$')
}

row_reuse()
{
    local connections
    ready
    thirty_messages
    case $connections in
    [1-9] | 1?) echo many && return ;;
    2[5-9] | 30) ;;
    60) echo 'one recipient' && return ;;
    *) give_up "there were $connections connections" ;;
    esac
    declare -F "${peer}_reuse" >/dev/null || { echo one && return; }
    stop_smarthost
    "${peer}_reuse"
    thirty_messages
    if [ "$connections" -lt 20 ]; then echo 'one, many if told to'; else echo one; fi
}

# ---- Messages.

row_eightbit()
{
    ready
    smarthost -x 8BITMIME -x SMTPUTF8
    must_send
    message 'MIME-Version: 1.0' 'Content-Type: text/plain; charset=utf-8' \
        'Content-Transfer-Encoding: 8bit' | sed 's/This is/Gr\xc3\xbc\xc3\x9fe,/' >mail
    hello
    if [ "$status" -ne 0 ] || ! goes_on 20 bob@example.net; then
        echo refused
    elif arrived bob@example.net | LC_ALL=C grep -q $'[\x80-\xff]'; then
        echo 'sent as it is'
    elif arrived bob@example.net | grep -q 'Gr=C3=BC=C3=9Fe'; then
        echo converted
    else
        give_up 'something else arrived'
    fi
}

row_longline()
{
    local most
    ready
    smarthost
    must_send
    { message && head -c 5000 /dev/zero | tr '\0' x && echo; } >long
    send -i -f alice@users.example bob@example.net <long
    if [ "$status" -ne 0 ] || ! goes_on 20 bob@example.net; then
        echo refused
        return
    fi
    most=$(arrived bob@example.net | awk 'length > n { n = length } END { print n }')
    if [ "$most" -gt 998 ]; then
        echo 'sent as it is'
    elif arrived bob@example.net |
        grep -qiE '^content-transfer-encoding: *(quoted-printable|base64)'; then
        echo converted
    else
        echo cut
    fi
}

row_bs()
{
    ready
    smarthost
    must_send
    {
        printf '%s\r\n' 'EHLO client.example' 'MAIL FROM:<alice@users.example>' \
            'RCPT TO:<carol@example.net>' DATA
        sed 's/$/\r/' mail
        printf '.\r\nQUIT\r\n'
    } >dialogue
    PATIENCE=10 send -bs <dialogue
    if goes_on 10 carol@example.net; then echo yes; else echo no; fi
}
