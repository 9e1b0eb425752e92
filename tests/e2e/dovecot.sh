# SPDX-License-Identifier: ISC
# A real Dovecot as the smarthost: its submission service, which passes mail on to the smarthost of
# tests/tools. Dovecot sees its packages, which are not installed, below /usr in a mount namespace of
# its own. Needs root.
# shellcheck shell=bash

# shellcheck source=tests/interop/packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/../interop/packages.sh"

DOVECOT_ROOT=$E2E_MTA/dovecot
DOVECOT_OWNER='uucp'

# dovecot_conf PORT RELAY-PORT
dovecot_conf()
{
    cat <<END
base_dir = $MTA_DIR/run
state_dir = $MTA_DIR/state
protocols = submission
listen = 127.0.0.1
hostname = dovecot.example
first_valid_uid = 1
mail_location = maildir:~/mail
log_path = $DIR/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
default_internal_user = $DOVECOT_OWNER
default_internal_group = $DOVECOT_OWNER
default_login_user = nobody
ssl = required
ssl_cert = <$CERTS/good.pem
ssl_key = <$CERTS/good.key
auth_mechanisms = plain login scram-sha-1 scram-sha-256 cram-md5 digest-md5 oauthbearer xoauth2
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = $MTA_DIR/oauth2
}
passdb {
  driver = passwd-file
  mechanisms = plain login scram-sha-1 scram-sha-256 cram-md5 digest-md5
  args = $MTA_DIR/passwd
}
userdb {
  driver = static
  args = uid=$DOVECOT_OWNER gid=$DOVECOT_OWNER home=$MTA_DIR/home
}
service submission-login {
  chroot =
  inet_listener submission {
    port = $1
    ssl = $([ "${MODE-starttls}" = starttls ] && echo no || echo yes)
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
submission_relay_host = 127.0.0.1
submission_relay_port = $2
${DOVECOT_MORE-}
END
}

# In /tmp, since Dovecot's own accounts have to come that far.
dovecot_prepare()
{
    MTA_DIR=$(mktemp -d /tmp/sendoff-dovecot.XXXXXX)
    to_remove+=("$MTA_DIR")
    chmod 755 "$MTA_DIR"
    mkdir -p "$MTA_DIR"/{run,state,home,keys/default/HS256}
    chown "$DOVECOT_OWNER" "$MTA_DIR/home"
    printf 'user:{PLAIN}secret\n' >"$MTA_DIR/passwd"
    head -c 24 /dev/urandom | base64 >"$MTA_DIR/key"
    tr -d '\n' <"$MTA_DIR/key" | base64 -w 0 >"$MTA_DIR/keys/default/HS256/default"
    printf '%s\n' 'introspection_mode = local' 'username_attribute = sub' \
        "local_validation_key_dict = fs:posix:prefix=$MTA_DIR/keys/" >"$MTA_DIR/oauth2"
}

dovecot_listens()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start_dovecot: user "user" with password "secret"; what it passes on is accepted, and kept, by a
# smarthost (./log, ./mail). $DOVECOT_MORE is lines of its config. Sets PORT by MODE. The case is
# skipped where Dovecot can not be had.
start_dovecot()
{
    local port relay
    need_root
    packages_unpack dovecot dovecot-core dovecot-submissiond
    unshare -m true 2>/dev/null || skip 'mount namespaces are refused here'
    dovecot_prepare
    dead_port && port=$PORT
    MODE=plain USERS='' start_smarthost
    relay=$PORT PORT=$port
    dovecot_conf "$port" "$relay" >"$MTA_DIR/dovecot.conf"
    # shellcheck disable=SC2016  # the inner shell's
    unshare -m sh -c 'mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr &&
        exec /usr/sbin/dovecot -F -c "$2"' sh "$DOVECOT_ROOT" "$MTA_DIR/dovecot.conf" &
    started+=($!)
    within 10 dovecot_listens "$port" || fail "Dovecot did not start: $(cat "$DIR/dovecot.log")"
}

base64url()
{
    base64 -w 0 | tr '+/' '-_' | tr -d '='
}

# dovecot_token SECONDS [CLAIM]: a token for "user" (RFC 7519) that is good for so long.
dovecot_token()
{
    local now body
    now=$(date +%s)
    body=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf \
        '{"sub":"user","iat":%d,"exp":%d%s}' $((now - 7200)) $((now + $1)) "${2-}" | base64url)
    printf '%s.%s' "$body" "$(printf '%s' "$body" |
        openssl dgst -sha256 -hmac "$(tr -d '\n' <"$MTA_DIR/key")" -binary | base64url)"
}

expect_dovecot()
{
    within 5 grep -qE -- "$1" "$DIR/dovecot.log" ||
        fail "nothing like '$1' in Dovecot's log: $(tail -n 20 "$DIR/dovecot.log")"
}
