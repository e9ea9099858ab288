#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# commands.bats - each command in a document is run by a test: tests/commands
# says by which

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

setup() {
	TMP=$BATS_TEST_TMPDIR
	cd "$REPOSITORY" || return
}

# said FOLDER: what its documents say, as tests/commands.awk tells
said() {
	(cd "$1" && find . \( -name build -o -name .git \) -prune -o \
		-name '*.md' -printf '%P\n' | sort |
		xargs awk -f "$REPOSITORY/tests/commands.awk")
}

# held TABLE FOLDER: whether table, documents and tests fit; what does not is
# told. A file that is named is a command if it can be run. "make check" is not
# in a line which has only "make check-unit", and a comment runs nothing.
held() {
	said "$2" >"$TMP/said"
	(cd "$2" && find . \( -name build -o -name .git \) -prune -o -type f \
		-perm /111 -printf '%P\n%p\n') >"$TMP/programs"
	awk -F '\t' -v folder="$2/" '
	function wrong(text) {
		print text
		bad = 1
	}
	function runs(file, text,   line, at, found, n) {
		while ((n = (getline line <(folder file))) > 0) {
			if (line ~ /^[ \t]*(#|@test)/)
				continue
			while (at = index(line, text)) {
				line = substr(line, at + length(text))
				found += line !~ /^[A-Za-z0-9_-]/
			}
		}
		close(folder file)
		return found
	}
	part == "programs" { program[$0]; next }
	part == "table" {
		if (/^#|^$/)
			next
		gsub(/   */, "\t")
		command[++rows] = $1
		where[rows] = $2
		as[rows] = $3
		next
	}
	$3 == "file" && !($4 in program) { next }
	{
		text = $3 == "console" ? "console " $1 : $4
		for (i = hit = 0; ++i <= rows; )
			if (command[i] == text || command[i] ~ / \*$/ &&
			    index(text, substr(command[i], 1,
				length(command[i]) - 1)) == 1)
				hit = ++times[i]
		if (!hit)
			wrong($1 ":" $2 ": no test is named for: " text)
	}
	END {
		for (i = 1; i <= rows; i++) {
			if (!times[i])
				wrong("no document says: " command[i])
			else if (where[i] == "-" && as[i] == "")
				wrong("no reason: " command[i])
			# a session that a test runs block by block
			n = 1
			if (sub(/ N$/, "", as[i]))
				n = times[i]
			if (where[i] != "-" && runs(where[i],
			    as[i] == "" ? command[i] : as[i]) < n)
				wrong(where[i] " does not run: " command[i])
		}
		exit bad
	}' part=programs "$TMP/programs" part=table "$1" part=said "$TMP/said"
}

@test "each command in a document has its test, each test its command" {
	held tests/commands .
	(($(wc -l <"$TMP/said") > 100))
}

# copy: what the first test looks at, to be changed
copy() {
	mkdir "$TMP/copy"
	said . >"$TMP/said"
	{
		cut -f 1 "$TMP/said"
		sed '/^#/d; s/   */\t/g' tests/commands | cut -s -f 2 | grep -vx -e -
		awk -F '\t' '$3 == "file" { print $4 }' "$TMP/said" |
			while read -r path; do
				[[ ! -f $path || ! -x $path ]] || echo "$path"
			done
	} | sort -u | xargs cp --parents -t "$TMP/copy"
	cp tests/commands "$TMP/table"
	held "$TMP/table" "$TMP/copy"
}

# finds TEXT: what does not fit is that, and that alone
finds() {
	run held "$TMP/table" "$TMP/copy"
	[[ $status = 1 && $output = *"$1" && $output != *$'\n'* ]] || {
		echo "$output"
		return 1
	}
}

# written DOCUMENT TEXT: it ends in that
written() {
	cp "$1" "$TMP/copy/$1"
	printf %b "$2" >>"$TMP/copy/$1"
}

# shellcheck disable=SC2016 # the documents'
@test "a command that is new in a document is found, in a block and in a sentence" {
	copy
	written NEWS.md 'See `nft list\nsets`.\n'
	finds 'no test is named for: nft list sets'
	written NEWS.md '```sh\nsudo make check # all\n```\n'
	held "$TMP/table" "$TMP/copy"
	written NEWS.md '```sh\nreboot\n```\n'
	finds 'no test is named for: reboot'
	written NEWS.md '```\n$ true\n```\n'
	finds 'no test is named for: $ true'
	written NEWS.md '```bash\ntrue\n```\n'
	finds 'no test is named for: a block of bash'
	written NEWS.md 'a `tick\n'
	finds 'no test is named for: a ` without an end'
	written NEWS.md '```console\n$ true\n```\n'
	finds 'no test is named for: console NEWS.md'
	written NEWS.md ''
	# a block more than a test runs, one by one
	written doc/switching.md '```console\n$ true\n```\n'
	finds '90-switching.bats does not run: console doc/switching.md'
}

@test "a row whose command is gone, or whose test does not run it, is found" {
	copy
	echo 'make coffee  .ci/run' >>"$TMP/table"
	run held "$TMP/table" "$TMP/copy"
	[[ $output = *'no document says: make coffee'* ]]
	cp tests/commands "$TMP/table"
	sed -i 's/^job make demo/# &/' "$TMP/copy/.ci/run"
	finds '.ci/run does not run: make demo'
	sed 's/^job make check$/# &/' .ci/run >"$TMP/copy/.ci/run"
	finds '.ci/run does not run: make check'
	cp .ci/run "$TMP/copy/.ci/"
	rm "$TMP/copy/mk/lint.mk"
	finds 'mk/lint.mk does not run: make format'
	cp mk/lint.mk "$TMP/copy/mk/"
	sed -i 's/^\(dnf swap  *-\).*/\1/' "$TMP/table"
	finds 'no reason: dnf swap'
}

@test "make knows every target that the documents name" {
	make --no-print-directory help >"$TMP/help"
	said . | cut -f 4 | sed -n 's/^make //p' | tr ' ' '\n' |
		grep -vE '=|^TARGET$' | sort -u >"$TMP/targets"
	(($(wc -l <"$TMP/targets") > 20))
	while read -r target; do
		grep -qE "^  $target +[^ ]" "$TMP/help" ||
			{ echo "make $target?"; return 1; }
	done <"$TMP/targets"
}

@test "files that the documents name are there" {
	said . | awk -F '\t' '$3 == "file" && $4 !~ /</ {
		sub(/@.*/, "", $4)
		if ($4 !~ /^(tests|mk|lib|plugins|doc|image|\.ci)\//) {
			if ($4 !~ /\.bats$/)
				next
			$4 = "tests/netns/" $4
		}
		print $4
	}' | sort -u >"$TMP/files"
	(($(wc -l <"$TMP/files") > 30))
	xargs ls -d <"$TMP/files"
}

@test "make deps has nothing to do where all is there" {
	[[ -z $(make --no-print-directory deps) ]]
}
