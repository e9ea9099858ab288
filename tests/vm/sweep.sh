#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sweep.sh - the sweep's lines that need VLANs on a bridge, in a guest
cd "$(dirname "$0")/../.." || exit
exec tests/vm/run.sh tests/sweep/vlan.sh
