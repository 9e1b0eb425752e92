# SPDX-License-Identifier: ISC
# The manuals as pages: their form, and that what they refer to is there.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/pages.sh"

# Whether other pages are installed here is not ours to say, nor how old the index of them is.
test_lint()
{
    command -v mandoc >/dev/null || skip 'needs mandoc'
    mandoc -Tlint -W style "$PAGES"/*.[1-8] 2>/dev/null |
        grep -v 'STYLE: referenced manual not found' >lint || true
    [ ! -s lint ] || fail "$(cat lint)"
}

# Pages of ours that others refer to are there; each page has its heading, its date and its name.
test_references()
{
    local page name reference
    for page in "$PAGES"/*.[1-8]; do
        name=${page##*/}
        grep -oE '\bXr [a-z.-]+ [1-8]' "$page" | awk '{ print $2 "." $3 }' | sort -u >named
        expect_in "$page" "^\.Dt $(tr '[:lower:]' '[:upper:]' <<<"${name%.*}") ${name##*.}\$"
        expect_in "$page" '^\.Dd [A-Z][a-z]+ [0-9]{1,2}, 20[0-9]{2}$'
        while read -r reference; do
            case $reference in
            sendoff* | sendmail.* | mailq.* | newaliases.*)
                [ -f "$PAGES/$reference" ] || fail "$name refers to $reference, which is not there"
                [ "$reference" != "$name" ] || fail "$name refers to itself"
                ;;
            esac
        done <named
    done
}

# Every page can be come to from another one, and every page leads on.
test_see_also()
{
    local page name
    for page in "$PAGES"/*.[1-8]; do
        name=${page##*/}
        grep -lE "\bXr ${name%.*} ${name##*.}" "$PAGES"/*.[1-8] | grep -v "/$name\$" >from ||
            fail "no page refers to $name"
        part "$name" 'SEE ALSO' | grep -q '^\.Xr' || fail "$name has no SEE ALSO"
        # What is referred to in the text and is ours, is in SEE ALSO, too.
        for reference in $(grep -oE '\bXr [a-z.-]+ [1-8]' "$page" | awk '{ print $2 " " $3 }' |
            grep -E '^(sendoff|sendmail|mailq|newaliases)' | sort -u | tr ' ' '_'); do
            part "$name" 'SEE ALSO' | grep -q "^\.Xr ${reference/_/ }" ||
                fail "$name refers to $reference, and SEE ALSO does not"
        done
    done
}

# A section that is referred to is in the page, or in the one that is named behind it.
test_sections()
{
    local page target section
    for page in "$PAGES"/*.[1-8]; do
        awk '/^\.Sx / { section = $0; sub(/^\.Sx /, "", section)
                        sub(/( [.,;)]+)+$/, "", section); next }
             section != "" && /^(in|of)$/ { next }
             section != "" { print ($1 == ".Xr" ? $2 "." $3 : "-") "\t" section; section = "" }
             END { if (section != "") print "-\t" section }' "$page" >sections
        while IFS=$'\t' read -r target section; do
            [ "$target" != - ] || target=${page##*/}
            [ -f "$PAGES/$target" ] || target=${page##*/}
            grep -qE "^\.S[hs] \"?$section\"?\$" "$PAGES/$target" ||
                fail "${page##*/} refers to a section $section, which $target has not"
        done <sections
    done
}

# Each page is installed, with the paths of the installation, here that of $E2E_STAGE; and each page
# of a program is of one that is there.
test_installed()
{
    local page name there=$E2E_STAGE/usr
    for page in "$PAGES"/*.[1-8]; do
        name=${page##*/}
        sed -E "s#/usr/local/(share|libexec|bin)/sendoff#/usr/\\1/sendoff#" "$page" |
            cmp - "$there/share/man/man${name##*.}/$name"
        case $name in
        *.[18]) [ -L "$there/bin/${name%.*}" ] || [ -e "$there/bin/${name%.*}" ] ||
            [ -e "$there/sbin/${name%.*}" ] || fail "there is no program for $name" ;;
        esac
    done
    cat "$there"/share/man/man?/* | plain | grep -oE '/usr/[a-z/]*/sendoff[a-z./-]*' |
        sed 's/[.]$//' | sort -u >named
    [ "$(wc -l <named)" -gt 2 ] || fail 'the pages name none of our files'
    while read -r name; do
        [ -e "$E2E_STAGE$name" ] || fail "$name is not installed"
    done <named
}

# Each page that shows something literally has a case that takes its blocks.
test_all_blocks_are_tried()
{
    local page
    for page in $(cd "$PAGES" && grep -lE '^\.(Bd -literal|Dl )' -- *.[1-8]); do
        grep -rlE "(blocks |/)$page\b" "$TREE"/tests/manual "$TREE"/tests/fleet >users ||
            fail "no case tries what $page shows"
    done
}

# The tests that sendoff-security(7) names are there, and so are the rows of the hostile smarthost.
test_of_the_threat_model()
{
    local name
    plain <"$PAGES/sendoff-security.7" |
        grep -oE '\b(tests|e2e|system|corpus|fault|fuzz|hostile)/[a-z_./]*' |
        sed 's/\.$//' | sort -u >named
    [ "$(wc -l <named)" -gt 12 ] || fail 'the page names no tests'
    while read -r name; do
        [ -e "$TREE/$name" ] || [ -e "$TREE/tests/$name" ] || [ -e "$TREE/tests/e2e/$name" ] ||
            fail "there is no $name"
    done <named
    part sendoff-security.7 'The network between' | sed -n 's/^\.Ql //p' >rows
    [ "$(wc -l <rows)" = 3 ] || fail 'the page names other rows'
    while read -r name; do
        name=${name//\*/}
        grep -qE "^(row|stage|manner) [^ ]*${name#:}" "$TREE/tests/hostile/table.txt" ||
            fail "there is no row $name"
    done <rows
}
