# SPDX-License-Identifier: ISC
# What the manuals say of options, commands and exit statuses, against the programs, both ways.
# That each key of the config has its item, with its default, words and range, is tested where the
# table of keys is (tests/unit/test_options.c).
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2238  # between here and lib.sh
. "${BASH_SOURCE%/*}/pages.sh"

# ---- sendmail(8)

with_sendmail()
{
    host_of "${FUNCNAME[1]}"
    SPOOL=$DIR/spool
    PORT=1 write_config
    printf 'local: alias@example.org\n' >aliases
    part sendmail.8 'All options' | columns >table
    [ "$(wc -l <table)" -gt 40 ] || fail 'there is no table of options'
}

# kind LETTER: how it takes a value, by what sendmail complains of.
kind()
{
    case $(sendmail "-$1" 2>&1 </dev/null || true) in
    "sendmail: -$1: needs a value") echo free ;;
    "sendmail: -$1: unknown option") echo unknown ;;
    *)
        case $(sendmail "-$1!" 2>&1 </dev/null || true) in
        'sendmail: -!: unknown option') echo none ;;
        *) echo attached ;;
        esac
        ;;
    esac
}

test_every_letter_has_a_row()
{
    with_sendmail
    local letter row
    for letter in {a..z} {A..Z} {0..9} '?' @ _ + '#'; do
        row=$(awk -F'|' -v letter="$letter" '$1 == letter { print $2 }' table)
        expect_equal "-$letter" "${row:-unknown}" "$(kind "$letter")"
    done
    expect_equal 'rows of a letter' "$(cut -d'|' -f1 table | grep -x . | sort | uniq -d)" ''
}

# given OPTION...: what becomes of a message with these options, as ./GIVEN.
given()
{
    local file
    rm -rf spool
    printf 'To: header@example.org\nSubject: s\n\ntext\n.\n' >in
    run_with_input in sendmail "$@" -- local
    {
        printf 'status %s\n' "$status"
        cat out err
        for file in spool/new/*; do
            [ ! -f "$file" ] || sed -E 's/^(Sendoff-(Spool|Arrival)|Date|Message-ID):.*/\1/' "$file"
        done
    } >what
}

# An option that is honoured changes something with this value, if it takes one.
example_of()
{
    case $1 in
    B) echo 8BITMIME ;;
    F) echo 'A Name' ;;
    f | r) echo somebody@example.org ;;
    N) echo never ;;
    O) echo requiretls=yes ;;
    R) echo hdrs ;;
    V) echo an-id ;;
    *) echo value ;;
    esac
}

# What is ignored changes nothing, what is refused queues nothing, what is honoured does something.
test_what_becomes_of_them()
{
    with_sendmail
    local letter arity effect word
    given
    mv what plain
    expect_in plain '^status 0$'
    while IFS='|' read -r letter arity effect; do
        [[ $letter == ? ]] || continue
        word=-$letter
        [ "$arity" = none ] || word+=$(example_of "$letter")
        case $effect in
        ignored* | '0.1 :'*ignored*)
            [ "$letter" != A ] || word=-Ac
            given "$word"
            cmp -s plain what || fail "$word does something"
            ;;
        refused*)
            given "$word"
            expect_equal "$word" "$(head -n 1 what)" 'status 64'
            expect_queue 0
            ;;
        'as '*) ;;
        *)
            [[ $letter != [boq] ]] || continue # below
            given "$word"
            ! cmp -s plain what || fail "$word does nothing"
            ;;
        esac
    done <table
    given -Aq
    expect_equal -Aq "$(head -n 1 what)" 'status 64'
    given -r somebody@example.org
    mv what r
    given -f somebody@example.org
    cmp r what
    expect_equal -I "$(sendmail -I)" "$(sendmail -bi)"
}

# rows_of LETTER: what its value may be, and what becomes of it: the rows behind the letter's own.
rows_of()
{
    awk -F'|' -v letter="$1" '$1 != "" { on = $1 == letter } on { print $3 }' table
}

