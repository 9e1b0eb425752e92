# SPDX-License-Identifier: ISC
# The world that the manuals' examples are about, so that they can be run as they stand: a host of
# its own (tests/e2e/system/host.sh) with a network of its own, on which
#
#   ada                      is a user with the home /home/ada, of uid 1000
#   smtp.example.org         and all other names of smarthosts in the manuals are 192.0.2.25, where
#                            the smarthost of the tests listens on the ports that they use,
#                            with a certificate for these names, whose authority the host trusts
#   me@example.org           logs in there with the password "secret"
#   /usr/local/bin, libexec  are links to where this build is installed
#   /dev/log                 is a syslog that writes to ./syslog
#
# Sourced by the case files beside it, in the words of tests/e2e/lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/pages.sh"

ACCOUNTS+=' ada:1000'
WORLD=192.0.2.25
NAMES='smtp.example.org mail.example.com smtp.example.net relay1.example.com relay2.example.com
    smtp.provider.example smtp.gmail.com smtp.office365.com'

# A certificate for all these names; what the authority of the tests has signed, the host trusts.
make_certificate()
{
    mkdir "$DIR/certs"
    cp "$CERTS"/ca.* "$DIR/certs"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 70 \
        -CA "$CERTS/ca.pem" -CAkey "$CERTS/ca.key" -subj /CN=smtp.example.org \
        -addext "subjectAltName=$(printf ',DNS:%s' $NAMES | cut -c 2-)" \
        -addext extendedKeyUsage=serverAuth -addext basicConstraints=critical,CA:FALSE \
        -keyout "$DIR/certs/world.key" -out "$DIR/certs/world.pem" 2>"$DIR/err"
    install -d /etc/ssl/certs
    cp "$CERTS"/cadir/* /etc/ssl/certs
    CERTS=$DIR/certs CERT=world
}

make_network()
{
    ip link set lo up
    ip addr add $WORLD/32 dev lo
    printf '127.0.0.1 localhost\n%s' "$WORLD" >/etc/hosts
    printf ' %s' $NAMES >>/etc/hosts
    printf '\n' >>/etc/hosts
    printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >/etc/resolv.conf
}

make_log()
{
    local node
    mkdir "$DIR/dev"
    mount -t tmpfs -o mode=755 none "$DIR/dev"
    for node in null zero full random urandom; do
        : >"$DIR/dev/$node"
        mount --bind "/dev/$node" "$DIR/dev/$node"
    done
    mount --move "$DIR/dev" /dev
    ln -s /proc/self/fd /dev/fd
    python3 "$TREE/tests/e2e/listen.py" /dev/log "$DIR/syslog" &
    started+=($!)
    within 10 test -S /dev/log || fail 'nobody listens at /dev/log'
}

make_ada()
{
    sed -i 's|/run/home/ada|/home/ada|' /etc/passwd
    mount -t tmpfs -o mode=755 none /home
    install -d -m 700 -o ada -g ada /home/ada
}

make_links()
{
    install -d /usr/local/bin /usr/local/sbin /usr/local/libexec
    ln -sf /usr/bin/sendoff /usr/local/bin/sendoff
    ln -sf /usr/sbin/sendmail /usr/local/sbin/sendmail
    ln -sf /usr/libexec/sendoff-submit /usr/local/libexec/sendoff-submit
}

# world [CASE]: first line of a case; the rest of it runs there. WHO types what is typed.
world()
{
    command -v ip >/dev/null || skip 'needs ip'
    command -v python3 >/dev/null || skip 'needs python3'
    host_of "${1-${FUNCNAME[1]}}" -n
    chmod 711 "$E2E_WORK" "$E2E_WORK/case" "$DIR" 2>/dev/null || true
    WHO=root
    make_certificate
    make_network
    make_log
    make_ada
    make_links
}

# smarthost PORT [OPTION...]: listens there, in this world.
# shellcheck disable=SC2120  # most need no option
smarthost()
{
    local port=$1
    shift
    USERS=${USERS-me@example.org:secret} start_smarthost -b $WORLD -p "$port" "$@"
}

# typed COMMAND: by $WHO, in his home, as at his shell.
typed()
{
    local home
    home=$(getent passwd "$WHO" | cut -d: -f6)
    [ -d "$home" ] || home=/
    (cd "$home" && as "$WHO" bash -eu -o pipefail -c "$1" "${@:2}")
}

# The config that the manuals have for their examples: ada's, or the host's.
personal()
{
    WHO=ada
    install -d -m 700 -o ada -g ada /home/ada/.config /home/ada/.config/sendoff
    config_of personal >/home/ada/.config/sendoff/sendoff.conf
    install -m 600 -o ada -g ada <(echo secret) /home/ada/.config/sendoff/password
    chown ada:ada /home/ada/.config/sendoff/sendoff.conf
    SPOOL=/home/ada/.local/state/sendoff/spool
}

of_the_host()
{
    install -d /etc/sendoff
    config_of host >/etc/sendoff/sendoff.conf
    install -m 600 <(echo secret) /etc/sendoff/password
}

config_of()
{
    local secret=/etc/sendoff/password
    [ "$1" = host ] || secret=/home/ada/.config/sendoff/password
    printf '[sendoff]\ndomain = example.org\ndeliver = queue\nbounce = %s\n' "${BOUNCE-keep}"
    printf '[work]\nhost = smtp.example.org\nuser = me@example.org\npassword_file = %s\n' "$secret"
}
