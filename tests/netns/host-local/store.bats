#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/store.bats - the files of host-local: shared with the reference
# plugin, hostile ones, those of an earlier boot

load ../helpers
load host-local

DUAL='[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}]]'

setup() {
	host_up
	C=$(pool "$DUAL")
}

# modes: type, mode and name of everything in the store
modes() { (cd "$STORE" && find . ! -path './net/.cnic/*' -printf '%y %m %P\n' | sort -k3); }

@test "the files and their contents are the reference's" {
	umask 022
	take "$C" c1
	take "$C" c.2-X_ eth1
	modes | diff - <(cat <<-END
		d 755 
		d 700 net
		d 700 net/.cnic
		f 600 net/10.1.2.2
		f 600 net/10.1.2.3
		f 600 net/fd00::2
		f 600 net/fd00::3
		f 600 net/last_reserved_ip.0
		f 600 net/last_reserved_ip.1
		f 600 net/lock
	END
	)
	cd "$STORE/net"
	cmp 10.1.2.2 <(printf 'c1\r\neth0')
	cmp fd00::3 <(printf 'c.2-X_\r\neth1')
	cmp last_reserved_ip.0 <(printf 10.1.2.3)
	cmp last_reserved_ip.1 <(printf fd00::3)
	cmp lock /dev/null
	is "$(stat -c %h 10.1.2.2)" 1
}

@test "a umask is respected" {
	umask 027
	take "$(pool "$DUAL" '.ipam.dataDir += "/a/b"')" c1
	is "$(cd "$STORE" && stat -c %a a a/b a/b/net a/b/net/lock \
		a/b/net/10.1.2.2 | xargs)" "750 750 700 600 600"
	umask 077
	take "$C" c1
	is "$(cd "$STORE" && stat -c %a net net/lock net/10.1.2.2 | xargs)" \
		"700 600 600"
}

@test "nothing of ours looks like a reservation to the reference" {
	for i in 1 2 3; do take "$C" c$i; done
	free "$C" c2
	# it reads every regular file, whatever the folder, through links too
	is "$(find -L "$STORE/net/.cnic" -type f)" ""
	is "$(find "$STORE/net/.cnic" -mindepth 1 ! -type l)" ""
	is "$(grep -rlx $'c2\r' "$STORE")" ""
}

@test "reservations of the reference count, before and in between" {
	write 10.1.2.2 'go1\r\neth0'
	write fd00::2 'go1\r\neth0'
	write 10.1.2.3 'go2\r\neth0'
	write last_reserved_ip.0 10.1.2.3
	given "10.1.2.4/24 fd00::3/64" "$C" c1
	holds "$C" go1
	refuses 102 '10.1.2.2 has been allocated to go1,' ADD "$C" go1
	# both write in turn, each without the other's knowledge
	for i in 1 2 3 4 5; do
		write "10.1.2.1$i" "go1$i"'\r\neth0'
		holds "$C" "go1$i"
		take "$C" "c1$i"
		free "$C" "go1$i"
		rm "$STORE/net/$(addresses | sed 's:/.*::')"
		holds "$C" "c1$i"
		free "$C" "c1$i"
		refuses 104 . CHECK "$C" "c1$i"
	done
	free "$C" go1
	free "$C" go2
	free "$C" c1
	is "$(taken)" ""
}

@test "a last_reserved_ip that makes no sense starts the round anew" {
	for text in '' rubbish 192.0.2.7 'fd00::99\n'; do
		write last_reserved_ip.0 "$text"
		take "$C"
		json '.ips[0].address' 10.1.2.2/24
		free "$C"
	done
	head -c 100000 /dev/urandom >"$STORE/net/last_reserved_ip.0"
	take "$C"
	json '.ips[0].address' 10.1.2.2/24
	free "$C"
	write last_reserved_ip.0 10.1.2.254
	take "$C"
	json '.ips[0].address' 10.1.2.2/24
}

@test "empty files hold no address" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	for i in 2 3 4; do write 10.1.2.$i ''; done
	head -c 5000 /dev/zero >"$STORE/net/10.1.2.6"
	all_of "$C" 5
	is "$(taken)" ""
	# one of ours that loses its content later on
	take "$C" c1
	: >"$STORE/net/$(taken)"
	all_of "$C" 5
	# and a request for such a one
	write 10.1.2.4 ''
	CNI_ARGS=IP=10.1.2.4 given 10.1.2.4/29 "$C" c1
}

