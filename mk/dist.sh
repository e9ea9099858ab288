#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dist.sh - packs the release of one architecture: a tarball as guides unpack it
# into /opt/cni/bin, its sums, and what is linked into it
#
#   mk/dist.sh ARCH VERSION BIN LINKED OUT
#
#   ARCH      as Go names it, which file names have: amd64, arm, ppc64le, ...
#   BIN       the folder of the executables
#   LINKED    linked.tsv of mk/static.sh
#   OUT       gets cni-plugins-linux-ARCH-vVERSION.tgz, .tgz.sha256, .tgz.sha512
#             and .tgz.spdx.json
#
# The members have no folder before them and there is no entry "./": tar would
# give the folder that it unpacks into this one's mode and owner. All is root's,
# and of the time of the commit, or of SOURCE_DATE_EPOCH: the same files make the
# same tarball, wherever and whenever.
set -euo pipefail
export LC_ALL=C.UTF-8
[ $# = 5 ] || { echo 'usage: mk/dist.sh ARCH VERSION BIN LINKED OUT' >&2; exit 2; }
arch=$1 version=$2 bin=$3 linked=$4 out=$5
here=$(cd "$(dirname "$0")/.." && pwd)
name=cni-plugins-linux-$arch-v$version.tgz
time=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)} || {
	echo 'dist: neither git nor SOURCE_DATE_EPOCH tells the time' >&2
	exit 1
}

mkdir -p "$out"
new=$(mktemp -d "$out/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
mkdir "$new/root"
install -m 0755 "$bin"/* "$new/root"
install -m 0644 "$here/LICENSE" "$new/root"
# The README without pictures, and links only to what is here or on the web.
{
	sed -E '/^!\[/d; s/\[([^]]*)\]\((doc|plugins|[A-Z]+\.md)[^)]*\)/\1/g' \
		"$here/README.md"
	printf '\nOther files that this page names are in the repository.\n'
} >"$new/root/README.md"
chmod 0644 "$new/root/README.md"
mapfile -t members < <(cd "$new/root" && printf '%s\n' * | sort)
tar -C "$new/root" --format=ustar --owner=root:0 --group=root:0 \
	--mtime="@$time" -cf - "${members[@]}" | gzip -9n >"$new/$name"
cd "$new"
sha256sum "$name" >"$name.sha256"
sha512sum "$name" >"$name.sha512"
cd - >/dev/null

# package ID NAME VERSION LICENSE [MORE]
package() {
	printf '    {\n      "SPDXID": "SPDXRef-%s",\n' "$1"
	printf '      "name": "%s",\n      "versionInfo": "%s",\n' "$2" "$3"
	printf '      "licenseConcluded": "%s",\n' "$4"
	printf '      "licenseDeclared": "%s",\n' "$4"
	printf '      "copyrightText": "NOASSERTION",\n%s' "${5-}"
	printf '      "downloadLocation": "NOASSERTION"\n    }'
}
# relation FROM WHAT TO
relation() {
	printf '    { "spdxElementId": "SPDXRef-%s", "relationshipType": "%s",' \
		"$1" "$2"
	printf ' "relatedSpdxElement": "SPDXRef-%s" }' "$3"
}
sum=$(cut -d ' ' -f 1 "$new/$name.sha256")
{
	cat <<-END
	{
	  "spdxVersion": "SPDX-2.3",
	  "dataLicense": "CC0-1.0",
	  "SPDXID": "SPDXRef-DOCUMENT",
	  "name": "$name",
	  "documentNamespace": "urn:cnic:$name:$sum",
	  "creationInfo": {
	    "created": "$(date -u -d "@$time" +%Y-%m-%dT%H:%M:%SZ)",
	    "creators": [ "Tool: cnic-mk-dist.sh-$version" ]
	  },
	  "packages": [
	END
	package cnic cnic "$version" GPL-2.0-or-later \
		"      \"packageFileName\": \"$name\",
      \"checksums\": [ { \"algorithm\": \"SHA256\",
        \"checksumValue\": \"$sum\" } ],
"
	while IFS=$'\t' read -r library number license; do
		printf ',\n'
		package "$library" "$library" "$number" "$license"
	done <"$linked"
	printf '\n  ],\n  "relationships": [\n'
	relation DOCUMENT DESCRIBES cnic
	while IFS=$'\t' read -r library _; do
		printf ',\n'
		relation cnic STATIC_LINK "$library"
	done <"$linked"
	printf '\n  ]\n}\n'
} >"$new/$name.spdx.json"
# the sums last: with them, all is there
mv -f "$new/$name" "$new/$name.spdx.json" "$out/"
mv -f "$new/$name.sha256" "$new/$name.sha512" "$out/"
printf '  %-7s %s\n' DIST "$out/$name"
