# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
# 30-takeover.bats - a node that the Go plugins ran goes on with these, and
# back: one store, each other's attachments, each other's rules

load runtime

# pool SUBNET: host-local with that one range
pool() {
	conf l3 ".type = \"host-local\" | .ipam.ranges = [[{subnet: \"$1\"}]]"
}

# got: the address of the last add, without prefix
got() { gojq -r '.ips[0].address | split("/")[0]' <<<"$res"; }

# owner ADDRESS: who holds it, as the file says
owner() { tr '\r\n' '  ' <"$STORE/pods/$1"; }

# --- one store ------------------------------------------------------------

# shared FIRST SECOND: how the calls of either suite see the other's
shared() {
	local c a b
	c=$(pool 10.9.0.0/29)
	"$1" add host-local "$c" c1 eth0 /none
	a=$(got)
	"$2" add host-local "$c" c2 eth0 /none
	b=$(got)
	is "$a $b" "10.9.0.2 10.9.0.3"
	is "$(owner "$a") $(owner "$b")" "c1  eth0 c2  eth0"
	"$2" check host-local "$c" c1 eth0 /none
	"$1" check host-local "$c" c2 eth0 /none
	refuses "duplicate allocation is not allowed" \
		"$2" cni ADD host-local "$c" c1 eth0 /none
	refuses "10.9.0.3 is not available" \
		env_ip 10.9.0.3 "$1" cni ADD host-local "$c" c3 eth0 /none
	"$2" del host-local "$c" c1 eth0 /none
	refuses "Failed to find address added by container c1" \
		"$1" cni CHECK host-local "$c" c1 eth0 /none
	"$1" del host-local "$c" c2 eth0 /none
	is "$(reservations)" ""

	# the next after the last, whoever reserved it
	"$1" add host-local "$c" c4 eth0 /none
	is "$(got)" 10.9.0.4
	"$2" add host-local "$c" c5 eth0 /none
	is "$(got)" 10.9.0.5
	is "$(cat "$STORE/pods/last_reserved_ip.0")" 10.9.0.5
}
# env_ip ADDRESS CMD...: that address is asked for
env_ip() { CNI_ARGS=IP=$1 "${@:2}"; }

@test "one store: ours after Go's" { shared by_go by_us; }
@test "one store: Go's after ours" { shared by_us by_go; }

@test "one store: the files are the same" {
	local c suite
	c=$(conf dual '.type = "host-local"')
	for suite in by_go by_us; do
		"$suite" add host-local "$c" c1 eth0 /none
		(cd "$STORE/pods" && for f in 10.9.0.2 fd09::2 \
			last_reserved_ip.0 last_reserved_ip.1 lock; do
			# the lock is root's alone, on purpose
			[[ $f = lock ]] || stat -c %a "$f"
			stat -c '%n %F %s' "$f"
			base64 <"$f"
		done) >"$TMP/$suite"
		rm -r "$STORE/pods"
	done
	diff "$TMP/by_go" "$TMP/by_us"
}

@test "one store: filled in turn, no address twice, then none left" {
	local c i suite=by_us
	c=$(pool 10.9.0.0/28)
	for i in {2..14}; do
		suite=$([[ $suite = by_go ]] && echo by_us || echo by_go)
		"$suite" add host-local "$c" "id$i" eth0 /none
		is "$(got)" "10.9.0.$i"
	done
	for suite in by_go by_us; do
		refuses "no IP addresses available in range set: 10.9.0.1-10" \
			"$suite" cni ADD host-local "$c" more eth0 /none
	done
	is "$(reservations | wc -l)" 13
}

@test "one store: both at once, no address twice" {
	local c i jobs=()
	c=$(pool 10.9.0.0/24)
	echo "$c" >"$TMP/conf"
	for i in {1..20}; do
		(by_go add host-local "$TMP/conf" "go$i" eth0 /none
		got >"$TMP/got.go$i") 3>&- &
		jobs+=($!)
		(add host-local "$TMP/conf" "us$i" eth0 /none
		got >"$TMP/got.us$i") 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i"; done
	is "$(cat "$TMP"/got.* | sort -u | wc -l)" 40
	is "$(reservations | wc -l)" 40
	jobs=()
	for i in {1..20}; do
		(by_go del host-local "$TMP/conf" "us$i" eth0 /none) 3>&- &
		jobs+=($!)
		(del host-local "$TMP/conf" "go$i" eth0 /none) 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i"; done
	is "$(reservations)" ""
}

