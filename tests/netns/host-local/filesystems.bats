#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/filesystems.bats - stores on file systems that lack something, and
# behind symbolic links: it works, or ADD is refused and says what to do, while
# DEL and GC release

load ../helpers
load host-local

V4='[[{"subnet": "10.1.2.0/29"}]]'

setup() {
	host_up
	C=$(pool "$V4")
}

# lacks CALLS ERROR: from here on these system calls are answered so
lacks() {
	needs_tool strace
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\nexec strace -qq -o "%s" %s "%s"\n' "$TMP/trace" \
		"-E ASAN_OPTIONS=detect_leaks=0 -e trace=$1 -e inject=$1:error=$2" \
		"$BUILT/host-local" >"$TMP/bin/host-local"
	chmod +x "$TMP/bin/host-local"
	BUILT=${BUILT-$BIN} BIN=$TMP/bin
}
all_there() { BIN=$BUILT; }

# works: attachments come and go, and nothing is handed out twice
works() {
	local i
	rm -f "$STORE/net/last_reserved_ip.0"
	for i in 1 2 3; do take "$C" c$i; done
	is "$(taken)" '10.1.2.2 10.1.2.3 10.1.2.4'
	for i in 1 2 3; do holds "$C" c$i; done
	refuses 102 . ADD "$C" c2
	free "$C" c2
	is "$(taken)" '10.1.2.2 10.1.2.4'
	collect "$(with_valid "$C" c3 eth0)"
	is "$(taken)" 10.1.2.4
	free "$C" c3
	is "$(taken)" ''
	ready "$C"
}

# releases: what is there from before goes
releases() {
	is "$(taken)" '10.1.2.2 10.1.2.3 10.1.2.4'
	holds "$C" c1
	free "$C" c1
	is "$(taken)" '10.1.2.3 10.1.2.4'
	collect "$(with_valid "$C" c3 eth0)"
	is "$(taken)" 10.1.2.4
}

@test "without flock ADD is refused, with the remedy, and the rest releases" {
	BUILT=$BIN
	for e in ENOLCK ENOSYS EOPNOTSUPP; do
		all_there
		for i in 1 2 3; do take "$C" c$i; done
		lacks flock $e
		before=$(ls -A "$STORE/net")
		refuses 5 'cannot lock .*/net/lock; .*set "dataDir" to a folder' \
			ADD "$C" c4
		is "$(ls -A "$STORE/net")" "$before"
		refuses 50 'cannot lock .*/net/lock; .*set "dataDir" to a folder' \
			STATUS "$C"
		releases
		all_there
		free "$C" c3
		rm -r "${STORE:?}/net"
	done
}

@test "a lock that is refused for another reason is an error to all" {
	BUILT=$BIN
	take "$C" c1
	lacks flock EIO
	for verb in ADD DEL; do
		refuses 5 'cannot lock .*/net/lock; Input/output error$' \
			$verb "$C" c1
	done
	is "$(taken)" 10.1.2.2
}

@test "without hard links, and without a rename that keeps what is there" {
	BUILT=$BIN
	lacks linkat EPERM
	works
	lacks linkat,renameat2 EINVAL
	refuses 5 'cannot reserve.* takes no file called 10\.1\.2\..: set "dataDir"' \
		ADD "$C"
	is "$(taken)" ''
	lacks linkat,renameat2 ENOSYS
	works
}

@test "without symbolic links there is no index, and all else is the same" {
	BUILT=$BIN
	for e in EPERM EOPNOTSUPP ENOSYS; do
		lacks symlinkat $e
		works
		is "$(ls "$STORE/net/.cnic")" ''
	done
	lacks linkat,symlinkat,renameat2 EOPNOTSUPP
	works
}

@test "the store behind an administrator's links" {
	# a network's folder
	mkdir "$TMP/moved"
	ln -s "$TMP/moved" "$STORE/net"
	works
	is "$(ls -A "$TMP/moved")" $'.cnic\nlast_reserved_ip.0\nlock'
	# of a link, a relative one, and the folder of all networks
	rm "$STORE/net"
	mv "$TMP/moved" "$STORE/old"
	ln -s old "$STORE/older"
	ln -s older "$STORE/net"
	works
	mv "$STORE" "$TMP/all"
	ln -s "$TMP/all" "$STORE"
	works
	is "$(readlink "$TMP/all/net")" older
}

@test "a link of somebody else is not followed, and the error says what to do" {
	for i in 1 2 3; do take "$C" c$i; done
	mv "$STORE/net" "$TMP/moved"
	ln -s "$TMP/moved" "$STORE/net"
	chown -h 4711 "$STORE/net"
	for verb in ADD DEL CHECK; do
		refuses 5 'cannot open the store .*/net; .* of user 4711.*chown -h' \
			$verb "$C"
	done
	refuses 50 'cannot open the store .*/net; .* of user 4711.*chown -h' \
		STATUS "$C"
	chown -h 0 "$STORE/net"
	releases
}

@test "a link that leads nowhere, or in a circle" {
	ln -s "$TMP/moved" "$STORE/net"
	refuses 5 'cannot make the store .*/net; .*make the folder that it leads to' \
		ADD "$C"
	refuses 50 'the store .*/net cannot be used' STATUS "$C"
	free "$C"
	mkdir "$TMP/moved"
	works
	rm "$STORE/net"
	ln -s net "$STORE/net"
	for verb in ADD DEL; do
		refuses 5 'cannot open the store .*/net; .*levels of symbolic links' \
			$verb "$C"
	done
}

# --- vfat, as on a boot partition or a stick --------------------------------

# vfat: HOST has one of 1.4 MB as the store, made here as mkfs would make it:
# sectors and clusters of 512 bytes, one FAT of 9 sectors, 512 entries
vfat() {
	local image=$TMP/vfat
	printf '\xeb\x3c\x90MSDOS5.0\0\x02\x01\x01\0\x01\0\x02\x40\x0b\xf8\x09' \
		>"$image"
	truncate -s 512 "$image"
	printf '\xf8\xff\xff' >>"$image"
	truncate -s $((2880 * 512)) "$image"
	needs_kernel CONFIG_VFAT_FS "mount -t vfat -o loop '$image' '$STORE'"
	# what HOST has mounted there, by a path that is the same for all
	STORE=/proc/$HOST/root$STORE
}

@test "vfat serves, but for IPv6, and says so" {
	local v6='[[{"subnet": "fd01::/120"}]]' c
	vfat
	works
	all_of "$C" 5
	for c in "$(pool "$v6")" "$(pool "${V4%]},${v6#[}")"; do
		refuses 5 'reserve.* takes no file called fd01::2: set "dataDir"' \
			ADD "$c"
		is "$(taken)" ''
		free "$c"
		ready "$c"
	done
}

@test "vfat that is full, or can only be read" {
	vfat
	for i in 1 2 3; do take "$C" c$i; done
	not in_host dd if=/dev/zero "of=$STORE/zeros" bs=64k status=none
	refuses 5 'cannot reserve .*; No space left on device$' ADD "$C" c4
	releases
	take "$C" c4
	# as the kernel makes it after an error
	in_host mount -o remount,ro "$STORE"
	refuses 5 'Read-only file system$' ADD "$C" c5
	is "$(taken)" '10.1.2.4 10.1.2.5'
	holds "$C" c3
}
