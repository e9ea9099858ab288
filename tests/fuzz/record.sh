#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# record.sh - makes seeds from real calls: in namespaces of its own it runs
# plugins, and writes down what they were given and what delegate and kernel
# answered. What no call meets was made by hand. Where the kernel has no VLAN
# filtering, what needs it is left out; record-vlan.sh has a guest make it.
#
#   tests/fuzz/record.sh RECORD.SO BIN FOLDER     FOLDER gets conf-<plugin>,
#                                                  route and fw
set -euo pipefail
if [ "${IN_NAMESPACE-}" != 1 ]; then
	IN_NAMESPACE=1 exec unshare -nm --propagation private "$0" \
		"$(realpath "$1")" "$(realpath "$2")" "$(realpath "$3")"
fi
so=$1 bin=$2 out=$3
data=$(realpath "$(dirname "$0")/../data")
tmp=$(mktemp -d)
pid=
trap 'rm -rf "$tmp"; [ -z "$pid" ] || kill "$pid"' EXIT
mount -t tmpfs none /var/lib
ip link set lo up
unshare -n sleep infinity &
pid=$!
until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do
	sleep 0.1
done

# the delegate's words are kept
mkdir "$tmp/path"
for ipam in host-local static; do
	cat >"$tmp/path/$ipam" <<-END
	#!/bin/sh
	$bin/$ipam >$tmp/said 2>$tmp/cried && status=0 || status=\$?
	{ printf %s "\$status"; cat $tmp/said; } >$tmp/child
	[ ! -s $tmp/cried ] ||
		{ printf '\\376'; cat $tmp/cried; } >>$tmp/child
	cat $tmp/said
	exit \$status
	END
	chmod +x "$tmp/path/$ipam"
done

# call SEED VERB PLUGIN [ARGS] <CONF; the result is in $tmp/out
call() {
	local seed=$1 verb=$2 plugin=$3 args=${4-} forward n
	forward=$(cat /proc/sys/net/ipv6/conf/all/forwarding)
	rm -rf "$tmp/record" "$tmp/child"
	mkdir -p "$tmp/record" "$out/conf-$plugin"
	: >"$tmp/child"
	cat >"$tmp/conf"
	env "CNI_COMMAND=$verb" CNI_CONTAINERID=c1 CNI_IFNAME=eth0 \
		"CNI_NETNS=/proc/$pid/ns/net" "CNI_PATH=$tmp/path" \
		"CNI_ARGS=$args" "LD_PRELOAD=$so" "RECORD=$tmp/record" \
		"$bin/$plugin" <"$tmp/conf" >"$tmp/out" ||
		{ echo "$seed:"; cat "$tmp/out"; echo; }
	{
		printf '%s\n' "CNI_COMMAND=$verb" CNI_CONTAINERID=c1 \
			CNI_IFNAME=eth0 CNI_NETNS=/fix/netns \
			CNI_PATH=/fix/bin
		printf 'CNI_ARGS=%s\377' "$args"
		sed "s|/proc/$pid/ns/net|/fix/netns|g" "$tmp/conf"
		printf '\377'
		cat "$tmp/child"
		printf '\377%s' "$forward"
		find "$tmp/record" -type f | sort | xargs -r cat
	} >"$out/conf-$plugin/$seed-${verb,,}"
	cut_up "$seed-${verb,,}"
	n=$(find "$tmp/record" -type f | wc -l)
	echo "$plugin/$seed-${verb,,}: $n requests"
}

