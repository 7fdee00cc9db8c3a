package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"quandesk/bot"
	"quandesk/bot/rules"
	"quandesk/channels"
	"quandesk/channels/hotline12345"
	"quandesk/channels/phone"
	"quandesk/channels/webchat"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/meili"
	"quandesk/kb/vector"
	"quandesk/server/auth"
	"quandesk/server/config"
	"quandesk/server/hub"
	"quandesk/server/jobs"
	"quandesk/server/store"
	"quandesk/server/web"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// stopWithin is how long a stop may take: requests end, jobs finish.
const stopWithin = 20 * time.Second

// Run serves the desk until the context ends. ready, when not nil, is told
// the address once requests are served.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer, ready func(addr string)) error {
	p, err := assemble(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer p.close()
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	made, err := p.prepare(ctx, cfg)
	if err != nil {
		ln.Close()
		return err
	}
	greet(out, cfg, ln.Addr().String(), made)
	return p.serve(ctx, ln, cfg, ready)
}

// program is the desk with everything wired.
type program struct {
	log       *slog.Logger
	store     *store.Store
	hub       hub.Hub
	queue     *jobs.Queue
	clock     *jobs.Clockwork
	library   *kb.Library
	knowledge *kb.Desk
	trial     func(*kb.Library) bot.Answerer // all that answers residents, on any knowledge
	search    *meili.Index                   // nil without Meilisearch
	meanings  *vector.Meanings               // nil without vectors
	meant     *vector.Index                  // what residents are told is found by; nil without vectors
	gate      *auth.Gate
	wechat    *wechatParts
	site      *web.Site
	metrics   *prometheus.Registry

	understander *rules.Rules
}

func assemble(ctx context.Context, cfg config.Config, log *slog.Logger) (p *program, err error) {
	p = &program{log: log, metrics: newMetrics()}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	go rules.New() // reads its tables while the store is opened
	if p.store, err = openStore(ctx, cfg, log); err != nil {
		return p, err
	}
	if p.hub, err = openHub(cfg); err != nil {
		return p, err
	}
	cal, err := calendar.Default()
	if err != nil {
		return p, err
	}
	table, err := tickets.LoadRules(cfg.Rules, cal)
	if err != nil {
		return p, err
	}
	words, err := kb.ShippedWords()
	if err != nil {
		return p, err
	}
	if p.understander, err = rules.New(); err != nil {
		return p, err
	}
	desk := tickets.NewDesk(p.store, table, p.store.Now)
	index, err := p.openIndex(cfg, words)
	if err != nil {
		return p, err
	}
	index = p.withMeanings(cfg, index, p.understander)
	p.library = kb.NewLibrary(p.store, index, p.store.Now)
	onRules := func(k bot.Knowledge) bot.Answerer { return bot.New(p.understander, k) }
	p.knowledge = newKnowledge(p.store, p.library, words, bot.Teller(onRules, p.store.Now), p.meanings)
	p.gate = auth.NewGate(p.store, p.store, p.store.Now, auth.Options{})
	p.clock = &jobs.Clockwork{Store: p.store, Desk: desk, Log: log, Swept: sweepMeter(p.metrics)}
	answerer, err := p.answerer(cfg, p.understander)
	if err != nil {
		return p, err
	}
	report, err := p.reporter(cfg, desk)
	if err != nil {
		return p, err
	}
	work := &jobs.Work{
		Answer: &jobs.Answerer{Store: p.store, Desk: desk, Bot: answerer, Log: log,
			Refresh: p.library.Refresh, Drafts: p.draft},
		Deliver: &jobs.Deliverer{Store: p.store, Log: log},
		Report:  report,
		Notify:  &jobs.Notifier{Store: p.store, Log: log},
		Waiting: waiting(cfg),
	}
	if p.queue, err = jobs.NewQueue(ctx, p.store, cfg.DatabaseURL, work, log); err != nil {
		return p, err
	}
	p.store.Use(p.queue, p.tell)
	return p, p.front(ctx, cfg, work)
}

// reporter tells 12345 over its endpoint; nil where there is none and people do.
func (p *program) reporter(cfg config.Config, desk *tickets.Desk) (*jobs.Reporter, error) {
	if cfg.HotlineURL == "" {
		return nil, nil
	}
	client, err := hotline12345.NewClient(cfg.HotlineURL, cfg.HotlineSecret, p.store.Now)
	if err != nil {
		return nil, err
	}
	p.clock.Reports = true
	return &jobs.Reporter{Store: p.store, Desk: desk, Platform: client, Log: p.log}, nil
}

