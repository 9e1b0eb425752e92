# What is built and run for tests: unit/ (cmocka), e2e/ (programs against real parts), tools/
# (our own scripted smarthost), fuzz/, bench/. Included by the Makefile.

CMOCKA = -lcmocka

# tests/unit/test_NAME.c tests one file; the line `// links: ARCHIVE` in it says what it needs,
# `// wraps: FUNCTION...` which calls it takes the place of, to make them fail (base/io.h).
UNIT_SOURCES = $(wildcard tests/unit/test_*.c)
UNITS        = $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SOURCES))

# A folder's archive with all that it stands on, for the linker.
under_base    = base
under_config  = config base
under_message = message base
under_smtp    = smtp message base
under_spool   = spool message base
under_sendmail = $(LINK_sendmail)
under_sendoff = $(LINK_sendoff)
under_submit  = $(LINK_submit)
libs_config   = $(INIPARSER)
libs_sendmail = $(LIBS_sendmail)
libs_sendoff  = $(LIBS_sendoff)
libs_submit   = $(LIBS_submit)

links = $(shell sed -n 's|^// links: ||p' $(1);)
wraps = $(addprefix -Wl$(comma)--wrap=,$(shell sed -n 's|^// wraps: ||p' $(1);))
comma = ,

define unit_rule
$(B)/unit/$(1): tests/unit/$(1).c $(call archives,$(under_$(call links,tests/unit/$(1).c)))
	@mkdir -p $$(@D)
	$(CC) $(ALL_CFLAGS) -Itests -MMD -MP $(ALL_LDFLAGS) $(call wraps,tests/unit/$(1).c) \
	    -o $$@ $$< $(call archives,$(under_$(call links,tests/unit/$(1).c))) \
	    $(libs_$(call links,tests/unit/$(1).c)) $(CMOCKA)
