# SPDX-License-Identifier: ISC
# Libraries of other languages: Perl's Email::Sender, Ruby's mail, nodemailer.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$CASE_FILE")/host.sh"

# runs_program INTERPRETER
runs_program()
{
    "$1" <program
}

perl_program()
{
    cat >program <<'END'
use Email::Sender::Simple qw(sendmail);
use Email::Sender::Transport::Sendmail;
use Email::Simple;
my $mail = Email::Simple->create(
    header => [From => 'Shop <shop@client.example>', To => 'bob@example.net',
        Cc => 'carol@example.org', Subject => 'from Perl'],
    body => "first\n.dot\n.\n..\nGr\xc3\xbcn\n\nlast\n");
sendmail($mail, {from => 'bounces@client.example',
    to => ['bob@example.net', 'carol@example.org', 'secret@example.net'],
    transport => Email::Sender::Transport::Sendmail->new});
END
}

test_email_sender()
{
    on_the_host perl
    perl_program
    call runs_program perl
    deliver 1
    expect_envelope 1 bounces@client.example bob@example.net carol@example.org \
        secret@example.net
    expect_text 1 <<'END'
From: Shop <shop@client.example>
To: bob@example.net
Cc: carol@example.org
Subject: from Perl
Date: *
Message-ID: *

first
.dot
.
..
Grün

last
END
}

test_email_sender_fails()
{
    on_the_host perl
    perl_program
    close_spools
    run runs_program perl
    [ "$status" -ne 0 ] || fail 'Perl did not see the failure'
    expect_in err 'error when closing pipe to .*sendmail'
}

ruby_program()
{
    cat >program <<'END'
require "mail"
Mail.defaults { delivery_method :sendmail }
Mail.new do
  from "Shop <shop@client.example>"
  to "bob@example.net"
  cc "carol@example.org"
  bcc "secret@example.net"
  subject "from Ruby"
  body "first\n.dot\n.\n..\n\nlast\n"
end.deliver!
END
}

test_ruby_mail()
{
    on_the_host ruby
    ruby_program
    call runs_program ruby3.1
    deliver 1
    expect_envelope 1 shop@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 <<'END'
Date: *
From: Shop <shop@client.example>
To: bob@example.net
Cc: carol@example.org
Message-ID: *
Subject: from Ruby
Mime-Version: 1.0
Content-Type: text/plain;
 charset=UTF-8
Content-Transfer-Encoding: 7bit

first
.dot
.
..

last
END
}

# Debian's version of it looks at no exit status; sendmail's line is what one sees.
test_ruby_mail_fails()
{
    on_the_host ruby
    ruby_program
    close_spools
    run runs_program ruby3.1
    expect_in out "^sendmail: .*$NO_ROOM"
    expect_equal 'messages that wait' "$(waiting)" 0
}

# nodemailer_program OPTIONS: CRLF in the header and the body's own line ends, or as that says.
nodemailer_program()
{
    cat >program <<END
const mailer = require("$E2E_CALLERS/npm/node_modules/nodemailer");
const transport = mailer.createTransport({sendmail: true$1});
END
    cat >>program <<'END'
transport.sendMail({
    from: "Shop <shop@client.example>", to: "bob@example.net", cc: "carol@example.org",
    bcc: "secret@example.net", subject: "from nodemailer",
    text: "first\n.dot\n.\n..\nGr\u00fcn\n\nlast", textEncoding: "quoted-printable",
}).catch(error => { console.error(String(error)); process.exit(1); });
END
}

test_nodemailer()
{
    local newline number=0
    on_the_host nodemailer
    for newline in '' ', newline: "unix"' ', newline: "windows"'; do
        nodemailer_program "$newline"
        call runs_program node
        deliver $((number += 1))
        expect_envelope $number shop@client.example bob@example.net carol@example.org \
            secret@example.net
        expect_text $number <<'END'
From: Shop <shop@client.example>
To: bob@example.net
Cc: carol@example.org
Subject: from nodemailer
Message-ID: *
Content-Transfer-Encoding: quoted-printable
Date: *
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

first
.dot
.
..
Gr=C3=BCn

last
END
    done
}

test_nodemailer_fails()
{
    on_the_host nodemailer
    nodemailer_program ''
    close_spools
    run runs_program node
    expect_status 1
    expect_in err 'exited with code 73'
}
