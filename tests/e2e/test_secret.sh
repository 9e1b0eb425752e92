# SPDX-License-Identifier: ISC
# Where secrets come from, and that they do not stay anywhere.
# shellcheck shell=bash

SECRET=Sesame-$$-plugh # no other case's
MARKER=user-of-4711-xyzzy

# forms: the secret as it is, as LOGIN and as PLAIN say it, and what any base64 that holds it holds,
# wherever it begins there.
forms()
{
    local before form
    printf '%s\n' "$SECRET" "$(printf %s "$SECRET" | base64 -w 0)" \
        "$(printf '\0%s\0%s' "$MARKER" "$SECRET" | base64 -w 0)"
    for before in '' x xx; do
        form=$(printf %s "$before$SECRET" | base64 -w 0)
        form=${form:4}
        printf '%s\n' "${form::-4}"
    done
}

# tell SCRIPT...: a program, ./tell, that tells the secret.
tell()
{
    [ -z "$E2E_WRAP" ] || skip 'valgrind follows into it and wants more environment'
    printf '#!/bin/sh\n' >tell
    printf '%s\n' "$@" >>tell
    chmod 700 tell
}

# asked [KEY=VALUE...]: a config that asks it.
asked()
{
    write_config password_file= "password_command=\"$DIR/tell\"" "$@"
}

# ---- password_command

test_command()
{
    # shellcheck disable=SC2016  # the script's
    tell 'echo "$#:$1:$2:$HOME:$LANG:$SENDOFF_CONFIG" >'"$DIR/called" 'pwd >>'"$DIR/called" \
        'echo secret' 'echo notes'
    start_smarthost
    write_config password_file= "password_command=\"$DIR/tell  one it's\""
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_equal 'what it saw' "$(cat called)" "2:one:it's:$(getent passwd "$(id -u)" | cut -d: -f6):C:
/"
}

# told KEY=VALUE... is refused as wrong, before anything is queued or sent.
wrong()
{
    write_config "$@"
    run sendoff check
    expect_status 78
}

test_one_secret_only()
{
    start_smarthost
    wrong "password_command=$DIR/tell"
    expect_in out 'password_command: there is a password_file too'
    wrong "token_command=$DIR/tell"
    expect_in out 'token_command: there is a password_file too'
    wrong password_file= password_command=tell
    expect_in out "password_command: 'tell' is no absolute path"
    wrong password_file=
    expect_in out 'password_file: is missing'
}

# failing WHY: nothing is sent, nothing is lost, and the reason is told.
failing()
{
    start_smarthost
    asked
    message >in
    inject in bob@example.net
    run sendoff flush
    expect_status 75 78
    expect_queue 1
    expect_in err "$1"
    expect_not_in err "$SECRET"
    expect_no_credentials
}

test_command_fails()
{
    tell "echo $SECRET" 'echo the store is locked >&2' 'exit 9'
    failing "secret: $DIR/tell: ended with status 9: the store is locked"
}

test_command_killed()
{
    tell 'kill -SEGV $$'
    failing 'was ended by signal 11'
}

test_command_absent()
{
    failing "secret: $DIR/tell: can not be started: No such file"
}

test_command_says_nothing()
{
    tell true
    failing 'what it prints is empty'
}

test_command_says_too_much()
{
    tell "yes $SECRET"
    failing 'says more than 64 KiB'
}

test_command_hangs()
{
    tell 'trap "" TERM' 'sleep 1000'
    elapsed failing 'did not end within 30 s'
    [ "$ELAPSED" -ge 29000 ] || fail 'it was not waited for'
    expect_faster 55000
}

# A signal to sendoff does not wait for it.
test_command_interrupted()
{
    tell "echo >$DIR/begun" 'exec sleep 1000'
    start_smarthost
    asked
    message >in
    inject in bob@example.net
    "$E2E_PREFIX/bin/sendoff" flush >out 2>err &
    started+=($!)
    within 5 test -e begun || fail 'it was not asked'
    kill "$!"
    elapsed wait "$!" || true
    expect_faster 15000
    expect_queue 1
}

# A login that is refused: the program is asked once more, in case its answer was too old. It is
# right then.
test_asked_again()
{
    tell "[ -e $DIR/first ] && echo secret || { echo stale; >$DIR/first; }"
    start_smarthost
    asked auth=PLAIN
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_equal attempts "$(count_log ' auth ')" 2
}

# And not for ever.
test_refused_twice()
{
    tell "echo x >>$DIR/calls" 'echo stale'
    start_smarthost
    asked auth=PLAIN
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_equal calls "$(wc -l <calls)" 2
    expect_equal attempts "$(count_log ' auth ')" 2
}

# A file's password is not tried twice.
test_file_refused_once()
{
    PASSWORD=guess one_waits auth=PLAIN
    flush 75
    expect_equal attempts "$(count_log ' auth ')" 1
}

# ---- Who can read it

