# SPDX-License-Identifier: ISC
# Bounds and times that the manuals tell in their sentences, against those that are compiled in.
# shellcheck shell=bash
# shellcheck disable=SC2154  # between here and lib.sh
. "${BASH_SOURCE%/*}/pages.sh"

# PAGE|SECTION|TEXT|HEADER|EXPRESSION: in that section stands TEXT, with the value of EXPRESSION in
# the place of "@".
figures()
{
    cat <<'END'
sendmail.8|OPTIONS|for at most @ seconds|sendmail/attempt|ATTEMPT_PATIENCE / 1000
sendmail.8|OPTIONS|of at most @ octets (ENVID|sendmail/dsn|DSN_ENVID_MAX
sendmail.8|Limits|may have @ MiB|message/header|HEADER_MAX >> 20
sendmail.8|The aliases file|through more than @ names|message/aliases|ALIASES_DEPTH_MAX
sendmail.8|The aliases file|larger than @ MiB|message/aliases|ALIASES_TEXT_MAX >> 20
sendmail.8|THE DROP|Up to @ KiB|sendmail/visit|VISIT_HELD >> 10
sendmail.8|THE DROP|up to @ seconds until the drop|sendmail/visit|VISIT_PATIENCE / 1000
sendmail.8|THE DROP|up to @ until the message|sendmail/visit|VISIT_CONCLUSION / 1000
sendoff.1|Flush|waits up to @ seconds for the first|sendoff/pass/flush|FLUSH_PATIENCE / 1000
sendoff.1|Flush|not before @ minutes|spool/schedule|SCHEDULE_DOUBT / 60
sendoff.1|Run|after @ minutes|sendoff/bell/run|RUN_IDLE / 60000
sendoff.1|Run|that is @ seconds after the last ring|sendoff/bell/run|RUN_LINGER / 1000
sendoff.1|Drop|and @ MiB|sendoff/drop/dropguest|DROPGUEST_SIZE_MAX >> 20
sendoff.1|Drop|of up to @ MiB|sendoff/drop/dropguest|DROPGUEST_BLOCK_MAX >> 20
sendoff.1|Drop|@ where that is 0|sendoff/drop/dropguest|DROPGUEST_QUEUED_MAX
sendoff.1|Drop|@ clients are served|sendoff/drop/dropplaces|DROPPLACES_MOST
sendoff.1|Drop|@ of each user|sendoff/drop/dropplaces|DROPPLACES_EACH
sendoff.1|Drop|A client has @ seconds|sendoff/drop/dropplaces|DROPPLACES_BEGIN / 1000
sendoff.1|DIAGNOSTICS|cut to @ octets|message/outcome|OUTCOME_TEXT_MAX
sendoff.conf.5|The section sendoff|@ messages of each|sendoff/drop/dropguest|DROPGUEST_QUEUED_MAX
sendoff.conf.5|Accounts|up to @ letters|config/config|CONFIG_NAME_MAX
sendoff.conf.5|Accounts|there are at most @.|config/config|CONFIG_ACCOUNTS_MAX
sendoff.conf.5|Accounts|up to @ of them|config/hosts|HOSTS_MOST
sendoff.conf.5|Accounts|fewer than @ messages a second|sendoff/pass/widen|WIDEN_BRISK
sendoff.conf.5|Hosts|after @ milliseconds|submit/line/race|RACE_DELAY
sendoff.conf.5|Reports|no more than @ KiB|message/bounce/bounce|BOUNCE_RETURN_MAX >> 10
sendoff.conf.5|Reports|at most @ of them|sendoff/pass/quota|QUOTA_REPORTS
sendoff.conf.5|Secrets|It has @ seconds|submit/secret/program|PROGRAM_MS / 1000
sendoff.conf.5|Secrets|@ KiB at most|submit/secret/secret|SECRET_MAX >> 10
sendoff.conf.5|Secrets|at most @ words|submit/secret/program|PROGRAM_WORDS_MAX
sendoff-oauth.7|What the program may count on|has @ seconds|submit/secret/program|PROGRAM_MS / 1000
sendoff-oauth.7|What the program may count on|may print @ KiB|submit/secret/secret|SECRET_MAX >> 10
sendoff-spool.5|The second line|attempts begun, at most @|message/block|BLOCK_ATTEMPTS_MAX
sendoff-spool.5|The second line|ended in doubt, at most @|message/block|BLOCK_DOUBTS_MAX
sendoff-spool.5|The second line|185 Ta @ Ta|message/block|BLOCK_ACCOUNT_MAX
sendoff-spool.5|The third line|233 Ta @ Ta|message/outcome|OUTCOME_TEXT_MAX
sendoff-spool.5|The other lines|in at most @ octets|message/envelope|ENVELOPE_ADDRESS_MAX
sendoff-spool.5|The other lines|and at most @|message/envelope|ENVELOPE_RECIPIENTS_MAX
sendoff-spool.5|Reading|at most @ octets|message/block|BLOCK_MAX
sendoff-spool.5|Litter|older than @ hours|spool/maildir|MAILDIR_LITTER_AGE / 3600
END
}

# One program that prints all the values, a line each.
values()
{
    {
        printf '#include <stdio.h>\n'
        figures | cut -d'|' -f4 | sort -u | sed 's/.*/#include "&.h"/'
        printf 'int main(void)\n{\n'
        figures | cut -d'|' -f5 | sed 's/.*/    printf("%lld\\n", (long long)(&));/'
        printf '}\n'
    } >values.c
    cc -std=c11 -I"$TREE/src" -o values values.c
    ./values
}

test_figures()
{
    local page section text value
    values >is
    while IFS='|' read -r page section text _ && read -r value <&3; do
        part "$page" "$section" | plain | tr '\n' ' ' >said
        [ -s said ] || fail "$page has no section $section"
        grep -qF -- "${text//@/$value}" said ||
            fail "$page, $section, does not say: ${text//@/$value}"
    done < <(figures) 3<is
}
