# SPDX-License-Identifier: ISC
# A minimal Debian to install things in: made once by debootstrap below a build directory, of which
# tests take copies. And a smarthost outside, for what is in there to send to. Sourced, after
# own.sh; its user has `build`, and `work` for what is short-lived.
# shellcheck shell=bash

# What the packages depend on, and cron.
debian_include=systemd-standalone-sysusers,init-system-helpers,ca-certificates,cron
debian_include+=,libsasl2-2,libsasl2-modules,libssl3,libiniparser1,libseccomp2

# debian_made NAME ARGUMENT...: in $build/NAME/root, by debootstrap with these arguments.
# shellcheck disable=SC2154  # build is the caller's
debian_made()
{
    local base=$build/$1
    shift
    [ ! -e "$base/done" ] || return 0
    own_remove "$base"
    mkdir -p "$base"
    debootstrap --variant=minbase "$@" bookworm "$base/root" >"$base/log" 2>&1 && : >"$base/done"
}

# debian_copy TO: fails where there is none to be had.
debian_copy()
{
    local base=$build/deb-root
    debian_made deb-root --include="$debian_include" || return
    # Another mail server, to be refused.
    [ -n "$(ls "$base"/root/root/dma_*.deb 2>/dev/null)" ] ||
        (cd "$base/root/root" && apt-get download -qq dma) >>"$base/log" 2>&1 || return
    own_remove "$1"
    cp -a "$base/root" "$1"
}

# Starts a smarthost that knows ada; $smarthost is its process and $port its port. What it takes
# comes to $work/arrived, its certificate is $work/certs/ca.pem's.
# shellcheck disable=SC2154
debian_smarthost()
{
    mkdir -m 700 "$work/certs" "$work/arrived" &&
        "$build/tools/smarthost" -g "$work/certs" || return
    "$build/tools/smarthost" -P "$work/port" -l "$work/log" -o "$work/arrived" \
        -c "$work/certs/good.pem" -k "$work/certs/good.key" -u 'ada:a secret of Ada' &
    smarthost=$!
    for ((i = 0; i < 200 && ! $(test -s "$work/port"; echo $?) == 0; i++)); do sleep 0.05; done
    port=$(cat "$work/port")
}

# debian_account PLACE [SECRETS]: the account for it as lines of a config; ca.pem is in that place,
# and the password is, where no other is named.
# shellcheck disable=SC2154
debian_account()
{
    cat <<END
[smarthost]
host = 127.0.0.1
port = $port
tls_ca_file = $1/ca.pem
user = ada
password_file = ${2:-$1}/password
END
}
