#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# install.bats - make install and uninstall, into a folder of the test's own

load helpers

setup() {
	host_up
	# one plugin is enough, and does not disturb the build under test
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

inst() {
	make -s -C "$BATS_TEST_DIRNAME/../.." O="$BATS_FILE_TMPDIR/build" \
		PLUGINS=loopback CFLAGS=-O0 SAN= DESTDIR="$TMP/root" "$@"
}

@test "install puts executables into BINDIR below DESTDIR, uninstall takes them" {
	inst install
	is "$(cd "$TMP/root" && find . -type f -printf '%p %m\n')" \
		'./opt/cni/bin/loopback 755'
	"$TMP/root/opt/cni/bin/loopback" --version | grep -q '^CNI loopback plugin v2'
	touch "$TMP/root/opt/cni/bin/mine"
	inst uninstall
	is "$(ls -A "$TMP/root/opt/cni/bin")" mine
	inst install BINDIR=/usr/libexec/cni
	is "$(ls -A "$TMP/root/usr/libexec/cni")" loopback
}

# A runtime may start the plugin at any moment: it finds the old file or the
# new one, whole and not busy.
@test "a plugin that is replaced again and again can be run all the time" {
	local plugin=$TMP/root/opt/cni/bin/loopback
	inst install
	(
		bad=0
		while [ ! -e "$TMP/stop" ]; do
			CNI_COMMAND=VERSION "$plugin" >"$TMP/said" 2>&1 || bad=1
			grep -q supportedVersions "$TMP/said" || bad=1
			echo >>"$TMP/calls"
		done
		exit $bad
	) &
	local load=$!
	for _ in {1..6}; do inst install; done
	touch "$TMP/stop"
	wait "$load"
	[ "$(wc -l <"$TMP/calls")" -gt 6 ]
	is "$(ls -A "$TMP/root/opt/cni/bin")" loopback
}

@test "an install that cannot be finished leaves the old plugin and no half" {
	inst install
	mkdir "$TMP/full"
	in_host mount -t tmpfs -o size=64k none "$TMP/full"
	in_host mkdir -p "$TMP/full/bin"
	in_host cp /bin/true "$TMP/full/bin/loopback"
	run nsenter -t "$HOST" -n -m make -s -C "$BATS_TEST_DIRNAME/../.." \
		O="$BATS_FILE_TMPDIR/build" PLUGINS=loopback CFLAGS=-O0 SAN= \
		DESTDIR="$TMP/full" BINDIR=/bin install
	[ "$status" -ne 0 ]
	is "$(in_host ls -A "$TMP/full/bin")" loopback
	in_host cmp /bin/true "$TMP/full/bin/loopback"
}
