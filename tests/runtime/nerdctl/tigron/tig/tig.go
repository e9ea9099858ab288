// SPDX-License-Identifier: GPL-2.0-or-later

// Package tig stands in for a module that was never published. nerdctl names
// this interface of it, in helpers of its tests.
package tig

// T is what those helpers want of a test.
type T interface {
	Helper()
	FailNow()
	Fail()
	Log(args ...any)
	Name() string
	TempDir() string
}
