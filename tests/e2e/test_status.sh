# SPDX-License-Identifier: ISC
# sendoff status: for people, and as metrics.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status and the like come from lib.sh

mixed_mail()
{
    script <<'END'
on RCPT has=bad@ reply "550 5.1.1 no such user"
on RCPT has=later@ reply "450 4.2.1 try again later"
END
    start_smarthost
    write_config
    message >message
    inject message bob@example.net carol@example.net
    inject message bad@example.net
    inject message later@example.org
    flush 75
}

# metric NAME[LABELS]: its value in ./out.
metric()
{
    awk -v name="sendoff_$1" '$1 == name { print $2 }' out
}

test_metrics()
{
    mixed_mail
    run sendoff status --metrics
    expect_status 0
    expect_equal stderr "$(cat err)" ''
    expect_equal waiting "$(metric 'queue_messages{state="waiting"}')" 1
    expect_equal failed "$(metric 'queue_messages{state="failed"}')" 1
    expect_equal held "$(metric 'queue_messages{state="held"}')" 0
    expect_equal sent "$(metric 'recipients_total{account="smarthost",status="sent"}')" 2
    expect_equal deferred "$(metric 'recipients_total{account="smarthost",status="deferred"}')" 1
    expect_equal failed "$(metric 'recipients_total{account="smarthost",status="failed"}')" 1
    expect_equal sessions "$(metric 'sessions_total{account="smarthost",result="good"}')" 1
    expect_equal resting "$(metric 'account_resting{account="smarthost"}')" 0
    expect_equal usable "$(metric config_usable)" 1
    local now ago
    now=$(date +%s)
    ago=$((now - $(metric 'account_last_sent_timestamp_seconds{account="smarthost"}')))
    [ $ago -ge 0 ] && [ $ago -lt $((60 * SLOW)) ] || fail "accepted $ago s ago"
    # The counters go on, and never back.
    flush 75
    run sendoff status --metrics
    expect_equal deferred "$(metric 'recipients_total{account="smarthost",status="deferred"}')" 2
    expect_equal sent "$(metric 'recipients_total{account="smarthost",status="sent"}')" 2
    expect_equal sessions "$(metric 'sessions_total{account="smarthost",result="good"}')" 2
}

# What the format is, strictly: HELP and TYPE stand once, before the samples of their metric, and
# all samples of one stand together.
test_grammar()
{
    command -v python3 >/dev/null || skip 'needs python3'
    mixed_mail
    run sendoff status --metrics
    python3 - out <<'END' || fail 'it is not of the format'
import re, sys
text = open(sys.argv[1], encoding='utf-8').read()
assert text.endswith('\n')
kinds, helped, done, current, seen = {}, set(), set(), None, set()
for line in text.split('\n')[:-1]:
    m = re.fullmatch(r'# (HELP|TYPE) (sendoff_[a-z_]+) (.+)', line)
    if m and m[1] == 'HELP':
        assert m[2] not in helped, line
        helped.add(m[2])
        current = m[2]
    elif m:
        assert m[2] == current and m[2] not in kinds and m[3] in ('gauge', 'counter'), line
        kinds[m[2]] = m[3]
    else:
        m = re.fullmatch(r'(sendoff_[a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\d+)',
                         line)
        assert m and m[1] == current and m[1] in kinds, line
        assert (m[1].endswith('_total')) == (kinds[m[1]] == 'counter'), line
        assert (m[1], m[2]) not in seen, line
        seen.add((m[1], m[2]))
assert len(kinds) >= 12 and helped == set(kinds) == {name for name, _ in seen}
END
}

# Prometheus' own opinion.
test_promtool()
{
    local promtool
    promtool=$(command -v promtool) || skip 'needs promtool'
    mixed_mail
    run sendoff status --metrics
    "$promtool" check metrics <out >checked 2>&1 || fail "promtool: $(cat checked)"
    expect_equal 'what it says' "$(cat checked)" ''
}

