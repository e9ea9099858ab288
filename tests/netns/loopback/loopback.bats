#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# loopback/loopback.bats - the sandbox's own lo

load ../helpers

setup() {
	host_up
	sandbox c1
	LO=$(conf loopback)
}

lo_up() { in_ns c1 ip -o link show dev lo up | grep -q LOOPBACK; }

@test "ADD brings lo up, and packets go over it" {
	not lo_up
	add loopback "$LO" c1 lo
	lo_up
	reaches c1 127.0.0.1
	reaches c1 ::1
}

@test "the result of 1.x lists lo and its two addresses" {
	for v in 1.0.0 1.1.0; do
		add loopback "$(conf loopback ".cniVersion = \"$v\"")" c1 lo
		diff - <(echo "$out") <<-END
		{
		    "cniVersion": "$v",
		    "interfaces": [
		        {
		            "mac": "00:00:00:00:00:00",
		            "name": "lo",
		            "sandbox": "$(netns c1)"
		        }
		    ],
		    "ips": [
		        {
		            "address": "127.0.0.1/8",
		            "interface": 0
		        },
		        {
		            "address": "::1/128",
		            "interface": 0
		        }
		    ]
		}
		END
	done
}

@test "the result of 0.3 and 0.4 has the address version and dns" {
	for v in 0.3.0 0.3.1 0.4.0; do
		add loopback "$(conf loopback ".cniVersion = \"$v\"")" c1 lo
		is "$(tr -d ' \n' <<<"$res")" '{"cniVersion":"'$v'","interfaces":[{"name":"lo","mac":"00:00:00:00:00:00","sandbox":"'"$(netns c1)"'"}],"ips":[{"version":"4","interface":0,"address":"127.0.0.1/8"},{"version":"6","interface":0,"address":"::1/128"}],"dns":{}}'
	done
}

@test "the result of 0.1 and 0.2 has one address a family" {
	for v in 0.1.0 0.2.0; do
		add loopback "$(conf loopback ".cniVersion = \"$v\"")" c1 lo
		is "$(tr -d ' \n' <<<"$res")" '{"cniVersion":"'$v'","ip4":{"ip":"127.0.0.1/8"},"ip6":{"ip":"::1/128"},"dns":{}}'
	done
}

@test "whatever CNI_IFNAME and CNI_ARGS say, lo is meant" {
	CNI_ARGS='what=ever;x' add loopback "$LO" c1 eth7
	json '[.interfaces[].name]' '["lo"]'
	is "$(links c1)" lo
	lo_up
}

@test "ADD twice is one lo, up" {
	add loopback "$LO" c1 lo
	add loopback "$LO" c1 lo
	lo_up
}

@test "a prevResult comes out as it went in" {
	local prev='{"cniVersion":"1.1.0","dns":{"domain":"x"},"interfaces":[{"mac":"02:00:00:00:00:01","mtu":1400,"name":"eth0","sandbox":"/x"}],"ips":[{"address":"10.9.0.5/24","gateway":"10.9.0.1","interface":0}],"routes":[{"dst":"0.0.0.0/0","gw":"10.9.0.1","mtu":1300}]}'
	add loopback "$(with_prev "$LO" "$prev")" c1 lo
	json . "$prev"
	lo_up
	add loopback "$(with_prev "$LO" null)" c1 lo
	json '.interfaces[0].name' lo
}

@test "without IPv6 the result has no IPv6 address" {
	echo 1 | in_ns c1 tee /proc/sys/net/ipv6/conf/lo/disable_ipv6
	add loopback "$LO" c1 lo
	json '[.ips[].address]' '["127.0.0.1/8"]'
}

@test "an address on lo that is none of a loopback is refused" {
	in_ns c1 ip addr add 10.0.0.9/32 dev lo
	fails '[0-9]+' 'non-loopback address.*10\.0\.0\.9' \
		cni ADD loopback "$LO" c1 lo
	not lo_up
	in_ns c1 ip addr del 10.0.0.9/32 dev lo
	in_ns c1 ip addr add fd00::9/128 dev lo
	fails '[0-9]+' 'non-loopback address.*fd00::9' \
		cni ADD loopback "$LO" c1 lo
}

