# fuzz.mk - fuzz targets: run by libFuzzer, and their seeds as tests
#
# A target is one word here and tests/fuzz/<word>.c, whose first comment names
# what else it links; conf-<plugin> is tests/fuzz/conf.c with that plugin, of
# those in tests/plugins. Its seeds are in tests/data/fuzz/<word>.

fuzz_targets := addr args delegate fw json ranges resolv result route store \
	$(addprefix conf-,$(shell tests/plugins.sh plugins))

# Seconds for each target, how many run at a time, and the folder that keeps in
# mind which need not run again (none: all do)
FUZZ_SECONDS ?= 60
FUZZ_JOBS    ?= 1
FUZZ_STAMPS  ?=

# libFuzzer is clang's, and wants all code compiled for it: a folder of its own
fuzz: ## makes up inputs for FUZZ_SECONDS=60 a target; findings in build/libfuzzer
	mk/deps.sh build fuzz
	$(submake) O='$(O)/libfuzzer' CC=clang \
		SAN=fuzzer-no-link,address,undefined fuzz-run
fuzz-run: $(fuzz_targets:%=$(O)/fuzz/%)
	FUZZ='$(O)/fuzz' FUZZ_SECONDS='$(FUZZ_SECONDS)' \
		FUZZ_JOBS='$(FUZZ_JOBS)' FUZZ_STAMPS='$(FUZZ_STAMPS)' \
		FUZZ_TARGETS='$(fuzz_targets)' \
		TEST_TIMEOUT=$$(($(words $(fuzz_targets)) * $(FUZZ_SECONDS) + 900)) \
		tests/run.sh tests/fuzz/fuzz.sh

# main() of a plugin hands what is in it to cni_main(), which is wrapped
$(O)/fuzz/obj/%.o: $(O)/obj/main/%.o
	mkdir -p $(@D)
	$$($(CC) -print-prog-name=objcopy) --redefine-sym main=plugin_main $< $@
fuzz_plugin = $(O)/fuzz/obj/$(1).o \
	$(foreach p,$(call inside,$(1)),$($(p)_OBJS))

fuzz_src  = tests/fuzz/$(firstword $(subst -, ,$(1))).c
fuzz_says = $(sort $(shell sed -n 's/^ \* $(1): //p' $(2)))
fuzz_srcs = $(call fuzz_src,$(1)) $(call fuzz_says,fuzz,$(call fuzz_src,$(1)))
fuzz_plugins = $(filter $(PLUGINS),$(1:conf-%=%) \
	$(call fuzz_says,plugin,$(call fuzz_src,$(1))))

define fuzz_rule
$(1)_FUZZ_SRCS := $(call fuzz_srcs,$(1))
$(1)_FUZZ := $$($(1)_FUZZ_SRCS:%.c=$(O)/obj/%.o) \
	$(O)/obj/tests/fuzz/sandbox.o \
	$(foreach p,$(call fuzz_plugins,$(1)),$(call fuzz_plugin,$(p))) \
	$(archives)
$(1)_WRAP := $$(patsubst %,-Wl$$(comma)--wrap=%,\
	$$(call fuzz_says,wrap,$$($(1)_FUZZ_SRCS)))
$(O)/fuzz/$(1): $$($(1)_FUZZ)
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(CC) $$(cnic_CFLAGS) -fsanitize=fuzzer $$(CFLAGS) $$(cnic_LDFLAGS) \
		$$($(1)_WRAP) $$(LDFLAGS) -o $$@ $$^ \
		$$(call pkg_libs,$$(all_pkgs))
$(O)/replay/$(1): $(O)/obj/tests/fuzz/replay.o $$($(1)_FUZZ)
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(CC) $$(cnic_CFLAGS) $$(CFLAGS) $$(cnic_LDFLAGS) $$($(1)_WRAP) \
		$$(LDFLAGS) -o $$@ $$^ $$(call pkg_libs,$$(all_pkgs))
endef
$(foreach t,$(fuzz_targets),$(eval $(call fuzz_rule,$(t))))

# what was found stays mended: the seeds are unit tests as well
replays := $(fuzz_targets:%=$(O)/replay/%)
unit-programs: $(replays)
unit_tests += $(replays)

check-fuzz: ## runs the seeds of the fuzz targets once
	mk/deps.sh build
	$(submake) $(replays)
	$(run_tests) $(replays)

# for tests/fuzz/record.sh, which makes seeds of real calls
$(O)/fuzz/record.so: tests/fuzz/record.c $(O)/flags
	mkdir -p $(@D)
	$(CC) $(cc_flags) -fPIC -shared -o $@ $< -lmnl

.PHONY: fuzz fuzz-run check-fuzz
