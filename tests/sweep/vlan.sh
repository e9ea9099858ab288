#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vlan.sh - the sweep's rows that need what not every kernel has, for a guest of
# tests/vm
here=$(dirname "$0")
# shellcheck disable=SC2046 # names are words
exec "$here/sweep.sh" $("$here/../plugins.sh" rows sweep needs)
