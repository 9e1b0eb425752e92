# SPDX-License-Identifier: ISC
# Everything at once, killed at random: writers hand in messages, of which some are killed; two
# flushes run all the time, and they or their couriers are killed; the smarthost loses connections.
# In the end it counts who got what. MESSAGES and WRITERS say how much.
# shellcheck shell=bash

# shellcheck source=tests/fault/fault.sh
. "$(dirname "$CASE_FILE")/fault.sh"

IN_FLIGHT=128 # jobs that sendoff-submit has at once, at most

# Connections that end after the message came whole, without a word: those are in doubt.
lose_connections()
{
    local n
    for ((n = 40; n < 100000; n = n * 3 / 2)); do
        printf 'on DOT n=%d mute reset\n' $n
        printf 'on MAIL n=%d reply "421 4.3.2 later"\n' $((n + 7))
    done
}

# writer N FIRST LAST: each of its messages until it is accepted; ./kills.writer.N counts kills,
# and ./accepted.N has the messages that count. About every 40th is killed while it is taken in,
# and then handed in once more, as callers do.
writer()
{
    local i to kills=0 pid
    RANDOM=$1
    for ((i = $2; i <= $3; i++)); do
        to=(r$((i % 10))@example.net)
        [ $((i % 5)) -ne 0 ] || to+=(second@example.net)
        printf '%s\n' 'From: alice@client.example' 'To: bob@example.net' "Subject: $i" \
            'Date: Sun, 22 Nov 2026 12:00:00 +0000' "Message-ID: <m$i@client.example>" '' \
            "Body of $i." "$FILLER" "end of m$i" >"load.$1"
        if [ $((RANDOM % 40)) -eq 0 ]; then
            "$SENDMAIL" -i -f alice@client.example "${to[@]}" <"load.$1" 2>>"err.$1" &
            pid=$!
            sleep "0.00$((RANDOM % 9))"
            kill -9 $pid 2>/dev/null || true
            if ! wait $pid 2>/dev/null; then
                kills=$((kills + 1))
                printf '%s\n' "$i" >>"killed.$1"
            fi
        fi
        "$SENDMAIL" -i -f alice@client.example "${to[@]}" <"load.$1" 2>>"err.$1" ||
            { printf 'refused %d: status %d\n' "$i" $? >>"refused.$1" && continue; }
        printf "%s <m$i@client.example>\n" "${to[@]/#/<}" | sed 's/ </> </' >>"accepted.$1"
    done
    printf '%d\n' $kills >"kills.writer.$1"
}

# flusher N OPTION...: passes, one after the other, of which most are killed, or their couriers.
flusher()
{
    local which=$1 pid child sendoff=0 submit=0
    shift
    RANDOM=$((which + 1000))
    while [ ! -e over ]; do
        "$SENDOFF" flush "$@" >/dev/null 2>>"flush.$which" &
        pid=$!
        sleep "$((RANDOM % 2)).$((RANDOM % 900 + 100))"
        child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)
        child=${child%% *}
        if [ $((RANDOM % 2)) -eq 0 ] && [ -n "$child" ]; then
            ! kill -9 "$child" 2>/dev/null || submit=$((submit + 1))
            sleep 0.05
        fi
        ! kill -9 $pid 2>/dev/null || sendoff=$((sendoff + 1))
        wait $pid 2>/dev/null || true
    done
    printf '%d %d\n' $sendoff $submit >"kills.flusher.$which"
}

# What arrived, as lines "<recipient> <id>", each as often as it came; a message that is not whole
# shows as such.
arrivals()
{
    find mail -name '[0-9]*.eml' -print0 | xargs -0 -r awk '
        function over() {
            if (id == "")
                return
            if (last != "end of " substr(id, 2, index(id, "@") - 2))
                print "truncated", id
            for (i = 0; i < n; i++)
                print to[i], id
        }
        FNR == 1 { over(); n = 0; id = last = ""; head = 1 }
        head && /^RCPT TO:/ { to[n++] = substr($2, 4) }
        /^$/ { head = 0 }
        { sub(/\r$/, "") }
        /^Message-ID: / && id == "" { id = $2 }
        { last = $0 }
        END { over() }'
}

