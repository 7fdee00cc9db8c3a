package kb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Entries is where the desk keeps articles.
type Entries interface {
	Store
	// Entries returns one keyset page of the list, changed last first.
	Entries(ctx context.Context, f Filter) (Page, error)
	// Entry returns one article as it stands on the desk. ErrNotFound.
	Entry(ctx context.Context, id string) (Entry, error)
	// Versions returns all versions of an article, newest first.
	Versions(ctx context.Context, id string) ([]Version, error)
	// SaveEntry stores what happened and its audit rows in one transaction and
	// returns the entry as it is then. ErrStale when the article has another
	// revision by now, or KnowledgeRevision is not seen (AnyRevision: does not
	// matter); ErrTaken when a new article's id is not new.
	SaveEntry(ctx context.Context, e Entry, events []Event, by Editor, seen int64) (Entry, error)
}

// AnyRevision is for what is right whatever else is published.
const AnyRevision = -1

// Goldens is where the golden questions are kept.
type Goldens interface {
	// Goldens returns all golden questions, oldest first.
	Goldens(ctx context.Context) ([]Golden, error)
	// AddGolden stores a question; ErrTaken when it is there already.
	AddGolden(ctx context.Context, g Golden, by Editor) (Golden, error)
	// RemoveGolden takes one away for good: a shipped one does not come back.
	RemoveGolden(ctx context.Context, id int64, by Editor) error
	// ShipGoldens stores those that come with the program and are new.
	ShipGoldens(ctx context.Context, list []Golden) error
}

// Questions is where questions without a good answer are kept.
type Questions interface {
	// Questions returns the newest n in a state.
	Questions(ctx context.Context, state QuestionState, n int) ([]Question, error)
	// SettleQuestions moves open questions to a state; draft, when not empty,
	// is the article begun with them.
	SettleQuestions(ctx context.Context, ids []int64, to QuestionState, draft string, by Editor) error
}

// Filter chooses what the list of articles shows.
type Filter struct {
	State      Status // of the version on the desk; Published: residents are told some version
	Clause     string // this clause or below it
	Query      string // words of the version on the desk
	Unverified bool   // neither verified nor open: not told
	Open       bool
	Waiting    bool      // a shipped version waits for an editor
	ExpiresBy  time.Time // zero: whenever
	Cursor     string
	Limit      int // 0: 50
}

// Row is one article in the list.
type Row struct {
	ID, Title, Clause string
	State             Status // of the version on the desk
	Version           int    // on the desk
	Published         int    // the newest; 0: residents are told none
	Told              int    // in force now; 0 for none
	Discarded         bool
	Waiting           int
	Verified, Open    bool
	ValidFrom         time.Time // of the version told, or of the newest published
	ValidTo           time.Time
	UpdatedAt         time.Time
}

// Page is one page of the list.
type Page struct {
	Rows []Row
	Next string // cursor of the next page, empty at the end
}

// Desk is the editor's desk: the use cases around articles, golden questions
// and gaps.
type Desk struct {
	Entries
	goldens   Goldens
	questions Questions
	library   *Library
	tools     Tools
}

// Tools are what a Desk tries things with.
type Tools struct {
	Index func() Index                                  // an empty one in memory: every publishing is tried on it before residents are told
	Ready func(ctx context.Context, questions []string) // told what is about to be asked all at once; nil: has no need of it
	Tell  Teller                                        // nil: the best article, whatever is asked
	Now   func() time.Time
}

// NewDesk makes a desk.
func NewDesk(e Entries, g Goldens, q Questions, l *Library, t Tools) *Desk {
	if t.Tell == nil {
		t.Tell = func(ctx context.Context, l *Library, question string) (Found, bool, error) {
			return l.Tell(ctx, question)
		}
	}
	return &Desk{Entries: e, goldens: g, questions: q, library: l, tools: t}
}

