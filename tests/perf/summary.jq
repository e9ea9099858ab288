# SPDX-License-Identifier: GPL-2.0-or-later
# summary.jq - what bench.sh's samples say
#
#   jq -s -r --arg as FORM -f summary.jq samples.jsonl
#
#   table   Markdown, a row for each kind of call
#   short   the rows that tell most
#   pods, store     for a plot: a line for each size, ADD's medians in ms by the
#           floor, ours and theirs
#   failed  a line for each kind of call of ours, or of the floor, that failed

def median: sort | if length == 0 then null else .[(length - 1) / 2 | floor] end;
def median_of(f): map(try (f | values) catch empty) | median;

# by scene, size, plugin, verb and suite
def groups: group_by([.scene, .x, .plugin, .verb, .suite]) | map({
	key: (.[0] | [.scene, .plugin, .verb, .suite, .x] | map(tostring) | join(" ")),
	value: {
		scene: .[0].scene, x: .[0].x, plugin: .[0].plugin,
		verb: .[0].verb, suite: .[0].suite,
		samples: (map(.wall_us | values) | length),
		failed: (map(select((.exit // 0) != 0)) | length),
		wall: median_of(.wall_us / 1000),
		cpu: median_of(.cpu_us / 1000),
		faults: median_of(select(.wall_us) | .minflt + .majflt),
		rss: median_of(.maxrss_kib),
		processes: median_of(.processes),
		rtnetlink: median_of(.rtnetlink),
		nft: median_of(.nft),
		left: median_of(.left)
	}}) | from_entries;

# 1234567 as 1,234,567
def thousands: tostring | until(test("^[0-9]{4}") | not;
	sub("^(?<a>[0-9]+)(?<b>[0-9]{3})"; "\(.a),\(.b)"));
# three digits that count
def digits: if . >= 99.95 then round | thousands
	else (if . < 9.995 then 100 else 10 end) as $f
	| (. * $f | round | tostring) as $n
	| (($f | tostring | length) - 1) as $after
	| ("000" + $n)[-([($n | length), $after + 1] | max):]
	| .[:-$after] + "." + .[-$after:]
	end;

# What the Go plugins v1.9.1 have: any other verb of theirs answers that all is
# well, and does nothing.
def theirs($plugin; $verb): if $verb == "GC" then false
	elif $verb == "STATUS" then ["bridge", "macvlan", "ptp", "chain"]
		| index($plugin) != null
	else true end;

def cell: if . == null then "–" elif .failed > 0 then "fails" else .wall | digits end;
def pair($a; $b; f): [$a, $b] | map(if . == null then null else f end)
	| if .[1] == null then .[0] else map(. // 0 | tostring) | join(" / ") end;
def row($g; $what; $scene; $plugin; $verb; $x):
	([$scene, $plugin, $verb] | join(" ")) as $key
	| $g["\($key) floor \($x)"] as $floor
	| $g["\($key) cnic \($x)"] as $cnic
	| $g["\($key) go \($x)"] as $go
	| ({NONE: "DEL of nothing", all: "ADD, DEL"}[$verb] // $verb) as $name
	| if $cnic == null then error("no samples: \($key)") else . end
	| [ $what, $name, ($floor | cell), ($cnic | cell),
		(if $go == null or theirs($plugin; $verb) then $go | cell
			else "no (\($go | cell))" end),
		(if $go == null or $go.failed + $cnic.failed > 0
			or (theirs($plugin; $verb) | not) then "–"
			else $go.wall / $cnic.wall | digits end),
		pair($cnic; $go; .cpu | digits),
		pair($cnic; $go; .faults | thousands),
		pair($cnic; $go; .rss | thousands),
		(["processes", "rtnetlink", "nft"][] as $k
			| if $cnic[$k] == null then "–"
			else pair($cnic; $go; .[$k]) end) ];

def verbs: ["ADD", "CHECK", "STATUS", "GC", "DEL"];
def sizes($g; $scene): [$g[] | select(.scene == $scene) | .x] | unique;
def rows($g):
	(("loopback", "static", "host-local", "macvlan", "ptp", "bridge") as $p
		| verbs[] as $v | row($g; $p; $p; $p; $v; 0)),
	row($g; "bridge"; "chain"; "bridge"; "NONE"; 0),
	(("firewall", "tuning") as $p | ("NONE", verbs[]) as $v
		| row($g; $p; "chain"; $p; $v; 0)),
	(("NONE", verbs[]) as $v
		| row($g; "portmap, a port"; "port"; "portmap"; $v; 0)),
	(("NONE", verbs[]) as $v
		| row($g; "nerdctl's chain"; "chain"; "chain"; $v; 0)),
	(("NONE", verbs[]) as $v
		| row($g; "the chain, a port"; "port"; "chain"; $v; 0)),
	(("ADD", "DEL") as $v
		| row($g; "the chain, 10 ports"; "ports"; "chain"; $v; 0)),
	(("ADD", "DEL") as $v | sizes($g; "crowded")[] as $x
		| row($g; "the same, \($x * 20 | thousands) ports mapped";
			"crowded"; "chain"; $v; $x)),
	(("ADD", "DEL") as $v | sizes($g; "wide")[] as $x
		| row($g; "206 ports, \($x * 20 | thousands) mapped";
			"wide"; "chain"; $v; $x)),
	(sizes($g; "burst")[] as $x | ("ADD", "DEL") as $v
		| row($g; "\($x) at once, each"; "burst"; "bridge"; $v; $x),
		row($g; "\($x) at once, all"; "burst"; "all"; $v; $x)),
	(sizes($g; "pairs")[] as $x
		| (("ADD", "DEL") as $v | row($g;
			"\($x | thousands) pairs, 32 workers, each"; "pairs"; "bridge"; $v; $x)),
		row($g; "\($x | thousands) pairs, 32 workers, all"; "pairs"; "all"; "all"; $x)),
	(sizes($g; "dead")[] as $x
		| row($g; "bridge, \($x) dead"; "dead"; "bridge"; "GC"; $x)),
	(sizes($g; "pods")[] as $x | ("ADD", "DEL") as $v
		| row($g; "bridge, \($x | thousands) pods"; "pods"; "bridge"; $v; $x)),
	(sizes($g; "store")[] as $x | ("ADD", "STATUS", "DEL") as $v
		| row($g; "host-local, \($x | thousands) reservations"; "store";
			"host-local"; $v; $x));

def line: "| " + (map(. // "–" | tostring) | join(" | ")) + " |";
def left($g): sizes($g; "dead")[] as $x | ["cnic", "go"]
	| map($g["dead   \(.) \($x)"].left)
	| "GC of \($x) dead leaves reservations of \(.[0]) (cnic), \(.[1]) (Go).";
def table($g): (["what", "verb", "floor", "cnic", "Go", "times", "CPU",
		"page faults", "peak KiB", "processes", "rtnetlink", "nf_tables"]
		| line, (map("---") | line)),
	(rows($g) | line), "", left($g);
def short($g): (["wall time in ms", "", "floor", "cnic", "Go", "times"]
		| line, (map("---") | line)),
	(rows($g) | select(.[0] as $what | .[1] as $verb
		| ($what | test("^(bridge|nerdctl's chain|the chain, a port|.* at once, all|.*pairs, 32 workers, all)$"))
			and ($verb | test("^(ADD|DEL|ADD, DEL)$"))
		or ($what | test(" dead$"))
		or ($what | test("^(bridge, 1,000 pods|host-local, 60,000)"))
			and $verb == "ADD")
		| .[:6] | line);
def plot($g; $scene; $plugin): sizes($g; $scene)[] as $x
	| [$x, (("floor", "cnic", "go")
		| $g["\($scene) \($plugin) ADD \(.) \($x)"].wall)] | @tsv;

groups as $g
| if $as == "table" then table($g)
	elif $as == "short" then short($g)
	elif $as == "pods" then plot($g; "pods"; "bridge")
	elif $as == "store" then plot($g; "store"; "host-local")
	elif $as == "failed" then $g[] | select(.suite != "go" and .failed > 0)
		| "\(.scene): \(.verb) of \(.suite)'s \(.plugin) failed"
	else error("no form \($as)") end
