package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

// redisURL is a Redis that tests may use; the test is skipped without one, or
// fails where everything is required.
func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		url = "redis://127.0.0.1:6379/15"
	}
	opt, err := redis.ParseURL(url)
	require.NoError(t, err)
	opt.DialTimeout, opt.MaxRetries = time.Second, -1
	c := redis.NewClient(opt)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := c.Ping(ctx).Err(); err != nil {
		if os.Getenv("REQUIRE_SERVICES") == "1" {
			t.Fatalf("Redis is required and does not answer: %v", err)
		}
		t.Skip("Redis does not answer at TEST_REDIS_URL or on its default port: the test of two processes is left out")
	}
	return url
}

func TestTwoProcessesAreOneDesk(t *testing.T) {
	url, live := storetest.PostgresURL(t), redisURL(t)
	dir := t.TempDir()
	first := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_REDIS_URL": live, "HUB_DATA": dir}, noon)
	second := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_REDIS_URL": live, "HUB_DATA": dir}, noon)
	page := second.prog.hub.Subscribe()
	defer page.Close()
	page.Add("desk")

	no := first.resident().say("1", complaint)["action"].(object)["ticket_no"].(string)
	deadline := time.After(time.Minute)
	for heard := false; !heard; {
		select {
		case e := <-page.Events():
			heard = e.Topic == "desk" // a resync may come first
		case <-deadline:
			t.Fatal("a page of the second process was not told")
		}
	}

	// Two agents in two processes take the same ticket: one has it, the other
	// is told who.
	type taken struct {
		status int
		body   string
	}
	agents := []caller{first.staff("agent"), second.staff("agent2")}
	results := make([]taken, len(agents))
	var wg sync.WaitGroup
	for i, a := range agents {
		wg.Go(func() {
			status, body := a.try("POST", "/tickets/"+no+"/accept", object{})
			results[i] = taken{status, body}
		})
	}
	wg.Wait()
	won := 0
	for _, r := range results {
		if r.status == 200 {
			won++
		} else {
			require.Equal(t, 409, r.status, r.body)
		}
	}
	require.Equal(t, 1, won)
	ticket, err := first.prog.store.Ticket(t.Context(), tickets.Everything, no)
	require.NoError(t, err)
	require.Contains(t, strings.Join([]string{"林晓雨", "赵明"}, " "), ticket.Assignee.Name)

	first.pass(time.Hour)
	second.pass(time.Hour)
	require.Eventually(t, func() bool {
		events, err := first.prog.store.Events(context.Background(), ticket.ID)
		return err == nil && strings.Count(fmt.Sprint(kinds(events)), "breached") == 1
	}, time.Minute, 50*time.Millisecond)
	first.sound()
}

func kinds(events []tickets.Event) []tickets.EventKind {
	out := make([]tickets.EventKind, len(events))
	for i, e := range events {
		out[i] = e.Kind
	}
	return out
}
