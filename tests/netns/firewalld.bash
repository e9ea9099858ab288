# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# firewalld.bash - a real firewalld, on a bus of its own, both in HOST

# bus_up: the system's bus, in the host's /run
bus_up() {
	in_host mkdir -p /run/dbus
	cat >"$TMP/bus.conf" <<-END
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig>
	<type>system</type>
	<listen>unix:path=/run/dbus/system_bus_socket</listen>
	<auth>EXTERNAL</auth>
	<policy context="default">
	<allow user="*"/><allow own="*"/><allow eavesdrop="true"/>
	<allow send_type="method_call"/><allow send_type="signal"/>
	<allow send_type="method_return"/><allow send_type="error"/>
	</policy>
	</busconfig>
	END
	bg HOST dbus-daemon --config-file="$TMP/bus.conf" --nofork --nopidfile \
		2>/dev/null
	eventually in_host busctl --list
}

# firewalld_call INTERFACE METHOD [SIGNATURE ARG...]: its answers in .data of
# JSON; firewall-cmd would start an interpreter for each question
firewalld_call() {
	in_host busctl --json=short call org.fedoraproject.FirewallD1 \
		/org/fedoraproject/FirewallD1 "$@"
}
firewalld_runs() {
	[[ $(firewalld_call org.freedesktop.DBus.Properties Get ss \
		org.fedoraproject.FirewallD1 state) = *'"RUNNING"'* ]]
}

# firewalld_up: and it answers
firewalld_up() {
	bus_up
	firewalld_start
}
firewalld_start() {
	bg HOST firewalld --nofork --nopid --log-file="$TMP/firewalld.log" \
		>/dev/null 2>&1
	# shellcheck disable=SC2034 # for who ends it
	FIREWALLD=$!
	eventually firewalld_runs
}
