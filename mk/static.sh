#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# static.sh - makes the libraries that static executables are linked with, and
# prints the folder where they are then: include/, lib/, lib/pkgconfig/, and
# linked.tsv, which names what is in them
#
#   CC=COMPILER mk/static.sh           makes what is not there yet
#   CC=COMPILER mk/static.sh folder    prints the folder, and makes nothing
#
# The compiler says for which machine: aarch64-linux-gnu-gcc for arm64, musl-gcc
# for this one with musl. The folder is in
# $CNIC_CACHE/static (~/.cache/cnic/static), and another one where the compiler's
# version or this script is another one. `mk/deps.sh static` installs what is
# needed.
#
# libnl, cJSON and libdbus are built from Debian's source packages; libnftnl.a is
# Debian's own; libmnl is static/mnl.c. What else is in static/ is an object in lib/,
# linked with each executable, some of them with musl alone. The packages come
# from where apt gets Debian on this machine. The versions are pinned: one that is
# not there any more, because Debian has replaced it, is an error.
set -euo pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}
base=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}/static

# source package | version | SHA-256 of its .dsc, which has those of its files |
# license of what is linked
sources='
libnl3	3.7.0-0.2	dd41ed81344119f158f3ed194dad966247f21a1d1ee078295d347b4ec7c2adef	LGPL-2.1-only
cjson	1.7.15-1+deb12u4	764c2de141d680f4fb4cada30c526dacaa30ead061b9b9c34f2b81e2df0f8439	MIT
dbus	1.14.10-1~deb12u1	c759e380dd595a407be70b09e8f0aecb9f86c67bf515cdc0dd629dfcac88b9cf	AFL-2.1 OR GPL-2.0-or-later
'
# libnftnl-dev: architecture | version | SHA-256 | Debian's release that has it,
# where that is not this machine's: riscv64 is younger than Debian 12
packages='
amd64	1.2.4-2	4cbc6f80695044abc6123af5d29cc2b481e2e48727d140564b911cafffdc977b
arm64	1.2.4-2	b28900e852a394eb267a1fcd7bf544307165bf406541078705f094bf4b3ddd45
armhf	1.2.4-2	fd0abc82100eaf8a40b7a20f74db538ccb7e3d24b05d13c82fec76af72d9f544
ppc64el	1.2.4-2	5984be8e4946da3a935affd8566133a5fc9d13aee97b5ebafd2d8ac2a31393dd
s390x	1.2.4-2	620124198d3ceb58fee9cd708600da0c8aa1f4620c06a56190a6f0b3c2dbf191
mips64el	1.2.4-2	ec8b4664e707160b42c8c2f6661b9d62076e4a990717617b1c72997a7e383b82
riscv64	1.2.9-1	aa393e5472d4f2f635860b4b924a044621ccb8572bcd9246f5ef2a93efb70c67	trixie
'

die() {
	echo "static: $*" >&2
	exit 1
}

# what the compiler builds for, by GNU's name and by Debian's
triple=$($cc -dumpmachine) || die "there is no compiler $cc"
case $triple in
x86_64-linux-gnu) arch=amd64 ;;
aarch64-linux-gnu) arch=arm64 ;;
arm-linux-gnueabihf) arch=armhf ;;
powerpc64le-linux-gnu) arch=ppc64el ;;
s390x-linux-gnu) arch=s390x ;;
mips64el-linux-gnuabi64) arch=mips64el ;;
riscv64-linux-gnu) arch=riscv64 ;;
*) die "libnftnl of $triple is not pinned" ;;
esac
IFS=$'\t' read -r _ libnftnl libnftnl_sum release < <(grep "^$arch	" \
	<<<"$packages")
