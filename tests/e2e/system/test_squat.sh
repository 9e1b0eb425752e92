# SPDX-License-Identifier: ISC
# Names in the root of the spools that are not what they should be (HAZARDS 6): sendmail does not
# use them, root's pass replaces them.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

# refused USER: what that user sends is not queued, and sendmail says so by its status.
refused()
{
    message >"$DIR/message"
    run_with_input "$DIR/message" as "$1" sendmail -i bob@example.net
    expect_status 75
}

# mended: root's pass, whose complaints are kept in ./mended. What waits, goes on waiting: nobody
# answers.
mended()
{
    if kill -0 "$SMARTHOST" 2>/dev/null; then
        stop_smarthost
    fi
    run sendoff flush
    cp err mended
}

# kept: how many things were put aside.
kept()
{
    find "$SPOOL/.ousted" -mindepth 1 -maxdepth 1 | wc -l
}

# squatted NAME COMMAND...: alice lays something there, under the name that is bob's.
squatted()
{
    as alice mkdir -m 777 /run/home/alice/lair
    as alice "$@"
    refused bob
    expect_equal 'what lies where the link leads' "$(find /run/home/alice/lair -mindepth 1)" ''
    mended
    expect_own bob
    expect_equal 'what was put aside' "$(kept)" 1
    expect_equal 'where it lies' "$(stat -c %u:%a "$SPOOL/.ousted")" 0:700
    expect_in mended "$SPOOL/2002: not its user's own directory"
    mail_of bob
    expect_waiting 1 bob
    # Once is enough.
    mended
    expect_not_in mended 'not its user'
    expect_equal 'what was put aside' "$(kept)" 1
}

test_link()
{
    on_a_host
    squatted ln -s /run/home/alice/lair /var/spool/sendoff/2002
}

test_link_to_the_victim()
{
    on_a_host
    squatted ln -s /run/home/bob /var/spool/sendoff/2002
}

test_directory()
{
    on_a_host
    squatted mkdir -m 777 /var/spool/sendoff/2002
}

test_full_directory()
{
    on_a_host
    squatted sh -c 'mkdir /var/spool/sendoff/2002 && cd /var/spool/sendoff/2002 &&
        mkdir -m 777 tmp new cur && ln -s /etc/shadow new/A1'
}

test_file()
{
    on_a_host
    squatted sh -c 'echo >/var/spool/sendoff/2002'
}

test_fifo()
{
    on_a_host
    squatted mkfifo /var/spool/sendoff/2002
}

test_device()
{
    on_a_host
    squatted "$E2E_TOOLS/traps" node /var/spool/sendoff/2002
}

# In a user namespace of his own everybody is root, and makes a 0. It is alice's all the same.
test_zero_that_is_not_roots()
{
    on_a_host
    rmdir "$SPOOL/0"
    as alice unshare -r true || skip 'unshare -r is refused to users here'
    as alice unshare -r mkdir -p "$SPOOL/0"
    expect_equal 'whose it is' "$(stat -c %u "$SPOOL/0")" 2001
    refused root
    mended
    expect_own root
    mail_of root
    expect_waiting 1 root
}

# Where what comes out is to go, somebody was before us.
test_place_for_the_ousted()
{
    on_a_host
    as alice mkdir -m 777 "$SPOOL/.ousted"
    as alice mkfifo "$SPOOL/2002"
    mended
    expect_own bob
    expect_equal 'where it lies' "$(stat -c %F:%u:%a "$SPOOL/.ousted")" directory:0:700
    expect_equal 'what was put aside' "$(kept)" 2
}

test_place_for_the_ousted_is_a_link()
{
    on_a_host
    as alice mkdir -m 777 /run/home/alice/lair
    as alice ln -s /run/home/alice/lair "$SPOOL/.ousted"
    as alice mkfifo "$SPOOL/2002"
    mended
    expect_own bob
    expect_equal 'where it lies' "$(stat -c %F:%u:%a "$SPOOL/.ousted")" directory:0:700
    expect_equal 'what lies where the link leads' "$(find /run/home/alice/lair -mindepth 1)" ''
}

