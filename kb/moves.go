package kb

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Move is something an editor does with an article.
type Move string

// The moves. A state × move table in the tests leaves none unspecified.
const (
	MoveSave    Move = "save"
	MoveReview  Move = "review"
	MoveReturn  Move = "return"
	MovePublish Move = "publish"
	MoveRetire  Move = "retire"
	MoveRestore Move = "restore"
	MoveDiscard Move = "discard"
	MoveDecline Move = "decline"
)

var (
	// ErrState is returned for a move the state of the article does not allow.
	ErrState = errors.New("kb: not allowed in this state")
	// ErrForbidden is returned for a move the role of the editor does not allow.
	ErrForbidden = errors.New("kb: not this role's business")
	// ErrOwn is returned when the author of a version would publish it: what
	// residents are told has been seen by two people.
	ErrOwn = errors.New("kb: the author may not publish it")
	// ErrOwnGolden is returned when somebody who writes articles would remove a
	// golden question: it would open the gate for their own words.
	ErrOwnGolden = errors.New("kb: who writes articles removes no golden question")
	// ErrStale is returned when the article has changed since it was read.
	ErrStale = errors.New("kb: changed since it was read")
	// ErrNotFound is returned for an article, a version or a question that is
	// not there.
	ErrNotFound = errors.New("kb: no such thing")
	// ErrTaken is returned for a new article whose id another one has, and for
	// a golden question that is there already.
	ErrTaken = errors.New("kb: taken")
)

// FieldError says which field of an article keeps it from going on, and why.
type FieldError struct {
	Field   string // as in Article's YAML
	Problem Problem
}

// Problem is what is wrong with a field.
type Problem string

// The problems.
const (
	Missing  Problem = "missing"
	TooLong  Problem = "too_long"
	TooMany  Problem = "too_many"
	Invalid  Problem = "invalid"
	TooEarly Problem = "too_early"
	Clashing Problem = "clashing"  // open and verified at once
	Figure   Problem = "figure"    // open, and states a figure
	NoPerson Problem = "no_person" // open, and offers no person
)

func (e *FieldError) Error() string { return fmt.Sprintf("kb: %s %s", e.Field, e.Problem) }

// Save keeps new words as a draft; the same words change nothing. What
// residents are told stays as it is.
func (e *Entry) Save(by Editor, a Article, o Origin, at time.Time) ([]Event, error) {
	if !by.Edits {
		return nil, ErrForbidden
	}
	a = a.tidy()
	a.ID = e.ID
	if err := a.fits(); err != nil {
		return nil, err
	}
	if e.Last > 0 && e.Head.SameWords(a) && e.Head.Status != Retired {
		return nil, nil
	}
	v := e.next(by.Person, a, o, at)
	v.Status = Draft
	return e.take(Event{Kind: Drafted, Version: v}), nil
}

// take makes the version of an event the one on the desk.
func (e *Entry) take(x Event) []Event {
	e.Head, e.Edited = x.Version, true
	return []Event{x}
}

// Review says that the draft is right and complete; its author may say so,
// because somebody else publishes it.
func (e *Entry) Review(by Editor, at time.Time) ([]Event, error) {
	if !by.Edits && !by.Publishes {
		return nil, ErrForbidden
	}
	if e.Head.Status != Draft {
		return nil, ErrState
	}
	if err := e.Head.ready(at); err != nil {
		return nil, err
	}
	v := e.Head
	v.Status, v.Reviewer, v.ReviewedAt = Reviewed, by.Person, at
	return e.take(Event{Kind: WasRead, Version: v}), nil
}

// Return gives a reviewed version back to be written on.
func (e *Entry) Return(by Editor, note string) ([]Event, error) {
	if !by.Edits && !by.Publishes {
		return nil, ErrForbidden
	}
	if e.Head.Status != Reviewed {
		return nil, ErrState
	}
	v := e.Head
	v.Status, v.Reviewer, v.ReviewedAt = Draft, Person{}, time.Time{}
	return e.take(Event{Kind: SentBack, Version: v, Note: note}), nil
}

