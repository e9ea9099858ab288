#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# status.sh - fails, though its test passed
echo '1..1'; echo 'ok 1 - all'; exit 3
