#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# firewalld.bats - addresses as sources of a zone: a real firewalld, on a bus of
# its own, both in the host's namespaces

load firewall
load ../firewalld

setup() {
	host_up
	needs_tool firewalld dbus-daemon busctl
}

teardown() {
	[[ -z ${STOPPED-} ]] || kill -CONT "$STOPPED"
	all_down
}

# sources [ZONE]: what firewalld has there, sorted
sources() {
	firewalld_call org.fedoraproject.FirewallD1.zone getSources s \
		"${1:-trusted}" | gojq -r '.data[0] | sort | join(" ") + " "'
}

noted() {
	in_host nft -j list table inet cni_firewalld 2>/dev/null |
		gojq -c '[.nftables[].map.elem // [] | .[][0].elem.comment] | sort | unique'
}

@test "where firewalld runs, addresses become sources of the zone trusted" {
	out_up
	firewalld_up
	join 1 c1
	is "$(sources)" '10.9.1.2/32 fd09:1::2/128 '
	check firewall "$prev" c1
	is "$(noted)" '["cni:net1:c1:eth0"]'
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	reaches c1 203.0.113.2
	one=$prev
	join 1 c2
	leave 1 c1
	is "$(sources)" '10.9.1.3/32 fd09:1::3/128 '
	fails 104 '10\.9\.1\.2/32 is not in trusted|is missing' cni CHECK \
		firewall "$one" c1
	# the configuration has another zone by now
	leave 1 c2 '.firewalldZone = "home" | .backend = "iptables"'
	is "$(sources)" ' '
	is "$(noted)" ''
}

@test "a zone that is asked for, and one that there is not" {
	firewalld_up
	join 1 c1 '.firewalldZone = "home" | .backend = "firewalld"'
	is "$(sources home)" '10.9.1.2/32 fd09:1::2/128 '
	succeeds cni STATUS firewall "$F"
	net 2 '.firewalldZone = "nowhere"'
	sandbox c2
	add bridge "$B" c2
	before=$(snapshot)
	fails 100 'nowhere zone.*INVALID_ZONE' cni ADD firewall \
		"$(with_prev "$F" "$res")" c2
	same_as "$before"
	is "$(sources home)" '10.9.1.2/32 fd09:1::2/128 '
}

@test "after a reload, the next ADD puts back all of the network's" {
	firewalld_up
	join 1 c1
	join 1 c2
	one=$prev
	join 2 c4
	in_host firewall-cmd --reload
	is "$(sources)" ' '
	fails 104 'is not in trusted zone' cni CHECK firewall "$one" c2
	join 1 c3
	check firewall "$one" c2
	is "$(sources)" '10.9.1.2/32 10.9.1.3/32 10.9.1.4/32 fd09:1::2/128 fd09:1::3/128 fd09:1::4/128 '
	net 1
	gc firewall "$(with_valid "$F" c2 eth0)"
	is "$(sources)" '10.9.1.3/32 fd09:1::3/128 '
	is "$(noted)" '["cni:net1:c2:eth0","cni:net2:c4:eth0"]'
}

@test "backend iptables and nftables do not ask it" {
	firewalld_up
	for b in iptables nftables; do
		join 1 c1 ".backend = \"$b\""
		is "$(sources)" ' '
		leave 1 c1
	done
}

@test "what the Go plugins told it, DEL takes back" {
	firewalld_up
	net 1
	sandbox c1
	add bridge "$B" c1
	for a in 10.9.1.2/32 fd09:1::2/128; do
		in_host firewall-cmd --zone=trusted --add-source=$a
	done
	in_host firewall-cmd --zone=home --add-source=10.9.1.7/32
	del firewall "$(with_prev "$F" "$res")" c1 eth0 ''
	is "$(sources)" ' '
	is "$(sources home)" '10.9.1.7/32 '
}

# killed ID: it ends and nobody calls DEL; so does its host's end, in time
killed() {
	local end
	end=$(in_host nft -j list table inet cni_firewalld | gojq -r --arg \
		id "$1" '[.nftables[].map.elem // [] | .[] | select(.[0].elem.comment |
		contains(":" + $id + ":"))[1]][0]')
	[[ $end = veth* ]]
	drop "$1"
	eventually not in_host ip link show "$end"
}

