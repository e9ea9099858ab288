#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs tests of tests/netns under Debian's kernel, in a virtual
# machine, for what the kernel of this machine lacks. Prints TAP.
#
#   tests/vm/run.sh [FILE...]   files of tests/netns (default: those with a
#                               test that needs an option of the kernel)
#
# The guest has no disk and no network, only an initramfs: the repository, the
# plugins, files of this machine's Debian packages, modules of the kernel. The
# file init, beside this one, runs it. A skip is a failure here, as nothing
# else would run that test.
#
#   BIN=<folder>     plugins under test (default: <repository>/build/bin)
#   VM_TIMEOUT=S     what the guest may take, in seconds (default: 900)
#   VM_ACCEL=kvm     where that works (default: tcg, which always does)
#   CNIC_CACHE=...   its folder vm keeps the kernel; remove that to get a
#                    newer one (default: ~/.cache/cnic)
set -euo pipefail
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
repo=$(realpath "$(dirname "$0")/../..")
bin=$(realpath -m "${BIN:-$repo/build/bin}")
cache=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}/vm

# Debian packages: to make and start the guest with, and those inside
here=(cpio kmod qemu-system-x86)
inside=(bash bats coreutils dash diffutils findutils grep iproute2 iptables
	iputils-ping jq kmod libc-bin make mawk mount nftables sed socat strace
	tar tcpdump util-linux)

die() {
	echo "vm: $*" >&2
	exit 1
}

# --- the kernel -----------------------------------------------------------

# download: the package that linux-image-cloud-amd64 stands for today
download() {
	local package
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9]\)/\1/p')
	[ -n "$package" ] && echo "vm: fetching $package" >&2 &&
		apt-get -qq -o APT::Sandbox::User=root download "$package"
}

# fetch_kernel: vmlinuz and the modules about networks, to $cache/kernel
fetch_kernel() (
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	cd "$new"
	# the package lists may be missing, or too old
	download || { apt-get -qq update </dev/null && download; } ||
		die "linux-image-cloud-amd64 could not be downloaded"
	dpkg-deb -x ./*.deb .
	[ -d lib/modules ] || mv usr/lib .
	cd lib/modules/*
	version=${PWD##*/}
	mkdir -p "$new/kernel/lib/modules/$version"
	cp -r --parents -t "$new/kernel/lib/modules/$version" modules.builtin* \
		modules.order kernel/arch/*/crypto kernel/crypto kernel/lib \
		kernel/net kernel/drivers/net/*.ko*
	depmod -b "$new/kernel" "$version"
	mv "$new"/boot/vmlinuz-* "$new/kernel/vmlinuz"
	mv -T "$new/kernel" "$cache/kernel"
)

# --- the initramfs --------------------------------------------------------

# files: those of the packages inside, a line each
files() {
	dpkg -L "${inside[@]}" | grep -vE '^/usr/share/(doc|info|locale|man)/'
	find /usr/bin /usr/sbin -lname '/etc/alternatives/*'
	printf '%s\n' /etc/{group,ld.so.cache,nsswitch.conf,passwd}
}

# libraries FILE...: what these programs are linked with
libraries() {
	ldd "$@" 2>/dev/null | sed -n 's/^\t\(.* => \)\?\(\/.*\) (0x.*/\2/p'
}

make_initramfs() {
	local root=$tmp/root all programs
	mkdir -p "$root"/{dev,etc,proc,root,run,sys,tmp,usr,var/lib} \
		"$root"/usr/{bin,lib,lib64,sbin} "$root/cnic/build/bin"
	ln -s usr/{bin,lib,lib64,sbin} "$root"
	mapfile -t all < <(files)
	mapfile -t programs < <(printf '%s\n' "${all[@]}" | grep -E '/s?bin/')
	mapfile -t -O ${#all[@]} all < <(libraries "${programs[@]}" "$bin"/*)
	# the contents of links: those to files that are not inside, too
	for f in "${all[@]}"; do
		[ ! -f "$f" ] || echo "${f#/}"
	done | sort -u | tar -C / -chf - -T - | tar -C "$root" -xf -
	tar -C "$repo" --exclude=./.git --exclude=./build -cf - . |
		tar -C "$root/cnic" -xf -
	cp "$bin"/* "$root/cnic/build/bin"
	cp -r "$cache/kernel/lib/modules" "$root/usr/lib"
	cp "$repo/tests/vm/init" "$root/init"
	printf '%s\n' "$@" >"$root/tests"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$tmp/initramfs"
	rm -rf "$root"
}

# --- the guest ------------------------------------------------------------

# boot: its first serial port is the console, its second one our stdout
boot() {
	timeout --foreground "${VM_TIMEOUT:-900}" qemu-system-x86_64 \
		-accel "${VM_ACCEL:-tcg}" -cpu max -smp 2 -m 1536 -nodefaults \
		-no-user-config -display none -no-reboot \
		-kernel "$cache/kernel/vmlinuz" -initrd "$tmp/initramfs" \
		-append 'console=ttyS0 loglevel=4 panic=-1 ifb.numifbs=0' \
		-serial "file:$tmp/console" -serial stdio </dev/null |
		sed -u 's/\r$//'
}

# judge TAP: tells what is wrong with it, if anything is
judge() {
	awk '
	/^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0 }
	/^ok / { ran++ }
	/^ok .* # skip/ { skipped++ }
	/^not ok / { ran++; failed++ }
	/^# init: exit status [0-9]+$/ { status = $NF; finished = 1 }
	END {
		if (!finished)
			print "the guest did not finish"
		else if (!plan || ran != plan)
			print ran + 0 " tests of " plan + 0 " were run"
		if (failed)
			print failed " of " plan " tests failed"
		else if (status)
			print "bats ended with exit status " status
		if (skipped)
			print skipped " tests were skipped"
	}' "$1"
}

missing=()
for p in "${here[@]}" "${inside[@]}"; do
	dpkg -L "$p" >/dev/null 2>&1 || missing+=("$p")
done
[ ${#missing[@]} = 0 ] || die "these packages are missing: ${missing[*]}"
[ -x "$bin/bridge" ] || die "there are no plugins in $bin"
if [ $# = 0 ]; then
	mapfile -t tests < <(cd "$repo" &&
		grep -lw needs_kernel tests/netns/*.bats)
	set -- "${tests[@]}"
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-vm.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
[ -e "$cache/kernel" ] || fetch_kernel
make_initramfs "$@"
boot | tee "$tmp/tap" || :
wrong=$(judge "$tmp/tap")
[ -n "$wrong" ] || exit 0
while read -r line; do echo "vm: $line"; done <<<"$wrong" >&2
if [[ $wrong = *'did not finish'* ]]; then
	tail -n 40 "$tmp/console" >&2
fi
exit 1
