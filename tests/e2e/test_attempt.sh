# SPDX-License-Identifier: ISC
# One attempt at once: `deliver = wait`, and -v.
# shellcheck shell=bash

test_wait()
{
    one_waits sendoff.deliver=wait
    expect_queue 0
    expect_arrived 1 in
}

# The caller's exit status speaks of the queue alone.
test_wait_without_smarthost()
{
    dead_port
    write_config sendoff.deliver=wait
    message >in
    inject in bob@example.net
    expect_queue 1
}

# An account that rests is left alone: a caller must not lock it by trying again and again.
test_wait_while_the_account_rests()
{
    dead_port
    write_config sendoff.deliver=wait
    message >in
    inject in bob@example.net
    start_smarthost
    write_config sendoff.deliver=wait
    inject in carol@example.net
    expect_queue 2
    expect_connections 0
}

test_a_slow_smarthost_keeps_nobody()
{
    script <<<'on CONNECT delay 20s proceed'
    start_smarthost
    write_config sendoff.deliver=wait timeout_greeting=12s
    message >in
    elapsed inject in bob@example.net
    expect_faster 15000
    within 20 no_flush
}

no_flush()
{
    ! pgrep -f "$E2E_PREFIX/bin/sendoff flush --due" >/dev/null
}

test_verbose()
{
    start_smarthost
    write_config
    message >in
    run_with_input in sendmail -v -i -f alice@client.example bob@example.net
    expect_status 0
    expect_queue 0
    expect_arrived 1 in
    expect_in out '-> MAIL FROM:<alice@client.example>'
    expect_not_in out 'AHBhc3N3b3Jk'
}
