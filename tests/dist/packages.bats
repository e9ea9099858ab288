#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2013,SC2016,SC2030,SC2031,SC2046,SC2086 # lists of words
# packages.bats - the .deb and the .rpm: what they say, what is in them, and what
# becomes of a folder of plugins that they are installed into
#
# BIN is the folder with the executables, LINKED says what is in them; all goes
# into roots of the test's own.

DIST=$BATS_TEST_DIRNAME/../..

setup_file() {
	local plugins
	mapfile -t plugins < <(cd "$DIST" && tests/plugins.sh plugins)
	ARCH=$(dpkg --print-architecture)
	DEB=$("$DIST/mk/package.sh" deb "$BIN" "$LINKED" "$ARCH" "$BATS_FILE_TMPDIR" \
		"${plugins[@]}")
	RPM=$("$DIST/mk/package.sh" rpm "$BIN" "$LINKED" "$ARCH" "$BATS_FILE_TMPDIR" \
		"${plugins[@]}")
	PLUGINS=${plugins[*]}
	export ARCH DEB RPM PLUGINS
}

setup() {
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir -p "$ROOT/var/lib/dpkg/info" "$ROOT/var/lib/dpkg/updates"
	touch "$ROOT/var/lib/dpkg/status"
	OPT=$ROOT/opt/cni/bin
}

is() {
	[ "$1" = "$2" ] || { diff <(echo "$2") <(echo "$1"); return 1; }
}

dpkg_in() { dpkg --root="$ROOT" --log=/dev/null "$@"; }

# dummy NAME VERSION [LINE...]: a package with the files in $BATS_TEST_TMPDIR/NAME
dummy() {
	local tree=$BATS_TEST_TMPDIR/$1
	mkdir -p "$tree/DEBIAN"
	printf '%s\n' "Package: $1" "Version: $2" "Architecture: all" \
		"Maintainer: x <x@localhost>" "Description: x" "${@:3}" \
		>"$tree/DEBIAN/control"
	dpkg-deb --root-owner-group --build "$tree" "$tree.deb" >/dev/null
	dpkg_in -i "$tree.deb"
}

installed() { find "$OPT" -type f -printf '%f %m\n' | sort; }
all_plugins() { printf '%s 755\n' $PLUGINS | sort; }

@test "lintian finds nothing that is not named" {
	is "$(lintian --allow-root --fail-on none "$DEB")" ''
}

@test "the .deb installs every plugin, and each says its version" {
	dpkg_in -i "$DEB"
	is "$(installed)" "$(all_plugins)"
	for p in $PLUGINS; do
		is "$("$OPT/$p" --version | head -n 1)" \
			"CNI $p plugin v$(<"$DIST/VERSION")"
	done
	is "$(dpkg_in --status cnic | grep ^Conffiles)" ''
	is "$(dpkg_in --verify cnic)" ''
}

@test "the .deb needs no package, and says what is in it" {
	is "$(dpkg-deb -f "$DEB" Depends)" ''
	dpkg_in -i "$DEB"
	cmp "$ROOT/usr/share/doc/cnic/linked.tsv" "$LINKED"
	for p in $PLUGINS; do cmp "$OPT/$p" "$BIN/$p"; done
}

@test "the .deb takes the place of kubernetes-cni, kubelet stays" {
	mkdir -p "$BATS_TEST_TMPDIR/kubernetes-cni/opt/cni/bin"
	echo theirs >"$BATS_TEST_TMPDIR/kubernetes-cni/opt/cni/bin/bridge"
	echo theirs >"$BATS_TEST_TMPDIR/kubernetes-cni/opt/cni/bin/dhcp"
	dummy kubernetes-cni 1.7.1-1.1
	dummy kubelet 1.34.0-1.1 'Depends: kubernetes-cni (>= 1.2.0)'
	dpkg_in --auto-deconfigure -i "$DEB"
	dpkg_in --configure -a
	is "$(dpkg_in -l kubelet | tail -n 1 | cut -c 1-2)" ii
	is "$(installed)" "$(all_plugins)"
	"$OPT/bridge" --version
	# which has one that is not in ours
	for what in "$(dpkg-deb -f "$DEB" Description)" \
		"$(rpm -qp --qf '%{DESCRIPTION}' "$RPM")"; do
		[[ $what = *dhcp* ]]
	done
}

