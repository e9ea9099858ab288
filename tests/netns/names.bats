#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # bats
# names.bats - an executable is its plugin, whatever it is called and however
# it came there; its IPAM is a function where the file in CNI_PATH is of the
# same build, and else a process

load helpers

PLUGINS=(bridge host-local loopback)

setup() {
	host_up
	sandbox c1
	GOOD=$BIN
	BIN=$TMP/bin
	mkdir "$BIN"
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
	BUILD=$(note_of "$GOOD/bridge" | cut -d " " -f 2)
	# what is a host's, and stays
	BIN=$GOOD add bridge "$C"
	BIN=$GOOD del bridge "$C"
	BIN=$GOOD add loopback "$(conf loopback)" c1 lo
	BEFORE_ALL=$(snapshot)
}

# note_of FILE: the words of its note, the plugin and the build
note_of() {
	tr -s '\0' '\n' <"$1" | LC_ALL=C sed -n '/^cnic$/{n;N;s/\n/ /p;q}'
}

# rebuilt FROM TO: a copy that is of another build
rebuilt() {
	sed "s/$BUILD/of-another-build/g" "$1" >"$2"
	chmod 755 "$2"
	is "$(note_of "$2")" "${1##*/} of-another-build"
}

# programs N: ADD, CHECK and DEL work, leave nothing, and ADD has run so many
# executables; $BEFORE and $AFTER are around the plugins' names
programs() {
	local c
	c=$(gojq -c --arg b "${BEFORE-}" --arg a "${AFTER-}" \
		'.ipam.type |= $b + . + $a' <<<"$C")
	trace execve
	add "${BEFORE-}bridge${AFTER-}" "$c"
	WRAP=()
	is "$(grep -c ' = 0$' "$TMP/trace")" "$1" "executables of an ADD"
	check "${BEFORE-}bridge${AFTER-}" "$(with_prev "$c" "$res")"
	del "${BEFORE-}bridge${AFTER-}" "$c"
	add "${BEFORE-}host-local${AFTER-}" "$c"
	del "${BEFORE-}host-local${AFTER-}" "$c"
	add "${BEFORE-}loopback${AFTER-}" "$(conf loopback)" c1 lo
	same_as "$BEFORE_ALL"
}

# those CMD...: CMD FILE NAME for each plugin, NAME being in $BIN
those() {
	local p
	for p in "${PLUGINS[@]}"; do
		"$@" "$GOOD/$p" "$BIN/${BEFORE-}$p${AFTER-}"
	done
}

@test "each has its own file and its own name in it" {
	local p q
	for p in "${PLUGINS[@]}"; do
		for q in "${PLUGINS[@]}"; do
			[[ $p = "$q" ]] || [[ ! $GOOD/$p -ef $GOOD/$q ]]
		done
		is "$(note_of "$GOOD/$p")" "$p $BUILD"
		"$GOOD/$p" --version | grep "^CNI $p plugin v"
	done
}

@test "a copy" {
	those cp
	programs 1
}

@test "a symbolic link" {
	those ln -s
	programs 1
}

@test "a hard link" {
	those cp
	mkdir "$TMP/links"
	ln "$BIN"/* "$TMP/links"
	BIN=$TMP/links
	programs 1
}

@test "a name with something before it, after it, or both" {
	BEFORE=buildkit-cni- AFTER='' those cp
	BEFORE=buildkit-cni- AFTER='' programs 1
	BEFORE='' AFTER=.real those cp
	BEFORE='' AFTER=.real programs 1
	BEFORE='cnv ' AFTER=-2 those cp
	BEFORE='cnv ' AFTER=-2 programs 1
}

@test "what is stripped is the same" {
	needs_tool strip
	strip_to() { strip -o "$2" "$1"; }
	those strip_to
	programs 1
}

@test "behind a wrapper, which is a process" {
	those wrapper
	# each wrapper starts a shell and the plugin
	programs 4
	# the plugin itself, its IPAM behind one
	cp "$GOOD/bridge" "$BIN"
	programs 3
}
wrapper() {
	printf '#!/bin/sh\nexec %s "$@"\n' "$1" >"$2"
	chmod +x "$2"
}

@test "another program copied over one in place changes no other" {
	local name sums
	"$TESTS/../mk/install.sh" "$GOOD" "$BIN" "${PLUGINS[@]}"
	sums=$(cd "$BIN" && sha256sum bridge loopback)
	cat >"$BIN/host-local" <<-'END'
	#!/bin/sh
	[ "$CNI_COMMAND" != ADD ] ||
		echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.77/24"}]}'
	END
	is "$(cd "$BIN" && sha256sum bridge loopback)" "$sums"
	add bridge "$C"
	json '[.ips[].address]' '["10.9.0.77/24"]'
	is "$(reservations)" ''
	del bridge "$C"
	add loopback "$(conf loopback)" c1 lo
}

# The files are replaced one after the other, and calls go on meanwhile.
@test "an upgrade half done works, whichever file is the new one" {
	those cp
	rebuilt "$GOOD/host-local" "$BIN/host-local"
	programs 2
	cp "$GOOD/host-local" "$BIN"
	rebuilt "$GOOD/bridge" "$BIN/bridge"
	programs 2
	rebuilt "$GOOD/host-local" "$BIN/host-local"
	programs 1
}

@test "an attachment of one build is another's: CHECK, DEL and GC" {
	those cp
	mkdir "$TMP/older"
	for p in "${PLUGINS[@]}"; do rebuilt "$GOOD/$p" "$TMP/older/$p"; done
	add bridge "$C"
	BIN=$TMP/older check bridge "$(with_prev "$C" "$res")"
	BIN=$TMP/older del bridge "$C"
	is "$(veths HOST)" ''
	BIN=$TMP/older add bridge "$C"
	check bridge "$(with_prev "$C" "$res")"
	gc bridge "$(with_valid "$C")"
	is "$(veths HOST)" ''
	is "$(reservations)" ''
}

@test "what may not be executed is an error, also of the same build" {
	those cp
	chmod 644 "$BIN/host-local"
	fails 103 'cannot run.*host-local' cni ADD bridge "$C"
	same_as "$BEFORE_ALL"
}

@test "no plugin is its own delegate, by whatever name" {
	those cp
	cp "$BIN/bridge" "$BIN/other"
	fails 7 'plugin bridge cannot delegate to itself' \
		cni ADD bridge "$(gojq -c '.ipam.type = "other"' <<<"$C")"
	rebuilt "$GOOD/bridge" "$BIN/other"
	fails 7 'plugin bridge cannot delegate to itself' \
		cni ADD bridge "$(gojq -c '.ipam.type = "other"' <<<"$C")"
	same_as "$BEFORE_ALL"
}
