# SPDX-License-Identifier: ISC
# The oracle of a flush that was disturbed. It compares three things: what the smarthost had
# accepted by then (A), what still waits in the spool (W), and what arrives in a second flush that
# nobody disturbs (D).
#   D = W:       what waits is sent once, what is settled is not sent again
#   A or D:      has every message for every recipient, or a report that it failed: none is lost
#   A and W:     copies; accepted, and not settled when the end came
# shellcheck shell=bash

# Of four messages one is accepted, one deferred for one of two recipients, one refused, and one
# refused for one of two. What comes after that is no trouble.
prepare()
{
    start_smarthost -o "$DIR/mail.after" -l "$DIR/log.after"
    mkdir "$DIR/mail.after"
    write_config sendoff.bounce= "$@"
    cp config/sendoff.conf config/after.conf
    script <<'OF_SCRIPT'
on RCPT has=slow@ reply "451 4.7.1 come back later"
on RCPT has=gone@ reply "550 5.1.1 no such user"
OF_SCRIPT
    start_smarthost
    write_config sendoff.bounce= "$@"
    local n=0 to
    for to in 'bob' 'bob slow' 'gone' 'carl gone'; do
        n=$((n + 1))
        message "number $n" >"original.$n"
        # shellcheck disable=SC2046  # it is several words
        inject "original.$n" $(printf '%s@example.net ' $to)
        printf "P <number-$n@client.example> <%s@example.net>\n" $to >>pairs
    done
    cp -a "$SPOOL" template
    sort -o pairs pairs
    : >in
}

# One more, for bob, that is to be injected yet: ./in.
another()
{
    message 'number 5' >in
    cp in original.5
    IN_SIZE=$(stat -c %s in)
}

# It is in the queue, so it is to arrive.
another_came()
{
    printf 'P <number-5@client.example> <bob@example.net>\n' | sort -o pairs - pairs
}

pairs_in()
{
    local originals=(original.*)
    awk -f "$HERE/pairs.awk" -v n=${#originals[@]} "${originals[@]}" "$@" </dev/null | sort
}

# What has come so far is all that will: no connection is open.
over()
{
    [ "$(grep -c ' connect$' "$1")" -eq "$(grep -c ' end ' "$1")" ]
}

# Queued ones and the reports they are the subject of; `waiting`, `before` and `after` are files.
take_stock()
{
    within 10 over log || problem "$hit: a connection stays open"
    files mail
    pairs_in "${found[@]}" >before
    files "$SPOOL/new"
    spooled=("${found[@]}")
    files "$SPOOL/cur"
    spooled+=("${found[@]}")
    pairs_in "${spooled[@]}" >waiting
    files "$SPOOL/.failed/new"
    pairs_in "${found[@]}" | sed -n 's/^[PS]/R/p' >kept
    files "$SPOOL/tmp"
    left=${#found[@]}
}

# What was sent and could not be marked is held by its name, and the log says so: somebody who has
# looked lets it go.
release()
{
    local file
    shopt -s nullglob
    for file in "$SPOOL"/cur/*:2,H; do
        grep -q 'the message is held$' err || problem "$hit: held without a word"
        mv "$file" "${file%H}"
    done
    shopt -u nullglob
}

recover()
{
    local i
    release
    rm -f "$SPOOL"/tmp/*
    # A report that the second flush has to make is sent in a third.
    for i in 1 2 3; do
        status=0
        SENDOFF_CONFIG=$DIR/config/after.conf "$SENDOFF" flush >out 2>err.after || status=$?
        [ $status -ne 0 ] || break
    done
    [ $status -eq 0 ] || problem "$hit: afterwards flush ends with $status: $(cat err.after)"
    [ "$(queued)" -eq 0 ] || problem "$hit: $(queued) messages stay"
    within 10 over log.after || problem "$hit: a connection stays open"
    files mail.after
    pairs_in "${found[@]}" >after
}

# only LETTER FILE...: the lines that begin so, sorted.
only()
{
    local letter=$1
    shift
    grep -h "^$letter " "$@" | sort
}

judge()
{
    local n line
    ! grep -h '^T' before waiting after || {
        truncated=$((truncated + 1))
        problem "$hit: something is not whole"
    }
    # Reports made in the second flush are in it and did not wait.
    comm -3 <(only P waiting) <(only P after) | grep number- >differ || true
    [ ! -s differ ] || problem "$hit: it waited (left) or came again (right): $(cat differ)"
    # A report that could not quote its message's header speaks for all with that recipient.
    cat before after waiting kept | awk '
        NR == FNR { pairs[$0]; next }
        $1 == "R" && $2 == "?" { for (p in pairs) if (index(p, $3)) print p }
        $1 == "R" { $1 = "P"; print }' pairs - | sort -u >reported
    while read -r line; do
        lost=$((lost + 1))
        problem "$hit: lost: $line"
    done < <(only P before after | sort -u - reported | comm -13 - pairs)
    n=$(comm -12 <(only P before) <(only P waiting) | wc -l)
    duplicates=$((duplicates + n))
    [ "$n" -le 6 ] || problem "$hit: $n copies"
}

reset()
{
    rm -rf "${SPOOL:?}" "$(dirname "${SPOOL:?}")/account" mail/* mail.after/*
    : >log
    : >log.after
    cp -a template "$SPOOL"
}
