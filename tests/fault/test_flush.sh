# SPDX-License-Identifier: ISC
# A flush, of which sendoff or sendoff-submit is killed at each of its system calls, or a call of
# which fails (oracle.sh judges).
# shellcheck shell=bash

# shellcheck source=tests/fault/fault.sh
. "$(dirname "$CASE_FILE")/fault.sh"
# shellcheck source=tests/fault/oracle.sh
. "$HERE/oracle.sh"

# sweep_kills PROGRAM
sweep_kills()
{
    local n swept=0
    prepare
    for ((n = 1;; n++)); do
        reset
        broken -k -c "$CLASS" -n "$n" -p "$1" "$SENDOFF" flush
        [ -n "$hit" ] || break
        points=$((points + 1))
        take_stock
        swept=$((swept + left))
        recover
        judge
    done
    [ "$status" -eq 75 ] || problem "unbroken, it ends with $status"
    take_stock
    recover
    judge
    LITTER="0 ($swept of kills)"
    DUPLICATES="$duplicates (accepted, not settled)"
    [ $duplicates -gt 0 ] || problem 'no kill came between acceptance and settling'
    finish "$1 killed"
}

test_kill_sendoff()
{
    sweep_kills sendoff
}

test_kill_submit()
{
    sweep_kills sendoff-submit
}

# sweep_errors PROGRAM ERROR...
sweep_errors()
{
    local n program=$1 error
    shift
    prepare
    for error; do
        for ((n = 1;; n++)); do
            reset
            broken -L -c "$CLASS" -e "$error" -n "$n" -p "$program" "$SENDOFF" flush
            [ -n "$hit" ] || break
            points=$((points + 1))
            hit="$hit, $error"
            [ "$status" -lt 124 ] || problem "$hit: it ends with $status: $(cat err)"
            [ "$status" -eq 0 ] || [ -s err ] || problem "$hit: it says nothing"
            take_stock
            litter=$((litter + left))
            recover
            judge
        done
        [ "$n" -gt 1 ] || problem "no call can fail with $error"
    done
    DUPLICATES="$duplicates (in doubt)"
    finish "$program's calls failed: $*"
}

test_errors_sendoff()
{
    # shellcheck disable=SC2086  # it is several words
    sweep_errors sendoff $ERRORS
}

test_errors_submit()
{
    # shellcheck disable=SC2086
    sweep_errors sendoff-submit $ERRORS
}
