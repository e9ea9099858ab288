#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
# tuning.bats - each thing that tuning can change: changed, written down,
# checked, and as it was before after DEL

load tuning

# once EDIT FILTER VALUE MEMBER: link FILTER is VALUE after ADD, of which the file
# has MEMBER and nothing else but the attachment
once() {
	echo "edit: $1"
	tune "$1"
	is "$(link "$2")" "$3"
	is "$(file | gojq -c 'del(.cnic)')" "$4"
	is "$(file | gojq -c '.cnic | del(.sysctl)')" \
		'{"containerID":"c1","ifname":"eth0","network":"net"}'
	check tuning "$prev"
	check bridge "$(with_prev "$BASE" "$res")"
	del tuning "$C"
	unchanged
}

@test "mac: set, told in the result, and back" {
	was=$(mac c1 eth0)
	once '.mac = "02:00:00:00:00:99"' .address 02:00:00:00:00:99 \
		"{\"mac\":\"$was\"}"
	json '.interfaces[] | select(.name == "eth0").mac' 02:00:00:00:00:99 \
		"$res"
	is "$(gojq -c '.interfaces[:2]' <<<"$res")" \
		"$(gojq -c '.interfaces[:2]' <<<"$P")"
}

@test "a container whose MAC is another one now is reached" {
	reaches HOST "$(address)"
	tune '.mac = "02-00-00-00-00-99"'
	# at once: a second packet would be too late
	in_host ping -c 1 -W 1 "$(address)"
	del tuning "$C"
	same_as "$(grep -v REACHABLE <<<"$BEFORE")"
}

@test "mtu: set, told in the result, and back" {
	once '.mtu = 1400' .mtu 1400 '{"mtu":1500}'
	json '.interfaces[] | select(.name == "eth0").mtu' 1400 "$res"
}

@test "promisc: set, and back" {
	once '.promisc = true' '.flags | index("PROMISC") != null' true \
		'{"promisc":false}'
}

@test "allmulti: set, and back; false is a wish of its own" {
	once '.allmulti = true' '.flags | index("ALLMULTI") != null' true \
		'{"allmulti":false}'
	in_ns c1 ip link set eth0 allmulticast on
	BEFORE=$(snapshot)
	once '.allmulti = false' '.flags | index("ALLMULTI") != null' false \
		'{"allmulti":true}'
}

@test "txQLen: set, and back; 0 is a length" {
	once '.txQLen = 77' .txqlen 77 '{"txQLen":1000}'
	once '.txQLen = 0' '.txqlen // 0' 0 '{"txQLen":1000}'
}

@test "sysctls: set in the container alone, in their order, and back" {
	tune '.sysctl = {"net.core.somaxconn": "500",
		"net.ipv4.conf.IFNAME.arp_ignore": "1",
		"net.ipv4.ping_group_range": "5 6"}'
	is "$(value core/somaxconn)" 500
	is "$(value ipv4/conf/eth0/arp_ignore)" 1
	is "$(value ipv4/ping_group_range)" $'5\t6'
	is "$(in_host cat /proc/sys/net/core/somaxconn)" 4096
	is "$(file | gojq -c .cnic.sysctl)" '{"net/core/somaxconn":"4096",'`
		`'"net/ipv4/conf/eth0/arp_ignore":"0",'`
		`'"net/ipv4/ping_group_range":"1\t0"}'
	is "$(gojq -c . <<<"$res")" "$(gojq -c . <<<"$P")"
	check tuning "$prev"
	del tuning "$C"
	unchanged
}

@test "the file is in the reference's form, and its owner's alone" {
	tune '.promisc = true | .mtu = 1400 | .mac = "02:00:00:00:00:50" |
		.allmulti = true | .txQLen = 5'
	was=$(gojq -r '.interfaces[2].mac' <<<"$P")
	is "$(file)" "{
 \"mac\": \"$was\",
 \"promisc\": false,
 \"mtu\": 1500,
 \"allmulti\": false,
 \"txQLen\": 1000,
 \"cnic\": {
  \"network\": \"net\",
  \"containerID\": \"c1\",
  \"ifname\": \"eth0\",
  \"sysctl\": {
   \"net/ipv4/conf/eth0/arp_notify\": \"0\",
   \"net/ipv6/conf/eth0/ndisc_notify\": \"0\"
  }
 }
}"
	is "$(in_host stat -c '%a' /run/cni/tuning/c1_eth0.json)" 600
	is "$(in_host stat -c '%a' /run/cni/tuning /run/cni)" $'700\n755'
}

