#!/bin/bash
# SPDX-License-Identifier: ISC
# What can be said of packages for other distributions without them: tests/packages.sh VERSION
#
# The spec is expanded by rpmspec and read by rpmlint, shell files by their shells and shellcheck;
# all name the version of the Makefile. They are not built here. Tools that are not here are
# skipped by name. The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../etc/packages" || exit 1
version=${1:?}
passed=0 failed=0 skipped=0

# check NAME TOOL COMMAND...: passes where the command succeeds, is skipped without the tool.
check()
{
    local name=$1 tool=$2 said
    shift 2
    if ! command -v "$tool" >/dev/null; then
        skipped=$((skipped + 1))
        echo "skip $name: no $tool"
    elif said=$("$@" 2>&1 </dev/null); then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        printf '%s\n' "$said" | tail -n 15 | sed 's/^/     | /'
    fi
}

# /usr/lib/sendmail is a name of its own, whatever %{_libdir} is.
# shellcheck disable=SC2329  # called by check
spec_lint() { rpmlint rpm/sendoff.spec | grep ': E: ' | grep -v 'hardcoded-library-path.*/lib/sendmail$' && return 1; return 0; }

check 'rpm: the spec expands' rpmspec rpmspec -P rpm/sendoff.spec
check 'rpm: no error to rpmlint' rpmlint spec_lint
check 'alpine: APKBUILD' shellcheck shellcheck -s sh -e SC2034,SC2154,SC3057 alpine/APKBUILD
check 'alpine: pre-install' shellcheck shellcheck alpine/sendoff.pre-install
check 'arch: PKGBUILD' shellcheck shellcheck -s bash -e SC2034,SC2154,SC2164 arch/PKGBUILD
check 'debian: maintainer scripts' shellcheck shellcheck debian/postinst debian/postrm
check 'rpm: version' grep grep -qx "Version: *$version" rpm/sendoff.spec
for file in alpine/APKBUILD arch/PKGBUILD; do
    check "${file%/*}: version" grep grep -qx "pkgver=$version" "$file"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
