package exchange

// What the bounds test compares with the desk.
var (
	Most        = most
	LongestLine = longestLine
)
