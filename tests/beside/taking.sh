# SPDX-License-Identifier: ISC
# The rows of README's table that are about taking mail and about who may do what, for `try`: as in
# sending.sh, row_NAME prints what stands in a cell. A "no" counts only beside a "yes" that shows
# that the program was set up as it has to be, where that can be.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and try

has_queue() { [ -n "$("${peer}_queue")" ]; }

# file_for RECIPIENT: the first message that the smarthost has accepted for him.
file_for()
{
    local file
    while read -r file; do
        ! grep -q "^RCPT TO:<$1>" "$file" || { echo "$file" && return; }
    done < <(accepted)
    return 1
}

arrived_for() { file_for "$1" >/dev/null; }

# arrived RECIPIENT: that message, without the CR of its lines.
arrived() { tr -d '\r' <"$(file_for "$1")" | sed '1,/^$/d'; }

# goes_on SECONDS RECIPIENT...: whether it comes to that for one of them, flushing now and then.
goes_on()
{
    local recipient tries=0
    while :; do
        for recipient in "${@:2}"; do
            ! arrived_for "$recipient" || return 0
        done
        [ $((tries += 1)) -le $(($1 * BESIDE_SLOW)) ] || return 1
        flush
        sleep 1
    done
}

# What waits gets that long: dma looks up every 30 s whether it is to go on.
WAITS=60

# ---- Taking mail.

# msmtp's script queues what msmtp could not send.
msmtpq()
{
    HOME=/root EMAIL_CONN_NOTEST=y PATH=/usr/libexec/msmtp/msmtpq:$PATH timeout 60 "$@" \
        >>"$said" 2>&1
}

row_offline()
{
    ready
    net_down
    hello
    if [ "$status" -eq 0 ]; then
        net_up
        smarthost
        if goes_on "$WAITS" bob@example.net; then echo yes; else echo 'loses it'; fi
    elif [ "$peer" = msmtp ] &&
        msmtpq msmtpq -i -f alice@users.example bob@example.net <mail; then
        net_up
        smarthost
        msmtpq msmtp-queue -r || true
        if arrived_for bob@example.net; then echo 'by a script, msmtpq'; else echo 'loses it'; fi
    else
        echo no
    fi
}

# What its process group had synced by the time that it ended: of a trace of strace -f -y.
syncs_before_exit()
{
    awk '
        NR == 1 { first = $1 }
        $1 == first && /exit_group|\+\+\+ exited/ { exit }
        / (rename|renameat|renameat2|link|linkat)\(.* = 0$/ { print "name" }
        / (fsync|fdatasync|syncfs)\([0-9]+<.*>\) += 0$/ {
            sub(/^[^<]*</, "")
            sub(/>\) += 0$/, "")
            print "sync", $0
        }' "$1"
}

row_synced()
{
    local what path message=no directory=no
    has_queue || [ "$peer" = msmtp ] || { echo 'no queue' && return; }
    ready
    net_down
    local command=(/usr/sbin/sendmail)
    [ "$peer" != msmtp ] || command=(/usr/libexec/msmtp/msmtpq/msmtpq)
    HOME=/root timeout 60 strace -DD -f -y -o "$dir/trace" \
        -e trace=fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,exit_group \
        "${command[@]}" -i -f alice@users.example bob@example.net <mail >>"$said" 2>&1 ||
        give_up 'it takes no mail'
    while read -r what path; do
        case $what in
        name) directory=no ;; # synced before it was there
        sync) if [ -d "$path" ]; then directory=yes; else message=yes; fi ;;
        esac
    done < <(syncs_before_exit "$dir/trace")
    case $message,$directory in
    yes,yes) echo yes ;;
    yes,no) echo 'message only' ;;
    no,yes) echo 'directory only' ;;
    no,no) echo no ;;
    esac
}

# The file system of the queue is small, and all but full.
row_full()
{
    local top
    has_queue || { echo 'no queue' && return; }
    net_up
    trust
    "${peer}_setup"
    top=$("${peer}_queue" | head -n 1)
    top=/var/spool/$(cut -d / -f 4 <<<"$top")
    mkdir small
    mount -t tmpfs -o size=32m,mode="$(stat -c %a "$top")" none small
    chown --reference="$top" small
    cp -a "$top/." small
    mount --move small "$top"
    "${peer}_start"
    head -c 64M /dev/zero >"$top/filler" 2>/dev/null || true
    { cat mail && yes 'a line of a long message' | head -n 2000; } >long
    send -i -f alice@users.example bob@example.net <long
    case $status in
    0) ;;
    124) echo 'it hangs' && return ;;
    *) echo yes && return ;;
    esac
    rm "$top/filler"
    smarthost
    if goes_on "$WAITS" bob@example.net &&
        [ "$(arrived bob@example.net | grep -c '^a line of')" = 2000 ]; then
        echo yes
    else
        echo 'no, loses it'
    fi
}

