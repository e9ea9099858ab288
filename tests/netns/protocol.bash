# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# protocol.bash - what every plugin must do alike: $p is the one asked

PLUGINS=(bridge host-local loopback)
# those that work in a namespace: plugin, interface, file with configuration
INSIDE=('bridge eth0 l3' 'loopback lo loopback')
VERSIONS='0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0'
ALL=(CNI_CONTAINERID=c1 CNI_NETNS=/nowhere CNI_IFNAME=eth0 CNI_PATH=/bin)

# says STDIN VERB [VAR=VALUE...]: that plugin with $ALL and more
says() {
	plugin "$p" "CNI_COMMAND=$2" "${ALL[@]}" "${@:3}" <<<"$1"
}

# refuses CODE MSG STDIN VERB [VAR=VALUE...]
refuses() {
	says "${@:3}"
	is_error "$1" "$2"
}

json_of() { echo "{\"cniVersion\":\"$1\",\"name\":\"net\",\"type\":\"$p\"}"; }
