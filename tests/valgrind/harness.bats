#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# harness.bats - run.sh sees what it is there to see: one that missed something
# would let everything pass

REPO=$(realpath "$BATS_TEST_DIRNAME/../..")

# A repository with nothing in it but the harness.
setup() {
	T=$BATS_TEST_TMPDIR
	mkdir -p "$T"/tests/{netns,unit} "$T"/build/{bin,unit,valgrind}
	cp -r "$REPO"/tests/{valgrind,run.sh} "$T/tests"
	cp "$(cd "$REPO" && realpath -m "${O:-build}")/valgrind/preload.so" \
		"$T/build/valgrind"
	: >"$T/tests/valgrind/without"
	PATH=${PATH//"$BATS_LIBEXEC:"/} # it is not this bats that is run inside
	cd "$T" || return
	printf '@test "calls p" {\n"%s/p" || :\n}\n' "\$BIN" \
		>tests/netns/calls.bats
	program bin/p ''
	program unit/u 'puts("1..1\nok 1 - u");'
}

# program NAME BODY [INCLUDE]: makes that one, its main() being the body
program() {
	${CC:-cc} -g -O0 -w -D_GNU_SOURCE -I"$REPO/tests/unit" -o "build/$1" \
		-xc - <<-END
	#include <${3:-stdlib.h}>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>
	void *kept;
	int main(int argc, char *argv[])
	{
		$2
		return 0;
	}
	END
}

# calls <TEXT: that is the test. Its first @ is there twice: bats here would take
# the line for its own.
calls() { sed 's/^@@/@/' >tests/netns/calls.bats; }

both() {
	TMPDIR=$T run tests/valgrind/run.sh build build/unit/u \
		tests/netns/calls.bats
	echo "$output"
}
passes() {
	both
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "$1 passed, 0 failed" ]
	[ "$(ls)" = $'build\ntests' ]
}

# sees TEXT: one test fails and says that
sees() {
	both
	[ "$status" = 1 ]
	[[ ${lines[-1]} = *' passed, 1 failed' && $output = *"$1"* ]]
}

LOST='memset(malloc(7), 1, 7); argv = NULL;'
READ='char *p = malloc(7); free(p); if (p[1] == argc) puts("x");'
UNSET='char *p = malloc(7); argc = p[1]; free(p); if (argc) puts("x");'

@test "what has no fault passes" {
	passes 3
}

@test "a plugin that lost memory, whatever its test thinks of its status" {
	program bin/p "$LOST"
	sees 'definitely lost'
}

@test "a plugin that still holds memory at its end" {
	program bin/p 'kept = malloc(7);'
	sees 'still reachable'
}

@test "a plugin that reads what is not its own" {
	program bin/p "$READ"
	sees 'Invalid read of size 1'
	program bin/p "$UNSET"
	sees 'uninitialised value'
}

@test "a plugin that crashes" {
	program bin/p '*(char *)16 = 1;'
	sees 'Invalid write of size 1'
}

@test "a child of a plugin" {
	program bin/p "if (fork() == 0) { $LOST _exit(0); }"
	sees 'definitely lost'
}

@test "plugins that are never called" {
	printf '@test "calls p" {\n:\n}\n' >tests/netns/calls.bats
	sees 'none of them'
}

@test "a unit program, with an allocator of its own as well" {
	for header in stdlib.h failing-malloc.h; do
		for body in "$LOST" "$READ" "$UNSET"; do
			program unit/u "puts(\"1..1\nok 1 - u\"); $body" $header
			sees 'exit status is 99'
		done
	done
}

@test "a file for a row is run for that row; any file may be left out whole" {
	printf '@test "for cows" {\n[ "%s" = cow ]\n}\n' "\$ROW" \
		>>tests/netns/calls.bats
	both() {
		TMPDIR=$T run tests/valgrind/run.sh build build/unit/u \
			tests/netns/calls.bats@{cow,horse}
		echo "$output"
	}
	both
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '5 passed, 1 failed' ]
	[[ $output = *'FAILED  '*calls@horse:* ]]
	echo 'tests/netns/calls.bats | for cows | why' >tests/valgrind/without
	passes 4
	echo 'tests/netns/calls.bats | * | why' >tests/valgrind/without
	passes 1
	cp tests/netns/calls.bats tests/unit/u.c
	echo 'tests/unit/u.c | * | why' >tests/valgrind/without
	both
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '4 passed, 1 failed' ]
	[[ $output != *unit-u* ]]
}