@test "one store: the old format, which holds the container's ID alone" {
	local c
	c=$(pool 10.9.0.0/24)
	mkdir "$STORE/pods"
	printf c1 >"$STORE/pods/10.9.0.2"
	check host-local "$c" c1 eth0 /none
	refuses "duplicate allocation" cni ADD host-local "$c" c1 eth0 /none
	add host-local "$c" c2 eth0 /none
	is "$(got)" 10.9.0.3
	del host-local "$c" c1 eth0 /none
	is "$(reservations | wc -l)" 1 "reservations"
}

# --- attachments of the Go plugins ----------------------------------------

# edits of l3 for a family
family() {
	case $1 in
	v4) echo . ;;
	v6) echo '.ipam.ranges = [[{subnet: "fd09::/64"}]] |
		.ipam.routes = [{dst: "::/0"}]' ;;
	dual) echo '.ipam.ranges += [[{subnet: "fd09::/64"}]] |
		.ipam.routes += [{dst: "::/0"}]' ;;
	esac
}

# gone: nothing of the attachments is left in the host: the bridge may be,
# the network's own rule, and the base chains of the Go plugins
gone() {
	eventually only_bridge
	only_bridge
	is "$(reservations)" "" "reservations"
	unruled c1 c2 10.9.0.2 10.9.0.3 fd09::2 fd09::3
	not grep -E 'CNI-[0-9a-f]{24}|cni-br-iface' \
		<<<"$(in_host nft list ruleset)"
}
only_bridge() { is "$(links HOST)" "br0 lo out" "links"; }

# gone_with_gc CONF NAME: the same after Go's DEL of what we made, which does
# not know our elements of masquerade: those are all that is left, and GC
# takes them
gone_with_gc() {
	eventually only_bridge
	is "$(reservations)" "" "reservations"
	in_host nft list ruleset | grep -F "comment \"cni:pods:$2:eth0\""
	gc bridge "$(with_valid "$1")"
	gone
}

# reaches NAME FAMILY: the world answers, so the packets are masqueraded
reaches() {
	[[ $2 = v6 ]] || pings "$1" 192.0.2.2
	[[ $2 = v4 ]] || pings "$1" 2001:db8::2
}

# detach HOW CONF NAME RESULT [IFNAME]: our DEL, with what it is told
detach() {
	local how=$1 c=$2 name=$3 if=${5-eth0}
	case $how in
	namespace)
		del bridge "$c" "$name" "$if"
		not in_ns "$name" ip link show "$if" 2>/dev/null
		;;
	prevResult) del bridge "$(with_prev "$c" "$4")" "$name" "$if" "" ;;
	nothing) del bridge "$c" "$name" "$if" "" ;;
	esac
}

# taken_over FAMILY BACKEND: Go's ADD, then our CHECK and our DEL, which has
# the namespace, or only the result, or not even that
taken_over() {
	local c how one two before addresses
	c=$(conf l3 "$(family "$1") | .ipMasq = true | .macspoofchk = true |
		.hairpinMode = true | .mtu = 1400 | .ipMasqBackend = \"$2\"")
	outside
	for how in namespace prevResult nothing; do
		sandbox c1 c2
		by_go add bridge "$c" c1
		one=$res
		by_go add bridge "$c" c2
		two=$res
		before=$(snapshot)
		check bridge "$(with_prev "$c" "$one")" c1
		check bridge "$(with_prev "$c" "$two")" c2
		same_as "$before"
		reaches c1 "$1"

		[[ $how = namespace ]] || drop c1
		detach "$how" "$c" c1 "$one"
		mapfile -t addresses < \
			<(gojq -r '.ips[].address | split("/")[0]' <<<"$one")
		unruled c1 "${addresses[@]}"
		check bridge "$(with_prev "$c" "$two")" c2
		reaches c2 "$1"

		[[ $how = namespace ]] || drop c2
		detach "$how" "$c" c2 "$two"
		gone
		[[ $how != namespace ]] || { drop c1; drop c2; }
		rm -r "$STORE/pods" # so that addresses start anew
	done
}

