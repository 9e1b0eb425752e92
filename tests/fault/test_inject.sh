# SPDX-License-Identifier: ISC
# sendmail, killed at each of its system calls, and each call failed with each error that it may
# end in: exit 0 means that the message is there, all of it; anything else, that nothing is.
# shellcheck shell=bash

# shellcheck source=tests/fault/fault.sh
. "$(dirname "$CASE_FILE")/fault.sh"

ARGUMENTS=(-i -f alice@client.example bob@example.net carl@example.net)

# A message that takes several reads and writes.
prepare()
{
    own_system_spool
    start_smarthost
    write_config sendoff.deliver=queue
    message "one" >in
    seq -f 'line %.0f of a longer message' 6000 >>in
    IN_SIZE=$(stat -c %s in)
    inject in bob@example.net
    rm -f "$SPOOL"/new/*
}

# look_at DIRECTORY: adds to `whole_ones` the whole messages there; others are a fault.
look_at()
{
    local file
    files "$1"
    for file in "${found[@]}"; do
        if whole "$file"; then
            whole_ones=$((whole_ones + 1))
        else
            truncated=$((truncated + 1))
            problem "$hit: $file is not whole"
        fi
    done
}

killed()
{
    local n
    prepare
    for ((n = 1;; n++)); do
        broken -k -c "$CLASS" -n "$n" "$SENDMAIL" "${ARGUMENTS[@]}"
        [ -n "$hit" ] || break
        points=$((points + 1)) whole_ones=0
        [ "$status" -eq 137 ] || problem "$hit: it lives: $status"
        files "$SPOOL/new"
        [ ${#found[@]} -eq 0 ] || look_at "$SPOOL/new"
        for file in "${found[@]}"; do
            mv "$file" "$SPOOL/cur/"
        done
    done
    [ "$status" -eq 0 ] || problem "unbroken, it ends with $status"
    n=$(queued)
    [ "$n" -gt 1 ] || problem 'no kill came after the rename'
    flush 0
    [ "$(delivered)" -eq "$n" ] || lost=$((lost + n - $(delivered)))
    files "$SPOOL/tmp"
    LITTER="0 (${#found[@]} of kills, swept)"
    [ ${#found[@]} -gt 0 ] || problem 'no kill came while the file was in tmp'
    sweep
    finish 'sendmail killed'
}

test_killed()
{
    alone killed
}

# The first message makes the spool; whatever was left of that, the next one finds its way.
killed_at_first()
{
    local n
    prepare
    for ((n = 1;; n++)); do
        rm -rf "${SPOOL:?}"
        broken -k -c "$CLASS" -n "$n" "$SENDMAIL" "${ARGUMENTS[@]}"
        [ -n "$hit" ] || break
        points=$((points + 1)) whole_ones=0
        look_at "$SPOOL/new"
        run_with_input in "$SENDMAIL" "${ARGUMENTS[@]}"
        [ "$status" -eq 0 ] || problem "$hit: afterwards sendmail ends with $status"
        n_whole=$whole_ones whole_ones=0
        look_at "$SPOOL/new"
        [ $whole_ones -eq $((n_whole + 1)) ] || lost=$((lost + 1))
        for dir in tmp new cur .failed/tmp .failed/new .failed/cur; do
            [ -d "$SPOOL/$dir" ] || problem "$hit: $dir is not made afterwards"
        done
    done
    finish 'sendmail killed, first message'
}

test_killed_at_first()
{
    alone killed_at_first
}

# expect_verdict ERROR: the status is right for the call that failed (DESIGN 5.1).
expect_verdict()
{
    local want=75
    case $hit in
    'sendmail read fd=0 '*) want=74 ;;
    *) [ "$1" != EACCES ] || want=73 ;;
    esac
    [ "$1" != EINTR ] || want=0
    # Before main, the dynamic linker has its own ways to fail.
    [[ $hit != *'(ld.so)' ]] || return 0
    [ "$status" -eq $want ] || [ "$status" -eq 0 ] ||
        problem "$hit, $1: status $status, not $want: $(cat err)"
    [ "$status" -eq 0 ] || [ "$(wc -l <err)" -eq 1 ] || problem "$hit, $1: stderr: $(cat err)"
    [ "$status" -ne 0 ] || [ ! -s err ] || problem "$hit, $1: though all is well: $(cat err)"
}

# What there is now, in both spools, and nothing in tmp.
take_stock()
{
    whole_ones=0
    look_at "$SPOOL/new"
    [ $whole_ones -gt 0 ] || look_at "$OTHER/new"
    files "$SPOOL/tmp"
    litter=$((litter + ${#found[@]}))
    [ ${#found[@]} -eq 0 ] || problem "$hit, $error: litter"
    rm -f "$SPOOL"/{new,tmp}/* "$OTHER"/{new,tmp}/*
}

# failed_calls FRESH: with FRESH each message is the first one of its spool.
failed_calls()
{
    local n error
    for error in $ERRORS; do
        for ((n = 1;; n++)); do
            [ -z "$1" ] || rm -rf "${SPOOL:?}"
            broken -e "$error" -n "$n" "$SENDMAIL" "${ARGUMENTS[@]}"
            [ -n "$hit" ] || break
            points=$((points + 1))
            expect_verdict "$error"
            take_stock
            if [ "$status" -eq 0 ] && [ $whole_ones -ne 1 ]; then
                lost=$((lost + 1))
                problem "$hit, $error: exit 0, and $whole_ones messages"
            elif [ "$status" -ne 0 ] && [ $whole_ones -ne 0 ]; then
                problem "$hit, $error: exit $status, and the message is queued"
            fi
        done
        [ "$n" -gt 1 ] || problem "no call can fail with $error"
        take_stock
    done
}

failing()
{
    prepare
    failed_calls ''
    finish "sendmail's calls failed"
}

test_failing()
{
    alone failing
}

failing_at_first()
{
    prepare
    failed_calls fresh
    finish "sendmail's calls failed, first message"
}

test_failing_at_first()
{
    alone failing_at_first
}

# The same by SMTP on stdin: what is answered with 250 is there, what is not there is not.
prepare_dialogue()
{
    prepare
    MESSAGE=text
    mv in text
    {
        printf '%s\r\n' 'EHLO here' 'MAIL FROM:<alice@client.example>' \
            'RCPT TO:<bob@example.net>' DATA
        sed 's/^\./../; s/$/\r/' text
        printf '.\r\nQUIT\r\n'
    } >in
    IN_SIZE=$(stat -c %s text)
}

# The message was accepted: a 250 came after the 354.
accepted()
{
    sed -n '/^354/,$p' out | grep -q '^250'
}

dialogue_killed()
{
    local n
    prepare_dialogue
    for ((n = 1;; n++)); do
        broken -k -c "$CLASS" -n "$n" "$SENDMAIL" -bs
        [ -n "$hit" ] || break
        points=$((points + 1)) whole_ones=0
        look_at "$SPOOL/new"
        if accepted && [ $whole_ones -eq 0 ]; then
            lost=$((lost + 1))
            problem "$hit: accepted, and not there"
        fi
        rm -f "$SPOOL"/{new,tmp}/*
    done
    accepted || problem 'unbroken, it accepts nothing'
    finish 'sendmail -bs killed'
}

test_dialogue_killed()
{
    alone dialogue_killed
}

dialogue_failing()
{
    local n error
    prepare_dialogue
    for error in $ERRORS; do
        for ((n = 1;; n++)); do
            broken -L -e "$error" -n "$n" "$SENDMAIL" -bs
            [ -n "$hit" ] || break
            points=$((points + 1))
            take_stock
            if accepted && [ $whole_ones -ne 1 ]; then
                lost=$((lost + 1))
                problem "$hit, $error: accepted, and $whole_ones messages"
            elif ! accepted && [ $whole_ones -ne 0 ]; then
                # What says so may be what failed.
                [[ $hit == 'sendmail write fd=1 '* ]] ||
                    problem "$hit, $error: queued, and not accepted: $(tail -n 1 out)"
            fi
        done
        [ "$n" -gt 1 ] || problem "no call can fail with $error"
        take_stock
    done
    finish "sendmail -bs, calls failed"
}

test_dialogue_failing()
{
    alone dialogue_failing
}
