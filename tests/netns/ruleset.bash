# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ruleset.bash - doc/ruleset.md: what each setting of portmap and firewall makes

load helpers
load firewalld

# table FAMILY NAME: it, as nft lists it, without elements and without the sets
# of single attachments and the chains of conditions: what is the same for all
table() {
	in_host nft list table "$1" "$2" | awk '
		/^\t(set own-|chain if[46]-)/ { skip = 1 }
		/elements = \{/ { held = 1 }
		/^$/ { blank = 1; next }
		!skip && !held {
			if (blank && !/^}/) print ""
			blank = 0
			print
		}
		/\}$/ && held { held = 0; next }
		/^\t\}/ { skip = 0 }' | sed 's/\t/    /g'
}

# elements FAMILY NAME: a line for each set or map that has any
elements() {
	in_host nft list table "$1" "$2" | awk '
		/^\t(set|map) / { name = $2 }
		/elements = \{/ { held = 1; text = "" }
		held { gsub(/^[ \t]+/, ""); text = text " " $0 }
		/\}$/ && held { held = 0; sub(/^ elements = /, "", text)
			print "@" name " " text }'
}

# conditions FAMILY NAME: its chains of conditions
conditions() {
	in_host nft list table "$1" "$2" | awk '
		/^\tchain if[46]-/ { on = 1 }
		on { sub(/^\t/, ""); print }
		/^}/ { on = 0 }' | sed 's/\t/    /g'
}

# block TEXT: as code; nothing of nothing
block() { [[ -z $1 ]] || printf '```\n%s\n```\n\n' "$1"; }

# tables: those of ours but masquerade's, a line each
tables() {
	in_host nft list tables | awk '$3 ~ /^cni_(portmap|firewall|firewalld)$/ {
		print $2, $3 }' | sort
}

# attach PLUGIN KEYS: container c1 on a bridge, with those keys of the plugin
attach() {
	B=$(conf dual '.name = "net" | .bridge = "br0" | .isGateway = true')
	add bridge "$B"
	P=$(gojq -c --arg type "$1" '{cniVersion: "1.0.0", name: "net",
		type: $type} + .' <<<"$2")
	P=$(with_prev "$P" "$res")
	add "$1" "$P"
}

detach() {
	del "$1" "$P"
	del bridge "$B"
	# so that the next one has the same addresses
	rm -r "${STORE:?}/net"
}

# setting PLUGIN TITLE KEYS: what it makes; the tables are as they are for all
setting() {
	local family name
	printf '### %s\n\n' "$2"
	block "$(gojq . <<<"$3")" | sed '1s/$/json/'
	attach "$1" "$3" >&2
	while read -r family name; do
		printf 'In `%s %s`:\n\n' "$family" "$name"
		block "$(elements "$family" "$name")"
		block "$(conditions "$family" "$name")"
		table "$family" "$name" >"$TMP/$family.$name.now"
		[[ -e $TMP/$family.$name ]] ||
			cp "$TMP/$family.$name.now" "$TMP/$family.$name"
		diff "$TMP/$family.$name" "$TMP/$family.$name.now" >&2
	done < <(tables)
	if in_host nft list table ip filter >/dev/null 2>&1; then
		printf 'In the tables of iptables-nft, as `iptables -S` lists them:\n\n'
		block "$(in_host iptables-nft -S)"
	fi
	detach "$1" >&2
}

# same_setting PLUGIN TITLE WHY KEYS MORE: what the keys make, with more of them
same_setting() {
	local n
	setting "$1" - "$4" >"$TMP/without"
	setting "$1" - "$(gojq -c ". + $5" <<<"$4")" >"$TMP/with"
	# what follows the keys
	for n in with without; do sed -i '/^In /,$!d' "$TMP/$n"; done
	diff "$TMP/without" "$TMP/with" >&2
	printf '### %s\n\n' "$2"
	block "$(gojq . <<<"$5")" | sed '1s/$/json/'
	printf 'The same as without it. %s\n\n' "$3"
}

# rules PLUGIN: the tables that its settings have made, without elements
rules() {
	local file name
	for file in "$TMP"/*."cni_$1"; do
		name=${file##*/}
		printf 'Table `%s`:\n\n' "${name/./ }"
		block "$(<"$file")"
		rm "$file"
	done
}

