// SPDX-License-Identifier: ISC
// memory PID: searches the memory of a process for each line of standard input, and prints
// those lines that are found somewhere in it. The words do not stand in argv, so that searches
// of command lines do not find this one.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { WORDS_MAX = 32, WORD_MAX = 1024, PIECE = 1 << 20 };

static char words[WORDS_MAX][WORD_MAX];
static bool found[WORDS_MAX];
static size_t n_words;

static void read_words(void)
{
    while (n_words < WORDS_MAX && fgets(words[n_words], WORD_MAX, stdin)) {
        words[n_words][strcspn(words[n_words], "\n")] = '\0';
        if (words[n_words][0])
            n_words++;
    }
}

// Pieces overlap, so that no word is cut. Returns how many octets could be read.
static unsigned long long search(int memory, unsigned long long from, unsigned long long to)
{
    static char piece[PIECE];
    unsigned long long all = 0;
    while (from < to) {
        size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
        ssize_t n = pread(memory, piece, want, (off_t)from);
        if (n <= 0)
            return all;
        for (size_t i = 0; i < n_words; i++)
            if (memmem(piece, (size_t)n, words[i], strlen(words[i])))
                found[i] = true;
        all += (unsigned long long)n;
        if (n <= WORD_MAX)
            return all;
        from += (unsigned long long)n - (from + (unsigned long long)n < to ? WORD_MAX : 0);
    }
    return all;
}

int main(int argc, char **argv)
{
    char path[64], line[512];
    unsigned long long from, to, all = 0;
    if (argc != 2)
        return EX_USAGE;
    read_words();
    snprintf(path, sizeof path, "/proc/%s/maps", argv[1]);
    FILE *maps = fopen(path, "re");
    snprintf(path, sizeof path, "/proc/%s/mem", argv[1]);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (!maps || memory < 0) {
        perror(path);
        return EX_NOINPUT;
    }
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%llx-%llx r", &from, &to) == 2)
            all += search(memory, from, to);
    if (all == 0) {
        fprintf(stderr, "memory: nothing could be read\n");
        return EX_IOERR;
    }
    for (size_t i = 0; i < n_words; i++)
        if (found[i])
            puts(words[i]);
    return EX_OK;
}
