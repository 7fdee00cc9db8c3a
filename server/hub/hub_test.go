package hub

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain wants every goroutine gone. Each look of goleak takes half a second;
// it may take several, because the one with which a pool of go-redis looks for
// a lost server sleeps for a second before it sees that the pool is closed.
func TestMain(m *testing.M) {
	code := m.Run()
	for end := time.Now().Add(patient); code == 0; {
		err := goleak.Find()
		if err == nil {
			break
		}
		if time.Now().After(end) {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// patient is how long a test waits for a signal that should come at once.
const patient = time.Minute

// next returns the next event, and false when the subscription has ended.
func next(t *testing.T, s Subscription) (Event, bool) {
	t.Helper()
	select {
	case e, open := <-s.Events():
		return e, open
	case <-time.After(patient):
		t.Fatal("no event came")
		return Event{}, false
	}
}

// want reads one event for each that is expected, in order.
func want(t *testing.T, s Subscription, events ...Event) {
	t.Helper()
	for _, e := range events {
		if got, open := next(t, s); !open || got != e {
			t.Fatalf("got %+v (open %t), want %+v", got, open, e)
		}
	}
}

// finished reads what is left and waits for the end.
func finished(t *testing.T, s Subscription) {
	t.Helper()
	for {
		if _, open := next(t, s); !open {
			return
		}
	}
}

// contract is what every hub keeps. open returns the hubs of two processes
// that belong together; with one process it is the same hub twice. Every
// test runs with the subscriber on either of them.
func contract(t *testing.T, open func(t *testing.T) (here, there Hub)) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, here, there Hub)
	}{
		{"subscribers of a topic hear of it in order", inOrder},
		{"subscribers of other topics hear nothing", others},
		{"a removed topic falls silent", removed},
		{"a topic added twice is told once", once},
		{"events before the subscription are not told", before},
		{"a closed subscription ends and takes nothing along", closing},
		{"a reader that falls behind is cut off, others are not", slow},
		{"publishing never waits for readers", never},
		{"a resync reaches every subscription", resync},
		{"closing the hub ends every subscription", closed},
		{"everything at once", crowd},
	} {
		t.Run(c.name+"/same process", func(t *testing.T) {
			here, _ := open(t)
			c.test(t, here, here)
		})
		t.Run(c.name+"/other process", func(t *testing.T) {
			here, there := open(t)
			c.test(t, here, there)
		})
	}
}

func inOrder(t *testing.T, here, there Hub) {
	s := here.Subscribe()
	defer s.Close()
	s.Add("ticket:TS-20260302-0001", "desk")
	events := []Event{{Topic: "desk", Version: 0}, {Topic: "ticket:TS-20260302-0001", Version: 1}, {Topic: "ticket:TS-20260302-0001", Version: 2}, {Topic: "desk", Version: 0}}
	there.Publish(t.Context(), events[:2]...)
	there.Publish(t.Context(), events[2:]...)
	want(t, s, events...)
}

func others(t *testing.T, here, there Hub) {
	s := here.Subscribe()
	defer s.Close()
	s.Add("conversation:2")
	there.Publish(t.Context(), Event{Topic: "conversation:1", Version: 5}, Event{Topic: "conversation:22", Version: 6}, Event{Topic: "conversation:2", Version: 7})
	want(t, s, Event{Topic: "conversation:2", Version: 7})
}

func removed(t *testing.T, here, there Hub) {
	s := here.Subscribe()
	defer s.Close()
	s.Add("a", "b")
	s.Remove("a", "never added")
	there.Publish(t.Context(), Event{Topic: "a", Version: 1}, Event{Topic: "b", Version: 2})
	want(t, s, Event{Topic: "b", Version: 2})
	s.Add("a")
	there.Publish(t.Context(), Event{Topic: "a", Version: 3})
	want(t, s, Event{Topic: "a", Version: 3})
}

func once(t *testing.T, here, there Hub) {
	s := here.Subscribe()
	defer s.Close()
	s.Add("a", "a")
	s.Add("a", "end")
	there.Publish(t.Context(), Event{Topic: "a", Version: 1}, Event{Topic: "end", Version: 2})
	want(t, s, Event{Topic: "a", Version: 1}, Event{Topic: "end", Version: 2})
	s.Remove("a")
	there.Publish(t.Context(), Event{Topic: "a", Version: 3}, Event{Topic: "end", Version: 4})
	want(t, s, Event{Topic: "end", Version: 4})
}

func before(t *testing.T, here, there Hub) {
	early := here.Subscribe()
	defer early.Close()
	early.Add("a")
	there.Publish(t.Context(), Event{Topic: "a", Version: 1})
	want(t, early, Event{Topic: "a", Version: 1})
	s := here.Subscribe()
	defer s.Close()
	s.Add("a")
	there.Publish(t.Context(), Event{Topic: "a", Version: 2})
	want(t, s, Event{Topic: "a", Version: 2})
}

