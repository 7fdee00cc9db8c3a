package main

import (
	"context"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/config"
	"quandesk/server/hub"
	"quandesk/server/jobs"
)

// wechatWriting is the half of the official accounts that writes to residents.
type wechatWriting struct {
	client *wechat.Client
	tokens *hub.Tokens // nil without Redis
}

// writeWechat makes what writes to residents of WeChat and gives it to the jobs.
func (p *program) writeWechat(cfg config.Config, w *wechatParts, work *jobs.Work, images *channels.Images) error {
	var cache wechat.TokenCache
	if cfg.RedisURL != "" {
		var err error
		if w.writing.tokens, err = hub.NewTokens(cfg.RedisURL); err != nil {
			return err
		}
		cache = w.writing.tokens
	}
	meter := newWriteMeter(p.metrics)
	client := wechat.NewClient(wechat.ClientOptions{
		Base: cfg.WechatAPIBase, Cache: cache, Now: p.store.Now,
		Watch: wechat.Watch{Called: meter.called, Trouble: p.wechatTrouble},
	})
	sender := wechat.NewSender(client, w.accounts, wechat.SenderOptions{
		Book: p.store, Files: imageFiles{images}, Media: p.store, Sent: meter.sent,
	})
	p.metrics.MustRegister(&tokenAges{client: client, accounts: w.accounts})
	work.Deliver.Adapters = append(work.Deliver.Adapters, sender)
	w.writing.client = client
	w.copier = &wechat.Copier{Accounts: w.accounts, Fetch: client, Shelf: images, Store: p.store, Now: p.store.Now, Log: p.log}
	work.Notify.Wechat = &wechat.Notifier{Client: client, Accounts: w.accounts,
		Templates: p.store.WechatTemplates, At: p.store.NoticeAt}
	work.Answer.Typing = func(ctx context.Context, c channels.Conversation) {
		if c.Channel == wechat.Channel {
			sender.Typing(ctx, c.Account, c.Contact)
		}
	}
	surveyor := &jobs.Surveyor{Store: p.store, Desk: work.Answer.Desk}
	p.clock.Ask = surveyor.Ask
	w.receiver.Survey = surveyor.AnswerSurvey
	w.receiver.Trouble = p.wechatTrouble
	w.receiver.Greeting = func(ctx context.Context, account string) (string, error) {
		words, err := p.store.WechatWords(ctx, account)
		return words.Greeting, err
	}
	return nil
}

// alarmWithin is how long storing an alarm may take.
const alarmWithin = 3 * time.Second

// wechatTrouble keeps what an administrator has to mend.
func (p *program) wechatTrouble(a wechat.Account, e *wechat.Error) {
	p.log.Warn("WeChat refuses", "account", a.Name, "call", e.Call, "code", e.Code, "class", string(e.Class), "rid", e.RID, "ip", e.IP)
	ctx, cancel := context.WithTimeout(context.Background(), alarmWithin)
	defer cancel()
	if err := p.store.WechatAlarm(ctx, a.Name, e); err != nil {
		p.log.Error("alarm not kept", "account", a.Name, "error", err)
	}
}

// imageFiles opens images for upload.
type imageFiles struct{ images *channels.Images }

// OpenFile implements wechat.Files.
func (f imageFiles) OpenFile(id string) (io.ReadCloser, error) { return f.images.Open(id) }

// writeMeter counts calls and messages.
type writeMeter struct {
	calls *prometheus.CounterVec
	sends *prometheus.CounterVec
	left  prometheus.Histogram
}

func newWriteMeter(r *prometheus.Registry) *writeMeter {
	m := &writeMeter{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wechat_api_calls_total", Help: "Calls of the WeChat API, by path and class of the answer (ok when it went well).",
		}, []string{"call", "class"}),
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wechat_sends_total", Help: "Customer-service messages that went out, by kind.",
		}, []string{"kind"}),
		left: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wechat_quota_left", Help: "Messages that may still be sent to the resident, after each one that was.",
			Buckets: []float64{0, 1, 2, 3, 4},
		}),
	}
	r.MustRegister(m.calls, m.sends, m.left)
	return m
}

func (m *writeMeter) called(call string, class wechat.Class) {
	if class == "" {
		class = "ok"
	}
	m.calls.WithLabelValues(call, string(class)).Inc()
}

func (m *writeMeter) sent(kind string, left int) {
	m.sends.WithLabelValues(kind).Inc()
	m.left.Observe(float64(left))
}

// tokenAges shows how old the token of each account is.
type tokenAges struct {
	client   *wechat.Client
	accounts *wechat.Accounts
}

var tokenAge = prometheus.NewDesc("wechat_token_age_seconds", "Age of the access token in use; none without one.", []string{"account"}, nil)

// Describe implements prometheus.Collector.
func (t *tokenAges) Describe(out chan<- *prometheus.Desc) { out <- tokenAge }

// Collect implements prometheus.Collector.
func (t *tokenAges) Collect(out chan<- prometheus.Metric) {
	for _, a := range t.accounts.All() {
		if age := t.client.TokenAge(a); age > 0 {
			out <- prometheus.MustNewConstMetric(tokenAge, prometheus.GaugeValue, age.Seconds(), a.Name)
		}
	}
}

// close gives back what writing took.
func (w wechatWriting) close() {
	if w.tokens != nil {
		w.tokens.Close()
	}
}
