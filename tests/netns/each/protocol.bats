#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# protocol.bats - who the plugin is, its environment, its versions
#
# rows: first all
# layers: process

load row

# --- the plugin introduces itself -----------------------------------------

about() {
	local version
	version=$(<"$TESTS/../VERSION")
	[[ $status = 0 && -z $out ]] || { show; return 1; }
	is "$errout" "CNI $P plugin v$version
CNI protocol versions supported: $VERSIONS"
}

@test "without CNI_COMMAND, name and versions go to stderr and all is well" {
	plugin "$P" </dev/null
	about
	plugin "$P" CNI_COMMAND= "${ALL[@]}" <<<'{'
	about
}

@test "VERSION answers with every supported version, newline at the end" {
	plugin "$P" CNI_COMMAND=VERSION </dev/null
	is "$status$errout" 0
	cmp "$stdout" - <<-END
	{"cniVersion":"1.1.0","supportedVersions":["${VERSIONS//, /\",\"}"]}
	END
}

@test "VERSION does not read a stdin that never ends" {
	mkfifo "$TMP/open"
	plugin "$P" CNI_COMMAND=VERSION CNI_NETNS=dummy \
		CNI_IFNAME=dummy CNI_PATH=dummy <>"$TMP/open"
	is "$status$errout" 0
	json .cniVersion 1.1.0
}

@test "--version and --help are for people; help shows a configuration" {
	in_host "$BIN/$P" --version >"$TMP/version"
	grep -F "v$(<"$TESTS/../VERSION")" "$TMP/version"
	in_host "$BIN/$P" --help >"$TMP/help"
	sed -n '/^[[:space:]]*{/,$p' "$TMP/help" >"$TMP/from"
	# the first JSON value of the text that follows
	gojq -n 'input' "$TMP/from" >"$TMP/json" 2>/dev/null || :
	gojq -e --arg p "$P" '[.. | .type? // empty] | index($p)' "$TMP/json"
	not in_host "$BIN/$P" --no-such-option
}

# --- environment ----------------------------------------------------------

missing() { # missing VERB LIST CONF [VAR=VALUE...]
	plugin "$P" "CNI_COMMAND=$1" "${@:4}" <<<"$3"
	is_error 4 "^required env variables \[$2\] missing; "
}

@test "all missing variables are named at once, in the usual order" {
	missing ADD CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH '{}'
	missing DEL CNI_CONTAINERID,CNI_IFNAME,CNI_PATH '{}'
	missing CHECK CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH '{}'
	missing GC CNI_PATH '{}'
	missing STATUS CNI_PATH '{}'
}

@test "a missing or empty variable is refused, whichever it is" {
	for verb in ADD CHECK; do
		for v in CONTAINERID NETNS IFNAME PATH; do
			missing $verb "CNI_$v" '{}' "${ALL[@]}" "CNI_$v="
		done
	done
	for v in CONTAINERID IFNAME PATH; do
		missing DEL "CNI_$v" '{}' "${ALL[@]}" "CNI_$v="
	done
}

@test "a container ID that is no plain name is refused" {
	for id in ../x a/b .. . -a ' ' 'a b' a:b é $'a\n'; do
		refuses 4 '^invalid characters in containerID; .' \
			"$(json_of 1.1.0)" ADD "CNI_CONTAINERID=$id"
	done
	for verb in DEL CHECK; do
		refuses 4 'invalid characters in containerID' \
			"$(json_of 1.1.0)" $verb CNI_CONTAINERID=../x
		json .details ../x
	done
}

@test "an interface name Linux would not take is refused" {
	refuses 4 '^interface name is too long; .*less than 16' \
		"$(json_of 1.1.0)" ADD CNI_IFNAME=0123456789abcdef
	for n in . ..; do
		refuses 4 '^interface name is \. or \.\.; ' \
			"$(json_of 1.1.0)" ADD "CNI_IFNAME=$n"
	done
	for n in a/b ../a a:b 'a b' $'a\tb' $'eth0\n' \
		$'a\u00a0' $'a\u0085' $'a\u2003' $'\u3000'; do
		refuses 4 'contains / or : or whitespace characters' \
			"$(json_of 1.1.0)" DEL "CNI_IFNAME=$n"
	done
}

@test "a bad container ID is reported before a missing variable" {
	refuses 4 'invalid characters in containerID' '{}' ADD \
		CNI_CONTAINERID=a/b CNI_NETNS=
}

@test "GC and STATUS do not look at the container's variables" {
	for verb in GC STATUS; do
		says "$(json_of 1.0.0)" $verb CNI_CONTAINERID=../x \
			CNI_IFNAME=a/b CNI_NETNS=
		is_error 1 "config version does not allow $verb"
	done
}

@test "an unknown verb is refused, after the configuration was looked at" {
	refuses 4 '^unknown CNI_COMMAND: FLY; ' "$(json_of 1.1.0)" FLY
	refuses 4 '^unknown CNI_COMMAND: add; ' "$(json_of 1.1.0)" add
	refuses 6 . '{' FLY
	refuses 7 'missing network name' '{}' FLY
}

# --- versions -------------------------------------------------------------

@test "an unsupported version is refused with both sides in the text" {
	for verb in ADD DEL; do
		refuses 1 '^incompatible CNI versions; ' \
			"$(json_of 9.9.9)" $verb
		json .details "config is \"9.9.9\", \
plugin supports [\"${VERSIONS//, /\" \"}\"]"
		refuses 1 'incompatible.*"1\.0"' "$(json_of 1.0)" $verb
	done
	refuses 1 'incompatible.*"1\.2\.0"' "$(json_of 1.2.0)" ADD
}

@test "CHECK needs 0.4.0; GC and STATUS need 1.1.0" {
	for v in '' 0.1.0 0.2.0 0.3.0 0.3.1; do
		refuses 1 '^config version does not allow CHECK; ' \
			"$(json_of $v)" CHECK
	done
	for v in '' 0.4.0 1.0.0; do
		for verb in GC STATUS; do
			refuses 1 "^config version does not allow $verb; " \
				"$(json_of $v)" $verb
		done
	done
	for verb in CHECK GC STATUS; do
		refuses 1 "^plugin version does not allow $verb; " \
			"$(json_of 9.9.9)" $verb
		refuses 1 'incompatible CNI versions' \
			"$(json_of 1.0.9)" CHECK
		refuses 6 . "$(json_of 1.x.0)" $verb
		refuses 6 'too many parts' "$(json_of 1.1.0.0)" $verb
	done
}

@test "an error says which version it is written in" {
	for v in 0.1.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		refuses 7 dns "{\"cniVersion\":\"$v\",\"name\":\"net\",\"dns\":7}" ADD
		json .cniVersion $v
	done
	plugin "$P" CNI_COMMAND=ADD </dev/null
	is_error 4 .
}

@test "a result of another kind than the version is no prevResult" {
	prev() {
		echo "{\"cniVersion\":\"$1\",\"name\":\"net\",\"type\":\"$P\",
			\"prevResult\":{\"cniVersion\":\"$2\"}}"
	}
	while read -r version prev; do
		refuses '1|6' "$prev" "$(prev $version $prev)" ADD
	done <<-END
	1.1.0 0.4.0
	0.4.0 1.0.0
	0.4.0 0.2.0
	0.2.0 0.3.1
	1.1.0 7.7.7
	END
}
