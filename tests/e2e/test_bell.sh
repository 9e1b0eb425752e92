# SPDX-License-Identifier: ISC
# The queue moves by itself: the bell, `sendoff run`, and what sendmail starts where nobody
# listens.
# shellcheck shell=bash

is_empty()
{
    [ "$(queued)" -eq 0 ]
}

# Processes of this case's that are sendoff.
runners()
{
    local pid
    for pid in $(pgrep -f "$E2E_PREFIX/bin/sendoff run" || true); do
        ! grep -qsz "^E2E_CASE=$DIR\$" "/proc/$pid/environ" || printf '%s\n' "$pid"
    done
}

nobody_runs()
{
    [ -z "$(runners)" ]
}

# start_run [OPTION...]: sendoff run in the background; sets RUN.
# shellcheck disable=SC2086
start_run()
{
    $E2E_WRAP "$E2E_PREFIX/bin/sendoff" run "$@" 2>run.err &
    RUN=$!
    started+=("$RUN")
    within 10 test -p bell || fail 'there is no bell'
}

# stop_run SIGNAL: it ends in order.
stop_run()
{
    status=0
    kill -"$1" "$RUN"
    wait "$RUN" || status=$?
    expect_status 0
}

# Nobody has to flush: the message is there before anybody asks.
test_background()
{
    one_waits sendoff.deliver=background
    within 20 is_empty || fail 'it was not sent'
    expect_arrived 1 in
    within 20 nobody_runs || fail 'what was started does not end'
    expect_connections 1
}

# PHP and shells wait until nobody holds their pipes any more.
test_background_lets_pipes_go()
{
    script <<<'on CONNECT delay 4s proceed'
    start_smarthost
    write_config sendoff.deliver=background
    message >in
    elapsed eval 'sendmail -i -f alice@client.example bob@example.net <in 2>&1 | cat >out'
    expect_faster 1500
    expect_queue 1
    within 15 is_empty || fail 'it was not sent'
    within 20 nobody_runs || fail 'what was started does not end'
}

# What it starts has nothing of its caller but the environment.
test_background_starts_clean()
{
    script <<<'on CONNECT delay 3s proceed'
    start_smarthost
    write_config sendoff.deliver=background
    message >in
    (
        trap '' INT HUP
        ulimit -S -n 40
        ulimit -S -f 400
        exec 7</dev/null
        cd /usr
        umask 000
        inject "$DIR/in" bob@example.net
    )
    within 5 eval '[ -n "$(runners)" ]' || fail 'nothing was started'
    local pid fds all
    mapfile -t all < <(runners | sort -n)
    pid=${all[0]}
    fds=$(for fd in 0 1 2; do readlink "/proc/$pid/fd/$fd"; done | sort -u)
    expect_equal 'its stdio' "$fds" /dev/null
    [ ! -e "/proc/$pid/fd/7" ] || [ "$(readlink "/proc/$pid/fd/7")" != /dev/null ] ||
        fail 'a descriptor of the caller is open'
    expect_equal 'its directory' "$(readlink "/proc/$pid/cwd")" /
    expect_equal 'its session' "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
    expect_equal 'its umask' "$(sed -n 's/^Umask:[[:space:]]*//p' "/proc/$pid/status")" 0077
    expect_equal 'the signals it ignores' \
        "$((0x$(sed -n 's/^SigIgn:[[:space:]]*//p' "/proc/$pid/status") & 0x3))" 0
    expect_equal 'its limit of files' "$(awk '/^Max open files/ { print $4 == $5 }' "/proc/$pid/limits")" 1
    expect_equal 'its limit of sizes' "$(awk '/^Max file size/ { print $4 == $5 }' "/proc/$pid/limits")" 1
    within 15 is_empty || fail 'it was not sent'
    within 20 nobody_runs || fail 'what was started does not end'
}

# Only the first of a burst finds nobody: the others ring. None is left, and few sessions were had.
test_background_burst()
{
    start_smarthost
    write_config sendoff.deliver=background
    message >in
    local i most=0 now began=$SECONDS
    for ((i = 1; i <= 200; i++)); do
        sendmail -i -f alice@client.example "r$i@example.net" <in
        [ $((i % 20)) -ne 0 ] || {
            now=$(runners | wc -l)
            [ "$now" -le "$most" ] || most=$now
        }
    done
    within 20 is_empty || fail 'not all was sent'
    expect_delivered 200
    # A listener, its pass, and whoever looks in.
    [ "$most" -le 6 ] || fail "$most processes at once"
    within 20 nobody_runs || fail 'what was started does not end'
    # A listener begins a pass a second; one may take over from another.
    [ "$(count_log '^[0-9]+ connect$')" -le $(((SECONDS - began) * 2 + 4)) ] ||
        fail "$(count_log '^[0-9]+ connect$') sessions in $((SECONDS - began)) s"
}

