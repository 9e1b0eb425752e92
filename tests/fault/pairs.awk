# SPDX-License-Identifier: ISC
# The oracle's eye: which message went, or is still to go, to which recipient.
#
# awk -f pairs.awk -v n=N ORIGINAL... FILE...: the first N files are messages as they were handed
# in; the others are files of a spool or of the smarthost. For each of those it prints
#   P MESSAGE-ID RECIPIENT   a recipient that waits for it, or got it
#   R MESSAGE-ID RECIPIENT   it is a report of the failure of that message for that recipient;
#                            the id is "?" where the message's header could not be read for it
#   S MESSAGE-ID RECIPIENT   a recipient that is done with, in a file of the spool
#   T FILE                   it is cut short, or otherwise not what was handed in
# A message that was not handed in has to be a report, whole to its last boundary.

function begin_file() {
    file = FILENAME
    seen++
    original = seen <= n
    message = original
    text = id = fated = last = ""
    count = reports = wanted = size = 0
    spool = 0
}

function end_file(    i, j) {
    if (original) {
        known[id] = text
        return
    }
    for (i = 0; i < count; i++)
        print state[i], id, recipient[i]
    for (i = 0; i < reports; i++)
        print "R", fated == "" ? "?" : fated, failed[i]
    if (!message || !count || !(id in known ? known[id] == text : reports && last ~ /^--.*--$/))
        print "T", file
}

FNR == 1 {
    if (seen)
        end_file()
    begin_file()
}

!message && FNR == 1 && /^Sendoff-Spool: 1 block=/ {
    spool = 1
    wanted = substr($3, 7) + 0
}

!message && spool {
    size += length($0) + 1
    if (/^Sendoff-Recipient: /) {
        recipient[count] = $NF
        state[count++] = $2 == "W" ? "P" : "S"
    }
    message = size >= wanted
    next
}

!message {
    if (/^RCPT TO:/) {
        recipient[count] = substr($2, 4)
        state[count++] = "P"
    }
    message = /^$/
    next
}

{
    sub(/\r$/, "")
    text = text $0 "\n"
    if ($0 != "")
        last = $0
    if (/^Message-ID: /) {
        if (id == "")
            id = $2
        else
            fated = $2
    }
    if (/^Final-Recipient: /)
        failed[reports++] = "<" $3 ">"
}

END {
    if (seen)
        end_file()
}
