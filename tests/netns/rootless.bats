#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rootless.bats - in a user namespace whose root is a plain user outside,
# as rootless nerdctl and podman have it; and where there is not even that

load helpers

SOMEBODY=(setpriv --reuid 12345 --regid 12345 --clear-groups)

# A plugin joins by its line: interface, file with configuration, an edit.
CONFS=(
	'bridge eth0 dual .ipMasq = true | .macspoofchk = true'
	'bridge eth0 l3 .isDefaultGateway = true | .hairpinMode = true'
	'bridge eth0 l3v6 .ipMasq = true | .enabledad = true'
	'bridge eth0 l2 .promiscMode = true | .mtu = 1400 | .portIsolation = true'
	'loopback lo loopback .'
)

setup() {
	"${SOMEBODY[@]}" unshare -Urnm true 2>/dev/null ||
		skip "needs CONFIG_USER_NS (a plain user cannot have one)"
	UNSHARE=("${SOMEBODY[@]}" unshare -Ur)
	ENTER=(-U -S 0 -G 0 -n -m)
	host_up
	# the pods belong to the same user namespace
	UNSHARE=(nsenter -t "$HOST" -U -S 0 -G 0 unshare)
	# who cannot look into the folder of the one who builds
	chmod 711 "$TMP"
	cp -a "$BIN" "$TMP/bin"
	BIN=$TMP/bin
	chown 12345 "$STORE"
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
}

@test "its root is none of the machine" {
	is "$(in_host id -u)" 0
	not in_host touch "$TMP/x"
	is "$(awk '/^Uid/ { print $2 }' "/proc/$HOST/status")" 12345
}

@test "every verb of every plugin works" {
	local p ifname file edit c
	sandbox c1
	while read -r p ifname file edit; do
		echo "$p: $file with $edit"
		c=$(conf "$file" "$edit")
		status "$p" "$c"
		add "$p" "$c" c1 "$ifname"
		del "$p" "$c" c1 "$ifname"
		before=$(snapshot)
		for way in namespace none GC; do
			add "$p" "$c" c1 "$ifname"
			is "$errout" ''
			check "$p" "$(with_prev "$c" "$res")" c1 "$ifname"
			gc "$p" "$(with_valid "$c" c1 "$ifname")"
			check "$p" "$(with_prev "$c" "$res")" c1 "$ifname"
			case $way in
			namespace) del "$p" "$c" c1 "$ifname" ;;
			none) del "$p" "$c" c1 "$ifname" '' ;;
			GC) gc "$p" "$(with_valid "$c")" ;;
			esac
			[[ $p = bridge || $way = namespace ]] ||
				del "$p" "$c" c1 "$ifname"
			same_as "$before"
		done
		in_host ip link del br0 2>/dev/null || :
	done < <(printf '%s\n' "${CONFS[@]}")
}

@test "packets go to the host, to a sibling, and out by the masquerade" {
	sandbox c1 c2 OUT
	in_host ip link add out0 type veth peer name out1 netns "$OUT"
	in_host sh -ec 'ip addr add 203.0.113.1/24 dev out0
		ip link set out0 up'
	in_ns OUT sh -ec 'ip addr add 203.0.113.2/24 dev out1
		ip link set out1 up'
	add bridge "$C" c1
	add bridge "$C" c2
	two=$(address)
	in_ns c1 ping -q -c 1 -W 5 10.9.0.1
	in_ns c1 ping -q -c 1 -W 5 fd09::1
	in_ns c1 ping -q -c 1 -W 5 "$two"
	# where nobody knows the way back to the pod
	in_ns c1 ping -q -c 1 -W 5 203.0.113.2
	drop c2
	del bridge "$C" c2 eth0 ''
	del bridge "$C" c1
	in_host ip link del out0
}

@test "an ADD that fails leaves nothing" {
	sandbox c1
	add bridge "$C"
	del bridge "$C"
	before=$(snapshot)
	mkdir "$TMP/roots"
	while IFS='|' read -r code text edit; do
		fails "$code" "$text" cni ADD bridge "$(gojq -c "$edit" <<<"$C")"
		same_as "$before"
	done <<-END
	5|$TMP/roots/pods; Permission denied|.ipam.dataDir = "$TMP/roots"
	100|192.0.2.0/24|.ipam.routes = [{dst: "192.0.2.0/24", gw: "198.51.100.1"}]
	103|no-such|.ipam.type = "no-such"
	102|10.9.0.1/24|.ipam.ranges[0][0].gateway = "10.9.0.9"
	END
	add bridge "$C"
	del bridge "$C"
	same_as "$before"
}

@test "a user who may start no more processes: IPAM by one fails, and is undone" {
	local verb
	sandbox c1
	mkdir "$TMP/by"
	printf '#!/bin/sh\nexec "%s/host-local"\n' "$BIN" >"$TMP/by/host-local"
	chmod +x "$TMP/by/host-local"
	# a sanitizer's look for leaks would start one as well
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	# built in, it needs none
	WRAP=(prlimit --nproc=1)
	add bridge "$C"
	check bridge "$(with_prev "$C" "$res")"
	del bridge "$C"
	before=$(snapshot)
	CNI_PATH=$TMP/by
	fails 103 'cannot run .*/by/host-local; .*temporarily unavailable' \
		cni ADD bridge "$C"
	same_as "$before"
	fails 50 'cannot run .*/by/host-local' cni STATUS bridge "$C"
	WRAP=()
	add bridge "$C"
	there=$(snapshot)
	WRAP=(prlimit --nproc=1)
	for verb in CHECK GC; do
		fails 103 'cannot run .*/by/host-local' cni $verb bridge \
			"$(with_prev "$(with_valid "$C" c1 eth0)" "$res")"
		same_as "$there"
	done
	fails 103 'cannot run .*/by/host-local' cni DEL bridge "$C"
	# the addresses are what is left
	is "$(veths HOST)$(rules)" ''
	is "$(reservations | wc -l)" 2
	WRAP=()
	del bridge "$C"
	same_as "$before"
}

@test "who has no right to the namespaces is told so, and changes nothing" {
	local p ifname file edit
	sandbox c1
	before=$(snapshot)
	# not the root of the user namespace, but the same user outside of it
	ENTER=(-n -m)
	WRAP=("${SOMEBODY[@]}")
	while read -r p ifname file edit; do
		echo "$p: $file with $edit"
		fails '5|8|100' 'not permitted|Permission denied' \
			cni ADD "$p" "$(conf "$file" "$edit")" c1 "$ifname"
	done < <(printf '%s\n' "${CONFS[@]}")
	WRAP=()
	ENTER=(-U -S 0 -G 0 -n -m)
	same_as "$before"
	add bridge "$C"
	del bridge "$C"
}
