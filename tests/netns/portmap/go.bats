#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# go.bats - what the Go portmap v1.9.1 made, and what nerdctl sends

load portmap

setup() {
	host_up
	MAPPED=$(ports 8080:80/tcp 5300:53/udp)
}

# go_iptables ID NETWORK: the rules of its iptables backend, as it makes them
go_iptables() {
	local ipt ip chain p to
	needs_tool iptables-nft ip6tables-nft
	chain=CNI-DN-$(printf %s "$2$1" | sha512sum | cut -c 1-21)
	for ipt in iptables-nft ip6tables-nft; do
		ip=10.9.0.2
		[[ $ipt = iptables-nft ]] || ip='[fd09::2]'
		nat() { in_host "$ipt" -t nat "$@"; }
		nat -N CNI-HOSTPORT-SETMARK 2>/dev/null || :
		nat -N CNI-HOSTPORT-MASQ 2>/dev/null || :
		nat -N CNI-HOSTPORT-DNAT 2>/dev/null || :
		nat -C PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT 2>/dev/null ||
			nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
		nat -N "$chain"
		for to in tcp:8080:80 udp:5300:53; do
			p=${to%%:*} to=${to#*:}
			nat -A "$chain" -p "$p" --dport "${to%:*}" -j DNAT \
				--to-destination "$ip:${to#*:}"
		done
		for p in tcp udp; do
			nat -A CNI-HOSTPORT-DNAT -m comment --comment \
				"dnat name: \"$2\" id: \"$1\"" -m multiport -p $p \
				--destination-ports 8080,5300 -j "$chain"
		done
	done
}

# go_old ID NETWORK: what old versions made as well
go_old() {
	local ipt ip chain
	chain=CNI-SN-$(printf %s "$2$1" | sha512sum | cut -c 1-21)
	for ipt in iptables-nft ip6tables-nft; do
		ip=10.9.0.2
		[[ $ipt = iptables-nft ]] || ip=fd09::2
		nat -N CNI-HOSTPORT-SNAT 2>/dev/null || :
		nat -N "$chain"
		nat -A "$chain" -p tcp -d "$ip" --dport 80 -j MASQUERADE
		nat -A CNI-HOSTPORT-SNAT -j "$chain"
	done
}

# go_nftables ID [NET]: the same of its nftables backend, to 10.NET.0.2
go_nftables() {
	local f to n=${2-9}
	for f in ip ip6; do
		to=10.$n.0.2
		[[ $f = ip ]] || to=fd0$n::2
		in_host nft -f - <<-END
		add table $f cni_hostport { comment "CNI portmap plugin"; }
		add chain $f cni_hostport hostports
		add chain $f cni_hostport hostip_hostports
		add chain $f cni_hostport masquerading { type nat hook postrouting priority 100; }
		add rule $f cni_hostport hostports tcp dport 8080 dnat to ${to/fd0$n::2/[fd0$n::2]}:80 comment "$1"
		add rule $f cni_hostport hostports udp dport 5300 dnat to ${to/fd0$n::2/[fd0$n::2]}:53 comment "$1"
		add rule $f cni_hostport masquerading $f saddr $to $f daddr $to masquerade comment "$1"
		END
	done
}

shared() { in_host nft list ruleset | grep -v '^$'; }

@test "DEL removes what the Go plugin made by iptables, and no other's" {
	sandbox c1
	go_iptables c0 net
	go_old c0 net
	before=$(in_host iptables-nft -t nat -S; in_host ip6tables-nft -t nat -S)
	go_iptables c1 net
	go_old c1 net
	CNI_NETNS='' del portmap "$(portmap 'del(.runtimeConfig)')" c1
	is "$(in_host iptables-nft -t nat -S; in_host ip6tables-nft -t nat -S)" "$before"
}

@test "DEL removes what the Go plugin made by nftables, and no other's" {
	sandbox c1
	go_nftables c0
	before=$(shared)
	go_nftables c1
	del portmap "$(portmap 'del(.runtimeConfig)')" c1
	is "$(shared)" "$before"
}

@test "CHECK takes the Go plugin's rules for ours" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	P=$(with_prev "$(portmap)" "$res")
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	go_nftables c0
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	go_nftables c1
	check portmap "$P" c1
	del portmap "$P" c1
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	go_iptables c1 net
	check portmap "$P" c1
}

