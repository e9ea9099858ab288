#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# input.bats - configuration, stdin and namespace: what is refused before
# any work, and that nothing is touched then. $p is the plugin's name.

load helpers
load protocol

# --- the configuration ----------------------------------------------------

@test "a configuration without a proper name is refused" {
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		for n in '' ',"name":null' ',"name":""'; do
			refuses 7 '^missing network name; ' \
				"{\"cniVersion\":\"1.1.0\"$n}" ADD
		done
		refuses 7 'missing network name' null ADD
		for n in ../x a/b .. . .x -x 'a b' 'a\n' é; do
			refuses 7 'invalid characters found in network name' \
				"{\"cniVersion\":\"1.1.0\",\"name\":\"$n\"}" ADD
		done
		for verb in DEL CHECK GC STATUS; do
			refuses 7 'invalid characters found in network name' \
				'{"cniVersion":"1.1.0","name":"../x"}' $verb
			json .details ../x
		done
	done
	is "$(ls -A "$STORE")" ''
}

@test "anything but one JSON object is refused" {
	local good='"cniVersion":"1.1.0","name":"net"'
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		for bad in '' ' ' '{' '[' '[]' '"x"' 7 true nul "{$good" \
			"{$good}}" "{$good}x" "{$good}{}" "{$good},{}" \
			"{$good,}" "{,$good}" "{$good \"a\":1}" "{$good,a:1}" \
			"{$good,\"a\":01}" "{$good,\"a\":+1}" "{$good,\"a\":.5}" \
			"{$good,\"a\":1.}" "{$good,\"a\":0x1}" "{$good,\"a\":NaN}" \
			"{$good,\"a\":'b'}" "{$good,\"a\":True}" \
			"{$good,\"a\":\"b}" "{$good,\"a\":\"\\x\"}" \
			"{$good,\"a\":\"\\u12\"}" "{$good,\"a\":\"	\"}" \
			"{$good/**/}" $'\xef\xbb\xbf'"{$good}"; do
			refuses 6 . "$bad" ADD
		done
	done
}

@test "text that is no UTF-8, and a NUL in a string, are refused" {
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		for bad in '\xff' '\xc0\xaf' '\xed\xa0\x80' '\xf4\x90\x80\x80' \
			'\xe2\x82' '\\u0000' '\\ud800' '\\udc00\\ud800'; do
			plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(printf \
			'{"cniVersion":"1.1.0","name":"n","x":"%b"}' "$bad")
			is_error 6 .
		done
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(printf \
			'{"cniVersion":"1.1.0",\0"name":"n"}')
		is_error 6 .
	done
}

@test "nesting a thousand deep is refused, a hundred deep is not" {
	nested() {
		printf '{"cniVersion":"%s","name":"net","x":' "$2"
		printf "%*s" "$1" '' | tr ' ' '['
		printf "%*s" "$1" '' | tr ' ' ']'
		printf '}'
	}
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		for n in 1000 100000; do
			plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(nested $n 1.1.0)
			is_error 6 .
		done
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(nested 100 9.9.9)
		is_error 1 'incompatible CNI versions'
	done
}

@test "a value of the wrong type is refused, and named" {
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		for v in 7 true '[]' '{}'; do
			refuses 6 name "{\"cniVersion\":\"1.1.0\",\"name\":$v}" ADD
			refuses 6 cniVersion "{\"cniVersion\":$v,\"name\":\"n\"}" ADD
		done
	done
	p=bridge
	for e in '.bridge = 7' '.isGateway = "yes"' '.isGateway = 1' \
		'.isDefaultGateway = {}' '.forceAddress = "no"' \
		'.ipMasq = "true"' '.ipMasqBackend = true' '.mtu = "1400"' \
		'.mtu = 1400.5' '.mtu = 1e99' '.mtu = true' \
		'.hairpinMode = 1' '.promiscMode = []' '.vlan = "5"' \
		'.vlan = 1.5' '.vlanTrunk = 5' '.vlanTrunk = [{"id": "5"}]' \
		'.preserveDefaultVlan = 0' '.macspoofchk = "on"' \
		'.enabledad = 0' '.disableContainerInterface = 1' \
		'.portIsolation = "on"' '.dns = "9.9.9.9"' \
		'.dns.nameservers = "9.9.9.9"' '.ipam = "host-local"' \
		'.runtimeConfig = []' '.runtimeConfig.mac = 7' '.args = "x"'; do
		echo "edit: $e"
		keys=$(grep -oP '(?<=\.)[a-zA-Z]+|[a-zA-Z]+(?=":)' <<<"$e")
		refuses '6|7' "\"(${keys//$'\n'/|})\"" "$(conf l3 "$e")" ADD
	done
	refuses '6|7' '"type"' "$(conf l3 '.ipam.type = 7')" ADD
}

