#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # each @test is a subshell; bats
# plugins.bats - the table of plugins and its reader: a line that is not
# understood is never left out

setup() {
	ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
	export PLUGIN_TABLE=$BATS_TEST_TMPDIR/table
}

# asked ARG...: tests/plugins.sh, of the table on stdin
asked() {
	cat >"$PLUGIN_TABLE"
	run "$ROOT/tests/plugins.sh" "$@"
	echo "$output"
}

@test "the table has the plugins that Makefile builds, and no other" {
	unset PLUGIN_TABLE
	diff <("$ROOT/tests/plugins.sh" plugins | sort) \
		<(sed -n 's/^PLUGINS *:= *//p' "$ROOT/Makefile" | xargs -n 1 |
			sort)
}

@test "each file of tests/netns/each runs for a row" {
	unset PLUGIN_TABLE
	diff <(cd "$ROOT" && ls tests/netns/each/*.bats) \
		<("$ROOT/tests/plugins.sh" files each | sed 's/@.*//' | sort -u)
}

@test "columns are two blanks apart, those at the end may be left out" {
	# shellcheck disable=SC1091
	. "$ROOT/tests/plugins.sh"
	row_split 'a-b.c	iface  l3   .x = "y z" | .w = 1  link up0  -  each,storm  -f -o X'
	[ "$ROW_NAME|$ROW_PLUGIN|$ROW_ROLE" = 'a-b.c|a-b|iface' ]
	[ "$ROW_DATA|$ROW_EDIT" = 'l3|.x = "y z" | .w = 1' ]
	[ "$ROW_HOST|$ROW_NEEDS|$ROW_SWEEP" = 'link up0||-f -o X' ]
	[ "$ROW_LAYERS" = ' each storm ' ]
	[ "$(row_filter)" = '.type = "a-b" | .x = "y z" | .w = 1' ]
	row_split 'static  ipam  dual'
	[ "$ROW_EDIT|$ROW_LAYERS|$ROW_SWEEP" = '|  |' ]
	[ "$(row_filter)" = '.ipam.type = "static" | .' ]
	[ "$(row_host)" = : ]
	row_split 'x  iface  l3  -  -  -  all'
	for layer in each process valgrind guest sweep storm; do
		row_in $layer
	done
}

@test "a row is in its layers, in the order of the table; storms want an iface" {
	local table='b  iface  l3  -  -  -  all
	# nothing

	b.x  wire  l2  -  -  CONFIG_VLAN_8021Q  each,guest
	a  inside  loopback  -  -  -  all'
	table=${table//$'\t'/}
	asked plugins <<<"$table"
	[ "${lines[*]}" = 'b a' ]
	asked rows each <<<"$table"
	[ "${lines[*]}" = 'b b.x a' ]
	asked rows storm <<<"$table"
	[ "${lines[*]}" = b ]
	asked rows guest needs <<<"$table"
	[ "${lines[*]}" = b.x ]
	asked rows guest plain <<<"$table"
	[ "${lines[*]}" = 'b a' ]
}

@test "files are those for the row's role, for some only a plugin's first row" {
	asked files each <<-END
	b  iface  l3  -  -  -  each
	b.x  iface  l3  -  -  -  each
	b.y  wire  l2  -  -  -  each
	END
	is_there() { [[ " ${lines[*]} " = *" tests/netns/each/$1 "* ]]; }
	is_there protocol.bats@b
	is_there add.bats@b
	is_there add.bats@b.x
	is_there add-address.bats@b.x
	is_there rollback-wire.bats@b.y
	for f in protocol.bats@b.{x,y} add-address.bats@b.y del-inside.bats@b; do
		if is_there "$f"; then echo "$f"; return 1; fi
	done
	asked files valgrind <<<'b  iface  l3  -  -  -  valgrind'
	is_there add.bats@b
	if is_there protocol.bats@b; then return 1; fi
}

# refused TEXT LINE: nothing is listed, and it says TEXT
refused() {
	for what in plugins 'rows each' 'files each'; do
		# shellcheck disable=SC2086 # words
		asked $what <<-END
		good  iface  l3  -  -  -  all
		$2
		END
		[ "$status" != 0 ]
		[[ $output = "plugins: "*"$1"* ]]
		[ "${#lines[@]}" = 1 ]
	done
}

@test "a line that is none is refused, with its name" {
	refused 'bad: no role: face' 'bad  face  l3'
	refused 'bad: there is no l9.json' 'bad  iface  l9'
	refused 'bad: not 3 to 8 columns' 'bad  iface'
	refused 'bad iface l3: not 3 to 8 columns' 'bad iface l3'
	refused 'not 3 to 8 columns' 'bad  iface  l3  a  -  -  all  -f  more'
	refused 'not 3 to 8 columns' ' bad  iface  l3'
	refused 'bad: no layer: every' 'bad  iface  l3  -  -  -  each,every'
	refused 'bad: the host cannot have: luck' 'bad  iface  l3  -  luck'
	refused 'bad: no way to tell whether there is CONFIG_X' \
		'bad  iface  l3  -  -  CONFIG_X'
	refused 'good: the second one of that name' 'good  wire  l2'
}

@test "a file that does not say for which rows is refused" {
	mkdir -p "$BATS_TEST_TMPDIR/tests/netns/each"
	cp -r "$ROOT"/tests/plugins* "$ROOT/tests/data" "$BATS_TEST_TMPDIR/tests"
	ROOT=$BATS_TEST_TMPDIR
	unset PLUGIN_TABLE
	for text in '' '# rows: ifaces' $'# rows: all\n# layers: swept' \
		$'load x\n# rows: all'; do
		echo "$text" >"$ROOT/tests/netns/each/x.bats"
		run "$ROOT/tests/plugins.sh" files each
		[ "$status" = 2 ]
		[[ $output = 'plugins: x.bats '* ]]
	done
	echo '# rows: all' >"$ROOT/tests/netns/each/x.bats"
	run "$ROOT/tests/plugins.sh" files each
	[ "$status" = 0 ]
}
