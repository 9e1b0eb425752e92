// SPDX-License-Identifier: ISC
// sendoff-submit [-v] [--progress] CONFIG ACCOUNT      jobs on descriptor 0, outcomes on 1
//                                                      (one socket)
// sendoff-submit --check [-v] [--from ADDRESS --to ADDRESS] CONFIG ACCOUNT
// sendoff-submit --find DOMAIN
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/process.h"
#include "submit/find.h"
#include "submit/run.h"

static int usage(void)
{
    diag_warn("usage: sendoff-submit [--check] [-v] CONFIG ACCOUNT (it is started by sendoff)");
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    struct run_order order = {.from = "", .to = ""};
    int i = 1;
    (void)process_begin();
    diag_name("sendoff-submit");
    if (argc == 3 && !strcmp(argv[1], "--find"))
        _exit(find(argv[2])); // a thread of the resolver's may be at work still: it is left
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-v"))
            order.verbose = true;
        else if (!strcmp(argv[i], "--check"))
            order.check = true;
        else if (!strcmp(argv[i], "--progress"))
            order.progress = true;
        else if (!strcmp(argv[i], "--from") && i + 1 < argc)
            order.from = argv[++i];
        else if (!strcmp(argv[i], "--to") && i + 1 < argc)
            order.to = argv[++i];
        else
            return usage();
    }
    if (argc - i != 2)
        return usage();
    order.config = argv[i];
    order.account = argv[i + 1];
    return run(&order);
}
