package kb

import (
	"slices"
	"time"
)

// Person is who did something at the editor's desk; the zero Person is the
// program itself.
type Person struct {
	ID   int64
	Name string
}

// Editor is a person at the editor's desk with what their role allows there.
type Editor struct {
	Person
	Edits     bool // write, review, judge questions
	Publishes bool // review, publish, retire
	IP        string
	RequestID string
}

// Origin is where the words of a version come from.
type Origin string

// The origins.
const (
	Shipped  Origin = "shipped"  // came with the program
	Written  Origin = "written"  // an editor wrote them
	Restored Origin = "restored" // those of an earlier version
	FromGap  Origin = "gap"      // begun with questions nobody could answer
	Imported Origin = "imported" // read from a file
)

// Version is one version of an article. Its words never change; Status does.
type Version struct {
	Article
	Origin      Origin
	Restores    int // with Restored: the version whose words these are
	Author      Person
	Reviewer    Person
	ReviewedAt  time.Time
	Publisher   Person
	PublishedAt time.Time
}

// Entry is one article on the editor's desk. What editors work at (Head) and
// what residents are told (Live) are different versions while a published
// article is being edited.
type Entry struct {
	ID       string
	Head     Version
	Last     int       // the highest version number
	Live     []Version // published and not replaced, newest first; more than one while a newer one has not come into force
	Waiting  int       // a shipped version that came after people had edited the article; 0 for none
	Edited   bool      // a person has had a hand in it
	Revision int64     // rises with every change; 0 before the first save
}

// Published is the number of the version published last, 0 when residents are
// told none.
func (e *Entry) Published() int {
	if len(e.Live) == 0 {
		return 0
	}
	return e.Live[0].Version
}

// Told is the version in force at a time: of several the newest.
func (e *Entry) Told(at time.Time) (Version, bool) {
	for _, v := range e.Live {
		if v.InForce(at) {
			return v, true
		}
	}
	return Version{}, false
}

// Discarded reports whether a version was given up before anybody was told it.
func (v Version) Discarded() bool { return v.Status == Retired && v.PublishedAt.IsZero() }

// EventKind is what happened to a version.
type EventKind string

// The events. Each becomes one row of the audit trail.
const (
	Drafted    EventKind = "drafted"
	WasRead    EventKind = "reviewed"
	SentBack   EventKind = "sent_back"
	WasPut     EventKind = "published"
	Replaced   EventKind = "replaced"
	Withdrawn  EventKind = "retired"
	Discarded  EventKind = "discarded"
	WasShipped EventKind = "shipped"
	Held       EventKind = "held"     // a shipped version waits for an editor
	Declined   EventKind = "declined" // and the editor does not want it
)

// Event is one thing that happened, with the version as it is afterwards.
type Event struct {
	Kind    EventKind
	Version Version
	Note    string
}

// next is a new version with these words; the caller gives it a status.
func (e *Entry) next(by Person, a Article, o Origin, at time.Time) Version {
	e.Last++
	a.ID, a.Version, a.UpdatedAt = e.ID, e.Last, at
	return Version{Article: a, Origin: o, Author: by}
}

// SameWords reports whether two articles say the same, whatever their state,
// version and time.
func (a Article) SameWords(b Article) bool {
	return a.ID == b.ID && a.Title == b.Title && a.Short == b.Short && a.Details == b.Details && a.Next == b.Next &&
		a.Clause == b.Clause && a.Source == b.Source && a.Verified == b.Verified && a.Open == b.Open &&
		a.ValidFrom.Equal(b.ValidFrom) && a.ValidTo.Equal(b.ValidTo) &&
		slices.Equal(a.Also, b.Also) && slices.Equal(a.Questions, b.Questions) && slices.Equal(a.Keywords, b.Keywords)
}

// Ship takes an article that comes with the program: as the next version when
// no person has had a hand in it, otherwise as a version that waits for an
// editor beside what stands. newest is the shipped version before, zero when
// there was none; the same words again change nothing.
func (e *Entry) Ship(a Article, newest Version, at time.Time) []Event {
	if a.Status == "" {
		a.Status = Published
	}
	e.ID = a.ID
	if newest.Version > 0 && newest.SameWords(a) {
		return nil
	}
	v := e.next(Person{}, a, Shipped, at)
	switch {
	case e.Edited:
		v.Status, e.Waiting = Draft, v.Version
		return []Event{{Kind: Held, Version: v}}
	case a.Status == Published:
		v.PublishedAt = at
		events := append(e.replace(v, at), Event{Kind: WasShipped, Version: v})
		e.Head = v
		return events
	}
	e.Head = v
	return []Event{{Kind: WasShipped, Version: v}}
}

// replace makes v the newest live version. What it leaves no time to be in
// force any more is replaced; a version in force now stays until v comes into
// force.
func (e *Entry) replace(v Version, now time.Time) []Event {
	var events []Event
	live := []Version{v}
	for _, old := range e.Live {
		if v.ValidFrom.After(now) && old.ValidFrom.Before(v.ValidFrom) {
			live = append(live, old)
			continue
		}
		old.Status = Superseded
		events = append(events, Event{Kind: Replaced, Version: old})
	}
	e.Live = live
	return events
}
