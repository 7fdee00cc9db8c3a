// Package watched tells tests whether the race detector watches them, under
// which they take ten times as long.
package watched

import (
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"
)

// ByRace reports whether this program was built with -race.
var ByRace = sync.OnceValue(func() bool {
	built, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})

// Unraced skips what only measures or compares and would find nothing under the
// race detector; the gate runs it once more without.
func Unraced(t *testing.T) {
	t.Helper()
	if ByRace() {
		t.Skip("measured without the race detector, see .ci/run")
	}
}

// Allow is how long what may take limit may take here.
func Allow(limit time.Duration) time.Duration {
	if ByRace() {
		return 10 * limit
	}
	return limit
}
