#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC1091,SC2016,SC2030,SC2031 # scripts; each @test is a subshell
# ci.bats - what .ci/run and .ci/all are made of: no failure may get lost. The
# jobs here are functions and small commands in a repository of their own.

setup() {
	T=$BATS_TEST_TMPDIR
	CI=$(realpath "$BATS_TEST_DIRNAME/../../.ci")
	mkdir "$T/repo" "$T/tmp"
	echo text >"$T/repo/file"
}

# ci LAST <SCRIPT: what a file beside .ci/run does; its last line is LAST
ci() {
	{
		echo 'set -u'
		echo "cd '$T/repo' && . '$CI/jobs.sh'"
		echo 'tests() { echo "$1 passed, $2 failed${3+, $3 skipped}"
			[ "$2" = 0 ]; }'
		cat
	} >"$T/script"
	TMPDIR=$T/tmp run bash "$T/script"
	echo "$output"
	[ "${lines[-1]}" = "$1" ]
	# nothing is left
	[ -z "$(ls "$T/tmp")" ]
}
says() { [[ $output = *"$1"* ]]; }
silent() { [[ $output != *"$1"* ]]; }

@test "the sum is that of all jobs; one that counts nothing is one" {
	ci '12 passed, 0 failed, 3 skipped' <<-'END'
	job tests 5 0 1
	job tests 6 0 2
	job echo built
	finish
	END
	[ "$status" = 0 ]
	says 'built'
}

@test "a failed test fails the run, and its job is named" {
	ci '6 passed, 2 failed, 0 skipped' <<-'END'
	job tests 5 2
	job true
	finish
	END
	[ "$status" = 1 ]
	says 'failed: tests 5 2'
	silent 'failed: true'
}

@test "a job that fails outside any test, or is none, is a failure" {
	ci '5 passed, 2 failed, 0 skipped' <<-'END'
	job sh -c 'echo "5 passed, 0 failed"; exit 3'
	job no-such-command
	finish
	END
	[ "$status" = 1 ]
	says 'exit status 3 after'
	says 'failed: sh -c'
	says 'failed: no-such-command'
}

@test "what is in the background counts as well, is shown, and its failure" {
	ci '7 passed, 3 failed, 0 skipped' <<-'END'
	beside sh -c 'echo "1 passed, 0 failed"'
	beside sh -c 'echo "3 passed, 2 failed"; exit 1'
	beside sh -c 'echo words; exit 4'
	job tests 3 0
	together
	finish
	END
	[ "$status" = 1 ]
	says 'words'
	says 'failed: sh -c echo "3 passed, 2 failed"; exit 1 (beside others)'
	says 'failed: sh -c echo words; exit 4 (beside others)'
	silent 'failed: sh -c echo "1'
}

@test "what is in the background is waited for at the end in any case" {
	ci '1 passed, 1 failed, 0 skipped' <<-'END'
	beside sh -c 'sleep 0.3; exit 1'
	job true
	finish
	END
	[ "$status" = 1 ]
}

@test "both run at once" {
	ci '2 passed, 0 failed, 0 skipped' <<-'END'
	# each waits for the other one
	meets() {
		local n=0
		touch "$1"
		until [ -e "$2" ]; do
			[ $((n += 1)) -lt 600 ] || return 1
			sleep 0.1
		done
	}
	export -f meets
	beside bash -c 'meets ../a ../b'
	job meets ../b ../a
	finish
	END
}

@test "the table is of all jobs, longest first, and of what was prepared" {
	ci '3 passed, 0 failed, 0 skipped' <<-'END'
	took job 7 seven
	took job 100 hundred
	took job 20 twenty
	job sh -c 'echo "deps: that took 0 s"'
	job sh -c 'echo "deps: that took 40 s"; echo "2 passed, 0 failed"'
	prepare echo fetching
	finish
	END
	# what these took themselves is none, or one on a busy machine
	sed -n '/^seconds/,$p' <<<"$output" | grep -v '  sh -c' |
		sed -E 's/ -?[0-9]+(  (in all|echo))/ N\1/' >"$T/table"
	diff "$T/table" - <<-'END'
	seconds  job
	    100  hundred
	     20  twenty
	      7  seven
	    N  in all

	seconds  besides, for what stays on this machine
	     40  packages for sh -c echo "deps: that took 40 s"; echo "2 passed, 0 failed"
	      N  echo fetching

	3 passed, 0 failed, 0 skipped
	END
}

