# SPDX-License-Identifier: GPL-2.0-or-later
# commands.awk - what documents say that somebody could type, a line each, for
# tests/netns/commands.bats: <document> <line number> <kind> <text>, with tabs
#
# Of kind "line" are those of ```sh blocks, without comments and "sudo"; of kind
# "console" the ```console blocks, which are run as a whole, without a text. Of
# other text each `code span` is given that has a blank, as kind "span", or names
# a file, as kind "file"; a span goes on over a line's end.
#
# Blocks of what no shell reads are json, promql and those without a word, which
# are for output. Any other word is a "line", and so is a prompt in one of them.

function give(line, kind, text) {
	gsub(/[ \t]+/, " ", text)
	gsub(/^ | $/, "", text)
	gsub(/(^|&& )sudo /, "&\001", text)
	gsub(/sudo \001/, "", text)
	if (text != "" || kind == "console")
		print doc "\t" line "\t" kind "\t" text
}

# spans TEXT: as many backticks end one as begin it
function spans(text, line,   ticks, at) {
	while (match(text, /`+/)) {
		ticks = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		for (at = 1; match(substr(text, at), /`+/); at += RSTART + RLENGTH - 1)
			if (RLENGTH == length(ticks))
				break
		if (RSTART == 0) {
			give(line, "line", "a ` without an end")
			return
		}
		at += RSTART - 1
		code(line, substr(text, 1, at - 1))
		text = substr(text, at + length(ticks))
	}
}

# code TEXT: values and keys are none
function code(line, text) {
	if (text ~ / / && text ~ /^[A-Za-z.\/~$(!]/)
		give(line, "span", text)
	else if (text ~ /^[.\/~]*[A-Za-z0-9_.-]+\/[^ ]/)
		give(line, "file", text)
}

function flush() {
	spans(para, began)
	para = ""
}

# a word of more than one line goes to the next
function shell(text) {
	sub(/(^|[ \t]+)#.*/, "", text)
	if (text ~ /\\$/) {
		held = held substr(text, 1, length(text) - 1)
		return
	}
	give(FNR, "line", held text)
	held = ""
}

FNR == 1 {
	flush()
	doc = FILENAME
	on = 0
}
/^[ \t]*```/ {
	flush()
	on = !on
	if (!on)
		next
	lang = $0
	gsub(/[ \t`]/, "", lang)
	if (lang == "console")
		give(FNR, "console", "")
	else if (lang != "" && lang !~ /^(sh|json|promql)$/)
		give(FNR, "line", "a block of " lang)
	next
}
on && lang == "sh" { shell($0) }
on && lang != "sh" && lang != "console" && /^(\$|#|sudo) / { give(FNR, "line", $0) }
on { next }
/^[ \t]*$|^[ \t]*[-*] |^[ \t]*[0-9]+\. |^\|/ { flush() }
{
	if (para == "")
		began = FNR
	para = para " " $0
}
END { flush() }
