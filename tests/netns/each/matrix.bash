# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# matrix.bash - DEL with and without all that may be missing: prevResult, the
# reservation, the rules
#
# A first ADD and DEL come before the comparison: what a network keeps is there
# then.

# matrix: finds out which of them the row has
matrix() {
	attach
	LEASES=$(choices has_leases)
	RULES=$(choices grep -q . <(rules))
	detach
}

# choices CMD...: "yes no" where it succeeds, else "yes"
choices() { if "$@"; then echo yes no; else echo yes; fi; }

# gone NETNS [CMD...]: attach; CMD; then DEL with that namespace must leave
# nothing
gone() {
	local ns=$1 before prevs lease rule c
	shift
	before=$(snapshot)
	for prevs in yes no; do
		for lease in $LEASES; do
			for rule in $RULES; do
				echo "prevResult: $prevs, lease: $lease, rules: $rule"
				attach
				c=$C
				[[ $prevs = no ]] || c=$prev
				[[ $lease = yes ]] || forget
				[[ $rule = yes ]] || in_host nft flush ruleset
				"$@"
				detach "$c" c1 $IF "$ns"
				left "$rule"
			done
		done
	done
}

# left RULES: no more than before, in gone(); where somebody flushed the rules,
# what the network keeps of them comes back
left() {
	[[ $1 = no ]] || { same_as "$before"; return; }
	is "$(rules)" ''
	diff <(without_rules <<<"$before") <(snapshot | without_rules)
	settle
}
without_rules() { grep -v '^HOST nft: '; }
