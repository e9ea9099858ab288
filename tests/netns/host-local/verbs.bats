#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/verbs.bats - DEL, CHECK, GC and STATUS of host-local

load ../helpers
load host-local

DUAL='[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}]]'

setup() {
	host_up
	C=$(pool "$DUAL")
}

# --- DEL ---------------------------------------------------------------------

@test "DEL releases what that interface of that container holds, nothing else" {
	take "$C" c1
	take "$C" c1 eth1
	take "$C" c2
	free "$C" c1
	is "$(taken)" "10.1.2.3 10.1.2.4 fd00::3 fd00::4"
	free "$C" c1
	free "$C" nobody
	free "$C" c2 eth1
	is "$(taken)" "10.1.2.3 10.1.2.4 fd00::3 fd00::4"
	free "$C" c1 eth1
	free "$C" c2
	is "$(taken)" ""
	is "$(entries)" 0
	# the round goes on after it
	is "$(cat "$STORE/$NET/last_reserved_ip.0")" 10.1.2.4
}

@test "DEL releases an old reservation, of the container alone" {
	write 10.1.2.9 c1
	write 10.1.2.10 'c1\r\neth0'
	free "$C" c1 eth0
	is "$(taken)" 10.1.2.9
	free "$C" c1 eth1
	is "$(taken)" ""
}

@test "DEL of a network whose name no folder can have finds nothing" {
	free "$(pool "$DUAL" ".name = \"$(printf 'n%.0s' {1..300})\"")"
}

@test "DEL needs no range, and no valid one" {
	for edit in 'del(.ipam.ranges)' '.ipam.ranges = []' \
		'.ipam.ranges = [[{"subnet": "10.1.2.3/24"}]]' \
		'.ipam.ranges = "x"' '.ipam.subnet = "x"' \
		'.ipam.ranges = [[{"subnet": "10.7.0.0/24"}]]' \
		'.ipam.routes = 5' '.ipam.resolvConf = "/nowhere"' \
		'.runtimeConfig.ips = ["zz"]' '.args.cni.ips = [null]' \
		'.prevResult = {cniVersion: "9.9"}'; do
		take "$C"
		free "$(pool "$DUAL" "$edit")"
		is "$(taken)" "" "$edit"
	done
}

@test "DEL of a store that is not there makes none" {
	free "$C"
	free "$(pool "$DUAL" '.ipam.dataDir += "/a/b/c"')"
	collect "$(with_valid "$C")"
	is "$(ls -A "$STORE")" ""
}

@test "DEL says where the store is no folder" {
	: >"$STORE/$NET"
	refuses 5 'cannot open the store .*/net; Not a directory' DEL "$C"
	rm "$STORE/$NET"
}

# --- CHECK -------------------------------------------------------------------

@test "CHECK wants a reservation of this attachment, new or old" {
	missing='^host-local: Failed to find address added by container'
	refuses 104 "$missing c1" CHECK "$C" c1
	is "$(ls -A "$STORE")" ""
	take "$C" c1
	holds "$C" c1
	holds "$(with_prev "$C" "$res")" c1
	refuses 104 "$missing c1" CHECK "$C" c1 eth1
	refuses 104 "$missing c2" CHECK "$C" c2
	write 10.1.2.9 old
	holds "$C" old eth7
	holds "$C" c1
	free "$C" c1
	refuses 104 "$missing c1" CHECK "$C" c1
	# a container named like an address is not the last one handed out
	refuses 104 "$missing" CHECK "$C" "$(cat "$STORE/$NET/last_reserved_ip.0")"
}

@test "CHECK wants each address of the result that is of the ranges" {
	missing='^host-local: Failed to find address added by container c1; '
	take "$C" c1
	# as the plugin that delegates has it: the interface's addresses, one of
	# them another plugin's
	c=$(with_prev "$C" "$(gojq -c --arg ns /proc/none/ns/net '.interfaces =
		[{name: "eth0", sandbox: $ns}] |
		.ips += [{address: "192.0.2.7/24"}] | .ips[].interface = 0' \
		<<<"$res")")
	holds "$c" c1
	rm "$STORE/$NET/10.1.2.2"
	refuses 104 "$missing.*10\.1\.2\.2 is not reserved" CHECK "$c" c1
	# without a word of which addresses there are, any will do
	holds "$C" c1
}

@test "CHECK waits for no lock and writes nothing" {
	take "$C" c1
	write 10.1.2.9 'c2\r\neth0'
	find "$STORE" -printf '%p %T@ %C@ %l\n' | sort >"$TMP/before"
	exec {lock}<"$STORE/$NET/lock"
	flock "$lock"
	holds "$C" c1
	holds "$C" c2
	refuses 104 . CHECK "$C" c3
	ready "$C"
	exec {lock}>&-
	find "$STORE" -printf '%p %T@ %C@ %l\n' | sort | diff "$TMP/before" -
}

# --- GC ----------------------------------------------------------------------

@test "GC removes what is not listed, in this network alone" {
	other=$(pool "$DUAL" '.name = "other"')
	for id in c1 c2 c3; do
		take "$C" $id
		take "$C" $id eth1
	done
	take "$other" c2
	write 10.1.2.20 c1
	write 10.1.2.21 old
	write 10.1.2.22 ''
	write 10.1.2.23 'binary \001\377'
	write notes 'c9\r\neth0'
	collect "$(with_valid "$C" c1 eth0 c3 eth1)"
	is "$(taken)" "10.1.2.2 10.1.2.7 10.1.2.20 10.1.2.23 fd00::2 fd00::7"
	holds "$C" c1
	holds "$C" c3 eth1
	refuses 104 . CHECK "$C" c2
	holds "$other" c2
	is "$(cd "$STORE/$NET" && ls)" "$(printf '%s\n' 10.1.2.2 10.1.2.20 \
		10.1.2.23 10.1.2.7 fd00::2 fd00::7 last_reserved_ip.0 \
		last_reserved_ip.1 lock notes)"
	collect "$(with_valid "$C")"
	is "$(taken)" 10.1.2.23
	is "$(entries)" 0
	holds "$other" c2
}

@test "GC without a list removes nothing" {
	take "$C"
	write 10.1.2.22 ''
	collect "$C"
	collect "$(gojq -c '."cni.dev/valid-attachments" = null' <<<"$C")"
	is "$(taken)" "10.1.2.2 10.1.2.22 fd00::2"
	for list in '"x"' '{}' '[5]' '[null]' '[{}]' \
		'[{"containerID": "../x", "ifname": "eth0"}]' \
		'[{"containerID": "c1", "ifname": "a/b"}]'; do
		refuses 7 . GC \
			"$(gojq -c ".\"cni.dev/valid-attachments\" = $list" <<<"$C")"
	done
	is "$(taken)" "10.1.2.2 10.1.2.22 fd00::2"
}

