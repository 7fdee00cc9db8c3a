package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

var (
	writer = kb.Editor{Person: kb.Person{ID: 5, Name: "周静"}, Edits: true, Publishes: true, RequestID: "r"}
	second = kb.Editor{Person: kb.Person{ID: 6, Name: "孙建国"}, Publishes: true}
)

// newKnowledge is an editor's desk with a library of its own on a store.
func newKnowledge(t testing.TB, s *store.Store) *kb.Desk {
	t.Helper()
	shipped, err := kb.ShippedWords()
	require.NoError(t, err)
	index := func() kb.Index { return embedded.New(shipped) }
	return kb.NewDesk(s, s, s, kb.NewLibrary(s, index(), s.Now), kb.Tools{Index: index, Now: s.Now})
}

func valve(short string) kb.Article {
	return kb.Article{
		ID: "valve", Title: "红色阀门怎么打开", Short: short, Next: "打不开请回复“人工”。", Clause: "7.3.2", Source: kb.Standard,
		Questions: []string{"红色阀门怎么开", "红色的阀门往哪边转"}, Verified: true,
	}
}

// put takes an article all the way to the residents.
func put(t *testing.T, d *kb.Desk, a kb.Article) kb.Entry {
	t.Helper()
	e, err := d.Save(t.Context(), writer, a.ID, 0, a, kb.Written)
	if errors.Is(err, kb.ErrNotFound) {
		e, err = d.Begin(t.Context(), writer, a, kb.Written)
	}
	require.NoError(t, err)
	e, err = d.Make(t.Context(), writer, e.ID, kb.Step{Move: kb.MoveReview, Revision: e.Revision})
	require.NoError(t, err)
	e, err = d.Make(t.Context(), second, e.ID, kb.Step{Move: kb.MovePublish, Revision: e.Revision})
	require.NoError(t, err)
	return e
}

// told is what residents are answered with.
func told(t *testing.T, l *kb.Library, question string) string {
	t.Helper()
	found, ok, err := l.Tell(t.Context(), question)
	require.NoError(t, err)
	if !ok {
		return ""
	}
	return found.Article.Short
}

func TestThePublishedVersionIsToldWhileANewerOneIsEdited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		e, err := d.Save(t.Context(), writer, "valve", 0, valve("向右转三圈。"), kb.Written)
		require.NoError(t, err)
		require.Equal(t, kb.Draft, e.Head.Status)
		require.Equal(t, 2, e.Head.Version)
		require.Equal(t, 1, e.Published())
		require.NoError(t, d.Library().Load(t.Context()))
		require.Equal(t, "向左转三圈。", told(t, d.Library(), "红色阀门怎么开"))
		put(t, d, valve("向右转四圈。"))
		require.Equal(t, "向右转四圈。", told(t, d.Library(), "红色阀门怎么开"))

		versions, err := d.Versions(t.Context(), "valve")
		require.NoError(t, err)
		require.Len(t, versions, 3)
		require.Equal(t, []kb.Status{kb.Published, kb.Draft, kb.Superseded}, []kb.Status{versions[0].Status, versions[1].Status, versions[2].Status})
		require.Equal(t, "周静", versions[0].Author.Name)
		require.Equal(t, "周静", versions[0].Reviewer.Name)
		require.Equal(t, "孙建国", versions[0].Publisher.Name)

		e, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRestore, Version: 1})
		require.NoError(t, err)
		require.Equal(t, 4, e.Head.Version)
		_, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MovePublish})
		require.NoError(t, err)
		require.Equal(t, "向左转三圈。", told(t, d.Library(), "红色阀门怎么开"))
		_, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRetire, Note: "阀门已更换"})
		require.NoError(t, err)
		require.Empty(t, told(t, d.Library(), "红色阀门怎么开"))
	})
}

