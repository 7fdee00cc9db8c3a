package meili

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func TestFiveFailuresInARowOpenTheBreakerForTenSeconds(t *testing.T) {
	var b breaker
	for i := range enough {
		if !b.allow(noon) {
			t.Fatalf("closed to call %d", i+1)
		}
		if turned := b.done(noon, false); turned != (i == enough-1) {
			t.Errorf("failure %d turned it: %v", i+1, turned)
		}
	}
	for at, want := range map[time.Duration]bool{0: false, rest - 1: false} {
		if b.allow(noon.Add(at)) != want {
			t.Errorf("after %v allowed: %v", at, !want)
		}
	}
	if !b.allow(noon.Add(rest)) {
		t.Error("no try after its rest")
	}
}

func TestASuccessBetweenFailuresKeepsTheBreakerClosed(t *testing.T) {
	var b breaker
	for range 10 * enough {
		for range enough - 1 {
			b.done(noon, false)
		}
		b.done(noon, true)
		if !b.allow(noon) || b.troubled() {
			t.Fatal("open")
		}
	}
}

func TestAfterItsRestOneCallTriesForAll(t *testing.T) {
	open := func() *breaker {
		b := new(breaker)
		for range enough {
			b.done(noon, false)
		}
		if !b.allow(noon.Add(rest)) || b.allow(noon.Add(rest)) {
			t.Fatal("want exactly one try")
		}
		return b
	}
	later := noon.Add(rest)
	b := open()
	if !b.done(later, true) || !b.allow(later) || !b.allow(later) || b.troubled() {
		t.Error("a try that went well does not close it")
	}
	b = open()
	if b.done(later, false) || b.allow(later) || b.allow(later.Add(rest-1)) || !b.allow(later.Add(rest)) {
		t.Error("a try that failed does not give it another rest")
	}
	b = open()
	b.quit()
	if !b.allow(later) || !b.troubled() {
		t.Error("a try whose caller left decides")
	}
}