// front makes the site on top of the other parts.
func (p *program) front(ctx context.Context, cfg config.Config, work *jobs.Work) error {
	desk := work.Answer.Desk
	images, err := channels.NewImages(filepath.Join(cfg.Data, "attachments"))
	if err != nil {
		return err
	}
	inbox := channels.NewInbox(p.store)
	if p.wechat, err = p.openWechat(ctx, cfg, inbox); err != nil {
		return err
	}
	if err := p.writeWechat(cfg, p.wechat, work, images); err != nil {
		return err
	}
	switchboard := phone.NewSwitchboard(p.store, desk)
	p.clock.Lose = switchboard.Lose
	p.site = web.New(web.Parts{
		Desk: desk, Tickets: p.store, Outages: tickets.NewOutages(p.store, desk.Rules(), p.store.Now), Notices: p.store, Inbox: inbox, Conversations: p.store,
		Chat: webchat.New(p.store, inbox, p.store.Now), Images: images,
		Gate: p.gate, People: p.store, Trail: p.store, Audit: p.store, ModelCalls: p.store, Library: p.library, Hub: p.hub,
		Keys: auth.NewKeyring(p.store, p.store, p.store.Now), Phone: p.store, Understand: p.understander,
		Switchboard: switchboard,
		Knowledge:   p.knowledge, Trial: p.trial, Feedback: p.store, ReadArticles: readArticles,
		Answered: p.store.Answered, Ready: p.store.Ready, Remembered: p.store,
		Pictures: p.store, Quota: p.store, Wechat: p.wechat.receiver,
		My: web.My{Visits: p.store, Bindings: p.store, Exchange: p.wechat.writing.client.Exchange}, Letters: p.store,
		Office: web.Office{Accounts: p.wechat.accounts, Client: p.wechat.writing.client, Words: p.store, Records: p.store}, Metrics: p.metrics,
		Reports: p.store,
		Hotline: web.Hotline{
			Mailbox: hotline12345.NewMailbox(p.store, desk, understood(p.understander), p.store.Now), Orders: p.store,
			Secret: cfg.HotlineSecret, Allow: prefixTexts(cfg.HotlineAllow),
		},
		Options: web.Options{
			Production: cfg.Production(), PublicURL: cfg.PublicURL, TrustedProxies: prefixTexts(cfg.TrustedProxies),
			EmergencyPhone: cfg.EmergencyPhone, ModelFiling: filing(cfg), Log: p.log,
		},
	})
	return nil
}

func prefixTexts(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.String()
	}
	return out
}

func openStore(ctx context.Context, cfg config.Config, log *slog.Logger) (*store.Store, error) {
	return openWaiting(ctx, cfg, log, 0)
}

// openWaiting opens the store for work that can wait so long for a hub that
// writes to the same file; 0 is the usual.
func openWaiting(ctx context.Context, cfg config.Config, log *slog.Logger, wait time.Duration) (*store.Store, error) {
	s, err := store.Open(ctx, store.Options{URL: cfg.DatabaseURL, Dir: cfg.Data, Log: log, Wait: wait})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(ctx), seal(s, cfg)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func openHub(cfg config.Config) (hub.Hub, error) {
	if cfg.RedisURL == "" {
		return hub.NewMemory(), nil
	}
	return hub.NewRedis(cfg.RedisURL)
}

// openIndex makes the index in process and, where a server is configured, the
// one that asks it first.
func (p *program) openIndex(cfg config.Config, words kb.Words) (kb.Index, error) {
	local := embedded.New(words)
	if cfg.MeiliURL == "" {
		return local, nil
	}
	var err error
	p.search, err = meili.New(meili.Options{URL: cfg.MeiliURL, Key: cfg.MeiliKey, Words: words, Fallback: local, Log: p.log})
	if err != nil {
		return nil, err
	}
	p.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "search_degraded", Help: "1 while the index in process answers instead of Meilisearch.",
	}, func() float64 {
		if p.search.Degraded() {
			return 1
		}
		return 0
	}))
	return p.search, nil
}

// syncSearch mends what the search server missed while it was away.
func (p *program) syncSearch(ctx context.Context) {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if err := p.search.Sync(ctx); err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "search server not in step", "error", err)
		}
	}
}

// newKnowledge makes the editor's desk; a publishing is tried on an index in
// process, whichever one answers residents, with the same vectors if any.
func newKnowledge(s *store.Store, l *kb.Library, words kb.Words, tell kb.Teller, m *vector.Meanings) *kb.Desk {
	tools := kb.Tools{Index: func() kb.Index { return embedded.New(words) }, Tell: tell, Now: s.Now}
	if m != nil {
		tools.Index = func() kb.Index { return m.Trial(embedded.New(words)) }
		tools.Ready = m.Prepare
	}
	return kb.NewDesk(s, s, s, l, tools)
}

// watchKnowledge loads the articles when another process has changed them: it
// is told, and looks once a minute in case it was not.
func (p *program) watchKnowledge(ctx context.Context) {
	wake := make(chan struct{}, 1)
	var ear sync.WaitGroup
	ear.Go(func() { p.hear(ctx, "knowledge", wake) })
	defer ear.Wait()
	p.library.Watch(ctx, wake, time.Minute, func(err error) {
		p.log.WarnContext(ctx, "articles not up to date", "error", err)
	})
}