@test "takeover: IPv4, iptables" { taken_over v4 iptables; }
@test "takeover: IPv4, nftables" { taken_over v4 nftables; }
@test "takeover: IPv6, iptables" { taken_over v6 iptables; }
@test "takeover: IPv6, nftables" { taken_over v6 nftables; }
@test "takeover: dual stack, iptables" { taken_over dual iptables; }
@test "takeover: dual stack, nftables" { taken_over dual nftables; }

# two_interfaces BACKEND: in iptables they share a chain, for its name is made
# of network and container alone
two_interfaces() {
	local c how one two
	c=$(conf l3 ".ipMasq = true | .ipMasqBackend = \"$1\" | del(.ipam.routes)")
	outside
	for how in namespace prevResult; do
		sandbox c1
		by_go add bridge "$c" c1 eth0
		one=$res
		by_go add bridge "$c" c1 eth1
		two=$res
		detach "$how" "$c" c1 "$one" eth0
		unruled 10.9.0.2
		is "$(reservations | wc -l)" 1 "reservations"
		check bridge "$(with_prev "$c" "$two")" c1 eth1
		in_ns c1 ip route add default via 10.9.0.1 dev eth1
		pings c1 192.0.2.2 -I eth1

		[[ $how = namespace ]] || drop c1
		detach "$how" "$c" c1 "$two" eth1
		gone
		[[ $how != namespace ]] || drop c1
		rm -r "$STORE/pods"
	done
}

@test "takeover: two interfaces of one container, iptables" {
	two_interfaces iptables
}
@test "takeover: two interfaces of one container, nftables" {
	two_interfaces nftables
}

@test "takeover: old and new pods live on one bridge" {
	local c one two mac
	outside
	sandbox c1 c2
	c=$(conf dual '.ipMasq = true')
	by_go add bridge "$c" c1
	one=$res
	mac=$(gojq -r '.interfaces[0].mac' <<<"$one")
	add bridge "$c" c2
	two=$res
	json '.interfaces[0].mac' "$mac"
	pings c1 10.9.0.3
	pings c2 fd09::2
	reaches c1 dual
	reaches c2 dual
	check bridge "$(with_prev "$c" "$one")" c1
	check bridge "$(with_prev "$c" "$two")" c2
	by_go check bridge "$(with_prev "$c" "$one")" c1
	by_go check bridge "$(with_prev "$c" "$two")" c2
	del bridge "$c" c1
	reaches c2 dual
	by_go del bridge "$c" c2
	gone_with_gc "$c" c2
}

# ptp_over FAMILY BACKEND: the same of ptp, whose links are no bridge's ports
ptp_over() {
	local c how one
	c=$(conf l3 "$(family "$1") | .type = \"ptp\" | .ipMasq = true |
		.mtu = 1400 | .ipMasqBackend = \"$2\"")
	outside
	for how in namespace prevResult living; do
		sandbox c1 c2
		by_go add ptp "$c" c1
		one=$res
		add ptp "$c" c2
		reaches c2 "$1"
		before=$(snapshot)
		check ptp "$(with_prev "$c" "$one")" c1
		same_as "$before"
		[[ $how != prevResult ]] || drop c1
		case $how in
		namespace) del ptp "$c" c1 ;;
		*) del ptp "$(with_prev "$c" "$one")" c1 eth0 "" ;;
		esac
		reaches c2 "$1"
		del ptp "$c" c2
		is "$(links HOST)" "lo out"
		is "$(reservations)" ""
		unruled c1 c2 10.9.0.2 10.9.0.3 fd09::2 fd09::3
		[[ $how = prevResult ]] || drop c1
		drop c2
		rm -r "$STORE/pods"
	done
}