@test "dataDir is where the file is" {
	tune '.mtu = 1400 | .dataDir = "/run/else/where"'
	is "$(files /run)" c1_eth0.json
	del tuning "$C"
	is "$(files /run)" ''
	same_as "$BEFORE"
}

@test "an empty configuration enters no namespace and makes no file" {
	trace setns,open,openat,socket,mkdir
	for edit in . '.sysctl = {}' '.sysctl = null | .mac = "" | .mtu = 0 |
		.promisc = false | .txQLen = null | .allmulti = null'; do
		tune "$edit"
		is "$(gojq -c . <<<"$res")" "$(gojq -c . <<<"$P")"
		not grep -E 'setns|socket|mkdir|/proc/sys' "$TMP/trace"
		check tuning "$prev"
		not grep -E 'setns|socket|mkdir|/proc/sys' "$TMP/trace"
		del tuning "$C"
		not grep -E 'setns|socket|mkdir|/proc/sys' "$TMP/trace"
	done
	unchanged
	is "$(in_host find /run/cni)" ''
}

# --- who wins ---------------------------------------------------------------

@test "arguments: CNI_ARGS, then runtimeConfig, then args.cni" {
	local m=02:00:00:00:00:0
	set_mac() { tune "$1"; is "$(mac c1 eth0)" "$2"; del tuning "$C"; }
	set_mac ".mac = \"${m}1\"" ${m}1
	export CNI_ARGS="IgnoreUnknown=1;MAC=${m}2;X=y"
	set_mac ".mac = \"${m}1\"" ${m}2
	set_mac ".mac = \"${m}1\" | .runtimeConfig.mac = \"${m}3\"" ${m}3
	set_mac ".runtimeConfig.mac = \"\"" ${m}2
	set_mac ".runtimeConfig.mac = \"${m}3\" | .args.cni.mac = \"${m}4\"" ${m}4
	was=$(mac c1 eth0)
	set_mac ".mac = \"${m}1\" | .args.cni.mac = \"\"" "$was"
	unset CNI_ARGS
	unchanged
	CNI_ARGS='X=y' refused 4 'unknown args' '.mtu = 1400'
}

@test "arguments: args.cni says no to what the configuration wants" {
	tune '.promisc = true | .mtu = 1400 | .args.cni = {promisc: false, mtu: 0}'
	unchanged
	tune '.txQLen = 7 | .allmulti = false |
		.args.cni = {txQLen: 0, allmulti: true}'
	is "$(link '.txqlen // 0')" 0
	is "$(link '.flags | index("ALLMULTI") != null')" true
	del tuning "$C"
	unchanged
}

@test "arguments: sysctls of args.cni alone, and over those there are" {
	tune '.args.cni.sysctl = {"net.core.somaxconn": "501"}'
	is "$(value core/somaxconn)" 501
	del tuning "$C"
	tune '.sysctl = {"net.core.somaxconn": "500", "net.ipv4.ip_forward": "1"} |
		.args.cni.sysctl = {"net/core/somaxconn": "502"}'
	is "$(value core/somaxconn)" 502
	is "$(value ipv4/ip_forward)" 1
	check tuning "$prev"
	del tuning "$C"
	unchanged
}

# --- twice, and back ---------------------------------------------------------

@test "a second ADD does not overwrite the originals" {
	tune '.mtu = 1400 | .sysctl = {"net.core.somaxconn": "500"}'
	P=$res
	tune '.mtu = 1300 | .txQLen = 5 | .sysctl = {"net.core.somaxconn": "600",
		"net.ipv4.ip_forward": "1"}'
	is "$(file | gojq -c '[.mtu, .txQLen, .cnic.sysctl]')" \
		'[1500,1000,{"net/core/somaxconn":"4096","net/ipv4/ip_forward":"0"}]'
	del tuning "$C"
	unchanged
}

