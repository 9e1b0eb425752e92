# SPDX-License-Identifier: ISC
# The alerts of etc/examples/fleet: what promtool says of them, and that they are about metrics
# that sendoff has (sendoff-fleet(7)).
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2094,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/../interop/packages.sh"

FLEET=$E2E_STAGE/usr/share/sendoff/fleet

# prometheus_says ARGUMENT...: promtool agrees. What it is to read is on stdin, if anything is.
prometheus_says()
{
    packages_unpack prometheus prometheus
    run "$E2E_MTA/prometheus/usr/bin/promtool" "$@"
    expect_status 0
}


test_rules()
{
    prometheus_says check rules "$FLEET/alerts.yml"
    expect_in out 'SUCCESS: [1-9][0-9]* rules found'
}

# Each alert is in the tests; and they pass.
test_rules_say_what_they_should()
{
    local name
    sed -n 's/^ *- alert: //p' "$FLEET/alerts.yml" >alerts
    [ -s alerts ] || fail 'there are no alerts'
    while read -r name; do
        tr -d '\n' <"$FLEET/alerts-test.yml" |
            grep -Eq "alertname: $name +eval_time: [0-9]+m +exp_alerts:" ||
            fail "$name is not tried"
    done <alerts
    prometheus_says test rules "$FLEET/alerts-test.yml"
}

# What they are about is what sendoff says, and by no other name.
test_rules_know_the_metrics()
{
    local name label
    E2E_PREFIX=$E2E_STAGE/usr
    start_smarthost
    write_config
    sendoff status --metrics >metrics
    prometheus_says check metrics <metrics
    grep -o 'sendoff_[a-z_]*' "$FLEET/alerts.yml" | sort -u >names
    [ "$(wc -l <names)" -ge 5 ] || fail 'the names are not found'
    while read -r name; do
        expect_in metrics "^# TYPE $name "
    done <names
    # Labels that are picked have such values.
    for label in failed broken foreign waiting; do
        expect_in metrics "^sendoff_queue_messages\{state=\"$label\"\} "
    done
    expect_in metrics 'status="sent"'
}

# The page lists each alert, in the order of the file, and nothing else.
test_page()
{
    local page=$E2E_STAGE/usr/share/man/man7/sendoff-fleet.7
    sed -n 's/^ *- alert: //p' "$FLEET/alerts.yml" >alerts
    sed -n 's/^\.It Sy \(Sendoff[A-Za-z]*\)$/\1/p' "$page" >listed
    diff alerts listed || fail 'the page and the rules differ'
    # So it does each variable of the role.
    sed -n 's/^\(sendoff_[a-z]*\):.*/\1/p' "$FLEET/roles/sendoff/defaults/main.yml" |
        sort >variables
    grep -o '^\.It Va sendoff_.*' "$page" | grep -o 'sendoff_[a-z]*' | sort >listed
    diff variables listed || fail 'the page and the role differ'
    # And it has no more blocks than test_role.sh runs.
    expect_equal blocks "$(grep -c '^\.Bd -literal' "$page")" 3
}
