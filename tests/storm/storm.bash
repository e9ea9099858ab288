# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# storm.bash - what the storms share: networks, pods that are cheap, the
# driver, and what goes on beside it
#
#   /run/storm in HOST is the driver's folder: see driver.c

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
DRIVER=$(cd "$ROOT" && realpath -m "${O:-build}/storm/driver")
PODS=200

# shellcheck source=/dev/null # the table
. "$ROOT/tests/plugins.sh"

# networks: a line for each row of the table that is for storms: plugin, link
# whose MAC address must not change, and the configuration, with a name and
# addresses of its own. A pod is in all of them: the first has the routes.
networks() {
	local nth=9
	row_each network
}
network() {
	local own
	row_in storm || return 0
	if [[ $ROW_NEEDS ]] && ! in_host unshare -n sh -ec \
		"$(option_probe "$ROW_NEEDS")" >/dev/null 2>&1; then
		echo "# note: no storm of $ROW_NAME: needs $ROW_NEEDS" >&3
		return
	fi
	own='(.ipam.ranges[]?[]?.subnet) |= (sub("^10[.]9[.]"; "10.'$nth'.") |
		sub("^fd09:"; "'$(printf fd%02x "$nth")':"))'
	[[ $nth = 9 ]] || own+=' | del(.ipam.routes)'
	conf "$ROW_DATA" "$(row_filter) | .name = \"$ROW_NAME\" | $own" |
		gojq -r '"'"$ROW_PLUGIN"' \(.bridge // .master // "-") \(tojson)"'
	nth=$((nth + 1))
}

# equip NAME: gives it what rows want of a host before
equip() {
	in_ns "$1" ip link set lo up
	row_each equip_row "$1"
}
equip_row() {
	! row_in storm || in_ns "$1" sh -ec "$(row_host)"
}

# storm_up: a host that never saw the suite, and pods
storm_up() {
	local before
	host_up
	BESIDE=()
	FOLDER=/proc/$HOST/root/run/storm
	mkdir "$TMP/bin" "$FOLDER" "$FOLDER"/{ns,in,out,err,res}
	equip HOST
	before=$(links HOST)
	networks >"$FOLDER/networks"
	NETWORKS=$(wc -l <"$FOLDER/networks")
	install_plugins
	ln -s "$TMP/bin" "$FOLDER/bin"
	# shellcheck disable=SC2016 # for that shell
	in_host sh -c 'cd /run/storm/ns && for i in $(seq 0 "$0"); do
		: >"$i" && unshare --net="$PWD/$i" true || exit 1; done' \
		$((PODS - 1))
	is "$(links HOST)" "$before"
}

storm_down() {
	calm || :
	all_down
}

# install_plugins: into $TMP/bin by make install, in turns those of one build
# and those of two. It says who is meant by O in a folder of its own, with `all`
# taken for done: nothing is built here.
install_plugins() {
	mkdir -p "$TMP/build"
	[[ ${from-} != bin ]] && from=bin || from=two-builds
	ln -sfn "${BIN%/*}/$from" "$TMP/build/bin"
	(
		unset MAKEFLAGS MFLAGS MAKELEVEL
		make -s -C "$ROOT" -o all O="$TMP/build" DESTDIR="$TMP" \
			BINDIR=/bin install
	)
}

# storm ARG...: the driver; what it counted is kept for the end of the file
storm() {
	local r=0
	in_host "$DRIVER" /run/storm "$@" >"$TMP/said" 2>&1 3>&- || r=$?
	tail -n 5 "$TMP/said" >>"$BATS_FILE_TMPDIR/counts"
	[[ $r = 0 ]] || { echo "driver $*:"; cat "$TMP/said"; }
	return $r
}

# counted WHAT N: to be told with it
counted() { echo "beside $1 $2" >>"$BATS_FILE_TMPDIR/counts"; }

