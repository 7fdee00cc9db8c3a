//go:build race

package sheet

const slack = 10 // the race detector makes everything slower
