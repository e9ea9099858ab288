#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# delegate.bats - GC and STATUS of a plugin whose IPAM plugin fails
#
# rows: iface iface-inside

load row

# fake: stdin is the script of an IPAM plugin called ipam, which $C names
fake() {
	mkdir "$TMP/bin"
	{ printf '#!/bin/sh\ncat >/dev/null\n'; cat; } >"$TMP/bin/ipam"
	chmod +x "$TMP/bin/ipam"
	CNI_PATH=$TMP/bin:$BIN
	C=$(row_conf '.ipam = {type: "ipam"}')
}

@test "GC goes on when IPAM fails, and reports it at the end" {
	fake <<-'END'
	case $CNI_COMMAND in
	ADD) echo '{"cniVersion": "1.1.0", "ips": [{"address":
		"10.9.0.7/24", "gateway": "10.9.0.1"}]}' ;;
	GC) echo '{"code": 113, "msg": "no garbage today"}'; exit 1 ;;
	esac
	END
	containers c1
	settle
	drop c1
	before=$(snapshot)
	containers c1
	attach
	drop c1
	fails 113 'no garbage today' ask GC "$(with_valid "$C")"
	# what the link below knew of it goes with the namespace, in its own time
	! inside || eventually same_as "$before"
	same_as "$before"
	fails 103 'missing' ask GC \
		"$(with_valid "$(row_conf '.ipam = {type: "missing"}')")"
}

@test "STATUS passes on what IPAM says" {
	fake <<-'END'
	echo '{"code": 51, "msg": "half of it works"}'
	exit 1
	END
	fails 51 'half of it' ask STATUS
}

@test "STATUS complains about an IPAM plugin that is not there" {
	fails '50|103' 'missing' ask STATUS \
		"$(row_conf '.ipam = {type: "missing"}')"
}
