#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# tarball.bats - the release: what is in it, its sums, how it unpacks over a
# folder that somebody uses, and that two builds of it are one
#
#   O=folder    where make check-dist builds (default: build)

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
read -ra PLUGINS < <(sed -n "s/^PLUGINS *:= *//p" "$REPOSITORY/Makefile")
VERSION=$(cat "$REPOSITORY/VERSION")
NAME=cni-plugins-linux-amd64-v$VERSION.tgz

setup_file() {
	cd "$REPOSITORY" || return
	export OUT=$BATS_FILE_TMPDIR/dist
	export LINKED
	LINKED=$(CC=musl-gcc mk/static.sh)/linked.tsv
	mk/dist.sh amd64 "$VERSION" "${O:-build}/dist/build/amd64/bin" \
		"$LINKED" "$OUT"
}

setup() {
	cd "$REPOSITORY" || return
	TMP=$BATS_TEST_TMPDIR
}

@test "the plugins, LICENSE and README.md, root's, and no entry for a folder" {
	diff <(tar tzf "$OUT/$NAME") \
		<(printf '%s\n' "${PLUGINS[@]}" LICENSE README.md | LC_ALL=C sort)
	diff <(tar tvzf "$OUT/$NAME" | awk '{ print $1, $2, $6 }') \
		<(printf '%s\n' "${PLUGINS[@]}" LICENSE README.md |
			LC_ALL=C sort | sed 's,^,-rwxr-xr-x root/root ,
				/LICENSE$\|README.md$/s/rwxr-xr-x/rw-r--r--/')
	[[ $(find "$OUT" -mindepth 1 -printf '%f\n' | LC_ALL=C sort | xargs) = \
		"$NAME $NAME.sha256 $NAME.sha512 $NAME.spdx.json" ]]
}

@test "links of its README lead to what is in it" {
	tar xzOf "$OUT/$NAME" README.md >"$TMP/README.md"
	[[ $(grep -oE '\]\([^)]+' "$TMP/README.md") = '](LICENSE' ]]
}

@test "the sums hold beside it, and not for another file" {
	cd "$OUT"
	sha256sum -c "$NAME.sha256"
	sha512sum -c "$NAME.sha512"
	cp "$NAME"* "$TMP"
	cd "$TMP"
	echo >>"$NAME"
	run ! sha256sum -c "$NAME.sha256"
	run ! sha512sum -c "$NAME.sha512"
}

# as guides say it: tar Cxzvf /opt/cni/bin FILE
@test "a folder keeps its mode, its owner and somebody else's plugin" {
	local p
	mkdir -m 2750 "$TMP/bin"
	chown 12:34 "$TMP/bin"
	echo 'somebody else' >"$TMP/bin/calico"
	chmod 700 "$TMP/bin/calico"
	chown 56:78 "$TMP/bin/calico"
	echo old >"$TMP/bin/bridge"
	before=$(stat -c '%a %u %g' "$TMP/bin"; stat -c '%a %u %g %Y' "$TMP/bin/calico")
	tar Cxzvf "$TMP/bin" "$OUT/$NAME"
	[[ $(stat -c '%a %u %g' "$TMP/bin"
		stat -c '%a %u %g %Y' "$TMP/bin/calico") = "$before" ]]
	[[ $(cat "$TMP/bin/calico") = 'somebody else' ]]
	[[ $(find "$TMP/bin" -mindepth 1 | wc -l) = $((${#PLUGINS[@]} + 3)) ]]
	for p in "${PLUGINS[@]}"; do
		[[ $(stat -c '%a %u %g' "$TMP/bin/$p") = '755 0 0' ]]
		[[ $(CNI_COMMAND=VERSION "$TMP/bin/$p" </dev/null) = \
			*supportedVersions* ]]
	done
}

@test "the README's line installs it" {
	local line
	line=$(sed -n 's/^sha256sum -c .*/&/p' README.md)
	[[ $line = *"/opt/cni/bin $NAME" ]]
	line=${line//sudo /}
	cd "$OUT"
	bash -ec "${line//\/opt\/cni\/bin/"$TMP/opt/cni/bin"}"
	[[ -x $TMP/opt/cni/bin/bridge ]]
}

@test "two builds in two folders are one tarball" {
	mkdir "$TMP/elsewhere"
	git -c safe.directory='*' ls-files -z | xargs -0 cp --parents -t "$TMP/elsewhere"
	SOURCE_DATE_EPOCH=$(git -c safe.directory='*' log -1 --format=%ct)
	export SOURCE_DATE_EPOCH
	(cd "$TMP/elsewhere" && umask 077 && env -u MAKEFLAGS -u O -u CC \
		make -s -j2 O="$TMP/other" DIST_ARCHES=amd64 dist)
	cmp "$OUT/$NAME" "$TMP/other/dist/$NAME"
	cmp "$OUT/$NAME.spdx.json" "$TMP/other/dist/$NAME.spdx.json"
}

@test "the time is SOURCE_DATE_EPOCH's; without it and git there is no tarball" {
	local bin=${O:-build}/dist/build/amd64/bin
	SOURCE_DATE_EPOCH=86400 mk/dist.sh amd64 "$VERSION" "$bin" "$LINKED" \
		"$TMP/out"
	[[ $(TZ=UTC tar tvzf "$TMP/out/$NAME" bridge) = *1970-01-02* ]]
	gojq -e '.creationInfo.created == "1970-01-02T00:00:00Z"' \
		"$TMP/out/$NAME.spdx.json"
	mkdir -p "$TMP/no/mk"
	cp mk/dist.sh "$TMP/no/mk/"
	cp LICENSE README.md "$TMP/no/"
	bin=$(realpath "$bin")
	GIT_CEILING_DIRECTORIES=$TMP run env -u SOURCE_DATE_EPOCH \
		"$TMP/no/mk/dist.sh" amd64 "$VERSION" "$bin" "$LINKED" "$TMP/none"
	[[ $status = 1 && $output = *SOURCE_DATE_EPOCH* ]]
	[[ ! -e $TMP/none/$NAME ]]
}

@test "the SPDX document names the tarball and each library that is in it" {
	local spdx=$OUT/$NAME.spdx.json
	gojq -e '.spdxVersion == "SPDX-2.3"' "$spdx"
	[[ $(gojq -r '.packages[] | select(.name == "cnic")
		| .checksums[0].checksumValue' "$spdx") = \
		$(cut -d ' ' -f 1 "$OUT/$NAME.sha256") ]]
	diff <(gojq -r '.packages[1:][] | [.name, .versionInfo,
		.licenseDeclared] | @tsv' "$spdx") "$LINKED"
	[[ $(cut -f 1 "$LINKED" | xargs) = \
		'libnl3 cjson dbus libnftnl musl-dev libgcc-12-dev' ]]
	gojq -e '([.packages[].SPDXID] | sort) ==
		([.relationships[].relatedSpdxElement] | sort)' "$spdx"
}

@test "build_linux.sh fills bin/, wherever it is called from" {
	mkdir "$TMP/elsewhere"
	git -c safe.directory='*' ls-files -z | xargs -0 cp --parents -t "$TMP/elsewhere"
	(cd / && env -u MAKEFLAGS -u O "$TMP/elsewhere/build_linux.sh" -s -j2)
	[[ $(find "$TMP/elsewhere/bin" -type f -printf '%f\n' | LC_ALL=C sort |
		xargs) = "${PLUGINS[*]}" ]]
	[[ $(CNI_COMMAND=VERSION "$TMP/elsewhere/bin/bridge" </dev/null) = \
		*supportedVersions* ]]
}