# listed LETTER: the values that are named there in front of a colon.
listed()
{
    rows_of "$1" | sed -n 's/ :.*//p' | tr -d ' ' | tr ',' '\n'
}

test_modes()
{
    with_sendmail
    local letter known=''
    known=$(sed -n 's/ :.*//p' <(rows_of b | grep -v ': refused'))
    for letter in {a..z} {A..Z}; do
        run sendmail "-b$letter" root@example.org </dev/null
        case " ${known//[$'\n',]/ } " in
        *" $letter "*) expect_not_in err 'no such mode|no daemon' ;;
        *)
            expect_status 64
            if rows_of b | grep refused | sed 's/ :.*//' | grep -qw "$letter"; then
                expect_in err 'no daemon'
            else
                expect_in err 'no such mode'
            fi
            ;;
        esac
    done
}

test_settings()
{
    with_sendmail
    local letter value
    given
    mv what plain
    for letter in {a..z} {A..Z}; do
        given "-o${letter}x"
        if listed o | grep -qx "$letter"; then
            ! cmp -s plain what || fail "-o$letter does nothing"
        else
            cmp -s plain what || fail "-o$letter does something"
        fi
    done
    expect_equal 'values of -o' "$(listed o | tr '\n' ' ')" 'i v dq dd '
    given -o
    expect_in what 'status 64'
    # -O: what is named there does something, and nothing else does.
    for value in $(rows_of O | grep -oE '[A-Za-z0-9]+=[a-z0-9]+'); do
        case $value in
        DeliveryMode=*) continue ;; # of which test_delivery tells
        esac
        given -O "$value"
        ! cmp -s plain what || fail "-O $value does nothing"
    done
    given -O QueueDirectory=/tmp/x -O LogLevel=20 -OTimeout.queuereturn=1h
    cmp plain what
}

# Whether a bell is rung: -odq, -odd and DeliveryMode are silent, all other modes are not.
test_delivery()
{
    with_sendmail
    PORT=1 write_config sendoff.deliver=background
    mkfifo -m 622 bell
    local word got
    exec 9<>bell
    for word in -odq -odd -OdeliveryMode=q '-O DeliveryMode=d' \
        -odb -odi -oem '-O DeliveryMode=b'; do
        # shellcheck disable=SC2086  # they are words
        given $word
        got=no
        ! read -r -t 0.1 -n 1 <&9 || got=yes
        case $word in
        *dq | *dd | *=q | *=d) expect_equal "a ring with $word" $got no ;;
        *) expect_equal "a ring with $word" $got yes ;;
        esac
    done
}

# Each option that stands in SYNOPSIS and OPTIONS has its row in the table.
test_options_that_matter()
{
    with_sendmail
    local word
    for word in $(part sendmail.8 SYNOPSIS OPTIONS | plain |
        grep -oE '(^\.It |^\.Op |, |\| |^\.)Fl [A-Za-z][A-Za-z0-9.]*' | sed 's/.*Fl //'); do
        case $word in
        q[A-Za-z]* | b[A-Za-z]* | o[A-Za-z]* | d0.1) word=${word:0:1} ;;
        Gintv | Gn | ti | tf | Fl) continue ;; # bundles, and long ones
        esac
        expect_in table "^$word\|"
    done
}

# ---- sendoff(1)

with_sendoff()
{
    host_of "${FUNCNAME[1]}"
    SPOOL=$DIR/spool
    sendoff help >help
}

# options_of COMMAND: "--due", "--id VALUE", as the program has them.
options_of()
{
    sendoff help "$1" | sed -nE 's/^          (--[a-z-]+)( [^ ]+)?  .*/\1\2/p' |
        sed -E 's/ \[.*/ [VALUE]/; s/ [^[].*/ VALUE/'
}

# headings COMMAND: where sendoff(1) describes it.
headings()
{
    case $1 in
    queue) printf 'Queue\nQueue edits\n' ;;
    *) printf '%s\n' "${1^}" ;;
    esac
}

