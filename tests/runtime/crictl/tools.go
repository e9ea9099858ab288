// SPDX-License-Identifier: GPL-2.0-or-later

//go:build tools

// Package tools names the crictl that tools.sh builds, so that go.mod pins it and
// what it needs: that is newer than what the Go plugins were released with.
package tools

import (
	_ "sigs.k8s.io/cri-tools/cmd/crictl"
)
