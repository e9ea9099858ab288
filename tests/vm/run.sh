#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs tests of tests/netns under a Debian kernel, in virtual
# machines, for what the kernel of this machine lacks. Prints TAP.
#
#   tests/vm/run.sh [FILE...]   files of tests/netns, or other bats files, or
#                               scripts that print TAP, such as
#                               tests/sweep/vlan.sh (default: the layer, but
#                               for make install and the sweep's kills,
#                               and a full bridge).
#                               FILE.bats@ROW is as in tests/run.sh
#
# A guest has no disk and no network, only an initramfs: the repository, the
# plugins, files of this machine's Debian packages, modules of the kernel. The
# file init, beside this one, runs it. There is one guest for each processor,
# each with its part of the files. A skip is a failure here, as nothing else
# would run that test.
#
#   BIN=<folder>       plugins under test (default: <repository>/build/bin)
#   O=<folder>         where the tests' programs are (default: build)
#   VM_KERNEL=oldest   not the kernel of this Debian, but the oldest there is
#   VM_TIMEOUT=S       what the guests may take, in seconds (default: 3000)
#   VM_GUESTS=N        how many there are
#   VM_SHARE=K/N       where no file is named, only each Nth, from another one for
#                      each K
#   VM_ACCEL=kvm       where that works (default: tcg, which always does)
#   CNIC_CACHE=...     see kernel.sh
#
# On a terminal the guests' output is shown as it comes.
set -euo pipefail
shopt -s extglob
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
repo=$(realpath "$(dirname "$0")/../..")
bin=$(realpath -m "${BIN:-$repo/build/bin}")
tools=$(cd "$repo" && realpath -m "${O:-build}/tests")

# Debian packages: to make and start the guest with, and those inside
here=(cpio kmod qemu-system-x86 util-linux)
inside=(bash bats coreutils dash diffutils findutils grep iproute2 iptables
	iputils-ping gojq jq kmod libc-bin make mawk mount nftables procps sed socat
	strace tar tcpdump util-linux)

die() {
	echo "vm: $*" >&2
	exit 1
}

# --- the initramfs --------------------------------------------------------

# files: those of the packages inside, a line each, and what of them has
# another name by way of /etc/alternatives
files() {
	local list link
	list=$(dpkg -L "${inside[@]}" |
		grep -vE '^/usr/share/(doc|info|locale|man)/|/gconv/')
	echo "$list"
	find /usr/bin /usr/sbin -lname '/etc/alternatives/*' |
		while read -r link; do
			! grep -qxF "$(realpath "$link")" <<<"$list" ||
				echo "$link"
		done
	printf '%s\n' /etc/{group,hostname,ld.so.cache,nsswitch.conf,passwd} \
		/etc/protocols /usr/bin/strip
}

# libraries FILE...: what these programs are linked with
libraries() {
	ldd "$@" 2>/dev/null | sed -n 's/^\t\(.* => \)\?\(\/.*\) (0x.*/\2/p'
}

