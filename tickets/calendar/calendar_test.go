package calendar_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"quandesk/tickets/calendar"
)

// The table of the library begins with 2002 and ends with 2026; a clock of
// sixty working days that starts in the summer of 2026 stays inside it.
var (
	known     = time.Date(2002, 1, 1, 0, 0, 0, 0, calendar.Beijing)
	knownDays = int(time.Date(2026, 8, 1, 0, 0, 0, 0, calendar.Beijing).Sub(known) / (24 * time.Hour))
)

func standard(t testing.TB) *calendar.Calendar {
	t.Helper()
	c, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Beijing)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWorkdaysAreThoseOfTheStateCouncil(t *testing.T) {
	c := standard(t)
	for _, x := range []struct {
		name, day string
		want      bool
	}{
		{"a plain Monday is worked", "2026-03-02", true},
		{"a plain Saturday is not worked", "2026-03-07", false},
		{"a plain Sunday is not worked", "2026-03-08", false},
		{"National Day 2025 is off", "2025-10-01", false},
		{"National Day and Mid-Autumn 2025 last until Wednesday 8 October", "2025-10-08", false},
		{"9 October 2025 is worked", "2025-10-09", true},
		{"Sunday 28 September 2025 is worked in exchange", "2025-09-28", true},
		{"Saturday 11 October 2025 is worked in exchange", "2025-10-11", true},
		{"Sunday 26 January 2025 is worked in exchange", "2025-01-26", true},
		{"New Year's Eve of the Snake, Tuesday 28 January 2025, is off", "2025-01-28", false},
		{"Tuesday 4 February 2025 is off", "2025-02-04", false},
		{"Saturday 8 February 2025 is worked in exchange", "2025-02-08", true},
		{"Sunday 4 January 2026 is worked in exchange", "2026-01-04", true},
		{"Saturday 14 February 2026 is worked in exchange", "2026-02-14", true},
		{"the Spring Festival of the Horse, 17 February 2026, is off", "2026-02-17", false},
		{"Monday 23 February 2026 is off", "2026-02-23", false},
		{"Saturday 28 February 2026 is worked in exchange", "2026-02-28", true},
		{"Tomb-Sweeping Monday 2026 is off", "2026-04-06", false},
		{"Saturday 9 May 2026 is worked in exchange", "2026-05-09", true},
		{"Dragon Boat Friday 2026 is off", "2026-06-19", false},
		{"Sunday 20 September 2026 is worked in exchange", "2026-09-20", true},
		{"Mid-Autumn Friday 2026 is off", "2026-09-25", false},
		{"National Day 2026 is off", "2026-10-01", false},
		{"8 October 2026 is worked", "2026-10-08", true},
		{"Saturday 10 October 2026 is worked in exchange", "2026-10-10", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := c.Workday(at(t, x.day+" 12:00"))
			if err != nil || got != x.want {
				t.Errorf("Workday(%s) = %v, %v; want %v", x.day, got, err, x.want)
			}
		})
	}
}

func TestTheDayIsTheBeijingDay(t *testing.T) {
	c := standard(t)
	// 23:00 in London on Friday is Saturday morning in Jinan.
	worked, err := c.Workday(time.Date(2026, 3, 6, 23, 0, 0, 0, time.UTC))
	if err != nil || worked {
		t.Errorf("Workday = %v, %v; want a day off", worked, err)
	}
}

