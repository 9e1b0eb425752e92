#!/bin/bash
# SPDX-License-Identifier: ISC
# What compilers and checkers say of the tree: each line below is one checker, silent when content.
# usage: tests/lint.sh BUILD-DIRECTORY
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
passed=0 failed=0
mapfile -t all_files < <(find src tests -name '*.[ch]' | sort)
jobs=$(nproc)

check() { # check NAME COMMAND...: passes when the command succeeds without a word
    local name=$1 output
    shift
    if output=$("$@" 2>&1 </dev/null) && [ -z "$output" ]; then
        echo "ok   $name"
        passed=$((passed + 1))
    else
        echo "FAIL $name"
        printf '%s\n' "$output" | head -60
        failed=$((failed + 1))
    fi
}

compile_with() { # all programs, tests and tools, warnings being errors
    make --no-print-directory -s -j"$jobs" B="$build/lint-$1" CC="$1" CFLAGS='-O2 -Werror' \
        FUZZ_MAIN=tests/fuzz/replay.c all units smarthost bench-tools corpus-build fuzz-build 2>&1 |
        grep -v 'jobserver'
    return "${PIPESTATUS[0]}"
}

analyze() {
    find src -name '*.c' -print0 | xargs -0 -P "$jobs" -n 4 \
        gcc -std=c11 -Isrc -I"$build" -O1 -fanalyzer -fsyntax-only -w -Wanalyzer-null-dereference
}

# Left out: what takes the length of an octet string for a C string's, a parameter's order for a
# slip, or can not follow a va_list (clang 14) or a span's pointer with its length.
tidy_checks='-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters'
tidy_checks+=',-bugprone-narrowing-conversions,-bugprone-assignment-in-if-condition'
tidy_checks+=',-bugprone-reserved-identifier,-bugprone-not-null-terminated-result'
tidy_checks+=',-bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses'
tidy_checks+=',-bugprone-branch-clone,-bugprone-suspicious-string-compare'
tidy_checks+=',-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling'
tidy_checks+=',-clang-analyzer-valist.Uninitialized,-clang-analyzer-core.NullDereference'
tidy_checks+=',-clang-analyzer-core.NonNullParamChecker'

tidy() {
    find src -name '*.c' -print0 | xargs -0 -P "$jobs" -n 4 \
        sh -c 'clang-tidy --quiet --checks="$0" "$@" -- -std=c11 -Isrc -I"$BUILD" 2>/dev/null' \
        "$tidy_checks" | grep -E ': (warning|error):'
    return 0
}

long_lines() { # commits are read in a terminal, and so is the code
    grep -nE '^.{101,}$' "${all_files[@]}" Makefile tests/tests.mk && return 1
    return 0
}

shell_syntax() {
    local bad=0 f
    for f in $(grep -rlE '^#!/bin/(ba)?sh' tests .ci); do
        bash -n "$f" || bad=1
    done
    return $bad
}

mkdir -p "$build"
export BUILD=$build
make --no-print-directory -s B="$build" "$build/paths.h"
check 'clang-format' clang-format --dry-run -Werror "${all_files[@]}"
check 'gcc, warnings as errors' compile_with gcc
check 'clang, warnings as errors' compile_with clang
check 'cppcheck' cppcheck -q -j "$jobs" --std=c11 --enable=warning,portability,performance \
    --inline-suppr --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppress=nullPointerRedundantCheck --suppress=nullPointerArithmeticRedundantCheck \
    --error-exitcode=1 -Isrc -I"$build" src
check 'clang-tidy' tidy
check 'gcc -fanalyzer' analyze
check 'shell syntax' shell_syntax
check 'lines of at most 100 columns' long_lines
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