# document: all of it
document() {
	cat <<-'END'
	# Rulesets

	What each setting of `portmap` and `firewall` makes in nf_tables, as `nft list`
	shows it. This page is made by `RULESET=write tests/run.sh
	tests/netns/ruleset.bats`, and compared with what the plugins make in each
	`make check`. The container is `c1` on network `net`, with `10.9.0.2` and
	`fd09::2` behind the bridge `br0`.

	The rules of a table are the same for all, and never change; whom they are for
	is in its sets and maps. Only conditions have a chain of their own, for all who
	have the same ones.

	## What neighbours can rely on

	- All is in tables whose names begin with `cni_`. No other table is touched, but
	  for exceptions in the tables of iptables-nft (below) and what the Go plugins
	  left there for an attachment.
	- `portmap` translates at priority `dstnat + 11`: a Service of kube-proxy and a
	  port that Docker publishes, at `dstnat`, and a redirection of firewalld, at
	  `dstnat + 10`, win, whichever was made first. Traffic that is not for a local
	  address passes.
	- What comes by another interface than `lo` with an address of loopback, as
	  source or destination, is dropped at priority `raw` while a port is mapped.
	- `firewall` drops, and never accepts for others: a drop of firewalld, Docker or
	  of a chain of your own stays one. It sets bit 12 of the mark, `0x1000`, where
	  iptables' tables need to know an answer from a new connection.
	- NetworkManager and systemd-networkd are not concerned: nothing of this has an
	  interface.
	- **After a flush** (`nft flush ruleset`, a reload of firewalld, `iptables -F`)
	  CHECK names what is missing. The next ADD of a network puts back what
	  `firewall` had there for all its attachments that live. Mapped ports come
	  back with the next ADD of their own container: nothing that is left knows them.
	- **Whoever saves the host's rules**, such as by `nft list ruleset
	  >/etc/nftables.conf`, should leave these tables out: what is in them belongs to
	  containers that are gone after a restart, and nft 1.0.6 cannot read what it
	  prints of `ct original proto-dst` in `cni_portmap`.

	END
	printf '## portmap\n\n'
	ports=$(gojq -c . <<<'[{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]')
	one="{\"runtimeConfig\": {\"portMappings\": $ports}}"
	setting portmap 'A port' "$one"
	setting portmap 'Of one address, and of UDP and SCTP' '{"runtimeConfig":
		{"portMappings": [
		{"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "192.0.2.1"},
		{"hostPort": 8443, "containerPort": 443, "protocol": "tcp", "hostIP": "2001:db8::1"},
		{"hostPort": 9, "containerPort": 9, "protocol": "sctp", "hostIP": "0.0.0.0"}]}}'
	setting portmap 'Of the host alone' '{"runtimeConfig": {"portMappings": [
		{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1"}]}}'
	setting portmap 'Of the host alone, by IPv6' '{"runtimeConfig": {"portMappings": [
		{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "::1"}]}}'
	setting portmap 'Of any address of one family' '{"runtimeConfig": {"portMappings": [
		{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "0.0.0.0"},
		{"hostPort": 8081, "containerPort": 80, "protocol": "tcp", "hostIP": "::"}]}}'
	setting portmap 'masqAll' "{\"masqAll\": true, \"runtimeConfig\": {\"portMappings\": $ports}}"
	setting portmap 'Without snat' "{\"snat\": false, \"runtimeConfig\": {\"portMappings\": $ports}}"
	same_setting portmap 'markMasqBit' 'Nothing is marked.' "$one" '{"markMasqBit": 5}'
	same_setting portmap 'externalSetMarkChain' 'No chain is called.' "$one" \
		'{"externalSetMarkChain": "KUBE-MARK-MASQ"}'
	for backend in iptables nftables; do
		same_setting portmap "backend $backend" 'Both are nf_tables.' "$one" \
			"{\"backend\": \"$backend\"}"
	done
	setting portmap 'On conditions' "{\"conditionsV4\": [\"-s\",
		\"192.0.2.0/24,198.51.100.7\", \"!\", \"-i\", \"eth1\"],
		\"conditionsV6\": [\"-d\", \"2001:db8::1\"],
		\"runtimeConfig\": {\"portMappings\": $ports}}"
	printf '### The rules\n\n'
	rules portmap
	printf '## firewall\n\n'
	setting firewall 'Open' '{"ingressPolicy": "open"}'
	setting firewall 'Networks kept apart' '{"ingressPolicy": "same-bridge"}'
	setting firewall 'Containers kept apart' '{"ingressPolicy": "isolated"}'
	setting firewall 'What containers may not reach' '{"denyTo": ["10.0.0.0/8", "fd00::/8"]}'
	setting firewall 'What containers may reach' '{"allowTo": ["192.0.2.0/24", "2001:db8::/32"]}'
	setting firewall 'Not the host' '{"denyHost": true}'
	setting firewall 'No metadata' '{"denyMetadata": true}'
	firewalld_up >&2
	setting firewall 'Told to firewalld' '{"backend": "firewalld", "firewalldZone": "home"}'
	kill "$FIREWALLD"
	eventually not firewalld_runs >&2
	printf '### The rules\n\n'
	rules firewall
	rules firewalld
	in_host iptables-nft -P FORWARD DROP >&2
	in_host ip6tables-nft -P FORWARD DROP >&2
	setting firewall 'Where iptables-nft has a FORWARD chain' '{"ingressPolicy": "open"}'
	setting firewall 'The same, with an admin chain of another name' '{"iptablesAdminChainName": "NOMAD-ADMIN"}'
	setting firewall 'The same, without exceptions' '{"backend": "nftables", "ingressPolicy": "same-bridge"}'
}
