#!/bin/bash
# SPDX-License-Identifier: ISC
# What belongs to the host around the programs: tests/etc.sh PREFIX WORK
#
# PREFIX is a private installation (make e2e-install), WORK where to write. Each file of etc/ is
# installed, has no variable left, and is what its reader takes; `make uninstall` removes all. The
# last line is "N passed, N failed, N skipped"; the exit status is 1 where one failed.
set -u
cd "$(dirname "$0")/.." || exit 1
prefix=${1:?} work=${2:?}
units=$prefix/lib/systemd/system data=$prefix/share/sendoff
passed=0 failed=0 skipped=0
. tests/tools/own.sh
own_claim "$work"
own_remove "$work"
mkdir -p "$work/run"

check() # NAME COMMAND...: passes when the command succeeds without a word
{
    local name=$1 output
    shift
    if output=$("$@" 2>&1 </dev/null) && [ -z "$output" ]; then
        echo "ok   $name"
        passed=$((passed + 1))
    else
        echo "FAIL $name"
        printf '%s\n' "$output" | sed 's/^/     | /' | head -n 40
        failed=$((failed + 1))
    fi
}

skip()
{
    echo "skip $1 ($2)"
    skipped=$((skipped + 1))
}

all_installed()
{
    local file
    while IFS= read -r file; do
        find "$prefix" -type f -path "*/${file#etc/}" | grep -q . || echo "$file"
    done < <(find etc -type f ! -name etc.mk ! -path "etc/packages/*" ! -path "etc/examples/*")
}

no_variable_left()
{
    grep -rlE '@[A-Z_]+@' "$prefix/lib" "$data"
    return 0
}

units_are_right()
{
    XDG_RUNTIME_DIR=$work/run systemd-analyze verify "$1" --man=no --recursive-errors=no \
        "$2"/sendoff*.{socket,service,timer}
}

# OK is what systemd calls an exposure below 5.
service_is_hardened()
{
    local unit exposure
    for unit in "$units"/sendoff*.service; do
        exposure=$(systemd-analyze security --offline=yes --no-pager "$unit" |
            sed -n 's/.*exposure level for [^:]*: \([0-9]*\)\..*/\1/p')
        [ "${exposure:-10}" -lt 5 ] || echo "$unit: $exposure"
    done
}

accounts_are_made()
{
    mkdir -p "$work/accounts/etc"
    systemd-sysusers --root="$work/accounts" "$1" >/dev/null 2>&1 || echo failed
    [ "$(grep -cE '^sendoff(-drop)?:.*:/usr/sbin/nologin$' "$work/accounts/etc/passwd")" -eq 2 ] ||
        cat "$work/accounts/etc/passwd"
}

directories_are_made()
{
    local root=$work/host file=$work/tmpfiles.conf
    mkdir -p "$root/etc"
    cp /etc/passwd /etc/group "$root/etc"
    # In a root of its own; the paths of the installation are not of interest there.
    sed "s|$prefix||" "$prefix/lib/tmpfiles.d/sendoff.conf" >"$file"
    systemd-tmpfiles --root="$root" --create "$file"
    (cd "$root" && stat -c '%a %n' var/spool/sendoff var/spool/sendoff/0 var/lib/sendoff run/sendoff) |
        diff - <(printf '%s\n' '1733 var/spool/sendoff' '700 var/spool/sendoff/0' \
            '700 var/lib/sendoff' '755 run/sendoff')
}

# cron ends a command at a bare '%', and wants one line that ends.
cron_line_is_right()
{
    local line=$data/cron.d/sendoff command
    [ "$(grep -c '^[^#]' "$line")" -eq 1 ] || echo 'not one line'
    [ -z "$(tail -c 1 "$line")" ] || echo 'the last line does not end'
    command=$(sed -n 's/^[0-9*/ ]* root //p' "$line")
    [ -n "$command" ] || echo 'no time, or no user'
    ! sed 's/\\%//g' <<<"$command" | grep -n '%'
    sh -n -c "${command//\\%/%}"
}

# Debian's parser, unpacked and not installed: installed, it would load profiles at boot.
get_apparmor()
{
    [ ! -x "$work.apparmor/sbin/apparmor_parser" ] || return 0
    mkdir -p "$work.apparmor" && (
        cd "$work.apparmor" && apt-get download -qq -o APT::Sandbox::User=root apparmor &&
            dpkg -x apparmor_*.deb . && rm apparmor_*.deb && ldd sbin/apparmor_parser
    ) >"$work/apparmor.log" 2>&1 && ! grep -q 'not found' "$work/apparmor.log"
}

profiles_are_right()
{
    local base=$work.apparmor
    "$base/sbin/apparmor_parser" -Q -K --config-file /dev/null --base "$base/etc/apparmor.d" \
        "$data/apparmor.d/sendoff" 2>&1 | grep -v '^Cache read/write disabled: interface file'
    return "$((PIPESTATUS[0]))"
}

installs_elsewhere()
{
    local kind stage=$work/stage
    make -s B="$work/b" "$@" install-etc install-{openrc,cron,networkmanager,apparmor} >/dev/null
    for kind in init.d/sendoff cron.d/sendoff NetworkManager/dispatcher.d/50-sendoff \
        apparmor.d/sendoff; do
        [ -f "$stage/etc/$kind" ] || echo "no /etc/$kind"
    done
    [ -x "$stage/etc/init.d/sendoff" ] || echo '/etc/init.d/sendoff can not be executed'
    [ -f "$stage/usr/lib/systemd/system/sendoff.socket" ] || echo 'no sendoff.socket'
    ! grep -rlE '@[A-Z_]+@' "$stage"
    make -s B="$work/b" "$@" uninstall-etc >/dev/null
    find "$stage" -type f
}

check 'every file of etc/ is installed' all_installed
check 'what is for many hosts is installed' diff -r etc/examples/fleet "$data/fleet"
check 'no variable is left' no_variable_left
check 'install and uninstall' installs_elsewhere PREFIX=/usr SYSCONFDIR=/etc LOCALSTATEDIR=/var \
    RUNSTATEDIR=/run DESTDIR="$work/stage"
check 'cron line' cron_line_is_right
check 'OpenRC script' sh -n "$data/openrc/sendoff"
check 'NetworkManager dispatcher' sh -n "$data/NetworkManager/dispatcher.d/50-sendoff"
if command -v systemd-analyze >/dev/null; then
    check 'units of the system' units_are_right --system "$units"
    check 'units of a user' units_are_right --user "$prefix/lib/systemd/user"
    check 'the service is hardened' service_is_hardened
else
    skip units 'there is no systemd-analyze'
fi
if command -v systemd-sysusers >/dev/null && [ "$(id -u)" -eq 0 ]; then
    cp "$prefix/lib/sysusers.d/sendoff.conf" "$work/sysusers.conf"
    check 'accounts' accounts_are_made "$work/sysusers.conf"
    check 'directories' directories_are_made
else
    skip 'accounts and directories' 'needs root and systemd'
fi
if get_apparmor; then
    check 'AppArmor profiles' profiles_are_right
else
    skip 'AppArmor profiles' 'the parser can not be had'
fi

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