func TestEveryMoveOfAnArticleIsInTheAuditTrail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		put(t, d, valve("向右转三圈。"))
		_, err := d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRetire, Note: "阀门已更换"})
		require.NoError(t, err)
		g, err := d.AddGolden(t.Context(), writer, "红色阀门怎么开", "valve")
		require.NoError(t, err)
		require.NoError(t, d.RemoveGolden(t.Context(), second, g.ID))
		list, err := s.Audit(t.Context(), 0, 50)
		require.NoError(t, err)
		var got []string
		for _, e := range list {
			got = append(got, e.Actor.Name+" "+e.Action+" "+e.Object+" "+e.Result)
		}
		id := fmt.Sprint(g.ID)
		require.Equal(t, []string{
			"孙建国 golden.removed " + id + " ok: 红色阀门怎么开", "周静 golden.added " + id + " ok: 红色阀门怎么开",
			"孙建国 article.retired valve#2 ok: 阀门已更换", "孙建国 article.published valve#2 ok", "孙建国 article.replaced valve#1 ok",
			"周静 article.reviewed valve#2 ok", "周静 article.drafted valve#2 ok",
			"孙建国 article.published valve#1 ok", "周静 article.reviewed valve#1 ok", "周静 article.drafted valve#1 ok",
		}, got)
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestAStaleEditIsRefusedWithTheFreshArticle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		e, err := d.Begin(t.Context(), writer, valve("向左转三圈。"), kb.Written)
		require.NoError(t, err)
		_, err = d.Begin(t.Context(), writer, valve("又一条"), kb.Written)
		require.ErrorIs(t, err, kb.ErrTaken)
		fresh, err := d.Save(t.Context(), writer, "valve", e.Revision, valve("向右转三圈。"), kb.Written)
		require.NoError(t, err)
		now, err := d.Save(t.Context(), writer, "valve", e.Revision, valve("不转。"), kb.Written)
		require.ErrorIs(t, err, kb.ErrStale)
		require.Equal(t, fresh.Revision, now.Revision)
		require.Equal(t, "向右转三圈。", now.Head.Short)
		_, err = s.SaveEntry(t.Context(), e, []kb.Event{{Kind: kb.WasRead, Version: e.Head}}, writer, kb.AnyRevision)
		require.ErrorIs(t, err, kb.ErrStale, "between reading and saving, too")
		revision, err := s.KnowledgeRevision(t.Context())
		require.NoError(t, err)
		_, err = s.SaveEntry(t.Context(), fresh, []kb.Event{{Kind: kb.WasRead, Version: fresh.Head}}, writer, revision+1)
		require.ErrorIs(t, err, kb.ErrStale, "what it was judged against is no longer published")
		_, err = d.Entry(t.Context(), "nothing")
		require.ErrorIs(t, err, kb.ErrNotFound)
	})
}

func TestTenEditorsAtOnceMakeTenVersionsOrAreToldThatTheyAreLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		_, err := d.Begin(t.Context(), writer, valve("起稿。"), kb.Written)
		require.NoError(t, err)
		var wg sync.WaitGroup
		var mu sync.Mutex
		saved := 0
		for i := range 10 {
			wg.Go(func() {
				_, err := d.Save(context.Background(), writer, "valve", 0, valve(fmt.Sprintf("第%d稿。", i)), kb.Written)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					saved++
				case !errors.Is(err, kb.ErrStale):
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		e, err := d.Entry(t.Context(), "valve")
		require.NoError(t, err)
		require.Equal(t, 1+saved, e.Last)
		versions, err := d.Versions(t.Context(), "valve")
		require.NoError(t, err)
		require.Len(t, versions, e.Last)
	})
}

