# SPDX-License-Identifier: ISC
# What becomes of mail that fails for good, or is late: who is told, how, how often, and what is
# kept where nobody is.
# shellcheck shell=bash

# config_for_reports [KEY=VALUE...]: with the default of `bounce`, which lib.sh sets otherwise.
config_for_reports()
{
    write_config sendoff.bounce= "$@"
}

refuse_bad()
{
    script <<'END'
on RCPT has=bad@ reply "550 5.1.1 no such user here"
on RCPT has=late@ reply "450 4.7.1 come back later"
END
}

test_refused_recipient()
{
    refuse_bad
    start_smarthost
    config_for_reports
    message "hello there" >in
    inject in bad@example.net bob@example.net
    flush 75
    expect_delivered 1
    expect_queue 1
    expect_failed 0
    flush 0
    expect_queue 0
    expect_failed 0
    expect_delivered 2
    envelope 2 >dialogue
    expect_in dialogue 'MAIL FROM:<>'
    expect_in dialogue 'RCPT TO:<alice@client.example>'
    arrived 2 >report
    expect_in report '^From: .*<MAILER-DAEMON@client.example>'
    expect_in report '^To: <alice@client.example>'
    expect_in report '^Auto-Submitted: auto-replied'
    expect_in report '^References: <hello-there@client.example>'
    expect_in report '^Content-Type: multipart/report; report-type=delivery-status;'
    expect_in report '^Final-Recipient: rfc822; bad@example.net'
    expect_in report '^Action: failed'
    expect_in report '^Status: 5.1.1'
    expect_in report '^Diagnostic-Code: smtp; 550 5.1.1 no such user here'
    expect_in report '^ +127.0.0.1\[127.0.0.1\]:[0-9]+ said: 550 5.1.1 no such user here'
    expect_in report '^Content-Type: text/rfc822-headers'
    expect_in report '^Subject: hello there'
    expect_not_in report '^(Final-Recipient: .*|<)bob@example.net'
    expect_not_in report '^This is hello there'
}

# What Python's parser of MIME makes of a report.
test_report_is_mime()
{
    command -v python3 >/dev/null || skip 'needs python3'
    refuse_bad
    start_smarthost
    config_for_reports
    message "gr\xc3\xbc\xc3\x9fe" | sed 's/.*/&/' >plain
    printf '%b\n' "$(cat plain)" >in
    inject in -R full -V id+3D7 -N failure bad@example.net
    flush 75
    flush 0
    arrived 1 >report
    python3 - report <<'END'
import email, email.policy, sys
m = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.SMTP)
assert m.get_content_type() == 'multipart/report', m.get_content_type()
assert m.get_param('report-type') == 'delivery-status'
text, status, original = m.get_payload()
assert text.get_content_type() == 'text/plain'
assert 'no such user here' in text.get_content()
assert status.get_content_type() == 'message/delivery-status'
whole, one = status.get_payload()
assert whole['Original-Envelope-Id'] == 'id=7', whole['Original-Envelope-Id']
assert whole['Reporting-MTA'] == 'dns; client.example'
assert one['Final-Recipient'] == 'rfc822; bad@example.net'
assert one['Action'] == 'failed' and one['Status'] == '5.1.1'
assert original.get_content_type() == 'message/rfc822'
assert original['Content-Transfer-Encoding'] == '8bit'
assert m['Content-Transfer-Encoding'] == '8bit'
inner = original.get_payload()[0]
assert inner['Message-ID']
assert b'the end' in inner.as_bytes()
for p in (m, text, status, original):
    assert not p.defects, p.defects
END
}

test_ret_hdrs()
{
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    inject in -R hdrs bad@example.net
    flush 75
    flush 0
    arrived 1 >report
    expect_in report '^Content-Type: text/rfc822-headers'
    expect_not_in report 'This is hello'
}

# FULL, but it is large.
test_ret_full_of_a_large_one()
{
    refuse_bad
    start_smarthost
    config_for_reports
    {
        message
        head -c 100000 /dev/zero | tr '\0' x | fold -w 70
        printf '\n'
    } >in
    inject in -R full bad@example.net
    flush 75
    flush 0
    arrived 1 >report
    expect_in report '^Content-Type: text/rfc822-headers'
    [ "$(wc -c <report)" -lt 10000 ] || fail 'a large report'
}

test_notify()
{
    local wish
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    for wish in never success delay success,delay; do
        inject in -N "$wish" bad@example.net
        flush 0
        expect_queue 0
        expect_failed 0
        expect_delivered 0
    done
    for wish in failure success,failure; do
        inject in -N "$wish" bad@example.net
        flush 75
        expect_queue 1
        flush 0
    done
    expect_delivered 2
}

# Nobody answers <>; so a report that fails ends here.
test_bounce_of_a_bounce()
{
    script <<'END'
on RCPT reply "550 5.1.1 nobody here"
END
    start_smarthost
    config_for_reports
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    flush 0
    expect_queue 0
    expect_failed 1
    expect_in err 'moved to .failed, and nobody is told: it is from <>'
    flush 0
    expect_failed 1
    run sendoff mailq
    expect_in out '^[0-9A-F]+# .*MAILER-DAEMON'
    run sendoff check
    expect_in out '1 message.* in \.failed'
    stop_smarthost
}

test_null_sender()
{
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    run_with_input in sendmail -i -f '<>' bad@example.net
    expect_status 0
    flush 0
    expect_queue 0
    expect_failed 1
}

test_keep()
{
    refuse_bad
    start_smarthost
    write_config sendoff.bounce=keep sendoff.bounce_to=admin@example.org
    message >in
    inject in bad@example.net
    flush 0
    expect_queue 0
    expect_failed 1
}