# No secret, no line, a config that is wrong: nothing of it changes what the caller is told.
test_background_without_anything()
{
    PORT=9
    write_config sendoff.deliver=background
    message >in
    inject in bob@example.net
    within 20 nobody_runs || fail 'what was started does not end'
    rm config/password
    inject in bob@example.net
    within 20 nobody_runs || fail 'what was started does not end'
    printf 'nonsense = 1\n' >>config/sendoff.conf
    run_with_input in sendmail -i -f alice@client.example bob@example.net
    expect_status 0
    nobody_runs || fail 'a flush was started for a config that can not be used'
}

# -odq is the caller's wish; -odi is habit.
test_queue_only()
{
    start_smarthost
    write_config sendoff.deliver=background
    message >in
    inject in -odq bob@example.net
    inject in -O DeliveryMode=queue bob@example.net
    sleep 0.5
    nobody_runs || fail 'something was started'
    expect_queue 2
    elapsed inject in -odi bob@example.net
    within 20 is_empty || fail 'it was not sent'
    within 20 nobody_runs || fail 'what was started does not end'
}

# The dialogue's client has its reply, and need not end for the mail to go.
test_background_dialogue()
{
    start_smarthost
    write_config sendoff.deliver=background
    mkfifo talk
    sendmail -bs <talk >out &
    started+=($!)
    local i
    exec 8>talk
    printf 'EHLO client\r\n' >&8
    for i in 1 2 3; do
        printf '%s\r\n' 'MAIL FROM:<alice@client.example>' "RCPT TO:<r$i@example.net>" DATA \
            "Subject: $i" '' 'text' . >&8
    done
    within 20 eval '[ "$(delivered)" -eq 3 ]' || fail 'it is not sent'
    printf 'QUIT\r\n' >&8
    exec 8>&-
    within 20 nobody_runs || fail 'what was started does not end'
}

# `sendoff run` hears rings, and ends in order.
test_run()
{
    start_smarthost
    write_config sendoff.deliver=background
    start_run
    message >in
    inject in bob@example.net
    within 20 is_empty || fail 'it was not sent'
    # What rings starts nothing where somebody listens.
    expect_equal 'processes' "$(runners | grep -cvx "$RUN")" 0
    inject in carol@example.net
    within 20 is_empty || fail 'it was not sent'
    expect_delivered 2
    stop_run TERM
    nobody_runs || fail 'something is left'
}

# It keeps the schedule without a ring.
test_run_keeps_the_schedule()
{
    script <<<'on RCPT n=1 reply "451 4.7.1 later"'
    one_waits sendoff.retry_first=2s
    start_run
    within 30 is_empty || fail 'it was not tried again'
    stop_run INT
}

# What was there before it came.
test_run_begins_with_a_pass()
{
    one_waits
    start_run
    within 20 is_empty || fail 'it was not sent'
    stop_run TERM
}

# A thousand rings: it listens on, and there is one session.
test_thousand_rings()
{
    start_smarthost
    write_config
    start_run
    message >in
    inject in bob@example.net
    local i
    for ((i = 0; i < 1000; i++)); do
        printf x >bell
        [ $((i % 10)) -ne 0 ] || sleep 0.09
    done
    within 20 is_empty || fail 'it was not sent'
    kill -0 "$RUN" || fail 'it does not listen any more'
    inject in carol@example.net
    printf x >bell
    within 20 is_empty || fail 'it does not listen any more'
    expect_connections 2
    stop_run TERM
}

# Nobody can keep it busy: a stream of rings is one pass a second.
test_flood_of_rings()
{
    start_smarthost
    write_config
    start_run
    timeout 3 cat /dev/zero >bell || true
    local ticks
    ticks=$(awk '{ print $14 + $15 + $16 + $17 }' "/proc/$RUN/stat")
    [ "$ticks" -lt 100 ] || fail "it took $ticks ticks"
    message >in
    inject in bob@example.net
    printf x >bell
    within 20 is_empty || fail 'it does not listen any more'
    stop_run TERM
}

