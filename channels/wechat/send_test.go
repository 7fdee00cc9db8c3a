package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/channeltest"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

const openid = "oResident-1"

var gongzhong = wechat.Account{Name: "shuiwu", AppID: "wx0123456789abcdef", Secret: "TOPSECRET-canary", Token: "AAAAA",
	Mode: "plain", Verified: true}

// memory is a book of allowances without a database.
type memory struct {
	mu    sync.Mutex
	all   map[string]wechat.Allowance
	parts map[int64]int
	free  bool
}

func newMemory() *memory { return &memory{all: map[string]wechat.Allowance{}, parts: map[int64]int{}} }

func (b *memory) grant(t wechat.Trigger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[openid] = b.all[openid].Grant(t, time.Now())
}

func (b *memory) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, _ := b.all[openid].Left(time.Now())
	return n
}

func (b *memory) Allowance(context.Context, string, string) (wechat.Allowance, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.free {
		return wechat.Allowance{LongLeft: 99, LongUntil: time.Now().Add(time.Hour)}, nil
	}
	return b.all[openid], nil
}

func (b *memory) Spend(_ context.Context, _, _ string, id int64, part int) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts[id] = part
	if b.free {
		return true, nil
	}
	w, ok := b.all[openid].Spend(time.Now())
	b.all[openid] = w
	return ok, nil
}

func (b *memory) Correct(_ context.Context, _, _ string, said wechat.Class) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.all[openid]
	w.LongLeft, w.ShortLeft, w.Closed = 0, 0, said != wechat.UsedUp
	b.all[openid] = w
	return nil
}

func (b *memory) Refund(context.Context, string, string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.all[openid]
	w.LongLeft++
	b.all[openid] = w
	return nil
}

// bench is a sender, the API it calls, and the book between them.
type bench struct {
	api    *wechattest.API
	client *wechat.Client
	sender *wechat.Sender
	book   *memory
	told   []*wechat.Error
}

func newBench(t *testing.T, a wechat.Account) *bench {
	t.Helper()
	b := &bench{api: wechattest.NewAPI(wechattest.App{AppID: a.AppID, Secret: a.Secret}), book: newMemory()}
	t.Cleanup(b.api.Close)
	var mu sync.Mutex
	b.client = wechat.NewClient(wechat.ClientOptions{Base: b.api.URL, Watch: wechat.Watch{
		Trouble: func(_ wechat.Account, e *wechat.Error) {
			mu.Lock()
			defer mu.Unlock()
			b.told = append(b.told, e)
		},
	}})
	b.sender = wechat.NewSender(b.client, wechat.NewAccounts(a), wechat.SenderOptions{
		Book: b.book, Pauses: []time.Duration{time.Millisecond, time.Millisecond}})
	return b
}

// written is a bench whose resident has just written.
func written(t *testing.T) *bench {
	b := newBench(t, gongzhong)
	b.api.Trigger(gongzhong.AppID, openid, "message")
	b.book.grant(wechat.ByMessage)
	return b
}

func (b *bench) deliver(t *testing.T, m channels.Message) error {
	t.Helper()
	if m.Author == "" {
		m.Author = channels.FromStaff
	}
	m.Kind = channels.Text
	return b.sender.Deliver(t.Context(), conversation, m)
}

var conversation = channels.Conversation{ID: 1, Channel: wechat.Channel, Account: gongzhong.Name, Contact: openid}

func (b *bench) texts() []string {
	var out []string
	for _, s := range b.api.Sent() {
		out = append(out, s.Text)
	}
	return out
}

func outcome(t *testing.T, err error) channels.Outcome {
	t.Helper()
	var o *channels.Outcome
	require.ErrorAs(t, err, &o)
	require.ErrorIs(t, err, channels.ErrUndelivered)
	return *o
}

// far lets the conformance suite play WeChat.
type far struct {
	api *wechattest.API
	out chan struct{}
}

func (f far) Behave(b channeltest.Behaviour) {
	const call = "/cgi-bin/message/custom/send"
	switch b {
	case channeltest.Accept:
		f.api.Forget(call)
	case channeltest.Refuse:
		f.api.Force(call, wechattest.Force{Code: 40003})
	case channeltest.Cut:
		f.api.Force(call, wechattest.Force{Cut: true, Body: "x"})
	case channeltest.Hang:
		f.api.Force(call, wechattest.Force{Hang: make(chan struct{})})
	}
}

