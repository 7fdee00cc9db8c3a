package wechat_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

// texter is an SMS service that does as it is told.
type texter struct {
	err  error
	sent []string
}

func (x *texter) Send(_ context.Context, phone, text string) error {
	x.sent = append(x.sent, phone+" "+text)
	return x.err
}

var both = wechat.Templates{
	SubscribeID: "S1", SubscribeFields: map[string]string{"thing1": "{text}", "time2": "{time}"},
	TemplateID: "T1", TemplateFields: map[string]string{
		"first": "您好", "remark": "谢谢", "character_string1": "{工单号}", "thing2": "很长很长很长很长很长很长很长很长很长很长很长\n第二行🙂",
	},
}

func notifier(t *testing.T, set wechat.Templates, sms wechat.SMS) (*wechat.Notifier, *wechattest.API, *[]wechat.Way) {
	t.Helper()
	a := api(t)
	var at []wechat.Way
	return &wechat.Notifier{
		Client: wechat.NewClient(wechat.ClientOptions{Base: a.URL}), Accounts: wechat.NewAccounts(gongzhong), SMS: sms,
		Templates: func(context.Context, string) (wechat.Templates, error) { return set, nil },
		At:        func(_ context.Context, _ int64, way wechat.Way) error { at = append(at, way); return nil },
	}, a, &at
}

var waits = wechat.Notice{ID: 42, Account: gongzhong.Name, OpenID: openid, TicketNo: "TS-20261126-0001", Phone: "13812345678",
	At: time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC)}

const (
	subscribe = "/cgi-bin/message/subscribe/bizsend"
	template  = "/cgi-bin/message/template/send"
)

func TestRequirement23TheFirstWayThatWorksIsTaken(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      wechat.Templates
		sms      *texter
		forced   map[string]wechattest.Force
		want     wechat.NoticeState
		way      wechat.Way
		tried    []wechat.Way
		whyClass wechat.Class
	}{
		{"a subscribe notice first", both, &texter{}, nil, wechat.NoticeSent, wechat.BySubscribe, []wechat.Way{wechat.BySubscribe}, ""},
		{"43101 falls on to the template", both, &texter{}, map[string]wechattest.Force{subscribe: {Code: 43101}},
			wechat.NoticeSent, wechat.ByTemplate, []wechat.Way{wechat.BySubscribe, wechat.ByTemplate}, ""},
		{"48001 falls on to an SMS", both, &texter{}, map[string]wechattest.Force{subscribe: {Code: 43101}, template: {Code: 48001}},
			wechat.NoticeSent, wechat.BySMS, []wechat.Way{wechat.BySubscribe, wechat.ByTemplate, wechat.BySMS}, ""},
		{"only a template is set up", wechat.Templates{TemplateID: "T1"}, nil, nil, wechat.NoticeSent, wechat.ByTemplate, []wechat.Way{wechat.ByTemplate}, ""},
		{"doubt ends it: the resident may have it", both, &texter{}, map[string]wechattest.Force{subscribe: {Cut: true, Done: true}},
			wechat.NoticeUnknown, wechat.BySubscribe, []wechat.Way{wechat.BySubscribe}, wechat.Doubtful},
		{"nothing is set up", wechat.Templates{}, nil, nil, wechat.NoticeFailed, "", nil, "no_way"},
		{"nothing works", both, &texter{err: channels.ErrUndelivered}, map[string]wechattest.Force{subscribe: {Code: 43101}, template: {Code: 40003}},
			wechat.NoticeFailed, wechat.BySMS, []wechat.Way{wechat.BySubscribe, wechat.ByTemplate, wechat.BySMS}, wechat.OtherError},
		{"an SMS in doubt is in doubt", wechat.Templates{}, &texter{err: errors.New("timeout")}, nil,
			wechat.NoticeUnknown, wechat.BySMS, []wechat.Way{wechat.BySMS}, wechat.Doubtful},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sms wechat.SMS
			if c.sms != nil {
				sms = c.sms
			}
			n, a, tried := notifier(t, c.set, sms)
			for path, f := range c.forced {
				a.Force(path, f)
			}
			got, err := n.Notify(t.Context(), waits)
			require.NoError(t, err)
			require.Equal(t, c.want, got.State)
			require.Equal(t, c.way, got.Way)
			require.Equal(t, string(c.whyClass), got.Why)
			require.Equal(t, c.tried, *tried, "each way is noted before it is tried")
			require.Empty(t, a.Wrong())
		})
	}
}

func TestRequirement23FieldsFitAndFirstAndRemarkAreNotReliedOn(t *testing.T) {
	n, a, _ := notifier(t, wechat.Templates{TemplateID: both.TemplateID, TemplateFields: both.TemplateFields}, nil)
	got, err := n.Notify(t.Context(), waits)
	require.NoError(t, err)
	require.NotEmpty(t, got.WayID)
	var body struct {
		To   string `json:"touser"`
		Once string `json:"client_msg_id"`
		Data map[string]struct{ Value string }
	}
	require.NoError(t, json.Unmarshal([]byte(a.Calls(template)[0].Body), &body))
	require.Equal(t, "quandesk-42", body.Once, "WeChat sends it once")
	require.NotContains(t, body.Data, "first")
	require.NotContains(t, body.Data, "remark")
	require.Equal(t, "TS-20261126-0001", body.Data["character_string1"].Value)
	for _, f := range body.Data {
		require.LessOrEqual(t, utf8.RuneCountInString(f.Value), 20)
		require.False(t, strings.ContainsAny(f.Value, "\n🙂"))
	}
	require.NotContains(t, a.Calls(template)[0].Body, "miniprogram")
}

func TestRequirement23AWayThatACrashLeftIsNotTakenAgainExceptTheOneWithANumber(t *testing.T) {
	for tried, want := range map[wechat.Way][]wechat.Way{
		wechat.BySubscribe: {wechat.ByTemplate}, // may have worked; the next one is a template
		wechat.ByTemplate:  {wechat.ByTemplate}, // carries our number: WeChat sends it once
		wechat.BySMS:       nil,
	} {
		n, _, at := notifier(t, both, &texter{})
		x := waits
		x.Tried = tried
		_, err := n.Notify(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, want, *at, string(tried))
	}
}

func FuzzField(f *testing.F) {
	f.Add("水费\r\n🙂一二三四五六七八九十一二三四五六七八九十")
	f.Fuzz(func(t *testing.T, s string) {
		got := wechat.Field(s)
		if utf8.RuneCountInString(got) > 20 || strings.ContainsAny(got, "\r\n") {
			t.Fatalf("%q", got)
		}
	})
}
