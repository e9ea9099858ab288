#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-or-later
# score.awk - counts by plugin and verb what run.sh printed: the table, as
# comments of TAP. Its first file is what was not asked, a sentence a line, the
# second the TAP. Exit status: 0, all passed; 1, some failed; 2, the suite did,
# or nothing was asked.

FNR == NR && FILENAME == "-" {
	absent[++absents] = $0
	next
}
/ # [Ss][Kk][Ii][Pp]/ {
	skipped++
	next
}
/^(not )?ok [0-9]+ - / {
	bad = /^not/
	sub(/^(not )?ok [0-9]+ - /, "")
	plugin = $1
	sub(/\..*/, "", plugin)
	verb = $2
	sub(/:$/, "", verb)
	if (verb == "SUITE") {
		broken++
		next
	}
	if (!(plugin in seen)) {
		seen[plugin] = 1
		order[++plugins] = plugin
	}
	asked[plugin, verb]++
	asked[plugin, "all"]++
	asked["all", verb]++
	asked["all", "all"]++
	if (bad) {
		failed = 1
		next
	}
	passed[plugin, verb]++
	passed[plugin, "all"]++
	passed["all", verb]++
	passed["all", "all"]++
}
function row(plugin,	line, i) {
	line = sprintf("%-12s", plugin)
	for (i = 1; i <= verbs; i++)
		line = line sprintf("%9s", (plugin, name[i]) in asked ? \
			passed[plugin, name[i]] + 0 "/" asked[plugin, name[i]] : "-")
	print "# " line
}
END {
	verbs = split("VERSION ADD CHECK DEL GC STATUS ANY all", name, " ")
	line = sprintf("%-12s", "plugin")
	for (i = 1; i <= verbs; i++)
		line = line sprintf("%9s", name[i])
	print "# " line
	for (p = 1; p <= plugins; p++)
		row(order[p])
	row("all")
	for (i = 1; i <= absents; i++)
		print "# " absent[i]
	good = passed["all", "all"] + 0
	print (only ? good " of " asked["all", "all"] + broken : good " passed, " \
		asked["all", "all"] - good + broken " failed") \
		(skipped ? ", " skipped " skipped" : "")
	exit broken || !plugins ? 2 : failed + 0
}
