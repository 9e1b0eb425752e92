# SPDX-License-Identifier: ISC
# How the other programs are set up and told what to do, for `run`: each with the smarthost on
# localhost, STARTTLS, the certificate and its name verified (but dma, which can not), AUTH, and
# the settings with which it is fastest. They trust one authority, given as a file of one. They run
# as root on the host of host.sh. For each NAME there are
#
#   NAME_setup PORT   the config, and an empty queue
#   NAME_queue        from now on what is queued waits; $command queues stdin
#   NAME_fill N       queues $work/4k so often, as NAME_queue does; where there is none: so
#   NAME_flush        $command sends what was queued since NAME_queue, or starts to
#   NAME_send         from now on what is queued is sent; $command queues stdin
#
# and what they leave running ends with `leave`.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # between here and run

AUTHORITY=/etc/bench-ca.pem
ADDRESSES='-f alice@client.example bob@example.net'

declare -A PEER_NAME=([msmtp]=msmtp [nullmailer]=nullmailer [dma]=dma [exim]=Exim
    [opensmtpd]=OpenSMTPD [postfix]=Postfix)

# What a program has that is told to stay: its processes, to be ended as one group.
daemon=

# stay COMMAND...
stay()
{
    setsid "$@" </dev/null >>"$work/complaints" 2>&1 &
    daemon=$!
}

leave()
{
    [ -n "$daemon" ] || return 0
    kill -- "-$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
}

# within SECONDS COMMAND...: whether it succeeds in that time.
within()
{
    local tries=$(($1 * 50))
    until "${@:2}"; do
        [ $((tries -= 1)) -gt 0 ] || return 1
        sleep 0.02
    done
}

# ---- msmtp has no queue: what is to be flushed lies there as files, sent one after another.

msmtp_setup()
{
    cat >/etc/msmtprc <<END
account default
host localhost
port $1
tls on
tls_starttls on
tls_trust_file $AUTHORITY
auth plain
user bench
password bench
END
    own_remove /var/spool/msmtp
    mkdir /var/spool/msmtp
}
msmtp_send() { command="/usr/bin/msmtp $ADDRESSES"; }
msmtp_queue() { msmtp_send; }
msmtp_fill()
{
    local i
    for ((i = 0; i < $1; i++)); do
        cp "$work/4k" "/var/spool/msmtp/$i"
    done
}
msmtp_flush() { command="$self --each /var/spool/msmtp /usr/bin/msmtp $ADDRESSES"; }

# ---- nullmailer

