# SPDX-License-Identifier: ISC
# etc/examples/Dockerfile without Docker (tests/packages.sh): its lines are carried out in copies of
# a minimal Debian, and what comes of them is run as its head says, in namespaces. Sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2329  # variables are the caller's; functions are called by check

# docker_line STAGE WORD REST: one instruction, in the root that STAGE has.
docker_line()
{
    local at=$build/deb-docker/$1 from=$work/source to
    case $2 in
    RUN)
        chroot "$at" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
            sh -euc "$3"
        ;;
    COPY)
        set -- "$1" "$2" $3
        case $3 in --from=*) from=$build/deb-docker/${3#--from=} && shift ;; esac
        to=$at$4
        mkdir -p "$to" && cp -a "$from/$3/." "$to"
        ;;
    VOLUME) printf '%s\n' "$3" | tr -d '[],"' | tr ' ' '\n' >"$work/volumes" ;;
    ENTRYPOINT) printf '%s\n' "$3" | tr -d '[],"' >"$work/entrypoint" ;;
    *) echo "not known: $2" && return 1 ;;
    esac
}

docker_build()
{
    local word rest stage=
    debian_made deb-bare || return
    mkdir -p "$work/source" "$build/deb-docker" &&
        tar -xzf "$tarball" --strip-components=1 -C "$work/source" || return
    while read -r word rest; do
        if [ "$word" = FROM ]; then
            [ "${rest%% *}" = debian:bookworm-slim ] || return
            stage=${rest#*AS }
            [ "$stage" != "$rest" ] || stage=image
            cp -a "$build/deb-bare/root" "$build/deb-docker/$stage" || return
        else
            docker_line "$stage" "$word" "$rest" || return
        fi
    done < <(grep -vE '^(#|$)' etc/examples/Dockerfile | sed -e :a -e '/\\$/N; s/\\\n//; ta')
}

docker_image_is_lean()
{
    ! [ -e "$build/deb-docker/image/usr/bin/gcc" ] && ! [ -e "$build/deb-docker/image/source" ]
}

# docker_run WORD NAMESPACE-OPTION...: what is built as process 1 of a container; a mail with that
# word is handed in, arrives, and the container is stopped as `docker stop` does it.
docker_run()
{
    local word=$1 at=$build/deb-docker/image pid=
    shift
    unshare --mount --pid --fork --propagation private "$@" sh -euc '
        at=$1 work=$2 word=$3 entrypoint=$4
        mount --bind "$at" "$at"
        mount -t proc proc "$at/proc"
        mount -t tmpfs none "$at/run"
        mount -t tmpfs none "$at/tmp"
        while read -r volume; do
            mkdir -p "$work/$word$volume"
            cp -a "$at$volume/." "$work/$word$volume"
            mount --bind "$work/$word$volume" "$at$volume"
        done <"$work/volumes"
        mkdir "$at/run/secrets"
        cp "$work/password" "$at/run/secrets/password"
        mount --bind "$work/etc" "$at/etc/sendoff"
        mount -o remount,bind,ro "$at"
        { sleep 1
          ! touch "$at/etc/x" 2>/dev/null && printf "Subject: x\n\n$word\n" |
              chroot "$at" /usr/sbin/sendmail x@example.net && : >"$work/$word.in"; } &
        exec chroot "$at" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin $entrypoint' \
        - "$at" "$work" "$word" "$(cat "$work/entrypoint")" &
    pid=$!
    for ((i = 0; i < 300 && $(grep -rqF "$word" "$work/arrived"; echo $?) != 0; i++)); do sleep 0.1; done
    # unshare passes nothing on: its child is process 1.
    kill -TERM "$(cat "/proc/$pid/task/$pid/children")" 2>/dev/null
    wait "$pid" && [ -e "$work/$word.in" ] && grep -rqF "$word" "$work/arrived"
}

packages_docker()
{
    [ "$(id -u)" = 0 ] || { skip docker 'not root'; return; }
    own_remove "$build/deb-docker"
    check 'docker: the lines of the Dockerfile run' debootstrap docker_build || return
    check 'docker: what builds is not in the image' sh docker_image_is_lean
    debian_smarthost || { skip 'docker: runs' 'no smarthost'; return; }
    echo 'a secret of Ada' >"$work/password"
    install -d "$work/etc" && cp "$work/certs/ca.pem" "$work/etc"
    { printf '[sendoff]\ndomain = docker.example\nlog = stderr\n' &&
        debian_account /etc/sendoff /run/secrets; } >"$work/etc/sendoff.conf"
    check 'docker: sends from a read-only root, as process 1' unshare docker_run alone
    check 'docker: and where there is one uid only' unshare docker_run single --user --map-root-user
    kill "$smarthost"
    own_remove "$build/deb-docker"
}
