# SPDX-License-Identifier: ISC
# What stands between .Bd -literal and .Ed in the manuals of the programs: each block is run, or
# is what a run prints, or a case elsewhere does that.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/world.sh"

# hello USER RECIPIENT...: a message of his.
hello()
{
    message >"$DIR/message"
    as "$1" sendmail -f "$1@example.org" "${@:2}" <"$DIR/message"
}

# joined FILE: without the breaks that the manual puts into lines.
joined()
{
    sed -E ':again; /\\$/ { N; s/\\\n *//; t again }' "$1"
}

# All lines of the block were written to a log, apart from what normal takes away.
logged()
{
    local line
    joined "$BLOCK" >want.joined
    sed -E 's/^.* host (sendoff)/\1/; s/\[[0-9]+\]: /: /' syslog >log.plain
    sed -E -i 's/^(sendoff[a-z\/]*)\[[0-9]+\]: /\1: /' want.joined
    normal log.plain >log.normal
    while IFS= read -r line; do
        grep -qxF -- "$line" log.normal || fail "no such line: '$line' in: $(cat log.normal)"
    done < <(normal want.joined)
}

test_mailq()
{
    world
    blocks mailq.1
    printf 'on RCPT reply "451 4.7.1 greylisted, try again later"\n' | script
    smarthost 587
    personal
    hello ada grace@example.net
    as ada sendoff flush || true
    block '$ mailq'
    session "$BLOCK"
    none_left
}

# The complaints stand at the lines that the page has.
test_newaliases()
{
    world
    blocks newaliases.1
    personal
    printf 'root: ada\n' | sed 's/^/#\n#\n/' >/etc/aliases
    printf '%s\n' '' '' '' 'list: |/usr/bin/list' '' 'ada: root' '' '' 'Root: grace@example.org' \
        >>/etc/aliases
    status=0
    as ada newaliases >out 2>err || status=$?
    expect_status 65
    block 'sendmail: /etc/aliases'
    diff "$BLOCK" err || fail 'it complains otherwise'
    none_left
}

test_sendmail()
{
    world
    blocks sendmail.8
    smarthost 587
    personal
    # The file of aliases, and where root's mail goes by it.
    block '# name:'
    cp "$BLOCK" /etc/aliases
    as ada newaliases >out
    expect_equal names "$(cat out)" \
        "/etc/aliases: $(grep -c '^[a-z"].*:' /etc/aliases) aliases"
    block '$ sendmail -bv root'
    session "$BLOCK"
    # A message whose header says all.
    block '$ sendmail -t'
    session "$BLOCK"
    expect_queue 1
    grep -qx 'Sendoff-Recipient: .*<grace@example.net>' "$SPOOL"/new/*
    grep -qx 'Sendoff-Recipient: .*<archive@example.org>' "$SPOOL"/new/*
    if grep -q '^Bcc' "$SPOOL"/new/*; then fail 'Bcc'; fi
    # Recipients from elsewhere.
    block 'sendmail -i -f bounces@'
    message >/home/ada/message
    typed "$(cat "$BLOCK")" bash grace@example.net -odd@example.net
    expect_queue 2
    grep -qx 'Sendoff-Sender: <bounces@example.org>' "$SPOOL"/new/*
    grep -qx 'Sendoff-Recipient: .*<-odd@example.net>' "$SPOOL"/new/*
    # The queue, and a pass over it.
    block mailq
    typed "$(cat "$BLOCK")" >out 2>err
    expect_in out '2 Requests'
    expect_queue 0
    expect_delivered 2
    # The log of a message with two recipients.
    : >syslog
    hello ada grace@example.net archive@example.org
    within 5 grep -q qmgr syslog || fail 'nothing is logged'
    block sendoff/pickup
    logged
    block 'sendmail: a@b@c'
    complaints
    none_left
}

# Where neither queue nor drop can be used: another host's state, so a config of that.
complaints()
{
    rm -r /home/ada/.config
    of_the_host
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/sendoff/drop")'
    chmod 666 /run/sendoff/drop
    mount -o remount,ro /var/spool
    {
        as ada sendmail a@b@c </dev/null || [ $? = 65 ]
        as ada sendmail grace@example.net </dev/null || [ $? = 75 ] || [ $? = 73 ]
    } >said 2>&1
    joined "$BLOCK" | diff - said || fail 'it complains otherwise'
}

# A list with one that waits and one that has failed.
list_of_sendoff()
{
    hello ada late@example.net
    hello ada bad@example.net
    as ada sendoff flush >/dev/null 2>&1 || true
    as ada sendoff queue >listed
    block 660DE22F94898AB885
    alike "$BLOCK" listed
}

# A smarthost that offers what the page has, and that refuses the password.
check_of_sendoff()
{
    printf '%s\n' 'mechanisms "PLAIN"' 'on AUTH reply "535 5.7.8 authentication failed"' | script
    smarthost 587 -x CHUNKING -x SMTPUTF8
    block '$ sendoff check'
    session "$BLOCK"
    stop_smarthost
}

# What is between brackets is an argv in JSON.
container()
{
    block ENTRYPOINT
    grep -o '\[.*\]' "$BLOCK" >calls
    expect_equal calls "$(wc -l <calls)" 2
    as ada python3 -c '
import json, os, sys
argv = json.load(sys.stdin)
os.execvp(argv[0], argv)' < <(sed -n 1p calls) >run.out 2>&1 &
    local pid=$!
    started+=("$pid")
    within 10 test -p /home/ada/.local/state/sendoff/bell || fail 'it does not run'
    kill -TERM "$(children "$pid" sendoff)"
    status=0
    wait "$pid" || status=$?
    expect_status 0
    as ada sendoff queue delete ALL >/dev/null
    hello ada grace@example.net
    as ada python3 -c '
import json, subprocess, sys
sys.exit(subprocess.run(json.load(sys.stdin)).returncode)' < <(sed -n 2p calls)
    expect_queue 0
}

crontab()
{
    local line
    block '*/2 * * * *'
    line=$(cat "$BLOCK")
    [[ $line =~ ^(\*/2|\*)(\ \*){4}\ (.*)$ ]] || fail "no line for a crontab: $line"
    hello ada grace@example.net
    as ada sh -c "${BASH_REMATCH[3]}"
    expect_queue 0
}