func TestPublishingThatBreaksAGoldenQuestionIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		_, err := d.AddGolden(t.Context(), writer, "红色阀门怎么开", "valve")
		require.NoError(t, err)
		_, err = d.AddGolden(t.Context(), writer, "红色阀门怎么开", "valve")
		require.ErrorIs(t, err, kb.ErrTaken)
		_, err = d.AddGolden(t.Context(), writer, "蓝色的井盖是谁家的", "")
		require.NoError(t, err)
		_, err = d.AddGolden(t.Context(), writer, "一直答错的问题", "valve") // was wrong before: stands in nobody's way
		require.NoError(t, err)

		thief := valve("蓝色的井盖归别人管。")
		thief.ID, thief.Title, thief.Questions = "thief", "蓝色的井盖是谁家的", []string{"蓝色的井盖是谁家的"}
		e, err := d.Begin(t.Context(), writer, thief, kb.Written)
		require.NoError(t, err)
		_, err = d.Make(t.Context(), writer, e.ID, kb.Step{Move: kb.MoveReview})
		require.NoError(t, err)
		_, err = d.Make(t.Context(), second, e.ID, kb.Step{Move: kb.MovePublish})
		var gate *kb.GateError
		require.ErrorAs(t, err, &gate)
		require.Len(t, gate.Broken, 1)
		require.Equal(t, "蓝色的井盖是谁家的", gate.Broken[0].Question)
		require.Equal(t, "thief", gate.Broken[0].Got)
		e, err = d.Entry(t.Context(), e.ID)
		require.NoError(t, err)
		require.Equal(t, kb.Reviewed, e.Head.Status, "nothing was published")
		require.Empty(t, told(t, d.Library(), "蓝色的井盖是谁家的"))

		// Tried from the day it comes into force, too.
		thief.ValidFrom = s.Now().AddDate(0, 1, 0)
		_, err = d.Save(t.Context(), writer, e.ID, 0, thief, kb.Written)
		require.NoError(t, err)
		_, err = d.Make(t.Context(), writer, e.ID, kb.Step{Move: kb.MoveReview})
		require.NoError(t, err)
		_, err = d.Make(t.Context(), second, e.ID, kb.Step{Move: kb.MovePublish})
		require.ErrorAs(t, err, &gate)
	})
}

func TestTheGateAlsoLooksAtTheDayAVersionEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		_, err := d.AddGolden(t.Context(), writer, "红色阀门怎么开", "valve")
		require.NoError(t, err)
		try := func(from, to time.Time) error {
			a := valve("向右转三圈。")
			a.ValidFrom, a.ValidTo = from, to
			_, err := d.Save(t.Context(), writer, "valve", 0, a, kb.Written)
			require.NoError(t, err)
			_, err = d.Make(t.Context(), writer, "valve", kb.Step{Move: kb.MoveReview})
			require.NoError(t, err)
			_, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MovePublish})
			return err
		}
		month := s.Now().AddDate(0, 1, 0).UTC().Truncate(time.Second)
		var gate *kb.GateError
		require.ErrorAs(t, try(time.Time{}, month), &gate, "nothing is told after it")
		require.True(t, gate.From.Equal(month), "%v", gate.From)
		require.Equal(t, "红色阀门怎么开", gate.Broken[0].Question)
		require.NoError(t, try(month, month.AddDate(0, 1, 0)), "the version of today is told again afterwards")

		_, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRetire, Note: "阀门已更换"})
		require.ErrorAs(t, err, &gate)
		require.Equal(t, kb.MoveRetire, gate.Move)
		require.True(t, gate.From.IsZero())
		e, err := d.Entry(t.Context(), "valve")
		require.NoError(t, err)
		require.Len(t, e.Live, 2, "nothing was retired")
		golden, err := d.Goldens(t.Context())
		require.NoError(t, err)
		require.ErrorIs(t, d.RemoveGolden(t.Context(), writer, golden[0].ID), kb.ErrOwnGolden)
		require.ErrorIs(t, d.RemoveGolden(t.Context(), kb.Editor{}, golden[0].ID), kb.ErrForbidden)
		require.NoError(t, d.RemoveGolden(t.Context(), second, golden[0].ID))
		_, err = d.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRetire, Note: "阀门已更换"})
		require.NoError(t, err)
	})
}

func TestAllProcessesTellWhatOneOfThemPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		here, there := newKnowledge(t, s), newKnowledge(t, s)
		var mu sync.Mutex
		var heard []store.Topic
		s.Use(&jobs{}, func(topics []store.Topic) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, topics...)
		})
		require.NoError(t, there.Library().Load(t.Context()))
		put(t, here, valve("向左转三圈。"))
		revision, err := s.KnowledgeRevision(t.Context())
		require.NoError(t, err)
		require.Equal(t, []store.Topic{{Name: "knowledge", Version: revision}}, heard, "told once, drafts are nobody's business")
		require.Empty(t, told(t, there.Library(), "红色阀门怎么开"))
		require.NoError(t, there.Library().Refresh(t.Context()))
		require.Equal(t, "向左转三圈。", told(t, there.Library(), "红色阀门怎么开"))

		// The watch hears, and without being told it looks.
		ctx, cancel := context.WithCancel(t.Context())
		wake, watched := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(watched)
			there.Library().Watch(ctx, wake, time.Hour, func(err error) { t.Errorf("watch: %v", err) })
		}()
		_, err = here.Make(t.Context(), second, "valve", kb.Step{Move: kb.MoveRetire, Note: "作废"})
		require.NoError(t, err)
		wake <- struct{}{}
		wake <- struct{}{} // taken when the first look is over
		require.Empty(t, told(t, there.Library(), "红色阀门怎么开"))
		cancel()
		<-watched
	})
}

