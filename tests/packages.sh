#!/bin/bash
# SPDX-License-Identifier: ISC
# Packages for other distributions, by what Debian has of their tools:
# tests/packages.sh BUILD VERSION [lint|dist|debian|rpm|arch|alpine|docker...]
#
# lint    versions, shells, rpmlint
# dist    the tarball is the same octets from another directory, and all is in it
# debian  the package is the same octets from another directory, locale and umask
# rpm     the spec built by rpmbuild, installed, used, upgraded and removed with its scripts
# arch    the PKGBUILD built by makepkg (not as root), installed and removed by pacman
# alpine  the functions of the APKBUILD run by sh in a stage, as abuild would (Debian has no abuild)
# docker  the lines of the Dockerfile carried out, and what they make run and sending
# Requirements between packages are not asked for: their names are those of other distributions.
# What is installed is so in a copy of a minimal Debian (as root). Tools that are not here are
# skipped by name. The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
# What a make above us was given is not meant for those within.
[ "${PACKAGES_INSIDE-}" = 1 ] || exec env -i PACKAGES_INSIDE=1 PATH="$PATH" HOME="$HOME" LC_ALL=C \
    TMPDIR="${TMPDIR:-/tmp}" tests/packages.sh "$@"
build=$(cd "$1" && pwd) || exit 1
version=${2:?}
shift 2
. tests/tools/own.sh
. tests/tools/debian.sh
# shellcheck disable=SC2034  # used in tests/packages/
tarball=$build/dist/sendoff-$version.tar.gz
root=$build/deb-packages
passed=0 failed=0 skipped=0 smarthost='' port=''
work=$(mktemp -d)
chmod 755 "$work"
clean_up()
{
    [ -z "$smarthost" ] || kill "$smarthost" 2>/dev/null
    own_remove "$root" "$build/deb-docker"
    rm -rf "${work:?}"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP

skip() { skipped=$((skipped + 1)) && echo "skip $1: $2"; }

# check NAME TOOL COMMAND...: passes where the command succeeds, is skipped without the tool.
# Returns whether it passed.
check()
{
    local name=$1 tool=$2 said
    shift 2
    if ! command -v "$tool" >/dev/null; then
        skip "$name" "no $tool"
        return 1
    elif said=$("$@" 2>&1 </dev/null); then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        printf '%s\n' "$said" | tail -n 15 | sed 's/^/     | /'
        return 1
    fi
}

# shellcheck disable=SC2329  # some are called by check, or in tests/packages/
nothing() { ! grep .; }

# A host to install in; said in the name of the caller.
host_for()
{
    [ "$(id -u)" = 0 ] || { skip "$1: installs" 'not root'; return 1; }
    debian_copy "$root" || { skip "$1: installs" 'no Debian to be had (debootstrap)'; return 1; }
}

# shellcheck disable=SC2329
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -euc "$1"; }

# missing_of LIST: the lines of stdin that LIST has not.
# shellcheck disable=SC2329
missing_of() { grep -vxFf "$1" || :; }

# Modes and places that all packages have to have: as lines of "MODE OWNER PATH", after the
# directories for programs of that distribution.
# shellcheck disable=SC2329
wanted()
{
    printf '%s root/root %s\n' -rwxr-xr-x "$1/$4" -rwxr-xr-x "$2/sendoff" \
        -rwxr-xr-x "$3/sendoff-submit"
}
# shellcheck disable=SC2329
wanted_spool()
{
    printf '%s root/root %s\n' drwx-wx-wt /var/spool/sendoff drwx------ /var/spool/sendoff/0 \
        drwx------ /var/lib/sendoff
}

# Every manual is there, under its own name or with .sendoff in it.
# shellcheck disable=SC2329
no_manual_missing()
{
    local page at
    for page in man/*.[1-8]; do
        page=${page#man/}
        at=/usr/share/man/man${page##*.}/${page%.*}
        grep -qE "$at(\.sendoff)?\.${page##*.}(\.gz)?\$" "$1" || echo "$page"
    done | nothing
}

# shellcheck disable=SC2329
no_set_id() { ! grep -E '^-..[sS]|^-.....[sS]' "$1"; }

for kind in rpm arch alpine docker; do
    # shellcheck source=/dev/null
    . "tests/packages/$kind.sh"
done

packages_lint()
{
    check 'alpine: APKBUILD' shellcheck \
        shellcheck -s sh -e SC2034,SC2154,SC3057 etc/packages/alpine/APKBUILD
    check 'alpine: pre-install' shellcheck shellcheck etc/packages/alpine/sendoff.pre-install
    check 'arch: PKGBUILD' shellcheck \
        shellcheck -s bash -e SC2034,SC2154,SC2164 etc/packages/arch/PKGBUILD
    check 'debian: maintainer scripts' shellcheck \
        shellcheck etc/packages/debian/postinst etc/packages/debian/postrm
    check 'rpm: the spec expands' rpmspec rpmspec -P etc/packages/rpm/sendoff.spec
    check 'rpm: no error to rpmlint' rpmlint spec_lint
    check 'rpm: version' grep grep -qx "Version: *$version" etc/packages/rpm/sendoff.spec
    for file in alpine/APKBUILD arch/PKGBUILD; do
        check "${file%/*}: version" grep grep -qx "pkgver=$version" "etc/packages/$file"
    done
}

# Made again elsewhere, by another user's hand: other times, another order, another umask.
# shellcheck disable=SC2329
same_elsewhere()
{
    local copy=$work/elsewhere
    (umask 002 && mkdir "$copy" && tar -xzf "$tarball" --no-same-permissions -C "$copy") || return
    make -s -C "$copy/sendoff-$version" dist >/dev/null &&
        cmp "$tarball" "$copy/sendoff-$version/build/dist/sendoff-$version.tar.gz"
}
# shellcheck disable=SC2329
all_in_it()
{
    git ls-files --deleted >"$work/deleted"
    git ls-files | missing_of "$work/deleted" | sed "s|^|sendoff-$version/|" | sort >"$work/known"
    tar -tzf "$tarball" | sort | comm -23 "$work/known" - | nothing
}
packages_dist()
{
    check 'dist: the same octets from elsewhere' tar same_elsewhere
    if git ls-files --error-unmatch Makefile >/dev/null 2>&1; then
        check 'dist: every file that git has' git all_in_it
    else
        skip 'dist: every file that git has' 'no git checkout'
    fi
}

# shellcheck disable=SC2329
debian_twice()
{
    local copy=$work/twice
    make -s B="$work/deb" deb >/dev/null || return
    (umask 077 && mkdir "$copy" && tar -xzf "$tarball" --no-same-permissions -C "$copy") || return
    (umask 002 && LANG=de_DE.UTF-8 TZ=Asia/Tokyo make -s -C "$copy/sendoff-$version" deb >/dev/null) ||
        return
    for one in "$work"/deb/deb/*.deb; do
        cmp "$one" "$copy/sendoff-$version/build/deb/${one##*/}" || return
    done
}
packages_debian() { check 'debian: the same octets from elsewhere' dpkg-buildpackage debian_twice; }

[ $# -gt 0 ] || set -- lint dist debian rpm arch alpine docker
for kind; do
    "packages_$kind"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