@test "nor is it one where a rule of them is missing" {
	local t chain
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	P=$(with_prev "$(portmap)" "$res")
	go_nftables c1
	in_host nft flush chain ip6 cni_hostport hostports
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	del portmap "$P" c1
	go_iptables c1 net
	check portmap "$P" c1
	chain=$(in_host iptables-nft -t nat -S | grep -oE -m 1 'CNI-DN-[0-9a-f]+')
	in_host iptables-nft -t nat -D "$chain" -p udp --dport 5300 -j DNAT --to-destination 10.9.0.2:53
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	del portmap "$P" c1
	go_iptables c1 net
	in_host ip6tables-nft -t nat -F CNI-HOSTPORT-DNAT
	fails 104 'not mapped' cni CHECK portmap "$P" c1
}

@test "DEL with prevResult leaves what it made for the container's other network" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	P=$(with_prev "$(portmap)" "$res")
	go_nftables c1 8
	before=$(shared)
	go_nftables c1 9
	del portmap "$P" c1
	is "$(shared)" "$before"
}

# taken_by BY MAPPING...: an ADD of them is refused, and leaves nothing
taken_by() {
	local before
	before=$(snapshot)
	MAPPED=$(ports "${@:2}")
	fails 102 "host port 8080/tcp.* is taken by rules of the Go plugin: $1" \
		cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	same_as "$before"
}

@test "a port that it mapped for another container is refused" {
	local make by
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	for make in 'iptables c0 net' 'nftables c0'; do
		go_${make}
		by='c0'
		[[ $make = nft* ]] || by='dnat name: "net" id: "c0"'
		taken_by "$by" 9000:80/tcp 8080:80/tcp
		taken_by "$by" 203.0.113.7:8080:80/tcp
		taken_by "$by" '[::]:8080:80/tcp'
		# other ports and protocols, and what is its own container's
		MAPPED=$(ports 8080:80/udp 5300:53/tcp 8081:80/tcp)
		succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
		del portmap "$(portmap)" c1
		in_host nft flush ruleset
		go_${make/c0/c1}
		MAPPED=$(ports 8080:80/tcp)
		succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
		del portmap "$(portmap)" c1
		in_host nft flush ruleset
	done
}

@test "CHECK and ADD read a match of iptables, too" {
	needs_tool iptables-nft
	needs_kernel CONFIG_NETFILTER_XT_MATCH_SCTP \
		'iptables-nft -t nat -A OUTPUT -p sctp --dport 1'
	sandbox c1 c2
	add bridge "$(conf dual "$NET")" c1
	MAPPED=$(ports 0.0.0.0:3868:3868/sctp)
	P=$(with_prev "$(portmap)" "$res")
	go_iptables c1 net
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	chain=$(in_host iptables-nft -t nat -S | grep -oE -m 1 'CNI-DN-[0-9a-f]+')
	in_host iptables-nft -t nat -A "$chain" -p sctp --dport 3868 -j DNAT --to-destination 10.9.0.2:3868
	fails 104 'not mapped' cni CHECK portmap "$P" c1
	in_host iptables-nft -t nat -A CNI-HOSTPORT-DNAT -m comment --comment \
		'dnat name: "net" id: "c1"' -m multiport -p sctp \
		--destination-ports 3868 -j "$chain"
	check portmap "$P" c1
	fails 102 'host port 3868/sctp is taken' cni ADD portmap "$P" c2
}