func (f far) Taken() []string {
	var out []string
	for _, s := range f.api.Sent() {
		out = append(out, s.Text)
	}
	return out
}

func (f far) Reached() <-chan struct{} { return f.out }

func TestAdapterKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Bench {
		b := newBench(t, gongzhong)
		b.book.free = true
		b.api.Free()
		out := make(chan struct{}, 4096)
		go func() {
			for {
				select {
				case path := <-b.api.Reached():
					if strings.HasSuffix(path, "custom/send") {
						out <- struct{}{}
					}
				case <-t.Context().Done():
					return
				}
			}
		}()
		return channeltest.Bench{Adapter: b.sender, Far: far{b.api, out}, Conversation: conversation}
	})
}

func TestRequirement18SendsWithinTheQuotaAndHoldsTheRest(t *testing.T) {
	b := written(t)
	for i := range 5 {
		require.NoError(t, b.deliver(t, channels.Message{ID: int64(i + 1), Text: fmt.Sprint("第", i+1, "条")}))
	}
	got := outcome(t, b.deliver(t, channels.Message{ID: 6, Text: "第6条"}))
	require.Equal(t, channels.Outcome{Delivery: channels.Held, Why: string(wechat.UsedUp)}, got)
	require.Len(t, b.api.Calls("/cgi-bin/message/custom/send"), 5, "the sixth was not tried")
	b.api.Trigger(gongzhong.AppID, openid, "message")
	b.book.grant(wechat.ByMessage)
	require.NoError(t, b.deliver(t, channels.Message{ID: 6, Text: "第6条"}))
	require.Len(t, b.api.Sent(), 6)
}

func TestRequirement18TheBookFollowsWeChat(t *testing.T) {
	b := newBench(t, gongzhong)
	b.book.grant(wechat.ByMessage) // WeChat does not know of it
	got := outcome(t, b.deliver(t, channels.Message{ID: 1, Text: "您好"}))
	require.Equal(t, channels.Outcome{Delivery: channels.Held, Why: string(wechat.OutsideTime)}, got)
	require.Zero(t, b.book.left())
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 45047})
	b.book.grant(wechat.ByMessage)
	got = outcome(t, b.deliver(t, channels.Message{ID: 1, Text: "您好"}))
	require.Equal(t, channels.Outcome{Delivery: channels.Held, Why: string(wechat.UsedUp)}, got)
	require.Zero(t, b.book.left())
	require.Len(t, b.api.Calls("/cgi-bin/message/custom/send"), 2)
}

func TestAllowancesAreThoseOfTheTable(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	var w wechat.Allowance
	left := func(after time.Duration) int { n, _ := w.Left(at.Add(after)); return n }
	require.Zero(t, left(0), "nobody has done anything")
	w = w.Grant(wechat.ByMessage, at)
	require.Equal(t, 5, left(0))
	require.Equal(t, 5, left(48*time.Hour-time.Millisecond))
	require.Zero(t, left(48*time.Hour))
	for range 4 {
		w, _ = w.Spend(at)
	}
	require.Equal(t, 1, left(0))
	w = w.Grant(wechat.ByClick, at)
	require.Equal(t, 3, left(0), "a click counts three")
	require.Equal(t, 1, left(time.Minute), "for a minute")
	w, _ = w.Spend(at)
	require.Equal(t, 2, left(0))
	require.Zero(t, left(time.Minute), "what was sent counts against both")
	require.Equal(t, 5, func() int { w = w.Grant(wechat.ByMessage, at); return left(0) }(), "they do not add up")
	require.Equal(t, w, w.Grant("view", at), "VIEW allows nothing")
	_, ok := wechat.Allowance{}.Spend(at)
	require.False(t, ok)
}

func TestRequirement19AtMostAsManyPartsAsMayBeSentTheRestBehindGoOn(t *testing.T) {
	b := written(t)
	long := strings.Repeat("本市居民用水实行阶梯水价，请按月缴费。", 300) // 9 parts
	got := outcome(t, b.deliver(t, channels.Message{ID: 1, Text: long}))
	require.Equal(t, channels.Held, got.Delivery)
	require.Equal(t, 5, b.book.parts[1], "what has gone out is noted")
	texts := b.texts()
	require.Len(t, texts, 5)
	for i, text := range texts {
		require.True(t, strings.HasPrefix(text, fmt.Sprintf("（%d/", i+1)), "numbered, in order: %.20s", text)
		require.LessOrEqual(t, len(text), 2000)
		require.Equal(t, i == 4, strings.Contains(text, "回复“继续”"), "only the last says how to go on")
	}
	b.api.Trigger(gongzhong.AppID, openid, "message")
	b.book.grant(wechat.ByMessage)
	require.NoError(t, b.deliver(t, channels.Message{ID: 1, Text: long, Parts: 5}))
	var whole strings.Builder
	for _, text := range b.texts() {
		_, rest, _ := strings.Cut(text, "）")
		whole.WriteString(strings.ReplaceAll(rest, "\n（未完，回复“继续”接着看）", ""))
	}
	require.Equal(t, long, whole.String(), "nothing is missing and nothing comes twice")
}

