#!/bin/bash
# SPDX-License-Identifier: ISC
# The Debian package in a Debian of its own: tests/deb.sh BUILD
#
# BUILD has deb/sendoff_*.deb and tools/smarthost; a minimal system is made once in BUILD/deb-root
# (debootstrap), each run works on a copy. Installed, used by cron's words to a smarthost outside,
# upgraded, removed, purged: after that nothing is left but mail. The last line is
# "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
build=$(cd "$1" && pwd) || exit 1
. tests/tools/own.sh
. tests/tools/debian.sh
package=$(ls "$build"/deb/sendoff_*.deb) || exit 1
root=$build/deb-test
passed=0 failed=0 smarthost='' port=''

skip_all() { echo "skip deb: $1"; echo '0 passed, 0 failed, 1 skipped'; exit 0; }

# expect TEXT COMMAND...: passes where the command does.
expect()
{
    local text=$1 said
    shift
    if said=$("$@" 2>&1 </dev/null); then
        passed=$((passed + 1))
        echo "ok   $text"
    else
        failed=$((failed + 1))
        echo "FAIL $text"
        printf '%s\n' "$said" | tail -n 15 | sed 's/^/     | /'
    fi
}
not() { ! "$@"; }

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
# shellcheck disable=SC2329  # called by expect
script() { inside sh -euc "$1"; }

if [ "${DEB_TEST_INSIDE-}" != 1 ]; then
    [ "$(id -u)" = 0 ] || skip_all 'not root'
    unshare --mount true 2>/dev/null || skip_all 'no mount namespace'
    DEB_TEST_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi

debian_copy "$root" || skip_all 'no Debian to be had (debootstrap)'
work=$(mktemp -d)
clean_up()
{
    [ -z "$smarthost" ] || kill "$smarthost" 2>/dev/null
    umount "$root/proc" 2>/dev/null
    own_remove "$root"
    rm -rf "${work:?}"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
mount -t proc proc "$root/proc" || skip_all 'no proc in a namespace'

# All that is there, with owners and modes; not what programs other than ours write.
# shellcheck disable=SC2329  # called below
inventory()
{
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./var/cache \
        -o -path ./var/log -o -path ./var/lib/dpkg -o -path ./var/lib/systemd \) -prune \
        -o -printf '%p %u %m\n' | grep -vE "^\./etc/(passwd|group|shadow|gshadow|subuid|subgid)-" | LC_ALL=C sort)
}

debian_smarthost || exit 1

arrived() { [ "$(find "$work/arrived" -name '*.eml' | wc -l)" = "$1" ]; }
# shellcheck disable=SC2329  # called by expect
has_word() { grep -rqF "$1" "$work/arrived"; }

inventory >"$work/before"
cp "$package" "$root/root/sendoff.deb"

expect 'installs' inside dpkg -i /root/sendoff.deb
expect 'it is sendmail, mailq, newaliases and /usr/lib/sendmail' \
    script 'sendmail -bv x@example.org >/dev/null 2>&1 || [ $? -ne 127 ]
            for link in /usr/bin/mailq /usr/bin/newaliases /usr/lib/sendmail; do
                [ "$(readlink -f $link)" = /usr/sbin/sendmail ]; done'
expect 'makes accounts' script 'getent passwd sendoff && getent passwd sendoff-drop'
expect 'makes the spool' script \
    '[ "$(stat -c "%U %a" /var/spool/sendoff)" = "root 1733" ] &&
     [ "$(stat -c "%U %a" /var/spool/sendoff/0)" = "root 700" ] &&
     [ "$(stat -c "%U %a" /var/lib/sendoff)" = "root 700" ]'
expect 'no set-id file' script \
    '! dpkg -L sendoff | xargs -d "\n" -I@ find @ -maxdepth 0 -type f -perm /6000 | grep .'
expect 'units are enabled' script \
    'for unit in sockets.target.wants/sendoff.socket sockets.target.wants/sendoff-drop.socket \
        timers.target.wants/sendoff.timer; do [ -L /etc/systemd/system/$unit ]; done'
expect "cron's line waits for a config, and says nothing" script \
    'line=$(sed -n "s/^[0-9*\/ ]* root //p" /etc/cron.d/sendoff) && [ -n "$line" ] &&
     [ -z "$(sh -c "$(echo "$line" | sed "s/[\\]%/%/g")" 2>&1)" ]'
expect 'links all it needs' script \
    '! ldd /usr/sbin/sendmail /usr/bin/sendoff /usr/libexec/sendoff-submit | grep "not found"'

