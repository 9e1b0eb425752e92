# SPDX-License-Identifier: ISC
# Debian's packages, unpacked under $E2E_MTA and kept there from run to run, never installed: each
# with what it depends on and this machine has not got. Sourced by the servers beside it.
# shellcheck shell=bash

# packages_apt DIRECTORY ARGUMENT...: apt-get, beside what apt does on this machine: with no lock of
# the host's, and no sandbox user, who may not reach the directory. With $BACKPORTS set it sees
# Debian's backports, too, and prefers them.
packages_apt()
{
    local options=(-qq -y -o Debug::NoLocking=1 -o APT::Sandbox::User=root
        -o "Dir::Cache::archives=$1")
    [ -z "${BACKPORTS-}" ] || options+=(-t "$BACKPORTS" -o "Dir::Etc::SourceList=$1/sources"
        -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$1/lists"
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
    apt-get "${options[@]}" "${@:2}"
}

# packages_backports DIRECTORY: with the mirror and the keys that the machine has.
packages_backports()
{
    local mirror
    # shellcheck disable=SC2016  # apt's own
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
        "Codename: ${BACKPORTS%-backports}" | head -n 1)
    printf "deb $mirror %s main\n" "${BACKPORTS%-backports}" "$BACKPORTS" >"$1/sources"
    mkdir -p "$1/lists/partial"
    packages_apt "$1" update
}

# packages_download DIRECTORY PACKAGE...: what it depends on is only fetched where it is not
# installed here; itself it is in any case.
packages_download()
{
    [ -z "${BACKPORTS-}" ] || packages_backports "$1" || return 1
    packages_apt "$1" --no-install-recommends --download-only install "${@:2}" &&
        (cd "$1" && packages_apt "$1" download "${@:2}")
}

packages_fetch()
{
    local deb root=$1 new=$1.new
    rm -rf --one-file-system "${new:?}"
    mkdir -p "$new/deb/partial" "$new/usr" "$new/etc"
    packages_download "$new/deb" "${@:2}" || return 1
    for deb in "$new"/deb/*.deb; do
        dpkg -x "$deb" "$new" || return 1
    done
    rm -r "${new:?}/deb"
    # Where /lib is a link to /usr/lib, here too.
    for deb in bin sbin lib; do
        [ ! -d "$new/$deb" ] || cp -a "$new/$deb" "$new/usr/" || return 1
    done
    # Nothing here may give anybody more than he has.
    find "$new" -type f -perm /6000 -exec chmod a-s {} + || return 1
    mv "$new" "$root"
}

# packages_unpack NAME PACKAGE...: in $E2E_MTA/NAME, where that was not done before; several cases
# may ask at a time. The case is skipped where they can not be had. With $BACKPORTS they come from
# that suite.
packages_unpack()
{
    local root=$E2E_MTA/$1 log=$E2E_MTA/$1.log
    mkdir -p "$E2E_MTA"
    (
        flock 9
        [ ! -d "$root" ] || exit 0
        [ ! -e "$root.failed" ] || exit 1
        packages_fetch "$root" "${@:2}" >"$log" 2>&1 ||
            { apt-get -qq update && packages_fetch "$root" "${@:2}"; } >>"$log" 2>&1 ||
            { touch "$root.failed" && exit 1; }
    ) 9>"$E2E_MTA/lock" || skip "$1 can not be fetched: $(tail -n 1 "$log")"
}
