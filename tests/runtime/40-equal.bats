# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
# 40-equal.bats - both suites are asked the same, and must say the same: the
# results of every version, byte for byte, and the errors of the protocol
#
# A difference on purpose is said where it is left out, with the reason.

load runtime
load equal

# what host-local is given, and bridge with it
ROUTES='.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.77"},
	{dst: "198.51.100.0/24", mtu: 1300, advmss: 1200, priority: 7,
	 table: 100, scope: 0}]'
V4='.ipam.ranges = [[{subnet: "10.9.0.0/24"}]]'
V6='.ipam.ranges = [[{subnet: "fd09::/64"}]]'
DUAL='.ipam.ranges = [[{subnet: "10.9.0.0/24"}], [{subnet: "fd09::/64"}]]'
TWO='.ipam.ranges = [[{subnet: "10.9.0.0/24"}], [{subnet: "10.10.0.0/24"}]]'
IPAM='.type = "host-local" | del(.isGateway, .bridge)'

@test "results: host-local, IPv4" {
	same_results host-local "$(conf l3 "$IPAM | $V4 | $ROUTES")"
}
@test "results: host-local, IPv6" {
	same_results host-local "$(conf l3 "$IPAM | $V6")"
}
@test "results: host-local, dual stack" {
	same_results host-local "$(conf l3 "$IPAM | $DUAL | $ROUTES")"
}
@test "results: host-local, two IPv4 ranges" {
	same_results host-local "$(conf l3 "$IPAM | $TWO | $ROUTES")"
}
@test "results: host-local, resolvConf" {
	printf '%s\n' '# a comment' 'nameserver 192.0.2.53' \
		'nameserver 2001:db8::53' 'domain example.org' \
		'search a.example b.example' 'options ndots:2 edns0' \
		>"$TMP/resolv.conf"
	same_results host-local "$(conf l3 "$IPAM | $DUAL |
		.ipam.resolvConf = \"$TMP/resolv.conf\"")"
}

# The route with a table and a scope is left out: Go's plugin does not apply
# its mtu and advmss and so makes another route, but says the same.
@test "results: bridge, IPv4" {
	same_results bridge "$(conf l3 "$V4 | $ROUTES")"
}
@test "results: bridge, IPv6" { same_results bridge "$(conf l3v6)"; }
@test "results: bridge, dual stack, default gateway, dns" {
	same_results bridge "$(conf dual '.mtu = 1400 | .dns = {
		nameservers: ["192.0.2.53"], domain: "example.org",
		search: ["<&>"], options: ["ndots:2"]}')"
}
# Without a gateway: the Go plugin refuses a second IPv4 address on a bridge.
@test "results: bridge, two IPv4 ranges" {
	same_results bridge "$(conf l3 "$TWO | del(.isGateway, .ipam.routes)")"
}
@test "results: bridge, no address" { same_results bridge "$(conf l2)"; }

# Older versions are left out: there the Go plugin prints the body of 1.0.0
# under the old version; ours follows the specification.
@test "results: loopback, 1.0.0 and 1.1.0" {
	VERSIONS=(1.0.0 1.1.0)
	same_results loopback "$(conf loopback)"
}

@test "results: prevResult passes through loopback" {
	VERSIONS=(1.0.0 1.1.0)
	same_results loopback "$(conf loopback '.prevResult = {
		cniVersion: "1.0.0", interfaces: [{name: "x", sandbox: "/s"}],
		ips: [{address: "10.1.1.1/24", interface: 0}],
		routes: [{dst: "0.0.0.0/0", gw: "10.1.1.254"}],
		dns: {nameservers: ["192.0.2.1"]}}')"
}

# --- the protocol ---------------------------------------------------------

# ask SUITE PLUGIN STDIN [VARIABLE=VALUE]...: everything it says. The base is
# a call that lacks nothing.
ask() {
	local suite=$1 name=$2
	printf '%b' "$3" >"$TMP/stdin"
	shift 3
	"$suite" plugin "$name" CNI_COMMAND=ADD CNI_CONTAINERID=c1 \
		"CNI_NETNS=$(netns c1)" CNI_IFNAME=eth0 CNI_ARGS= \
		"CNI_PATH=$BIN" "$@" <"$TMP/stdin"
	if [[ $status = 0 ]]; then
		cat "$stdout"
	else
		# cniVersion: the specification has it, the Go plugins do not
		gojq "del(.cniVersion) | .msg |= ($SAID)" <"$stdout"
	fi
	echo "exit status $status"
}

