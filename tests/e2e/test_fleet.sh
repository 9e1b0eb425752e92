# SPDX-License-Identifier: ISC
# What sendoff-fleet(7) promises of pools, of secrets that change and of metrics.
# shellcheck shell=bash
# shellcheck disable=SC2034  # MODE, PASSWORD and the like are lib.sh's

# several N: so many messages wait.
several()
{
    local n
    message >in
    for ((n = 0; n < $1; n++)); do
        inject in bob@example.net
    done
}

# put FILE: what is on stdin takes its place, all at once, as the page has it.
put()
{
    (umask 077 && cat >"$1.new" && mv "$1.new" "$1")
}

# metric NAME[LABELS]
metric()
{
    sendoff status --metrics | awk -v name="sendoff_$1" '$1 == name { print $2 }'
}

# ---- A pool. Its members keep their logs and their mail apart.

# first_member [OPTION...]: sets FIRST, its port, and FIRST_PID.
first_member()
{
    mkdir -p first.mail
    start_smarthost -l "$DIR/first.log" -o "$DIR/first.mail" "$@"
    FIRST=$PORT FIRST_PID=$SMARTHOST
    rm -f script
}

of_first()
{
    count_files "$DIR/first.mail" -name '[0-9]*.eml'
}

expect_of_first()
{
    expect_equal 'messages that the first member accepted' "$(of_first)" "$1"
}

# end_member PID [SIGNAL]
end_member()
{
    kill "-${2-TERM}" "$1"
    wait "$1" || true
}

# pool [KEY=VALUE...]: two members, and a config that names both.
pool()
{
    first_member
    start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT" "$@"
}

test_member_goes_down()
{
    pool
    several 1
    flush 0
    expect_of_first 1
    end_member "$FIRST_PID"
    several 5
    flush 0
    expect_queue 0
    expect_delivered 5
    expect_in err "connect to 127\.0\.0\.1\[127\.0\.0\.1\]:$FIRST: .*went on to 127"
    # As long as it is down, nobody asks it first.
    several 1
    flush 0
    expect_not_in err 'went on'
    expect_delivered 6
}

# It is there at once where the other one goes.
test_member_comes_back()
{
    pool
    local second=$SMARTHOST
    end_member "$FIRST_PID"
    several 1
    flush 0
    expect_delivered 1
    first_member -p "$FIRST"
    end_member "$second"
    several 5
    flush 0
    expect_queue 0
    expect_of_first 5
}

# And with the other one there, after an hour.
test_first_member_gets_its_mail_back()
{
    pool
    end_member "$FIRST_PID"
    several 1
    flush 0
    first_member -p "$FIRST"
    several 1
    flush 0
    expect_of_first 0
    sed -i "s/^relay-since .*/relay-since $(($(date +%s) - 3601))000000/" account/smarthost
    several 1
    flush 0
    expect_of_first 1
    expect_delivered 2
}

# flush_until_first VERB N: a flush in the background, until the first member was told that N times.
flush_until_first()
{
    "$E2E_PREFIX/bin/sendoff" flush >out 2>err &
    FLUSH=$!
    started+=("$FLUSH")
    # shellcheck disable=SC2016  # bash's own
    within 10 eval '[ "$(grep -c "'" $1"'" first.log)" -ge '"$2"' ]' || fail "no $1 number $2"
}

# What it was being sent is in doubt and is tried later; all else goes on in the same flush.
test_member_dies_at_work()
{
    printf 'on MAIL n=3 silence\n' | script
    pool pipeline=1 timeout_command=30s
    several 5
    flush_until_first 'MAIL' 3
    end_member "$FIRST_PID" KILL
    status=0
    wait "$FLUSH" || status=$?
    expect_status 75
    expect_of_first 2
    expect_delivered 2
    expect_queue 1
    expect_in err 'status=deferred \(in doubt: '
    flush 0
    expect_queue 0
    expect_delivered 3
}

# Hosts keep what they have, beyond `expire`, until the pool is there again.
test_pool_is_away()
{
    pool sendoff.expire=1s sendoff.bounce=sender timeout_connect=2s
    local second=$SMARTHOST
    end_member "$FIRST_PID"
    end_member "$second"
    several 3
    flush 75
    sleep 1.2
    flush 75
    expect_queue 3
    expect_failed 0
    expect_equal resting "$(metric 'account_resting{account="smarthost"}')" 1
    first_member -p "$FIRST"
    flush 0
    expect_of_first 3
}

# ---- A password that changes.

# rotated: the smarthost has the new one, the host the old one still, and mail comes in.
rotated()
{
    USERS=user:new start_smarthost
    PASSWORD=old write_config auth=PLAIN "$@"
    several 3
}

