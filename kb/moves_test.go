package kb_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"quandesk/kb"
)

var (
	writer = kb.Editor{Person: kb.Person{ID: 5, Name: "周静"}, Edits: true, Publishes: true}
	second = kb.Editor{Person: kb.Person{ID: 6, Name: "孙建国"}, Publishes: true}
	reader = kb.Editor{Person: kb.Person{ID: 7, Name: "郑文"}}
)

func words(short string) kb.Article {
	return kb.Article{
		Title: "红色阀门怎么打开", Short: short, Next: "打不开请回复“人工”。", Clause: "7.3.2", Source: kb.Standard,
		Questions: []string{"红色阀门怎么开"}, Verified: true,
	}
}

// must makes a move that has to succeed.
func must(t *testing.T) func([]kb.Event, error) []kb.Event {
	return func(events []kb.Event, err error) []kb.Event {
		t.Helper()
		if err != nil || len(events) == 0 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		return events
	}
}

// entries are an article in every state, by what is on the desk and whether
// residents are told a version.
func entries(t *testing.T) map[string]kb.Entry {
	out := map[string]kb.Entry{}
	e := kb.Entry{ID: "valve"}
	must(t)(e.Save(writer, words("向左转三圈。"), kb.Written, noon))
	out["draft"] = e
	must(t)(e.Review(writer, noon))
	out["reviewed"] = e
	must(t)(e.Publish(second, noon))
	out["published"] = e
	must(t)(e.Save(writer, words("向左转四圈。"), kb.Written, noon))
	out["draft over published"] = e
	must(t)(e.Review(writer, noon))
	out["reviewed over published"] = e
	e = out["published"]
	must(t)(e.Retire(second, "写错了"))
	out["retired"] = e
	e = out["draft"]
	must(t)(e.Discard(writer))
	out["discarded"] = e
	return out
}

func TestEveryMoveInEveryStateIsAllowedOrRefused(t *testing.T) {
	// One row a state: what somebody with every right, and no part in the
	// version, may do.
	all := kb.Editor{Person: kb.Person{ID: 9, Name: "吴磊"}, Edits: true, Publishes: true}
	old := entries(t)["published"].Head
	moves := map[kb.Move]func(*kb.Entry) ([]kb.Event, error){
		kb.MoveSave:    func(e *kb.Entry) ([]kb.Event, error) { return e.Save(all, words("向右转。"), kb.Written, noon) },
		kb.MoveReview:  func(e *kb.Entry) ([]kb.Event, error) { return e.Review(all, noon) },
		kb.MoveReturn:  func(e *kb.Entry) ([]kb.Event, error) { return e.Return(all, "请补充") },
		kb.MovePublish: func(e *kb.Entry) ([]kb.Event, error) { return e.Publish(all, noon) },
		kb.MoveRetire:  func(e *kb.Entry) ([]kb.Event, error) { return e.Retire(all, "写错了") },
		kb.MoveDiscard: func(e *kb.Entry) ([]kb.Event, error) { return e.Discard(all) },
		kb.MoveDecline: func(e *kb.Entry) ([]kb.Event, error) { return e.Decline(all, old) },
	}
	for state, may := range map[string][]kb.Move{
		"draft":                   {kb.MoveSave, kb.MoveReview, kb.MoveDiscard},
		"reviewed":                {kb.MoveSave, kb.MovePublish, kb.MoveReturn, kb.MoveDiscard},
		"published":               {kb.MoveSave, kb.MoveRetire},
		"draft over published":    {kb.MoveSave, kb.MoveReview, kb.MoveDiscard, kb.MoveRetire},
		"reviewed over published": {kb.MoveSave, kb.MovePublish, kb.MoveReturn, kb.MoveDiscard, kb.MoveRetire},
		"retired":                 {kb.MoveSave},
		"discarded":               {kb.MoveSave},
	} {
		e := entries(t)[state]
		listed := slices.DeleteFunc(e.Moves(all), func(m kb.Move) bool { return m == kb.MoveRestore })
		if !slices.Equal(listed, may) {
			t.Errorf("%s lists %v, want %v", state, listed, may)
		}
		for m, make := range moves {
			e := entries(t)[state]
			_, err := make(&e)
			if slices.Contains(may, m) != (err == nil) || err != nil && !errors.Is(err, kb.ErrState) {
				t.Errorf("%s in state %s: %v", m, state, err)
			}
		}
		if got := e.Moves(reader); len(got) != 0 {
			t.Errorf("a reader may %v in state %s", got, state)
		}
	}
}

