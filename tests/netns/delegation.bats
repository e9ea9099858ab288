#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# delegation.bats - how bridge runs its IPAM plugin, which here is a script
# that writes down how it was called

load helpers

setup() {
	host_up
	mkdir "$TMP/bin"
	export CALLS=$TMP/calls
	CNI_PATH=$TMP/bin:$BIN
	sandbox c1
}

# fake NAME: stdin is the script's body. It has $CNI_* and knows $CALLS; the
# configuration it was given is in $CALLS.<verb>.
fake() {
	{
		cat <<-'END'
		#!/bin/sh
		echo "$CNI_COMMAND" >>"$CALLS"
		cat >"$CALLS.$CNI_COMMAND"
		END
		cat
	} >"$TMP/bin/$1"
	chmod +x "$TMP/bin/$1"
}

# ipam TEXT: a fake that prints TEXT on ADD and succeeds with the rest
ipam() {
	echo "$1" >"$TMP/result"
	fake ipam <<-END
	[ "\$CNI_COMMAND" != ADD ] || cat "$TMP/result"
	END
}

calls() { xargs <"$CALLS"; }

# with EDIT: an L3 configuration that names the fake
with() { conf l2 '.ipam.type = "ipam" | '"${1:-.}"; }

ADDRESS='{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.5/24"}]}'

# A DHCP client sends by the link: the first frame must get to the bridge.
@test "the delegate finds the link as a port that is up" {
	fake ipam <<-END
	if [ "\$CNI_COMMAND" = ADD ]; then
		ip -o link show type veth >"$TMP/links"
		echo '$ADDRESS'
	fi
	END
	# the bridge plugin alone is slow
	trace sendmsg
	WRAP=(strace -qq -o "$TMP/trace" -e trace=sendmsg
		-e inject=sendmsg:delay_enter=50000)
	add bridge "$(with)"
	grep -q ' veth.*,UP[,>].* master br0 ' "$TMP/links"
}

@test "the delegate gets the configuration byte for byte, on every verb" {
	printf '{ "cniVersion":"1.1.0",\n\t"name":"wire", "IPAM":{"type":
		"ipam"},\r\n "x":[1.50e1, "\\u00e9é"], "y":0, "y":1 }\n\n' \
		>"$TMP/conf"
	ipam "$ADDRESS"
	add bridge "$TMP/conf"
	cmp "$TMP/conf" "$CALLS.ADD"
	with_prev "$(<"$TMP/conf")" "$res" >"$TMP/conf2"
	for verb in CHECK STATUS GC DEL; do
		cni $verb bridge "$TMP/conf2"
		is "$verb $status" "$verb 0"
		cmp "$TMP/conf2" "$CALLS.$verb"
	done
	is "$(calls)" 'ADD CHECK STATUS GC DEL'
}

@test "the delegate gets the environment, with the same CNI variables" {
	fake ipam <<-END
	env | grep ^CNI_ | sort >"$TMP/env"
	cat "$TMP/result"
	END
	echo "$ADDRESS" >"$TMP/result"
	CNI_ARGS='IgnoreUnknown=1;K=V' add bridge "$(with)"
	diff - "$TMP/env" <<-END
	CNI_ARGS=IgnoreUnknown=1;K=V
	CNI_COMMAND=ADD
	CNI_CONTAINERID=c1
	CNI_IFNAME=eth0
	CNI_NETNS=$(netns c1)
	CNI_PATH=$CNI_PATH
	END
}

@test "a plugin is not its own IPAM plugin" {
	local verb before
	before=$(snapshot)
	for verb in ADD DEL GC STATUS; do
		fails 7 'bridge cannot delegate to itself' \
			cni $verb bridge "$(conf l2 '.ipam.type = "bridge"')"
	done
	same_as "$before"
}

@test "without ipam.type nothing is delegated" {
	ipam "$ADDRESS"
	add bridge "$(conf l2)"
	add bridge "$(conf l2 '.ipam.type = ""')" c1 eth1
	add bridge "$(conf l2 '.ipam = {}')" c1 eth2
	add bridge "$(conf l2 '.ipam = null')" c1 eth3
	[[ ! -e $CALLS ]]
}

