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

# of QUERY: what image/daemonset.yaml says of its pods
of() {
	gojq -r --yaml-input ".spec.template.spec | $1" \
		"$BATS_TEST_DIRNAME/../../image/daemonset.yaml"
}

setup() {
	[[ -f ${IMAGE_TAR-} ]] || { echo "no image: make image"; return 1; }
	host_up
	# whose ctr unpacks for that snapshotter without more
	CTD_BIN=''
	containerd_up
	ctr images import --snapshotter native "$IMAGE_TAR"
	HOSTBIN=$TMP/opt/cni/bin
	rm -f "$HOSTBIN"/*
	echo mine >"$HOSTBIN/mine"
	mapfile -t PLUGINS < <("$TESTS/plugins.sh" plugins | sort)
	as_the_daemonset_says
}

teardown() {
	containerd_down
	all_down
}

# as_the_daemonset_says: the image's name, and how ctr limits the container
as_the_daemonset_says() {
	local cap
	IMAGE=docker.io/library/$(of '.containers[0].image')
	is "$(of '.containers[0].securityContext.runAsUser')" 0 # the image's
	LIMITS=(--seccomp --mount "type=bind,src=$(of '.volumes[0].hostPath.path'),dst=$(
			of '.containers[0].volumeMounts[0].mountPath'),options=rbind:rw")
	is "$(of '[.containers, .volumes, .containers[0].volumeMounts]
		| map(length) | join(" ")')" '1 1 1'
	# ctr gives no new privileges
	is "$(of '.containers[0].securityContext.allowPrivilegeEscalation')" false
	[[ $(of '.containers[0].securityContext.readOnlyRootFilesystem') != true ]] ||
		LIMITS+=(--read-only)
	is "$(of '.containers[0].securityContext.capabilities.drop | join(" ")')" ALL
	# of what containerd gives
	for cap in CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID \
		SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE; do
		[[ " $(of '.containers[0].securityContext.capabilities.add
			| join(" ")') " = *" $cap "* ]] ||
			LIMITS+=(--cap-drop "CAP_$cap")
	done
}

# runs NAME ARG...: the image's program with these arguments, or its own
runs() { ctr run --rm --snapshotter native "${LIMITS[@]}" "$IMAGE" "$@"; }

installed() { find "$HOSTBIN" -mindepth 1 -printf '%f\n' | sort; }

# config QUERY, layer: of the image's; unpacks it into $TMP/layout
config() {
	unpacked
	gojq -r "$1" "$(blob '.config')"
}
layer() {
	unpacked
	blob '.layers[0]'
}
unpacked() {
	mkdir -p "$TMP/layout"
	tar -C "$TMP/layout" -xf "$IMAGE_TAR"
}
blob() {
	local manifest
	manifest=$(gojq -r '.manifests[0].digest | ltrimstr("sha256:")' \
		"$TMP/layout/index.json")
	echo "$TMP/layout/blobs/sha256/$(gojq -r "$1.digest | ltrimstr(\"sha256:\")" \
		"$TMP/layout/blobs/sha256/$manifest")"
}

@test "the image has the plugins, its program and the licence, and no more" {
	mkdir "$TMP/layer"
	tar -C "$TMP/layer" -xzf "$(layer)"
	is "$(cd "$TMP/layer" && find . -type f | sort)" \
		"$(printf '%s\n' ./LICENSE ./cnic-install \
			"${PLUGINS[@]/#/./opt/cni/bin/}" | sort)"
	for blob in "$TMP"/layout/blobs/sha256/*; do
		is "$(sha256sum <"$blob")" "${blob##*/}  -"
	done
}

@test "the DaemonSet's image is this version, its container waits to be ended" {
	local args entry
	is "$(of '.containers[0].image')" \
		"cnic:$(<"$BATS_TEST_DIRNAME/../../VERSION")"
	mapfile -t args < <(of '.containers[0].args[]')
	is "${args[0]}" --wait
	# ctr has arguments in place of all of the image's command
	mapfile -t entry < <(config '.config.Entrypoint[]')
	runs one "${entry[@]}" "${args[@]}" 3>&- &
	until [[ $(installed | wc -l) = $((1 + ${#PLUGINS[@]})) ]]; do
		kill -0 $!
		sleep 0.1
	done
	ctr tasks kill --signal SIGTERM one
	wait $!
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