@test "what killed ones left in the zone goes with another's ADD" {
	firewalld_up
	join 1 c1
	join 1 c2
	join 2 c3 '.firewalldZone = "home"'
	killed c1
	killed c3
	in_host ip link del br2
	join 3 c4
	is "$(sources)" '10.9.1.3/32 10.9.3.2/32 fd09:1::3/128 fd09:3::2/128 '
	is "$(sources home)" ' '
	is "$(noted)" '["cni:net1:c2:eth0","cni:net3:c4:eth0"]'
	killed c2
	join 3 c5
	is "$(sources)" '10.9.3.2/32 10.9.3.3/32 fd09:3::2/128 fd09:3::3/128 '
	leave 3 c4
	leave 3 c5
	is "$(noted)" ''
}

@test "after a reload, killed ones are not put back" {
	firewalld_up
	join 1 c1
	join 1 c2
	killed c1
	in_host firewall-cmd --reload
	join 1 c3
	is "$(sources)" '10.9.1.3/32 10.9.1.4/32 fd09:1::3/128 fd09:1::4/128 '
	is "$(noted)" '["cni:net1:c2:eth0","cni:net1:c3:eth0"]'
}

# as a plugin that is not of this suite does
@test "who has no interface on the host is not taken for gone" {
	firewalld_up
	net 1
	sandbox c1
	in_ns c1 ip link add eth0 type ifb
	P='{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","sandbox":"/x"}],
		"ips":[{"address":"10.9.7.2/24"}]}'
	open=$(gojq -c '.ingressPolicy = ""' <<<"$F")
	add firewall "$(with_prev "$open" "$P")" c1
	# or one that is in another namespace
	sandbox c4
	in_ns c4 ip link add eth0 type ifb
	P=$(gojq -c '.interfaces |= [{name: "elsewhere0"}] + . |
		.ips[0].address = "10.9.7.3/24"' <<<"$P")
	add firewall "$(with_prev "$open" "$P")" c4
	join 1 c2
	is "$(sources)" '10.9.1.2/32 10.9.7.2/32 10.9.7.3/32 fd09:1::2/128 '
	in_host firewall-cmd --reload
	join 1 c3
	is "$(sources)" '10.9.1.2/32 10.9.1.3/32 10.9.7.2/32 10.9.7.3/32 fd09:1::2/128 fd09:1::3/128 '
}

# as a kill and a new boot do: neither its DEL, nor its address reserved
@test "a late DEL leaves an address that is somebody else's by now" {
	firewalld_up
	join 1 c1
	late=$prev
	drop c1
	rm -r "${STORE:?}/net1"
	join 1 c2
	before=$(sources)
	is "$before" '10.9.1.2/32 fd09:1::2/128 '
	is "$(noted)" '["cni:net1:c2:eth0"]'
	for edit in . '.backend = "firewalld"'; do
		del firewall "$(gojq -c "$edit" <<<"$late")" c1 eth0 ''
		is "$(sources)" "$before"
	done
	check firewall "$prev" c2
}

# says ID PORT: its name, to each who connects there
says() {
	bg "$1" socat "TCP4-LISTEN:$2,reuseaddr,fork" SYSTEM:"echo $1"
	eventually in_ns "$1" grep -i ":$(printf %04X "$2") .* 0A " \
		/proc/net/tcp
}

# forward_port: port 8080 to that of c2
forward_port() {
	in_host firewall-cmd --zone=public \
		--add-forward-port="port=8080:proto=tcp:toport=80:toaddr=$(v4 1 3)"
}

@test "a forward-port wins over a mapping, whichever was made first" {
	out_up
	firewalld_up
	join 1 c1
	one=$(gojq -c '.type = "portmap" | .runtimeConfig.portMappings = [
		{hostPort: 8080, containerPort: 80, protocol: "tcp"}]' <<<"$prev")
	join 1 c2
	says c1 80
	says c2 80
	forward_port
	add portmap "$one" c1
	is "$(fetch OUT 203.0.113.1 8080)" c2
	kill $FIREWALLD
	eventually not firewalld_runs
	is "$(fetch OUT 203.0.113.1 8080)" c1
	firewalld_start
	forward_port
	is "$(fetch OUT 203.0.113.1 8080)" c2
}