@test "the address of the delegate is put on the interface" {
	ipam "$ADDRESS"
	add bridge "$(with)"
	json '.ips' '[{"address":"10.9.0.5/24","interface":2}]'
	in_ns c1 ip addr show dev eth0 | grep -F 10.9.0.5/24
}

@test "an interface index the delegate supplies is not believed" {
	for i in 0 7; do
		ipam '{"cniVersion": "1.1.0", "ips": [
			{"address": "10.9.0.5/24", "interface": '$i'}]}'
		add bridge "$(with)"
		json '.ips[0].interface' 2
		del bridge "$(with)"
	done
}

@test "a result of an older version is converted" {
	ipam '{"cniVersion": "0.2.0", "ip4": {"ip": "10.9.0.5/24", "gateway":
		"10.9.0.1", "routes": [{"dst": "192.0.2.0/24"}]}, "ip6": {"ip":
		"fd09::5/64"}, "dns": {"nameservers": ["10.9.0.53"]}}'
	add bridge "$(with)"
	json .cniVersion 1.1.0
	json '[.ips[].address]' '["10.9.0.5/24","fd09::5/64"]'
	json '.ips[0].gateway' 10.9.0.1
	json '.routes[0].dst' 192.0.2.0/24
	json '.dns.nameservers' '["10.9.0.53"]'
	del bridge "$(with)"

	ipam '{"cniVersion": "0.3.1", "ips": [{"version": "4", "address":
		"10.9.0.5/24"}], "dns": {}}'
	add bridge "$(with)"
	json '.ips[0]' '{"address":"10.9.0.5/24","interface":2}'
}

@test "a result without a version has the configuration's" {
	ipam '{"ips": [{"version": "4", "address": "10.9.0.5/24"}]}'
	add bridge "$(with '.cniVersion = "0.4.0"')"
	json '.ips[0].address' 10.9.0.5/24
}

@test "the delegate's error passes through: code, message, details" {
	fake ipam <<-'END'
	[ "$CNI_COMMAND" = ADD ] || exit 0
	echo '{"cniVersion": "1.1.0", "code": 127, "msg": "out of \"luck\"",
		"details": "for <now>"}'
	exit 3
	END
	fails 127 . cni ADD bridge "$(with)"
	json .msg 'out of "luck"'
	json .details 'for <now>'
	is "$(calls)" 'ADD DEL'
}

@test "a failed delegate ADD is followed by a delegate DEL" {
	fake ipam <<-'END'
	[ "$CNI_COMMAND" = DEL ]
	END
	cni ADD bridge "$(with)"
	is "$status" 1
	is "$(calls)" 'ADD DEL'
	cmp "$CALLS.ADD" "$CALLS.DEL"
}

@test "the delegate's stderr is forwarded, in success and in failure" {
	fake ipam <<-'END'
	echo "a note from $CNI_COMMAND" >&2
	[ "$CNI_COMMAND" != STATUS ] || { echo '{"code": 50, "msg": "x"}'; exit 1; }
	[ "$CNI_COMMAND" != ADD ] || echo '{"ips": [{"address": "10.9.0.5/24"}]}'
	END
	add bridge "$(with)"
	[[ $errout == *'a note from ADD'* ]]
	fails 50 x cni STATUS bridge "$(with)"
	[[ $errout == *'a note from STATUS'* ]]
}

@test "a delegate that only writes to stderr has that in the error" {
	fake ipam <<-'END'
	echo "the disk is full" >&2
	exit 1
	END
	fails '0|103' 'the disk is full' cni ADD bridge "$(with)"
}

@test "a delegate that says nothing has its exit status in the error" {
	fake ipam <<-'END'
	exit 7
	END
	fails '0|103' '\b7\b' cni ADD bridge "$(with)"
	fake ipam <<-'END'
	kill -KILL $$
	END
	fails '0|103' 'kill|signal|\b9\b|137' cni ADD bridge "$(with)"
}

