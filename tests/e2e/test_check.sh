# SPDX-License-Identifier: ISC
# sendoff check: what each step says, what mends it, and the exit status.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # backticks that are meant; between here and lib.sh

# Nothing of a message may have come.
expect_nothing_sent()
{
    expect_delivered 0
    expect_not_in log ' (DATA|BDAT)'
}

test_all_is_well()
{
    USERS=user:swordfish start_smarthost
    printf 'root: ada@example.net\n' >aliases
    PASSWORD=swordfish write_config sender=force from=me@isp.example
    run sendoff check
    expect_status 0
    local step
    for step in config spool domain aliases "root's mail" sender secret walls DNS TCP TLS EHLO \
        AUTH MAIL RCPT bell queue; do
        expect_in out "^(pass|warn) $step: "
    done
    expect_in out "^pass root's mail: mail for root goes to ada@example.net\$"
    expect_in out '^pass TCP: it took [0-9]+ ms'
    expect_in out '^pass AUTH: offered: .*PLAIN'
    expect_in out '^pass MAIL: from <me@isp.example>: taken$'
    expect_in out '^pass RCPT: to <me@isp.example>: taken, and taken back: nothing was sent$'
    expect_in out '^all is well(, but for [0-9]+ warnings?: [a-z, ]+)?$'
    expect_log 'RSET'
    expect_nothing_sent
    expect_not_in out swordfish
    expect_not_in err .
}

# One object a line, and nothing else.
test_json()
{
    start_smarthost
    write_config
    run sendoff check --json
    expect_status 0
    expect_not_in out '^[^{]'
    expect_not_in out '[^}]$'
    expect_in out '"step":"AUTH","verdict":"pass"'
    if command -v python3 >python; then
        python3 -c 'import json,sys; [json.loads(l)["verdict"] for l in sys.stdin]' <out
    fi
}

test_no_config()
{
    HOME=$DIR run sendoff check
    expect_status 78
    expect_in out '^fail config: '
    expect_in out 'fix: .*sendoff setup'
}

test_dead_port()
{
    dead_port
    write_config
    run sendoff check
    expect_status 75
    expect_in out '^fail TCP: .*refused'
    expect_in out 'fix: nobody listens there'
    expect_in out '^1 step failed: TCP$'
}

test_wrong_password()
{
    start_smarthost
    PASSWORD=guess write_config
    run sendoff check
    expect_status 75 78
    expect_in out '^fail AUTH: .*535'
    expect_in out 'fix: .*app password'
}

test_other_tls()
{
    MODE=starttls start_smarthost
    MODE=implicit write_config
    run sendoff check
    expect_in out '^fail TLS: '
    expect_in out 'fix: port 465 wants tls = implicit'
}

# Below 1024 only root's server can be there; from there on anybody's.
test_clear_on_a_port_of_anybody()
{
    MODE=plain start_smarthost
    MODE=none write_config tls_ca_file=
    run sendoff check
    expect_status 0
    expect_in out "^warn TLS: none, and port $PORT is not root's alone: .* and the password"
    expect_in out 'fix: .*tls_pin'
    # In the log of each flush it would be noise.
    message >message
    inject message bob@example.net
    flush 0
    expect_not_in err 'listen'
}

# The smarthost lets us in, but not send as that.
test_sender_refused()
{
    printf 'on MAIL reply "553 5.7.1 not owned by you"\n' | script
    start_smarthost
    write_config
    run sendoff check
    expect_status 78
    expect_in out '^fail MAIL: <.*@client.example>: 553 5.7.1 not owned by you$'
    expect_in out 'fix: .*sender = force'
    expect_nothing_sent
}

test_recipient_put_off()
{
    printf 'on RCPT reply "450 4.2.0 greylisted"\n' | script
    start_smarthost
    write_config sendoff.local_to=ada@example.net
    run sendoff check
    expect_status 75
    expect_in out '^pass MAIL: '
    expect_in out '^fail RCPT: <ada@example.net>: 450 4.2.0 greylisted$'
    expect_nothing_sent
}

test_aliases_are_looked_through()
{
    start_smarthost
    printf 'root: |/bin/program\n' >aliases
    write_config
    run sendoff check
    expect_status 0
    expect_in out '^warn aliases: .*aliases:1'
    expect_in out "^warn root's mail: mail for root goes to root@client.example\$"
    expect_in out 'fix: .*local_to'
}

