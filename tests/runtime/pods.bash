# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2034 # gojq's $; STORE is the harness's
# pods.bash - pods through the CRI of containerd.bash, and what they serve

cri_up() {
	host_up
	STORE=/proc/$HOST/root/var/lib/cni/networks
	containerd_up
}

cri_down() {
	containerd_down
	in_host rm -rf /var/lib/cni
	all_down
}

# pod_json NAME TEXT [PORT]: what is asked for: a pod whose one container serves
# TEXT over HTTP; PORT of the host leads there
pod_json() {
	local name=$1 json=$TMP/$1
	gojq -n --arg name "$name" --arg logs "$TMP/logs" \
		--arg cgroup "/$CGROUP" --argjson port "${3-0}" '{
		metadata: {name: $name, namespace: "test", uid: $name},
		log_directory: $logs, linux: {cgroup_parent: $cgroup},
		port_mappings: [{container_port: 80, host_port: $port} |
			select(.host_port != 0)]}' \
		>"$json-pod.json"
	gojq -n --arg image "$IMAGE" --arg text "$2" '{
		metadata: {name: "web"}, image: {image: $image}, linux: {},
		command: ["sh", "-c", "cd /tmp && echo \($text) >index.html &&
			exec httpd -f -p 80"]}' >"$json-ctr.json"
}

# pod NAME TEXT [PORT]: that pod; its IDs in $pod_NAME and $ctr_NAME, its address
# in $ip_NAME
pod() {
	local name=$1 json=$TMP/$1 id
	pod_json "$@"
	id=$(cri runp "$json-pod.json")
	printf -v "pod_$name" %s "$id"
	id=$(cri create "$id" "$json-ctr.json" "$json-pod.json")
	printf -v "ctr_$name" %s "$id"
	cri start "$id"
	id=pod_$name
	printf -v "ip_$name" %s \
		"$(cri inspectp -o json "${!id}" | gojq -r .status.network.ip)"
}

unpod() {
	local id=pod_$1
	cri stopp "${!id}"
	cri rmp "${!id}"
}

# inside NAME CMD...: runs CMD in the pod's container
inside() {
	local id=ctr_$1
	shift
	cri exec -s --timeout 60 "${!id}" "$@"
}

# get ADDRESS [PORT [WHO]]: what the host, or WHO, is served there. Not by
# busybox: its static resolver does not survive the libraries of some hosts.
get() {
	# shellcheck disable=SC2016 # for the inner shell
	in_ns "${3-HOST}" timeout 30 bash -c '
		exec 3<>"/dev/tcp/$0/$1" &&
		printf "GET / HTTP/1.0\r\n\r\n" >&3 &&
		sed "1,/^\r*$/d" <&3' "$1" "${2-80}"
}
# serves ADDRESS TEXT [PORT [WHO]]
serves() { is "$(get "$1" "${@:3}")" "$2" "port ${3-80} of $1"; }

# network_ready: the node is, as the kubelet asks
network_ready() {
	cri info -o json | gojq -e '.status.conditions |
		any(.type == "NetworkReady" and .status)'
}
