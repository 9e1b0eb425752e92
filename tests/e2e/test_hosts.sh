# SPDX-License-Identifier: ISC
# Finding the host: several in order, those that DNS names, their addresses raced, and what is the
# same for all of them: the time it may take, and what is asked of each.
# shellcheck shell=bash
# shellcheck disable=SC2034  # CERT is lib.sh's

# shellcheck source=tests/e2e/names.sh
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"

# other_smarthost: one that comes first, and has a log of its own. Sets FIRST.
other_smarthost()
{
    start_smarthost -l "$DIR/first.log" -o "$DIR/first.mail"
    FIRST=$PORT
    rm -f script
}

# passes_on: the first host does what the script says, the next one gets the message; the log says
# why, in the words of the regular expression.
passes_on()
{
    mkdir -p first.mail
    other_smarthost
    CERT=good start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT" timeout_greeting=1s timeout_command=1s
    message >in
    inject in bob@example.net
    elapsed flush 0
    expect_faster 4000
    expect_queue 0
    expect_delivered 1
    expect_arrived 1 in
    expect_in err "host: .*$1.*; went on to 127\.0\.0\.1\[127\.0\.0\.1\]:$PORT"
    expect_not_in first.log ' auth '
    expect_in "$DIR/log" ' auth '
}

test_dead_first()
{
    dead_port
    local dead=$PORT
    start_smarthost
    write_config "host=127.0.0.1:$dead 127.0.0.1:$PORT"
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in err "connect to 127\.0\.0\.1\[127\.0\.0\.1\]:$dead: Connection refused; went on to"
    # The one that answered comes first from now on, for an hour.
    inject in bob@example.net
    flush 0
    expect_delivered 2
    expect_not_in err 'went on'
    sed -i 's/^relay-since .*/relay-since 1/' account/smarthost
    inject in bob@example.net
    flush 0
    expect_delivered 3
    expect_in err "$dead: Connection refused; went on to"
}

test_busy_first()
{
    printf 'on CONNECT reply "421 4.3.2 too busy" close\n' | script
    passes_on 'greeting: 421 4\.3\.2 too busy'
}

test_closed_first()
{
    printf 'on CONNECT reply "554 5.3.2 no service" close\n' | script
    passes_on 'greeting: 554 5\.3\.2 no service'
}

test_silent_first()
{
    printf 'on CONNECT silence\n' | script
    passes_on 'greeting'
}

test_reset_first()
{
    printf 'on EHLO reset\n' | script
    passes_on .
}

# Less security is not what the next one is asked for: the same.
test_wrong_certificate_first()
{
    CERT=expired passes_on 'TLS: certificate of 127\.0\.0\.1 has expired'
}

test_wrong_certificates()
{
    mkdir -p first.mail
    CERT=expired
    other_smarthost
    CERT=wrong-name start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT"
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_no_credentials
    expect_not_in first.log ' auth '
    expect_in err 'has expired.*; .*is for elsewhere\.example'
}

test_starttls_not_offered_first()
{
    mkdir -p first.mail
    MODE=plain other_smarthost
    start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT"
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in err 'host: .*STARTTLS.*; went on to'
}

# A password that is refused is not carried from one to the next.
test_refused_login_is_final()
{
    mkdir -p first.mail
    USERS=user:other other_smarthost
    start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT"
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_in first.log ' auth '
    expect_not_in log connect
    expect_in err 'AUTH .*535'
}

# Nor is a message.
test_refused_mail_is_final()
{
    mkdir -p first.mail
    printf 'on MAIL reply "451 4.7.1 not now"\n' | script
    other_smarthost
    start_smarthost
    write_config "host=127.0.0.1:$FIRST 127.0.0.1:$PORT"
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_not_in log connect
}

test_all_dead()
{
    dead_port
    local first=$PORT
    dead_port
    write_config "host=127.0.0.1:$first [::1]:$PORT"
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_failed 0
    expect_in err "127\.0\.0\.1\]:$first: .*; connect to ::1\[::1\]:$PORT: "
    expect_equal 'log lines' "$(grep -c 'relay=none' err)" 1
}

