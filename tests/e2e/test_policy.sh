# SPDX-License-Identifier: ISC
# The sender policy: what arrives, whatever was queued.
# shellcheck shell=bash

# from_here SENDER [ARGUMENT...]: ./in is queued, silently, with that envelope sender.
from_here()
{
    run_with_input in sendmail -i -f "$@"
    expect_status 0
    if [ -s out ] || [ -s err ]; then
        fail 'sendmail is to be silent when all is well'
    fi
}

# mail FIELD...: a message to Bob with those fields before the others, into ./in.
mail()
{
    printf '%s\n' "$@" 'To: bob@example.net' 'Subject: x' 'Date: Sun, 22 Nov 2026 12:00:00 +0000' \
        'Message-ID: <x@client.example>' '' 'From: the body' '.' 'the end' >in
}

# expect_mail N LINE...: the Nth message arrived with those fields before the others of `mail`.
expect_mail()
{
    local n=$1
    shift
    mv in in.kept
    mail "$@"
    expect_arrived "$n" in
    mv in.kept in
}

# expect_sender N ADDRESS: of the Nth message.
expect_sender()
{
    expect_equal 'envelope sender' "$(envelope "$1" | sed -n 's/^MAIL FROM:\(<[^>]*>\).*/\1/p')" \
        "<$2>"
}

forced()
{
    start_smarthost
    write_config sender=force from=me@isp.example "$@"
}

# A smarthost that takes mail from me@isp.example alone, the most usual trouble of all.
test_queued_mail_is_healed()
{
    script <<'END'
on MAIL has=<me@isp.example> proceed
on MAIL reply "450 4.7.1 Sender address rejected: not owned by user"
END
    start_smarthost
    write_config
    mail 'From: root (Cron Daemon)'
    from_here root bob@example.net
    mail 'From: Alice <alice@client.example>'
    from_here alice@client.example bob@example.net
    flush 75
    expect_queue 2
    write_config sender=force from=me@isp.example
    flush 0
    expect_queue 0
    expect_delivered 2
    expect_sender 1 me@isp.example
    expect_sender 2 me@isp.example
    cat mail/*.eml | tr -d '\r' >got
    expect_in got '^From: Cron Daemon <me@isp.example>$'
    expect_in got '^From: Alice <me@isp.example>$'
}

# The other way round: what was queued under force is sent as it is stored.
test_nothing_is_stored_of_it()
{
    forced
    mail 'From: Alice <alice@client.example>'
    from_here alice@client.example bob@example.net
    stored "$SPOOL"/new/* | cmp in -
    write_config sender=keep
    flush 0
    expect_sender 1 alice@client.example
    expect_arrived 1 in
}

test_force_overrides_f()
{
    local n=0 sender
    forced
    for sender in root root@localhost 'Boss <boss@example.com>' me@isp.example; do
        mail 'From: me@isp.example'
        from_here "$sender" bob@example.net
        flush 0
        expect_sender $((n += 1)) me@isp.example
        expect_mail $n 'From: me@isp.example'
    done
}

# A form of a web site writes its visitor's address into From.
test_contact_form()
{
    forced
    mail 'From: "Visitor, A." <visitor@example.com>'
    from_here www-data bob@example.net
    flush 0
    expect_mail 1 'From: "Visitor, A." <me@isp.example>' \
        'Reply-To: "Visitor, A." <visitor@example.com>'
    mail 'From: visitor@example.com' 'Reply-To: Someone <else@example.com>'
    from_here www-data bob@example.net
    flush 0
    expect_mail 2 'From: me@isp.example' 'Reply-To: Someone <else@example.com>'
}

# Debian's cron, cronie, mdadm: injection completes the names, so that they could be replied to.
test_daemons()
{
    local n=0 from
    forced
    for from in 'root (Cron Daemon)' '"(Cron Daemon)" <root>' 'mdadm monitoring <root>'; do
        mail "From: $from"
        run_with_input in sendmail -FCronDaemon -i -odi -oem -oi -f root bob@example.net
        expect_status 0
        flush 0
        expect_sender $((n += 1)) me@isp.example
    done
    expect_mail 1 'From: Cron Daemon <me@isp.example>' \
        'Reply-To: Cron Daemon <root@client.example>'
    expect_mail 2 'From: "(Cron Daemon)" <me@isp.example>' \
        'Reply-To: "(Cron Daemon)" <root@client.example>'
    expect_mail 3 'From: mdadm monitoring <me@isp.example>' \
        'Reply-To: mdadm monitoring <root@client.example>'
}

# Names that are still bare when the message goes out are no addresses to reply to.
test_bare_names()
{
    forced
    mail 'From: root (Cron Daemon)' 'Sender: root'
    from_here root -G bob@example.net
    mail 'From: root'
    from_here root -G bob@example.net
    stored "$(find "$SPOOL/new" -type f | head -n 1)" >got
    expect_in got '^From: root'
    flush 0
    cat mail/*.eml | tr -d '\r' >got
    expect_in got '^From: Cron Daemon <me@isp.example>$'
    expect_in got '^From: root <me@isp.example>$'
    expect_not_in got '^(Sender|Reply-To):'
}

test_qualify()
{
    start_smarthost
    write_config
    mail 'From: root (Cron Daemon)' 'Sender: root' 'Reply-To: ops, a@example.com' 'Cc: sam' \
        'X-Other: root'
    from_here root -G bob@example.net
    flush 0
    expect_sender 1 root@client.example
    expect_mail 1 'From: root@client.example (Cron Daemon)' 'Sender: root@client.example' \
        'Reply-To: ops@client.example, a@example.com' 'Cc: sam@client.example' 'X-Other: root'
}

test_keep()
{
    start_smarthost
    write_config sender=keep
    mail 'From: root (Cron Daemon)' 'Sender: root' 'From: twice'
    from_here alice@example.com -G bob@example.net
    flush 0
    expect_sender 1 alice@example.com
    expect_arrived 1 in
}

test_null_sender_stays()
{
    forced
    mail 'From: MAILER-DAEMON'
    from_here '<>' bob@example.net
    flush 0
    expect_sender 1 ''
    expect_mail 1 'From: me@isp.example' 'Reply-To: MAILER-DAEMON@client.example'
}

test_null_sender_is_rewritten()
{
    start_smarthost
    write_config sender=qualify from=me@isp.example sendoff.null_sender=rewrite
    mail 'From: a@example.com'
    from_here '' bob@example.net
    from_here a@example.com bob@example.net
    flush 0
    cat mail/*.eml | tr -d '\r' >got
    expect_equal senders "$(sed -n 's/^MAIL FROM:\(<[^>]*>\).*/\1/p' mail/*.eml | sort | tr '\n' ' ')" \
        '<a@example.com> <me@isp.example> '
    expect_equal authors "$(grep -c '^From: a@example.com$' got)" 2
}

