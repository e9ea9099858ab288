#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# static.bats - static executables: what is in them, and that they need nothing
#
#   O=folder    where make check-dist builds (default: build)
#   LIBC=glibc   those of make STATIC=1, not of the release, which have musl

load ../netns/helpers

read -ra PLUGINS < <(sed -n "s/^PLUGINS *:= *//p" \
	"$BATS_TEST_DIRNAME/../../Makefile")
BUILD=$(realpath "$BATS_TEST_DIRNAME/../../${O:-build}")/dist/build/amd64
BUILD+=${LIBC:+-$LIBC}
BIN=$BUILD/bin

@test "no interpreter, no library, position independent, hardened" {
	local p
	for p in "${PLUGINS[@]}"; do
		readelf -hldW "$BIN/$p" >"$TMP/elf"
		not grep -E 'INTERP|NEEDED|RWE' "$TMP/elf"
		grep -E 'Type: +DYN' "$TMP/elf"
		grep GNU_RELRO "$TMP/elf"
		grep -E 'FLAGS.*NOW' "$TMP/elf"
	done
}

# Functions that look whether there is room, and at the stack.
@test "what is compiled has checks of its stack and its buffers" {
	find "$BUILD/obj" -name '*.o' -exec nm -u {} + >"$TMP/calls"
	grep __stack_chk_fail "$TMP/calls"
	grep __snprintf_chk "$TMP/calls"
	grep -E '__(memcpy|strcpy|stpcpy)_chk' "$TMP/calls"
}

# overflow CALL: compiles a program that makes it, a write of n bytes into to, which
# has eight, or to any, of which the compiler does not know how many it has
overflow() {
	cat >"$TMP/overflow.c" <<-END
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/socket.h>
	#include <fcntl.h>
	#include <unistd.h>
	static char to[8];
	static char *volatile any = to;
	static const char *from = "twelve bytes";
	int main(int argc, char **argv)
	{
		size_t n = (size_t)atoi(argv[argc - 1]);
		int zero = open("/dev/zero", O_RDONLY);
		from += 12 - n;
		return zero < 0 || $1;
	}
	END
	musl-gcc -Os -static -include mk/static/fortify.h -o "$TMP/overflow" \
		"$TMP/overflow.c" "$(CC=musl-gcc mk/static.sh folder)/lib/fortify.o"
}

@test "with musl as well, a buffer that is written over ends the program" {
	local call
	[[ ${LIBC-} != glibc ]] || return 0 # its own tests look at that
	for call in '!memcpy(to, from, n)' '!memmove(to, from, n)' \
		'!memset(to, 1, n)' '!strcpy(to, from)' '!stpcpy(to, from)' \
		'!strncpy(to, from, n)' '!strcat(to, from)' \
		'!strncat(to, from, n)' 'sprintf(to, "%s", from) < 0' \
		'snprintf(to, n, "%s", from) < 0' \
		'read(zero, to, n) < 0' 'pread(zero, to, n, 0) < 0' \
		'readlink("/proc/self/ns/net", to, n) < 0' \
		'readlinkat(AT_FDCWD, "/proc/self/ns/net", to, n) < 0' \
		'fread(to, 1, n, fdopen(zero, "r")) != n'; do
		overflow "$call"
		"$TMP/overflow" 7
		run "$TMP/overflow" 12
		[[ $status = 134 ]] || { echo "$call: $status"; false; }
	done
}

@test "with musl as well, a buffer of unknown size is written to" {
	local call
	[[ ${LIBC-} != glibc ]] || return 0
	for call in 'memcpy(any, from, n)' 'memmove(any, from, n)' \
		'strcpy(any, from)' 'stpcpy(any, from)' \
		'strncpy(any, from, n)' 'strcat(any, from)' \
		'strncat(any, from, n)' 'sprintf(any, "%s", from) == 7' \
		'snprintf(any, n + 1, "%s", from) == 7'; do
		overflow "!($call) || strcmp(to, from)"
		"$TMP/overflow" 7 || { echo "$call"; false; }
	done
}

@test "none is larger than 400 kB, with glibc than a megabyte" {
	max=400000
	[[ ${LIBC-} != glibc ]] || max=1000000
	[[ $(find "$BIN" -type f | wc -l) = "${#PLUGINS[@]}" ]]
	[[ -z $(find "$BIN" -type f -size +${max}c) ]]
}

# root_with PLUGIN...: an empty root, $TMP/root, with nothing but these
root_with() {
	rm -rf "$TMP/root"
	mkdir "$TMP/root"
	cp "${@/#/$BIN/}" "$TMP/root/"
}

@test "each answers VERSION in a root where nothing else is" {
	local p
	for p in "${PLUGINS[@]}"; do
		root_with "$p"
		[[ $(ls -A "$TMP/root") = "$p" ]]
		echo '{"cniVersion": "1.0.0"}' |
			CNI_COMMAND=VERSION chroot "$TMP/root" "/$p" >"$TMP/out"
		gojq -e '.supportedVersions | index("1.1.0")' "$TMP/out"
	done
}

# The kernel's settings are files: /proc is all that an attachment needs besides
# the two executables and a folder for reservations.
@test "bridge with host-local attaches and detaches in an empty root" {
	sandbox c1
	root_with bridge host-local
	mkdir "$TMP/root/proc"
	cat >"$TMP/conf" <<-END
	{
	    "cniVersion": "1.0.0", "name": "empty", "type": "bridge",
	    "bridge": "br0", "isGateway": true, "ipMasq": true,
	    "ipam": { "type": "host-local", "dataDir": "/store",
	        "ranges": [[{ "subnet": "10.88.0.0/16" }]],
	        "routes": [{ "dst": "0.0.0.0/0" }] }
	}
	END
	in_empty() {
		in_host mount -t proc none "$TMP/root/proc"
		in_host env -i CNI_COMMAND="$1" CNI_CONTAINERID=one CNI_PATH=/ \
			CNI_IFNAME=eth0 CNI_NETNS="/proc/$c1/ns/net" \
			"$(command -v chroot)" "$TMP/root" /bridge <"$TMP/conf"
		in_host umount "$TMP/root/proc"
	}
	in_empty ADD >"$TMP/out"
	cat "$TMP/out"
	[[ $(gojq -r '.ips[0].address' "$TMP/out") = 10.88.0.2/16 ]]
	in_ns c1 ping -c 1 -W 10 10.88.0.1
	in_host nft list table inet cni_masq | grep -F 10.88.0.2
	in_empty DEL
	[[ -z $(in_host ip -o link show type veth) ]]
	[[ -z $(find "$TMP/root/store" -name '10.88.0.2') ]]
}

@test "bridge calls the host-local that is in it, of the same build" {
	sandbox c1
	cat >"$TMP/conf" <<-END
	{
	    "cniVersion": "1.0.0", "name": "one", "type": "bridge",
	    "bridge": "br0",
	    "ipam": { "type": "host-local", "dataDir": "$TMP/store",
	        "ranges": [[{ "subnet": "10.89.0.0/16" }]] }
	}
	END
	in_host env CNI_COMMAND=ADD CNI_CONTAINERID=one CNI_PATH="$BIN" \
		CNI_IFNAME=eth0 CNI_NETNS="/proc/$c1/ns/net" \
		strace -f -qq -e trace=execve -o "$TMP/calls" "$BIN/bridge" \
		<"$TMP/conf"
	[[ $(grep -c execve "$TMP/calls") = 1 ]]
}
