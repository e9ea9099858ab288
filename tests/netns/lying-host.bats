#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# lying-host.bats - attachments while links, addresses, settings and rules
# of the host are not what they should be: what is refused, and why, and what
# is put right; that nothing is touched or lost then; and that all is well once
# the host is
#
# Another attachment, c9, is there all the time.

load helpers

setup() {
	host_up
	sandbox c1 c9
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
	add bridge "$C" c1
	del bridge "$C" c1
	add bridge "$C" c9
	KEPT=$(with_prev "$C" "$res")
}

# well: attachments come and go, and leave nothing
well() {
	local before
	# what the network keeps, it gets back with this one
	add bridge "$C" c1
	del bridge "$C" c1
	before=$(snapshot)
	add bridge "$C" c1
	check bridge "$(with_prev "$C" "$res")" c1
	in_ns c1 ping -q -c 1 -W 5 10.9.0.1
	in_ns c1 ping -q -c 1 -W 5 fd09::1
	del bridge "$C" c1
	same_as "$before"
}
kept() {
	check bridge "$KEPT" c9
	in_ns c9 ping -q -c 1 -W 5 10.9.0.1
}

# refused MAKE UNDO CODE TEXT: shell commands for the host; between them an ADD
# fails so and changes nothing, and what is there already can be removed
refused() {
	local before
	echo "the host: $1"
	in_host sh -ec "$1"
	before=$(snapshot)
	fails "$3" "$4" cni ADD bridge "$C" c1
	same_as "$before"
	del bridge "$C" c1
	same_as "$before"
	in_host sh -ec "$2"
	well
}

@test "the bridge's name is that of another kind of link" {
	# c9 goes down with its bridge
	del bridge "$C" c9
	in_host ip link add ifb7 type ifb
	for make in 'add br0 type ifb' 'add br0 type veth peer name br1' \
		'add br0 link ifb7 type macvlan' \
		'property add dev ifb7 altname br0'; do
		undo='ip link del br0'
		[[ $make != property* ]] ||
			undo='ip link property del dev ifb7 altname br0'
		refused "ip link del br0; ip link $make" "$undo" 102 \
			'"br0" already exists but is not a bridge'
	done
	refused 'ip link del br0; ip tuntap add br0 mode tap' \
		'ip link del br0' 102 '"br0" already exists but is not a bridge'
}

@test "the bridge has a foreign address" {
	while IFS='|' read -r own foreign; do
		refused "ip addr del $own dev br0; ip addr add $foreign dev br0" \
			"ip addr del $foreign dev br0" 102 \
			"\"br0\" .*different from $own; remove $foreign"
	done <<-'END'
	10.9.0.1/24|10.9.0.77/24
	10.9.0.1/24|10.8.0.1/13
	fd09::1/64|fd09::77/64
	fd09::1/64|fd09::1/48
	END
	kept
}

@test "IPv6 is off on the host, on its bridge or in the kernel" {
	off() { echo "echo $2 >/proc/sys/net/ipv6/conf/$1/disable_ipv6"; }
	for where in br0 all; do
		refused "$(off $where 1)" "$(off $where 0)" 100 \
			'could not add IP address fd09::1/64 to "br0"; .*IPv6 is disabled'
	done
	refused 'mount --bind /proc/sys/net /proc/sys/net
		mount -t tmpfs none /proc/sys/net/ipv6' \
		'umount -R /proc/sys/net' 100 \
		'cannot set /proc/sys/net/ipv6/conf/all/forwarding to 1'
	kept
}

