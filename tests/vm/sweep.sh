#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sweep.sh - the sweep's rows that need what not every kernel has, in a guest
cd "$(dirname "$0")/../.." || exit
exec tests/vm/run.sh tests/sweep/vlan.sh
