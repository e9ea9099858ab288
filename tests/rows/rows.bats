#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rows.bats - a plugin joins every layer of tests by its line in the table of
# plugins, and what it does wrong is noticed. The plugins are two that are none
# of the suite's: twin makes an interface, tag is chained.

load ../netns/helpers

setup() {
	host_up
	cd "$TESTS/.." || return
	ROWS=$(realpath -m "${O:-build}/rows")
	mkdir "$TMP/bin"
	cp -d --preserve=links,mode "$BIN"/* "$ROWS"/{twin,tag} "$TMP/bin"
	{
		cat tests/plugins
		echo 'twin  iface  dual  -  -  -  all'
		echo 'tag  chained-inside  loopback  -  -  -  all'
	} >"$TMP/plugins"
	export PLUGIN_TABLE=$TMP/plugins BIN=$TMP/bin
	unset MAKEFLAGS MFLAGS MAKELEVEL TEST_JOBS ROW
	PATH=${PATH//"$BATS_LIBEXEC:"/} # it is not this bats that is run inside
}

# names WORD...: the last output has these words
names() {
	local word
	for word; do
		[[ " ${output//[$'\n\t']/ } " = *" $word "* ]] ||
			{ echo "no $word in: $output"; return 1; }
	done
}

# rows FILE@ROW...: what tests/run.sh says of these files of tests/netns/each
rows() {
	local said=0
	output=$(tests/run.sh "${@/#/tests/netns/each/}" 3>&-) || said=$?
	echo "$output"
	return $said
}

@test "it is in the lists of make: netns, rows, valgrind, fuzz" {
	output=$(make -s O="$TMP/none" -f - show <<-'END'
	include Makefile
	show: ; echo $(netns_tests) $(rows_tests:%=rows:%) $(fuzz_targets)
	END
	)
	names tests/netns/each/{add-address.bats@twin,del-inside.bats@tag} \
		rows:tests/netns/each/add.bats@{twin,tag} \
		conf-{twin,tag}
	output=$(make -n O="$TMP/none" check-valgrind-sample)
	names each/{add,check}.bats@{twin,tag}
}

@test "it is in the lists of the guests" {
	mkdir -p "$TMP/repo/tests"
	cp -r tests/{plugins.sh,data,netns} "$TMP/repo/tests"
	mkdir "$TMP/repo/tests/vm"
	cp tests/vm/{current,oldest}.sh "$TMP/repo/tests/vm"
	printf '#!/bin/sh\necho "$@"\n' >"$TMP/repo/tests/vm/run.sh"
	chmod +x "$TMP/repo/tests/vm/run.sh"
	output=$("$TMP/repo/tests/vm/oldest.sh")
	names tests/netns/each/add.bats@{twin,tag}
	# the kernel of this Debian for what others lack
	sed -i 's/^twin .*/twin  iface  dual  -  -  CONFIG_VLAN_8021Q  all/' \
		"$PLUGIN_TABLE"
	output=$("$TMP/repo/tests/vm/current.sh")
	names tests/netns/each/add.bats@twin
}

@test "it is swept" {
	output=$(SWEEP_ONLY=DEL,kill tests/sweep/sweep.sh twin tag)
	echo "$output"
	grep '^ok - twin: DEL is killed (' <<<"$output"
	grep '^ok - tag: DEL is killed (' <<<"$output"
}

@test "it is in the storms, with a name and addresses of its own" {
	BATS_TEST_DIRNAME=$TESTS/storm load "$TESTS/storm/storm"
	networks >"$TMP/networks"
	tail -n 1 "$TMP/networks" >"$TMP/last"
	read -r plugin link conf <"$TMP/last"
	is "$plugin $link" 'twin br0'
	json '[.type, .name, .ipam.ranges[][].subnet]' \
		'["twin","twin","10.13.0.0/24","fd0d::/64"]' "$conf"
	sandbox c1
	add twin "$conf"
	del twin "$conf"
}

@test "its rows pass" {
	rows {add,check,check-gone,del,rollback}.bats@{twin,tag} del-inside.bats@tag \
		{add-link,check-link,gc-dead}.bats@twin
}

@test "what it does wrong is noticed, by its name" {
	while read -r wrong file text; do
		echo "TWIN=$wrong"
		export TWIN=$wrong
		not rows "$file"
		grep "FAILED  tests/netns/each/$file: [1-9]" <<<"$output"
		grep "not ok .*$text" <<<"$output"
	done <<-END
	del del.bats@twin DEL needs no more than name
	lease del.bats@twin DEL twice
	undo rollback.bats@twin stdout is closed
	check check-gone.bats@twin CHECK of what is not attached
	mac add-link.bats@twin each interface of the result
	gc gc-dead.bats@twin GC removes what is not listed
	del del-inside.bats@tag without its namespace
	undo rollback.bats@tag stdout is closed
	check check-gone.bats@tag CHECK of what was never attached
	END
}