# What is kept in .failed after three doubts counts as told of.
set_aside()
{
    files "$SPOOL/.failed/new"
    [ ${#found[@]} -eq 0 ] || awk '
        FNR == 1 { n = 0; seen = 0 }
        /^Sendoff-Recipient: / { to[n++] = $NF }
        /^Message-ID: / && !seen { seen = 1; for (i = 0; i < n; i++) print to[i], $2 }
        ' "${found[@]}"
}

end_queue()
{
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        status=0
        "$SENDOFF" flush >out 2>>flush.end || status=$?
        [ "$status" -ne 0 ] || return 0
    done
    problem "the queue is never empty: $(queued) stay"
}

test_stress()
{
    local i began=$SECONDS flushers=() writers=() share=$((MESSAGES / WRITERS))
    lose_connections | head -n 120 >script
    start_smarthost
    write_config sendoff.deliver=queue sendoff.retry_first=1s
    FILLER=$(seq -s ' ' 500 | fold -w 70)
    flusher 1 &
    flushers+=($!)
    flusher 2 --due &
    flushers+=($!)
    for ((i = 1; i <= WRITERS; i++)); do
        writer $i $(((i - 1) * share + 1)) $((i * share)) &
        writers+=($!)
    done
    wait "${writers[@]}"
    local injected=$((SECONDS - began))
    # Kills go on for a while when nothing new comes, and then there is peace.
    while [ "$(queued)" -gt 100 ] && [ $((SECONDS - began)) -lt $((injected * 2)) ]; do
        sleep 1
    done
    : >over
    wait "${flushers[@]}"
    end_queue
    cat kills.writer.* | awk '{ n += $1 } END { print n + 0 }' >kills
    cat kills.flusher.* | awk '{ a += $1; b += $2 } END { print a + 0, b + 0 }' >>kills
    cat accepted.* | sort >want
    arrivals | sort >got
    set_aside | sort >aside
    truncated=$(grep -c '^truncated' got || true)
    sort -u got aside | comm -23 want - >lost
    lost=$(wc -l <lost)
    head -n 5 lost
    uniq -d got >twice
    duplicates=$(($(wc -l <got) - $(uniq got | wc -l)))
    # A caller that handed it in twice got it twice.
    cat killed.* 2>/dev/null | sed 's/.*/<m&@client.example>/' | sort >again || true
    local ours
    ours=$(awk 'NR == FNR { again[$1]; next } !($2 in again)' again got | uniq -d | wc -l)
    ! cat refused.* 2>/dev/null || problem 'sendmail refused some'
    ! cat err.* | grep . || problem 'sendmail complained'
    points=$(awk '{ n += $1 + $2 } END { print n }' kills)
    [ "$points" -gt 10 ] || problem 'hardly anything was killed'
    # Each end of a session repeats what was in flight, at most (DESIGN 5.3).
    local ends
    ends=$(($(tail -n 1 kills | tr ' ' +) + $(grep -c 'answer 421\|end reset' log || true)))
    [ "$ours" -le $((ends * IN_FLIGHT)) ] || problem "$ours copies, of $ends ends of sessions"
    printf '%d messages by %d writers, %d for a recipient, in %d s (injected in %d s)\n' \
        $((share * WRITERS)) "$WRITERS" "$(wc -l <want)" $((SECONDS - began)) $injected >report
    printf 'killed: %s sendmail, sendoff and sendoff-submit\n' "$(xargs <kills)" >>report
    printf 'copies: %d of injections done again, %d of flushes; %d in .failed\n' \
        $((duplicates - ours)) "$ours" "$(wc -l <aside)" >>report
    tail -n 5 twice >>report
    cat report >>"$E2E_WORK/notes"
    DUPLICATES="$duplicates ($ours by flushes)"
    finish "stress: kills"
}
