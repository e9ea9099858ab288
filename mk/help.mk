# help.mk - the list of targets: a rule with "## text" is in it

help: ## this list
	echo "cnic $(VERSION), targets:"
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' \
		$(filter-out %.d,$(MAKEFILE_LIST))
	echo
	echo 'Knobs: O=build CC CFLAGS LDFLAGS V=1 WERROR=1 HARDEN=0 STATIC=1'
	echo '       SAN=address,undefined DESTDIR BINDIR=/opt/cni/bin'
	echo '       MUST_RUN=1 FUZZ_SECONDS=60 FUZZ_JOBS=1 VALGRIND_NETNS=%'

.PHONY: help
