#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# documents.bats - what the documents show is what happens
#
# ```console blocks are run: "$ " begins a command, "> " goes on with it, what
# follows is its output, where "..." stands for anything. ```json blocks are
# configurations, ```sh blocks are for the reader's machine.

load helpers
load session

DOCS=(README.md plugins/bridge/README.md plugins/firewall/README.md
	plugins/host-local/README.md
	plugins/loopback/README.md plugins/macvlan/README.md
	plugins/portmap/README.md plugins/ptp/README.md
	plugins/static/README.md plugins/tuning/README.md doc/errors.md)
PAGES=("${DOCS[@]}" CONTRIBUTING.md SECURITY.md NEWS.md doc/compat.md
	doc/conformance.md doc/design.md doc/kubernetes.md doc/ruleset.md
	doc/switching.md)

setup() {
	host_up
	cd "$BATS_TEST_DIRNAME/../.." || return
}

teardown() {
	# the documents' configurations use the default dataDir
	in_host rm -rf /var/lib/cni
	all_down
}

# keys FILE: first column of its table of keys
keys() { sed -n 's/^| `\([A-Za-z0-9]*\)` | [a-z]* |.*/\1/p' "$1"; }

@test "every JSON in the documents is JSON" {
	for doc in "${PAGES[@]}"; do
		echo "$doc"
		blocks json "$doc"
		for b in "$TMP"/block.*; do
			[[ ! -e $b ]] || gojq -e . "$b" >/dev/null
		done
	done
}