func TestWhatIsCitedIsLookedUpOnceMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		citable := func(id string, version int) bool {
			ok, err := s.Citable(t.Context(), []channels.Citation{{ArticleID: id, Version: version}})
			require.NoError(t, err)
			return ok
		}
		require.True(t, citable("valve", 1))
		require.False(t, citable("valve", 2))
		require.False(t, citable("nothing", 1))
		require.True(t, citable("outage:TS-1", 0), "a notice is its own proof")
		over := valve("到今天为止向左转。")
		over.ValidTo = s.Now().Add(time.Hour)
		put(t, d, over)
		require.False(t, citable("valve", 1), "replaced")
		require.True(t, citable("valve", 2))
		s.SetClock(func() time.Time { return over.ValidTo })
		require.False(t, citable("valve", 2), "no longer in force")
	})
}

func TestTheListIsFilteredAndReadPageByPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		for i := range 5 {
			a := valve(fmt.Sprintf("第%d条100%%。", i))
			a.ID, a.Title, a.Clause, a.Verified = fmt.Sprintf("a-%d", i), fmt.Sprintf("第%d条", i), "11.2", i > 0
			if i == 4 {
				a.Clause, a.ValidTo = "1", s.Now().AddDate(0, 0, 10)
			}
			_, err := d.Begin(t.Context(), writer, a, kb.Written)
			require.NoError(t, err)
		}
		find := func(f kb.Filter) (ids []string) {
			f.Limit = 2
			for {
				page, err := s.Entries(t.Context(), f)
				require.NoError(t, err)
				for _, r := range page.Rows {
					ids = append(ids, r.ID)
				}
				if f.Cursor = page.Next; f.Cursor == "" {
					return ids
				}
			}
		}
		require.Len(t, find(kb.Filter{}), 6)
		require.Equal(t, []string{"valve"}, find(kb.Filter{State: kb.Published}))
		require.Len(t, find(kb.Filter{State: kb.Draft}), 5)
		require.ElementsMatch(t, []string{"a-0", "a-1", "a-2", "a-3"}, find(kb.Filter{Clause: "11"}))
		require.Equal(t, []string{"a-4"}, find(kb.Filter{Clause: "1"}))
		require.Equal(t, []string{"a-0"}, find(kb.Filter{Unverified: true}))
		require.Equal(t, []string{"a-4"}, find(kb.Filter{ExpiresBy: s.Now().AddDate(0, 0, 30)}))
		require.Empty(t, find(kb.Filter{ExpiresBy: s.Now().AddDate(0, 0, 9)}))
		require.Equal(t, []string{"valve"}, find(kb.Filter{Query: "向左转"}))
		require.Len(t, find(kb.Filter{Query: "100%"}), 5)
		require.Empty(t, find(kb.Filter{Query: "1%0"}))
		_, err := s.Entries(t.Context(), kb.Filter{Cursor: "x"})
		require.ErrorIs(t, err, store.ErrCursor)
	})
}

func TestTheListOfArticlesIsReadFromIndexes(t *testing.T) {
	storetest.EachNew(t, func(t *testing.T, s *store.Store) {
		for index, where := range map[string]string{
			"knowledge_recent": "TRUE", "knowledge_state": "k.state = 'draft'", "knowledge_told": "k.published > 0",
			"knowledge_unverified": "NOT k.verified", "knowledge_waiting": "k.waiting > 0",
		} {
			plan := explain(t, s, `SELECT k.id FROM knowledge k WHERE `+where+` AND (k.updated_at, k.id) < (5, 'x')
				ORDER BY k.updated_at DESC, k.id DESC LIMIT 51`)
			require.Contains(t, plan, index, where)
			require.NotContains(t, plan, "TEMP B-TREE", where)
		}
		live := explain(t, s, `SELECT a.id FROM articles a WHERE a.status = 'published' ORDER BY a.id, a.version DESC`)
		require.Contains(t, live, "articles_live")
		open := explain(t, s, `SELECT id FROM gap_questions WHERE state = 'open' ORDER BY id DESC LIMIT 100`)
		require.Contains(t, open, "gap_questions_state")
	})
}

