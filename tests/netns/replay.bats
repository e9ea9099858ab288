#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# replay.bats - what nerdctl, containerd's CRI plugin and ctr ask of a chain,
# call by call as they did it (see replay.bash), and that nothing is left of it

load replay

PORTS='{"portMappings": [{"HostPort": 8080, "ContainerPort": 80,
	"Protocol": "tcp", "HostIP": "0.0.0.0"}]}'

# recorded FILE FILTER: what FILTER gives for the first call for which it is more
# than nothing
recorded() {
	gojq -rn "first(inputs | $2"' | select(. != null and . != ""))' \
		"$CALLS/$1.jsonl"
}

# owner FILE: whose calls these are
owner() { recorded "$1" .id; }

@test "nerdctl: run, stop, start, restart, rm -f" {
	id=$(owner 01-run)
	for _ in first second; do
		replay 01-run
		attached "$id" eth0
		matches "$(elements)" "cni:bridge:$id:eth0"
		replay 02-stop
		nothing_left
		replay 03-start
		replay 04-restart
		attached "$id" eth0
		replay 05-rm-f
		nothing_left
	done
}

@test "nerdctl: -p: tcp, udp and sctp, a range, addresses of the host" {
	id=$(owner 06-run-ports)
	for _ in first second; do
		replay 06-run-ports
		attached "$id" eth0
		if in_chain portmap; then
			for p in 80 7000 7001 7002; do serve s1 $p; done
			is "$(ask OUT 203.0.113.1 8080)" 80
			for p in 7000 7001 7002; do
				is "$(ask OUT 203.0.113.1 $p)" $p
			done
			is "$(ask HOST 127.0.0.1 8080)" 80
		fi
		replay 07-rm-f-ports
		nothing_left
	done
}

@test "nerdctl: --ip and --mac-address" {
	id=$(owner 08-ip-mac)
	for _ in first second; do
		replay 08-ip-mac '.args | contains("HOSTNAME")'
		attached "$id" eth0
		json '.ips[0].address' 10.4.0.77/24
		is "$(mac s1 eth0)" 02:12:34:56:78:9a
		replay 08-ip-mac '.args | contains("HOSTNAME") | not'
		nothing_left
	done
}

@test "nerdctl: a network with IPv6, --ip6" {
	id=$(owner 10-run-ip6)
	for _ in first second; do
		replay 10-run-ip6
		attached "$id" eth0
		json '.ips[1].address' fd00:66::77/64
		replay 11-rm-ip6
		nothing_left
	done
}

@test "nerdctl: two networks of a container, call by call" {
	id=$(owner 13-run-two-networks)
	for _ in first second; do
		replay 13-run-two-networks
		attached "$id" eth0 eth1
		replay 14-rm-two-networks
		nothing_left
	done
}

@test "nerdctl: two networks of a container, attached at the same time" {
	id=$(owner 13-run-two-networks)
	for _ in first second; do
		replay 13-run-two-networks '.command == "DEL"'
		sandbox_at "$(recorded 13-run-two-networks .netns)"
		for n in 0 1; do
			replay 13-run-two-networks \
				".command == \"ADD\" and .ifname == \"eth$n\"" &
			pids[n]=$!
		done
		wait "${pids[0]}"
		wait "${pids[1]}"
		attached "$id" eth0 eth1
		replay 14-rm-two-networks
		nothing_left
	done
}

@test "nerdctl: an internal network" {
	for _ in first second; do
		replay 15-internal '.command == "ADD" or (.stdin |
			has("prevResult") | not)'
		is "$(in_ns s1 ip route show default)" ''
		replay 15-internal '.command == "DEL" and (.stdin |
			has("prevResult"))'
		nothing_left
	done
}

@test "nerdctl: a command that is not in the image, run --rm" {
	for _ in first second; do
		replay 16-run-bad-command
		nothing_left
		before=
		replay 17-run-rm
		nothing_left
	done
}

@test "nerdctl: containerd is killed, rm -f after that" {
	for _ in first second; do
		replay 18-containerd-killed
		attached "$(owner 18-containerd-killed)" eth0
		replay 19-rm-after
		nothing_left
	done
}

# What refused there was a program in firewall's place.
@test "nerdctl: an ADD that fails in the middle of the chain" {
	for _ in first second; do
		CHAIN=${CHAIN/firewall/} replay 40-add-fails-at-firewall
		end_sandboxes
		nothing_left
	done
}

# libcni ends a DEL at the first error, and nerdctl asks no more after that. The
# next container of the network is attached all the same, and who knows of the
# first one removes it by its name.
@test "nerdctl: a DEL that fails in the middle of the chain" {
	id=$(owner 42-add-and-del-fail-at-firewall)
	for _ in first second; do
		CHAIN=${CHAIN/firewall/} replay 42-add-and-del-fail-at-firewall
		end_sandboxes
		replay 01-run
		attached "$(owner 01-run)" eth0
		replay 05-rm-f
		for plugin in tuning firewall portmap bridge; do
			! in_chain $plugin || del $plugin "$(recorded 01-run \
				"select(.plugin == \"$plugin\").stdin")" "$id" eth0 ''
		done
		nothing_left
	done
}

@test "CRI: a pod with host ports, STATUS before it, DEL with and without its sandbox" {
	id=$(owner 31-cri-runp)
	for _ in first second; do
		replay 30-cri-info-1.1.0
		replay 31-cri-runp
		attached "$id" eth0
		replay 33-cri-stopp
		replay 34-cri-rmp
		nothing_left
	done
}

@test "CRI: a DEL with a result, after which nothing is there" {
	before=$(snapshot)
	replay 36-rmp-after-restart
	nothing_left
}

@test "ctr: run --cni, task kill, rm" {
	for _ in first second; do
		replay 43-ctr-run-cni
		attached "$(owner 43-ctr-run-cni)" eth0
		replay 44-ctr-task-kill-rm
		replay 45-ctr-run-cni-rm
		nothing_left
	done
}

# Also as CRI-O does it, which asks whether all is there directly after an ADD.
@test "each list that nerdctl writes, as libcni goes through it" {
	in_host ip addr add 198.51.100.254/24 dev up0
	for _ in first second; do
		for name in auto bridge mv n1 n6 ni nm nt; do
			list DEL $name c1 "$PORTS"
			sandbox c1
			list ADD $name c1 "$PORTS"
			list CHECK $name c1 "$PORTS"
			drop c1
			list DEL $name c1 "$PORTS"
			rm "$TMP/results/c1"
			list DEL $name c1 "$PORTS"
		done
		nothing_left
	done
}
