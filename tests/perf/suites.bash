# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # the script's: rounds
# suites.bash - suites of plugins, each in a folder as timer.c wants it, and the
# columns of its output
#
# A script here says what its arguments are in its first comment, then
#   . suites.bash; apart COUNT "$@"
# runs it anew with files as whole paths, in namespaces that end with it.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

# apart COUNT FILE...: at least so many; afterwards in a network and a mount
# namespace, in an empty /run
apart() {
	local least=$1 whole
	shift
	if [ "${CNIC_PERF-}" != inside ]; then
		[ $# -ge "$least" ] || {
			sed -n '/^#  *tests/,/^#$/s/^# *//p' "$0" >&2
			exit 2
		}
		[ "$(id -u)" = 0 ] || { echo "perf needs root" >&2; exit 1; }
		mapfile -t whole < <(realpath -e "$@")
		[ ${#whole[@]} = $# ] || exit 2
		export CNIC_PERF=inside
		exec unshare -nm --propagation private "$0" "${whole[@]}"
	fi
	unset "${!CNI_@}"
	mount -t tmpfs none /run
	cd /run || exit
	ip link set lo up
}

# make_suite NUMBER BIN: the folder NUMBER as timer.c wants it
make_suite() {
	local i
	mkdir -p "/run/$1/ns"
	ln -s "$2" "/run/$1/bin"
	for i in $(seq 0 $((rounds - 1))) warm traced; do
		: >"/run/$1/ns/$i"
		unshare --net="/run/$1/ns/$i" true
	done
}

# column SUITE VERB COLUMN: its numbers, sorted
column() {
	awk -v s="$1" -v v="$2" -v c="$3" '$1 == s && $2 == v { print $c }' \
		/run/times | sort -n
}
percentile() { awk -v p="$1" '{ v[NR] = $1 }
	END { i = int(NR * p / 100 + 0.5); print v[i < 1 ? 1 : i] }'; }
ms() { awk '{ printf "%.2f", $1 / 1000 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
