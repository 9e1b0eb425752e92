# SPDX-License-Identifier: ISC
# Mail programs of people and scripts: mutt, s-nail, bsd-mailx, mailutils, git send-email.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$CASE_FILE")/host.sh"

# A body with all that could go wrong: dots, UTF-8, no end.
body()
{
    printf 'first\n.dot\n.\n..\nGr\303\274n\n\nFrom here on\nlast\n'
}

mutt_config()
{
    printf '%s\n' 'set from=alice@client.example use_envelope_from=yes realname=Alice' \
        'set copy=no user_agent=no hostname=client.example send_charset=utf-8' "$@" >muttrc
    body >in
}

test_mutt()
{
    on_the_host mutt
    mutt_config
    run_with_input in mutt -F muttrc -s 'from mutt' -c carol@example.org -b secret@example.net \
        bob@example.net
    expect_status 0
    expect_equal 'what it prints' "$(cat out err)" ''
    deliver 1
    expect_envelope 1 alice@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 <<'END'
Date: *
From: Alice <alice@client.example>
To: bob@example.net
Cc: carol@example.org
Subject: from mutt
Message-ID: *
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Disposition: inline
Content-Transfer-Encoding: 8bit

first
.dot
.
..
Grün

From here on
last
END
}

# Its options for delivery reports, in the middle of the others.
test_mutt_with_reports()
{
    on_the_host mutt
    mutt_config 'set dsn_notify="failure,delay" dsn_return=hdrs use_8bitmime=yes'
    run_with_input in mutt -F muttrc -s reports bob@example.net
    expect_status 0
    deliver 1
    expect_log 'MAIL FROM:<alice@client.example>.* RET=HDRS'
    expect_log 'RCPT TO:<bob@example.net> NOTIFY=(FAILURE,DELAY|DELAY,FAILURE)'
}

test_mutt_fails()
{
    on_the_host mutt
    mutt_config
    close_spools
    run_with_input in mutt -F muttrc -s lost bob@example.net
    expect_status 1
    expect_in err 'Error sending message, child exited 73 \('
    expect_in out 'Could not send the message'
}

test_s_nail()
{
    on_the_host s-nail
    body >in
    run_with_input in s-nail -:/ -r alice@client.example -s 'from s-nail' \
        -c carol@example.org -b secret@example.net bob@example.net
    expect_status 0
    expect_equal 'what it prints' "$(cat out err)" ''
    deliver 1
    expect_envelope 1 alice@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 's/^(User-Agent: s-nail) .*/\1 */' <<'END'
Date: *
From: alice@client.example
To: bob@example.net
Cc: carol@example.org
Subject: from s-nail
Message-ID: *
User-Agent: s-nail *
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

first
.dot
=2E
..
Gr=C3=BCn

=46rom here on
last
END
}

test_s_nail_fails()
{
    on_the_host s-nail
    body >in
    close_spools
    run_with_input in s-nail -:/ -S sendwait -s lost bob@example.net
    [ "$status" -ne 0 ] || fail 's-nail did not see the failure'
    expect_in err "^sendmail: .*$NO_ROOM"
}

test_bsd_mailx()
{
    on_the_host bsd-mailx
    body >in
    call bsd_mailx -s 'from bsd-mailx' -c carol@example.org -b secret@example.net \
        bob@example.net
    within 20 some_wait || fail 'nothing came from bsd-mailx'
    deliver 1
    expect_envelope 1 root@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 <<'END'
To: bob@example.net
Subject: from bsd-mailx
Cc: carol@example.org
MIME-Version: 1.0
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: 8bit
From: root <root@client.example>
Date: *
Message-ID: *

first
.dot
.
..
Grün

From here on
last
END
}

bsd_mailx()
{
    /usr/bin/bsd-mailx "$@" <in
}

test_mailutils()
{
    on_the_host mailutils
    body >in
    call mail_mailutils -E 'unset dot' -r alice@client.example -s 'from mailutils' \
        -a 'Cc: carol@example.org' -a 'Bcc: secret@example.net' bob@example.net
    deliver 1
    expect_envelope 1 alice@client.example carol@example.org secret@example.net bob@example.net
    expect_text 1 's/^(User-Agent: mail) .*/\1 */' <<'END'
Subject: from mailutils
Cc: <carol@example.org>
To: <bob@example.net>
User-Agent: mail *
Date: *
From: root <alice@client.example>
Message-ID: *

first
.dot
.
..
Grün

From here on
last
END
}

mail_mailutils()
{
    /usr/bin/mail.mailutils "$@" <in
}

# It keeps what sendmail says to itself.
test_mailutils_fails()
{
    on_the_host mailutils
    body >in
    close_spools
    run mail_mailutils -s lost bob@example.net
    [ "$status" -ne 0 ] || fail 'mail did not see the failure'
    expect_in err 'Process exited with a non-zero status'
}

# A repository with a patch to send, and a git that takes nothing from the machine's config.
repository()
{
    export GIT_CONFIG_GLOBAL=$DIR/gitconfig GIT_CONFIG_NOSYSTEM=1
    git config --global user.name Alice
    git config --global user.email alice@client.example
    git config --global sendemail.confirm never
    git init -q -b main work
    printf '.dot\n' >work/file
    git -C work add file
    git -C work commit -q -m 'a file with a dot' -m 'Signed-off-by: Carol <carol@example.org>'
}

git_send_email()
{
    (cd work && git send-email --suppress-cc=author --to=bob@example.net \
        --bcc=secret@example.net "$@" -1)
}

test_git_send_email()
{
    on_the_host git
    repository
    run git_send_email
    expect_status 0
    expect_equal 'what git warns of' "$(cat err)" ''
    deliver 1
    expect_envelope 1 alice@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 's/^(From) [0-9a-f]{40} .*/\1 */' 's/^(index) .*/\1 */' \
        's/^(X-Mailer: git-send-email) .*/\1 */' '/^[0-9]+\.[0-9.]+$/s/.*/*/' <<'END'
From: Alice <alice@client.example>
To: bob@example.net
Cc: Carol <carol@example.org>
Subject: [PATCH] a file with a dot
Date: *
Message-Id: *
X-Mailer: git-send-email *
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit

Signed-off-by: Carol <carol@example.org>
---
 file | 1 +
 1 file changed, 1 insertion(+)
 create mode 100644 file

diff --git a/file b/file
new file mode 100644
index *
--- /dev/null
+++ b/file
@@ -0,0 +1 @@
+.dot
-- 
*

END
}

test_git_send_email_with_envelope_sender()
{
    on_the_host git
    repository
    run git_send_email --envelope-sender=bounces@client.example
    expect_status 0
    deliver 1
    expect_envelope 1 bounces@client.example bob@example.net carol@example.org \
        secret@example.net
}

test_git_send_email_fails()
{
    on_the_host git
    repository
    close_spools
    run git_send_email
    [ "$status" -ne 0 ] || fail 'git did not see the failure'
    expect_in err "^sendmail: .*$NO_ROOM"
}
