package wechat

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// JSSignature signs the address of a page for WeChat's JS-SDK: the address as
// the browser shows it, without what is behind #.
func JSSignature(ticket, nonce string, timestamp int64, address string) string {
	address, _, _ = strings.Cut(address, "#")
	sum := sha1.Sum([]byte("jsapi_ticket=" + ticket + "&noncestr=" + nonce +
		"&timestamp=" + strconv.FormatInt(timestamp, 10) + "&url=" + address))
	return hex.EncodeToString(sum[:])
}

// jsTickets keeps the tickets of the accounts: WeChat gives 1,000,000 a day,
// but wants them kept.
type jsTickets struct {
	mu  sync.Mutex
	all map[string]jsTicket
}

type jsTicket struct {
	value string
	until time.Time
}

// JSTicket is the ticket that signs pages of an account.
func (c *Client) JSTicket(ctx context.Context, a Account) (string, error) {
	c.tickets.mu.Lock()
	defer c.tickets.mu.Unlock()
	if t := c.tickets.all[a.AppID]; t.value != "" && c.now().Before(t.until) {
		return t.value, nil
	}
	var got struct {
		Ticket  string `json:"ticket"`
		Expires int64  `json:"expires_in"`
	}
	if err := c.get(ctx, a, "/cgi-bin/ticket/getticket", url.Values{"type": {"jsapi"}}, &got); err != nil {
		return "", err
	}
	if c.tickets.all == nil {
		c.tickets.all = map[string]jsTicket{}
	}
	life := time.Duration(got.Expires) * time.Second
	c.tickets.all[a.AppID] = jsTicket{got.Ticket, c.now().Add(life - min(early, life/5))}
	return got.Ticket, nil
}
