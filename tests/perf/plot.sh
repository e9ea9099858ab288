#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plot.sh - draws what an ADD takes against how much there is already
#
#   tests/perf/plot.sh TITLE ABSCISSA <LINES >SVG
#
# LINES are of summary.jq: a size, and the medians in ms of the floor, ours and
# theirs. The picture has no background, and its text and axes have the reader's
# colour, light or dark.
set -eu
export LC_ALL=C.UTF-8
lines=$(cat)

# label COLUMN COLOUR UP TEXT: at the end of a curve, so many lines above it
label() {
	awk -v c="$1" -v colour="$2" -v up="$3" -v text="$4" 'END {
		printf "set label \"%s\" at %s,%s offset 0.8,%s tc rgb \"%s\"\n",
			text, $1, $c, up, colour }' <<<"$lines"
}

# what is least, and some room below it
bottom() {
	awk 'NR == 1 { min = $2 } { for (i = 2; i <= NF; i++)
		if ($i + 0 < min) min = $i + 0 } END { print min / 1.5 }' <<<"$lines"
}

# One colour that gnuplot is told becomes the reader's, and so does its own black.
gnuplot <<END | sed -e 's/rgb( *1, *2, *3)/currentColor/g' \
	-e 's/ color="[a-z]*"//; s/="black"/="currentColor"/g' \
	-e "s/<title>Gnuplot</<title>$1</" -e '0,/<desc>/s//<style>\
	svg { color: #1f2328; }\
	@media (prefers-color-scheme: dark) { svg { color: #e6edf3; } }\
<\/style>\
<desc>/'
\$lines << EOD
$lines
EOD
set terminal svg size 720,400 font "sans-serif,14" linewidth 1.5
set title "$1" tc rgb "#010203"
set xlabel "$2" tc rgb "#010203"
set ylabel "ms, median" tc rgb "#010203"
set border 3 lc rgb "#010203"
set tics nomirror tc rgb "#010203"
set grid ytics lc rgb "#8b949e" lw 0.3 dt 3
set format x "%.0f"
set logscale y
set yrange [$(bottom):] noextend
set rmargin 18
set key off
$(label 2 '#8b949e' -0.4 'the kernel alone')
$(label 3 '#2f81f7' 0.4 'cnic')
$(label 4 '#d2691e' 0 'Go plugins')
plot \$lines using 1:2 with linespoints pt 7 ps 0.4 lc rgb "#8b949e", \
	\$lines using 1:3 with linespoints pt 7 ps 0.4 lc rgb "#2f81f7", \
	\$lines using 1:4 with linespoints pt 7 ps 0.4 lc rgb "#d2691e"
END
