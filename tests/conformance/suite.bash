# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# suite.bash - a row of tests/conformance/plugins, whose name is in $ROW, and
# how it is asked. run.sh says which folder and which row.
#
#   $P         the plugin, $IF the interface
#   $C         its configuration
#
# What is there is what a user of the host sees: links, addresses, routes,
# rules and settings of each namespace, and which files there are. What is in
# the files is the plugin's own business, and so is what it keeps for good: a
# first ADD and DEL, settle, come before each comparison.
#
# Before a chained plugin comes a network of the suite's own: bridge net0, and a
# veth for each container, with an address of each family.

load ../netns/helpers
DATA=$BATS_TEST_DIRNAME/conf

setup() {
	local tags
	host_up
	tags=$(sed -n "s/^${ROW:?which row of tests/conformance/plugins?}  *//p" \
		"$BATS_TEST_DIRNAME/plugins")
	TAGS=" $tags "
	P=${ROW%%.*} IF=eth0 N=0
	[[ $P != loopback ]] || IF=lo
	C=$(edited .)
	! is_a chained || network net0 10.99.0 fd99
	[[ $P != macvlan ]] || master
}

is_a() { [[ $TAGS = *" $1 "* ]]; }

# edited EDIT: the row's configuration, edited
edited() { conf "$ROW" "$1"; }

# network BRIDGE V4 V6: the suite's own, 1 being the host on it
network() {
	in_host ip link add "$1" type bridge
	in_host ip addr add "$2.1/24" dev "$1"
	in_host ip addr add "$3::1/64" dev "$1" nodad
	in_host ip link set "$1" up
	forwarding
}

forwarding() {
	in_host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# master: link up0 of the host, and a host beyond it, which has the gateways'
# addresses
master() {
	sandbox OUT
	in_host ip link add up0 address 02:00:00:00:00:01 type veth \
		peer name eth0 netns "$OUT"
	in_host ip link set up0 up
	in_ns OUT ip addr add 10.9.0.1/24 dev eth0
	in_ns OUT ip addr add fd09::1/64 dev eth0 nodad
	in_ns OUT ip link set eth0 up
}

# --- attachments ----------------------------------------------------------

# containers ID...: sandboxes, and what comes before the plugin in them
containers() {
	local id
	sandbox "$@"
	! is_a chained || for id; do before "$id"; done
}

# before ID [BRIDGE V4 V6]: attaches it to the suite's network; what the plugin
# after that is told is in $PREV_<ID>, as version 1.1.0 says it
before() {
	local id=$1 br=${2-net0} v4=${3-10.99.0} v6=${4-fd99} n=$((++N + 1))
	in_host ip link add "wire$n" type veth peer name eth0 netns "${!id}"
	in_host ip link set "wire$n" master "$br"
	in_host ip link set "wire$n" up
	in_ns "$id" ip addr add "$v4.$n/24" dev eth0
	in_ns "$id" ip addr add "$v6::$n/64" dev eth0 nodad
	in_ns "$id" ip link set eth0 up
	in_ns "$id" ip route add default via "$v4.1"
	in_ns "$id" ip -6 route add default via "$v6::1"
	printf -v "WIRE_$id" %s "wire$n"
	printf -v "PREV_$id" %s "$(gojq -nc --arg ns "$(netns "$id")" \
		--arg br "$br" --arg brmac "$(mac HOST "$br")" \
		--arg wire "wire$n" --arg wiremac "$(mac HOST "wire$n")" \
		--arg mac "$(mac "$id" eth0)" --arg n "$n" --arg v4 "$v4" \
		--arg v6 "$v6" '{cniVersion: "1.1.0", interfaces: [
			{name: $br, mac: $brmac}, {name: $wire, mac: $wiremac},
			{name: "eth0", mac: $mac, sandbox: $ns}],
		ips: [{address: "\($v4).\($n)/24", gateway: "\($v4).1", interface: 2},
			{address: "\($v6)::\($n)/64", gateway: "\($v6)::1", interface: 2}],
		routes: [{dst: "0.0.0.0/0", gw: "\($v4).1"},
			{dst: "::/0", gw: "\($v6)::1"}],
		dns: {nameservers: ["192.0.2.53"]}}')"
}

# end ID: the container is gone, and its namespace
end() {
	local wire=WIRE_$1
	# at once, where it is there yet
	[[ ! -v $wire ]] || in_host ip link del "${!wire}" 2>/dev/null || :
	drop "$1"
}

# in_version V RESULT: as that version says it
in_version() {
	gojq -c --arg v "$1" 'def family: if .address | contains(":") then "6"
			else "4" end;
		.cniVersion = $v | if $v < "0.3" then . as $r | {cniVersion: $v, dns,
			ip4: ($r.ips[] | select(family == "4") | {ip: .address, gateway,
				routes: [$r.routes[] | select(.dst | contains(":") | not)]}),
			ip6: ($r.ips[] | select(family == "6") | {ip: .address, gateway,
				routes: [$r.routes[] | select(.dst | contains(":"))]})}
		elif $v < "1" then .ips[] |= . + {version: family}
		else . end' <<<"$2"
}