row_slow()
{
    ready
    echo 'on CONNECT silence' >script
    smarthost -s script
    PATIENCE=10 hello
    if [ "$status" -eq 124 ]; then echo yes; else echo no; fi
}

# ---- Who may do what.

row_setid()
{
    local file found=''
    # shellcheck disable=SC2046  # words are wanted
    while read -r file; do
        if [ ! -f "$file" ] || [ -L "$file" ]; then continue; fi
        [ ! -u "$file" ] || found+=$'setuid\n'
        [ ! -g "$file" ] || found+=$'setgid\n'
    done < <(dpkg -L $(peer_packages "$peer"))
    found=$(printf '%s' "$found" | sort -u | paste -sd ,)
    found=${found:-none}
    echo "${found/,/ and }"
}

# user_sends: a user does, and it arrives.
user_sends()
{
    local before
    before=$(count_accepted)
    AS=${1-$AS_USER} hello
    [ "$status" -eq 0 ] && arrive $((before + 1))
}

# Without mechanisms that keep the password to themselves.
plain_smarthost()
{
    smarthost -x CRAM-MD5 -x SCRAM-SHA-1 -x SCRAM-SHA-256 -x SCRAM-SHA-512
}

row_secret()
{
    local file spelled
    ready
    plain_smarthost
    must_send
    file=$("${peer}_secret")
    if ! user_sends; then
        chmod 644 "$file"
        user_sends || give_up 'no user can send'
    fi
    if $AS_USER cat "$file" >got 2>/dev/null && grep -q "$PASSWORD" got; then
        echo no
        return
    fi
    : >"$said"
    AS=$AS_USER send -v -i -f alice@users.example bob@example.net <mail
    for spelled in "$PASSWORD" "$(printf %s "$PASSWORD" | base64)" \
        "$(printf '\0user\0%s' "$PASSWORD" | base64)"; do
        ! grep -qF -- "$spelled" "$said" || { echo 'no, -v shows it' && return; }
    done
    echo yes
}

row_sandbox()
{
    ready
    smarthost
    must_send
    user_sends || chmod 644 "$("${peer}_secret")"
    user_sends || give_up 'no user can send'
    if user_sends "${AS_USER/setpriv/setpriv --no-new-privs}"; then echo yes; else echo no; fi
}

count_processes()
{
    case $1 in
    0) echo none ;;
    *) echo "$1" ;;
    esac
}

row_idle()
{
    "${peer}_setup"
    "${peer}_start"
    sleep 1
    processes >running
    count_processes "$(wc -l <running)"
}

row_alone()
{
    net_up
    trust
    "${peer}_setup"
    smarthost
    hello
    if within 10 arrived_for bob@example.net; then echo yes; else echo no; fi
}

row_waiting()
{
    local sendmail i
    has_queue || { echo 'no queue' && return; }
    ready
    net_down
    for i in 1 2 3; do
        hello
        [ "$status" -eq 0 ] || give_up "sendmail ended with $status, the ${i}th time"
    done
    sleep 3
    sendmail=$(readlink -f /usr/sbin/sendmail)
    processes >running
    if [ "$(grep -cx "$sendmail" running || true)" -ge 3 ]; then echo yes; else echo no; fi
}

# As others' programs read one.
row_maildir()
{
    local directory
    has_queue || { echo 'no queue' && return; }
    ready
    net_down
    hello
    [ "$status" -eq 0 ] && sleep 1
    for directory in $("${peer}_queue") $("${peer}_queue" | sed 's,/[^/]*$,,'); do
        ! python3 - "$directory" <<'END' 2>>"$said" || { echo yes && return; }
import mailbox, os, sys
assert os.path.isdir(sys.argv[1] + "/new") and os.path.isdir(sys.argv[1] + "/cur")
box = mailbox.Maildir(sys.argv[1], create=False)
assert [m["Subject"] for m in box] == ["hello"]
END
    done
    echo no
}

# ---- What is more than submission; as installed.

row_local()
{
    useradd -m carol
    "${peer}_start"
    hello carol
    if within 10 test -s /var/mail/carol -o -n "$(ls /home/carol/Maildir/new 2>/dev/null)"; then
        echo yes
    else
        echo no
    fi
}

row_listens()
{
    "${peer}_start"
    sleep 1
    if [ -n "$(ss -Hltn)" ]; then echo yes; else echo no; fi
}