func TestAddEndsAt2400OfTheLastWorkingDay(t *testing.T) {
	c := standard(t)
	for _, x := range []struct {
		name, start string
		n           int
		want        string
	}{
		{"10.3 the day of the event is not counted", "2026-03-02 09:00", 1, "2026-03-04 00:00"},
		{"D01 the hour of the event makes no difference", "2026-03-02 23:59", 1, "2026-03-04 00:00"},
		{"13.2 two working days from Thursday end on Monday", "2026-03-05 10:00", 2, "2026-03-10 00:00"},
		{"13.2 an event on Saturday begins to count on Monday", "2026-03-07 10:00", 2, "2026-03-11 00:00"},
		{"13.2 three working days after a connection", "2026-03-09 08:00", 3, "2026-03-13 00:00"},
		{"D02 five working days over National Day 2025", "2025-09-30 10:00", 5, "2025-10-15 00:00"},
		{"D02 the Sunday worked before National Day 2025 counts", "2025-09-26 10:00", 2, "2025-09-30 00:00"},
		{"D02 five working days over the Spring Festival of 2026", "2026-02-13 17:00", 5, "2026-02-28 00:00"},
		{"D02 the Saturday worked after the Spring Festival of 2026 counts", "2026-02-13 17:00", 6, "2026-03-01 00:00"},
		{"10.1 twenty working days over May Day 2026", "2026-04-20 10:00", 20, "2026-05-21 00:00"},
		{"zero working days end with the day of the event", "2026-03-07 10:00", 0, "2026-03-08 00:00"},
		{"over a New Year whose holidays are known", "2025-12-31 10:00", 1, "2026-01-05 00:00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := c.Add(at(t, x.start), x.n)
			if err != nil || !got.Equal(at(t, x.want)) {
				t.Errorf("Add(%s, %d) = %v, %v; want %s", x.start, x.n, got, err, x.want)
			}
		})
	}
}

func TestAYearWithoutDataIsALoudError(t *testing.T) {
	c := standard(t)
	for _, year := range []int{2001, 2027, 2028} {
		if c.Covers(year) {
			t.Errorf("Covers(%d), want not", year)
		}
		if _, err := c.Workday(time.Date(year, 6, 1, 12, 0, 0, 0, calendar.Beijing)); !errors.Is(err, calendar.ErrNoYear) {
			t.Errorf("Workday in %d: %v, want ErrNoYear", year, err)
		}
	}
	if _, err := c.Add(at(t, "2026-12-30 10:00"), 2); !errors.Is(err, calendar.ErrNoYear) {
		t.Errorf("Add into 2027: %v, want ErrNoYear", err)
	}
	if _, err := c.Add(at(t, "2026-12-30 10:00"), 1); err != nil {
		t.Errorf("Add that ends with 2026: %v", err)
	}
	if _, err := c.Add(at(t, "2026-12-30 10:00"), -1); !errors.Is(err, calendar.ErrCount) {
		t.Errorf("Add(-1): %v, want ErrCount", err)
	}
}

func TestAnEditedTableExtendsTheYears(t *testing.T) {
	c := standard(t)
	days := append(c.Days(2026),
		calendar.Day{Date: "2027-10-01", Name: "国庆节"},
		calendar.Day{Date: "2027-01-01", Name: "元旦节"},
		calendar.Day{Date: "2027-01-03", Name: "元旦节", Work: true})
	edited, err := calendar.New(days)
	if err != nil {
		t.Fatal(err)
	}
	got, err := edited.Add(at(t, "2026-12-31 10:00"), 1)
	if err != nil || !got.Equal(at(t, "2027-01-04 00:00")) {
		t.Errorf("Add = %v, %v; want the end of the Sunday worked", got, err)
	}
	if d := edited.Days(2027); len(d) != 3 || d[0].Date != "2027-01-01" {
		t.Errorf("Days(2027) = %v, want three in order", d)
	}
	if c.Covers(2027) {
		t.Error("the edit changed the standard calendar")
	}
}

