# SPDX-License-Identifier: ISC
# The role of etc/examples/fleet, run by Debian's Ansible as it is installed, on a host of the
# case's own (sendoff-fleet(7)).
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2119,SC2153,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/../e2e/system/host.sh"
. "${BASH_SOURCE%/*}/../interop/packages.sh"

FLEET=/usr/share/sendoff/fleet
WEB1=--limit=web1.example.org

# ansible NAME ARGUMENT...: ansible-NAME, or ansible itself where that is empty.
ansible()
{
    /usr/bin/python3 "$E2E_MTA/ansible/usr/bin/ansible${1:+-$1}" "${@:2}"
}

# vault PASSWORD: what the inventory calls vault_hosts_a, encrypted.
vault()
{
    printf 'vault_hosts_a: "%s"\n' "$1" >vault.yml
    ansible vault encrypt vault.yml >/dev/null 2>err || fail "ansible-vault: $(cat err)"
    expect_not_in vault.yml "$1"
}

# account LOGIN FILE: keys of the account, as YAML.
account()
{
    printf '{user: %s, password_file: /etc/sendoff/%s, ' "$1" "$2"
    printf 'tls_ca_file: /etc/sendoff/ca.pem, auth: PLAIN}\n'
}

# variables [NAME=VALUE...]: what is otherwise here than the inventory has it. The package and its
# units are no part of this host.
variables()
{
    local pair
    cat >host.yml <<END
ansible_connection: local
ansible_python_interpreter: /usr/bin/python3
sendoff_package: ""
sendoff_units: []
sendoff_reload: /bin/true
sendoff_relays: ["127.0.0.1:$PORT"]
sendoff_settings: {deliver: queue, domain: client.example, local_to: admin@example.net}
sendoff_account: $(account user hosts-a)
sendoff_files: {ca.pem: "{{ lookup('file', '$CERTS/ca.pem') }}\n"}
sendoff_collector: $DIR/collector
END
    for pair; do
        sed -i "/^${pair%%=*}:/d" host.yml
        printf '%s: %s\n' "${pair%%=*}" "${pair#*=}" >>host.yml
    done
}