test_told_by_check()
{
    dead_port
    local dead=$PORT
    start_smarthost
    write_config "host=127.0.0.1:$dead localhost:$PORT"
    run sendoff check
    expect_in out "^warn host: connect to 127\.0\.0\.1.*:$dead: .*; went on to localhost\[127"
    expect_in out '^pass AUTH: '
}

# ---- Where from.

test_source_address()
{
    one_waits source_address=127.0.0.9
    flush 0
    expect_delivered 1
    expect_log '^1 from 127\.0\.0\.9$'
}

test_source_address_of_another_family()
{
    one_waits source_address=::1
    flush 75
    expect_in err 'connect to 127\.0\.0\.1: it has no address that source_address = ::1 can reach'
    expect_connections 0
}

test_source_address_not_ours()
{
    one_waits source_address=192.0.2.77
    flush 75
    expect_in err 'source_address: Cannot assign requested address'
    expect_connections 0
}

# ---- In a network of the case's own.

# One address of many answers; the others do not, and cost a quarter of a second each.
inner_race()
{
    own_network
    printf '%s localhost\n' 192.0.2.5 192.0.2.6 2001:db8::5 ::1 127.0.0.1 >hosts
    start_smarthost
    SERVER=localhost write_config timeout_connect=30s
    message >in
    inject in bob@example.net
    elapsed flush 0
    expect_faster 3000
    expect_delivered 1
}

test_race()
{
    on_its_own inner_race -mn
}

# IPv6 is there by name only.
inner_dead_ipv6()
{
    own_network
    printf '::1 localhost\n127.0.0.1 localhost\n' >hosts
    start_smarthost
    SERVER=localhost write_config
    message >in
    inject in bob@example.net
    elapsed flush 0
    expect_faster 2000
    expect_delivered 1
    expect_not_in err refused
}

test_dead_ipv6()
{
    on_its_own inner_dead_ipv6 -mn
}

# Nobody answers: all of them together cost what one may cost.
inner_budget()
{
    PORT=587
    own_network
    write_config "host=192.0.2.5 192.0.2.6:25 2001:db8::7" timeout_connect=3s
    message >in
    inject in bob@example.net
    elapsed flush 75
    expect_faster 4500
    [ "$ELAPSED" -ge 2900 ] || fail "it gave up after $ELAPSED ms"
    expect_queue 1
    expect_in err 'connect to 192\.0\.2\.5.*; connect to 192\.0\.2\.6.*:25: .*; connect to 2001:db8::7'
}

test_budget()
{
    on_its_own inner_budget -mn
}

inner_hanging_first()
{
    own_network
    start_smarthost
    write_config "host=192.0.2.5 127.0.0.1:$PORT" timeout_connect=2s
    message >in
    inject in bob@example.net
    elapsed flush 0
    expect_faster 2500
    expect_delivered 1
    expect_in err 'connect to 192\.0\.2\.5.*:[0-9]+: Connection timed out; went on to 127'
}

test_hanging_first()
{
    on_its_own inner_hanging_first -mn
}

# ---- What DNS names.

# The certificate bears the domain and not the host's name; that is what the domain vouches for.
inner_srv()
{
    own_network
    CERT=wrong-name start_smarthost
    names "$@" <<END
_submission._tcp.elsewhere.example srv 0 0 $PORT mx.elsewhere.example
mx.elsewhere.example a 127.0.0.1
END
    write_config host=srv:elsewhere.example port=
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in questions "33 _submissions\._tcp\.elsewhere\.example$"
    [ "${1-}" != -t ] || expect_in questions "^tcp 33 _submission\._tcp\.elsewhere\.example$"
    run sendoff check
    expect_in out "^pass DNS: srv:elsewhere\.example is mx\.elsewhere\.example:$PORT \(STARTTLS\)"
    expect_in out '^pass AUTH: '
}

test_srv()
{
    on_its_own inner_srv -mn
}

inner_srv_over_tcp()
{
    inner_srv -t
}

test_srv_over_tcp()
{
    on_its_own inner_srv_over_tcp -mn
}

