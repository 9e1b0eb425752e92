# SPDX-License-Identifier: ISC
# The log as its readers see it: those of Postfix's log, of JSON, and the journal.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status and the like come from lib.sh

# with_sockets: the rest of the case has a /dev and a /run of its own, for sockets of daemons.
with_sockets()
{
    local node
    command -v python3 >/dev/null || skip 'needs python3'
    if [ -z "${WITH_SOCKETS-}" ]; then
        export WITH_SOCKETS=yes
        on_its_own "${FUNCNAME[1]}" -m
    fi
    mkdir "$DIR/dev"
    mount -t tmpfs none "$DIR/dev" || skip 'can not mount here'
    for node in null zero random urandom; do
        : >"$DIR/dev/$node"
        mount --bind "/dev/$node" "$DIR/dev/$node"
    done
    mount --move "$DIR/dev" /dev
    mount -t tmpfs -o mode=755 none /run
}

# listen SOCKET FILE
listen()
{
    python3 "${CASE_FILE%/*}/listen.py" "$1" "$DIR/$2" &
    started+=($!)
    within 10 test -S "$1" || fail "nobody listens at $1"
}

# some_mail: two recipients accepted, one refused for good, whose sender is told, one for now.
some_mail()
{
    script <<'END'
on RCPT has=bad@ reply "550 5.1.1 no such user"
on RCPT has=later@ n=1 reply "450 4.2.1 try again later"
END
    start_smarthost
    : >aliases
    write_config sendoff.bounce=sender "$@"
    message first >mail1
    inject mail1 bob@example.net carol@example.net
    message second >mail2
    inject mail2 bad@example.net
    message third >mail3
    inject mail3 later@example.org
}

flush_all()
{
    run sendoff flush
    run sendoff flush
    expect_status 0
    expect_queue 0
}

has_removed_all()
{
    [ "$(grep -c ': removed$' "$1")" = 4 ]
}

# all_removed FILE: the last line of all four messages is there.
all_removed()
{
    within 5 has_removed_all "$1" || fail 'not all are removed'
}

