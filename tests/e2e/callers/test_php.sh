# SPDX-License-Identifier: ISC
# PHP: mail(), Symfony Mailer and PHPMailer.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2154
. "$(dirname "$CASE_FILE")/host.sh"

# php [OPTION...] <SCRIPT, with Debian's modules switched on, as its packages do on installing.
php()
{
    local module
    mkdir -p /run/php
    for module in /usr/share/php8.2-{common/common,mbstring/mbstring,intl/intl}/*.ini; do
        [ ! -e "$module" ] || cp "$module" "/run/php/20-${module##*/}"
    done
    PHP_INI_SCAN_DIR=/run/php /usr/bin/php8.2 -d display_errors=stderr "$@"
}

# says TEXT COMMAND...: it prints that, nothing else, and succeeds.
says()
{
    local text=$1
    shift
    run "$@"
    expect_status 0
    expect_equal 'what it prints' "$(cat out err)" "$text"
}

# The body is as PHP gives it, with LF; the header has CRLF. mail() ends the last line.
test_mail()
{
    on_the_host php
    says true php <<'END'
<?php
$body = "first\n.dot\n.\n..\nGr\u{fc}n \u{1f600}\n\nlast";
$header = "From: Shop <shop@client.example>\r\nBcc: secret@example.net\r\n" .
    "Content-Type: text/plain; charset=utf-8";
echo var_export(mail("bob@example.net, Carol <carol@example.org>", "An order", $body, $header));
END
    deliver 1
    expect_envelope 1 shop@client.example bob@example.net carol@example.org secret@example.net
    expect_text 1 <<'END'
To: bob@example.net, Carol <carol@example.org>
Subject: An order
From: Shop <shop@client.example>
Content-Type: text/plain; charset=utf-8
Date: *
Message-ID: *

first
.dot
.
..
Grün 😀

last
END
}

# The fifth parameter names the sender of the envelope; Cc counts, Bcc disappears.
test_mail_with_sender()
{
    on_the_host php
    says true php <<'END'
<?php
$header = ["From" => "shop@client.example", "Cc" => "carol@example.org",
    "Bcc" => "secret@example.net", "X-Mailer" => "PHP/" . phpversion()];
echo var_export(mail("bob@example.net", "=?UTF-8?Q?Gr=C3=BCn?=", "one\r\ntwo\r\n", $header,
    "-fbounces@client.example"));
END
    deliver 1
    expect_envelope 1 bounces@client.example bob@example.net carol@example.org \
        secret@example.net
    expect_text 1 's/^(X-Mailer: PHP).*/\1*/' <<'END'
To: bob@example.net
Subject: =?UTF-8?Q?Gr=C3=BCn?=
From: shop@client.example
Cc: carol@example.org
X-Mailer: PHP*
Date: *
Message-ID: *

one
two

END
}

# The old habit: fields joined with LF, between PHP's own CRLF; and the switch of php.ini for LF
# alone.
test_mail_with_mixed_line_ends()
{
    local setting
    on_the_host php
    for setting in Off On; do
        says true php -d mail.mixed_lf_and_crlf=$setting <<'END'
<?php
echo var_export(mail("bob@example.net", "mixed", "one\ntwo\r\nthree",
    "From: shop@client.example\nReply-To: help@client.example\nBcc: secret@example.net",
    "-f shop@client.example"));
END
    done
    deliver 2
    for setting in 1 2; do
        expect_envelope $setting shop@client.example bob@example.net secret@example.net
        expect_text $setting <<'END'
To: bob@example.net
Subject: mixed
From: shop@client.example
Reply-To: help@client.example
Date: *
Message-ID: *

one
two
three
END
    done
}

# No header but To and Subject, and the user of web servers: From is the user of the process,
# and what waits is his alone.
test_mail_of_a_web_server()
{
    on_the_host php
    says true as_user www-data /usr/bin/php8.2 <<<'<?php echo var_export(mail("bob@example.net",
        "bare", "body"));'
    expect_stored www-data <<'END'
To: bob@example.net
Subject: bare
From: www-data <www-data@client.example>
Date: *
Message-ID: *

body
END
}

test_mail_fails()
{
    on_the_host php
    close_spools
    run php <<<'<?php echo var_export(mail("bob@example.net", "lost", "body"));'
    expect_status 0
    expect_equal 'what mail() returns' "$(cat out)" false
    expect_one_line err
    expect_in err "^sendmail: .*$NO_ROOM"
}

