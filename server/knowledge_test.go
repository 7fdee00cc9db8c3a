package main

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"quandesk/server/hub"
)

func TestAProcessLooksWhenItHearsThatTheKnowledgeChanged(t *testing.T) {
	h := hub.NewMemory()
	p, wake := &program{hub: h}, make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.hear(ctx, "knowledge", wake) })
	for heard := false; !heard; { // until it has subscribed
		h.Publish(ctx, hub.Event{Topic: "knowledge", Version: 2})
		select {
		case <-wake:
			heard = true
		default:
			runtime.Gosched()
		}
	}
	cancel()
	wg.Wait()
}
