# SPDX-License-Identifier: ISC
# README's table, for `run`.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and run

# The rows (taking.sh, sending.sh), each with what it is called in README, in its order there.
# shellcheck disable=SC2016  # Markdown's
ROWS='offline takes mail without a network
synced message and directory synced before exit 0
full told when the disk is full
slow the caller waits for a slow smarthost
setid set-id programs
secret users send without being able to read the secret
sandbox users send from a sandbox (NoNewPrivileges)
idle processes that stay
alone sends at once with no service running
waiting a process for each message that waits
cert verifies the certificate by default
inject a line break in `-f` adds a recipient
noname DNS does not know the smarthost
password the smarthost refuses the password
tworcpt one refused recipient of two
report a refusal is reported
reuse messages over one connection
eightbit 8-bit text where 8BITMIME is not offered
longline a line of 5000 octets
bs takes SMTP on stdin (`-bs`)
maildir queue is a Maildir
local delivers to mailboxes of the host
listens takes mail by SMTP over TCP'

declare -A NAME=([postfix]=Postfix [exim]=Exim)

# The table, as it was found. Code is in backquotes there, and here.
table()
{
    local peer row label line='' rule='|---|'
    for peer in $peers; do
        line+=" ${NAME[$peer]-$peer} |" rule+='---|'
    done
    printf '| |%s\n%s\n' "$line" "$rule"
    while read -r row label; do
        [[ " ${rows//$'\n'/ } " == *" $row "* ]] || continue
        line=
        for peer in $peers; do
            line+=" $(cat "$work/try/$peer.$row/answer") |"
        done
        printf '| %s |%s\n' "$label" "$line"
    done <<<"$ROWS"
}

# cells <TABLE: a line "LABEL | COLUMN | CELL" for each cell.
cells()
{
    awk -F ' *[|] *' '/^[|]/ {
        if (!columns) { columns = NF; for (i = 3; i < NF; i++) column[i] = $i; next }
        if ($2 ~ /^-+$/) next
        for (i = 3; i < NF; i++) print $2 " | " column[i] " | " $i
    }'
}

# stated PEER: the version that README's section, on stdin, says that it is of.
stated()
{
    tr '\n' ' ' | sed -n "s/.*[( ]${NAME[$1]-$1} \([0-9.]*[0-9]\)[,)].*/\1/p"
}

# Each program beside what README says of its version: that begins as the package's does.
compare_versions()
{
    local peer package version readme_version
    for peer in $peers; do
        [ "$peer" != sendoff ] || continue
        package=$(peer_packages "$peer")
        version=$(dpkg-deb -f "$E2E_MTA/$peer.debs/${package%% *}"_*.deb Version)
        readme_version=$(stated "$peer" <"$work/readme.section")
        if [ -n "$readme_version" ] && [[ ${version#*:} == "$readme_version"* ]]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL $peer is $version here, README: $readme_version"
        fi
    done
}

# Each cell that was tried, beside README's; where all were, README has no other.
compare()
{
    local cell failed=0 passed=0
    cells <"$out/beside.md" >"$work/tried.cells"
    sed -n '/^## Beside others/,/^## /p' "$readme" >"$work/readme.section"
    cells <"$work/readme.section" >"$work/readme.cells"
    compare_versions
    while read -r cell; do
        if grep -qxF -- "$cell" "$work/readme.cells"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL $cell; README:$(grep -F "${cell%|*}|" "$work/readme.cells" | sed 's/.*|//')"
        fi
    done <"$work/tried.cells"
    if [ -z "${BESIDE_ROWS-}${BESIDE_PEERS-}" ]; then
        while read -r cell; do
            grep -qF -- "${cell%|*}|" "$work/tried.cells" && continue
            failed=$((failed + 1))
            echo "FAIL $cell: was not tried"
        done <"$work/readme.cells"
    fi
    echo "$passed passed, $failed failed, 0 skipped"
    [ "$failed" -eq 0 ]
}
