#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
# container.bats - the image for Kubernetes, imported into containerd and run
# there against a folder, as image/daemonset.yaml has it. Its program alone:
# image.bats.
#
#   IMAGE_TAR=<file>  what `make image` built

bats_require_minimum_version 1.5.0
load ../runtime/runtime
load ../runtime/containerd

setup() {
	[[ -f ${IMAGE_TAR-} ]] || { echo "no image: make image"; return 1; }
	TAG=cnic:$(<"$BATS_TEST_DIRNAME/../../VERSION")
	host_up
	containerd_up
	ctr images import --snapshotter native "$IMAGE_TAR"
	HOSTBIN=$TMP/opt/cni/bin
	rm -f "$HOSTBIN"/*
	echo mine >"$HOSTBIN/mine"
	mapfile -t PLUGINS < <("$TESTS/plugins.sh" plugins | sort)
}

teardown() {
	containerd_down
	all_down
}

# what containerd gives to a container, without DAC_OVERRIDE and FOWNER
DROP=()
for cap in CHOWN FSETID MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP \
	NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE; do
	DROP+=(--cap-drop "CAP_$cap")
done

# runs NAME ARG...: the image's program with these arguments, as the DaemonSet
# mounts and limits it
runs() {
	ctr run --rm --seccomp --snapshotter native --read-only --mount \
		type=bind,src=/opt/cni/bin,dst=/host/opt/cni/bin,options=rbind:rw \
		"${DROP[@]}" \
		"docker.io/library/$TAG" "$@"
}

installed() { find "$HOSTBIN" -mindepth 1 -printf '%f\n' | sort; }

@test "the image has the plugins, its program and the licence, and no more" {
	mkdir "$TMP/layout" "$TMP/layer"
	tar -C "$TMP/layout" -xf "$IMAGE_TAR"
	layer=$(gojq -r '.layers[0].digest | ltrimstr("sha256:")' \
		"$TMP/layout/blobs/sha256/$(gojq -r '.manifests[0].digest |
			ltrimstr("sha256:")' "$TMP/layout/index.json")")
	tar -C "$TMP/layer" -xzf "$TMP/layout/blobs/sha256/$layer"
	is "$(cd "$TMP/layer" && find . -type f | sort)" \
		"$(printf '%s\n' ./LICENSE ./cnic-install \
			"${PLUGINS[@]/#/./opt/cni/bin/}" | sort)"
	for blob in "$TMP"/layout/blobs/sha256/*; do
		is "$(sha256sum <"$blob")" "${blob##*/}  -"
	done
}

@test "the container puts the plugins into the host's folder, others' stay" {
	runs one
	is "$(installed)" "$(printf '%s\n' mine "${PLUGINS[@]}" | sort)"
	is "$(<"$HOSTBIN/mine")" mine
	for p in "${PLUGINS[@]}"; do
		"$HOSTBIN/$p" --version | grep -q "^CNI $p plugin v2"
	done
	is "$(find "$TMP/etc/cni" -type f)" '' 'configurations'
	# and again, over what is there
	runs two
	is "$(installed)" "$(printf '%s\n' mine "${PLUGINS[@]}" | sort)"
}

@test "what it has put there gives a container its network" {
	runs one
	sandbox c1
	BIN=$HOSTBIN
	add bridge "$(conf l3)"
	in_ns c1 ping -q -c 1 10.9.0.1
	del bridge "$(conf l3)"
}
