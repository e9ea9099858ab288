#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh - installs the Debian packages that tests/runtime needs and that are
# not there, and says which. Where all is there it does and says nothing.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# a command that shows that the package is there, and the package
needs='
bats		bats
gojq		gojq
ip		iproute2
ping		iputils-ping
nft		nftables
iptables	iptables
unshare		util-linux
busybox		busybox-static
containerd	containerd
ctr		containerd
runc		runc
rootlesskit	rootlesskit
newuidmap	uidmap
slirp4netns	slirp4netns
xmllint		libxml2-utils
'

missing=()
while read -r command package; do
	[ -n "$command" ] || continue
	command -v "$command" >/dev/null || missing+=("$package")
done <<<"$needs"
# the pod images hold nothing but this file: a dynamic one would not start
if ! [[ " ${missing[*]-} " == *" busybox-static "* ]] &&
	ldd "$(command -v busybox)" >/dev/null 2>&1; then
	missing+=(busybox-static)
fi
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)

[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
echo "deps: installing ${missing[*]}"
if ! command -v apt-get >/dev/null; then
	echo "deps: there is no apt-get here: install these by hand" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
