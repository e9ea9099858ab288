#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# faults.bats - run.sh itself: a guest that fails is a failed test, and never
# outlives it. What the guests do is in the folder faults.

setup() {
	VM=$BATS_TEST_DIRNAME
	export TMPDIR=$BATS_TEST_TMPDIR # where run.sh works
	unset VM_TIMEOUT VM_KERNEL
}

# guests: the processes of those that work below our folder
guests() {
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		[[ $(readlink "$cwd") != "$TMPDIR"/cnic-vm.* ]] ||
			echo "${cwd//[^0-9]/}"
	done
}
started() { [ -n "$(guests)" ]; }
gone() { [ -z "$(guests)" ]; }

# await CMD: for as long as it may take on a slow machine
await() {
	local end=$((SECONDS + 300))
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# boots FILE...: run.sh fails with them, and has left nothing
boots() {
	run "$VM/run.sh" "${@/#/tests/vm/faults/}"
	echo "$output"
	[ "$status" = 1 ]
	gone
	[ -z "$(ls "$TMPDIR")" ]
}
says() { [[ $output = *"$1"* ]]; }

@test "a panic of the kernel is a failed test, and the console is shown" {
	boots panic.bats
	says 'ok 1 before'
	says 'not ok 2 - guest 1, Linux '
	says '# it did not finish'
	says 'Kernel panic - not syncing: sysrq triggered crash'
	says '1..2'
}

@test "a guest that hangs is ended, and is a failed test" {
	VM_TIMEOUT=40 boots hang.bats
	says 'not ok 1 - guest 1'
	says '# it took too long'
	says '1..1'
}

@test "a skip is a failure, whatever its reason, and so is a failed test" {
	boots skip.bats
	says 'ok 1 fine'
	says 'not ok 2 lacks # skip needs CONFIG_X'
	says 'not ok 3 bad'
	says '# neigh'
	says 'ok 4 - guest 1, Linux '
	says '1..4'
}

@test "two guests are one list of tests" {
	VM_GUESTS=2 boots skip.bats panic.bats
	says 'not ok 3 bad'
	says 'ok 4 - guest 1, Linux '
	says 'ok 5 before'
	says 'not ok 6 - guest 2, Linux '
	says '1..6'
}

@test "a script has to do what its plan says, and its exit status too" {
	VM_GUESTS=1 boots script.sh silent.sh half.sh status.sh
	says 'ok 2 - fine'
	says 'not ok 3 - bad'
	says 'not ok 5 - guest 1, Linux '
	says '# 0 tests of 0 were run'
	says '# 1 tests of 2 were run'
	says '# all passed, but exit status 3'
	says '1..5'
}

@test "no guest outlives run.sh, even if that is killed" {
	for signal in TERM KILL; do
		"$VM/run.sh" tests/vm/faults/hang.bats 3>&- &
		pid=$!
		await started
		kill -$signal $pid
		wait $pid || :
		await gone
	done
}

@test "a file that is not there is an error" {
	run "$VM/run.sh" tests/vm/faults/none.bats
	[ "$status" = 1 ]
	says 'there is no tests/vm/faults/none.bats'
}