@test "a test is left out by its name, if there is one, with a reason" {
	printf '@test "an other (p)" {\nfalse\n}\n' >>tests/netns/calls.bats
	both
	[ "$status" = 1 ]
	for line in 'an other (p) | why' 'calls p | why' '* | why'; do
		echo "tests/netns/calls.bats | $line" >tests/valgrind/without
		case $line in
		an*) passes 3 ;;
		calls*) both; [ "${lines[-1]}" = '1 passed, 2 failed' ] ;;
		*) passes 1 ;;
		esac
	done
	for line in 'calls.bats | an other | why' 'calls.bats | calls p |' \
		'call.bats | calls p | why'; do
		echo "tests/netns/$line" >tests/valgrind/without
		both
		[ "$status" = 1 ]
		[[ ${lines[-1]} = 'without: '* ]]
	done
}

@test "a stream that is closed is closed for the plugin" {
	program bin/p 'for (int fd = 0; fd < 3; fd++)
		if ((fcntl(fd, F_GETFD) < 0) != (argv[1][fd] == 0x78))
			abort();
	return getenv("CNIC_CLOSED") ? 1 : 0;' fcntl.h
	calls <<-'END'
	@@test "calls p" {
	"$BIN/p" ...
	"$BIN/p" .x. >&-
	"$BIN/p" xx. >&- <&-
	"$BIN/p" ..x 2>&-
	run -134 "$BIN/p" .x.
	}
	END
	passes 3
}

@test "a plugin's folder has the executables, and so has a copy; a link stays" {
	calls <<-'END'
	@@test "calls p" {
	cp -a "$BIN" "$BATS_TEST_TMPDIR/copy"
	for dir in "$BIN" "$BATS_TEST_TMPDIR/copy"; do
		[[ $(CNI_PATH=$dir "$dir/p") = */real ]]
		[ "$(CNI_PATH=/other "$dir/p")" = /other ]
	done
	ln -s "$BIN" "$BATS_TEST_TMPDIR/link"
	dir=$BATS_TEST_TMPDIR/link
	[ "$(CNI_PATH=$dir "$dir/p")" = "$dir" ]
	}
	END
	program bin/p 'puts(getenv("CNI_PATH"));'
	passes 3
}

# Names are opened beneath the folder as lib/base does; what the kernel says
# without valgrind is what is to be said with it.
@test "openat2 stays beneath its folder, without links, in one mount" {
	program unit/open '
	struct open_how how = { O_RDONLY | O_CLOEXEC, 0, RESOLVE_BENEATH |
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };
	if (getenv("PATH_ALONE"))
		how.flags = O_PATH | O_CLOEXEC;
	char text[8] = "";
	int dir = open(argv[1], O_PATH), fd;

	for (int i = 2; i < argc; i++) {
		fd = syscall(SYS_openat2, dir, argv[i], &how, sizeof(how));
		printf("%.40s: %s", argv[i], fd < 0 ? strerrorname_np(errno)
			: fcntl(fd, F_GETFD) == FD_CLOEXEC ? "open" : "kept");
		printf(" %zd\n", read(fd, text, 7));
		close(fd);
	}
	close(dir);' 'errno.h>
	#include <fcntl.h>
	#include <linux/openat2.h>
	#include <sys/syscall.h'
	mkdir -p in/a/b
	echo text | tee in/a/file in/file >out
	chmod 0 in/a/file
	ln -s file in/link
	ln -s a in/folder
	for dir in in /; do
		set -- "$dir" file a/file a/b a none a/none file/x .. ../out \
			a/../../out "$T/out" /file link folder/file '' proc/version \
			proc sys/kernel "$(printf '%05000d' 0)"
		build/unit/open "$@" >want
		LD_PRELOAD=$T/build/valgrind/preload.so valgrind -q \
			build/unit/open "$@" >got
		diff want got
		PATH_ALONE=1 build/unit/open "$@" >want.path
		PATH_ALONE=1 LD_PRELOAD=$T/build/valgrind/preload.so valgrind \
			-q build/unit/open "$@" >got
		diff want.path got
	done
	cat want
	# only by the preload library: the call is not known to valgrind
	valgrind -q build/unit/open in file 2>&1 | grep -q ENOSYS
}
