package main

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/config"
	"quandesk/server/hub"
)

// wechatParts are the official accounts and what takes in their pushes.
type wechatParts struct {
	given    []wechat.Account // from the settings
	accounts *wechat.Accounts
	receiver *wechat.Receiver
	copier   *wechat.Copier
	writing  wechatWriting
}

// openWechat reads the accounts and makes what takes in their pushes.
func (p *program) openWechat(ctx context.Context, cfg config.Config, inbox *channels.Inbox) (*wechatParts, error) {
	given, err := wechat.LoadAccounts(cfg.WechatAccounts)
	if err != nil {
		return nil, err
	}
	spool, err := wechat.NewSpool(filepath.Join(cfg.Data, "spool"))
	if err != nil {
		return nil, err
	}
	w := &wechatParts{given: given, accounts: wechat.NewAccounts(given...)}
	w.receiver = &wechat.Receiver{
		Accounts: w.accounts, Inbox: inbox, Store: p.store, Ear: ear{p.hub}, Spool: spool,
		Now: p.store.Now, Meter: newPushMeter(p.metrics), Log: p.log,
	}
	return w, p.loadWechat(ctx, w)
}

// loadWechat puts the accounts in force: those of the administrator's page in
// the place of those of the settings.
func (p *program) loadWechat(ctx context.Context, w *wechatParts) error {
	entered, err := p.store.WechatAccounts(ctx)
	if err != nil {
		return err
	}
	return w.accounts.Replace(wechat.Merge(w.given, entered))
}

// watchWechat keeps the accounts as they are in the database and takes in
// what was kept while that was away, until ctx ends.
func (p *program) watchWechat(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wake := make(chan struct{}, 1)
	wg.Go(func() { p.hear(ctx, "wechat", wake) })
	wg.Go(func() { p.wechat.receiver.Drain(ctx) })
	wg.Go(func() { p.wechat.copier.Run(ctx) })
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-every.C:
		}
		if err := p.loadWechat(ctx, p.wechat); err != nil && ctx.Err() == nil {
			p.log.Warn("WeChat accounts not up to date", "error", err)
		}
	}
}

// ear hears of conversations through the hub.
type ear struct{ hub hub.Hub }

// Listen implements wechat.Ear.
func (e ear) Listen(conversationID int64) (<-chan struct{}, func()) {
	heard := e.hub.Subscribe()
	heard.Add("conversation:" + strconv.FormatInt(conversationID, 10))
	news := make(chan struct{}, 1)
	go func() {
		for range heard.Events() {
			select {
			case news <- struct{}{}:
			default: // it is about to look anyway
			}
		}
	}()
	return news, heard.Close
}

// pushMeter counts pushes.
type pushMeter struct {
	pushes *prometheus.CounterVec
	took   *prometheus.HistogramVec
}

func newPushMeter(r *prometheus.Registry) *pushMeter {
	m := &pushMeter{
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wechat_pushes_total", Help: "What WeChat pushed, by type, attempt and reply.",
		}, []string{"account", "type", "attempt", "reply"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wechat_push_duration_seconds", Help: "Time from a push to its reply.",
			Buckets: []float64{.005, .02, .05, .1, .3, 1, 2, 4, 4.5, 5, 10},
		}, []string{"reply"}),
	}
	r.MustRegister(m.pushes, m.took)
	return m
}

// Push implements wechat.Meter.
func (m *pushMeter) Push(account, kind string, attempt int, reply string, took time.Duration) {
	m.pushes.WithLabelValues(account, kind, strconv.Itoa(min(attempt, 4)), reply).Inc()
	m.took.WithLabelValues(reply).Observe(took.Seconds())
}
