# SPDX-License-Identifier: ISC
# No wake-up is lost (HAZARDS 15): each message is followed by a flush that gives way at once to
# one that is at work, and yet nothing is left when all have ended.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh

# injector N: messages one by one, each with its ring.
injector()
{
    local i
    for ((i = 0; i < $1; i++)); do
        sendmail -i -f alice@client.example bob@example.net <in || return
        sendoff flush --due >/dev/null 2>&1 &
        # Sometimes the last ring falls into the end of a flush, sometimes between two.
        sleep "0.$((RANDOM % 150 + 100))"
    done
    wait
}

test_each_ring_counts()
{
    local n=4 each=10 pids=() pid round
    # A flush holds its locks through a slow farewell, with no more mail for its session.
    script <<'END'
on QUIT delay 100ms proceed
END
    start_smarthost
    write_config
    message >in
    for round in 1 2 3 4 5 6; do
        pids=()
        for ((i = 0; i < n; i++)); do
            injector $each >/dev/null 2>&1 &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do
            wait "$pid" || fail "an injector failed in round $round"
        done
        expect_queue 0
        expect_delivered $((round * n * each))
    done
}
