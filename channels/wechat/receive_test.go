package wechat_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

func TestT01T02WhatWeChatDidNotSendIsRefused(t *testing.T) {
	plain, compatible := safe(), safe()
	plain.Mode, compatible.Mode = wechat.Plain, wechat.Compatible
	text := func(p *wechattest.Pusher) []byte { return p.Text("o-1", "没水") }
	for _, c := range []struct {
		name    string
		account wechat.Account
		change  func(url.Values) url.Values
		body    func(p *wechattest.Pusher, sealed []byte) []byte
		why     string
	}{
		{"a bad signature", safe(), with("signature", "bad"), nil, "signature"},
		{"no signature", safe(), without("signature"), nil, "signature"},
		{"a bad msg_signature", safe(), with("msg_signature", strings.Repeat("0", 40)), nil, "msg_signature"},
		{"no msg_signature", safe(), without("msg_signature"), nil, "msg_signature"},
		{"T02 a plain body for a safe account", safe(), without("msg_signature", "encrypt_type"),
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"T02 called raw", safe(), func(q url.Values) url.Values { return with("encrypt_type", "raw")(without("msg_signature")(q)) },
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"T02 a plain body for a compatible account", compatible, without("msg_signature", "encrypt_type"),
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"an unknown encryption", plain, with("encrypt_type", "rot13"), nil, "encrypt_type"},
		{"a body swapped under the signature", safe(), nil,
			func(p *wechattest.Pusher, _ []byte) []byte {
				_, other, _ := p.Request(text(p))
				return other
			}, "msg_signature"},
		{"encrypted for another appid", safe(), nil, nil, "decrypt"},
		{"no XML around it", safe(), nil, func(*wechattest.Pusher, []byte) []byte { return []byte("{}") }, "envelope"},
		{"an old timestamp", safe(), with("timestamp", "1420070400"), nil, "signature"},
		{"another account's gh id", safe(), nil, nil, "gh_id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, c.account)
			switch c.why {
			case "decrypt":
				w.pusher.Account.AppID = "wx2"
			case "gh_id":
				w.pusher.Account.GhID = "gh_2"
			}
			q, sent, err := w.pusher.Request(text(w.pusher))
			require.NoError(t, err)
			if c.change != nil {
				q = c.change(q)
			}
			if c.body != nil {
				sent = c.body(w.pusher, sent)
			}
			r := w.receiver.Receive(t.Context(), request(q, sent))
			require.Equal(t, 403, r.Status)
			require.Empty(t, r.Body)
			require.Zero(t, w.rows())
			require.Zero(t, w.dead)
			require.Len(t, w.all, 1)
			require.True(t, strings.HasSuffix(w.all[0], "refused_"+c.why), w.all[0])
		})
	}
}

func TestT03AReplayIsRefusedWhenItIsStaleAndHasNoEffectBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		q, sent, err := w.pusher.Request(w.pusher.Event("o-1", "subscribe", ""))
		require.NoError(t, err)
		for _, c := range []struct {
			after  time.Duration
			status int
		}{{0, 200}, {10 * time.Second, 200}, {5 * time.Minute, 200}, {6 * time.Minute, 403}} {
			time.Sleep(c.after)
			require.Equal(t, c.status, w.receiver.Receive(t.Context(), request(q, sent)).Status)
			require.Equal(t, 1, w.rows())
		}
	})
}

func TestRequirement3EveryModeIsTakenAndAnsweredInItsWay(t *testing.T) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Compatible, wechat.Safe} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := safe()
				a.Mode = mode
				w := open(t, a)
				go func() {
					time.Sleep(time.Second)
					w.say("马上登记，**请稍候**。]]><Content>")
				}()
				out := w.shown(w.push(t, w.pusher.Text("o-1", "家里没水了")))
				require.Empty(t, out.Problems)
				require.Equal(t, "【AI生成】马上登记，请稍候。]]><Content>", out.Shown, "T36, T70")
				require.Equal(t, mode != wechat.Plain, out.Sealed)
				require.Equal(t, "o-1", out.Reply.To)
				require.Equal(t, "家里没水了", w.heard[0].Text)
			})
		})
	}
}

