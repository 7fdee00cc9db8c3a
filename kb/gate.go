package kb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// tries is how often a change is judged anew because another one came in
// between: each is judged against what it would really join.
const tries = 3

// gated makes a move that changes what residents are told, unless golden
// questions would be answered worse.
func (d *Desk) gated(ctx context.Context, by Editor, id string, s Step, move func(*Entry) ([]Event, error)) (e Entry, err error) {
	for range tries {
		var seen int64
		if seen, err = d.KnowledgeRevision(ctx); err != nil {
			return e, err
		}
		e, err = d.change(ctx, by, id, s.Revision, seen, func(e *Entry) ([]Event, error) {
			before := *e
			events, err := move(e)
			if err != nil {
				return nil, err
			}
			return events, d.gate(ctx, s.Move, before, *e)
		})
		if !errors.Is(err, ErrStale) || s.Revision != 0 && e.Revision != s.Revision {
			break
		}
	}
	if err != nil {
		return e, err
	}
	return e, d.library.Refresh(ctx)
}

// gate refuses a change of an article that would take the right answer away
// from a golden question, at once or on a day to come. What would be wrong
// without the change does not stand in the way.
func (d *Desk) gate(ctx context.Context, m Move, before, after Entry) error {
	questions, err := d.goldens.Goldens(ctx)
	if err != nil {
		return fmt.Errorf("read golden questions: %w", err)
	}
	all, err := d.Articles(ctx)
	if err != nil {
		return fmt.Errorf("read articles: %w", err)
	}
	d.ready(ctx, questions)
	now := d.tools.Now()
	for _, at := range turns(now, before, after) {
		broken, err := d.broken(ctx, questions, all, with(all, after.ID, after.Live...), at)
		if err != nil {
			return err
		}
		if len(broken) > 0 {
			refused := &GateError{Move: m, Broken: broken}
			if at.After(now) {
				refused.From = at
			}
			return refused
		}
	}
	return nil
}

// turns are the moments at which another version may be told than before: now,
// and whenever one begins or ends.
func turns(now time.Time, entries ...Entry) []time.Time {
	out := []time.Time{now}
	for _, e := range entries {
		for _, v := range e.Live {
			for _, at := range []time.Time{v.ValidFrom, v.ValidTo} {
				if at.After(now) {
					out = append(out, at)
				}
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// broken are the golden questions that are right with some articles at a time
// and wrong with others.
func (d *Desk) broken(ctx context.Context, questions []Golden, before, after []Article, at time.Time) ([]Verdict, error) {
	fresh, err := d.trial(ctx, after, at)
	if err != nil {
		return nil, err
	}
	verdicts, err := Judge(ctx, d.tools.Tell, fresh, questions)
	if err != nil {
		return nil, err
	}
	failed := Failed(verdicts)
	if len(failed) == 0 {
		return nil, nil
	}
	old, err := d.trial(ctx, before, at)
	if err != nil {
		return nil, err
	}
	var out []Verdict
	for _, v := range failed {
		was, err := Judge(ctx, d.tools.Tell, old, []Golden{v.Golden})
		if err != nil {
			return nil, err
		}
		if was[0].Passed() {
			out = append(out, v)
		}
	}
	return out, nil
}

// with replaces all versions of an article by others.
func with(all []Article, id string, versions ...Version) []Article {
	out := make([]Article, 0, len(all)+len(versions))
	for _, v := range versions {
		out = append(out, v.Article)
	}
	for _, a := range all {
		if a.ID != id {
			out = append(out, a)
		}
	}
	return out
}

// trial is a library of its own with these articles at a time.
func (d *Desk) trial(ctx context.Context, all []Article, at time.Time) (*Library, error) {
	l := NewLibrary(nil, d.tools.Index(), func() time.Time { return at })
	if err := l.fill(ctx, all, 0); err != nil {
		return nil, err
	}
	return l, nil
}