func TestWhatResidentsAreToldHasBeenSeenByTwoPeople(t *testing.T) {
	e := entries(t)["reviewed"]
	if _, err := e.Publish(writer, noon); !errors.Is(err, kb.ErrOwn) {
		t.Errorf("the author publishes: %v", err)
	}
	must(t)(e.Publish(second, noon))
	if e.Published() != 1 || e.Live[0].Publisher != second.Person || e.Live[0].Reviewer != writer.Person {
		t.Errorf("%+v", e.Live)
	}
	for name, move := range map[string]func() ([]kb.Event, error){
		"a reader saves":      func() ([]kb.Event, error) { return e.Save(reader, words("x"), kb.Written, noon) },
		"a publisher writes":  func() ([]kb.Event, error) { return e.Save(second, words("x"), kb.Written, noon) },
		"a reader retires":    func() ([]kb.Event, error) { return e.Retire(reader, "x") },
		"a reader restores":   func() ([]kb.Event, error) { return e.Restore(reader, e.Head, noon) },
		"a reader discards":   func() ([]kb.Event, error) { return e.Discard(reader) },
		"a reader reviews":    func() ([]kb.Event, error) { return e.Review(reader, noon) },
		"a reader gives back": func() ([]kb.Event, error) { return e.Return(reader, "") },
	} {
		if _, err := move(); !errors.Is(err, kb.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADraftLeavesAloneWhatResidentsAreTold(t *testing.T) {
	e := entries(t)["reviewed over published"]
	if e.Head.Version != 2 || e.Published() != 1 || e.Live[0].Short != "向左转三圈。" {
		t.Fatalf("head %d, published %d", e.Head.Version, e.Published())
	}
	events := must(t)(e.Publish(second, noon))
	if len(e.Live) != 1 || e.Published() != 2 || events[0].Kind != kb.Replaced || events[0].Version.Status != kb.Superseded || events[1].Kind != kb.WasPut {
		t.Errorf("%+v", events)
	}
}

func TestAVersionOfTheFutureLeavesThePresentOneInForce(t *testing.T) {
	e := entries(t)["published"]
	a := words("明年向右转。")
	a.ValidFrom = noon.AddDate(0, 1, 0)
	must(t)(e.Save(writer, a, kb.Written, noon))
	must(t)(e.Review(writer, noon))
	must(t)(e.Publish(second, noon))
	if len(e.Live) != 2 || !e.Live[1].InForce(noon) || e.Live[0].InForce(noon) || !e.Live[0].InForce(a.ValidFrom) {
		t.Fatalf("%+v", e.Live)
	}
	must(t)(e.Save(writer, words("现在就向右转。"), kb.Written, noon))
	must(t)(e.Review(writer, noon))
	if events := must(t)(e.Publish(second, noon)); len(e.Live) != 1 || len(events) != 3 {
		t.Errorf("what takes effect now replaces both: %+v", events)
	}
}

func TestAVersionDatedBackReplacesThePresentOne(t *testing.T) {
	e := entries(t)["published"]
	a := words("昨天起向右转。")
	a.ValidFrom = noon.AddDate(0, 0, -1)
	must(t)(e.Save(writer, a, kb.Written, noon))
	must(t)(e.Review(writer, noon))
	must(t)(e.Publish(second, noon))
	if len(e.Live) != 1 || e.Published() != 2 {
		t.Errorf("%+v", e.Live)
	}
}

func TestARollbackIsANewVersionWithTheOldWords(t *testing.T) {
	e := entries(t)["draft over published"]
	old := e.Live[0]
	must(t)(e.Review(writer, noon))
	must(t)(e.Publish(second, noon))
	must(t)(e.Restore(second, old, noon))
	if e.Head.Version != 3 || e.Head.Restores != 1 || e.Head.Status != kb.Reviewed || !e.Head.SameWords(old.Article) {
		t.Fatalf("%+v", e.Head)
	}
	must(t)(e.Publish(second, noon)) // its words have been through two hands
	if e.Published() != 3 || e.Live[0].Short != "向左转三圈。" {
		t.Errorf("%+v", e.Live)
	}
	if _, err := e.Restore(second, old, noon); !errors.Is(err, kb.ErrState) {
		t.Errorf("the same words again: %v", err)
	}
}

func TestAnOldDraftThatIsRestoredIsADraft(t *testing.T) {
	e := entries(t)["draft over published"]
	draft := e.Head
	must(t)(e.Discard(writer))
	if e.Head.Version != 1 || e.Head.Status != kb.Published {
		t.Fatalf("after discarding: %+v", e.Head)
	}
	must(t)(e.Restore(writer, draft, noon))
	if e.Head.Version != 3 || e.Head.Status != kb.Draft {
		t.Errorf("%+v", e.Head)
	}
}

func TestWhatIsIncompleteIsNotTold(t *testing.T) {
	for field, spoil := range map[string]func(*kb.Article){
		"short":     func(a *kb.Article) { a.Short = " " },
		"next":      func(a *kb.Article) { a.Next = "" },
		"source":    func(a *kb.Article) { a.Source = "" },
		"questions": func(a *kb.Article) { a.Questions = []string{"", " "} },
		"clause":    func(a *kb.Article) { a.Clause = "99.1" },
		"also":      func(a *kb.Article) { a.Also = []string{"第三条"} },
		"valid_to":  func(a *kb.Article) { a.ValidTo = noon.Add(-time.Hour) },
	} {
		a := words("向左转三圈。")
		spoil(&a)
		e := kb.Entry{ID: "valve"}
		must(t)(e.Save(writer, a, kb.Written, noon))
		_, err := e.Review(writer, noon)
		var wrong *kb.FieldError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	e := kb.Entry{ID: "valve"}
	var wrong *kb.FieldError
	if _, err := e.Save(writer, kb.Article{Short: "x"}, kb.Written, noon); !errors.As(err, &wrong) || wrong.Field != "title" {
		t.Errorf("no title: %v", err)
	}
	other := words("向左转三圈。")
	other.Clause, other.Source = "", "公司通知"
	must(t)(e.Save(writer, other, kb.Written, noon))
	must(t)(e.Review(writer, noon)) // a notice of the company has no clause of the standard
}

func TestTheSameWordsAgainChangeNothing(t *testing.T) {
	e := entries(t)["draft"]
	if events, err := e.Save(writer, words("向左转三圈。 "), kb.Written, noon); err != nil || len(events) != 0 || e.Last != 1 {
		t.Errorf("%v, %v", events, err)
	}
}

func TestAShippedArticleWaitsWhereAPersonHasHadAHand(t *testing.T) {
	e, shipped := kb.Entry{}, words("向左转三圈。")
	shipped.ID, shipped.Status = "valve", kb.Published
	must(t)(e.Ship(shipped, kb.Version{}, noon), nil)
	first := e.Head
	if e.Published() != 1 || e.Edited {
		t.Fatalf("%+v", e)
	}
	if events := e.Ship(shipped, first, noon); len(events) != 0 {
		t.Errorf("shipped again: %v", events)
	}
	fresh := shipped
	fresh.Short = "向左转四圈。"
	untouched := e
	must(t)(untouched.Ship(fresh, first, noon), nil)
	if untouched.Published() != 2 || untouched.Waiting != 0 || len(untouched.Live) != 1 {
		t.Errorf("nobody had edited it: %+v", untouched)
	}
	must(t)(e.Save(writer, words("我们的阀门向右转。"), kb.Written, noon))
	must(t)(e.Review(writer, noon))
	must(t)(e.Publish(second, noon))
	events := must(t)(e.Ship(fresh, first, noon), nil)
	if e.Published() != 2 || e.Head.Version != 2 || e.Waiting != 3 || events[0].Kind != kb.Held {
		t.Fatalf("an editor's words are not overwritten: %+v", e)
	}
	declined := e
	must(t)(declined.Decline(writer, events[0].Version))
	if declined.Waiting != 0 || declined.Published() != 2 {
		t.Errorf("%+v", declined)
	}
	must(t)(e.Restore(writer, events[0].Version, noon))
	if e.Waiting != 0 || e.Head.Version != 4 || e.Head.Status != kb.Draft || e.Head.Short != "向左转四圈。" {
		t.Errorf("taken over: %+v", e.Head)
	}
}

func TestRetiringNeedsAReasonAndTakesEverythingBack(t *testing.T) {
	e := entries(t)["draft over published"]
	var wrong *kb.FieldError
	if _, err := e.Retire(writer, " "); !errors.As(err, &wrong) {
		t.Errorf("without a reason: %v", err)
	}
	must(t)(e.Retire(writer, "写错了")) // one person is enough
	if len(e.Live) != 0 || e.Head.Status != kb.Draft {
		t.Errorf("the draft stays: %+v", e)
	}
}
