# package.mk - manual pages and packages

# A manual page for each plugin is made of its README.
man: $(PLUGINS:%=$(O)/man/cnic-%.8) ## makes the manual pages, in build/man
$(O)/man/cnic-%.8: plugins/%/README.md mk/man.sh VERSION
	mk/deps.sh man
	$(call say,MAN,$@)
	mkdir -p $(@D)
	mk/man.sh $* >$@

# A package has the tarball's executables, of this machine's architecture, by the
# name that Debian has for it and the one that releases have.
deb_arch := $(shell dpkg --print-architecture 2>/dev/null)
package_arch := $(or $(patsubst %:$(deb_arch),%,$(filter %:$(deb_arch),\
	arm:armhf ppc64le:ppc64el mips64le:mips64el)),$(deb_arch))
package_bin = $(O)/dist/build/$(package_arch)/bin
package_linked = "$$(CC='$($(package_arch)_CC)' mk/static.sh folder)/linked.tsv"
packages: ## builds a .deb and an .rpm of the plugins, in build/dist
	$(call dist_deps,$(package_arch)) man package
	$(call dist_make,$(package_arch)) all
	for form in deb rpm; do \
		mk/package.sh $$form '$(package_bin)' $(package_linked) \
			'$(deb_arch)' '$(O)/dist' $(PLUGINS) || exit; \
	done

check-packages: ## looks at the packages, installs them into scratch roots (root)
	$(as_root)
	mk/deps.sh check-packages
	$(submake) packages
	O='$(O)' BIN='$(abspath $(package_bin))' LINKED=$(package_linked) \
		tests/run.sh tests/dist/packages.bats

.PHONY: man packages check-packages