@test "IPv6 is off everywhere: IPv4 alone does not care" {
	local c
	c=$(conf l3 '.name = "more" | .ipam.ranges[0][0].subnet =
		"10.10.0.0/24" | .ipMasq = true | .macspoofchk = true')
	for name in HOST c1; do
		in_ns $name sh -c \
			'echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6'
	done
	add bridge "$c" c1
	del bridge "$c" c1
	before=$(snapshot)
	status bridge "$c"
	add bridge "$c" c1
	check bridge "$(with_prev "$c" "$res")" c1
	in_ns c1 ping -q -c 1 -W 5 10.10.0.1
	del bridge "$c" c1
	same_as "$before"
}

@test "/proc/sys is read-only and forwarding is off" {
	for key in ipv4/ip_forward ipv6/conf/all/forwarding; do
		refused "echo 0 >/proc/sys/net/$key
			mount -o bind,ro /proc/sys /proc/sys" \
			'umount /proc/sys' 100 \
			"cannot set /proc/sys/net/$key to 1; Read-only"
	done
	kept
}

# As LXC and systemd-nspawn have it.
@test "/proc/sys is read-only but for net, which is a mount of its own" {
	mkdir "$TMP/net"
	in_host sh -c "mount --bind /proc/sys/net '$TMP/net' &&
		mount --bind /proc/sys /proc/sys &&
		mount -o remount,bind,ro /proc/sys &&
		mount --bind '$TMP/net' /proc/sys/net && umount '$TMP/net'"
	not in_host sh -c 'echo 1 >/proc/sys/kernel/panic'
	in_host sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward
		echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
	c=$(conf dual '.name = "more" | .ipam.ranges = [
		[{subnet: "10.10.0.0/24"}], [{subnet: "fd10::/64"}]]')
	add bridge "$c" c1
	check bridge "$(with_prev "$c" "$res")" c1
	in_ns c1 ping -q -c 1 -W 5 10.10.0.1
	is "$(in_host cat /proc/sys/net/ipv4/ip_forward)" 1
	is "$(in_host cat /proc/sys/net/ipv6/conf/all/forwarding)" 1
	del bridge "$c" c1
	in_host umount /proc/sys/net /proc/sys
}

@test "the rules' table has a chain of another kind" {
	while IFS='|' read -r table chain text; do
		refused "nft delete table $table
			nft 'table $table { chain $chain {
				type filter hook output priority 0; }; }'" \
			"nft delete table $table" 100 "$text"
	done <<-'END'
	inet cni_masq|postrouting|cannot set up masquerade
	bridge cni_spoof|prerouting|cannot set up macspoofchk
	END
}

# --- what is put right ----------------------------------------------------

# heals COMMAND [TEXT]: the host is no longer what c9 needs, of which CHECK
# says TEXT, if it is a fault; the next ADD makes it good for both
heals() {
	echo "the host: $1"
	in_host sh -ec "$1"
	[[ -z ${2-} ]] || fails 104 "$2" cni CHECK bridge "$KEPT" c9
	well
	kept
}

@test "what somebody took from a network the next ADD brings back" {
	heals 'ip link set br0 down' 'br0.*(down|up)'
	heals 'ip link set br0 alias something'
	heals 'ip link set br0 alias ""'
	heals 'ip addr flush dev br0' '10\.9\.0\.1'
	heals 'ip -6 addr del fd09::1/64 dev br0' 'fd09::1'
	heals 'echo 0 >/proc/sys/net/ipv4/ip_forward' 'forward'
	heals 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding' 'forward'
	heals 'nft flush table inet cni_masq' 'masq'
	heals 'nft flush chain inet cni_masq postrouting' 'masq'
}

# An attachment's own rules are no other ADD's business.
@test "whatever is left of the rules, DEL and GC take the rest" {
	local before how
	for how in 'flush ruleset' 'flush table bridge cni_spoof' \
		'delete table bridge cni_spoof' 'flush chain bridge cni_spoof prerouting' \
		'delete table inet cni_masq'; do
		for verb in DEL GC; do
			echo "rules: $how, verb: $verb"
			well
			add bridge "$C" c1
			prev=$(with_prev "$C" "$res")
			in_host nft "$how"
			fails 104 'masq|spoof' cni CHECK bridge "$prev" c1
			if [[ $verb = DEL ]]; then
				del bridge "$prev" c1
			else
				gc bridge "$(with_valid "$C" c9 eth0)"
			fi
			is "$(links c1) $(reservations | grep -c c1)" 'lo 0'
			not grep -F 'pods:c1:' <(in_host nft list ruleset)
			del bridge "$C" c9
			well
			add bridge "$C" c9
		done
	done
}
