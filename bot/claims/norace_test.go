//go:build !race

package claims_test

const raced = false
