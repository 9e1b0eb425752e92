# SPDX-License-Identifier: ISC
# What is different on a terminal: widths, colour, and how far a flush is. script(1) makes one.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # backticks that are meant; status and the like come from lib.sh

# on_terminal COLUMNS COMMAND: the command on a terminal of that width; what it shows is in ./tty,
# without the CRs before line ends, its exit status in $status.
on_terminal()
{
    command -v script >/dev/null || skip 'needs script'
    status=0
    env -u COLUMNS -u NO_COLOR TERM="${TERMINAL-xterm}" \
        script -qec "stty cols $1 rows 24; $2" raw </dev/null >/dev/null 2>&1 || status=$?
    sed -e '1{/^Script started/d}' -e '${/^Script done/d}' -e 's/\r$//' raw >tty
}

some_queue()
{
    dead_port
    write_config sendoff.log=none
    message >message
    inject message bob@example.net
    inject message bob@example.net carol@example.net a.long.name.of.somebody@subdomain.example.org
    HELD=$(basename "$(find "$SPOOL/new" -type f | head -n 1)")
    run sendoff queue hold "$HELD"
}

# Lines in ./tty wider than that, by a counting that is not ours.
too_wide()
{
    python3 - "$1" <<'END'
import re, sys, unicodedata
for line in open('tty', encoding='utf-8'):
    plain = re.sub(r'\x1b\[[0-9;]*m', '', line.rstrip('\n'))
    wide = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF'
               else 1 for c in plain)
    if wide > int(sys.argv[1]):
        print(wide, plain)
END
}

test_queue_widths()
{
    command -v python3 >/dev/null || skip 'needs python3'
    some_queue
    inject message 'grüße@例え.example' '郵便@例え.例' '用户@例子.广告' 'e̊́tude@example.net'
    local width
    for width in 20 39 60 80 140; do
        on_terminal $width "'$E2E_PREFIX/bin/sendoff' queue"
        expect_equal status "$status" 0
        expect_equal "too wide for $width" "$(too_wide $width)" ''
    done
    expect_in tty 'from alice@client.example to grüße@例え.example, 郵便@例え.例, '
    # COLUMNS says it otherwise; on a pipe nothing is cut.
    on_terminal 140 "COLUMNS=40 '$E2E_PREFIX/bin/sendoff' queue"
    expect_equal 'too wide for 40' "$(too_wide 40)" ''
    expect_in tty '\.\.\.$'
    COLUMNS=40 run sendoff queue
    expect_not_in out '\.\.\.$'
}

test_colour()
{
    some_queue
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' queue"
    expect_in tty "^$(printf '\033\\[33m')$HELD .*held$(printf '\033\\[0m')\$"
    on_terminal 80 "NO_COLOR=1 '$E2E_PREFIX/bin/sendoff' queue"
    expect_not_in tty "$(printf '\033')"
    expect_in tty "^$HELD .*held\$"
    TERMINAL=dumb on_terminal 80 "'$E2E_PREFIX/bin/sendoff' queue"
    expect_not_in tty "$(printf '\033')"
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' queue | cat"
    expect_not_in tty "$(printf '\033')"
    on_terminal 80 "'$E2E_PREFIX/bin/mailq'"
    expect_not_in tty "$(printf '\033')"
}

# slow_flush: three messages, each of which takes a while.
slow_queue()
{
    script <<'END'
on DOT delay 900ms proceed
END
    start_smarthost
    write_config sendoff.log="${1-none}" pipeline=1
    message >message
    inject message bob@example.net
    inject message bob@example.net
    inject message bob@example.net
}

# It is drawn, over itself, and is gone at the end, where the sum stands.
test_progress()
{
    slow_queue
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush"
    expect_equal status "$status" 0
    expect_in raw "$(printf '\r\033\\[K')1 of 3 messages, [0-9]+"
    expect_in raw 'messages, .*, [0-9.]+[BK]/s'
    expect_in raw ' left'
    tr '\r' '\n' <raw >lines
    local erased
    erased=$(grep -n "$(printf '^\033\\[K')" lines | tail -n 1)
    expect_equal 'the last drawing' "${erased#*:}" "$(printf '\033[K3 sent, 0 deferred, 0 failed; 0 waiting')"
    # A narrow one shows less, and never more than fits.
    expect_delivered 3
}

# Within one large message the octets tell how far it is.
test_progress_of_one()
{
    printf 'on BODY at=4000000 delay 2500ms proceed\n' | script
    start_smarthost
    write_config sendoff.log=none
    message >message
    (set +o pipefail && yes 'a line of a large message, one of many' | head -c 30000000) >>message
    inject message bob@example.net
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush"
    expect_equal status "$status" 0
    tr '\r' '\n' <raw | sed -n 's/.*0 of 1 message, \([0-9.]*\)M of 28\.6M.*/\1/p' | sort -u >octets
    [ "$(wc -l <octets)" -ge 2 ] || fail "it does not move: $(cat octets)"
    expect_in raw 'M of 28\.6M, [0-9.]+[KM]/s, [0-9]+s left'
    expect_delivered 1
}

test_connecting()
{
    printf 'on CONNECT delay 2s proceed\n' | script
    start_smarthost
    write_config sendoff.log=none
    message >message
    inject message bob@example.net
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush"
    expect_in raw 'connecting \.\.\.'
    expect_delivered 1
}

test_no_progress()
{
    slow_queue
    run sendoff flush
    expect_equal 'what it said' "$(cat out err)" ''
    inject message bob@example.net
    TERMINAL=dumb on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush"
    expect_not_in raw ' of [0-9]+ messages'
    inject message bob@example.net
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush 2>err"
    expect_equal 'what it said' "$(cat err)" ''
    inject message bob@example.net
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' -v flush"
    expect_not_in raw ' of [0-9]+ messages'
}

# Told by hand to do what the timer does, while that does nothing.
test_resting()
{
    dead_port
    write_config sendoff.log=none
    message >message
    inject message bob@example.net
    flush 75
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush --due"
    expect_in tty '^the account rests after trouble: `sendoff status` tells'
    run sendoff flush --due
    expect_not_in err 'rests'
}

# Where the log goes there, it is how far it is.
test_log_on_terminal()
{
    slow_queue stderr
    on_terminal 80 "'$E2E_PREFIX/bin/sendoff' flush"
    expect_not_in raw ' of [0-9]+ messages'
    expect_in tty 'status=sent'
}
