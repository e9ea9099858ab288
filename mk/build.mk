# build.mk - compile, link, install

.DELETE_ON_ERROR:
.SUFFIXES:

ifeq ($(V),1)
  say :=
else
  .SILENT:
  say = @printf '  %-7s %s\n' $(1) $(2);
endif

comma := ,

# Nothing here asks pkg-config before something is built: make demo and make
# check start on a machine that has not got it yet. The compiler flags are
# asked for once, the linker's once a plugin.
#
# STATIC=1 has the libraries of mk/static.sh, and of these alone, for the machine
# that CC builds for.
STATIC ?= 0
ifeq ($(STATIC),1)
  static_libs := $(shell CC='$(CC)' mk/static.sh folder)
  is_musl := $(findstring -musl-,$(notdir $(static_libs)))
  PKG_CONFIG := PKG_CONFIG_LIBDIR='$(static_libs)/lib/pkgconfig' $(PKG_CONFIG)
endif
pkgs     = $(foreach l,$(1),$($(l)_PKGS))
pkg_libs = $(if $(1),$(shell $(PKG_CONFIG) --libs $(1))) \
	$(foreach o,assert unwind $(if $(is_musl),arena strerror),\
	$(static_libs:%=%/lib/$(o).o)) $(checks)
# what the compiler calls for mk/static/fortify.h
checks := $(if $(is_musl),$(static_libs)/lib/fortify.o)
pkg_cflags = $(eval pkg_cflags := \
	$$(shell $$(PKG_CONFIG) --cflags $$(all_pkgs) \
	$(if $(filter 1,$(STATIC)),| sed 's/-I/-isystem /g')))$(pkg_cflags)
all_pkgs = $(call pkgs,$(LIBS))

cnic_CFLAGS := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2 \
	-Wundef -Wvla -Werror=implicit-function-declaration \
	-Werror=int-conversion -Werror=incompatible-pointer-types \
	-Werror=return-type -fno-common -ffunction-sections -fdata-sections
# Where long has 32 bits, a folder cannot be read without the second one, for the
# kernel's numbers in it have more.
cnic_CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DCNIC_VERSION='"$(VERSION)"' -Ilib
# Position independent, but where glibc has no start for it. musl-gcc knows no
# -static-pie, though musl has all of it: what an executable starts and ends with
# is said here, and may stand together, as no object has an .init of its own.
pie := -pie
ifneq ($(is_musl),)
  musl := /usr/lib/$(subst gnu,musl,$(shell $(CC) -dumpmachine))
  compilers = $(shell $(CC) -print-file-name=$(1))
  pie := -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text \
	$(musl)/rcrt1.o $(musl)/crti.o $(call compilers,crtbeginS.o) \
	$(call compilers,crtendS.o) $(musl)/crtn.o
else ifeq ($(STATIC),1)
  pie := $(if $(findstring /,$(shell $(CC) -print-file-name=rcrt1.o)),\
	-static-pie,-static -no-pie)
endif
cnic_LDFLAGS := -Wl,--as-needed -Wl,--gc-sections
ifeq ($(WERROR),1)
  cnic_CFLAGS += -Werror
endif
ifneq ($(SAN),)
  cnic_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
  cnic_LDFLAGS += -fsanitize=$(SAN)
