// SPDX-License-Identifier: ISC
// A main for fuzz targets where there is no fuzzer: plays every seed named on the command line,
// and then MUTATIONS small changes of each, always the same ones.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 65536, MUTATIONS = 2000 };

static uint32_t state = 2463534242U;

static uint32_t chance(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return below ? state % below : 0;
}

// Octets that parsers care about.
static uint8_t odd_octet(void)
{
    static const uint8_t odd[] = "\0\r\n \t.<>@:;,\"\\()=+-09azAZ\x7f\x80\xc3\xff";
    return chance(4) ? odd[chance(sizeof odd - 1)] : (uint8_t)chance(256);
}

static size_t mutate(uint8_t *data, size_t size)
{
    size_t at = chance((uint32_t)size + 1), n = 1 + chance(8);
    switch (chance(4)) {
    case 0: // another octet
        if (at < size)
            data[at] = odd_octet();
        return size;
    case 1: // some more
        if (size + n > INPUT_MAX)
            return size;
        memmove(data + at + n, data + at, size - at);
        memset(data + at, odd_octet(), n);
        return size + n;
    case 2: // some less
        if (at + n > size)
            return at;
        memmove(data + at, data + at + n, size - at - n);
        return size - n;
    default: // a part once more
        n = chance((uint32_t)(size - at) + 1);
        if (size + n > INPUT_MAX)
            return size;
        memmove(data + at + n, data + at, size - at);
        return size + n;
    }
}

// From memory of its own size, so that a checker sees each octet read behind the end.
static void play(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t read_seed(const char *name, uint8_t *data)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        perror(name);
        exit(1);
    }
    size_t size = fread(data, 1, INPUT_MAX, f);
    fclose(f);
    return size;
}

int main(int argc, char **argv)
{
    static uint8_t seed[INPUT_MAX], data[INPUT_MAX];
    for (int i = 1; i < argc; i++) {
        size_t size = read_seed(argv[i], seed);
        play(seed, size);
        for (int m = 0; m < MUTATIONS; m++) {
            size_t n = size;
            memcpy(data, seed, size);
            for (uint32_t times = 1 + chance(4); times; times--)
                n = mutate(data, n);
            play(data, n);
        }
    }
    printf("%s: %d seeds, %d inputs\n", argv[0], argc - 1, (argc - 1) * (MUTATIONS + 1));
    return 0;
}