@test "takeover: ptp, IPv4, iptables" { ptp_over v4 iptables; }
@test "takeover: ptp, dual stack, nftables" { ptp_over dual nftables; }

@test "takeover and back: macvlan" {
	local c
	outside
	c=$(conf l3 '.type = "macvlan" | .master = "out" | .ipam.routes = []')
	sandbox c1 c2
	before=$(snapshot)
	by_go add macvlan "$c" c1
	check macvlan "$(with_prev "$c" "$res")" c1
	add macvlan "$c" c2
	by_go check macvlan "$(with_prev "$c" "$res")" c2
	pings c1 10.9.0.3
	del macvlan "$c" c1
	by_go del macvlan "$c" c2
	is "$(reservations)" ""
	rm -r "$STORE/pods"
	is "$(links c1) $(links c2)" "lo lo"
}

# Of each pair of plugins one makes the attachment, and the other one checks and
# ends it. The Go plugin leaves sysctls as they were set.
@test "takeover and back: tuning" {
	local base c
	base=$(conf base)
	c='{"cniVersion":"1.0.0","name":"net","type":"tuning","mtu":1400,
		"mac":"02:00:00:00:00:99","promisc":true,"allmulti":true,
		"txQLen":77,"sysctl":{"net.core.somaxconn":"500"}}'
	sandbox c1
	add bridge "$base" c1
	p=$res
	before=$(snapshot)
	by_go add tuning "$(with_prev "$c" "$p")" c1
	json '.interfaces[2].mac' 02:00:00:00:00:99 "$res"
	check tuning "$(with_prev "$c" "$res")" c1
	# a second ADD keeps what the Go plugin found
	add tuning "$(with_prev "$c" "$res")" c1
	del tuning "$c" c1
	in_ns c1 sh -c 'echo 4096 >/proc/sys/net/core/somaxconn'
	same_as "$before"

	by_go add tuning "$(with_prev "$c" "$p")" c1
	del tuning "$c" c1
	in_ns c1 sh -c 'echo 4096 >/proc/sys/net/core/somaxconn'
	same_as "$before"
	is "$(in_host ls -A /run/cni/tuning)" ''

	add tuning "$(with_prev "$c" "$p")" c1
	by_go check tuning "$(with_prev "$c" "$res")" c1
	by_go del tuning "$c" c1
	is "$(in_host ls -A /run/cni/tuning)" ''
	in_ns c1 sh -c 'cd /proc/sys/net && echo 4096 >core/somaxconn &&
		echo 0 >ipv4/conf/eth0/arp_notify &&
		echo 0 >ipv6/conf/eth0/ndisc_notify'
	same_as "$before"
	del bridge "$base" c1
}

# --- and back -------------------------------------------------------------

# handed_back FAMILY BACKEND: our ADD, then Go's CHECK and DEL; a Go pod after
# that; and what is ours goes when the network does
handed_back() {
	local c
	c=$(conf l3 "$(family "$1") | .ipMasq = true | .macspoofchk = true |
		.hairpinMode = true | .ipMasqBackend = \"$2\"")
	outside
	sandbox c1 c2
	add bridge "$c" c1
	reaches c1 "$1"
	by_go check bridge "$(with_prev "$c" "$res")" c1
	by_go del bridge "$(with_prev "$c" "$res")" c1
	is "$(links c1)" lo
	gone_with_gc "$c" c1

	by_go add bridge "$c" c2
	reaches c2 "$1"
	by_go check bridge "$(with_prev "$c" "$res")" c2
	by_go del bridge "$c" c2
	gone

	in_host ip link del br0
	gc bridge "$(with_valid "$c")"
	unruled pods br0
}

@test "handed back: IPv4, iptables" { handed_back v4 iptables; }
@test "handed back: IPv6, nftables" { handed_back v6 nftables; }
@test "handed back: dual stack, iptables" { handed_back dual iptables; }

@test "handed back: Go's DEL where the namespace is gone" {
	local c
	outside
	sandbox c1
	c=$(conf l3 '.ipMasq = true')
	add bridge "$c" c1
	drop c1
	by_go del bridge "$c" c1 eth0 ""
	gone_with_gc "$c" c1
}

