# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# row.bash - one row of tests/plugins, whose name is in $ROW: what every file
# of this folder asks it with. tests/run.sh FILE.bats@ROW gives it.
#
#   $P         the plugin, $IF the interface, $ROW_ROLE and so on: plugins.sh
#   $C         its configuration
#
# A chained plugin comes after bridge, which is attached before and detached
# after it: its ADD has bridge's result as prevResult.

load ../helpers
# shellcheck source=/dev/null
. "$BATS_TEST_DIRNAME/../../plugins.sh"

row_up() {
	host_up
	row_read "${ROW:?which row of tests/plugins?}"
	P=$ROW_PLUGIN IF=eth0
	[[ $ROW_BIN = bin ]] || BIN=${BIN%/*}/$ROW_BIN
	[[ $ROW_ROLE != inside ]] || IF=lo
	[[ -z $ROW_NEEDS ]] ||
		needs_kernel "$ROW_NEEDS" "unshare -n sh -ec '$(option_probe \
			"$ROW_NEEDS")'"
	[[ -z $ROW_HOST ]] || in_host sh -ec "$(row_host)"
	C=$(row_conf)
	! chained || BASE=$(conf base)
}
setup() { row_up; }

# chained: it comes after another plugin; inside: what it does ends with the
# sandbox, and without that DEL can do nothing
chained() { [[ $ROW_ROLE = chained* ]]; }
inside() { [[ $ROW_ROLE = *inside ]]; }
# gives: it gives addresses to others, and looks at no sandbox
gives() { [[ $ROW_ROLE = ipam* ]]; }

# row_conf [EDIT]: the row's configuration, edited
row_conf() { conf "$ROW_DATA" "($(row_filter)) | (${1:-.})"; }

# --- before anything is attached ------------------------------------------

VERSIONS='0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0'
ALL=(CNI_CONTAINERID=c1 CNI_NETNS=/nowhere CNI_IFNAME=eth0 CNI_PATH=/bin)

# says STDIN VERB [VAR=VALUE...]: the plugin with $ALL and more
says() {
	plugin "$P" "CNI_COMMAND=$2" "${ALL[@]}" "${@:3}" <<<"$1"
}

# refuses CODE MSG STDIN VERB [VAR=VALUE...]
refuses() {
	says "${@:3}"
	is_error "$1" "$2"
}

json_of() { echo "{\"cniVersion\":\"$1\",\"name\":\"net\",\"type\":\"$P\"}"; }

# --- attachments ----------------------------------------------------------

# containers ID...: sandboxes, if the plugin has to do with any, and what is
# attached before it
containers() {
	local id
	! gives || return 0
	sandbox "$@"
	chained || return 0
	for id; do base "$id"; done
}

# base ID [VERSION]: attaches what comes before a chained plugin
base() {
	local c=$BASE
	[[ -z ${2-} ]] || c=$(gojq -c ".cniVersion = \"$2\"" <<<"$BASE")
	del bridge "$c" "$1"
	add bridge "$c" "$1"
	printf -v "BASE_$1" %s "$res"
}

# end ID: its sandbox is gone, and so is what was attached before
end() {
	! gives || return 0
	drop "$1"
	! chained || del bridge "$BASE" "$1" eth0 ''
}

# settle: the network has been used before, as what it keeps is no trace
settle() {
	attach
	detach
}

# ask VERB [CONF [ID [IFNAME [NETNS]]]]: the row's plugin
ask() {
	local c=${2-$C} id=${3-c1} before=BASE_c1
	if chained && [[ $1 = ADD && $c != *'"prevResult"'* ]]; then
		[[ ! -v BASE_$id ]] || before=BASE_$id
		c=$(with_prev "$c" "${!before}")
	fi
	[[ $c != *'"portMappings"'* ]] || c=$(own_ports "$id" "$c")
	cni "$1" "$P" "$c" "$id" "${4-$IF}" "${@:5}"
}

# own_ports ID CONF: each container has ports of its own
own_ports() {
	local sum
	sum=$(cksum <<<"$1")
	gojq -c ".runtimeConfig.portMappings[].hostPort += ${sum%% *} % 5000 * 10" \
		<<<"$2"
}

# attach [CONF [ID [IFNAME [NETNS]]]]: then $res is the result, and $prev the
# configuration with it
attach() {
	succeeds ask ADD "$@" || return
	res=$out
	prev=$(with_prev "${1-$C}" "$res")
}
detach() { succeeds ask DEL "$@" && silent; }
checks() { succeeds ask CHECK "$@" && silent; }
collects() { succeeds ask GC "$@" && silent; }

# undone CODE MSG EDIT: ADD with the edited configuration fails like that and
# changes nothing; ADD without the edit works
undone() {
	local before
	before=$(snapshot)
	fails "$1" "$2" ask ADD "$(row_conf "$3")"
	same_as "$before"
	works
}

# works: an ADD, CHECK and DEL, which leave nothing
works() {
	local before
	before=$(snapshot)
	attach
	checks "$prev"
	detach
	same_as "$before"
}

# has_leases: the row has addresses by way of the store
has_leases() { [[ $C = *'"dataDir":'* ]]; }

# forget: no reservation is left
forget() { reservations | cut -d' ' -f1 | (cd "$STORE" && xargs rm -f); }

# more: another network's configuration, with addresses of its own
more() {
	row_conf '.name = "more" | if .ipam.ranges then .ipam.ranges =
		[[{subnet: "10.10.0.0/24"}]] | .ipam.routes = [] else . end'
}
