package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
	"quandesk/server/store/storetest"
)

func account(name string, mode wechat.Mode) wechat.Account {
	return wechat.Account{Name: name, AppID: "wx" + name, Secret: "secret", Token: "token" + name,
		AESKey: strings.Repeat("A", 43), GhID: "gh_" + name, Mode: mode, Verified: true}
}

// follow starts the program with accounts and returns who pushes to the first.
func follow(t *testing.T, url string, accounts ...wechat.Account) (*running, *wechattest.Pusher) {
	t.Helper()
	list, err := json.Marshal(accounts)
	require.NoError(t, err)
	r := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_DATA": t.TempDir(), "HUB_WECHAT_ACCOUNTS": string(list)}, time.Time{})
	return r, &wechattest.Pusher{URL: r.url + "/wechat/" + accounts[0].Name, Account: accounts[0]}
}

func TestAComplaintInWeChatIsATicketAndAnsweredAtOnce(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		r, resident := follow(t, url, account("main", wechat.Safe))
		status, echo, err := resident.Verify(t.Context(), "5838382893")
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Equal(t, "5838382893", echo)

		out := resident.Push(t.Context(), resident.Text("openid-1", "家里水发黄，历下区文化东路63号3号楼，电话13812345678"))
		require.Empty(t, out.Problems)
		require.Equal(t, 1, out.Attempts)
		require.NotNil(t, out.Reply, out.Body)
		require.True(t, out.Sealed)
		require.Equal(t, "openid-1", out.Reply.To)
		require.Contains(t, out.Shown, "已登记")
		require.True(t, strings.HasPrefix(out.Shown, "【AI生成】"), out.Shown)
		t.Log(out.Took)

		listed := r.staff("agent").do(200, "GET", "/tickets?state=new", nil)["tickets"].([]any)
		require.Len(t, listed, 1)
		require.Equal(t, "wechat", listed[0].(object)["channel"])
	})
}
