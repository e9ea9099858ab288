# package.mk - manual pages and packages

# A manual page for each plugin is made of its README.
man: $(PLUGINS:%=$(O)/man/cnic-%.8) ## makes the manual pages, in build/man
$(O)/man/cnic-%.8: plugins/%/README.md mk/man.sh VERSION
	mk/deps.sh man
	$(call say,MAN,$@)
	mkdir -p $(@D)
	mk/man.sh $* >$@

packages: ## builds a .deb and an .rpm of the plugins, in build/dist
	mk/deps.sh build man package
	$(submake) all
	for form in deb rpm; do \
		mk/package.sh $$form '$(O)/bin' "$$(dpkg --print-architecture)" \
			'$(O)/dist' $(PLUGINS) || exit; \
	done

check-packages: ## looks at the packages, installs them into scratch roots (root)
	$(as_root)
	mk/deps.sh build man package check-packages
	$(submake) all
	$(run_tests) tests/dist/packages.bats

.PHONY: man packages check-packages
