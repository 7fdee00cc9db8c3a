package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"quandesk/server/store"
	"quandesk/tickets"
)

// Clockwork is what happens because time passes. Every process runs it; rows
// decide who does what, so nothing depends on a leader.
type Clockwork struct {
	Store *store.Store
	Desk  *tickets.Desk
	Log   *slog.Logger
	Swept func(deadlines int, took time.Duration) // for the metrics; may be nil
	Ask   func(context.Context) error             // asks residents whether they are satisfied; may be nil
	// Lose gives up calls whose end no exchange tells; may be nil.
	Lose func(context.Context) (int, error)
	// Reports says that 12345 is told over a connection.
	Reports bool
}

// How often each part runs.
const (
	sweepEvery  = time.Second
	indexEvery  = time.Second
	clockEvery  = 10 * time.Second
	queueEvery  = 5 * time.Second
	tidyEvery   = time.Hour
	reportEvery = 2 * time.Second
	mailEvery   = time.Minute
	askEvery    = 2 * time.Second
	callsEvery  = 10 * time.Second

	// roundLimit ends a round that waits for a connection that is dead; what it
	// has committed stays, and the next round goes on from there.
	roundLimit = time.Minute
	// overlooked is how long an answer may take before its job is written anew.
	overlooked = 15 * time.Second
	// inDoubt is how long a message may be sending before a person is shown it.
	inDoubt = 2 * time.Minute
	// skewWarned is how far the clocks may differ before it is worth a line.
	skewWarned = 5 * time.Second
)

// Run works until the context ends. The first round starts at once: after a
// stop everything overdue fires within seconds.
func (w *Clockwork) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, part := range []struct {
		name  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"sweep deadlines", sweepEvery, w.sweep},
		{"index messages", indexEvery, w.index},
		{"read database clock", clockEvery, w.clock},
		{"look after the queue", queueEvery, w.queue},
		{"report to 12345", reportEvery, w.report},
		{"tidy", tidyEvery, w.Store.Tidy},
		{"mail of 12345 without its order", mailEvery, func(ctx context.Context) error {
			_, err := w.Store.TellParked(ctx)
			return err
		}},
		{"ask surveys", askEvery, w.Ask},
		{"calls without an end", callsEvery, w.lose},
	} {
		if part.do == nil {
			continue
		}
		wg.Go(func() { w.repeat(ctx, part.name, part.every, part.do) })
	}
	wg.Wait()
}

func (w *Clockwork) repeat(ctx context.Context, name string, every time.Duration, do func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		err := round(ctx, do)
		switch {
		case err != nil && !errors.Is(err, context.Canceled) && !failing:
			failing = true
			w.Log.Error("clockwork failing", "part", name, "error", err) // once, not every second
		case err == nil && failing:
			failing = false
			w.Log.Info("clockwork recovered", "part", name)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round does a part once. A panic is an error of the round: what is broken for
// one row must not stop the desk.
func round(ctx context.Context, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx)
}

func (w *Clockwork) sweep(ctx context.Context) error {
	start := time.Now()
	n, err := w.Desk.Sweep(ctx)
	if w.Swept != nil {
		w.Swept(n, time.Since(start))
	}
	return err
}

func (w *Clockwork) report(ctx context.Context) error {
	if !w.Reports {
		return nil
	}
	_, err := w.Store.Departures(ctx)
	return err
}

func (w *Clockwork) lose(ctx context.Context) error {
	if w.Lose == nil {
		return nil
	}
	n, err := w.Lose(ctx)
	if n > 0 {
		w.Log.Warn("calls without an end given up", "count", n)
	}
	return err
}

func (w *Clockwork) index(ctx context.Context) error {
	for {
		n, err := w.Store.IndexMessages(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

func (w *Clockwork) clock(ctx context.Context) error {
	skew, err := w.Store.SyncClock(ctx)
	if skew.Abs() > skewWarned {
		w.Log.Warn("clock differs from the database", "ahead", skew)
	}
	return err
}

func (w *Clockwork) queue(ctx context.Context) error {
	if _, err := w.Store.Overlooked(ctx, overlooked); err != nil {
		return err
	}
	n, err := w.Store.Doubt(ctx, inDoubt)
	if n > 0 {
		w.Log.Warn("messages in doubt", "count", n)
	}
	return err
}
