# SPDX-License-Identifier: ISC
# bench.svg from goals.tsv, results.tsv and queues.tsv (rows.sh), in that order: for each row a bar
# for each program, from the floor's time to the program's, on a logarithmic scale. Its colours
# can be read on white and on black.
BEGIN {
    FS = "\t"
    LEFT = 130
    WIDTH = 430
    DECADES = 3
    BAR = 17
    programs = split("sendoff msmtp nullmailer dma Exim OpenSMTPD Postfix", program, " ")
    y = 30
}

function time_of(ms)
{
    return ms < 100 ? sprintf("%.3g ms", ms) : sprintf("%.3g s", ms / 1000)
}

function text(x, class, words)
{
    body = body sprintf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, words)
}

function times(ratio)
{
    return sprintf(ratio < 10 ? "%.2f x" : ratio < 100 ? "%.1f x" : "%.0f x", ratio)
}

# How far from the floor's line.
function length_of(ratio,    n)
{
    n = log(ratio) / log(10) / DECADES * WIDTH
    return n < -20 ? -20 : n > WIDTH ? WIDTH : n
}

function bar(name, ratio, words, class,    n, x)
{
    y += BAR
    text(LEFT - 30, "name", name)
    n = length_of(ratio)
    x = n < 0 ? LEFT + n : LEFT
    body = body sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>\n", \
        x, y - 10, n < 0 ? -n : n < 1.5 ? 1.5 : n, BAR - 5, class)
    text(LEFT + (n < 0 ? 0 : n) + 6, class == "us" ? "ours" : "value", words)
}

FILENAME ~ /goals/ {
    rows = rows + 1
    row[rows] = $1
    work[$1] = $2
}

FILENAME ~ /results/ {
    ms[$1, $2] = $3
    ratio[$1, $2] = $4
    part[$1, $2] = $9
}

FILENAME ~ /queues/ {
    queues = queues + 1
    length_of_queue[queues] = $1
    each[queues] = $4
    least[queues] = $5
}

END {
    for (i = 1; i <= rows; i++) {
        name = row[i]
        y += BAR + 8
        text(LEFT, "title", work[name] ": floor " time_of(ms[name, "floor"]))
        for (p = 1; p <= programs; p++) {
            who = program[p]
            if (ms[name, who] == "" || ms[name, who] == "-")
                continue
            bar(who, ratio[name, who], \
                times(ratio[name, who]) ", " (part[name, who] == "-" ? "" : "about ") \
                    time_of(ms[name, who]), who == "sendoff" ? "us" : "them")
        }
    }
    if (queues) {
        y += BAR + 8
        text(LEFT, "title", "cost of a message in a flush, by length of the queue")
        for (i = 1; i <= queues; i++)
            bar(length_of_queue[i], each[i] / least[i], \
                times(each[i] / least[i]) sprintf(", %.3f ms", each[i]), "us")
    }
    height = y + 26
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" width=\"760\"" \
        " height=\"%d\" role=\"img\" aria-label=\"Speed of sendoff and others\">\n", height, height
    print "<style>text{font:12px sans-serif;fill:#768390}.name{text-anchor:end}" \
        ".title{font-weight:bold}.ours{fill:#3584e4;font-weight:bold}" \
        ".us{fill:#3584e4}.them{fill:#8b949e}" \
        ".line{stroke:#8b949e;stroke-width:1;stroke-opacity:.35}.tick{text-anchor:middle}</style>"
    for (d = 0; d <= DECADES; d++) {
        x = LEFT + d / DECADES * WIDTH
        printf "<line x1=\"%.1f\" y1=\"24\" x2=\"%.1f\" y2=\"%d\" class=\"line\"/>\n", x, x, \
            height - 12
        printf "<text x=\"%.1f\" y=\"16\" class=\"tick\">%s</text>\n", x, \
            d == 0 ? "floor" : 10 ^ d " x"
    }
    printf "%s</svg>\n", body
}