// Publish makes the reviewed version what residents are told. It is for
// somebody other than its author, unless its words were published before.
func (e *Entry) Publish(by Editor, at time.Time) ([]Event, error) {
	if !by.Publishes {
		return nil, ErrForbidden
	}
	if e.Head.Status != Reviewed {
		return nil, ErrState
	}
	if e.Head.Author.ID == by.ID && e.Head.Origin != Restored {
		return nil, ErrOwn
	}
	if err := e.Head.ready(at); err != nil {
		return nil, err
	}
	v := e.Head
	v.Status, v.Publisher, v.PublishedAt = Published, by.Person, at
	events := e.replace(v, at)
	return append(events, e.take(Event{Kind: WasPut, Version: v})...), nil
}

// Retire takes the article back at once: nothing of it is told any more. One
// person is enough, a wrong answer must not wait for a second; the gate only
// keeps what golden questions need.
func (e *Entry) Retire(by Editor, note string) ([]Event, error) {
	if !by.Publishes {
		return nil, ErrForbidden
	}
	if len(e.Live) == 0 {
		return nil, ErrState
	}
	if strings.TrimSpace(note) == "" {
		return nil, &FieldError{"note", Missing}
	}
	var events []Event
	for _, v := range e.Live {
		v.Status = Retired
		events = append(events, Event{Kind: Withdrawn, Version: v, Note: note})
		if v.Version == e.Head.Version {
			e.Head = v
		}
	}
	e.Live, e.Edited = nil, true
	return events, nil
}

// Restore makes a new version with the words of an old one. Words that were
// published once need no second review.
func (e *Entry) Restore(by Editor, old Version, at time.Time) ([]Event, error) {
	switch {
	case !by.Edits && !by.Publishes:
		return nil, ErrForbidden
	case old.ID != e.ID:
		return nil, ErrNotFound
	case old.Version == e.Head.Version && e.Head.Status != Retired, e.Head.SameWords(old.Article) && e.Head.Status == Published:
		return nil, ErrState
	}
	v := e.next(by.Person, old.Article, Written, at)
	v.Restores, v.Status = old.Version, Draft
	if !old.PublishedAt.IsZero() {
		v.Origin, v.Status, v.Reviewer, v.ReviewedAt = Restored, Reviewed, old.Reviewer, at
	}
	if old.Version == e.Waiting {
		e.Waiting = 0
	}
	return e.take(Event{Kind: Drafted, Version: v}), nil
}

// Discard gives a draft up. The desk goes back to what is published; an
// article that never was counts as retired.
func (e *Entry) Discard(by Editor) ([]Event, error) {
	if !by.Edits {
		return nil, ErrForbidden
	}
	if e.Head.Status != Draft && e.Head.Status != Reviewed {
		return nil, ErrState
	}
	v := e.Head
	v.Status = Retired
	events := e.take(Event{Kind: Discarded, Version: v})
	if len(e.Live) > 0 {
		e.Head = e.Live[0]
	}
	return events, nil
}

// Decline leaves the shipped version that waits aside.
func (e *Entry) Decline(by Editor, waiting Version) ([]Event, error) {
	if !by.Edits {
		return nil, ErrForbidden
	}
	if e.Waiting == 0 || waiting.Version != e.Waiting {
		return nil, ErrState
	}
	e.Waiting, e.Edited = 0, true
	waiting.Status = Retired
	return []Event{{Kind: Declined, Version: waiting}}, nil
}

