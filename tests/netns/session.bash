# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# session.bash - what documents show, taken out of them and run

# blocks LANGUAGE FILE: the file's blocks of it, in files $TMP/block.<n>
blocks() {
	rm -f "$TMP"/block.*
	awk -v lang="$1" -v out="$TMP/block." '
		/^```/ { on = !on && $0 == "```" lang; n += on; next }
		on { print >(out sprintf("%02d", n)) }' "$2"
}

# alike TEXT SHOWN: the same, but for what "..." stands for
alike() {
	local text=$1 shown=$2 part
	while [[ $shown = *...* ]]; do
		part=${shown%%...*} shown=${shown#*...}
		[[ $text = *"$part"* ]] || break
		text=${text#*"$part"}
	done
	[[ $text = "$shown" || $2 = *...* && $text = *"$shown" ]] ||
		diff <(echo "$2") <(echo "$1")
}

# session DOC [N]: runs its console blocks, or the Nth alone, in HOST, in order
# and in one shell, and compares what each command says. The plugins are in
# /opt/cni/bin there, as opt_up or the test has put them there.
session() {
	local dir=$TMP/session n count block
	rm -rf "$dir"
	mkdir -p "$dir" "$TMP/here"
	blocks console "$1"
	block=("$TMP"/block.*)
	[[ -z ${2-} ]] || block=("$TMP/block.$(printf %02d "$2")")
	# command n in cmd.n, what the document shows in want.n
	cat "${block[@]}" | awk -v dir="$dir/" '
		/^\$ / { n++; print substr($0, 3) >(dir "cmd." n)
			printf "" >(dir "want." n); next }
		/^> / { print substr($0, 3) >(dir "cmd." n); next }
		{ print >(dir "want." n) }'
	count=$(find "$dir" -name 'cmd.*' | wc -l)
	for ((n = 1; n <= count; n++)); do
		echo "{"; cat "$dir/cmd.$n"
		echo "} >$dir/got.$n 2>&1 </dev/null || :"
	done >"$dir/script"
	# who enters a mount namespace is in its root
	in_host env "PATH=/opt/cni/bin:$PATH" sh -c 'cd "$0" && exec bash "$1"' \
		"$TMP/here" "$dir/script"
	for ((n = 1; n <= count; n++)); do
		alike "$(sed 's/ *$//' "$dir/got.$n")" "$(<"$dir/want.$n")" ||
			{ echo "^ of: $(<"$dir/cmd.$n")"; return 1; }
	done
	[[ $count -gt 0 ]]
}

# opt_up: HOST has the plugins where people have them
opt_up() {
	in_host sh -ec 'mount -t tmpfs none /opt; mkdir /opt/cni
		ln -s "$0" /opt/cni/bin' "$BIN"
}
