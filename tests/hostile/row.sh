# SPDX-License-Identifier: ISC
# One row of the table (table.txt), in the words of tests/e2e/lib.sh: called by tests/hostile/run
# with what the row says in ROW_*. Leaves the flush's time in ./took.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2153,SC2119  # between here and lib.sh

PASSWORD='Corr3ct+Horse/Battery'
USERS=user:$PASSWORD
PLAIN=$(printf '\0user\0%s' "$PASSWORD" | base64 -w 0)
BASE64=$(printf %s "$PASSWORD" | base64 -w 0)
LIMIT=5000 # milliseconds: each deadline is one second, and at most three of them meet
RECORD=$DIR/record

options=() keys=() octets=0 never='' dead=''

set_up()
{
    local word
    for word in $ROW_SETUP; do
        case $word in
        implicit | plain) MODE=$word ;;
        cert=*) CERT=${word#cert=} ;;
        octets=*) octets=${word#octets=} ;;
        secret=never) never=yes ;;
        dead) dead=yes ;;
        -x*) options+=(-x "${word#-x}") ;;
        -*) options+=("$word") ;;
        *) keys+=("$word") ;;
        esac
    done
}

make_message()
{
    message "$ROW_NAME"
    [ "$octets" -eq 0 ] || head -c "$octets" /dev/zero | tr '\0' x | fold -w 70
    [ "$octets" -eq 0 ] || printf '\n'
}

# As it is, and as base64 has it at any offset.
secret_forms()
{
    local pad
    printf '%s\n' "$PASSWORD"
    for pad in '' x xx; do
        printf '%s%s' "$pad" "$PASSWORD" | base64 -w 0 | sed 's/^....//; s/....$//'
        printf '\n'
    done
}

expect_no_secret()
{
    secret_forms >forms
    ! grep -qarFf forms "$@" || fail "the secret is in $(grep -larFf forms "$@" | tr '\n' ' ')"
}

# The message in that directory of the spool is what was handed in.
expect_stored()
{
    local file
    file=$(find "$1/new" "$1/cur" -type f)
    stored "$file" | cmp -s - in || fail "what waits is not what was handed in"
}

held()
{
    case $1 in
    kept) [ "$(queued) $(failed) $(delivered)" = '1 0 0' ] && ! has err 'doubt' ;;
    doubt) [ "$(queued) $(failed)" = '1 0' ] && has err 'doubt' ;;
    sent) [ "$(queued) $(failed) $(delivered)" = '0 0 1' ] ;;
    refused) [ "$(queued) $(failed) $(delivered)" = '0 1 0' ] ;;
    safe) [ $(($(queued) + $(failed) + $(delivered))) -gt 0 ] ;;
    esac
}

# What it came to; nothing else is it.
outcome()
{
    local one
    for one in kept doubt sent refused; do
        ! held $one || printf '%s' $one
    done
}

# The expressions of the stage and of the manner hold for one and the same line, without -v.
expect_reason()
{
    grep -v '^\(--\|<-\|->\) ' err >said || true
    grep -Ei -- "${1#-}" said | grep -Eiq -- "${2#-}" ||
        fail "the reason does not tell of '$1' and '$2'"
}

# An honest one in its place: whatever it was, it is over and leaves nothing behind.
heals()
{
    local options=()
    rm -f script
    mkdir honest
    "$E2E_TOOLS/smarthost" -P honest/port -l honest/log -o honest -c "$CERTS/good.pem" \
        -k "$CERTS/good.key" -u "user:$PASSWORD" &
    started+=($!)
    within 10 test -s honest/port || fail 'the honest smarthost did not start'
    PORT=$(cat honest/port)
    MODE=starttls write_config
    run sendoff flush
    expect_status 0
    expect_equal 'waiting after all' "$(queued)" 0
    crlf in >want
    sed '1,/^$/d' honest/00000001.eml | cmp -s - want || fail 'it does not arrive whole'
}

row()
{
    local one came
    set_up
    if [ "$ROW_SCRIPT" != - ]; then
        ROW_SCRIPT=${ROW_SCRIPT//@SECRET@/$PASSWORD}
        ROW_SCRIPT=${ROW_SCRIPT//@BASE64@/$BASE64}
        printf '%s\n' "${ROW_SCRIPT//@PLAIN@/$PLAIN}" | sed 's/ ;; /\n/g' >script
    fi
    start_smarthost -r "$RECORD" ${options[@]+"${options[@]}"}
    [ -z "$dead" ] || stop_smarthost
    write_config timeout_connect=1s timeout_greeting=1s timeout_command=1s timeout_body=1s \
        ${keys[@]+"${keys[@]}"}
    make_message >in
    inject in bob@example.net
    elapsed run sendoff -v flush
    printf '%s\n' "$ELAPSED" >took
    came=$(outcome)
    printf '%s\n' "${came:-?}" >came
    for one in ${ROW_OUTCOME//\// } none; do
        ! held "$one" || break
    done
    [ "$one" != none ] ||
        fail "not $ROW_OUTCOME: queued $(queued), failed $(failed), delivered $(delivered)"
    expect_faster $LIMIT
    [ "$came" = sent ] || expect_reason "$ROW_STAGE" "$ROW_REASON"
    # Nor such as UTF-8 has: C1, line ends of its own, what turns the direction of text.
    ! LC_ALL=C grep -qarE $'[\001-\010\013-\014\016-\037\177]|\302[\200-\237]|\342\200[\250-\256]' \
        err out spool/.failed 2>/dev/null ||
        fail 'control bytes passed'
    expect_no_secret record.clear err out spool
    [ -z "$never" ] || expect_no_secret record.tls
    case $came in
    sent) expect_arrived 1 in ;;
    refused) expect_stored spool/.failed ;;
    doubt) expect_stored spool ;;
    kept)
        expect_stored spool
        heals
        ;;
    esac
}
