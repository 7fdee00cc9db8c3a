//go:build !linux

package main

import "runtime/debug"

// giveBack returns free heap to the system.
func giveBack() { debug.FreeOSMemory() }
