package web

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

// atCounter is a registration as the form sends it.
func atCounter(more url.Values) url.Values {
	form := url.Values{
		"client_id": {newClientID()}, "kind": {"complaint"}, "category": {"water_quality"}, "origin": {"hotline:phone"},
		"description": {"自来水发黄，已经两天了。"}, "contact_phone": {"13812345678"}, "address": {"历下区文化东路88号3号楼"},
	}
	for name, values := range more {
		form[name] = values
	}
	return form
}

func (b *browser) registers(form url.Values) string {
	b.house.t.Helper()
	return strings.TrimPrefix(b.post("/desk/tickets/new", form).is(303).Header.Get("Location"), "/desk/tickets/")
}

func (h *house) ticket(no string) *tickets.Ticket {
	h.t.Helper()
	t, err := h.store.Ticket(context.Background(), tickets.Everything, no)
	require.NoError(h.t, err)
	return t
}

// outlets are some of those of the shipped rules.
var outlets = []string{"历下营业厅", "市中营业厅", "槐荫营业厅"}

func TestR11EveryWayInHasItsSourceAndSubSource(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("agent")
	for _, o := range origins {
		form := atCounter(url.Values{"origin": {o.source + ":" + o.channel}, "outlet": {outlets[1]}, "external_no": {"2611200001" + o.channel}})
		ticket := h.ticket(b.registers(form))
		require.Equal(t, o.source, string(ticket.Source), o.label)
		require.Equal(t, o.channel, ticket.Channel, o.label)
		require.Equal(t, outlets[1], ticket.Outlet, o.label)
		require.Contains(t, tickets.Channels[ticket.Source], ticket.Channel)
		page := b.get("/desk/tickets/" + ticket.No).is(200).text
		require.Contains(t, page, outlets[1], "the outlet is on the card (5.1)")
	}
	for source, channel := range map[string]string{"hotline": "phone", "visit_letter_call": "counter", "inspection": "inspection", "superior": "superior"} {
		no := h.register("agent", map[string]any{"source": source})
		require.Equal(t, channel, h.ticket(no).Channel, "the API fills in the usual sub-source")
	}
}

func TestR37AnyOutletRegistersAnyBusiness(t *testing.T) {
	h := openHouse(t)
	for _, who := range []string{"agent", "lead", "supervisor", "handler"} {
		b := h.signedIn(who)
		for i, kind := range tickets.Kinds {
			outlet := outlets[i%len(outlets)]
			b.registers(atCounter(url.Values{"kind": {string(kind)}, "application": {"过户"}, "origin": {"visit_letter_call:counter"}, "outlet": {outlet}}))
		}
	}
	refused := h.signedIn("agent").post("/desk/tickets/new", atCounter(url.Values{"origin": {"visit_letter_call:counter"}})).is(422)
	require.Contains(t, refused.text, "请选择登记的营业厅")
	h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"outlet": "月球营业厅"})).is(422)
}