@test "a failed ADD puts back all it had done" {
	# what fails is after what was done
	refused 100 'cannot set the MTU of eth0' '.mtu = 70000 | .promisc = true |
		.mac = "02:00:00:00:00:99" |
		.sysctl = {"net.core.somaxconn": "500"}'
	refused 100 'cannot write /proc/sys/net/ipv4/ip_forward.*Invalid' \
		'.mtu = 1400 | .sysctl = {"net.core.somaxconn": "500",
			"net.ipv4.ip_forward": "x"}'
	refused 100 'cannot read /proc/sys/net/ipv4/nope.*No such file' \
		'.sysctl = {"net.core.somaxconn": "500", "net.ipv4.nope": "1"}'
}

@test "a failed second ADD leaves what the first one had done" {
	tune '.mtu = 1400'
	now=$(snapshot) said=$(file)
	fails 100 'cannot set the MTU' cni ADD tuning "$(with_prev "$(tuned \
		'.mtu = 70000 | .txQLen = 6')" "$P")"
	same_as "$now"
	is "$(file)" "$said"
	del tuning "$C"
	unchanged
}

@test "an ADD that cannot write its file changes nothing" {
	in_host touch /run/cni
	fails 5 'cannot (read|write) /run/cni/tuning/c1_eth0.json' cni ADD \
		tuning "$(with_prev "$(tuned '.mtu = 1400')" "$P")"
	same_as "$BEFORE"
	del tuning "$(tuned '.mtu = 1400')"
	in_host rm /run/cni
}

@test "values that can only be written are written, and are no difference" {
	tune '.sysctl = {"net.ipv4.route.flush": "1",
		"net.ipv6.conf.IFNAME.stable_secret":
		"2001:db8::1"}'
	is "$(value ipv6/conf/eth0/stable_secret)" \
		2001:0db8:0000:0000:0000:0000:0000:0001
	is "$(file | gojq -c .cnic.sysctl)" null
	del tuning "$C"
}

@test "a long value is kept whole" {
	long=$(seq -s , 2 2 9000)
	in_ns c1 sh -c 'echo "$0" >/proc/sys/net/ipv4/ip_local_reserved_ports' \
		"$long"
	tune '.sysctl = {"net.ipv4.ip_local_reserved_ports": "1"}'
	is "$(value ipv4/ip_local_reserved_ports)" 1
	del tuning "$C"
	[[ $(value ipv4/ip_local_reserved_ports) = "$long" ]]
}

# --- CHECK -------------------------------------------------------------------

@test "a value that was empty is empty again" {
	local key=ipv4/ip_local_reserved_ports
	is "$(value $key)" ''
	tune '.sysctl = {"net.ipv4.ip_local_reserved_ports": "1000-2000"}'
	is "$(value $key)" 1000-2000
	check tuning "$prev"
	del tuning "$C"
	is "$(value $key)" ''
}

@test "a value that a longer one begins with is written" {
	local key=ipv4/ip_local_reserved_ports long short
	long=101,$(seq -s, 1003 2 1099)
	in_ns c1 sh -c "echo $long >/proc/sys/net/$key"
	# to a port's end
	short=$(cut -c-63 <<<"$long")
	tune ".sysctl = {\"net.ipv4.ip_local_reserved_ports\": \"$short\"}"
	is "$(value $key)" "$short"
	del tuning "$C"
	is "$(value $key)" "$long"
}

