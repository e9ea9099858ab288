# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # variables that the harness reads
# nerdctl.bash - nerdctl on a containerd of the test's own (containerd.bash), and
# a second host beyond it
#
# The plugins are this suite's. The only programs that nerdctl and the plugins find
# are `sleep`, by which nerdctl keeps ports, and an `iptables` that knows its
# version: what else it was asked for is in $TMP/asked.

nerdctl_up() {
	host_up
	STORE=/proc/$HOST/root/var/lib/cni/networks
	outside
	containerd_up
	nerdctl_programs
	import default
	in_host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# nerdctl_programs: the PATH of nerdctl, and of the plugins
nerdctl_programs() {
	NPATH=$TMP/programs
	mkdir "$NPATH"
	: >"$TMP/asked"
	cat >"$NPATH/iptables" <<-EOF
	#!/bin/sh
	[ "\$*" = --version ] && echo "iptables v1.8.9 (nf_tables)" && exit
	echo "\$*" >>$TMP/asked
	exit 1
	EOF
	chmod +x "$NPATH/iptables"
	ln -s "$(command -v sleep)" "$NPATH"
}

nerdctl_down() {
	containerd_down
	in_host rm -rf /var/lib/cni /var/lib/nerdctl
	all_down
}

nerdctl() {
	in_ctd env -i "PATH=$NPATH" "HOME=$TMP" NERDCTL_TOML=/none "$NERDCTL" \
		--address "$TMP/ctd/sock" --snapshotter native \
		--cgroup-manager cgroupfs "$@"
}

# network NAME OPTION...: a network of nerdctl's, which has been used once: what
# it keeps is no trace
network() {
	nerdctl network create "${@:2}" "$1"
	web first --net "$1" -p 7999:80
	nerdctl rm -f first
}

# web NAME OPTION...: a container that says its name on TCP port 80
web() {
	start "$1" probe serve tcp 80 "$1" -- "${@:2}"
}

# start NAME CMD... -- OPTION...: a container in the background
start() {
	local name=$1 cmd=()
	shift
	while [[ $1 != -- ]]; do cmd+=("$1"); shift; done
	nerdctl run -d --name "$name" --pull never "${@:2}" "$IMAGE" "${cmd[@]}"
}

# ip_of NAME [LINK [4|6]]: its address
ip_of() {
	nerdctl exec "$1" ip -o addr show dev "${2-eth0}" scope global |
		sed -nE 's/.* inet6? ([0-9a-f.:]+)\/.*/\1/p' |
		if [[ ${3-4} = 6 ]]; then grep : ; else grep -v : ; fi
}

# asks WHO ADDRESS PORT [PROTOCOL]: what it is answered there; WHO is OUT, HOST,
# OUTER or a container
asks() {
	case $1 in
	OUT | HOST | OUTER) in_ns "$1" "$PROBE" ask "${4-tcp}" "$2" "$3" ;;
	*) nerdctl exec "$1" probe ask "${4-tcp}" "$2" "$3" ;;
	esac
}

# at_once NUMBER...: containers of network net, each with an address and a port of
# its own, which has two digits, all at the same time; and removed
at_once() {
	local n p=()
	for n; do
		web "c$n" --net net -p "80$n:80" >"$TMP/run.$n" 2>&1 3>&- &
		p+=($!)
	done
	for n in "${p[@]}"; do wait "$n" || { cat "$TMP"/run.*; return 1; }; done
	is "$(reservations | wc -l)" $#
	for n; do hears "c$n" OUT 192.0.2.1 "80$n"; done
	nerdctl rm -f "${@/#/c}"
}

# gone BEFORE: nothing of any container is left
gone() {
	same_as "$1"
	is "$(reservations)" '' reservations
	is "$(in_host find /var/lib/cni/results -type f 2>/dev/null)" '' results
	is "$(in_host find /run/cni -type f 2>/dev/null)" '' 'files of tuning'
	eventually no_cgroups
	nothing_asked
}
no_cgroups() { is "$(cgroups)" '' cgroups; }

# nothing_asked: nobody wanted more of iptables than its version, but for nerdctl,
# which lists what others may have left
nothing_asked() { not grep -vE -- '^-t [a-z]+ -S( |$)' "$TMP/asked"; }