func TestR01TheConversationAtRegistrationIsTheContactWhenTheAgentSaysSo(t *testing.T) {
	h := openHouse(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)
	h.store.SetClock(func() time.Time { return now })
	key := h.telephone(map[string]string{"agent": "801"})
	h.reports(key, "c-1", "ringing", "13812345678", "801").is(200)
	h.reports(key, "c-1", "answered", "13812345678", "801").is(200)
	answered := now
	now = now.Add(4 * time.Minute)
	b := h.signedIn("agent")
	for name, c := range map[string]struct {
		form      url.Values
		contacted time.Time // zero: the twenty minutes run
		received  time.Time
		via       string
	}{
		"told in a call":                        {url.Values{"contact": {"1"}, "call": {"c-1"}, "contact_phone": {""}}, answered, answered, "phone"},
		"told in a call that no exchange knows": {url.Values{"contact": {"1"}}, now, now, "phone"},
		"told at a counter":                     {url.Values{"contact": {"1"}, "origin": {"visit_letter_call:counter"}, "outlet": {outlets[0]}}, now, now, "visit"},
		"the agent does not say so":             {url.Values{}, time.Time{}, now, ""},
		"a letter speaks to nobody":             {url.Values{"contact": {"1"}, "origin": {"visit_letter_call:letter"}}, time.Time{}, now, ""},
		"an order of 12345 either":              {url.Values{"contact": {"1"}, "origin": {"12345:12345"}, "external_no": {"261120000000000001"}}, time.Time{}, now, ""},
		"a receipt that was typed is older than the call": {
			url.Values{"contact": {"1"}, "received_at": {"2026-11-20T11:30"}}, now, now.Add(-34 * time.Minute), "phone"},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := h.ticket(b.registers(atCounter(c.form)))
			require.True(t, ticket.ContactedAt.Equal(c.contacted), "%s, want %s", ticket.ContactedAt, c.contacted)
			require.True(t, ticket.ReceivedAt.Equal(c.received), "%s, want %s", ticket.ReceivedAt, c.received)
			require.Equal(t, c.via, ticket.ContactVia)
			var clock *tickets.Deadline
			for i := range ticket.Deadlines {
				if ticket.Deadlines[i].Rule == "R01" {
					clock = &ticket.Deadlines[i]
				}
			}
			require.NotNil(t, clock, "the duty is there in any case")
			require.Equal(t, c.contacted.IsZero(), clock.Running())
			require.Equal(t, "13812345678", ticket.ContactPhone, "the number of the call when none was typed")
		})
	}
	linked, err := h.store.Call(context.Background(), "c-1")
	require.NoError(t, err)
	require.NotEmpty(t, linked.TicketNo)
	h.reports(key, "c-1", "ended", "13812345678", "801").is(200)
	require.NotContains(t, b.get("/desk/calls").is(200).text, "138****5678", "what was registered is done with")
}

func TestACallOfAColleagueIsNoProofOfMine(t *testing.T) {
	h := openHouse(t)
	key := h.telephone(map[string]string{"agent": "801", "agent2": "802"})
	h.reports(key, "c-1", "answered", "13612345678", "801").is(200)
	ticket := h.ticket(h.signedIn("agent2").registers(atCounter(url.Values{"call": {"c-1"}, "contact": {"1"}})))
	events, err := h.store.Events(context.Background(), ticket.ID)
	require.NoError(t, err)
	for _, e := range events {
		require.NotContains(t, string(e.Data), "c-1")
	}
	h.send("POST", "/api/v1/tickets", h.as("agent2"), complaintOf(map[string]any{"call_id": "c-1", "contact": true})).is(422)
	h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"source": "inspection", "contact": true})).is(422)
	made := h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"call_id": "c-1", "contact": true})).is(201)
	require.NotNil(t, made.json()["contacted_at"])
}

func TestNothingTypedIsLostWhenTheFormIsRefused(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("agent")
	for name, c := range map[string]struct {
		form url.Values
		says string
	}{
		"a number that cannot be called": {url.Values{"contact_phone": {"1381234"}}, "手机号为11位"},
		"an address that leads nowhere":  {url.Values{"address": {"东边"}}, "地址太简单"},
		"no category":                    {url.Values{"category": {""}}, "请选择「问题类别」"},
		"no words":                       {url.Values{"description": {""}}, "请写下用户的诉求"},
		"a business without a name":      {url.Values{"kind": {"application"}}, "请写明业务名称"},
		"a receipt tomorrow":             {url.Values{"received_at": {"2099-01-01T00:00"}}, "接诉时间"},
	} {
		t.Run(name, func(t *testing.T) {
			form := atCounter(url.Values{
				"contact_name": {"赵六"}, "community": {"文东小区"}, "district": {"历下区"}, "urgent": {"1"}, "confidential": {"1"},
				"outlet": {outlets[2]}, "origin": {"visit_letter_call:letter"},
			})
			for n, v := range c.form {
				form[n] = v
			}
			page := b.post("/desk/tickets/new", form).is(422).text
			require.Contains(t, page, c.says)
			require.Contains(t, page, `value="赵六"`)
			require.Contains(t, page, `value="文东小区"`)
			require.Contains(t, page, `value="历下区" selected`)
			require.Contains(t, page, `value="`+outlets[2]+`" selected`)
			require.Contains(t, page, `value="visit_letter_call:letter" checked`)
			require.Contains(t, page, `name="urgent" value="1" accesskey="u" checked`)
			require.Contains(t, page, `name="confidential" value="1" checked`)
			require.NotContains(t, page, `name="contact" value="1" accesskey="t" checked`, "a tick that was taken out stays out")
			require.Contains(t, page, form.Get("description"))
			require.Contains(t, page, form.Get("client_id"))
		})
	}
}

