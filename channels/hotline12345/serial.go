package hotline12345

import (
	"math"
	"strconv"
	"time"

	"quandesk/tickets"
)

// countedTime reads a number: the days a spreadsheet counts, or the seconds or
// milliseconds a program does.
func countedTime(v Value, s string) (when, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return when{}, false
	}
	const (
		firstDay, lastDay       = 36526, 73051 // 2000-01-01 to 2100-01-01
		firstSecond, lastSecond = 946656000, 4102416000
	)
	switch {
	case v.Epoch == Since1904 && v.Number:
		n += 1462 // days between the two epochs
	case n >= firstSecond && n < lastSecond:
		return when{time.Unix(int64(n), 0), true}, true
	case n >= firstSecond*1000 && n < lastSecond*1000:
		return when{time.UnixMilli(int64(n)), true}, true
	}
	if n < firstDay || n >= lastDay {
		return when{}, false
	}
	whole, part := math.Modf(n)
	seconds := int(math.Round(part * 86400))
	day := time.Date(1899, time.December, 30, 0, 0, seconds, 0, tickets.Beijing)
	return when{day.AddDate(0, 0, int(whole)), seconds != 0}, true
}