// Moves lists what this editor can do with the article now, in the order of
// the buttons. Publishing may still be refused by the golden questions.
func (e *Entry) Moves(by Editor) []Move {
	var out []Move
	can := func(m Move, ok bool) {
		if ok {
			out = append(out, m)
		}
	}
	either := by.Edits || by.Publishes
	can(MoveSave, by.Edits)
	can(MoveReview, either && e.Head.Status == Draft)
	can(MovePublish, by.Publishes && e.Head.Status == Reviewed && (e.Head.Author.ID != by.ID || e.Head.Origin == Restored))
	can(MoveReturn, either && e.Head.Status == Reviewed)
	can(MoveDiscard, by.Edits && (e.Head.Status == Draft || e.Head.Status == Reviewed))
	can(MoveRetire, by.Publishes && len(e.Live) > 0)
	can(MoveRestore, either && e.Last > 1)
	can(MoveDecline, by.Edits && e.Waiting > 0)
	return out
}

// What an article may hold, in characters and wordings.
const (
	longestTitle   = 60
	longestShort   = 400
	longestDetails = 2000
	longestLine    = 200
	mostQuestions  = 120
	mostKeywords   = 30
	mostClauses    = 10
)

// fits reports what keeps the words from being stored even as a draft.
func (a Article) fits() error {
	if a.Title == "" {
		return &FieldError{"title", Missing}
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"title", a.Title, longestTitle}, {"short", a.Short, longestShort}, {"details", a.Details, longestDetails},
		{"next", a.Next, longestShort}, {"source", a.Source, longestLine}, {"clause", a.Clause, 20},
	} {
		if utf8.RuneCountInString(f.value) > f.most {
			return &FieldError{f.name, TooLong}
		}
	}
	for _, f := range []struct {
		name string
		list []string
		most int
	}{
		{"questions", a.Questions, mostQuestions}, {"keywords", a.Keywords, mostKeywords}, {"also", a.Also, mostClauses},
	} {
		if len(f.list) > f.most {
			return &FieldError{f.name, TooMany}
		}
		for _, line := range f.list {
			if utf8.RuneCountInString(line) > longestLine {
				return &FieldError{f.name, TooLong}
			}
		}
	}
	return a.modest()
}

// ready reports what keeps an article from being told: what a reader needs is
// missing, or it would never be in force. A clause is needed where the source
// is the standard; other sources have other numbers or none.
func (a Article) ready(at time.Time) error {
	for _, f := range []struct{ name, value string }{
		{"short", a.Short}, {"next", a.Next}, {"source", a.Source},
	} {
		if f.value == "" {
			return &FieldError{f.name, Missing}
		}
	}
	if len(a.Questions) == 0 {
		return &FieldError{"questions", Missing}
	}
	if a.Clause == "" && a.Source == Standard {
		return &FieldError{"clause", Missing}
	}
	if a.Clause != "" && !clauseNumber(a.Clause) {
		return &FieldError{"clause", Invalid}
	}
	for _, number := range a.Also {
		if !clauseNumber(number) {
			return &FieldError{"also", Invalid}
		}
	}
	if err := a.modest(); err != nil {
		return err
	}
	if a.Open && !a.offersPerson() {
		return &FieldError{"open", NoPerson}
	}
	if !a.ValidTo.IsZero() && (!a.ValidTo.After(a.ValidFrom) || !a.ValidTo.After(at)) {
		return &FieldError{"valid_to", TooEarly}
	}
	return nil
}

// tidy takes away what only a keyboard adds: blanks around, empty lines,
// wordings that are there twice.
func (a Article) tidy() Article {
	for _, p := range []*string{&a.Title, &a.Short, &a.Details, &a.Next, &a.Clause, &a.Source} {
		*p = strings.TrimSpace(strings.ReplaceAll(*p, "\r\n", "\n"))
	}
	for _, list := range []*[]string{&a.Also, &a.Questions, &a.Keywords} {
		*list = lines(*list)
	}
	return a
}

func lines(list []string) []string {
	var out []string
	seen := make(map[string]bool, len(list))
	for _, line := range list {
		line = strings.TrimSpace(line)
		if line != "" && !seen[line] {
			seen[line] = true
			out = append(out, line)
		}
	}
	return out
}
