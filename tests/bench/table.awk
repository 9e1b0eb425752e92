# SPDX-License-Identifier: ISC
# bench.md from goals.tsv, results.tsv and queues.tsv (rows.sh), in that order.
BEGIN {
    FS = "\t"
    programs = split("sendoff msmtp nullmailer dma Exim OpenSMTPD Postfix", program, " ")
}

function time_of(ms)
{
    return ms < 100 ? sprintf("%.2f ms", ms) : sprintf("%.2f s", ms / 1000)
}

function mib(kib)
{
    return sprintf("%.1f MiB", kib / 1024)
}

# What `value` must not exceed, in words; and remembers whether it does.
function within(value, limit, words)
{
    if (limit == "-")
        return ""
    if (value == "-" || value > limit + 0)
        met = "no"
    return (goal == "" ? "" : ", ") words
}

FILENAME ~ /goals/ {
    rows = rows + 1
    row[rows] = $1
    work[$1] = $2
    most_ratio[$1] = $3
    most_ms[$1] = $4
    most_connections[$1] = $5
    most_kib[$1] = $6
}

FILENAME ~ /results/ {
    ms[$1, $2] = $3
    ratio[$1, $2] = $4
    cpu[$1, $2] = $5
    kib[$1, $2] = $6
    connections[$1, $2] = $7
    flights[$1, $2] = $8
    part[$1, $2] = $9
    seen[$2] = 1
}

FILENAME ~ /queues/ { queues = queues "| " $1 " | " time_of($2) " | " time_of($3) " | " \
    sprintf("%.3f ms | %.3f ms | %.2f", $4, $5, $4 / $5) " | " mib($6) " | " mib($7) " |\n" }

function ours(name,    r)
{
    r = ratio[name, "sendoff"]
    met = "yes"
    goal = ""
    goal = goal within(r, most_ratio[name], most_ratio[name] " x")
    goal = goal within(ms[name, "sendoff"], most_ms[name], time_of(most_ms[name]))
    goal = goal within(kib[name, "sendoff"], most_kib[name], mib(most_kib[name]))
    goal = goal within(connections[name, "sendoff"], most_connections[name], \
        most_connections[name] (most_connections[name] == 1 ? " connection" : " connections"))
    printf "| %s | %s | %s | %.2f | %s | %s | %s | %s | %s | %s |\n", work[name], \
        time_of(ms[name, "sendoff"]), time_of(ms[name, "floor"]), r, goal, met, \
        cpu[name, "sendoff"] == "-" ? "-" : sprintf("%.2f", cpu[name, "sendoff"]), \
        connections[name, "sendoff"], \
        flights[name, "sendoff"] == "-" ? "-" : \
            flights[name, "sendoff"] " (floor " flights[name, "floor"] ")", \
        mib(kib[name, "sendoff"])
}

function cell(name, who)
{
    if (ms[name, who] == "" || ms[name, who] == "-")
        return "-"
    if (who != "sendoff" && who != "dma" && ratio[name, who] + 0 < ratio[name, "sendoff"] + 0)
        ahead = ahead "\n* " who ": " work[name]
    return (part[name, who] == "-" ? "" : "~ ") time_of(ms[name, who]) \
        sprintf(" (%.1f)", ratio[name, who]) \
        (connections[name, who] == "-" ? "" : ", " connections[name, who])
}

END {
    print "# Speed, as ratios to programs that do the least\n"
    print machine "\n"
    print "| work | sendoff | floor | ratio | at most | met | CPU ratio | connections | flights |" \
        " peak memory |"
    print "|---|---|---|---|---|---|---|---|---|---|"
    for (i = 1; i <= rows; i++)
        ours(row[i])
    if (queues != "") {
        print "\n## Long queues\n"
        print "| messages | listed in | first accepted after | cost of a message | floor | ratio |" \
            " memory, listing | memory, flush |"
        print "|---|---|---|---|---|---|---|---|"
        printf "%s", queues
    }
    others = 0
    for (p = 2; p <= programs; p++)
        others += seen[program[p]]
    if (!others) {
        print "\nOther programs were not measured: `make bench-peers` fetches them, as root."
        exit
    }
    print "\n## Beside others\n"
    print "Time, in brackets the ratio to the floor, then the connections that were made.\n"
    head = "| work | floor |"
    line = "|---|---|"
    for (p = 1; p <= programs; p++) {
        head = head " " program[p] " |"
        line = line "---|"
    }
    print head "\n" line
    for (i = 1; i <= rows; i++) {
        text = "| " work[row[i]] " | " time_of(ms[row[i], "floor"]) " |"
        for (p = 1; p <= programs; p++)
            text = text " " cell(row[i], program[p]) " |"
        print text
    }
    print "\n~ was measured on a part of the messages. All verify the certificate but dma, which" \
        " can not.\nmsmtp has no queue: it sends at once, and what is flushed is files, one by one."
    print ahead == "" ? "In no row is one that verifies ahead of sendoff." : \
        "Ahead of sendoff, though they verify:\n" ahead
}
