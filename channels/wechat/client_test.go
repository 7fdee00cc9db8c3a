package wechat_test

import (
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

func TestRequirement30TheBreakerOpensAfterFiveFailuresAndAsksAgainLater(t *testing.T) {
	b := written(t)
	require.NoError(t, b.deliver(t, staffSays("您好"))) // there is a token
	b.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Status: 503})
	for range 4 { // three calls each
		require.Equal(t, channels.Pending, outcome(t, b.deliver(t, staffSays("您好"))).Delivery)
	}
	calls := len(b.api.Calls("/cgi-bin/message/custom/send"))
	require.LessOrEqual(t, calls, 1+5, "an API that only fails is left alone")
	got := outcome(t, b.deliver(t, staffSays("您好")))
	require.Equal(t, string(wechat.Resting), got.Why)
	require.Positive(t, got.Again)
	require.Len(t, b.api.Calls("/cgi-bin/message/custom/send"), calls)
	require.Equal(t, 4, b.book.left())
}

func TestRequirement30ARedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	away := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	require.Error(t, send(t, wechat.NewClient(wechat.ClientOptions{Base: away.URL})))
	require.Zero(t, asked.Load(), "it would carry the secret to somebody else")
}

func TestRequirement30NobodyThereSurelySentNothing(t *testing.T) {
	c := wechat.NewClient(wechat.ClientOptions{Base: "http://127.0.0.1:1"})
	require.Equal(t, channels.Pending, outcome(t, send(t, c)).Delivery)
}

func TestRequirement35JSSDKSignaturesAreThoseOfTheDocuments(t *testing.T) {
	const ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
	require.Equal(t, "f4d90daf4b3bca3078ab155816175ba34c443a7b",
		wechat.JSSignature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com"))
	require.Equal(t, "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
		wechat.JSSignature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"))
	require.Equal(t, "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
		wechat.JSSignature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value#top"), "without what is behind #")
	a := api(t)
	c := wechat.NewClient(wechat.ClientOptions{Base: a.URL})
	for range 3 {
		got, err := c.JSTicket(t.Context(), gongzhong)
		require.NoError(t, err)
		require.Equal(t, "jsapi-"+gongzhong.AppID, got)
	}
	require.Len(t, a.Calls("/cgi-bin/ticket/getticket"), 1, "the ticket is kept")
}

func TestRequirement37EveryCallIsCountedByItsClass(t *testing.T) {
	a := api(t)
	got := map[string]int{}
	c := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Watch: wechat.Watch{
		Called: func(call string, class wechat.Class) { got[call+" "+string(class)]++ },
	}})
	require.NoError(t, send(t, c))
	a.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 45047})
	require.Error(t, send(t, c))
	require.Equal(t, map[string]int{"/cgi-bin/stable_token ": 1, "/cgi-bin/message/custom/send ": 1, "/cgi-bin/message/custom/send used_up": 1}, got)
	require.Positive(t, c.TokenAge(gongzhong)+time.Millisecond)
}

func TestRequirement38OnlyTheCryptographyOfTheLibraryIsUsed(t *testing.T) {
	for _, dir := range []string{".", "wechattest"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, i := range parsed.Imports {
				name := strings.Trim(i.Path.Value, `"`)
				if strings.HasPrefix(name, "github.com/silenceper/wechat") {
					require.Equal(t, "github.com/silenceper/wechat/v2/util", name, "%s: the root package logs every message, the others keep globals", file)
				}
			}
		}
	}
}

func TestSurveyNumbersAreDigitsAndComeBack(t *testing.T) {
	for survey := int64(1); survey < 2000; survey += 7 {
		for answer := 1; answer <= 3; answer++ {
			s, a, ok := wechat.ParseSurveyItem(strconv.FormatInt(wechat.SurveyItem(survey, answer), 10))
			require.True(t, ok)
			require.Equal(t, survey, s)
			require.Equal(t, answer, a)
		}
	}
	for _, bad := range []string{"", "0", "-11", "csat_5", "14", "10", "99999999999999999999"} {
		_, _, ok := wechat.ParseSurveyItem(bad)
		require.False(t, ok, bad)
	}
	for text, want := range map[string]int{"1": 1, "２": 2, "③": 3, " 满意。": 1, "基本满意": 2, "不满意！": 3, "非常不满意": 3} {
		got, ok := wechat.ParseSurveyText(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "4", "我不满意你们的态度", "满意吗"} {
		_, ok := wechat.ParseSurveyText(text)
		require.False(t, ok, text)
	}
}
