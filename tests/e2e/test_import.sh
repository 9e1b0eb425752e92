# SPDX-License-Identifier: ISC
# sendoff import: configs of other programs become ones that send.
# shellcheck shell=bash

import()
{
    run sendoff import "$@"
}

# What came out sends a mail; the authority of the smarthost of tests has to be named there.
expect_it_sends()
{
    sed -i "/^host = /a tls_ca_file = $CERTS/ca.pem" new/sendoff.conf
    sed -i "/^\[sendoff\]/a spool = $SPOOL\ndeliver = queue\nlog = stderr\naliases = $DIR/aliases" \
        new/sendoff.conf
    grep -q "^domain" new/sendoff.conf ||
        sed -i "/^\[sendoff\]/a domain = client.example" new/sendoff.conf
    : >aliases
    export SENDOFF_CONFIG=$DIR/new/sendoff.conf
    run sendoff check
    expect_status 0
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_log ' auth .* user ok'
}

test_msmtp()
{
    start_smarthost
    cat >msmtprc <<-END
	defaults
	tls on
	logfile ~/.msmtp.log
	account work
	host localhost
	port $PORT
	auth on
	user user
	password "secret"
	from me@isp.example
	account default : work
	END
    import --output "$DIR/new/sendoff.conf" msmtprc
    expect_status 0
    expect_in err 'msmtprc:3: logfile: not carried over'
    expect_equal 'lines said' "$(wc -l <err)" 1
    expect_equal password "$(cat new/password)" secret
    expect_equal mode "$(stat -c %a new/password)" 600
    expect_not_in new/sendoff.conf secret
    expect_it_sends
    expect_in mail/00000001.eml '^MAIL FROM:<me@isp.example>'
}

test_ssmtp()
{
    start_smarthost
    printf '%s\n' "mailhub=localhost:$PORT" AuthUser=user AuthPass=secret UseTLS=YES \
        UseSTARTTLS=YES hostname=client.example root=postmaster >ssmtp.conf
    import --output "$DIR/new/sendoff.conf" ssmtp.conf
    expect_status 0
    expect_in err 'ssmtp.conf:7: root: not carried over'
    expect_it_sends
}

test_nullmailer()
{
    start_smarthost
    mkdir etc
    printf "localhost smtp port=%s starttls user=user pass='secret'\n" "$PORT" >etc/remotes
    echo client.example >etc/me
    echo ada@example.net >etc/adminaddr
    import --output "$DIR/new/sendoff.conf" etc/remotes
    expect_status 0
    expect_not_in err .
    expect_in new/sendoff.conf '^local_to = ada@example.net$'
    expect_it_sends
}

test_dma()
{
    start_smarthost
    mkdir etc
    printf '%s\n' 'SMARTHOST localhost' "PORT $PORT" SECURETRANSFER STARTTLS \
        'AUTHPATH auth.conf' 'MASQUERADE me@isp.example' FULLBOUNCE >etc/dma.conf
    printf 'user|localhost:secret\n' >auth.conf
    import --output "$DIR/new/sendoff.conf" etc/dma.conf
    expect_status 0
    expect_in err 'dma.conf:7: FULLBOUNCE: not carried over'
    expect_it_sends
}

# On stdout, the config alone; the password stays out of it.
test_to_stdout()
{
    printf '%s\n' mailhub=mx.example AuthUser=user AuthPass=swordfish >ssmtp.conf
    import ssmtp.conf
    expect_status 0
    expect_in out '^host = mx.example$'
    expect_in err 'the password is left out'
    expect_in err 'tls = starttls was put in'
    expect_not_in out swordfish
    expect_not_in err swordfish
}

test_refused()
{
    printf 'what is this\n' >file
    import file
    expect_status 64
    import --format ssmtp absent
    expect_status 66
    import --format ssmtp file
    expect_status 65
    expect_in err 'no line of ssmtp.conf'
    import --format ssmtp --output
    expect_status 64
    printf 'mailhub=mx.example\n' >ssmtp.conf
    import --output /proc/none/sendoff.conf ssmtp.conf
    expect_status 73
}