# Nothing bounces, nothing expires, and the smarthost is not asked again and again.
test_password_rotation()
{
    rotated sendoff.expire=1s sendoff.bounce=sender
    flush 75
    sleep 1.2
    flush 75 --due
    expect_equal logins "$(count_log ' auth ')" 1
    flush 75
    expect_equal logins "$(count_log ' auth ')" 2
    expect_queue 3
    expect_failed 0
    expect_not_in log 'MAIL FROM'
    expect_equal waiting "$(metric 'queue_messages{state="waiting"}')" 3
    expect_equal 'in a row' "$(metric 'account_failures{account="smarthost"}')" 2
    local rests
    rests=$(($(metric 'account_retry_timestamp_seconds{account="smarthost"}') - $(date +%s)))
    [ "$rests" -gt 840 ] || fail "it rests for $rests s only"
    run sendoff check
    expect_status 75 78
    expect_in out '^fail AUTH: PLAIN: 535'
    echo new | put config/password
    run sendoff check
    expect_status 0
    flush 0
    expect_queue 0
    expect_delivered 3
    expect_equal resting "$(metric 'account_resting{account="smarthost"}')" 0
}

# Who stays reads the secret for each session: no signal, no restart.
test_password_rotation_under_run()
{
    rotated sendoff.deliver=background sendoff.log=none
    "$E2E_PREFIX/bin/sendoff" run 2>run.err &
    started+=($!)
    expect_log ' auth PLAIN user bad'
    echo new | put config/password
    flush 0
    expect_delivered 3
    inject in bob@example.net
    # shellcheck disable=SC2016  # later
    within 20 eval '[ "$(delivered)" -eq 4 ]' || fail 'the next one was not sent'
    expect_equal 'logins refused' "$(count_log ' auth PLAIN user bad')" 1
}

# send_on: message after message, each with a flush, until ./stop is there; ./sent tells how many.
send_on()
{
    local n=0
    while [ ! -e stop ]; do
        sendmail -i bob@example.net <in && n=$((n + 1))
        sendoff flush
    done
    echo "$n" >sent
}

# Two logins, each with a file of its own: the config is what switches, and no login is refused at
# any moment.
test_login_rotation()
{
    local sender
    USERS='hosts-a:old hosts-b:new' start_smarthost
    write_config user=hosts-a "password_file=\"$DIR/config/hosts-a\""
    echo old | put config/hosts-a
    message >in
    send_on >/dev/null 2>&1 &
    sender=$!
    started+=("$sender")
    expect_log ' auth [^ ]* hosts-a ok'
    echo new | put config/hosts-b
    sed 's/hosts-a/hosts-b/' config/sendoff.conf | put config/sendoff.conf
    expect_log ' auth [^ ]* hosts-b ok'
    rm config/hosts-a
    : >stop
    wait "$sender"
    expect_queue 0
    expect_delivered "$(cat sent)"
    expect_not_in log ' auth .* bad$'
}

# A token that a program tells, or a file, is asked for with each session.
test_token_rotation()
{
    local key
    for key in token_file= token_command='/bin/cat '; do
        printf 'mechanisms "XOAUTH2"\n' | script
        USERS=user:fresh start_smarthost
        write_config password_file= "${key%%=*}=\"${key#*=}$DIR/config/token\""
        echo stale | put config/token
        several 1
        flush 75
        expect_queue 1
        echo fresh | put config/token
        flush 0
        expect_delivered 1
        stop_smarthost
        rm -r log mail
    done
}

# ---- Certificates that change.

# Ours and its key in one file change together.
test_client_certificate_renewal()
{
    printf 'mechanisms "EXTERNAL"\n' | script
    start_smarthost -a "$CERTS/ca.pem"
    write_config auth=EXTERNAL user= password_file= "tls_cert=\"$DIR/config/client.pem\""
    cat "$CERTS/expired.pem" "$CERTS/expired.key" | put config/client.pem
    several 1
    flush 75
    expect_queue 1
    cat "$CERTS/user.pem" "$CERTS/user.key" | put config/client.pem
    flush 0
    expect_delivered 1
    expect_log ' auth EXTERNAL user ok'
}

# Both authorities in one file, and the relay may change when it likes; a pin likewise.
test_authority_rotation()
{
    local pins='' cert
    for cert in good unknown; do
        pins="$pins $(openssl x509 -in "$CERTS/$cert.pem" -noout -pubkey |
            openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64)"
    done
    first_member
    end_member "$FIRST_PID"
    write_config "port=$FIRST" "tls_pin=\"${pins# }\"" "tls_ca_file=\"$DIR/config/ca.pem\""
    cat "$CERTS/ca.pem" "$CERTS/unknown.pem" | put config/ca.pem
    for cert in good unknown; do
        CERT=$cert first_member -p "$FIRST"
        several 1
        flush 0
        expect_of_first 1
        end_member "$FIRST_PID"
        rm -r first.mail
    done
}

# ---- Metrics

# They tell of a config that is wrong, too.
test_metrics_of_wrong_config()
{
    start_smarthost
    write_config
    expect_equal usable "$(metric config_usable)" 1
    write_config prot=25
    run sendoff status --metrics "$DIR/sendoff.prom"
    expect_in sendoff.prom '^sendoff_config_usable 0$'
    rm config/sendoff.conf
    run sendoff status --metrics "$DIR/sendoff.prom"
    expect_in sendoff.prom '^sendoff_config_usable 0$'
}
