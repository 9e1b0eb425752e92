# SPDX-License-Identifier: ISC
# sendoff setup: by options alone, and with somebody at a terminal.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh

# shellcheck source=tests/e2e/names.sh
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"

# A user without a config.
newcomer()
{
    export HOME=$DIR/home XDG_STATE_HOME=$DIR/state
    mkdir -p "$HOME"
    printf 'root: ada@example.net\n' >aliases
}

setup()
{
    run sendoff setup --output "$DIR/new/sendoff.conf" --tls-ca-file "$CERTS/ca.pem" "$@"
}

# Files of ours that are neither the config nor the password.
litter()
{
    find "$DIR/new" -mindepth 1 ! -name sendoff.conf ! -name password 2>/dev/null
}

expect_mode()
{
    expect_equal "the mode of $2" "$(stat -c %a "$2")" "$1"
}

test_without_terminal()
{
    newcomer
    USERS=user:swordfish start_smarthost
    printf 'swordfish\n' >typed
    setup --host localhost --port "$PORT" --tls starttls --user user --password-file typed \
        --yes me@isp.example
    expect_status 0
    expect_mode 600 new/sendoff.conf
    expect_mode 600 new/password
    expect_mode 700 new
    expect_equal password "$(cat new/password)" swordfish
    expect_in new/sendoff.conf '^host = localhost$'
    expect_in new/sendoff.conf "^password_file = $DIR/new/password\$"
    expect_in new/sendoff.conf '^from = me@isp.example$'
    expect_in new/sendoff.conf '^local_to = me@isp.example$'
    expect_in out '^pass AUTH: .* as user'
    expect_in out '^pass MAIL: from <me@isp.example>: taken$'
    expect_not_in out swordfish
    expect_not_in new/sendoff.conf 'swordfish'
    expect_equal 'other files' "$(litter)" ''
    # Each key that is set stands below a line that says what it is for.
    awk '/^[a-z_]+ = / && last !~ /^# / { exit 1 } { last = $0 }' new/sendoff.conf ||
        fail 'a key without a comment'
}

test_password_from_stdin()
{
    newcomer
    USERS=user:swordfish start_smarthost
    status=0
    printf 'swordfish\r\nmore' | sendoff setup --output "$DIR/new/sendoff.conf" --host localhost \
        --tls-ca-file "$CERTS/ca.pem" --port "$PORT" --user user --password-file - --yes --send bob@example.net \
        me@isp.example >out 2>err || status=$?
    expect_status 0
    expect_equal password "$(cat new/password)" swordfish
    expect_in out '^pass test mail: '
    expect_delivered 1
}

test_what_is_there_is_kept()
{
    newcomer
    mkdir -m 700 new
    echo old >new/sendoff.conf
    printf 'swordfish\n' >typed
    local options=(--host localhost --port 1 --password-file typed --no-check me@isp.example)
    setup "${options[@]}"
    expect_status 73
    expect_in err 'is there already'
    expect_equal 'the config' "$(cat new/sendoff.conf)" old
    expect_equal 'other files' "$(litter)" ''
    setup --replace "${options[@]}"
    expect_status 0
    expect_equal 'the old config' "$(cat new/sendoff.conf.bak)" old
    expect_in new/sendoff.conf '^host = localhost$'
}

# What is missing, and nobody to ask; and what can not be.
test_refused()
{
    newcomer
    local case
    printf 'swordfish\n' >typed
    printf '\n' >nothing
    for case in '' 'me' 'me@isp.example' 'me@isp.example other' \
        '--host localhost me@isp.example' '--host' '--odd x me@isp.example' \
        '--provider nobody me@isp.example' \
        '--host localhost --password-file nothing me@isp.example' \
        '--host localhost --password-file absent me@isp.example' \
        '--host localhost --password-file typed --tls perhaps me@isp.example' \
        '--host localhost --password-file typed --port 99999 me@isp.example' \
        '--host -- --password-file typed me@isp.example'; do
        # shellcheck disable=SC2086  # they are words
        run timeout 30 "$E2E_PREFIX/bin/sendoff" setup --output "$DIR/new/sendoff.conf" \
            --yes --no-check $case
        expect_status 64 65 66
        [ -s err ] || fail "nothing said to '$case'"
        [ ! -e new/sendoff.conf ] || fail "a config for '$case'"
    done
}

test_provider()
{
    newcomer
    printf 'swordfish\n' >typed
    setup --password-file typed --no-check ada@gmail.com
    expect_status 0
    expect_in out 'app password'
    expect_in new/sendoff.conf '^host = smtp.gmail.com$'
    expect_in new/sendoff.conf '^port = 465$'
    expect_in new/sendoff.conf '^tls = implicit$'
    expect_in new/sendoff.conf '^user = ada@gmail.com$'
    setup --replace --provider microsoft --token-command '/bin/echo token' --no-check \
        ada@corp.example
    expect_status 0
    expect_in out 'sendoff-oauth\(7\)'
    expect_in new/sendoff.conf '^host = smtp.office365.com$'
    expect_in new/sendoff.conf '^auth = XOAUTH2$'
    expect_in new/sendoff.conf '^token_command = /bin/echo token$'
    expect_not_in new/sendoff.conf password
}