func TestRequirement4AReplyUsesTheKeyThatWorked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		rotated := safe()
		rotated.PrevAESKey, rotated.AESKey = rotated.AESKey, strings.Repeat("B", 43)
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{rotated}))
		r := w.push(t, w.pusher.Event("o-1", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "still pushed with the old key")
		w.pusher.Account = rotated
		r = w.push(t, w.pusher.Event("o-2", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "pushed with the new key")
	})
}

func TestRequirement33AFormerTokenIsAcceptedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		a := safe()
		a.SetToken("newtoken1", time.Now())
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		r := w.push(t, w.pusher.Event("o-1", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "pushed, and the reply signed, with the old token")
		w.pusher.Account = a
		r = w.push(t, w.pusher.Event("o-2", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "with the new one")

		w.pusher.Account = safe()
		time.Sleep(wechat.Grace)
		require.Equal(t, 403, w.push(t, w.pusher.Event("o-3", "subscribe", "")).Status, "not for ever")
		a.PrevTokenUntil = time.Time{} // as a file says it
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		require.Equal(t, 200, w.push(t, w.pusher.Event("o-4", "subscribe", "")).Status)
		a.Forget()
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		require.Equal(t, 403, w.push(t, w.pusher.Event("o-5", "subscribe", "")).Status, "one that got about is refused at once")
	})
}

func TestRequirement1TheAddressIsVerified(t *testing.T) {
	w := open(t, safe())
	verify := func(q url.Values) wechat.Response { return w.receiver.Verify(t.Context(), request(q, nil)) }
	now := fmt.Sprint(time.Now().Unix())
	signature := wechattest.Sign("secrettoken", now, "n")
	echo := url.Values{"signature": {signature}, "timestamp": {now}, "nonce": {"n"}, "echostr": {"<script>alert(1)</script>"}}
	require.Equal(t, wechat.Response{Status: 200, Body: []byte("<script>alert(1)</script>")}, verify(echo), "T05, as it came")

	sealed, err := wechattest.Seal(strings.Repeat("A", 43), "wx1", []byte("5838"))
	require.NoError(t, err)
	encrypted := url.Values{"timestamp": {now}, "nonce": {"n"}, "echostr": {sealed}, "encrypt_type": {"aes"},
		"signature": {signature}, "msg_signature": {wechattest.Sign("secrettoken", now, "n", sealed)}}
	require.Equal(t, "5838", string(verify(encrypted).Body), "an encrypted echo is decrypted")

	for name, q := range map[string]url.Values{
		"no signature": {"timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}},
		"a bad one":    {"signature": {"x"}, "timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}},
		"old": {"signature": {wechattest.Sign("secrettoken", "1714036504", "n")}, "timestamp": {"1714036504"},
			"nonce": {"n"}, "echostr": {"1"}},
		"another echo under msg_signature": {"timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}, "signature": {signature},
			"msg_signature": {wechattest.Sign("secrettoken", now, "n", sealed)}},
	} {
		require.Equalf(t, wechat.Response{Status: 403}, verify(q), "%s", name)
	}
	missing := request(echo, nil)
	missing.Account = "nobody"
	require.Equal(t, 404, w.receiver.Verify(t.Context(), missing).Status)
	require.Equal(t, 404, w.receiver.Receive(t.Context(), missing).Status)
}

func TestWhatArrivesBecomesAMessage(t *testing.T) {
	for _, c := range []struct {
		name  string
		body  func(p *wechattest.Pusher) []byte
		check func(t *testing.T, in channels.Inbound)
	}{
		{"a text", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "没\x02水") }, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, "没\uFFFD水", in.Text)
			require.Equal(t, "没\x02水", string(in.Raw))
			require.Empty(t, in.Name, "names are never taken from WeChat")
		}},
		{"an image", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "image", "<PicUrl>http://a/1</PicUrl><MediaId>m1</MediaId>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, channels.Image, in.Kind)
			require.Equal(t, &channels.Remote{ID: "m1", URL: "http://a/1"}, in.Remote)
		}},
		{"a voice with its words", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "voice", "<MediaId>m2</MediaId><Format>amr</Format><Recognition>没水了</Recognition>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, channels.Voice, in.Kind)
			require.Equal(t, "没水了", in.Text)
			require.Equal(t, "amr", in.Remote.Format)
		}},
		{"a video", func(p *wechattest.Pusher) []byte { return p.Message("o-1", "shortvideo", "<MediaId>m3</MediaId>") },
			func(t *testing.T, in channels.Inbound) { require.Equal(t, channels.Video, in.Kind) }},
		{"a place", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "location", "<Location_X>36.6</Location_X><Location_Y>117</Location_Y><Label>泉城广场</Label>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, &channels.Place{Lat: 36.6, Lng: 117, Label: "泉城广场"}, in.Place)
		}},
		{"a tap on the menu", func(p *wechattest.Pusher) []byte {
			return p.Event("o-1", "CLICK", "<EventKey>complaint</EventKey>")
		}, func(t *testing.T, in channels.Inbound) { require.Equal(t, "我要投诉", in.Text) }},
		{"a tap on an editor's own entry", func(p *wechattest.Pusher) []byte {
			return p.Event("o-1", "CLICK", "<EventKey>水费怎么交</EventKey>")
		}, func(t *testing.T, in channels.Inbound) { require.Equal(t, "水费怎么交", in.Text) }},
		{"a text that is too long", func(p *wechattest.Pusher) []byte { return p.Text("o-1", strings.Repeat("水", 10001)) },
			func(t *testing.T, in channels.Inbound) {
				require.Len(t, []rune(in.Text), 10000)
				require.Len(t, []rune(string(in.Raw)), 10001, "all of it is kept")
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, safe())
			w.answered = 1e6
			require.Equal(t, "success", string(w.push(t, c.body(w.pusher)).Body))
			require.Len(t, w.heard, 1)
			in := w.heard[0]
			require.Equal(t, "wechat", in.Channel)
			require.Equal(t, "main", in.Account)
			require.Equal(t, "o-1", in.From)
			c.check(t, in)
		})
	}
}