// Seed stores what comes with the program: golden questions and articles.
func (d *Desk) Seed(ctx context.Context) error {
	digest := SeedDigest()
	seen, err := d.Digest(ctx)
	if err != nil {
		return fmt.Errorf("read seed digest: %w", err)
	}
	if digest != "" && seen == digest {
		return nil
	}
	questions, err := ShippedGoldens()
	if err != nil {
		return err
	}
	if err := d.goldens.ShipGoldens(ctx, questions); err != nil {
		return fmt.Errorf("store golden questions: %w", err)
	}
	return d.library.Seed(ctx)
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ArticleID reports whether an article may be called this.
func ArticleID(id string) bool {
	const longest = 60
	return len(id) <= longest && kebab.MatchString(id)
}

// Begin stores a new article as a draft; without an id it is given one.
func (d *Desk) Begin(ctx context.Context, by Editor, a Article, o Origin) (Entry, error) {
	if a.ID == "" {
		a.ID = "n-" + d.tools.Now().UTC().Format("20060102") + "-" + strings.ToLower(rand.Text()[:6])
	}
	if !ArticleID(a.ID) {
		return Entry{}, &FieldError{"id", Invalid}
	}
	e := Entry{ID: a.ID}
	events, err := e.Save(by, a, o, d.tools.Now())
	if err != nil {
		return Entry{}, err
	}
	return d.SaveEntry(ctx, e, events, by, AnyRevision)
}

// Save keeps an editor's words as the next draft. revision is the one the
// editor saw, 0 when it does not matter; ErrStale comes with the fresh entry.
func (d *Desk) Save(ctx context.Context, by Editor, id string, revision int64, a Article, o Origin) (Entry, error) {
	return d.change(ctx, by, id, revision, AnyRevision, func(e *Entry) ([]Event, error) { return e.Save(by, a, o, d.tools.Now()) })
}

// A Step is a move with what it needs.
type Step struct {
	Move     Move
	Revision int64  // the one the editor saw; 0 when it does not matter
	Note     string // why, with MoveReturn and MoveRetire
	Version  int    // with MoveRestore and MoveDecline
}

// Make makes a move. ErrStale comes with the fresh entry. Publishing and
// retiring are refused with a GateError when golden questions would be answered
// worse.
func (d *Desk) Make(ctx context.Context, by Editor, id string, s Step) (Entry, error) {
	switch s.Move {
	case MovePublish:
		e, err := d.gated(ctx, by, id, s, func(e *Entry) ([]Event, error) { return e.Publish(by, d.tools.Now()) })
		if err != nil {
			return e, err
		}
		return e, d.retestDrafted(ctx, by, id)
	case MoveRetire:
		return d.gated(ctx, by, id, s, func(e *Entry) ([]Event, error) { return e.Retire(by, s.Note) })
	}
	e, err := d.change(ctx, by, id, s.Revision, AnyRevision, func(e *Entry) ([]Event, error) {
		switch s.Move {
		case MoveReview:
			return e.Review(by, d.tools.Now())
		case MoveReturn:
			return e.Return(by, s.Note)
		case MoveDiscard:
			return e.Discard(by)
		case MoveRestore, MoveDecline:
			old, err := d.version(ctx, id, s.Version)
			if err != nil {
				return nil, err
			}
			if s.Move == MoveDecline {
				return e.Decline(by, old)
			}
			return e.Restore(by, old, d.tools.Now())
		}
		return nil, ErrNotFound
	})
	if err != nil {
		return e, err
	}
	return e, d.library.Refresh(ctx)
}

// change loads, moves and saves.
func (d *Desk) change(ctx context.Context, by Editor, id string, revision, seen int64, move func(*Entry) ([]Event, error)) (Entry, error) {
	e, err := d.Entry(ctx, id)
	if err != nil {
		return e, err
	}
	if revision != 0 && revision != e.Revision {
		return e, ErrStale
	}
	moved := e
	events, err := move(&moved)
	if err != nil || len(events) == 0 {
		return e, err
	}
	saved, err := d.SaveEntry(ctx, moved, events, by, seen)
	if errors.Is(err, ErrStale) {
		if e, again := d.Entry(ctx, id); again == nil {
			return e, err
		}
	}
	return saved, err
}

func (d *Desk) version(ctx context.Context, id string, n int) (Version, error) {
	all, err := d.Versions(ctx, id)
	if err != nil {
		return Version{}, err
	}
	for _, v := range all {
		if v.Version == n {
			return v, nil
		}
	}
	return Version{}, ErrNotFound
}

// Trial is the library as it would be if the version on the desk were
// published and in force: what a hit test of a draft asks.
func (d *Desk) Trial(ctx context.Context, id string) (*Library, error) {
	e, err := d.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := d.Articles(ctx)
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	v := e.Head
	v.Status, v.ValidFrom, v.ValidTo = Published, time.Time{}, time.Time{}
	return d.trial(ctx, with(all, v.ID, v), d.tools.Now())
}

// Library is what residents are told from.
func (d *Desk) Library() *Library { return d.library }

// Goldens returns all golden questions.
func (d *Desk) Goldens(ctx context.Context) ([]Golden, error) { return d.goldens.Goldens(ctx) }

// JudgeAll asks what residents are told from all golden questions.
func (d *Desk) JudgeAll(ctx context.Context) ([]Verdict, error) {
	questions, err := d.goldens.Goldens(ctx)
	if err != nil {
		return nil, err
	}
	d.ready(ctx, questions)
	return Judge(ctx, d.tools.Tell, d.library, questions)
}

func (d *Desk) ready(ctx context.Context, questions []Golden) {
	if d.tools.Ready == nil {
		return
	}
	list := make([]string, len(questions))
	for i, q := range questions {
		list[i] = q.Question
	}
	d.tools.Ready(ctx, list)
}

// AddGolden adds a question that article answers, or none with an empty one.
func (d *Desk) AddGolden(ctx context.Context, by Editor, question, article string) (Golden, error) {
	if !by.Edits {
		return Golden{}, ErrForbidden
	}
	question = strings.TrimSpace(question)
	switch {
	case question == "":
		return Golden{}, &FieldError{"question", Missing}
	case len([]rune(question)) > longestLine:
		return Golden{}, &FieldError{"question", TooLong}
	}
	if article != "" {
		if _, err := d.Entry(ctx, article); errors.Is(err, ErrNotFound) {
			return Golden{}, &FieldError{"article_id", Invalid}
		} else if err != nil {
			return Golden{}, err
		}
	}
	return d.goldens.AddGolden(ctx, Golden{Question: question, ArticleID: article, Author: by.Person, At: d.tools.Now()}, by)
}

// RemoveGolden takes a golden question away. It holds back what editors write,
// so it is for somebody who writes no articles.
func (d *Desk) RemoveGolden(ctx context.Context, by Editor, id int64) error {
	switch {
	case by.Edits:
		return ErrOwnGolden
	case !by.Publishes:
		return ErrForbidden
	}
	return d.goldens.RemoveGolden(ctx, id, by)
}