# A bad address is refused whole: mail() is false, and nobody gets anything.
test_mail_refused()
{
    on_the_host php
    run php <<<'<?php echo var_export(mail("bob@example.net, carol@@example.net", "s", "b"));'
    expect_status 0
    expect_equal 'what mail() returns' "$(cat out)" false
    expect_in err 'carol@@example.net'
    expect_equal 'messages that wait' "$(waiting)" 0
}

# symfony DSN: two messages by one transport, as a worker sends them.
symfony()
{
    symfony_script "$1"
    says sent php <script.php
    deliver 2
    for number in 1 2; do
        expect_envelope $number bounces@client.example bob@example.net carol@example.org \
            secret@example.net
        expect_text $number 's/^(Subject: number) [12]$/\1 */' <<'END'
From: Shop <shop@client.example>
Sender: bounces@client.example
To: =?utf-8?Q?B=C3=B6b?= <bob@example.net>
Cc: carol@example.org
Subject: number *
Message-ID: *
MIME-Version: 1.0
Date: *
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

first
.dot
.
..

last
END
    done
}

symfony_script()
{
    cat >script.php <<END
<?php
require "/usr/share/php/Symfony/Component/Mailer/autoload.php";
\$dsn = "$1";
END
    cat >>script.php <<'END'
use Symfony\Component\Mailer\{Mailer, Transport};
use Symfony\Component\Mime\{Address, Email};
$mailer = new Mailer(Transport::fromDsn($dsn));
foreach ([1, 2] as $number)
    $mailer->send((new Email())
        ->from(new Address("shop@client.example", "Shop"))
        ->sender("bounces@client.example")
        ->to(new Address("bob@example.net", "B\u{f6}b"))
        ->cc("carol@example.org")
        ->bcc("secret@example.net")
        ->subject("number $number")
        ->text("first\n.dot\n.\n..\n\nlast"));
echo "sent";
END
}

# Its default is -bs, with HELO and several messages in one dialogue.
test_symfony_dialogue()
{
    on_the_host symfony
    symfony 'sendmail://default'
}

test_symfony_arguments()
{
    on_the_host symfony
    symfony 'sendmail://default?command=/usr/sbin/sendmail%20-oi%20-t'
}

# Without -i it doubles leading dots itself, for sendmail's own rule.
test_symfony_without_i()
{
    on_the_host symfony
    host_config sendoff.dot=sendmail
    symfony 'sendmail://default?command=/usr/sbin/sendmail%20-t'
}

test_symfony_fails()
{
    on_the_host symfony
    symfony_script sendmail://default
    close_spools
    run php <script.php
    expect_status 255
    expect_in err "TransportException.*451 4\.3\.5 .*$NO_ROOM"
}

# phpmailer METHOD: makes ./script.php, which sends by that.
phpmailer()
{
    cat >script.php <<END
<?php
require "/usr/share/php/libphp-phpmailer/autoload.php";
\$mail = new PHPMailer\PHPMailer\PHPMailer(true);
\$mail->$1();
\$mail->CharSet = "utf-8";
\$mail->setFrom("shop@client.example", "Shop");
\$mail->Sender = "bounces@client.example";
\$mail->addAddress("bob@example.net", "B\u{f6}b");
\$mail->addCC("carol@example.org");
\$mail->addBCC("secret@example.net");
\$mail->Subject = "An order";
\$mail->XMailer = "PHPMailer";
\$mail->Body = "first\n.dot\n.\n..\nGr\u{fc}n\n\nlast";
echo var_export(\$mail->send());
END
}

expect_phpmailer()
{
    deliver 1
    expect_envelope 1 bounces@client.example bob@example.net carol@example.org \
        secret@example.net
    expect_text 1
}

test_phpmailer_sendmail()
{
    on_the_host phpmailer
    phpmailer isSendmail
    says true php <script.php
    expect_phpmailer <<'END'
Date: *
To: =?utf-8?B?QsO2Yg==?= <bob@example.net>
From: Shop <shop@client.example>
Cc: carol@example.org
Subject: An order
Message-ID: *
X-Mailer: PHPMailer
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

first
.dot
.
..
Grün

last
END
}

test_phpmailer_mail()
{
    on_the_host phpmailer
    phpmailer isMail
    says true php <script.php
    expect_phpmailer <<'END'
To: =?utf-8?B?QsO2Yg==?= <bob@example.net>
Subject: An order
Date: *
From: Shop <shop@client.example>
Cc: carol@example.org
Message-ID: *
X-Mailer: PHPMailer
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

first
.dot
.
..
Grün

last

END
}

test_phpmailer_fails()
{
    on_the_host phpmailer
    phpmailer isSendmail
    close_spools
    run php <script.php
    expect_status 255
    expect_in err "^sendmail: .*$NO_ROOM"
    expect_in err 'Could not execute'
}
