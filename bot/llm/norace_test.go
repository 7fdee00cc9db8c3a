//go:build !race

package llm_test

const raced = false
