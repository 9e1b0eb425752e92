# SPDX-License-Identifier: ISC
# What the rows are tried with, for `try`.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and try

# There is no answer: what was to be taken for granted did not hold.
give_up()
{
    printf '%s\n' "$*"
    tail -n 20 "$said" "$dir"/log 2>/dev/null || true
    exit 1
} >&2

# within SECONDS COMMAND...: whether it succeeds in that time.
within()
{
    local tries=$(($1 * 20 * BESIDE_SLOW))
    until "${@:2}"; do
        [ $((tries -= 1)) -gt 0 ] || return 1
        sleep 0.05
    done
}

# message [HEADER]
message()
{
    printf '%s\n' 'From: Alice <alice@users.example>' 'To: Bob <bob@example.net>' 'Subject: hello' \
        'Date: Sun, 22 Nov 2026 12:00:00 +0000' "$@" '' 'This is a message.'
}

# ---- The network, and what is there.

# A log daemon: what it hears goes to ./said, too.
log_daemon()
{
    python3 -c 'import os, socket, sys
daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
daemon.bind("/dev/log")
os.chmod("/dev/log", 0o666)
while True:
    sys.stdout.buffer.write(daemon.recv(65536).strip(b"\0\n") + b"\n")
    sys.stdout.flush()' >>"$said" 2>&1 &
    within 5 test -S /dev/log || give_up 'there is no log daemon'
}

# names RECORD...: what DNS knows.
names()
{
    printf '%s\n' "$@" >"$dir/names"
    /beside/tools/names "$dir/names" >>"$dir/asked" 2>&1 &
    NAMES=$!
    within 5 names_answer || give_up 'the name server did not start'
}

names_answer() { ss -Hlun | grep -q '127.0.0.1:53 '; }

# No name can be asked for any more, and nobody is there.
net_down()
{
    kill "$NAMES"
    wait "$NAMES" || true
}
net_up() { names "$SMARTHOST a 127.0.0.1" "$SMARTHOST mx 0 $SMARTHOST"; }

# smarthost [OPTION...]: with the certificate $CERT; it logs to ./log and keeps mail in a directory
# ./mail.N of its own.
smarthost()
{
    local cert=${CERT-good}
    rm -f "$dir/port" "$dir/log"
    mkdir "$dir/mail.$((++smarthosts))"
    /beside/tools/smarthost -p "$PORT" -P "$dir/port" -l "$dir/log" -o "$dir/mail.$smarthosts" \
        -c "/beside/certs/$cert.pem" -k "/beside/certs/$cert.key" -u "user:${KNOWN-$PASSWORD}" \
        "$@" >&2 &
    SERVER=$!
    within 10 test -s "$dir/port" || give_up 'the smarthost did not start'
}
smarthosts=0

stop_smarthost()
{
    kill "$SERVER"
    wait "$SERVER" || true
}

# The whole host trusts the authority of the tests.
trust()
{
    local name
    name=$(openssl x509 -in /beside/certs/ca.pem -noout -hash)
    cp /beside/certs/ca.pem "/etc/ssl/certs/$name.0"
    cat /beside/certs/ca.pem >>/etc/ssl/certs/ca-certificates.crt
}

# ready: a name for the smarthost, an authority that the host trusts, and the program set up.
ready()
{
    net_up
    trust
    "${peer}_setup"
    "${peer}_start"
}

# ---- The program.

# send [ARGUMENT...] <MESSAGE: sets status; 124 where it took longer than $PATIENCE seconds.
# shellcheck disable=SC2086  # AS is words
send()
{
    status=0
    timeout -k 1 "${PATIENCE-20}" ${AS-} /usr/sbin/sendmail "$@" >>"$said" 2>&1 || status=$?
}

# hello [RECIPIENT...]: the ordinary message.
hello()
{
    [ $# -gt 0 ] || set -- bob@example.net
    send -i -f alice@users.example "$@" <"$dir/mail"
}

# shellcheck disable=SC2034  # of the rows
AS_USER='setpriv --reuid www-data --regid www-data --clear-groups env HOME=/var/www'

# What the smarthost has accepted, one file each.
accepted() { find "$dir" -path "$dir/mail.*/[0-9]*.eml" | sort; }
count_accepted() { accepted | wc -l; }

flush() { "${peer}_flush" >>"$said" 2>&1 || true; }

has_accepted()
{
    [ "$(count_accepted)" -lt "$1" ] || return 0
    [ $((++asked % 20)) -ne 0 ] || flush
    return 1
}

# arrive N [SECONDS]: whether so many messages come to the smarthost; the queue is flushed now and
# then.
arrive()
{
    local asked=0
    flush
    within "${2-40}" has_accepted "$1"
}

# must_send: that it can send at all.
must_send()
{
    local before
    before=$(count_accepted)
    hello control@example.net
    [ "$status" -eq 0 ] || give_up "sendmail ended with $status"
    arrive $((before + 1)) || give_up 'nothing arrived'
}

count_log() { grep -Ec -- "$1" "$dir/log" || true; }

# queued: files of the queue.
queued()
{
    local directories
    mapfile -t directories < <("${peer}_queue")
    [ ${#directories[@]} -eq 0 ] || find "${directories[@]}" -type f
}

# processes: those that run, beside what we started and are.
processes()
{
    local pid name
    for pid in /proc/[0-9]*; do
        name=$(readlink "$pid/exe") || continue
        case $name in
        /beside/* | */bash | */dash | */python3* | */timeout | */sleep | */unshare | */env) ;;
        ?*) printf '%s\n' "$name" ;;
        esac
    done
}