# Priorities count over both services, and hosts that fail are passed over.
inner_srv_order()
{
    own_network
    dead_port
    local dead=$PORT
    MODE=implicit CERT=wrong-name start_smarthost
    names <<END
_submission._tcp.elsewhere.example srv 10 0 $dead a.elsewhere.example
_submissions._tcp.elsewhere.example srv 10 0 $PORT b.elsewhere.example
_submission._tcp.elsewhere.example srv 0 0 $dead c.elsewhere.example
_submission._tcp.elsewhere.example srv 1 0 $dead none.elsewhere.example
a.elsewhere.example a 127.0.0.1
b.elsewhere.example a 127.0.0.1
c.elsewhere.example a 127.0.0.1
END
    write_config host=srv:elsewhere.example port=
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in err 'connect to c\.elsewhere\.example.*went on to b\.elsewhere\.example'
    expect_in err 'none\.elsewhere\.example: .*went on to b\.elsewhere\.example'
    expect_not_in err ' a\.elsewhere\.example'
}

test_srv_order()
{
    on_its_own inner_srv_order -mn
}

# Who forges DNS has a good certificate for a name of his own.
inner_srv_forged()
{
    own_network
    CERT=wrong-name start_smarthost
    names <<END
_submission._tcp.client.example srv 0 0 $PORT elsewhere.example
elsewhere.example a 127.0.0.1
END
    write_config host=srv:client.example port=
    message >in
    inject in bob@example.net
    flush 75
    expect_queue 1
    expect_no_credentials
    expect_in err 'certificate of client\.example is for elsewhere\.example; set tls_name'
    # Where somebody has confirmed the name, it is good.
    write_config host=srv:client.example port= tls_name=elsewhere.example
    flush 0
    expect_delivered 1
}

test_srv_forged()
{
    on_its_own inner_srv_forged -mn
}

# srv_fails REGEX: nothing is sent, the reason is told, and nothing waits longer than it may. The
# records are on stdin.
srv_fails()
{
    names
    write_config host=srv:example.org port= timeout_connect=2s
    message >in
    [ -d spool ] || inject in bob@example.net
    elapsed flush 75
    expect_faster 3500
    expect_queue 1
    expect_failed 0
    expect_in err "$1"
    kill "${started[-1]}"
    wait "${started[-1]}" || true
}

inner_srv_none()
{
    own_network
    PORT=
    srv_fails 'srv:example\.org: the domain says that it has no submission server' <<'END'
_submission._tcp.example.org srv 0 0 0 .
END
    srv_fails 'srv:example\.org: the domain names no submission server' <<'END'
example.org a 127.0.0.1
END
    srv_fails 'srv:example\.org: no usable answer' <<'END'
_submissions._tcp.example.org fail
_submission._tcp.example.org fail
END
    srv_fails 'example\.org: no (usable )?answer' <<'END'
_submissions._tcp.example.org silent
END
}

test_srv_none()
{
    on_its_own inner_srv_none -mn
}

# A host beside it helps out.
inner_srv_and_host()
{
    own_network
    names <<'END'
example.org a 127.0.0.1
END
    start_smarthost
    write_config "host=srv:example.org 127.0.0.1:$PORT" port=
    message >in
    inject in bob@example.net
    flush 0
    expect_delivered 1
    expect_in err 'srv:example\.org: the domain names no submission server; went on to'
}

test_srv_and_host()
{
    on_its_own inner_srv_and_host -mn
}

# ---- What setup makes of it.

# The host is of the domain itself: nobody has to be asked.
inner_setup()
{
    own_network
    start_smarthost
    names <<-END
	_submissions._tcp.isp.example srv 0 0 1 .
	_submission._tcp.isp.example srv 0 0 $PORT mx.isp.example
	mx.isp.example a 127.0.0.1
	_submission._tcp.elsewhere.example srv 0 0 $PORT mx.isp.example
	END
    printf 'secret\n' >typed
    run sendoff setup --output "$DIR/new/sendoff.conf" --password-file typed --yes --no-check \
        me@isp.example
    expect_status 0
    expect_in new/sendoff.conf '^host = mx.isp.example$'
    expect_in new/sendoff.conf "^port = $PORT\$"
    expect_in new/sendoff.conf '^tls = starttls$'
    # That of another domain is somebody's to agree to.
    run sendoff setup --output "$DIR/other/sendoff.conf" --password-file typed --yes --no-check \
        me@elsewhere.example
    expect_status 64
    expect_in err '--host is needed'
    [ ! -e other ] || fail 'something was written'
}

test_setup()
{
    on_its_own inner_setup -m -n
}