# What is in flight when the signal comes is brought to its end.
test_run_term_in_a_pass()
{
    script <<<'on DOT delay 2s proceed'
    one_waits
    start_run
    expect_log '^1 .*DATA|^1 .*BDAT|^1 .*MAIL'
    stop_run TERM
    expect_queue 0
    expect_delivered 1
}

test_run_reads_its_config_again()
{
    PORT=9
    write_config
    message >in
    inject in bob@example.net
    start_run
    within 10 has run.err 'Connection refused' || fail 'no pass was made'
    printf 'nonsense = 1\n' >>config/sendoff.conf
    kill -HUP "$RUN"
    within 10 has run.err 'stays in force' || fail 'a wrong config was not named'
    start_smarthost
    write_config
    rm -rf account
    kill -HUP "$RUN"
    within 20 is_empty || fail 'it was not sent'
    stop_run TERM
}

test_run_once()
{
    one_waits
    run sendoff run --once
    expect_status 0
    expect_queue 0
    [ ! -e bell ] || fail 'there is a bell'
    stop_smarthost
    inject in bob@example.net
    run sendoff run --once
    expect_status 75
    run sendoff run --once --drain
    expect_status 64
}

# Due or not, until nothing is left or time is over.
test_run_drain()
{
    script <<<'on RCPT n=2 reply "451 4.7.1 later"'
    one_waits sendoff.retry_first=1h
    inject in carol@example.net
    elapsed run sendoff run --drain 30s
    expect_status 0
    expect_faster 15000
    expect_queue 0
    stop_smarthost
    inject in bob@example.net
    elapsed run sendoff run --drain 3s
    expect_status 75
    expect_faster 8000
    expect_queue 1
    run sendoff run --drain
    expect_status 64
}

# To go on would lock the account.
test_run_drain_refused()
{
    start_smarthost
    PASSWORD=wrong
    write_config
    message >in
    inject in bob@example.net
    elapsed run sendoff run --drain 20s
    expect_status 75
    expect_faster 8000
    expect_connections 1
}

# As process 1, with a /proc of its own, it takes orphans in, and signals reach it.
test_run_as_process_1()
{
    unshare -pf --mount-proc --kill-child true 2>/dev/null || skip 'unshare is refused here'
    one_waits
    unshare -pf --mount-proc --kill-child "$E2E_PREFIX/bin/sendoff" run 2>run.err &
    local outer=$! inner
    started+=("$outer")
    within 20 is_empty || fail 'it was not sent'
    inner=$(pgrep -P "$outer")
    # An orphan: its parent, who was started in there, ends before it does.
    nsenter -t "$inner" -p sh -c 'sleep 1 & exit 0'
    sleep 1.5
    expect_equal zombies "$(ps -o stat= --ppid "$inner" | grep -c Z || true)" 0
    kill -TERM "$inner"
    status=0
    wait "$outer" || status=$?
    expect_status 0
}

# What systemd does: the FIFO is opened by it, handed over as descriptor 3, and kept.
test_run_given()
{
    one_waits
    mkfifo -m 600 given
    exec 9<>given
    bash -c 'exec 3<>given 9<&-; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"' - \
        "$E2E_PREFIX/bin/sendoff" run --bell 2>run.err &
    RUN=$!
    started+=("$RUN")
    within 20 is_empty || fail 'it was not sent'
    sleep 1.2
    inject in carol@example.net
    printf x >&9
    within 10 is_empty || fail 'it did not hear the ring'
    [ ! -e bell ] || fail 'it made a bell of its own'
    # It goes when nobody rang for ten seconds.
    local began=$SECONDS
    status=0
    wait "$RUN" || status=$?
    expect_status 0
    [ $((SECONDS - began)) -ge 8 ] || fail 'it ended too soon'
}

# A ring that starts it is taken even if nothing can be done: it would be started for ever.
test_run_given_with_a_wrong_config()
{
    PORT=9
    write_config
    printf 'nonsense = 1\n' >>config/sendoff.conf
    mkfifo -m 600 given
    exec 9<>given
    printf xyz >&9
    status=0
    bash -c 'exec 3<>given 9<&-; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"' - \
        "$E2E_PREFIX/bin/sendoff" run --bell 2>err || status=$?
    expect_status 78
    ! read -r -t 0.2 -n 1 -u 9 || fail 'the ring is still there'
}

