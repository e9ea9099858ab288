# test.mk - what the tests and the demo need, and how each layer is run

unit_srcs := $(sort $(wildcard tests/unit/*.c))
unit_bins := $(unit_srcs:tests/unit/%.c=$(O)/unit/%)

# A unit test links the archives, and the plugin files it names in a line
# "unit: plugins/host-local/range.c ..." of its first comment.
unit_needs = $(shell sed -n 's/^.*unit: //p' $(1))
define unit_rule
$(O)/unit/$(1): $(O)/obj/tests/unit/$(1).o \
		$(patsubst %.c,$(O)/obj/%.o,$(call unit_needs,tests/unit/$(1).c)) \
		$(O)/lib/fw.a $(O)/lib/route.a $(O)/lib/core.a
	$$(call say,LD,$$@)
	mkdir -p $$(@D)
	$$(CC) $$(cnic_CFLAGS) $$(CFLAGS) $$(cnic_LDFLAGS) $$(LDFLAGS) -o $$@ \
		$$^ $$(call pkgflag,--libs,$$(call pkgs,fw route core))
endef
$(foreach t,$(unit_srcs:tests/unit/%.c=%),$(eval $(call unit_rule,$(t))))
