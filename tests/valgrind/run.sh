#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs tests, what they test under valgrind's memcheck
#
#   tests/valgrind/run.sh BUILD TEST...
#
# TEST is a unit program, or a bats file (FILE.bats@ROW, as in tests/plugins, has
# ROW in its environment), whose plugins are then scripts that
# run those of BUILD under valgrind. Any error counts, and so does any leak: of
# a plugin also what is still reachable at its end. A unit program has children
# that end in the midst of a test, so there only what nothing points to counts.
#
# The file without, beside this one, lists tests that cannot run so, and why.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
root=${here%/tests/valgrind}
build=$(realpath "$1")
shift
cd "$root"

out=$(mktemp -d "${TMPDIR:-/tmp}/cnic-valgrind.XXXXXX")
trap 'rm -rf "$out"' EXIT
mkdir "$out"/{bin,real,logs,tests}

# no fault: a library that is loaded when it is needed stays until the end
cat >"$out/stays" <<-END
	{
	   what dlopen(3) keeps
	   Memcheck:Leak
	   match-leak-kinds: reachable
	   ...
	   fun:_dl_open
	   ...
	}
END

# lax-ioctls: no warning of one that valgrind does not know, NS_GET_NSTYPE
memcheck=(valgrind -q --vgdb=no --sim-hints=lax-ioctls --num-callers=20
	--read-inline-info=no --error-exitcode=99 --leak-check=full
	--suppressions="$out/stays")
lost=definite,indirect,possible

# without FILE: the names of its tests that are left out; * is all of them
without() {
	awk -F ' *[|] *' -v file="$1" '!/^#/ && $1 == file { print $2 }' \
		"$here/without"
}

# titles FILE: the names of its tests
titles() {
	case $1 in
	*.bats) sed -n 's/^@test "\(.*\)" {.*$/\1/p' "$1" | sed 's/\\"/"/g' ;;
	*) grep -o 'TEST([a-z0-9_]*)' "$1" | sed 's/TEST(\(.*\))/\1/' ;;
	esac
}

# Every line of the list names a test that there is.
check_list() {
	local file test why
	sed '/^#/d; s/ *| */|/g' "$here/without" |
		while IFS='|' read -r file test why; do
		[ -f "$file" ] && [ -n "$why" ] &&
			{ [ "$test" = '*' ] || titles "$file" |
				grep -qxF -e "$test"; } && continue
		echo "without: $file has no test \"$test\", or no reason" >&2
		return 1
	done
}

# script FILE: makes an executable of a script's text
script() {
	{ echo '#!/bin/sh'; cat; } >"$1"
	chmod 755 "$1"
}

# A process has a log of its own, by its number and the time, since numbers
# come again. A plugin in a CNI_PATH that is this folder, or a copy of it, would
# be run as a process, where it is a function without valgrind: so the real files
# are looked for then. A link to this folder, as /opt/cni/bin, stays: tests look
# for its name in what a plugin says. All is copied, as one that runs as a plain
# user may not get at BUILD.
plugins() {
	local plugin
	cp "$build/valgrind/preload.so" "$out"
	cp -a "$build"/bin/* "$out/real"
	for plugin in "$out"/real/*; do
		script "$out/bin/${plugin##*/}" <<-END
			[ "\$CNI_PATH" != "\${0%/*}" ] || [ -L "\$CNI_PATH" ] ||
				CNI_PATH='$out/real'
			CNIC_CLOSED=
			for fd in 0 1 2; do
				[ -e /proc/self/fd/\$fd ] ||
					CNIC_CLOSED=\$CNIC_CLOSED\$fd
			done
			export CNIC_CLOSED
			read -r now _ </proc/uptime
			export LD_PRELOAD='$out/preload.so'
			exec ${memcheck[@]} --show-leak-kinds=all \\
				--errors-for-leak-kinds=all \\
				--log-file="$out/logs/%p-\$now" \\
				"$out/real/\${0##*/}" "\$@"
		END
	done
	chmod -R u=rwX,go=rX "$out"
	chmod 1777 "$out/logs"
}

# A unit program may have an allocator of its own (failing-malloc.h), which is
# left to it: the C library's below is what valgrind takes the place of.
unit() {
	local file=tests/unit/${1##*/}.c
	script "$2" <<-END
		cd '$root' || exit
		export LD_PRELOAD='$out/preload.so'
		export TAP_SLOW=30
		export TAP_WITHOUT=' $(without "$file" | xargs) '
		exec ${memcheck[@]} --show-leak-kinds=$lost \\
			--errors-for-leak-kinds=$lost \\
			--soname-synonyms=somalloc=nouserintercepts \\
			'$(realpath "$1")'
	END
}

netns() {
	local some file=${1%@*} row=
	[ "$file" = "$1" ] || row="export ROW=${1##*@}"
	some=$(titles "$file" | grep -vxF -f <(without "$file") |
		sed 's/[^a-zA-Z0-9 ]/./g' | paste -sd'|')
	script "$2" <<-END
		cd '$root' || exit
		export BIN='$out/bin'
		$row
		exec bats --tap -f '^($some)\$' '$file'
	END
}

check_list
plugins
names=()
for t; do
	t=${t#"$root/"}
	case $t in
	*.bats | *.bats@*) file=${t%@*} ;;
	*) file=tests/unit/${t##*/}.c ;;
	esac
	[ "$(without "$file")" != '*' ] || continue
	case $t in
	*.bats | *.bats@*)
		name=${t#tests/} name=${name/.bats/} name=${name//\//-}
		netns "$t" "$out/tests/$name"
		;;
	*)
		name=${t%/*} name=${name##*/}-${t##*/}
		unit "$t" "$out/tests/$name"
		;;
	esac
	names+=("$name")
done
if [[ " ${names[*]}" = *' netns-'* ]]; then
	script "$out/tests/processes" <<<"'$here/processes.sh' '$out/logs'"
	names+=(processes)
fi
left_out=$(sed '/^#/d' "$here/without" | wc -l)
echo "left out by tests/valgrind/without: $left_out tests, or files of tests"
cd "$out/tests"
# one after the other: "processes" reads what the others wrote
TEST_JOBS=1 "$root/tests/run.sh" "${names[@]}"
