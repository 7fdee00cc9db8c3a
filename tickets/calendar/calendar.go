// Package calendar counts the working days of the People's Republic of China:
// weekends, statutory holidays and the weekend days worked in exchange (调休).
package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// Beijing is the time zone of the desk. China has had one zone without
// daylight saving since 1992, so no zone database is needed.
var Beijing = time.FixedZone("CST", 8*60*60)

var (
	// ErrNoYear is returned for a day of a year whose holidays are not in the
	// table. Such a year is never taken for one without holidays.
	ErrNoYear = errors.New("calendar: holidays of the year are not known")
	// ErrDay is returned for a table that cannot be used.
	ErrDay = errors.New("calendar: bad day in the holiday table")
	// ErrCount is returned for a negative number of working days.
	ErrCount = errors.New("calendar: negative number of working days")
)

// Day is one exceptional day: a day off, or a weekend day that is worked.
type Day struct {
	Date string `json:"date"` // 2026-10-01
	Name string `json:"name"` // the holiday it belongs to
	Work bool   `json:"work"` // true: worked in exchange (调休)
}

// Calendar is a table of exceptional days. It is never changed after it was
// made, so it may be shared; an edited table is a new Calendar.
type Calendar struct {
	days  map[date]Day
	years map[int][]Day
}

type date struct {
	year  int
	month time.Month
	day   int
}

// Default is the calendar of the State Council's announcements as they were
// known when the program was built.
func Default() (*Calendar, error) {
	const century = "20" // a prefix of every date the library has
	var days []Day
	for e := HolidayUtil.GetHolidays(century).Front(); e != nil; e = e.Next() {
		h := e.Value.(*HolidayUtil.Holiday)
		days = append(days, Day{Date: h.GetDay(), Name: h.GetName(), Work: h.IsWork()})
	}
	return New(days)
}

// New makes a calendar of a table that an administrator keeps. A year counts
// as known when its National Day is in the table: the State Council announces
// a year in one piece, but days next to New Year may come with the year before
// or after, and such a day alone says nothing about the rest of its year.
// Errors: ErrDay for a date that is none or stands there twice.
func New(days []Day) (*Calendar, error) {
	c := &Calendar{days: make(map[date]Day, len(days)), years: map[int][]Day{}}
	for _, d := range days {
		t, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			return nil, fmt.Errorf("%w: %q", ErrDay, d.Date)
		}
		key := dateOf(t)
		if _, ok := c.days[key]; ok {
			return nil, fmt.Errorf("%w: %s twice", ErrDay, d.Date)
		}
		c.days[key] = d
		c.years[key.year] = append(c.years[key.year], d)
	}
	for _, year := range c.years {
		slices.SortFunc(year, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	}
	return c, nil
}

// Days lists the exceptional days of a year in order.
func (c *Calendar) Days(year int) []Day { return slices.Clone(c.years[year]) }

// Covers reports whether the holidays of a year are known.
func (c *Calendar) Covers(year int) bool {
	national, ok := c.days[date{year, time.October, 1}]
	return ok && !national.Work
}

// Workday reports whether the Beijing day of t is worked. Errors: ErrNoYear.
func (c *Calendar) Workday(t time.Time) (bool, error) {
	return c.workday(t.In(Beijing))
}

func (c *Calendar) workday(t time.Time) (bool, error) {
	if !c.Covers(t.Year()) {
		return false, fmt.Errorf("%w: %d", ErrNoYear, t.Year())
	}
	if d, ok := c.days[dateOf(t)]; ok {
		return d.Work, nil
	}
	weekday := t.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday, nil
}

// Add returns the end of the n-th working day after the Beijing day of start:
// 24:00 of that day, which is 00:00 of the next. The day of the event is not
// counted, whatever its hour. Add(start, 0) is the end of that day itself.
// Errors: ErrNoYear when the way leads through a year that is not known,
// ErrCount.
func (c *Calendar) Add(start time.Time, n int) (time.Time, error) {
	if n < 0 {
		return time.Time{}, fmt.Errorf("%w: %d", ErrCount, n)
	}
	y, m, d := start.In(Beijing).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, Beijing)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		worked, err := c.workday(day)
		if err != nil {
			return time.Time{}, err
		}
		if worked {
			n--
		}
	}
	return day.AddDate(0, 0, 1), nil
}

// Back returns the moment that is n working days before due: the same time on
// an earlier working day. A due time of 00:00 is the end of the day before,
// and one on a day off counts as the end of the last working day before it.
// Days of a year that is not known count as worked.
func (c *Calendar) Back(due time.Time, n int) time.Time {
	due = due.In(Beijing)
	y, m, d := due.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, Beijing)
	left := due.Sub(day)
	if left == 0 {
		day, left = day.AddDate(0, 0, -1), 24*time.Hour
	}
	for !c.worked(day) {
		day, left = day.AddDate(0, 0, -1), 24*time.Hour
	}
	for n > 0 {
		day = day.AddDate(0, 0, -1)
		if c.worked(day) {
			n--
		}
	}
	return day.Add(left)
}

func (c *Calendar) worked(day time.Time) bool {
	work, err := c.workday(day)
	return work || err != nil
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}
