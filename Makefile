# sendoff: one Makefile, no configure, no recursion. `make help` lists what there is to make.

VERSION       = 0.1.0

# A caller without an environment (env -i) has no PATH; recipes need one.
ifeq ($(PATH),)
export PATH = /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
endif

PREFIX        ?= /usr/local
BINDIR        ?= $(PREFIX)/bin
SBINDIR       ?= $(PREFIX)/sbin
LIBEXECDIR    ?= $(PREFIX)/libexec
MANDIR        ?= $(PREFIX)/share/man
SYSCONFDIR    ?= /etc
LOCALSTATEDIR ?= /var
RUNSTATEDIR   ?= /run

# The accounts that sendoff-submit and the drop run as.
SUBMIT_USER   ?= sendoff
DROP_USER     ?= sendoff-drop

B      ?= build
CC     ?= cc
AR     ?= ar
PYTHON ?= python3

# All that is made lies below B, and is removed with it: it is a directory of its own, not one of
# the tree, nor above it.
ifneq ($(words $(B)),1)
$(error B names one directory, not "$(B)")
endif
ifneq ($(filter $(abspath $(B))/%,$(CURDIR)/ $(abspath $(HOME))/ //)$(filter $(foreach \
    d,src tests etc man .git .ci,$(CURDIR)/$(d)/%),$(abspath $(B))/),)
$(error B has to be a directory of its own, not "$(B)")
endif

# Processors guard jumps and returns each in its own way.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
BRANCHES = $(if $(filter x86_64% i386% i486% i586% i686%,$(MACHINE)),-fcf-protection)$(if $(filter \
           aarch64%,$(MACHINE)),-mbranch-protection=standard)

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes -Wconversion \
         -Wstrict-prototypes -Wvla -Wwrite-strings
HARDEN = -fPIE -fstack-protector-strong -fstack-clash-protection $(BRANCHES) \
         -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
CFLAGS ?= -O2 -g
ALL_CFLAGS  = -std=c11 -Isrc -I$(B) $(WARN) $(HARDEN) $(CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)

# For what is built on the way to something else: in silence, on all processors.
QUIET = $(MAKE) --no-print-directory -s -j$(or $(JOBS),2)

# ---- The house. A folder is one archive; a program's main.c stays out of it, so that tests can
# ---- link everything else. What a program links is what its line below names, and no more.
LIBRARIES = base config message spool smtp
PROGRAMS  = sendmail sendoff submit

LINK_sendmail = sendmail spool message config base
LINK_sendoff  = sendoff spool message config base
LINK_submit   = submit smtp message config base
LIBS_sendmail = $(INIPARSER)
LIBS_sendoff  = $(INIPARSER)
LIBS_submit   = $(INIPARSER) -lssl -lcrypto -lsasl2 $(SECCOMP) -pthread
NAME_submit   = sendoff-submit

# iniparser is linked statically where its archive is there: one library less to find at start.
INIPARSER ?= -Wl,-Bstatic -liniparser -Wl,-Bdynamic

# sendoff-submit filters its system calls where libseccomp is there. `SECCOMP=` leaves that out.
ifeq ($(origin SECCOMP),undefined)
SECCOMP := $(shell pkg-config --libs libseccomp 2>/dev/null)
endif
$(B)/obj/submit/walls/filter.o: ALL_CFLAGS += $(shell pkg-config --cflags libseccomp 2>/dev/null)

# `make PORTABLE=1` uses nothing that only Linux has (src/base/port.h).
ifneq ($(strip $(PORTABLE)),)
ALL_CFLAGS += -DPORTABLE
SECCOMP    :=
endif

FOLDERS  = $(LIBRARIES) $(PROGRAMS)
sources  = $(filter-out %/main.c,$(wildcard src/$(1)/*.c src/$(1)/*/*.c))
objects  = $(patsubst src/%.c,$(B)/obj/%.o,$(call sources,$(1)))
archives = $(foreach a,$(1),$(B)/lib$(a).a)
name     = $(or $(NAME_$(1)),$(1))

