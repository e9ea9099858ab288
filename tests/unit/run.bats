#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# run.bats - the test runner itself: it must not take a failure for a success

# tap NAME <SCRIPT: a test program in shell
tap() {
	{ echo '#!/bin/sh'; cat; } >"$BATS_TEST_TMPDIR/$1"
	chmod +x "$BATS_TEST_TMPDIR/$1"
}

# runs STATUS LAST [NAME...]: what run.sh says of these files
runs() {
	local want=$1 last=$2
	shift 2
	run "$BATS_TEST_DIRNAME/../run.sh" "${@/#/$BATS_TEST_TMPDIR/}"
	echo "$output"
	[ "$status" = "$want" ] && [ "${lines[-1]}" = "$last" ]
}
says() { [[ $output = *"$1"* ]]; }

setup() {
	unset MUST_RUN TEST_TIMEOUT TEST_JOBS
	tap good <<<'printf "1..2\nok 1 - one\nok 2 - two\n"'
}

@test "several files are one count" {
	tap also <<<'printf "ok 1\n1..1\n"'
	runs 0 '3 passed, 0 failed' good also
}

@test "a failed test fails the run, and its diagnostics are shown" {
	tap bad <<-'END'
	printf '1..2\n# x.c:7: reason\nnot ok 1 - one\nok 2 - two\n'
	exit 1
	END
	runs 1 '3 passed, 1 failed' good bad
	says '# x.c:7: reason'
	says 'not ok 1 - one'
	[[ $output != *'ok 2 - two'* ]]
}

@test "what a test wants to be known is shown, though it passed" {
	tap counts <<<'printf "1..1\n# note: 7 cows\n# 3 calves\nok 1 - herd\n"'
	runs 0 '1 passed, 0 failed' counts
	[ "${lines[1]}" = '          7 cows' ]
	[[ $output != *calves* ]]
}

@test "a program that dies early has failed" {
	tap dies <<<'printf "1..3\nok 1 - one\n"; echo why >&2; kill -SEGV $$'
	runs 1 '1 passed, 1 failed' dies
	says why
	says 'ended before its last test'
}

@test "many that die at the same moment are all counted" {
	tap dies <<<'printf "1..1\n"; kill -ABRT $$'
	TEST_JOBS=6 runs 1 '0 passed, 24 failed' {dies,dies}{,,}{,}{,}
}

@test "a program without a plan, or that is not there, has failed" {
	tap quiet <<<'exit 0'
	runs 1 '0 passed, 1 failed' quiet
	says 'no plan'
	tap empty <<<'echo 1..0'
	runs 1 '0 passed, 1 failed' empty
	tap planless <<<'echo ok 1'
	runs 1 '1 passed, 1 failed' planless
	runs 1 '2 passed, 1 failed' no-such-file good
}

@test "a bad exit status after good tests has failed" {
	tap leaks <<<'printf "1..1\nok 1\n"; echo 9 bytes leaked >&2; exit 23'
	runs 1 '1 passed, 1 failed' leaks
	says '9 bytes leaked'
	says 'exit status is 23'
}

@test "a program that takes too long has failed" {
	tap slow <<<'printf "1..1\n"; sleep 60'
	TEST_TIMEOUT=0.2 runs 1 '0 passed, 1 failed' slow
	says 'took longer'
}

@test "several run at a time, and are reported in the order given" {
	tap first <<-END
	n=0
	until [ -e '$BATS_TEST_TMPDIR/there' ]; do
		[ \$((n += 1)) -lt 600 ] || exit 1
		sleep 0.1
	done
	printf '1..1\nok 1\n'
	END
	tap second <<<"touch '$BATS_TEST_TMPDIR/there'; printf '1..1\nok 1\n'; exit 7"
	TEST_JOBS=2 runs 1 '4 passed, 1 failed' first second good
	[[ ${lines[0]} = *ok*/first:* && ${lines[1]} = *FAILED*/second:* ]]
	says 'exit status is 7'
	[[ ${lines[-2]} = *ok*/good:* ]]
}

