package wechattest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
)

func TestAResidentSeesAnOutageOnlyWhereEveryAttemptFailed(t *testing.T) {
	for name, c := range map[string]struct {
		fails int64
		shown string
	}{
		"the first is taken": {0, ""},
		"the last is taken":  {attempts - 1, ""},
		"none is taken":      {attempts, Outage},
	} {
		t.Run(name, func(t *testing.T) {
			var seen atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if seen.Add(1) <= c.fails {
					w.WriteHeader(http.StatusBadGateway)
				}
			}))
			defer server.Close()
			p := &Pusher{URL: server.URL, Account: wechat.Account{Mode: wechat.Plain}}
			require.Equal(t, c.shown, p.Push(t.Context(), p.Text("openid", "水发黄")).Shown)
		})
	}
}
