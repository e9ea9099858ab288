# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # variables that the harness reads
# rootless.bash - nerdctl of a plain user, as containerd-rootless.sh has it: what
# RootlessKit makes is the HOST of the harness, and what was HOST is OUTER
#
#   OUTER (net namespace)
#     `-- pid + mount namespace; its init, process $CTD, is rootlesskit, of user
#         12345; slirp4netns, and a listener for each published port, are here too
#           `-- HOST: user + mount + net namespace, whose root is that user
#                 containerd, its shims, runc, the containers, the plugins

ROOTLESS=12345

rootless_up() {
	host_up
	outside
	containerd_files
	nerdctl_programs
	ln -s "$(command -v nsenter)" "$NPATH"
	# where nerdctl looks for it
	sed -i -e 's/^disabled_plugins = \[/&"io.containerd.grpc.v1.cri", /' \
		-e 's|^\(.*address = \).*/sock"|\1"/run/containerd/containerd.sock"|' \
		"$TMP/ctd/config.toml"
	# the first of that number is who it is
	sed -i "1i plain:x:$ROOTLESS:$ROOTLESS::$TMP/home:/bin/sh" "$TMP/etc/passwd"
	sed -i "1i plain:x:$ROOTLESS:" "$TMP/etc/group"
	echo "plain:1000000:65536" | tee "$TMP/etc/subuid" >"$TMP/etc/subgid"
	mknod -m 666 "$TMP/tun" c 10 200
	mkdir -p "$TMP/home" "$TMP/run" "$TMP/bin"
	chown -R "$ROOTLESS:$ROOTLESS" "$TMP"/{home,run,ctd,etc/cni,asked}
	# who cannot look into the folder of the one who builds
	chmod 711 "$TMP"
	cp "$NERDCTL" "$TMP/programs/nerdctl"
	rootlesskit_start
	import default
}

# plain CMD...: CMD as the user, in the namespaces of its rootlesskit, with little
# in its environment
plain() {
	nsenter -t "$CTD" -n -m -p setpriv "--reuid=$ROOTLESS" \
		"--regid=$ROOTLESS" --clear-groups env -i "HOME=$TMP/home" \
		"XDG_RUNTIME_DIR=$TMP/run" "PATH=$NPATH" "$@"
}

# Options as in containerd-rootless.sh, but for AppArmor's, which needs more.
rootlesskit_start() {
	local _ pid inner pids
	# shellcheck disable=SC2016 # for the inner shells
	nsenter -t "$HOST" -n -m unshare -mp --propagation private --fork \
		--kill-child bash -ec '
		mount -t proc proc /proc
		mount --bind "$0/etc" /etc
		mount --bind "$0/opt" /opt
		mount --bind "$0/tun" /dev/net/tun
		mount --bind "$1" "$0/bin"
		PATH=$0/bin:$PATH
		exec setpriv --reuid='$ROOTLESS' --regid='$ROOTLESS' \
			--clear-groups env HOME="$0/home" USER=plain \
			XDG_RUNTIME_DIR="$0/run" rootlesskit \
			--state-dir="$0/run/containerd-rootless" \
			--net=slirp4netns --mtu=65520 --disable-host-loopback \
			--port-driver=builtin --slirp4netns-sandbox=false \
			--copy-up=/etc --copy-up=/run --copy-up=/var/lib \
			bash -ec "
			rm -rf /run/* /var/lib/cni
			containerd -c $0/ctd/config.toml >$0/ctd/log 2>&1 &
			echo ready >$0/ctd/ready
			wait"' \
		"$TMP" "$CTD_BIN" </dev/null >"$TMP/ctd/start" 2>&1 3>&- &
	CTD_PARENT=$!
	read -r -t 60 _ <>"$TMP/ctd/ready" || { cat "$TMP/ctd/start"; return 1; }
	read -r CTD _ < <(cat "/proc/$CTD_PARENT/task/$CTD_PARENT/children" &&
		echo)
	OUTER=$HOST
	inner=$(<"$TMP/run/containerd-rootless/child_pid")
	read -ra pids < <(cat /proc/"$CTD"/task/*/children && echo)
	for pid in "${pids[@]}"; do
		[[ $(awk '/^NSpid/ { print $NF }' "/proc/$pid/status") = "$inner" ]] ||
			continue
		HOST=$pid
	done
	[[ $HOST != "$OUTER" ]]
	HELD=(OUTER "${HELD[@]}")
	STORE=/proc/$HOST/root/var/lib/cni/networks
	eventually ctr version || { cat "$TMP/ctd/log"; return 1; }
}

rootless_down() {
	local name held=()
	containerd_down
	for name in "${HELD[@]}"; do
		[[ -n ${OUTER-} && $name = HOST ]] || held+=("$name")
	done
	HELD=("${held[@]}")
	all_down
}

ctr() { in_child "$TMP/bin/ctr" "$@"; }
in_child() { nsenter -t "$HOST" -U -n -m -p -S 0 -G 0 "$@"; }

nerdctl() {
	plain "$TMP/programs/nerdctl" --snapshotter native --cgroup-manager none \
		--cni-path /opt/cni/bin --cni-netconfpath "$NETD" "$@"
}
