#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# item.sh - runs one test file over a tree whose code may do anything, until its
# first failure
#
#   item.sh TREE FILE [PROFILE]   as tests/run.sh FILE, in the folder TREE
#
# The test file runs in namespaces of its own, and everything in there ends with
# it. There the machine's files cannot be written, /tmp is empty and small, and
# the network is another one. PROFILE is a folder that stands in place of
# TREE/build/profile.
set -euo pipefail
if [ "$1" != --inside ]; then
	BATS=$(command -v bats || :) exec unshare --net --mount --ipc --pid \
		--fork --kill-child "$0" --inside "$@"
fi
tree=$2 file=$3 profile=${4-}

# One /proc, not one over another: a test takes it away and finds none.
umount --lazy /proc
mount -t proc none /proc

cd "$tree"
if [ -n "$profile" ]; then
	mount --bind "$profile" build/profile
fi
mount -t tmpfs -o size=512m,mode=1777 none /tmp
# The folder we are in may have been below /tmp, and is to be there again.
mkdir -p "$tree"
mount --no-canonicalize --rbind . "$tree"
mount -o remount,bind,ro "$tree"
mount -o remount,bind,ro /
mount -t sysfs none /sys
# busctl says nothing about a process whose control group it cannot find.
mount -t cgroup2 -o ro none /sys/fs/cgroup
cd "$tree"

# A process that grows without end is ended first, and not somebody else.
echo 1000 >/proc/self/oom_score_adj

# bats goes on after a failure: what is behind its name here does not. A test
# that runs bats itself gets the real one.
mkdir /tmp/bin
cat >/tmp/bin/bats <<-'END'
	#!/usr/bin/env bash
	tap=$(mktemp -u "$TMPDIR/tap.XXXXXX")
	mkfifo "$tap"
	PATH=${PATH#/tmp/bin:} "$BATS" "$@" >"$tap" 2>&1 &
	sed '/^not ok/q' <"$tap" | tee "$tap.said"
	! grep -q '^not ok' "$tap.said" || exit 1
	wait $!
END
chmod +x /tmp/bin/bats

export BATS PATH=/tmp/bin:$PATH TMPDIR=/tmp O=build BIN=$tree/build/bin
unset MUST_RUN TEST_JOBS
# in the background, since what has the number 1 is deaf to most signals
tests/run.sh "$file" &
wait $!
