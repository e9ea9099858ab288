# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016 # a $ in single quotes is gojq's
# containerd.bash - a containerd of the test's own: its namespaces, its
# configuration, the images it runs (nothing is ever pulled)
#
#   HOST (net namespace, and tmpfs on /run and /var/lib as in tests/netns)
#     `-- pid + mount namespace; its init is process $CTD
#           containerd, its shims, runc, the containers
#           /etc, /opt     the test's, so /etc/cni/net.d and /opt/cni/bin are
#                          where users have them: $NETD, and a copy of $BIN
#
# CTD_BIN=<folder> before containerd_up: of another containerd, with its ctr, than
# the one that tools.sh builds; empty: of Debian's.
#
# The pid namespace makes the end certain: whatever containerd started dies
# with its init.

CTD_BIN=$CACHE/containerd
IMAGE=cnic.test/busybox:1
PAUSE=cnic.test/pause:1

# in_ctd CMD...: runs CMD where containerd runs
in_ctd() { nsenter -t "$CTD" -n -m -p "$@"; }

# image NAME CMD...: an OCI image archive on stdout that holds busybox and probe
# and runs CMD
image() (
	name=$1
	shift
	d=$(mktemp -d "$TMP/image.XXXXXX")
	mkdir -p "$d/root/bin" "$d/root/tmp" "$d/blobs/sha256"
	cp "$(command -v busybox)" "$d/root/bin/busybox"
	cp "$PROBE" "$d/root/bin/probe"
	for applet in sh sleep httpd wget ping ip cat; do
		ln -s busybox "$d/root/bin/$applet"
	done
	cd "$d" || exit 1
	blob() { # moves FILE among the blobs, prints its descriptor
		sum=$(sha256sum <"$1")
		gojq -cn --arg type "application/vnd.oci.image.$2" \
			--arg sum "sha256:${sum%% *}" \
			--argjson size "$(stat -c %s "$1")" \
			'{mediaType: $type, digest: $sum, size: $size}'
		mv "$1" "blobs/sha256/${sum%% *}"
	}
	tar -C root --owner 0 --group 0 --mtime @0 --sort name -cf layer .
	sum=$(sha256sum <layer)
	gojq -cn --arg sum "sha256:${sum%% *}" --arg arch "$(arch_of_go)" \
		'{os: "linux", architecture: $arch, config: {
			Cmd: $ARGS.positional, Env: ["PATH=/bin"]},
		rootfs: {type: "layers", diff_ids: [$sum]}}' --args "$@" >config
	gojq -cn --argjson config "$(blob config config.v1+json)" \
		--argjson layer "$(blob layer layer.v1.tar)" \
		'{schemaVersion: 2, config: $config, layers: [$layer]}' >manifest
	gojq -cn --arg name "$name" \
		--argjson manifest "$(blob manifest manifest.v1+json)" \
		'{schemaVersion: 2, manifests: [$manifest + {annotations:
			{"io.containerd.image.name": $name}}]}' >index.json
	echo '{"imageLayoutVersion": "1.0.0"}' >oci-layout
	tar -cf - oci-layout index.json blobs
	rm -rf "$d"
)

arch_of_go() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# Files that containerd itself writes go into $TMP. The CNI folders are those it
# has when nothing is said. No oom_score_adj below ours: that needs
# CAP_SYS_RESOURCE, which test machines do not have.
ctd_config() {
	cat <<-EOF
	version = 2
	root = "$TMP/ctd/root"
	state = "$TMP/ctd/state"
	disabled_plugins = ["io.containerd.snapshotter.v1.aufs",
		"io.containerd.snapshotter.v1.btrfs",
		"io.containerd.snapshotter.v1.devmapper",
		"io.containerd.snapshotter.v1.zfs",
		"io.containerd.internal.v1.tracing"]
	[grpc]
		address = "$TMP/ctd/sock"
	[plugins."io.containerd.internal.v1.opt"]
		path = "$TMP/ctd/opt"
	[plugins."io.containerd.grpc.v1.cri"]
		sandbox_image = "$PAUSE"
		restrict_oom_score_adj = true
		disable_apparmor = true
		stream_server_address = "127.0.0.1"
		stream_server_port = "0"
		[plugins."io.containerd.grpc.v1.cri".containerd]
			snapshotter = "native"
	EOF
}

