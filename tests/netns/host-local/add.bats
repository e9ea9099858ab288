#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/add.bats - which addresses ADD gives, and the result it returns

load ../helpers
load host-local

V4='[[{"subnet": "10.1.2.0/24"}]]'
DUAL='[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}]]'

setup() {
	host_up
	C=$(pool "$V4")
}

# golden VERSION <EXPECTED: the result of a dual-stack ADD, byte for byte
golden() {
	echo nameserver 192.0.2.53 >"$TMP/resolv.conf"
	take "$(pool "$DUAL" '.cniVersion = "'"$1"'" |
		.ipam.resolvConf = "'"$TMP"'/resolv.conf" |
		.ipam.routes = [{dst: "0.0.0.0/0"},
			{dst: "192.0.2.0/24", gw: "10.1.2.7", mtu: 1300,
			 advmss: 1200, priority: 7, table: 100, scope: 0},
			{dst: "::/0", gw: "fd00::7"}]')"
	diff - "$stdout"
}

@test "the result of 1.0.0 and 1.1.0" {
	for v in 1.0.0 1.1.0; do
		golden $v < <(printf %s '{
    "cniVersion": "'$v'",
    "dns": {
        "nameservers": [
            "192.0.2.53"
        ]
    },
    "ips": [
        {
            "address": "10.1.2.2/24",
            "gateway": "10.1.2.1"
        },
        {
            "address": "fd00::2/64",
            "gateway": "fd00::1"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0"
        },
        {
            "advmss": 1200,
            "dst": "192.0.2.0/24",
            "gw": "10.1.2.7",
            "mtu": 1300,
            "priority": 7,
            "scope": 0,
            "table": 100
        },
        {
            "dst": "::/0",
            "gw": "fd00::7"
        }
    ]
}')
		free "$C"
		rm "$STORE/$NET"/last_reserved_ip.*
	done
}

@test "the result of 0.3.0, 0.3.1 and 0.4.0" {
	for v in 0.3.0 0.3.1 0.4.0; do
		golden $v < <(printf %s '{
    "cniVersion": "'$v'",
    "ips": [
        {
            "version": "4",
            "address": "10.1.2.2/24",
            "gateway": "10.1.2.1"
        },
        {
            "version": "6",
            "address": "fd00::2/64",
            "gateway": "fd00::1"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0"
        },
        {
            "dst": "192.0.2.0/24",
            "gw": "10.1.2.7",
            "mtu": 1300,
            "advmss": 1200,
            "priority": 7,
            "table": 100,
            "scope": 0
        },
        {
            "dst": "::/0",
            "gw": "fd00::7"
        }
    ],
    "dns": {
        "nameservers": [
            "192.0.2.53"
        ]
    }
}')
		free "$C"
		rm "$STORE/$NET"/last_reserved_ip.*
	done
}

@test "the result of 0.1.0 and 0.2.0" {
	for v in 0.1.0 0.2.0; do
		golden $v < <(printf %s '{
    "cniVersion": "'$v'",
    "ip4": {
        "ip": "10.1.2.2/24",
        "gateway": "10.1.2.1",
        "routes": [
            {
                "dst": "0.0.0.0/0"
            },
            {
                "dst": "192.0.2.0/24",
                "gw": "10.1.2.7"
            }
        ]
    },
    "ip6": {
        "ip": "fd00::2/64",
        "gateway": "fd00::1",
        "routes": [
            {
                "dst": "::/0",
                "gw": "fd00::7"
            }
        ]
    },
    "dns": {
        "nameservers": [
            "192.0.2.53"
        ]
    }
}')
		free "$C"
		rm "$STORE/$NET"/last_reserved_ip.*
	done
}

@test "addresses go round, past the gateway, and come back last" {
	C=$(pool '[[{"subnet": "10.1.2.0/29", "gateway": "10.1.2.3"}]]')
	given 10.1.2.1/29 "$C" c1
	given 10.1.2.2/29 "$C" c2
	given 10.1.2.4/29 "$C" c3
	free "$C" c1
	given 10.1.2.5/29 "$C" c4
	given 10.1.2.6/29 "$C" c5
	given 10.1.2.1/29 "$C" c6
	free "$C" c5
	given 10.1.2.6/29 "$C" c7
	refuses 101 '^failed to allocate for range 0: no IP addresses available in range set: 10.1.2.1-10.1.2.6;' \
		ADD "$C" c8
}

@test "a set of several ranges is one pool" {
	C=$(pool '[[{"subnet": "10.1.2.0/29", "rangeEnd": "10.1.2.2"},
		{"subnet": "10.1.3.0/24", "rangeStart": "10.1.3.9",
		 "rangeEnd": "10.1.3.10", "gateway": "10.1.3.254"}]]')
	given 10.1.2.2/29 "$C" c1
	json '.ips[0].gateway' 10.1.2.1
	given 10.1.3.9/24 "$C" c2
	json '.ips[0].gateway' 10.1.3.254
	given 10.1.3.10/24 "$C" c3
	refuses 101 'in range set: 10.1.2.1-10.1.2.2,10.1.3.9-10.1.3.10;' \
		ADD "$C" c4
}