@test "an ADD whose result cannot be written leaves lo down" {
	for sink in '>/dev/full' '>&-'; do
		WRAP=(sh -c "exec \"\$@\" $sink" --)
		cni ADD loopback "$LO" c1 lo
		is $status 1
		not lo_up
	done
}

@test "DEL takes lo down, and is content when there is nothing to do" {
	add loopback "$LO" c1 lo
	del loopback "$LO" c1 lo
	not lo_up
	del loopback "$LO" c1 lo
	del loopback "$LO" c1 lo ''
	gone=$(netns c1)
	drop c1
	del loopback "$LO" c1 lo "$gone"
}

@test "DEL does not need a configuration that makes sense" {
	add loopback "$LO" c1 lo
	del loopback "$(with_prev "$LO" '{"ips": "nonsense"}')" c1 lo
	not lo_up
}

@test "CHECK passes while lo is up, and fails once it is down" {
	add loopback "$LO" c1 lo
	check loopback "$(with_prev "$LO" "$res")" c1 lo
	check loopback "$LO" c1 lo
	in_ns c1 ip link set lo down
	fails 104 'lo.*down' cni CHECK loopback "$(with_prev "$LO" "$res")" c1 lo
	fails 104 'lo.*down' cni CHECK loopback "$LO" c1 lo
}

@test "STATUS and GC succeed and do nothing" {
	before=$(snapshot)
	status loopback "$LO"
	gc loopback "$LO"
	gc loopback "$(with_valid "$LO")"
	same_as "$before"
}

@test "an ADD is one process" {
	trace execve,clone,clone3,fork,vfork
	add loopback "$LO" c1 lo
	is "$(grep -c ' = 0$' "$TMP/trace")" 1 "number of programs run"
	not grep -E '^[0-9]+ +(clone3?|v?fork)[(]' "$TMP/trace"
}

@test "DEL of a path that can be no namespace, or no longer, is content" {
	touch "$TMP/file"
	ln -s loop "$TMP/loop"
	for path in "$TMP/file" "$TMP/file/x" "$TMP/none/x" "$TMP/loop" "$TMP" \
		/dev/null "$TMP/$(printf 'n%.0s' {1..300})" /proc/self/ns/mnt; do
		echo "path: $path"
		del loopback "$LO" c1 lo "$path"
	done
}

@test "CHECK notices that an address is gone" {
	add loopback "$LO" c1 lo
	prev=$(with_prev "$LO" "$res")
	in_ns c1 ip -6 addr del ::1/128 dev lo
	fails 104 '::1/128' cni CHECK loopback "$prev" c1 lo
	check loopback "$LO" c1 lo
}

# lost N CMD...: CMD with the plugin's N-th answer from the kernel not received
lost() {
	needs_tool strace
	# a sanitizer's look for leaks would want to be the tracer itself
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	WRAP=(strace -qq -o "$TMP/trace" -e trace=recvmsg
		-e "inject=recvmsg:error=ENOBUFS:when=$1")
	"${@:2}"
	WRAP=()
	grep -q INJECTED "$TMP/trace"
}

@test "an ADD that fails for a lost answer leaves lo down" {
	failed=0
	for n in {1..20}; do
		lost $n cni ADD loopback "$LO" c1 lo || break
		if [[ $status = 0 ]]; then
			del loopback "$LO" c1 lo
		else
			failed=$((failed + 1))
			is_error 100 'No buffer space'
		fi
		not lo_up
	done
	# the answer about the link, that it is up, and one about addresses
	((failed > 2 && n < 20))
	is "$status" 0
}

@test "a prevResult of a version that reads alike is taken" {
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

@test "CNI_NETNS_OVERRIDE allows the host's own namespace" {
	ALL=(CNI_CONTAINERID=c1 CNI_NETNS=/proc/self/ns/net CNI_IFNAME=eth0
		CNI_PATH=/bin)
	for v in 1 true TRUE; do
		in_host ip link set lo down
		plugin loopback CNI_COMMAND=ADD "${ALL[@]}" \
			"CNI_NETNS_OVERRIDE=$v" <<<"$LO"
		is "$status" 0
		in_host ip link show lo up | grep -q LOOPBACK
	done
	plugin loopback CNI_COMMAND=DEL "${ALL[@]}" CNI_NETNS_OVERRIDE=0 <<<"$LO"
	is_error 8 .
}
