#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# sctp.bats - SCTP by hand-made packets, for kernels without sockets of it:
# NAT and conntrack know it nevertheless

load portmap

# crc32c HEX: RFC 9260 appendix A, in the order of the wire. Who calls it does so
# in a subshell, where bats' trap is of no use to a loop of a thousand steps.
crc32c() {
	local i k crc=$((0xffffffff))
	trap - DEBUG
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
	! hears "$@" || return 0
	bg "$1" socat -u "IP$2-RECV:132" "OPEN:$TMP/$1,append"
	eventually hears "$1" "$2"
}
hears() { in_ns "$1" ss -Hanw"$2" | grep -q ':132 '; }

# send NAME FAMILY ADDRESS HEX
send() {
	local i text=
	for ((i = 0; i < ${#4}; i += 2)); do text+="\\x${4:i:2}"; done
	# by a file, as what goes into a pipe is written line by line
	printf '%b' "$text" >"$TMP/packet"
	in_ns "$1" socat -u "$TMP/packet" "IP$2-SENDTO:$3:132"
}

# got NAME HEX: the last one that came
got() { [[ $(od -An -v -tx1 "$TMP/$1" | tr -d ' \n') == *"$2" ]]; }

# asks WHO FAMILY ADDRESS PORT: an INIT from WHO, from another port each time
asks() {
	: $((CLIENT += 1))
	listen "$1" "$2"
	send "$1" "$2" "$3" "$(packet $CLIENT "$4" 00000000 01 01020304)"
}
CLIENT=5000

# associate WHO FAMILY ADDRESS SEEN [PORT]: WHO asks at port 3868 of the host,
# asks c1 at 9999, with the right checksum, and is answered by 3868, while c1
# sees it as SEEN
associate() {
	local port=${5-3868}
	listen c1 "$2"
	asks "$1" "$2" "$3" "$port"
	eventually got c1 "$(packet $CLIENT 9999 00000000 01 01020304)"
	send c1 "$2" "$4" "$(packet 9999 $CLIENT 01020304 02 05060708)"
	eventually got "$1" "$(packet "$port" $CLIENT 01020304 02 05060708)"
}

@test "the checksum is that of the RFC" {
	# of 123456789
	is "$(crc32c 313233343536373839)" 839206e3
}

# sctp_up MAPPING...: c1, whose ports are mapped
sctp_up() {
	needs_kernel CONFIG_NF_CT_PROTO_SCTP \
		'modprobe -q nf_conntrack || :
		test -e /proc/sys/net/netfilter/nf_conntrack_sctp_timeout_closed'
	out_up
	MAPPED=$(ports "$@")
	published c1
}

@test "an association is led to the container, and its answer back" {
	sctp_up 3868:9999/sctp
	associate OUT 4 203.0.113.1 203.0.113.2
	associate OUT 6 '[2001:db8::1]' '[2001:db8::2]'
}

@test "so it is from the host, a sibling, and the container itself" {
	local nf file seen4 seen6
	sctp_up 3868:9999/sctp
	MAPPED='[]' published c2
	associate HOST 4 203.0.113.1 203.0.113.1
	associate HOST 6 '[2001:db8::1]' '[2001:db8::1]'
	for nf in 0 1; do
		# without br_netfilter a sibling is seen as the host
		seen4=10.9.0.1 seen6='[fd09::1]'
		for file in /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables; do
			in_host test -e $file || continue
			in_host sh -c "echo $nf >$file"
			[[ $nf = 0 ]] || seen4=$ip4 seen6="[$ip6]"
		done
		associate c2 4 203.0.113.1 "$seen4"
		associate c2 6 '[2001:db8::1]' "$seen6"
		associate c1 4 203.0.113.1 10.9.0.1
		associate c1 6 '[2001:db8::1]' '[fd09::1]'
	done
}

@test "at one address of the host, and at that alone" {
	sctp_up 203.0.113.7:3868:9999/sctp '[2001:db8::7]:3868:9999/sctp' \
		203.0.113.1:3869:9999/sctp '[2001:db8::1]:3869:9999/sctp'
	in_host ip addr add 203.0.113.7/24 dev up0
	in_host ip addr add 2001:db8::7/64 dev up0 nodad
	associate OUT 4 203.0.113.7 203.0.113.2
	associate OUT 6 '[2001:db8::7]' '[2001:db8::2]'
	# of what is for another address, nothing came before what is sent now
	listen c1 4
	asks OUT 4 203.0.113.1 3868
	asks OUT 6 '[2001:db8::1]' 3868
	send HOST 4 10.9.0.2 00
	eventually got c1 00
	is "$(wc -c <"$TMP/c1")" 1
	associate OUT 4 203.0.113.1 203.0.113.2 3869
	associate OUT 6 '[2001:db8::1]' '[2001:db8::2]' 3869
}
