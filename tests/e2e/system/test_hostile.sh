# SPDX-License-Identifier: ISC
# A user of the host who means harm: to root's pass by what he does in his own spool while it runs,
# to sendmail by the state he starts it in, to root by the environment that his shell leaves. What
# lies in a spool is test_traps.sh's, what lies in its place test_squat.sh's.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/host.sh"

# takes COMMAND...: it either queues bob's message or says that it did not. What a signal ended
# says nothing.
takes()
{
    local before
    before=$(waiting bob)
    run_with_input message as bob "$@"
    case $status in
    0) expect_equal "queued by $*" "$(waiting bob)" $((before + 1)) ;;
    13? | 14? | 15?) ;;
    *) expect_equal "queued by $*, which said $status" "$(waiting bob)" "$before" ;;
    esac
    [ ! -e core ] || fail "$*: a core dump"
}

# What is queued is what was handed in, and not a part of it.
expect_whole()
{
    local file
    while IFS= read -r file; do
        stored "$file" | cmp -s - message || fail "$file is not what was handed in"
    done < <(find "$(own bob)/new" -type f)
}

test_resource_limits()
{
    on_a_host
    local limit value
    mail_of bob
    for limit in as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio \
        rttime sigpending stack; do
        for value in 0 1 65536; do
            takes timeout 10 prlimit "--$limit=$value" sendmail -i bob@example.net
            [ "$status" -ne 124 ] || fail "it waits for ever with --$limit=$value"
        done
    done
    takes sendmail -i bob@example.net
    expect_status 0
    expect_whole
    run sendoff flush
    expect_status 0
    expect_waiting 0
}

# Whichever of the first three are closed, and whatever those behind them are: nothing is written
# but the message, and that into the spool alone.
test_descriptors()
{
    on_a_host
    local set script
    mail_of bob
    install -m 666 /dev/null /run/victim
    for set in '' 1 2 12; do
        script='exec 3<>/run/victim 4>>/run/victim 9<>/run/victim'
        [ "${set#1}" = "$set" ] || script="$script; exec 1>&-"
        [ "${set%2}" = "$set" ] || script="$script; exec 2>&-"
        takes sh -c "$script; exec sendmail -i bob@example.net"
        expect_status 0
        # And where there is something to complain of.
        run_with_input message as bob sh -c "$script; exec sendmail -i"
        expect_status 64
    done
    # stdin: closed, a directory, a terminal's end, one that can only be written to.
    for script in '0<&-' '0</run' '0>/run/victim'; do
        run_with_input message as bob sh -c "exec $script sendmail -i bob@example.net"
        [ "$status" -eq 74 ] || run as bob sh -c "sendmail -i bob@example.net $script"
        expect_status 74
    done
    [ ! -s /run/victim ] || fail "written into a file of others: $(cat /run/victim)"
    expect_waiting 5 bob
}

# Signals that were ignored or blocked before, and those that come at any time.
test_signals()
{
    on_a_host
    local signal i pid before
    mail_of bob
    takes env --ignore-signal --block-signal sendmail -i bob@example.net
    expect_status 0
    run env --ignore-signal --block-signal timeout 20 sendoff flush
    expect_status 0
    expect_waiting 0
    for signal in HUP INT TERM QUIT ALRM USR1 PIPE XCPU TSTP KILL; do
        for i in 0 0.0005 0.001 0.0015 0.002 0.003 0.005; do
            before=$(waiting bob)
            as bob sendmail -i bob@example.net <message >out 2>err &
            pid=$!
            sleep $i
            kill -s $signal $pid 2>/dev/null || true
            if [ $signal = TSTP ]; then
                kill -s CONT $pid 2>/dev/null || true
            fi
            status=0
            wait $pid 2>/dev/null || status=$?
            [ $status -ne 0 ] || [ "$(waiting bob)" -gt "$before" ] ||
                fail "$signal: status 0, and nothing is queued"
        done
    done
    takes sendmail -i bob@example.net
    expect_whole
    run sendoff flush
    expect_status 0
    expect_waiting 0 bob
}

# Until /run/swapping is gone, all in the spool changes its name for something else: a message for a link to
# root's, a directory for another, the whole for a link to bob's.
swap()
{
    : >/run/swapping
    # shellcheck disable=SC2016  # for that shell
    as alice bash -c 'cd "$1" && mkdir -p aside/new && while [ -e /run/swapping ]; do
        mv new aside/x; mv aside/new new; mv aside/x aside/new
        for file in new/*; do
            ln -sfn "$3" aside/link; mv -T aside/link "$file.x"; mv -T "$file" "$file.y"
            mv -T "$file.x" "$file"; mv -T "$file.y" "$file"
        done
        mv -T cur aside/cur; ln -sfn "$2/new" cur; rm -f cur; mv -T aside/cur cur
    done' bash "$(own alice)" "$(own bob)" "$1" 2>/dev/null &
    started+=($!)
}

test_renames_during_the_pass()
{
    on_a_host
    local i
    mail_of root 'for root alone'
    mv "$(own root)"/new/* /run/660E000000000000AA
    for i in 1 2 3 4; do
        mail_of alice "mail $i of alice"
    done
    swap /run/660E000000000000AA
    for i in $(seq 20); do
        mail_of bob "mail $i of bob"
        run timeout 20 sendoff flush
        expect_status 0 75
        expect_waiting 0 bob
    done
    rm /run/swapping
    wait "${started[-1]}" || true
    run timeout 20 sendoff flush
    expect_equal "bob's, delivered" "$(grep -l 'Subject: mail .* of bob' mail/* | wc -l)" 20
    ! grep -qr 'for root alone' mail || fail 'what only root can read was sent'
    [ -f /run/660E000000000000AA ] || fail "root's file is gone"
    expect_equal 'what is not alices' "$(find "$(own alice)" ! -user alice | wc -l)" 0
}

# A block that was never sendmail's: commands in addresses, more than there may be, another's uid.
test_forged_block()
{
    on_a_host
    local model forged i=0
    mail_of alice
    model=$(find "$(own alice)/new" -type f)
    for forged in 's/alice@client.example/a@b>\r\nRCPT TO:<victim@example.org/' \
        's/bob@example.net/bob@example.net> NOTIFY=NEVER\rRCPT TO:<victim@example.org/' \
        's/bob@example.net/victim@example.org\x00@example.net/' \
        's/bob@example.net/\x1b[2Jvictim@example.org/' \
        's/ size=[0-9]*/ size=18446744073709551615/' 's/ size=0*/&-/' \
        's/block=0*/block=9/' 's/Sendoff-Spool: 1/Sendoff-Spool: 2/' 's/ uid=[0-9]*/ uid=0/'; do
        LC_ALL=C sed "$forged" "$model" >changed
        install -m 600 -o alice changed "$(own alice)/new/660E00000000000FF$((i += 1))"
    done
    mail_of bob
    run timeout 20 sendoff flush
    expect_status 0 75
    expect_waiting 0 bob
    expect_not_in log 'RCPT TO:<victim'
    expect_not_in err 'uid=0$'
    ! LC_ALL=C grep -q $'[\001-\010\013-\037]' err || fail 'control bytes passed'
}

