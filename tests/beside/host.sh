# SPDX-License-Identifier: ISC
# Hosts to try programs on, for `run`: a mount, network, name and process space each, with all of
# this machine's files below, and over them what dpkg makes of the program's Debian package, with
# its own maintainer scripts. What is written goes to memory, and is gone with the host. The only
# network is loopback, which can be down; its names come from a server of our own.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and run

# lay LAYERS UPPER: a root in ./root made of these, and of what programs expect of one.
lay()
{
    mkdir -p root "$2" "$2-work"
    mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$2-work" overlay root || return
    mount -t proc proc root/proc
    mount -t tmpfs -o mode=755 none root/run
    mount -t tmpfs -o mode=755 none root/dev
    mkdir root/run/lock root/dev/pts root/dev/shm
    # Its own, since root may do to them what he likes.
    mknod -m 666 root/dev/null c 1 3
    mknod -m 666 root/dev/zero c 1 5
    mknod -m 666 root/dev/full c 1 7
    mknod -m 666 root/dev/random c 1 8
    mknod -m 666 root/dev/urandom c 1 9
    mknod -m 666 root/dev/tty c 5 0
    ln -s /proc/self/fd root/dev/fd
}

# in_space COMMAND...: in spaces of its own, that of mounts private.
in_space()
{
    unshare -m -n -u -i -p -f --mount-proc --kill-child "$@"
}

inside()
{
    chroot root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
        DEBIAN_FRONTEND=noninteractive "$@"
}

name_host()
{
    hostname client.example
    ip link set lo up
    rm -f root/etc/resolv.conf
    echo 'nameserver 127.0.0.1' >root/etc/resolv.conf
    printf '127.0.0.1 localhost\n127.0.1.1 client.example client\n' >root/etc/hosts
    echo client.example | tee root/etc/mailname >root/etc/hostname
    sed -i 's/^hosts:.*/hosts: files dns/' root/etc/nsswitch.conf
}

# install_peer PEER DEBS, in spaces and a directory of its own: ./layer.tar is what has changed; as
# files it is only in memory, since some are set-id programs. The daemons are not started: there is
# a policy for that.
install_peer()
{
    mkdir memory
    mount -t tmpfs -o mode=700 none memory
    cd memory || return
    lay / "$PWD/layer" || return
    name_host
    printf '#!/bin/sh\nexit 101\n' >root/usr/sbin/policy-rc.d
    chmod 755 root/usr/sbin/policy-rc.d
    mkdir root/run/debs
    mount --bind "$2" root/run/debs
    # Nobody looks for a manual here.
    inside sh -c 'dpkg --no-triggers -i /run/debs/*.deb && ldconfig' &&
        tar --xattrs --xattrs-include='*' -cf ../layer.tar layer
}

# installed PEER: the directory in which it was installed, from these packages, once.
installed()
{
    local debs=$E2E_MTA/$1.debs at=$work/installed/$1
    local sum
    sum=$(cat "$debs"/*.deb | cksum)
    if [ ! -e "$at/done" ] || [ "$(cat "$at/done")" != "$sum" ]; then
        own_remove "$at"
        mkdir -p "$at"
        (cd "$at" && in_space "$self" --install "$1" "$debs") >"$at.log" 2>&1 </dev/null || return
        echo "$sum" >"$at/done"
    fi
    echo "$at"
}

# enter PEER ROW OUT: on a host of its own, with the tools, our scripts, and the file OUT for what
# was found.
enter()
{
    local at=$work/installed/$1
    mkdir -p host
    mount -t tmpfs -o mode=755 none host
    cd host || return
    tar --xattrs --xattrs-include='*' -xpf "$at/layer.tar" || return
    lay / "$PWD/layer" || return
    mkdir -p root/beside/tools root/beside/scripts root/beside/certs
    mount --bind "$BESIDE_TOOLS" root/beside/tools
    mount --bind "$here" root/beside/scripts
    mount --bind "$work/certs" root/beside/certs
    name_host
    local status=0
    inside BESIDE_SLOW="$slow" bash /beside/scripts/try "$1" "$2" >"$3" || status=$?
    # For those who wonder.
    cp root/beside/work/{said,log,trace} root/var/log/exim4/mainlog "${3%/*}" 2>/dev/null || true
    return "$status"
}
