# test.mk - what the build, the demo and the tests need, and how they are run
#
# A target that installs something does the rest in a second make, because the
# first one has read the machine's state before. Of two such makes at a time, one
# would link again what the other's tests run: so these targets come one after the
# other, with -j as well.
second_make := analyze bench bench-doc check check-% conformance coverage demo \
	dist dist-% foreign-% fuzz image lint packages
ifneq ($(filter $(second_make),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

as_root = test "$$(id -u)" = 0 || \
	{ echo 'make $@ needs root, for its network namespaces' >&2; exit 1; }
# submake builds with all processors, where nobody said with how many.
submake = +$(MAKE) --no-print-directory \
	$(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))
# Sanitizers are slow, and so are the deadlines of unit tests then.
run_tests = $(if $(SAN),TAP_SLOW="$${TAP_SLOW:-5}") \
	O='$(O)' BIN='$(abspath $(O)/bin)' tests/run.sh

# Files of tests that run at a time, where none depends on another: they wait
# more than they compute.
TEST_JOBS ?= $(shell echo $$((4 * $$(nproc))))
run_side_by_side = TEST_JOBS='$(TEST_JOBS)' $(run_tests)

deps: ## installs the Debian packages for the build and the demo
	mk/deps.sh build demo

deps-check: ## installs the packages for make check
	mk/deps.sh build check

deps-runtime: ## installs the packages for make check-runtime, builds its Go tools
	mk/deps.sh build bench
	tests/runtime/deps.sh
	tests/runtime/tools.sh

demo: ## shows a bridge network at work, in scratch namespaces (root)
	$(as_root)
	mk/deps.sh build demo
	$(submake) all
	tests/demo.sh '$(O)/bin'

check: ## runs the tests that need no runtime: unit, most of netns (root)
	$(as_root)
	mk/deps.sh build check
	$(submake) netns-programs unit-programs
	$(run_side_by_side) $(unit_tests) $(netns_files) \
		$(call own_row,$(call rows_of,each))

check-unit: ## runs the unit tests
	mk/deps.sh build unit
	$(submake) all two-builds unit-programs
	$(if $(is_musl),TAP_WITHOUT=' $(musl_without) ') \
		$(run_side_by_side) $(unit_tests)

check-netns: ## runs the tests in network namespaces (root)
	$(as_root)
	mk/deps.sh build check
	$(submake) netns-programs
	$(run_side_by_side) $(harness_tests) $(netns_files) $(rows_tests)

netns-programs: all two-builds test-tools $(O)/sweep/sweep

# what is asked of each plugin, in all of its rows, and where its IPAM is a
# process
rows_tests = $(sort $(call rows_of,each) $(call rows_of,process))
check-rows: ## runs the netns tests that each plugin has, in all ways (root)
	$(as_root)
	mk/deps.sh build check
	$(submake) netns-programs
	$(run_side_by_side) $(harness_tests) $(rows_tests)

# SUT is the folder with the plugins that are asked, ours if none is given
conformance: ## asks the CNI plugins of any folder, SUT, and counts (root)
	$(as_root)
	mk/deps.sh build check
	$(submake) test-tools $(if $(SUT),,all)
	O='$(O)' tests/conformance/run.sh '$(or $(SUT),$(O)/bin)'

# what size alone makes long: 60,000 reservations, a bridge full of ports
check-scale: ## the netns layer with very many of one thing (root)
	$(as_root)
	mk/deps.sh build check
	$(submake) all test-tools
	$(run_side_by_side) $(sort $(wildcard tests/scale/*.bats))

check-runtime: ## runs the tests with cnitool, containerd, crictl and nerdctl (root)
	$(as_root)
	mk/deps.sh build bench
	tests/runtime/deps.sh
	tests/runtime/tools.sh
	$(submake) all test-tools
	$(run_side_by_side) $(wildcard tests/runtime/*.bats)

check-storm: ## hundreds of calls at once, beside others who change things (root)
	$(as_root)
	mk/deps.sh build storm
	$(submake) all two-builds $(O)/storm/driver test-tools
	$(run_tests) $(sort $(wildcard tests/storm/*.bats))

# the sweep, and before it the tests of the sweep itself
SWEEP_TESTS ?= tests/sweep/harness.bats tests/sweep/foreign.bats \
	tests/sweep/sweep.sh
check-sweep: ## fails each system call of each plugin, kills at each (root)
	$(as_root)
	mk/deps.sh build sweep
	$(submake) all two-builds $(O)/sweep/sweep test-tools
	TEST_TIMEOUT=7200 $(run_tests) $(SWEEP_TESTS)

# Nothing is skipped there. The guests are slow: so are their deadlines.
# VM_PARTS are files of tests/vm, without their ends.
vm_run = $(run_tests) $(foreach p,$(or $(VM_PARTS),$(1)),\
	$(or $(wildcard tests/vm/$(p).sh tests/vm/$(p).bats),$(p)))
check-vm: ## runs netns tests under Debian's kernels, in virtual machines (root)
	$(as_root)
	mk/deps.sh build check vm
	$(submake) all test-tools
	VM_TIMEOUT=3000 TEST_TIMEOUT=3600 \
		$(call vm_run,current oldest faults)

check-vm-all: ## the same with all of them, and a sweep, for hours (root)
	$(as_root)
	mk/deps.sh build check vm sweep
	$(submake) all $(O)/sweep/sweep test-tools
	VM_TESTS=all VM_TIMEOUT=14400 TEST_TIMEOUT=15000 \
		$(call vm_run,current oldest faults sweep)

# The counters are in one mapped file for each executable: nothing is written
# at the end, which a test of failing system calls would hit, and a process
# that is killed is counted as well.
cov := $(O)/cov
cov_cflags := -O0 -g -fcoverage-mapping \
	-fprofile-instr-generate=$(abspath $(cov))/profile/%m%c
cov_make = $(submake) O='$(cov)' CC=clang HARDEN=0 SAN= \
	CPPFLAGS='-mllvm -runtime-counter-relocation' \
	CFLAGS='$(cov_cflags)' LDFLAGS=
coverage: ## says which lines of lib/ and plugins/ the tests run (root)
	$(as_root)
	mk/deps.sh build check coverage
	rm -rf '$(cov)/profile'
	$(cov_make) check-unit check-netns
	$(cov_make) check-scale
	$(cov_make) check-sweep
	tests/coverage.sh '$(cov)'

unit_srcs := $(sort $(wildcard tests/unit/*.c))
# These put themselves before functions of shared libraries.
not_static := tests/unit/host_local_entries.c tests/unit/route-full.c
ifeq ($(STATIC),1)
  unit_srcs := $(filter-out $(not_static),$(unit_srcs))
  # an allocator of a test's own, on libc's, which are in one object
  unit_LDFLAGS := -Wl,-z,muldefs
endif
# musl's fdopendir() calls fstat(), which is to fail later there.
musl_without := a_stamp_that_fails_is_for_the_next_call
unit_bins := $(unit_srcs:tests/unit/%.c=$(O)/unit/%)

# A unit test links the archives, and the plugin files it names in a line
# "unit: plugins/host-local/range.c ..." of its first comment; a folder
# stands for all that is in it.
unit_needs = $(foreach n,$(shell sed -n 's/^.*unit: //p' $(1)),\
	$(if $(filter %.c,$(n)),$(n),$(wildcard $(n)/*.c)))
define unit_rule
$(O)/unit/$(1): $(O)/obj/tests/unit/$(1).o \
		$(patsubst %.c,$(O)/obj/%.o,$(call unit_needs,tests/unit/$(1).c)) \
		$(archives)
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(CC) $$(cnic_CFLAGS) $$(CFLAGS) $$(cnic_LDFLAGS) $$(unit_LDFLAGS) \
		$$(LDFLAGS) -o $$@ $$^ $$(call pkg_libs,$$(all_pkgs))
endef
$(foreach t,$(unit_srcs:tests/unit/%.c=%),$(eval $(call unit_rule,$(t))))

# libmnl's stand-in of static executables, beside the library
$(O)/unit/mnl: $(O)/own-mnl.o
$(O)/own-mnl.o: $(O)/obj/mk/static/mnl.o
	$$($(CC) -print-prog-name=nm) -g --defined-only $< | \
		sed 's/.* //; s/.*/& own_&/' >$@.names
	$$($(CC) -print-prog-name=objcopy) --redefine-syms=$@.names $< $@

unit-programs: $(unit_bins)
unit_tests  := $(unit_bins) $(sort $(wildcard tests/unit/*.bats))
# each file of tests/netns/each runs once for each row of tests/plugins
rows_of = $(or $(shell tests/plugins.sh files $(1)),\
	$(error tests/plugins has no rows for $(1)))
# those of $(1) that are for the row with a plugin's own name: bridge, not
# bridge.l2
own_row = $(foreach f,$(1),$(if $(findstring .,$(lastword $(subst @, ,$(f)))),,$(f)))
# before those of rows, which are short: nothing long is left to wait for
netns_files = $(filter-out tests/netns/each/%,$(sort \
	$(wildcard tests/netns/*.bats tests/netns/*/*.bats)))
netns_tests = $(netns_files) $(call rows_of,each)

# what asks whether the tests of rows, and those of anybody's plugins, see what
# they are there to see
harness_tests := tests/rows/rows.bats tests/conformance/harness.bats

# Tools that the tests start thousands of times are built without sanitizers:
# those take 8 ms of each start, and are for the plugins.
test_tools := $(O)/tests/snapshot/snapshot \
	$(patsubst tests/netns/%.c,$(O)/tests/netns/%,$(wildcard tests/netns/*.c))
test-tools: $(test_tools) ## builds what the tests start most
$(O)/obj/tests/netns/%.o $(O)/obj/tests/snapshot/%.o $(O)/tests/%: \
		private cnic_CFLAGS := \
	$(filter-out -fsanitize=% -fno-sanitize-%,$(cnic_CFLAGS))
$(O)/tests/%: private cnic_LDFLAGS := \
	$(filter-out -fsanitize=%,$(cnic_LDFLAGS))

$(O)/tests/netns/%: $(O)/obj/tests/netns/%.o
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(checks)

$(O)/storm/driver: $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/storm/*.c))
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(checks)

# An upgrade that is half done: plugins that others delegate to are of another
# build, and so are processes.
delegates := $(sort $(foreach p,$(PLUGINS),$($(p)_WITH)))
two-builds: $(PLUGINS:%=$(O)/two-builds/%)
$(filter-out $(delegates:%=$(O)/two-builds/%),$(PLUGINS:%=$(O)/two-builds/%)): \
		$(O)/two-builds/%: $(O)/bin/%
	mkdir -p $(@D)
	ln -f $< $@
$(O)/obj/another/%.o: plugins/main.c $(O)/flags
	mkdir -p $(@D)
	$(CC) $(cc_flags) $(call main_flags,$*) -DCNIC_BUILD='"another"' \
		-MMD -MP -c -o $@ $<
define two_builds_rule
$(O)/two-builds/$(1): $(O)/obj/another/$(1).o $$($(1)_PARTS)
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(link) $$(call pkg_libs,$$(call pkgs,$$(call uses,$(1))))
endef
$(foreach p,$(delegates),$(eval $(call two_builds_rule,$(p))))

# plugins that are in no table but one that a test makes
rows_plugins := $(patsubst tests/rows/%.c,$(O)/rows/%,$(wildcard tests/rows/*.c))
netns-programs: $(rows_plugins)
$(rows_plugins): $(O)/rows/%: $(O)/obj/main/%.o $(O)/obj/tests/rows/%.o \
		$(archives)
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(call pkg_libs,$(call pkgs,route cni base))

snapshot_objs := $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/snapshot/*.c))
$(O)/tests/snapshot/snapshot: $(snapshot_objs)
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(checks)

$(O)/sweep/sweep: $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/sweep/*.c)) \
		$(filter-out %/main.o,$(snapshot_objs))
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(call pkg_libs,$(base_PKGS))

.PHONY: deps deps-check deps-runtime demo check check-unit check-netns \
	check-rows conformance check-scale check-runtime check-storm \
	check-sweep check-vm check-vm-all coverage unit-programs test-tools \
	netns-programs two-builds
