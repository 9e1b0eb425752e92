# SPDX-License-Identifier: ISC
# Reads a trace of the tracer's, and prints each breach of the order that a power cut asks for
# (sendoff-spool(5)):
#   a message is written, synced, renamed to new/, new/ is synced; only then exit 0
#   a report is durable before its subject is removed
#   the claim of a message with several recipients is synced before it is handed to the courier;
#   the ids of those come in as -v several="ID ID"
#   a mark is synced, and so is the directory of each name that went or came, before the log says
#   what became of the message, and before the lock of the spool is let go
# At the end it prints how many such things it saw.

function breach(what) {
    print "BREACH " FNR ": " what ": " $0
}

function parent(path) {
    sub(/\/[^\/]*$/, "", path)
    return path
}

function base(path) {
    sub(/.*\//, "", path)
    return path
}

# By what is not on the disk yet, someone would be misled about the message `id` ("": any).
function must_be_durable(id, what,    f) {
    for (f in dirty)
        if ((id == "" || base(f) == id) && !gone[f])
            breach(what ", and not synced: " f)
    for (f in changed)
        if (id == "" || (f SUBSEP id) in entries)
            breach(what ", and not synced: " f)
}

function change(path) {
    changed[parent(path)] = 1
    entries[parent(path), base(path)] = 1
}

BEGIN {
    n = split(several, ids)
    for (i = 1; i <= n; i++)
        many[ids[i]] = 1
}

# A call that failed did nothing.
$NF < 0 { next }

{ call = $2; path = $3 ~ /^fd=/ ? $4 : $3 }

call ~ /^(write|pwrite64|writev|ftruncate|utimensat)$/ && path ~ /\/(tmp|new|cur)\/[^\/]*$/ {
    dirty[path] = 1
    writes++
    if (call == "pwrite64" && base(path) in many && !(path in claimed))
        claimed[path] = claim = path
}

call ~ /^f(data)?sync$/ {
    syncs++
    delete dirty[path]
    if (path in changed) {
        delete changed[path]
        for (e in entries)
            if (index(e, path SUBSEP) == 1)
                delete entries[e]
    }
}

call ~ /^(renameat2?|linkat)$/ && $4 ~ /\/(new|cur)\/[^\/]*$/ {
    if ($3 ~ /\/tmp\//) {
        published++
        if ($3 in dirty)
            breach("published, and not synced")
        fresh[$4] = 1
    }
    change($4)
    if ($3 !~ /\/tmp\//)
        change($3)
    renames++
}

call == "sendmsg" && $1 == "sendoff" {
    if (claim in dirty)
        breach("handed over, and its claim is not synced")
    claim = ""
}

call == "unlinkat" && path ~ /\/(new|cur)\/[^\/]*$/ {
    for (f in fresh)
        if ((parent(f), base(f)) in entries)
            breach("removed, and not synced: " f)
    gone[path] = 1
    change(path)
    removals++
}

call == "write" && / status=(sent|deferred|bounced) / {
    id = $0
    sub(/^[^"]*"[a-z]*: /, "", id)
    sub(/:.*/, "", id)
    must_be_durable(id, "told")
    told++
}

# The lock goes with its descriptor.
call == "close" && path ~ /\/lock$/ && $1 == "sendoff" {
    must_be_durable("", "unlocked")
    unlocked++
}

call == "exit_group" && $3 == "0" && $1 == "sendmail" {
    must_be_durable("", "exit 0")
    exits++
}

END {
    printf "published=%d writes=%d syncs=%d removals=%d told=%d unlocked=%d exits=%d\n",
        published, writes, syncs, removals, told, unlocked, exits
}
