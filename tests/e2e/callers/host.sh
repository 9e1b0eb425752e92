# SPDX-License-Identifier: ISC
# A host on which sendoff is installed as /usr/sbin/sendmail, in system mode, and on which real
# programs call it: a mount namespace in which the installation ($E2E_STAGE) and the unpacked
# packages ($E2E_CALLERS, see fetch) lie over /usr, /etc and /var. The machine stays as it is.
# Sourced by the case files beside it, in the words of tests/e2e/lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119  # between here and lib.sh

# lies_over DIRECTORY: what was installed and unpacked shows there; what is written goes to
# memory. The little for /etc and /var goes there at once, as the layers may themselves lie
# somewhere below /var, and may not be each other's. So may the case: hence relative names.
lies_over()
{
    local lower=$1 layer upper=host/upper$1 work=host/work$1
    mkdir -p "$upper" "$work"
    for layer in "$E2E_CALLERS/root$1" "$E2E_STAGE$1"; do
        case $1 in
        /usr) lower=$layer:$lower ;;
        *) [ ! -d "$layer" ] || cp -a "$layer/." "$upper" ;;
        esac
    done
    mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work" overlay "$1" ||
        skip 'overlay mounts are refused here'
}

# The spools of users, cron and at, as packages would make them.
make_spools()
{
    mount -t tmpfs -o mode=755 none /var/spool
    mount -t tmpfs -o mode=755 none /run
    install -d -m 1733 /var/spool/sendoff
    install -d -m 700 /var/spool/sendoff/0
    install -d /var/spool/cron
    install -d -m 1730 /var/spool/cron/crontabs
    install -d -m 1770 -o daemon -g daemon /var/spool/cron/at{jobs,spool}
    install -m 600 -o daemon -g daemon /dev/null /var/spool/cron/atjobs/.SEQ
}

# host_config [KEY=VALUE...]: the config of the whole host, made from the personal one. What is
# due waits for `flush`, so that a case sees one thing at a time.
# shellcheck disable=SC2120  # most need none
host_config()
{
    write_config sendoff.spool= sendoff.aliases=/etc/aliases sendoff.deliver=queue "$@"
    unset SENDOFF_CONFIG
    install -d /etc/sendoff
    install -m 644 config/sendoff.conf /etc/sendoff/sendoff.conf
    printf 'root: admin@example.net\n' >/etc/aliases
}

# on_the_host CALLER: first line of a case. The rest of it runs on such a host, with a
# smarthost; it is skipped where the caller could not be had.
on_the_host()
{
    if [ -z "${ON_THE_HOST-}" ]; then
        [ ! -s "$E2E_CALLERS/missing/$1" ] || skip "$1: $(cat "$E2E_CALLERS/missing/$1")"
        export ON_THE_HOST=yes
        on_its_own "${FUNCNAME[1]}" -m
    fi
    mkdir -p "$DIR/host" "$DIR/home"
    mount -t tmpfs none "$DIR/host" || skip 'can not mount here'
    for directory in /usr /etc /var; do
        lies_over $directory
    done
    make_spools
    cd "$DIR" || exit
    E2E_PREFIX=/usr SPOOL=/var/spool/sendoff
    # s-nail asks passwd for the home, but not for the place of its dead letters.
    export HOME=$DIR/home DEAD=$DIR/home/dead.letter LANG=C.UTF-8
    start_smarthost
    host_config
}

# No message can be stored any more, by root neither. What is said then is $NO_ROOM.
NO_ROOM='Read-only file system'
close_spools()
{
    mount -t tmpfs -o ro none /var/spool/sendoff
}

# as_user NAME COMMAND...
as_user()
{
    setpriv --reuid "$1" --regid "$(id -g "$1")" --clear-groups "${@:2}"
}

# call COMMAND...: a caller does its work, with success and without a word.
call()
{
    run "$@"
    expect_status 0
    if [ -s out ] || [ -s err ]; then
        fail "it is to be silent: $(cat out err)"
    fi
}

# waiting: how many messages wait, in all spools together.
waiting()
{
    find "$SPOOL" \( -path '*/new/*' -o -path '*/cur/*' \) -type f | wc -l
}

# For those who send behind their caller's back.
some_wait()
{
    [ "$(waiting)" -gt 0 ]
}

# deliver N: all that waits goes out, and then so many messages have arrived in all.
deliver()
{
    flush 0
    expect_delivered "$1"
    expect_equal 'messages that wait' "$(waiting)" 0
}

# expect_envelope N SENDER RECIPIENT...
expect_envelope()
{
    local number=$1 got
    got=$(envelope "$number" | grep -Eio '^(MAIL FROM|RCPT TO):<[^>]*>' | sed 's/.*<//; s/>$//')
    shift
    expect_equal "the envelope of message $number" "$got" "$(printf '%s\n' "$@")"
}

# is_text WHAT [SED-SCRIPT...]: ./plain is what is read from stdin; a complaint calls it WHAT.
# What differs from run to run stands there as "*": the values of Date and Message-ID, and what
# the scripts make a "*".
is_text()
{
    local what=$1 script scripts=()
    shift
    cat >want
    for script; do
        scripts+=(-e "$script")
    done
    sed -E -e 's/^(Date): [A-Z][a-z]{2}, .*/\1: */' \
        -e 's/^(Message-I[Dd]): <[^<>@ ]+@[^<>@ ]+>$/\1: */' \
        ${scripts+"${scripts[@]}"} plain >got
    diff want got || fail "$what is not as it was sent"
}

# expect_text N [SED-SCRIPT...]: the Nth message that arrived, as is_text reads it. On the wire
# each line ends with CRLF, and there is no other CR.
expect_text()
{
    arrived "$1" >wire
    if [ "$(sed -z 's/\r\n//g' wire | tr -cd '\r\n' | wc -c)" -ne 0 ]; then
        fail "a bare CR or LF in message $1"
    fi
    tr -d '\r' <wire >plain
    is_text "message $1" "${@:2}"
}

# expect_stored USER [SED-SCRIPT...]: the one message that waits in that user's own spool.
expect_stored()
{
    local own
    own=$SPOOL/$(id -u "$1")
    expect_equal 'the spool' "$(stat -c %U:%a "$own")" "$1:700"
    expect_equal "messages of $1" "$(count_files "$own/new")" 1
    stored "$own"/new/* >plain
    is_text 'what waits' "${@:2}"
}