@test "firewalld has ended: DEL is content, ADD goes on without it" {
	firewalld_up
	join 1 c1
	kill $FIREWALLD
	eventually not firewalld_runs
	leave 1 c1
	is "$(noted)" ''
	join 1 c2
	check firewall "$prev" c2
}

@test "firewalld asked for, and nobody there: ADD and STATUS say so" {
	net 1 '.backend = "firewalld"'
	sandbox c1
	add bridge "$B" c1
	before=$(snapshot)
	fails 100 "no answer from the system's D-Bus" cni ADD firewall \
		"$(with_prev "$F" "$res")" c1
	fails 50 "no answer from the system's D-Bus" cni STATUS firewall "$F"
	same_as "$before"
	bus_up
	fails 100 'failed to add the address 10\.9\.1\.2/32.*not provided|ServiceUnknown' \
		cni ADD firewall "$(with_prev "$F" "$res")" c1
	fails 50 'firewalld does not run' cni STATUS firewall "$F"
	same_as "$before"
	del firewall "$(with_prev "$F" "$res")" c1
}

# The library makes its words by printf.
@test "an answer that is no list is refused, and says what it is" {
	net 1 '.backend = "firewalld"'
	sandbox c1
	add bridge "$B" c1
	bus_up
	before=$(snapshot)
	bg HOST /usr/bin/python3 -c '
import dbus, dbus.mainloop.glib, dbus.service, gi.repository.GLib
name = "org.fedoraproject.FirewallD1"
class Zone(dbus.service.Object):
    @dbus.service.method(name + ".zone", "s", "i")
    def getSources(self, zone):
        return 7
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
Zone(dbus.service.BusName(name, dbus.SystemBus()), "/org/fedoraproject/FirewallD1")
gi.repository.GLib.MainLoop().run()'
	eventually in_host busctl status org.fedoraproject.FirewallD1
	fails 100 'sources of trusted zone: .*InvalidArgs: .*"array".*"int32"' \
		cni ADD firewall "$(with_prev "$F" "$res")" c1
	same_as "$before"
}

# ready_in_time: STATUS is good, and does not wait
ready_in_time() {
	local began=${EPOCHREALTIME/./}
	status firewall "$F"
	# 25 s by itself
	[[ $((${EPOCHREALTIME/./} - began)) -lt 5000000 ]]
	matches "$errout" 'took longer than 100 ms'
}

@test "a bus that says nothing does not keep STATUS, nor one that is full" {
	local bus=/run/dbus/system_bus_socket
	net 1 '.backend = "firewalld"'
	in_host mkdir /run/dbus
	bg HOST socat -u UNIX-LISTEN:$bus,fork,backlog=1 OPEN:/dev/null
	eventually in_host test -S $bus
	ready_in_time
	STOPPED=${JOBS[-1]}
	kill -STOP "$STOPPED"
	for _ in 1 2 3; do
		bg HOST socat -u UNIX-CONNECT:$bus OPEN:/dev/null
	done
	sleep 0.5
	not in_host timeout 1 socat -u OPEN:/dev/null UNIX-CONNECT:$bus
	ready_in_time
}

@test "without libdbus, firewalld's rules are not passed over in silence" {
	net 1
	sandbox c1
	add bridge "$B" c1
	firewalld_up
	# a library of that name, without what is looked for in it
	touch "$TMP/libdbus-1.so.3"
	WRAP=(env "LD_LIBRARY_PATH=$TMP")
	# a static executable has it in it
	if ! grep -q INTERP <(LC_ALL=C readelf -lW "$BIN/firewall"); then
		add firewall "$(with_prev "$F" "$res")" c1
		return
	fi
	fails 100 'libdbus-1.so.3 is not installed.*"nftables"' cni ADD firewall \
		"$(with_prev "$F" "$res")" c1
	F=$(gojq -c '.backend = "nftables"' <<<"$F")
	add firewall "$(with_prev "$F" "$res")" c1
}