@test "GC removes the dead of what the Go plugin made by iptables" {
	go_iptables c0 net
	go_iptables c1 other
	before=$(in_host iptables-nft -t nat -S; in_host ip6tables-nft -t nat -S)
	go_iptables c2 net
	gc portmap "$(with_valid "$(portmap '.cniVersion = "1.1.0"')" c0 eth0)" c1
	is "$(in_host iptables-nft -t nat -S; in_host ip6tables-nft -t nat -S)" "$before"
}

# --- nerdctl ----------------------------------------------------------------

# what it sends for run -p 8080:80 -p 127.0.0.1:5300:53/udp -p 7000-7002:7000-7002
# -p [::1]:8099:80 -p 3868:3868/sctp
NERDCTL='{"capabilities":{"portMappings":true},"cniVersion":"1.0.0","name":"bridge",
	"runtimeConfig":{"portMappings":[
	{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"0.0.0.0"},
	{"HostPort":5300,"ContainerPort":53,"Protocol":"udp","HostIP":"127.0.0.1"},
	{"HostPort":7000,"ContainerPort":7000,"Protocol":"tcp","HostIP":"0.0.0.0"},
	{"HostPort":7001,"ContainerPort":7001,"Protocol":"tcp","HostIP":"0.0.0.0"},
	{"HostPort":7002,"ContainerPort":7002,"Protocol":"tcp","HostIP":"0.0.0.0"},
	{"HostPort":8099,"ContainerPort":80,"Protocol":"tcp","HostIP":"::1"},
	{"HostPort":3868,"ContainerPort":3868,"Protocol":"sctp","HostIP":"0.0.0.0"}]},
	"type":"portmap"}'
NERDCTL_ID=default-950ec28f8c7dbba6f4d32467f65c370063809b32987700b32d2c4c28beeaeb18

@test "nerdctl's calls: a DEL before, ADD, DEL without a namespace" {
	sandbox c1
	export CNI_ARGS='IgnoreUnknown=1;NERDCTL_CNI_DHCP_HOSTNAME=950ec28f8c7d'
	nerdctl0=$(conf base '.name = "bridge" | .bridge = "nerdctl0" | .ipMasq =
		true | .hairpinMode = true | .cniVersion = "1.0.0"')
	del portmap "$NERDCTL" $NERDCTL_ID eth0 ''
	is "$(in_host nft list tables)" ''
	add bridge "$nerdctl0" $NERDCTL_ID eth0 "$(netns c1)"
	prev=$(with_prev "$NERDCTL" "$res")
	# its own reserver holds the port
	serve HOST 8080
	succeeds cni ADD portmap "$prev" $NERDCTL_ID eth0 "$(netns c1)"
	is "$(gojq -c . <<<"$out")" "$(gojq -c . <<<"$res")"
	check portmap "$prev" $NERDCTL_ID eth0 "$(netns c1)"
	ip=$(address 4)
	in_ns c1 ip link set lo up
	serve c1 80
	answers c1 HOST 127.0.0.1 8080
	answers c1 HOST "${ip%.*}.1" 8080
	# its stop and restart
	del portmap "$prev" $NERDCTL_ID eth0 ''
	del portmap "$NERDCTL" $NERDCTL_ID eth0 ''
	answers HOST HOST 127.0.0.1 8080
	succeeds cni ADD portmap "$prev" $NERDCTL_ID eth0 "$(netns c1)"
	answers c1 HOST 127.0.0.1 8080
	del portmap "$NERDCTL" $NERDCTL_ID eth0 ''
	not in_host nft list table inet cni_portmap
}

@test "portMappings of null, and none" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	before=$(snapshot)
	for e in '.runtimeConfig.portMappings = null' 'del(.runtimeConfig)' \
		'.runtimeConfig.portMappings = []'; do
		P=$(with_prev "$(portmap "$e")" "$res")
		succeeds cni ADD portmap "$P" c1
		check portmap "$P" c1
		del portmap "$P" c1
	done
	same_as "$before"
}
