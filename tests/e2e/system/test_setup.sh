# SPDX-License-Identifier: ISC
# sendoff setup by root: the config of the whole host, and what its users see of it.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

# The host as it is before anybody has set it up.
unset_host()
{
    mv /etc/sendoff/ca.pem "$DIR/ca.pem"
    rm -rf /etc/sendoff
    install -d /etc/sendoff
    install -m 644 "$DIR/ca.pem" /etc/sendoff/ca.pem
    printf 'secret\n' >typed
}

set_up()
{
    run sendoff setup --host localhost --port "$PORT" --user user --password-file typed \
        --tls-ca-file /etc/sendoff/ca.pem --domain client.example --yes me@isp.example
}

test_root_sets_up_the_host()
{
    on_a_host
    unset_host
    set_up
    expect_status 0
    expect_equal 'the config' "$(stat -c %u:%a /etc/sendoff/sendoff.conf)" 0:644
    expect_equal 'the password' "$(stat -c %u:%a /etc/sendoff/password)" 0:600
    expect_equal 'the directory' "$(stat -c %u:%a /etc/sendoff)" 0:755
    expect_in out '^pass spools: '
    expect_in out '^pass AUTH: '
    mail_of alice
    run sendoff flush
    expect_status 0
    expect_delivered 1
    expect_in mail/00000001.eml '^MAIL FROM:<me@isp.example>'
}

# Nothing is known of a host before: what its mail needs is put in by the config that comes.
test_mail_from_before_the_setup()
{
    on_a_host
    unset_host
    echo inside.invalid >/etc/mailname
    mail_of alice 'from before' root postmaster
    printf 'To: root\nSubject: also from before\n\nx\n' >in
    as bob sendmail -t <in || fail 'it is not taken'
    run sendoff flush
    expect_status 78
    expect_in err 'no config; `sendoff setup` makes one$'
    printf 'postmaster: root\nhelp: help@isp.example\n' >/etc/aliases
    mail_of bob 'to an alias' help
    set_up
    expect_status 0
    run sendoff flush
    expect_status 0
    expect_delivered 3
    expect_in log ' RCPT TO:<help@isp.example>'
    [ "$(grep -c '^RCPT' mail/*.eml | grep -c ':1$')" = 3 ] || fail 'one address, one copy'
    for mail in mail/0000000[12].eml; do
        expect_in "$mail" '^MAIL FROM:<me@isp.example>'
        expect_in "$mail" '^RCPT TO:<me@isp.example>'
        expect_not_in "$mail" 'inside.invalid'
    done
}

# A user sees what is his, and nothing of the secret.
test_check_of_a_user()
{
    on_a_host
    unset_host
    set_up
    run as alice sendoff check
    expect_status 0
    expect_in out '^pass config: /etc/sendoff/sendoff.conf$'
    expect_in out "the account is root's"
    expect_not_in out 'secret:|AUTH:'
    run as alice sendoff check --send bob@example.net
    expect_in out '^pass test mail: .*queued for bob@example.net'
    expect_waiting 1 alice
}

# One of his own goes to his home, and no further.
test_user_sets_up_his_own()
{
    on_a_host
    printf 'secret\n' >/run/typed
    chmod 644 /run/typed
    run as alice sendoff setup --host localhost --port "$PORT" --user user \
        --password-file /run/typed --tls-ca-file /etc/sendoff/ca.pem --yes me@isp.example
    expect_status 0
    local home
    home=$(getent passwd alice | cut -d: -f6)
    expect_equal 'the config' "$(stat -c %U:%a "$home/.config/sendoff/sendoff.conf")" alice:600
    expect_equal 'the password' "$(stat -c %U:%a "$home/.config/sendoff/password")" alice:600
    expect_in out '^pass AUTH: '
}
