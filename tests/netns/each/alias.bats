#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# alias.bats - the alias of the host's end tells people which pod that is, and
# everything is found by it as without
#
# rows: iface wire

load row

setup() {
	row_up
	containers c1 c2
	settle
}

# alias_is WORDS: behind the owner's text
alias_is() {
	is "$(in_host ip -j link show "$(host_veth)" | gojq -r '.[0].ifalias')" \
		"cni:$(gojq -r .name <<<"$C"):c1:$IF$1"
}

POD='K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-7d4b9'
LABELS='[{key: "app", value: "x"},
	{key: "io.kubernetes.pod.namespace", value: "shop"},
	{key: "io.kubernetes.pod.name", value: "cart.0"}]'

@test "the alias ends in the pod of CNI_ARGS, and is still the attachment's" {
	before=$(snapshot)
	export CNI_ARGS="IgnoreUnknown=1;$POD"
	attach
	alias_is ' shop/cart-7d4b9'
	checks "$prev"
	fails 102 . ask ADD
	collects "$(with_valid "$C" c1 $IF)"
	collects "$(row_conf '."cni.dev/valid-attachments" = null')"
	checks "$prev"
	# others in the network are attached, and go
	attach "$C" c2
	detach "$C" c2
	detach
	same_as "$before"
}

@test "GC removes a dead attachment whose alias ends in a pod" {
	before=$(snapshot)
	CNI_ARGS="IgnoreUnknown=1;$POD" attach
	collects "$(with_valid "$C")"
	same_as "$before"
}

@test "the alias ends in the pod of args.cni.labels" {
	attach "$(row_conf ".args.cni.labels = $LABELS")"
	alias_is ' shop/cart.0'
	detach
}

@test "an alias without a pod, or one that is no name, has none" {
	for args in K8S_POD_NAMESPACE=shop K8S_POD_NAME=cart \
		'K8S_POD_NAMESPACE=;K8S_POD_NAME=cart' \
		'K8S_POD_NAMESPACE=shop;K8S_POD_NAME=../cart' \
		'K8S_POD_NAMESPACE=shop;K8S_POD_NAME=a b' \
		"K8S_POD_NAMESPACE=shop;K8S_POD_NAME=$(printf 'p%.0s' {1..250})" \
		"K8S_POD_NAMESPACE=shop;K8S_POD_NAME=$(printf 'p%.0s' {1..260})"; do
		echo "args: $args"
		CNI_ARGS="IgnoreUnknown=1;$args" attach
		alias_is ''
		detach
	done
	for labels in 7 '[]' '{}' '[7]' '[{}]' "($LABELS | .[1:2])" \
		"($LABELS | .[2].value = 7)"; do
		echo "labels: $labels"
		attach "$(row_conf ".args.cni.labels = $labels")"
		alias_is ''
		detach
	done
}