# ask VERB [CONF [ID [IFNAME [NETNS]]]]: the row's plugin. A chained one's ADD
# has what came before, unless the configuration has a prevResult.
ask() {
	local c=${2-$C} id=${3-c1} v before=PREV_${3-c1}
	if is_a chained && [[ $1 = ADD && $c != *'"prevResult"'* ]]; then
		[[ -v $before ]] || before=PREV_c1
		v=$(gojq -r .cniVersion <<<"$c")
		c=$(with_prev "$c" "$(in_version "$v" "${!before}")")
	fi
	[[ $c != *'"portMappings"'* ]] || c=$(own_ports "$id" "$c")
	cni "$1" "$P" "$c" "$id" "${4-$IF}" "${@:5}"
}

# own_ports ID CONF: c1 has the ports of the configuration, each other container
# those that are a multiple of 100 above
own_ports() {
	local n=${1//[^0-9]/}
	gojq -c "if .runtimeConfig then .runtimeConfig.portMappings[].hostPort +=
		100 * ($((10#${n:-1})) - 1) else . end" <<<"$2"
}

# attach [CONF [ID [IFNAME [NETNS]]]]: then $res is the result, and $prev the
# configuration with it
attach() {
	succeeds ask ADD "$@" || return
	res=$out
	prev=$(with_prev "${1-$C}" "$res")
}
detach() { succeeds ask DEL "$@"; }
checks() { succeeds ask CHECK "$@"; }
collects() { succeeds ask GC "$@"; }

# settle [CONF [ID]]: the network has been used before
settle() {
	attach "$@"
	detach "$prev" "${@:2}"
}

# works: an ADD and a DEL, which leave nothing
works() {
	local s
	s=$(state)
	attach
	detach "$prev"
	left "$s"
}

# is_error CODE: what the plugin did last was to fail: exit status other
# than 0, and on stdout one JSON object with a code that matches that ERE and a
# message
is_error() {
	[[ $status != 0 ]] && gojq -es --arg code "^($1)\$" '
		length == 1 and (.[0] | (.code | type) == "number" and
			(.code | tostring | test($code)) and
			(.msg | type) == "string" and .msg != "")' \
		<"$stdout" >/dev/null && return
	echo "expected an error with code $1"
	show
	return 1
}

# refused CODE VERB [CONF [ID [IFNAME [NETNS]]]]
refused() {
	local code=$1
	shift
	ask "$@"
	is_error "$code"
}

# undone VERB ...: refused with whatever code, nothing has changed, and what is
# right works then
undone() {
	local s
	s=$(state)
	refused '[0-9]+' "$@"
	left "$s"
	works
}

# --- what is there --------------------------------------------------------

# state: of every namespace that the test holds, and the names of files
state() {
	local name inside=()
	for name in "${HELD[@]}"; do inside+=("$name=${!name}"); done
	"$TOOLS/snapshot/snapshot" "${inside[@]}" || echo "no snapshot"
	in_host find "$STORE" /run /var/lib -mindepth 1 \
		-printf 'file: %p %y\n' | sort
}

# left STATE: all is as it was then. What ends with a namespace does so in the
# kernel's own time: it has a few seconds.
left() {
	local now end=$((SECONDS + 4))
	while now=$(state); [[ $now != "$1" && $SECONDS -lt $end ]]; do
		sleep 0.1
	done
	[[ $now = "$1" ]] && return
	diff -U0 --label before --label after <(echo "$1") <(echo "$now") |
		head -n 40
	return 1
}

# addresses: those of result $res, with prefix
addresses() { gojq -r '.ips[].address' <<<"$res"; }

# delegate NAME <SCRIPT: an IPAM plugin of that name, which is found before the
# folder's own; each verb it is asked for is a line in $TMP/NAME.asked
delegate() {
	mkdir -p "$TMP/bin"
	{ printf '#!/bin/sh\ncat >/dev/null\necho $CNI_COMMAND >>%s\n' \
		"$TMP/$1.asked"; cat; } >"$TMP/bin/$1"
	chmod +x "$TMP/bin/$1"
	CNI_PATH=$TMP/bin:$BIN
}

# all_at_once N CMD...: CMD with c1 to cN, at the same time; each of them works
all_at_once() {
	local n r=0 pids=()
	for ((n = 1; n <= $1; n++)); do
		"${@:2}" "c$n" >"$TMP/once.$n" 2>&1 3>&- &
		pids+=($!)
	done
	for ((n = 1; n <= $1; n++)); do
		wait "${pids[n - 1]}" || { r=1; cat "$TMP/once.$n"; }
	done
	return $r
}

# wrong: an edit that makes the configuration one that nobody can follow
wrong() {
	case $P in
	bridge) echo '.vlan = 9999' ;;
	ptp | host-local) echo '.ipam.ranges[0][0].subnet = "10.9.0.7/24"' ;;
	macvlan) echo '.mode = "none"' ;;
	static) echo '.ipam.addresses[0].address = "10.9.0.7"' ;;
	portmap) echo '.runtimeConfig.portMappings[0].hostPort = 70000' ;;
	firewall) echo '.ingressPolicy = "none"' ;;
	tuning) echo '.mac = "zz"' ;;
	esac
}
