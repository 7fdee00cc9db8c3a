package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"
)

// plan is what a load does: so many clients for so long, never more, and
// only against a hub on this machine.
type plan struct {
	base    string
	clients int
	seconds int
	live    int
	text    string
	wechat  string // accounts: pushes of WeChat instead of the web
	rate    int
}

const (
	mostClients = 256
	mostSeconds = 60
	mostLive    = 5000
)

// load puts a bounded load on a hub: residents' messages over HTTP, each
// acknowledged before the client sends its next, and idle live connections.
func load(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&p.base, "url", "http://127.0.0.1:8080", "where the hub is; this machine only")
	flags.IntVar(&p.clients, "clients", 8, "clients that send at the same time, 256 at most")
	flags.IntVar(&p.seconds, "seconds", 10, "how long, 60 at most")
	flags.IntVar(&p.live, "live", 0, "idle live connections beside it, 5000 at most")
	flags.StringVar(&p.text, "text", "你好", "what every message says")
	flags.StringVar(&p.wechat, "wechat", "", "push as WeChat to the first of these accounts, a file as in HUB_WECHAT_ACCOUNTS")
	flags.IntVar(&p.rate, "rate", 200, "pushes a second with -wechat, 1000 at most")
	if err := flags.Parse(args); err != nil {
		return errors.New("usage: server load [-url URL] [-clients N] [-seconds N] [-live N] [-text WORDS] [-wechat FILE [-rate N]]")
	}
	if err := p.check(); err != nil {
		return err
	}
	if p.wechat != "" {
		return p.push(ctx, out)
	}
	return p.run(ctx, out)
}

func (p plan) check() error {
	u, err := url.Parse(p.base)
	if err != nil || u.Scheme != "http" {
		return fmt.Errorf("load: %q is not an http address", p.base)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("load: only a hub on this machine may be loaded")
	}
	if p.rate < 1 || p.rate > mostRate {
		return fmt.Errorf("load: at most %d pushes a second", mostRate)
	}
	if p.clients < 1 || p.clients > mostClients || p.seconds < 1 || p.seconds > mostSeconds || p.live < 0 || p.live > mostLive {
		return fmt.Errorf("load: at most %d clients, %d seconds, %d live connections", mostClients, mostSeconds, mostLive)
	}
	return nil
}

func (p plan) run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.seconds)*time.Second+30*time.Second)
	defer cancel()
	client := &fasthttp.Client{MaxConnsPerHost: p.clients + 8, ReadTimeout: 10 * time.Second}
	tokens := make([]string, max(p.clients, 1))
	for i := range tokens {
		token, err := p.session(client)
		if err != nil {
			return err
		}
		tokens[i] = token
	}
	live, err := p.connect(ctx, tokens[0])
	defer func() {
		for _, c := range live {
			c.Close()
		}
	}()
	if err != nil {
		return err
	}
	if p.live > 0 {
		fmt.Fprintf(out, "%d live connections are open\n", len(live))
	}
	took, failed := p.send(ctx, client, tokens)
	report(out, took, failed, p.seconds)
	if failed > 0 {
		return fmt.Errorf("load: %d messages were not acknowledged", failed)
	}
	return nil
}

func (p plan) session(client *fasthttp.Client) (string, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(p.base + "/api/v1/webchat/sessions")
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.SetBodyString("{}")
	if err := client.DoTimeout(req, res, 10*time.Second); err != nil {
		return "", fmt.Errorf("open a chat: %w", err)
	}
	var body struct{ Token string }
	if err := json.Unmarshal(res.Body(), &body); err != nil || body.Token == "" {
		return "", fmt.Errorf("open a chat: status %d", res.StatusCode())
	}
	return body.Token, nil
}

// connect opens the idle live connections of one visitor's page.
func (p plan) connect(ctx context.Context, token string) ([]*websocket.Conn, error) {
	var open []*websocket.Conn
	header := map[string][]string{"Authorization": {"Bearer " + token}, "Origin": {p.base}}
	dialer := websocket.Dialer{ReadBufferSize: 256, WriteBufferSize: 256, HandshakeTimeout: 10 * time.Second}
	for range p.live {
		c, _, err := dialer.DialContext(ctx, "ws"+p.base[len("http"):]+"/chat/live", header)
		if err != nil {
			return open, fmt.Errorf("live connection %d: %w", len(open)+1, err)
		}
		open = append(open, c)
	}
	return open, nil
}

// send lets every client send one message after the other until the time is over.
func (p plan) send(ctx context.Context, client *fasthttp.Client, tokens []string) (took []time.Duration, failed int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(time.Duration(p.seconds) * time.Second)
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	for i, token := range tokens {
		wg.Go(func() {
			mine, bad := p.client(ctx, client, token, fmt.Sprintf("%s-%d-", run, i), end)
			mu.Lock()
			defer mu.Unlock()
			took, failed = append(took, mine...), failed+bad
		})
	}
	wg.Wait()
	return took, failed
}

func (p plan) client(ctx context.Context, client *fasthttp.Client, token, prefix string, end time.Time) (took []time.Duration, failed int) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(p.base + "/api/v1/webchat/messages")
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	for n := 0; time.Now().Before(end) && ctx.Err() == nil; n++ {
		req.SetBodyString(fmt.Sprintf(`{"client_id":%q,"text":%q}`, prefix+strconv.Itoa(n), p.text))
		start := time.Now()
		err := client.Do(req, res)
		if err != nil || res.StatusCode() != fasthttp.StatusAccepted {
			failed++
			continue
		}
		took = append(took, time.Since(start))
	}
	return took, failed
}

func report(out io.Writer, took []time.Duration, failed, seconds int) {
	slices.Sort(took)
	at := func(q float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[min(len(took)-1, int(q*float64(len(took))))].Round(10 * time.Microsecond)
	}
	fmt.Fprintf(out, "%d acknowledged (%.0f/s), %d failed; p50 %v, p95 %v, p99 %v, max %v\n",
		len(took), float64(len(took))/float64(seconds), failed, at(.5), at(.95), at(.99), at(1))
}
