#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
# keys.bats - which file a sysctl's key means, and which of them are allowed

load tuning

@test "interfaces with dots in their names, in every spelling" {
	base c1 eth0.100
	BEFORE=$(snapshot)
	for key in net.ipv4.conf.IFNAME.arp_ignore \
		net.ipv4.conf.eth0.100.arp_ignore \
		net.ipv4.conf.eth0/100.arp_ignore \
		net/ipv4/conf/eth0.100/arp_ignore \
		/net/ipv4/conf/IFNAME/arp_ignore; do
		echo "key: $key"
		tune ".sysctl = {\"$key\": \"1\"}" c1 eth0.100
		is "$(value ipv4/conf/eth0.100/arp_ignore)" 1
		is "$(value ipv4/conf/eth0/arp_ignore)" 0
		check tuning "$prev" c1 eth0.100
		del tuning "$C" c1 eth0.100
		same_as "$BEFORE"
	done
	tune '.sysctl = {"net.ipv6.neigh.eth0.100.ucast_solicit": "4"}' c1 eth0.100
	is "$(value ipv6/neigh/eth0.100/ucast_solicit)" 4
}

@test "an interface called IFNAME does not go round in circles" {
	base c1 IFNAME
	tune '.sysctl = {"net.ipv4.conf.IFNAME.arp_ignore": "1"}' c1 IFNAME
	is "$(value ipv4/conf/IFNAME/arp_ignore)" 1
}

# --- below /proc/sys/net -------------------------------------------------------

@test "nothing above net is written, whatever the key" {
	panic=$(cat /proc/sys/kernel/panic)
	for key in net.ipv4.conf.IFNAME.x/../../../kernel/panic \
		net/../kernel/panic net.ipv4/../../kernel.panic; do
		refused 100 'cannot read /proc/sys/net' ".sysctl = {\"$key\": \"7\"}"
	done
	is "$(cat /proc/sys/kernel/panic)" "$panic"
}

@test "where net is another folder, nothing is written" {
	panic=$(cat /proc/sys/kernel/panic)
	mkdir -p "$TMP/net/core"
	echo 1 | tee "$TMP/net/core/somaxconn" "$TMP/net/panic"
	for folder in "$TMP/net" /proc/sys/kernel /proc/sys; do
		echo "folder: $folder"
		in_host mount --bind "$folder" /proc/sys/net
		for key in net.core.somaxconn net.panic net.kernel.panic; do
			refused 100 'cannot (read|write) /proc/sys/net' \
				".sysctl = {\"$key\": \"7\"}"
		done
		in_host umount /proc/sys/net
	done
	is "$(cat "$TMP/net/core/somaxconn" "$TMP/net/panic")" $'1\n1'
	is "$(cat /proc/sys/kernel/panic)" "$panic"
	is "$(value core/somaxconn)" 4096
}

# The mount is on the folder of the host's namespace.
@test "where a part of net is another folder, the container's is written" {
	mkdir "$TMP/core"
	echo 1 >"$TMP/core/somaxconn"
	in_host mount --bind "$TMP/core" /proc/sys/net/core
	tune '.sysctl = {"net.core.somaxconn": "500"}'
	is "$(<"$TMP/core/somaxconn") $(value core/somaxconn)" '1 500'
	del tuning "$C"
	is "$(<"$TMP/core/somaxconn") $(value core/somaxconn)" '1 4096'
}

@test "where net is a mount of itself, it is written to" {
	in_host mount --bind /proc/sys/net /proc/sys/net
	tune '.sysctl = {"net.core.somaxconn": "500"}'
	is "$(value core/somaxconn)" 500
	del tuning "$C"
	unchanged
}

@test "a read-only /proc/sys with the right values serves" {
	in_host mount --bind /proc/sys /proc/sys
	in_host mount -o remount,bind,ro /proc/sys
	tune '.sysctl = {"net.core.somaxconn": "4096"}'
	del tuning "$C"
	refused 100 'cannot write /proc/sys/net/core/somaxconn.*Read-only' \
		'.sysctl = {"net.core.somaxconn": "500"}'
}

