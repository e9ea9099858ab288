#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# inherited.bats - limits, signals, umask, streams and mounts that whoever starts
# the plugin leaves it: it works, or fails and has changed nothing
#
# rows: first iface iface-inside inside chained chained-saved-inside ipam ipam-plain
# layers: process

load row

setup() {
	row_up
	containers c1
	settle
	NS=()
	before=$(snapshot)
}

# by CMD... -- VERB: the plugin, run by CMD
by() {
	WRAP=("${@:1:$#-2}")
	ask "${@: -1}" "${CONF-$C}" c1 "$IF" "${NS[@]}"
	WRAP=()
	# the loader of libraries says 127, the shell 139 where a signal ended it;
	# and a sanitizer wants more than there is before it begins
	[[ $status = @(0|127|139) || $errout = *Sanitizer* ]] ||
		is_error '[0-9]+' .
}

# same_files: as before, but for the index, which is a hint
same_files() {
	local now
	now=$(snapshot)
	is "$(grep -v ^index: <<<"$now")" "$(grep -v ^index: <<<"$before")"
}

# adds CMD...: ADD by CMD works or changes nothing
adds() {
	by "$@" -- ADD
	added=$status
	echo "ADD by $*: $added"
	if [[ $added = 0 ]]; then detach; else same_as "$before"; fi
}

# dels CMD...: DEL by CMD does not succeed where it leaves something, and can
# be repeated. It finds what the last one found, if that failed.
dels() {
	[[ -n ${there-} ]] || attach
	there=1
	by "$@" -- DEL
	deleted=$status
	echo "DEL by $*: $deleted"
	[[ $deleted = 0 ]] || return 0
	there=
	same_files
}

# survives CMD...: both
survives() {
	adds "$@"
	dels "$@"
	detach
	there=
}

# under LIMIT N...: each works or not, the last one has to
under() {
	local n
	for n in "${@:2}"; do adds prlimit "--$1=$n"; done
	for n in "${@:2}"; do dels prlimit "--$1=$n"; done
	is "$added$deleted" 00
}

@test "few descriptors" {
	under nofile 3 4 {6..12} 24
}

@test "a small stack" {
	under stack $((24 << 10)) $((72 << 10)) $((1 << 20))
}

@test "little memory" {
	local low=1024 high=1024 n few=()
	# so much, in KiB, has the executable loaded
	loads() {
		WRAP=(prlimit "--as=$(($1 << 10))")
		plugin "$P" CNI_COMMAND=VERSION </dev/null
		WRAP=()
		[[ $status = 0 ]]
	}
	until loads $((high *= 2)); do
		low=$high
		# a sanitizer's address space has room for all others'
		((high < 1 << 20)) || { adds prlimit "--as=$((high << 10))"; return; }
	done
	while ((high - low > 16)); do
		n=$(((low + high) / 2))
		if loads $n; then high=$n; else low=$n; fi
	done
	for n in {0..120..40}; do few+=($(((high + n) << 10))); done
	under as "${few[@]}" $((high << 11))
}

@test "files that may not grow" {
	local n
	for n in 0 30 100000; do
		# the result goes to a pipe, as a runtime's does
		survives bash -c 'set -o pipefail; "$@" | cat' -- \
			prlimit --fsize=$n
	done
	is "$added$deleted" 00
	# what nobody got whole is taken back
	WRAP=(prlimit --fsize=30)
	ask ADD
	is "$status" 1
	same_as "$before"
}

@test "signals that are ignored, or blocked" {
	survives env --ignore-signal
	is "$added$deleted" 00
	survives env --block-signal
	is "$added$deleted" 00
}

@test "a umask that keeps all out, or none" {
	local mask open
	for mask in 0777 0; do
		! has_leases || rm -r "${STORE:?}/pods"
		# shellcheck disable=SC2054 # a list of setpriv's
		WRAP=(sh -c "umask $mask; exec \"\$@\"" -- setpriv
			--bounding-set=-dac_override,-dac_read_search)
		attach
		checks "$prev"
		open=$(in_host find "$STORE" /run /var/lib -mindepth 1 ! -type l \
			-perm /022)
		is "$open" ''
		detach
		WRAP=()
	done
	same_files
}

@test "streams that are closed, where there is no /dev/null" {
	local closed
	for closed in '<&-' '<&- >&- 2>&-'; do
		WRAP=(unshare -m sh -c
			"mount -t tmpfs none /dev && exec \"\$@\" $closed" --)
		ask ADD
		is "$status" 1
		same_as "$before"
	done
	WRAP=()
	survives unshare -m sh -c \
		'mount -t tmpfs none /dev && exec "$@" 2>&-' --
	is "$added$deleted" 00
}

@test "a part of /proc is missing" {
	local hide
	for hide in /proc/sys /proc/sys/net; do
		survives unshare -m sh -c \
			"mount -t tmpfs none $hide && exec \"\$@\"" --
	done
	works
}

@test "there is no /proc" {
	local there verb hide=(unshare -m sh -c 'umount -l /proc && exec "$@"' --)
	# a sanitizer cannot do without it
	WRAP=("${hide[@]}")
	plugin "$P" CNI_COMMAND=VERSION </dev/null
	WRAP=()
	[[ $errout != *Sanitizer* ]] || return 0
	is "$status" 0
	# nothing there names a process, nor its namespace
	if ! gives; then
		touch "$TMP/netns"
		in_host mount --bind "$(netns c1)" "$TMP/netns"
		NS=("$TMP/netns")
	fi
	survives "${hide[@]}"
	# two have something to put back there, and say that they cannot
	case $P in
	portmap | tuning) is "$deleted" 1 ;;
	*) is "$deleted" 0 ;;
	esac
	attach "$C" c1 "$IF" "${NS[@]}"
	there=$(snapshot)
	CONF=$prev by "${hide[@]}" -- CHECK
	for verb in STATUS GC; do
		CONF=$(with_valid "$C" c1 "$IF") by "${hide[@]}" -- $verb
		is "$status" 0
	done
	same_as "$there"
	detach
	works
}
