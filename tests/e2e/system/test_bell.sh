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
