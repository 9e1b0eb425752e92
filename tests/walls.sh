#!/bin/bash
# SPDX-License-Identifier: ISC
# The walls of the house: tests/walls.sh BUILD [PREFIX]
#
# What a program links, which folder may know which, what no file may call. BUILD holds the
# programs; PREFIX is an installation to search for set-id files. Run from the top of the tree.
# A wall that does not hold is shown with the lines that breach it. The last line is
# "N passed, N failed"; the exit status is 1 where one failed.
set -u
shopt -s lastpipe
export LC_ALL=C

build=${1:?} prefix=${2-}
passed=0 failed=0

# wall TEXT: it holds if standard input is empty.
wall()
{
    local breach
    breach=$(cat)
    if [ -z "$breach" ]; then
        passed=$((passed + 1))
        printf 'ok   %s\n' "$1"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n' "$1"
        printf '%s\n' "$breach" | sed 's/^/     | /'
    fi
}

# code FILE...: FILE:LINE:TEXT of all lines, comments and the insides of strings blanked out.
code()
{
    awk '
    FNR == 1 { inside = 0 }
    {
        line = $0
        out = ""
        gsub(/\\./, "__", line)
        gsub(/\047.\047/, "0", line)
        if (line !~ /^#include/) gsub(/"[^"]*"/, "\"\"", line)
        sub(/\/\/.*/, "", line)
        while (line != "") {
            at = index(line, inside ? "*/" : "/*")
            if (!inside) out = out (at ? substr(line, 1, at - 1) : line)
            if (!at) break
            line = substr(line, at + 2)
            inside = !inside
        }
        print FILENAME ":" FNR ":" out
    }' "$@"
}

# calls REGEX FILE...: the calls of functions of these names.
calls()
{
    local names=$1
    shift
    [ $# -eq 0 ] || code "$@" | grep -E ":[^#]*(^|[^A-Za-z0-9_.>])($names)[[:space:]]*\("
}

includes()
{
    grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*$1" "${@:2}"
}

files()
{
    find "${@/#/src/}" -name '*.[ch]' 2>/dev/null | sort
}

mapfile -t sources < <(files '')
mapfile -t libraries < <(files base config message smtp spool)
mapfile -t pure < <(files message smtp)
mapfile -t walled < <(files config message smtp spool sendmail sendoff)
[ ${#sources[@]} -gt 0 ] || { echo 'no sources here' && exit 1; }

# ---- What the programs are.

needs()
{
    readelf -d "$build/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

for program in sendmail sendoff; do
    { [ -x "$build/$program" ] || echo "no $build/$program"; } | wall "$program is there"
    needs "$program" | grep -E '^lib(ssl|crypto|sasl2)\.' |
        wall "$program needs neither libssl, libcrypto nor libsasl2"
    needs "$program" | grep -vE '^(libc|libiniparser|ld-linux.*)\.' |
        wall "$program needs nothing but libc and iniparser"
done
for program in sendmail sendoff sendoff-submit; do
    {
        readelf -hW "$build/$program" | grep -q 'Type: *DYN' || echo 'no PIE'
        readelf -lW "$build/$program" | grep -q GNU_RELRO || echo 'no RELRO'
        readelf -dW "$build/$program" | grep -qE 'BIND_NOW|FLAGS.*NOW' || echo 'lazy binding'
        ! readelf -lW "$build/$program" | grep -q 'GNU_STACK.*RWE' || echo 'executable stack'
        readelf -sW "$build/$program" | grep -q __stack_chk_fail || echo 'no stack protector'
    } | wall "$program is hardened"
done 2>&1
# But in what others' packages have, where it was unpacked.
find "$build" ${prefix:+"$prefix"} \( -path "$build/deb-*" -o -path "$build/callers/root" \
    -o -path "$build/bench/peers" -o -path "$build/mta" \) -prune -o -perm /6000 -type f -print \
    2>/dev/null | wall 'no set-id bit anywhere'

# ---- Who knows whom. Arrows only down.

# may FOLDER ALLOWED: the folder includes headers of those folders, and its own, only.
may()
{
    local own
    mapfile -t own < <(files "$1")
    [ ${#own[@]} -eq 0 ] || includes '"' "${own[@]}" | grep -vE "\"($1|$2)/|\"paths\.h\""
}
may base '-' | wall 'base knows no other folder'
may config base | wall 'config knows base'
may message base | wall 'message knows base'
may smtp 'message|base' | wall 'smtp knows message and base'
may spool 'message|config|base' | wall 'spool knows message, config and base'
may sendmail 'spool|message|config|base' | wall 'sendmail knows the libraries but smtp'
may sendoff 'spool|message|config|base' | wall 'sendoff knows the libraries but smtp'
may submit 'smtp|message|config|base' | wall 'submit knows the libraries but spool'

# one NAME REGEX: such headers are included by one .c, and by no .h.
one()
{
    local users
    users=$(includes "$2" "${sources[@]}" | cut -d: -f1 | sort -u)
    {
        printf '%s\n' "$users" | grep '\.h$'
        [ "$(printf '%s\n' "$users" | grep -c .)" -le 1 ] || printf '%s\n' "$users"
    } | sort -u | wall "$1 is known to one file"
}
# few NAME REGEX FILE...: what is too much for one file is in these, of which one is the private
# header between them; nobody else includes that.
few()
{
    local header=${3}_inner.h regex=$2
    {
        includes "$regex" "${sources[@]}" |
            grep -vE "^src/($(IFS='|' && printf '%s' "${*:3}"))\.c:|^src/$header:"
        includes "\"$header\"" "${sources[@]}" | grep -v "^src/${3}[a-z_]*\.c:"
    } | wall "$1 is known to ${3}*.c"
}
few OpenSSL '<openssl/' submit/tls/tls{,_facts,_inner,_lend,_text,_trust,_verify}
one SASL '<sasl/'
one libseccomp '<seccomp\.h>'
one iniparser '<(iniparser|dictionary)'

# ---- What is not done.

includes '<(unistd|fcntl|poll|signal|pthread|stdio_ext|dirent)\.h>|<(sys/(socket|stat|types|un|time)|netdb|arpa/|netinet/)' \
    "${pure[@]}" | grep -v '<sys/types.h>' | wall 'message and smtp include nothing of the system'
calls 'malloc|calloc|realloc|strdup|strndup|free|time|gettimeofday|clock_gettime|getenv' "${pure[@]}" |
    wall 'message and smtp allocate through struct buf, and ask for no time'
calls 'strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|gets|alloca|setjmp|longjmp|sigsetjmp' \
    "${sources[@]}" | wall 'no banned function'
calls 'is(alpha|digit|alnum|space|upper|lower|print|punct|cntrl|xdigit|graph|blank|ascii)|to(lower|upper)' \
    "${sources[@]}" | wall 'no character class of a locale'
calls 'printf|fprintf|puts|fputs|putchar|perror|exit|_exit|abort|err|errx|warn|warnx|syslog' \
    "${libraries[@]}" | grep -vE '^src/base/(buf|child|diag|process)\.c:' |
    wall 'libraries neither print nor exit'
calls 'open|openat|openat2|creat|read|pread|write|pwrite|fsync|fdatasync|syncfs|rename|renameat|renameat2|link|linkat|unlink|unlinkat|mkdir|mkdirat|mkfifo|mkfifoat|chmod|fchmod|fchmodat|chown|fchown|fchownat|flock|futimens|utimensat|ftruncate|fopen' \
    "${walled[@]}" | wall 'every file call goes through base/io.h'
calls 'setuid|seteuid|setreuid|setresuid|setgid|setegid|setregid|setresgid|setgroups|initgroups|setfsuid' \
    "${sources[@]}" | grep -vE '^src/(sendoff/(spools/identity|drop/dropdoor)|submit/walls/privilege)\.c:' |
    wall 'ids are changed in three files'
calls 'socket|connect|getaddrinfo|gethostbyname|getnameinfo|gethostbyaddr' "${walled[@]}" |
    wall 'nothing but submit touches the network'
calls 'setuid|setgid|setresuid|setresgid|setreuid|setregid|capset' "${sources[@]}" |
    grep -vE '^src/(submit/walls/privilege|sendoff/drop/dropdoor)\.c:' |
    wall 'for good, only sendoff-submit and the drop become somebody else'
calls 'system|popen|execvp|execlp|posix_spawnp' "${sources[@]}" | wall 'no shell, no PATH'

# ---- How it looks.

{
    for file in "${sources[@]}"; do
        head -n 1 "$file" | grep -q '^// SPDX-License-Identifier: ISC$' || echo "$file"
    done
} | wall 'each file names its licence first'
wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 450' | wall 'no file over 450 lines'
grep -nE '\b(XXX|TODO|FIXME)\b' "${sources[@]}" | wall 'nothing left to do'

# ---- What is removed. A variable that is empty must not make a tree of somebody's go: it is one
# ---- of those that end the script then, or own_remove (tests/tools/own.sh) does it.

unguarded()
{
    grep -rnIE '(^|[^[:alnum:]_./-])rm +(-[[:alpha:]-]+ +)*(-[[:alpha:]]*[rR]|--recursive)|-delete\b' Makefile \
        .ci etc tests | grep -vE '^tests/(walls\.sh|corpus/|fuzz/seeds/)|\.[ch]:' |
        sed -E 's/\$\{[[:alnum:]_]+:\?\}//g; s/\$\((own|dirname) [^)]*\)//g
            s/\$\(abspath \$\(B\)\)//g' |
        grep -E '(\brm\b.*|\bfind\b.*)\$'
}
unguarded | wall 'what is removed with all below it is known, or ours'

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