func TestWhileSomebodyTypesTheFormKnowsWhatItIsAndWhetherItIsThere(t *testing.T) {
	h := openHouse(t)
	require.NoError(t, h.Knowledge.Seed(context.Background()))
	require.NoError(t, h.Library.Load(context.Background()))
	mine := h.register("agent", nil)
	neighbour := h.register("agent", map[string]any{"contact_phone": "13900001111", "address": "历下区甸柳新村三区2号楼", "community": "甸柳新村三区"})
	secret := h.register("supervisor", map[string]any{"confidential": true, "contact_phone": "13500002222"})
	old := h.register("agent", map[string]any{"contact_phone": "13700003333", "received_at": h.Desk.Now().AddDate(0, 0, -8)})
	b := h.signedIn("agent2")
	ask := func(form url.Values) string {
		return b.post("/desk/tickets/new/suggest", form, asFragment).is(200).text
	}
	words := ask(url.Values{"description": {"历下区甸柳新村三区5号楼自来水发黄有味道"}, "kind": {"complaint"}})
	require.Contains(t, words, `data-suggest="category" data-value="water_quality"`)
	require.Contains(t, words, `data-suggest="district" data-value="历下区"`)
	require.Contains(t, words, neighbour, "the same place and category")
	require.NotContains(t, words, mine)

	require.Contains(t, ask(url.Values{"contact_phone": {"138 1234 5678"}}), mine, "the same number")
	require.NotContains(t, ask(url.Values{"contact_phone": {"13500002222"}}), secret, "whose a confidential ticket is stays secret")
	require.NotContains(t, ask(url.Values{"contact_phone": {"13700003333"}}), old, "longer ago than seven days")
	require.Contains(t, ask(url.Values{"contact_phone": {"1381234"}}), "无法拨通")
	require.Contains(t, ask(url.Values{"address": {"老地方"}}), "看不出地址")

	answer := ask(url.Values{"description": {"投诉了多久有人联系我"}})
	require.Contains(t, answer, "20分钟")
	require.Contains(t, answer, "第11.2条", "with the clause")

	whole := b.post("/desk/tickets/new", url.Values{"look": {"1"}, "description": {"历下区甸柳新村三区5号楼自来水发黄有味道"}}).is(200).text
	require.Contains(t, whole, neighbour, "without scripts, too")
	require.Contains(t, whole, `value="water_quality" selected`)
	require.Contains(t, whole, "自来水发黄有味道")
}

func TestT52WhatIsThereAlreadyIsAddedToAndNotDropped(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	form := atCounter(url.Values{"supplement": {no}, "description": {"今天还是黄的，请快一点。"}, "contact": {"1"}})
	b := h.signedIn("agent2")
	require.Equal(t, no, b.registers(form))
	require.Equal(t, no, b.registers(form), "sent twice is added once")
	ticket := h.ticket(no)
	require.False(t, ticket.ContactedAt.IsZero(), "it was told to a person")
	events, err := h.store.Events(context.Background(), ticket.ID)
	require.NoError(t, err)
	added := 0
	for _, e := range events {
		if e.Kind == tickets.EventSupplemented {
			added++
		}
	}
	require.Equal(t, 1, added)
}
