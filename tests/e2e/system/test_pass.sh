# SPDX-License-Identifier: ISC
# Root's pass over all users' spools: one connection, fair turns, and nobody in anybody's way.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

# many USER N: so many more messages like the last one that waits in his spool, as he would write
# them there himself.
many()
{
    local model
    model=$(find "$(own "$1")/new" -type f | tail -n 1)
    # shellcheck disable=SC2016  # for that shell
    as "$1" bash -c 'cd "$1" && text=$(<"$2") && for ((i = 0; i < $3; i++)); do
        printf -v name "660E0000000%07X" "$i"
        printf "%s\n" "$text" >"$name"
    done' bash "$(own "$1")/new" "$model" "$2"
}

# place_of UID: as the how-many-th the first message of that user was accepted.
place_of()
{
    sed -n "s/.*accepted as \([0-9]*\)), uid=$1\$/\1/p" err | head -n 1
}

test_one_connection()
{
    on_a_host
    local user
    for user in www-data alice root; do
        mail_of "$user" "mail of $user"
    done
    run sendoff flush
    expect_status 0
    expect_waiting 0
    expect_delivered 3
    expect_connections 1
    expect_in err 'to=<bob@example.net>, .*status=sent .*, uid=33$'
    expect_in err 'to=<bob@example.net>, .*status=sent .*, uid=2001$'
    expect_in err 'to=<bob@example.net>, .*status=sent .*, uid=0$'
    expect_equal 'what became root'"'"'s' "$(find "$(own alice)" ! -user alice | wc -l)" 0
}

test_fair_turns()
{
    on_a_host
    mail_of alice
    many alice 2999
    mail_of bob alert
    run sendoff flush
    expect_status 0
    expect_waiting 0
    expect_delivered 3001
    [ "$(place_of 2002)" -le 5 ] || fail "bob's alert was number $(place_of 2002)"
}

test_rubbish()
{
    on_a_host
    mail_of alice
    mail_of bob
    # shellcheck disable=SC2016  # for that shell
    as alice bash -c 'cd "$1" && for ((i = 0; i < 10000; i++)); do
        : >"R$i"
        : >"not a message $i"
    done
    rm ../lock && mkfifo ../lock' bash "$(own alice)/new"
    elapsed run timeout 60 sendoff flush
    expect_status 0 75
    expect_waiting 0 bob
    expect_delivered 2
    [ "$(place_of 2002)" -le 2 ] || fail "bob's mail was number $(place_of 2002)"
    expect_faster 20000
    # Neither is the log filled by her.
    [ "$(wc -l <err)" -lt 100 ] || fail "$(wc -l <err) lines of log"
}

# Root's pass needs no lock of hers.
test_lock_held()
{
    on_a_host
    mail_of alice
    mail_of bob
    laid as alice "$E2E_TOOLS/traps" lock "$(own alice)/lock"
    elapsed run sendoff flush
    expect_status 0
    expect_waiting 0
    expect_faster 5000
}

# Reports go to the senders.
with_reports()
{
    sed -i -e '/^bounce/d' -e 's/^\[sendoff\]/&\nbounce = sender/' /etc/sendoff/sendoff.conf
}

# Who can write into his spool what he likes is bound by the config all the same.
test_too_large()
{
    on_a_host
    with_reports

    head -c 100000 /dev/zero | tr '\0' 'x' | fold >large
    { message large && cat large; } >in
    run_with_input in as alice sendmail -i -f alice@client.example bob@example.net
    expect_status 0
    mail_of bob
    sed -i 's/^\[sendoff\]/&\nmax_size = 50k/' /etc/sendoff/sendoff.conf
    run sendoff flush
    expect_in err 'dsn=5.3.4, status=bounced \(.*max_size.*, uid=2001$'
    expect_delivered 1
    expect_waiting 1 alice # the report
    run sendoff flush
    expect_waiting 0
    arrived 2 >report
    expect_in report '^Status: 5\.3\.4'
}

