# SPDX-License-Identifier: ISC
# Each exit status that sendmail(8) and sendoff(1) list is provoked as they say.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/world.sh"

# rows PAGE: the statuses that it lists.
rows()
{
    part "$1" 'EXIT STATUS' | sed -nE 's/^\.It Sy ([0-9]+) .*/\1/p'
}

# clean: as the host is at first, with ada's config and nothing queued.
clean()
{
    rm -rf /etc/sendoff /home/ada/.config /home/ada/.local /var/spool/sendoff/1000
    personal
    message >message
}

mail_to()
{
    as ada sendmail -i -f ada@example.org "$@" <message
}

# Without a config, and no domain is known.
bare()
{
    rm -r /home/ada/.config
}

sendmail_ends()
{
    local number=0
    case $1 in
    0) mail_to grace@example.net ;;
    64) mail_to -Z ;;
    65) mail_to a@@b ;;
    67) bare && as ada sendmail -bv nobody-knows ;;
    68) bare && as ada sendmail -bv grace@example.net ;;
    69)
        mv /usr/bin/sendoff /usr/bin/gone
        as ada sendmail -bp || number=$?
        mv /usr/bin/gone /usr/bin/sendoff
        return $number
        ;;
    71) unshare -m sh -c 'mount --bind /dev/null /usr/bin/sendoff && /usr/sbin/sendmail -bp' ;;
    73)
        bare
        mount -o remount,ro /var/spool
        mail_to grace@example.net || number=$?
        mount -o remount,rw /var/spool
        return $number
        ;;
    74) as ada sendmail grace@example.net <&- ;;
    75)
        install -d -m 755 -o ada -g ada /home/ada/.local/state/sendoff/spool
        mail_to grace@example.net
        ;;
    76) yes nonsense | head -n 50 | as ada sendmail -bs ;;
    78) echo nonsense >>/home/ada/.config/sendoff/sendoff.conf && as ada sendmail -q ;;
    *) return 255 ;;
    esac
}

sendoff_ends()
{
    local few config=/home/ada/.config/sendoff/sendoff.conf
    case $1 in
    0) as ada sendoff flush ;;
    1) mail_to grace@example.net && as ada sendoff queue --max 0 ;;
    64) as ada sendoff flush --nonsense ;;
    65) as ada sendoff flush --account nonsense ;;
    66) as ada sendoff queue show 660DE1B63B3D5C00A2 ;;
    70)
        printf '#!/bin/sh\nkill -SEGV $$\n' >breaks && chmod 755 breaks
        unshare -m sh -c 'mount --bind breaks /usr/libexec/sendoff-submit
            HOME=/home/ada setpriv --reuid 1000 --regid 1000 --clear-groups sendoff check'
        ;;
    71)
        # So few descriptors that its first file can be read, and no more.
        for few in 4 5 6 7 8; do
            as ada prlimit --nofile=$few:$few sendoff run --once || [ $? != 71 ] || return 71
        done
        ;;
    73) as ada sendoff setup --host smtp.example.org --no-check --auth none me@example.org ;;
    74) as ada sendoff help >/dev/full ;;
    75) mail_to grace@example.net && as ada sendoff flush ;; # no smarthost is there
    77) bare && of_the_host && mail_to grace@example.net && as ada sendoff flush ;;
    78) echo nonsense >>"$config" && as ada sendoff flush ;;
    *) return 255 ;;
    esac
}

# as_listed PAGE PROGRAM STATUS=FILE...: all of them; those that can not be had here have a case in
# that file.
as_listed()
{
    local page=$1 program=$2 number other
    shift 2
    world "${FUNCNAME[1]}"
    while read -r number; do
        other=$(printf '%s\n' "$@" | sed -n "s/^$number=//p")
        if [ -n "$other" ]; then
            grep -qE "refused $number\b" "$TREE/tests/e2e/$other" ||
                fail "$other does not try status $number"
            continue
        fi
        clean
        status=0
        "${program}_ends" "$number" >out 2>err || status=$?
        [ $status = "$number" ] || fail "it ends with $status, not $number: $(cat out err)"
    done < <(rows "$page")
}

test_sendmail()
{
    as_listed sendmail.8 sendmail 77=system/test_drop.sh
}

test_sendoff()
{
    as_listed sendoff.1 sendoff
}

# What mailq(1) and newaliases(1) tell in their sentences.
test_other_names()
{
    world
    clean
    as ada mailq
    as ada newaliases
    number=0
    as ada mailq nonsense 2>err || number=$?
    expect_equal 'mailq with a word' "$number" 64
    number=0
    as ada newaliases nonsense 2>err || number=$?
    expect_equal 'newaliases with a word' "$number" 64
    echo 'list: |/usr/bin/list' >/etc/aliases
    number=0
    as ada newaliases 2>err || number=$?
    expect_equal 'newaliases with a program' "$number" 65
    mail_to grace@example.net
    chmod 755 "$SPOOL"
    number=0
    as ada mailq 2>err || number=$?
    expect_equal 'mailq of a queue that is no more' "$number" 75
}

# In system mode root's list has all, his own first.
test_mailq_of_root()
{
    world
    message >message
    rm -rf /home/ada/.config
    of_the_host
    mail_to grace@example.net
    sendmail -i root@example.org <message
    mailq >out
    expect_in out '2 Requests'
    grep -n 'example' out >order
    expect_equal 'whose is first' "$(sed -nE 's/.* (root|grace)@example.*/\1/p' order | head -n 1)" root
    as ada mailq >out
    expect_in out '1 Request'
}