# everywhere VERB JOBS: in all networks, one after the other
everywhere() {
	local net
	for ((net = 0; net < NETWORKS; net++)); do storm all "$1" "$2" $net; done
}

# beside NAME CMD...: CMD over and over until `calm`, which fails if it failed
# once; how often it was done is told at the end
beside() {
	local name=$1
	shift
	(
		n=0
		while [[ ! -e $TMP/calm ]]; do
			"$@" >"$TMP/beside.$name" 2>&1 || exit 1
			n=$((n + ${did:-1}))
		done
		counted "$name" $n
	) 3>&- &
	BESIDE+=("$!" "$name")
}
calm() {
	local r=0
	touch "$TMP/calm"
	set -- "${BESIDE[@]}"
	while [[ $# -gt 0 ]]; do
		wait "$1" || { echo "beside: $2"; cat "$TMP/beside.$2"; r=1; }
		shift 2
	done
	BESIDE=()
	rm "$TMP/calm"
	return $r
}

# churn: as many links as a hundred a second are since the last time, made and
# deleted; the count in $did. For `beside`.
churn() {
	local now=${EPOCHREALTIME/./} i
	: "${churned:=$now}"
	sleep 0.1
	now=${EPOCHREALTIME/./}
	did=$(((now - churned) / 10000 / 2 * 2))
	churned=$((churned + did * 10000))
	for ((i = 0; i < did / 2; i++)); do
		echo "link add x$i group 99 type veth peer name y$i"
	done >"$TMP/churn"
	[[ $did = 0 ]] || echo "link del group 99" >>"$TMP/churn"
	in_host ip -batch "$TMP/churn"
}

no_rule_twice() {
	is "$(rules | gojq -c 'del(.handle)' | sort | uniq -d)" ''
}

# no_attachment: no trace of one on the host, in its store or in the pods
no_attachment() {
	is "$(veths HOST)$(reservations)" ''
	# the index of owners is empty, and no half a file is left
	is "$(find "$STORE"/*/.cnic ! -name stamp ! -type d)" ''
	is "$(find "$TMP/bin" -name '.*')" ''
	# shellcheck disable=SC2016 # for that shell
	in_host sh -ec 'cd /run/storm/ns && for i in *; do
		nsenter --net="$PWD/$i" ip -o link; done' >"$TMP/inside"
	is "$(grep -vc ': lo:' "$TMP/inside") $(wc -l <"$TMP/inside")" "0 $PODS"
}

# as_on_a_calm_host: all that is here is what one ADD and one DEL in each
# network make of a host
as_on_a_calm_host() {
	local plugin _ c
	hold CALM
	equip CALM
	sandbox c1
	while read -r plugin _ c; do
		HOST=$CALM add "$plugin" "$c"
		HOST=$CALM del "$plugin" "$c"
	done <"$FOLDER/networks"
	drop c1
	# which network came first is of no importance
	snapshot | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g
		s/( nft: rule .*) [0-9]+:/\1:/' >"$TMP/snapshot"
	diff <(sed -n 's/^CALM//p' "$TMP/snapshot" | sort) \
		<(sed -n 's/^HOST//p' "$TMP/snapshot" | sort)
	not grep -Ev '^(HOST|CALM)[: ]' "$TMP/snapshot"
	drop CALM
}

# tell: what all storms of the file were, as a comment
tell() {
	awk '
	$1 == "beside" { beside[$2] += $3; next }
	$1 == "failed" { failed += $2; next }
	{
		if (!($1 in n))
			order[++verbs] = $1
		n[$1] += $2
		sum += $2
		if ($3 > ms[$1])
			ms[$1] = $3
	}
	END {
		printf "# note: %d calls, %d failed", sum, failed
		for (i = 1; i <= verbs; i++)
			printf "; %d %s, %.1f s at most", n[order[i]], order[i],
				ms[order[i]] / 1000
		for (b in beside)
			printf "; %d %s", beside[b], b
		print ""
	}' "$BATS_FILE_TMPDIR/counts" >&3
}
