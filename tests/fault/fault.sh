# SPDX-License-Identifier: ISC
# What the fault cases share, on top of tests/e2e/lib.sh: breaking a program at a system call,
# looking at what is left, and the row of the table that says how it went.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the cases use them

HERE=$(dirname "$CASE_FILE")
TRACER=$E2E_TOOLS/tracer
SENDMAIL=$E2E_PREFIX/sbin/sendmail
SENDOFF=$E2E_PREFIX/bin/sendoff
# FAULT is "short" or "long"; MESSAGES and WRITERS are those of stress.
# shellcheck source=/dev/null
. "$E2E_WORK/parameters"

# A whole machine dies at any call, a short test only where there is something to be seen.
CLASS=all ERRORS='ENOSPC EIO EDQUOT EINTR ENOMEM EACCES ENFILE'
if [ "$FAULT" = short ]; then
    CLASS=change ERRORS='ENOSPC EIO EINTR'
fi

# Containers may refuse it.
"$TRACER" /bin/true 2>/dev/null || skip 'ptrace is refused here'

points=0 lost=0 truncated=0 duplicates=0 litter=0 problems=0

# Goes on, so that a failure does not hide others; `finish` ends the case.
problem()
{
    problems=$((problems + 1))
    [ $problems -gt 20 ] || printf 'PROBLEM: %s\n' "$*"
}

# finish WHAT: the row, and the verdict.
finish()
{
    printf '%s|%d|%d|%d|%s|%s\n' "$1" $points $lost $truncated \
        "${DUPLICATES:-$duplicates}" "${LITTER:-$litter}" >"$DIR/row"
    flock "$E2E_WORK/print" tee -a "$E2E_WORK/table" <"$DIR/row"
    [ $((problems + lost + truncated + litter)) -eq 0 ] || fail "$problems problems"
}

# broken OPTION... COMMAND...: runs it under the tracer, with ./in as its input; sets `status`,
# and `hit` to the call that was broken, or to "" where there was none.
broken()
{
    local verdict
    status=0
    : >hit
    "$TRACER" -T 60 -r hit "$@" <in >out 2>err || status=$?
    read -r verdict hit <hit || fail "the tracer says nothing: status $status, $*"
    [ "$verdict" = hit ] || hit=
    [ "$status" -ne 124 ] || problem "$hit: not done within a minute"
}

# whole FILE: a file of the spool that holds the message ./in, or $MESSAGE, to its last octet, and
# says so.
whole()
{
    local line
    IFS= read -r line <"$1" || return 1
    [[ $line =~ ^Sendoff-Spool:\ 1\ block=0*([0-9]+)\ octets=0*([0-9]+)\  ]] &&
        cmp -s -i "${BASH_REMATCH[1]}:0" "$1" "${MESSAGE:-in}" &&
        [ "${BASH_REMATCH[2]}" -eq "$IN_SIZE" ]
}

# files DIRECTORY: sets `found` to the paths of all files in it.
files()
{
    shopt -s nullglob
    found=("$1"/*)
    shopt -u nullglob
}

# Where a message goes that finds no config: a system spool of this case's own. Only root may
# mount it; others have a home.
own_system_spool()
{
    if [ "$(id -u)" -eq 0 ]; then
        mkdir -p "$DIR/var/spool/sendoff/0"
        chmod 1733 "$DIR/var/spool/sendoff"
        chmod 700 "$DIR/var/spool/sendoff/0"
        mount --bind "$DIR/var" "$E2E_PREFIX/var"
        OTHER=$DIR/var/spool/sendoff/0
    else
        export HOME=$DIR/home
        mkdir -p "$HOME"
        OTHER=$HOME/.local/state/sendoff/spool
    fi
}

# alone FUNCTION: the case goes on in FUNCTION, where it may mount what it likes.
alone()
{
    if [ "$(id -u)" -eq 0 ]; then
        on_its_own "$1" -m
    else
        "$1"
    fi
}

# What was killed leaves a file in tmp: a pass takes it away when it is 36 hours old.
sweep()
{
    find "$SPOOL/tmp" -type f -exec touch -d '37 hours ago' {} +
    flush 0
    files "$SPOOL/tmp"
    litter=$((litter + ${#found[@]}))
}
