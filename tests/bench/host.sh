# SPDX-License-Identifier: ISC
# The other programs that send mail, for `run`: their Debian packages are unpacked under
# $BENCH_PEERS, never installed. Paths and accounts are compiled into most of them; so all that is
# measured runs on a host of its own: mount, process and name spaces in which the packages lie
# over /usr, and configs and accounts over /etc, while queues lie where everything else does.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2154  # between here and run

skip()
{
    printf 'bench: %s\n' "$*" >&2
    exit 77
}

E2E_MTA=$BENCH_PEERS
. "$bench/../interop/packages.sh"

PEERS='msmtp nullmailer dma exim opensmtpd postfix'

peer_packages()
{
    case $1 in
    exim) echo exim4-daemon-light exim4-base ;;
    postfix) echo postfix libsasl2-modules ;;
    *) echo "$1" ;;
    esac
}

# Each program of the name "sendmail" finds itself by it, so it gets a directory of its own.
peer_settle()
{
    local root=$BENCH_PEERS/$1
    [ ! -e "$root/usr/sbin/sendmail" ] || [ -e "$root/usr/lib/sendmail-of-$1" ] || {
        mkdir "$root/usr/lib/sendmail-of-$1"
        cp -L "$root/usr/sbin/sendmail" "$root/usr/lib/sendmail-of-$1/sendmail"
    }
}

# Unpacks them all; those that can not be had are named.
fetch_peers()
{
    local peer
    for peer in $PEERS; do
        # shellcheck disable=SC2046  # words are wanted
        if (packages_unpack "$peer" $(peer_packages "$peer")); then
            peer_settle "$peer"
        fi
    done
}

# Those that were unpacked.
peers_here()
{
    local peer
    [ -n "$BENCH_PEERS" ] || return 0
    for peer in $PEERS; do
        [ ! -d "$BENCH_PEERS/$peer" ] || printf '%s ' "$peer"
    done
}

# Not where it would hide what is measured.
can_have_host()
{
    case $work/ in /usr/* | /etc/* | /run/* | /var/lib/* | /var/spool/*) return 1 ;; esac
    [ "$(id -u)" -eq 0 ] || return
    unshare -m -p -f --mount-proc sh -c \
        'mount -t overlay overlay -o lowerdir=/usr:/etc /mnt' 2>/dev/null
}

add_account()
{
    grep -q "^$1:" /etc/passwd || printf '%s:x:%s:%s::/nonexistent:/bin/false\n' "$1" "$2" "$2" \
        >>/etc/passwd
    grep -q "^$1:" /etc/group || printf '%s:x:%s:\n' "$1" "$2" >>/etc/group
}

# lies_over DIRECTORY LAYERS: they show there, and what is written goes to memory.
lies_over()
{
    local memory=$work/host$1
    mount -t overlay -o "lowerdir=$2,upperdir=$memory,workdir=$memory-work" overlay "$1"
}

# For the process that is alone in its spaces already: makes that host of it.
make_host()
{
    local peer lower='' id=2100 account
    for peer in $(peers_here); do
        lower+=$BENCH_PEERS/$peer/usr:
    done
    mkdir "$work/host"
    mount -t tmpfs none "$work/host"
    mkdir "$work/host/"{usr,etc}{,-work}
    lies_over /usr "$lower/usr"
    lies_over /etc /etc
    mount -t tmpfs -o mode=755 none /run
    mount -t tmpfs -o mode=755 none /var/lib
    mkdir "$work/spool"
    : >"$work/spool/$OWN_MARK" # by which peers.sh may remove what lies there
    chmod 755 "$work/spool"
    mount --bind "$work/spool" /var/spool
    printf 'passwd: files\ngroup: files\nhosts: files\n' >/etc/nsswitch.conf
    printf '127.0.0.1 localhost bench.example\n' >/etc/hosts
    printf 'bench.example\n' >/etc/mailname
    : >/etc/aliases
    rm -f /etc/resolv.conf # nobody is asked, and so nobody waits for an answer
    : >/etc/resolv.conf
    # Ours among them, as INSTALL makes it.
    for account in sendoff mail nullmail Debian-exim opensmtpd opensmtpq postfix postdrop; do
        add_account "$account" $((id += 1))
    done
    # It insists on that, for root too.
    for peer in /usr/sbin/smtpctl /usr/lib/sendmail-of-opensmtpd/sendmail; do
        [ ! -e "$peer" ] || { chgrp opensmtpq "$peer" && chmod g+s "$peer"; }
    done
}