# 200,000 files in one spool: time is bounded, and bob's mail does not wait for all of it.
test_200000_files()
{
    on_a_host
    local begun file
    mail_of alice
    # shellcheck disable=SC2016  # for that shell
    as alice bash -c 'cd "$1" && seq -f "JUNK%.0f" 200000 | xargs -n 10000 touch' bash \
        "$(own alice)/cur"
    mail_of bob
    begun=${EPOCHREALTIME%%.*}
    elapsed run timeout 60 sendoff flush
    expect_status 0 75
    expect_faster 40000
    expect_waiting 0 bob
    for file in mail/*.eml; do
        [ $(($(stat -c %Y "$file") - begun)) -le $((5 * SLOW)) ] ||
            fail "$file came after $(($(stat -c %Y "$file") - begun)) s"
    done
    elapsed run timeout 60 sendoff queue
    expect_faster 10000
}

# bait DIRECTORY: whatever opens a file in there hangs, and whatever looks for one finds it.
bait()
{
    local name
    install -d -m 755 -o alice "$1"
    for name in libplain.so libscram.so sendoff.conf openssl.cnf cert.pem gconv-modules \
        resolv.conf hosts zone sendmail.conf Sendmail.conf sendoff-submit sendoff sh legacy.so; do
        mkfifo -m 777 "$1/$name"
    done
}

# All that a shell of alice's can leave to root's programs.
with_alices_environment()
{
    local b=/run/home/alice/bait
    env HOME=/run/home/alice XDG_CONFIG_HOME=$b XDG_STATE_HOME=$b XDG_RUNTIME_DIR=$b \
        SENDOFF_CONFIG=$b/sendoff.conf PATH=$b:/usr/bin:/usr/sbin IFS=/ ENV=$b/sh BASH_ENV=$b/sh \
        OPENSSL_CONF=$b/openssl.cnf OPENSSL_MODULES=$b OPENSSL_ENGINES=$b SSL_CERT_FILE=$b/cert.pem \
        SSL_CERT_DIR=$b SSLKEYLOGFILE=$b/keys SASL_PATH=$b SASL_CONF_PATH=$b GCONV_PATH=$b \
        LOCPATH=$b NLSPATH=$b/zone LANGUAGE=xx LC_ALL=xx_XX.UTF-8 HOSTALIASES=$b/hosts RES_OPTIONS=timeout:30 \
        LOCALDOMAIN=evil.example RESOLV_HOST_CONF=$b/resolv.conf TMPDIR=$b TZ=:$b/zone TZDIR=$b \
        MALLOC_PERTURB_=165 MALLOC_ARENA_MAX=1 GETCONF_DIR=$b KRB5_CONFIG=$b/openssl.cnf \
        KRB5CCNAME=$b/hosts LISTEN_FDS=3 LISTEN_PID=1 NOTIFY_SOCKET=$b/hosts NAME=$'x\r\nBcc: victim@example.org' \
        USER=alice LOGNAME=alice MAIL=$b CREDENTIALS_DIRECTORY=/etc/sendoff "$@"
}

test_environment()
{
    on_a_host
    bait /run/home/alice/bait
    message >in
    run_with_input in with_alices_environment timeout 20 /usr/sbin/sendmail -i bob@example.net
    expect_status 0
    expect_waiting 1 root
    run with_alices_environment timeout 20 /usr/bin/sendoff flush
    expect_status 0
    expect_delivered 1
    run with_alices_environment timeout 20 /usr/bin/mailq
    expect_status 0
    run with_alices_environment timeout 20 /usr/bin/sendoff check
    expect_in out '^pass config: /etc/sendoff/sendoff.conf|/etc/sendoff/sendoff.conf'
    # And the caller's own, where it is for him to say: he gains nothing by it.
    printf 'Subject: x\n\nx\n' >bare
    run_with_input bare as alice env TZ=:/run/home/alice/bait/none NAME=$'x\r\nBcc: victim@example.org' \
        timeout 20 sendmail -i bob@example.net
    expect_status 0
    ! grep -r '^Bcc' "$(own alice)" || fail 'a name became a field'
}