nullmailer_setup()
{
    own_remove /var/spool/nullmailer
    rm -f /etc/nullmailer/*
    mkdir -p /etc/nullmailer /var/spool/nullmailer/{queue,tmp,failed}
    mkfifo /var/spool/nullmailer/trigger
    printf 'localhost smtp port=%s starttls user=bench pass=bench x509cafile=%s\n' \
        "$1" "$AUTHORITY" >/etc/nullmailer/remotes
}
nullmailer_queue() { command="/usr/lib/sendmail-of-nullmailer/sendmail -i $ADDRESSES"; }
nullmailer_flush()
{
    echo 0 >/etc/nullmailer/pausetime # one pass, then it ends
    command=/usr/sbin/nullmailer-send
}
nullmailer_send()
{
    nullmailer_queue
    rm -f /etc/nullmailer/pausetime
    stay /usr/sbin/nullmailer-send
    sleep 0.5
}

# ---- dma

dma_setup()
{
    mkdir -p /etc/dma
    printf 'bench|localhost:bench\n' >/etc/dma/auth.conf
    printf '%s\n' 'SMARTHOST localhost' "PORT $1" 'AUTHPATH /etc/dma/auth.conf' SECURETRANSFER \
        STARTTLS 'MAILNAME bench.example' >/etc/dma/dma.conf
    own_remove /var/spool/dma
    install -d -m 2775 -o mail -g mail /var/spool/dma
}
dma_queue() { command="/usr/sbin/dma -bq -i $ADDRESSES"; }
dma_send() { command="/usr/sbin/dma -D -i $ADDRESSES"; }
dma_flush() { command='/usr/sbin/dma -q'; }

# ---- Exim. -qq: it looks for messages of one host first, and sends them over one connection.

exim_setup()
{
    mkdir -p /etc/exim4
    cat >/etc/exim4/exim4.conf <<END
primary_hostname = bench.example
spool_directory = /var/spool/exim4
log_file_path = /var/spool/exim4/log/%slog
message_size_limit = 0
keep_environment =
tls_require_ciphers =
begin acl
begin routers
smarthost:
  driver = manualroute
  domains = *
  route_list = * localhost byname
  self = send
  transport = submission
begin transports
submission:
  driver = smtp
  port = $1
  hosts_require_tls = *
  hosts_require_auth = *
  tls_verify_certificates = $AUTHORITY
  tls_verify_hosts = *
  tls_verify_cert_hostnames = *
  hosts_noproxy_tls =
begin retry
* * F,2h,15m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^bench^bench
END
    own_remove /var/spool/exim4
    install -d -m 750 -o Debian-exim -g Debian-exim /var/spool/exim4 /var/spool/exim4/log
}
exim_queue() { command="/usr/sbin/exim4 -odq -i $ADDRESSES"; }
exim_send() { command="/usr/sbin/exim4 -odf -i $ADDRESSES"; }
exim_flush() { command='/usr/sbin/exim4 -qq'; }

# ---- OpenSMTPD

opensmtpd_setup()
{
    printf 'bench bench:bench\n' >/etc/bench-secrets
    chmod 600 /etc/bench-secrets
    cat >/etc/smtpd.conf <<END
table secrets file:/etc/bench-secrets
smtp max-message-size 1G
listen on socket
action "relay" relay host smtp+tls://bench@localhost:$1 auth <secrets>
match from local for any action "relay"
END
    chmod 644 /etc/smtpd.conf
    mkdir -p /var/lib/opensmtpd/empty
    own_remove /var/spool/smtpd
    # It looks there before it makes it.
    install -d -m 711 /var/spool/smtpd
    stay /usr/sbin/smtpd -d
    within 5 smtpctl show stats >/dev/null 2>&1
}
opensmtpd_send() { command="/usr/lib/sendmail-of-opensmtpd/sendmail -i $ADDRESSES"; }
opensmtpd_queue()
{
    opensmtpd_send
    smtpctl pause mta >/dev/null
}
opensmtpd_flush() { command='/usr/sbin/smtpctl resume mta'; }

# ---- Postfix, one TLS session for many messages, as far as it does that.

postfix_setup()
{
    mkdir -p /etc/postfix
    cat >/etc/postfix/main.cf <<END
compatibility_level = 3.6
maillog_file = /var/spool/postfix-log
maillog_file_prefixes = /var/spool
data_directory = /var/spool/postfix-data
myhostname = bench.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = loopback-only
inet_protocols = ipv4
biff = no
message_size_limit = 0
default_database_type = texthash
relayhost = [localhost]:$1
smtp_host_lookup = native
smtp_tls_security_level = secure
smtp_tls_CAfile = $AUTHORITY
smtp_tls_connection_reuse = yes
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = inline:{ { [localhost]:$1 = bench:bench } }
smtp_sasl_security_options = noanonymous
END
    cat >/etc/postfix/master.cf <<END
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
tlsproxy unix - - n - 0 tlsproxy
postlog unix-dgram n - n - 1 postlogd
END
    own_remove /var/spool/postfix
    mkdir -p /var/spool/postfix/{active,bounce,corrupt,defer,deferred,flush,hold} \
        /var/spool/postfix/{incoming,maildrop,pid,private,public,saved,trace}
    mkdir -p /var/spool/postfix-data
    chown postfix /var/spool/postfix-data /var/spool/postfix/* && chown root /var/spool/postfix/pid
    chgrp postdrop /var/spool/postfix/{maildrop,public}
    chmod 700 /var/spool/postfix/*
    chmod 730 /var/spool/postfix/maildrop
    chmod 710 /var/spool/postfix/public
    chmod 755 /var/spool/postfix/pid
}
postfix_queue() { command="/usr/lib/sendmail-of-postfix/sendmail -i $ADDRESSES"; }
postfix_stays()
{
    leave
    rm -f /var/spool/postfix/public/* /var/spool/postfix/private/*
    stay /usr/lib/postfix/sbin/master -d
    within 10 test -e /var/spool/postfix/public/postlog # the last of master.cf
    sleep 0.5
}
postfix_send()
{
    postfix_queue
    postfix_stays
}
# deferred N: whether so many messages have come as far as that.
postfix_deferred()
{
    [ "$(find /var/spool/postfix/deferred -type f | wc -l)" -eq "$1" ]
}
postfix_fill()
{
    postconf defer_transports=smtp
    postfix_stays
    queue_each "$1"
    within 60 postfix_deferred "$1"
    postconf -X defer_transports
}
postfix_flush()
{
    postfix_stays
    command='/usr/sbin/postqueue -f'
}
