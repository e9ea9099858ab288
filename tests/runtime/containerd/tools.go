// SPDX-License-Identifier: GPL-2.0-or-later

//go:build tools

// Package tools names the containerd that tools.sh builds, so that go.mod pins it
// and what it needs: a later version than Debian's, which asks plugins for STATUS.
package tools

import (
	_ "github.com/containerd/containerd/v2/cmd/containerd"
	_ "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"
	_ "github.com/containerd/containerd/v2/cmd/ctr"
)