test_user_and_host()
{
    start_smarthost
    write_config sender=force from=%u+%h@isp.example
    mail 'From: a@example.com'
    from_here a@example.com bob@example.net
    flush 0
    expect_sender 1 "$(id -un)+$(uname -n)@isp.example"
}

# Whoever owns the spool may write what he likes into it, as long as its size stays.
test_spool_file_does_not_get_round()
{
    local file
    forced
    mail 'From: a@example.com' 'Frox: boss@example.com' 'X-Line:XXX boss@example.com'
    from_here a@example.com bob@example.net
    file=$(find "$SPOOL/new" -type f)
    sed -i -e 's/^Frox:/From:/' -e 's/^X-Line:XXX /X:\rSender: /' "$file"
    flush 0
    expect_sender 1 me@isp.example
    expect_mail 1 'From: me@isp.example' 'Reply-To: a@example.com' 'X: Sender: boss@example.com'
}

# SIZE is that of what is sent, and a body of any length comes through as it is.
test_size_and_body()
{
    local n=0 octets
    script <<'END'
offer "SIZE 100000000"
END
    forced
    for octets in 1 1000 65536 3000000; do
        mail 'From: Alice Arbuthnot <alice@client.example>'
        head -c $octets /dev/zero | tr '\0' x | fold -w 70 >>in
        echo >>in
        from_here alice@client.example bob@example.net
        flush 0
        arrived $((n += 1)) >got
        envelope $n >sent
        expect_in sent "^MAIL FROM:<me@isp.example> .*SIZE=$(wc -c <got)( |\$)"
        expect_in got '^From: Alice Arbuthnot <me@isp.example>'
        crlf in | sed '1,/^\r$/d' >want
        sed '1,/^\r$/d' got | cmp want -
    done
}

test_several_transactions()
{
    forced recipients_per_message=2
    mail 'From: Alice <alice@client.example>'
    from_here alice@client.example b@example.net c@example.net d@example.net e@example.net \
        f@example.net
    flush 0
    expect_delivered 3
    local n
    for n in 1 2 3; do
        expect_sender $n me@isp.example
        expect_mail $n 'From: Alice <me@isp.example>' 'Reply-To: Alice <alice@client.example>'
    done
}

# Without `from` the name of the login will do, where it is an address.
test_from_of_the_login()
{
    USERS=user@isp.example:secret start_smarthost
    write_config sender=force user=user@isp.example
    mail 'From: a@example.com'
    from_here a@example.com bob@example.net
    flush 0
    expect_sender 1 user@isp.example
}

test_from_is_missing()
{
    start_smarthost
    write_config sender=force
    mail 'From: a@example.com'
    from_here a@example.com bob@example.net
    flush 78
    expect_in err 'smarthost: from: is missing: sender = force needs it'
    expect_queue 1
}

test_check_shows_it()
{
    forced
    run sendoff check
    expect_status 0
    expect_in out "^pass sender: force: $(id -un)@client.example -> me@isp.example\$"
    write_config
    run sendoff check
    expect_in out "^pass sender: qualify: $(id -un)@client.example stays\$"
}
