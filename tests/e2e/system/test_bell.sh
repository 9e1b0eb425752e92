# SPDX-License-Identifier: ISC
# The system's bell: everybody rings, root listens.
# shellcheck shell=bash

# shellcheck source=tests/e2e/system/host.sh
. "$(dirname "$CASE_FILE")/host.sh"

start_run()
{
    "$E2E_PREFIX/bin/sendoff" run 2>run.err &
    RUN=$!
    started+=("$RUN")
    within 10 test -p /run/sendoff/bell || fail 'there is no bell'
}

# It ends in order, and what it kept with it.
stop_run()
{
    status=0
    kill "$RUN"
    wait "$RUN" || status=$?
    expect_status 0
}

has_arrived()
{
    [ "$(delivered)" -eq "$1" ]
}

test_everybody_rings()
{
    on_a_host
    system_config sendoff.deliver=background
    start_run
    expect_equal 'the bell' "$(stat -c %u:%a /run/sendoff/bell)" 0:622
    expect_equal 'its directory' "$(stat -c %u:%a /run/sendoff)" 0:755
    mail_of www-data
    mail_of alice
    mail_of root
    within 20 has_arrived 3 || fail "$(delivered) of 3 arrived"
    stop_run
}

# Where nobody listens, mail of users waits for root, and root's own is sent, with all there is.
test_nobody_listens()
{
    on_a_host
    system_config sendoff.deliver=background
    mail_of alice
    sleep 0.5
    expect_waiting 1 alice
    mail_of root
    within 20 has_arrived 2 || fail "$(delivered) of 2 arrived"
}

# The queue is root's to run.
test_flush_of_a_user_rings()
{
    on_a_host
    mail_of alice
    run as alice sendoff flush
    expect_status 77
    expect_in err 'nobody listens'
    run as alice sendmail -q
    expect_status 77
    expect_waiting 1 alice
    start_run
    within 20 has_arrived 1 || fail 'it did not begin with a pass'
    mail_of alice
    sleep 1.5
    expect_waiting 1 alice
    run as alice sendoff flush
    expect_status 0
    within 20 has_arrived 2 || fail 'the bell was not heard'
    mail_of alice
    run as alice sendmail -q
    expect_status 0
    within 20 has_arrived 3 || fail 'the bell was not heard'
    stop_run
}

# What `sendoff check` advises is what the host can do: here is no systemd, nor cron at first.
test_check_of_timers()
{
    on_a_host
    rm -rf /etc/cron.d
    run sendoff check
    expect_in out '^warn bell: .*users waits for the timer'
    expect_in out 'fix: keep `sendoff run` running'
    expect_in out "fix: put sendoff's cron line to /etc/cron.d/sendoff"
    mkdir -p /etc/cron.d
    echo '# a line' >/etc/cron.d/sendoff
    run sendoff check
    expect_in out '^warn timer: '
    expect_in out 'fix: start cron'
    echo 1 >/run/crond.pid
    run sendoff check
    expect_in out '^pass timer: .*by /etc/cron.d/sendoff$'
    expect_not_in out systemctl
    # Where systemd runs, cron's line leaves it to that.
    mkdir -p /run/systemd/system
    run sendoff check
    expect_in out '^warn timer: '
    expect_in out 'fix: systemctl enable --now sendoff.timer'
    expect_in out 'fix: systemctl enable --now sendoff.socket'
}

is_alive()
{
    kill -0 "$1" 2>/dev/null
}

# find_children: of $RUN; the drop, which has its own account, and a pass. Sets DROP and PASS.
find_children()
{
    local pid
    DROP='' PASS=''
    for pid in $(children "$RUN" sendoff); do
        if grep -q '^Uid:.972' "/proc/$pid/status"; then
            DROP=$pid
        else
            PASS=$pid
        fi
    done
    [ -n "$DROP" ]
}

# A run that is killed takes the drop with it, though a pass of its own goes on to its end.
test_killed_run_leaves_no_drop()
{
    on_a_host
    stop_smarthost
    hold MAIL
    system_config timeout_command=20s
    mail_of alice
    start_run
    within 10 find_children || fail 'there is no drop'
    expect_log ' MAIL '
    find_children
    kill -KILL "$RUN"
    wait "$RUN" || true
    within 5 eval "! is_alive $DROP" || fail 'the drop lives on'
    is_alive "$PASS" || fail 'the pass went with it'
    kill "$PASS"
    start_run
    within 10 find_children || fail 'there is no drop any more'
}
