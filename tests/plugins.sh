#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plugins.sh - reads the table of plugins, tests/plugins
#
#   tests/plugins.sh plugins       the plugins, each once
#   tests/plugins.sh rows LAYER    the rows of that layer
#   tests/plugins.sh files LAYER   the same as files for tests/run.sh, such as
#                                  tests/netns/each/del.bats@bridge: those of
#                                  tests/netns/each that are for such a row
#   tests/plugins.sh rows|files LAYER needs|plain
#                                  of these, rows that need an option of the
#                                  kernel, or those that need none
#
# Other scripts read this file for row_read, row_conf and the like.
#
#   PLUGIN_TABLE=FILE   instead of that table
#
# A file of tests/netns/each says in its first comment which rows it is for,
# as roles or "all", where "first" leaves a plugin's second rows out; and what
# runs it besides the layer each:
#
#   rows: first iface wire
#   layers: process valgrind
TESTS=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
ROLES=' iface iface-inside wire wire-inside inside chained chained-inside '
ROLES+='chained-saved-inside ipam ipam-plain '
LAYERS=' each process valgrind guest sweep storm '

# row_each CMD...: CMD for each row of the table, in its order, with what
# row_split makes of it. Fails where a line is none, or CMD does.
row_each() {
	local line names=' ' r=0
	while IFS= read -r line; do
		[[ $line && $line != \#* ]] || continue
		row_split "$line" || return
		[[ $names != *" $ROW_NAME "* ]] ||
			row_bad "the second one of that name" || return
		names+="$ROW_NAME "
		"$@" || r=$?
	done <"${PLUGIN_TABLE:-$TESTS/plugins}"
	return $r
}

row_bad() {
	echo "plugins: $ROW_NAME: $1" >&2
	return 2
}

# row_split LINE: its columns into $ROW_NAME, $ROW_PLUGIN, $ROW_ROLE,
# $ROW_DATA, $ROW_EDIT, $ROW_HOST, $ROW_NEEDS, $ROW_LAYERS (with blanks around
# each) and $ROW_SWEEP; "" is nothing. $ROW_BIN is the folder in build that has
# its plugins.
row_split() {
	local rest=${1//$'\t'/  } column=() layer
	while [[ $rest =~ ^([^ ]+( [^ ]+)*)(  +(.*))?$ ]]; do
		column+=("${BASH_REMATCH[1]}")
		rest=${BASH_REMATCH[4]}
		[[ ${column[-1]} != - ]] || column[-1]=
	done
	[[ -z $rest ]] || column=() # a blank at its beginning or end
	ROW_NAME=${column[0]-$1}
	((${#column[@]} >= 3 && ${#column[@]} <= 8)) ||
		row_bad "not 3 to 8 columns" || return
	ROW_PLUGIN=${ROW_NAME%%.*} ROW_ROLE=${column[1]} ROW_DATA=${column[2]}
	ROW_EDIT=${column[3]-} ROW_HOST=${column[4]-} ROW_NEEDS=${column[5]-}
	ROW_LAYERS=" ${column[6]-} "
	# shellcheck disable=SC2034 # for tests/sweep
	ROW_SWEEP=${column[7]-}
	ROW_BIN=bin
	# shellcheck disable=SC2034 # for tests/sweep
	[[ $ROW_NAME != *.process ]] || ROW_BIN=two-builds
	ROW_LAYERS=${ROW_LAYERS//,/ }
	[[ $ROW_LAYERS != ' all ' ]] || ROW_LAYERS=$LAYERS
	[[ $ROLES = *" $ROW_ROLE "* ]] ||
		row_bad "no role: $ROW_ROLE" || return
	[[ -f $TESTS/data/$ROW_DATA.json ]] ||
		row_bad "there is no $ROW_DATA.json in tests/data" || return
	[[ $ROW_HOST = '' || $ROW_HOST =~ ^link\ [a-z0-9]{1,10}$ ]] ||
		row_bad "the host cannot have: $ROW_HOST" || return
	[[ -z $ROW_NEEDS ]] || option_probe "$ROW_NEEDS" >/dev/null ||
		row_bad "no way to tell whether there is $ROW_NEEDS" || return
	for layer in $ROW_LAYERS; do
		[[ $LAYERS = *" $layer "* ]] ||
			row_bad "no layer: $layer" || return
	done
}

# row_read NAME: that row, as row_split has it
row_read() {
	local line
	while IFS= read -r line; do
		[[ ${line%%[ $'\t']*} = "$1" ]] || continue
		row_split "$line"
		return
	done <"${PLUGIN_TABLE:-$TESTS/plugins}"
	echo "plugins: there is no row $1" >&2
	return 2
}

# row_filter: the jq filter that makes the row's configuration of its data
row_filter() {
	local type=.type
	[[ $ROW_ROLE != ipam* ]] || type=.ipam.type
	echo "$type = \"$ROW_PLUGIN\" | ${ROW_EDIT:-.}"
}

# row_host: a shell command that gives a host what the row's has before, in its
# namespace; the same each time
row_host() {
	local link=${ROW_HOST#link }
	[[ $ROW_HOST ]] || { echo :; return; }
	echo "ip link add $link address 02:00:00:00:00:01 type veth" \
		"peer name $link-far address 02:00:00:00:00:02 &&" \
		"ip link set $link up && ip link set $link-far up"
}

# option_probe OPTION: a shell command that fails in a new namespace where the
# kernel lacks it
option_probe() {
	case $1 in
	CONFIG_BRIDGE_VLAN_FILTERING)
		echo 'ip link add probe0 type bridge vlan_filtering 1' ;;
	CONFIG_VLAN_8021Q)
		echo 'ip link add probe0 type ifb &&
			ip link add link probe0 name probe0.7 type vlan id 7' ;;
	*) return 1 ;;
	esac
}

# --- the lists --------------------------------------------------------------

# row_in LAYER [needs|plain]
row_in() {
	[[ $ROW_LAYERS = *" $1 "* ]] || return
	[[ $1 != storm || $ROW_ROLE = iface ]] || return
	case ${2-} in
	needs) [[ $ROW_NEEDS ]] ;;
	plain) [[ -z $ROW_NEEDS ]] ;;
	esac
}

list_plugin() {
	[[ $plugins != *" $ROW_PLUGIN "* ]] || return 0
	plugins+="$ROW_PLUGIN "
	echo "$ROW_PLUGIN"
}

list_row() {
	! row_in "$@" || echo "$ROW_NAME"
}

# says FILE WORD KNOWN: what its first comment has after "WORD: ", each word of
# which is known
says() {
	local list word
	list=$(sed -n "/^[^#]/q; s/^# $2: //p" "$1")
	for word in $list; do
		[[ $3 = *" $word "* ]] && continue
		echo "plugins: ${1##*/} has unknown $2: $word" >&2
		return 2
	done
	echo "$list"
}

# list_files LAYER [needs|plain]: of the row; $rows and $layers say which file is
# for what
list_files() {
	local file first=
	[[ $plugins = *" $ROW_PLUGIN "* ]] || first=1
	row_in "$@" || return 0
	plugins+="$ROW_PLUGIN "
	for file in "${!rows[@]}"; do
		[[ " ${layers[$file]} each " = *" $1 "* ]] || continue
		[[ $first || " ${rows[$file]} " != *' first '* ]] || continue
		[[ " ${rows[$file]} " = *' all '* ||
			" ${rows[$file]} " = *" $ROW_ROLE "* ]] || continue
		echo "tests/netns/each/${file##*/}@$ROW_NAME"
	done | sort
}

main() {
	local plugins=' ' file
	declare -A rows layers
	case $1 in
	plugins) row_each list_plugin ;;
	rows) row_each list_row "${@:2}" ;;
	files)
		for file in "$TESTS"/netns/each/*.bats; do
			rows[$file]=$(says "$file" rows " first all$ROLES") &&
				layers[$file]=$(says "$file" layers "$LAYERS") ||
				return
			[[ ${rows[$file]} ]] || { echo "plugins:" \
				"${file##*/} does not say for which rows" >&2
				return 2; }
		done
		row_each list_files "${@:2}" ;;
	*) false ;;
	esac
}

if [[ ${BASH_SOURCE[0]} = "$0" ]]; then
	set -u
	[[ " plugins rows files " = *" ${1-} "* ]] ||
		{ echo "usage: tests/plugins.sh plugins|rows|files ..." >&2; exit 2; }
	# all of it, or nothing where the table has a fault
	list=$(main "$@") || exit
	[[ -z $list ]] || echo "$list"
fi