@test "more seconds than the budget has are a failure" {
	ci '1 passed, 1 failed, 0 skipped' <<-'END'
	BUDGET=10
	job true
	SECONDS=$((SECONDS + 20))
	finish
	END
	[ "$status" = 1 ]
	says 'failed: budget: 2'
	says 'in all, of 10'
	# it is not what was prepared that counts
	ci '1 passed, 0 failed, 0 skipped' <<-'END'
	BUDGET=10
	job true
	SECONDS=$((SECONDS + 20))
	took prepare 15 packages
	finish
	END
	[ "$status" = 0 ]
}

@test "what could not be prepared is a failure" {
	ci '1 passed, 1 failed, 0 skipped' <<-'END'
	prepare sh -c 'echo no network; exit 1'
	job true
	finish
	END
	[ "$status" = 1 ]
	says 'no network'
	says 'failed: sh -c echo no network; exit 1'
}

@test "what passed is not run again, what failed is" {
	mkdir "$T/records"
	again() {
		ci "$1" <<-END
		RECORDS=$T/records
		job sh -c 'echo ran a >>../log; echo "2 passed, 0 failed, 1 skipped"'
		job sh -c 'echo ran b >>../log; echo "3 passed, \$(grep -c b ../log) failed"
			[ \$(grep -c b ../log) -gt 2 ]'
		job sh -c 'echo ran c >>../log'
		finish
		END
		ran=$(sort "$T/log" | xargs)
	}
	again '6 passed, 1 failed, 1 skipped'
	[ "$status" = 1 ]
	[ "$ran" = 'ran a ran b ran c' ]
	says 'in all'
	again '6 passed, 2 failed, 1 skipped'
	[ "$status" = 1 ]
	[ "$ran" = 'ran a ran b ran b ran c' ]
	[ "$(grep -c "== passed at 20.*not run again" <<<"$output")" = 2 ]
	# with another source all is
	echo more >>"$T/repo/file"
	again '6 passed, 3 failed, 1 skipped'
	[ "$ran" = 'ran a ran a ran b ran b ran b ran c ran c' ]
	# with the first one again, nothing that passed
	echo text >"$T/repo/file"
	again '6 passed, 4 failed, 1 skipped'
	[ "$ran" = 'ran a ran a ran b ran b ran b ran b ran c ran c' ]
}

@test "a job during which a source changed has not passed for good" {
	for _ in 1 2; do
		ci '1 passed, 0 failed, 0 skipped' <<-END
		RECORDS=$T/records
		job sh -c 'echo ran >>../log; echo >>file'
		finish
		END
	done
	[ "$(wc -l <"$T/log")" = 2 ]
}

@test "sources are names, contents and modes, not what was built" {
	word() { (cd "$T/repo" && . "$CI/jobs.sh" && sources); }
	mkdir -p "$T/repo/build" "$T/repo/.git"
	first=$(word)
	[[ $first =~ ^[0-9a-f]{40}$ ]]
	touch "$T"/repo/{build,.git}/new
	[ "$(word)" = "$first" ]
	chmod +x "$T/repo/file"
	[ "$(word)" != "$first" ]
	chmod -x "$T/repo/file"
	[ "$(word)" = "$first" ]
	mv "$T/repo/file" "$T/repo/elif"
	[ "$(word)" != "$first" ]
}

@test "a job is not run again where only what it does not read has changed" {
	mkdir -p "$T/repo/doc/more"
	twice() {
		ci '2 passed, 0 failed, 0 skipped' <<-END
		RECORDS=$T/records
		job sh -c 'echo all >>../log'
		UNREAD=('*.md' './doc/*')
		job sh -c 'echo few >>../log'
		finish
		END
		[ "$(sort "$T/log" | xargs)" = "$1" ]
	}
	twice 'all few'
	for file in A.md doc/B doc/more/C.md; do
		echo text >"$T/repo/$file"
	done
	twice 'all all few'
	ln -s none "$T/repo/doc/link"
	twice 'all all all few'
	# this is the documents' folder's name, at another place
	mkdir -p "$T/repo/tests/doc"
	echo text >"$T/repo/tests/doc/file"
	twice 'all all all all few few'
}

@test "a run that is ended ends what is in the background" {
	cat >"$T/script" <<-END
	cd '$T/repo' && . '$CI/jobs.sh'
	beside sh -c 'echo \$\$ >$T/pid; exec sleep 1000'
	until [ -s '$T/pid' ]; do sleep 0.1; done
	kill \$\$
	finish
	END
	TMPDIR=$T/tmp run bash "$T/script"
	[ "$status" = 143 ]
	[ -z "$(ls "$T/tmp")" ]
	run kill -0 "$(<"$T/pid")"
	[ "$status" = 1 ]
}