# The uid in a block counts in the drop's spool and nowhere else.
test_whose_mail()
{
    on_a_host
    mail_of sendoff-drop
    mail_of alice
    sed -i 's/ uid=972$/ uid=971/' "$(own sendoff-drop)"/new/*
    sed -i 's/ uid=2001$/ uid=2002/' "$(own alice)"/new/*
    grep -q ' uid=971$' "$(own sendoff-drop)"/new/* || fail 'there is no uid to be changed'
    grep -q ' uid=2002$' "$(own alice)"/new/* || fail 'there is no uid to be changed'
    sed -i 's/^\[smarthost\]/&\nsender = force\nfrom = "%u@isp.example"/' \
        /etc/sendoff/sendoff.conf
    run sendoff flush
    expect_status 0
    expect_log 'MAIL FROM:<sendoff@isp\.example>'
    expect_log 'MAIL FROM:<alice@isp\.example>'
    expect_in err ', uid=971$'
    expect_in err ', uid=2001$'
}

# refused_as SENDER USER...: each of them sends one message from that address.
refused_as()
{
    local sender=$1 user
    shift
    message >in
    for user; do
        run_with_input in as "$user" sendmail -i -f "$sender" bob@example.net
        expect_status 0
    done
}

test_account_is_suspended()
{
    script <<'END'
on MAIL reply "550 5.1.8 account suspended"
END
    on_a_host
    refused_as a@client.example alice alice bob
    run sendoff flush
    expect_status 75
    expect_waiting 3
    expect_in err '3 messages alike refused'
    run sendoff flush --due
    expect_connections 1
}

# What is refused for one user's sake is his, though there are many of it.
test_one_user_is_refused()
{
    script <<'END'
on MAIL has=a@client reply "550 5.1.8 not you"
END
    on_a_host
    refused_as a@client.example alice alice alice alice
    refused_as b@client.example bob
    run sendoff flush
    expect_waiting 0 bob
    expect_delivered 1
    expect_not_in err 'alike refused'
    expect_equal 'refused ones' "$(grep -c 'status=bounced .*uid=2001$' err)" 4
}

# spoilt COMMAND: alice's large message is changed so while a slow smarthost takes it; bob's goes.
spoilt()
{
    local file
    seq 1 200000 >lines
    { message large && cat lines; } >in
    run_with_input in as alice sendmail -i -f alice@client.example bob@example.net
    expect_status 0
    mail_of bob
    file=$(find "$(own alice)/new" -type f)
    sendoff flush >flush.out 2>flush.err &
    local pid=$!
    started+=("$pid")
    expect_log 'rule .* BODY'
    as alice sh -c "$1" sh "$file"
    wait "$pid" || true
    expect_waiting 0 bob
    expect_waiting 0 alice
    expect_equal 'set aside' "$(failed_of alice)" 1
    expect_delivered 1
    expect_in flush.err 'unfit to be sent'
    expect_equal 'reports' "$(grep -c 'reported' flush.err)" 0
}

slow_body()
{
    script <<'END'
on BODY at=100000 n=1 delay 1s proceed
END
    on_a_host
}

test_shrinks()
{
    slow_body
    # shellcheck disable=SC2016  # for that shell
    spoilt 'truncate -s 300000 "$1"'
}

test_grows()
{
    slow_body
    # shellcheck disable=SC2016  # for that shell
    spoilt 'echo more >>"$1"'
}

# Twenty reports an hour, for each user of his own.
test_reports_are_bounded()
{
    script <<'END'
on RCPT reply "550 5.1.1 no such user"
END
    on_a_host
    with_reports
    mail_of alice
    many alice 29
    mail_of bob
    run sendoff flush
    expect_equal "alice's reports" "$(grep -c 'non-delivery notification: ' err)" 22
    expect_equal "bob's" "$(count_files "$(own bob)/new")" 1
    expect_equal "alice's, with the digest" "$(count_files "$(own alice)/new")" 21
    as alice rm "$(own alice)/lock"
    find "$(own alice)/new" -type f -delete
    mail_of alice
    run sendoff flush
    expect_not_in err 'non-delivery notification'
}

test_may_not_change_its_uid()
{
    on_a_host
    mail_of alice
    mail_of root
    run setpriv --bounding-set -setuid sendoff flush
    expect_in err 'only the mail of uid 0 is served'
    expect_waiting 1 alice
}
