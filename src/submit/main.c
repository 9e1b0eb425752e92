// SPDX-License-Identifier: ISC
// sendoff-submit [-v] CONFIG ACCOUNT        jobs on descriptor 0, outcomes on 1 (one socket)
// sendoff-submit --check [-v] CONFIG ACCOUNT
#include <string.h>
#include <sysexits.h>

#include "base/diag.h"
#include "base/process.h"
#include "submit/run.h"

static int usage(void)
{
    diag_warn("usage: sendoff-submit [--check] [-v] CONFIG ACCOUNT (it is started by sendoff)");
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    struct run_order order = {0};
    int i = 1;
    (void)process_begin();
    diag_name("sendoff-submit");
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-v"))
            order.verbose = true;
        else if (!strcmp(argv[i], "--check"))
            order.check = true;
        else
            return usage();
    }
    if (argc - i != 2)
        return usage();
    order.config = argv[i];
    order.account = argv[i + 1];
    return run(&order);
}