else ifeq ($(HARDEN),1)
  cnic_CFLAGS += -fPIE -fstack-protector-strong -fstack-clash-protection
  cnic_CPPFLAGS += $(if $(is_musl),-include mk/static/fortify.h,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  cnic_LDFLAGS += $(pie) -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
else ifeq ($(STATIC),1)
  cnic_LDFLAGS += -static
endif
# musl-gcc has no headers of the kernel, which are where glibc's are
ifneq ($(is_musl),)
  cnic_CPPFLAGS += -idirafter /usr/include \
	-idirafter /usr/include/$(shell $(CC) -dumpmachine)
endif
# Nothing unwinds its stack: 140 kB less. A debugger has what -g brings.
ifeq ($(STATIC),1)
  cnic_CFLAGS += -fno-asynchronous-unwind-tables
  cnic_LDFLAGS += -Wl,--no-eh-frame-hdr -Wl,-T,mk/static/unwind.ld
ifeq ($(WERROR),1)
  # such as of names of hosts, which a static executable has no good way to
  cnic_LDFLAGS += -Wl,--fatal-warnings
endif
endif
# 45 kB less, and less to do at each start; binutils 2.40 has it for x86 alone
ifneq ($(filter amd64-glibc-%,$(notdir $(static_libs))),)
  cnic_LDFLAGS += -Wl,-z,pack-relative-relocs
endif

bins := $(PLUGINS:%=$(O)/bin/%)
archives := $(LIBS:%=$(O)/lib/%.a)

all: $(bins) ## builds the plugins, into build/bin

ifeq ($(STATIC),1)
$(static_libs)/linked.tsv:
	CC='$(CC)' mk/deps.sh build static $(if $(is_musl),musl)
	CC='$(CC)' mk/static.sh >/dev/null
endif

# one compile rule for everything; objects mirror the source tree
cc_flags = $(cnic_CPPFLAGS) $(CPPFLAGS) $(cnic_CFLAGS) $(pkg_cflags) $(CFLAGS)
$(O)/obj/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	mkdir -p $(@D)
	$(CC) $(cc_flags) -MMD -MP -c -o $@ $<

# firewalld is told by libdbus, whose headers are all that is needed here: it is
# loaded when it is wanted. DBUS=0 leaves it out, as does a machine without. A
# static executable cannot load it, and has it in it.
DBUS ?= 1
ifeq ($(STATIC)$(DBUS),11)
  firewall_PKGS := dbus-1
  all_pkgs += $(firewall_PKGS)
endif
dbus_flags = $(eval dbus_flags := $$(shell test '$(DBUS)' = 1 && \
	$(PKG_CONFIG) --exists dbus-1 && echo -DCNIC_DBUS \
	$(if $(filter 1,$(STATIC)),-DCNIC_DBUS_LINKED) && \
	$(PKG_CONFIG) --cflags-only-I dbus-1 | sed 's/-I/-isystem /g'))$(dbus_flags)
$(O)/obj/plugins/firewall/bus.o: private cc_flags += $(dbus_flags)

define archive_rule
$(1)_OBJS := $$(patsubst %.c,$(O)/obj/%.o,$$(sort $$(wildcard lib/$(1)/*.c)))
$(O)/lib/$(1).a: $$($(1)_OBJS)
	$$(call say,AR,$$@)
	mkdir -p $$(@D)
	rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach l,$(LIBS),$(eval $(call archive_rule,$(l))))

# The build has a name, which all its executables carry and which differs where
# a source or a flag does: of another build nothing is taken for granted.
sources = $(sort $(wildcard lib/*/*.[ch] plugins/*.c plugins/*/*.[ch]))
$(O)/build-name: $(O)/flags $(sources)
	cat $(sources) $(O)/flags | sha256sum | cut -c 1-16 >$@.new
	cmp -s $@.new $@ || cp $@.new $@
	rm $@.new

# main() is compiled once for each executable, which tells it what is inside
inside = $(1) $($(1)_WITH)
main_flags = -DCNIC_PLUGINS='$(foreach p,$(call inside,$(1)),\
	PLUGIN($(subst -,_,$(p))))' -DCNIC_NAME='"$(1)"'
$(O)/obj/main/%.o: plugins/main.c $(O)/flags $(O)/build-name
	$(call say,CC,'$< for $*')
	mkdir -p $(@D)
	$(CC) $(cc_flags) $(call main_flags,$*) \
		-DCNIC_BUILD="\"$$(cat $(O)/build-name)\"" -MMD -MP -c -o $@ $<

link = $(CC) $(cnic_CFLAGS) $(CFLAGS) $(cnic_LDFLAGS) $(LDFLAGS) -o $@ $^

# An executable has the plugin, those it delegates to as functions, and of the
# libraries what these use: host-local has no netlink library.
uses = $(filter $(foreach p,$(call inside,$(1)),$($(p)_USES)),$(LIBS))
define plugin_rule
$(1)_OBJS := $$(patsubst %.c,$(O)/obj/%.o,\
	$$(sort $$(wildcard plugins/$(1)/*.c)))
$(1)_PARTS = $$(foreach p,$$(call inside,$(1)),$$($$(p)_OBJS)) \
	$$(patsubst %,$(O)/lib/%.a,$$(call uses,$(1)))
endef
$(foreach p,$(PLUGINS),$(eval $(call plugin_rule,$(p))))

# Blocks come from an arena with musl. The tests' programs, which let single
# allocations fail, have the C library's.
ifneq ($(is_musl),)
  $(bins): private cnic_LDFLAGS += \
	$(foreach f,malloc calloc realloc free,-Wl$(comma)--wrap=$(f))
endif
define bin_rule
$(O)/bin/$(1): $(O)/obj/main/$(1).o $$($(1)_PARTS)
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(link) $$(call pkg_libs,$$(call pkgs,\
		$$(call inside,$(1)) $$(call uses,$(1))))
endef
$(foreach p,$(PLUGINS),$(eval $(call bin_rule,$(p))))

# a changed flag or version rebuilds everything
flags_now = $(CC) $(notdir $(static_libs)) $(PLUGINS) DBUS=$(DBUS) $(CFLAGS) \
	$(CPPFLAGS) $(LDFLAGS) $(cnic_CPPFLAGS) $(cnic_CFLAGS) $(cnic_LDFLAGS)
$(O)/flags: FORCE $(if $(static_libs),$(static_libs)/linked.tsv)
	mkdir -p $(@D)
	$(PKG_CONFIG) --exists --print-errors $(all_pkgs) || \
		{ echo 'make deps, as root, installs what is missing' >&2; exit 1; }
	printf '%s\n' '$(flags_now)' | cmp -s - $@ || \
		printf '%s\n' '$(flags_now)' > $@

install: all ## puts them into $(DESTDIR)$(BINDIR), by default /opt/cni/bin
	mk/install.sh '$(O)/bin' '$(DESTDIR)$(BINDIR)' $(PLUGINS)

uninstall: ## removes them from there
	for p in $(PLUGINS); do \
		rm -f "$(DESTDIR)$(BINDIR)/$$p"; \
	done

clean: ## removes the build folder
	rm -rf '$(O)'

-include $(shell find '$(O)' -name '*.d' 2>/dev/null)

FORCE:
.PHONY: all install uninstall clean FORCE
