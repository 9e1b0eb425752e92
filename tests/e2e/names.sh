# SPDX-License-Identifier: ISC
# A network of the case's own, with a name server in it.
# shellcheck shell=bash

# own_network: nothing but loopback, where 192.0.2.0/24 and 2001:db8::/32 lead to nobody.
own_network()
{
    command -v ip >/dev/null || skip 'there is no ip(8) here'
    ip link set lo up
    ip route add 192.0.2.0/24 dev lo
    ip -6 route add 2001:db8::/32 dev lo || skip 'there is no IPv6 here'
    printf '127.0.0.1 localhost\n' >hosts
    printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >resolv.conf
    mount --bind resolv.conf /etc/resolv.conf || skip 'can not mount here'
    mount --bind hosts /etc/hosts
}

# names [OPTION] <<'END': a name server that knows these records.
names()
{
    cat >records
    "$E2E_TOOLS/names" "$@" records >questions &
    started+=($!)
    within 5 has questions ready || fail 'the name server did not start'
}