@test "each set gives one address, in the order ipRanges, subnet, ranges" {
	C=$(pool "$DUAL" '.ipam += {subnet: "10.3.0.0/24", gateway: "10.3.0.9",
			rangeStart: "10.3.0.5"} |
		.runtimeConfig.ipRanges = [[{subnet: "10.4.0.0/24"}]]')
	given "10.4.0.2/24 10.3.0.5/24 10.1.2.2/24 fd00::2/64" "$C"
	json '.ips[1].gateway' 10.3.0.9
	is "$(taken)" "10.1.2.2 10.3.0.5 10.4.0.2 fd00::2"
	is "$(cat "$STORE/$NET"/last_reserved_ip.{0,1,2,3} | tr -s / ' ')" \
		"10.4.0.210.3.0.510.1.2.2fd00::2"
}

@test "subnet alone, as in old configurations" {
	C=$(pool '[]' '.ipam.subnet = "10.3.0.0/24"')
	given 10.3.0.2/24 "$C"
}

@test "/31 and /32 have no address to spare" {
	C=$(pool '[[{"subnet": "10.1.2.6/31"}]]')
	given 10.1.2.6/31 "$C" c1
	json '.ips[0].gateway' null
	given 10.1.2.7/31 "$C" c2
	refuses 101 'no IP addresses available' ADD "$C" c3
	NET=net2
	C=$(pool '[[{"subnet": "10.1.2.6/31", "gateway": "10.1.2.6"}]]' \
		'.name = "net2"')
	given 10.1.2.7/31 "$C" c1
	json '.ips[0].gateway' 10.1.2.6
	refuses 101 'no IP addresses available' ADD "$C" c2
	NET=net3
	C=$(pool '[[{"subnet": "10.1.2.6/32", "gateway": "192.0.2.1"}],
		[{"subnet": "fd00::8/127"}], [{"subnet": "fd00::99/128"}]]' \
		'.name = "net3"')
	given "10.1.2.6/32 fd00::8/127 fd00::99/128" "$C"
	json '.ips[0].gateway' 192.0.2.1
}

@test "an explicit start or end may be the network's or the broadcast address" {
	C=$(pool '[[{"subnet": "10.1.2.0/30", "rangeStart": "10.1.2.0",
		"rangeEnd": "10.1.2.3"}]]')
	given 10.1.2.0/30 "$C" c1
	given 10.1.2.2/30 "$C" c2
	given 10.1.2.3/30 "$C" c3
}

@test "huge ranges are not walked through" {
	C=$(pool '[[{"subnet": "fd00::/16"}], [{"subnet": "10.0.0.0/8"}]]')
	given "fd00::2/16 10.0.0.2/8" "$C" c1
	write last_reserved_ip.0 'fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
	given "fd00::3/16 10.0.0.3/8" "$C" c2
	ready "$C"
}

@test "resolv.conf becomes dns, as the reference reads it" {
	printf '%s\n' '# comment' '; comment' ' nameserver  192.0.2.1 more' \
		'nameserver' 'nameserver fd00::53' 'domain a.example' \
		$'search\tb.example c.example' 'domain d.example' '' \
		'search e.example' 'options ndots:2 trust-ad' 'options x' \
		'sortlist 192.0.2.0' >"$TMP/real"
	ln -s real "$TMP/resolv.conf"
	C=$(pool "$V4" '.ipam.resolvConf = "'"$TMP"'/resolv.conf"')
	take "$C"
	json .dns '{"domain":"d.example","nameservers":["192.0.2.1","fd00::53"],"options":["ndots:2","trust-ad","x"],"search":["b.example","c.example","e.example"]}'
	free "$C"
	: >"$TMP/real"
	take "$C"
	json .dns null
}

@test "a resolv.conf that cannot be read stops ADD before it takes anything" {
	C=$(pool "$V4" '.ipam.resolvConf = "/nowhere/resolv.conf"')
	refuses 5 '^open /nowhere/resolv.conf: no such file or directory;' \
		ADD "$C"
	C=$(pool "$V4" '.ipam.resolvConf = "'"$TMP"'"')
	refuses 5 "^read $TMP: is a directory;" ADD "$C"
	mkfifo "$TMP/fifo"
	C=$(pool "$V4" '.ipam.resolvConf = "'"$TMP"'/fifo"')
	take "$C"
	json .dns null
	free "$C"
	truncate -s 1G "$TMP/huge"
	C=$(pool "$V4" '.ipam.resolvConf = "'"$TMP"'/huge"')
	refuses 5 "^read $TMP/huge: file too large;" ADD "$C"
	is "$(taken)" ""
}

