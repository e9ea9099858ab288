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
	local ipt ip chain
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
		nat -A "$chain" -p tcp --dport 8080 -j DNAT --to-destination "$ip:80"
		for p in tcp udp; do
			nat -A CNI-HOSTPORT-DNAT -m comment --comment \
				"dnat name: \"$2\" id: \"$1\"" -m multiport -p $p \
				--destination-ports 8080,5300 -j "$chain"
		done
	done
}

# go_nftables ID: the same of its nftables backend
go_nftables() {
	local f to
	for f in ip ip6; do
		to=10.9.0.2
		[[ $f = ip ]] || to=fd09::2
		in_host nft -f - <<-END
		add table $f cni_hostport { comment "CNI portmap plugin"; }
		add chain $f cni_hostport hostports
		add chain $f cni_hostport hostip_hostports
		add chain $f cni_hostport masquerading { type nat hook postrouting priority 100; }
		add rule $f cni_hostport hostports tcp dport 8080 dnat to ${to/fd09::2/[fd09::2]}:80 comment "$1"
		add rule $f cni_hostport masquerading $f saddr $to $f daddr $to masquerade comment "$1"
		END
	done
}

shared() { in_host nft list ruleset | grep -v '^$'; }

@test "DEL removes what the Go plugin made by iptables, and no other's" {
	sandbox c1
	go_iptables c0 net
	before=$(in_host iptables-nft -t nat -S; in_host ip6tables-nft -t nat -S)
	go_iptables c1 net
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
