# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
# 10-cnitool.bats - cnitool and libcni-gc, which are the CNI project's own library
#
# The library keeps a cache in /var/lib/cni, which in HOST is a tmpfs.

load runtime

# network VERSION: the network "pods", of bridge and host-local
network() {
	mkdir -p "$TMP/net.d"
	list "$(conf l3 ".cniVersion = \"$1\" | .ipMasq = true")" \
		>"$TMP/net.d/10-pods.conflist"
}

# The second of two equal rounds leaves the host as the first did: nothing
# piles up. What the first may leave is the bridge and the network's own rule.
nothing_left() {
	is "$(links HOST)" "br0 lo" "links"
	is "$(reservations)" "" "reservations"
	is "$(in_host find /var/lib/cni -type f)" "" "the library's cache"
	[[ -z ${before-} ]] || same_as "$before"
	before=$(snapshot)
}

teardown() {
	in_host rm -rf /var/lib/cni
	all_down
}

@test "cnitool: 1.1.0: status, add, check, ping, del; nothing left" {
	local one two
	sandbox c1 c2
	network 1.1.0
	succeeds cnitool status pods c1
	for _ in first second; do
		succeeds cnitool add pods c1
		one=$(gojq -r '.ips[0].address | split("/")[0]' <<<"$out")
		json .cniVersion 1.1.0
		json '[.interfaces[].name][2]' eth0
		succeeds cnitool add pods c2
		two=$(gojq -r '.ips[0].address | split("/")[0]' <<<"$out")
		succeeds cnitool check pods c1
		succeeds cnitool check pods c2
		pings c1 "$two"
		pings c2 "$one"
		pings c1 10.9.0.1
		pings HOST "$two"

		succeeds cnitool del pods c1
		succeeds cnitool del pods c2
		nothing_left
		unruled "$one" "$two" cnitool
	done
	is "$(links c1)" lo "links of c1"
}

@test "cnitool: check notices an address that is gone" {
	sandbox c1
	network 1.1.0
	succeeds cnitool add pods c1
	in_ns c1 ip addr flush dev eth0
	cnitool check pods c1
	is "$status" 1
	succeeds cnitool del pods c1
}

@test "cnitool: del of what never was, and twice" {
	sandbox c1
	network 1.1.0
	succeeds cnitool del pods c1
	succeeds cnitool add pods c1
	succeeds cnitool del pods c1
	succeeds cnitool del pods c1
	nothing_left
}

@test "cnitool: gc removes attachments, also of a container that is gone" {
	sandbox c1 c2
	network 1.1.0
	succeeds cnitool add pods c1
	succeeds cnitool add pods c2
	drop c2
	succeeds cnitool gc pods c1
	nothing_left
	unruled cnitool
}

@test "cnitool: the error of a plugin reaches the user" {
	sandbox c1
	network 1.1.0
	succeeds cnitool add pods c1
	cnitool add pods c1
	is "$status" 1
	is "$(reservations | wc -l)" 1 "reservations"
	succeeds cnitool del pods c1
	nothing_left
}

@test "cnitool: loopback: status, add, check, del, gc" {
	sandbox c1
	mkdir "$TMP/net.d"
	list "$(conf loopback)" >"$TMP/net.d/99-lo.conflist"
	succeeds cnitool status lo c1
	succeeds cnitool add lo c1
	json '.interfaces[0].name' lo
	json '.ips[0].address' 127.0.0.1/8
	pings c1 127.0.0.1
	succeeds cnitool check lo c1
	succeeds cnitool del lo c1
	is "$(in_ns c1 ip -j link | gojq -c '.[0].flags')" '["LOOPBACK"]'
	cnitool check lo c1
	is "$status" 1
	succeeds cnitool gc lo c1
}

# round VERSION STATUS: add and del, and the exit status of check
round() {
	local two
	sandbox c1 c2
	network "$1"
	for _ in first second; do
		succeeds cnitool add pods c1
		json .cniVersion "$1"
		succeeds cnitool add pods c2
		two=$(gojq -r '.ips[0].address | split("/")[0]' <<<"$out")
		cnitool check pods c1
		is "$status" "$2" "exit status of check"
		pings c1 "$two"
		succeeds cnitool del pods c1
		succeeds cnitool del pods c2
		nothing_left
	done
}

