# SPDX-License-Identifier: ISC
# aiosmtpd, a mail server in Python on OpenSSL and asyncio, as the smarthost (keeper.py).
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR disable=SC2034,SC2154

. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

AIOSMTPD_ROOT=$E2E_MTA/aiosmtpd

aiosmtpd_run()
{
    PYTHONPATH=$AIOSMTPD_ROOT/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
        python3 "$INTEROP/keeper.py" "$CERTS/${CERT-good}" "$DIR/mail" \
        "$SUBMISSION" "$IMPLICIT" >>"$DIR/server.log" 2>&1 &
    started+=($!)
}

# start_aiosmtpd: with the certificate $CERT. Sets PORT by MODE.
start_aiosmtpd()
{
    command -v python3 >/dev/null || skip 'needs python3'
    packages_unpack aiosmtpd python3-aiosmtpd python3-attr python3-public
    start_on_two_ports aiosmtpd aiosmtpd_run
    mkdir -p "$DIR/mail"
    ln -sf "$DIR/server.log" "$DIR/log"
    BOXES="$DIR/mail" COPIES=one
}