@test "a foreign plugin stays at install, upgrade and removal of the .deb" {
	mkdir -p "$OPT"
	chmod 0711 "$OPT"
	echo mine >"$OPT/mine"
	dpkg_in -i "$DEB"
	dpkg_in -i "$DEB"
	is "$(installed)" "$({ all_plugins; echo 'mine 644'; } | sort)"
	is "$(stat -c %a "$OPT")" 711
	dpkg_in --remove cnic
	is "$(installed)" 'mine 644'
	is "$(<"$OPT/mine")" mine
}

# older: packages of this tree with another version: $OLD_DEB, $OLD_RPM
older() {
	local tree=$BATS_TEST_TMPDIR/tree form
	mkdir "$tree" "$BATS_TEST_TMPDIR/older"
	(cd "$DIST" && git -c safe.directory='*' ls-files -z |
		grep -zv '^tests/' | xargs -0 cp --parents -t "$tree")
	echo 1.0.0 >"$tree/VERSION"
	for form in deb rpm; do
		SOURCE_DATE_EPOCH=86400 "$tree/mk/package.sh" $form "$BIN" "$LINKED" \
			"$ARCH" "$BATS_TEST_TMPDIR/older" $PLUGINS
	done
	OLD_DEB=$(echo "$BATS_TEST_TMPDIR"/older/*.deb)
	OLD_RPM=$(echo "$BATS_TEST_TMPDIR"/older/*.rpm)
}

@test "an older version is upgraded, by dpkg and by rpm, others' plugins stay" {
	older
	mkdir -p "$OPT"
	echo mine >"$OPT/mine"
	dpkg_in -i "$OLD_DEB"
	is "$(dpkg_in --status cnic | grep ^Version)" 'Version: 1.0.0'
	dpkg_in -i "$DEB"
	is "$(dpkg_in --status cnic | grep ^Version)" \
		"Version: $(<"$DIST/VERSION")"
	is "$(installed)" "$({ all_plugins; echo 'mine 644'; } | sort)"
	is "$(dpkg_in --verify cnic)" ''
	dpkg_in --purge cnic
	in_rpm=(rpm --root "$ROOT")
	"${in_rpm[@]}" --initdb
	"${in_rpm[@]}" -U --nodeps --ignorearch "$OLD_RPM"
	is "$("${in_rpm[@]}" -q --qf '%{VERSION}' cnic)" 1.0.0
	"${in_rpm[@]}" -U --nodeps --ignorearch "$RPM"
	is "$("${in_rpm[@]}" -q --qf '%{VERSION}' cnic)" "$(<"$DIST/VERSION")"
	is "$(installed)" "$({ all_plugins; echo 'mine 644'; } | sort)"
	is "$("${in_rpm[@]}" -V --nodeps cnic)" ''
}

@test "a plugin can be run while the .deb is installed again" {
	dpkg_in -i "$DEB"
	(
		while [ ! -e "$BATS_TEST_TMPDIR/stop" ]; do
			CNI_COMMAND=VERSION "$OPT/loopback" |
				grep -q supportedVersions || exit 1
			echo >>"$BATS_TEST_TMPDIR/calls"
		done
	) &
	load=$!
	for _ in 1 2 3; do dpkg_in -i "$DEB"; done
	touch "$BATS_TEST_TMPDIR/stop"
	wait "$load"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt 3 ]
}

@test "there is a manual page for each plugin, with every key of its table" {
	dpkg_in -i "$DEB"
	for p in $PLUGINS; do
		page=$ROOT/usr/share/man/man8/cnic-$p.8.gz
		is "$(man --warnings -E UTF-8 -Tutf8 -Z -l "$page" 2>&1 >/dev/null)" ''
		text=$(LC_ALL=C MANWIDTH=80 man -P cat -l "$page" |
			tr -s ' ')
		grep -q "^ cnic-$p - CNI plugin: " <<<"$text"
		n=0
		for key in $(sed -n 's/^| `\([A-Za-z0-9]*\)` | .*/\1/p' \
			"$DIST/plugins/$p/README.md"); do
			grep -q "^ $key (" <<<"$text" || { echo "$p: $key"; false; }
			n=$((n + 1))
		done
		[ $n -gt 2 ]
		for file in $(grep -o '/usr/share/doc/cnic/[a-z/]*\.md' <<<"$text"); do
			[ -s "$ROOT$file" ]
		done
		[[ $text = */usr/share/doc/cnic/doc/errors.md* && $text != *'](../'* ]]
		[[ $p != tuning ||
			$text = *'allowlist.conf: sysctls that may be set'* ]]
	done
}

@test "links in the documents of the .deb lead somewhere" {
	dpkg_in -i "$DEB"
	cd "$ROOT/usr/share/doc/cnic"
	find . -name '*.md' | while read -r doc; do
		grep -oE '\]\([^)#]+' "$doc" | cut -c3- |
			grep -vE '^https:|LICENSE$|NEWS.md$' | while read -r to; do
			[ -e "${doc%/*}/$to" ] || { echo "$doc: $to"; return 1; }
		done
	done
}

@test "rpm reads the .rpm: names, files, and whose place it takes" {
	is "$(rpm -qp --qf '%{NAME} %{VERSION} %{LICENSE}' "$RPM")" \
		"cnic $(<"$DIST/VERSION") GPL-2.0-or-later"
	rpm -qp --provides "$RPM" |
		grep -qx "kubernetes-cni = $(<"$DIST/VERSION")"
	is "$(rpm -qp --conflicts "$RPM")" kubernetes-cni
	is "$(rpm -qp --obsoletes "$RPM")" ''
	is "$(rpm -qp --qf '[%{FILENAMES} %{FILEMODES:octal}\n]' "$RPM" |
		grep /doc/ | grep -vE ' (40755|100644)$')" ''
	is "$(rpm -qp --qf '[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}\n]' \
		"$RPM" | sed -n 's|^/opt/cni/bin/||p' | sort)" \
		"$(printf '%s 100755 root\n' $PLUGINS | sort)"
	is "$(rpm -qp --configfiles "$RPM")" ''
	is "$(rpm -qp --scripts "$RPM")" ''
}

