#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools.sh - builds the programs that tests/runtime drives: cnitool in bin/ and
# the Go plugins in go-plugins/, as go.mod pins them; nerdctl and crictl in bin/, as
# nerdctl/go.mod and crictl/go.mod do; a containerd of a later version than
# Debian's in containerd/, with its ctr, as containerd/go.mod does; probe and
# libcni-gc, in bin/, from what is beside this. They go into $CNIC_CACHE
# (~/.cache/cnic); where these versions are there already it does nothing. Go itself is taken from PATH if it is new enough.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}

plugins=github.com/containernetworking/plugins
bin_tools=(github.com/containernetworking/cni/cnitool ./libcni-gc)
nerdctl=github.com/containerd/nerdctl/v2/cmd/nerdctl
crictl=sigs.k8s.io/cri-tools/cmd/crictl
containerd=github.com/containerd/containerd/v2/cmd
containerds=(containerd containerd-shim-runc-v2 ctr)
go_plugins=(main/bridge main/loopback main/macvlan main/ptp ipam/host-local ipam/static
	meta/bandwidth meta/firewall meta/portmap meta/tuning)

die() {
	echo "tools: $*" >&2
	exit 1
}

# these files decide what is built
stamp() {
	(cd "$here" && sha256sum go.mod go.sum tools.sh probe.c libcni-gc/main.go \
		{nerdctl,crictl,containerd}/go.{mod,sum} | sha256sum)
}

complete() {
	local t
	for t in "${bin_tools[@]}" nerdctl crictl probe; do
		[ -x "$cache/bin/${t##*/}" ] || return 1
	done
	for t in "${containerds[@]}"; do
		[ -x "$cache/containerd/$t" ] || return 1
	done
	for t in "${go_plugins[@]}"; do
		[ -x "$cache/go-plugins/${t##*/}" ] || return 1
	done
	[ "$(cat "$cache/stamp" 2>/dev/null)" = "$(stamp)" ]
}

# in_go_mod PATH [FILE]: the version that go.mod asks of a module, or of go itself
in_go_mod() {
	awk -v m="$1" '$1 == m || $2 == m { print $NF; exit }' \
		"$here/${2-go.mod}"
}

# new_enough GO VERSION
new_enough() {
	local have
	have=$(cd / && GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) ||
		return 1
	printf '%s\n' "$2" "${have#go}" | sort -V -C
}

# Debian 12's Go is too old for go.mod, but it can fetch a newer one, which
# is a module like any other (since 1.21 Go does the same by itself).
fetch_go() {
	local want=$1 old dir
	if ! old=$(command -v go); then
		command -v apt-get >/dev/null ||
			die "needs Go $want or newer in PATH"
		echo "tools: installing golang-go" >&2
		if ! apt-get -qq update || ! DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install -y --no-install-recommends \
			golang-go ca-certificates >/dev/null; then
			die "golang-go could not be installed"
		fi
		old=$(command -v go)
	fi
	echo "tools: fetching Go $want" >&2
	dir=$(cd / && GOTOOLCHAIN=local GOFLAGS="" "$old" mod download \
		-json "golang.org/toolchain@v0.0.1-go$want.linux-$(
			GOTOOLCHAIN=local "$old" env GOARCH)" |
		sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
	[ -n "$dir" ] ||
		die "Go $want could not be fetched; put it, or a newer one, in PATH"
	# modules carry no mode bits
	chmod -R +x "$dir/bin" "$dir/pkg/tool"
	echo "$dir/bin/go"
}

find_go() {
	local want
	want=$({ in_go_mod go && in_go_mod go nerdctl/go.mod &&
		in_go_mod go crictl/go.mod &&
		in_go_mod go containerd/go.mod; } | sort -V | tail -n 1)
	if new_enough go "$want"; then
		command -v go
	else
		fetch_go "$want"
	fi
}

# build MODULE FOLDER LDFLAGS PACKAGE...: of the module in that folder here; the
# other folder is replaced file by file, by rename
build() {
	local module=$here/$1 to=$cache/$2 flags=$3 tmp p
	shift 3
	mkdir -p "$to"
	tmp=$(mktemp -d "$cache/new.XXXXXX")
	for p in "$@"; do
		echo "tools: building ${to##*/}/${p##*/}"
		(cd "$module" && "$go" build -mod=readonly -trimpath \
			-buildvcs=false -ldflags "$flags" -o "$tmp/" "$p") ||
			die "$p could not be built"
		mv -f "$tmp/${p##*/}" "$to/"
	done
	rmdir "$tmp"
}

complete && exit 0
unset GOROOT
export GO111MODULE=on GOWORK=off CGO_ENABLED=0
go=$(find_go)
export GOTOOLCHAIN=local
mkdir -p "$cache"
rm -f "$cache/stamp"
build . bin "" "${bin_tools[@]}"
build nerdctl bin "" "$nerdctl"
build crictl bin "" "$crictl"
build containerd containerd "" "${containerds[@]/#/$containerd/}"
echo "tools: building bin/probe"
"${CC:-cc}" -O2 -static -o "$cache/bin/probe.new" "$here/probe.c" ||
	die "probe could not be built"
mv -f "$cache/bin/probe.new" "$cache/bin/probe"
build . go-plugins \
	"-X $plugins/pkg/utils/buildversion.BuildVersion=$(in_go_mod $plugins)" \
	"${go_plugins[@]/#/$plugins/plugins/}"
stamp >"$cache/stamp"