@test "CHECK names what is not as it was asked for" {
	C=$(tuned '.mac = "02:00:00:00:00:99" | .mtu = 1400 | .promisc = true |
		.allmulti = false | .txQLen = 5 |
		.sysctl = {"net.core.somaxconn": "500"}')
	add tuning "$(with_prev "$C" "$P")"
	prev=$(with_prev "$C" "$res")
	while IFS='|' read -r break mend what; do
		check tuning "$prev"
		in_ns c1 sh -c "$break"
		fails 104 "$what" cni CHECK tuning "$prev"
		in_ns c1 sh -c "$mend"
	done <<-'END'
	ip link set eth0 address 02:00:00:00:00:01|ip link set eth0 address 02:00:00:00:00:99|^MAC of eth0 is 02:00:00:00:00:01, not 02:00:00:00:00:99
	ip link set eth0 mtu 1401|ip link set eth0 mtu 1400|^mtu of eth0 is 1401, not 1400
	ip link set eth0 promisc off|ip link set eth0 promisc on|^promiscuous mode of eth0 is off, not on
	ip link set eth0 allmulticast on|ip link set eth0 allmulticast off|^all-multicast mode of eth0 is on, not off
	ip link set eth0 txqueuelen 6|ip link set eth0 txqueuelen 5|^transmit queue length of eth0 is 6, not 5
	echo 501 >/proc/sys/net/core/somaxconn|echo 500 >/proc/sys/net/core/somaxconn|^/proc/sys/net/core/somaxconn is "501", not "500"
	END
	check tuning "$prev"
	# no kernel before 6.2 renames one that is up
	in_ns c1 ip link set eth0 down
	in_ns c1 ip link set eth0 name eth5
	fails 100 'cannot find eth0' cni CHECK tuning "$prev"
}

@test "CHECK: who captures, and a MAC in capitals, are no difference" {
	tune '.mac = "02:00:00:00:00:AB" | .sysctl = {
		"net.ipv4.ping_group_range": " 5  6"}'
	# as a packet socket does that captures, not as ip does
	bg c1 socat -u "INTERFACE:eth0,setsockopt=263:1:x$(printf '%02x' \
		"$(link .ifindex)")00000001000000$(printf %016d 0)" /dev/null
	eventually eval '[[ $(link .promiscuity) = 1 ]]'
	check tuning "$prev"
}

@test "CHECK: a number may be written as the kernel reads it" {
	for n in 0x1f4 0764 500; do
		tune ".sysctl = {\"net.core.somaxconn\": \"$n\",
			\"net.ipv4.ping_group_range\": \"5 0x6\"}"
		is "$(value core/somaxconn)" 500
		check tuning "$prev"
		in_ns c1 sh -c 'echo 501 >/proc/sys/net/core/somaxconn'
		fails 104 "is \"501\", not \"$n\"" cni CHECK tuning "$prev"
		del tuning "$C"
	done
}

# --- DEL and GC --------------------------------------------------------------

@test "DEL without the namespace removes the file" {
	for ns in '' /run/nowhere; do
		tune '.mtu = 1400'
		del tuning "$C" c1 eth0 "$ns"
		no_file
	done
}

@test "DEL without the interface removes the file, and puts sysctls back" {
	tune '.mtu = 1400 | .sysctl = {"net.core.somaxconn": "500",
		"net.ipv4.conf.IFNAME.arp_ignore": "1"}'
	in_ns c1 ip link del eth0
	del tuning "$C"
	is "$(value core/somaxconn)" 4096
	no_file
}

@test "DEL goes by the file, whatever the configuration is" {
	tune '.mtu = 1400 | .sysctl = {"net.core.somaxconn": "500"}'
	del tuning "$(tuned '.sysctl = 7 | .mtu = "x" | .txQLen = 6')"
	unchanged
}

@test "a file of the reference plugin's is put back" {
	was=$(mac c1 eth0)
	in_ns c1 ip link set eth0 address 02:00:00:00:00:99 mtu 1400 promisc on \
		allmulticast on txqueuelen 5
	put_file "{
 \"mac\": \"$was\",
 \"promisc\": false,
 \"mtu\": 1500,
 \"allmulti\": false,
 \"txQLen\": 1000
}"
	del tuning "$(tuned .)"
	unchanged
}

@test "a file of the reference plugin's keeps the originals through an ADD" {
	in_ns c1 ip link set eth0 mtu 1400
	put_file $'{\n "mtu": 1500\n}'
	tune '.mtu = 1300 | .txQLen = 5'
	is "$(file | gojq -c '[.mtu, .txQLen]')" '[1500,1000]'
	del tuning "$C"
	unchanged
}

