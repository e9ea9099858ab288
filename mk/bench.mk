# bench.mk - what calls cost, beside the Go plugins and the kernel's part alone
#
#   GO=folder         other plugins than the Go ones of tests/runtime/go.mod; the
#                     table takes them for plugins of the same verbs
#   BENCH_BIN=folder  of ours that are there, in place of static ones
#   BENCH_ROUNDS, BENCH_SHARE: see tests/perf/bench.sh

perf_programs := $(addprefix $(O)/perf/,timer floor store namespaces)
$(perf_programs): $(O)/perf/%: $(O)/obj/tests/perf/%.o \
		$(O)/obj/tests/perf/run.o $(O)/obj/tests/perf/counts.o
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^ $(checks)

# sanitizers are for the plugins
$(O)/obj/tests/perf/%.o: private cnic_CFLAGS := \
	$(filter-out -fsanitize=% -fno-sanitize-%,$(cnic_CFLAGS))

# as releases are: dist.mk
bench_cc := $(CC)
ifeq ($(origin CC)$(shell uname -m),defaultx86_64)
  bench_cc := musl-gcc
endif
bench_cache = $${CNIC_CACHE:-$${XDG_CACHE_HOME:-$${HOME:-/root}/.cache}/cnic}
bench: ## what calls cost, beside the Go plugins, in build/bench (root)
	$(as_root)
	mk/deps.sh build bench static $(if $(filter musl-gcc,$(bench_cc)),musl)
	$(if $(GO),,tests/runtime/tools.sh)
	$(submake) STATIC=1 CC='$(bench_cc)' O='$(O)/release' \
		$(perf_programs:$(O)/%='$(O)/release/%') \
		$(if $(BENCH_BIN),,all)
	tests/perf/bench.sh '$(O)/bench/samples.jsonl' '$(O)/release/perf' \
		'$(or $(BENCH_BIN),$(O)/release/bin)' \
		"$(or $(GO),$(bench_cache)/go-plugins)"
	tests/perf/report.sh '$(O)/bench'

bench-doc: bench ## the same, which then is what README.md and doc/bench show
	tests/perf/report.sh '$(O)/bench' doc/bench README.md

.PHONY: bench bench-doc
