package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

const mostRate = 1000

// push puts a bounded load of WeChat on a hub: so many pushes a second, each
// by another resident, whether or not those before it have been answered.
func (p plan) push(ctx context.Context, out io.Writer) error {
	accounts, err := wechat.LoadAccounts(p.wechat)
	if err != nil {
		return err
	}
	if len(accounts) == 0 {
		return errors.New("load: no WeChat account to push to")
	}
	from := &wechattest.Pusher{
		URL: p.base + "/wechat/" + accounts[0].Name, Account: accounts[0],
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2048}},
	}
	tally := &pushTally{shown: map[string]int{}}
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	every := time.NewTicker(time.Second / time.Duration(p.rate))
	defer every.Stop()
	var wg sync.WaitGroup
	for n := range p.rate * p.seconds {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
		wg.Go(func() {
			tally.add(from.Push(ctx, from.Text("load-"+run+"-"+strconv.Itoa(n), p.text)))
		})
	}
	wg.Wait()
	report(out, tally.took, tally.shown["outage"], p.seconds)
	fmt.Fprintf(out, "%d answered at once, %d acknowledged, %d outages; %d attempts\n",
		tally.shown["passive"], tally.shown["acknowledged"], tally.shown["outage"], tally.attempts)
	if n := tally.shown["outage"]; n > 0 {
		return fmt.Errorf("load: %d residents saw the outage text", n)
	}
	return nil
}

type pushTally struct {
	mu       sync.Mutex
	took     []time.Duration
	shown    map[string]int
	attempts int
}

func (t *pushTally) add(o wechattest.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took, t.attempts = append(t.took, o.Took), t.attempts+o.Attempts
	switch {
	case o.Shown == wechattest.Outage:
		t.shown["outage"]++
	case o.Reply != nil:
		t.shown["passive"]++
	default:
		t.shown["acknowledged"]++
	}
}
