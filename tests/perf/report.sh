#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# report.sh - makes a table and two pictures of what bench.sh measured
#
#   tests/perf/report.sh FOLDER              of FOLDER/samples.jsonl; the table is
#                                            shown as well
#   tests/perf/report.sh FOLDER DOC README   copies them to DOC, and the short
#                                            table to README between its two lines
#                                            <!-- bench --> and <!-- /bench -->
#
# It fails where one of our calls failed, or the floor's: a call that does nothing
# is quick.
set -eu
export LC_ALL=C.UTF-8
here=$(dirname "$(realpath "$0")")
case $# in
1 | 3) ;;
*) sed -n '/^#  *tests/,/^#$/s/^# *//p' "$0" >&2; exit 2 ;;
esac
folder=$1

summary() { gojq -s -r --arg as "$1" -f "$here/summary.jq" "$folder/samples.jsonl"; }

# machine: one line about where and when
machine() {
	local cpu
	cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
	printf 'Linux %s, %s processors%s, %s\n' "$(uname -r | cut -d - -f 1)" \
		"$(nproc)" \
		"${cpu:+ ($cpu)}" "$(date -u -r "$folder/samples.jsonl" +%F)"
}

# renewed FILE TEXT: FILE with TEXT between the two lines
renewed() {
	TEXT=$2 awk '
	/^<!-- \/bench -->$/ { inside = 0; found++ }
	!inside
	/^<!-- bench -->$/ { inside = 1; print ENVIRON["TEXT"] }
	END { exit found != 1 }' "$1"
}

if [ $# = 3 ]; then
	mkdir -p "$2"
	cp "$folder"/{table.md,add.svg,host-local.svg} "$2/"
	renewed "$3" "$(cat "$folder/short.md")" >"$folder/readme" || {
		echo "report: $3 has no place for the table" >&2
		exit 1
	}
	cp "$folder/readme" "$3"
	rm "$folder/readme"
	exit
fi

broken=$(summary failed)
[ -z "$broken" ] || { echo "$broken" >&2; exit 1; }
{
	echo '# What calls cost'
	echo
	echo "\`sudo make bench-doc\` wrote this page: $(machine). How it is"
	echo 'measured, and why so, is in [design.md](../design.md#what-calls-cost).'
	echo
	echo 'Times are medians in ms: wall time, from before a process exists until'
	echo 'it has been waited for, of the kernel'\''s part alone (floor), of cnic and of'
	echo 'the Go plugins. What follows is cnic / Go: processor time with that of all'
	echo 'helpers, page faults, the largest process (none is smaller than the one'
	echo 'that measures), and, from a call of its own by strace, processes, messages'
	echo 'to rtnetlink and transactions of nf_tables. "no" is a verb that the Go'
	echo 'plugins do not have: the call says that all is well, and does nothing.'
	echo
	summary table
} >"$folder/table.md"
{
	echo
	summary short
	echo
	echo "$(machine)."
	echo
} >"$folder/short.md"
summary pods | "$here/plot.sh" 'ADD of bridge with host-local' \
	'pods that the network has' >"$folder/add.svg"
summary store | "$here/plot.sh" 'ADD of host-local' \
	'reservations that the network has' >"$folder/host-local.svg"
cat "$folder/table.md"
