// SPDX-License-Identifier: ISC
// libc has no functions for Landlock, and the kernel's header is often older than the kernel:
// so what is needed of it stands here.
#define _GNU_SOURCE
#include "submit/walls/landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/port.h"

enum { // the same on all architectures but Alpha
    CREATE_RULESET = 444,
    ADD_RULE = 445,
    RESTRICT_SELF = 446
};

enum { RULESET_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

#define READ_FILE   (UINT64_C(1) << 2)
#define READ_DIR    (UINT64_C(1) << 3)
#define CONNECT_TCP (UINT64_C(1) << 1)

struct ruleset {
    uint64_t files;  // what is forbidden where no rule allows it
    uint64_t net;    // likewise
    uint64_t scoped; // what does not reach out of this process
};

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

struct port_rule {
    uint64_t allowed;
    uint64_t port;
};

// What each version of the ABI knows to forbid; the last one holds for all later versions.
static const struct ruleset versions[] = {
    {0, 0, 0},
    {(UINT64_C(1) << 13) - 1, 0, 0},           // to execute, write, read, list, make, remove
    {(UINT64_C(1) << 14) - 1, 0, 0},           // to link and rename across directories
    {(UINT64_C(1) << 15) - 1, 0, 0},           // to truncate
    {(UINT64_C(1) << 15) - 1, CONNECT_TCP, 0}, // binding is harmless without listening
    {(UINT64_C(1) << 16) - 1, CONNECT_TCP, 0}, // ioctl on devices
    {(UINT64_C(1) << 16) - 1, CONNECT_TCP, 3}, // abstract UNIX sockets and signals
};

// Public: programs, libraries and data of the system, and what the resolver goes by. NSS loads
// its modules when the first name is looked up, and some of them ask a service in /run. What is
// not there is passed over.
static const char *const public[] = {
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/networks",
    "/etc/hostname",
    "/etc/machine-info",
    "/etc/mdns.allow",
    "/etc/passwd",
    "/etc/ld.so.cache",
    "/etc/ld-musl-x86_64.path",
    "/etc/ld-musl-aarch64.path",
    "/etc/localtime",
    "/etc/krb5.conf",
    "/etc/krb5.conf.d",
    "/etc/gss",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/pki/tls/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/run/systemd/resolve",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/run/nscd",
    "/var/lib/misc",
    "/var/lib/sss",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/proc/sys",
    "/sys/devices/system/cpu",
};

// Lets a file be read, or all below a directory. It need not be there.
static int allow_path(int rules, int dir, const char *name)
{
    struct stat st;
    int fd = io_open(dir, name, IO_PATH, 0);
    int bad = 0;
    if (fd < 0)
        return 0;
    if (io_stat(fd, &st) == 0) {
        const struct path_rule rule = {
            .allowed = S_ISDIR(st.st_mode) ? READ_FILE | READ_DIR : READ_FILE, .fd = fd};
        bad = (int)syscall(ADD_RULE, rules, RULE_PATH, &rule, 0);
    }
    io_close(fd);
    return bad;
}

// The names in a directory of certificates may be links that lead elsewhere.
static int allow_links(int rules, const char *path)
{
    int bad = 0;
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        io_close(fd);
        return 0;
    }
    for (struct dirent *entry; !bad && (entry = readdir(dir));)
        if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
            bad = entry->d_name[0] != '.' && allow_path(rules, fd, entry->d_name);
    closedir(dir);
    return bad;
}

static int allow_ports(int rules, const uint16_t *ports)
{
    for (; *ports; ports++) {
        const struct port_rule rule = {.allowed = CONNECT_TCP, .port = *ports};
        if (syscall(ADD_RULE, rules, RULE_PORT, &rule, 0))
            return -1;
    }
    return 0;
}

static int allow_all(int rules, const struct landlock_order *o, bool net)
{
    for (size_t i = 0; i < sizeof public / sizeof *public; i++)
        if (allow_path(rules, AT_FDCWD, public[i]))
            return -1;
    for (const char *const *tree = o->trees; *tree; tree++)
        if (allow_path(rules, AT_FDCWD, *tree))
            return -1;
    if (o->links[0] && allow_links(rules, o->links))
        return -1;
    return net ? allow_ports(rules, o->ports) : 0;
}

int landlock_close(const struct landlock_order *o)
{
    long version = PORT_LINUX ? syscall(CREATE_RULESET, NULL, 0, RULESET_VERSION) : 0;
    int last = sizeof versions / sizeof *versions - 1;
    if (!PORT_LINUX)
        errno = ENOSYS;
    if (version <= 0)
        return -1;
    struct ruleset forbidden = versions[version < last ? version : last];
    if (!o->ports)
        forbidden.net = 0;
    int rules = (int)syscall(CREATE_RULESET, &forbidden, sizeof forbidden, 0);
    if (rules < 0)
        return -1;
    int bad = allow_all(rules, o, forbidden.net != 0);
    if (!bad)
        bad = (int)syscall(RESTRICT_SELF, rules, 0);
    io_close(rules);
    return bad ? -1 : (int)version;
}
