#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package.sh - packages of executables that are there: the plugins, a manual page
# for each, the documents, the licence and the news. Nothing is a conffile, no script runs.
#
#   mk/package.sh deb|rpm BIN LINKED ARCH TO PLUGIN...
#
# BIN is the folder that has the executables, which are static and go in as they
# are, LINKED linked.tsv of mk/static.sh, ARCH what Debian calls what they run on,
# TO the folder for the package, whose path is printed. The same executables make
# the same package, byte for byte.
#
# The package takes the place of kubernetes-cni, on which kubelet's depends. That
# is removed, also with its plugins that this suite has not. dpkg and rpm put a
# file in by rename, and leave in the folder what no package has put there. By
# rpm nothing is obsolete, so that no upgrade of a node swaps them by itself.
set -euo pipefail
form=$1 bin=$(realpath "$2") linked=$(realpath "$3") arch=$4 to=$5
shift 5
cd "$(dirname "$0")/.."
version=$(<VERSION)
maintainer='cnic maintainers <cnic@localhost>'
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 \
	--format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8
umask 022
mkdir -p "$to"
to=$(realpath "$to")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
doc=$root/usr/share/doc/cnic

summary='CNI plugins in C'
description() {
	local names
	names=$(printf '%s, ' "$@")
	echo "What containerd, Kubernetes, nerdctl and others run to give a" \
		"container its network: ${names%, }. They take the place of the" \
		"Go reference plugins, with the same configuration, results and" \
		"state on disk. The package kubernetes-cni has to go for it," \
		"and goes with plugins that are not in this one: bandwidth," \
		"dhcp, vlan and others." | fold -s -w 72 | sed 's/ $//'
}

# the executables, pages and documents, below $root
fill() {
	local p
	install -d "$root/opt/cni/bin" "$root/usr/share/man/man8" "$doc"
	for p; do
		install -m 0755 "$bin/$p" "$root/opt/cni/bin/$p"
		mk/man.sh "$p" | gzip -9n >"$root/usr/share/man/man8/cnic-$p.8.gz"
	done
	gzip -9n <NEWS.md >"$doc/NEWS.gz"
	install -m 0644 "$linked" "$doc/linked.tsv"
	for p in *.md doc/*.md doc/bench/* plugins/*/README.md \
		image/daemonset.yaml; do
		[ "$p" = NEWS.md ] || install -D -m 0644 "$p" "$doc/$p"
	done
	if [[ $(readelf -d "$root"/opt/cni/bin/*) = *NEEDED* ]]; then
		echo "package: $bin has executables that need libraries" >&2
		return 1
	fi
}

# what all of a package's times are
same_times() {
	find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

copyright() {
	cat <<-END
	Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
	Upstream-Name: cnic

	Files: *
	Copyright: 2026 the authors of cnic
	License: GPL-2+
	Comment: The executables have libraries in them, which linked.tsv names with
	 their versions and licenses.

	License: GPL-2+
	 On Debian systems the text of the GNU General Public License, version 2,
	 is in /usr/share/common-licenses/GPL-2.
	END
}

# what lintian says of it, and why that stays
overrides() {
	cat <<-'END'
	# CNI's runtimes look there, and kubelet's package expects it there
	cnic: dir-or-file-in-opt [opt/*]
	cnic: file-in-unusual-dir [opt/*]
	# static executables run on any distribution and start faster; position
	# independent ones look like libraries that lack some
	cnic: shared-library-lacks-prerequisites [opt/*]
	cnic: statically-linked-binary [opt/*]
	# there is no address for mail
	cnic: bogus-mail-host *
	cnic: bogus-mail-host-in-debian-changelog *
	END
}

deb() {
	local file=$to/cnic_${version}_$arch.deb
	install -d "$root/DEBIAN" "$root/usr/share/lintian/overrides"
	copyright >"$doc/copyright"
	overrides >"$root/usr/share/lintian/overrides/cnic"
	printf 'cnic (%s) unstable; urgency=medium\n\n  * See NEWS.gz.\n\n -- %s  %s\n' \
		"$version" "$maintainer" \
		"$(date -u -R -d "@$SOURCE_DATE_EPOCH")" |
		gzip -9n >"$doc/changelog.gz"
	cat >"$root/DEBIAN/control" <<-END
	Package: cnic
	Version: $version
	Architecture: $arch
	Maintainer: $maintainer
	Installed-Size: $(du -sk --apparent-size "$root" | cut -f 1)
	Section: net
	Priority: optional
	Provides: kubernetes-cni (= $version)
	Conflicts: kubernetes-cni
	Replaces: kubernetes-cni
	Description: $summary
	$(description "$@" | sed 's/^/ /')
	END
	(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\n' |
		sort | xargs md5sum) >"$root/DEBIAN/md5sums"
	same_times
	dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >"$tmp/log" ||
		{ cat "$tmp/log" >&2; return 1; }
	echo "$file"
}

rpm_arch() {
	case $1 in
	amd64) echo x86_64 ;;
	arm64) echo aarch64 ;;
	arm | armhf) echo armv7hl ;;
	ppc64el) echo ppc64le ;;
	*) echo "$1" ;;
	esac
}

rpm() {
	local machine file
	machine=$(rpm_arch "$arch")
	file=$to/cnic-$version-1.$machine.rpm
	install -d "$root/usr/share/licenses/cnic"
	install -m 0644 LICENSE "$root/usr/share/licenses/cnic/LICENSE"
	same_times
	cat >"$tmp/cnic.spec" <<-END
	Name: cnic
	Version: $version
	Release: 1
	Summary: $summary
	License: GPL-2.0-or-later
	BuildArch: $machine
	AutoReqProv: no
	Provides: kubernetes-cni = $version
	Conflicts: kubernetes-cni
	%description
	$(description "$@")
	%files
	%attr(0755,root,root) /opt/cni/bin/*
	%doc %attr(-,root,root) /usr/share/doc/cnic
	%doc %attr(0644,root,root) /usr/share/man/man8/*
	%license %attr(0644,root,root) /usr/share/licenses/cnic/LICENSE
	END
	rpmbuild -bb --quiet --target "$machine-linux" --buildroot "$root" \
		--define "_topdir $tmp/rpm" --define "_rpmdir $tmp" \
		--define '_rpmfilename cnic.rpm' --define '_buildhost cnic' \
		--define 'use_source_date_epoch_as_buildtime 1' \
		--define 'clamp_mtime_to_source_date_epoch 1' \
		--define '__os_install_post %{nil}' \
		--define '_build_id_links none' --define 'debug_package %{nil}' \
		"$tmp/cnic.spec" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; return 1; }
	mv "$tmp/cnic.rpm" "$file"
	echo "$file"
}

case $form in
deb | rpm) ;;
*)
	echo "package: there is no form $form" >&2
	exit 2
	;;
esac
fill "$@"
$form "$@"
