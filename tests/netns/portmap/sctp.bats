#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# sctp.bats - SCTP by hand-made packets, for kernels without sockets of it:
# NAT and conntrack know it nevertheless

load portmap

# crc32c HEX: RFC 9260 appendix A, in the order of the wire
crc32c() {
	local i k crc=$((0xffffffff))
	for ((i = 0; i < ${#1}; i += 2)); do
		((crc ^= 16#${1:i:2}, 1))
		for ((k = 0; k < 8; k++)); do
			((crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1, 1))
		done
	done
	((crc ^= 0xffffffff, 1))
	printf '%02x%02x%02x%02x' $((crc & 255)) $((crc >> 8 & 255)) \
		$((crc >> 16 & 255)) $((crc >> 24 & 255))
}

# packet FROM_PORT TO_PORT TAG TYPE OWN_TAG: an INIT (01) or INIT ACK (02)
packet() {
	local ports chunk=${4}000014${5}0000ffff0001000100000001
	printf -v ports %04x%04x "$1" "$2"
	echo "$ports$3$(crc32c "$ports${3}00000000$chunk")$chunk"
}

# listen NAME FAMILY: what comes of SCTP goes to $TMP/NAME
listen() {
	: >"$TMP/$1"
	bg "$1" socat -u "IP$2-RECV:132" "OPEN:$TMP/$1,append"
	eventually hears "$1" "$2"
}
hears() { in_ns "$1" ss -Hanw"$2" | grep -q ':132 '; }

# send NAME FAMILY ADDRESS HEX
send() {
	local i text=
	for ((i = 0; i < ${#4}; i += 2)); do text+="\\x${4:i:2}"; done
	printf '%b' "$text" | in_ns "$1" socat -u - "IP$2-SENDTO:$3:132"
}

# got NAME HEX: the last one that came
got() { [[ $(od -An -v -tx1 "$TMP/$1" | tr -d ' \n') == *"$2" ]]; }

# associate FAMILY HOST CLIENT: who asks at port 3868 of the host asks c1 at
# 9999, with the right checksum, and is answered by 3868
associate() {
	listen c1 "$1"
	listen OUT "$1"
	send OUT "$1" "$2" "$(packet 5000 3868 00000000 01 01020304)"
	eventually got c1 "$(packet 5000 9999 00000000 01 01020304)"
	send c1 "$1" "$3" "$(packet 9999 5000 01020304 02 05060708)"
	eventually got OUT "$(packet 3868 5000 01020304 02 05060708)"
}

@test "the checksum is that of the RFC" {
	# of 123456789
	is "$(crc32c 313233343536373839)" 839206e3
}

@test "an association is led to the container, and its answer back" {
	needs_kernel CONFIG_NF_CT_PROTO_SCTP \
		'test -e /proc/sys/net/netfilter/nf_conntrack_sctp_timeout_closed'
	host_up
	out_up
	MAPPED=$(ports 3868:9999/sctp)
	published c1
	associate 4 203.0.113.1 203.0.113.2
	associate 6 '[2001:db8::1]' '[2001:db8::2]'
}