// TestAPublishingIsJudgedInTime reports what the gate costs with the shipped
// knowledge: a publishing has less than three seconds.
func TestAPublishingIsJudgedInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		began := time.Now()
		require.NoError(t, d.Seed(t.Context()))
		seeded := time.Since(began)
		require.NoError(t, d.Library().Load(t.Context()))
		golden, err := d.Goldens(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(golden), 100)
		e, err := d.Begin(t.Context(), writer, valve("向左转三圈。"), kb.Written)
		require.NoError(t, err)
		_, err = d.Make(t.Context(), writer, e.ID, kb.Step{Move: kb.MoveReview})
		require.NoError(t, err)
		began = time.Now()
		_, err = d.Make(t.Context(), second, e.ID, kb.Step{Move: kb.MovePublish})
		require.NoError(t, err)
		t.Logf("seeded in %v; published against %d golden questions in %v", seeded, len(golden), time.Since(began))
		require.NoError(t, d.Seed(t.Context()))
	})
}

func TestAShippedArticleDoesNotOverwriteAnEditors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newKnowledge(t, s)
		ship := func(short string) bool {
			a := valve(short)
			a.Status = kb.Published
			changed, err := s.PutArticle(t.Context(), a)
			require.NoError(t, err)
			return changed
		}
		require.True(t, ship("向左转三圈。"))
		require.False(t, ship("向左转三圈。"))
		require.True(t, ship("向左转四圈。"))
		require.NoError(t, d.Library().Load(t.Context()))
		require.Equal(t, "向左转四圈。", told(t, d.Library(), "红色阀门怎么开"))
		put(t, d, valve("我们的向右转。"))
		require.True(t, ship("向左转五圈。"))
		require.False(t, ship("向左转五圈。"))
		require.NoError(t, d.Library().Load(t.Context()))
		require.Equal(t, "我们的向右转。", told(t, d.Library(), "红色阀门怎么开"))
		page, err := s.Entries(t.Context(), kb.Filter{Waiting: true})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		require.Equal(t, 4, page.Rows[0].Waiting)
		e, err := d.Make(t.Context(), writer, "valve", kb.Step{Move: kb.MoveDecline, Version: 4})
		require.NoError(t, err)
		require.Zero(t, e.Waiting)
	})
}

// earlier is a database as the migration of that number left it.
func earlier(t *testing.T, url string, version int64) *store.Store {
	t.Helper()
	o, dialect, dir := store.Options{Dir: t.TempDir()}, goose.DialectSQLite3, "migrations/sqlite"
	if url != "" {
		o, dialect, dir = store.Options{URL: storetest.PostgresURLIn(t, "")}, goose.DialectPostgres, "migrations/postgres"
	}
	s, err := store.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	before, err := goose.NewProvider(dialect, s.DB(), os.DirFS(dir))
	require.NoError(t, err)
	_, err = before.UpTo(t.Context(), version)
	require.NoError(t, err)
	return s
}

func TestWhatAnEarlierVersionStoredIsOnTheDesk(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		s := earlier(t, url, 1)
		for version, short := range []string{"向左转一圈。", "向左转两圈。"} {
			body := `{"ID":"valve","Title":"红色阀门怎么打开","Short":"` + short + `","Clause":"7.3.2","Questions":["红色阀门怎么开"],"Verified":true,` +
				`"ValidFrom":"0001-01-01T00:00:00Z","ValidTo":"0001-01-01T00:00:00Z","Status":"published"}`
			_, err := s.DB().ExecContext(t.Context(), `INSERT INTO articles (id, version, status, body, created_at) VALUES ('valve', $1, 'published', $2, 1000)`, version+1, body)
			require.NoError(t, err)
		}
		require.NoError(t, s.Migrate(t.Context()))
		d := newKnowledge(t, s)
		require.NoError(t, d.Library().Load(t.Context()))
		require.Equal(t, "向左转两圈。", told(t, d.Library(), "红色阀门怎么开"))
		e, err := d.Entry(t.Context(), "valve")
		require.NoError(t, err)
		require.Equal(t, 2, e.Published())
		require.Equal(t, 2, e.Last)
		require.False(t, e.Edited)
		page, err := s.Entries(t.Context(), kb.Filter{Query: "红色阀门"})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		require.True(t, page.Rows[0].Verified)
		put(t, d, valve("向右转。"))
		require.Equal(t, "向右转。", told(t, d.Library(), "红色阀门怎么开"))
	})
}

