# SPDX-License-Identifier: ISC
# A host of its own for each case, on which sendoff is installed in system mode at the real paths:
# a mount namespace in which the installation ($E2E_STAGE) lies over /usr and /etc, with accounts,
# spools and a /run of its own. The machine stays as it is. Sourced by the case files beside it, in
# the words of tests/e2e/lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119  # between here and lib.sh

# Whom passwd knows there, beside root. A uid that it does not know is $STRANGER's.
ACCOUNTS='daemon:1 www-data:33 sendoff:971 sendoff-drop:972 alice:2001 bob:2002 nobody:65534'
STRANGER=3003

# lies_over DIRECTORY: what was installed shows there; what is written goes to memory. The little
# for /etc and /var goes there at once, as the layers may themselves lie somewhere below /var, and
# may not be each other's. So may the case: hence relative names.
lies_over()
{
    local lower=$1 upper=host/upper$1 work=host/work$1
    mkdir -p "$upper" "$work"
    case $1 in
    /usr) lower=$E2E_STAGE$1:$lower ;;
    *) [ ! -d "$E2E_STAGE$1" ] || cp -a "$E2E_STAGE$1/." "$upper" ;;
    esac
    mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work" overlay "$1" ||
        skip 'overlay mounts are refused here'
}

# Nothing of it asks a network, nor the accounts of the machine.
make_accounts()
{
    local account name id home
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >/etc/nsswitch.conf
    printf 'root:x:0:0::/root:/bin/sh\n' >/etc/passwd
    printf 'root:x:0:\n' >/etc/group
    for account in $ACCOUNTS; do
        name=${account%:*} id=${account#*:} home=/run/home/${account%:*}
        printf '%s:x:%s:%s::%s:/bin/sh\n' "$name" "$id" "$id" "$home" >>/etc/passwd
        printf '%s:x:%s:\n' "$name" "$id" >>/etc/group
        install -d -m 700 -o "$id" -g "$id" "$home"
    done
}

# The spools on a file system of their own, as `make install` makes them.
make_spools()
{
    mount -t tmpfs -o mode=755 none /var/spool
    install -d -m 1733 /var/spool/sendoff
    install -d -m 700 /var/spool/sendoff/0
    rm -rf /var/lib/sendoff
    install -d -m 700 /var/lib/sendoff
    install -d -m 755 /run/sendoff
}

# system_config [KEY=VALUE...]: the config of the whole host, as write_config makes it, and the
# password, which only root can read. What is due waits for a flush, so that a case sees one thing
# at a time.
# shellcheck disable=SC2120  # most need none
system_config()
{
    install -d /etc/sendoff
    install -m 644 "$CERTS/ca.pem" /etc/sendoff/ca.pem
    write_config sendoff.spool= sendoff.aliases=/etc/aliases sendoff.deliver=queue \
        password_file=/etc/sendoff/password tls_ca_file=/etc/sendoff/ca.pem "$@"
    unset SENDOFF_CONFIG
    install -m 644 config/sendoff.conf /etc/sendoff/sendoff.conf
    install -m 600 config/password /etc/sendoff/password
    rm -r config
    printf 'root: admin@example.net\n' >/etc/aliases
}

# host_of CASE [UNSHARE-OPTION...]: the rest of that case runs on such a host; nothing is there yet
# that takes mail, and no config.
host_of()
{
    if [ -z "${ON_A_HOST-}" ]; then
        export ON_A_HOST=yes
        on_its_own "$1" -m "${@:2}"
    fi
    mkdir -p "$DIR/host"
    mount -t tmpfs none "$DIR/host" || skip 'can not mount here'
    mount -t tmpfs -o mode=755 none /run
    for directory in /usr /etc /var; do
        lies_over $directory
    done
    make_accounts
    make_spools
    cd "$DIR" || exit
    E2E_PREFIX=/usr SPOOL=/var/spool/sendoff
    export LANG=C.UTF-8
}

# on_a_host [UNSHARE-OPTION...]: first line of a case. The rest of it runs on such a host, with a
# smarthost and its config.
# shellcheck disable=SC2120  # most need none
on_a_host()
{
    host_of "${FUNCNAME[1]}" "$@"
    start_smarthost
    system_config
}

# as USER COMMAND...: with that user's ids, no groups and the environment of a login. USER may be
# a number that passwd does not know; then there is no home.
as()
{
    local user=$1 uid gid home
    uid=$(id -u "$user" 2>/dev/null) || uid=$user
    gid=$(id -g "$user" 2>/dev/null) || gid=$user
    home=$(getent passwd "$uid" | cut -d: -f6)
    shift
    # What a sanitizer has to say, an ordinary user says on stderr.
    env -u ASAN_OPTIONS -u UBSAN_OPTIONS ${home:+"HOME=$home"} \
        setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"
}

# own USER: the user's own spool.
own()
{
    printf '%s/%s\n' "${SPOOL:?}" "$(id -u "$1" 2>/dev/null || printf '%s' "$1")"
}

# mail_of USER [SUBJECT [RECIPIENT...]]: that user sends a message; sendmail says nothing.
mail_of()
{
    local user=$1 subject=${2-hello}
    message "$subject" >"$DIR/message"
    shift $(($# < 2 ? $# : 2))
    [ $# -gt 0 ] || set -- bob@example.net
    run_with_input "$DIR/message" as "$user" sendmail -i -f alice@client.example "$@"
    expect_status 0
    if [ -s out ] || [ -s err ]; then
        fail 'sendmail is to be silent when all is well'
    fi
}

# waiting [USER]: how many messages wait in his spool; in all of them.
waiting()
{
    if [ $# -gt 0 ]; then
        count_files "$(own "$1")/new" "$(own "$1")/cur"
    else
        find "$SPOOL" -mindepth 3 -maxdepth 3 \( -path '*/new/*' -o -path '*/cur/*' \) -type f |
            wc -l
    fi
}

# failed_of USER: how many lie in his .failed.
failed_of()
{
    count_files "$(own "$1")/.failed/new" "$(own "$1")/.failed/cur"
}

expect_waiting()
{
    expect_equal "messages that wait${2+ of $2}" "$(waiting ${2+"$2"})" "$1"
}

# expect_own USER: that name in the root is the user's own directory.
expect_own()
{
    expect_equal "the spool of $1" "$(stat -c %F:%u:%a "$(own "$1")")" \
        "directory:$(id -u "$1"):700"
}

# laid COMMAND...: starts a trap (tests/tools/traps.c) as the user that `as` names, and waits
# until it is laid.
laid()
{
    local ready
    ready=$(mktemp -u "$DIR/ready.XXXXXX")
    mkfifo "$ready"
    "$@" >"$ready" &
    LAID=$!
    started+=("$LAID")
    read -r -t $((10 * SLOW)) <"$ready" || fail "not laid: $*"
    rm "$ready"
}
