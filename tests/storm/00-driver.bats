#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 00-driver.bats - the driver sees what it is there to see: one that missed
# something would let every storm pass

load ../netns/helpers
load ../netns/host-local/host-local
load storm

setup() {
	host_up
	cd "$TMP" || return
	mkdir ns in out err res bin
	touch ns/{0..3}
	printf 'fake - {"ipam": {}, "name": "a"}\nfake br0 {"name": "b"}\n' \
		>networks
	cat >bin/result <<-'END'
	#!/bin/sh
	echo '{"ips": [{"address": "10.0.0.'${1-$CNI_CONTAINERID}'/24"}]}'
	END
	chmod +x bin/result
}

# fake: stdin is what the plugin does
fake() {
	{ echo '#!/bin/sh'; cat; } >bin/fake
	chmod +x bin/fake
}

# drive ARG...: its output is in $TMP/said
drive() { in_host "$DRIVER" "$TMP" "$@" >said 2>&1; }

# sees TEXT ARG...: the driver fails, and says TEXT
sees() {
	not drive "${@:2}"
	grep -E "$1" said || { cat said; return 1; }
	rm -f res/*
}

@test "a call gets what a runtime gives it" {
	fake <<-'END'
	{
		echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $CNI_NETNS" \
			"$CNI_PATH"
		cat
		echo
	} >>log
	[ $CNI_COMMAND != ADD ] || bin/result 1
	END
	rm ns/[123]
	for verb in ADD CHECK DEL; do drive all $verb 1 1; done
	drive crowd 0 1
	is "$(sed 's/ [0-9]*$//' said | xargs)" 'ADD 0 CHECK 0 DEL 0 GC 0 failed'
	r='{"ips": [{"address": "10.0.0.1/24"}]}'
	diff log - <<-END
	ADD p0 eth1 $TMP/ns/0 $TMP/bin
	{"name": "b"}
	CHECK p0 eth1 $TMP/ns/0 $TMP/bin
	{"name": "b","prevResult":$r
	}
	DEL p0 eth1 $TMP/ns/0 $TMP/bin
	{"name": "b","prevResult":$r
	}
	END
}

# shellcheck disable=SC2016 # for the plugin's shell
@test "a failure, an answer where none belongs, and words on stderr" {
	fake <<<'bin/result; exit 1'
	sees 'ADD of p2 in network 0: wait status 0x100' all ADD 4 0
	is "$(tail -n 1 said)" 'failed 4'
	sees '10.0.0.p3/24' all ADD 4 0
	fake <<<'kill -SEGV $$'
	sees 'wait status 0x.?b' all ADD 4 0
	fake <<<'bin/result; echo oops >&2'
	sees 'stderr: oops' all ADD 4 0
	fake <<<'bin/result'
	drive all ADD 4 0
	sees 'CHECK of p0 in network 0: it has something to say' all CHECK 4 0
	drive all ADD 4 0
	sees 'DEL of p0 in network 0: it has something to say' all DEL 4 0
	sees 'GC of p-1 in network 1: it has something to say' crowd 1 4
}

@test "an address of two pods, of one network or two, or none at all" {
	fake <<<'bin/result 1'
	sees "10.0.0.1 is p0's, of network 0" all ADD 1 0
	is "$(tail -n 1 said)" 'failed 3'
	mv ns/0 . && rm ns/* && mv 0 ns
	drive all ADD 1 0
	sees "ADD of p0 in network 1: 10.0.0.1 is p0's, of network 0" \
		all ADD 1 1
	fake <<<'echo "{}"'
	sees 'ADD of p0 in network 0: no address' all ADD 1 0
	# the other one has no IPAM
	drive all ADD 1 1
}

@test "another MAC address of the link" {
	in_host ip link add br0 address 02:00:00:00:00:01 type bridge
	fake <<-'END'
	[ $CNI_CONTAINERID != p2 ] ||
		ip link set br0 address 02:00:00:00:00:02
	bin/result $CNI_IFNAME.$CNI_CONTAINERID
	END
	drive all ADD 1 0
	in_host ip link set br0 address 02:00:00:00:00:01
	sees 'ADD of p2 in network 1: br0 has another MAC address' all ADD 1 1
	is "$(tail -n 1 said)" 'failed 1'
}

# model GC: a plugin that keeps attachments as files; GC removes one whose ID
# is in $id when that shell command succeeds. It writes down who does what when.
model() {
	mkdir -p att
	rm -f att/* log
	fake <<-END
	conf=\$(cat)
	net=\$(expr "\$conf" : '.*"name": "\(.\)')
	me=att/\$net.\$CNI_CONTAINERID
	echo start \$CNI_COMMAND \$net >>log
	case \$CNI_COMMAND in
	ADD) [ ! -e \$me ] && : >\$me && bin/result \${me#*/} ;;
	CHECK) [ -e \$me ] ;;
	DEL) rm -f \$me ;;
	GC) for f in att/\$net.*; do
			id=\${f#*.}
			if $1; then rm -f \$f; fi
		done ;;
	esac || exit 1
	echo end \$CNI_COMMAND \$net >>log
	END
}

# sooner_or_later CMD...: CMD succeeds in one of thirty runs
sooner_or_later() {
	local _
	for _ in {1..30}; do
		if "$@"; then return; fi
	done
	echo "never: $*"
	return 1
}
# rounds MODE: some of it, with several GCs by now
rounds() { drive "$1" 2 4 && (($(grep -c 'end GC' log) > 2)); }
# wrong TEXT MODE: some of it, in which the driver sees that
wrong() { ! drive "$2" 2 4 && grep -q "$1" said; }

# together: how often an ADD or DEL began while its network's GC went on
together() {
	awk '$2 == "GC" { gc[$3] += $1 == "start" ? 1 : -1; next }
		$1 == "start" && $2 != "CHECK" { n += gc[$3] > 0 }
		END { print n + 0 }' log
}

# shellcheck disable=SC2016 # for the model's shell
@test "GC in a mix is alone, in a crowd it is not; both see what it did" {
	local not_listed='! expr "$conf" : ".*\"$id\"" >/dev/null' mode
	model "$not_listed"
	sooner_or_later rounds mix
	is "$(together)" 0
	model "$not_listed"
	rm -f res/*
	sooner_or_later rounds crowd
	(($(together) > 0))
	for mode in mix crowd; do
		model true # it takes all
		rm -f res/*
		sooner_or_later wrong 'CHECK of .*: wait status 0x100' $mode
		model false # it takes none
		rm -f res/*
		sooner_or_later wrong 'ADD of .*: wait status 0x100' $mode
	done
}
