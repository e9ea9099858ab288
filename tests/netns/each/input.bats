#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# input.bats - configuration and stdin: what is refused before any work. What
# keys of its own a plugin refuses is told in its folder.
#
# rows: first all

load row

# --- the configuration ----------------------------------------------------

@test "a configuration without a proper name is refused" {
	for n in '' ',"name":null' ',"name":""'; do
		refuses 7 '^missing network name; ' \
			"{\"cniVersion\":\"1.1.0\"$n}" ADD
	done
	refuses 7 'missing network name' null ADD
	for n in ../x a/b .. . .x -x 'a b' 'a\n' é; do
		refuses 7 'invalid characters found in network name' \
			"{\"cniVersion\":\"1.1.0\",\"name\":\"$n\"}" ADD
	done
	for verb in DEL CHECK GC STATUS; do
		refuses 7 'invalid characters found in network name' \
			'{"cniVersion":"1.1.0","name":"../x"}' $verb
		json .details ../x
	done
	is "$(ls -A "$STORE")" ''
}

@test "anything but one JSON object is refused" {
	local good='"cniVersion":"1.1.0","name":"net"'
	for bad in '' ' ' '{' '[' '[]' '"x"' 7 true nul "{$good" \
		"{$good}}" "{$good}x" "{$good}{}" "{$good},{}" \
		"{$good,}" "{,$good}" "{$good \"a\":1}" "{$good,a:1}" \
		"{$good,\"a\":01}" "{$good,\"a\":+1}" "{$good,\"a\":.5}" \
		"{$good,\"a\":1.}" "{$good,\"a\":0x1}" "{$good,\"a\":NaN}" \
		"{$good,\"a\":'b'}" "{$good,\"a\":True}" \
		"{$good,\"a\":\"b}" "{$good,\"a\":\"\\x\"}" \
		"{$good,\"a\":\"\\u12\"}" "{$good,\"a\":\"	\"}" \
		"{$good/**/}" $'\xef\xbb\xbf'"{$good}"; do
		refuses 6 . "$bad" ADD
	done
}

@test "text that is no UTF-8, and a NUL in a string, are refused" {
	for bad in '\xff' '\xc0\xaf' '\xed\xa0\x80' '\xf4\x90\x80\x80' \
		'\xe2\x82' '\\u0000' '\\ud800' '\\udc00\\ud800'; do
		plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(printf \
		'{"cniVersion":"1.1.0","name":"n","x":"%b"}' "$bad")
		is_error 6 .
	done
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(printf \
		'{"cniVersion":"1.1.0",\0"name":"n"}')
	is_error 6 .
}

@test "nesting a thousand deep is refused, a hundred deep is not" {
	nested() {
		printf '{"cniVersion":"%s","name":"net","x":' "$2"
		printf "%*s" "$1" '' | tr ' ' '['
		printf "%*s" "$1" '' | tr ' ' ']'
		printf '}'
	}
	for n in 1000 100000; do
		plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(nested $n 1.1.0)
		is_error 6 .
	done
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(nested 100 9.9.9)
	is_error 1 'incompatible CNI versions'
}

# The plugin's own table: see lib/cni/keys.h.
@test "a value of the wrong type is refused for each key of the plugin's own" {
	while read -r key type; do
		for v in string:'"x"' number:7 boolean:true array:'[]' object:'{}'; do
			[[ ${v%%:*} != "$type" ]] || continue
			echo "$key $v"
			refuses 7 "\"${key##*.}\": expected " "$(gojq -nc \
				--arg k "$key" --argjson v "${v#*:}" \
				'{cniVersion: "1.1.0", name: "net"} |
				setpath($k | split("."); $v)')" ADD
		done
	done < <("$BIN/$P" --keys)
}

@test "a value of the wrong type is refused, and named" {
	for v in 7 true '[]' '{}'; do
		refuses 6 name "{\"cniVersion\":\"1.1.0\",\"name\":$v}" ADD
		refuses 6 cniVersion "{\"cniVersion\":$v,\"name\":\"n\"}" ADD
	done
	with() { # with KEY:VALUE
		echo "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",$1}"
	}
	while read -r key more; do
		echo "$more"
		refuses '6|7' "\"?$key\"?" "$(with "$more")" ADD
	done <<-'END'
	type "type":7
	ipam "ipam":"host-local"
	type "ipam":{"type":7}
	dns "dns":"9.9.9.9"
	nameservers "dns":{"nameservers":"9.9.9.9"}
	nameservers "dns":{"nameservers":[null]}
	runtimeConfig "runtimeConfig":[]
	args "args":"x"
	cni "args":{"cni":7}
	prevResult "prevResult":[]
	prevResult "prevResult":"x"
	ips "prevResult":{"ips":7}
	ips "prevResult":{"ips":[null]}
	prevResult "prevResult":{"ips":[{"address":"x"}]}
	interfaces "prevResult":{"interfaces":[null]}
	routes "prevResult":{"routes":[null]}
	cniVersion "prevResult":{"cniVersion":7}
	END
}

# --- stdin ----------------------------------------------------------------

@test "no stdin, an empty one, or one that cannot be read is an error" {
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" </dev/null
	is_error 6 .
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" <&-
	is_error '5|6' .
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" <"$TMP"
	is_error 5 .
}

@test "100 MB on stdin is refused, and not read to its end" {
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" \
		< <(head -c 100000000 /dev/zero 2>/dev/null | tr '\0' ' ')
	is_error 5 .
}

@test "a configuration may be 4 MiB, and not a byte more" {
	sized() {
		local c='{"cniVersion": "9.9.9", "name": "net"}'
		printf %s "$c"
		head -c $(($1 - ${#c})) /dev/zero | tr '\0' ' '
	}
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(sized $((4 << 20)))
	is_error 1 'incompatible CNI versions'
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(sized $(((4 << 20) + 1)))
	is_error 5 .
}

@test "the configuration may come in pieces" {
	in_pieces() { printf '{"cniVersion": "9.'; sleep 0.1; printf '9.9", "name":"n"}'; }
	plugin "$P" CNI_COMMAND=ADD "${ALL[@]}" < <(in_pieces)
	is_error 1 'incompatible CNI versions'
}

# --- what is printed ------------------------------------------------------

@test "what configuration and arguments hold is not repeated in errors" {
	local c
	c='{"cniVersion":"1.1.0","name":"net","secret":"CANARY","args":{"cni":
		{"token":"CANARY"}},"runtimeConfig":{"secret":"CANARY"}'
	for bad in '"dns":7' '"ipam":{"type":7}' '"prevResult":[7]' '"x":}'; do
		says "$c,$bad}" ADD 'CNI_ARGS=IgnoreUnknown=1;TOKEN=CANARY'
		is "$status" 1
		[[ $out$errout != *CANARY* ]]
	done
}