@test "a null element is refused, not followed" {
	p=bridge
	for e in '.vlanTrunk = [null]' '.dns.nameservers = [null]' \
		'.prevResult.ips = [null]' '.prevResult.interfaces = [null]' \
		'.prevResult.routes = [null]' '.prevResult.cniVersion = 7'; do
		echo "edit: $e"
		refuses '6|7' . "$(conf l3 "$e")" ADD
	done
	p=host-local
	for e in '.ipam.ranges = [null]' '.ipam.ranges = [[null]]' \
		'.ipam.routes = [null]' '.runtimeConfig.ips = [null]' \
		'.args.cni.ips = [null]' '.runtimeConfig.ipRanges = [null]'; do
		echo "edit: $e"
		refuses '6|7' . "$(conf l3 "$e")" ADD
	done
	p=loopback
	refuses '6|7' . "$(conf loopback '.prevResult.ips = [null]')" ADD
}

@test "a prevResult that makes no sense is refused" {
	sandbox c1
	for prev in '[]' '"x"' '{ips: [{address: "x"}]}' '{ips: 7}'; do
		fails 6 'prevResult|result' cni ADD loopback \
			"$(conf loopback ".prevResult = $prev")" c1 lo
	done
}

@test "a prevResult of another kind than the version is refused" {
	sandbox c1
	while read -r version prev; do
		fails '1|6' "$prev" cni ADD loopback "$(conf loopback \
			".cniVersion = \"$version\" | .prevResult = {cniVersion:
			\"$prev\"}")" c1 lo
	done <<-END
	1.1.0 0.4.0
	0.4.0 1.0.0
	0.4.0 0.2.0
	0.2.0 0.3.1
	1.1.0 7.7.7
	END
	# these mix freely
	while read -r version prev; do
		add loopback "$(conf loopback ".cniVersion = \"$version\" |
			.prevResult = {cniVersion: \"$prev\", ips: [{address:
			\"10.9.0.2/24\", version: \"4\"}]}")" c1 lo
		json .cniVersion $version
	done <<-END
	1.1.0 1.0.0
	1.0.0 1.1.0
	0.4.0 0.3.0
	0.3.1 0.4.0
	END
}

@test "keys match without regard to case, and the last of several wins" {
	local c='{"CNIVERSION": "9.9.9", "cniversion": "1.1.0", "NAME": "a/b",
		"Name": "good", "name": null, "IPAM": {"Type": "host-local",
		"DATADIR": "'$STORE'", "rAnGeS": [[{"SubNet": "10.8.0.0/24"}]]},
		"ipam": {"RANGES": [[{"SUBNET": "10.7.0.0/24"}]]},
		"unknown": [{}], "capabilities": {"x": true}}'
	add host-local "$c"
	json .cniVersion 1.1.0
	json '.ips[0].address' 10.7.0.2/24
	is "$(reservations)" 'good/10.7.0.2 c1 eth0'
}

# --- stdin ----------------------------------------------------------------

@test "no stdin, an empty one, or one that cannot be read is an error" {
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" </dev/null
		is_error 6 .
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" <&-
		is_error '5|6' .
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" <"$TMP"
		is_error 5 .
	done
}

@test "100 MB on stdin is refused, and not read to its end" {
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" \
			< <(head -c 100000000 /dev/zero 2>/dev/null | tr '\0' ' ')
		is_error 5 .
	done
}