# A host that was not set up yet: its unit is not to fail at each ring and every two minutes. What
# was passed over is a fault.
test_run_given_without_a_config()
{
    export SENDOFF_CONFIG=$DIR/nowhere.conf
    mkfifo -m 600 given
    exec 9<>given
    printf xyz >&9
    run bash -c 'exec 3<>given 9<&-; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"' - \
        "$E2E_PREFIX/bin/sendoff" run --bell
    expect_status 0
    expect_in err 'no config; `sendoff setup` makes one: mail waits'
    ! read -r -t 0.2 -n 1 -u 9 || fail 'the ring is still there'
    run sendoff run --bell
    expect_status 78
    expect_in err 'no config; `sendoff setup` makes one$'
    : >nowhere.conf
    chmod 666 nowhere.conf
    run bash -c 'exec 3<>given 9<&-; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"' - \
        "$E2E_PREFIX/bin/sendoff" run --bell
    expect_status 78
    expect_in err 'no config; .*nowhere.conf'
    expect_not_in err 'setup'
}

# Something else in the bell's place is not rung, and not listened to.
test_strange_bell()
{
    start_smarthost
    write_config sendoff.deliver=background
    printf 'a file\n' >bell
    message >in
    inject in bob@example.net
    within 20 is_empty || fail 'it was not sent'
    within 20 nobody_runs || fail 'what was started does not end'
    expect_equal 'the file' "$(cat bell)" 'a file'
    rm bell
    mkfifo elsewhere
    ln -s elsewhere bell
    exec 9<>elsewhere
    inject in bob@example.net
    within 20 is_empty || fail 'it was not sent'
    within 20 nobody_runs || fail 'what was started does not end'
    ! read -r -t 0.2 -n 1 -u 9 || fail 'a link was followed'
}

injector()
{
    local i
    for ((i = 0; i < $2; i++)); do
        sendmail -i -f alice@client.example "w$1m$i@example.net" <in || printf 'no\n' >>refused
    done
}

# stress N: eight injectors, and what listens comes and goes by itself. Nothing stays.
stress()
{
    local i all=()
    message >in
    for ((i = 1; i <= 8; i++)); do
        injector $i "$1" &
        all+=($!)
    done
    wait "${all[@]}"
    [ ! -e refused ] || fail 'sendmail refused some'
    within 30 is_empty || fail "$(queued) messages wait on"
    expect_delivered $((8 * $1))
}

# A wake-up is not lost, neither at the end of a listener nor at its beginning.
test_no_wake_up_is_lost()
{
    start_smarthost
    write_config sendoff.deliver=background
    stress 25
    local i
    # One at a time, around the moments at which the listener leaves.
    for ((i = 0; i < 12; i++)); do
        sleep 0."$((80 + i * 2))"
        inject in bob@example.net
        within 10 is_empty || fail "round $i: it waits on"
    done
    within 20 nobody_runs || fail 'what was started does not end'
}

test_no_wake_up_is_lost_by_run()
{
    start_smarthost
    write_config sendoff.deliver=background
    start_run
    stress 40
    stop_run TERM
}

# A flush by hand holds the lock when the ring comes; what was queued meanwhile goes after it.
test_wake_up_while_a_flush_is_at_work()
{
    script <<<'on DOT n=1 delay 3s proceed'
    one_waits sendoff.deliver=queue
    sendoff flush &
    local flush=$!
    expect_log '^1 .*(DATA|BDAT|MAIL)'
    write_config sendoff.deliver=background
    inject in carol@example.net
    wait "$flush" || true
    within 20 is_empty || fail 'it waits on'
    within 20 nobody_runs || fail 'what was started does not end'
}

# Where there is no way out (a sandbox, a host without a line) nothing is learnt of the account:
# the next flush that has one goes at once.
inner_no_way_out()
{
    PORT=9
    write_config host=192.0.2.1 sendoff.deliver=background
    message >in
    inject in bob@example.net
    within 20 nobody_runs || fail 'what was started does not end'
    flush 75 --due
    expect_in err 'unreachable'
    expect_equal 'failures' "$(sed -n 's/^failures //p' account/smarthost)" ''
    write_config host=smarthost.invalid sendoff.deliver=background
    flush 75 --due
    expect_in err 'no way out'
    expect_equal 'failures' "$(sed -n 's/^failures //p' account/smarthost)" ''
}

test_no_way_out()
{
    on_its_own inner_no_way_out -n
}
