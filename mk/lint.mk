# lint.mk - what can be said about the sources without running them

headers   := $(sort $(wildcard lib/*/*.h plugins/*/*.h tests/*/*.h))
c_sources := $(sort $(wildcard image/*.c lib/*/*.c mk/*/*.c plugins/*.c plugins/*/*.c \
	tests/*/*.c))
scripts   := $(wildcard .ci/*) build_linux.sh tests/vm/init $(wildcard image/*.sh mk/*.sh \
	tests/*.sh tests/*/*.sh \
	tests/vm/faults/*.sh)
# what plugins/main.c is told by its rule
defines   := -DCNIC_PLUGINS='PLUGIN(loopback)' -DCNIC_NAME='"loopback"' \
	-DCNIC_BUILD='"none"'
bats      := $(wildcard tests/*/*.bats tests/*/*.bash tests/*/*/*.bats \
	tests/*/*/*.bash)

headers: $(headers:%=$(O)/headers/%.ok) ## compiles each header alone
$(O)/headers/%.ok: % $(O)/flags
	$(call say,HEADER,$<)
	mkdir -p $(@D)
	$(CC) $(cc_flags) -Wno-unused -fsyntax-only -x c $<
	touch $@

format: ## tells which files are not as clang-format wants them
	clang-format -n --Werror $(headers) $(c_sources)

# clang-tidy does not tell which headers a file includes: any may be one of them.
tidy: $(c_sources:%=$(O)/tidy/%.ok) ## runs clang-tidy, as .clang-tidy says
$(O)/tidy/%.ok: % $(headers) .clang-tidy $(O)/flags
	$(call say,TIDY,$<)
	mkdir -p $(@D)
	clang-tidy --quiet $< -- $(cc_flags) $(defines)
	touch $@

shellcheck: ## runs shellcheck on scripts and tests
	shellcheck $(scripts)
	shellcheck -s bash $(bats)

lint: ## headers, format, tidy and shellcheck
	mk/deps.sh build lint
	$(submake) headers format shellcheck tidy

# Analyzers besides clang's own, which is in clang-tidy. A report that is not so
# has its reason beside its suppression; each of them fails on anything else.
cppcheck: ## runs cppcheck; what it is wrong about is in mk/cppcheck.txt
	cppcheck -q --error-exitcode=1 --std=c11 --max-configs=1 \
		--enable=warning,performance,portability,information \
		--suppressions-list=mk/cppcheck.txt $(cnic_CPPFLAGS) $(defines) \
		$(c_sources)

# analyzer-malloc-leak   takes for lost what an array or a structure owns that
#                        is itself behind a pointer (gcc 12); leaks are for
#                        the sanitizer build
gcc_analyzer := -fanalyzer -Werror -Wno-analyzer-malloc-leak
# A test that has no memory may crash: it has failed then.
$(O)/gcc-analyzer/tests/%.ok: gcc_analyzer += \
	-Wno-analyzer-possible-null-argument -Wno-analyzer-possible-null-dereference
gcc-analyzer: $(c_sources:%=$(O)/gcc-analyzer/%.ok) ## runs gcc -fanalyzer
$(O)/gcc-analyzer/%.ok: % $(O)/flags mk/lint.mk
	$(call say,GCC,'-fanalyzer $<')
	mkdir -p $(@D)
	gcc $(cnic_CPPFLAGS) $(defines) $(CPPFLAGS) -std=gnu11 $(pkg_cflags) \
		-O1 $(gcc_analyzer) -MMD -MP -MF $(@:.ok=.d) -MT $@ \
		-c -o /dev/null $<
	touch $@

analyze: ## cppcheck and gcc -fanalyzer
	mk/deps.sh build analyze
	$(submake) cppcheck gcc-analyzer

.PHONY: headers format tidy shellcheck lint cppcheck gcc-analyzer analyze