BINARIES = $(foreach p,$(PROGRAMS),$(B)/$(call name,$(p)))

.PHONY: all
all: $(BINARIES)

# ---- Paths are compiled in; a change of one rebuilds what holds it.
$(B)/paths.h: FORCE
	@mkdir -p $(B)
	@{ echo '// Made by the Makefile from its path variables.'; \
	   echo '#define PATH_SYSCONF "$(SYSCONFDIR)"'; \
	   echo '#define PATH_LOCALSTATE "$(LOCALSTATEDIR)"'; \
	   echo '#define PATH_RUNSTATE "$(RUNSTATEDIR)"'; \
	   echo '#define PATH_SENDOFF "$(BINDIR)/sendoff"'; \
	   echo '#define PATH_SUBMIT "$(LIBEXECDIR)/sendoff-submit"'; \
	   echo '#define ACCOUNT_SUBMIT "$(SUBMIT_USER)"'; \
	   echo '#define ACCOUNT_DROP "$(DROP_USER)"'; \
	   $(if $(strip $(SECCOMP)),echo '#define WITH_SECCOMP 1';) \
	   echo '#define SENDOFF_VERSION "$(VERSION)"'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

$(B)/obj/%.o: src/%.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define folder_rule
$(B)/lib$(1).a: $(call objects,$(1))
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rule,$(f))))

define program_rule
$(B)/$(call name,$(1)): $(B)/obj/$(1)/main.o $(call archives,$(LINK_$(1)))
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $$@ $$^ $(LIBS_$(1))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

-include $(foreach f,$(FOLDERS),$(wildcard $(B)/obj/$(f)/*.d $(B)/obj/$(f)/*/*.d))

# ---- Installing. All paths follow the variables above; DESTDIR stages a package.
DOCDIR  ?= $(PREFIX)/share/doc/sendoff
MANUALS  = $(wildcard man/*.[1-8])
# They have the paths of an installation without any variable; as installed, those of this one.
IN_MANUALS = -e 's|/usr/local/libexec/sendoff-|$(LIBEXECDIR)/sendoff-|g' \
             -e 's|/usr/local/bin/sendoff|$(BINDIR)/sendoff|g' \
             -e 's|/usr/local/share/sendoff|$(PREFIX)/share/sendoff|g' \
             -e 's|/etc/sendoff|$(SYSCONFDIR)/sendoff|g' \
             -e 's|/var/spool/sendoff|$(LOCALSTATEDIR)/spool/sendoff|g' \
             -e 's|/var/lib/sendoff|$(LOCALSTATEDIR)/lib/sendoff|g' \
             -e 's|/run/sendoff|$(RUNSTATEDIR)/sendoff|g'
D        = $(DESTDIR)

include etc/etc.mk
include etc/packages/packages.mk

.PHONY: install
install: all install-etc
	@install -d $(D)$(SBINDIR) $(D)$(BINDIR) $(D)$(LIBEXECDIR) $(D)$(PREFIX)/lib $(D)$(DOCDIR)
	install -m 755 $(B)/sendmail $(D)$(SBINDIR)/sendmail
	install -m 755 $(B)/sendoff $(D)$(BINDIR)/sendoff
	install -m 755 $(B)/sendoff-submit $(D)$(LIBEXECDIR)/sendoff-submit
	ln -sf $(SBINDIR)/sendmail $(D)$(BINDIR)/mailq
	ln -sf $(SBINDIR)/sendmail $(D)$(BINDIR)/newaliases
	ln -sf $(SBINDIR)/sendmail $(D)$(PREFIX)/lib/sendmail
	install -m 644 etc/sendoff.conf README.md INSTALL LICENSE $(D)$(DOCDIR)
	for page in $(MANUALS); do \
	    dir=$(D)$(MANDIR)/man$${page##*.}; \
	    install -d $$dir && sed $(IN_MANUALS) $$page >$(B)/page && \
	        install -m 644 $(B)/page $$dir/$${page##*/} || exit 1; \
	done
	install -d $(D)$(SYSCONFDIR)/sendoff
	install -d -m 1733 $(D)$(LOCALSTATEDIR)/spool/sendoff
	install -d -m 700 $(D)$(LOCALSTATEDIR)/spool/sendoff/0
	install -d -m 700 $(D)$(LOCALSTATEDIR)/lib/sendoff