@test "a configuration may be 4 MiB, and not a byte more" {
	sized() {
		local c='{"cniVersion": "9.9.9", "name": "net"}'
		printf %s "$c"
		head -c $(($1 - ${#c})) /dev/zero | tr '\0' ' '
	}
	p=loopback
	plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(sized $((4 << 20)))
	is_error 1 'incompatible CNI versions'
	plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(sized $(((4 << 20) + 1)))
	is_error 5 .
}

@test "the configuration may come in pieces" {
	in_pieces() { printf '{"cniVersion": "9.'; sleep 0.1; printf '9.9", "name":"n"}'; }
	for p in "${PLUGINS[@]}"; do
		echo "plugin: $p"
		plugin "$p" CNI_COMMAND=ADD "${ALL[@]}" < <(in_pieces)
		is_error 1 'incompatible CNI versions'
	done
}

# --- the namespace --------------------------------------------------------

# bad_netns: paths of things that are no network namespace, into $bad
bad_netns() {
	mkfifo "$TMP/fifo"
	touch "$TMP/file"
	ln -s "$TMP/none" "$TMP/dangling"
	ln -s "$TMP/loop" "$TMP/loop"
	# what is left of a namespace that was kept by a mount
	: >"$TMP/gone"
	unshare --net="$TMP/gone" true
	umount "$TMP/gone"
	sandbox c9
	bad=("$TMP/none" "$TMP/file" "$TMP" "$TMP/fifo" /dev/null
		"$TMP/dangling" "$TMP/loop" "$TMP/gone"
		"/proc/$c9/ns/mnt" /proc/999999999/ns/net)
}

# inside VERB EDIT JUDGE...: each plugin of INSIDE, in each of $bad
inside() {
	local verb=$1 edit=$2 p ifname file c ns
	shift 2
	while read -r p ifname file; do
		c=$(conf "$file" "$edit")
		for ns in "${bad[@]}"; do
			echo "plugin: $p, netns: $ns"
			"$@" cni "$verb" "$p" "$c" c1 "$ifname" "$ns"
		done
	done < <(printf '%s\n' "${INSIDE[@]}")
}

@test "ADD refuses what is no network namespace, and touches nothing" {
	local p ifname file
	bad_netns
	sandbox c1
	before=$(snapshot)
	inside ADD . fails 8 'failed to open netns'
	same_as "$before"
	while read -r p ifname file; do
		add "$p" "$(conf "$file")" c1 "$ifname"
		del "$p" "$(conf "$file")" c1 "$ifname"
	done < <(printf '%s\n' "${INSIDE[@]}")
}

@test "DEL takes what is no network namespace for one that is gone" {
	bad_netns
	before=$(snapshot)
	inside DEL . succeeds
	same_as "$before"
}

@test "CHECK of what is no network namespace fails" {
	bad_netns
	inside CHECK '.prevResult = {}' fails 8 .
}

@test "the host's own namespace is refused before anything happens" {
	before=$(snapshot)
	bad=(/proc/self/ns/net "$(netns HOST)")
	for verb in ADD DEL; do inside $verb . fails 8 .; done
	in_host ip link show lo up | grep -q LOOPBACK
	same_as "$before"
}

# The container has ended, and its process number is one of the host's by now.
@test "DEL in a namespace that became the host's own deletes what is elsewhere" {
	sandbox c1
	in_host ip link add eth0 type ifb
	c=$(conf dual '.ipMasq = true | .macspoofchk = true')
	add bridge "$c"
	del bridge "$c"
	before=$(snapshot)
	add bridge "$c"
	not same_as "$before"
	fails 8 'should not be the same; $' \
		cni DEL bridge "$c" c1 eth0 "$(netns HOST)"
	in_host ip link show eth0
	same_as "$before"
}

@test "CNI_NETNS_OVERRIDE allows the host's own namespace" {
	for v in 1 true TRUE; do
		in_host ip link set lo down
		plugin loopback CNI_COMMAND=ADD "${ALL[@]}" \
			CNI_NETNS=/proc/self/ns/net "CNI_NETNS_OVERRIDE=$v" \
			< <(conf loopback)
		is "$status" 0
		in_host ip link show lo up | grep -q LOOPBACK
	done
	plugin loopback CNI_COMMAND=DEL "${ALL[@]}" CNI_NETNS=/proc/self/ns/net \
		CNI_NETNS_OVERRIDE=0 < <(conf loopback)
	is_error 8 .
}

# --- what is printed ------------------------------------------------------

@test "a result and an error have no newline at the end" {
	last() { tail -c 1 "$stdout"; }
	add host-local "$(conf l3)"
	is "$(last)" '}'
	fails 7 . cni ADD host-local '{}'
	is "$(last)" '}'
}

@test "what configuration and arguments hold is not repeated in errors" {
	local c
	c=$(conf l3 '.args.cni.token = "CANARY" | .mtu = -1 | .secret = "CANARY"
		| .runtimeConfig.secret = "CANARY" | .ipam.type = "missing"')
	sandbox c1
	CNI_ARGS='IgnoreUnknown=1;TOKEN=CANARY' cni ADD bridge "$c"
	is "$status" 1
	[[ $out$errout != *CANARY* ]]
}
