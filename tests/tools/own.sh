# SPDX-License-Identifier: ISC
# Whole directories are removed by this alone, for all scripts of the tests: a variable that is
# empty, or has another value than somebody thought, must never cost more than what a test made.
# Sourced. What may go lies below a directory that the Makefile builds in (it has our paths.h), or
# below one that was claimed, or is such a one: those carry a mark. One is claimed only where
# nothing was before.
# shellcheck shell=sh

OWN_MARK=.made-by-tests

own_refuse()
{
    printf '%s: "%s": %s\n' "${0##*/}" "$1" "$2" >&2
    exit 70
}

# Absolute, and without "." and ".." on the way, which would lead elsewhere.
own_is_plain()
{
    case $1/ in
    /*/./* | /*/../* | //* | /./* | /../*) return 1 ;;
    /?*) return 0 ;;
    esac
    return 1
}

own_is_ours()
{
    own_at=$1
    own_is_plain "$own_at" || return 1
    while [ -n "$own_at" ]; do
        [ ! -f "$own_at/$OWN_MARK" ] || return 0
        if [ -f "$own_at/paths.h" ] && [ "$own_at" != "$1" ] &&
            head -n 1 "$own_at/paths.h" | grep -q '^// Made by the Makefile '; then
            return 0
        fi
        own_at=${own_at%/*}
    done
    return 1
}

# own_claim DIR: a directory to work in, made where there is none. The script ends where there is
# one with something in it that no test has made.
own_claim()
{
    own_is_plain "$1" || own_refuse "$1" 'no place for a test to work in'
    ! own_is_ours "$1" || { mkdir -p "$1" && return; }
    [ -z "$(ls -A "$1" 2>/dev/null)" ] ||
        own_refuse "$1" 'there is something in it that no test has made; choose an empty directory'
    { mkdir -p "$1" && : >"$1/$OWN_MARK"; } || own_refuse "$1" 'can not be made'
}

# own_remove PATH...: with all that is below, but not what is mounted there. What is not there is
# fine; what is not ours ends the script.
own_remove()
{
    for own_path; do
        own_is_ours "$own_path" || own_refuse "$own_path" 'no test has made this; not removed'
        rm -rf --one-file-system -- "${own_path:?}" || return
    done
}