# --- the list of those allowed ---------------------------------------------------

# allow LINE...: the host's list
allow() {
	in_host sh -c 'mountpoint -q /etc || mount -t tmpfs none /etc'
	in_host mkdir -p /etc/cni/tuning
	printf '%s\n' "$@" |
		in_host sh -c 'cat >/etc/cni/tuning/allowlist.conf'
}
one() { echo ".sysctl = {\"$1\": \"500\"}"; }
NO='is not allowed\. Only the following sysctls are allowed: \[.*\]; no line of '
NO+='/etc/cni/tuning/allowlist.conf matches it as a whole'

@test "a line of the list matches a key as a whole" {
	allow 'net\.core\.somaxconn' '' '  ^net\.ipv4\.conf\.IFNAME\.arp_.*$  '
	tune "$(one net.core.somaxconn)"
	check tuning "$prev"
	del tuning "$C"
	tune '.sysctl = {"net.ipv4.conf.IFNAME.arp_ignore": "1"}'
	del tuning "$C"
	for key in net.core.somaxconn.x xnet.core.somaxconn net/core/somaxconn \
		net.core.netdev_max_backlog netxcore.somaxconn \
		net.ipv4.conf.IFNAME.rp_filter net.ipv4.conf.eth0.arp_ignore \
		kernel.core_pattern; do
		refused 7 "sysctl $key $NO" "$(one $key)" ||
			refused 7 'invalid net sysctl key' "$(one $key)"
	done
	allow '^net\.ipv4\.conf\.IFNAME\.x$'
	refused 7 "$NO" "$(one net.ipv4.conf.IFNAME.x/../../../kernel/panic)"
}

@test "the list is for arguments too, and one that is not there stops all" {
	allow 'net\.core\.somaxconn'
	refused 7 "net.ipv4.ip_forward $NO" '.sysctl = {"net.core.somaxconn": "500"} |
		.args.cni.sysctl = {"net.ipv4.ip_forward": "1"}'
}

@test "alternatives match as a whole, each of them" {
	allow 'net\.core\.so|net\.core\.somaxconn|net'
	tune "$(one net.core.somaxconn)"
	del tuning "$C"
	refused 7 "$NO" "$(one net.core.soma)"
}

@test "an empty list allows nothing; without sysctls nobody asks" {
	allow '' '   '
	refused 7 "$NO" "$(one net.core.somaxconn)"
	tune '.mtu = 1400'
	del tuning "$C"
}

@test "a line that is no expression, or means another thing there, is refused" {
	for line in '(' '[' '*(' 'a)' 'net\.\d+' '(?i)net' 'net[\w.]' '\pL' '(a)\1' \
		'\<net' 'net\>' 'net\`' "net\\'" \
		"a\\"; do
		allow 'net\.core\.somaxconn' "$line"
		refused 7 '^error parsing regexp: .*; it is in /etc/cni/tuning/allowlist.conf' \
			"$(one net.core.somaxconn)"
	done
}

@test "the list may be a link; one that cannot be read stops all" {
	allow
	in_host sh -c 'cd /etc/cni/tuning && mv allowlist.conf there &&
		echo "net\.core\.somaxconn" >there && ln -s there allowlist.conf'
	tune "$(one net.core.somaxconn)"
	del tuning "$C"
	in_host sh -c 'cd /etc/cni/tuning && rm there && mkdir there'
	refused 5 'cannot read /etc/cni/tuning/allowlist.conf' \
		"$(one net.core.somaxconn)"
	in_host ln -sfn allowlist.conf /etc/cni/tuning/allowlist.conf
	refused 5 'cannot read /etc/cni/tuning/allowlist.conf' \
		"$(one net.core.somaxconn)"
}
