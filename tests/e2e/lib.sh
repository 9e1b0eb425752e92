# SPDX-License-Identifier: ISC
# What the end-to-end cases are written in, and what runs one: lib.sh FILE FUNCTION, called by
# tests/e2e/run. The case's private directory is the working directory. Anything that goes wrong
# ends the case at once.
# shellcheck shell=bash
set -eu -o pipefail

SLOW=$E2E_SLOW
CERTS=$E2E_WORK/certs
DIR=$E2E_CASE
SPOOL=$DIR/spool
SERVER=127.0.0.1
cd "$DIR"

# ---- Ends.

fail()
{
    printf 'FAIL: %s\n' "$*"
    show_files
    exit 1
}

skip()
{
    printf '%s\n' "$*" >"$DIR/skip"
    exit 77
}

# What a reader of a failure wants to see.
show_files()
{
    local file
    for file in "$DIR"/{config/sendoff.conf,script,out,err,log}; do
        [ ! -s "$file" ] || { printf -- '---- %s\n' "${file#"$DIR"/}" && tail -n 60 "$file"; }
    done
    [ ! -d "$SPOOL" ] || { printf -- '---- spool\n' && (cd "$SPOOL" && find . -type f -ls | sed 60q); }
}

started=()   # processes, to be ended in any case
to_remove=() # directories outside of this case's own

clean_up()
{
    local status=$? pid dir
    trap - EXIT
    for pid in ${started+"${started[@]}"}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for dir in ${to_remove+"${to_remove[@]}"}; do
        rm -rf --one-file-system "${dir:?}"
    done
    [ $status -eq 0 ] || [ $status -eq 77 ] || printf 'ended with status %d\n' $status
    exit $status
}
trap clean_up EXIT
trap 'printf "line %s: %s\n" "$LINENO" "$BASH_COMMAND"' ERR

# Waits until the command succeeds: at most SECONDS (first argument), times the slowness.
within()
{
    local tries=$(($1 * 50 * SLOW))
    shift
    until "$@"; do
        [ $((tries -= 1)) -gt 0 ] || return 1
        sleep 0.02
    done
}

# ---- The smarthost.

# script <<'END': how the next smarthost misbehaves (tests/tools/smarthost/script.h).
script()
{
    cat >"$DIR/script"
}

# shellcheck disable=SC2120  # most need none
# start_smarthost [OPTION...]: on a port of the kernel's choice, with the certificate $CERT, the
# script if there is one, and user "user" with password "secret" unless USERS is set (to "" for
# none). It logs to ./log and keeps mail in ./mail. Sets PORT.
start_smarthost()
{
    local cert=${CERT-good} user
    local options=(-P "$DIR/port" -l "$DIR/log" -o "$DIR/mail" -m "${MODE-starttls}"
        -c "$CERTS/$cert.pem" -k "$CERTS/$cert.key")
    for user in ${USERS-user:secret}; do
        options+=(-u "$user")
    done
    [ ! -e "$DIR/script" ] || options+=(-s "$DIR/script")
    mkdir -p "$DIR/mail"
    rm -f "$DIR/port"
    "$E2E_TOOLS/smarthost" "${options[@]}" "$@" &
    SMARTHOST=$!
    started+=("$SMARTHOST")
    within 10 test -s "$DIR/port" || fail 'the smarthost did not start'
    PORT=$(cat "$DIR/port")
}

stop_smarthost()
{
    kill "$SMARTHOST"
    wait "$SMARTHOST" || true
}

# A port of loopback on which nobody listens: sets PORT.
dead_port()
{
    start_smarthost
    stop_smarthost
    rm -f "$DIR/log"
}

# ---- The config.

