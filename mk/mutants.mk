# mutants.mk - do the tests notice small faults? See tests/mutants/mutants.py.
#
# N mutants are drawn, in an order that SEED decides, and JOBS are tested at a
# time. ONLY are names of mutants, or source files: no others. LAYERS are those
# whose tests are run, but for files that take longer than SLOWEST seconds.
N       ?= 200
SEED    ?= 1
JOBS    ?= $(shell nproc)
LAYERS  ?= unit netns
ONLY    ?=
SLOWEST ?= 0

mutants: ## puts N=200 small faults into the sources, one at a time: 90 % are noticed (root)
	$(as_root)
	mk/deps.sh build check coverage mutants
	tests/mutants/tool.sh
	$(run_tests) tests/mutants/harness.bats
	python=$$(tests/mutants/tool.sh) && \
		nice -n 5 python3 tests/mutants/mutants.py --tree . \
		--state '$(O)/mutants' --count '$(N)' --seed '$(SEED)' \
		--jobs '$(JOBS)' --layers '$(LAYERS)' --only '$(ONLY)' \
		--slowest '$(SLOWEST)' \
		--equivalent tests/mutants/equivalent \
		--exclude tests/coverage.exclude \
		--generate "$$python $(CURDIR)/tests/mutants/generate.py"

# the test files there are, and their layers
mutants-items:
	printf 'unit %s\n' $(unit_bins) $(replays)
	printf 'netns %s\n' $(netns_tests)

.PHONY: mutants mutants-items
