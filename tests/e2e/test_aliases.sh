# SPDX-License-Identifier: ISC
# Local names: the aliases file, local_to, the domain; and the programs that tell about them.
# shellcheck shell=bash

# A config, a message, and the aliases file from stdin.
prepare()
{
    start_smarthost
    write_config "$@"
    message >hello
    cat >aliases
}

# recipients N: those of the Nth message that arrived, in one line.
recipients()
{
    envelope "$1" | sed -n 's/^RCPT TO:<\(.*\)>.*/\1/p' | tr '\n' ' '
}

test_chain()
{
    prepare <<'END'
# as many hosts have it
postmaster: root
root: admin,
  "Ops, Night" <ops@example.net>   # on duty
Admin: ada@example.org
END
    inject hello -N failure POSTMASTER grace@example.net ops@example.net
    flush 0
    expect_delivered 1
    expect_arrived 1 hello
    expect_equal recipients "$(recipients 1)" 'ada@example.org ops@example.net grace@example.net '
    expect_equal options "$(envelope 1 | grep -c 'RCPT .* NOTIFY=FAILURE')" 3
}

# The header is what its writer wrote, but for the domain.
test_header()
{
    prepare <<'END'
root: ada@example.org
END
    printf 'From: cron <root>\nTo: root\nSubject: x\n\nx\n' >letter
    run_with_input letter sendmail -t
    expect_status 0
    flush 0
    expect_equal recipients "$(recipients 1)" 'ada@example.org '
    arrived 1 >got
    expect_in got '^To: root@client\.example'
    # Nor is the sender an alias.
    expect_equal sender "$(envelope 1 | sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1/p')" \
        root@client.example
}

test_local_to()
{
    prepare sendoff.local_to=admin@example.org <<'END'
root: \root, ada@example.org
END
    inject hello root nobody root@client.example
    flush 0
    expect_equal recipients "$(recipients 1)" \
        'admin@example.org ada@example.org root@client.example '
}

test_no_expansion()
{
    prepare <<'END'
root: ada@example.org
END
    inject hello -n root
    flush 0
    expect_equal recipients "$(recipients 1)" 'root@client.example '
}

# Whatever the file says, cron's mail is taken, and nothing in it is run, written or read.
test_refused_values()
{
    prepare <<END
root: "|touch $DIR/pipe", $DIR/file, :include:$DIR/list, broken@@x
loop: loop
ops: |/bin/false, ops@example.org
no colon
END
    echo 'secret@example.org' >list
    inject hello root loop ops
    flush 0
    expect_equal recipients "$(recipients 1)" \
        'root@client.example loop@client.example ops@example.org '
    if [ -e pipe ] || [ -e file ]; then
        fail 'an alias was acted upon'
    fi
}

test_unusable_file()
{
    prepare <<'END'
root: ada@example.org
END
    chmod 666 aliases
    inject hello root
    rm aliases
    inject hello root
    mkfifo aliases
    inject hello root
    flush 0
    expect_delivered 3
    expect_equal recipients "$(recipients 1)$(recipients 2)$(recipients 3)" \
        'root@client.example root@client.example root@client.example '
}

test_max_recipients()
{
    prepare sendoff.max_recipients=2 <<'END'
few: a@example.org, b@example.org, A@EXAMPLE.ORG
many: few, c@example.org
END
    run_with_input hello sendmail -i a@example.org few
    expect_status 65
    expect_in err 'max_recipients'
    run_with_input hello sendmail -i many
    expect_status 65
    expect_queue 0
    inject hello -f alice@client.example a@example.org b@example.org
    expect_queue 1
}

test_newaliases()
{
    prepare <<'END'
root: ada@example.org
postmaster: root
END
    run newaliases
    expect_status 0
    expect_equal output "$(cat out)" "$DIR/aliases: 2 aliases"
    [ ! -s err ] || fail 'there is nothing to complain about'
    cat >aliases <<'END'
root: ada@example.org
Root: b@@example.org
loop: pool
pool: loop
dump: /dev/null
END
    for mode in -bi -I; do
        run sendmail $mode
        expect_status 65
        expect_in err "^sendmail: $DIR/aliases:2: Root: stands here twice; line 1 counts\$"
        expect_in err "^sendmail: $DIR/aliases:2: Root: b@@example.org: "
        expect_in err "^sendmail: $DIR/aliases:4: pool: loop: leads back to itself\$"
        expect_in err "^sendmail: $DIR/aliases:5: dump: /dev/null: files are not written\$"
        expect_equal complaints "$(wc -l <err)" 4
    done
    rm aliases
    run newaliases
    expect_status 65
    expect_in err "^sendmail: $DIR/aliases: No such file or directory\$"
    run newaliases extra
    expect_status 64
}

test_verify()
{
    prepare <<'END'
root: admin, |prog
admin: ada@example.org
END
    run sendmail -bv root nobody 'Sam <s@example.net>'
    expect_status 0
    cat >want <<END
root -> admin ($DIR/aliases:1) -> ada@example.org ($DIR/aliases:2): account smarthost, host $SERVER
nobody -> nobody@client.example (domain): account smarthost, host $SERVER
s@example.net: account smarthost, host $SERVER
END
    diff want out
    expect_in err 'aliases:1: root: \|prog: programs are not run'
    run sendmail -n -bt root
    expect_status 0
    expect_equal line "$(cat out)" \
        "root -> root@client.example (domain): account smarthost, host $SERVER"
    run sendmail -bv ok@example.org 'a@b@c'
    expect_status 65
    expect_in out '^ok@example.org: account smarthost'
    expect_in err 'a@b@c: no address'
    for options in '-bv' '-bv -t root' '-bv -x -- '; do
        # shellcheck disable=SC2086
        run sendmail $options
        expect_status 64
    done
    write_config account= sendoff.account=missing
    run sendmail -bv ok@example.org
    expect_status 68
    expect_in out '^ok@example.org: no account$'
    expect_queue 0
    flush 78
    expect_delivered 0
}

# Where no domain is known: the host's own must not be in the way.
inner_verify_unknown()
{
    hostname nowhere
    : >empty
    mount --bind empty /etc/hosts
    [ ! -e /etc/mailname ] || mount --bind empty /etc/mailname
    prepare sendoff.domain= </dev/null
    run sendmail -bv someone a@example.org
    expect_status 67
    expect_in out '^someone: no alias, no local_to and no domain'
    expect_in out '^a@example.org: account smarthost'
}

test_verify_unknown()
{
    on_its_own inner_verify_unknown -um
}
