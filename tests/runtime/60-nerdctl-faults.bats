#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 60-nerdctl-faults.bats - what happens to nerdctl's containers: killed while they
# start, a power cut, rules that somebody flushes

load runtime
load containerd
load nerdctl

setup() {
	nerdctl_up
	network net --subnet 10.44.0.0/24
}
teardown() { nerdctl_down; }

# kills PLUGIN WHOM: its next ADD does its work, is not heard of any more, and
# takes WHOM with it, which the shell knows by that name
kills() {
	local to=$TMP/opt/cni/bin/$1 real=$TMP/opt/cni/$1
	[[ -e $real ]] || mv "$to" "$real"
	: >"$TMP/kill"
	# shellcheck disable=SC2016 # for the inner shell
	printf '#!/bin/bash\n[[ $CNI_COMMAND = ADD && -e %s ]] || exec %s\n%s\n' \
		"$TMP/kill" "/opt/cni/$1" \
		"/bin/rm $TMP/kill; /opt/cni/$1 >/dev/null; kill -KILL $2" >"$to"
	chmod +x "$to"
}

# killed PLUGIN WHOM PORT [OTHER]: nothing is left of a container that was killed
# so, once it is removed, and one of its name, address and PORT, or the OTHER, can
# run
killed() {
	before=$(snapshot)
	kills "$1" "$2"
	not web one --net net --ip 10.44.0.77 -p "$3:80"
	not test -e "$TMP/kill"
	nerdctl rm -f one
	gone "$before"
	web one --net net --ip 10.44.0.77 -p "${4-$3}:80"
	hears one OUT 192.0.2.1 "${4-$3}"
	nerdctl rm -f one
	gone "$before"
}

# shellcheck disable=SC2016 # for the shell in the plugin's place
@test "nerdctl: a plugin is killed at the end of its ADD, then rm -f" {
	for plugin in bridge portmap firewall tuning; do
		echo "plugin: $plugin"
		killed "$plugin" '$$' 8080
	done
}

# The process by which nerdctl keeps the port outlives it: that port is lost to
# nerdctl, though no plugin has it.
# shellcheck disable=SC2016 # for the shell in the plugin's place
@test "nerdctl: the hook is killed in the midst of an ADD, then rm -f" {
	killed portmap '$PPID $$' 8080 8081
	killed tuning '$PPID $$' 8082 8083
}

# power_cut: what was running is not, what was in memory is gone, and the kernel
# is another one; disks are as they were
power_cut() {
	local link
	containerd_down
	in_host nft flush ruleset
	for link in $(links HOST); do
		[[ $link = lo || $link = out ]] || in_host ip link del "$link" ||
			continue # a veth whose other end was before it
	done
	is "$(links HOST)" 'lo out'
	in_host find /run -mindepth 1 -delete
	rm -r "$TMP/ctd/state" "$TMP/ctd/sock"*
	new_boot 1 net
	containerd_start
}

@test "nerdctl: after a power cut all is to be had again" {
	web one --net net -p 8080:80
	web two --net net -p 8081:80
	ip_two=$(ip_of two)
	is "$(reservations | wc -l)" 2
	power_cut
	# the address and the port of one that does not run any more
	web three --net net --ip "$ip_two" -p 8080:80
	hears three OUT 192.0.2.1 8080
	nerdctl exec three ping -c 1 -W 5 192.0.2.2
	is "$(reservations | wc -l)" 1
	not grep -E 'default-|8081' < <(rules)
	deaf OUT 192.0.2.1 8081
	nerdctl rm -f three
	before=$(snapshot)
	nerdctl start one
	nerdctl start two
	hears one OUT 192.0.2.1 8080
	hears two OUT 192.0.2.1 8081
	nerdctl rm -f one two
	gone "$before"
}

# gc_all [ID]: of each plugin of the network, which nerdctl never asks for it; ID
# is the container that is left
gc_all() {
	local list=$NETD/default/nerdctl-net.conflist plugin n
	for n in 0 1 2 3; do
		plugin=$(gojq -c ".plugins[$n] +
			{name, cniVersion: \"1.1.0\"}" "$list")
		gc "$(gojq -r .type <<<"$plugin")" \
			"$(with_valid "$plugin" ${1+"$1" eth0})"
	done
}

@test "nerdctl: the runtime and its folders are gone, the kernel is the same" {
	before=$(snapshot)
	web one --net net -p 8080:80
	web old --net net -p 8081:80
	containerd_down
	in_host rm -r /var/lib/cni/results /var/lib/nerdctl
	in_host find /run -mindepth 1 -delete
	rm -r "$TMP/ctd/state" "$TMP/ctd/root" "$TMP/ctd/sock"*
	containerd_start
	import default
	is "$(reservations | wc -l)" 2
	# a port that nobody answers for is to be had
	web two --net net -p 8080:80
	hears two OUT 192.0.2.1 8080
	gc_all "default-$(nerdctl inspect -f '{{.ID}}' two)"
	is "$(reservations | wc -l)" 1
	hears two OUT 192.0.2.1 8080
	nerdctl exec two ping -c 1 -W 5 192.0.2.2
	nerdctl rm -f two
	gone "$before"
}

@test "nerdctl: nft flush ruleset, then a new container" {
	network far --subnet 10.45.0.0/24
	before=$(snapshot)
	web one --net net -p 8080:80
	web other --net far
	in_host nft flush ruleset
	not nerdctl exec one ping -c 1 -W 1 192.0.2.2
	hears other one "$(ip_of other)" 80
	web two --net net -p 8081:80
	# masquerade is back for all of this network, the wall for each that has
	# a new one
	nerdctl exec one ping -c 1 -W 5 192.0.2.2
	not nerdctl exec other ping -c 1 -W 1 192.0.2.2
	web three --net far
	nerdctl exec other ping -c 1 -W 5 192.0.2.2
	deaf one "$(ip_of other)" 80
	hears two OUT 192.0.2.1 8081
	# nothing that is left knows the port
	deaf OUT 192.0.2.1 8080
	nerdctl restart -t 0 one
	hears one OUT 192.0.2.1 8080
	nerdctl rm -f one two three other
	gone "$before"
}
