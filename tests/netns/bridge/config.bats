#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/config.bats - what of its configuration bridge refuses; the rest of
# them are where the key is tested

load ../helpers

# refuses CODE MSG EDIT: ADD of l3 with this edit
refuses() {
	echo "edit: $3"
	fails "$1" "$2" cni ADD bridge "$(conf l3 "$3")" c1 eth0 /nowhere
}

@test "a value of the wrong type is refused, and named" {
	for e in '.bridge = 7' '.isGateway = "yes"' '.isGateway = 1' \
		'.isDefaultGateway = {}' '.forceAddress = "no"' \
		'.ipMasq = "true"' '.ipMasqBackend = true' '.mtu = "1400"' \
		'.mtu = 1400.5' '.mtu = 1e99' '.mtu = true' \
		'.hairpinMode = 1' '.promiscMode = []' '.vlan = "5"' \
		'.vlan = 1.5' '.vlanTrunk = 5' '.vlanTrunk = [{"id": "5"}]' \
		'.preserveDefaultVlan = 0' '.macspoofchk = "on"' \
		'.enabledad = 0' '.disableContainerInterface = 1' \
		'.portIsolation = "on"' '.runtimeConfig.mac = 7'; do
		keys=$(grep -oP '(?<=\.)[a-zA-Z]+|[a-zA-Z]+(?=":)' <<<"$e")
		refuses '6|7' "\"(${keys//$'\n'/|})\"" "$e"
	done
}

@test "a null element is refused, not followed" {
	refuses '6|7' . '.vlanTrunk = [null]'
}

@test "what configuration and arguments hold is not repeated in errors" {
	local c
	c=$(conf l3 '.args.cni.token = "CANARY" | .mtu = -1 | .secret = "CANARY"
		| .runtimeConfig.secret = "CANARY" | .ipam.type = "missing"')
	sandbox c1
	CNI_ARGS='IgnoreUnknown=1;TOKEN=CANARY' cni ADD bridge "$c"
	is "$status" 1
	[[ $out$errout != *CANARY* ]]
}
