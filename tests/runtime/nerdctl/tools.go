// SPDX-License-Identifier: GPL-2.0-or-later

//go:build tools

// Package tools names the program that tools.sh builds, so that go.mod pins it
// and what it needs. It is a module of its own: it asks for other versions than
// the programs of the folder above.
package tools

import _ "github.com/containerd/nerdctl/v2/cmd/nerdctl"
