#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh - the image for Kubernetes: the plugins and cnic-install, nothing else
#
#   image/build.sh BIN PROGRAM ARCH TO PLUGIN...
#
# BIN is the folder of the plugins, PROGRAM cnic-install, all static, ARCH what
# Go calls what they run on. Writes the file TO: an OCI layout as a tar archive,
# which `ctr images import` and `skopeo copy oci-archive:` take. The same
# executables make the same file.
set -euo pipefail
bin=$(realpath "$1") program=$(realpath "$2") arch=$3 to=$4
shift 4
cd "$(dirname "$0")/.."
version=$(<VERSION)
seconds=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 --format=%ct)}
date=$(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ)
mkdir -p "$(dirname "$to")"
to=$(realpath -m "$to")
umask 022
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tar=(tar --owner 0 --group 0 --numeric-owner --mtime "@$seconds" --sort name
	--format ustar)

mkdir -p "$tmp/root/opt/cni/bin" "$tmp/layout/blobs/sha256"
for p; do
	install -m 0755 "$bin/$p" "$tmp/root/opt/cni/bin/$p"
done
install -m 0755 "$program" "$tmp/root/cnic-install"
install -m 0644 LICENSE "$tmp/root/LICENSE"
for file in "$tmp/root/cnic-install" "$tmp/root/opt/cni/bin"/*; do
	# there is no loader in the image
	if [[ $(readelf -ld "$file") =~ INTERP|NEEDED ]]; then
		echo "image: ${file#"$tmp/root"} is not static" >&2
		exit 1
	fi
done

# blob FILE TYPE: moves it among the blobs and prints its descriptor
blob() {
	local sum size
	sum=$(sha256sum <"$1")
	sum=${sum%% *} size=$(stat -c %s "$1")
	mv "$1" "$tmp/layout/blobs/sha256/$sum"
	printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s' \
		"$2" "$sum" "$size"
}

cd "$tmp"
"${tar[@]}" -C root -cf layer LICENSE cnic-install opt
diff=$(sha256sum <layer)
gzip -9n layer
layer=$(blob layer.gz layer.v1.tar+gzip)
printf '{"created":"%s","os":"linux","architecture":"%s","config":{%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
	"$date" "$arch" \
	'"Entrypoint":["/cnic-install"],"Cmd":["/opt/cni/bin","/host/opt/cni/bin"]' \
	"${diff%% *}" >config
config=$(blob config config.v1+json)
printf '{"schemaVersion":2,"mediaType":"%s","config":%s},"layers":[%s}]}' \
	application/vnd.oci.image.manifest.v1+json "$config" "$layer" >manifest
manifest=$(blob manifest manifest.v1+json)
printf '{"schemaVersion":2,"manifests":[%s,"platform":{"os":"linux","architecture":"%s"},"annotations":{"io.containerd.image.name":"docker.io/library/cnic:%s","org.opencontainers.image.ref.name":"%s"}}]}' \
	"$manifest" "$arch" "$version" "$version" >layout/index.json
printf '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
"${tar[@]}" -C layout -cf "$to.new" oci-layout index.json blobs
mv "$to.new" "$to"
echo "$to"