# Used: the words are cron's; a user who can read no secret, then root's pass.
useradd -R "$root" -m -s /bin/sh alice >/dev/null 2>&1
install -m 644 "$work/certs/ca.pem" "$root/etc/sendoff/ca.pem"
(umask 077 && echo 'a secret of Ada' >"$root/etc/sendoff/password")
{
    printf '[sendoff]\ndomain = deb.example\nlocal_to = admin@deb.example\n'
    debian_account /etc/sendoff
} >"$root/etc/sendoff/sendoff.conf"
chmod 644 "$root/etc/sendoff/sendoff.conf"
expect 'takes what cron says, from a user' script \
    'printf "From: alice (Cron Daemon)\nTo: alice\nSubject: Cron\n\nfrom her cron job\n" |
        setpriv --reuid=alice --regid=alice --clear-groups \
        /usr/sbin/sendmail -i -FCronDaemon -B8BITMIME -oem alice'
expect 'root takes it to the smarthost' script 'sendoff flush'
expect 'it arrived' arrived 1
expect 'as it was' has_word 'from her cron job'

# As etc/examples/Dockerfile has it: the root can not be written, /run is in memory, `sendoff run`
# is what runs.
# shellcheck disable=SC2329  # called by expect
read_only()
{
    unshare --mount --propagation private sh -euc '
        mount --bind "$1" "$1"
        mount --bind "$1/var/spool/sendoff" "$1/var/spool/sendoff"
        mount --bind "$1/var/lib/sendoff" "$1/var/lib/sendoff"
        mount -t tmpfs none "$1/run"
        mount -o remount,bind,ro "$1"
        ! touch "$1/etc/x" 2>/dev/null
        chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sendoff run &
        runner=$!
        trap "kill $runner" EXIT
        sleep 1
        printf "Subject: x\n\nfrom a read-only root\n" | chroot "$1" env -i setpriv \
            --reuid=alice --regid=alice --clear-groups /usr/sbin/sendmail x@example.net
        for i in 1 2 3 4 5 6 7 8 9 10; do
            grep -rqF "from a read-only root" "$2" && exit 0
            sleep 1
        done
        exit 1' - "$root" "$work/arrived"
}
expect 'a container with a read-only root sends by itself' read_only

# Mail that waits lives through an upgrade, a removal and a purge.
printf 'Subject: waits\n\nthis one waits\n' | inside setpriv --reuid=alice --regid=alice \
    --clear-groups /usr/sbin/sendmail later@example.net
expect 'upgrades' inside dpkg -i /root/sendoff.deb
expect 'config and mail are as they were' script \
    'grep -q "^user = ada$" /etc/sendoff/sendoff.conf && mailq | grep -q later@example.net'
expect 'another mail server is refused' \
    not inside sh -c 'dpkg -i /root/dma_*.deb'
expect 'and sendmail still ours' script 'dpkg -S /usr/sbin/sendmail | grep -q ^sendoff:'
inside dpkg --purge dma >/dev/null 2>&1
expect 'removes' inside dpkg --remove sendoff
expect 'config and mail stay' script \
    'grep -q ada /etc/sendoff/sendoff.conf && grep -rq "this one waits" /var/spool/sendoff'
expect 'installs again, and knows the mail' script 'dpkg -i /root/sendoff.deb && mailq | grep -q later'
expect 'purges' inside dpkg --purge sendoff
expect 'the mail is left, with its owner' script \
    'mail=$(grep -rl "this one waits" /var/spool/sendoff) && [ "$(stat -c %U "$mail")" = alice ]'
expect 'nothing else of it' script \
    '! [ -e /etc/sendoff ] && ! [ -e /var/lib/sendoff ] && ! [ -e /usr/sbin/sendmail ] &&
     find /var/spool/sendoff -type f && [ "$(find /var/spool/sendoff -type f | wc -l)" = 1 ]'

# And without mail nothing at all.
own_remove "$root/var/spool/sendoff"
expect 'installs once more' inside dpkg -i /root/sendoff.deb
printf 'Subject: x\n\nx\n' | inside /usr/sbin/sendmail root
expect 'a queue is emptied' script 'sendoff queue delete ALL'
expect 'purges once more' inside dpkg --purge sendoff
inside userdel -r alice >/dev/null 2>&1
rm -f "$root/root/sendoff.deb"
inventory >"$work/after"
expect 'nothing is left that was not there before' diff "$work/before" "$work/after"
expect "no account, either" not grep sendoff "$root"/etc/{passwd,group,shadow}

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