test_credentials_directory()
{
    start_smarthost
    write_config
    mkdir credentials
    mv config/password credentials/password
    chmod 440 credentials/password
    chgrp 1 credentials/password 2>/dev/null || chmod 444 credentials/password
    write_config "password_file=\"$DIR/credentials/password\""
    run sendoff check
    expect_status 78
    expect_in out 'fail secret: .*can be read by others'
    export CREDENTIALS_DIRECTORY=$DIR/credentials
    run sendoff check
    expect_status 0
    expect_in out 'warn secret: .*others can read it, which is forgiven there'
}

with_one_uid()
{
    start_smarthost
    write_config
    chmod 644 config/password
    run sendoff check
    expect_status 0
    expect_in out 'warn secret: .*forgiven where there is one uid only'
}

test_one_uid_only()
{
    on_its_own with_one_uid -r
}

# ---- Where it must not be

# absent FILE...: no form of it is in any of them.
absent()
{
    if forms | grep -rlaF -f - -- "$@" 2>/dev/null; then
        fail 'the secret is there'
    fi
}

# Command lines and environments of all processes but the smarthost's, which was told it in argv.
absent_from_processes()
{
    local place
    forms >forms
    for place in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
        case $place in "/proc/$SMARTHOST/"*) continue ;; esac
        if { tr '\0' '\n' <"$place" | grep -qaF -f forms; } 2>/dev/null; then
            fail "the secret is in $place"
        fi
    done
    rm forms
}

# remembered PID: which forms of it, and whether the user's name, are in its memory.
remembered()
{
    { forms && printf '%s\n' "$MARKER"; } | "$E2E_TOOLS/memory" "$1"
}

# slow EVENT MECHANISM [KEY=VALUE...]: a message for a smarthost that falls silent there. The secret
# goes on with $TAIL.
slow()
{
    need_root
    [ -z "$E2E_WRAP" ] || skip 'memory is valgrind'"'"'s, too'
    local event=$1 mechanism=$2 tail=${TAIL-}
    shift 2
    start_smarthost
    write_config
    has_walls || skip "memory is the sanitizers', too"
    stop_smarthost
    rm log
    USERS=$MARKER:$SECRET$tail hold "$event" "$mechanism"
    PASSWORD=$SECRET$tail write_config user="$MARKER" auth="$mechanism" timeout_command=50s "$@"
    message >in
    inject in bob@example.net
}

# Before AUTH is over it is in submit's memory: this is how a search would find it.
test_memory_before()
{
    slow AUTH PLAIN
    flush_until ' AUTH'
    remembered "$SUBMIT" >found
    grep -qx "$MARKER" found || fail 'not even the name is found'
    grep -qxF "$SECRET" found || fail 'the secret is not found where it must be'
    absent_from_processes
    end_flush
}

# Afterwards it is nowhere.
forgotten()
{
    slow MAIL "$@"
    flush_until 'MAIL FROM'
    remembered "$SUBMIT" >found
    expect_equal "found in submit's memory ($*)" "$(cat found)" "$MARKER"
    remembered "$FLUSH" >found
    expect_equal "found in sendoff's memory ($*)" "$(cat found)" "$MARKER"
    absent_from_processes
    end_flush
    stop_smarthost
    absent out err "$SPOOL"
    find "${SPOOL:?}" -type f -delete
    rm -f log
}

test_memory_after()
{
    local mechanism
    for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
        forgotten "$mechanism"
    done
}

test_memory_after_command()
{
    tell "echo $SECRET"
    forgotten PLAIN password_file= "password_command=\"$DIR/tell\""
}

test_memory_after_token()
{
    local mechanism TAIL
    for mechanism in OAUTHBEARER XOAUTH2; do
        for TAIL in '' "$(printf '%9000s' | tr ' ' x)"; do
            forgotten $mechanism password_file= "token_file=\"$DIR/config/password\""
        done
    done
}

# Queue, report, log and dialogue, where all goes well and where it does not.
test_written_nowhere()
{
    local mechanism files
    script <<'END'
on RCPT has=nobody reply "550 5.1.1 no such user"
END
    for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256; do
        USERS=$MARKER:$SECRET start_smarthost
        PASSWORD=$SECRET write_config user="$MARKER" auth="$mechanism" \
            from=alice@client.example sendoff.bounce=sender
        message >in
        inject in bob@example.net nobody@example.net
        run sendoff -v flush
        expect_status 0 75
        expect_log "auth $mechanism $MARKER ok"
        cp out out.first
        cp err err.first
        expect_in err "AUTH $mechanism"
        run sendoff -v flush
        PASSWORD=$SECRET write_config user="$MARKER" auth="$mechanism" sendoff.log=none
        run sendoff -v check
        expect_in out "AUTH: $mechanism as $MARKER"
        stop_smarthost
        # The smarthost's mail and log, with the report, are here, too.
        mapfile -t files < <(find . -type f ! -path './config/*')
        absent "${files[@]}"
        rm -rf log mail "${SPOOL:?}"
    done
}
