#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vlan.sh - the lines of the sweep's table that need VLANs on a bridge, for a
# guest of tests/vm
exec "$(dirname "$0")/sweep.sh" 'bridge vlan' 'bridge trunk' 'bridge new-vlan'
