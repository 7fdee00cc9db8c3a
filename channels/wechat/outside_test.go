package wechat

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestT31OnlyPublicAddressesAreConnected(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": false, "[::1]:80": false, "[::ffff:127.0.0.1]:80": false, "0.0.0.0:80": false, "10.1.2.3:80": false,
		"172.16.0.1:443": false, "192.168.1.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false, "224.0.0.1:80": false,
		"255.255.255.255:80": false, "198.18.0.1:80": false, "[fd00::1]:80": false, "[fe80::1%eth0]:80": false, "[64:ff9b::7f00:1]:80": false,
		"[2002:7f00:1::]:80": false, "localhost:80": false, "": false, "183.3.226.35:443": true, "[2408:8711:10:1002::]:443": true,
	} {
		require.Equal(t, want, onlyPublic("tcp", address, nil) == nil, address)
	}
	require.True(t, public(netip.MustParseAddr("1.1.1.1")))
}

func TestT31AVideoWhoseNameLeadsInsideIsNotFetched(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a name of WeChat's led into our own network")
	}))
	defer inside.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenCall {
			_, _ = io.WriteString(w, `{"access_token":"T","expires_in":7200}`)
			return
		}
		_, _ = io.WriteString(w, `{"video_url":"http://vweixinf.tc.qq.com/v.mp4"}`)
	}))
	defer api.Close()
	c := NewClient(ClientOptions{Base: api.URL})
	dialer := &net.Dialer{Control: onlyPublic}
	c.outside.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, inside.Listener.Addr().String()) // as a resolver that changed its mind
	}
	for range enough + 1 {
		_, err := c.Download(t.Context(), Account{AppID: "wx1"}, "video")
		require.ErrorIs(t, err, ErrMedia, "for good, and the breaker of the API is not touched")
	}
	_, err := c.outside.Get(inside.URL)
	require.ErrorIs(t, err, errInside)
	require.False(t, c.goesOut(httptest.NewRequest("GET", api.URL+"/v.mp4", nil)), "the API is wherever the operator put it")
}