endef
$(foreach u,$(notdir $(UNITS)),$(eval $(call unit_rule,$(u))))
-include $(wildcard $(B)/unit/*.d)

.PHONY: unit units
units: $(UNITS)
unit: units
	@for u in $(UNITS); do $$u || exit 1; done

# ---- The smarthost of tests and demo: tests/tools/smarthost, over base alone.
SMARTHOST         = $(B)/tools/smarthost
SMARTHOST_SOURCES = $(wildcard tests/tools/smarthost/*.c)
SMARTHOST_OBJECTS = $(SMARTHOST_SOURCES:tests/tools/smarthost/%.c=$(B)/tools/obj/%.o)

$(B)/tools/obj/%.o: tests/tools/smarthost/%.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(SMARTHOST): $(SMARTHOST_OBJECTS) $(call archives,base)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ -lssl -lcrypto -pthread
-include $(wildcard $(B)/tools/obj/*.d)

.PHONY: smarthost
smarthost: $(SMARTHOST)

# Searches the memory of a process.
MEMORY = $(B)/tools/memory
$(MEMORY): tests/tools/memory.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# Answers DNS.
NAMES = $(B)/tools/names
$(NAMES): tests/tools/names.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# ---- End to end: a private installation against the smarthost and a real Postfix. CASES picks
# ---- some (tests/e2e/run); E2E_WRAP stands in front of the programs.
override E2E = $(abspath $(B))/e2e
# Debian packages of mail servers, unpacked here, never installed.
MTA ?= $(B)/mta
PRIVATE = PREFIX=$(E2E)/prefix SYSCONFDIR=$(E2E)/prefix/etc \
          LOCALSTATEDIR=$(E2E)/prefix/var RUNSTATEDIR=$(E2E)/prefix/run DESTDIR=

.PHONY: e2e-install
e2e-install: $(SMARTHOST) $(MEMORY) $(NAMES) $(B)/bench/tools/delay
	@. tests/tools/own.sh && own_remove '$(E2E)/prefix'
	@$(QUIET) B=$(B)/e2e/build $(PRIVATE) install

.PHONY: e2e
e2e: e2e-install
	@set -f; E2E_PREFIX=$(E2E)/prefix E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(E2E)/work \
	E2E_MTA=$(abspath $(MTA)) tests/e2e/run $(CASES)

# Real mail servers take a set of mails; their packages lie in $(MTA).
.PHONY: interop
interop: e2e-install
	@set -f; E2E_CASES=$(abspath tests/interop) E2E_PREFIX=$(E2E)/prefix \
	E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(E2E)/interop E2E_MTA=$(abspath $(MTA)) \
	tests/e2e/run $(CASES)

# Some of it under valgrind, which follows sendoff into sendoff-submit; CASES=* is all of it. Its
# build has no walls (submit/walls/build.h), as the one with sanitizers has none.
VALGRIND = valgrind -q --trace-children=yes --leak-check=full --error-exitcode=99 \
           --child-silent-after-fork=yes --log-file=%q{E2E_CASE}/memory.%p
VALGRIND_CASES = delivery:deferred_* delivery:refused_* delivery:many_on_one_connection \
                 tls:wrong_name tls:plaintext_* inject:recipients_* inject:full_disk \
                 inject:bad_address_* queue:listing trouble:421_at_end
.PHONY: e2e-valgrind
e2e-valgrind:
	E2E_WRAP='$(VALGRIND)' E2E_SLOW=10 $(MAKE) --no-print-directory B=$(B)/valgrind \
	    MTA=$(MTA) CPPFLAGS='$(CPPFLAGS) -DWITHOUT_WALLS' \
	    CASES="$(or $(CASES),$(VALGRIND_CASES))" e2e

# The same with the sanitizers built in.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
.PHONY: e2e-sanitized
e2e-sanitized:
	E2E_SLOW=3 $(MAKE) --no-print-directory B=$(B)/sanitized MTA=$(MTA) \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' LDFLAGS='$(SANITIZE)' e2e

# Real programs call an installed /usr/sbin/sendmail, in a mount namespace of their own.
CALLERS ?= $(abspath $(B))/callers
.PHONY: callers
callers: $(SMARTHOST)
	@. tests/tools/own.sh && own_claim '$(CALLERS)' && own_remove '$(CALLERS)/stage'
	@$(QUIET) B=$(CALLERS)/build PREFIX=/usr SYSCONFDIR=/etc \
	    LOCALSTATEDIR=/var RUNSTATEDIR=/run DESTDIR=$(CALLERS)/stage install
	tests/e2e/callers/fetch $(CALLERS)
	E2E_CASES=$(abspath tests/e2e/callers) E2E_CALLERS=$(CALLERS) E2E_STAGE=$(CALLERS)/stage \
	E2E_PREFIX=/usr E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(CALLERS)/work \
	tests/e2e/run $(CASES)

# All users of a host, on a host of each case's own: installed at the real paths, in a mount
# namespace (tests/e2e/system/host.sh).
SYSTEM ?= $(abspath $(B))/system
.PHONY: system system-stage
system-stage:
	@. tests/tools/own.sh && own_claim '$(SYSTEM)' && own_remove '$(SYSTEM)/stage'
	@$(QUIET) B=$(SYSTEM)/build PREFIX=/usr SYSCONFDIR=/etc \
	    LOCALSTATEDIR=/var RUNSTATEDIR=/run DESTDIR=$(SYSTEM)/stage install
system: system-stage $(SMARTHOST) $(B)/tools/traps $(B)/tools/talk
	@set -f; E2E_CASES=$(abspath tests/e2e/system) E2E_STAGE=$(SYSTEM)/stage E2E_PREFIX=/usr \
	E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(SYSTEM)/work tests/e2e/run $(CASES)

# What comes for many hosts, on such a host: Ansible runs the role, promtool reads the alerts. Both
# are Debian's, and lie in $(MTA).
.PHONY: fleet
fleet: system-stage $(SMARTHOST)
	@set -f; E2E_CASES=$(abspath tests/fleet) E2E_STAGE=$(SYSTEM)/stage E2E_PREFIX=/usr \
	E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(SYSTEM)/fleet E2E_MTA=$(abspath $(MTA)) \
	E2E_SLOW=$(or $(E2E_SLOW),3) tests/e2e/run $(CASES)

# What the manuals, README and INSTALL say is true: options, statuses, files, and each example.
.PHONY: manual
manual: system-stage $(SMARTHOST) $(NAMES)
	@set -f; E2E_CASES=$(abspath tests/manual) E2E_STAGE=$(SYSTEM)/stage E2E_PREFIX=/usr \
	E2E_TOOLS=$(abspath $(B))/tools E2E_WORK=$(SYSTEM)/manual tests/e2e/run $(CASES)

$(B)/tools/talk: tests/tools/talk.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(B)/tools/traps: tests/tools/traps.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# Units, scripts and the like: what their readers make of them.
.PHONY: etc-check
etc-check: e2e-install
	tests/etc.sh $(E2E)/prefix $(abspath $(B))/etc-check

# What shells make of the completions.
.PHONY: completions
completions: $(B)/sendoff
	tests/completion.sh $(B)/sendoff

# Other compilers, libraries and systems, as far as they can be had here.
.PHONY: port
port:
	@tests/tools/deps port
	tests/port.sh $(B)/port $(or $(CASES),portable clang musl)

# A smarthost that is hostile: each row of tests/hostile/table.txt. HOSTILE picks some by name;
# hostile-short, part of `make check`, has each kind of misbehaviour at a few stages. Hostile
# users of the host are in `make system`: CASES='hostile traps squat'.
HOSTILE     =
HOSTILE_RUN = E2E_PREFIX=$(E2E)/prefix E2E_TOOLS=$(abspath $(B))/tools \
              E2E_WORK=$(E2E)/hostile tests/hostile/run
.PHONY: hostile hostile-short
hostile: e2e-install
	@set -f; $(HOSTILE_RUN) $(HOSTILE)
hostile-short: e2e-install
	@$(HOSTILE_RUN) -s -q

.PHONY: walls
walls: all
	tests/walls.sh $(B)

# ---- The corpus: argv and stdin in, envelope, message and exit status out (tests/corpus/README).
# ---- CORPUS picks cases by a regular expression for their names.
CORPUS_RUNNER  = $(B)/corpus/corpus
CORPUS_OBJECTS = $(patsubst tests/corpus/%.c,$(B)/corpus/obj/%.o,$(wildcard tests/corpus/*.c))
CORPUS         =

$(B)/corpus/obj/%.o: tests/corpus/%.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(CORPUS_RUNNER): $(CORPUS_OBJECTS) $(call archives,base)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^
-include $(wildcard $(B)/corpus/obj/*.d)

.PHONY: corpus-build
corpus-build: $(CORPUS_RUNNER)

.PHONY: corpus
corpus: e2e-install $(CORPUS_RUNNER)
	$(CORPUS_RUNNER) -n '$(CORPUS)' $(E2E)/prefix/sbin/sendmail $(abspath $(B))/corpus/work \
	    tests/corpus/*.txt

# ---- Speed, beside programs that do the least that could be done; tests/bench/run says how.
override BENCH = $(abspath $(B))/bench
BENCH_WORK ?= $(BENCH)
BENCH_TOOLS = $(patsubst %,$(B)/bench/tools/%,limit floor rep delay stock)

$(B)/bench/obj/%.o: tests/bench/%.c | $(B)/paths.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bench/tools/delay: $(B)/bench/obj/pipe.o
$(B)/bench/tools/floor: BENCH_LIBS = -lssl -lcrypto
$(B)/bench/tools/rep: $(B)/bench/obj/arrival.o
$(BENCH_TOOLS): $(B)/bench/tools/%: $(B)/bench/obj/%.o $(B)/bench/obj/tool.o $(call archives,base)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(BENCH_LIBS)
-include $(wildcard $(B)/bench/obj/*.d)

.PHONY: bench-tools
bench-tools: $(BENCH_TOOLS) $(SMARTHOST)

.PHONY: bench bench-peers
bench: bench-tools
	@. tests/tools/own.sh && own_remove '$(BENCH)/prefix'
	$(MAKE) --no-print-directory B=$(B)/bench/build PREFIX=$(BENCH)/prefix \
	    SYSCONFDIR=$(BENCH)/prefix/etc LOCALSTATEDIR=$(BENCH)/prefix/var \
	    RUNSTATEDIR=$(BENCH)/prefix/run DESTDIR= install
	BENCH_PREFIX=$(BENCH)/prefix BENCH_TOOLS=$(BENCH)/tools BENCH_WORK=$(BENCH_WORK) \
	BENCH_SMARTHOST=$(abspath $(SMARTHOST)) BENCH_PEERS=$(BENCH)/peers \
	tests/bench/run $(abspath $(B))

# The other programs that send mail: Debian's packages, unpacked and never installed, for `bench`.
bench-peers:
	BENCH_PEERS=$(BENCH)/peers tests/bench/run --fetch

# ---- Each cell of README's table "Beside others", tried with the programs as Debian has them.
# ---- BESIDE_ROWS and BESIDE_PEERS pick some (tests/beside/table.sh, peers.sh).
.PHONY: beside
beside: deb $(SMARTHOST) $(NAMES)
	@tests/tools/deps check
	@BESIDE_TOOLS=$(abspath $(B))/tools BESIDE_DEB=$$(echo $(DEB)/sendoff_*.deb) \
	BESIDE_WORK=$(abspath $(B))/beside E2E_MTA=$(abspath $(MTA)) tests/beside/run $(abspath $(B))

# ---- Fuzzing. tests/fuzz/fuzz_NAME.c has the line `// links: ARCHIVE` as unit tests have, and
# ---- seeds in tests/fuzz/seeds/NAME/. `make fuzz` runs libFuzzer on each for FUZZ_SECONDS;
# ---- `make fuzz-replay`, part of `make check`, plays the seeds and changes of them.
FUZZ_TARGETS  = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_FLAGS    = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -U_FORTIFY_SOURCE

define fuzz_rule
$(B)/fuzz/$(1): tests/fuzz/fuzz_$(1).c $(FUZZ_MAIN) \
    $(call archives,$(under_$(call links,tests/fuzz/fuzz_$(1).c)))
	@mkdir -p $$(@D)
	$(CC) $(ALL_CFLAGS) -Itests $(ALL_LDFLAGS) $(FUZZ_LINK) -o $$@ tests/fuzz/fuzz_$(1).c \
	    $(FUZZ_MAIN) $(call archives,$(under_$(call links,tests/fuzz/fuzz_$(1).c))) \
	    $(libs_$(call links,tests/fuzz/fuzz_$(1).c))
endef
$(foreach f,$(FUZZ_TARGETS),$(eval $(call fuzz_rule,$(f))))

.PHONY: fuzz-build
fuzz-build: $(FUZZ_TARGETS:%=$(B)/fuzz/%)

.PHONY: fuzz
fuzz:
	@$(QUIET) B=$(B)/fuzzer CC=clang CFLAGS='$(FUZZ_FLAGS)' HARDEN= \
	    FUZZ_LINK=-fsanitize=fuzzer,address,undefined fuzz-build
	@for t in $(FUZZ_TARGETS); do \
	    mkdir -p $(B)/fuzzer/corpus/$$t tests/fuzz/seeds/$$t; \
	    $(B)/fuzzer/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=20 \
	        -print_final_stats=0 -verbosity=0 -artifact_prefix=$(B)/fuzzer/ \
	        $(B)/fuzzer/corpus/$$t tests/fuzz/seeds/$$t && \
	        echo "ok   $$t: $(FUZZ_SECONDS) s without a finding" || exit 1; \
	done

.PHONY: fuzz-replay
fuzz-replay:
	@$(QUIET) B=$(B)/replay FUZZ_MAIN=tests/fuzz/replay.c \
	    CFLAGS='-O1 -g $(SANITIZE)' HARDEN=-U_FORTIFY_SOURCE LDFLAGS='$(SANITIZE)' fuzz-build
	@n=0; for t in $(FUZZ_TARGETS); do \
	    $(B)/replay/fuzz/$$t tests/fuzz/seeds/$$t/* || exit 1; n=$$((n + 1)); \
	done; echo "$$n passed, 0 failed"

# ---- Faults: programs killed at each system call, calls that fail, full disks, clocks that jump,
# ---- the order of syncs (tests/fault). fault-short is part of `make check`. The tracer knows
# ---- x86-64 only; elsewhere these are left out.
FAULT_TOOLS = $(B)/tools/tracer $(B)/tools/preload.so
FAULT_CASES = flush inject order trouble
FAULT_SHORT = flush:kill* flush:*_sendoff inject order trouble
FAULT_RUN   = E2E_PREFIX=$(E2E)/prefix E2E_TOOLS=$(abspath $(B))/tools \
              E2E_WORK=$(E2E)/fault tests/fault/run

$(B)/tools/tracer: tests/fault/tracer.c tests/fault/calls.c tests/fault/calls.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.c,$^)

$(B)/tools/preload.so: tests/fault/preload.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

.PHONY: fault fault-short stress
ifeq ($(shell uname -m),x86_64)
fault: e2e-install $(FAULT_TOOLS)
	set -f; E2E_SLOW=15 $(FAULT_RUN) long $(or $(CASES),$(FAULT_CASES))

fault-short: e2e-install $(FAULT_TOOLS)
	set -f; E2E_SLOW=5 $(FAULT_RUN) short $(FAULT_SHORT)

# The size of it: make stress MESSAGES=100000 WRITERS=16
MESSAGES ?= 10000
WRITERS  ?= 16
stress: e2e-install $(FAULT_TOOLS)
	set -f; E2E_SLOW=60 MESSAGES=$(MESSAGES) WRITERS=$(WRITERS) $(FAULT_RUN) long stress
else
fault fault-short stress:
	@echo '0 passed, 0 failed, 1 skipped (x86-64 only)'
endif

# ---- The protocol of the spool as a model, walked by spin.
.PHONY: model
model:
	@tests/tools/deps model
	@tests/model/run $(B)/model
