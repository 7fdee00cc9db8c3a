package wechat

import "context"

// Reports hears what WeChat says of what we sent, and of who wants to hear
// from us.
type Reports interface {
	// TemplateFinished: a template message arrived (success) or why not.
	TemplateFinished(ctx context.Context, account, msgID, status string) error
	// Subscribed: somebody accepted or refused a notice.
	Subscribed(ctx context.Context, account, openid, templateID string, accepted bool) error
	// Correct: somebody does not follow us any more.
	Correct(ctx context.Context, account, openid string, said Class) error
}

// report passes on what an event says of our sending. It is a courtesy to the
// book: what is lost here, WeChat says again when we send.
func (c *call) report(ctx context.Context) {
	if c.Reports == nil {
		return
	}
	var err error
	switch p := c.push; p.Event {
	case "templatesendjobfinish":
		err = c.Reports.TemplateFinished(ctx, c.account.Name, p.MsgID, p.Status)
	case "unsubscribe":
		err = c.Reports.Correct(ctx, c.account.Name, p.From, NotFollowing)
	case "subscribe_msg_popup_event", "subscribe_msg_change_event":
		for _, x := range p.Lists {
			if err == nil {
				err = c.Reports.Subscribed(ctx, c.account.Name, p.From, x.TemplateID, x.Status == "accept")
			}
		}
	}
	if err != nil {
		c.Log.Warn("report of WeChat not kept", "account", c.account.Name, "kind", c.kind, "error", err)
	}
}

// greet puts the administrator's greeting in the place of the usual one.
func (c *call) greet(ctx context.Context, h *Happening) {
	if c.push.Event != "subscribe" || c.Greeting == nil {
		return
	}
	if words, err := c.Greeting(ctx, c.account.Name); err == nil && words != "" {
		h.Say = Clean(words)
	}
}
