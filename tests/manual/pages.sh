# SPDX-License-Identifier: ISC
# Reading the manuals as they are written (mdoc), so that no test has a copy of what they say.
# Sourced by the case files beside it, in the words of tests/e2e/lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh

TREE=$(cd "$(dirname "$CASE_FILE")/../.." && pwd)
PAGES=$TREE/man
. "$TREE/tests/e2e/system/host.sh"

# plain: mdoc's signs for characters become these.
plain()
{
    sed 's/\\e/\\/g; s/\\(dq/"/g; s/\\(aq/'\''/g; s/\\-/-/g; s/\\&//g; s/\\ / /g'
}

# words: what a request says, in one line without its macros.
words()
{
    plain | sed -E 's/^\.(It )?/ /; :again
        s/(^|[ |])(Fl|Cm|Ar|Ic|Pa|Ql|Ev|Dv|Sy|Li|Xr|Sx|No|Ns|Op|Pq|Em)([ |]|$)/\1\3/; t again
        s/ +/ /g; s/^ //; s/ $//; s/ *\| */|/g'
}

# part PAGE HEADING...: the lines below each of these headings, up to the next heading.
part()
{
    local page=$1
    shift
    awk -v wanted="$(printf '|%s' "$@")|" '
        /^\.S[hs] / { heading = substr($0, 5); gsub(/"/, "", heading)
                      on = index(wanted, "|" heading "|") > 0; next }
        on' "$PAGES/$page"
}

# items: the heads of the items of lists, one line each, of what part prints.
items()
{
    grep '^\.It ' | grep -v '^\.It Sy' | words
}

# columns: the rows of tables, of what part prints: "a|b|c", each one line.
columns()
{
    awk '/^\.It / { if (row) print row; row = substr($0, 5); next }
         /^\.El/ { if (row) print row; row = "" }
         row && !/^\./ { row = row " " $0; next }
         row { row = row " " substr($0, 2) }' | grep -v '^Sy ' |
        sed -E ':again; s/(^|[ |])Ta( |$)/\1|\2/; t again' | words | grep '|'
}

# ---- Blocks: what stands between .Bd -literal and .Ed, or behind .Dl.

# blocks PAGE: each goes to a file ./blocks/N; a case then takes them by their first lines.
blocks()
{
    mkdir "$DIR/blocks"
    awk -v out="$DIR/blocks/" '
        /^\.Bd -literal/ { n++; file = out n; next }
        /^\.Ed/ { file = "" }
        /^\.Dl / { sub(/^\.Dl /, ""); n++; print >(out n); next }
        file { print >file }' "$PAGES/$1"
    local file
    for file in "$DIR"/blocks/*; do
        plain <"$file" >"$file.new"
        mv "$file.new" "$file"
    done
}

# block TEXT: the block whose first line begins so, which is to be one; sets BLOCK, and takes it.
block()
{
    local file found=''
    for file in "$DIR"/blocks/*; do
        [ -f "$file" ] || continue
        case $(head -n 1 "$file") in "$1"*)
            [ -z "$found" ] || fail "several blocks begin with '$1'"
            found=$file
            ;;
        esac
    done
    [ -n "$found" ] || fail "no block of the page begins with '$1'"
    BLOCK=$DIR/block
    mv "$found" "$BLOCK"
}

# none_left: every block of the page was taken.
none_left()
{
    local file
    for file in "$DIR"/blocks/*; do
        [ ! -f "$file" ] || fail "no case tries the block that begins with '$(head -n 1 "$file")'"
    done
}

# What may be otherwise with each call: queue ids, hashes, dates, numbers, ages; and blanks.
normal()
{
    sed -E 's/\<[0-9A-F]{18}\>/ID/g; s|sha256//[A-Za-z0-9+/]{43}=|sha256//PIN|g
        s/\<(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +[0-9]+/DAY/g
        s/[0-9]+(\.[0-9]+)?[BKMsmhd]?\>/N/g; s/ +/ /g; s/ $//' "$1"
}

# alike WANT GOT: line by line the same, as far as that goes. In WANT "..." stands for the rest of a
# line, and on a line of its own for any lines.
alike()
{
    local want got any=no
    normal "$1" >"$DIR/want"
    normal "$2" >"$DIR/got"
    {
        while IFS= read -r want <&3; do
            if [ "$want" = ... ]; then
                any=yes
                continue
            fi
            while :; do
                IFS= read -r got <&4 || fail "nothing like '$want' in: $(cat "$2")"
                [ "$want" != "$got" ] || break
                if [[ $want == *...* && $got == "${want%%...*}"* ]]; then break; fi
                [ $any = yes ] || fail "'$got', and not '$want', in: $(cat "$2")"
            done
            any=no
        done
        [ $any = yes ] || ! IFS= read -r got <&4 || fail "the manual does not show '$got'"
    } 3<"$DIR/want" 4<"$DIR/got"
}

# session FILE: commands behind "$ ", as they are typed, and what they print below them. A command
# goes on behind a "|" or "\" at the end of a line, and up to the end of its here-document.
session()
{
    local line command='' end=''
    : >"$DIR/shown"
    while IFS= read -r line <&5; do
        if [ -n "$end" ]; then
            command+=$'\n'$line
            [ "$line" != "$end" ] || end=''
        elif [[ $command == *[\|\\] ]]; then
            command+=$'\n'$line
        elif [[ $line == '$ '* ]]; then
            said "$command"
            command=${line#'$ '}
            [[ $command != *'<<'* ]] || end=$(sed -E "s/.*<<'?([A-Z]+).*/\1/" <<<"$command")
        else
            printf '%s\n' "$line" >>"$DIR/shown"
        fi
    done 5<"$1"
    said "$command"
}

# said COMMAND: runs it, and compares what it says with ./shown.
said()
{
    if [ -n "$1" ]; then
        typed "$1" >"$DIR/typed" 2>&1 || true
        alike "$DIR/shown" "$DIR/typed"
    fi
    : >"$DIR/shown"
}
