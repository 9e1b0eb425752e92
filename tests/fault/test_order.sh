# SPDX-License-Identifier: ISC
# What is on the disk when: the order of writes, syncs, renames and what is said of them, read
# from a trace; and that order.awk would see it if a sync were missing.
# shellcheck shell=bash

# shellcheck source=tests/fault/fault.sh
. "$(dirname "$CASE_FILE")/fault.sh"

several=

read_order()
{
    awk -v several="$several" -f "$HERE/order.awk" "$1" >order
}

# in_order TRACE REGEX: no breach, and that much was there to be judged.
in_order()
{
    read_order "$1"
    points=$((points + $(wc -l <"$1")))
    ! grep BREACH order || problem "$1: out of order"
    expect_in order "$2"
}

# in_disorder TRACE LINE: without a line like that one the order is wrong, and it shows.
in_disorder()
{
    local n=0 at
    while read -r at; do
        n=$((n + 1))
        read_order <(sed "${at}d" "$1")
        grep -q BREACH order || problem "$1: line $at is not missed: $(sed -n "${at}p" "$1")"
    done < <(grep -nE "$2" "$1" | cut -d: -f1)
    [ $n -gt 0 ] || fail "no line like $2 in $1"
    points=$((points + n))
}

test_injection()
{
    start_smarthost
    write_config sendoff.deliver=queue
    message one >in
    broken -t first "$SENDMAIL" -i bob@example.net
    expect_status 0
    in_order first 'published=1 .* exits=1$'
    expect_in first '^sendmail syncfs '
    broken -t second "$SENDMAIL" -i bob@example.net
    expect_status 0
    in_order second 'published=1 .* exits=1$'
    expect_not_in second '^sendmail syncfs '
    in_disorder second '^sendmail fsync '
    # And one after the other: the file, its name, the directory, the end.
    grep -oE '^sendmail (pwrite64|fsync|renameat2|exit_group)' second >steps
    printf 'sendmail %s\n' pwrite64 fsync renameat2 fsync exit_group | diff - steps ||
        problem 'other steps'
    finish 'order of syncs: injection'
}

test_flush()
{
    script <<'OF_SCRIPT'
on RCPT has=slow@ reply "451 4.7.1 come back later"
on RCPT has=gone@ reply "550 5.1.1 no such user"
OF_SCRIPT
    start_smarthost
    write_config sendoff.bounce= sendoff.deliver=queue
    message one >in
    for to in bob 'bob slow' 'bob gone' gone; do
        # shellcheck disable=SC2046  # it is several words
        inject in $(printf '%s@example.net ' $to)
    done
    several=$(cd "$SPOOL/new" && grep -c '^Sendoff-Recipient' -- * | sed -n 's/:2$//p' | xargs)
    broken -t trace "$SENDOFF" flush
    expect_status 75
    in_order trace 'published=2 .* removals=3 told=6 unlocked=1 '
    in_disorder trace '^sendoff fsync fd=[0-9]+ /.*/(new|tmp|cur)'
    finish 'order of syncs: flush'
}
