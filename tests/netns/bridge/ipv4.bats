#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/ipv4.bats - containers on an IPv4 network
#
#     c1           c2           c3
#    eth0 .2      eth0 .3      eth0 .4        10.9.0.0/24
#     |            |            |
#   veth...      veth...      veth...
#     +------------+------------+
#                 br0 .1                      HOST

load ../helpers

setup() {
	host_up
	sandbox c1
	C=$(conf l3)
}

# greets FROM ADDRESS TO: TCP, over which FROM hears what TO has to say
greets() {
	local port=$((7000 + RANDOM % 1000))
	bg "$3" socat "TCP-LISTEN:$port,reuseaddr,bind=$2" SYSTEM:'echo hello'
	is "$(in_ns "$1" timeout 120 socat -u \
		"TCP:$2:$port,retry=1000,interval=0.1" -)" hello
}

# result VERSION: the golden result, with what differs from run to run filled in
result() {
	case $1 in
	1.*) cat "$DATA/result-1.json" ;;
	0.[34].*) cat "$DATA/result-0.3.json" ;;
	*) cat "$DATA/result-0.1.json" ;;
	esac | sed "s/VERSION/$1/; s,NETNS,$(netns c1),"
}

@test "the result has the form of each version, to the letter" {
	for v in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		c=$(conf dual '.cniVersion = "'$v'" | .ipam.routes = [{dst:
			"192.0.2.0/24", gw: "10.9.0.77", mtu: 1300, advmss:
			1200, priority: 7, table: 100, scope: 0}]')
		add bridge "$c"
		diff <(result $v) <(sed -E 's/veth[0-9a-f]{8}/VETH/
			s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/' <<<"$out")
		del bridge "$c"
		rm -r "$STORE/pods" # from the first address again
	done
}

@test "the result names the bridge, the host's end and the container's" {
	add bridge "$C"
	json '[.interfaces[].name] | .[0], .[2]' $'br0\neth0'
	veth=$(host_veth)
	matches "$veth" '^veth[0-9a-f]{8}$'
	json '.interfaces[0].mac' "$(mac HOST br0)"
	json '.interfaces[1].mac' "$(mac HOST "$veth")"
	json '.interfaces[2].mac' "$(mac c1 eth0)"
	json '[.interfaces[].sandbox]' "[null,null,\"$(netns c1)\"]"
}

@test "the container has address, broadcast and default route, and is up" {
	add bridge "$C"
	in_ns c1 ip -o addr show eth0 | grep -F \
		'inet 10.9.0.2/24 brd 10.9.0.255 scope global eth0'
	is "$(in_ns c1 ip route)" "default via 10.9.0.1 dev eth0 
10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.2 "
	in_ns c1 ip -o link show dev eth0 up | grep eth0
}

@test "the host's end is a port of the bridge, up, and says whose it is" {
	add bridge "$C"
	json '.[0] | .master, .operstate, .ifalias' \
		$'br0\nUP\ncni:pods:c1:eth0' \
		"$(in_host ip -j link show "$(host_veth)")"
}

@test "the host's end has the same name each time" {
	add bridge "$C"
	first=$(host_veth)
	del bridge "$C"
	add bridge "$C"
	is "$(host_veth)" "$first"
}

@test "pod to gateway, gateway to pod, pod to pod: ping and TCP" {
	sandbox c2
	add bridge "$C" c1
	a1=$(address)
	add bridge "$C" c2
	a2=$(address)
	reaches c1 10.9.0.1
	reaches HOST "$a1"
	reaches c1 "$a2"
	reaches c2 "$a1"
	greets c1 "$a2" c2
	greets HOST "$a1" c1
	greets c2 10.9.0.1 HOST
}

@test "a container may have two interfaces, and lose one of them" {
	add bridge "$C" c1 eth0
	add bridge "$(conf l3 '.name = "more" | .bridge = "br1" |
		.ipam.ranges[0][0].subnet = "10.8.0.0/24" | .ipam.routes = []')" c1 eth1
	json '.interfaces[2].name' eth1
	reaches c1 10.9.0.1
	reaches c1 10.8.0.1
	del bridge "$C" c1 eth0
	is "$(links c1)" 'eth1 lo'
	reaches c1 10.8.0.1
}

