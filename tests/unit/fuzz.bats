#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031 # each @test is a subshell
# fuzz.bats - tests/fuzz/fuzz.sh: which targets are run, and which need not be.
# The targets here are programs that say what libFuzzer says.

setup() {
	T=$BATS_TEST_TMPDIR
	mkdir -p "$T"/{repo/tests/fuzz,repo/tests/data/fuzz/{a,b},fuzz}
	cp "$BATS_TEST_DIRNAME/../fuzz/fuzz.sh" "$T/repo/tests/fuzz"
	touch "$T"/repo/tests/data/fuzz/{a,b}/seed
	export FUZZ=$T/fuzz FUZZ_TARGETS='a b' FUZZ_SECONDS=2 FUZZ_JOBS=2
	export FUZZ_STAMPS=$T/stamps
	target a 7
	target b 8
}

# target NAME RUNS [FINDING]: makes that one; with a finding, it has one
target() {
	${CC:-cc} -g -O0 -w -o "$FUZZ/$1" -xc - <<-END
	#include <stdio.h>
	#include <stdlib.h>
	int main(void)
	{
		puts("stat::number_of_executed_units: $2");
		fclose(fopen("corpus/$1", "w"));
		if (*"${3-}") {
			puts("==1==ERROR: ${3-}");
			fclose(fopen("crash-${3-}", "w"));
			return 77;
		}
		return 0;
	}
	END
}

fuzzes() {
	run "$T/repo/tests/fuzz/fuzz.sh"
	echo "$output"
	diff - <(grep -v '^# found: ' <<<"$output" |
		sed "s/ since $(date +%F),/ since today,/")
}

@test "a target that has not changed is not run again, and is named" {
	fuzzes <<-'END'
	1..2
	ok 1 - a
	# note: a: 7 executions in 2 s
	ok 2 - b
	# note: b: 8 executions in 2 s
	END
	[ "$status" = 0 ]
	target b 9
	fuzzes <<-'END'
	# note: a: not changed since today, when it ran for 2 s
	1..1
	ok 1 - b
	# note: b: 9 executions in 2 s
	END
	fuzzes <<-'END'
	# note: a: not changed since today, when it ran for 2 s
	# note: b: not changed since today, when it ran for 2 s
	1..1
	ok 1 - no target has changed since it was run for as long
	END
	[ "$status" = 0 ]
	# nobody keeps it in mind
	FUZZ_STAMPS='' run "$T/repo/tests/fuzz/fuzz.sh"
	[ "${lines[0]}" = 1..2 ]
}

@test "where it was built does not matter, how long it ran does" {
	"$T/repo/tests/fuzz/fuzz.sh" >"$T/first"
	mkdir "$T/elsewhere"
	mv "$FUZZ/a" "$T/old"
	cd "$T/elsewhere"
	target a 7
	run cmp "$FUZZ/a" "$T/old"
	[ "$status" = 1 ]
	export FUZZ_TARGETS=a
	fuzzes <<-'END'
	# note: a: not changed since today, when it ran for 2 s
	1..1
	ok 1 - no target has changed since it was run for as long
	END
	FUZZ_SECONDS=1 fuzzes <<-'END'
	# note: a: not changed since today, when it ran for 2 s
	1..1
	ok 1 - no target has changed since it was run for as long
	END
	FUZZ_SECONDS=3 fuzzes <<-'END'
	1..1
	ok 1 - a
	# note: a: 7 executions in 3 s
	END
}

@test "one with a finding has failed, and is run again" {
	export FUZZ_TARGETS=a
	target a 7 oops
	for _ in 1 2; do
		fuzzes <<-'END'
		1..1
		# stat::number_of_executed_units: 7
		# ==1==ERROR: oops
		not ok 1 - a: exit status 1
		END
	done
	[ -e "$FUZZ/a.found/crash-oops" ]
	# not one input is no test
	target a 0
	run "$T/repo/tests/fuzz/fuzz.sh"
	[[ ${lines[-1]} = 'not ok 1 - a: exit status 0' ]]
}
