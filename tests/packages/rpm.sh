# SPDX-License-Identifier: ISC
# The RPM spec (tests/packages.sh). Sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2329  # variables are the caller's; functions are called by check

# /usr/lib/sendmail is a name of its own, whatever %{_libdir} is.
spec_lint()
{
    ! rpmlint etc/packages/rpm/sendoff.spec | grep ': E: ' |
        grep -v 'hardcoded-library-path.*/lib/sendmail$'
}

# What Fedora's systemd-rpm-macros and its rpm say, where they are not. (brp-compress takes its sh
# for bash.)
rpm_macros()
{
    [ -z "$(rpm --eval '%{?_unitdir}')" ] || return 0
    cat <<'END'
%_unitdir /usr/lib/systemd/system
%_userunitdir /usr/lib/systemd/user
%_sysusersdir /usr/lib/sysusers.d
%_tmpfilesdir /usr/lib/tmpfiles.d
%systemd_post() systemctl --no-reload preset %{*} >/dev/null 2>&1 || :\
%{nil}
%systemd_preun() if [ $1 -eq 0 ]; then systemctl --no-reload disable --now %{*} >/dev/null 2>&1 || :; fi\
%{nil}
%systemd_postun() systemctl daemon-reload >/dev/null 2>&1 || :\
%{nil}
%__os_install_post bash /usr/lib/rpm/brp-compress
END
}

rpm_build()
{
    mkdir -p "$work/rpm/SOURCES" "$work/rpm/tmp" && cp "$tarball" "$work/rpm/SOURCES" || return
    rpm_macros >"$work/rpm/macros"
    rpmbuild -bb --nodeps --nocheck --define "_topdir $work/rpm" --define "_tmppath $work/rpm/tmp" \
        --load "$work/rpm/macros" etc/packages/rpm/sendoff.spec || return
    rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]' \
        "$work"/rpm/RPMS/*/*.rpm >"$work/rpm/files"
}

rpm_modes()
{
    { wanted /usr/sbin /usr/bin /usr/libexec sendmail.sendoff && wanted_spool; } |
        missing_of "$work/rpm/files" | nothing
}

# Libraries, the shell, and what it names; no interpreter of a file that is for somebody else.
rpm_requirements()
{
    rpm -qp --requires "$work"/rpm/RPMS/*/*.rpm |
        grep -vE '^(rpmlib\(|rtld\(|lib(c|crypto|ssl|sasl2|iniparser|seccomp|resolv|pthread)\.so\.)' |
        grep -vxE '/bin/sh|shadow-utils|alternatives|cyrus-sasl-plain|systemd|config\(sendoff\).*' |
        nothing
}

# Debian's rpm would rather not; update-alternatives is Debian's for alternatives.
rpm_do() { rpm --root "$root" --nodeps --force-debian "$@"; }

rpm_in_use()
{
    inside 'for link in /usr/sbin/sendmail /usr/bin/mailq /usr/bin/newaliases /usr/lib/sendmail; do
                [ "$(readlink -f $link)" = /usr/sbin/sendmail.sendoff ]
            done
            [ "$(readlink -f /usr/share/man/man1/mailq.1.gz)" = /usr/share/man/man1/mailq.sendoff.1.gz ]
            [ -s /usr/share/man/man8/sendmail.8.gz ]
            getent passwd sendoff && getent passwd sendoff-drop
            printf "Subject: x\n\nthis one waits\n" | sendmail x@example.net
            mailq | grep -q x@example.net'
}

rpm_gone()
{
    inside '! [ -e /usr/sbin/sendmail ] && ! [ -e /usr/bin/sendoff ] && ! [ -e /usr/bin/mailq ]
            ! [ -e /usr/share/sendoff ] && ! [ -e /usr/share/man/man8/sendmail.8.gz ]
            grep -rq "this one waits" /var/spool/sendoff'
}

rpm_in_place() { rpm_do -V sendoff && inside '[ "$(stat -c "%U %a" /var/spool/sendoff)" = "root 1733" ]'; }

packages_rpm()
{
    check 'rpm: builds' rpmbuild rpm_build || return
    check 'rpm: files have the modes that they need' rpm rpm_modes
    check 'rpm: no set-id file' rpm no_set_id "$work/rpm/files"
    check 'rpm: all manuals' rpm no_manual_missing "$work/rpm/files"
    check 'rpm: requires nothing odd' rpm rpm_requirements
    host_for rpm || return
    ln -s ../bin/update-alternatives "$root/usr/sbin/alternatives"
    check 'rpm: installs' rpm rpm_do -i "$work"/rpm/RPMS/*/*.rpm || return
    check 'rpm: is in place' rpm rpm_in_place
    check 'rpm: is sendmail, mailq and newaliases, and queues' rpm rpm_in_use
    check 'rpm: upgrades' rpm rpm_do -U --force "$work"/rpm/RPMS/*/*.rpm
    check 'rpm: is sendmail still' rpm rpm_in_use
    check 'rpm: removes' rpm rpm_do -e sendoff
    check 'rpm: leaves the mail, and nothing that is called' rpm rpm_gone
}
