#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# harness.bats - what counts mutants: one that it took for killed, though no test
# noticed, would be a promise that nothing keeps. Needs root, clang and the tool.

HERE=$(realpath "$BATS_TEST_DIRNAME")

# A project of four functions and two test files.
setup_file() {
	export T=$BATS_FILE_TMPDIR/tree
	cp -r "$HERE/few" "$T"
	cp "$HERE/../run.sh" "$T/tests"
	mkdir "$T/build"
}

setup() {
	cd "$T" || return
	PATH=${PATH//"$BATS_LIBEXEC:"/} # it is not this bats that is run inside
	: >made
	: >equivalent
	: >exclude
}

# made LINE TEXT: a mutant, TEXT in place of that line
made() {
	printf '{"file": "lib/core/few.c", "line": %d, "mutant": "%s"}\n' \
		"$1" "$2" >>made
}

# verdict STATUS [OPTION...]: what is said of those that were made
verdict() {
	local want=$1
	shift
	PYTHONDONTWRITEBYTECODE=1 run python3 "$HERE/mutants.py" --tree . \
		--state build/mutants --generate 'sh -c "cat made"' \
		--equivalent equivalent --exclude exclude --count 20 --slack 5 "$@"
	echo "$output"
	[ "$status" = "$want" ]
}
says() { [[ $output = *"$1"* ]]; }

@test "what a test notices is killed, by the first that fails" {
	made 5 '\tif (a < b)'
	verdict 0
	says 'few.c:5 build/unit/of_few: the larger one'
	says '1 killed by unit, 0 by netns'
	says '0 survived'
	[ "${lines[-1]}" = '3 passed, 0 failed' ]
}

@test "what no test notices survives, and is shown" {
	made 6 '\t\treturn a + 0 * b + (a == 7);'
	verdict 1
	says '0 killed by unit, 0 by netns (0 of all by their deadline), 1 survived'
	says $'lib/core/few.c:6 few_max\n  - return a;\n  + return a + 0'
	says '0.0 % killed, at least 90 are wanted'
	[ "${lines[-1]}" = '2 passed, 1 failed' ]
}

@test "what netns alone notices is killed by it, and no test after it is run" {
	made 15 '\t\ti += 2;'
	verdict 0
	says 'few.c:15 tests/netns/few.bats: it counts to three'
	says '0 killed by unit, 1 by netns (0 of all by their deadline)'
	verdict 0 --layers netns
	says 'few.bats: it counts to three (known)'
	verdict 1 --layers unit
	says '1 survived'
}

@test "what does not come to its end is killed by its deadline" {
	made 15 '\t\ti += 0 * n;'
	verdict 0 --layers netns
	says 'few.bats: it did not end'
	says '1 by netns (1 of all by their deadline)'
}

@test "a file that fails without a mutant kills none, and is told" {
	made 15 '\t\ti += 3;'
	cp broken.c tests/unit
	verdict 1 --layers unit
	rm tests/unit/broken.c
	says 'build/unit/broken FAILS: always'
	says '1 survived'
	says 'build/unit/broken fails without a mutant'
	[ "${lines[-1]}" = '1 passed, 2 failed' ]
}

@test "what nothing runs survives without a run" {
	made 26 '\treturn n - 7;'
	verdict 1
	says '0 test files run it'
	says 'few.c:26 few_unseen'
}

@test "what nothing can run is told apart, and only if nothing does" {
	made 26 '\treturn n - 7;'
	made 15 '\t\ti += 2;'
	cat >exclude <<-'END'
	# needs CONFIG_EVERYTHING: something
	lib/core/few.c	few_unseen	*
	lib/core/few.c	few_count	i += 1;
	END
	verdict 0 --layers netns
	says 'few.c:26 needs CONFIG_EVERYTHING: something'
	says '1 are where nothing can be run'
	says '1 mutants: 0 killed by unit, 1 by netns'
}

@test "the same code, and what does not compile or link, are no mutants" {
	made 5 '\tif (!(a <= b))'
	made 6 '\t\treturn c;'
	made 10 'int few_counts(int n)'
	made 15 '\t\t++i;'
	verdict 1 --least 0
	says '2 did not compile, 2 compiled to the same code'
	says '0 mutants: '
}

@test "a line gives one mutant, its first that is one" {
	made 5 '\tif (a < c)'
	made 5 '\tif (a < b)'
	made 5 '\tif (a == b)'
	verdict 0
	says '1 mutants: 1 killed'
	for seed in 2 3 4; do
		verdict 0 --seed $seed
		says '1 mutants: 1 killed'
	done
}

@test "what changes the text of a message alone is no mutant" {
	made 21 '\treturn n ? \"\" : \"none\";'
	made 21 '\treturn !n ? \"one\" : \"none\";'
	verdict 1
	says '1 mutants of 1 lines can be made'
	says '1 survived'
}

@test "what is listed is equivalent, with its reason" {
	made 6 '\t\treturn a + 0 * b + (a == 7);'
	made 5 '\tif (a < b)'
	cat >equivalent <<-'END'
	# Whoever asks for more
	# than six gets more.
	lib/core/few.c few_max
	- return a;
	+ return a + 0 * b + (a == 7);
	END
	verdict 0
	says 'few.c:6 Whoever asks for more than six gets more.'
	says '1 are listed as equivalent'
	says '1 mutants: 1 killed'
}

@test "what is listed and cannot be made any more fails" {
	made 5 '\tif (a < b)'
	cat >equivalent <<-'END'
	# Once upon a time.
	lib/core/few.c few_max
	- return a;
	+ break;
	END
	verdict 1
	says 'no mutant of today: lib/core/few.c few_max return a; break;'
	[ "${lines[-1]}" = '2 passed, 1 failed' ]
}

@test "nothing is listed without a reason" {
	made 5 '\tif (a < b)'
	printf 'lib/core/few.c few_max\n- return a;\n+ break;\n' >equivalent
	verdict 1
	says 'equivalent: not a mutant under a reason:'
}

@test "what is known is asked again when a test changed, and not before" {
	made 21 '\treturn !n ? \"one\" : \"none\";'
	made 14 '\twhile (i <= n)'
	verdict 1 --layers unit
	says '2 survived'
	verdict 1 --layers unit
	[[ $(grep -c '(known)$' <<<"$output") = 2 ]]
	sed -i.old 's/bad ?/bad || few_count(3) != 3 ?/' tests/unit/of_few.c
	verdict 1 --layers unit
	says 'few.c:14 build/unit/of_few: the larger one'
	[[ $(grep -c '(known)$' <<<"$output") = 0 ]]
	mv tests/unit/of_few.c.old tests/unit/of_few.c
}

@test "only as many as are asked for, and only those that are named" {
	made 5 '\tif (a < b)'
	made 6 '\t\treturn b;'
	made 7 '\treturn a;'
	verdict 0 --count 2
	says '2 mutants: 2 killed'
	name=$(sed -n 's/^ *killed *\([0-9a-f]*\) .*/\1/p' <<<"$output" |
		tail -n 1)
	verdict 0 --only "$name"
	says '1 mutants: 1 killed'
	verdict 0 --only lib/core/few.c
	says '3 mutants: 3 killed'
	verdict 1 --only lib/core/many.c
	says 'there are none of'
}

@test "a test of a mutant cannot touch the machine, nor outlive its end" {
	cat >build/spy <<-END
	#!/bin/sh
	sleep 987654 &
	echo 1..4
	(: >"$T/spied") 2>/dev/null || echo ok 1
	[ "\$(ls /sys/class/net)" = lo ] && echo ok 2
	(: >"\$TMPDIR/spied") && echo ok 3
	[ "\$(ps ax | grep -c .)" -lt 20 ] && echo ok 4
	END
	chmod +x build/spy
	run env -u TMPDIR "$HERE/item.sh" "$T" build/spy
	echo "$output"
	[ "$status" = 0 ]
	[ -z "$(pgrep -f 'sleep 98765[4]')" ]
}

@test "a test of a mutant finds a control group, and one /proc to take away" {
	cat >build/guest <<-'END'
	#!/bin/sh
	echo 1..2
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && echo ok 1
	umount --lazy /proc && [ -z "$(ls /proc)" ] && echo ok 2
	END
	chmod +x build/guest
	run "$HERE/item.sh" "$T" build/guest
	echo "$output"
	[ "$status" = 0 ]
}

@test "the tool makes mutants of what is code" {
	python=$("$HERE/tool.sh")
	"$python" "$HERE/generate.py" lib/core/few.c >all 2>log
	grep -F '"line": 5, "mutant": "\tif (a >= b)"' all
	grep -F '"line": 6, "mutant": "\t\t/*return a;*/"' all
	[ "$(grep -cE '"line": [12],' all)" = 0 ]
}
