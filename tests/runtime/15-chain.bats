#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
# 15-chain.bats - cnitool, and so the CNI project's library, on a whole chain:
# bridge, portmap, firewall, tuning

load runtime

setup() {
	host_up
	outside
	mkdir "$TMP/net.d"
	chain_list '.' >"$TMP/net.d/10-pods.conflist"
}
teardown() {
	in_host rm -rf /var/lib/cni
	all_down
}

# chain_list EDIT: the configuration list
chain_list() {
	gojq -n --argjson bridge "$(conf dual '.ipMasq = true | .hairpinMode = true')" '{
		cniVersion: "1.1.0", name: "pods", plugins: [
		($bridge | del(.cniVersion, .name)),
		{type: "portmap", capabilities: {portMappings: true}},
		{type: "firewall", ingressPolicy: "same-bridge"},
		{type: "tuning", mtu: 1400,
		 sysctl: {"net.core.somaxconn": "500"}}]} |
		'"$1"
}

# at PORT CMD...: CMD with the host's PORT led to 80 of the container
at() {
	CAP_ARGS="{\"portMappings\":[{\"hostPort\":$1,\"containerPort\":80,\"protocol\":\"tcp\"}]}" \
		"${@:2}"
}

# serves NAME: it says its name on TCP port 80
serves() { bg "$1" "$PROBE" serve tcp 80 "$1"; }

# used: the network has been used once; what stays of it is no trace
used() {
	sandbox first
	at 7999 succeeds cnitool add pods first
	at 7999 succeeds cnitool del pods first
	drop first
}

nothing_left() {
	is "$(reservations)" '' reservations
	is "$(in_host find /var/lib/cni /run/cni -type f)" '' \
		"the library's cache, and tuning's"
	same_as "$before"
}

@test "chain: status, add, check, traffic, del; nothing left" {
	used
	sandbox c1 c2
	before=$(snapshot)
	succeeds cnitool status pods c1
	for _ in first second; do
		at 8080 succeeds cnitool add pods c1
		json .cniVersion 1.1.0
		json '.ips | length' 2
		json '[.interfaces[] | select(.name == "eth0") | .mtu]' '[1400]'
		at 8081 succeeds cnitool add pods c2
		serves c1
		serves c2
		is "$(in_ns c1 cat /sys/class/net/eth0/mtu)" 1400
		is "$(in_ns c1 cat /proc/sys/net/core/somaxconn)" 500
		for c in 'c1 8080' 'c2 8081'; do
			at "${c#* }" succeeds cnitool check pods "${c% *}"
			hears "${c% *}" OUT 192.0.2.1 "${c#* }"
			hears "${c% *}" OUT 2001:db8::1 "${c#* }"
			hears "${c% *}" HOST 127.0.0.1 "${c#* }"
		done
		hears c2 c1 192.0.2.1 8081
		pings c1 192.0.2.2
		pings c1 2001:db8::2
		at 8080 succeeds cnitool del pods c1
		deaf OUT 192.0.2.1 8080
		hears c2 OUT 192.0.2.1 8081
		at 8081 succeeds cnitool check pods c2
		at 8081 succeeds cnitool del pods c2
		in_ns c1 sh -c 'echo 4096 >/proc/sys/net/core/somaxconn'
		nothing_left
	done
}