func TestRequirement20MarkdownAndIllegalCharactersDoNotReachWeChat(t *testing.T) {
	b := written(t)
	require.NoError(t, b.deliver(t, channels.Message{Author: channels.FromBot, AI: true, Text: "**两日**内\x02办结"}))
	require.Equal(t, []string{"【AI生成】两日内办结"}, b.texts())
	require.Empty(t, b.api.Wrong())
}

func TestRequirement22WhatIsInDoubtIsNotSentAgain(t *testing.T) {
	for name, f := range map[string]wechattest.Force{
		"the connection breaks after the request": {Cut: true, Done: true},
		"the answer is no JSON":                   {Body: "<html>"},
		"the answer has no end":                   {Body: `{"errcode":0` + strings.Repeat(" ", 2<<20) + "}"},
	} {
		t.Run(name, func(t *testing.T) {
			b := written(t)
			b.api.Force("/cgi-bin/message/custom/send", f)
			err := b.deliver(t, channels.Message{ID: 1, Text: "您好"})
			require.Error(t, err)
			require.NotErrorIs(t, err, channels.ErrUndelivered)
			require.Equal(t, wechat.Doubtful, wechat.ClassOf(err))
			require.Len(t, b.api.Calls("/cgi-bin/message/custom/send"), 1)
		})
	}
}

func TestRequirement24GeneratedMessagesAreMarkedTwiceAndOthersNot(t *testing.T) {
	b := written(t)
	require.NoError(t, b.deliver(t, channels.Message{Author: channels.FromBot, AI: true, Text: "今天停水。"}))
	require.NoError(t, b.deliver(t, channels.Message{Text: "我是小王。"}))
	sent := b.api.Sent()
	require.Equal(t, map[string]any{"is_ai_msg": 1.0}, sent[0].Body["aimsgcontext"])
	require.Equal(t, "【AI生成】今天停水。", sent[0].Text)
	require.NotContains(t, sent[1].Body, "aimsgcontext")
	require.Equal(t, "我是小王。", sent[1].Text)
}

func TestRequirement26TypingAtMostOnceInFifteenSecondsAndErrorsIgnored(t *testing.T) {
	b := written(t)
	b.api.Force("/cgi-bin/message/custom/typing", wechattest.Force{Code: 45081})
	for range 3 {
		b.sender.Typing(t.Context(), gongzhong.Name, openid)
	}
	calls := b.api.Calls("/cgi-bin/message/custom/typing")
	require.Len(t, calls, 1)
	require.JSONEq(t, `{"touser":"`+openid+`","command":"Typing"}`, calls[0].Body)
	silent := newBench(t, gongzhong) // nothing may be sent: no sign either
	silent.sender.Typing(t.Context(), gongzhong.Name, openid)
	require.Empty(t, silent.api.Calls(""))
}

func TestAnAccountThatIsNotVerifiedOnlyAnswers(t *testing.T) {
	a := gongzhong
	a.Verified = false
	b := newBench(t, a)
	b.book.grant(wechat.ByMessage)
	got := outcome(t, b.deliver(t, channels.Message{ID: 1, Text: "您好"}))
	require.Equal(t, channels.Outcome{Delivery: channels.Held, Why: wechat.WhyNotVerified}, got)
	require.Empty(t, b.api.Calls(""))
}