@test "a file that makes no sense is removed, and stops nothing" {
	panic=$(cat /proc/sys/kernel/panic)
	for text in '' '{' '[]' 7 '{"mtu": "x", "mac": 7, "promisc": 1,
		"cnic": {"sysctl": {"net/core/somaxconn": 7}}}' \
		'{"cnic": {"sysctl": {"kernel/panic": "7",
		"net/../kernel/panic": "7"}}}' '{"mtu": 4000000000, "mac":
		"01:00:00:00:00:00", "cnic": {"sysctl": {"net/nope": "7",
		"net/ipv4/ip_forward": "x"}}}'; do
		echo "file: $text"
		put_file "$text"
		del tuning "$(tuned .)"
		unchanged
		# what makes sense in it is older than what there is
		[[ $text != *4000000000* ]] || continue
		put_file "$text"
		tune '.mtu = 1400'
		del tuning "$C"
		unchanged
	done
	is "$(cat /proc/sys/kernel/panic)" "$panic"
}

@test "what stands in the file's place and is none is removed, and stops nothing" {
	local place=/run/cni/tuning/c1_eth0.json
	in_host sh -c 'echo mine >"$0"' "$TMP/elsewhere"
	for make in "ln -s $TMP/elsewhere $place" "mkfifo $place" \
		"truncate -s 5M $place"; do
		echo "made: $make"
		in_host mkdir -p "${place%/*}"
		in_host sh -c "$make"
		del tuning "$(tuned .)"
		unchanged
		in_host sh -c "$make"
		tune '.mtu = 1400'
		is "$(file | gojq .mtu)" 1500
		del tuning "$C"
		unchanged
		is "$(in_host cat "$TMP/elsewhere")" mine
	done
}

@test "GC removes the files of this network's attachments that are not valid" {
	sandbox c2
	tune '.mtu = 1400'
	base c1 eth1
	tune '.mtu = 1400' c1 eth1
	base c2
	tune '.mtu = 1400 | .name = "other"' c2
	put_file $'{\n "mtu": 1500\n}' go_eth0.json
	put_file "$(file)" copy_eth0.json
	put_file rubbish x.json
	in_host mkdir /run/cni/tuning/d.json
	all=$'c1_eth0.json\nc1_eth1.json\nc2_eth0.json\ncopy_eth0.json\n'
	all+=$'go_eth0.json\nx.json'
	gc tuning "$(tuned .)"
	is "$(files)" "$all"
	gc tuning "$(with_valid "$(tuned .)" c1 eth0 c1 eth1)"
	is "$(files)" "$all"
	gc tuning "$(with_valid "$(tuned .)" c1 eth1)"
	is "$(files)" "${all#*$'\n'}"
	gc tuning "$(with_valid "$(tuned .)")"
	is "$(files)" "${all#*$'\n'*$'\n'}"
}

# --- refused -------------------------------------------------------------------

@test "what makes no sense is refused before anything is touched" {
	fails 7 '^Required prevResult missing;' cni ADD tuning "$(tuned .)"
	fails 7 '^Required prevResult missing;' cni CHECK tuning "$(tuned .)"
	for key in kernel.core_pattern net '' . /net ../x \
		kernel/net/core/somaxconn IFNAME; do
		refused 7 'invalid net sysctl key' \
			".sysctl = {\"net.core.somaxconn\": \"500\", \"$key\": \"1\"}"
	done
	refused 7 '^invalid net sysctl key: "dev/eth0/x"' '.sysctl = {"dev.IFNAME.x": "1"}'
	for v in 1 null true '{}' '[]'; do
		refused 7 'expected a string, got [a-z ]+; $' ".sysctl = {\"net.core.x\": $v}"
	done
	refused 7 'has no value' '.sysctl = {"net.core.somaxconn": ""}'
	refused 7 'invalid mtu' '.mtu = -1'
	refused 7 'txQLen' '.txQLen = -1'
	refused 7 'txQLen' '.txQLen = 4294967296'
	refused 7 'txQLen' '.args.cni.txQLen = "x"'
	for m in zz 00:00:00:00:00:00 01:00:00:00:00:01 02:00:00:00:00; do
		refused 7 'invalid MAC address' ".mac = \"$m\""
		refused 7 'invalid MAC address' ".args.cni.mac = \"$m\""
	done
}

@test "a key that is written twice is refused" {
	c='{"cniVersion":"1.1.0","name":"net","type":"tuning","sysctl":{
		"net.core.somaxconn":"1","net.core.somaxconn":"2"},"prevResult":'
	fails 7 '^duplicated sysctl keys are not allowed; "net' \
		cni ADD tuning "$c$P}"
	unchanged
}