containerd_up() {
	containerd_files
	containerd_start
}

# containerd_files: its configuration, and /etc and /opt as it sees them
containerd_files() {
	NETD=$TMP/etc/cni/net.d
	CGROUP=${TMP##*/} # above those of the containers
	mkdir -p "$TMP/ctd" "$TMP/opt/cni/bin"
	cp -a /etc "$TMP/etc"
	rm -rf "$TMP/etc/cni"
	mkdir -p "$NETD"
	# plugins may be one file under several names
	cp --preserve=links "$BIN"/* "$TMP/opt/cni/bin/"
	ctd_config >"$TMP/ctd/config.toml"
	mkfifo "$TMP/ctd/ready"
}

# containerd_start: it is started, and waited for until it answers. Where the
# host reads a boot ID of the test's (boot_id), so does it.
containerd_start() {
	local _
	# shellcheck disable=SC2016 # for the inner shell
	nsenter -t "$HOST" -n -m unshare -mp --propagation private --fork \
		--kill-child bash -ec '
		mount -t proc proc /proc
		mount --bind "$0/etc" /etc
		mount --bind "$0/opt" /opt
		[ ! -e "$0/boot_id" ] ||
			mount --bind "$0/boot_id" /proc/sys/kernel/random/boot_id
		PATH=$1$PATH
		containerd -c "$0/ctd/config.toml" >"$0/ctd/log" 2>&1 &
		echo ready >"$0/ctd/ready"
		sleep infinity & # bash stays, and reaps what the shims leave
		wait' \
		"$TMP" "${CTD_BIN:+$CTD_BIN:}" \
		</dev/null >"$TMP/ctd/start" 2>&1 3>&- &
	CTD_PARENT=$!
	read -r -t 60 _ <>"$TMP/ctd/ready" || { cat "$TMP/ctd/start"; return 1; }
	read -r CTD _ < <(cat "/proc/$CTD_PARENT/task/$CTD_PARENT/children" &&
		echo)
	eventually cri version || { cat "$TMP/ctd/log"; return 1; }
}

containerd_down() {
	[[ -n ${CTD_PARENT-} ]] || return 0
	kill -KILL "${CTD:-$CTD_PARENT}"
	wait "$CTD_PARENT" 2>/dev/null || :
	CTD_PARENT=
	# for a moment a cgroup may still be that of the dead
	eventually find_cgroups -type d -exec rmdir {} +
}

# find_cgroups [FIND]...: those of this test, children first. A find through
# all of them would fail when one of another program goes away meanwhile.
find_cgroups() {
	local d dirs=()
	for d in /sys/fs/cgroup{,/*}/"$CGROUP"; do
		# some controllers' folders are links to others
		[[ ! -d $d || -L ${d%/*} ]] || dirs+=("$d")
	done
	[[ ${#dirs[@]} = 0 ]] || find "${dirs[@]}" -depth "$@"
}
# cgroups: those that containers have, or left
cgroups() { find_cgroups -mindepth 1 -type d; }

# import NAMESPACE: the images, for the clients of that containerd namespace.
# The CRI, whose namespace is k8s.io, hears of them by events.
import() {
	local name how=(--snapshotter native)
	# later ones would ask containerd to, which does not know of that snapshotter
	[[ -z $CTD_BIN ]] || how+=(--local)
	image "$IMAGE" sh >"$TMP/image.tar"
	ctr -n "$1" images import "${how[@]}" "$TMP/image.tar"
	image "$PAUSE" sleep 2147483647 >"$TMP/image.tar"
	ctr -n "$1" images import "${how[@]}" "$TMP/image.tar"
	[[ $1 = k8s.io ]] || return 0
	for name in "$IMAGE" "$PAUSE"; do eventually cri inspecti "$name"; done
}

ctr() { in_ctd "${CTD_BIN:+$CTD_BIN/}ctr" -a "$TMP/ctd/sock" "$@"; }
# cri COMMAND...: crictl, without the machine's configuration. What it waits
# for a reply is 2 s if nothing is said, too little for a busy machine.
cri() {
	local endpoint=unix://$TMP/ctd/sock
	in_ctd "$CRICTL" -c /dev/null -r "$endpoint" -i "$endpoint" -t 1m "$@"
}
