# SPDX-License-Identifier: ISC
# The APKBUILD (tests/packages.sh). Sourced. Its functions are run by sh with the variables that
# abuild sets; what abuild itself does (splitting, signing, the index) is not tried.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2329  # variables are the caller's; functions are called by check

alpine_build()
{
    mkdir -p "$work/alpine/src" "$work/alpine/pkg" &&
        tar -xzf "$tarball" -C "$work/alpine/src" || return
    # shellcheck disable=SC2016  # for the inner shell
    sh -euc '
        startdir=$1 srcdir=$2/src pkgdir=$2/pkg
        . "$startdir/APKBUILD"
        builddir=$srcdir/$pkgname-$pkgver
        for file in $install; do [ -f "$startdir/$file" ]; done
        cd "$builddir" && build
        cd "$builddir" && package' - "$PWD/etc/packages/alpine" "$work/alpine" || return
    (cd "$work/alpine/pkg" && find . -printf '%M root/root /%P\n') >"$work/alpine/files"
}

alpine_modes()
{
    { wanted /usr/sbin /usr/bin /usr/libexec sendmail && wanted_spool; } |
        missing_of "$work/alpine/files" | nothing
}

# Each subpackage takes files by their places; no other is left for systemd.
alpine_places()
{
    local place
    for place in /etc/init.d/sendoff /usr/share/bash-completion/completions/sendoff \
        /usr/share/zsh/site-functions/_sendoff /usr/share/fish/vendor_completions.d/sendoff.fish; do
        grep -q " $place\$" "$work/alpine/files" || echo "not there: $place"
    done | nothing && grep -E '/(systemd|sysusers\.d|tmpfiles\.d)(/|$)' "$work/alpine/files" | nothing
}

packages_alpine()
{
    check 'alpine: its functions build and stage' sh alpine_build || return
    check 'alpine: files have the modes that they need' sh alpine_modes
    check 'alpine: no set-id file' sh no_set_id "$work/alpine/files"
    check 'alpine: files lie where subpackages take them from' sh alpine_places
    check 'alpine: all manuals' sh no_manual_missing "$work/alpine/files"
    skip 'alpine: installs' 'no abuild in Debian'
}