func TestWhatAFileCallsVerifiedIsADraftThatIsStillToBePublished(t *testing.T) {
	s := storetest.SQLite(t)
	d := newKnowledge(t, s)
	made, changed, err := d.Import(t.Context(), writer, []kb.Article{valve("向左转三圈。")})
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{made, changed})
	e, err := d.Entry(t.Context(), "valve")
	require.NoError(t, err)
	require.True(t, e.Head.Verified)
	require.Equal(t, kb.Draft, e.Head.Status)
	require.Zero(t, e.Published())
	made, changed, err = d.Import(t.Context(), writer, []kb.Article{valve("向左转三圈。")})
	require.NoError(t, err)
	require.Equal(t, []int{0, 0}, []int{made, changed}, "the same file again changes nothing")
	_, changed, err = d.Import(t.Context(), writer, []kb.Article{valve("向右转三圈。")})
	require.NoError(t, err)
	require.Equal(t, 1, changed)
}

func TestAfterTheMigrationOnlyWhatWeShippedUncheckedIsOpen(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		s := earlier(t, url, 11)
		want := map[string]bool{}
		for _, c := range []struct {
			id, origin, short string
			restores          int
			verified, open    bool
		}{
			{"price-water", "shipped", "水价这里没有核实；请人工答复。", 0, false, true},
			{"digits", "shipped", "水价每吨4.2元；请人工答复。", 0, false, false},
			{"wide", "shipped", "请拨打５５５５；请人工答复。", 0, false, false},
			{"numerals", "shipped", "每吨四元二角；请人工答复。", 0, false, false},
			{"nobody", "shipped", "水价这里没有核实。", 0, false, false},
			{"checked", "shipped", "向左转；请人工答复。", 0, true, false},
			{"hall", "written", "营业厅在新华书店对面；请人工答复。", 0, false, false},
			{"price-water#2", "restored", "水价这里没有核实；请人工答复。", 1, false, true},
			{"hall#2", "restored", "营业厅在新华书店对面；请人工答复。", 1, false, false},
		} {
			id, n, _ := strings.Cut(c.id, "#")
			version := 1
			if n != "" {
				version = 2
			}
			body, err := json.Marshal(map[string]any{"ID": id, "Title": "甲", "Short": c.short, "Verified": c.verified, "ValidFrom": time.Time{}, "ValidTo": time.Time{}})
			require.NoError(t, err)
			_, err = s.DB().ExecContext(t.Context(), `INSERT INTO articles (id, version, status, body, created_at, origin, restores) VALUES ($1, $2, 'published', $3, 1000, $4, $5)`,
				id, version, string(body), c.origin, c.restores)
			require.NoError(t, err)
			_, err = s.DB().ExecContext(t.Context(), `INSERT INTO knowledge (id, head, last, published, state, title, verified, updated_at) VALUES ($1, $2, $2, $2, 'published', '甲', $3, 1000)
				ON CONFLICT (id) DO UPDATE SET head = excluded.head`, id, version, c.verified)
			require.NoError(t, err)
			want[c.id] = c.open
		}
		require.NoError(t, s.Migrate(t.Context()))
		all, err := s.Articles(t.Context())
		require.NoError(t, err)
		require.Len(t, all, len(want))
		for _, a := range all {
			key := a.ID
			if a.Version == 2 {
				key += "#2"
			}
			require.Equal(t, want[key], a.Open, key)
			require.Equal(t, a.Open || a.Verified, a.Tellable(), key)
		}
		page, err := s.Entries(t.Context(), kb.Filter{Open: true})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		require.True(t, page.Rows[0].Open)
		page, err = s.Entries(t.Context(), kb.Filter{Unverified: true})
		require.NoError(t, err)
		require.Len(t, page.Rows, 5)
	})
}
