package hotline12345_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/channels/hotline12345/hotlinetest"
	"quandesk/tickets"
)

func reply(round int) hotline12345.Outward {
	const no = "261120091500000001"
	return hotline12345.Outward{
		OrderNo: no, Act: tickets.ActReply, Round: round, Key: hotline12345.KeyOf(no, tickets.ActReply, round),
		Lines: []hotline12345.Line{{Name: "measures", Label: "办理情况", Value: "已更换阀门"}},
	}
}

func clientOf(t *testing.T, url, secret string) *hotline12345.Client {
	t.Helper()
	c, err := hotline12345.NewClient(url, secret, time.Now)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestWhatIsKnownAfterASend(t *testing.T) {
	for _, x := range []struct {
		play  hotlinetest.Play
		sent  hotline12345.Result
		asked hotline12345.Result
	}{
		{hotlinetest.Accept, hotline12345.Taken, hotline12345.Taken},
		{hotlinetest.Refuse, hotline12345.Declined, hotline12345.Declined},
		{hotlinetest.Break, hotline12345.Doubtful, hotline12345.Absent},
		{hotlinetest.BreakAfter, hotline12345.Doubtful, hotline12345.Taken},
		{hotlinetest.Hang, hotline12345.Doubtful, hotline12345.Taken},
		{hotlinetest.Lose, hotline12345.Doubtful, hotline12345.Absent},
		{hotlinetest.Busy, hotline12345.Failed, hotline12345.Absent},
		{hotlinetest.Redirect, hotline12345.Failed, hotline12345.Absent},
	} {
		t.Run(string(x.play), func(t *testing.T) {
			p := hotlinetest.New(t)
			p.Play(x.play)
			c := clientOf(t, p.URL, p.Secret)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			sent := c.Send(ctx, reply(1))
			require.Equal(t, x.sent, sent.Result, sent.Reason)
			asked := c.Ask(t.Context(), reply(1).Key)
			require.Equal(t, x.asked, asked.Result, asked.Reason)
			if x.play == hotlinetest.Refuse {
				require.Equal(t, hotlinetest.Reason, sent.Reason)
				require.Equal(t, hotlinetest.Reason, asked.Reason)
			}
		})
	}
}

func TestASuccessIsReadBeforeItIsBelieved(t *testing.T) {
	for _, x := range []struct {
		body string
		want hotline12345.Answer
	}{
		{"", hotline12345.Answer{Result: hotline12345.Taken}},
		{"OK", hotline12345.Answer{Result: hotline12345.Taken}},
		{`{"state":"accepted"}`, hotline12345.Answer{Result: hotline12345.Taken}},
		{`{"code":0,"success":true}`, hotline12345.Answer{Result: hotline12345.Taken}},
		{`{"state":"refused","reason":"工单已收回"}`, hotline12345.Answer{Result: hotline12345.Declined, Reason: "工单已收回"}},
		{`{"success":false,"message":"字段缺失"}`, hotline12345.Answer{Result: hotline12345.Declined, Reason: "字段缺失"}},
		{`{"state":"unknown"}`, hotline12345.Answer{Result: hotline12345.Doubtful, Reason: "平台的回答看不懂"}},
		{"<html><title>统一登录</title></html>", hotline12345.Answer{Result: hotline12345.Doubtful, Reason: "平台的回答看不懂"}},
		{`{"state":`, hotline12345.Answer{Result: hotline12345.Doubtful, Reason: "平台的回答看不懂"}},
		{"\xff\xfe\x00", hotline12345.Answer{Result: hotline12345.Doubtful, Reason: "平台的回答看不懂"}},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(x.body)) }))
		got := clientOf(t, s.URL, "secret").Send(t.Context(), reply(1))
		s.Close()
		require.Equal(t, x.want, got, "%q", x.body)
	}
}