@test "requested addresses: CNI_ARGS, args.cni.ips, runtimeConfig.ips" {
	CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAME=x;IP=10.1.2.77' \
		given 10.1.2.77/24 "$C" c1
	given 10.1.2.78/24 "$(pool "$V4" '.args.cni.ips = ["10.1.2.78/24"]')" c2
	given 10.1.2.79/24 "$(pool "$V4" '.runtimeConfig.ips = ["10.1.2.79"]')" \
		c3
	# the next one follows it
	given 10.1.2.80/24 "$C" c4
	CNI_ARGS='IP=10.1.2.90/16' given "10.1.2.90/24 fd00::90/64" \
		"$(pool "$DUAL" '.runtimeConfig.ips = ["fd00:0::90/64"]')" c5
	# only one of the sets was asked for
	CNI_ARGS='IP=fd00::91' given "10.1.2.91/24 fd00::91/64" \
		"$(pool "$DUAL")" c6
	# the same one twice is one, and an empty list or value is none
	CNI_ARGS='IP=10.1.2.95' given 10.1.2.95/24 "$(pool "$V4" \
		'.runtimeConfig.ips = ["10.1.2.95/24", "::ffff:10.1.2.95"]')" c7
	CNI_ARGS='IP=' given 10.1.2.96/24 \
		"$(pool "$V4" '.runtimeConfig.ips = []')" c8
}

@test "requested addresses that cannot be had" {
	CNI_ARGS='IP=10.1.2.1' refuses 101 \
		"^failed to allocate for range 0: requested ip 10.1.2.1 is subnet's gateway;" \
		ADD "$C"
	take "$C" other
	CNI_ARGS='IP=10.1.2.2' refuses 101 \
		'^failed to allocate for range 0: requested IP address 10.1.2.2 is not available in range set 10.1.2.1-10.1.2.254;' \
		ADD "$C"
	CNI_ARGS='IP=10.9.9.9' refuses 101 \
		'^failed to allocate all requested IPs: 10.9.9.9;' ADD "$C"
	refuses 101 \
		'^failed to allocate all requested IPs: 10.1.2.8 10.9.9.9 10.1.2.9;' \
		ADD "$(pool "$V4" '.runtimeConfig.ips = ["10.1.2.7", "10.1.2.8",
			"10.9.9.9", "10.1.2.9"]')"
	is "$(taken)" 10.1.2.2
	all_of "$C" 252
}

@test "of several requested addresses in one set the first one counts" {
	for i in 1 2 3 4 5; do
		refuses 101 ': 10.1.2.9;' ADD "$(pool "$V4" \
			'.runtimeConfig.ips = ["10.1.2.7", "10.1.2.9"]')"
		is "$(cat "$STORE/$NET/last_reserved_ip.0")" 10.1.2.7
	done
	# in two sets, each gets its own
	given "10.1.2.8/24 fd00::8/64" "$(pool "$DUAL" \
		'.runtimeConfig.ips = ["fd00::8", "10.1.2.8"]')"
}

@test "an attachment gets no second address, requested or not" {
	take "$C" c1
	refuses 102 '^failed to allocate for range 0: 10.1.2.2 has been allocated to c1, duplicate allocation is not allowed;' \
		ADD "$C" c1
	CNI_ARGS='IP=10.1.2.9' refuses 102 '10.1.2.2 has been allocated to c1,' \
		ADD "$C" c1
	# another interface may have one, and so may another network
	given 10.1.2.3/24 "$C" c1 eth1
	given 10.1.2.2/24 "$(pool "$V4" '.name = "net2"')" c1
	is "$(taken)" "10.1.2.2 10.1.2.3"
	# an old reservation names the container alone
	write 10.1.2.9 c5
	refuses 102 '10.1.2.9 has been allocated to c5,' ADD "$C" c5
	# an address of none of the sets does not count
	take "$(pool '[[{"subnet": "10.7.0.0/24"}]]')" c1
	is "$(taken)" "10.1.2.2 10.1.2.3 10.1.2.9 10.7.0.2"
}

@test "where one set has none, the addresses of the others are given back" {
	C=$(pool '[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}],
		[{"subnet": "10.9.0.0/31"}]]')
	take "$C" c1
	take "$C" c2
	before=$(taken)
	refuses 101 '^failed to allocate for range 2: no IP addresses available in range set: 10.9.0.0-10.9.0.1;' \
		ADD "$C" c3
	is "$(taken)" "$before"
	free "$C" c1
	given "10.1.2.5/24 fd00::5/64 10.9.0.0/31" "$C" c3
}

@test "a result that nobody can read is taken back" {
	C=$(pool "$DUAL")
	unread() {
		env CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_IFNAME=eth0 \
			CNI_NETNS=/proc/none CNI_PATH="$BIN" \
			"$BIN/host-local" <<<"$C"
	}
	not unread >/dev/full
	is "$(taken)" ""
	not unread >&-
	is "$(taken)" ""
	given "10.1.2.4/24 fd00::4/64" "$C"
}