# reader PACKAGE FILE: a reader of Postfix's log as Debian has it, unpacked and kept from run to
# run: sets READER to where that file is.
reader()
{
    READER=$E2E_MTA/$1/$2
    mkdir -p "$E2E_MTA/$1"
    (
        flock 9
        [ ! -e "$READER" ] || exit 0
        cd "$E2E_MTA/$1"
        apt-get -qq -o APT::Sandbox::User=root download "$1" >log 2>&1 ||
            { apt-get -qq update && apt-get -qq download "$1"; } >>log 2>&1 || exit 1
        dpkg -x ./*.deb . && rm ./*.deb
    ) 9>"$E2E_MTA/$1/lock" || skip "$1 can not be had here"
}

test_pflogsumm()
{
    command -v apt-get >/dev/null || skip 'needs apt-get'
    command -v perl >/dev/null || skip 'needs perl'
    reader pflogsumm usr/sbin/pflogsumm
    with_sockets
    listen /dev/log syslog
    some_mail sendoff.log=syslog
    flush_all
    expect_equal 'what stands on stderr' "$(cat err)" ''
    all_removed syslog
    perl "$READER" --syslog-name=sendoff syslog >sum
    # Three mails, and a report; that is delivered, too, but nobody handed it in.
    expect_in sum '^ +3 +received$'
    expect_in sum '^ +4 +delivered$'
    expect_in sum '^ +1 +deferred  \(1 +deferrals\)$'
    expect_in sum '^ +1 +bounced$'
    expect_in sum '^ +1 +senders$'
    expect_in sum '^ +4 +recipients$'
    expect_in sum '4.2.1 try again later'
    expect_in sum '5.1.1 no such user'
    expect_not_in sum 'no size data'
    expect_in sum '^ +[0-9]+ +bytes delivered$'
    expect_not_in sum '^ +0 +bytes delivered$'
}

test_logwatch()
{
    command -v apt-get >/dev/null || skip 'needs apt-get'
    command -v perl >/dev/null || skip 'needs perl'
    reader logwatch usr/share/logwatch/scripts/services/postfix
    with_sockets
    listen /dev/log syslog
    some_mail sendoff.log=syslog
    flush_all
    all_removed syslog
    : >empty
    perl "$READER" --syslog_name=sendoff --detail 10 -f empty <syslog >sum 2>sum.err
    expect_in sum '^ +4 +Sent via SMTP'
    expect_in sum '^ +1 +Deferred'
    expect_in sum '^ +1 +Bounced \(local\)'
    expect_in sum '^ +4 +Removed from queue'
    expect_not_in sum 'Unmatched'
}

test_syslog_lines()
{
    with_sockets
    listen /dev/log syslog
    some_mail sendoff.log=syslog
    flush_all
    all_removed syslog
    local at='[0-9A-F]{18}' number='[0-9]+(\.[0-9]+)?'
    expect_in syslog " host sendoff/pickup\[[0-9]+\]: $at: uid=0 from=<alice@client.example>$"
    expect_in syslog "sendoff/qmgr\[[0-9]+\]: $at: from=<alice@client.example>, size=[0-9]+, nrcpt=2 \(queue active\)$"
    expect_in syslog "sendoff/smtp\[[0-9]+\]: $at: to=<bob@example.net>, relay=[^ ,]+:[0-9]+, delay=$number, delays=$number/$number/$number/$number, dsn=2\.0\.0, status=sent \(250 .*\), uid=0$"
    expect_in syslog "sendoff/smtp\[[0-9]+\]: $at: to=<later@example.org>, .*, dsn=4\.2\.1, status=deferred \(450 .*\), uid=0$"
    expect_in syslog "sendoff/bounce\[[0-9]+\]: $at: sender non-delivery notification: $at$"
    expect_in syslog "sendoff/qmgr\[[0-9]+\]: $at: from=<>, size=[0-9]+, nrcpt=1 \(queue active\)$"
}

# The account's trouble is a warning to them.
test_warning()
{
    with_sockets
    listen /dev/log syslog
    dead_port
    write_config sendoff.log=syslog
    message >message
    inject message bob@example.net
    flush 75
    within 5 has syslog "sendoff/smtp\[[0-9]+\]: warning: account=smarthost, relay=none: .*refused" ||
        fail 'no warning'
}

# Nobody reads: nothing waits, and nothing else is the matter.
test_silent_daemon()
{
    with_sockets
    python3 -c '
import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind("/dev/log")
time.sleep(600)' &
    started+=($!)
    within 10 test -S /dev/log || fail 'there is no /dev/log'
    start_smarthost
    write_config sendoff.log=syslog
    message >message
    for _ in $(seq 40); do
        elapsed inject message bob@example.net
        expect_faster 2000
    done
    flush 0
    expect_delivered 40
}

test_journal()
{
    with_sockets
    listen /run/systemd/journal/socket journal
    listen /dev/log syslog
    some_mail sendoff.log=syslog
    flush_all
    all_removed journal
    expect_equal 'lines of syslog' "$(wc -l <syslog)" 0
    python3 - journal <<'END' || fail 'the entries are not right'
import sys
entries = []
for line in open(sys.argv[1], encoding='utf-8'):
    if line == 'entry\n':
        entries.append({})
    else:
        key, _, value = line.rstrip('\n').partition('=')
        assert key.replace('_', '').isalnum() and key == key.upper(), line
        entries[-1][key] = value
for e in entries:
    assert e['SYSLOG_FACILITY'] == '2' and e['SYSLOG_PID'].isdigit(), e
sent = [e for e in entries if e.get('SENDOFF_STATUS') == 'sent']
assert len(sent) == 4, len(sent)
e = next(e for e in sent if e['SENDOFF_RECIPIENT'] == 'bob@example.net')
assert e['SYSLOG_IDENTIFIER'] == 'sendoff/smtp' and e['PRIORITY'] == '6', e
assert e['SENDOFF_SENDER'] == 'alice@client.example' and e['SENDOFF_CODE'] == '250', e
assert e['SENDOFF_ID'] in e['MESSAGE'] and e['SENDOFF_DELAY_MS'].isdigit(), e
END
}

test_json()
{
    command -v python3 >/dev/null || skip 'needs python3'
    some_mail sendoff.log=json
    run sendoff flush
    expect_status 75
    python3 - err <<'END' || fail 'the lines are not right'
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1], encoding='utf-8')]
for l in lines:
    assert {'time', 'level', 'program'} <= l.keys() and l['program'] == 'sendoff', l
def of(**facts):
    return [l for l in lines if facts.items() <= l.items()]
assert len(of(event='attempted', status='sent')) == 2, lines
one, = of(event='attempted', recipient='later@example.org')
assert one['status'] == 'deferred' and one['code'] == 450 and one['dsn'] == '4.2.1', one
assert one['reply'] == '450 4.2.1 try again later' and one['uid'] >= 0, one
parts = [one[k] for k in ('before_ms', 'waiting_ms', 'connecting_ms', 'sending_ms')]
assert one['delay_ms'] - 4 <= sum(parts) <= one['delay_ms'], one
assert one['sender'] == 'alice@client.example' and one['account'] == 'smarthost', one
bad, = of(event='attempted', status='bounced')
report, = of(event='reported', id=bad['id'])
assert report['report_id'] != bad['id'] and report['recipient'] == 'alice@client.example', report
assert len(of(event='removed')) == 2, lines
END
}

# Complaints are JSON, too.
test_json_complaints()
{
    command -v python3 >/dev/null || skip 'needs python3'
    dead_port
    write_config sendoff.log=json
    message >message
    inject message bob@example.net
    flush 75
    python3 -c 'import json,sys; l = [json.loads(x) for x in sys.stdin]; \
        assert [x["event"] for x in l] == ["line"] and "refused" in l[0]["reason"], l' <err ||
        fail 'the line is not right'
    flush 66 'no"such'
    python3 -c 'import json,sys; l = [json.loads(x) for x in sys.stdin]; assert len(l) > 0' <err ||
        fail 'a complaint is not JSON'
}
