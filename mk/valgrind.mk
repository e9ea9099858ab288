# valgrind.mk - the unit and netns layers under valgrind's memcheck
#
# A whole run takes hours: VALGRIND_NETNS are the files of tests/netns to run,
# by their names, such as bridge/ipv4.bats and each/del.bats@bridge, where %
# stands for anything.
VALGRIND_NETNS ?= %
# K/N: of these and the unit programs only each Nth, from another one for each K
VALGRIND_SHARE ?= 1/1

check-valgrind: ## unit and netns tests under valgrind, for hours (root)
	$(as_root)
	mk/deps.sh build check valgrind
	$(submake) all unit-programs test-tools $(O)/valgrind/preload.so
	$(submake) valgrind-run

check-valgrind-sample: ## the same with a few of the netns tests (root)
	$(submake) check-valgrind VALGRIND_NETNS='$(patsubst tests/netns/%,%,\
		$(call rows_of,valgrind))'

valgrind_tests = $(unit_bins) $(replays) \
	$(filter $(addprefix tests/netns/,$(VALGRIND_NETNS)),$(netns_tests)) \
	$(if $(filter \%,$(VALGRIND_NETNS)),tests/scale/20-bridge.bats)
valgrind-run:
	$(run_tests) tests/valgrind/harness.bats
	tests=$$(printf '%s\n' $(valgrind_tests) | \
		tests/share.awk -v 'share=$(VALGRIND_SHARE)') && \
		TEST_TIMEOUT=7200 tests/valgrind/run.sh '$(O)' $$tests

$(O)/valgrind/preload.so: tests/valgrind/preload.c $(O)/flags
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(CC) $(cc_flags) -fPIC -shared -o $@ $<

.PHONY: check-valgrind check-valgrind-sample valgrind-run