# described COMMAND: the options that have an item there, or stand in a sentence.
described()
{
    local heading
    headings "$1" | while read -r heading; do part sendoff.1 "$heading"; done |
        grep -oE 'Fl Fl [a-z-]+( Ar|  *Op Ar| Ns Op Ar)?' |
        sed -E 's/Fl Fl /--/; s/ (Ns )?Op Ar/ [VALUE]/; s/ Ar/ VALUE/' || true
}

test_every_command_has_its_options()
{
    with_sendoff
    local command option
    sed -nE 's/^  sendoff ([a-z]+).*/\1/p' help >commands
    [ "$(wc -l <commands)" -gt 8 ] || fail 'help is empty'
    while read -r command; do
        described "$command" | sort -u >there
        options_of "$command" | sort >wanted
        while read -r option; do
            grep -qxF -- "$option" there || fail "sendoff(1) does not describe $command $option"
        done <wanted
        # In sentences an option stands without its value.
        while read -r option; do
            [ "$option" != --help ] || continue
            sed 's/ .*//' wanted | grep -qxF -- "${option%% *}" ||
                fail "sendoff(1) says $command takes $option"
            [[ $option != *' '* ]] || grep -qxF -- "$option" wanted ||
                fail "sendoff(1) says $command takes $option"
        done <there
    done <commands
    # No section is about a command that is none.
    sed -n 's/^\.Ss //p' "$PAGES/sendoff.1" | tr 'A-Z' 'a-z' | sed 's/ .*//' | sort -u >described
    sort commands | cmp - described || fail 'sections and commands differ'
}

# Nothing stands in the synopsis that is no option of the command before it.
test_synopsis()
{
    with_sendoff
    part sendoff.1 SYNOPSIS | plain | awk '/^\.Nm/ { print line; line = ""; next }
        { line = line " " substr($0, 2) } END { print line }' | grep . >lines
    local line command option
    while read -r line; do
        command=$(grep -oE 'Cm [a-z]+' <<<"$line" | sed -n '1s/Cm //p')
        [ -n "$command" ] || fail "no command in: $line"
        expect_in help "^  sendoff $command( |\$)"
        for option in $(grep -oE 'Fl Fl [a-z-]+' <<<"$line" | sed 's/Fl Fl /--/'); do
            options_of "$command" | sed 's/ .*//' | grep -qxF -- "$option" ||
                fail "the synopsis gives $command $option"
        done
        ! grep -qE 'Fl [a-z]*-' <<<"${line//Fl Fl /--}" || fail "one dash: $line"
        printf '%s\n' "$command"
    done <lines | sort -u >named
    sed -nE 's/^  sendoff ([a-z]+).*/\1/p' help | sort | cmp - named
}

test_words_of_queue()
{
    with_sendoff
    part sendoff.1 'Queue edits' | sed -n 's/^\.It Cm //p' | sort >there
    sed -nE 's/^  sendoff queue \[([a-z|]+)\].*/\1/p' help | tr '|' '\n' | sort | cmp - there
}

# One command's help is its part of the whole, and --help is help.
test_help()
{
    with_sendoff
    local command
    while read -r command; do
        expect_equal "help $command" "$(sendoff help "$command")" "$(sendoff "$command" --help)"
        awk -v command="$command" '/^  sendoff/ { on = $2 == command } on' help >wanted
        sendoff help "$command" | sed 1d | cmp - wanted
    done < <(sed -nE 's/^  sendoff ([a-z]+).*/\1/p' help)
    run sendoff help nothing
    expect_status 64
    run sendoff mailq --help
    expect_status 64
    expect_equal version "$(sendoff --version)" "$(sendoff version)"
    expect_equal help "$(sendoff --help)" "$(sendoff help)"
}

# The providers that setup knows.
test_providers()
{
    part sendoff.1 Setup | sed -n '/It Fl Fl provider/,/It Fl Fl host/p' | grep '^\.Cm' | words |
        tr -d ',' | tr ' ' '\n' | grep -vxE 'or|[.]|' | sort >listed
    sed -nE 's/^    \{"([a-z.-]+)", "[^"]*",.*/\1/p' "$TREE/src/sendoff/setup/providers.c" |
        sort >known
    [ "$(wc -l <known)" -gt 15 ] || fail 'there is no table of providers'
    cmp listed known
}

