#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del.bats - DEL of any plugin: as often as you like, of anything, with next to
# nothing of a configuration
#
# rows: all
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
	! gives || sandbox c1
}

@test "DEL twice, and DEL of what never was" {
	settle
	before=$(snapshot)
	attach
	detach
	detach
	detach "$C" c1 $IF ''
	detach "$C" nobody
	detach "$C" c1 eth7
	same_as "$before"
}

@test "DEL on a fresh host makes nothing" {
	before=$(snapshot; find "$STORE")
	detach
	detach "$C" c1 $IF ''
	diff <(echo "$before") <(snapshot; find "$STORE")
}

# edited EDIT...: DEL with a configuration that is no longer the one of the
# ADD, every other time without the namespace, where that leaves nothing either
edited() {
	local before e n=0 paths=("$(netns c1)" '')
	! inside || unset 'paths[1]'
	before=$(snapshot)
	for e; do
		path=${paths[n++ % ${#paths[@]}]}
		echo "edit: $e, path: $path"
		attach
		detach "$(row_conf "$e")" c1 $IF "$path"
		same_as "$before"
	done
}

@test "DEL needs no more than name and store of the configuration" {
	settle
	edited '.ipam.ranges = [[{subnet: "10.9.0.7/24"}]]' '.ipam.ranges = []' \
		'.ipam.resolvConf = "/nowhere"' '.prevResult = {ips: [null]}' \
		'.prevResult = {cniVersion: "7.7.7"}' '.cniVersion = "0.3.1"' \
		'del(.cniVersion)'
}

@test "not even when values have the wrong types" {
	settle
	edited '.dns = 7' '.prevResult = "nonsense"' '.ipam.ranges = "none"' \
		'.ipam.routes = 7' '.runtimeConfig.ips = [7]'
}