func TestEveryRequestIsSignedAndFreshAndSaysTheSame(t *testing.T) {
	p := hotlinetest.New(t)
	p.Play(hotlinetest.Busy)
	c := clientOf(t, p.URL, p.Secret)
	c.Send(t.Context(), reply(1))
	c.Ask(t.Context(), reply(1).Key)
	c.Send(t.Context(), reply(1))
	seen := p.Requests()
	require.Len(t, seen, 3)
	for _, r := range seen {
		require.True(t, r.Signed)
		require.Equal(t, "261120091500000001/reply/1", r.Key)
	}
	require.Equal(t, seen[0].Raw, seen[2].Raw, "a message that is sent again is the same, byte for byte")
	require.Equal(t, "已更换阀门", seen[2].Body.Fields["measures"])
	require.Contains(t, seen[2].Body.Text, "办理情况：已更换阀门")

	stranger := clientOf(t, p.URL, "another secret")
	require.Equal(t, hotline12345.Declined, stranger.Send(t.Context(), reply(2)).Result)
}

func TestASecondTimeIsAskedAboutNotTakenForANewOne(t *testing.T) {
	p := hotlinetest.New(t)
	c := clientOf(t, p.URL, p.Secret)
	require.Equal(t, hotline12345.Taken, c.Send(t.Context(), reply(1)).Result)
	require.Equal(t, hotline12345.Doubtful, c.Send(t.Context(), reply(1)).Result, "409 says only that something is there")
	require.Equal(t, hotline12345.Taken, c.Ask(t.Context(), reply(1).Key).Result)
	require.Len(t, p.Taken(), 1)
}

func TestAPlatformThatCannotBeAskedLeavesTheDoubt(t *testing.T) {
	p := hotlinetest.New(t)
	p.Forget(true)
	require.Equal(t, hotline12345.Doubtful, clientOf(t, p.URL, p.Secret).Ask(t.Context(), reply(1).Key).Result)
}

func TestNobodyThereIsADefiniteFailure(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	c := clientOf(t, closed.URL, "secret")
	require.Equal(t, hotline12345.Failed, c.Send(t.Context(), reply(1)).Result)
	require.Equal(t, hotline12345.Doubtful, c.Ask(t.Context(), reply(1).Key).Result)
}

func TestTheClientGoesNowhereElse(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		tempting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, code)
		}))
		c := clientOf(t, tempting.URL, "secret")
		require.Equal(t, hotline12345.Failed, c.Send(t.Context(), reply(1)).Result)
		require.Equal(t, hotline12345.Doubtful, c.Ask(t.Context(), reply(1).Key).Result)
		tempting.Close()
	}
	t.Setenv("HTTP_PROXY", other.URL)
	p := hotlinetest.New(t)
	require.Equal(t, hotline12345.Taken, clientOf(t, p.URL, p.Secret).Send(t.Context(), reply(1)).Result)
	require.Zero(t, elsewhere)
}

func TestAnEndpointThatIsNoneIsRefused(t *testing.T) {
	for _, url := range []string{"", "host/path", "ftp://host", "file:///etc/passwd", "http://", "https://user:pw@host", "https://host#x"} {
		_, err := hotline12345.NewClient(url, "secret", time.Now)
		require.ErrorIs(t, err, hotline12345.ErrEndpoint, url)
		require.NotContains(t, err.Error(), "pw")
	}
	_, err := hotline12345.NewClient("https://host", "", time.Now)
	require.True(t, errors.Is(err, hotline12345.ErrEndpoint))
}

func TestAReasonIsShortAndPlain(t *testing.T) {
	for _, x := range []struct{ body, want string }{
		{`{"reason":"已办结"}`, "已办结"},
		{`{"message":"超过时限\n请联系\u202e热线"}`, "超过时限 请联系 热线"},
		{`{"error":{"message":"字段缺失"}}`, "字段缺失"},
		{"<html>stack trace</html>", "平台未说明原因（400）"},
		{"", "平台未说明原因（400）"},
		{`{"reason":"` + strings.Repeat("长", 900) + `"}`, strings.Repeat("长", 200)},
		{"\xff\xfe乱", "乱"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			w.Write([]byte(x.body))
		}))
		got := clientOf(t, s.URL, "secret").Send(t.Context(), reply(1))
		s.Close()
		require.Equal(t, hotline12345.Answer{Result: hotline12345.Declined, Reason: x.want}, got)
	}
}
