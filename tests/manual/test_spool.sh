# SPDX-License-Identifier: ISC
# sendoff-spool(5) against a real queue: names, directories, the offsets in a file, its examples.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/world.sh"

# one_of_ada: a message with two recipients, of whom one has it and one waits; and a report on
# another one.
one_of_ada()
{
    printf '%s\n' 'on RCPT has=late@ reply "451 4.7.1 greylisted, try again later"' \
        'on RCPT has=bad@ reply "550 5.1.1 no such user here"' | script
    smarthost 587
    BOUNCE=sender personal
    message >message
    as ada sendmail -i -f ada@example.org -N failure -R hdrs -V id1 good@example.net \
        late@example.net <message
    as ada sendmail -i -f reported@example.org bad@example.net <message
    as ada sendoff flush >/dev/null 2>&1 || true
    cd "$SPOOL" || fail "there is no queue"
    FILE=$(grep -l '^Sendoff-Sender: <ada@' new/*)
    [ -n "$FILE" ] || fail 'there is no such message'
}

# What a queue holds is what the manual lists, and nothing else.
test_directories()
{
    world
    one_of_ada
    part sendoff-spool.5 Directories | grep '^\.It Pa' | words | cut -d'|' -f1 | sort >"$DIR/listed"
    {
        find . -mindepth 1 -type d ! -name .failed -printf '%P\n'
        find . -maxdepth 1 -type f -printf '%P\n'
    } | sort >"$DIR/there"
    cmp "$DIR/listed" "$DIR/there" || fail "$(diff "$DIR/listed" "$DIR/there")"
    expect_equal modes "$(find . -type d ! -perm 700)" ''
    expect_equal modes "$(find . -type f ! -perm 600)" ''
}

# octets OFFSET COUNT
octets()
{
    tail -c +$(($1 + 1)) "$FILE" | head -c "$2"
}

# The tables of offsets: behind each key is its value, of that width, and the lines end there.
test_offsets()
{
    world
    one_of_ada
    local heading offset count key text there rows=0
    for heading in 'The first line' 'The second line' 'The third line'; do
        while IFS='|' read -r offset count key text; do
            rows=$((rows + 1))
            [ -z "$key" ] || expect_equal "$key" "$(octets $((offset - ${#key})) ${#key})" "$key"
            # The command substitution takes a line end away.
            there=$(octets "$offset" "$count")
            if [ "$text" = LF ]; then
                expect_equal "the octet at $offset" "$there" ''
            else
                expect_equal "width of $key" "${#there}" "$count"
                [[ ! $key =~ ^(block|octets|lines|longest|attempts)= ]] ||
                    [[ $there =~ ^[0-9]+$ ]] || fail "$key is no figure: $there"
            fi
        done < <(part sendoff-spool.5 "$heading" | columns)
    done
    expect_equal 'rows' "$rows" 15
    expect_equal 'what the figures come to' \
        "$((10#$(octets 23 10) + 10#$(octets 41 20)))" "$(stat -c %s "$FILE")"
    expect_equal 'the fourth line' "$(octets 434 16)" 'Sendoff-Arrival:'
}

# The example of a file is one, but for what its figures are.
test_file()
{
    world
    blocks sendoff-spool.5
    one_of_ada
    block 'Sendoff-Spool: 1'
    grep '^Sendoff-' "$FILE" | sort >"$DIR/ours"
    sort "$BLOCK" >"$DIR/shown"
    sed -i -E 's/ +\.\.\.$/.../' "$DIR/shown"
    alike "$DIR/shown" "$DIR/ours"
    block 660DE1B63B3D5C00A2
    mv "$BLOCK" "$DIR/names"
    block '[A-Za-z0-9'
    [ "$(wc -l <"$DIR/names")" = 2 ] || fail 'two names'
    basename "$FILE" >>"$DIR/names"
    expect_equal 'what is a name' "$(grep -cxE -f "$BLOCK" "$DIR/names")" 3
    block 'since='
    tail -c +18 lock | grep . >"$DIR/since" || fail 'no report was counted'
    alike "$BLOCK" "$DIR/since"
    expect_equal 'its width' "$(wc -c <"$DIR/since")" "$(wc -c <"$BLOCK")"
}

# in_queue BLOCK: typed by ada in her queue, with the name of a message of hers.
in_queue()
{
    typed "cd '$SPOOL' && $(sed "s/660DE1B63B3D5C00A2/$ID/g" "$1")"
}

# expect_state WORD
expect_state()
{
    expect_equal 'its state' "$(as ada sendoff queue --json | grep "\"$ID\"" |
        sed -E 's/.*"state":"([a-z]+)".*/\1/')" "$1"
}

test_examples()
{
    world
    blocks sendoff-spool.5
    printf 'on RCPT n=1 reply "550 5.1.1 no such user here"\n' | script
    smarthost 587
    personal
    message >message
    as ada sendmail -i -f ada@example.org bob@example.net <message
    ID=$(basename "$SPOOL"/new/*)
    block 'mv new/'
    sed -n 1p "$BLOCK" >hold
    sed -n '2,$p' "$BLOCK" >release
    in_queue hold
    expect_state held
    in_queue release
    expect_state waiting
    block 'f=new/'
    in_queue "$BLOCK" >got
    cmp message got || fail 'that is not the message'
    as ada sendoff flush >/dev/null 2>&1 || true
    expect_state failed
    block 'f=.failed'
    in_queue "$BLOCK"
    expect_state waiting
    run as ada sendoff flush
    expect_status 0
    expect_delivered 1
    # What the drop puts into its queue is told by system/test_drop.sh; here, what names are.
    block '.Ar id'
    expect_equal 'a name of the drop' "$(tail -n 1 "$BLOCK" |
        grep -cxE '[0-9A-F]{18}\.[0-9]+\.[0-9a-f]{32}')" 1
}
