#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh - `make demo`: the main job of the suite, shown and proven step by
# step in scratch namespaces
#
#   tests/demo.sh [BIN]     BIN: folder of the plugins (default: build/bin)
#
# The script moves into a network and a mount namespace of its own: that is
# the host of this demonstration. Its /run is an empty tmpfs, where ip-netns
# keeps the pods and the outside. The machine's own network and files are
# never touched, and all of it is gone when the script ends, however it ends.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

if [ "${CNIC_DEMO-}" != inside ]; then
	[ "$(id -u)" = 0 ] || { echo "the demo needs root" >&2; exit 1; }
	bin=$(realpath -e "${1:-"$(dirname "$0")/../build/bin"}")
	export CNIC_DEMO=inside
	exec unshare -nm --propagation private "$0" "$bin"
fi
bin=$1
mount -t tmpfs none /run
mkdir /run/demo
unset "${!CNI_@}"

bold='' green='' red='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' off=$'\e[0m'
fi
step_no=0 server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :' EXIT

# --- telling --------------------------------------------------------------

step() {
	step_no=$((step_no + 1))
	printf '\n%s%d. %s%s\n' "$bold" $step_no "$1" "$off"
}
indent() { sed 's/^/   /'; }
proves() { printf '   %sok%s  %s\n' "$green" "$off" "$1"; }
fail() {
	printf '   %sFAILED%s  %s\n' "$red" "$off" "$1"
	[ ! -s /run/demo/out ] || indent </run/demo/out
	exit 1
}
# must WHAT CMD...: CMD succeeds, its output is in /run/demo/out
must() {
	local what=$1
	shift
	: >/run/demo/out
	timeout 30 "$@" </dev/null >/run/demo/out 2>&1 || fail "$what"
}

# --- doing ----------------------------------------------------------------

# cni VERB POD [NETNS]: runs bridge as a runtime would; its stdout is in $out
cni() {
	local verb=$1 pod=$2 netns=${3-/run/netns/$2} prev=/run/demo/$2.json
	local conf
	conf=$(cat /run/demo/net.json)
	# a runtime hands the result of ADD back in CHECK and DEL
	if [ "$verb" != ADD ] && [ -s "$prev" ]; then
		conf="${conf%\}}, \"prevResult\": $(cat "$prev")}"
	fi
	CNI_COMMAND=$verb CNI_CONTAINERID=$pod CNI_NETNS=$netns \
		CNI_IFNAME=eth0 CNI_PATH=$bin timeout 30 "$bin/bridge" \
		<<<"$conf" >/run/demo/out 2>&1 || fail "$verb of $pod"
	[ "$verb" != ADD ] || cp /run/demo/out "$prev"
}

# address POD: its IPv4 address, as the kernel has it
address() {
	ip -n "$1" -4 -o addr show dev eth0 scope global |
		sed -n 's,.* inet \([0-9.]*\)/.*,\1,p'
}

# snapshot: what a plugin could leave on the host, a line each
snapshot() {
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/link \1/'
	ip -o addr | awk '{ print "address", $4, "on", $2 }'
	ip -4 route | sed 's/ *$//; s/ linkdown//; s/^/route /'
	nft list ruleset | sed -n 's/^\t\t\(.* comment .*\)/rule \1/p'
	find /run/demo/ipam -name '[0-9]*.*.*' 2>/dev/null |
		sed 's/.*\//reservation /' || :
}

cat <<END
${bold}cnic $("$bin/bridge" --version | sed -n '1s/.* //p'): a bridge network${off}

    pod1     pod2
    eth0     eth0                     each box a network namespace,
      |        |                      none of them this machine's own
      +- cni0 -+
      |  host  192.0.2.1 ------------ 192.0.2.2  outside
END

step "The world: a host, two pods, and an outside that knows no pod"
# shellcheck disable=SC2016 # the inner shell expands it
must "two pods and an outside" sh -ec '
	ip link set lo up
	for n in pod1 pod2 outside; do ip netns add $n; done
	ip link add uplink type veth peer name eth0 netns outside
	ip addr add 192.0.2.1/24 dev uplink
	ip link set uplink up
	ip -n outside addr add 192.0.2.2/24 dev eth0
	ip -n outside link set eth0 up'