@test "no more run at a time than are wanted" {
	local f
	for f in a b c d; do
		tap $f <<-END
		touch '$BATS_TEST_TMPDIR/runs.$f'
		sleep 0.2
		set -- '$BATS_TEST_TMPDIR'/runs.*
		[ \$# -le 2 ] && printf '1..1\nok 1\n'
		rm '$BATS_TEST_TMPDIR/runs.$f'
		END
	done
	TEST_JOBS=2 runs 0 '4 passed, 0 failed' a b c d
}

@test "one that is ended ends what it runs" {
	local f pid
	for f in a b; do
		tap $f <<<"echo \$\$ >'$BATS_TEST_TMPDIR/pid.$f'; exec sleep 60"
	done
	mkdir "$BATS_TEST_TMPDIR/tmp"
	TMPDIR=$BATS_TEST_TMPDIR/tmp TEST_JOBS=2 "$BATS_TEST_DIRNAME/../run.sh" \
		"$BATS_TEST_TMPDIR"/[ab] 3>&- &
	pid=$!
	for _ in {1..1200}; do
		[ ! -s "$BATS_TEST_TMPDIR/pid.a" ] ||
			[ ! -s "$BATS_TEST_TMPDIR/pid.b" ] || break
		sleep 0.05
	done
	kill $pid
	wait $pid || status=$?
	[ "$status" = 143 ]
	for f in a b; do
		if kill -0 "$(<"$BATS_TEST_TMPDIR/pid.$f")"; then return 1; fi
	done
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "skips are counted and their reasons shown" {
	tap skips <<<'printf "1..2\nok 1 - a # skip needs a cow\nok 2 - b # SKIP\n"'
	tap all <<<'echo "1..0 # SKIP needs a calf"'
	runs 0 '2 passed, 0 failed, 3 skipped' good skips all
	says 'skipped: a: needs a cow'
	says 'skipped: b: no reason given'
	says 'skipped: all: needs a calf'
}

@test "with MUST_RUN=1 only a kernel option excuses a skip" {
	export MUST_RUN=1
	tap kernel <<<'printf "1..1\nok 1 - v # skip needs CONFIG_X (it lacks)\n"'
	runs 0 '2 passed, 0 failed, 1 skipped' good kernel
	tap tool <<<'printf "1..1\nok 1 - t # skip needs a tool\n"'
	runs 1 '0 passed, 1 failed, 1 skipped' tool kernel
	says 'MUST_RUN=1, but: ok 1 - t # skip needs a tool'
	tap all <<<'echo "1..0 # SKIP needs root"'
	runs 1 '0 passed, 1 failed' all
	tap none <<<'printf "1..1\nok 1 - t # skip\n"'
	runs 1 '0 passed, 1 failed' none
}

@test "bats files are run by bats" {
	# bats would take a line that begins with its keyword for our own
	sed 's/^/@/' >"$BATS_TEST_TMPDIR/x.bats" <<-'END'
	test "fine" { true; }
	test "off" { skip "needs a horse"; }
	test "bad" { echo neigh; false; }
	END
	runs 1 '1 passed, 1 failed, 1 skipped' x.bats
	says 'not ok 3 bad'
	says '# neigh'
	says 'skipped: off: needs a horse'
	echo '@test "x" {' >"$BATS_TEST_TMPDIR/broken.bats"
	runs 1 '2 passed, 1 failed' broken.bats good
}

@test "a file runs once for each row that is named after it" {
	sed 's/^/@/' >"$BATS_TEST_TMPDIR/row.bats" <<-'END'
	test "not for cows" { [ "$ROW" != cow ]; }
	END
	runs 1 '1 passed, 1 failed' row.bats@horse row.bats@cow
	[[ ${lines[0]} = '  ok      '*/row.bats@horse:* ]]
	[[ ${lines[1]} = '  FAILED  '*/row.bats@cow:* ]]
	ROW=cow runs 1 '0 passed, 1 failed' row.bats
	runs 1 '0 passed, 1 failed' none.bats@cow
}

@test "each file's line ends with the seconds it took" {
	tap slow <<<'sleep 0.3; printf "1..1\nok 1\n"'
	tap bad <<<'printf "1..1\nnot ok 1\n"'
	runs 1 '1 passed, 1 failed' slow bad
	[[ ${lines[0]} =~ ^'  ok      '.*/slow:' 1, '([0-9]+\.[0-9])' s'$ ]]
	((10#${BASH_REMATCH[1]/./} >= 3))
	[[ ${lines[1]} =~ ^'  FAILED  '.*/bad:' 1 of 1, '[0-9]+\.[0-9]' s'$ ]]
}

@test "no files are an error, not a success" {
	run "$BATS_TEST_DIRNAME/../run.sh"
	[ "$status" = 2 ]
}

@test "shares of the tests together are all, each once, and what is none is said" {
	share() { seq 10 | "$BATS_TEST_DIRNAME/../share.awk" -v "share=$1"; }
	[ "$(share 1/1)" = "$(seq 10)" ]
	[ "$(share 3/3 | xargs)" = '3 6 9' ]
	[ "$(for k in 1 2 3 4; do share $k/4; done | sort -n)" = "$(seq 10)" ]
	for bad in '' x 3 0/4 5/4 1/0 1/4/2 -1/4; do
		run share "$bad"
		echo "$bad: $status: $output"
		[ "$status: $output" = "2: share.awk: not K/N: $bad" ]
	done
}
