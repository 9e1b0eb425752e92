# SPDX-License-Identifier: ISC
# The machine that the tests run on stays as it was: what an installation of sendoff has at its
# usual places, and was not there before, is not there afterwards. (What is there may change: that
# installation is at work.) Sourced.
# shellcheck shell=sh

UNTOUCHED=

# untouched_begin: notes what is not there.
untouched_begin()
{
    for untouched_place in /etc/sendoff /run/sendoff /var/lib/sendoff /var/spool/sendoff; do
        [ -e "$untouched_place" ] || UNTOUCHED="$UNTOUCHED $untouched_place"
    done
}

# untouched_end: prints what came to be there, and is false then.
untouched_end()
{
    untouched_status=0
    for untouched_place in $UNTOUCHED; do
        if [ -e "$untouched_place" ]; then
            printf '%s was not there before the tests\n' "$untouched_place"
            untouched_status=1
        fi
    done
    return $untouched_status
}
