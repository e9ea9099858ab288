#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build_linux.sh - builds the plugins into bin/, for those who build the Go
# plugins by this name; arguments are make's, such as STATIC=1
set -e
cd "$(dirname "$0")"
exec make "$@" DESTDIR= BINDIR="$PWD/bin" install
