# SPDX-License-Identifier: ISC
# What runs in the background: cron, at, and sudo's alert.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$CASE_FILE")/host.sh"

# cron_runs FILE: cron starts with this crontab of root's, runs what is @reboot in it, and is
# ended when its mail waits.
cron_runs()
{
    install -m 600 "$1" /var/spool/cron/crontabs/root
    /usr/sbin/cron -f -L 5 >out 2>err &
    cron=$!
    started+=("$cron")
    within 20 some_wait || fail 'nothing came from cron'
    kill "$cron"
    wait "$cron" || true
    expect_equal 'what cron says' "$(cat out err)" ''
}

# MAILTO is a list with names and goes to sendmail as one argument; a lone dot is output.
test_cron()
{
    on_the_host cron
    cat >table <<'END'
MAILTO=root,ops@example.net
CONTENT_TYPE="text/plain; charset=utf-8"
CONTENT_TRANSFER_ENCODING=8bit
@reboot printf 'Gr\303\274n\n.\n.dot\nlast\n'
END
    cron_runs table
    deliver 1
    expect_envelope 1 root@client.example admin@example.net ops@example.net
    expect_log 'BODY=8BITMIME'
    expect_text 1 '/^X-Cron-Env: /d' 's/^(Subject: Cron <root@)[^>]*>/\1*>/' <<'END'
From: root@client.example (Cron Daemon)
To: root@client.example,ops@example.net
Subject: Cron <root@*> printf 'Gr\303\274n\n.\n.dot\nlast\n'
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
Date: *
Message-ID: *

Grün
.
.dot
last
END
}

# The same host before it has a config: cron's mail is safe all the same, and its bare name is
# completed when there is one. Aliases belong to a config.
test_cron_without_config()
{
    on_the_host cron
    rm /etc/sendoff/sendoff.conf
    echo '@reboot echo alarm' >table
    cron_runs table
    # shellcheck disable=SC2119
    host_config
    deliver 1
    # As the aliases have it by then, not as nobody knew it before.
    expect_envelope 1 root@client.example admin@example.net
}

# at's spool file is sendmail's standard input, no pipe.
test_at()
{
    on_the_host at
    printf 'printf "one\\n.\\n.two\\n"\n' >job
    run_with_input job at now
    expect_status 0
    run atd -s
    expect_status 0
    within 20 some_wait || fail 'nothing came from at'
    deliver 1
    expect_envelope 1 root@client.example admin@example.net
    expect_text 1 <<'END'
Subject: Output from your job        1
To: root@client.example
From: root <root@client.example>
Date: *
Message-ID: *

one
.
.two
END
}

# refused_by_sudo COMMAND...: sudo says no, and tells root.
refused_by_sudo()
{
    printf 'Defaults !authenticate, !use_pty\n' >/etc/sudoers
    chmod 440 /etc/sudoers
    run "$@"
    expect_status 1
    expect_in err 'not in the sudoers file'
    expect_not_in err sendmail
    within 20 some_wait || fail 'nothing came from sudo'
}

# The alert: -t without -i, a bare name in From and To, and no Date.
test_sudo()
{
    on_the_host sudo
    refused_by_sudo sudo -n -u nobody /usr/bin/id
    deliver 1
    expect_envelope 1 root@client.example admin@example.net
    expect_text 1 's/^(Subject: .* for) .*/\1 */' \
        's/^[^ ]+ : .* : (user NOT)/* : \1/' 's/(PWD=)[^ ]*/\1*/' <<'END'
To: root@client.example
From: root@client.example
Auto-Submitted: auto-generated
Subject: *** SECURITY information for *
Date: *
Message-ID: *

* : user NOT in sudoers ; PWD=* ; USER=nobody ; COMMAND=/usr/bin/id

END
}

# Debian's sudo runs sendmail as the user: the alert is in his spool.
test_sudo_of_a_user()
{
    on_the_host sudo
    refused_by_sudo as_user nobody sudo -n /usr/bin/id
    expect_stored nobody 's/^(Subject: .* for) .*/\1 */' \
        's/^[^ ]+ : .* : (user NOT)/* : \1/' 's/(PWD=)[^ ]*/\1*/' <<'END'
To: root@client.example
From: nobody@client.example
Auto-Submitted: auto-generated
Subject: *** SECURITY information for *
Date: *
Message-ID: *

* : user NOT in sudoers ; PWD=* ; USER=root ; COMMAND=/usr/bin/id

END
}