@test "output that makes no sense is an error, and rolled back" {
	ipam "$ADDRESS"
	add bridge "$(with)"
	del bridge "$(with)"
	before=$(snapshot)
	for text in '' 'not json' '[]' '7' '{"ips": [{"address": "10.9.0.5"}]}' \
		'{"ips": [null]}' '{"ips": 5}' '{"ips": [{"address":
		"10.9.0.5/24"}]} {}' '{"cniVersion": "7.7.7", "ips": []}' \
		'{"cniVersion": 7}' '{"ips": [{"address": "10.9.0.5/33"}]}' \
		'{"ips": [{"address": "10.9.0.5/24", "gateway": "x"}]}' \
		'{"ips": [{"address": "10.9.0.5/24"}], "routes": [{"dst": 5}]}'; do
		echo "output: $text"
		: >"$CALLS"
		ipam "$text"
		fails '[0-9]+' . cni ADD bridge "$(with)"
		is "$(calls)" 'ADD DEL'
		same_as "$before"
	done
}

@test "garbage from a delegate that fails is quoted in the error" {
	fake ipam <<-'END'
	echo "Segmentation fault, probably"
	exit 1
	END
	fails '0|103' 'Segmentation fault, probably' cni ADD bridge "$(with)"
}

@test "a delegate that fails with JSON that is no error says something" {
	for text in '{}' null 7 '{"code": 7}' "$ADDRESS"; do
		echo "output: $text"
		fake ipam <<-END
		echo '$text'
		exit 1
		END
		fails '[0-9]+' . cni ADD bridge "$(with)"
	done
}

@test "a result without addresses is refused" {
	for text in null '{}' '{"cniVersion": "1.1.0"}' '{"ips": []}'; do
		ipam "$text"
		fails '[0-9]+' 'missing IP config|no.*address' \
			cni ADD bridge "$(with)"
	done
}

@test "a delegate that floods stderr, or reads no stdin, blocks nobody" {
	cat >"$TMP/bin/ipam" <<-'END'
	#!/bin/sh
	head -c 1000000 /dev/zero | tr '\0' x >&2
	[ "$CNI_COMMAND" != ADD ] || echo '{"ips": [{"address": "10.9.0.5/24"}]}'
	END
	chmod +x "$TMP/bin/ipam"
	conf l2 '.ipam.type = "ipam" | .pad = ("x" * 1000000)' >"$TMP/big"
	add bridge "$TMP/big"
	del bridge "$TMP/big"
}

# --- which file is run ----------------------------------------------------

@test "a type with a path in it is refused and never run" {
	mkdir -p "$TMP/evil" "$TMP/bin/sub"
	for f in "$TMP/evil/x" "$TMP/x" "$TMP/bin/sub/x"; do
		printf '#!/bin/sh\ntouch "%s"\n' "$TMP/was-run" >"$f"
		chmod +x "$f"
	done
	before=$(snapshot)
	for type in ../x ../evil/x "$TMP/evil/x" sub/x ./sub/x ./../x \
		..//x x/../../x /; do
		for verb in ADD DEL STATUS GC; do
			fails 7 . cni $verb bridge \
				"$(with ".ipam.type = \"$type\"")"
		done
	done
	[[ ! -e $TMP/was-run ]]
	same_as "$before"
}

@test "a type that is no file name is refused" {
	for type in . .. ' ' 'a\nb' 'x ' "$(printf 'x%.0s' {1..300})"; do
		fails '7|103' . cni ADD bridge "$(with ".ipam.type = \"$type\"")"
	done
}

@test "a plugin that is not there is named, and where it was looked for" {
	fails 103 "no-such-ipam.*$TMP/bin" cni ADD bridge \
		"$(with '.ipam.type = "no-such-ipam"')"
	mkdir "$TMP/bin/folder"
	fails 103 folder cni ADD bridge "$(with '.ipam.type = "folder"')"
	printf 'no program' >"$TMP/bin/text"
	fails 103 text cni ADD bridge "$(with '.ipam.type = "text"')"
	is "$(in_ns c1 ip -o link show eth0 2>/dev/null)" ''
}

