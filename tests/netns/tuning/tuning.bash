# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# tuning.bash - a container that bridge has attached, and tuning on it

load ../helpers

setup() {
	host_up
	sandbox c1
	BASE=$(conf base)
	base
	BEFORE=$(snapshot)
}

# base [ID [IFNAME]]: attaches it to the bridge; its result is $P
base() {
	add bridge "$BASE" "${1-c1}" "${2-eth0}"
	P=$res
}

# tuned EDIT: a configuration of tuning with no more than that
tuned() {
	gojq -nc '{cniVersion: "1.1.0", name: "net", type: "tuning"} | '"$1"
}

# tune EDIT [ID [IFNAME]]: ADD; then $C and $prev are the configuration without
# and with its result
tune() {
	C=$(tuned "$1")
	add tuning "$(with_prev "$C" "$P")" "${@:2}"
	prev=$(with_prev "$C" "$res")
}

# refused CODE MSG EDIT: ADD fails like that, and changes nothing
refused() {
	echo "edit: $3"
	fails "$1" "$2" cni ADD tuning "$(with_prev "$(tuned "$3")" "$P")"
	unchanged
}

unchanged() {
	same_as "$BEFORE"
	no_file
}

# file [ID [IFNAME]]: what its file says; files: their names
file() { in_host cat "/run/cni/tuning/${1-c1}_${2-eth0}.json"; }
files() { in_host find "${1-/run/cni/tuning}" -type f -printf '%f\n' | sort; }
no_file() { is "$(in_host sh -c 'ls -A /run/cni/tuning 2>/dev/null')" ''; }
put_file() { # put_file TEXT [NAME]
	in_host mkdir -p /run/cni/tuning
	in_host sh -c 'printf %s "$0" >"/run/cni/tuning/$1"' "$1" \
		"${2-c1_eth0.json}"
}

# value KEY: of a sysctl in c1
value() { in_ns c1 cat "/proc/sys/net/$1"; }
# link FILTER: of eth0 in c1, as ip tells it
link() { in_ns c1 ip -d -j link show "${2-eth0}" | gojq -r ".[0] | $1"; }