func TestEventsAreRecordedAndGreetedOnce(t *testing.T) {
	for _, c := range []struct {
		event, fields string
		shown, note   string
	}{
		{"subscribe", "<EventKey></EventKey>", "欢迎关注", "关注了公众号"},
		{"subscribe", "<EventKey>qrscene_hall-3</EventKey>", "欢迎关注", "hall-3"},
		{"unsubscribe", "", "", "取消关注"},
		{"SCAN", "<EventKey>hall-3</EventKey>", "写下您的问题", "hall-3"},
		{"CLICK", "<EventKey>nobody_knows</EventKey>", "写下您要办的事", "nobody_knows"},
	} {
		w := open(t, safe())
		body := w.pusher.Event("o-1", c.event, c.fields)
		first := w.shown(w.push(t, body))
		require.Empty(t, first.Problems)
		require.Contains(t, first.Shown, c.shown)
		require.Equal(t, first.Reply, w.shown(w.push(t, body)).Reply, "a retry gets the same")
		require.Len(t, w.events, 1)
		require.Contains(t, w.events[0].Note, c.note)
	}
}

func TestTheMenuCoversTheSevenItemsOfClause10_4(t *testing.T) {
	var all []string
	groups := map[string]int{}
	for _, i := range wechat.Items {
		all = append(all, i.Name)
		groups[i.Group]++
		require.LessOrEqual(t, len(i.Name), 60)
		require.LessOrEqual(t, len(i.Key), 128)
	}
	for _, item := range []string{"信息公开", "政策查询", "业务办理", "办理进度", "维修申报", "我要投诉", "供水开放日预约"} {
		require.Contains(t, all, item)
	}
	require.Len(t, groups, 3)
	for g, n := range groups {
		require.LessOrEqualf(t, n, 5, "%s", g)
	}
}

func TestNoTextAndNoOpenidGetsIntoTheLog(t *testing.T) {
	var log strings.Builder
	w := open(t, safe())
	w.receiver.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.down = errors.New("refused for good")
	w.push(t, w.pusher.Text("canary-openid", "canary-text"))
	w.push(t, w.pusher.Text("canary-openid", "canary-text"), with("signature", "x"))
	w.panics = true
	w.push(t, w.pusher.Text("canary-openid", "canary-text"))
	w.push(t, []byte("<xml>canary</xml>"))
	require.NotContains(t, log.String(), "canary")
	require.NotContains(t, log.String(), "secrettoken")
	require.NotEmpty(t, log.String())
}
