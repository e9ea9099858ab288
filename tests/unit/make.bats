#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# make.bats - the targets of the Makefile that change a machine, and their list
#
#   O=folder    where the plugins were built (default: build)

read -ra PLUGINS < <(sed -n "s/^PLUGINS *:= *//p" \
	"$BATS_TEST_DIRNAME/../../Makefile")

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	O=${O:-build}
	TO=$BATS_TEST_TMPDIR
	MAKE=(make --no-print-directory "O=$O" "DESTDIR=$TO")
	# what is installed here was built with whatever flags O was built with
	INSTALL=("${MAKE[@]}" -o all)
	for p in "${PLUGINS[@]}"; do
		[[ -x $O/bin/$p ]] || { echo "no $O/bin/$p: run make"; return 1; }
	done
}

# tests/netns/install.bats does the same under load
@test "install puts every plugin, and nothing else, into /opt/cni/bin" {
	"${INSTALL[@]}" install
	diff <(cd "$TO" && find . -type f | sort) \
		<(printf './opt/cni/bin/%s\n' "${PLUGINS[@]}" | sort)
	for p in "${PLUGINS[@]}"; do
		cmp "$O/bin/$p" "$TO/opt/cni/bin/$p"
		[[ $(stat -c %a "$TO/opt/cni/bin/$p") = 755 ]]
		[[ $(stat -c %h "$TO/opt/cni/bin/$p") = 1 ]]
	done
	"${INSTALL[@]}" uninstall
	[[ -z $(find "$TO" -type f) ]]
	"${INSTALL[@]}" "BINDIR=/some where" install
	[[ -x "$TO/some where/bridge" ]]
	"${INSTALL[@]}" "BINDIR=/some where" uninstall
	[[ -z $(find "$TO" -type f) ]]
}

@test "a plugin is linked with what it uses and no more" {
	uses() {
		LC_ALL=C readelf -d "$O/bin/$1" |
			sed -n 's/.*NEEDED.*\[\(lib[a-z0-9-]*\)\.so.*/\1/p' |
			grep -E '^lib(nl|mnl|nftnl|cjson)' | sort | xargs
	}
	# in a static one by the functions that are in it
	if ! grep -q INTERP <(LC_ALL=C readelf -lW "$O/bin/bridge"); then
		uses() {
			nm "$O/bin/$1" | sed -n 's/^.* [tT] //
				s/^cJSON_.*/libcjson/p; s/^mnl_.*/libmnl/p
				s/^nftnl_.*/libnftnl/p; s/^nl_.*/libnl-3/p' |
				sort -u | xargs
		}
	fi
	[[ $(uses bridge) = 'libcjson libmnl libnftnl libnl-3' ]]
	[[ $(uses firewall) = 'libcjson libmnl libnftnl libnl-3' ]]
	[[ $(uses host-local) = libcjson ]]
	[[ $(uses loopback) = 'libcjson libnl-3' ]]
	[[ $(uses macvlan) = 'libcjson libnl-3' ]]
	[[ $(uses portmap) = 'libcjson libmnl libnftnl libnl-3' ]]
	[[ $(uses tuning) = 'libcjson libnl-3' ]]
	[[ $(uses ptp) = 'libcjson libmnl libnftnl libnl-3' ]]
}

@test "help lists every target that is meant for people" {
	run "${MAKE[@]}" help
	[[ $status = 0 ]]
	for t in all deps deps-check deps-runtime demo check check-unit \
		check-netns check-rows check-scale check-runtime bench headers \
		format tidy lint analyze coverage install uninstall clean help; do
		grep -qE "^  $t +[^ ]" <<<"$output" || { echo "$t"; return 1; }
	done
}

@test "a changed flag rebuilds, and nothing changed does not" {
	object=$TO/o/obj/lib/cni/undo.o
	build() { make "O=$TO/o" "$object" "$@" >"$TO/log"; }
	build
	first=$(stat -c %y "$object")
	build
	[[ $(stat -c %y "$object") = "$first" ]]
	build CFLAGS=-O1
	[[ $(stat -c %y "$object") != "$first" ]]
	build CFLAGS=-O1
	grep -q undo "$TO/log" && return 1
	build V=1 CFLAGS=-O0
	grep -q -- -O0 "$TO/log"
}

@test "what builds in a second make comes one after the other, with -j as well" {
	cat >"$TO/mk" <<-'END'
	include Makefile
	show: ; echo $(filter-out $(second_make),$(TARGETS))
	check-one check-two three: ; echo begins; sleep 0.5; echo ends
	one: ; timeout 60 sh -c 'echo >$(FIFO)'
	two: ; timeout 60 cat $(FIFO)
	END
	targets=$(cat Makefile mk/*.mk | sed -n '/^[a-z][a-z-]*:/h
		/^\t[$](\(call \)\?\(submake\|[a-z]*_make\)\b/{x; s/:.*//p; x}')
	[[ $(wc -w <<<"$targets") -gt 20 ]]
	[[ -z $(make -s -f "$TO/mk" show TARGETS="${targets//$'\n'/ }") ]]
	# each of the first two waits for the other
	mkfifo "$TO/fifo"
	make -s -j4 -f "$TO/mk" FIFO="$TO/fifo" one two
	for t in check-two three; do
		[[ $(make -s -j4 -f "$TO/mk" check-one $t | xargs) = \
			'begins ends begins ends' ]]
	done
}

@test "what is missing for the build is named, with the way out" {
	run make "O=$TO/o" PKG_CONFIG=/bin/false "$TO/o/flags"
	[[ $status != 0 && $output = *'make deps'* ]]
	# without root nothing is tried
	command -v apt-get >/dev/null && command -v setpriv >/dev/null &&
		[[ $(id -u) = 0 ]] || return 0
	run setpriv --reuid 65534 --clear-groups env PKG_CONFIG=/bin/false \
		mk/deps.sh build
	[[ $status = 1 && $output = *'apt-get install'*libcjson-dev* ]]
}

@test "clean removes the build folder" {
	mkdir "$TO/o"
	touch "$TO/o/x"
	make "O=$TO/o" clean
	[[ ! -e $TO/o ]]
}