# Parsers say in their own words what is wrong with a text or a number, Go's
# library in those of its own functions: here messages count up to there.
SAID='capture("^(?<said>error unmarshall network config|" +
	"decoding version from network config|" +
	"failed to convert [a-z]+ version part \"[^\"]*\")").said // .'

# same_answer STDIN [VARIABLE=VALUE]...: from each plugin
same_answer() {
	local name
	for name in ${ONLY:-bridge host-local loopback static}; do
		ask by_go "$name" "$@" >"$TMP/go"
		ask by_us "$name" "$@" >"$TMP/us"
		diff -u --label "Go's $name" --label "our $name, asked: $*" \
			"$TMP/go" "$TMP/us" || differ=1
	done
}

# each file of answers is compared to its end before the test fails
setup() {
	host_up
	differ=
}

WELL='{"cniVersion":"1.1.0","name":"pods","type":"x"}'

@test "protocol: VERSION" {
	sandbox c1
	same_answer '' CNI_COMMAND=VERSION
	same_answer 'not JSON' CNI_COMMAND=VERSION CNI_CONTAINERID= CNI_PATH=
	same_answer '{"cniVersion":"9.9.9"}' CNI_COMMAND=VERSION
	[[ -z $differ ]]
}

# Only the number is ours. nerdctl reads this line.
@test "protocol: no CNI_COMMAND: who it is, and the versions it speaks" {
	local name suite
	for name in bridge host-local loopback static; do
		for suite in go us; do
			"by_$suite" succeeds plugin "$name"
			is "$out" ""
			matches "$errout" " v[0-9]+\.[0-9]+\.[0-9]+"
			echo "${errout/ v[0-9]*$'\n'/$'\n'}" >"$TMP/$suite"
		done
		diff -u "$TMP/go" "$TMP/us"
	done
}

@test "protocol: missing variables" {
	local verb v
	sandbox c1
	for verb in ADD DEL CHECK GC STATUS; do
		for v in CNI_CONTAINERID CNI_NETNS CNI_IFNAME CNI_PATH; do
			# which are not required go on to work
			case $verb:$v in
			GC:CNI_PATH | STATUS:CNI_PATH) ;;
			GC:* | STATUS:* | DEL:CNI_NETNS) continue ;;
			esac
			same_answer "$WELL" "CNI_COMMAND=$verb" "$v="
		done
		same_answer "$WELL" "CNI_COMMAND=$verb" CNI_CONTAINERID= \
			CNI_NETNS= CNI_IFNAME= CNI_PATH=
	done
	same_answer "$WELL" CNI_COMMAND=FOO
	same_answer "$WELL" CNI_COMMAND=add
	same_answer '{' CNI_COMMAND=FOO
	[[ -z $differ ]]
}

@test "protocol: container IDs and interface names" {
	local v
	sandbox c1
	for v in _c .c -c a/b 'a b' a:b é $'c1\n' $'c\n1' ..; do
		same_answer "$WELL" "CNI_CONTAINERID=$v"
		same_answer "$WELL" "CNI_CONTAINERID=$v" CNI_COMMAND=DEL
	done
	same_answer "$WELL" CNI_CONTAINERID=_c CNI_NETNS=
	same_answer "$WELL" CNI_CONTAINERID=_c CNI_IFNAME=a/b
	for v in . .. a/b a:b 'a b' $'a\tb' $'a\u00a0b' $'a\u2003b' \
		$'a\u3000b' $'a\u0085b' abcdefghijklmnop éééééééé; do
		same_answer "$WELL" "CNI_IFNAME=$v"
		same_answer "$WELL" "CNI_IFNAME=$v" CNI_COMMAND=CHECK
	done
	[[ -z $differ ]]
}

@test "protocol: network names" {
	local v
	sandbox c1
	for v in '""' null '"a/b"' '".."' '"-a"' '"a b"' '"é"' '"a\\\\nb"'; do
		same_answer "{\"cniVersion\":\"1.1.0\",\"name\":$v}"
	done
	same_answer '{"cniVersion":"1.1.0"}'
	same_answer '{}' CNI_COMMAND=STATUS
	same_answer null
	[[ -z $differ ]]
}

@test "protocol: versions" {
	local v
	sandbox c1
	for v in 9.9.9 1.0 1.2.0 v1.0.0 0.3 '1.0.0 ' 1.1.0.0; do
		same_answer "{\"cniVersion\":\"$v\",\"name\":\"pods\"}"
		same_answer "{\"cniVersion\":\"$v\",\"name\":\"pods\"}" \
			CNI_COMMAND=DEL
	done
	for v in 0.1.0 0.3.1 '' 9.9.9 1.2.0 1.0.0.0 x 1.x 1.0.x; do
		same_answer "{\"cniVersion\":\"$v\",\"name\":\"pods\"}" \
			CNI_COMMAND=CHECK
	done
	for v in 0.1.0 0.4.0 1.0.0 '' 9.9.9 1.2.0 x; do
		same_answer "{\"cniVersion\":\"$v\",\"name\":\"pods\"}" \
			CNI_COMMAND=GC
		same_answer "{\"cniVersion\":\"$v\",\"name\":\"pods\"}" \
			CNI_COMMAND=STATUS
	done
	[[ -z $differ ]]
}