@test "the .rpm leaves a foreign plugin alone, at install and at removal" {
	mkdir -p "$OPT"
	echo mine >"$OPT/mine"
	in_rpm=(rpm --root "$ROOT")
	"${in_rpm[@]}" --initdb
	"${in_rpm[@]}" -i --nodeps --ignorearch "$RPM"
	is "$(installed)" "$({ all_plugins; echo 'mine 644'; } | sort)"
	"${in_rpm[@]}" -e cnic
	is "$(installed)" 'mine 644'
}

@test "the same executables make the same packages" {
	mkdir "$BATS_TEST_TMPDIR/second"
	# shellcheck disable=SC2086 # words
	for form in deb rpm; do
		"$DIST/mk/package.sh" $form "$BIN" "$LINKED" "$ARCH" \
			"$BATS_TEST_TMPDIR/second" $PLUGINS
	done
	cmp "$DEB" "$BATS_TEST_TMPDIR/second/${DEB##*/}"
	cmp "$RPM" "$BATS_TEST_TMPDIR/second/${RPM##*/}"
}

@test "what cannot be packed is an error, and leaves no package" {
	mkdir "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/to"
	run "$DIST/mk/package.sh" deb "$BATS_TEST_TMPDIR/none" "$LINKED" "$ARCH" \
		"$BATS_TEST_TMPDIR/to" loopback
	[ "$status" -ne 0 ]
	run "$DIST/mk/package.sh" snap "$BIN" "$LINKED" "$ARCH" "$BATS_TEST_TMPDIR/to" loopback
	[ "$status" -eq 2 ]
	cp "$BASH" "$BATS_TEST_TMPDIR/none/loopback"
	run "$DIST/mk/package.sh" deb "$BATS_TEST_TMPDIR/none" "$LINKED" "$ARCH" \
		"$BATS_TEST_TMPDIR/to" loopback
	[ "$status" -eq 1 ]
	[[ $output = *'need libraries'* ]]
	is "$(ls "$BATS_TEST_TMPDIR/to")" ''
}