// hear wakes whenever the topic is told, until ctx ends or the hub closes. A
// subscription that fell behind is opened anew.
func (p *program) hear(ctx context.Context, topic string, wake chan<- struct{}) {
	for ctx.Err() == nil {
		heard := p.hub.Subscribe()
		heard.Add(topic)
		for open := true; open; {
			select {
			case <-ctx.Done():
				heard.Close()
				return
			case _, open = <-heard.Events():
			}
			select {
			case wake <- struct{}{}:
			default: // it is about to look anyway
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// tell passes what a commit touched on to the live pages.
func (p *program) tell(topics []store.Topic) {
	events := make([]hub.Event, len(topics))
	for i, t := range topics {
		events[i] = hub.Event{Topic: t.Name, Version: t.Version}
	}
	p.hub.Publish(context.Background(), events...)
}

// prepare stores the shipped knowledge and, in development, the demo people.
// It returns their password when it was made.
func (p *program) prepare(ctx context.Context, cfg config.Config) (made string, err error) {
	if err := p.knowledge.Seed(ctx); err != nil {
		return "", err
	}
	if err := p.library.Load(ctx); err != nil {
		return "", err
	}
	if cfg.Production() {
		return "", nil
	}
	return p.gate.Demo(ctx, cfg.DemoPassword)
}

// serve runs the site, the jobs and the clockwork until ctx ends, then stops
// them in the order in which nothing gets lost.
func (p *program) serve(ctx context.Context, ln net.Listener, cfg config.Config, ready func(string)) error {
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	if err := p.queue.Start(working); err != nil {
		ln.Close()
		return fmt.Errorf("start queue: %w", err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { p.clock.Run(working) })
	if p.search != nil {
		wg.Go(func() { p.syncSearch(working) })
	}
	if p.meant != nil {
		wg.Go(func() { p.watchMeanings(working) })
	}
	wg.Go(func() { p.watchKnowledge(working) })
	wg.Go(func() { p.watchWechat(working) })
	failed := make(chan error, 2)
	wg.Go(func() { failed <- p.site.Serve(ln) })
	metrics := p.serveMetrics(cfg.MetricsAddr, failed)
	go giveBack()
	if ready != nil {
		ready(ln.Addr().String())
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, p.site.Stop(stopping), metrics.Shutdown(stopping), p.queue.Stop(stopping))
	ln.Close() // a stop that comes before the site listens ends nothing else
	p.queue = nil
	stopWorking()
	wg.Wait()
	return err
}

func (p *program) serveMetrics(addr string, failed chan<- error) *http.Server {
	srv := &http.Server{Addr: addr, Handler: promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{}),
		ReadHeaderTimeout: 5 * time.Second}
	if addr == "" {
		return srv
	}
	go func() {
		if err := srv.ListenAndServe(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve metrics: %w", err)
		}
	}()
	return srv
}

func (p *program) close() {
	if p.queue != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := p.queue.Stop(ctx); err != nil {
			p.log.Warn("stop queue", "error", err)
		}
	}
	if p.search != nil {
		p.search.Close()
	}
	if p.wechat != nil {
		p.wechat.writing.close()
	}
	if p.hub != nil {
		p.hub.Close()
	}
	if p.store != nil {
		p.store.Close()
	}
}

func newMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

func sweepMeter(r *prometheus.Registry) func(int, time.Duration) {
	fired := prometheus.NewCounter(prometheus.CounterOpts{Name: "deadlines_fired_total", Help: "Deadlines the sweep has taken."})
	took := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sweep_duration_seconds", Help: "Time of one sweep.",
		Buckets: []float64{.002, .01, .05, .2, 1, 5, 20, 60}})
	r.MustRegister(fired, took)
	return func(n int, d time.Duration) {
		fired.Add(float64(n))
		took.Observe(d.Seconds())
	}
}

// greet says where to open what. The demo password is printed when it was
// made, and never again.
func greet(out io.Writer, cfg config.Config, addr, password string) {
	at := "http://" + addr
	if cfg.PublicURL != "" {
		at = cfg.PublicURL
	}
	where := "SQLite in " + cfg.Data
	if cfg.DatabaseURL != "" {
		where = "PostgreSQL"
	}
	fmt.Fprintf(out, "泉城水务客服台 is ready (%s, %s)\n\n  residents  %s/\n  staff      %s/desk\n  API        %s/api/v1/openapi.json\n\n",
		cfg.Env, where, at, at, at)
	if !cfg.Production() {
		fmt.Fprintln(out, "Demo people: agent, agent2, lead, supervisor, editor, admin, auditor, handler")
	}
	if password != "" {
		fmt.Fprintf(out, "Their password, printed this once: %s\n", password)
	}
}
