//go:build race

package rules

// slower is how much the race detector may cost.
const slower = 10

// raced reports whether the race detector watches.
const raced = true
