#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# script.sh - one test of two fails
echo '1..2'; echo 'ok 1 - fine'; echo 'not ok 2 - bad'; exit 1
