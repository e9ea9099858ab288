#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# args.bats - CNI_ARGS, of plugins that look at it
#
# rows: first iface iface-inside wire ipam

load row

@test "CNI_ARGS must be pairs, of known keys unless IgnoreUnknown" {
	refuses 4 'invalid pair' "$C" ADD "CNI_ARGS=A"
	refuses 4 'invalid pair' "$C" ADD "CNI_ARGS=IgnoreUnknown=1;"
	refuses 4 'invalid pair' "$C" ADD "CNI_ARGS=IgnoreUnknown=1;A=b=c"
	refuses 4 'unknown args.*FOO' "$C" ADD "CNI_ARGS=FOO=BAR"
	refuses 4 'IgnoreUnknown.*yes' "$C" ADD "CNI_ARGS=IgnoreUnknown=yes"
	refuses 4 'unknown args.*ip=' "$C" ADD "CNI_ARGS=ip=10.9.0.7"
}