# a_new_host: first line of a case. sendoff is installed, nothing is configured; the relay's
# password is "secret".
a_new_host()
{
    if [ -z "${ON_A_HOST-}" ]; then
        packages_unpack ansible ansible-core
        export ON_A_HOST=yes
        on_its_own "${FUNCNAME[1]}" -m
    fi
    on_a_host
    rm /etc/sendoff/*
    mkdir -p home collector
    export HOME=$DIR/home ANSIBLE_REMOTE_TEMP=$DIR/home/remote ANSIBLE_NOCOLOR=1
    export PYTHONPATH=$E2E_MTA/ansible/usr/lib/python3/dist-packages
    export ANSIBLE_VAULT_PASSWORD_FILE=$DIR/vault-password
    printf 'open sesame\n' >vault-password
    vault secret
    variables
}

# play STATUS [OPTION...]: what it says is in ./out.
play()
{
    run ansible playbook -i "$FLEET/inventory.yml" -e @host.yml -e @vault.yml "${@:2}" \
        "$FLEET/site.yml"
    expect_status "$1"
}

# expect_recap HOST CHANGED FAILED
expect_recap()
{
    expect_in out "^$1 +: ok=[0-9]+ +changed=$2 +unreachable=0 +failed=$3 "
}

expect_file()
{
    expect_equal "$1" "$(stat -c %U:%G:%a "$1")" "$2"
}

# expect_there NAME...: so much is in /etc/sendoff.
expect_there()
{
    expect_equal 'what is there' "$(cd /etc/sendoff && echo *)" "$*"
}

# A new host, a rehearsal first. What a user has queued before there was a config is sent by it.
test_new_host()
{
    a_new_host
    mail_of www-data
    play 0 $WEB1 --check --diff -v
    [ -z "$(ls /etc/sendoff)" ] || fail 'a rehearsal changes something'
    cp out said
    play 0 $WEB1 --diff -v
    cat out >>said
    expect_recap web1.example.org 7 0
    expect_not_in said 'secret( |\\n|"|$)'
    expect_file /etc/sendoff/sendoff.conf root:root:644
    expect_file /etc/sendoff/hosts-a root:root:600
    expect_file /etc/sendoff/ca.pem root:root:644
    expect_delivered 1
    # Once more: nothing is left to do, and nothing is sent but the trial of the way.
    play 0 $WEB1
    expect_recap web1.example.org 0 0
    play 0 $WEB1 --check --diff
    expect_recap web1.example.org 0 0
    expect_delivered 1
}

# The line for cron is one that runs.
test_metrics()
{
    a_new_host
    play 0 $WEB1
    expect_file /etc/cron.d/sendoff-metrics root:root:644
    expect_equal 'lines for cron' "$(grep -c '^\* \* \* \* \* root ' /etc/cron.d/sendoff-metrics)" 1
    sed -n 's/^\* \* \* \* \* root //p' /etc/cron.d/sendoff-metrics >line
    expect_not_in line '%'
    run env -i PATH=/usr/bin:/bin sh -c "$(cat line)"
    expect_status 0
    expect_equal 'files of the collector' "$(ls -A collector)" sendoff.prom
    expect_in collector/sendoff.prom '^sendoff_config_usable 1$'
    expect_in collector/sendoff.prom '^sendoff_sessions_total\{account="relays",result="good"\} '
}

# A mistake in the inventory stays there: the config that works is not touched.
test_wrong_setting()
{
    a_new_host
    play 0 $WEB1
    cp -p /etc/sendoff/sendoff.conf before
    variables 'sendoff_settings={domain: client.example, delivr: queue}'
    play 2
    expect_in out 'delivr: there is no such key'
    expect_recap web1.example.org 0 1
    expect_not_in out '^web2'
    cmp before /etc/sendoff/sendoff.conf || fail 'the config was replaced'
    mail_of alice
    flush 0
    expect_delivered 1
}

# whole FILE A B: until ./stop is there, notes each time it is neither, or not for root alone.
whole()
{
    local now mode
    while [ ! -e stop ]; do
        now=$(cat "$1" 2>&1) mode=$(stat -c %U:%a "$1" 2>&1)
        case $now:$mode in
        "$2:root:600" | "$3:root:600") ;;
        *) printf '%s %s\n' "$now" "$mode" >>torn ;;
        esac
    done
}

# The relay has a new password. A wrong one is tried on the first host, once, and goes no further;
# nothing is lost.
test_rotation()
{
    local port
    a_new_host
    port=$PORT
    play 0 $WEB1
    stop_smarthost
    USERS='user:new hosts-b:better' start_smarthost -p "$port"
    : >log
    mail_of www-data
    mail_of alice
    whole /etc/sendoff/hosts-a secret wrong &
    started+=($!)
    vault wrong
    play 2
    expect_recap web1.example.org 1 1
    expect_in out 'AUTH: PLAIN: 535'
    expect_not_in out '^(web2|db1)'
    expect_equal 'logins refused' "$(count_log ' auth PLAIN user bad')" 1
    expect_waiting 2
    : >stop
    [ ! -e torn ] || fail "the secret was not whole, or not root's: $(head -n 3 torn)"
    vault new
    play 0 $WEB1
    expect_waiting 0
    expect_delivered 2
    # On to a login of its own, for which the old one's file goes.
    variables 'sendoff_secrets={hosts-b: better}' 'sendoff_removed=[hosts-a]' \
        "sendoff_account=$(account hosts-b hosts-b)"
    mail_of bob
    play 0 $WEB1
    expect_delivered 3
    expect_log ' auth PLAIN hosts-b ok'
    expect_there ca.pem hosts-b sendoff.conf
    expect_equal 'logins refused' "$(count_log ' auth PLAIN .* bad')" 1
}

has_arrived()
{
    [ "$(delivered)" -eq "$1" ]
}

# One that stays is told to read the config again, and finds the new relay.
test_reload()
{
    local run
    a_new_host
    variables 'sendoff_settings={domain: client.example, log: stderr}'
    play 0 $WEB1
    "$E2E_PREFIX/bin/sendoff" run 2>run.err &
    run=$!
    started+=("$run")
    within 10 test -p /run/sendoff/bell || fail 'there is no bell'
    stop_smarthost
    start_smarthost
    variables 'sendoff_settings={domain: client.example, log: stderr}' \
        "sendoff_reload=/bin/kill -HUP $run"
    play 0 $WEB1
    within 10 has run.err 'config: .* is read again' || fail 'it was not told'
    mail_of alice
    within 20 has_arrived 1 || fail 'it does not know the new relay'
    kill "$run"
    wait "$run" || true
}

# template HOSTS FILE: the config alone, as the role makes it.
template()
{
    local role=$FLEET/roles/sendoff
    run ansible '' "$1" -i "$FLEET/inventory.yml" -e "@$role/defaults/main.yml" -e @host.yml \
        -m template -a "src=$role/templates/sendoff.conf.j2 dest=$2"
    expect_status 0
}

# Each host has an order of its own, and keeps it.
test_order_of_relays()
{
    local host
    a_new_host
    variables 'sendoff_relays=[a.example, b.example, c.example, d.example]'
    for host in first second; do
        mkdir $host
        template all "$DIR/$host/{{ inventory_hostname }}"
    done
    diff -r first second || fail 'the order changes'
    grep -h '^host = ' first/* >orders
    expect_equal hosts "$(wc -l <orders)" 3
    [ "$(sort -u orders | wc -l)" -gt 1 ] || fail 'all ask in one order'
    while read -r _ _ host; do
        expect_equal relays "$(tr ' ' '\n' <<<"$host" | sort | tr '\n' ' ')" \
            'a.example b.example c.example d.example '
    done <orders
    # Unless it is told not to; and any value gets through, whatever is in it.
    variables 'sendoff_relays=[d.example, a.example]' sendoff_spread=false \
        "sendoff_account={user: 'a#b;c', from: '\"me\" <x>', helo: \"it's\"}"
    template web1.example.org "$DIR/quoted"
    expect_in quoted '^host = d.example a.example$'
    expect_in quoted '^user = "a#b;c"$'
    expect_in quoted "^from = '\"me\" <x>'\$"
    expect_in quoted "^helo = \"it's\"\$"
}

# example WORD: the literal block of the page that has it, as a script for here.
example()
{
    local page=/usr/share/man/man7/sendoff-fleet.7
    awk -v word="$1" '/^\.Bd/ { text = "" } /^\.Ed/ && index(text, word) { printf "%s", text }
        !/^\./ { text = text $0 "\n" }' "$page" | sed "s|/usr/local/|/usr/|" >example
    [ -s example ] || fail "there is no example with '$1'"
}

# The page's examples, as they stand there. What an editor would be told, one tells itself; what is
# different on this host stands beside the vault.
test_examples()
{
    local name
    a_new_host
    mkdir bin
    for name in ansible ansible-playbook ansible-vault; do
        printf '#!/bin/sh\nexec /usr/bin/python3 %s "$@"\n' \
            "$E2E_MTA/ansible/usr/bin/$name" >bin/$name
    done
    printf '#!/bin/sh\necho vault_hosts_a: secret >"%s"\n' "\$1" >bin/editor
    chmod 755 bin/*
    export PATH=$DIR/bin:$PATH EDITOR=$DIR/bin/editor
    mv host.yml group_vars.yml
    cp vault-password home
    mail_of alice
    example 'ansible-playbook'
    sed -i "s|^mkdir .*|&; cp $DIR/group_vars.yml group_vars/all/host.yml|" example
    run bash -eu example
    expect_status 0
    for name in web1 web2 db1; do
        expect_in out "^$name\.example\.org +: .* failed=0 "
    done
    expect_in fleet/group_vars/all/vault.yml '^.ANSIBLE_VAULT;'
    expect_delivered 1
    mail_of alice
    example 'ansible all'
    sed -i 's/^ansible all/& -l web1.example.org/' example
    (cd fleet && bash -eu ../example >../out 2>&1) || fail "it ended with $?: $(cat out)"
    expect_delivered 2
}

bring()
{
    status=0
    (cd brought && bash -u ../example >../out 2>../err) || status=$?
}

# And that without Ansible, on a host that it has never seen; then with a config that is wrong.
test_plain_files()
{
    on_a_host
    cp /etc/sendoff/sendoff.conf new
    rm /etc/sendoff/sendoff.conf /etc/sendoff/password
    mkdir -m 700 brought
    sed 's|/etc/sendoff/password|/etc/sendoff/hosts-b|' new >brought/sendoff.conf
    echo secret >brought/hosts-b
    mail_of alice
    example 'install -m 600'
    bring
    expect_status 0
    expect_delivered 1
    expect_file /etc/sendoff/sendoff.conf root:root:644
    expect_file /etc/sendoff/hosts-b root:root:600
    expect_there ca.pem hosts-b sendoff.conf
    cp -p /etc/sendoff/sendoff.conf before
    echo nonsense >>brought/sendoff.conf
    bring
    expect_status 78
    cmp before /etc/sendoff/sendoff.conf || fail 'the config was replaced'
}

# What Ansible's own reader says.
test_lint()
{
    local modules=usr/lib/python3/dist-packages
    packages_unpack ansible ansible-core
    packages_unpack ansible-lint ansible-lint
    mkdir -p home
    cp -r "$E2E_STAGE$FLEET" fleet
    cd fleet || exit
    run env HOME="$DIR/home" LANG=C.UTF-8 ANSIBLE_NOCOLOR=1 NO_COLOR=1 \
        PATH="$E2E_MTA/ansible-lint/usr/bin:$E2E_MTA/ansible/usr/bin:$PATH" \
        PYTHONPATH="$E2E_MTA/ansible-lint/$modules:$E2E_MTA/ansible/$modules" \
        ansible-lint --offline --profile production site.yml inventory.yml roles/sendoff
    expect_status 0
}