# Metrics, members of JSON and steps of the check are those that come out.
test_names_of_figures()
{
    with_sendoff
    printf 'on RCPT has=later@ reply "450 4.2.1 later"\non RCPT has=bad@ reply "550 5.1.1 no"\n' |
        script
    start_smarthost
    write_config sendoff.log=json
    message >mail1
    inject mail1 a@example.org
    inject mail1 later@example.org
    inject mail1 bad@example.org
    run sendoff flush
    cat err >>logged
    part sendoff.1 Status | plain | grep -oE 'sendoff_[a-z_]+' | sort -u >listed
    sendoff status --metrics | sed -nE 's/^# TYPE (sendoff_[a-z_]+) .*/\1/p' | sort >known
    cmp listed known || fail 'metrics'
    part sendoff.1 Queue | columns | cut -d'|' -f1 | sort >listed
    sendoff queue --json | grep -oE '^\{.*' | python3 -c '
import json, sys
print("\n".join(sorted({k for line in sys.stdin for k in json.loads(line)})))' >known
    cmp listed known || fail "members of the list: $(diff listed known)"
    part sendoff.1 DIAGNOSTICS | sed -n '/In JSON/,/In the journal/p' | words | tr -d ',' |
        tr ' ' '\n' | sort -u >said
    python3 -c '
import json, sys
print("\n".join(sorted({k for line in sys.stdin for k in json.loads(line)})))' <logged >known
    comm -13 said known >more
    [ ! -s more ] || fail "members of the log that the manual does not have: $(cat more)"
    run sendoff check --json
    part sendoff.1 Check | items | tr -d ',' | tr ' ' '\n' | sort -u >said
    python3 -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)["step"].split()[0])' <out | sort -u >known
    comm -13 said known >more
    [ ! -s more ] || fail "steps that the manual does not have: $(cat more)"
}

# ---- Exit statuses

# Numbers and names are those of sysexits.h, and no status is returned that has no row. The table
# of the programs' sources is what they can return: what is in base and the libraries comes to
# nobody but through them.
test_exit_statuses()
{
    local page source name number
    printf '#include <sysexits.h>\n' | cc -E -dM - |
        sed -nE 's/^#define (EX_[A-Z]+)[[:space:]]+([0-9]+).*/\2 \1/p' >real
    for page in sendmail.8:sendmail sendoff.1:sendoff; do
        source=${page#*:}
        page=${page%:*}
        part "$page" 'EXIT STATUS' | plain |
            sed -nE 's/^\.It (Sy )?([0-9]+) Ta (Dv )?(EX_[A-Z]+)?.*/\2 \4/p' >rows
        [ "$(wc -l <rows)" -gt 8 ] || fail "$page: there is no table"
        while read -r number name; do
            [ -n "$name" ] || continue
            expect_in real "^$number $name\$"
        done <rows
        grep -rhoE '\bEX_[A-Z]+' "$TREE/src/$source" | grep -v EX_SOFTWARE | sort -u >returned
        while read -r name; do
            expect_in rows " $name\$"
        done <returned
        awk '$2 { print $2 }' rows | sort -u | grep -v EX_SOFTWARE | comm -23 - returned >dead
        # What sendoff says of a wrong config, sendmail passes on.
        [ "$source" != sendmail ] || sed -i '/^EX_CONFIG$/d' dead
        [ ! -s dead ] || fail "$page tells of what is never returned: $(cat dead)"
    done
}

# Variables that the programs look at are in a manual, and what a manual has is looked at.
test_environment()
{
    local page
    grep -rhoE '(getenv|home_place|home_variable)\("[A-Z0-9_]+"' "$TREE/src" |
        sed 's/.*("//; s/"//' | sort -u >read
    [ "$(wc -l <read)" -gt 10 ] || fail 'nothing is read'
    for page in sendmail.8 sendoff.1 sendoff.conf.5; do
        part $page ENVIRONMENT | items | tr -d ',' | tr ' ' '\n'
    done | grep . | sort -u >told
    diff told read || fail 'the manuals tell of other variables'
}
