#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh - fetches a Debian kernel, and prints the folder where it is then:
# vmlinuz, and lib/modules with what is about networks
#
#   tests/vm/kernel.sh current   the one of this machine's Debian
#   tests/vm/kernel.sh oldest    the oldest one that Debian's archive carries
#
# The kernel stays in $CNIC_CACHE/vm (~/.cache/cnic/vm); remove that to get a
# newer one. The archive is the one that apt on this machine is configured for.
set -euo pipefail
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
which=${1-}
cache=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}/vm

meta=linux-image-cloud-amd64
keys=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
	echo "vm: $*" >&2
	exit 1
}

# apt PROGRAM ARG...: with the package lists of this run, $lists, if there are
lists=()
apt() {
	local program=$1
	shift
	"apt-$program" -qq -o APT::Sandbox::User=root -o Acquire::Retries=3 \
		"${lists[@]}" "$@" </dev/null
}

# download: the package that the meta package stands for today
download() {
	local package
	package=$(apt cache depends $meta 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9]\)/\1/p')
	[ -n "$package" ] && echo "vm: fetching $package" >&2 &&
		apt get download "$package"
}

# The package lists of this machine may be missing, or too old.
download_current() {
	download || { apt get update && download; } ||
		die "$meta could not be downloaded"
}

# site: where apt gets Debian from, without the security updates
site() {
	# shellcheck disable=SC2016 # for apt-get
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' | sort -u | head -n 1
}

# carries SUITE: reads that suite's package lists, and only them, into $PWD/apt.
# A suite that is not there makes apt fail; a network that is not there, not.
carries() {
	rm -rf apt
	mkdir -p apt/{lists/partial,cache/archives/partial}
	echo "deb [arch=amd64 target=Packages signed-by=$keys] $site $1 main" \
		>apt/sources.list
	lists=(-o "Dir::Etc::sourcelist=$PWD/apt/sources.list"
		-o Dir::Etc::sourceparts=/dev/null
		-o "Dir::State::lists=$PWD/apt/lists"
		-o "Dir::Cache=$PWD/apt/cache")
	apt get update 2>/dev/null
}

# without the updates, which have newer builds of it
download_oldest() {
	local site suite
	site=$(site)
	[ -n "$site" ] || { apt get update && site=$(site); }
	[ -n "$site" ] || die "apt has no Debian archive configured"
	for suite in oldoldoldstable oldoldstable oldstable stable; do
		carries $suite || continue
		download || die "$meta of $suite could not be downloaded"
		return
	done
	die "there is no suite of Debian at $site"
}

# fetch FOLDER: made whole, or not at all
fetch() (
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	cd "$new"
	"download_$which"
	dpkg-deb -x ./*.deb .
	[ -d lib/modules ] || mv usr/lib .
	cd lib/modules/*
	version=${PWD##*/}
	mkdir -p "$new/kernel/lib/modules/$version"
	cp -r --parents -t "$new/kernel/lib/modules/$version" modules.builtin* \
		modules.order kernel/arch/*/crypto kernel/crypto kernel/lib \
		kernel/net kernel/drivers/net/*.ko* kernel/fs/fat kernel/fs/nls \
		kernel/drivers/block/loop.ko*
	depmod -b "$new/kernel" "$version"
	mv "$new"/boot/vmlinuz-* "$new/kernel/vmlinuz"
	rm -rf "$cache/$which"-*
	# somebody else may have been faster
	mv -T "$new/kernel" "$1" 2>/dev/null || [ -e "$1/vmlinuz" ]
)

case $which in
current | oldest) ;;
*) die "usage: tests/vm/kernel.sh current|oldest" ;;
esac
[ "$(dpkg --print-architecture)" = amd64 ] ||
	die "the guest has this machine's programs, which have to be amd64's"
# what is in the folder depends on this file
folder=$cache/$which-$(sha256sum "$0" | cut -c 1-12)
[ -e "$folder/vmlinuz" ] || fetch "$folder"
echo "$folder"
