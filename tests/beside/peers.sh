# SPDX-License-Identifier: ISC
# The programs, for `try`: each gets the address of the smarthost, user and password, and is told to
# use STARTTLS; all else is as its Debian package has it. The file with the secret keeps the owner
# and the mode that the package gives it; where the package has none, it is root's alone. For each
# NAME there are
#
#   NAME_setup   the config
#   NAME_secret  the file with the password
#   NAME_queue   the directories of the queue; nothing where there is none
#   NAME_start   what the package would have running
#   NAME_flush   what it has, for cron or by hand, to send what waits
#   NAME_reuse   the setting by which it keeps connections; nothing where there is none to be set
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317  # between here and try

PEERS='sendoff msmtp nullmailer dma ssmtp postfix exim'

# peer_packages PEER
peer_packages()
{
    case $1 in
    msmtp) echo msmtp msmtp-mta ;;
    postfix) echo postfix libsasl2-modules ;;
    exim) echo exim4-daemon-light exim4-base exim4-config ;;
    *) echo "$1" ;;
    esac
}

sendoff_setup()
{
    cat >/etc/sendoff/sendoff.conf <<END
[sendoff]
domain = client.example
[smarthost]
host = $SMARTHOST
port = $PORT
tls = starttls
user = user
password_file = /etc/sendoff/password
END
    (umask 077 && echo "$PASSWORD" >/etc/sendoff/password)
}
sendoff_secret() { echo /etc/sendoff/password; }
sendoff_queue() { find /var/spool/sendoff -mindepth 1 -maxdepth 1 -type d; }
sendoff_start() { :; }
sendoff_flush() { sendoff flush; }

# ---- msmtp sends at once; msmtpq, a script that comes with it, queues what could not be sent.

msmtp_setup()
{
    (umask 077 && cat >/etc/msmtprc) <<END
account default
host $SMARTHOST
port $PORT
tls on
auth on
user user
password $PASSWORD
END
}
msmtp_secret() { echo /etc/msmtprc; }
msmtp_queue() { :; }
msmtp_start() { :; }
msmtp_flush() { :; }

# ---- nullmailer

nullmailer_setup()
{
    echo "$SMARTHOST smtp port=$PORT starttls user=user pass=$PASSWORD" >/etc/nullmailer/remotes
}
nullmailer_secret() { echo /etc/nullmailer/remotes; }
nullmailer_queue() { echo /var/spool/nullmailer/queue; }
nullmailer_start()
{
    cd /var/spool/nullmailer || return
    setpriv --reuid mail --regid mail --clear-groups /usr/sbin/nullmailer-send >>"$said" 2>&1 &
    cd "$OLDPWD" || return
    sleep 0.3
}
nullmailer_flush() { printf 1 >/var/spool/nullmailer/trigger; }

# ---- dma

dma_setup()
{
    printf '%s\n' "SMARTHOST $SMARTHOST" "PORT $PORT" 'AUTHPATH /etc/dma/auth.conf' \
        SECURETRANSFER STARTTLS >>/etc/dma/dma.conf
    echo "user|$SMARTHOST:$PASSWORD" >/etc/dma/auth.conf
}
dma_secret() { echo /etc/dma/auth.conf; }
dma_queue() { echo /var/spool/dma; }
dma_start() { :; }
dma_flush() { /usr/sbin/dma -q; }

# ---- ssmtp

ssmtp_setup()
{
    sed -i '/^mailhub=/d' /etc/ssmtp/ssmtp.conf
    printf '%s\n' "mailhub=$SMARTHOST:$PORT" UseSTARTTLS=YES AuthUser=user "AuthPass=$PASSWORD" \
        FromLineOverride=YES >>/etc/ssmtp/ssmtp.conf
}
ssmtp_secret() { echo /etc/ssmtp/ssmtp.conf; }
ssmtp_queue() { :; }
ssmtp_start() { :; }
ssmtp_flush() { :; }

# ---- Postfix, as its SOHO_README has a client of a smarthost.

postfix_setup()
{
    postconf "relayhost = [$SMARTHOST]:$PORT" 'smtp_sasl_auth_enable = yes' \
        'smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd' \
        'smtp_sasl_security_options = noanonymous' 'smtp_tls_security_level = encrypt'
    (umask 077 && echo "[$SMARTHOST]:$PORT user:$PASSWORD" >/etc/postfix/sasl_passwd)
}
postfix_secret() { echo /etc/postfix/sasl_passwd; }
postfix_queue() { printf '%s\n' /var/spool/postfix/{maildrop,incoming,active,deferred}; }
postfix_start() { /etc/init.d/postfix start >>"$said" 2>&1; }
postfix_flush() { postqueue -f; }
postfix_reuse()
{
    postconf 'smtp_tls_connection_reuse = yes'
    postconf -M 'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy'
    postfix reload >>"$said" 2>&1
}

# ---- Exim, as Debian's own questions set it up; only that it does not mind that the smarthost has
# ---- an address of this host.

exim_setup()
{
    sed -i "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype='smarthost'/
        s/^dc_smarthost=.*/dc_smarthost='$SMARTHOST::$PORT'/" /etc/exim4/update-exim4.conf.conf
    echo "$SMARTHOST:user:$PASSWORD" >>/etc/exim4/passwd.client
    sed -i 's/^  transport = remote_smtp_smarthost$/&\n  self = send/' \
        /etc/exim4/exim4.conf.template
    update-exim4.conf
}
exim_secret() { echo /etc/exim4/passwd.client; }
exim_queue() { echo /var/spool/exim4/input; }
exim_start() { /etc/init.d/exim4 start >>"$said" 2>&1; }
exim_flush() { /usr/sbin/exim4 -qff; }
exim_reuse() { exim_flush() { /usr/sbin/exim4 -qqff; }; }
