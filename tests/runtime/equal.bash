# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# equal.bash - both suites are asked the same, and must say the same
#
# A difference on purpose is said where it is left out, with the reason.

VERSIONS=(0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0)

# --- results --------------------------------------------------------------

# reply SUITE PLUGIN CONF: stdout and exit status of ADD on an empty store,
# and then of DEL. What is made anew for each attachment is blanked. Of an error
# the message: ours have a cniVersion, which the specification asks for, and
# tell apart by code what the Go plugins call 999. What DEL says after that is
# left out: ours works with any configuration that names the attachment.
reply() {
	rm -rf "$STORE/pods"
	"$1" cni ADD "$2" "$3"
	if [[ $status != 0 ]]; then
		said
		"$1" cni DEL "$2" "$3"
		return
	fi
	sed -E 's/("mac": ")[0-9a-f:]{17}/\1MAC/; s/veth[0-9a-f]{8}/VETH/' \
		<"$stdout"
	"$1" cni DEL "$2" "$3"
	cat "$stdout"
	echo "exit status $status"
}

# said: the message of the error. What to do about it stands in our details.
said() { gojq -r '.msg // "no error"' <"$stdout"; }

# same_results PLUGIN CONF: in every version
same_results() {
	local v c
	[[ -v c1 ]] || sandbox c1
	for v in "${VERSIONS[@]}"; do
		c=$(gojq -c ".cniVersion = \"$v\"" <<<"$2")
		reply by_go "$1" "$c" >"$TMP/go"
		reply by_us "$1" "$c" >"$TMP/us"
		diff -u --label "Go's for $v" --label ours "$TMP/go" "$TMP/us"
	done
	# all of this compared something
	matches "$(tail -n 1 "$TMP/us")" "exit status 0"
}

# same_refusal PLUGIN CONF [ARGS]: ADD fails with the same message. Codes are
# left out: the Go plugins have 999 for everything. With KEEP=1 eth0 is somebody
# else's.
same_refusal() {
	local suite
	for suite in go us; do
		rm -rf "$STORE/pods"
		CNI_ARGS=${3-} "by_$suite" cni ADD "$1" "$2"
		said >"$TMP/$suite"
		[[ $status = 1 ]] || echo "succeeds" >>"$TMP/$suite"
		# the Go plugin may have made it before it failed
		[[ ${KEEP-} ]] || in_ns c1 ip link del eth0 2>/dev/null || :
	done
	grep -q succeeds "$TMP/go" && { echo "Go accepts $2"; differ=1; }
	diff -u --label "Go's $1" --label "our $1, asked: $2" \
		"$TMP/go" "$TMP/us" || differ=1
}
