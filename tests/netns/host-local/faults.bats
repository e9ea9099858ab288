#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/faults.bats - host-local when the lock is taken, the disk full,
# a system call failing, or itself killed

load ../helpers
load host-local

V4='[[{"subnet": "10.1.2.0/24"}]]'

setup() {
	host_up
	C=$(pool "$V4")
}

@test "a lock that stays taken is error 11, and names who holds it" {
	take "$C"
	hold_lock "$STORE/net/lock"
	refuses 11 "^$STORE/net/lock has been held for 10 seconds by pid $! \(sleep\), try again later;" \
		ADD "$C" c2
	kill $!
	is "$(taken)" 10.1.2.2
	take "$C" c2
	is "$(taken)" "10.1.2.2 10.1.2.3"
}

@test "a lock that is given back in time is waited for" {
	take "$C"
	hold_lock "$STORE/net/lock"
	holder=$!
	plain -- ADD "$C" c2 &
	adding=$!
	eventually grep -q -- "-> FLOCK .*:$(stat -c %i "$STORE/net/lock") " \
		/proc/locks
	is "$(taken)" 10.1.2.2
	kill $holder
	wait $adding
	is "$(taken)" "10.1.2.2 10.1.2.3"
}

# The runtime may have given up on it: its result cannot be written, the
# address may be somebody else's by then, or the same attachment's once more.
@test "an ADD whose result gets lost takes back only what it reserved itself" {
	C=$(pool '[[{"subnet": "10.1.2.0/30"}]]')
	for next in nobody c2 c1; do
		mkfifo "$TMP/result"
		exec 7<>"$TMP/result"
		head -c 65536 /dev/zero >&7
		env CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_IFNAME=eth0 \
			CNI_NETNS=/none CNI_PATH="$BIN" "$BIN/host-local" \
			<<<"$C" >"$TMP/result" 2>/dev/null 3>&- 7>&- &
		adding=$!
		reserved() { [[ -e $STORE/net/10.1.2.2 ]]; }
		eventually reserved
		if [[ $next != nobody ]]; then
			free "$C" c1
			given 10.1.2.2/30 "$C" $next
		fi
		exec 7>&-
		code=0
		wait $adding || code=$?
		is $code 1
		if [[ $next != nobody ]]; then
			holds "$C" $next
			refuses 101 'no IP addresses' ADD "$C" c3
			free "$C" $next
		fi
		is "$(taken)" ''
		rm "$TMP/result"
	done
}

@test "no room: nothing is left of an ADD, and DEL works" {
	C=$(pool '[[{"subnet": "10.1.2.0/24"}], [{"subnet": "10.3.0.0/24"}]]')
	left() { in_host find "$STORE" -path '*/.cnic' -prune -o -type f \
		-name '10.*' -print; }
	full=0
	for inodes in {2..24}; do
		in_host mount -t tmpfs -o nr_inodes=$inodes none "$STORE"
		ipam ADD "$C" c1
		if [[ $status != 0 ]]; then
			is_error 5 'No space left on device'
			is "$(left)" ""
			full=$((full + 1))
		fi
		free "$C" c1
		is "$(left)" ""
		in_host umount "$STORE"
	done
	# both ends were tried: not even a folder, and room for everything
	((full > 2))
	is "$status" 0
}

@test "no room for the content: no empty file, and the pool stays whole" {
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	in_host mount -t tmpfs -o size=64k none "$STORE"
	take "$C" c1
	in_host sh -c "cat /dev/zero >'$STORE/fill' 2>/dev/null" || :
	refuses 5 'cannot reserve an address in .*; No space left' ADD "$C" c2
	is "$(in_host find "$STORE" -size 0 -name '10.*')" ""
	holds "$C" c1
	# its room is enough for another one
	free "$C" c1
	take "$C" c2
	refuses 5 'cannot reserve an address in .*; No space left' ADD "$C" c3
	free "$C" c2
	in_host rm "$STORE/fill"
	all_of "$C" 5
	in_host umount "$STORE"
}

# A file that the reference wrote is in no index, one of ours is.
@test "a DEL that cannot read for now what may be its own does not pass it by" {
	needs_tool strace
	for e in EIO EMFILE ENFILE; do
		for whose in reference ours; do
			echo "$e, the file is: $whose"
			if [[ $whose = ours ]]; then
				take "$C"
			else
				write 10.1.2.2 'c1\r\neth0'
			fi
			traced -P 10.1.2.2 -e "trace=$OPENS" \
				-e "inject=$OPENS:error=$e" -- DEL "$C" 2>>"$TMP/noise"
			grep -q INJECTED "$TMP/trace"
			is_error 5 "$STORE/net; (Input/output|Too many open)"
			is "$(taken)" 10.1.2.2
			free "$C"
			is "$(taken)" ''
			rm -r "${STORE:?}/net"
		done
	done
}

@test "GC says that there is a file it may not read, and collects the rest" {
	needs_tool strace
	C=$(pool '[[{"subnet": "10.1.2.0/29"}]]')
	write 10.1.2.2 'dead2\r\neth0'
	write 10.1.2.3 'dead3\r\neth0'
	valid=$(with_valid "$C")
	traced -P 10.1.2.2 -e "trace=$OPENS" -e "inject=$OPENS:error=EACCES" \
		-- GC "$valid" 2>>"$TMP/noise"
	grep -q INJECTED "$TMP/trace"
	is_error 5 "$STORE/net; Permission denied"
	is "$(taken)" 10.1.2.2
	plain -- GC "$valid"
	is "$status" 0
	is "$(taken)" ''
}
