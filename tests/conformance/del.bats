#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del.bats - DEL leaves nothing, whatever is missing, and may be repeated
#

load suite

# bats test_tags=any
@test "DEL: leaves nothing, and prints nothing" {
	containers c1
	settle
	s=$(state)
	attach
	detach "$prev"
	silent
	left "$s"
}

# bats test_tags=any
@test "DEL: twice, and of what never was" {
	containers c1 c2
	settle
	s=$(state)
	attach
	detach "$prev"
	detach "$prev"
	detach "$C"
	detach "$C" c2
	detach "$C" nobody "$IF" ''
	left "$s"
}

# bats test_tags=any
@test "DEL: without prevResult" {
	containers c1
	settle
	s=$(state)
	attach
	detach "$C"
	left "$s"
}

# dead PATH with|without: the namespace is gone before DEL, which has that path,
# or where it is "gone" the one that was, and has or has not a prevResult
dead() {
	local path=$1 s
	containers c1
	settle
	end c1
	s=$(state)
	containers c1
	attach
	[[ $path != gone ]] || path=$(netns c1)
	end c1
	[[ $2 != with ]] || C=$prev
	detach "$C" c1 "$IF" "$path"
	left "$s"
}

# bats test_tags=any
@test "DEL: the namespace is gone, CNI_NETNS is its path" { dead gone with; }
# bats test_tags=any
@test "DEL: the namespace is gone, CNI_NETNS is empty" { dead '' with; }
# bats test_tags=any
@test "DEL: the namespace is gone, without prevResult" { dead '' without; }

# As containerd's ctr and nerdctl have it, which end the container after that.
# bats test_tags=any
@test "DEL: CNI_NETNS is empty while the namespace lives, for a moment" {
	containers c1
	settle
	end c1
	s=$(state)
	containers c1
	attach
	detach "$prev" c1 "$IF" ''
	end c1
	left "$s"
}

# bats test_tags=link
@test "DEL: somebody has deleted the interface" {
	containers c1
	settle
	s=$(state)
	attach
	in_ns c1 ip link del $IF
	detach "$prev"
	left "$s"
}

# bats test_tags=chained
@test "DEL: the interface has been deleted, and what came before it" {
	containers c1
	settle
	end c1
	s=$(state)
	containers c1
	attach
	in_ns c1 ip link del eth0
	detach "$prev"
	end c1
	left "$s"
}

# bats test_tags=portmap
@test "DEL: without the mappings, which a runtime may have forgotten" {
	containers c1
	settle
	s=$(state)
	attach
	detach "$(edited 'del(.runtimeConfig)')"
	left "$s"
}

# bats test_tags=any
@test "DEL: of one attachment leaves the other working" {
	containers c1 c2
	c=$C
	# an address is configured once
	[[ $P != static ]] || c=$(edited '.ipam.addresses[].address |=
		sub("7/"; "8/")')
	settle
	settle "$c" c2
	attach "$C" c1
	s=$(state)
	attach "$c" c2
	detach "$prev" c2
	left "$s"
}

# bats test_tags=iface,host-local
@test "DEL: of one network leaves the container's other one working" {
	containers c1
	two=$(edited '.name = "more" | if .isDefaultGateway then
		.isDefaultGateway = false | .isGateway = true | .bridge = "br1" else . end |
		.ipam.ranges = [[{subnet: "10.10.0.0/24"}]] | .ipam.routes = []')
	attach "$two" c1 eth1
	settle
	s=$(state)
	attach
	detach "$prev"
	left "$s"
}

# bats test_tags=wrong
@test "DEL: with a configuration that has become wrong" {
	containers c1
	settle
	s=$(state)
	attach
	detach "$(with_prev "$(edited "$(wrong)")" "$res")"
	left "$s"
}

# bats test_tags=any
@test "DEL: with another version than ADD had" {
	containers c1
	settle
	s=$(state)
	attach
	detach "$(with_prev "$(edited '.cniVersion = "1.0.0"')" \
		"$(in_version 1.0.0 "$res")")"
	left "$s"
}

# A folder may be made, for the lock in it.
# bats test_tags=any
@test "DEL: on a host where nothing was attached changes no link and no rule" {
	containers c1
	s=$(state | grep -v ^file:)
	detach "$C"
	is "$(state | grep -v ^file:)" "$s"
}