func closing(t *testing.T, here, there Hub) {
	s, stays := here.Subscribe(), here.Subscribe()
	defer stays.Close()
	s.Add("a")
	stays.Add("a")
	s.Close()
	s.Close()
	s.Add("a") // too late, and harmless
	s.Remove("a")
	there.Publish(t.Context(), Event{Topic: "a", Version: 1})
	want(t, stays, Event{Topic: "a", Version: 1})
	finished(t, s)
}

func slow(t *testing.T, here, there Hub) {
	s, quick := here.Subscribe(), here.Subscribe()
	defer s.Close()
	defer quick.Close()
	s.Add("a")
	quick.Add("a", "end")
	for i := range buffer + 1 {
		there.Publish(t.Context(), Event{Topic: "a", Version: int64(i)})
		want(t, quick, Event{Topic: "a", Version: int64(i)})
	}
	// quick may hear of an event before s does; with the next one all have it
	there.Publish(t.Context(), Event{Topic: "end", Version: 1})
	want(t, quick, Event{Topic: "end", Version: 1})
	read := 0
	for {
		e, open := next(t, s)
		if !open {
			break
		}
		if e.Version != int64(read) {
			t.Fatalf("event %d has version %d: there is a gap before the end", read, e.Version)
		}
		read++
	}
	if read != buffer {
		t.Errorf("%d events before the end, want the %d of the buffer", read, buffer)
	}
}

func never(t *testing.T, here, there Hub) {
	for range 10 {
		s := here.Subscribe()
		defer s.Close()
		s.Add("a")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 10_000 {
			there.Publish(t.Context(), Event{Topic: "a", Version: int64(i)})
		}
	}()
	select {
	case <-done:
	case <-time.After(patient):
		t.Fatal("Publish waits for a reader")
	}
}

func resync(t *testing.T, here, there Hub) {
	s := here.Subscribe()
	defer s.Close()
	there.Publish(t.Context(), Event{Topic: Resync})
	want(t, s, Event{Topic: Resync})
}

func closed(t *testing.T, here, _ Hub) {
	s := here.Subscribe()
	s.Add("a")
	if err := here.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	finished(t, s)
	here.Publish(t.Context(), Event{Topic: "a", Version: 1})
	late := here.Subscribe()
	late.Add("a")
	finished(t, late)
	late.Close()
	s.Close()
	if err := here.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func crowd(t *testing.T, here, there Hub) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				s := here.Subscribe()
				s.Add("a", fmt.Sprint(n%7))
				there.Publish(t.Context(), Event{Topic: "a", Version: int64(i)}, Event{Topic: fmt.Sprint(n % 5)})
				s.Remove("a")
				s.Close()
			}
		})
	}
	all.Wait()
}

func TestHubInMemory(t *testing.T) {
	contract(t, func(t *testing.T) (here, there Hub) {
		h := NewMemory()
		t.Cleanup(func() { _ = h.Close() })
		return h, h
	})
}

func TestNothingIsLeftOfClosedSubscriptions(t *testing.T) {
	h := NewMemory()
	for range 100 {
		s := h.Subscribe()
		s.Add("a", "b", "c")
		s.Close()
	}
	if len(h.all) != 0 || len(h.topics) != 0 {
		t.Errorf("%d subscriptions and %d topics are left", len(h.all), len(h.topics))
	}
}

func TestTwoThousandIdlePagesOnTenThousandTopicsAreSmall(t *testing.T) {
	const pages, each = 2000, 5
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	h := NewMemory()
	start := heap()
	for p := range pages {
		s := h.Subscribe()
		for i := range each {
			s.Add(fmt.Sprintf("conversation:%d", p*each+i))
		}
	}
	per := (heap() - start) / pages
	t.Logf("%d bytes a page", per)
	if per > 10<<10 {
		t.Errorf("%d bytes a page, want at most 10 KiB", per)
	}
	runtime.KeepAlive(h)
}

func BenchmarkPublishToAThousandPages(b *testing.B) {
	h := NewMemory()
	defer h.Close()
	var readers, heard sync.WaitGroup
	for range 1000 {
		s := h.Subscribe()
		s.Add("desk")
		readers.Go(func() {
			for range s.Events() {
				heard.Done()
			}
		})
	}
	for b.Loop() {
		heard.Add(1000)
		h.Publish(b.Context(), Event{Topic: "desk", Version: 1})
		heard.Wait() // everybody has it: nobody is cut off
	}
	h.Close()
	readers.Wait()
}
