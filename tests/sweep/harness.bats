#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031 # each @test is a subshell
# harness.bats - the sweep itself: it has to notice what a plugin leaves. The
# plugin here is a script that keeps one file, and does one thing wrong.

SWEEP=$(cd "$BATS_TEST_DIRNAME/../.." && realpath -m "${O:-build}/sweep/sweep")
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

setup() {
	T=$BATS_TEST_TMPDIR
	CONF='{"cniVersion":"1.1.0","name":"net","type":"plugin"}'
	HALF='rm -f half' FAILED='exit 1' FORGET='half' CHECK='[ -e lease ]'
	ERROR='{"cniVersion":"1.1.0","code":100,"msg":"failed"}'
}

# sweep [OPTION...]: of the plugin that setup's variables describe. HALF and
# FAILED are what it does when the file cannot get its name, FORGET is what DEL
# removes besides.
sweep() {
	cat >"$T/plugin" <<-END
	#!/bin/sh
	fail() { $HALF; echo '$ERROR'; $FAILED; }
	mkdir -p /var/lib/net && cd /var/lib/net || fail
	case \$CNI_COMMAND in
	ADD)
		[ ! -e lease ] || fail
		{ echo "\$CNI_CONTAINERID" >half; } 2>/dev/null || fail
		{ ln half lease && rm half; } 2>/dev/null ||
			{ rm -f lease; fail; }
		echo '{"cniVersion":"1.1.0"}'
		;;
	DEL) rm -f lease $FORGET || fail ;;
	CHECK) $CHECK || fail ;;
	esac
	END
	chmod +x "$T/plugin"
	# shellcheck disable=SC2016 # expanded by that shell
	run unshare -nm --propagation private sh -c '
		mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
		exec "$@"' sh "$SWEEP" -n test "$@" "$T/plugin" "$T" <<<"$CONF"
	echo "$output"
}

passes() {
	sweep "$@"
	[ "$status" = 0 ]
	[[ $output != *"not ok"* ]]
}