@test "a file that names no attachment keeps its address, and ADD says so" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	write 10.1.2.2 'the printer, until May'
	head -c 5000 /dev/urandom >"$STORE/net/10.1.2.3"
	write 10.1.2.4 'cow\neth0\npasture'
	all_of "$C" 2
	for i in 1 2; do take "$C" c$i; done
	refuses 101 'no IP addresses .*; 5 addresses of it are reserved in .*/net; files that name no attachment hold 3 of its addresses, such as .*/net/10.1.2.[234]$' \
		ADD "$C" c3
	CNI_ARGS=IP=10.1.2.2 refuses 101 \
		'10.1.2.2 is there; files that name no attachment hold 3' \
		ADD "$C" c3
	refuses 104 'files that name no attachment hold 3' CHECK "$C" cow
	collect "$(with_valid "$C")"
	free "$C" cow
	new_boot 1 net
	touch -d @86400 "$STORE"/net/10.1.2.*
	free "$C" cow
	is "$(taken)" "10.1.2.2 10.1.2.3 10.1.2.4"
	is "$(cat "$STORE/net/10.1.2.2")" 'the printer, until May'
}

@test "lines may end in LF, and the interface name be missing" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	write 10.1.2.2 'cow\neth0'
	write 10.1.2.3 'hen\neth0\n'
	write 10.1.2.4 'pig\r\neth0\r\n'
	write 10.1.2.5 'ewe\n'
	given 10.1.2.6/29 "$C" cat
	for id in cow hen pig ewe; do holds "$C" $id; done
	refuses 102 . ADD "$C" hen
	collect "$(with_valid "$C" cow eth0 hen eth0 ewe eth0)"
	is "$(taken)" "10.1.2.2 10.1.2.3 10.1.2.5"
	free "$C" hen
	free "$C" ewe
	is "$(taken)" 10.1.2.2
}

@test "a reservation that is edited, replaced or added under an old date counts" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	for id in c1 c2 c3; do take "$C" $id; done
	printf 'new1\r\neth0' >"$STORE/net/10.1.2.2"
	date=$(stat -c %y "$STORE/net")
	printf 'new2\r\neth0' >"$TMP/new2"
	mv "$TMP/new2" "$STORE/net/10.1.2.3"
	printf 'new4\r\neth0' >"$STORE/net/10.1.2.5"
	touch -d "$date" "$STORE/net"
	for id in new1 new2 new4 c3; do holds "$C" $id; done
	for id in c1 c2; do refuses 104 . CHECK "$C" $id; done
	for id in new4 new1 new2 c1; do free "$C" $id; done
	is "$(taken)" 10.1.2.4
	holds "$C" c3
}

@test "what is no file is neither followed nor waited for nor removed" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	printf 'c1\r\neth0' >"$TMP/secret"
	mkdir -p "$STORE/net/10.1.2.4"
	printf 'c1\r\neth0' >"$STORE/net/10.1.2.4/file"
	ln -s "$TMP/secret" "$STORE/net/10.1.2.2"
	mkfifo "$STORE/net/10.1.2.3"
	truncate -s 1G "$STORE/net/10.1.2.5"
	mkfifo "$STORE/net/notes"
	ln -s "$TMP/secret" "$STORE/net/last_reserved_ip.0"
	mkdir "$STORE/net/.cnic"
	ln -s "$TMP/secret" "$STORE/net/.cnic/new"
	ln -s "$TMP/secret" "$STORE/net/.cnic/stamp.new"
	refuses 104 . CHECK "$C" c1
	free "$C" c1
	all_of "$C" 1
	collect "$(with_valid "$C")"
	is "$(cd "$STORE/net" && stat -c %F 10.1.2.[234] | xargs)" \
		"symbolic link fifo directory"
	cmp "$TMP/secret" <(printf 'c1\r\neth0')
	is "$(cat "$STORE/net/last_reserved_ip.0")" 10.1.2.6
	not test -L "$STORE/net/last_reserved_ip.0"
}

