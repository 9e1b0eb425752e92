# SPDX-License-Identifier: ISC
# Debian's packages, under $E2E_MTA and kept there from run to run, never installed on this machine:
# each with what it depends on and this machine has not got. Sourced by whatever wants other
# people's programs; it brings a `skip REASON` that ends the case.
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
    mkdir -p "$1/partial"
    [ -z "${BACKPORTS-}" ] || packages_backports "$1" || return 1
    packages_apt "$1" --no-install-recommends --download-only install "${@:2}" &&
        (cd "$1" && packages_apt "$1" download "${@:2}")
}

# packages_files ROOT PACKAGE...: unpacks them.
packages_files()
{
    local deb root=$1
    mkdir -p "$root/usr" "$root/etc"
    packages_download "$root/deb" "${@:2}" || return 1
    for deb in "$root"/deb/*.deb; do
        dpkg -x "$deb" "$root" || return 1
    done
    rm -r "${root:?}/deb"
    # Where /lib is a link to /usr/lib, here too.
    for deb in bin sbin lib; do
        [ ! -d "$root/$deb" ] || cp -a "$root/$deb" "$root/usr/" || return 1
    done
    # Nothing here may give anybody more than he has.
    find "$root" -type f -perm /6000 -exec chmod a-s {} +
}

# packages_fetch FUNCTION ROOT PACKAGE...
packages_fetch()
{
    local new=$2.new
    rm -rf --one-file-system "${new:?}"
    "$1" "$new" "${@:3}" && mv "$new" "$2"
}

# packages_once FUNCTION NAME PACKAGE...: in $E2E_MTA/NAME, where that was not done before; several
# cases may ask at a time. The case is skipped where they can not be had.
packages_once()
{
    local root=$E2E_MTA/$2 log=$E2E_MTA/$2.log
    mkdir -p "$E2E_MTA"
    (
        flock 9
        [ ! -d "$root" ] || exit 0
        [ ! -e "$root.failed" ] || exit 1
        packages_fetch "$1" "$root" "${@:3}" >"$log" 2>&1 ||
            { apt-get -qq update && packages_fetch "$1" "$root" "${@:3}"; } >>"$log" 2>&1 ||
            { touch "$root.failed" && exit 1; }
    ) 9>"$E2E_MTA/lock" || skip "$2 can not be fetched: $(tail -n 1 "$log")"
}

# packages_unpack NAME PACKAGE...: unpacked in $E2E_MTA/NAME. With $BACKPORTS they come from that
# suite.
packages_unpack()
{
    packages_once packages_files "$@"
}

# packages_keep NAME PACKAGE...: as they are, in $E2E_MTA/NAME.
packages_keep()
{
    packages_once packages_download "$@"
}
