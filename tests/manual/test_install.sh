# SPDX-License-Identifier: ISC
# What README and INSTALL tell to type. Each line of their indented blocks that is a command is run
# by a case here, or stands in `others` with the reason why not.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2088,SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/world.sh"

# PATTERN|WHY: lines that are not run here.
others()
{
    cat <<'END'
P=$HOME/sendoff|make e2e and make bench install so, below their build directories
make install PREFIX=$P *|likewise
make|a build, which is what all tests stand on
sudo make install|make system installs so
systemd-sysusers *|there is no systemd here: tests/deb.sh has one
systemctl *|likewise; tests/etc.sh looks at what the units say
make install-*|tests/etc.sh
sudo make uninstall|tests/etc.sh
sudo apt install *|tests/deb.sh
sudo sendoff setup|tests/deb.sh, and system/test_setup.sh
gmake *|there is no FreeBSD here
END
}

# typed_in FILE: its command lines: indented by four, and no row of a table.
typed_in()
{
    sed -nE 's/ +# .*//; /^    [^ ].*   |^    [^ ]+  /d; s/^    ([^ |#].*)/\1/p' "$TREE/$1" |
        grep -E '^([a-z][a-z-]* |[a-z-]+$|\$EDITOR |\(umask |P=)' || true
}

# Those that the cases below run, as patterns.
ours()
{
    cat <<'END'
mkdir -p -m 700 *
cp etc/sendoff.conf *
(umask 077; cat >*)
$EDITOR *
sendoff check
printf 'Subject: hello*
mailq
sendoff -v flush
sudo useradd *
sudo ln -s *
sendoff import *
END
}

test_every_line_is_known()
{
    local line pattern
    { ours && others | cut -d'|' -f1; } >patterns
    : >used
    typed_in INSTALL >lines
    [ "$(wc -l <lines)" -gt 25 ] || fail "INSTALL tells to type $(wc -l <lines) lines"
    while IFS= read -r line; do
        while IFS= read -r pattern; do
            # shellcheck disable=SC2254  # it is a pattern
            case $line in $pattern)
                printf '%s\n' "$pattern" >>used
                continue 2
                ;;
            esac
        done <patterns
        fail "INSTALL has '$line', which is neither run here nor named with a reason"
    done <lines
    sort -u used | comm -13 - <(sort -u patterns) >dead
    [ ! -s dead ] || fail "INSTALL has no such line any more: $(cat dead)"
}

# lines FILE PATTERN...: those lines, each of which has to be there.
lines()
{
    local file=$1 pattern
    shift
    for pattern; do
        typed_in "$file" | grep -E -- "$pattern" || fail "$file has no line like $pattern"
    done
}

# An editor that sets what the lines tell to set.
editor()
{
    cat >/usr/local/bin/editor <<'END'
#!/bin/sh
sed -i -e 's/^#\[work\]/[work]/' -e 's/^#\(host = \)/\1/' -e 's/^#\(user = \)/\1/' \
    -e 's/^#\(domain = \)/\1/' -e "s|^#password_file = .*|password_file = ${1%/*}/password|" "$1"
END
    chmod 755 /usr/local/bin/editor
    export EDITOR=/usr/local/bin/editor
}

# first_config WHERE: the lines of INSTALL that are about that directory, in their order.
first_config()
{
    lines INSTALL "^(mkdir|cp|\(umask|\\\$EDITOR).*$1" >lines
    echo 'sendoff check' >>lines
    mkdir -p "$2/etc"
    cp "$TREE/etc/sendoff.conf" "$2/etc"
    typed "$(cat lines)" <<<secret >out 2>err || fail "$(cat out err)"
    expect_not_in out '^fail'
    expect_in out '^pass MAIL: |^pass RCPT: '
}

