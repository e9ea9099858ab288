#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# lying-store.bats - attachments while the store of addresses lies, is full,
# read-only or cannot be read: what goes on, what is refused and why; that
# nothing is touched then; and that all is well once the store is
#
# Another attachment, c9, is there all the time and must not notice.

load helpers
load host-local/host-local

# Plugins that reserve in the store, a line each. The IPAM plugin comes last.
USERS=(bridge host-local)

setup() {
	host_up
	sandbox c1 c9
	# in HOST alone: a file system of its own may be mounted there
	STORE=/run/store
	OUTSIDE=/proc/$HOST/root/run/store
	NET=pods
	mkdir "$OUTSIDE" "$TMP/none"
	C=$(conf dual '.ipMasq = true | .ipam.ranges[0][0].subnet = "10.9.0.0/29"')
}

# begin: c9 is attached, as 10.9.0.2, and c1 has been
begin() {
	add bridge "$C" c1
	del bridge "$C" c1
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.2' add bridge "$C" c9
	KEPT=$(with_prev "$C" "$res")
}

# files: what is in the store, but for the index and what changes with each ADD
files() {
	in_host find "$STORE" ! -path '*/.cnic*' ! -name 'last_reserved_ip.*' \
		\( -type d -printf '%y %m %P\n' \
		-o -printf '%y %m %s %P %l\n' \) | sort
}
evidence() {
	STORE=$TMP/none snapshot
	files
}
untouched() {
	diff -U0 <(echo "$1") <(evidence)
}

# kept: c9 has all it had
kept() {
	check bridge "$KEPT" c9
	in_ns c9 ping -c 1 -W 5 10.9.0.1
}

# well: attachments come and go, and leave nothing
well() {
	local p before
	before=$(evidence)
	for p in "${USERS[@]}"; do
		add "$p" "$C" c1
		json '.ips | length' 2
		check "$p" "$(with_prev "$C" "$res")" c1
		del "$p" "$C" c1
	done
	untouched "$before"
	kept
}

# refused CODE TEXT: by everybody, and nothing is changed
refused() {
	local p before
	before=$(evidence)
	for p in "${USERS[@]}"; do
		fails "$1" "$2" cni ADD "$p" "$C" c1
		untouched "$before"
	done
}

# --- one file -------------------------------------------------------------

# A lie in a file's place: a name and the command that makes it at $1.
LIES=(
	'empty       : >"$1"'
	'binary      head -c 5000 /dev/urandom >"$1"'
	'huge        truncate -s 1G "$1"'
	'nul         printf "c1\0\r\neth0" >"$1"'
	'evil        printf "../../c1\r\n/eth0" >"$1"'
	'folder      mkdir "$1"; printf "c1\r\neth0" >"$1/10.9.0.3"'
	'link        ln -s /run/secret "$1"'
	'dangling    ln -s /run/nothing "$1"'
	'loop        ln -s "$1" "$1"'
	'zero        ln -s /dev/zero "$1"'
	'device      mknod "$1" c 1 5'
	'fifo        mkfifo "$1"'
)

# lie NAME COMMAND: in the store's folder
lie() {
	in_host sh -ec "cd '$STORE/pods' && umask 077 && set -- '$1' && $2"
}
truth() { in_host rm -rf "$STORE/pods/$1"; }
secret() { printf 'c1\r\neth0' >"/proc/$HOST/root/run/secret"; }
no_secret_told() { is "$(in_host cat /run/secret)" $'c1\r\neth0'; }

@test "a lie in an address's place hurts nobody" {
	local kind what p
	begin
	secret
	for line in "${LIES[@]}"; do
		read -r kind what <<<"$line"
		echo "lie: $kind"
		for p in "${USERS[@]}"; do
			lie 10.9.0.4 "$what"
			before=$(files)
			add "$p" "$C" c1
			[[ $(address) != 10.9.0.2 ]]
			check "$p" "$(with_prev "$C" "$res")" c1
			del "$p" "$C" c1
			# a plain file that names nobody may be gone
			case $kind in
			empty | binary | huge | nul | evil)
				diff <(grep -v 10.9.0.4 <<<"$before") \
					<(files | grep -v 10.9.0.4) ;;
			*) diff <(echo "$before") <(files) ;;
			esac
			gc "$p" "$(with_valid "$C" c9 eth0)"
			truth 10.9.0.4
		done
		kept
	done
	no_secret_told
	well
}

@test "a lie in place of the store's own files is refused, or does no harm" {
	local kind what name before
	begin
	secret
	for name in lock last_reserved_ip.0 .cnic .cnic/stamp .cnic/new \
		.cnic/stamp.new; do
		before=$(evidence)
		for line in "${LIES[@]}"; do
			read -r kind what <<<"$line"
			[[ ! $kind =~ binary|nul|evil|device|dangling ]] || continue
			echo "lie: $kind in place of $name"
			truth "$name"
			lie "$name" "$what"
			case $name/$kind in
			lock/folder | lock/link | lock/loop | lock/zero | \
				last_reserved_ip.0/folder | .cnic/empty | \
				.cnic/huge | .cnic/link | .cnic/loop | \
				.cnic/zero | .cnic/fifo | .cnic/new/folder)
				fails 5 "$STORE/pods" cni ADD bridge "$C" c1 ;;
			*)
				add bridge "$C" c1
				check bridge "$(with_prev "$C" "$res")" c1
				del bridge "$C" c1 ;;
			esac
		done
		truth "$name"
		gc bridge "$(with_valid "$C" c9 eth0)"
		untouched "$before"
		kept
	done
	no_secret_told
	well
}