test_send()
{
    start_smarthost
    write_config
    run sendoff check --send bob@example.net
    expect_status 0
    expect_in out '^pass test mail: [0-9A-F]+: the smarthost has taken it for bob@example.net$'
    expect_delivered 1
    expect_queue 0
    expect_in mail/00000001.eml '^Subject: test mail from '
    expect_in mail/00000001.eml '^RCPT TO:<bob@example.net>'
}

test_send_refused()
{
    printf 'on DOT reply "554 5.2.252 SendAsDenied"\n' | script
    start_smarthost
    write_config
    run sendoff check --send bob@example.net
    expect_status 75 78
    expect_in out '^fail test mail: .*5\.2\.252'
}

test_send_to_nobody()
{
    start_smarthost
    write_config
    run sendoff check --send 'bob'
    [ "$status" -ne 0 ] || fail 'bob has no domain'
    run sendoff check --send
    expect_status 64
    expect_queue 0
}

# ---- Why mail does not go, in one command. status tells it as well.

# tells CHECK STATUS: what both say.
tells()
{
    run sendoff check
    expect_in out "$1"
    run sendoff status
    expect_in out "$2"
}

test_held()
{
    start_smarthost
    write_config
    message >message
    inject message bob@example.net
    run sendoff queue hold ALL
    tells '^     `sendoff queue release ID`, or ALL, lets go what is held$' \
        '^         fix: `sendoff queue release ID`, or ALL'
}

test_put_off()
{
    printf 'on RCPT has=later reply "450 4.2.0 greylisted"\n' | script
    start_smarthost
    write_config
    message >message
    inject message later@example.net
    inject message later@example.net
    flush 75
    inject message bob@example.net
    tells '^     2 waiting: 450 4.2.0 greylisted$' '^         2 waiting: 450 4.2.0 greylisted$'
    expect_in out '^         1 waiting: not tried yet$'
}

# Each step passes, and still nothing goes: the account is told to wait.
test_quota()
{
    printf 'on DOT reply "550 5.4.5 Daily user sending limit exceeded"\n' | script
    start_smarthost
    write_config
    message >message
    inject message bob@example.net
    flush 75
    tells '^warn queue: the account rests, next try in [0-9]+[sm], after trouble: 550 5.4.5 Daily' \
        'rests, next try in [0-9]+[sm]; in trouble for 1 session: 550 5.4.5 Daily'
    expect_in out '^         fix: the provider allows so much mail'
    run sendoff check
    expect_in out '^all is well, but for .*queue$'
    expect_in out 'fix: the provider allows so much mail'
}

test_refused_login_at_rest()
{
    start_smarthost
    PASSWORD=guess write_config
    message >message
    inject message bob@example.net
    flush 75
    # The code stands there once.
    tells '^warn queue: .*trouble: AUTH [A-Z0-9-]+: 535 5' \
        '1 session: AUTH [A-Z0-9-]+: 535 5'
    expect_in out '^         fix: `user` or the password is wrong'
}

test_timer()
{
    start_smarthost
    write_config
    # Where the tests run there may be one.
    tells '^(pass|warn) timer: ' '^timer    (none was found|the systemd timer|.*cron|who listens)'
}

test_foreign_spool()
{
    start_smarthost
    write_config
    printf x >spool
    tells '^fail spool: .*not a directory' '^queue    can not be read: .*not a directory'
    expect_status 75
    expect_in out '^         fix: give it back'
    expect_in out '^account  smarthost: not used yet$'
    run sendoff check
    expect_in out '^1 step failed: spool$'
}

inner_no_room()
{
    start_smarthost
    write_config
    mkdir spool
    mount -t tmpfs -o size=100k,mode=700 none spool || skip 'can not mount here'
    message >message
    inject message bob@example.net
    head -c 200000 /dev/zero >spool/fill 2>/dev/null || true
    tells '^fail spool: .*no message can be queued: No space left' \
        '^         no message can be queued: No space left'
    expect_in out '^         fix: make room'
    rm spool/fill
    tells '^warn spool: .*K free$' '^queue    1 message'
    expect_not_in out 'no message can be queued'
    mount -o remount,ro spool
    tells '^fail spool: .*no message can be queued: Read-only' \
        '^         no message can be queued: Read-only'
    mount -o remount,rw spool
    expect_equal 'files in tmp' "$(count_files spool/tmp)" 0
}

test_no_room()
{
    on_its_own inner_no_room -m
}