# notices TEXT [OPTION...]: the sweep fails, and says so; by default in that
# row in which the file cannot get its name
notices() {
	local text=$1
	shift
	[ $# -gt 0 ] || set -- -o ADD,link,EIO
	sweep "$@"
	[ "$status" = 1 ]
	grep -q '^not ok' <<<"$output"
	grep -q -- "$text" <<<"$output"
}

@test "a plugin that leaves nothing passes" {
	passes -o ADD,link
	[[ $output = *'ok - test: ADD, link fails with EIO (1 times)'* ]]
	[[ $output = *'# sum plugin 3 0 0 0' ]]
	passes -o DEL,unlink
}

# kills: of the last sweep
kills() {
	[[ $output =~ ' is killed ('([0-9]+)' times)' ]]
	echo "${BASH_REMATCH[1]}"
}

@test "one that can be killed anywhere passes" {
	passes -o ADD,kill
	(($(kills) > 20))
	passes -o DEL,kill
	few=$(kills)
	passes -a -o DEL,kill
	(($(kills) >= 4 * few))
}

# hits: of the last sweep, all of its rows
hits() {
	[[ $output =~ '# sum plugin '([0-9]+)' '([0-9]+)' '([0-9]+)' '([0-9]+)$ ]]
	echo $((BASH_REMATCH[1] + BASH_REMATCH[2] + BASH_REMATCH[3] +
		BASH_REMATCH[4]))
}

# shared ROW: the shares of such rows are what they have to be; how many places
# each of them has is in $places
shared() {
	local k all
	passes -l -o "$1"
	places=$(hits)
	all=$(grep '^# place ' <<<"$output" | sort)
	for k in 1 2 3 4; do
		passes -l -o "$1" -s $k/4 >&2
		(($(hits) > 0))
		grep '^# place ' <<<"$output"
	done >"$T/shares"
	[ "$(grep -c '^# place' "$T/shares")" = $((places < 4 ? 4 : places)) ]
	diff <(echo "$all") <(grep '^# place' "$T/shares" | sort -u)
}

@test "the shares are all places, each in one of them; none is empty" {
	shared ADD,kill
	((places > 20))
	shared ADD,stat,EIO
	((places > 20))
	shared ADD,mkdir,EACCES
	((places == 3))
	shared ADD,link,EIO
	((places == 1))
	# two errors of a call have their turn at different places
	passes -l -o ADD,stat -s 1/4
	[[ $output = *'# place ADD stat EIO 0 1'$'\n'* ]]
	[[ $output != *'# place ADD stat ENOMEM 0 1'$'\n'* ]]
	[[ $output = *'# place ADD stat ENOMEM 0 2'$'\n'* ]]
	for wrong in 5/4 0/4 1 1/4x; do
		sweep -s $wrong
		[ "$status" = 2 ]
	done
}

@test "only faults, or only kills" {
	passes -w faults -o ADD,link
	[[ $output = *'# sum plugin 3 0 0 0' ]]
	passes -w kills -o DEL
	[[ $output =~ '# sum plugin 0 0 '[1-9][0-9]*' 0'$ ]]
	passes -w kills -o ADD,link
	[[ $output = *'# test: is only about link, which is no kill'* ]]
	[[ $output = *'# sum plugin 0 0 0 0' ]]
	notices 'something was injected' -w faults -o ADD,kill
	sweep -w all
	[ "$status" = 2 ]
}

@test "one that leaves a file is noticed" {
	HALF=: notices '+file /var/lib/net/half mode 100644: sweep-container'
}

@test "one that leaves something in the kernel is noticed" {
	HALF='rm half; ip link add left type ifb'
	notices '+host link left:'
	HALF='rm half; ip addr add 192.0.2.1/32 dev lo'
	notices '+host addr lo: 192.0.2.1/32'
	HALF='rm half; ip -6 addr add 2001:db8::1/128 dev lo'
	notices '+host addr lo: 2001:db8::1/128'
	HALF='rm half; ip route add blackhole 192.0.2.0/24'
	notices '+host route inet 192.0.2.0/24 blackhole'
	HALF='rm half; ip rule add from 192.0.2.1 table 7'
	notices '+host rule inet: .*from 192.0.2.1'
	HALF='rm half; ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev lo'
	notices '+host neighbour lo: inet .*02:00:00:00:00:01'
	HALF='rm half; nft add table ip left'
	notices '+host nft: table ip left'
	HALF='rm half; nft add table ip left; nft add set ip left s "{type ipv4_addr;}"
		nft add element ip left s "{ 192.0.2.1 }"'
	notices '+host nft: element ip left s: key 192.0.2.1'
	HALF='rm half; echo 1 >/proc/sys/net/ipv4/ip_forward'
	notices '+host sysctl ip_forward: 1'
	HALF='rm half; echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra'
	notices '+host sysctl net/ipv6/conf/default/accept_ra: 0'
	# shellcheck disable=SC2016 # expanded by the plugin
	HALF='rm half; nsenter --net="$CNI_NETNS" ip link set lo up'
	notices '+sandbox link lo:'
}

@test "one that deletes what is not its own is noticed" {
	HALF='rm half; ip link set lo down'
	notices '-host addr lo:'
}

@test "one that says it wrong is noticed" {
	ERROR='' notices 'not exactly one error on stdout'
	ERROR='{"code":100,"msg":"failed"}' notices 'not exactly one error'
	ERROR='{"cniVersion":"1.1.0","msg":"failed"}' \
		notices 'not exactly one error'
	ERROR="$ERROR $ERROR" notices 'not exactly one error'
	FAILED='exit 2' notices 'neither succeeded nor failed: exit status 2'
	FAILED='kill -SEGV $$' notices 'neither succeeded nor failed: signal 11'
	FAILED='exec sleep 1000' notices 'failed: it hung' -t 1 -o ADD,link,EIO
	# an error, and all the same a success
	FAILED='exit 0' notices 'not exactly one result'
}

# The plugin's status is that of an error, and its error has been printed.
@test "a sanitizer's report is noticed, its own calls are not the plugin's" {
	cat >"$T/plugin.c" <<-'END'
	#include <fcntl.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	int main(void)
	{
		char *text = strdup("{\"cniVersion\":\"1.1.0\"");
		int failed = strcmp(getenv("CNI_COMMAND"), "ADD") == 0 &&
			     open("/dev/null", O_RDONLY) < 0;
		if (failed)
			printf("%s,\"code\":5,\"msg\":\"failed\"}\n", text);
		else if (strcmp(getenv("CNI_COMMAND"), "ADD") == 0)
			printf("%s}\n", text);
		fflush(stdout);
	#ifdef BAD
		if (failed) {
	#if BAD == 1
			free(text);
	#elif BAD == 2
			failed += 0x7fffffff;
	#elif BAD == 3
			text = NULL;
	#endif
		}
	#endif
		if (text)
			free(text);
		return failed != 0;
	}
	END
	built() {
		# that of clang would be a part of the program
		gcc -g -O0 -w -fsanitize=address,undefined \
			-fno-sanitize-recover=all -o "$T/built" "$T/plugin.c" "$@"
	}
	sweep() {
		# shellcheck disable=SC2016 # expanded by that shell
		run unshare -nm --propagation private sh -c '
			mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
			exec "$@"' sh "$SWEEP" -n test "$@" "$T/built" "$T" <<<"$CONF"
		echo "$output"
	}
	built
	passes -o ADD,openat,EMFILE
	[[ $output = *'EMFILE (1 times)'* ]]
	complains() {
		built "-DBAD=$1"
		notices "$2" -o ADD,openat,EMFILE
		[[ $output = *'ADD: a sanitizer complains: '* ]]
	}
	complains 1 double-free
	complains 2 'signed integer overflow'
	complains 3 'detected memory leaks'
}

@test "an ADD that succeeds and has done only half of it is noticed" {
	ERROR='{"cniVersion":"1.1.0"}'
	FAILED='exit 0' notices 'CHECK: .*exit status'
}

@test "what DEL does not find after a kill is noticed" {
	FORGET='' notices '+file /var/lib/net/half' -o ADD,kill
}

@test "an ADD that no longer works after a kill is noticed" {
	# a file of that name is taken for a mere memory
	FORGET='; [ ! -e half ] || : >stamp; rm -f half' CHECK='[ ! -e stamp ]'
	notices 'CHECK' -o ADD,kill
}

@test "on a new host, what belongs to nobody may stay, and nothing else" {
	HALF='rm half; ip link add net0 type bridge'
	# the next ADD finds it there
	notices '+host link net0:' -f -o ADD,link,EIO
	HALF='mv half sweep-container'
	notices 'it is left: file /var/lib/net/sweep-container' -f -o ADD,link,EIO
	HALF='rm half; ip link add left type veth peer name right'
	notices 'it is left: host link' -f -o ADD,link,EIO
	HALF='rm half'
	passes -f -o ADD,link
}

@test "each new host has what its command makes" {
	up0='ip link add up0 address 02:00:00:00:00:01 type ifb'
	CHECK='[ -e lease ] && ip link show up0 >/dev/null 2>&1'
	notices CHECK -o ADD,link,EIO
	passes -b "$up0" -o ADD,link,EIO
	passes -b "$up0" -f -o ADD,link,EIO
	sweep -b false
	[ "$status" != 0 ]
}

@test "a pool that shrinks is noticed" {
	# its files are called as something that is no trace
	cat >"$T/pool" <<-'END'
	#!/bin/sh
	case $CNI_COMMAND in
	ADD)
		for i in 1 2 3; do
			mkdir /run/last_reserved_ip.$i 2>/dev/null && exit 0
		done
		echo 'no IP addresses available'
		exit 1
		;;
	DEL) rm -rf "/run/last_reserved_ip.${CNI_CONTAINERID#pool}" ;;
	esac
	END
	chmod +x "$T/pool"
	passes -p "$T/pool" -o ADD,link,EIO
	# one of them is never given back
	# shellcheck disable=SC2016 # expanded by the plugin
	sed -i 's/DEL)/DEL) [ "$CNI_CONTAINERID" != pool2 ] || exit 0;/' "$T/pool"
	notices '2 addresses can be had, not 3' -p "$T/pool" -o ADD,setns
}

@test "a row in which nothing happens is noticed" {
	notices 'something was injected' -o ADD,setns
}

@test "a plugin that leaves something without any fault is noticed" {
	FORGET='; : >more'
	sweep
	[ "$status" = 1 ]
	[[ $output = *'+file /var/lib/net/more'* ]] || FORGET='; date +%N >more'
	sweep
	[[ $output = *'not ok - test: ADD and DEL leave nothing'* ]]
}
