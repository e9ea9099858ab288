#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2046,SC2154,SC2317
# 90-switching.bats - doc/switching.md, command by command, on a node whose
# containers live

load runtime
load ../netns/session

setup() {
	host_up
	outside
	# a node that the Go plugins run, with somebody else's beside them
	in_host sh -ec 'mount -t tmpfs none /opt; mkdir -p /opt/cni/bin
		mount -t tmpfs none /etc/cni 2>/dev/null || mount -t tmpfs none /etc
		mkdir -p /etc/cni/net.d
		cp "$0"/* /opt/cni/bin/; echo mine >/opt/cni/bin/mine' "$GO"
	OPT=/proc/$HOST/root/opt/cni/bin
	BIN=/opt/cni/bin
	STORE=/proc/$HOST/root/var/lib/cni/networks
	conf l3 '.ipMasq = true | del(.ipam.dataDir)' >"$TMP/net"
	list "$(<"$TMP/net")" >"$TMP/10-pods.conflist"
	in_host cp "$TMP/10-pods.conflist" /etc/cni/net.d/
	mkdir "$TMP/net.d" "$TMP/here" "$TMP/release"
	cp "$TMP/10-pods.conflist" "$TMP/net.d/"
	cp "$SUITE"/* "$TMP/release/"
	(cd "$TMP/release" && tar --owner 0 --group 0 -czf \
		../here/cni-plugins-linux-amd64-v2.0.0.tgz -- *)
	sandbox c1 c2 c3
}
SUITE=${BIN:-$BATS_TEST_DIRNAME/../../build/bin}
DOC=$BATS_TEST_DIRNAME/../../doc/switching.md

teardown() {
	in_host rm -rf /var/lib/cni
	all_down
}

address_of() { gojq -r '.ips[0].address | split("/")[0]' <<<"$out"; }

@test "a node is switched over and back while its containers live" {
	succeeds cnitool add pods c1
	one=$(address_of)
	session "$DOC" 1
	session "$DOC" 2
	session "$DOC" 3
	# once more, which commands.bats does not count: the copy is of the old ones
	session "${DOC}" 2
	is "$(<"$OPT/mine")" mine
	is "$(gojq -r .type "$TMP/net")" bridge

	# what the Go plugins attached goes on; the next one is ours
	succeeds cnitool check pods c1
	pings c1 192.0.2.2
	succeeds cnitool add pods c2
	two=$(address_of)
	pings c1 "$two"
	pings c2 192.0.2.2
	matches "$(in_host nft list tables)" cni_masq
	succeeds cnitool del pods c1
	unruled "$one"

	session "$DOC" 4
	is "$(<"$OPT/mine")" mine
	not cmp -s "$OPT/bridge" "$SUITE/bridge"
	[[ ! -e $OPT/bin ]]
	pings c2 192.0.2.2
	succeeds cnitool check pods c2
	succeeds cnitool add pods c3
	pings c3 "$two"
	succeeds cnitool del pods c3
	succeeds cnitool del pods c2
	# all that ours have, and two of the Go plugins'
	for t in inet\ cni_{masq,portmap,firewall,firewalld} bridge\ cni_{spoof,firewall} \
		inet\ cni_{plugins_masquerade,hostport}; do
		in_host nft add table "$t"
	done
	session "$DOC" 5
	unruled "$one" "$two"
	is "$(in_host nft list tables | grep cni_ | sort)" \
		"$(printf 'table inet cni_%s\n' hostport plugins_masquerade)"
	is "$(reservations)" ''
}