# The line for cron, and whether what the rules ask for is there.
metrics()
{
    local line name
    block '* * * * * root'
    line=$(head -n 1 "$BLOCK")
    mkdir -p /var/lib/prometheus/node-exporter
    sh -c "${line#'* * * * * root '}"
    sed -n '3,$p' "$BLOCK" | grep -oE '\bsendoff_[a-z_]+(\{[^}]*\})?' >asked
    expect_equal asked "$(wc -l <asked)" 2
    while read -r name; do
        grep -qF "$name " /var/lib/prometheus/node-exporter/sendoff.prom || fail "no metric $name"
    done <asked
    [[ $line == *"$(sed -nE 's/.*\.\*([a-z]+\.prom).*/\1/p' "$BLOCK")" ]]
}

test_sendoff()
{
    world
    blocks sendoff.1
    personal
    : >/etc/aliases
    check_of_sendoff
    rm -r /home/ada/.local
    printf '%s\n' 'on RCPT has=late@ reply "451 4.7.1 greylisted, try again later"' \
        'on RCPT has=bad@ reply "550 5.1.1 no such user here"' 'mechanisms "PLAIN"' | script
    smarthost 587
    list_of_sendoff
    block 'sendoff queue --older'
    typed "$(cat "$BLOCK")" >out
    expect_not_in out stuck
    as ada sh -c "$(sed 's/--older 1h/--older 0/; s/--max 500/--max 1/' "$BLOCK")" >out
    expect_in out 'mail is stuck'
    block 'sendoff queue --json | jq'
    command -v jq >/dev/null || skip 'needs jq'
    typed "$(cat "$BLOCK")" >out
    expect_equal 'it waits for' "$(cat out)" late@example.net
    container
    crontab
    block '$ source <(sendoff completion bash)'
    typed "$(sed 's/^\$ //' "$BLOCK"); complete -p sendoff" >out
    expect_in out '_sendoff sendoff'
    block 'sendoff/pickup'
    log_of_sendoff
    of_the_host
    metrics
    # Its reader is fetched from Debian there, and a journal is listened to.
    block 'pflogsumm --syslog-name'
    elsewhere log test_pflogsumm test_journal
    none_left
}

# A delivery with its report's, and a line that is down.
log_of_sendoff()
{
    : >syslog
    BOUNCE=sender personal
    hello ada grace@example.net
    hello ada bad@example.net
    as ada sendoff flush >/dev/null 2>&1 || true
    stop_smarthost
    hello ada grace@example.net
    as ada sendoff flush >/dev/null 2>&1 || true
    within 5 grep -q refused syslog || fail 'no trouble is logged'
    logged
}

# elsewhere FILE CASE...: the end-to-end cases of tests/e2e that try it.
elsewhere()
{
    local file=$TREE/tests/e2e/test_$1.sh name
    shift
    for name; do
        grep -qx "$name()" "$file" || fail "there is no case $name in $file"
    done
}
