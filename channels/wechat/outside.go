package wechat

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
)

// errInside is returned for an address within our own network.
var errInside = errors.New("wechat: not a public address")

// inside are networks that netip has no name for: shared addresses of
// providers, benchmarks, documentation, translation to IPv4, reserved ones.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// onlyPublic refuses to connect to anything that is not in the open Internet:
// the name was WeChat's, but whoever answers for it says where it leads, and
// may say something else the second time (net.Dialer.Control sees the address
// that is connected).
func onlyPublic(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !public(to.Addr()) {
		return errInside
	}
	return nil
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// goesOut reports whether a request leaves for an address of its own: not to
// the API, which an operator may have put anywhere, and not through a proxy,
// which connects instead of us.
func (c *Client) goesOut(r *http.Request) bool {
	if strings.HasPrefix(r.URL.String(), c.base+"/") {
		return false
	}
	proxy, err := http.ProxyFromEnvironment(r)
	return err != nil || proxy == nil
}
