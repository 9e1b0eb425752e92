# SPDX-License-Identifier: ISC
# What is measured, for `run`. Results go to $work/results.tsv, a line for each row and program:
#
#   ROW  PROGRAM  MILLISECONDS  RATIO  CPU-RATIO  KIB  CONNECTIONS  FLIGHTS  MESSAGES
#
# with "-" for what is not known; MESSAGES is what it was measured on where that was not all of
# them. Goals go to $work/goals.tsv: ROW  WORK  RATIO  MILLISECONDS  CONNECTIONS  KIB.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and run

# part N: of a number of rounds or messages, what is done of it; at least 1.
part()
{
    echo $((($1 * share + 99) / 100))
}

result()
{
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$work/results.tsv"
}

goal()
{
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$work/goals.tsv"
    echo "bench: $2" >&2
}

# ---- What is measured with.

# message OCTETS >FILE
message()
{
    local line='Plain text of a common length, seventy octets to a line, and no more.'
    local head
    head=$(printf '%s\n' 'From: Alice <alice@client.example>' 'To: Bob <bob@example.net>' \
        'Subject: bench' 'Date: Sun, 22 Nov 2026 12:00:00 +0000' \
        'Message-ID: <bench@client.example>' '' "$line")
    printf '%s\n' "$head"
    yes "$line" | head -c $(($1 - ${#head} - 2)) || true # head ends first, and yes by that
    printf '\n'
}

# write_config PORT DELIVER: a personal config; the spool is ./ours.
write_config()
{
    mkdir -p "$work/config"
    chmod 700 "$work/config"
    (
        umask 077
        printf 'bench\n' >"$work/config/password"
        printf '%s\n' '[sendoff]' "spool = \"$work/ours\"" 'domain = client.example' \
            "deliver = $2" '[bench]' 'host = 127.0.0.1' "port = $1" 'user = bench' \
            "password_file = \"$work/config/password\"" "tls_ca_dir = \"$work/certs/cadir\"" \
            >"$work/config/sendoff.conf"
    )
    export SENDOFF_CONFIG=$work/config/sendoff.conf XDG_STATE_HOME=$work/state
}

# queue_each N: by $command.
queue_each()
{
    local i
    for ((i = 0; i < $1; i++)); do
        $command <"$work/4k"
    done
}

# new_queue N: that many messages of 4 KB, injected, in ./queue.
new_queue()
{
    local command="$sendmail -i -f alice@client.example bob@example.net"
    own_remove "$work/queue" "$work/ours"
    queue_each "$1"
    mv "$work/ours" "$work/queue"
}

# Before each measurement, on behalf of rep: what is to be worked on, synced, for LABEL. Both sides
# get the same files; where there is no queue to copy, empty directories. What the others have
# queued lies elsewhere, and is theirs.
fill()
{
    own_remove "$work/${1:?}"
    if [ -d "$work/queue" ]; then
        cp -a "$work/queue" "$work/$1"
    else
        mkdir -m 700 "$work/$1" "$work/$1/new" "$work/$1/cur" "$work/$1/tmp"
    fi
    sync -f "$work/$1"
}

# ---- The servers. One for each program, so that their counts are apart.

started=()

stop_servers()
{
    local pid
    for pid in ${started+"${started[@]}"}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    started=()
}

stop_all()
{
    leave
    stop_servers
}

# port_of NAME: waits for the file of that name, and prints what it says.
port_of()
{
    within 10 test -s "$work/$1.port" || die "$1 did not start"
    cat "$work/$1.port"
}

declare -A port

# start_server NAME ROUNDTRIP: a smarthost for it, behind a line of so many milliseconds where that
# is not 0. Sets ${port[NAME]}.
start_server()
{
    local keyword
    # What most providers offer, and so one mechanism on all sides.
    local options=(-c "$work/certs/good.pem" -k "$work/certs/good.key" -u bench:bench)
    for keyword in CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512; do
        options+=(-x "$keyword")
    done
    rm -f "$work/$1".{port,log} "$work/$1-line".{port,log}
    "$BENCH_SMARTHOST" "${options[@]}" -P "$work/$1.port" -l "$work/$1.log" &
    started+=($!)
    port[$1]=$(port_of "$1")
    [ "$2" -ne 0 ] || return 0
    "$BENCH_TOOLS/delay" "${port[$1]}" "$2" "$work/$1-line.port" >"$work/$1-line.log" &
    started+=($!)
    port[$1]=$(port_of "$1-line")
}

# count FILE WORD: the last number behind WORD= in it.
count()
{
    sed -n "s/.*\\b$2=\\([0-9]*\\).*/\\1/p" "$work/$1.log" | tail -n 1
}

# per_run FILE WORD RUNS: that count for one run, rounded up.
per_run()
{
    printf '%d' $((($(count "$1" "$2") + $3 - 1) / $3))
}

# ---- Programs by label: what rep said of them. Times in milliseconds, memory in KiB.
declare -A median cpu memory ratio failed

# measure REP-OPTION... LABEL=COMMAND...
measure()
{
    local label wall spent rss times bad
    "$BENCH_TOOLS/rep" "$@" >"$work/rep" 2>>"$work/complaints"
    while read -r label wall _ spent rss times bad; do
        median[$label]=$wall cpu[$label]=$spent memory[$label]=$rss ratio[$label]=$times
        failed[$label]=$bad
    done <"$work/rep"
}

divide()
{
    awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.3f", a / b; else print "-" }'
}

# ours_and_floor ROW [CONNECTIONS [FLIGHTS [FLOOR-FLIGHTS]]]: what was measured last.
ours_and_floor()
{
    [ "${failed[ours]}" -eq 0 ] || die "$1: sendoff failed ${failed[ours]} times"
    [ "${failed[floor]}" -eq 0 ] || die "$1: the floor failed ${failed[floor]} times"
    result "$1" sendoff "${median[ours]}" "${ratio[ours]}" \
        "$(divide "${cpu[ours]}" "${cpu[floor]}")" "${memory[ours]}" "${2--}" "${3--}" -
    result "$1" floor "${median[floor]}" 1 1 "${memory[floor]}" 1 "${4--}" -
}

# theirs ROW PEER RATIO CONNECTIONS MESSAGES: what was measured last.
theirs()
{
    if [ "${failed[$2]}" -ne 0 ]; then
        echo "bench: $1: ${PEER_NAME[$2]} failed: $(tail -n 1 "$work/complaints")" >&2
        result "$1" "${PEER_NAME[$2]}" - - - - - - -
        return
    fi
    result "$1" "${PEER_NAME[$2]}" "${median[$2]}" "$3" - - "$4" - "$5"
}

# each_peer ROW FUNCTION ARGUMENT...: sets one up after the other and calls FUNCTION for it.
each_peer()
{
    local row=$1 peer command
    for peer in $peers; do
        failed[$peer]=1
        "$2" "$row" "$peer" "${@:3}" || result "$row" "${PEER_NAME[$peer]}" - - - - - - -
        leave
        find "${work:?}/spool" -ignore_readdir_race -mindepth 1 ! -name "${OWN_MARK:?}" -delete
    done
    stop_servers
}

# ---- Rows.

limit_command() { echo "$BENCH_TOOLS/limit $work/floor"; }
floor_command() { echo "$BENCH_TOOLS/floor $1 $work/certs/cadir $work/floor/new 4096"; }

# One message stored, and then sent.
one_floor()
{
    echo "$(limit_command) + $(floor_command "${port[floor]}")"
}

# peer_injects ROW PEER FILE ROUNDS WARMUPS
peer_injects()
{
    [ "$1:$2" != large:msmtp ] || return # it would send it
    start_server "$2" 0
    "$2_setup" "${port[$2]}" && "$2_queue" || return
    measure -r "$4" -w "$5" -i "$3" "$2=$command" "floor=$(limit_command)"
    theirs "$1" "$2" "${ratio[$2]}" - -
}

# bench_inject ROW FILE ROUNDS WARMUPS PEER-ROUNDS [REP-OPTION...]
bench_inject()
{
    local command="$sendmail -i -f alice@client.example bob@example.net"
    write_config 9 queue
    own_remove "$work/queue"
    fill ours
    fill floor
    measure -r "$(part "$3")" -w "$4" -i "$2" "${@:6}" "ours=$command" "floor=$(limit_command)"
    ours_and_floor "$1"
    each_peer "$1" peer_injects "$2" "$(part "$5")" 1
    own_remove "$work/ours" "$work/floor"
}

# middle COLUMN FILE
middle()
{
    cut -d ' ' -f "$1" "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int(NR / 2) + 1] }'
}

# OpenSMTPD looks only once a second for what it could send over a connection that it has kept; so
# each message is the first one that it sends.
opensmtpd_sends()
{
    local i bad=0
    rm -f "$work/sends"
    for ((i = 0; i < $1; i++)); do
        opensmtpd_setup "${port[opensmtpd]}" && opensmtpd_send || return
        measure -i "$work/4k" -u "$work" -t 10 "opensmtpd=$command" "floor=$(one_floor)"
        leave
        echo "${median[opensmtpd]} ${ratio[opensmtpd]}" >>"$work/sends"
        bad=$((bad + failed[opensmtpd]))
    done
    failed[opensmtpd]=$bad
    median[opensmtpd]=$(middle 1 "$work/sends")
    ratio[opensmtpd]=$(middle 2 "$work/sends")
}

# peer_sends ROW PEER ROUNDS
peer_sends()
{
    start_server "$2" 0
    start_server floor 0
    if [ "$2" = opensmtpd ]; then
        opensmtpd_sends "$3" || return
    else
        "$2_setup" "${port[$2]}" && "$2_send" || return
        measure -r "$3" -w 2 -i "$work/4k" -u "$work" -t 10 "$2=$command" "floor=$(one_floor)"
    fi
    theirs "$1" "$2" "${ratio[$2]}" - -
}

# bench_accepted ROW ROUNDS PEER-ROUNDS
bench_accepted()
{
    local command="$sendmail -i -f alice@client.example bob@example.net"
    start_server ours 0
    start_server floor 0
    write_config "${port[ours]}" wait
    own_remove "$work/queue"
    fill ours
    fill floor
    measure -r "$(part "$2")" -w 3 -i "$work/4k" -u "$work" -t 10 "ours=$command" \
        "floor=$(one_floor)"
    stop_servers
    ours_and_floor "$1"
    each_peer "$1" peer_sends "$(part "$3")"
    own_remove "$work/ours" "$work/floor"
}

# peer_flushes ROW PEER MESSAGES ROUNDTRIP SLOW: those that take long are measured on SLOW of the
# messages; the time is given for all.
peer_flushes()
{
    local n=$3
    case $4:$2 in
    *:msmtp | *:nullmailer | 0:opensmtpd | [1-9]*:exim) n=$5 ;;
    esac
    start_server "$2" "$4"
    "$2_setup" "${port[$2]}" && "$2_queue" || return
    if declare -F "$2_fill" >/dev/null; then
        "$2_fill" "$n" || return
    else
        queue_each "$n" || return
    fi
    "$2_flush"
    measure -u "$work" -n "$n" -t 60 "$2=$command"
    leave
    stop_servers
    median[$2]=$(awk -v ms="${median[$2]}" -v all="$3" -v n="$n" 'BEGIN { print ms * all / n }')
    theirs "$1" "$2" "$(divide "${median[$2]}" "${median[floor]}")" \
        "$(($(count "$2" connections) * $3 / n))" "$([ "$n" -eq "$3" ] && echo - || echo "$n")"
}

# bench_flush ROW MESSAGES ROUNDTRIP ROUNDS SLOW: a queue is emptied.
bench_flush()
{
    local n runs side flights=- floor_flights=-
    n=$(part "$2")
    runs=$(($(part "$4") + 1))
    write_config 9 queue
    new_queue "$n"
    start_server ours "$3"
    start_server floor "$3"
    write_config "${port[ours]}" queue
    measure -r "$((runs - 1))" -w 1 -b "$self --fill" "ours=$sendoff flush" \
        "floor=$(floor_command "${port[floor]}")"
    stop_servers
    for side in ours floor; do
        [ "$(count "$side" messages)" -eq $((n * runs)) ] ||
            die "$1: $side: $(count "$side" messages) messages arrived"
    done
    if [ "$3" -ne 0 ]; then
        flights=$(per_run ours-line flights "$runs")
        floor_flights=$(per_run floor-line flights "$runs")
    fi
    ours_and_floor "$1" "$(per_run ours connections "$runs")" "$flights" "$floor_flights"
    each_peer "$1" peer_flushes "$n" "$3" "$(part "$5")"
    own_remove "$work/queue" "$work/ours" "$work/floor"
}

since()
{
    awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f", (b - a) * 1000 }'
}

# bench_queue N: a long queue is listed and flushed. To $work/queues.tsv: N, the milliseconds of
# the listing, until the first message was accepted, for each message, for each of the floor's; and
# the peak memory in KiB, of the listing and of the flush.
bench_queue()
{
    local first start rep listing listed
    own_remove "$work/ours" "$work/floor"
    write_config 9 queue
    "$sendmail" -i -f alice@client.example bob@example.net <"$work/4k"
    mv "$work/ours/new/"* "$work/one"
    fill floor
    "$BENCH_TOOLS/stock" "$work/one" "$work/ours/new" "$1"
    "$BENCH_TOOLS/stock" "$work/one" "$work/floor/new" "$1"
    measure -r 3 "ours=$sendoff queue"
    [ "${failed[ours]}" -eq 0 ] || die "listing $1 failed"
    listing=${median[ours]} listed=${memory[ours]}
    start_server ours 0
    start_server floor 0
    write_config "${port[ours]}" queue
    start=$EPOCHREALTIME
    "$BENCH_TOOLS/rep" "ours=$sendoff flush" >"$work/rep.ours" &
    rep=$!
    until grep -q '^[0-9]* message ' "$work/ours.log"; do
        kill -0 "$rep" 2>/dev/null || die "nothing of $1 was sent"
        sleep 0.01
    done
    first=$(since "$start")
    wait "$rep"
    measure "floor=$(floor_command "${port[floor]}")"
    stop_servers
    [ "$(count ours messages)" -eq "$1" ] || die "not all of $1 arrived"
    awk -v n="$1" -v listing="$listing" -v listed="$listed" -v first="$first" \
        -v floor="${median[floor]}" '{ if ($7 != 0) exit 1; print n "\t" listing "\t" first "\t" \
        $2 / n "\t" floor / n "\t" listed "\t" $5 }' "$work/rep.ours" >>"$work/queues.tsv" ||
        die "the flush of $1 failed"
    own_remove "$work/ours" "$work/floor"
}

row_inject()
{
    goal inject 'inject 4 KB, durable' 1.25 - - -
    bench_inject inject "$work/4k" 200 10 40
}

row_large()
{
    goal large 'inject 256 MB' 1.3 - - 4096
    message $((256 << 20)) >"$work/256m"
    bench_inject large "$work/256m" 5 1 2 -b "$self --fill"
    rm -f "$work/256m"
}

row_accepted()
{
    goal accepted 'inject 4 KB until it is accepted' 1.5 - - -
    bench_accepted accepted 40 12
}

row_flush()
{
    goal flush 'flush 1000 x 4 KB' 1.5 - 2 -
    bench_flush flush 1000 0 7 200
}

row_far()
{
    goal far 'flush 200 x 4 KB, round trip 50 ms' - 1000 1 -
    bench_flush far 200 50 3 20
}

row_queue()
{
    local n
    for n in 1000 10000 100000; do
        echo "bench: a queue of $n" >&2
        bench_queue "$(part "$n")"
    done
}

bench_all()
{
    local row
    mkdir -p "$work/certs"
    "$BENCH_SMARTHOST" -g "$work/certs"
    [ -z "$peers" ] || cp "$work/certs/ca.pem" "$AUTHORITY"
    [ -z "$peers" ] || cp "$work/certs/ca.pem" /etc/ssl/certs/ca-certificates.crt
    message 4096 >"$work/4k"
    : >"$work/goals.tsv"
    : >"$work/results.tsv"
    : >"$work/queues.tsv"
    for row in $rows; do
        "row_$row"
    done
}