first_mail()
{
    lines INSTALL "^printf 'Subject: hello" '^mailq$' '^sendoff -v flush$' >lines
    typed "$(sed 's/| sendmail /| sendmail -odq /' lines)" >out 2>err || fail "$(cat out err)"
    expect_in out 'me@example.org'
    expect_in err '^<- 250 .*accepted'
    expect_delivered 1
    expect_in "$(echo mail/*.eml)" '^It works'
    rm -f mail/*
}

test_first_config()
{
    world
    editor
    smarthost 587
    WHO=ada
    first_config '~/\.config' /home/ada
    first_mail
    rm -rf /home/ada/.config
    WHO=root
    first_config '/etc/sendoff' /root
    expect_equal 'mode of the config' "$(stat -c %a /etc/sendoff/sendoff.conf)" 644
    expect_equal 'mode of the password' "$(stat -c %a /etc/sendoff/password)" 600
    first_mail
}

# The other program's config becomes ours.
test_import()
{
    world
    smarthost 587
    cat >/root/msmtprc <<'END'
account default
host smtp.example.org
port 587
auth on
tls on
user me@example.org
password secret
from me@example.org
END
    install -d /etc/sendoff
    lines INSTALL '^sendoff import' | sed 's/FILE$/msmtprc/' >lines
    typed "$(cat lines)" >out 2>err || fail "$(cat out err)"
    first_mail
}

# The account and the links of an installation below /usr/local.
test_links()
{
    world
    local line
    command -v useradd >/dev/null || skip 'needs useradd'
    mv /usr/sbin/sendmail /usr/local/sbin/sendmail.new
    mv /usr/local/sbin/sendmail.new /usr/local/sbin/sendmail
    rm -f /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases
    ln -sf /usr/local/sbin/sendmail /usr/local/bin/mailq
    ln -sf /usr/local/sbin/sendmail /usr/local/bin/newaliases
    sed -i '/^sendoff:/d' /etc/passwd /etc/group
    lines INSTALL '^sudo ln' '^sudo useradd' | sed 's/^sudo //' >lines
    while IFS= read -r line; do
        sh -c "$line" 2>err || fail "$line: $(cat err)"
    done <lines
    id sendoff >out
    for line in /usr/sbin/sendmail /usr/lib/sendmail; do
        expect_equal $line "$($line -bV | cut -d' ' -f1)" sendoff
    done
    of_the_host
    expect_equal mailq "$(/usr/bin/mailq)" 'Mail queue is empty'
}

# ---- README

# The config that it shows; the password is where it says.
test_config_of_readme()
{
    world
    smarthost 587
    sed -n '/^## Config/,/^## /s/^    //p' "$TREE/README.md" >shown
    grep -q '^\[sendoff\]$' shown
    grep -q '^\[work\]$' shown
    install -d /etc/sendoff /home/me/.config/sendoff
    install -m 644 shown /etc/sendoff/sendoff.conf
    install -m 600 <(echo secret) "$(sed -n 's/^password_file = //p' shown)"
    sendoff check --print >out 2>err || fail "$(cat err)"
    lines INSTALL "^printf 'Subject: hello" >lines
    typed "$(sed 's/| sendmail /| sendmail -odq /' lines)"
    run sendoff flush
    expect_status 0
    expect_delivered 1
}

# Each target that README, INSTALL and `make help` name is one.
test_targets()
{
    local target
    { make -C "$TREE" -pRrq B="$DIR/none" 2>/dev/null || true; } |
        sed -nE 's/^([a-z][a-z0-9-]*):.*/\1/p' | sort -u >known
    [ "$(wc -l <known)" -gt 20 ] || fail 'make tells of no targets'
    {
        grep -ohE '(`|^    |\$ |sudo )make [a-z][a-z0-9-]*' "$TREE/README.md" "$TREE/INSTALL"
        sed -nE "s/^\t@echo '(make [a-z0-9-]+).*/\1/p" "$TREE/Makefile"
        grep -ohE '(; |, |or )make [a-z][a-z0-9-]*' "$TREE/README.md"
    } | sed 's/.*make //' | sort -u >named
    [ "$(wc -l <named)" -gt 15 ] || fail 'no targets are named'
    comm -13 known named >unknown
    [ ! -s unknown ] || fail "no such target: $(cat unknown)"
}

# The map of the tree names each page, and each folder of the sources.
test_map()
{
    local name
    sed -nE '/^    man\//,/^    etc\//p' "$TREE/README.md" | grep -oE '[a-z.-]+\([1-8]\)' |
        tr '()' '. ' | tr -d ' ' | sort >named
    (cd "$PAGES" && printf '%s\n' *.[1-8]) | sort | cmp - named || fail "pages: $(cat named)"
    for name in "$TREE"/src/* "$TREE"/src/{sendoff,submit}/*/; do
        [ -d "$name" ] || continue
        sed -n '/^    src\//,/^    man\//p' "$TREE/README.md" |
            grep -qE "\b$(basename "$name")/" || fail "README does not tell of ${name#"$TREE"/}"
    done
    sed -n '/^    tests\//,/^$/p' "$TREE/README.md" | grep -oE '\b[a-z0-9]+/' >named
    while read -r name; do
        [ "$name" = tests/ ] || [ -d "$TREE/tests/$name" ] || fail "there is no tests/$name"
    done <named
}

# The version is that of the Makefile, wherever a file's name has it.
test_version()
{
    local version
    version=$(sed -nE 's/^VERSION *= *//p' "$TREE/Makefile")
    grep -ohE 'sendoff[_-][0-9]+\.[0-9.]*[0-9]' "$TREE/INSTALL" "$TREE/README.md" | sort -u |
        sed 's/sendoff[_-]//' | sort -u >named
    expect_equal version "$(cat named)" "$version"
    expect_equal 'what programs say' "$("$E2E_STAGE/usr/bin/sendoff" version)" "sendoff $version"
}