libc=glibc
case $cc in *musl*) libc=musl ;; esac
folder=$base/$arch-$libc-$({ cat "$here/static.sh" "$here"/static/* &&
	$cc -v 2>&1 | grep ' version '; } | sha256sum | cut -c 1-12)

# configured TYPE OPTION: the Debian archives of this machine, as lines for apt
configured() {
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016 # for apt-get
	apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
		--format "$1 [$2signed-by=$keys]"' $(REPO_URI) $(RELEASE) $(COMPONENT)' |
		sort -u
}

# apt PROGRAM ARG...: with sources.list and lists of this run alone
apt() {
	local program=$1
	shift
	"apt-$program" -qq -o APT::Sandbox::User=root -o Acquire::Retries=3 \
		-o Acquire::Languages=none -o "APT::Architectures::=$arch" \
		-o "Dir::Etc::sourcelist=$new/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o "Dir::State::lists=$new/apt/lists" \
		-o "Dir::Cache=$new/apt/cache" "$@" </dev/null >&2
}

# lists: of source packages, and of that architecture's
lists() {
	mkdir -p "$new"/apt/{lists/partial,cache/archives/partial}
	# without package lists apt does not know whose archives they are
	[ -n "$(configured deb '')" ] || apt-get -qq update </dev/null >&2
	{
		configured deb-src ''
		configured deb "arch=$arch " |
			sed -E "s/ ([a-z]+)((-[a-z]+)? [a-z]+)$/ ${release:-\\1}\\2/"
	} >"$new/apt/sources.list"
	[ -s "$new/apt/sources.list" ] ||
		die "apt has no Debian archive configured"
	# an archive may lack an architecture; what is needed is asked for
	apt get update || :
}

# is FILE SHA-256
is() {
	echo "$2  $1" | sha256sum --status -c - || die "$1 has another SHA-256"
}

# fetch NAME VERSION SHA-256: unpacked, with Debian's patches, into $new/NAME
fetch() {
	echo "static: fetching $1 $2" >&2
	apt get source --download-only "$1=$2" ||
		die "the source package $1 $2 could not be fetched"
	is "$1_${2#*:}.dsc" "$3"
	dpkg-source --no-check -x "$1_${2#*:}.dsc" "$1" >/dev/null
}

# configure NAME OPTION...: by its own script, for that machine
configure() (
	cd "$1"
	shift
	./configure --quiet --host="$triple" --prefix=/usr --sysconfdir=/etc \
		--localstatedir=/var --disable-shared --enable-static "$@" \
		CC="$cc" CFLAGS="$cflags" >&2
)

# pc NAME VERSION FLAGS LIBS: what pkg-config says of it
pc() {
	printf '%s\n' "Name: $1" "Description: $1, static" "Version: ${2%%-*}" \
		"Cflags: $3" "Libs: -L$folder/lib $4" \
		>"$new/out/lib/pkgconfig/$1.pc"
}

make_libnl3() {
	configure libnl3 --disable-cli --disable-debug
	# Debian's patches touch what automake has made its files of
	make -s -j2 -C libnl3 AUTOMAKE=: ACLOCAL=: AUTOCONF=: AUTOHEADER=: \
		CFLAGS="$cflags $fortify $without" lib/libnl-3.la >&2
	mkdir "$new/out/include/libnl3"
	cp -r libnl3/include/netlink "$new/out/include/libnl3/"
	cp libnl3/lib/.libs/libnl-3.a "$new/out/lib/"
	pc libnl-3.0 "$1" "-I$folder/include/libnl3" '-lnl-3 -lpthread'
}

make_cjson() {
	mkdir "$new/out/include/cjson"
	cp cjson/cJSON.h "$new/out/include/cjson/"
	# shellcheck disable=SC2086 # flags are words
	$cc $cflags $fortify -c -o cJSON.o cjson/cJSON.c
	$ar rcs "$new/out/lib/libcjson.a" cJSON.o
	# as Debian's: "cjson/cJSON.h" and "cJSON.h" are both found
	pc libcjson "$1" "-I$folder/include -I$folder/include/cjson" -lcjson
}

# the client's side alone: it talks to a socket, and looks for no daemon
make_dbus() {
	configure dbus --disable-systemd --disable-selinux --disable-apparmor \
		--disable-libaudit --without-x --disable-inotify \
		--disable-epoll --disable-launchd --disable-tests \
		--disable-doxygen-docs --disable-xml-docs --disable-asserts \
		--disable-checks \
		--runstatedir=/run EXPAT_CFLAGS=' ' EXPAT_LIBS=' '
	make -s -j2 -C dbus/dbus CFLAGS="$cflags $fortify $without" libdbus-1.la >&2
	mkdir "$new/out/include/dbus"
	cp dbus/dbus/dbus*.h "$new/out/include/dbus/"
	cp dbus/dbus/.libs/libdbus-1.a "$new/out/lib/"
	pc dbus-1 "$1" "-I$folder/include" '-ldbus-1 -lpthread'
}

# out of Debian's package, since that has the archive
make_libnftnl() {
	echo "static: fetching libnftnl-dev:$arch $1" >&2
	apt get download "libnftnl-dev:$arch=$1" ||
		die "libnftnl-dev:$arch $1 could not be fetched"
	is "libnftnl-dev_${1}_$arch.deb" "$2"
	dpkg-deb -x "libnftnl-dev_${1}_$arch.deb" libnftnl
	cp -r libnftnl/usr/include/libnftnl "$new/out/include/"
	cp "libnftnl/usr/lib/$triple/libnftnl.a" "$new/out/lib/"
	pc libnftnl "$1" "-I$folder/include" '-lnftnl -lmnl'
}

make_libmnl() {
	local includes
	includes=$(pkg-config --variable=includedir libmnl)
	cp -rL "$includes/libmnl" "$new/out/include/"
	# shellcheck disable=SC2086 # flags are words
	$cc $cflags $fortify -D_GNU_SOURCE -I "$new/out/include" -c -o mnl.o \
		"$here/static/mnl.c"
	$ar rcs "$new/out/lib/libmnl.a" mnl.o
	pc libmnl 0 "-I$folder/include" -lmnl
}

# object NAME: static/NAME.c; the compiler would make calls of what is in it
object() {
	# shellcheck disable=SC2086 # flags are words
	$cc $cflags -fno-builtin -D_GNU_SOURCE -DERRORS='"errors.h"' -I. -c \
		-o "$new/out/lib/$1.o" "$here/static/$1.c"
}

# errors: errors.h, the texts of this machine's glibc
errors() {
	cat >errors.c <<-'END'
	#include <stdio.h>
	#include <string.h>
	int main(void)
	{
		for (int n = 0; n < 256; n++)
			if (strerrorname_np(n))
				printf("ERROR(%d, \"%s\")\n", n, strerror(n));
	}
	END
	gcc -D_GNU_SOURCE -o errors errors.c
	./errors >errors.h
}

# part ARCHIVE LICENSE: that archive, a path, by Debian's package
part() {
	local package
	package=$(dpkg -S "$(realpath "$1")")
	package=${package%%: *}
	printf '%s\t%s\t%s\n' "${package%%:*}" \
		"$(dpkg-query -W -f '${Version}' "$package")" "$2" >>linked
}

case ${1-} in
folder)
	echo "$folder"
	exit
	;;
'') ;;
*) die "usage: mk/static.sh [folder]" ;;
esac
if [ -e "$folder/linked.tsv" ]; then
	echo "$folder"
	exit
fi

mkdir -p "$base"
new=$(mktemp -d "$base/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
cd "$new"
mkdir -p out/include out/lib/pkgconfig

# as ours are compiled, and without this folder's name in them
cflags="-Os -g -fPIE -fstack-protector-strong -ffunction-sections"
cflags+=" -fdata-sections -fno-asynchronous-unwind-tables"
cflags+=" -ffile-prefix-map=$new=. -ffile-prefix-map=$here=mk"
case $arch in amd64 | arm64 | ppc64el | s390x) cflags+=" -fstack-clash-protection" ;; esac
# what configure's own programs do not get
without="-include $here/static/without.h"
ar=$triple-ar
if [ $libc = musl ]; then
	# the kernel's headers, which are where glibc's are
	cflags+=" -idirafter /usr/include -idirafter /usr/include/$triple"
	for name in arena fortify; do object $name; done
	fortify="-include $here/static/fortify.h"
else
	fortify="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
fi

lists
while IFS=$'\t' read -r name version sum license; do
	[ -n "$name" ] || continue
	fetch "$name" "$version" "$sum"
	echo "static: building $name for $arch, $libc" >&2
	# in no condition, so that each command in it has to succeed
	set +e
	(set -e; "make_$name" "$version") >"$name.log" 2>&1
	status=$?
	set -e
	[ $status = 0 ] || {
		tail -n 20 "$name.log" >&2
		die "$name could not be built"
	}
	printf '%s\t%s\t%s\n' "$name" "$version" "$license" >>linked
done <<<"$sources"
make_libmnl
object assert
object unwind
if [ $libc = musl ]; then
	errors
	object strerror
fi
make_libnftnl "$libnftnl" "$libnftnl_sum"
printf '%s\t%s\t%s\n' libnftnl "$libnftnl" GPL-2.0-or-later >>linked
# what the compiler brings
if [ $libc = musl ]; then
	# musl-gcc would name glibc's
	part "/usr/lib/${triple/gnu/musl}/libc.a" MIT
else
	part "$($cc -print-file-name=libc.a)" LGPL-2.1-or-later
fi
part "$($cc -print-file-name=libgcc.a)" 'GPL-3.0-or-later WITH GCC-exception-3.1'
# written last: with it, all is there
mv linked out/linked.tsv
mv -T out "$folder" 2>/dev/null || [ -e "$folder/linked.tsv" ]
echo "$folder"
