#!/bin/bash
# SPDX-License-Identifier: ISC
# Other systems, as far as they can be had on this one: tests/port.sh BUILD [portable|clang|musl...]
#
# portable  without anything that only Linux has (src/base/port.h): all unit tests
# clang     all unit tests
# musl      the unit tests of all but submit, whose libraries Debian has for glibc only; with
#           iniparser of the next Debian release, its headers where its authors put them
# What can not be fetched is skipped by name. The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(mkdir -p "$1" && cd "$1" && pwd) || exit 1
shift
passed=0 failed=0 skipped=0
# A locale, or a make above us, must not change what is run.
unset MAKEFLAGS MAKELEVEL MFLAGS
export LC_ALL=C

ok() { passed=$((passed + 1)) && printf 'ok   %s\n' "$1"; }
fail() { failed=$((failed + 1)) && printf 'FAIL %s\n' "$1"; }
skip() { skipped=$((skipped + 1)) && printf 'skip %s: %s\n' "$1" "$2"; }

# units NAME MAKE-ARGUMENT...: builds all unit tests that TESTS names without a warning; runs them.
units()
{
    local name=$1 log=$build/$1.log out=$build/$1 good=0 test
    local targets=("${tests[@]/#/$out/unit/}")
    shift
    # Paths of its own: what lies at the real ones is not the tests' matter.
    if make -s -k -j2 B="$out" LOCALSTATEDIR="$out/var" CFLAGS='-O1 -g -Werror' "$@" "${targets[@]}" >"$log" 2>&1; then
        ok "$name: builds"
    else
        grep -E 'error|undefined' "$log" | head -n 20
        fail "$name: builds"
    fi
    for test in "${targets[@]}"; do
        [ -x "$test" ] || continue
        if "$test" >"$log" 2>&1; then
            good=$((good + 1))
        else
            grep -E 'error|FAILED|not so' "$log" | head -n 10
            fail "$name: ${test##*/}"
        fi
    done
    [ "$good" -ne "${#targets[@]}" ] || ok "$name: $good unit tests"
}

every() { mapfile -t tests < <(cd tests/unit && printf '%s\n' test_*.c | sed 's/\.c$//'); }

portable() { every && units portable PORTABLE=1; }
clang() { every && units clang CC=clang; }

# source RELEASE PACKAGE: its unpacked source of that Debian release, below $build/source/PACKAGE.
source_of()
{
    local dir=$build/source/$2 apt
    [ ! -e "$dir/done" ] || return 0
    mkdir -p "$dir/lists/partial" "$dir/files"
    echo "deb-src http://deb.debian.org/debian $1 main" >"$dir/list"
    apt=(-qq -o Dir::Etc::sourcelist="$dir/list" -o Dir::Etc::sourceparts=-
        -o Dir::State::lists="$dir/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=)
    (cd "$dir/files" && apt-get "${apt[@]}" update && apt-get "${apt[@]}" source --download-only "$2" &&
        mkdir -p "$dir/tree" && tar -xf "$(ls "$2"_*.orig.tar.[gx]z)" --strip-components=1 -C "$dir/tree") \
        >"$dir/log" 2>&1 </dev/null && : >"$dir/done"
}

# archive NAME FILE.c...: compiled for musl into a library.
archive()
{
    local name=$1 objects=() file
    shift
    for file in "$@"; do
        objects+=("$root/$(basename "$file").o")
        musl-gcc -w -O1 -fPIE -I"$root/include" -I"${file%/*}" \
            -DHAVE_{SIGNAL,INTTYPES,STDINT,MALLOC}_H -c "$file" -o "${objects[-1]}" || return 1
    done
    ar rcs "$root/lib/lib$name.a" "${objects[@]}"
}

musl()
{
    local source=$build/source root=$build/musl.root triplet
    command -v musl-gcc >/dev/null || { skip musl 'no musl-gcc'; return; }
    source_of trixie iniparser && source_of bookworm cmocka ||
        { skip musl "no source of iniparser or cmocka to be had"; return; }
    triplet=$(gcc -print-multiarch)
    mkdir -p "$root/include" "$root/lib"
    ln -sfn /usr/include/linux "$root/include/linux"
    ln -sfn /usr/include/asm-generic "$root/include/asm-generic"
    ln -sfn "/usr/include/$triplet/asm" "$root/include/asm"
    cp "$source"/iniparser/tree/src/*.h "$source"/cmocka/tree/include/*.h "$root/include"
    if ! archive iniparser "$source"/iniparser/tree/src/{iniparser,dictionary}.c ||
        ! archive cmocka "$source/cmocka/tree/src/cmocka.c"; then
        fail 'musl: its libraries'
        return
    fi
    mapfile -t tests < <(cd tests/unit && grep -LE '^// links: submit' test_*.c | sed 's/\.c$//')
    # Its CMSG_NXTHDR compares signed with unsigned.
    units musl CC=musl-gcc CPPFLAGS="-isystem $root/include -Wno-sign-conversion" LDFLAGS="-L$root/lib" \
        INIPARSER=-liniparser SECCOMP=
}

for what in "${@:-portable}"; do
    "$what"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