@test "a link in place of the lock or of our folder is refused" {
	take "$C"
	rm "$STORE/net/lock"
	ln -s "$TMP/new-lock" "$STORE/net/lock"
	refuses 5 'cannot open .*/net/lock; Too many levels' ADD "$C" c2
	not test -e "$TMP/new-lock"
	rm "$STORE/net/lock"
	rm -r "$STORE/net/.cnic"
	mkdir "$TMP/own"
	ln -s "$TMP/own" "$STORE/net/.cnic"
	refuses 5 'cannot use .*/net/.cnic' ADD "$C" c2
	is "$(ls -A "$TMP/own")" ""
	holds "$C"
	free "$C"
	is "$(taken)" ""
}

# --- boots -------------------------------------------------------------------

@test "another boot ID alone is no other boot" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	take "$C" c1
	boot_id 1
	take "$C" c2
	holds "$C" c1
	write 10.1.2.4 'go4\r\neth0'
	in_host umount /proc/sys/kernel/random/boot_id
	take "$C" c3
	for id in c1 c2 c3 go4; do holds "$C" $id; done
	boot_id 2
	free "$C" c2
	for id in c1 c3 go4; do holds "$C" $id; done
}

# node_restarts: as on a node that is a container itself, and was restarted: its
# /proc was mounted later than any file was written, and has another boot ID
node_restarts() {
	echo 00000000-0000-4000-8000-000000000009 >"$TMP/boot_id"
	sleep 0.05 # dates of files are those of the timer's last tick
	# shellcheck disable=SC2016 # for the inner shell
	WRAP=(unshare -pm --fork --mount-proc sh -ec '
		mount --bind "$0" /proc/sys/kernel/random/boot_id
		for f in "$1"/*[0-9]; do [ /proc -nt "$f" ]; done
		shift
		exec "$@"' "$TMP/boot_id" "$STORE/net")
}

@test "a restarted node that is itself a container is no other boot" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	take "$C" c1
	write 10.1.2.3 'go3\r\neth0'
	node_restarts
	for id in c1 go3; do holds "$C" $id; done
	ready "$C"
	WRAP=()
	take "$C" c4
	node_restarts
	ready "$C"
	free "$C" c4
	# all is read again, and judged by its date
	rm -r "$STORE/net/.cnic"
	collect "$(with_valid "$C" c1 eth0 go3 eth0)"
	for id in c1 go3; do holds "$C" $id; done
	is "$(taken)" '10.1.2.2 10.1.2.3'
}

@test "after a reboot the pool is empty" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	for i in 1 2 3 4 5; do take "$C" c$i; done
	ready "$C"
	refuses 101 . ADD "$C" c6
	new_boot 1 net
	ready "$C"
	given 10.1.2.2/29 "$C" c1
	is "$(taken)" 10.1.2.2
	free "$C" c1
	all_of "$C" 5
	# and only then
	take "$C" c1
	new_boot 1 net
	take "$C" c2
	holds "$C" c1
}

@test "what the reference wrote counts as of an earlier boot by its date" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	for i in 2 3 4 5; do
		write 10.1.2.$i "go$i"'\r\neth0'
		touch -d @86400 "$STORE/net/10.1.2.$i"
	done
	write 10.1.2.6 'go6\r\neth0'
	ready "$C"
	take "$C" c1
	is "$(taken | wc -w)" 2
	holds "$C" go6
	# the reference was here again, after a reboot, before us
	new_boot 1 net
	rm "$STORE/net/10.1.2.6"
	write 10.1.2.6 'go6\r\neth0'
	free "$C" nobody
	is "$(taken)" 10.1.2.6
}

# clock_jumps: as after the clock was put forward, or in a virtual machine that
# was suspended, the plugin sees a kernel that started later than a file that
# was written at $early
clock_jumps() {
	local up proc start back
	needs_kernel CONFIG_TIME_NS 'unshare -T true'
	up=$(cut -d. -f1 /proc/uptime)
	proc=$(stat -c %Y /proc)
	start=$(($(date +%s) - up))
	early=@$((proc + 1))
	back=$((proc + 3 > start ? proc + 3 - start : 0))
	# a /proc that was mounted just now: no clock goes back to before 0
	while [ "$(cut -d. -f1 /proc/uptime)" -le "$back" ]; do sleep 0.2; done
	WRAP=(unshare -T --fork --boottime "-$back")
}

@test "a clock that was put forward makes nothing of this boot void" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	clock_jumps
	for i in 2 3 4; do
		write 10.1.2.$i "go$i"'\r\neth0'
		touch -d "$early" "$STORE/net/10.1.2.$i"
	done
	write 10.1.2.5 'go5\r\neth0'
	touch -d @86400 "$STORE/net/10.1.2.5"
	for i in 5 6; do take "$C" c$i; done
	refuses 101 . ADD "$C" c7
	holds "$C" go4
	is "$(taken)" "10.1.2.2 10.1.2.3 10.1.2.4 10.1.2.5 10.1.2.6"
	for i in 2 3 4; do free "$C" go$i; done
	for i in 5 6; do free "$C" c$i; done
	all_of "$C" 5
}

@test "a clock that jumps, back or forward, makes nothing of ours void" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	for i in 2 3 4 5; do take "$C" c$i; done
	touch -d @86400 "$STORE/net/10.1.2.2"
	touch -d '+10 years' "$STORE/net/10.1.2.3" "$STORE/net/last_reserved_ip.0"
	# of which the index does not know, so all is read again
	touch -d '+10 years' "$STORE/net"
	take "$C" c6
	refuses 101 . ADD "$C" c7
	for i in 2 3 4 5 6; do holds "$C" c$i; done
	# in the next boot all is, whatever the dates
	new_boot 1 net
	all_of "$C" 5
}

@test "reclaimOnReboot false: every reservation stays" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]' '.ipam.reclaimOnReboot = false')
	write 10.1.2.2 'go2\r\neth0'
	touch -d @86400 "$STORE/net/10.1.2.2"
	for i in 1 2 3 4; do take "$C" c$i; done
	new_boot 1 net
	refuses 101 . ADD "$C" c5
	holds "$C" go2
	holds "$C" c1
	free "$C" c1
	take "$C" c5
}

# under OPTION...: from here on the plugin runs under strace, which answers
# some system calls in another file system's place
under() {
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\nexec strace -qq -o "%s" %s "%s"\n' "$TMP/trace" \
		"-E ASAN_OPTIONS=detect_leaks=0 $*" "$BIN/host-local" \
		>"$TMP/bin/host-local"
	chmod +x "$TMP/bin/host-local"
	BIN=$TMP/bin
}

@test "on a network file system no boot counts, and there is no index" {
	needs_tool strace
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	# what fstatfs(2) would say on NFS: f_type is the first of the buffer
	under -e trace=fstatfs,symlinkat,utimensat \
		-e inject=fstatfs:poke_exit=@arg2=6969000000000000
	write 10.1.2.2 'go2\r\neth0'
	touch -d @86400 "$STORE/net/10.1.2.2"
	for i in 1 2 3; do take "$C" c$i; done
	not grep -q 'symlinkat\|utimensat' "$TMP/trace"
	grep -q fstatfs "$TMP/trace"
	new_boot 1 net
	take "$C" c4
	refuses 101 . ADD "$C" c5
	holds "$C" go2
	holds "$C" c1
	free "$C" c1
	is "$(taken)" "10.1.2.2 10.1.2.4 10.1.2.5 10.1.2.6"
	refuses 102 . ADD "$C" c2
	write 10.1.2.3 ''
	take "$C" c6
}

@test "where a folder's date keeps no nanoseconds there is no index" {
	needs_tool strace
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	# as if the file system had dropped what was set
	under -e trace=symlinkat,utimensat -e inject=utimensat:retval=0
	for i in 1 2 3; do take "$C" c$i; done
	matches "$(readlink "$STORE/net/.cnic/stamp")" '^2/.*/-$'
	write 10.1.2.5 'go5\r\neth0'
	holds "$C" go5
	free "$C" c2
	free "$C" go5
	is "$(taken)" "10.1.2.2 10.1.2.4"
	refuses 102 . ADD "$C" c1
	all_of "$C" 3
	new_boot 1 net
	take "$C" c9
	is "$(taken)" "10.1.2.4 $(addresses | sed 's:/.*::')"
	touch -d @86400 "$STORE/net/10.1.2.4"
	new_boot 2 net
	all_of "$C" 5
}