@test "README's configurations attach a pod" {
	blocks json README.md
	pods=$(gojq '. as {$name, $cniVersion} | .plugins[0] +
		{$name, $cniVersion}' "$TMP/block.01")
	sandbox c1
	add loopback "$TMP/block.02" c1 lo
	add bridge "$pods" c1 eth0
	reaches c1 10.22.0.1
	del bridge "$pods" c1 eth0
	del loopback "$TMP/block.02" c1 lo
	is "$(veths HOST)" ''
}

@test "each plugin's configuration works, for every verb" {
	# a host has a link to the world
	in_host ip link add eth0 type veth peer name world
	in_host ip link set eth0 up
	in_host ip link set world up
	for p in $(tests/plugins.sh plugins); do
		id=c_${p//-/_}
		blocks json "plugins/$p/README.md"
		c=$(<"$TMP/block.01")
		sandbox "$id"
		status $p "$c"
		# one that comes after another has that one's result
		chained=$(grep -cE "^$p  +chained" tests/plugins || :)
		[[ $chained = 0 ]] || {
			add bridge "$(conf base)" "$id"
			c=$(with_prev "$c" "$res")
		}
		add $p "$c" "$id"
		check $p "$(with_prev "$c" "$res")" "$id"
		gc $p "$(with_valid "$c" "$id" eth0)"
		check $p "$(with_prev "$c" "$res")" "$id"
		del $p "$(with_prev "$c" "$res")" "$id"
		gc $p "$(with_valid "$c")"
		[[ $chained = 0 ]] || del bridge "$(conf base)" "$id"
	done
	in_host ip link del eth0
	is "$(veths HOST)" ''
	is "$(in_host find /var/lib/cni -name '[1-9]*')" ''
}

@test "each plugin's README has every key the plugin reads, and no other" {
	core='cniVersion name type ipam dns prevResult routes'
	for p in $(tests/plugins.sh plugins); do
		echo "plugin: $p"
		cat plugins/$p/*.c | tr -s '\n\t ' ' ' >"$TMP/source"
		{
			grep -oE 'js_(str|bool|int|obj|arr)\([^"]{1,60}"[A-Za-z]+"' \
				"$TMP/source" || :
			grep -oE '(cni_ipam_ip|read_sets|read_port)\([^"]{1,60}"[A-Za-z]+"' \
				"$TMP/source" || :
			! grep -q 'cni_ipam_each_ip(' "$TMP/source" ||
				echo '"ips"'
			"$BIN/$p" --keys | sed 's/ .*//; s/.*\.//; s/.*/"&"/'
		} | sed 's/^[^"]*"//; s/".*//' | sort -u >"$TMP/read"
		keys "plugins/$p/README.md" | sort -u >"$TMP/told"
		diff <(comm -23 "$TMP/read" "$TMP/told") - <<<'' | grep '^< .' &&
			{ echo "read, but not in the README"; return 1; }
		for k in $(comm -13 "$TMP/read" "$TMP/told"); do
			[[ " $core " = *" $k "* ]] ||
				{ echo "in the README, but not read: $k"; return 1; }
		done
	done
}

@test "what README's table says, the plugins say" {
	list=$(sed -n 's/^PLUGINS *:= *//p' Makefile)
	is "$(sed -n 's/^| \[\([a-z-]*\)\](.*/\1/p' README.md | sort | xargs)" \
		"$(xargs -n 1 <<<"$list" | sort | xargs)"
	for p in $list; do
		plugin "$p" </dev/null
		grep -qF "| ${errout#*supported: } |" README.md
	done
}

one_veth() { [[ $(veths HOST) != *' '* ]]; }

@test "commands of README say what is shown, where a container is gone" {
	opt_up
	blocks json README.md
	in_host sh -ec 'mount -t tmpfs none /etc; mkdir -p /etc/cni/net.d
		cp "$0" /etc/cni/net.d/10-pods.conflist' "$TMP/block.01"
	pods=$(gojq '. as {$name, $cniVersion} | .plugins[0] +
		{$name, $cniVersion}' "$TMP/block.01")
	sandbox c1 c2
	add bridge "$pods" c1
	add bridge "$pods" c2
	drop c2
	eventually one_veth
	session README.md
}

@test "commands of bridge's README say what is shown" {
	opt_up
	session plugins/bridge/README.md
}

@test "commands of host-local's README say what is shown" {
	opt_up
	session plugins/host-local/README.md
}

@test "commands of loopback's README say what is shown" {
	opt_up
	session plugins/loopback/README.md
}

@test "commands of portmap's README say what is shown" {
	opt_up
	session plugins/portmap/README.md
}

@test "commands of static's README say what is shown" {
	opt_up
	session plugins/static/README.md
}

@test "commands of tuning's README say what is shown" {
	opt_up
	session plugins/tuning/README.md
}

@test "commands of doc/errors.md say what is shown" {
	opt_up
	session doc/errors.md
}

@test "doc/errors.md has every code the plugins know, and no other" {
	is "$(sed -n 's/^### \([0-9]*\) .*/\1/p' doc/errors.md | sort -n | xargs)" \
		"$(sed -n 's/^\tCNI_E[A-Z]* = \([0-9]*\),.*/\1/p' \
			lib/base/err.h | sort -n | xargs)"
}

@test "the tests that SECURITY.md names are there" {
	grep -oE '`[0-9a-z/-]+\.bats`:[^;|]*' SECURITY.md >"$TMP/named"
	while IFS= read -r line; do
		file=tests/netns/$(cut -d '`' -f 2 <<<"$line")
		grep -oE '"[^"]+"' <<<"$line" | while read -r name; do
			grep -qF "@test $name {" "$file" ||
				{ echo "$file: $name"; return 1; }
		done
	done <"$TMP/named"
	(($(wc -l <"$TMP/named") > 9))
}

@test "links in the documents lead somewhere" {
	for doc in "${PAGES[@]}"; do
		grep -oE '\]\([^)#]+' "$doc" | cut -c3- | grep -v '^https:' |
			while read -r to; do
				[[ -e ${doc%"${doc##*/}"}$to ]] ||
					{ echo "$doc: $to"; return 1; }
			done
	done
}

@test "the file of nft's in doc/switching.md replaces its own table alone" {
	c=$(conf dual '.ipMasq = true | .macspoofchk = true')
	sandbox c1
	add bridge "$c"
	before=$(in_host nft list ruleset)
	sed -n '/^ *table inet filter$/,/^ *}$/p' doc/switching.md >"$TMP/own.nft"
	is "$(grep -c '^ *\.\.\.$' "$TMP/own.nft")" 1
	sed -i 's/^ *\.\.\.$/chain input { type filter hook input priority 0; }/' \
		"$TMP/own.nft"
	for _ in first again; do
		in_host nft -f "$TMP/own.nft"
		is "$(in_host nft list table inet filter | grep -c chain)" 1
		check bridge "$(with_prev "$c" "$res")"
	done
	in_host nft delete table inet filter
	is "$(in_host nft list ruleset)" "$before"
	del bridge "$c"
}
