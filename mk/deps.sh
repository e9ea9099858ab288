#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh - installs the Debian packages that a job needs and that are not
# there, and says which. Where all is there it does nothing, says nothing and
# needs no root.
#
#   mk/deps.sh JOB...      jobs are the first column of the table below
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# job | package | a shell command that succeeds where the package is there
# shellcheck disable=SC2016 # expanded when it is run
needs='
build	gcc		command -v ${CC:-cc}
build	libc6-dev	header stdio.h
build	make		command -v make
build	pkg-config	command -v ${PKG_CONFIG:-pkg-config}
build	libcjson-dev	library libcjson
build	libnl-3-dev	library libnl-3.0
build	libnftnl-dev	library libnftnl
build	libmnl-dev	library libmnl
build	libdbus-1-dev	library dbus-1
static	bison		command -v bison
static	dpkg-dev	command -v dpkg-source
static	flex		command -v flex
static	libc6-dev	${CC:-cc} -print-file-name=libc.a | grep /
musl	musl-tools	command -v musl-gcc
cross-amd64	musl-tools	test "$(uname -m)" != x86_64 || command -v musl-gcc
cross-amd64	gcc-x86-64-linux-gnu	command -v x86_64-linux-gnu-gcc
cross-amd64	libc6-dev-amd64-cross	x86_64-linux-gnu-gcc -print-file-name=libc.a | grep /
cross-arm64	gcc-aarch64-linux-gnu	command -v aarch64-linux-gnu-gcc
cross-arm64	libc6-dev-arm64-cross	aarch64-linux-gnu-gcc -print-file-name=libc.a | grep /
cross-arm	gcc-arm-linux-gnueabihf	command -v arm-linux-gnueabihf-gcc
cross-arm	libc6-dev-armhf-cross	arm-linux-gnueabihf-gcc -print-file-name=libc.a | grep /
cross-ppc64le	gcc-powerpc64le-linux-gnu	command -v powerpc64le-linux-gnu-gcc
cross-ppc64le	libc6-dev-ppc64el-cross	powerpc64le-linux-gnu-gcc -print-file-name=libc.a | grep /
cross-s390x	gcc-s390x-linux-gnu	command -v s390x-linux-gnu-gcc
cross-s390x	libc6-dev-s390x-cross	s390x-linux-gnu-gcc -print-file-name=libc.a | grep /
cross-mips64le	gcc-mips64el-linux-gnuabi64	command -v mips64el-linux-gnuabi64-gcc
cross-mips64le	libc6-dev-mips64el-cross	mips64el-linux-gnuabi64-gcc -print-file-name=libc.a | grep /
cross-riscv64	gcc-riscv64-linux-gnu	command -v riscv64-linux-gnu-gcc
cross-riscv64	libc6-dev-riscv64-cross	riscv64-linux-gnu-gcc -print-file-name=libc.a | grep /
qemu-user	qemu-user-static	command -v qemu-s390x-static
demo	iproute2	command -v ip
demo	iputils-ping	command -v ping
demo	nftables	command -v nft
demo	socat		command -v socat
demo	util-linux	command -v nsenter
check	bats		command -v bats
check	iproute2	command -v ip && command -v bridge
check	iptables	command -v iptables-nft
check	iputils-ping	command -v ping
check	dbus-daemon	command -v dbus-daemon
check	firewalld	command -v firewalld
check	gojq		command -v gojq
check	jq		command -v jq
check	netbase		test -e /etc/protocols
check	nftables	command -v nft
check	procps		command -v sysctl
check	socat		command -v socat
check	strace		command -v strace
check	systemd		command -v busctl
check	tcpdump		command -v tcpdump
check	util-linux	command -v nsenter
storm	bats		command -v bats
storm	iproute2	command -v ip && command -v bridge
storm	gojq		command -v gojq
storm	nftables	command -v nft
storm	util-linux	command -v nsenter && command -v flock
sweep	bats		command -v bats
sweep	iproute2	command -v ip
sweep	gojq		command -v gojq
sweep	strace		command -v strace
sweep	nftables	command -v nft
sweep	util-linux	command -v nsenter && command -v unshare
unit	bats		command -v bats
vm	cpio		command -v cpio
vm	kmod		command -v depmod
vm	qemu-system-x86	command -v qemu-system-x86_64
bench	gnuplot-nox	command -v gnuplot
bench	gojq		command -v gojq
bench	iproute2	command -v ip
bench	iptables	command -v iptables
bench	strace		command -v strace
bench	util-linux	command -v nsenter && command -v unshare
man	go-md2man	command -v go-md2man
package	binutils	command -v readelf
package	rpm		command -v rpmbuild
check-packages	bats	command -v bats
check-packages	groff-base	command -v groff
check-packages	lintian	command -v lintian
check-packages	man-db	command -v man
lint	clang-format	command -v clang-format
lint	clang-tidy	command -v clang-tidy
lint	shellcheck	command -v shellcheck
analyze	cppcheck	command -v cppcheck
analyze	gcc		command -v gcc
coverage	clang	command -v clang
coverage	libclang-rt-dev	counters
coverage	llvm	command -v llvm-cov && command -v llvm-profdata
fuzz	clang		command -v clang
fuzz	libclang-rt-dev	libfuzzer
mutants	python3		command -v python3
mutants	python3-venv	python3 -c "import ensurepip, venv"
valgrind	valgrind	command -v valgrind
'

header() {
	echo "#include <$1>" | ${CC:-cc} -E -xc - -o /dev/null
}
library() {
	${PKG_CONFIG:-pkg-config} --exists "$1"
}
libfuzzer() {
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer,address,undefined -xc - -o /dev/null
}
counters() {
	echo 'int main(void) { return 0; }' |
		clang -fprofile-instr-generate -xc - -o /dev/null
}

missing=()
for job; do
	grep -q "^$job	" <<<"$needs" || {
		echo "deps: there is no job \"$job\"" >&2
		exit 2
	}
	while read -r for package there; do
		if [ "$for" = "$job" ] && ! (eval "$there") >/dev/null 2>&1 &&
			[[ " ${missing[*]-} " != *" $package "* ]]; then
			missing+=("$package")
		fi
	done <<<"$needs"
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "deps: there is no apt-get here; install by hand what Debian" \
		"calls ${missing[*]}" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: these packages are missing; install them as root:" >&2
	echo "    apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "deps: installing ${missing[*]}"
SECONDS=0
export DEBIAN_FRONTEND=noninteractive
install=(apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends)
log=$(mktemp)
policy=
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
# Services that packages bring, firewalld above all, are not to run here: they
# are not started (policy-rc.d, in the place that Debian gives it), nor at the
# next boot.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	policy=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod +x "$policy"
fi
# The package lists may be missing or too old to be of use: then once more
# with new ones.
if ! "${install[@]}" "${missing[@]}" >"$log" 2>&1 </dev/null; then
	apt-get -qq update </dev/null
	"${install[@]}" "${missing[@]}" >"$log" 2>&1 </dev/null || {
		cat "$log" >&2
		echo "deps: apt-get could not install ${missing[*]}" >&2
		exit 1
	}
fi
if [[ " ${missing[*]} " = *" firewalld "* ]] && command -v systemctl >/dev/null; then
	systemctl --quiet disable firewalld >"$log" 2>&1 || cat "$log" >&2
fi
echo "deps: that took $SECONDS s"