@test "cnitool: 0.3.1: add, del; the library refuses check" { round 0.3.1 1; }
@test "cnitool: 0.4.0: add, check, del" { round 0.4.0 0; }
@test "cnitool: 1.0.0: add, check, del" { round 1.0.0 0; }

# --- what libcni sends for a list -----------------------------------------

# collect none|nil|empty|ID...
collect() {
	in_host env "CNI_PATH=$BIN" "$CACHE/bin/libcni-gc" "$TMP/net.d" pods "$@"
}

# forgotten: c1 and c2 are attached, the second is dead, and the library's cache
# is gone, by which it finds what to delete by itself
forgotten() {
	sandbox c1
	network 1.1.0
	for _ in first second; do
		succeeds cnitool add pods c1
		succeeds cnitool del pods c1
	done
	succeeds cnitool add pods c1
	alone=$(snapshot)
	sandbox c2
	succeeds cnitool add pods c2
	two=$(gojq -r '.interfaces[1].name' <<<"$out")
	drop c2
	eventually not in_host ip link show "$two"
	in_host find /var/lib/cni -type f -delete
}

@test "libcni: gc without arguments sends no list: nothing is collected" {
	forgotten
	before=$(snapshot)
	collect none
	same_as "$before"
	is "$(reservations | wc -l)" 2 "reservations"
}

@test "libcni: gc with a nil list sends null: what the kernel shows dead goes" {
	forgotten
	collect nil
	same_as "$alone"
	pings c1 10.9.0.1
}

@test "libcni: gc with an empty list: all of the network goes" {
	forgotten
	collect empty
	is "$(reservations)" "" "reservations"
	is "$(links c1)" lo "links of c1"
	unruled cnitool
}

@test "libcni: gc with a list: the rest goes" {
	forgotten
	id=$(in_host ip -j link show type veth | gojq -r '.[].ifalias | split(":")[2]')
	collect "$id"
	same_as "$alone"
	pings c1 10.9.0.1
	collect "$id-not"
	is "$(reservations)" "" "reservations"
}

# asked VERB: whether bridge was, since the last time
asked() {
	local r=0
	grep -qx "$1" "$TMP/asked" || r=$?
	: >"$TMP/asked"
	return $r
}

@test "libcni: a list of 1.0.0 whose cniVersions have 1.1.0 calls GC and STATUS" {
	local real=$BIN
	BIN=$TMP/bin
	mkdir "$BIN"
	# what is linked into one executable is taken along
	cp --preserve=links "$real"/* "$BIN"
	mv "$BIN/bridge" "$TMP/bridge"
	# shellcheck disable=SC2016 # for the inner shell
	printf '#!/bin/bash\necho "$CNI_COMMAND" >>%s\nexec %s\n' \
		"$TMP/asked" "$TMP/bridge" >"$BIN/bridge"
	chmod +x "$BIN/bridge"
	sandbox c1
	network 1.0.0
	: >"$TMP/asked"
	succeeds cnitool add pods c1
	json .cniVersion 1.0.0
	# the library is content, and asks nobody
	succeeds cnitool status pods c1
	not asked STATUS
	# by this it would find what to delete by itself
	in_host find /var/lib/cni -type f -delete
	collect empty
	not asked GC
	is "$(reservations | wc -l)" 1 "reservations"
	succeeds cnitool del pods c1
	list=$(echo "$TMP"/net.d/*)
	gojq '.cniVersions = ["1.0.0", "1.1.0"]' "$list" >"$TMP/list"
	mv "$TMP/list" "$list"
	succeeds cnitool add pods c1
	json .cniVersion 1.1.0
	succeeds cnitool status pods c1
	asked STATUS
	in_host find /var/lib/cni -type f -delete
	collect empty
	asked GC
	is "$(reservations)" "" "reservations"
}