func TestADayNextToNewYearDoesNotMakeItsYearKnown(t *testing.T) {
	c, err := calendar.New([]calendar.Day{{Date: "2027-01-01", Name: "元旦节"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Covers(2027) {
		t.Error("one day of 2027 made the year known")
	}
}

func TestABadTableIsRefused(t *testing.T) {
	for _, x := range []struct {
		name string
		days []calendar.Day
	}{
		{"no date", []calendar.Day{{Name: "国庆节"}}},
		{"a date that does not exist", []calendar.Day{{Date: "2026-02-30"}}},
		{"another notation", []calendar.Day{{Date: "2026/10/1"}}},
		{"the same day twice", []calendar.Day{{Date: "2026-10-01"}, {Date: "2026-10-01", Work: true}}},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := calendar.New(x.days); !errors.Is(err, calendar.ErrDay) {
				t.Errorf("New = %v, want ErrDay", err)
			}
		})
	}
}

func TestDaysCannotBeChangedFromOutside(t *testing.T) {
	c := standard(t)
	days := c.Days(2026)
	days[0].Work = true
	if c.Days(2026)[0].Work {
		t.Error("a caller changed the table")
	}
}

func TestACalendarIsSharedByManyClocks(t *testing.T) {
	c := standard(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, err := c.Add(known.AddDate(i, 0, 0), 20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAddCountsExactlyTheWorkingDaysBetween(t *testing.T) {
	c := standard(t)
	rapid.Check(t, func(t *rapid.T) {
		start := known.AddDate(0, 0, rapid.IntRange(0, knownDays).Draw(t, "day")).
			Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(t, "clock")))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		end, err := c.Add(start, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := workdays(t, c, start, end); got != n {
			t.Errorf("%d working days in (%v, %v], want %d", got, start, end, n)
		}
		last, err := c.Workday(end.AddDate(0, 0, -1))
		if err != nil || !last {
			t.Errorf("the last day before %v is not worked: %v", end, err)
		}
		if h, m, s := end.In(calendar.Beijing).Clock(); h+m+s != 0 {
			t.Errorf("%v is not 24:00 of a Beijing day", end)
		}
	})
}

func TestAddIsMonotonic(t *testing.T) {
	c := standard(t)
	rapid.Check(t, func(t *rapid.T) {
		start := known.Add(time.Duration(rapid.IntRange(0, knownDays*24*60).Draw(t, "minutes")) * time.Minute)
		later := start.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "later")) * time.Minute)
		n := rapid.IntRange(0, 20).Draw(t, "n")
		a, b, longer := add(t, c, start, n), add(t, c, later, n), add(t, c, start, n+1)
		if b.Before(a) {
			t.Errorf("a later start %v ends earlier: %v < %v", later, b, a)
		}
		if !longer.After(a) {
			t.Errorf("Add(%d) = %v is not after Add(%d) = %v", n+1, longer, n, a)
		}
		if !a.After(start) {
			t.Errorf("Add(%v, %d) = %v is not after the start", start, n, a)
		}
	})
}

func add(t *rapid.T, c *calendar.Calendar, start time.Time, n int) time.Time {
	t.Helper()
	end, err := c.Add(start, n)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func workdays(t *rapid.T, c *calendar.Calendar, start, end time.Time) int {
	t.Helper()
	n := 0
	y, m, d := start.In(calendar.Beijing).Date()
	for day := time.Date(y, m, d+1, 0, 0, 0, 0, calendar.Beijing); day.Before(end); day = day.AddDate(0, 0, 1) {
		worked, err := c.Workday(day)
		if err != nil {
			t.Fatal(err)
		}
		if worked {
			n++
		}
	}
	return n
}

func FuzzAdd(f *testing.F) {
	c := standard(f)
	f.Add(int64(1_770_000_000), 5)
	f.Add(int64(0), 0)
	f.Add(int64(-1<<62), 1<<30)
	f.Fuzz(func(t *testing.T, unix int64, n int) {
		start := time.Unix(unix, 0)
		end, err := c.Add(start, n)
		if err != nil {
			if !errors.Is(err, calendar.ErrNoYear) && !errors.Is(err, calendar.ErrCount) {
				t.Errorf("Add = %v", err)
			}
			return
		}
		if n > 0 && end.Before(start) {
			t.Errorf("Add(%v, %d) = %v lies before the start", start, n, end)
		}
	})
}

func BenchmarkDefault(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := calendar.Default(); err != nil {
			b.Fatal(err)
		}
	}
}