@test "GC needs no valid range" {
	take "$C"
	collect "$(with_valid "$(pool "$DUAL" '.ipam.ranges = "x"')")"
	is "$(taken)" ""
}

@test "GC goes on after an error, and reports it" {
	for id in c1 c2 c3; do take "$C" $id; done
	# the first one looks for what a killed ADD may have left
	traced -e trace=unlinkat -e inject=unlinkat:error=EIO:when=2 -- \
		GC "$(with_valid "$C")"
	is_error 5 'cannot release in .*; Input/output error'
	is "$(taken | wc -w)" 1
	collect "$(with_valid "$C")"
	is "$(taken)" ""
}

# --- STATUS ------------------------------------------------------------------

@test "STATUS is good before the first ADD, and makes nothing" {
	ready "$C"
	ready "$(pool "$DUAL" '.ipam.dataDir += "/a/b"')"
	is "$(ls -A "$STORE")" ""
}

@test "STATUS is good while a set is exhausted: the node is at its capacity" {
	C=$(pool '[[{"subnet": "fd00::/64"}], [{"subnet": "10.1.2.0/30",
		"gateway": "10.1.2.3"}]]')
	for i in 1 2; do
		take "$C" c$i
		ready "$C"
	done
	refuses 101 'no IP addresses available in range set: 10.1.2.1-10.1.2.2; 2 addresses of it are reserved in .*/net$' \
		ADD "$C" c3
	ready "$C"
	ready "$(pool '[[{"subnet": "10.1.2.0/32", "gateway": "10.1.2.0"}]]')"
}

@test "STATUS reads no reservation, nor waits for a lock" {
	take "$C"
	mkfifo "$STORE/$NET/10.1.2.77"
	exec {lock}<"$STORE/$NET/lock"
	flock "$lock"
	ready "$C"
	exec {lock}<&-
	traced -e trace=open,openat,flock -- STATUS "$C"
	not grep -q '"10\.1\.2\.\|LOCK_[SE]' "$TMP/trace"
}

@test "STATUS is 50 where the store cannot be written" {
	: >"$STORE/$NET"
	refuses 50 'cannot open the store .*/net; Not a directory' STATUS "$C"
	for dir in /net /net/a/b; do
		refuses 50 'the store .*; Not a directory' \
			STATUS "$(pool "$DUAL" '.ipam.dataDir += "'$dir'"')"
	done
	rm "$STORE/$NET"
	mkdir -p "$STORE/$NET/lock"
	refuses 50 'cannot open .*/net/lock; Is a directory' STATUS "$C"
	refuses 5 'cannot open .*/net/lock; Is a directory' ADD "$C"
	rmdir "$STORE/$NET/lock"
	ln -s /dev/null "$STORE/$NET/lock"
	refuses 50 'cannot open .*/net/lock' STATUS "$C"
	rm -r "${STORE:?}/$NET"
	refuses 50 'cannot read /nowhere/resolv.conf' STATUS \
		"$(pool "$DUAL" '.ipam.resolvConf = "/nowhere/resolv.conf"')"
}

@test "STATUS is 50 on a read-only file system, where DEL still looks" {
	in_host mount -t tmpfs none "$STORE"
	take "$C"
	in_host mount -o remount,ro "$STORE"
	refuses 50 'the store .*/net cannot be used; Read-only file system' \
		STATUS "$C"
	refuses 50 'the store .*/other cannot be used; Read-only file system' \
		STATUS "$(pool "$DUAL" '.name = "other"')"
	holds "$C"
	refuses 5 'Read-only file system' ADD "$C" c2
	refuses 5 'cannot make the store .*; Read-only file system' ADD \
		"$(pool "$DUAL" '.name = "other"')"
	refuses 5 'cannot release in .*; Read-only file system' DEL "$C"
	free "$C" nobody
	in_host mount -o remount,rw "$STORE"
	free "$C"
	ready "$C"
}
