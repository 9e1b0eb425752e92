#!/bin/bash
# SPDX-License-Identifier: ISC
# What shells make of our completions: tests/completion.sh SENDOFF
#
# Each shell loads what `SENDOFF completion SHELL` prints and is asked as the TAB key asks it. A
# `sendoff` that knows two messages stands in the PATH. Shells that are not there are skipped by
# name. The last line is "N passed, N failed, N skipped".
set -u
sendoff=$(realpath "${1:?}") || exit 1
export LC_ALL=C TERM=dumb
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "${work:?}"' EXIT
trap 'exit 143' INT TERM HUP
mkdir "$work/bin" "$work/home" "$work/zsh" || exit 1
export HOME=$work/home PATH=$work/bin:/usr/bin:/bin
cd "$work/home" || exit 1
touch 'a file' msmtprc

cat >"$work/bin/sendoff" <<'END'
#!/bin/sh
[ "$1 $2" = 'queue --json' ] || exit 64
printf '{"id":"%s","sender":"x","why":"\\"id\\":\\"no\\""}\n' 661F0A 662B77
END
chmod +x "$work/bin/sendoff"

# expect SHELL LINE WORD...: what the shell offers for LINE is exactly that, in any order.
expect()
{
    local shell=$1 line=$2 got want
    shift 2
    got=$("ask_$shell" "$line" 2>&1 | sort -u)
    want=$(printf '%s\n' "$@" | sort -u)
    if [ "$got" = "$want" ]; then
        passed=$((passed + 1))
        echo "ok   $shell: $line"
    else
        failed=$((failed + 1))
        echo "FAIL $shell: $line"
        diff <(echo "$want") <(echo "$got") | sed 's/^/     | /'
    fi
}

# shellcheck disable=SC2329  # called as ask_$shell
ask_bash()
{
    # shellcheck disable=SC2016  # for the inner one
    bash --norc -c '
        . "$1"
        read -ra COMP_WORDS <<<"$2"
        case $2 in *" ") COMP_WORDS+=("") ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE=$2 COMP_POINT=${#2}
        _sendoff
        printf "%s\n" "${COMPREPLY[@]}"' - "$work/completion.bash" "$1"
}

# shellcheck disable=SC2329
ask_fish()
{
    # shellcheck disable=SC2016  # for fish
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
        "$work/completion.fish" "$1" | cut -f1
}

# A terminal of zsh's own, in which the key lists what it would insert. What is typed while it
# lists would end the list, hence the pause.
# shellcheck disable=SC2329
ask_zsh()
{
    # shellcheck disable=SC2016  # for zsh
    timeout 30 zsh -f -c '
        zmodload zsh/zpty
        zpty inner zsh -f -i
        {
            print -r -- "PS1= PS2="
            print -r -- "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $1/dump"
            print -r -- "list() { compadd() {
                local -a found; builtin compadd -O found \"\$@\"
                print -rl -- \"OFFER=\"\${^found} >>$1/offers; builtin compadd \"\$@\" }; _main_complete }"
            print -r -- "zle -C list complete-word list; bindkey \"^X\" list; print READY=\$((1 + 1))"
        } | while read -r line; do zpty -w inner "$line"; done
        zpty -r inner said "*READY=2*" || exit 1
        zpty -w -n inner "$2"$'"'\\x18'"'
        sleep 0.5
        zpty -w inner $'"'\\x15'"'"print DONE=\$((1 + 1))"
        zpty -r inner said "*DONE=2*"
        zpty -d inner' - "$work/zsh" "$1"
    sed -n 's/^OFFER=//p' "$work/zsh/offers" 2>/dev/null
    rm -f "$work/zsh/offers"
}

mapfile -t commands < <("$sendoff" help | sed -n 's/^  sendoff \([a-z]*\).*/\1/p')
mapfile -t flush < <("$sendoff" help |
    sed -n '/^  sendoff flush/,/^  sendoff queue/s/^ *\(--[a-z-]*\).*/\1/p')
[ "${#commands[@]}" -gt 8 ] && [ "${#flush[@]}" -gt 8 ] || { echo 'FAIL help'; failed=1; }

for shell in bash fish zsh; do
    if ! command -v "$shell" >/dev/null; then
        echo "skip $shell: not here"
        skipped=$((skipped + 1))
        continue
    fi
    "$sendoff" completion "$shell" >"$work/completion.$shell"
    [ "$shell" != zsh ] || cp "$work/completion.zsh" "$work/zsh/_sendoff"
    case $shell in
    bash) expect "$shell" 'sendoff ' -v "${commands[@]}" ;;
    *) expect "$shell" 'sendoff ' "${commands[@]}" ;;
    esac
    expect "$shell" 'sendoff fl' flush
    expect "$shell" 'sendoff flush --not' --not-id --not-sender --not-recipient
    expect "$shell" 'sendoff flush --' "${flush[@]}"
    expect "$shell" 'sendoff flush 662' 662B77
    expect "$shell" 'sendoff completion ' bash zsh fish
    expect "$shell" 'sendoff help ' "${commands[@]}"
    expect "$shell" 'sendoff import ms' msmtprc
    expect "$shell" 'sendoff queue delete 66' 661F0A 662B77
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
