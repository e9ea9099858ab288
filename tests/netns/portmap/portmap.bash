# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# portmap.bash - containers on bridges whose ports are mapped, and servers in
# them that say from where they were asked

load ../helpers

NET='.name = "net" | .bridge = "br0" | .isGateway = true | .hairpinMode = true'

# ports MAPPING...: a mapping is HOST_PORT:PORT/PROTOCOL or HOST:... as with -p
ports() {
	local m host port list=() rest
	for m; do
		rest=${m%/*} host=
		[[ $rest != *:*:* ]] || { host=${rest%:*}; host=${host%:*}
			rest=${rest#"$host":}; host=${host#[}; host=${host%]}; }
		port=${rest#*:}
		list+=("{\"HostPort\":${rest%%:*},\"ContainerPort\":$port,\"Protocol\":\"${m##*/}\",\"HostIP\":\"$host\"}")
	done
	(IFS=,; echo "[${list[*]}]")
}

# portmap [EDIT]: its configuration for the mappings in $MAPPED
portmap() {
	gojq -c ".runtimeConfig.portMappings = $MAPPED | (${1:-.})" <<-END
	{"cniVersion": "1.0.0", "name": "net", "type": "portmap",
	 "capabilities": {"portMappings": true}}
	END
}

# published ID [EDIT [BRIDGE_EDIT]]: a container on br0 with $MAPPED; its
# addresses are then $ip4 and $ip6, and $P_ID is what CHECK and DEL are given
published() {
	local base
	[[ -v $1 ]] || sandbox "$1"
	base=$(conf dual "$NET | .ipMasq = true | (${3:-.})")
	add bridge "$base" "$1"
	printf -v "B_$1" %s "$base"
	before=$res
	PM=$(with_prev "$(portmap "${2-}")" "$res")
	succeeds cni ADD portmap "$PM" "$1"
	res=$out
	is "$(gojq -c . <<<"$out")" "$(gojq -c '.cniVersion = "1.0.0"' <<<"$before")"
	printf -v "P_$1" %s "$(with_prev "$PM" "$res")"
	ip4=$(address 4) ip6=$(address 6)
}

# unpublished ID: both are deleted
unpublished() {
	local p=P_$1 b=B_$1
	del portmap "${!p}" "$1"
	del bridge "${!b}" "$1"
}

# serve NAME PORT [udp|sctp]: answers with the address it was asked from
serve() {
	local type=TCP6-LISTEN opts=fork,reuseaddr,ipv6only=0
	case ${3-} in
	udp) type=UDP6-RECVFROM ;;
	sctp) type=SCTP6-LISTEN ;;
	esac
	bg "$1" socat "$type:$2,$opts" "SYSTEM:read x; echo $1 \$SOCAT_PEERADDR"
	case ${3-} in
	sctp) eventually in_ns "$1" grep -q " $2 " /proc/net/sctp/eps ;;
	*) eventually listens "$1" "${3:-tcp}" "$2" ;;
	esac
}
listens() { in_ns "$1" ss -Hnl"${2:0:1}" "sport = :$3" | grep -q .; }

# asked NAME ADDRESS PORT [udp|sctp]: what is answered there; the first packets
# may take their time. In $PATIENCE seconds it is given up.
asked() {
	local wait=${PATIENCE-20} n got=
	[[ ${4-} != udp ]] || {
		for ((n = 0; n < wait && ${#got} == 0; n++)); do
			got=$(echo x | in_ns "$1" socat -t 1 - "UDP:$2:$3" \
				2>/dev/null) || :
		done
		echo "$got"
		return
	}
	echo x | in_ns "$1" socat -t "$wait" - \
		"${4:-TCP}:$2:$3,connect-timeout=$wait" 2>/dev/null || :
}

# answers WHO NAME ADDRESS PORT ...: WHO answers, "" for nobody
answers() {
	local got
	[[ $1 ]] || local PATIENCE=1
	got=$(asked "${@:2}")
	is "${got%% *}" "$1" "$2 to $3:$4"
}

# sysctls NAME KEY=VALUE...: by /proc, as guests have no program for it
sysctls() {
	local set file
	for set in "${@:2}"; do
		file=${set%%=*}
		in_ns "$1" sh -c "echo ${set#*=} >/proc/sys/${file//.//}"
	done
}

# localnet [LINK]: route_localnet of it
localnet() { in_host cat "/proc/sys/net/ipv4/conf/${1-br0}/route_localnet"; }