@test "two interfaces of a container on one network are two attachments" {
	c=$(conf l3 '.ipam.routes = []')
	add bridge "$c" c1 eth0
	first=$(host_veth)
	add bridge "$c" c1 eth1
	[[ $(host_veth) != "$first" ]]
	is "$(reservations)" "pods/10.9.0.2 c1 eth0
pods/10.9.0.3 c1 eth1"
	del bridge "$c" c1 eth1
	is "$(veths HOST)" "$first"
	is "$(reservations)" "pods/10.9.0.2 c1 eth0"
}

@test "the bridge is cni0 unless it is named" {
	add bridge "$(conf l3 'del(.bridge)')"
	json '.interfaces[0].name' cni0
	in_host ip link show cni0
}

@test "a bridge name Linux would not take is refused" {
	before=$(snapshot)
	for name in '' . .. a/b 'a b' a:b 0123456789abcdef; do
		echo "bridge: $name"
		fails 7 bridge cni ADD bridge "$(conf l3 ".bridge = \"$name\"")"
	done
	same_as "$before"
}

@test "a bridge that is there is used as it is" {
	in_host ip link add br0 address 02:00:00:00:00:77 type bridge \
		forward_delay 0 ageing_time 1234
	in_host ip link set br0 mtu 1480 promisc on alias 'do not touch'
	about() {
		in_host ip -j -d link show br0 | gojq -c '.[0] | [.ifalias,
			.address, .mtu, .promiscuity, (.linkinfo.info_data |
			.ageing_time, .forward_delay, .stp_state)]'
	}
	before=$(about)
	add bridge "$C"
	is "$(about)" "$before"
	json '.interfaces[0].mac' 02:00:00:00:00:77
	reaches c1 10.9.0.1
	del bridge "$C"
	is "$(about)" "$before"
}

# The kernel takes its time to dissolve a namespace and its interfaces.
@test "a container comes back while its last namespace is being dissolved" {
	for c in "$(conf l2)" "$C"; do
		for round in 1 2 3; do
			add bridge "$c"
			drop c1
			del bridge "$c" c1 eth0 ''
			sandbox c1
		done
		add bridge "$c"
		is "$(veths HOST)" "$(host_veth)"
		del bridge "$c"
	done
}

@test "without isGateway the bridge gets no address, and nothing forwards" {
	add bridge "$(conf l3 '.isGateway = false | .ipam.routes = []')"
	is "$(in_host ip -4 -o addr show dev br0)" ''
	is "$(in_host cat /proc/sys/net/ipv4/ip_forward)" 0
	json '.ips[0].gateway' 10.9.0.1
}

@test "a reused address is reached at once, by the host and by a sibling" {
	sandbox c2 c3
	add bridge "$C" c2
	for pod in c1 c3; do
		CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.77' add bridge "$C" $pod
		json '.ips[0].address' 10.9.0.77/24
		reaches HOST 10.9.0.77
		reaches c2 10.9.0.77
		del bridge "$C" $pod
	done
}

@test "an ADD and a DEL run no program but the plugin" {
	c=$(conf dual '.ipMasq = true | .macspoofchk = true')
	trace execve
	for verb in ADD DEL; do
		cni $verb bridge "$c"
		is "$status" 0
		is "$(grep -c ' = 0$' "$TMP/trace")" 1
	done
}

@test "an ADD and a DEL sleep nowhere" {
	c=$(conf dual '.ipMasq = true | .macspoofchk = true')
	trace nanosleep,clock_nanosleep
	add bridge "$c"
	not grep -m 3 nanosleep "$TMP/trace"
	del bridge "$c"
	not grep -m 3 nanosleep "$TMP/trace"
}

@test "no link is ever moved or renamed" {
	trace sendmsg,sendto
	add bridge "$C"
	grep -q RTM_NEWLINK "$TMP/trace"
	# IFLA_NET_NS_* only inside the peer of a link that is being created
	not grep 'IFLA_NET_NS' <(grep RTM_NEWLINK "$TMP/trace" |
		grep -v NLM_F_CREATE)
	not grep 'RTM_SETLINK.*IFLA_IFNAME' "$TMP/trace"
}
