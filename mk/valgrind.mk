# valgrind.mk - the unit and netns layers under valgrind's memcheck
#
# All of it takes an hour: VALGRIND_NETNS are the files of tests/netns to run,
# by their names without .bats, where * stands for a part of a name.
VALGRIND_NETNS  ?= * */*
# one for each plugin
valgrind_sample := loopback/loopback host-local/verbs bridge/ipv4

check-valgrind: ## unit and netns tests under valgrind, an hour (root)
	$(as_root)
	mk/deps.sh build check valgrind
	$(submake) all unit-programs test-tools $(O)/valgrind/preload.so
	$(submake) valgrind-run

check-valgrind-sample: ## the same with a few of the netns tests (root)
	$(submake) check-valgrind VALGRIND_NETNS='$(valgrind_sample)'

valgrind-run:
	$(run_tests) tests/valgrind/harness.bats
	TEST_TIMEOUT=7200 tests/valgrind/run.sh '$(O)' $(unit_bins) $(replays) \
		$(sort $(wildcard $(VALGRIND_NETNS:%=tests/netns/%.bats))) \
		$(if $(filter *,$(VALGRIND_NETNS)),tests/scale/20-bridge.bats)

$(O)/valgrind/preload.so: tests/valgrind/preload.c $(O)/flags
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(CC) $(cc_flags) -fPIC -shared -o $@ $<

.PHONY: check-valgrind check-valgrind-sample valgrind-run