@test "chain: check says what is gone, of each plugin" {
	sandbox c1
	for part in 'masquerade:inet cni_masq' 'host port 8080:inet cni_portmap' \
		'cni_firewall:inet cni_firewall'; do
		at 8080 succeeds cnitool add pods c1
		at 8080 succeeds cnitool check pods c1
		# shellcheck disable=SC2086 # family and name
		in_host nft delete table ${part#*:}
		at 8080 cnitool check pods c1
		is "$status" 1 "status without ${part#*:}"
		matches "$out$errout" "${part%%:*}"
		at 8080 succeeds cnitool del pods c1
	done
	at 8080 succeeds cnitool add pods c1
	in_ns c1 ip link set eth0 mtu 1500
	at 8080 cnitool check pods c1
	is "$status" 1
	matches "$out$errout" 1400
	at 8080 succeeds cnitool del pods c1
}

@test "chain: gc takes all of a container that is gone" {
	used
	before=$(snapshot)
	sandbox c1 c2
	at 8080 succeeds cnitool add pods c1
	at 8081 succeeds cnitool add pods c2
	drop c2
	succeeds cnitool gc pods c1
	drop c1
	nothing_left
}

@test "chain: a firewall that fails leaves nothing of those before it" {
	used
	sandbox c1
	before=$(snapshot)
	chain_list '.plugins[2].ingressPolicy = "none"' \
		>"$TMP/net.d/10-pods.conflist"
	at 8080 cnitool add pods c1
	is "$status" 1
	matches "$out$errout" "ingress policy"
	at 8080 succeeds cnitool del pods c1
	nothing_left
}

# at_once VERB: of all twenty, at the same time
at_once() {
	local n jobs=()
	for n in {10..29}; do
		(at "80$n" cnitool "$1" pods "c$n"
		[[ $status = 0 ]] || { show; exit 1; }) >"$TMP/said.$n" 2>&1 3>&- &
		jobs+=($!)
	done
	for n in "${jobs[@]}"; do wait "$n" || { cat "$TMP"/said.*; return 1; }; done
}

@test "chain: twenty at once, without a lock" {
	local n
	used
	sandbox c{10..29}
	before=$(snapshot)
	at_once add
	is "$(reservations | wc -l)" 40 reservations
	at_once check
	for n in {10..29}; do
		serves "c$n"
		hears "c$n" OUT 192.0.2.1 "80$n"
	done
	at_once del
	for n in {10..29}; do
		in_ns "c$n" sh -c 'echo 4096 >/proc/sys/net/core/somaxconn'
	done
	nothing_left
}

# xtables: what of x_tables, and by nft_compat of nf_tables, is in use in HOST;
# and the modules, where the kernel has any
xtables() {
	in_host nft --debug=netlink list ruleset 2>/dev/null |
		grep -E '\[ (match|target) name ' || :
	[[ ! -e /proc/net/ip_tables_names ]] ||
		in_host cat /proc/net/ip{,6}_tables_names
	[[ ! -e /proc/modules ]] || modules
}
# modules: the names of those that this is about, which others may load as well
modules() {
	cut -d ' ' -f 1 /proc/modules |
		grep -E '^(ip6?t_|ip6?_tables|ip6?table_|x_tables|xt_|nft_compat|ip_set)' |
		sort || :
}

@test "chain: nothing of x_tables, nft_compat or ip_set" {
	before=$(xtables)
	matches "$before" '^([a-z_0-9]+(\n|$))*$'
	# where iptables has its table, and exceptions go there
	in_host nft 'add table ip filter'
	in_host nft 'add chain ip filter FORWARD {
		type filter hook forward priority 0; policy drop; }'
	sandbox c1 c2
	at 8080 succeeds cnitool add pods c1
	at 8081 succeeds cnitool add pods c2
	serves c1
	hears c1 OUT 192.0.2.1 8080
	in_host nft list table ip filter | grep br0
	is "$(xtables)" "$before"
	at 8080 succeeds cnitool check pods c1
	at 8080 succeeds cnitool del pods c1
	at 8081 succeeds cnitool del pods c2
	is "$(xtables)" "$before"
	# a rule of iptables would be seen, of either kind
	in_host iptables-nft -A INPUT -m statistic --mode nth --every 2 \
		--packet 0 -j ACCEPT
	matches "$(xtables)" 'match name statistic'
	in_host iptables-nft -A INPUT -p tcp --syn -j TCPMSS --set-mss 1000
	matches "$(xtables)" 'target name TCPMSS'
	[[ ! -e /proc/net/ip_tables_names ]] || {
		in_host iptables-legacy -t mangle -S
		matches "$(xtables)" $'(^|\n)mangle'
	}
}