# one TARGET SEED INDEX FILE...: one question of route.c or fw.c, and its
# answers; those of nf_tables that hold nothing are all alike, and one is kept
one() {
	local target=$1 seed=$2 index=$3
	shift 3
	if [ "$target" = fw ] && [ "$(cat "$@" | wc -c)" -lt 64 ]; then
		seed=none-${seed##*-}
	fi
	mkdir -p "$out/$target"
	{ printf '%b0' "\\x0$index"; cat "$@"; } >"$out/$target/$seed"
}

# cut_up SEED: the requests of that call as seeds of route and fw
cut_up() {
	local f name
	for f in "$tmp/record"/*; do
		name=${f##*/}
		case ${name#*-} in
		route-18) one route "$1-link" 0 "$f" ;;
		route-18-dump) one route "$1-links" 1 "$f" ;;
		route-22-dump) one route "$1-addresses" 2 "$f" ;;
		route-26-dump) one route "$1-routes" 3 "$f" ;;
		route-16) one route "$1-change" 6 "$f" ;;
		fw-2567-dump) one fw "$1-rules" 0 "$f" ;;
		fw-2564-dump) one fw "$1-chains" 1 "$f" ;;
		fw-2573-dump) one fw "$1-elements" 7 "$f" ;;
		esac
	done
	name=$1
	set -- "$tmp/record"/*-fw-*
	[ -e "$1" ] || return 0
	case $name in
	full-add) one fw "$name" 3 "$@" ;;
	full-prev-check) one fw "$name" 4 "$@" ;;
	full-prev-del) one fw "$name" 5 "$@" ;;
	full-gc | go-*) one fw "$name" 6 "$@" ;;
	esac
}

# all SEED PLUGIN CONF [ARGS]: every verb, and CHECK with a result
all() {
	local seed=$1 plugin=$2 conf=$3 args=${4-} prev
	call "$seed" STATUS "$plugin" "$args" <<<"$conf"
	call "$seed" ADD "$plugin" "$args" <<<"$conf"
	# shellcheck disable=SC2016 # for gojq
	prev=$(gojq -c --slurpfile prev "$tmp/out" '.prevResult = $prev[0]' \
		<<<"$conf")
	call "$seed-prev" CHECK "$plugin" "$args" <<<"$prev"
	call "$seed" GC "$plugin" "$args" <<<"$(gojq -c '
		."cni.dev/valid-attachments" =
			[{containerID: "c1", ifname: "eth0"}]' <<<"$conf")"
	call "$seed-prev" DEL "$plugin" "$args" <<<"$prev"
	call "$seed" DEL "$plugin" "$args" <<<"$conf"
}

for c in dual l2 l3 l3v6 loopback; do
	conf=$(gojq -c . "$data/$c.json")
	all "$c" "$(gojq -r .type <<<"$conf")" "$conf"
done
for c in dual l3 l3v6; do
	all "$c" host-local "$(gojq -c . "$data/$c.json")"
done
conf=$(gojq -c '.ipMasq = true | .macspoofchk = true | .hairpinMode = true |
	.mtu = 1400 | .dns = {nameservers: ["10.9.0.1"]} |
	.runtimeConfig.mac = "02:11:22:33:44:55" |
	.ipam.routes = [{dst: "192.0.2.0/24", mtu: 1300, priority: 7},
		{dst: "::/0"}]' "$data/dual.json")
all full bridge "$conf" 'IgnoreUnknown=1;MAC=02:11:22:33:44:66;IP=10.9.0.7'
conf=$(gojq -c '.cniVersion = "0.2.0" | .ipMasq = true' "$data/l3.json")
all old bridge "$conf"
conf=$(gojq -c '.ipam |= (.ranges[0][0] += {rangeStart: "10.9.0.5",
		rangeEnd: "10.9.0.20", gateway: "10.9.0.9"} |
	.dataDir = "/var/lib/x" | .resolvConf = "/fix/bin/p") |
	.args.cni.ips = ["10.11.0.6"] | .runtimeConfig = {ips: ["fd09::7/64"],
	ipRanges: [[{subnet: "10.10.0.0/31"}, {subnet: "10.11.0.0/24"}]]}' \
	"$data/dual.json")
all full host-local "$(gojq -c 'del(.ipam.resolvConf)' <<<"$conf")" IP=10.9.0.8
conf=$(gojq -c . "$data/static.json")
all static bridge "$conf"
all dual static "$conf"
conf=$(gojq -c '.ipam.routes += [{dst: "192.0.2.0/24", gw: "10.9.0.77", mtu: 1300,
		advmss: 1200, priority: 7, table: 100, scope: 0}] |
	.ipam.addresses += [{address: "::ffff:10.1.2.3/120"}] |
	.ipam.dns = {nameservers: ["10.9.0.1"], search: ["a"], options: ["b"]}' \
	<<<"$conf")
all full static "$conf" 'IP=10.8.0.7/24, fd08::7/64;GATEWAY=10.8.0.1,fd08::1'
all args static "$(gojq -c '.args.cni.ips = ["10.7.0.7/24"]' <<<"$conf")"
all runtime static "$(gojq -c '.runtimeConfig.ips = ["10.7.0.7/24",
	"10.7.0.8/24"]' <<<"$conf")"
all old static "$(gojq -c '.cniVersion = "0.2.0"' "$data/static.json")"
ip link add eth9 type veth peer name eth8
ip addr add 10.9.0.77/16 dev lo
conf=$(gojq -c '.bridge = "eth9"' "$data/l3.json")
all wrong bridge "$conf"
ip link set eth9 up
ip link set eth8 up
conf=$(gojq -c '.type = "macvlan" | .master = "eth9"' "$data/l3.json")
all l3 macvlan "$conf"
conf=$(gojq -c '.type = "macvlan" | .master = "eth9" | .mode = "vepa" |
	.mtu = 1400 | .bcqueuelen = 7 | .mac = "02:11:22:33:44:55"' \
	"$data/l2.json")
all l2 macvlan "$conf"
all none macvlan "$(gojq -c 'del(.master)' <<<"$conf")"
# firewall: behind a bridge that has one
ip link add base0 type bridge
conf=$(gojq -c '.prevResult = {cniVersion: "1.1.0", interfaces:
	[{name: "base0"}, {name: "eth0", sandbox: "/fix/netns"}], ips:
	[{address: "10.9.0.2/24"}, {address: "fd09::2/64"}]}' \
	"$data/firewall.json")
all open firewall "$(gojq -c 'del(.ingressPolicy, .denyTo)' <<<"$conf")"
iptables-nft -P FORWARD DROP
ip6tables-nft -P FORWARD DROP
all same firewall "$conf"
all isolated firewall "$(gojq -c '.ingressPolicy = "isolated" |
	.allowTo = ["10.0.0.0/8", "::/0"] | .denyHost = true |
	.denyMetadata = true | .iptablesAdminChainName = "X" |
	.backend = "iptables"' <<<"$conf")"
nft delete table ip filter
nft delete table ip6 filter
# tuning: a link of the sandbox
mount -t tmpfs none /run
nsenter -n -t $pid ip link add eth0 type veth peer name eth1
nsenter -n -t $pid ip addr add 10.9.0.2/24 dev eth0
nsenter -n -t $pid ip link set eth0 up
conf=$(gojq -c '.prevResult = {cniVersion: "1.1.0", interfaces:
	[{name: "eth0", sandbox: "/fix/netns", mac: "02:00:00:00:00:01"}],
	ips: [{address: "10.9.0.2/24"}]}' "$data/tuning.json")
all full tuning "$conf" 'IgnoreUnknown=1;MAC=02:11:22:33:44:66'
all args tuning "$(gojq -c '{cniVersion, name, type, prevResult, dataDir: "/x",
	runtimeConfig: {mac: "02:00:00:00:00:03"}, args: {cni: {mac: "",
	promisc: true, allmulti: false, txQLen: 0, mtu: 1300,
	sysctl: {"net/ipv4/conf/eth0.100/arp_ignore": "1"}}}}' <<<"$conf")"
all none tuning "$(gojq -c '{cniVersion, name, type, prevResult}' <<<"$conf")"
nsenter -n -t $pid ip link del eth0
umount /run
conf=$(gojq -c '.type = "ptp" | .ipMasq = true | .mtu = 1400' \
	"$data/dual.json")
all dual ptp "$conf"
conf=$(gojq -c '.type = "ptp" | .cniVersion = "0.2.0"' "$data/l3.json")
all old ptp "$conf"
ip addr add 10.9.0.1/24 dev eth9
conf=$(gojq -c '.prevResult = {cniVersion: "1.1.0", interfaces: [{name: "eth8"},
	{name: "eth0", sandbox: "/fix/netns"}], ips: [{address: "10.9.0.2/24",
	interface: 1}, {address: "fd09::2/64", interface: 1}]}' \
	"$data/portmap.json")
all one portmap "$conf"
all all portmap "$(gojq -c '.masqAll = true | .backend = "nftables" |
	.markMasqBit = 1 | .runtimeConfig.portMappings[1] = {HostPort: 7,
	ContainerPort: 8, Protocol: "SCTP", HostIP: "2001:db8::1"}' <<<"$conf")"
all none portmap "$(gojq -c 'del(.runtimeConfig)' <<<"$conf")"

# go_rules: what the Go plugins' two backends leave for c1
go_rules() {
	local chain key text='name: "pods" id: "c1"'
	chain=CNI-$(printf podsc1 | sha512sum | cut -c 1-24)
	key=$(printf pods | sha512sum | cut -c 1-16)
	key+=-$(printf eth0:c1 | sha512sum | cut -c 1-16)
	nft -f - <<-END
		add table inet cni_plugins_masquerade
		add chain inet cni_plugins_masquerade masq_checks
		add rule inet cni_plugins_masquerade masq_checks ip saddr \
			10.9.0.2 ip daddr != 10.9.0.0/24 masquerade comment \
			"$key, net: pods, if: eth0, id: c1"
	END
	iptables-nft -t nat -N "$chain"
	iptables-nft -t nat -A "$chain" -d 10.9.0.0/24 -m comment \
		--comment "$text" -j ACCEPT
	iptables-nft -t nat -A "$chain" ! -d 224.0.0.0/4 -m comment \
		--comment "$text" -j MASQUERADE
	iptables-nft -t nat -A POSTROUTING -s 10.9.0.2 -m comment \
		--comment "$text" -j "$chain"
}
conf=$(gojq -c . "$data/l3.json")
go_rules
call go GC bridge <<<"$(gojq -c '."cni.dev/valid-attachments" = []' <<<"$conf")"
go_rules
call go DEL bridge <<<"$conf"

if ip link add name br7 type bridge vlan_filtering 1 2>/dev/null; then
	ip link del br7
	conf=$(gojq -c '.bridge = "br7" | .vlan = 100 | .isGateway = true' \
		"$data/dual.json")
	all vlan bridge "$conf"
	conf=$(gojq -c '.bridge = "br8" | .vlan = 50 |
		.vlanTrunk = [{minID: 100, maxID: 103}, {id: 200}]' \
		"$data/l2.json")
	all trunk bridge "$conf"
fi

# where the delegate is of the same build, it is a function
for seed in dual-add dual-prev-check dual-prev-del full-add full-gc l3-del \
	old-add static-add vlan-add; do
	[ ! -e "$out/conf-bridge/$seed" ] ||
		sed 's|^CNI_PATH=/fix/bin|CNI_PATH=/fix/self|' \
			"$out/conf-bridge/$seed" >"$out/conf-bridge/self-$seed"
done
