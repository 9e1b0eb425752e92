# SPDX-License-Identifier: ISC
# The PKGBUILD (tests/packages.sh). Sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2329  # variables are the caller's; functions are called by check

# makepkg refuses to be root.
arch_build()
{
    local at=$work/arch as=()
    mkdir -p "$at" && cp "$tarball" etc/packages/arch/PKGBUILD "$at" || return
    if [ "$(id -u)" = 0 ]; then
        as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
        chown nobody:nogroup "$at"
    fi
    (cd "$at" && "${as[@]}" env -i PATH="$PATH" HOME="$at" PKGEXT=.pkg.tar.gz makepkg --nodeps \
        --nocheck --noconfirm) && bsdtar -tvf "$at"/sendoff-*.pkg.tar.gz |
        awk '{ print $1, $3 "/" $4, "/" $9 }' | sed 's|/$||' >"$at/files"
}

arch_modes()
{
    wanted /usr/bin /usr/bin /usr/lib/sendoff sendmail | missing_of "$work/arch/files" | nothing
}

# There sbin is bin, and what lies in /var is made by systemd.
arch_places() { grep -E ' /(usr/sbin|var|usr/libexec|sbin|bin|lib)(/|$)' "$work/arch/files" | nothing; }

arch_pacman()
{
    printf '[options]\nArchitecture = auto\nSigLevel = Never\n' >"$work/arch/conf"
    mkdir -p "$root/var/lib/pacman" &&
        pacman --root "$root" --config "$work/arch/conf" --noconfirm "$@"
}

arch_in_use()
{
    inside 'systemd-sysusers && getent passwd sendoff-drop
            install -d -m 1733 /var/spool/sendoff && install -d -m 700 /var/spool/sendoff/0
            for link in /usr/bin/mailq /usr/bin/newaliases /usr/lib/sendmail; do
                [ "$(readlink -f $link)" = /usr/bin/sendmail ]
            done
            printf "Subject: x\n\nthis one waits\n" | sendmail x@example.net
            mailq | grep -q x@example.net'
}

arch_gone()
{
    inside '! [ -e /usr/bin/sendmail ] && ! [ -e /usr/bin/sendoff ] && ! [ -e /usr/lib/sendoff ]
            grep -rq "this one waits" /var/spool/sendoff'
}

packages_arch()
{
    command -v bsdtar >/dev/null || { skip 'arch: builds' 'no bsdtar'; return; }
    check 'arch: builds' makepkg arch_build || return
    check 'arch: files have the modes that they need' bsdtar arch_modes
    check 'arch: no set-id file' bsdtar no_set_id "$work/arch/files"
    check 'arch: nothing lies where others belong' bsdtar arch_places
    check 'arch: all manuals' bsdtar no_manual_missing "$work/arch/files"
    host_for arch || return
    check 'arch: installs' pacman arch_pacman -Udd "$work"/arch/sendoff-*.pkg.tar.gz || return
    check 'arch: is sendmail, mailq and newaliases, and queues' pacman arch_in_use
    check 'arch: is whole' pacman arch_pacman -Qkk sendoff
    check 'arch: removes' pacman arch_pacman -Rdd sendoff
    check 'arch: leaves the mail' pacman arch_gone
}
