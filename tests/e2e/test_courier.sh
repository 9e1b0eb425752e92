# SPDX-License-Identifier: ISC
# A shell script in place of sendoff-submit: what sendoff makes of what it is told. The script
# lies over the installed program in a mount namespace of its own.
# shellcheck shell=bash

# submit <<'END': what stands in for sendoff-submit. It is given the jobs on its stdin and answers
# on its stdout; `hello` and `ready` are said for it by these functions.
submit()
{
    {
        cat <<'END'
#!/bin/bash
hello() { printf 'sendoff-submit 1\n'; }
ready() { hello; printf 'relay smarthost.example[192.0.2.1]:587\nready\n'; }
# answer NUMBER OUTCOME: for the only recipient of that job
answer() { printf 'recipient %s 0 %s\ndone %s\n' "$1" "$2" "$1"; }
END
        cat
    } >"$DIR/submit"
    chmod 755 "$DIR/submit"
}

namespace=-m
[ "$(id -u)" -eq 0 ] || namespace=-rm

# flush_with_script STATUS
flush_with_script()
{
    local mount="mount --bind '$DIR/submit' '$E2E_PREFIX/libexec/sendoff-submit'"
    # shellcheck disable=SC2086
    run unshare "$namespace" sh -c "$mount"' && exec "$@"' sh \
        $E2E_WRAP "$E2E_PREFIX/bin/sendoff" flush
    expect_status "$1"
}

# queue_some N
queue_some()
{
    local i
    unshare "$namespace" true 2>/dev/null || skip "unshare $namespace is refused here"
    PORT=25 MODE=starttls write_config
    message >in
    for ((i = 0; i < $1; i++)); do
        inject in bob@example.net
    done
}

test_delivered()
{
    queue_some 3
    submit <<'END'
ready
while read -r word number rest; do
    case $word in
    go) answer "$number" 'delivered recipient 250 2.0.0 sure thank+20you' ;;
    end) exit 0 ;;
    esac
done
END
    flush_with_script 0
    expect_queue 0
    expect_failed 0
    expect_equal 'lines of the log' "$(grep -c 'status=sent (250 2.0.0 thank you)' err)" 3
    expect_in err 'relay=smarthost.example\[192.0.2.1\]:587'
}

test_deferred_and_failed()
{
    queue_some 2
    submit <<'END'
ready
while read -r word number rest; do
    case $word,$number in
    go,1) answer 1 'deferred recipient 450 4.2.0 sure later' ;;
    go,2) answer 2 'failed recipient 550 5.1.1 sure unknown' ;;
    end,*) exit 0 ;;
    esac
done
END
    flush_with_script 75
    expect_queue 1
    expect_failed 1
}

# Every job it is told of is a text of this form, and the first line names the protocol.
test_what_it_is_told()
{
    queue_some 1
    submit <<'END'
while read -r line; do
    printf '%s\n' "$line" >>"$E2E_CASE/told"
    case $line in
    'sendoff 1' | 'sendoff 1 '*) ready ;;
    go*) answer 1 'delivered recipient 250 2.0.0 sure -' ;;
    end) exit 0 ;;
    esac
done
END
    flush_with_script 0
    expect_equal told "$(grep -v '^job' told | tr '\n' ',')" \
        'sendoff 1,to 1 0 bob@example.net -,go 1,end,'
    expect_in told '^job 1 [0-9]+ [0-9]+ [0-9]+ - .*alice@client\.example -$'
}

test_dies_in_the_midst()
{
    queue_some 3
    submit <<'END'
ready
while read -r word number rest; do
    case $word,$number in
    go,1) answer 1 'delivered recipient 250 2.0.0 sure -' ;;
    go,2) printf 'begun 2\n' && sleep 0.2 && kill -9 $$ ;;
    go,4) answer 4 'delivered recipient 250 2.0.0 sure -' ;;
    end,*) exit 0 ;;
    esac
done
END
    flush_with_script 75
    expect_queue 1
    expect_in err 'broke down'
    [ "$(grep -c 'in doubt' err)" -eq 1 ] || fail 'not one message is in doubt'
}

test_talks_nonsense()
{
    queue_some 2
    submit <<'END'
echo 'Segmentation fault'
exit 1
END
    flush_with_script 75
    expect_queue 2
    expect_in err 'sendoff-submit broke down'
    cat "$SPOOL"/new/* >all
    expect_not_in all 'broke down' # nothing was claimed, so nothing is said of a message
    run sendoff queue
    expect_in out 'account smarthost rests.*broke down'
}

test_is_of_another_build()
{
    queue_some 1
    submit <<'END'
printf 'sendoff-submit 0\nready\n'
cat >/dev/null
END
    flush_with_script 75
    expect_queue 1
}

test_says_nothing()
{
    queue_some 2
    submit <<'END'
echo start >>"$E2E_CASE/starts"
END
    flush_with_script 75
    expect_queue 2
    expect_in err 'without a session'
    expect_one_line starts
}

test_trouble_of_the_account()
{
    queue_some 2
    submit <<'END'
echo start >>"$E2E_CASE/starts"
hello
printf 'session deferred session 535 5.7.8 sure wrong+20password\n'
exit 75
END
    flush_with_script 75
    expect_queue 2
    expect_in err 'wrong password'
    expect_one_line starts
}

# It hides a terminal's controls in what it says; they go nowhere.
test_hostile_text()
{
    queue_some 1
    submit <<'END'
ready
while read -r word number rest; do
    case $word in
    go) answer "$number" 'deferred recipient 450 4.2.0 sure +1B[2J+0D+0Aroot:+C2+9Bx' ;;
    end) exit 0 ;;
    esac
done
END
    flush_with_script 75
    run sendoff queue
    expect_status 0
    expect_in out '\?\[2J  root:\?x'
    if LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" out err; then
        fail 'a control character'
    fi
}