# A pass that was killed half way left one of these; the next one ends what it began.
test_crash_before_the_exchange()
{
    on_a_host
    as alice mkfifo "$SPOOL/2002"
    mkdir -m 700 "$SPOOL/.ousted"
    mkdir -m 0 "$SPOOL/.ousted/2002"
    mended
    expect_own bob
    expect_equal 'what was put aside' "$(kept)" 1
}

test_crash_after_the_exchange()
{
    on_a_host
    mkdir -m 0 "$SPOOL/2002"
    mkdir -m 700 "$SPOOL/.ousted"
    as alice mkfifo /run/home/alice/fifo
    mv /run/home/alice/fifo "$SPOOL/.ousted/2002"
    mended
    expect_own bob
    expect_equal 'what was put aside' "$(kept)" 1
}

# The owner had been faster than the exchange, and it was not undone any more: his mail comes back.
test_crash_with_the_owners_own()
{
    on_a_host
    mail_of bob
    mkdir -m 700 "$SPOOL/.ousted"
    mv "$SPOOL/2002" "$SPOOL/.ousted/2002"
    mkdir -m 0 "$SPOOL/2002"
    refused bob
    mended
    expect_own bob
    expect_waiting 1 bob
}

test_wrong_mode()
{
    on_a_host
    local mode
    for mode in 755 0 1777 2700; do
        as bob mkdir -p "$SPOOL/2002"
        chmod $mode "$SPOOL/2002"
        refused bob
        mended
        expect_own bob
        expect_in mended "$SPOOL/2002: had mode"
        mail_of bob
    done
    expect_waiting 4 bob
    expect_equal 'what was put aside' "$(find "$SPOOL" -name .ousted)" ''
}

# A mkdir of root's own is no spool of bob's either.
test_made_by_root()
{
    on_a_host
    mkdir -m 700 "$SPOOL/2002"
    refused bob
    mended
    expect_own bob
}

# Nobody's name is nobody's business: numbers that passwd does not know, other names.
test_other_names_stay()
{
    on_a_host
    as alice mkdir "$SPOOL/3003" "$SPOOL/02002" "$SPOOL/2002x" "$SPOOL/ 2002" "$SPOOL/-1" \
        "$SPOOL/4294967295" "$SPOOL/4294969298" "$SPOOL/99999999999999999999"
    mended
    expect_equal 'what was put aside' "$(find "$SPOOL" -name .ousted)" ''
    expect_equal 'names' "$(find "$SPOOL" -mindepth 1 -maxdepth 1 -user alice | wc -l)" 8
    run sendoff queue
    expect_in out 'Mail queue is empty'
}

# While alice takes the name away and makes it something else, over and over, bob sends and root
# mends: what bob was told is queued, is queued, and at the end the name is his.
test_race()
{
    on_a_host
    local sent=0 turn
    as alice mkdir -m 777 /run/home/alice/lair
    message >message
    laid as alice "$E2E_TOOLS/traps" swap "$SPOOL/2002" /run/home/alice/lair
    for ((turn = 0; turn < 40; turn++)); do
        run_with_input message as bob sendmail -i bob@example.net
        expect_status 0 75
        [ "$status" -ne 0 ] || sent=$((sent + 1))
        mended
        # From time to time bob gives alice another chance.
        if [ $((turn % 8)) -eq 7 ] && [ "$(stat -c %u "$(own bob)")" = 2002 ]; then
            mv "$(own bob)" "bob.$turn"
        fi
    done
    kill "$LAID"
    wait "$LAID" || true
    sleep 0.1 # and its child with it
    mended
    mail_of bob # who makes his own, where alice left nothing
    sent=$((sent + 1))
    expect_own bob
    expect_equal 'what lies where the link leads' "$(find /run/home/alice/lair -mindepth 1)" ''
    expect_equal 'messages of bob' \
        "$(find "$SPOOL/2002" bob.* -path '*/new/*' -type f -user bob | wc -l)" "$sent"
    expect_equal 'what is bob'\''s in .ousted' "$(find "$SPOOL/.ousted" -user bob)" ''
    [ "$sent" -gt 1 ] || fail 'bob never sent'
}