.PHONY: uninstall
uninstall: uninstall-etc
	rm -f $(D)$(SBINDIR)/sendmail $(D)$(BINDIR)/sendoff $(D)$(LIBEXECDIR)/sendoff-submit
	rm -f $(D)$(BINDIR)/mailq $(D)$(BINDIR)/newaliases $(D)$(PREFIX)/lib/sendmail
	rm -f $(foreach f,sendoff.conf README.md INSTALL LICENSE,$(D)$(DOCDIR)/$(f))
	-[ ! -d $(D)$(DOCDIR) ] || rmdir $(D)$(DOCDIR)
	for page in $(MANUALS); do \
	    rm -f $(D)$(MANDIR)/man$${page##*.}/$${page##*/}; \
	done

# ---- What a newcomer runs.
.PHONY: deps
deps:
	@tests/tools/deps build

.PHONY: demo
demo:
	@tests/tools/deps build
	@tests/tools/demo

# All tests; what each runner prints last is its count.
.PHONY: check
check:
	@case '$(abspath $(B))/' in /usr/* | /etc/* | /var/*) echo 'check: tests lay file systems over' \
	    '/usr, /etc and /var: let B be elsewhere, as in `make check B=/tmp/sendoff`' >&2; exit 1;; esac
	@tests/tools/deps check
	@. tests/tools/untouched.sh && untouched_begin && $(MAKE) --no-print-directory all unit \
	    fuzz-replay corpus walls completions etc-check e2e hostile-short system manual \
	    e2e-sanitized e2e-valgrind fault-short && untouched_end

.PHONY: lint
lint:
	@tests/tools/deps check
	@tests/lint.sh $(B)

.PHONY: help
help:
	@echo 'make            the programs, in $(B)/'
	@echo 'make demo       a mail from stdin to a smarthost on loopback, before your eyes'
	@echo 'make check      all tests (installs from Debian what they need)'
	@echo 'make install    to PREFIX=$(PREFIX); see INSTALL for the other paths'
	@echo 'make deb        a Debian package, in $(B)/deb'
	@echo 'make deb-test   the package installed, used, upgraded, purged; make packages-check: others'
	@echo 'make port       musl, clang, and without what only Linux has; make dist: a tarball'
	@echo 'make lint       what compilers and checkers say, and the rules of the house'
	@echo 'make system     all users of a host, and what they may do to each other'
	@echo 'make manual     what the manuals say, tried out: options, statuses, files, examples'
	@echo 'make interop    the same mails through mail servers from Debian packages'
	@echo 'make fleet      many hosts: the Ansible role and the alerts, tried out'
	@echo 'make callers    PHP, cron, mutt and the like through /usr/sbin/sendmail'
	@echo 'make hostile    a smarthost that lies, hangs, floods and breaks off, in a table'
	@echo 'make fault      killed and failed at each system call; make stress: under load'
	@echo 'make model      the protocol of the spool, walked by spin'
	@echo 'make bench      speed, as ratios to floor programs in the same run; make bench-peers'
	@echo '                fetches other mail programs, which are measured beside then (as root)'
	@echo 'make beside     each cell of the table "Beside others" of README.md (as root, Debian 12)'
	@echo 'make fuzz       each fuzz target for FUZZ_SECONDS (default 60)'

.PHONY: clean
clean:
	rm -rf $(abspath $(B))

include tests/tests.mk