// What each error class means for a message of the desk.
func TestRequirement21EveryErrorClassHasItsConsequence(t *testing.T) {
	const call = "/cgi-bin/message/custom/send"
	for _, c := range []struct {
		code  int
		class wechat.Class
		want  channels.Delivery
		calls int
		left  int
		alarm bool
	}{
		{-1, wechat.Busy, channels.Pending, 3, 5, false},
		{40001, wechat.BadToken, channels.Failed, 2, 5, true},
		{40014, wechat.BadToken, channels.Failed, 2, 5, true},
		{42001, wechat.BadToken, channels.Failed, 2, 5, true},
		{40164, wechat.NotListed, channels.Failed, 1, 5, true},
		{40125, wechat.BadSecret, channels.Failed, 1, 5, true},
		{40013, wechat.BadSecret, channels.Failed, 1, 5, true},
		{40003, wechat.BadOpenID, channels.Failed, 1, 5, false},
		{43004, wechat.NotFollowing, channels.Failed, 1, 5, false},
		{45002, wechat.TooLong, channels.Failed, 2, 5, false},
		{45008, wechat.TooMany, channels.Failed, 1, 5, false},
		{45009, wechat.DayQuota, channels.Pending, 1, 5, true},
		{45011, wechat.Rate, channels.Pending, 1, 5, false},
		{45015, wechat.OutsideTime, channels.Held, 1, 0, false},
		{45047, wechat.UsedUp, channels.Held, 1, 0, false},
		{48001, wechat.NotGranted, channels.Failed, 1, 5, true},
		{50002, wechat.NotGranted, channels.Failed, 1, 5, true},
		{99999, wechat.OtherError, channels.Failed, 1, 5, false},
	} {
		t.Run(fmt.Sprint(c.code), func(t *testing.T) {
			b := written(t)
			b.api.Force(call, wechattest.Force{Code: c.code, Msg: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"})
			got := outcome(t, b.deliver(t, channels.Message{ID: 1, Text: "机密内容"}))
			require.Equal(t, c.want, got.Delivery)
			require.Equal(t, string(c.class), got.Why)
			require.Len(t, b.api.Calls(call), c.calls)
			require.Equal(t, c.left, b.book.left())
			require.Equal(t, c.alarm, len(b.told) > 0)
			if c.alarm {
				require.Equal(t, "6523c1a4-0f3b2c1d-5e6f7a8b", b.told[0].RID)
				require.NotEmpty(t, b.told[0].Explain())
			}
			if c.class == wechat.NotListed {
				require.Equal(t, "203.0.113.7", b.told[0].IP)
				require.Contains(t, b.told[0].Explain(), "203.0.113.7")
			}
		})
	}
}

func TestAServerErrorIsTriedAgainAndThenPutOff(t *testing.T) {
	b := written(t)
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Status: 502, Times: 2})
	require.NoError(t, b.deliver(t, channels.Message{ID: 1, Text: "您好"}))
	require.Equal(t, []string{"您好"}, b.texts())
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Status: 502})
	require.Equal(t, channels.Pending, outcome(t, b.deliver(t, channels.Message{ID: 2, Text: "再见"})).Delivery)
	require.Equal(t, 4, b.book.left(), "what was not sent is not counted")
}

func TestATextThatIsTooLongForWeChatGoesInHalves(t *testing.T) {
	b := written(t)
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 45002, Times: 1})
	require.NoError(t, b.deliver(t, channels.Message{ID: 1, Text: strings.Repeat("一句话。", 100)}))
	require.Equal(t, strings.Repeat("一句话。", 100), strings.Join(b.texts(), ""))
	require.Equal(t, 3, b.book.left())
}

func TestAfterMostTriesAMessageHasFailed(t *testing.T) {
	b := written(t)
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: -1})
	require.Equal(t, channels.Failed, outcome(t, b.deliver(t, channels.Message{ID: 1, Text: "您好", Tries: 8})).Delivery)
}

func TestRequirement32NoErrorCarriesASecretATokenOrWhatWasSaid(t *testing.T) {
	for name, f := range map[string]wechattest.Force{"token": {Status: 502}, "dial": {}} {
		t.Run(name, func(t *testing.T) {
			b := written(t)
			b.api.Force("/cgi-bin/stable_token", f)
			if name == "dial" {
				b.api.Close()
			}
			err := b.deliver(t, channels.Message{ID: 1, Text: "机密内容"})
			var all strings.Builder
			for e := err; e != nil; e = errors.Unwrap(e) {
				fmt.Fprintf(&all, "%v %+v %#v\n", e, e, e)
			}
			for _, secret := range []string{"TOPSECRET", "机密", "token-wx", "secret="} {
				require.NotContains(t, all.String(), secret)
			}
		})
	}
}

func staffSays(text string) channels.Message {
	return channels.Message{ID: 1, Author: channels.FromStaff, Kind: channels.Text, Text: text}
}
