# SPDX-License-Identifier: ISC
# The script that sendoff-oauth(7) shows: taken out of the manual and run, with a curl of ours in
# the place of the provider.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh

# The manual's lines from the script's first one on; \e is how it writes a backslash.
take_script()
{
    mkdir bin
    awk '/^#!\/bin\/sh$/ { on = 1 } /^\.Ed$/ { on = 0 } on' \
        "$E2E_PREFIX/share/man/man7/sendoff-oauth.7" | sed 's/\\e/\\/g' >mail-token
    [ -s mail-token ] || fail 'there is no script in the manual'
    chmod 700 mail-token
    printf '%s\n' endpoint=https://provider.example/token client_id=me.and-my-id \
        client_secret='a secret' refresh_token=1//old-one >account
    chmod 600 account
}

# provider ANSWER: keeps what it is asked, and says that.
provider()
{
    cat >bin/curl <<-END
	#!/bin/sh
	{ printf '%s\n' "\$@"; cat; } >asked
	cat <<'X'
	$1
	X
	END
    chmod 700 bin/curl
}

token()
{
    PATH=$DIR/bin:$PATH run ./mail-token account
}

test_token_is_fetched()
{
    take_script
    provider '{ "access_token": "ya29.a-Token_1", "expires_in": 3599,
  "scope": "https://mail.google.com/", "token_type": "Bearer" }'
    token
    expect_status 0
    expect_equal token "$(cat out)" ya29.a-Token_1
    expect_in asked '^client_id=me.and-my-id$'
    expect_in asked '^client_secret=a secret$'
    expect_in asked '^https://provider.example/token$'
    expect_equal 'what came by stdin' "$(tail -n 1 asked)" 1//old-one
    expect_in account '^refresh_token=1//old-one$'
}

# A new refresh token takes the old one's place.
test_refresh_token_is_kept()
{
    take_script
    sed -i '/^client_secret/d' account
    provider '{"token_type":"Bearer","access_token":"eyJ0.one","refresh_token":"0.AX-new"}'
    token
    expect_status 0
    expect_equal token "$(cat out)" eyJ0.one
    expect_not_in asked client_secret
    expect_equal 'the account' "$(sort account | tr '\n' ' ')" \
        'client_id=me.and-my-id endpoint=https://provider.example/token refresh_token=0.AX-new '
    expect_equal mode "$(stat -c %a account)" 600
}

# That is what check tells.
test_refusal_is_told()
{
    take_script
    provider '{"error": "invalid_grant", "error_description": "Token has been expired."}'
    token
    [ "$status" -ne 0 ] || fail 'is that a token?'
    expect_equal 'what it says' "$(cat err)" 'no token: invalid_grant Token has been expired.'
    dead_port
    # There is no provider where the script runs by itself: curl fails.
    printf '#!/bin/sh\necho "no token: invalid_grant" >&2\nexit 1\n' >failing
    chmod 700 failing
    write_config password_file= "token_command=$DIR/failing" auth=XOAUTH2
    run sendoff check
    expect_status 78
    expect_in out '^fail secret: .*invalid_grant'
    expect_in out 'fix: '
}