# One of two has failed, the other one waits: the sender need not wait, and is told once.
test_one_waits()
{
    script <<'END'
on RCPT has=bad@ reply "550 5.1.1 no such user here"
on RCPT has=late@ n=1 times=3 reply "450 4.7.1 come back later"
END
    start_smarthost
    config_for_reports
    message >in
    inject in bad@example.net late@example.net
    flush 75
    expect_queue 2
    flush 75 # the report goes, the message is tried again
    expect_queue 1
    expect_delivered 1
    flush 75
    expect_queue 1
    flush 0
    expect_queue 0
    expect_failed 0
    expect_delivered 2 # late@, and the one report
    expect_equal 'attempts to bad@' "$(grep -c 'RCPT TO:<bad@' log)" 1
}

test_local_sender_by_alias()
{
    refuse_bad
    printf 'root: admin@example.org\n' >aliases
    start_smarthost
    config_for_reports
    message >in
    run_with_input in sendmail -i -f root bad@example.net
    expect_status 0
    flush 75
    flush 0
    expect_in mail/00000001.eml 'RCPT TO:<admin@example.org>'
}

test_local_to()
{
    refuse_bad
    start_smarthost
    config_for_reports sendoff.local_to=admin@example.org
    message >in
    run_with_input in sendmail -i -f "$(id -un)" bad@example.net
    expect_status 0
    flush 75
    flush 0
    expect_in mail/00000001.eml 'RCPT TO:<admin@example.org>'
}

# Where the policy would put another address in the sender's place nobody can have a stranger
# written to.
test_forced_sender()
{
    refuse_bad
    start_smarthost
    config_for_reports sender=force from=me@isp.example sendoff.bounce_to=admin@example.org
    message >in
    inject in -f victim@elsewhere.example bad@example.net
    flush 75
    flush 0
    expect_in mail/00000001.eml 'RCPT TO:<admin@example.org>'
    config_for_reports sender=force from=me@isp.example
    inject in -f victim@elsewhere.example bad@example.net
    flush 75
    flush 0
    expect_in mail/00000002.eml 'RCPT TO:<me@isp.example>'
    expect_not_in mail/00000001.eml 'RCPT TO:<victim'
    expect_not_in mail/00000002.eml 'RCPT TO:<victim'
}

test_delay()
{
    refuse_bad
    start_smarthost
    config_for_reports sendoff.warn_after=$((2 * SLOW))s
    message >in
    inject in late@example.net
    flush 75
    expect_queue 1 # too early
    sleep $((2 * SLOW)).1
    flush 75
    expect_queue 2
    flush 75 # the notice goes
    expect_queue 1
    expect_delivered 1
    arrived 1 >report
    expect_in report '^Subject: Your message is delayed'
    expect_in report '^Action: delayed'
    expect_in report '^Status: 4.7.1'
    expect_in report '^Will-Retry-Until: '
    flush 75
    expect_queue 1 # once for a message
    inject in -N failure late@example.net
    sleep $((2 * SLOW)).1
    flush 75
    expect_queue 2 # none is wanted of that one
}

test_expired()
{
    refuse_bad
    start_smarthost
    config_for_reports sendoff.expire=1s
    message >in
    inject in late@example.net
    sleep 1.1
    flush 75 # the first attempt ever: that may be greylisting
    expect_queue 1
    expect_not_in err 'reported'
    flush 75
    expect_queue 1
    flush 0
    arrived 1 >report
    expect_in report 'said: 450 4.7.1 come back later \(expired\)'
    expect_in report '^Action: failed'
}

# Injects N messages to bad@ as fast as it goes: copies of a first one, as only tests may.
storm()
{
    local file i
    inject in bad@example.net
    file=$(find "$SPOOL/new" -type f)
    for ((i = 1; i < $1; i++)); do
        cp "$file" "$SPOOL/new/$(printf '%018X' $i)"
    done
}

test_storm()
{
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    storm 1000
    expect_queue 1000
    flush 75
    expect_queue 21
    expect_failed 0
    flush 0
    expect_queue 0
    expect_failed 0
    expect_delivered 21
    expect_equal reports "$(grep -lc '^Content-Type: multipart/report' mail/*.eml | wc -l)" 20
    grep -h '^Subject: ' mail/*.eml >subjects
    expect_in subjects '^Subject: 980 messages could not be delivered'
    # The same hour has no more of either; they stay, are not tried, and are not lost.
    storm 30
    flush 0
    expect_queue 30
    expect_failed 0
    expect_log ' end '
    rcpts=$(grep -c 'bad@' log)
    flush 0
    expect_queue 30
    expect_equal 'attempts' "$(grep -c 'bad@' log)" "$rcpts"
    run sendoff mailq
    expect_in out '^[0-9A-F]+# '
    # The next hour.
    sed -i 's/since=[0-9]*/since=00000001000000000000/' "$SPOOL/lock"
    flush 75
    expect_queue 21
    flush 0
    expect_delivered 42
}

# No file may grow beyond 1 KiB: marks can be written, and no report.
test_report_can_not_be_written()
{
    [ -z "$E2E_WRAP" ] || skip 'valgrind writes files of its own'
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    inject in bad@example.net
    (
        ulimit -f 1
        sendoff flush 2>&1 | cat >err || true
    )
    expect_queue 0
    expect_failed 1
    expect_in err 'moved to .failed, and nobody is told: File too large'
    expect_equal 'litter in tmp' "$(count_files "$SPOOL/tmp")" 0
}

test_mail_reader_sees_a_report()
{
    refuse_bad
    start_smarthost
    config_for_reports
    message >in
    inject in bad@example.net
    flush 75
    mv "$SPOOL"/new/* "$SPOOL/cur/$(basename "$SPOOL"/new/*):2,S"
    flush 0
    expect_delivered 1
}
