# dist.mk - releases: static executables of each architecture, in tarballs

# By Go's names, which release files have: the compiler of each. Where an
# instruction of glibc's start is slow in a virtual machine, it is musl's: an ADD
# takes 0.7 of the time (doc/design.md). Debian's musl-gcc builds for the machine
# that it runs on, and so another one makes amd64's with glibc.
DIST_ARCHES ?= amd64 arm64 arm ppc64le s390x mips64le riscv64
amd64_CC    := $(if $(filter x86_64,$(shell uname -m)),musl-gcc,\
	x86_64-linux-gnu-gcc)
amd64_AR    := $(if $(filter musl-gcc,$(amd64_CC)),ar)
arm64_CC    := aarch64-linux-gnu-gcc
arm_CC      := arm-linux-gnueabihf-gcc
ppc64le_CC  := powerpc64le-linux-gnu-gcc
s390x_CC    := s390x-linux-gnu-gcc
mips64le_CC := mips64el-linux-gnuabi64-gcc
riscv64_CC  := riscv64-linux-gnu-gcc
# no release: what make STATIC=1 builds
amd64-glibc_CC := x86_64-linux-gnu-gcc

# no debug information, which names folders
dist_make = $(submake) --silent O='$(O)/dist/build/$(1)' STATIC=1 HARDEN=1 \
	SAN= DBUS=1 CC='$($(1)_CC)' AR='$(or $($(1)_AR),$($(1)_CC:gcc=ar))' \
	CFLAGS=-Os CPPFLAGS= LDFLAGS=-s
dist_deps = mk/deps.sh build static $(patsubst %,cross-%,$(1))

dist: $(DIST_ARCHES:%=dist-%) ## makes the release tarballs, into build/dist
$(DIST_ARCHES:%=dist-%): dist-%:
	$(call dist_deps,$*)
	$(call dist_make,$*) all
	mk/dist.sh '$*' '$(VERSION)' '$(O)/dist/build/$*/bin' \
		"$$(CC='$($*_CC)' mk/static.sh)/linked.tsv" '$(O)/dist'

# A foreign machine's programs are run by qemu-user: of the unit layer those that
# need nothing it has not got. It knows no sockets of netfilter, not all of
# rtnetlink, and the host's /proc as its own; a program that is started by another
# one would need it again; and it is slower than the 100 ms of a STATUS. s390x
# has the other order of bytes.
not_foreign := bridge-go bridge-ipam bridge-kernel bridge-meddled bridge-refused \
	bridge-steps fw-answers fw-errors fw-flows fw-foreign fw-go fw-map \
	fw-masq fw-masq-others fw-oom fw-path fw-portmap fw-race fw-set fw-spoof lo main-netns \
	route-socket scarce sysctl
# of rtnetlink it swaps few attributes
not_s390x := route-addr route-far route-link route-list route-routes
# and errors, which have numbers of their own on mips, not inside its messages
not_mips64le := route-addr route-link route-request route-routes
foreign_without := what_cannot_be_run_says_why \
	a_file_that_is_written_for_ever_cannot_be_run \
	waits_for_a_file_that_is_being_written \
	neighbours_are_looked_at_and_forgotten \
	a_veth_is_born_with_names_macs_and_mtu_on_both_sides \
	sockets_are_the_same its_error_passes_through \
	an_own_set_of_another_form_is_removed \
	who_waits_in_vain_gets_nothing \
	what_a_third_one_has_stays_there \
	only_one_of_those_who_wait_gets_it \
	a_verdict_of_others_is_replaced a_bridge_has_its_mac_for_its_own
foreign_arches := $(filter-out amd64,$(DIST_ARCHES))
qemu_arm64    := qemu-aarch64-static
qemu_arm      := qemu-arm-static
qemu_ppc64le  := qemu-ppc64le-static
qemu_s390x    := qemu-s390x-static
qemu_mips64le := qemu-mips64el-static
qemu_riscv64  := qemu-riscv64-static
foreign_tests = $(patsubst tests/unit/%.c,$(O)/dist/build/$(1)/unit/%,\
	$(filter-out $(not_static) \
	$(patsubst %,tests/unit/%.c,$(not_foreign) $(not_$(1))),$(unit_srcs)))
check-foreign: $(foreign_arches:%=foreign-%) ## other architectures by qemu-user: unit tests, executables
$(foreign_arches:%=foreign-%): foreign-%:
	$(call dist_deps,$*)
	mk/deps.sh qemu-user
	$(call dist_make,$*) $(call foreign_tests,$*)
	$(call dist_make,$*) all
	ARCH='$*' RUN_BY='$(qemu_$*)' O='$(O)' $(run_tests) tests/dist/foreign.bats
	RUN_BY='$(qemu_$*)' TAP_SLOW=10 TAP_WITHOUT=' $(foreign_without) ' \
		TEST_JOBS='$(TEST_JOBS)' O='$(O)/dist/build/$*' \
		tests/run.sh $(call foreign_tests,$*)

# The image's program, and the image, for Kubernetes.
$(O)/image/cnic-install: $(O)/obj/image/cnic-install.o $(O)/lib/base.a
	$(call say,LD,$@)
	mkdir -p $(@D)
	$(link) $(call pkg_libs,$(base_PKGS))
image-program: $(O)/image/cnic-install

IMAGE_ARCH ?= amd64
image_tar   = $(O)/dist/cnic-image-linux-$(IMAGE_ARCH).tar
image: ## builds the image for Kubernetes, into build/dist
	$(call dist_deps,$(IMAGE_ARCH))
	$(call dist_make,$(IMAGE_ARCH)) all image-program
	image/build.sh '$(O)/dist/build/$(IMAGE_ARCH)/bin' \
		'$(O)/dist/build/$(IMAGE_ARCH)/image/cnic-install' \
		'$(IMAGE_ARCH)' '$(image_tar)' $(PLUGINS)

check-dist: image ## runs the tests of static executables, tarball and image (root)
	$(as_root)
	mk/deps.sh build check static cross-amd64
	tests/runtime/deps.sh
	tests/runtime/tools.sh
	$(submake) all test-tools
	$(call dist_make,amd64) all two-builds
	$(call dist_make,amd64-glibc) all
	IMAGE_TAR='$(abspath $(image_tar))' \
		INSTALL='$(abspath $(O)/dist/build/amd64/image/cnic-install)' \
		$(run_tests) $(patsubst %,tests/dist/%.bats,\
		static tarball image container)
	LIBC=glibc $(run_tests) tests/dist/static.bats

.PHONY: dist $(DIST_ARCHES:%=dist-%) image image-program check-dist \
	check-foreign $(foreign_arches:%=foreign-%)