# --- the whole store ------------------------------------------------------

# own_disk SIZE: the store is on a file system of its own
own_disk() { in_host mount -t tmpfs -o "$1" none "$STORE"; }
fill() { in_host sh -c "cat /dev/zero >'$STORE/fill' 2>/dev/null" || :; }

@test "a full disk: refused, DEL and CHECK work, and all is well with room" {
	own_disk size=200k
	begin
	fill
	refused 5 "cannot reserve an address in $STORE/pods; No space left"
	kept
	gc bridge "$(with_valid "$C" c9 eth0)"
	# what is given back is room enough for another one
	del bridge "$C" c9
	in_host rm "$STORE/fill"
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.2' add bridge "$C" c9
	KEPT=$(with_prev "$C" "$res")
	well
}

@test "no inode is left: refused, and all is well with some" {
	own_disk nr_inodes=20
	begin
	in_host sh -c "cd '$STORE' && for i in \$(seq 20); do : >f\$i; done" \
		2>/dev/null || :
	refused 5 "$STORE/pods; No space left"
	kept
	in_host sh -c "rm '$STORE'/f*"
	well
}

@test "a read-only store: refused but for CHECK, and DEL can be repeated" {
	own_disk size=1m
	begin
	in_host mount -o remount,ro "$STORE"
	refused 5 "$STORE/pods.*; Read-only file system"
	kept
	for p in "${USERS[@]}"; do
		fails 50 "$STORE/pods" cni STATUS "$p" "$C"
		fails 5 "$STORE/pods; Read-only file system" cni DEL "$p" "$C" c9
		del "$p" "$C" c1
	done
	in_host mount -o remount,rw "$STORE"
	is "$(NET=pods in_host ls "$STORE/pods" | grep -c '^10\.')" 1
	del bridge "$C" c9
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.2' add bridge "$C" c9
	KEPT=$(with_prev "$C" "$res")
	well
}

# elsewhere MAKE UNDO TEXT: shell commands in the store, what ADD says between
elsewhere() {
	in_host sh -ec "cd $STORE; $1"
	refused 5 "$3"
	in_host sh -ec "cd $STORE; $2"
	well
}

@test "a store that is something else: refused, and all is well with it back" {
	begin
	for thing in ': >pods' 'mkfifo pods' 'ln -s pods pods' \
		'ln -s p pods; chown -h 4711 pods' 'ln -s /run/nothing pods' \
		'mknod pods c 1 5'; do
		elsewhere "mv pods p; $thing" 'rm pods; mv p pods' \
			'cannot (open|make) the store /run/store/pods; '
	done
	in_host sh -ec "mv $STORE $STORE.away; : >$STORE"
	refused 5 'the store /run/store/pods; Not a directory'
	in_host sh -ec "rm $STORE; mv $STORE.away $STORE"
	well
}

# --- what may not be read -------------------------------------------------

# powerless: from here on the plugin is a root that modes of files count for
powerless() {
	WRAP=(setpriv '--bounding-set=-dac_override,-dac_read_search')
}

@test "an address whose file cannot be read stays taken, and comes back" {
	begin
	powerless
	lie 10.9.0.3 'printf "c1\r\neth0" >"$1"; chmod 0 "$1"'
	well
	# this one may hold it, for all one can see
	is "$(files | grep -c 10.9.0.3)" 1
	del bridge "$C" c1
	is "$(files | grep -c 10.9.0.3)" 1
	WRAP=()
	del bridge "$C" c1
	is "$(files | grep -c 10.9.0.3)" 0
	well
}

@test "an address of its own that cannot be read is an error to DEL" {
	begin
	add bridge "$C" c1
	powerless
	lie 10.9.0.3 'chmod 0 "$1"'
	before=$(files)
	fails 5 'pods; Permission denied' cni CHECK host-local "$C" c1
	for p in "${USERS[@]}"; do
		fails 5 "cannot release in $STORE/pods; Permission denied" \
			cni DEL "$p" "$C" c1
		diff <(echo "$before") <(files)
	done
	is "$(links c1)" lo
	lie 10.9.0.3 'chmod 600 "$1"'
	del bridge "$C" c1
	is "$(files | grep -c '10\.9\.0\.')" 1
	well
}

@test "a store that may not be read: refused, and all is well when it may" {
	begin
	powerless
	for what in pods pods/lock pods/.cnic; do
		mode=$(in_host stat -c %a "$STORE/$what")
		in_host chmod 0 "$STORE/$what"
		refused 5 "$STORE/pods.*; Permission denied"
		in_host chmod "$mode" "$STORE/$what"
		well
	done
}