make_initramfs() {
	local root=$tmp/root all programs
	mkdir -p "$root"/{dev,etc,opt,proc,root,run,sys,tmp,usr,var/lib} \
		"$root"/usr/{bin,lib,lib64,sbin} "$root"/cnic/build/{bin,sweep}
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
	cp -d --preserve=links,mode "$bin"/* "$root/cnic/build/bin"
	cp -r "$tools" "$root/cnic/build/tests"
	[ ! -x build/sweep/sweep ] ||
		cp build/sweep/sweep "$root/cnic/build/sweep"
	cp -r "$kernel/lib/modules" "$root/usr/lib"
	cp "$repo/tests/vm/init" "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$tmp/initramfs"
	rm -rf "$root"
}

# share N FILE...: writes $tmp/1/tests to $tmp/N/tests, the files for each
# guest: the next largest one goes to who has least to do. A script takes as
# long as most files together.
share() {
	local n=$1 g f
	shift
	for ((g = 1; g <= n; g++)); do mkdir "$tmp/$g"; done
	for f; do
		echo "$f:$(grep -c '^@test ' "${f%@*}" || :)"
	done | sed 's/\.sh:0$/.sh:100/' | sort -t : -k 2,2nr |
		awk -F : -v n="$n" -v tmp="$tmp" '
		{
			to = 1
			for (g = 2; g <= n; g++)
				if (load[g] < load[to])
					to = g
			load[to] += $2
			print $1 >(tmp "/" to "/tests")
		}'
}

# --- the guests -----------------------------------------------------------

# Parameters of the kernel. Those with =0 are against links that nobody asked
# for. The processor that TCG makes has no such bugs, the mitigations only cost
# time. Nor does TCG translate a program again each time it is started, if that
# is at the same address: to start one takes a fifth of the time. Where qemu has
# to wait for a processor the kernel finds too few ticks of the timer, and
# panics, if it looks.
cmdline='console=ttyS0 loglevel=4 panic=-1 oops=panic mitigations=off norandmaps
	no_timer_check ifb.numifbs=0 dummy.numdummies=0'

# boot N: its first serial port is the console, its second one has the TAP.
# If timeout or we are killed, the kernel ends the guest.
boot() {
	cd "$tmp/$1"
	{ cat "$tmp/initramfs"
		echo tests | cpio --quiet -o -H newc -R 0:0; } >initramfs
	exec setpriv --pdeathsig TERM timeout -k 10 "${VM_TIMEOUT:-3000}" \
		setpriv --pdeathsig KILL qemu-system-x86_64 \
		-accel "${VM_ACCEL:-tcg}" -cpu qemu64 -smp 1 -m 1536 -nodefaults \
		-no-user-config -display none -no-reboot \
		-kernel "$kernel/vmlinuz" -initrd initramfs -append "${cmdline//[$'\n\t']/ }" \
		-serial file:console -serial file:tap \
		</dev/null >qemu 2>&1
}

stop() {
	[ ${#guests[@]} = 0 ] || kill "${guests[@]}" 2>/dev/null || :
	wait
	rm -rf "$tmp"
}

# result N STATUS: its TAP, without a plan; a skip is a failure. The last test
# is the guest as a whole: that each program in it, bats or a script, did what
# its own plan says.
result() {
	sed 's/\r$//' "$tmp/$1/tap" | awk -v guest="$1" -v end="$2" '
	/^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0; next }
	/^# init: Linux / { release = ", Linux " $4; next }
	/^# init: exit status [0-9]+$/ {
		if (!plan || ran != plan)
			wrong = wrong "# " ran + 0 " tests of " plan + 0 \
				" were run\n"
		else if ($NF && !failed)
			wrong = wrong "# all passed, but exit status " \
				$NF "\n"
		plan = ran = failed = 0
		next
	}
	/^# init: the end$/ { finished = 1; next }
	/^ok .* # skip/ {
		print "not " $0
		print "# nothing may be skipped in a guest"
		ran++
		failed++
		next
	}
	/^(not )?ok / { ran++ }
	/^not ok / { failed++ }
	{ print }
	END {
		if (!finished && end == 124)
			wrong = "# it took too long\n"
		else if (!finished)
			wrong = "# it did not finish, qemu ended with " \
				end "\n"
		print (wrong ? "not " : "") "ok - guest " guest release
		printf "%s", wrong
		exit wrong != ""
	}' || { cat "$tmp/$1/qemu"; last_words "$tmp/$1/console"; } |
		sed 's/\r$//; s/^/# /'
}

# last_words CONSOLE: from the line that names a panic, else its end
last_words() {
	sed -n '/Kernel panic/,$p' "$1" | grep . || tail -n 40 "$1"
}

# number: the tests, one after the other, and the plan
number() {
	awk '
	/^(not )?ok / {
		sub(/ok [0-9]* */, "ok " ++n " ")
		bad += /^not/
	}
	{ print }
	END {
		print "1.." n
		exit bad != 0
	}'
}

missing=()
for p in "${here[@]}" "${inside[@]}"; do
	dpkg -L "$p" >/dev/null 2>&1 || missing+=("$p")
done
[ ${#missing[@]} = 0 ] || die "these packages are missing: ${missing[*]}"
[ -x "$bin/bridge" ] || die "there are no plugins in $bin"
[ -x "$tools/netns/enter" ] || die "no test tools in $tools"
cd "$repo"
# commands reads documents; install tests make, with a compiler; firewalld is a
# program in Python, which ruleset has running as well: nothing of a kernel
if [ $# = 0 ]; then
	mapfile -t rows < <({ tests/plugins.sh files each
		tests/plugins.sh files guest needs; } | grep -v '/kill\.')
	list=$(printf '%s\n' tests/netns/!(commands|install|ruleset).bats \
		tests/netns/!(each)/!(firewalld).bats \
		"${rows[@]}" tests/scale/20-bridge.bats |
		tests/share.awk -v "share=${VM_SHARE:-1/1}")
	mapfile -t part <<<"$list"
	set -- "${part[@]}"
fi
for f; do [ -f "${f%@*}" ] || die "there is no $f"; done
n=${VM_GUESTS:-$(nproc)}
((n <= $#)) || n=$#
kernel=$(tests/vm/kernel.sh "${VM_KERNEL:-current}")

guests=()
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-vm.XXXXXX")
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
make_initramfs
share "$n" "$@"
for ((g = 1; g <= n; g++)); do
	touch "$tmp/$g/tap" "$tmp/$g/console"
	boot $g &
	guests+=($!)
done
if [ -t 1 ]; then
	tail -qf "$tmp"/[0-9]*/tap &
	guests+=($!)
fi
for ((g = 1; g <= n; g++)); do
	status=0
	wait "${guests[g - 1]}" || status=$?
	result $g $status >>"$tmp/all"
done
number <"$tmp/all"
