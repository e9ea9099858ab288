# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # bench.sh's: programs ours theirs
# suites.bash - suites of plugins, each in a folder as timer.c wants it, with a
# host of its own: none sees the links or rules of another

# host_local: the keys of an IPAM plugin whose store is in the current folder
host_local() {
	echo '"ipam": {"type": "host-local", "dataDir": "'"$PWD"'/store",
		"ranges": [[{"subnet": "10.60.0.0/16"}]],
		"routes": [{"dst": "0.0.0.0/0"}]}'
}

# keys PLUGIN: of its configuration, but for name, type and version. What
# nerdctl's list has is as nerdctl writes it.
keys() {
	case $1 in
	bridge)
		echo '"bridge": "br0", "isGateway": true, "ipMasq": true,
			"hairpinMode": true, '"$(host_local)"
		;;
	ptp) echo "\"ipMasq\": true, $(host_local)" ;;
	macvlan) echo "\"master\": \"up0\", $(host_local)" ;;
	host-local) host_local ;;
	static)
		echo '"ipam": {"type": "static",
			"addresses": [{"address": "10.60.0.2/16"}],
			"routes": [{"dst": "0.0.0.0/0", "gw": "10.60.0.1"}]}'
		;;
	portmap)
		echo '"capabilities": {"portMappings": true},
			"runtimeConfig": {"portMappings": '"$mapped}"
		;;
	firewall) echo '"ingressPolicy": "same-bridge"' ;;
	tuning) echo "\"dataDir\": \"$PWD/tuning\"" ;;
	loopback) echo '"capabilities": {}' ;;
	esac
}

# ports FIRST COUNT: as a runtime sends them
ports() {
	local i list=()
	for ((i = $1; i < $1 + $2; i++)); do
		list+=("{\"hostPort\": $i, \"containerPort\": 80, \"protocol\": \"tcp\"}")
	done
	(IFS=,; echo "[${list[*]}]")
}

# floor PLUGIN: the kernel's part alone, where there is a program for it
floor() {
	mkdir bin
	echo ADD,DEL >verbs
	case $1 in
	bridge)
		ln -s "$programs/floor" bin/bridge
		echo 'br0 10.60.0.1' >bridge.json
		nsenter --net=host ip -batch - <<-END
			link add br0 up type bridge
			addr add 10.60.0.1/16 dev br0
		END
		;;
	host-local)
		ln -s "$programs/store" bin/host-local
		mkdir store
		echo "$PWD/store" >host-local.json
		;;
	esac
}

# make_suite FOLDER COUNT PLUGIN...: for so many containers; the chain is of
# these plugins, and the suite's name, at the end of FOLDER, says whose they are.
# Ports are mapped where $mapped has any.
make_suite() {
	local count=$2 p
	mkdir -p "$1/ns"
	pushd "$1" >/dev/null || exit
	shift 2
	: >host
	unshare --net=host ip -batch - <<-END
		link set lo up
		link add up0 up type veth peer name up1
	END
	"$programs/namespaces" ns "$count"
	printf '%s\n' "$@" >chain
	case ${PWD##*/} in
	floor*) floor "$1" ;;
	cnic*) ln -s "$ours" bin ;;
	go*) ln -s "$theirs" bin ;;
	esac
	[ -e verbs ] || for p; do
		echo "{\"cniVersion\": \"1.1.0\", \"name\": \"bench\",
			\"type\": \"$p\", $(keys "$p")}" >"$p.json"
	done
	popd >/dev/null || exit
}

# alive FIRST LAST FOLDER...: those live, for GC
alive() {
	local i first=$1 last=$2
	shift 2
	for ((i = first; i <= last; i++)); do
		printf ',{"containerID":"c%d","ifname":"eth0"}' "$i"
	done | tee -- "${@/%//alive}" >/dev/null
}

# quiet SUITE...: the ports of its bridge have told all others of their multicast
# groups, and have asked for routers a few times, which with many takes the kernel
# long; or a minute has passed
quiet() {
	local s now last end=$((SECONDS + 60))
	for s; do
		last=-1000
		while [ "$SECONDS" -lt "$end" ]; do
			now=$(nsenter "--net=$s/host" ip -s -j link show br0 |
				gojq '.[0].stats64.rx.packets')
			[ $((now - last)) -gt 10 ] || break
			last=$now
			sleep 1
		done
	done
}

# reserve STORE FIRST LAST: addresses in it, by others than those that are timed,
# from the end of the subnet
reserve() {
	local i at
	for ((i = $2; i <= $3; i++)); do
		at=$((65279 - i))
		printf 'x%s\r\neth0' "$i" \
			>"$1/10.60.$((at / 256)).$((at % 256))"
	done
}