test_wrong_password()
{
    newcomer
    USERS=user:swordfish start_smarthost
    printf 'guess\n' >typed
    setup --host localhost --port "$PORT" --user user --password-file typed me@isp.example
    expect_status 75 78
    expect_in out '^fail AUTH: '
    [ -s new/sendoff.conf ] || fail 'it is to be there, for the password to be mended'
    expect_in out 'sendoff setup --replace'
}

# ---- At a terminal

# begin COMMAND...: it runs at a terminal of its own; what is seen there is in ./seen.
begin()
{
    type -P script >/dev/null || skip 'there is no script(1)'
    mkfifo keys
    # shellcheck disable=SC2094
    TERM=dumb command script -qfec "$*; echo status \$?; stty -a | grep -Eow -- '-?echo'" seen \
        <keys >/dev/null 2>&1 &
    started+=($!)
    exec 9>keys
}

# answer QUESTION KEYS: once that is asked.
answer()
{
    within 20 has seen "$1" || fail "nobody asks '$1': $(cat seen)"
    # The terminal is told not to echo just before the question; keys that come before that
    # are thrown away.
    sleep 0.2
    printf '%s' "$2" >&9
}

ended()
{
    within 20 has seen '^status [0-9]+' || fail "it goes on: $(cat seen)"
    within 5 has seen '^-?echo' || fail 'what of the echo?'
    exec 9>&-
}

PROGRAM="$E2E_PREFIX/bin/sendoff"

test_at_terminal()
{
    newcomer
    USERS=user:swordfish start_smarthost
    begin "$PROGRAM" setup --output "$DIR/new/sendoff.conf" --host localhost --port "$PORT" \
        --tls-ca-file "$CERTS/ca.pem"
    answer 'Your address' $'nonsense\n'
    answer 'no address with a domain' $'me@isp.example\n'
    answer 'User\?' $'user\n'
    answer 'Password' $'swordfish\n'
    answer 'mail for root' $'\n'
    answer 'test mail' $'y\n'
    ended
    expect_in seen '^status 0'
    expect_in seen '^echo'
    expect_in seen 'pass AUTH: .* as user'
    expect_in seen 'pass test mail'
    expect_not_in seen swordfish
    expect_equal password "$(cat new/password)" swordfish
    expect_in new/sendoff.conf '^local_to = me@isp.example$'
    expect_delivered 1
}

# ^C at the password: the terminal echoes again, and nothing was written.
test_interrupted()
{
    newcomer
    begin "$PROGRAM" setup --output "$DIR/new/sendoff.conf" --host localhost --port 1 --user u \
        me@isp.example
    answer 'Password' $'half\003'
    ended
    expect_in seen '^status 75'
    expect_in seen '^echo'
    expect_in seen 'nothing was written'
    expect_not_in seen half
    [ ! -e new ] || fail 'something was written'
}

# The end of the input, at another question.
test_end_of_input()
{
    newcomer
    begin "$PROGRAM" setup --output "$DIR/new/sendoff.conf" me@isp.example
    answer 'Smarthost' $'\004'
    ended
    expect_in seen '^status 75'
    [ ! -e new ] || fail 'something was written'
}

test_replace_is_asked_for()
{
    newcomer
    mkdir -m 700 new
    echo old >new/sendoff.conf
    begin "$PROGRAM" setup --output "$DIR/new/sendoff.conf" me@isp.example
    answer 'Replace it' $'n\n'
    ended
    expect_in seen '^status 73'
    expect_equal 'the config' "$(cat new/sendoff.conf)" old
}

# ---- What DNS says of the domain.

# some_names: two domains, one of which names a server of its own.
some_names()
{
    newcomer
    own_network
    names <<'END'
corp.example mx 20 alt1.aspmx.l.google.com
corp.example mx 10 aspmx.l.google.com
isp.example mx 10 aspmx.l.google.com
_submissions._tcp.isp.example srv 0 0 465 smtp.isp.example
END
    printf 'swordfish\n' >typed
}

inner_exchanger()
{
    some_names
    # Nobody is there who could say whether it is true.
    setup --yes --no-check --password-file typed me@corp.example
    expect_status 64
    expect_in out 'Mail for corp.example is taken in by aspmx.l.google.com: Google Workspace'
    expect_in out 'say --provider google-workspace'
    [ ! -e new ] || fail 'something was written'
    # What the domain itself names comes first.
    setup --yes --no-check --password-file typed me@isp.example
    expect_status 0
    expect_in new/sendoff.conf '^host = smtp.isp.example$'
    rm -r new
    begin "$PROGRAM" setup --output "$DIR/new/sendoff.conf" --no-check me@corp.example
    answer 'Smarthost\? \[google-workspace\]' $'\n'
    answer 'User\?' $'\n'
    answer 'App password' $'swordfish\n'
    answer 'mail for root' $'\n'
    ended
    expect_in seen '^status 0'
    expect_in new/sendoff.conf '^host = smtp.gmail.com$'
    expect_in new/sendoff.conf '^user = me@corp.example$'
}

test_exchanger()
{
    on_its_own inner_exchanger -mn
}
