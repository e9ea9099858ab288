# lint.mk - what can be said about the sources without running them

headers   := $(sort $(wildcard lib/*/*.h plugins/*/*.h tests/*/*.h))
c_sources := $(sort $(wildcard lib/*/*.c plugins/*.c plugins/*/*.c tests/*/*.c))
scripts   := .ci/run $(wildcard mk/*.sh tests/*.sh tests/*/*.sh)
bats      := $(wildcard tests/*/*.bats tests/*/*.bash)

headers: $(headers:%=$(O)/headers/%.ok) ## compiles each header alone
$(O)/headers/%.ok: % $(O)/flags
	$(call say,HEADER,$<)
	mkdir -p $(@D)
	$(CC) $(cc_flags) -Wno-unused -fsyntax-only -x c $<
	touch $@

format: ## tells which files are not as clang-format wants them
	clang-format -n --Werror $(headers) $(c_sources)

tidy: ## runs clang-tidy, as .clang-tidy says
	clang-tidy --quiet $(c_sources) -- $(cc_flags) \
		-DCNIC_PLUGINS='PLUGIN(loopback)'

shellcheck: ## runs shellcheck on scripts and tests
	shellcheck $(scripts)
	shellcheck -s bash $(bats)

lint: ## headers, format, tidy and shellcheck
	mk/deps.sh build lint
	$(submake) headers format shellcheck tidy

.PHONY: headers format tidy shellcheck lint