# A reader sees the old file or the new one. A link in its way is not followed.
test_file()
{
    dead_port
    write_config
    message >message
    inject message bob@example.net
    mkdir collector
    printf 'theirs\n' >theirs
    ln -s "$DIR/theirs" collector/sendoff.prom.new
    run sendoff status --metrics collector/sendoff.prom
    expect_status 0
    expect_equal stdout "$(cat out)" ''
    expect_equal files "$(ls -A collector)" sendoff.prom
    expect_equal mode "$(stat -c %a collector/sendoff.prom)" 644
    expect_equal theirs "$(cat theirs)" theirs
    expect_in collector/sendoff.prom '^sendoff_queue_messages\{state="waiting"\} 1$'
    (
        cd collector
        while [ -e sendoff.prom ]; do
            tail -n 1 sendoff.prom | grep -q '^sendoff_.* [0-9]*$' || echo torn >>../torn
        done
    ) 2>/dev/null &
    started+=($!)
    for _ in $(seq 50); do
        sendoff status --metrics collector/sendoff.prom
    done
    [ ! -e torn ] || fail 'a torn file was seen'
    rm collector/sendoff.prom
    run sendoff status --metrics nowhere/sendoff.prom
    expect_status 73
    expect_in err 'nowhere/sendoff.prom: No such file'
}

test_resting_account()
{
    dead_port
    write_config sendoff.log=none
    message >message
    inject message bob@example.net
    flush 75
    run sendoff status --metrics
    expect_equal resting "$(metric 'account_resting{account="smarthost"}')" 1
    expect_equal failures "$(metric 'account_failures{account="smarthost"}')" 1
    expect_equal troubles "$(metric 'sessions_total{account="smarthost",result="trouble"}')" 1
    [ "$(metric 'account_retry_timestamp_seconds{account="smarthost"}')" -gt "$(date +%s)" ] ||
        fail 'it is to be tried again in the past'
    run sendoff status
    expect_status 0
    expect_in out '^account  smarthost: rests, next try in [0-9]+[sm]; in trouble for 1 session: .*refused'
    expect_in out '^queue    1 message, [0-9]+B: 1 waiting; the oldest has waited [0-9]+s$'
}

test_text()
{
    mixed_mail
    run sendoff status
    expect_status 0
    expect_in out "^config   $DIR/config/sendoff.conf, personal$"
    expect_in out '^queue    2 messages, .*: 1 waiting, 1 failed'
    expect_in out '^account  smarthost: works, last session [0-9]+s ago$'
    expect_in out '^         2 accepted, 1 deferred, 1 failed, in 1 session, 0 with trouble$'
    expect_not_in out $'\033'
    rm config/sendoff.conf
    run sendoff status
    expect_status 78
    expect_in out '^config   no config'
    expect_in out '^ +fix: `sendoff setup` makes one$'
}

test_new_account()
{
    start_smarthost
    write_config
    run sendoff status
    expect_status 0
    expect_in out '^queue    Mail queue is empty$'
    expect_in out '^account  smarthost: not used yet$'
    run sendoff status --metrics
    expect_equal sent "$(metric 'recipients_total{account="smarthost",status="sent"}')" 0
    expect_equal age "$(metric queue_oldest_age_seconds)" 0
}

# Broken counters count from nothing, and cost no mail.
test_broken_counters()
{
    start_smarthost
    write_config
    message >message
    inject message bob@example.net
    mkdir -p account
    chmod 700 account
    printf 'sent 99999999999999999999999\nfailed x\n\377\n' >account/.smarthost.count
    flush 0
    run sendoff status --metrics
    expect_equal sent "$(metric 'recipients_total{account="smarthost",status="sent"}')" 1
    rm account/.smarthost.count
    mkdir account/.smarthost.count
    inject message bob@example.net
    flush 0
    expect_delivered 2
}