[ -z "$(ip -n outside route show 10.22.0.0/16)" ] ||
	fail "the outside has a route to the pods"
before=$(snapshot)
proves "the outside has no route to 10.22.0.0/16: it can only answer the host"

step "The configuration, as a runtime would give it"
cat >/run/demo/net.json <<'END'
{
    "cniVersion": "1.1.0",
    "name": "pods",
    "type": "bridge",
    "bridge": "cni0",
    "isDefaultGateway": true,
    "ipMasq": true,
    "hairpinMode": true,
    "ipam": {
        "type": "host-local",
        "ranges": [[{ "subnet": "10.22.0.0/16" }]],
        "dataDir": "/run/demo/ipam"
    }
}
END
indent </run/demo/net.json

step "ADD attaches pod1: the result"
cni ADD pod1
indent </run/demo/pod1.json && echo
pod1=$(address pod1)
grep -qF "\"$pod1/16\"" /run/demo/pod1.json || fail "pod1 has the address $pod1"
proves "pod1's eth0 is up with the address of the result, $pod1"

step "ADD attaches pod2"
cni ADD pod2
pod2=$(address pod2)
case $pod2 in '' | "$pod1") fail "pod2's address is \"$pod2\"" ;; esac
proves "pod2 has an address of its own, $pod2"

step "Pod to pod: pod1 pings pod2"
must "ping from $pod1 to $pod2" ip netns exec pod1 ping -c 1 -W 5 "$pod2"
sed -n 2p /run/demo/out | indent
proves "the bridge carries traffic between the pods"

step "Out of the host: pod1 pings the outside"
must "ping from $pod1 to 192.0.2.2" ip netns exec pod1 ping -c 1 -W 5 192.0.2.2
sed -n 2p /run/demo/out | indent
proves "gateway, forwarding and default route are in place"

step "Masquerade: pod1 asks the outside, over TCP, who is calling"
# shellcheck disable=SC2016 # socat expands it
timeout 30 ip netns exec outside socat TCP-LISTEN:80,reuseaddr \
	SYSTEM:'echo you are $SOCAT_PEERADDR' >/dev/null 2>&1 &
server=$!
must "TCP from $pod1 to 192.0.2.2" ip netns exec pod1 \
	socat -T 5 -u TCP:192.0.2.2:80,retry=50,interval=0.1 -
indent </run/demo/out
grep -qx 'you are 192.0.2.1' /run/demo/out ||
	fail "the outside sees the host's address"
proves "the outside sees the host, 192.0.2.1, not the pod"

step "Whose link, whose rule: the host tells"
ip -o link show type veth | awk '/alias/ {
	link = $2; sub(/@.*/, "", link); sub(/.*alias /, "")
	print link, "belongs to", $0 }' >/run/demo/out
indent </run/demo/out
nft list ruleset | sed -n 's/^\t\telements = //p' | indent
grep -q 'cni:pods:pod1:eth0' /run/demo/out ||
	fail "pod1's link on the host carries its owner"
proves "each link and rule carries its owner's name"

step "CHECK: is all as ADD left it?"
cni CHECK pod1
cni CHECK pod2
proves "addresses, routes, bridge port and masquerade are there"

step "DEL: pod1 in good order, pod2 after its namespace is gone"
cni DEL pod1
ip netns del pod2
cni DEL pod2 ''
proves "DEL needs no namespace"

step "What is left"
after=$(snapshot)
diff <(echo "$before") <(echo "$after") | sed -n 's/^[<>] //p' >/run/demo/out ||
	:
indent </run/demo/out
if grep -vE '^(link cni0$|(address|route|rule) .*\<cni0\>)' /run/demo/out \
	>/run/demo/left; then
	mv /run/demo/left /run/demo/out
	fail "of the pods this is left:"
fi
proves "only the network's own bridge and rule; of the pods, nothing"

printf '\n%sEverything worked.%s make check runs the tests.\n' \
	"$bold" "$off"