@test "protocol: what is not JSON" {
	local v
	sandbox c1
	for v in '' '{' '[]' '5' '"x"' '{} x' '{"name":5}' \
		'{"cniVersion":"1.1.0","name":"pods",}' '\xef\xbb\xbf{}' \
		'{"name":"pods","cniVersion":5}' "$WELL$WELL"; do
		same_answer "$v"
	done
	[[ -z $differ ]]
}

# --- what the plugins refuse ----------------------------------------------

# Subnets of one or two addresses are not among them: ours hands those out.
@test "refusals: host-local's ranges" {
	local e
	sandbox c1
	for e in '.ranges = []' '.ranges = [[]]' '.ranges = null' \
		'.ranges = [[{}]]' 'del(.ranges) | .gateway = "10.9.0.1"' \
		'.ranges = [[{subnet: "10.9.0.5/24"}]]' \
		'.ranges = [[{subnet: "fd09::5/64"}]]' \
		'.ranges = [[{subnet: "10.9.0.0"}]]' \
		'.ranges = [[{subnet: "x"}]]' \
		'.ranges = [[{subnet: "10.9.0.0/24"}, {subnet: "fd09::/64"}]]' \
		'.ranges[0][0].rangeStart = "10.8.0.1"' \
		'.ranges[0][0].rangeEnd = "10.8.0.1"' \
		'.ranges[0][0] += {rangeStart: "10.9.0.9", rangeEnd: "10.9.0.5"}' \
		'.ranges[0] += [{subnet: "10.9.0.0/25"}]' \
		'.ranges += [[{subnet: "10.9.0.0/25"}]]' \
		'.ranges[0][0].rangeStart = "x"' \
		'.ranges[0][0].gateway = "10.9.0.1/24"' \
		'.resolvConf = "/none/resolv.conf"'; do
		same_refusal host-local "$(conf l3 ".type = \"host-local\" |
			.ipam |= ($e)")"
	done
	same_refusal host-local "$(conf l3 'del(.ipam)')"
	same_refusal host-local "$(conf l3 '.ipam = null')"
	[[ -z $differ ]]
}

@test "refusals: host-local's requested addresses" {
	local c a
	sandbox c1
	c=$(conf l3 '.type = "host-local"')
	for a in IP=10.9.0.1 IP=10.8.0.2 IP=foo 'IP=10.9.0.5;' IP \
		'FOO=BAR' 'IP=10.9.0.5;FOO=BAR;X=Y' IgnoreUnknown=yes \
		'IP=10.9.0.5=6'; do
		same_refusal host-local "$c" "$a"
	done
	for a in '[""]' '["x"]' '["10.8.0.2"]' '["10.9.0.1/24"]' '["fd09::2"]'; do
		same_refusal host-local \
			"$(gojq ".runtimeConfig.ips = $a" <<<"$c")"
		same_refusal host-local "$(gojq ".args.cni.ips = $a" <<<"$c")"
	done
	[[ -z $differ ]]
}

@test "refusals: bridge's keys" {
	local e
	sandbox c1
	for e in '.hairpinMode = true | .promiscMode = true' '.vlan = 4095' \
		'.vlan = -1' '.disableContainerInterface = true' \
		'.vlanTrunk = [{minID: 0, maxID: 5}]' \
		'.vlanTrunk = [{minID: 5, maxID: 4095}]' \
		'.vlanTrunk = [{minID: 6, maxID: 5}]' \
		'.vlanTrunk = [{minID: 6}]' '.vlanTrunk = [{maxID: 6}]' \
		'.vlanTrunk = [{id: 4095}]'; do
		same_refusal bridge "$(conf l3 "$e")"
	done
	for e in . '.ipam.type = "a/b"'; do
		CNI_PATH=/none:/nor/this same_refusal bridge "$(conf l3 "$e")"
	done
	# No MAC=zz: the Go plugin finds out when it makes the veth, and says so;
	# ours before it touches anything.
	for e in FOO=BAR 'MAC=02:00:00:00:00:01;' IgnoreUnknown=2; do
		same_refusal bridge "$(conf l3)" "$e"
	done
	[[ -z $differ ]]
}
