#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # bats
# foreign.bats - the executables of another architecture: what is in them, and
# that they answer
#
#   ARCH=arm64 RUN_BY=qemu-aarch64-static   which, and what runs them here
#   O=folder                                where they are built (default: build)

load ../netns/helpers

read -ra PLUGINS < <(sed -n "s/^PLUGINS *:= *//p" \
	"$BATS_TEST_DIRNAME/../../Makefile")
BIN=$(realpath "$BATS_TEST_DIRNAME/../../${O:-build}")/dist/build/$ARCH/bin

@test "each is of that machine, needs nothing, is hardened and small" {
	local p machine pie=EXEC
	case $ARCH in
	arm64) machine=AArch64 pie=DYN ;;
	arm) machine=ARM ;;
	ppc64le) machine=PowerPC64 ;;
	s390x) machine=S/390 ;;
	mips64le) machine=MIPS ;;
	riscv64) machine=RISC-V ;;
	esac
	for p in "${PLUGINS[@]}"; do
		readelf -hldW "$BIN/$p" >"$TMP/elf"
		grep -E "Machine: .*$machine" "$TMP/elf"
		# where Debian's C library has no start for it, it is not PIE
		grep -E "Type: +$pie" "$TMP/elf"
		not grep -E 'INTERP|NEEDED|RWE' "$TMP/elf"
	done
	[[ -z $(find "$BIN" -type f -size +1400000c) ]]
	[[ $(find "$BIN" -type f | wc -l) = "${#PLUGINS[@]}" ]]
}

# call VERB PLUGIN <CONF: without a namespace of its own
call() {
	env -i "PATH=$PATH" CNI_COMMAND="$1" CNI_CONTAINERID=one CNI_PATH=/nowhere \
		CNI_IFNAME=eth0 CNI_NETNS=/proc/self/ns/net "$RUN_BY" "$BIN/$2" \
		>"$TMP/out"
}

@test "each answers VERSION, and a wrong configuration with its error" {
	local p
	for p in "${PLUGINS[@]}"; do
		call VERSION "$p" <<<'{"cniVersion": "1.0.0"}'
		gojq -e '.supportedVersions | index("1.1.0")' "$TMP/out"
		not call ADD "$p" <<<'{"cniVersion": "1.0.0", "name": 1}'
		gojq -e '.code > 0 and (.msg | length > 0)' "$TMP/out"
	done
}

@test "static and host-local give addresses, know them and take them back" {
	cat >"$TMP/static" <<-END
	{ "cniVersion": "1.0.0", "name": "net", "type": "static", "ipam": {
	    "type": "static", "addresses": [
	    { "address": "10.88.0.5/16", "gateway": "10.88.0.1" },
	    { "address": "2001:db8::5/64" }] } }
	END
	cat >"$TMP/host-local" <<-END
	{ "cniVersion": "1.1.0", "name": "net", "type": "host-local", "ipam": {
	    "type": "host-local", "dataDir": "$TMP/store", "ranges": [
	    [{ "subnet": "10.88.0.0/16" }], [{ "subnet": "2001:db8::/64" }]] } }
	END
	call ADD static <"$TMP/static"
	gojq -e '.ips[0].address == "10.88.0.5/16" and
		.ips[1].address == "2001:db8::5/64"' "$TMP/out"
	call ADD host-local <"$TMP/host-local"
	gojq -e '.ips[0].address == "10.88.0.2/16" and
		.ips[1].address == "2001:db8::2/64"' "$TMP/out"
	[[ $(head -n 1 "$TMP/store/net/10.88.0.2" | tr -d '\r') = one ]]
	gojq -s '.[0] + {prevResult: .[1]}' "$TMP/host-local" "$TMP/out" \
		>"$TMP/check"
	call CHECK host-local <"$TMP/check"
	call STATUS host-local <"$TMP/host-local"
	gojq '. + {"cni.dev/valid-attachments": []}' "$TMP/host-local" >"$TMP/gc"
	call GC host-local <"$TMP/gc"
	[[ ! -e $TMP/store/net/10.88.0.2 ]]
	call ADD host-local <"$TMP/host-local"
	call DEL host-local <"$TMP/host-local"
	not ls "$TMP"/store/net/*.*.*.*
}
