# SPDX-License-Identifier: ISC
# A mail server with paths and accounts compiled into it gets a host of its own: a mount namespace
# in which its unpacked packages lie over /usr, accounts of the case's own over /etc, and nothing
# in the directories it writes. It runs there as root, as it would at boot.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2154  # between here and lib.sh

. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"
. "$(dirname "${BASH_SOURCE[0]}")/mails.sh"

# mta_prepare NAME ACCOUNT...: sets MTA_DIR, the server's directory, with etc/ for its host and
# mail/ for what arrives; of the first account. In /tmp, since such accounts have to come that far,
# and with a certificate that only root can read.
mta_prepare()
{
    local account id=2100
    MTA_DIR=$(mktemp -d "/tmp/sendoff-$1.XXXXXX")
    to_remove+=("$MTA_DIR")
    chmod 755 "$MTA_DIR"
    mkdir -p "$MTA_DIR"/{etc,mail,log}
    printf 'passwd: files\ngroup: files\nhosts: files\n' >"$MTA_DIR/etc/nsswitch.conf"
    printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$MTA_DIR/etc/passwd"
    printf 'root:x:0:\nmail:x:8:\nnogroup:x:65534:\n' >"$MTA_DIR/etc/group"
    for account in "${@:2}"; do
        printf '%s:x:%s:%s::%s:/bin/sh\n' "$account" $((id += 1)) $id "$MTA_DIR" \
            >>"$MTA_DIR/etc/passwd"
        printf '%s:x:%s:\n' "$account" $id >>"$MTA_DIR/etc/group"
    done
    chown 2101:2101 "$MTA_DIR"/{mail,log}
    chmod 700 "$MTA_DIR/mail"
    install -m 600 "$CERTS/${CERT-good}.pem" "$MTA_DIR/cert.pem"
    install -m 600 "$CERTS/${CERT-good}.key" "$MTA_DIR/key.pem"
}

# mta_start ROOT COMMAND...: the server, on its host, with its output in ./server.log. It is alone
# there with a shell as the first process, with which all of it ends.
mta_start()
{
    local root=$1
    shift
    # shellcheck disable=SC2016  # the inner shells'
    unshare -m sh -ec '
        mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr
        mount -t overlay overlay -o "lowerdir=$2/etc:/etc" /etc
        mount -t tmpfs -o mode=755 none /run
        mount -t tmpfs -o mode=755 none /var/spool
        mount -t tmpfs -o mode=755 none /var/lib
        mkdir -p /var/lib/opensmtpd/empty
        shift 2
        exec unshare -p sh -c '\''
            trap "kill -KILL \$first" TERM
            sh -c "\"\$@\" & wait" sh "$@" &
            first=$!
            wait
            wait'\'' sh "$@"' sh "$root" "$MTA_DIR" "$@" >>"$DIR/server.log" 2>&1 &
    started+=($!)
}

need_namespaces()
{
    need_root
    unshare -m sh -c 'mount -t overlay overlay -o lowerdir=/usr:/etc /mnt' 2>/dev/null ||
        skip 'overlay mounts are refused here'
}

# Two ports that the kernel has just given and taken back.
two_ports()
{
    dead_port && SUBMISSION=$PORT
    dead_port && IMPLICIT=$PORT
    rm -f "$DIR/log"
}

# both_listen: the server is there; PORT is the one of MODE.
both_listen()
{
    PORT=$SUBMISSION
    [ "${MODE-starttls}" = starttls ] || PORT=$IMPLICIT
    (exec 3<>"/dev/tcp/127.0.0.1/$SUBMISSION" 4<>"/dev/tcp/127.0.0.1/$IMPLICIT") 2>/dev/null
}

# start_on_two_ports NAME COMMAND...: runs the command, which starts the server on $SUBMISSION
# and $IMPLICIT, until it listens.
start_on_two_ports()
{
    local tries=0 name=$1
    shift
    while :; do
        two_ports
        "$@"
        ! within 5 both_listen || break
        [ $((tries += 1)) -lt 3 ] || fail "$name did not start: $(cat "$DIR/server.log")"
    done
}
