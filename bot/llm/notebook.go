package llm

import (
	"context"
	"sync"
	"time"

	"quandesk/channels"
)

// notebook is a Book in memory, for one process that keeps no records: it
// counts the budgets and forgets the rest.
type notebook struct {
	mu       sync.Mutex
	last     int64
	hour     string
	day      string
	today    map[channels.Purpose]int
	thisHour map[holder]int
	alerted  time.Time
}

// holder is whose budget a call is taken from.
type holder struct {
	conversation int64
	purpose      channels.Purpose
}

func newNotebook() *notebook { return &notebook{} }

// BeginCall implements Book by the hours and days of the calls' own times.
func (n *notebook) BeginCall(_ context.Context, c channels.ModelCall, b channels.Budget) (id int64, why string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if day := c.At.Format(time.DateOnly); day != n.day {
		n.day, n.today = day, map[channels.Purpose]int{}
	}
	if hour := c.At.Format("2006-01-02T15"); hour != n.hour {
		n.hour, n.thisHour = hour, map[holder]int{}
	}
	shares := c.Purpose.Shares()[0]
	whose := holder{c.ConversationID, shares}
	switch {
	case b.Daily > 0 && n.today[shares] >= b.Daily:
		return 0, channels.SpentDay, nil
	case b.Hourly > 0 && n.thisHour[whose] >= b.Hourly:
		return 0, channels.SpentHour, nil
	}
	n.today[shares]++
	n.thisHour[whose]++
	n.last++
	return n.last, "", nil
}

// EndCall implements Book.
func (n *notebook) EndCall(context.Context, channels.ModelCall) error { return nil }

// AlertModel implements Book.
func (n *notebook) AlertModel(context.Context, channels.ModelAlert) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if !n.alerted.IsZero() && now.Sub(n.alerted) < channels.BetweenAlerts {
		return false, nil
	}
	n.alerted = now
	return true, nil
}