@test "the first of CNI_PATH's folders that has the plugin wins" {
	mkdir "$TMP/second"
	ipam '{"ips": [{"address": "10.9.0.6/24"}]}'
	mv "$TMP/bin/ipam" "$TMP/second/ipam"
	CNI_PATH=$TMP/none::$TMP/bin:$TMP/second
	add bridge "$(with)"
	json '.ips[0].address' 10.9.0.6/24
	del bridge "$(with)"
	fake ipam <<-'END'
	[ "$CNI_COMMAND" != ADD ] || echo '{"ips": [{"address": "10.9.0.7/24"}]}'
	END
	add bridge "$(with)"
	json '.ips[0].address' 10.9.0.7/24
}

# --- DEL, CHECK, GC, STATUS -----------------------------------------------

@test "DEL cleans up although the delegate fails, and reports that" {
	fake ipam <<-'END'
	case $CNI_COMMAND in
	ADD) echo '{"ips": [{"address": "10.9.0.5/24"}]}' ;;
	DEL) echo '{"code": 111, "msg": "cannot release"}'; exit 1 ;;
	esac
	END
	add bridge "$(with '.macspoofchk = true')"
	fails 111 'cannot release' cni DEL bridge "$(with '.macspoofchk = true')"
	is "$(links c1)" lo
	is "$(veths HOST)" ''
	is "$(rules)" ''
}

@test "DEL cleans up although the delegate is gone, and reports that" {
	ipam "$ADDRESS"
	add bridge "$(with)"
	rm "$TMP/bin/ipam"
	fails 103 ipam cni DEL bridge "$(with)"
	is "$(links c1)" lo
	is "$(veths HOST)" ''
}

@test "a delegate's complaint on CHECK and STATUS passes through" {
	fake ipam <<-'END'
	case $CNI_COMMAND in
	ADD) echo '{"ips": [{"address": "10.9.0.5/24"}]}' ;;
	CHECK) echo '{"code": 112, "msg": "lost it"}'; exit 1 ;;
	STATUS) echo '{"code": 51, "msg": "limited"}'; exit 1 ;;
	esac
	END
	add bridge "$(with)"
	fails 112 'lost it' cni CHECK bridge "$(with_prev "$(with)" "$res")"
	fails 51 'limited' cni STATUS bridge "$(with)"
}

# --- IPAM in the same executable ------------------------------------------

# both CMD...: runs CMD once with host-local as a process and once as it is
both() {
	CNI_PATH=$TMP/bin "$@"
	(($(grep -c ' = 0$' "$TMP/trace") > 1))
	local process="$status $out"
	CNI_PATH=$BIN "$@"
	is "$(grep -c ' = 0$' "$TMP/trace")" 1
	# what differs from one attachment to the next
	is "$(tidy "$status $out")" "$(tidy "$process")"
}
tidy() { sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g' <<<"$1"; }

@test "it makes no difference whether IPAM is a process or a function" {
	printf '#!/bin/sh\nexec %s "$@"\n' "$BIN/host-local" \
		>"$TMP/bin/host-local"
	chmod +x "$TMP/bin/host-local"
	trace execve
	c=$(conf dual '.ipam.routes = [{dst: "0.0.0.0/0"}, {dst: "::/0"}] |
		.isGateway = true')
	first=$(gojq -c '.ipam.ranges = [[{subnet: "10.9.0.0/24", rangeStart:
		"10.9.0.9", rangeEnd: "10.9.0.9"}]] | .ipam.routes = []' <<<"$c")
	attach() {
		cni ADD bridge "$1"
		local s=$status o=$out
		cni DEL bridge "$1"
		is "$status" 0
		status=$s out=$o
	}
	for version in 0.2.0 0.3.1 1.1.0; do
		both attach "$(gojq -c --arg v $version '.cniVersion = $v' \
			<<<"$first")"
		is "${status}" 0
		# a call that fails, each with its own error
		both cni ADD bridge "$(gojq -c --arg v $version '.cniVersion = $v |
			.ipam.ranges = [[]]' <<<"$c")"
		is "${status}" 1
	done
	for verb in STATUS GC; do
		both cni $verb bridge "$c"
		both cni $verb bridge "$(gojq -c '.ipam.dataDir = "relative"' \
			<<<"$c")"
	done
}