# write_config [KEY=VALUE...]: a personal config for $SERVER:$PORT, and its password file.
# Keys of the section [sendoff] are written "sendoff.KEY"; an empty value leaves the key out.
# Nothing is sent before a case flushes, where it does not ask for that; test_bell.sh does.
# Failed messages stay in .failed here; test_bounce.sh has the reports.
write_config()
{
    local -A global=([spool]="\"$SPOOL\"" [domain]=client.example [log]=stderr
        [aliases]="\"$DIR/aliases\"" [bounce]=keep [deliver]=queue)
    local -A account=([host]=$SERVER [port]=$PORT [tls]=${MODE-starttls}
        [tls_ca_file]="\"$CERTS/ca.pem\"" [user]=user
        [password_file]="\"$DIR/config/password\"" [timeout_connect]=5s
        [timeout_greeting]=5s [timeout_command]=5s [timeout_body]=5s)
    local pair key
    for pair; do
        key=${pair%%=*}
        case $key in
        sendoff.*) global[${key#sendoff.}]=${pair#*=} ;;
        *) account[$key]=${pair#*=} ;;
        esac
    done
    mkdir -p "$DIR/config"
    chmod 700 "$DIR/config"
    (
        umask 077
        printf '%s\n' "${PASSWORD-secret}" >"$DIR/config/password"
        {
            printf '[sendoff]\n'
            for key in "${!global[@]}"; do
                [ -z "${global[$key]}" ] || printf '%s = %s\n' "$key" "${global[$key]}"
            done
            printf '[smarthost]\n'
            for key in "${!account[@]}"; do
                [ -z "${account[$key]}" ] || printf '%s = %s\n' "$key" "${account[$key]}"
            done
        } >"$DIR/config/sendoff.conf"
    )
    export SENDOFF_CONFIG=$DIR/config/sendoff.conf
}

# ---- sendoff's programs. What they said is in ./out and ./err, their exit status in $status.

run()
{
    status=0
    "$@" >"$DIR/out" 2>"$DIR/err" || status=$?
}

# run_with_input FILE COMMAND...
run_with_input()
{
    local input=$1
    shift
    status=0
    "$@" <"$input" >"$DIR/out" 2>"$DIR/err" || status=$?
}

# E2E_WRAP is words of a command.
# shellcheck disable=SC2086
sendmail()
{
    $E2E_WRAP "$E2E_PREFIX/sbin/sendmail" "$@"
}

# shellcheck disable=SC2086
sendoff()
{
    $E2E_WRAP "$E2E_PREFIX/bin/sendoff" "$@"
}

# shellcheck disable=SC2086
mailq()
{
    $E2E_WRAP "$E2E_PREFIX/bin/mailq" "$@"
}

# shellcheck disable=SC2086
newaliases()
{
    $E2E_WRAP "$E2E_PREFIX/bin/newaliases" "$@"
}

# message [SUBJECT] >FILE: a complete message, which sendmail has nothing to add to.
message()
{
    local subject=${1-hello}
    printf '%s\n' "From: Alice <alice@client.example>" "To: Bob <bob@example.net>" \
        "Subject: $subject" "Date: Sun, 22 Nov 2026 12:00:00 +0000" \
        "Message-ID: <${subject// /-}@client.example>" "" "This is $subject." \
        ".a line that begins with a dot" "." "the end"
}

# inject MESSAGEFILE [ARGUMENT...]: sendmail takes it, and says nothing.
inject()
{
    local file=$1
    shift
    run_with_input "$file" sendmail -i -f alice@client.example "$@"
    expect_status 0
    if [ -s out ] || [ -s err ]; then
        fail 'sendmail is to be silent when all is well'
    fi
}

# one_waits [KEY=VALUE...]: a smarthost, a config for it with these, and a message in the queue; it
# is in ./in, too.
# shellcheck disable=SC2119,SC2120  # most need none
one_waits()
{
    start_smarthost
    write_config "$@"
    message >in
    inject in bob@example.net
}

# flush STATUS [ARGUMENT...]: sendoff flush ends with that exit status.
flush()
{
    local want=$1
    shift
    run sendoff flush "$@"
    expect_status "$want"
}

# ---- Questions and assertions.

count_files()
{
    find "$@" -type f 2>/dev/null | wc -l
}

queued()
{
    count_files "$SPOOL/new" "$SPOOL/cur"
}

failed()
{
    count_files "$SPOOL/.failed/new" "$SPOOL/.failed/cur"
}

# Messages the smarthost accepted.
delivered()
{
    count_files "$DIR/mail" -name '[0-9]*.eml'
}

# arrived N: the octets of the Nth message, without the envelope that is kept before it.
arrived()
{
    sed '1,/^$/d' "$(printf '%s/mail/%08d.eml' "$DIR" "$1")"
}

# envelope N: MAIL and RCPT of the Nth message, as they came.
envelope()
{
    sed '/^$/,$d' "$(printf '%s/mail/%08d.eml' "$DIR" "$1")"
}

# stored FILE: the message of a file in the spool, without our own block: that states its length in
# its first line (sendoff-spool(5)).
stored()
{
    local block
    block=$(sed -n '1s/^Sendoff-Spool: 1 block=0*\([0-9]*\) .*/\1/p' "$1")
    tail -c +$((block + 1)) "$1"
}

# The form of a message on the wire.
crlf()
{
    sed 's/$/\r/' "$@"
}

# expect_status STATUS...: one of them.
expect_status()
{
    local want
    for want; do
        [ "$status" -ne "$want" ] || return 0
    done
    fail "exit status $status, not $*"
}

expect_equal()
{
    [ "$2" = "$3" ] || fail "$1: it is '$2', not '$3'"
}

expect_queue()
{
    expect_equal 'messages in the queue' "$(queued)" "$1"
}

expect_failed()
{
    expect_equal 'messages in .failed' "$(failed)" "$1"
}

expect_delivered()
{
    expect_equal 'messages accepted' "$(delivered)" "$1"
}

# expect_arrived N FILE: the Nth message arrived as the file has it, octet by octet.
expect_arrived()
{
    crlf "$2" >"$DIR/want"
    arrived "$1" >"$DIR/got"
    cmp -s "$DIR/want" "$DIR/got" && return
    diff "$DIR/want" "$DIR/got" || true
    fail "message $1 did not arrive as it was sent"
}

has()
{
    grep -Eq -- "$2" "$1"
}

# expect_in FILE REGEX / expect_not_in FILE REGEX
expect_in()
{
    has "$1" "$2" || fail "nothing like '$2' in $1"
}

expect_not_in()
{
    ! has "$1" "$2" || fail "there is '$2' in $1: $(grep -Em1 -- "$2" "$1")"
}

# The smarthost writes its log while we look: what is to come gets its time.
expect_log()
{
    within 5 has "$DIR/log" "$1" || fail "nothing like '$1' in the log"
}

# count_log REGEX
count_log()
{
    grep -Ec -- "$1" "$DIR/log" || true
}

# expect_connections N: so many, all of them over.
expect_connections()
{
    if [ "$1" -gt 0 ]; then
        expect_log "^$1 end "
    fi
    expect_equal connections "$(count_log '^[0-9]+ connect$')" "$1"
}

# No byte of a secret may have been offered.
expect_no_credentials()
{
    expect_not_in "$DIR/log" '^[0-9]+ auth '
}

# The file holds exactly one line.
expect_one_line()
{
    expect_equal "lines in $1" "$(wc -l <"$1")" 1
}

# elapsed COMMAND...: runs it, and sets ELAPSED to the milliseconds it took.
elapsed()
{
    local begin=${EPOCHREALTIME/./}
    "$@"
    ELAPSED=$(((${EPOCHREALTIME/./} - begin) / 1000))
}

expect_faster()
{
    [ "$ELAPSED" -lt $(($1 * SLOW)) ] || fail "it took $ELAPSED ms, not below $1"
}

need_root()
{
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
}

# Whether sendoff-submit shuts itself in: what is built for sanitizers and valgrind does not. Needs
# a config.
has_walls()
{
    sendoff check >"$DIR/walls" 2>/dev/null || true
    ! grep -q 'walls: none: this build is for tests' "$DIR/walls"
}

# children PID NAME: process ids.
children()
{
    local status
    for status in /proc/[0-9]*/status; do
        awk -v parent="$1" -v name="$2" '
            $1 == "Name:" { named = $2 == name }
            $1 == "Pid:" { pid = $2 }
            $1 == "PPid:" && $2 == parent && named { print pid }' "$status" 2>/dev/null || true
    done
}

# hold EVENT [MECHANISMS]: a smarthost that falls silent there.
hold()
{
    printf 'on %s silence\n%s\n' "$1" "${2:+mechanisms \"$2\"}" | script
    start_smarthost
}

# flush_until REGEX: a flush in the background, up to that line of the smarthost's log. Sets FLUSH
# and SUBMIT, their process ids; what they say is in ./out and ./err.
flush_until()
{
    "$E2E_PREFIX/bin/sendoff" -v flush >out 2>err &
    FLUSH=$!
    started+=("$FLUSH")
    expect_log "$1"
    SUBMIT=$(children "$FLUSH" sendoff-submit)
    [ -n "$SUBMIT" ] || fail 'there is no sendoff-submit'
}

# Ends it hard: sendoff-submit has to see that nobody is there any more.
end_flush()
{
    kill -KILL "$FLUSH"
    wait "$FLUSH" || true
    within 5 eval "! kill -0 $SUBMIT 2>/dev/null" || fail 'sendoff-submit lives on'
}

# on_its_own FUNCTION UNSHARE-OPTION...: the case goes on there, in namespaces of its own, where it
# may mount and rename what it likes. With -m and the like that is root's to do.
on_its_own()
{
    need_root
    unshare "${@:2}" true 2>/dev/null || skip "unshare ${*:2} is refused here"
    exec unshare "${@:2}" bash "$0" "$CASE_FILE" "$1"
}

CASE_FILE=$1
# shellcheck source=/dev/null
. "$CASE_FILE"
"$2"