@test "handed back: ptp" {
	local c
	c=$(conf l3 '.type = "ptp" | .ipMasq = true')
	outside
	sandbox c1
	add ptp "$c" c1
	by_go check ptp "$(with_prev "$c" "$res")" c1
	by_go del ptp "$(with_prev "$c" "$res")" c1
	is "$(links HOST)" "lo out"
	is "$(reservations)" ""
	gc ptp "$(with_valid "$c")"
	unruled c1 10.9.0.2
}

@test "handed back: an address that a Go pod had, and ours before it" {
	local c
	outside
	sandbox c1 c2 c3
	c=$(conf l3 '.ipMasq = true |
		.ipam.ranges = [[{subnet: "10.9.0.0/29", rangeStart: "10.9.0.2",
			rangeEnd: "10.9.0.2"}]]')
	add bridge "$c" c1
	by_go del bridge "$c" c1
	by_go add bridge "$c" c2
	reaches c2 v4
	by_go del bridge "$c" c2
	add bridge "$c" c3
	reaches c3 v4
	check bridge "$(with_prev "$c" "$res")" c3
	unruled c1
	del bridge "$c" c3
	gone
}

# --- firewall -------------------------------------------------------------

# walls POLICY: the configurations, in $B and $F
walls() {
	B=$(conf dual '.name = "base"')
	F=$(conf firewall "del(.denyTo) | .ingressPolicy = \"$1\"")
}

@test "firewall: what Go made passes CHECK, and DEL leaves none of it" {
	for policy in open same-bridge isolated; do
		walls $policy
		sandbox c1
		by_go add bridge "$B" c1
		by_go add firewall "$(with_prev "$F" "$res")" c1
		prev=$(with_prev "$F" "$res")
		in_host iptables-nft -S | grep -F "$(address 4)/32"
		by_us check firewall "$prev" c1
		by_us del firewall "$prev" c1 eth0 ''
		not grep -E '10\.9\.0|fd09::|br0' \
			<(in_host iptables-nft -S; in_host ip6tables-nft -S)
		in_host iptables-nft -S | grep -e '-j CNI-FORWARD'
		by_go del bridge "$B" c1
		drop c1
		in_host nft flush ruleset
	done
}

# Theirs takes the first interface of a result for the bridge.
@test "firewall: Go's isolates our bridge, though loopback comes first" {
	walls same-bridge
	sandbox c1
	by_go add loopback "$(conf loopback '.cniVersion = "1.0.0"')" c1 lo
	by_us add bridge "$(with_prev "$B" "$res")" c1
	by_go add firewall "$(with_prev "$F" "$res")" c1
	in_host iptables-nft -S CNI-ISOLATION-STAGE-1 | grep -F -- '-i br0 '
	in_host iptables-nft -S CNI-ISOLATION-STAGE-2 | grep -F -- '-o br0 '
	not grep -E -- '-[io] lo ' \
		<(in_host iptables-nft -S; in_host ip6tables-nft -S)
	by_go del firewall "$(with_prev "$F" "$res")" c1
	by_us del bridge "$B" c1
}

@test "firewall: beside Go's, and what Go's DEL leaves of ours GC takes" {
	walls same-bridge
	sandbox c1 c2
	by_go add bridge "$B" c1
	by_go add firewall "$(with_prev "$F" "$res")" c1
	one=$(with_prev "$F" "$res")
	before=$(in_host iptables-nft -S; in_host ip6tables-nft -S)
	by_us add bridge "$B" c2
	by_us add firewall "$(with_prev "$F" "$res")" c2
	two=$(with_prev "$F" "$res")
	by_us check firewall "$two" c2
	by_go check firewall "$one" c1
	by_us check firewall "$one" c1
	by_go del firewall "$two" c2
	by_us gc firewall "$(with_valid "$F" c1 eth0)"
	is "$(in_host nft list tables | grep cni_)" ''
	is "$(in_host iptables-nft -S; in_host ip6tables-nft -S)" "$before"
	by_go check firewall "$one" c1
}
